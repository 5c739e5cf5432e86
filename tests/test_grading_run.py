"""A worker that dies costs nobody anything but who it dies of."""

import json
import math
import multiprocessing
import os
import time

import pytest

from course.grading import run, workers
from course.grading.files import File
from course.grading.grader import Mark, Result
from course.grading.results import Results, safe_name
from course.grading.submission import Submission, submissions

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
    results = Results(tmp_path, run.exercise_called("01"))
    results.write(fine(CLASS[0]))
    assert results.read(CLASS[0]) == fine(CLASS[0])
    path = results.path("ada")
    whole = path.read_bytes()
    for rest in (whole[:40], b"", bytes(len(whole))):
        path.write_bytes(rest)
        assert results.read(CLASS[0]) is None
        assert results.all() == []


def marked(name: str, points: float = 2.0) -> Result:
    mark = Mark("mse", points, 2, "right", ())
    return Result(name, "01_losses", (mark,), "none", Submission(name, "").digest)


def changed(path, **changes):
    """Write something else into a result."""
    data = json.loads(path.read_bytes())
    data["marks"][0] |= {k: v for k, v in changes.items() if k in data["marks"][0]}
    path.write_text(json.dumps(data | {k: v for k, v in changes.items() if k in data}))


NO_RESULTS = ["null", "3", '"ada"', "[]", "[" * 100_000, '{"a": ' * 100_000, "NaN", "{", "\udcff"]


@pytest.mark.parametrize("text", NO_RESULTS, ids=range(len(NO_RESULTS)))
def test_a_file_that_is_no_result_is_graded_again_and_one_line_says_so(tmp_path, text):
    results = Results(tmp_path, run.exercise_called("01"))
    results.path("ada").write_text(text, "utf-8", "surrogateescape")
    assert results.all() == []
    lines = []
    (again,) = run.grade_class(CLASS[:1], "01", tmp_path, spread=all_fine, tell=lines.append)
    assert again.learner == "ada"
    if text != "[]":
        assert results.read(CLASS[0]) == again
    assert lines == [f"Graded again, as the result cannot be read: {results.path('ada').name}"]


def all_fine(some, found):
    return (fine(one) for one in some)


CHANGES = [
    {"points": math.nan},
    {"points": -1},
    {"points": 2.5},
    {"points": True},
    {"points": "2"},
    {"points": math.inf},
    {"worth": 99},
    {"question": "of another exercise"},
    {"question": ["mse"]},
    {"status": "excellent"},
    {"lines": [1]},
    {"lines": 3},
    {"lines": "words"},
    {"mistakes": None},
    {"learner": ["ada"]},
    {"marks": {}},
    {"marks": [3]},
    {"marks": 3},
    {"notes": None},
    {"notes": [None]},
    {"seconds": "1"},
    {"exercise": "02_gradients"},
    {"format": 1},
]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_a_result_that_cannot_have_been_made_does_not_count(tmp_path, changes):
    results = Results(tmp_path, run.exercise_called("01"))
    results.write(marked("ada"))
    assert results.read(CLASS[0]) == marked("ada")
    changed(results.path("ada"), **changes)
    assert results.read(CLASS[0]) is None
    assert results.broken
    assert results.all() == []


def test_a_result_counts_only_in_the_learners_own_file(tmp_path):
    results = Results(tmp_path, run.exercise_called("01"))
    results.write(marked("ada"))
    for name in ("ada-fdee430d.json", "ada (copy).json"):
        (tmp_path / "results" / name).write_bytes(results.path("ada").read_bytes())
    assert results.all() == [marked("ada")]


def test_two_learners_share_no_file():
    one, two = "ada 200312", "ada 39157"
    assert safe_name(one) != safe_name(two)
    assert len(safe_name("").rpartition("-")[2]) == 32  # 128 bits


@pytest.mark.parametrize("text", ["", "\n", "short", "0" * 63, "g" * 64, "\0" * 64])
def test_a_secret_that_is_none_is_refused(tmp_path, text):
    Results(tmp_path, run.exercise_called("01"))
    (tmp_path / "secret").write_text(text)
    with pytest.raises(LookupError, match="secret is damaged.*or delete it"):
        Results(tmp_path, run.exercise_called("01"))


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"x" * 10**6, b"../../etc\n"])
def test_what_names_no_exercise_is_refused(tmp_path, data):
    (tmp_path / "exercise").write_bytes(data)
    with pytest.raises(LookupError, match="does not say of which exercise"):
        Results(tmp_path, run.exercise_called("01"))


@pytest.mark.parametrize("data", [b"", b"\xff", b"null", b'"ada"', b"[[1]]", b"{}", b"[" * 10**5])
def test_what_names_no_learners_is_refused(tmp_path, data):
    results = Results(tmp_path, run.exercise_called("01"))
    (tmp_path / "learners.json").write_bytes(data)
    with pytest.raises(LookupError, match="learners.json is damaged"):
        results.all()
    run.grade_class(CLASS, "01", tmp_path, spread=all_fine)
    assert len(results.all()) == len(CLASS)


def test_nothing_is_deleted_that_the_course_did_not_write(tmp_path):
    names = [
        ".tmp-notes",
        ".tmp-course-notes.txt",
        ".tmp-course-",
        "mine/.tmp-course-abcdefgh",
        "results/.tmp-abcdefgh",
        "feedback/.tmp-course-ABCDEFGH",
    ]
    ours = [".tmp-course-abcdefg_", "results/.tmp-course-01234567"]
    for name in (*names, *ours):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / ".tmp-course-folder12").mkdir()
    os.utime(tmp_path / ".tmp-course-folder12", (0, 0))
    Results(tmp_path, run.exercise_called("01"))
    assert all((tmp_path / name).exists() for name in (*names, ".tmp-course-folder12"))
    assert not any((tmp_path / name).exists() for name in ours)


def test_what_a_killed_run_leaves_is_removed(tmp_path, monkeypatch):
    results = Results(tmp_path, run.exercise_called("01"))
    with monkeypatch.context() as killed:
        killed.setattr(os, "replace", lambda *_: os._exit(9))
        process = multiprocessing.Process(target=results.write, args=(fine(CLASS[0]),))
        process.start()
        process.join()
    (left,) = (tmp_path / "results").iterdir()
    Results(tmp_path, run.exercise_called("01"))
    assert left.exists()  # another run may be at it
    os.utime(left, (0, 0))
    Results(tmp_path, run.exercise_called("01"))
    assert not left.exists()


@pytest.mark.parametrize("name", ["grades.csv", "index.html", "summary.txt"])
def test_nothing_of_others_is_written_over(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(LookupError, match=f"{name} is not of `course grade`"):
        Results(tmp_path, run.exercise_called("01"))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_bytes_are_read_by_who_grades(tmp_path, monkeypatch):
    for name in ("ada", "alan"):
        (tmp_path / f"{name}.ipynb").write_text("{}")
    parent, read = os.getpid(), File.read

    def told(file):
        assert os.getpid() != parent, "it is read where the work is given"
        return read(file)

    monkeypatch.setattr(File, "read", told)
    found = submissions(tmp_path, "01_losses")
    results = list(workers.graded(found, FOUND, jobs=2))
    assert {one.learner for one in results} == {"ada", "alan"}
    assert {one.notes for one in results} == {("The file is no notebook: it has no cells.",)}
    digest = Submission("ada", "", b"{}").digest
    assert {one.submission for one in results} == {digest}


def test_a_file_that_vanishes_before_it_is_graded_is_named(tmp_path):
    (tmp_path / "ada.ipynb").write_text("{}")
    found = submissions(tmp_path, "01_losses")
    (tmp_path / "ada.ipynb").unlink()
    (one,) = workers.graded(found, FOUND, jobs=1)
    assert one.notes == ("The file cannot be read: No such file or directory.",)


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
    first = Results(tmp_path / "out", run.exercise_called("01", file))
    first.write(fine(CLASS[0]))
    file.write_text(PRIVATE.replace(old, new))
    second = Results(tmp_path / "out", run.exercise_called("01", file))
    assert (second.read(CLASS[0]) is None) == (old != new)
