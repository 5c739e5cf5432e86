"""A check is taken whatever an answer is, and leaves the session as it was."""

from __future__ import annotations

import functools
import os
import random
import time
from types import SimpleNamespace

import numpy as np
import pytest

from course.exercises import check, rehearsal
from course.exercises.bank import questions
from course.exercises.cells import Cells
from course.exercises.desk import UnknownQuestion
from course.exercises.diagnosis import examine
from course.exercises.outcome import Outdated, Raised, Right, Wrong
from tests.cell import cell

MSE = questions()["mse"]


def right(y, y_hat):
    """Be right, and named otherwise."""
    return MSE.reference(y, y_hat)


def wrapped(f):
    def wrapper(*args):
        return f(*args)

    return wrapper


class Callable:
    def __call__(self, y, y_hat):
        return right(y, y_hat)


@pytest.mark.parametrize(
    "answer",
    [lambda y, y_hat: right(y, y_hat), functools.partial(right), wrapped(right), Callable()],
    ids=["a lambda", "a partial", "what a decorator returned", "an object that is called"],
)
def test_an_answer_is_known_by_its_variable(answer):
    mse = answer
    assert isinstance(check(mse), Right)


def test_what_has_no_name_at_all_is_told_what_to_do():
    with pytest.raises(UnknownQuestion, match="give it the name of the question"):
        check(functools.partial(right))
    with pytest.raises(UnknownQuestion, match="no question is named"):
        check(lambda: 1)


def state():
    return (
        random.getstate(), np.random.get_state()[1].tolist(), np.geterr(), os.getcwd(),  # noqa: NPY002
        np.get_printoptions(), np.abs, np.random.rand,
    )  # fmt: skip


def test_the_session_is_as_it_was():
    def mse(y, y_hat):
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        np.seterr(all="raise")
        np.set_printoptions(precision=2)
        os.chdir("/")
        np.abs = np.random.rand = len
        return MSE.reference(y, y_hat)

    before = state()
    check(mse)
    assert state() == before


def test_a_function_of_numpys_that_was_replaced_makes_nothing_right(monkeypatch):
    def mse(y, y_hat):
        return 7.0

    monkeypatch.setattr(np, "abs", lambda x: np.zeros_like(x))
    outcome = check(mse)
    assert isinstance(outcome, Wrong)
    assert "`np.abs`" in outcome.text
    assert np.abs(-1.0) == 0, "the learner's own is put back"


def test_a_function_that_an_answer_replaces_makes_nothing_right():
    def mse(y, y_hat):
        np.abs = lambda x: np.zeros_like(x)
        return 7.0

    own = np.abs
    assert isinstance(check(mse), Wrong)
    assert np.abs is own


@pytest.mark.parametrize("code", ["time.sleep(1000)", "sum(range(10**12))", "list(range(10**12))"])
def test_what_does_not_listen_is_stopped(code):
    if "range" in code and not rehearsal.is_called_for(lambda: sum(range(3))):
        pytest.skip("no process can be forked here")
    source = f"import time\ndef mse(y, y_hat):\n    {code}\n    return 0.0"
    question = MSE.__class__(**{**vars_of(MSE), "seconds": 0.5})
    begin = time.monotonic()
    outcome = examine(question, cell(source))
    assert isinstance(outcome, Raised)
    assert "stopped" in outcome.text or "MemoryError" in outcome.text
    assert time.monotonic() - begin < 60


@pytest.mark.skipif(not rehearsal.is_called_for(lambda: sum(range(3))), reason="nothing is forked")
def test_what_kills_its_process_does_not_kill_the_session():
    source = "import os\ndef mse(y, y_hat):\n    os.kill(os.getpid(), 9)\n    return sum(range(3))"
    outcome = examine(MSE, cell(source))
    assert isinstance(outcome, Raised)
    assert "ended the process" in outcome.text


def test_what_numpy_does_needs_no_rehearsal():
    assert not rehearsal.is_called_for(lambda x: [x.sum(axis=0) for _ in range(3)])


def vars_of(question):
    return {name: getattr(question, name) for name in question.__dataclass_fields__}


def ran(cells, space, cell, change=None, error=None, source="def mse(y, y_hat): ..."):
    source = "def mse(" if isinstance(error, SyntaxError) else source
    info = SimpleNamespace(cell_id=cell, raw_cell=source)
    cells.begin(info)
    space.update(change or {})
    in_exec = error if error and not isinstance(error, SyntaxError) else None
    before = error if isinstance(error, SyntaxError) else None
    cells.end(SimpleNamespace(info=info, error_before_exec=before, error_in_exec=in_exec))


def test_a_cell_that_is_newer_than_its_function_is_known():
    space = {}
    cells = Cells(space)
    ran(cells, space, "a", {"mse": right})
    assert cells.of("mse", space["mse"]) is None
    ran(cells, space, "b", {"x": 1})
    assert cells.of("mse", space["mse"]) is None
    ran(cells, space, "a", error=SyntaxError("invalid syntax"))
    assert cells.of("mse", space["mse"]) == "SyntaxError"
    ran(cells, space, "a", {"mse": wrapped(right)})
    assert cells.of("mse", space["mse"]) is None
    ran(cells, space, "a", {"y": 2}, source="y = 2")
    assert cells.of("mse", space["mse"]) == ""
    assert cells.of("mse", right) is None, "another function than the cell's"
    ran(cells, space, None, {"mse": right})
    assert cells.of("mse", wrapped) is None


def test_a_function_is_new_already_while_its_cell_still_runs():
    space = {}
    cells = Cells(space)
    ran(cells, space, "a", {"mse": right})
    ran(cells, space, "a", error=SyntaxError("invalid syntax"))
    cells.begin(SimpleNamespace(cell_id="a"))
    space["mse"] = wrapped(right)
    assert cells.of("mse", space["mse"]) is None


@pytest.mark.parametrize("error", [None, ValueError("x")])
def test_another_name_for_the_same_function_is_not_old(error):
    space = {}
    cells = Cells(space)
    ran(cells, space, "a", {"mse": right}, source="mse = right")
    ran(cells, space, "a", source="mse = right", error=error)
    assert cells.of("mse", right) is None
    ran(cells, space, "a", source="nothing = 1")
    assert cells.of("mse", right) == ""


def test_an_outdated_function_is_not_judged(monkeypatch):
    def mse(y, y_hat):
        return MSE.reference(y, y_hat)

    from course.exercises import desk

    monkeypatch.setattr(desk._cells, "space", {"mse": mse})
    monkeypatch.setattr(desk._cells, "stale", {"mse": (mse, "SyntaxError")})
    outcome = check(mse)
    assert isinstance(outcome, Outdated)
    assert outcome.points == 0
    assert "stopped with SyntaxError" in outcome.text


def test_a_result_that_nobody_knows_is_told_what_to_do():
    def mse(y, y_hat):
        return float(np.cos(y.sum()) + 3.1)

    outcome = check(mse)
    assert isinstance(outcome, Wrong)
    assert outcome.diagnosis is None
    assert "Work the example out by hand" in outcome.text
