"""What a learner meets: outcomes, diagnoses, hints, solutions, progress and the notebooks."""

from __future__ import annotations

import functools
import json
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest

import course.losses
from course.exercises import (
    NotAttempted,
    Raised,
    Right,
    Wrong,
    check,
    desk,
    hint,
    notebooks,
    progress,
    solution,
)
from course.exercises.attempt import attempts
from course.exercises.bank import exercises, questions
from course.exercises.desk import UnknownQuestion
from course.exercises.diagnosis import examine
from course.exercises.families import NUMERIC
from course.exercises.question import Question
from tests.cell import RIGHT_MSE, cell

every_exercise = pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.lesson)


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    """Keep progress in a file of the test's own, and start with no hint given."""
    path = tmp_path / "kept" / "progress.sqlite"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.setattr(desk, "_hints_given", {})
    return path


# -------------------------------------------------------------------- outcomes as values
def test_a_stub_is_not_attempted():
    outcome = check(cell(questions()["mse"].stub))
    assert isinstance(outcome, NotAttempted)
    assert (outcome.points, outcome.share) == (0, 0)
    assert "hint(mse)" in outcome.text


def test_a_right_answer_is_right():
    outcome = check(cell(RIGHT_MSE))
    assert isinstance(outcome, Right)
    assert outcome.points == questions()["mse"].points
    assert "Nothing else was tried." in outcome.text


def test_a_mistake_of_the_catalogue_is_named():
    outcome = check(cell(RIGHT_MSE.replace(" / len(y)", "")))
    assert isinstance(outcome, Wrong)
    assert outcome.diagnosis.family == "catalogue"
    assert outcome.diagnosis.mistakes == ("no 1/N",)
    assert 0 < outcome.points < questions()["mse"].points
    assert "should be" in outcome.text


def test_two_mistakes_are_named_together():
    source = RIGHT_MSE.replace("((y - y_hat) ** 2).sum() / len(y)", "abs(y - y_hat).sum() / y.size")
    outcome = check(cell(source))
    assert isinstance(outcome, Wrong)
    assert outcome.diagnosis.family == "pair"
    assert set(outcome.diagnosis.mistakes) == {"divided by N k", "absolute values"}
    assert "Two things at once." in outcome.text
    assert outcome.points == 0
    for mistake in questions()["mse"].mistakes:
        assert (mistake.sentence in outcome.text) == (mistake.name in outcome.diagnosis.mistakes)


def test_what_nobody_recognises_is_shown_on_the_smallest_input():
    outcome = check(cell(RIGHT_MSE.replace("(y - y_hat) ** 2", "np.sin(y - y_hat)")))
    assert isinstance(outcome, Wrong)
    assert outcome.diagnosis is None
    assert outcome.arguments.startswith("mse(np.array([")
    assert outcome.got != outcome.expected
    # the example can be pasted into a cell
    space = {"np": np, "mse": cell(RIGHT_MSE)}
    assert eval(outcome.arguments, space) == pytest.approx(float(outcome.expected))


def test_the_answer_s_own_line_is_shown_though_numpy_raises():
    f = cell(
        "# a comment first\n"
        "def mae_gradient(y, y_hat):\n"
        "    e = y_hat - y\n"
        "    weights = np.zeros((2, 2))\n"
        "    return np.linalg.inv(weights) @ e\n"
    )
    outcome = check(f)
    assert isinstance(outcome, Raised)
    assert outcome.error.startswith("LinAlgError")
    assert outcome.line == (5, "return np.linalg.inv(weights) @ e")
    assert "line 5 of your cell:" in outcome.text
    assert "site-packages" not in outcome.text
    assert outcome.points == 0


def test_the_line_is_that_of_a_helper_in_the_same_cell():
    f = cell(
        "def helper(e):\n    return e.no_such_thing\n\n"
        "def mae_gradient(y, y_hat):\n    return helper(y_hat - y)\n"
    )
    assert check(f).line == (2, "return e.no_such_thing")


def test_a_function_that_stands_in_no_file_has_a_line_without_text():
    space = {"np": np}
    exec("def mae_gradient(y, y_hat):\n    return 1 / 0\n", space)
    outcome = check(space["mae_gradient"])
    assert isinstance(outcome, Raised)
    assert "It happens in line 2 of your cell." in outcome.text


# ------------------------------------------------------------------------ families
def vector(x):
    """Return some numbers below 1."""
    return x**1.5 / 2


def mixed(x):
    """Return numbers of both signs, some above 1."""
    return np.cumsum(np.cos(9 * x)) * 2


def table(A):
    """Return a square table."""
    return A @ A + A


def two(x):
    """Return two arrays."""
    return x**2, np.sqrt(x)


def fussy(n):
    """Return the root, and refuse negative numbers."""
    if n < 0:
        raise ValueError
    return n**0.5


def _numbers(rng):
    return (rng.uniform(0.1, 0.9, size=int(rng.integers(3, 7))),)


def _square(rng):
    return (rng.normal(size=(3, 3)),)


def asked(reference, inputs=_numbers, **more):
    """Return a question without a catalogue."""
    return Question(reference, prompt="?", inputs=inputs, hints=("?",), mistakes=(), **more)


VECTOR, MIXED, TABLE, TWO = asked(vector), asked(mixed), asked(table, _square), asked(two)
FUSSY = asked(fussy, lambda rng: (float(rng.uniform(1, 9)),), edges=((-1.0,),))
COUNTER = [0]


def random(x):
    COUNTER[0] += 1
    return vector(x) * COUNTER[0]


def mutating(x):
    x **= 1.5
    return x / 2


FAMILIES = [
    ("sign", VECTOR, lambda x: -vector(x), "a sign is wrong"),
    ("transpose", TABLE, lambda A: table(A).T, "transposed"),
    ("transpose", asked(lambda A: A[:2], _square), lambda A: A[:2].T, "transposed"),
    ("factor", VECTOR, lambda x: 2 * vector(x), "2 times the right one"),
    ("factor", VECTOR, lambda x: vector(x) / np.log(2), "logarithm to the base 2"),
    ("factor", VECTOR, lambda x: vector(x) * len(x), "len(x) times the right one"),
    ("factor", VECTOR, lambda x: vector(x) / len(x), "1/len(x) of the right one"),
    ("factor", TABLE, lambda A: table(A) / 9, "1/9 times"),
    ("constant", VECTOR, lambda x: 0 * x, "Every result is zero"),
    ("constant", VECTOR, lambda x: 0 * x + 7, "Every result is 7, whatever"),
    ("off by one", MIXED, lambda x: np.append(0.0, mixed(x)[:-1]), "one step late"),
    ("off by one", MIXED, lambda x: np.append(mixed(x)[1:], 0.0), "one step ahead"),
    ("off by one", MIXED, lambda x: mixed(x)[1:], "first entry is missing"),
    ("off by one", MIXED, lambda x: mixed(x)[:-1], "last entry is missing"),
    ("off by one", MIXED, lambda x: np.append(mixed(x), 0.0), "one entry too many"),
    ("order", MIXED, lambda x: mixed(x)[::-1], "reverse order"),
    ("order", MIXED, lambda x: np.sort(mixed(x)), "another order"),
    ("dtype", MIXED, lambda x: mixed(x).astype(int), "whole numbers"),
    ("power", VECTOR, lambda x: vector(x) ** 2, "the square of the right one"),
    ("power", VECTOR, lambda x: np.sqrt(vector(x)), "the root of"),
    ("power", MIXED, lambda x: abs(mixed(x)), "the absolute value of"),
    ("power", VECTOR, lambda x: 1 / vector(x), "the inverse"),
    ("power", VECTOR, lambda x: 1 - vector(x), "1 minus"),
    ("power", VECTOR, lambda x: np.exp(vector(x)), "e to the power of"),
    ("power", VECTOR, lambda x: np.log(vector(x)), "the logarithm of"),
    ("offset", VECTOR, lambda x: vector(x) + 1, "too large by 1"),
    ("offset", VECTOR, lambda x: vector(x) - 0.25, "too small by 1/4"),
    (
        "departure",
        MIXED,
        lambda x: np.append(mixed(x)[:2], np.sin(mixed(x)[2:]) + x[2:]),
        "first 2 entries are right",
    ),
    ("nan", VECTOR, lambda x: vector(x) / (x > 0.5), "a finite number is right"),
    ("nan", VECTOR, lambda x: vector(x) * np.log(-x), "returns nan"),
    ("part", TWO, lambda x: (x**2, np.sin(x) * x.sum()), "only result[1] is wrong"),
    ("type", VECTOR, lambda x: "0.5", "It returns text"),
    ("type", VECTOR, lambda x: vector, "It returns a function"),
    ("type", VECTOR, lambda x: (vector(x), 1.0), "a comma too many"),
    ("type", VECTOR, lambda x: print(vector(x)), "Use `return` instead of `print`"),
    ("type", VECTOR, lambda x: [].sort(), "Is a `return` missing"),
    ("type", TWO, lambda x: (x, x, x), "returns 3 values, and should return 2"),
    ("shape", VECTOR, lambda x: vector(x)[:, None], "only the shape is not"),
    ("shape", VECTOR, lambda x: vector(x) - x[:, None], "np.outer"),
    ("shape", VECTOR, lambda x: vector(x).sum(), "a mean too many"),
    ("shape", asked(lambda x: x.sum()), lambda x: x, "Its sum would be right"),
    ("random", VECTOR, random, "Two calls with the same arguments give different results"),
    ("mutation", VECTOR, mutating, "changes its argument `x`"),
    ("error", FUSSY, lambda n: abs(n) ** 0.5, "should raise ValueError"),
    ("arguments", VECTOR, lambda x, y: x, "takes (x, y); it should take"),
    ("arguments", VECTOR, lambda: 1, "should take (x)"),
]


@pytest.mark.parametrize(
    ("family", "question", "answer", "words"), FAMILIES, ids=[f"{f}-{w}" for f, _, _, w in FAMILIES]
)
def test_a_family_is_recognised(family, question, answer, words):
    outcome = examine(question, answer)
    assert isinstance(outcome, Wrong), outcome.text
    assert outcome.diagnosis is not None, outcome.text
    assert outcome.diagnosis.family == family, outcome.text
    assert words in outcome.text.replace("should take (x),", "should take (x)"), outcome.text


def test_every_family_has_a_wrong_answer_here():
    assert {family for family, _ in NUMERIC} <= {family for family, *_ in FAMILIES}


def test_a_right_answer_is_of_no_family():
    for question in (VECTOR, MIXED, TABLE, TWO, FUSSY):
        assert isinstance(examine(question, question.reference), Right)


# -------------------------------------------------------------------- odd answers
@pytest.mark.parametrize(
    "body",
    ["pass", "...", '"""Only words."""', "raise NotImplementedError()", "return", "return None"],
)
def test_what_is_not_begun(body):
    outcome = check(cell(f"def mse(y, y_hat):\n    {body}\n"))
    assert isinstance(outcome, NotAttempted)


def test_a_begun_answer_that_returns_nothing_is_wrong():
    outcome = check(cell("def mse(y, y_hat):\n    e = y - y\n"))
    assert isinstance(outcome, Wrong)
    assert "Is a `return` missing" in outcome.text


def test_printing_is_not_returning_and_is_not_seen(capsys):
    outcome = check(cell("def mse(y, y_hat):\n    print('my result', y.sum())\n"))
    assert isinstance(outcome, Wrong)
    assert "Use `return` instead of `print`" in outcome.text
    assert capsys.readouterr().out == ""


def test_a_list_counts_and_a_note_says_so():
    source = "def mae_gradient(y, y_hat):\n    return [float(np.sign(b - a)) / len(y)"
    outcome = check(cell(f"{source} for a, b in zip(y, y_hat)]\n"))
    assert isinstance(outcome, Right)
    assert "a list, which counts" in outcome.text


def test_a_variable_of_the_notebook_is_named():
    def note(source, **names):
        return "\n".join(check(cell(source, **names)).notes)

    source = RIGHT_MSE.replace("y.shape != y_hat.shape", "y.shape != y_hat.shape or scale == 0")
    assert "reads the notebook's variable `scale`" in note(source, scale=2.0)
    assert note(source.replace("scale", "helper()"), helper=lambda: 1) == ""
    assert note(RIGHT_MSE) == ""


@pytest.mark.parametrize("call", ["exit()", "quit()", "raise SystemExit(0)"])
def test_an_answer_that_exits_ends_nothing(call):
    outcome = check(cell(f"def mse(y, y_hat):\n    {call}\n"))
    assert isinstance(outcome, Raised)
    assert "SystemExit" in outcome.error
    assert "Leave out exit()" in outcome.text


def test_a_name_that_is_not_defined_is_explained():
    outcome = check(cell("def mse(y, y_hat):\n    return ((y - yhat) ** 2).sum() / len(y)\n"))
    assert isinstance(outcome, Raised)
    assert "'yhat' is not defined" in outcome.text
    assert "never given a value" in outcome.text


def test_warnings_and_words_on_stderr_stay_inside(capfd, recwarn):
    source = "import sys, warnings\ndef mse(y, y_hat):\n    warnings.warn('look')\n"
    source += "    sys.stderr.write('trouble')\n    return np.log(-1.0) + 1 / np.zeros(1).sum()\n"
    check(cell(source))
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        ("mse", "no parentheses"),
        (0.5, "a number"),
        (None, "None"),
        (np.ones(3), "an array of shape (3,)"),
        (functools.partial(print), "give it the name of the question"),
        (lambda y, y_hat: y, "keep the name of the stub"),
        (course.losses.mse, "the course's own"),
        (questions()["mse"].reference, "the course's own"),
        (course.losses.softmax, "the course's own"),
    ],
)
def test_what_is_no_answer_is_refused_in_words(thing, words):
    for call in (check, hint, solution):
        with pytest.raises(UnknownQuestion, match=re.escape(words)):
            call(thing)


def test_a_renamed_function_gets_a_suggestion():
    with pytest.raises(UnknownQuestion, match=r"'mse_loss'.*Did you mean mse\?"):
        check(cell(RIGHT_MSE.replace("def mse(", "def mse_loss(")))


# ------------------------------------------------------------------------- words and HTML
class Words(HTMLParser):
    """The words of a page, block by block, without its style; and the tags that it has."""

    def __init__(self, html):
        super().__init__()
        self.blocks, self.tags, self._skip = [], Counter(), False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self._skip = tag == "style"
        if tag in ("p", "pre"):
            self.blocks.append("")

    def handle_endtag(self, tag):
        self._skip = self._skip and tag != "style"

    def handle_data(self, data):
        if not self._skip:
            self.blocks[-1] += data


def plain(text):
    """Return the lines of a text without what tells code from words in it."""
    lines = text.splitlines()
    return [line[4:] if line[:4] == "    " else line.replace("`", "") for line in lines]


EVIL = "<script>alert(1)</script><b>&amp;"
SHOWN = [
    cell(questions()["mse"].stub),
    cell(RIGHT_MSE),
    cell(RIGHT_MSE.replace(" / len(y)", "")),
    cell(RIGHT_MSE.replace("** 2", "** 3")),
    cell(f"def mse(y, y_hat):\n    raise ValueError({EVIL!r})  # {EVIL}\n"),
    cell(f"def mse(y, y_hat):\n    return {EVIL!r}\n"),
    cell(f"def mse(y, y_hat, *, more={EVIL!r}, less):\n    return 1\n"),
    cell(f"class T:\n    __repr__ = lambda s: {EVIL!r}\ndef mse(y, y_hat):\n    return T()\n"),
]


@pytest.mark.parametrize("answer", SHOWN)
def test_html_says_the_same_words_and_escapes_what_a_learner_wrote(answer):
    outcome = check(answer)
    bundle = outcome._repr_mimebundle_()
    assert bundle["text/plain"] == outcome.text == str(outcome) == repr(outcome)
    words = Words(bundle["text/html"])
    assert "\n".join(words.blocks).splitlines() == plain(outcome.text)
    assert set(words.tags) <= {"style", "section", "p", "pre", "strong", "code"}
    assert 'role="status"' in bundle["text/html"]


def test_an_object_of_the_learner_s_may_have_no_words_at_all():
    source = "class T:\n    def __repr__(self):\n        raise ValueError\n"
    outcome = check(cell(source + "def mse(y, y_hat):\n    return T()\n"))
    assert isinstance(outcome, Wrong)
    assert "<T>" in outcome.text


def test_an_error_of_many_lines_or_none_is_shown():
    for message in ("one\n    two\nthree", "", "x" * 5000):
        outcome = check(cell(f"def mse(y, y_hat):\n    raise ValueError({message!r})\n"))
        assert isinstance(outcome, Raised)
        assert len(outcome.text) < 2000
        assert outcome.error.startswith("ValueError")


def test_notes_say_the_same_words_in_both_forms():
    f = cell(RIGHT_MSE)
    check(f)
    for note in (hint(f), solution(f), progress()):
        bundle = note._repr_mimebundle_()
        words = Words(bundle["text/html"])
        assert "\n".join(words.blocks).splitlines() == plain(bundle["text/plain"])


# ------------------------------------------------------------------- hints and solutions
def test_hints_come_in_order_and_stay():
    f = cell(questions()["mse"].stub)
    hints = questions()["mse"].hints
    for given in range(1, len(hints) + 1):
        rows = hint(f).rows
        assert rows[:-1] == tuple(f"{i}. {h}" for i, h in enumerate(hints[:given], start=1))
        assert ("more: call hint again" in rows[-1]) == (given < len(hints))
    assert len(hint(f).rows) == 2
    assert hint(cell(questions()["bce"].stub)).rows[0] == f"1. {questions()['bce'].hints[0]}"


def test_the_solution_is_closed_before_an_attempt():
    stub = cell(questions()["mse"].stub)
    text = repr(solution(stub))
    assert "closed" in text
    assert "return" not in text
    assert check(stub).points == 0
    assert "closed" in repr(solution(stub)), "checking the stub is no attempt"
    assert "return (e**2)" in repr(solution(stub, insist=True))


def test_the_solution_opens_after_an_attempt():
    stub = cell(questions()["mse"].stub)
    check(cell("def mse(y, y_hat):\n    return 1.0\n"))
    text = repr(solution(stub))
    assert "return (e**2)" in text
    assert '"""' not in text
    # and where nothing is kept, the answer itself is an attempt
    assert "def bce" in repr(solution(cell("def bce(y, p):\n    return 1.0\n")))


def test_the_published_solutions_are_right():
    for question in questions().values():
        assert isinstance(examine(question, question.compiled(question.solution)), Right)


# ------------------------------------------------------------------------------ progress
WRITER = """
import sys, time
from pathlib import Path
from course.exercises.progress import record

Path(sys.argv[1], f"ready{sys.argv[2]}").touch()
while not Path(sys.argv[1], "go").exists():
    time.sleep(0.001)
for i in range(25):
    words = record("mse", "Wrong", (f"{sys.argv[2]}-{i}",), i / 10)
    assert words == "", words
"""


def test_several_processes_write_at_once_and_lose_nothing(tmp_path, kept):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(n)]) for n in range(4)
    ]
    try:
        until = time.monotonic() + 60
        while len(list(tmp_path.glob("ready*"))) < 4 and time.monotonic() < until:
            time.sleep(0.01)
        (tmp_path / "go").touch()
        assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0, 0]
    finally:
        for writer in writers:
            writer.kill()
    standing = book().standings()["mse"]
    assert standing.tries == 100
    assert standing.points == 2.4
    assert set(standing.mistakes) == {f"{n}-{i}" for n in range(4) for i in range(25)}
    assert [path.name for path in kept.parent.iterdir()] == ["progress.sqlite"]


def book():
    """Return the module that keeps the progress."""
    return sys.modules["course.exercises.progress"]


def test_attempts_are_kept_and_answers_are_not(kept):
    check(cell(questions()["mse"].stub))
    assert not kept.exists(), "a stub is no attempt"
    check(cell(RIGHT_MSE.replace(" / len(y)", "  # my secret")))
    check(cell("def bce(y, p):\n    return 1 / 0\n"))
    assert "be kept" not in check(cell(RIGHT_MSE)).text
    check(cell(RIGHT_MSE.replace("** 2", "** 3")))
    standings = book().standings()
    mse, bce = standings["mse"], standings["bce"]
    assert (mse.tries, mse.points, mse.right) == (3, questions()["mse"].points, True)
    assert mse.mistakes[0] == "no 1/N"
    assert (bce.tries, bce.points, bce.right) == (1, 0, False)
    assert b"secret" not in kept.read_bytes()


def test_progress_names_what_is_next():
    text = repr(progress())
    first, second = exercises()[0].questions[:2]
    assert f"Next: {first.name}, in exercises/{exercises()[0].lesson}.ipynb." in text
    assert "○" * len(exercises()[0].questions) in text
    check(cell(RIGHT_MSE))
    check(cell("def mae_gradient(y, y_hat):\n    return y\n"))
    text = repr(progress())
    assert f"Next: {second.name}" in text
    assert f"1 of {len(exercises()[0].questions)} right" in text
    assert "●◐○" in text


def _a_file_as_folder(path):
    path.parent.parent.mkdir(exist_ok=True)
    path.parent.write_text("a file")


def _a_folder_as_file(path):
    path.mkdir(parents=True)


def _no_database(path):
    path.parent.mkdir(parents=True)
    path.write_text("no database at all, but some words\n" * 100)


def _another_table(path):
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    connection.execute("create table attempts (something text)")
    connection.close()


@pytest.mark.parametrize(
    "spoil", [_a_file_as_folder, _a_folder_as_file, _no_database, _another_table]
)
def test_a_place_that_cannot_be_written_breaks_nothing(spoil, kept):
    spoil(kept)
    outcome = check(cell(RIGHT_MSE))
    assert isinstance(outcome, Right)
    assert outcome.points == questions()["mse"].points
    assert outcome.text.count("could not be kept") == outcome.html.count("could not be kept") == 1
    assert book().standings() == {}
    text = repr(progress())
    assert "Next: mse" in text
    assert str(kept) in text, "the learner is told where it fails"
    assert "closed" in repr(solution(cell(questions()["mse"].stub)))


def test_progress_can_be_switched_off(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    monkeypatch.chdir(tmp_path)
    assert isinstance(check(cell(RIGHT_MSE)), Right)
    assert book().place() is None
    assert book().standings() == {}
    assert "0 of 7 right" in repr(progress())
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------- the notebooks
@every_exercise
def test_a_question_has_one_stub_one_check_and_one_graded_cell(exercise):
    cells = notebooks.notebook(exercise)["cells"]
    code = [c for c in cells if c["cell_type"] == "code"]
    about = [c["metadata"]["nbgrader"] for c in code]
    for question in exercise.questions:
        stubs = [c for c in code if f"def {question.name}(" in c["source"]]
        checks = [c for c in code if c["source"] == f"check({question.name})"]
        graded = [c for c in code if c["source"].startswith(f"check({question.name}).points")]
        assert (len(stubs), len(checks), len(graded)) == (1, 1, 1)
        (stub,), (graded_cell,) = stubs, graded
        assert stub["source"] == question.stub
        assert stub["metadata"]["nbgrader"]["solution"]
        assert not stub["metadata"]["nbgrader"]["locked"]
        assert checks[0]["metadata"]["nbgrader"]["locked"]
        assert graded_cell["metadata"]["nbgrader"]["points"] == question.points
        places = [code.index(c) for c in (stub, checks[0], graded_cell)]
        assert places == sorted(places)
    assert sum(a["solution"] for a in about) == len(exercise.questions)
    assert sum(a["grade"] for a in about) == len(exercise.questions)
    assert sum(a.get("points", 0) for a in about) == exercise.points


@every_exercise
def test_no_line_of_a_solution_stands_in_the_notebook(exercise):
    source = "\n".join(c["source"] for c in notebooks.notebook(exercise)["cells"])
    for question in exercise.questions:
        lines = [line.strip() for line in question.solution.splitlines()[1:]]
        assert not [line for line in lines if len(line) > 25 and line in source]
        if not question.parameters:
            assert lines[-1] not in source
        for mistake in question.mistakes:
            assert mistake.sentence not in source
        assert not [words for words in question.hints if words in source]


@every_exercise
def test_the_metadata_is_nbgrader_s_schema_3(exercise):
    cells = notebooks.notebook(exercise)["cells"]
    about = [c["metadata"]["nbgrader"] for c in cells if c["cell_type"] == "code"]
    assert {a["schema_version"] for a in about} == {3}
    identifiers = [a["grade_id"] for a in about]
    assert len(set(identifiers)) == len(identifiers)
    assert all(re.fullmatch(r"[A-Za-z0-9_\-]+", name) for name in identifiers)
    assert all(("points" in a) == a["grade"] for a in about)
    nbformat.validate(nbformat.from_dict(json.loads(notebooks.written(exercise))))


@every_exercise
def test_nbgrader_itself_accepts_the_metadata(exercise):
    validation = pytest.importorskip("nbgrader.nbgraderformat.v3")
    notebook = nbformat.from_dict(json.loads(notebooks.written(exercise)))
    validation.MetadataValidatorV3().validate_nb(notebook)


def test_of_many_calls_each_tells_what_it_printed_itself(capsys):
    question = questions()["mse"]

    def answer(y, y_hat):
        np.seterr(all="raise")
        print(len(y))
        print("!", file=sys.stderr)
        return np.float64(1) / 0 if len(y) == 2 else y.sum()

    y = np.array([1.0, 2.0, 4.0])
    settings = np.geterr()
    trials = attempts(question, answer, [(y[:n], y[:n]) for n in (1, 2, 3)])
    assert [trial.printed for trial in trials] == ["1\n!\n", "2\n!\n", "3\n!\n"]
    assert [trial.value for trial in trials] == [1.0, None, 7.0]
    assert isinstance(trials[1].error, FloatingPointError)
    assert np.geterr() == settings
    assert capsys.readouterr() == ("", "")
