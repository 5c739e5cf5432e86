"""A worker that dies costs nobody anything but who it dies of."""

import multiprocessing
import os
import time

import pytest

from course.grading import run, workers
from course.grading.grader import Result
from course.grading.submission import Submission

pytestmark = pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork", reason="workers are to find what stands in here"
)
CLASS = [Submission(name, f"{name}.ipynb") for name in ("ada", "alan", "emmy", "kurt", "rosa")]
FOUND = run.Found("01", b"secret", False, None)


def graded_by(grade, monkeypatch):
    """Return who has which result if workers grade so."""
    monkeypatch.setattr(workers, "grade", grade)
    return {result.learner: result for result in workers.graded(CLASS, FOUND, jobs=2)}


def fine(submission, *_):
    return Result(submission.learner, "01_losses", (), "none", submission.digest)


def test_who_kills_every_worker_earns_nothing_and_the_others_are_graded(monkeypatch):
    def grade(submission, *_):
        return os._exit(1) if submission.learner in ("alan", "rosa") else fine(submission)

    results = graded_by(grade, monkeypatch)
    assert results.keys() == {one.learner for one in CLASS}
    for name, result in results.items():
        dead = name in ("alan", "rosa")
        assert {mark.status for mark in result.marks} == ({"stopped"} if dead else set())
        assert result.points == 0
        assert (result.worth > 0) == dead
        assert bool(result.notes) == dead
        assert result.submission == next(one for one in CLASS if one.learner == name).digest


def test_a_worker_that_dies_by_chance_costs_nothing(monkeypatch, tmp_path):
    def grade(submission, *_):
        if submission.learner == "emmy" and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os._exit(1)
        return fine(submission)

    results = graded_by(grade, monkeypatch)
    assert results == {one.learner: fine(one) for one in CLASS}


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_cannot_be_graded_has_no_mark_and_is_told_when_all_others_are(monkeypatch, jobs):
    def grade(submission, *_):
        return 1 / 0 if submission.learner == "alan" else fine(submission)

    monkeypatch.setattr(workers, "grade", grade)
    done = []
    with pytest.raises(workers.NotGraded, match="alan: ZeroDivisionError: division by zero"):
        done.extend(result.learner for result in workers.graded(CLASS, FOUND, jobs=jobs))
    assert sorted(done) == ["ada", "emmy", "kurt", "rosa"]


def test_trouble_that_passes_costs_nothing(monkeypatch, tmp_path):
    def grade(submission, *_):
        if submission.learner == "emmy" and not (tmp_path / "failed").exists():
            (tmp_path / "failed").touch()
            raise BlockingIOError("no process can be started")
        return fine(submission)

    assert graded_by(grade, monkeypatch) == {one.learner: fine(one) for one in CLASS}


def test_who_goes_away_is_not_kept_waiting_by_a_long_submission(monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 0.1)
    finished = multiprocessing.Event()

    def grade(submission, *_):
        if submission.learner == "alan":
            time.sleep(20)
            finished.set()
        return fine(submission)

    monkeypatch.setattr(workers, "grade", grade)
    coming = workers.graded(CLASS, FOUND, jobs=2)
    assert next(coming).learner != "alan"
    coming.close()
    assert not finished.is_set()
    assert not multiprocessing.active_children()


def test_if_no_worker_starts_nobody_is_marked(monkeypatch):
    monkeypatch.setattr(workers, "_begin", lambda *_: os._exit(1))
    with pytest.raises(RuntimeError, match="no worker can be started"):
        graded_by(fine, monkeypatch)


def test_a_result_that_a_power_failure_cut_off_is_as_good_as_none(tmp_path):
    results = run.Results(tmp_path, run.exercise_called("01"))
    results.write(fine(CLASS[0]))
    assert results.read(CLASS[0]) == fine(CLASS[0])
    path = results.path("ada")
    whole = path.read_bytes()
    for rest in (whole[:40], b"", bytes(len(whole))):
        path.write_bytes(rest)
        assert results.read(CLASS[0]) is None
        assert results.all() == []


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processors cannot be chosen here")
@pytest.mark.parametrize(
    ("there", "jobs", "parts"),
    [
        ({0, 1}, 2, [{0}, {1}]),
        ({2, 3, 5, 7, 8}, 2, [{2, 5, 8}, {3, 7}]),
        ({4, 6}, 1, [{4, 6}]),
        ({4, 6}, 3, [set(), set(), set()]),  # more workers than processors: any may run anywhere
    ],
)
def test_workers_share_the_processors_that_there_are(monkeypatch, there, jobs, parts):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: there)
    assert workers.shares(jobs) == parts


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processors cannot be chosen here")
def test_a_worker_keeps_to_its_share_of_the_processors(monkeypatch):
    def grade(submission, *_):
        told = tuple(map(str, sorted(os.sched_getaffinity(0))))
        return Result(submission.learner, "01_losses", (), "none", "", notes=told)

    results = graded_by(grade, monkeypatch)
    shares = {
        tuple(map(str, sorted(part or os.sched_getaffinity(0)))) for part in workers.shares(2)
    }
    assert {result.notes for result in results.values()} <= shares


PRIVATE = """
from course.exercises.question import Mistake, Question
import numpy as np

def half(x):
    \"\"\"Return x / 2.\"\"\"
    return x / 2

QUESTIONS = (
    Question(
        half,
        prompt="Halve it.",
        inputs=lambda rng: (rng.normal(size=2),),
        hints=("Divide.",),
        mistakes=(Mistake("whole", "You do not divide.", ((" / 2", ""),), credit=0.5),),
    ),
)
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [("credit=0.5", "credit=0.25"), ("rng.normal(size=2)", "np.ones(2)"), ("", "")],
    ids=["credit", "inputs", "nothing"],
)
def test_a_mark_is_of_the_private_questions_as_they_are(tmp_path, old, new):
    file = tmp_path / "private.py"
    file.write_text(PRIVATE)
    first = run.Results(tmp_path / "out", run.exercise_called("01", file))
    first.write(fine(CLASS[0]))
    file.write_text(PRIVATE.replace(old, new))
    second = run.Results(tmp_path / "out", run.exercise_called("01", file))
    assert (second.read(CLASS[0]) is None) == (old != new)
