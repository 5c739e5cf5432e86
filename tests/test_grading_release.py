"""Hand-outs: what stands in them, whose files they leave alone, how they are graded."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course.exercises import check
from course.exercises.bank import exercises
from course.exercises.outcome import NotAttempted, Raised, Right, Tried
from course.grading.private import ReleaseError, example
from course.grading.release import release, released
from course.grading.run import exercise_called, grade_class
from course.grading.submission import submissions

ROOT = Path(__file__).resolve().parents[1]
EXERCISE = exercises()[0]
NAME = f"{EXERCISE.lesson}.ipynb"
COURSE = {q.name: q for q in EXERCISE.questions}
PRIVATE = '''
import numpy as np

from course.exercises.question import Mistake, Question


def huber(e, delta):
    """Return the mean Huber loss of the errors e, of shape (N,)."""
    small = np.abs(e) <= delta
    return np.where(small, e**2 / 2, delta * (np.abs(e) - delta / 2)).mean()


QUESTIONS = (
    Question(
        huber,
        prompt="Write the mean Huber loss.",
        inputs=lambda rng: (3 * rng.normal(size=rng.integers(3, 6)).round(2), 1.5),
        hints=("There are two cases: the secret hint.",),
        mistakes=(
            Mistake(
                "no half",
                "The half is missing where the error is small.",
                (("e**2 / 2", "e**2"),),
                credit=0.5,
            ),
        ),
        points=3,
    ),
)
'''


@pytest.fixture
def private(tmp_path):
    path = tmp_path / "own" / "private.py"
    path.parent.mkdir()
    path.write_text(PRIVATE, encoding="utf-8")
    return path


def cells(path: Path) -> dict[str, str]:
    return {c["id"]: c["source"] for c in json.loads(path.read_text("utf-8"))["cells"]}


def points(path: Path) -> dict[str, int]:
    found = json.loads(path.read_text("utf-8"))["cells"]
    about = [c["metadata"].get("nbgrader", {}) for c in found]
    return {a["grade_id"].removesuffix("-points"): a["points"] for a in about if a.get("grade")}


def hand_in(copy: Path, folder: Path, learner: str, answers: dict[str, str]) -> None:
    notebook = json.loads(copy.read_text("utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{learner}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


# ------------------------------------------------------------------------------ what stands
def test_as_it_is_a_hand_out_asks_what_the_course_asks(tmp_path):
    done = release(tmp_path / "out", ["1"])
    assert done.written == (tmp_path / "out" / NAME,)
    found, own = cells(done.written[0]), cells(ROOT / "exercises" / NAME)
    assert {k: v for k, v in found.items() if k != "title"} == {
        k: v for k, v in own.items() if k != "title"
    }
    assert "](../" not in found["title"]  # a link that leads nowhere from elsewhere


def test_title_date_points_and_choice(tmp_path):
    (path,) = release(
        tmp_path,
        ["01"],
        title="Week 3:\nlosses",
        due="2026-02-27 18:00",
        points={"mse": 5},
        questions=["bce", "mse"],
    ).written
    title = cells(path)["title"]
    assert title.startswith("# Week 3: losses\n")
    assert "To be handed in by Friday 27 February 2026, 18:00." in title
    assert f"2 questions, {5 + COURSE['bce'].points} points." in title
    assert points(path) == {"mse": 5, "bce": COURSE["bce"].points}
    assert "(5 points)" in cells(path)["mse-prompt"]
    assert json.loads(path.read_text("utf-8"))["metadata"]["course"]["due"] == "2026-02-27T18:00:00"


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("2026-02-27", "Friday 27 February 2026.**"),
        (datetime.date(2026, 2, 27), "Friday 27 February 2026.**"),
        ("2026-02-27T18:00+01:00", "18:00 UTC+01:00"),
    ],
)
def test_a_date_in_words(tmp_path, due, words):
    (path,) = release(tmp_path, ["1"], due=due).written
    assert words in cells(path)["title"]


def test_points_of_an_instructor_scale_what_check_says(tmp_path):
    (path,) = release(tmp_path, ["1"], points={"mse": 5}).written
    space = {"check": check, "mse": COURSE["mse"].compiled(COURSE["mse"].source)}
    assert eval(cells(path)["mse-points"], space) == 5
    half = next(m for m in COURSE["mse"].mistakes if m.name == "no 1/N")
    space["mse"] = COURSE["mse"].wrong(half)
    assert eval(cells(path)["mse-points"], space) == pytest.approx(5 * half.credit)


# -------------------------------------------------------------------------- private questions
def test_of_a_private_question_only_stub_and_prompt_are_handed_out(tmp_path, private):
    (path,) = release(tmp_path / "out", ["1"], private=private).written
    text, found = path.read_text("utf-8"), cells(path)
    assert "raise NotImplementedError()" in found["huber"]
    assert "Write the mean Huber loss." in found["huber-prompt"]
    assert "cannot know the answer" in found["huber-prompt"]
    for secret in ("small =", "secret hint", "half is missing", str(private), private.name):
        assert secret not in text


def test_the_check_of_a_private_question_says_so_in_words_and_never_fails(tmp_path, private):
    (path,) = release(tmp_path / "out", ["1"], private=private).written
    found, space = cells(path), {}
    exec(found["setup"], space)
    exec(found["huber"], space)  # as it is handed out
    stub = eval(found["huber-check"], space)
    assert isinstance(stub, Tried)
    assert "after you have handed it in" in stub.text
    assert "NotImplementedError" in stub.text
    answers = {
        "def huber(e, delta):\n    return 7.5": (Tried, "returns   7.5"),
        "def huber(e, delta):\n    return e[99]": (Raised, "IndexError"),
        "def huber(e):\n    return e": (Raised, "TypeError"),
    }
    for source, (kind, words) in answers.items():
        exec(source, space)
        outcome = eval(found["huber-check"], space)
        assert isinstance(outcome, kind)
        assert words in outcome.text
        assert outcome.points == 0
    assert eval(found["huber-points"]) == 0


def test_arguments_of_every_kind_stand_in_the_example_as_they_are(tmp_path, private):
    inputs = """lambda rng: (
        np.array([[1, 2], [3, 4]]), np.array([True]), np.array([np.nan, np.inf]), "a'b", (1.5,),
        {"k": [1, None]}, Expression("lambda w: w**2"), Seeded(7), np.float64(2.5),
    ),
        call=lambda f, args: args[6](2.0),
    """
    start = PRIVATE.index("lambda rng")
    source = PRIVATE[:start] + inputs + PRIVATE[PRIVATE.index("hints=") :]
    source = source.replace("mistakes=(", "mistakes=() and (").replace("(e, delta)", "(*args)")
    private.write_text(
        "from course.exercises.values import Expression, Seeded\n" + source, encoding="utf-8"
    )
    (question,) = (q for q in exercise_called("1", private).questions if q.name == "huber")
    found = eval(example(question), {"np": np})
    wanted = question.inputs(np.random.default_rng(0))
    assert [repr(v) for v in found[:6]] == [repr(v) for v in wanted[:6]]
    assert found[6](3.0) == 9.0
    assert found[7].random() == np.random.default_rng(7).random()
    assert found[8] == 2.5


def test_an_example_changes_nothing_for_a_question_that_is_known():
    right = COURSE["mse"].compiled(COURSE["mse"].source)
    assert isinstance(check(right, example=(1, 2)), Right)
    stub = COURSE["mse"].compiled(COURSE["mse"].stub)
    assert isinstance(check(stub, example=(1, 2)), NotAttempted)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("huber", "bce_gradient_z", "is a question of the course already"),
        ("huber", "progress", "taken by the course"),
        ("huber", "δ", "ASCII letters"),
        ("QUESTIONS = (", "FRAGEN = (", "must define QUESTIONS"),
        ("import numpy as np\n", "import numpy as np\n1 / 0\n", "ZeroDivisionError"),
        (
            '("e**2 / 2", "e**2")',
            '("e**2 / 2", "e**2 * 0.5")',
            "huber: the mistake 'no half' passes",
        ),
        ('("e**2 / 2", "e**2")', '("e**3", "e**2")', "EditError"),
        ("return np.where", "return np.random.normal() * np.where", "does not pass its own check"),
        ("1.5),", "object()),", "cannot be sent"),
        ("1.5),", "{1, 2}),", "cannot be sent"),
        ("small = ", "small = nowhere ", "SyntaxError"),
        ("small = ", "nowhere; small = ", "raises an error on every input: NameError"),
    ],
)
def test_a_private_file_that_does_not_work_is_named_before_it_is_handed_out(
    tmp_path, private, old, new, words
):
    private.write_text(PRIVATE.replace(old, new), encoding="utf-8")
    with pytest.raises((ReleaseError, LookupError), match=words):
        release(tmp_path / "out", ["1"], private=private)
    assert not (tmp_path / "out").exists()


# ------------------------------------------------------------------------------- wrong orders
@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"questions": ["msee"]}, "did you mean mse"),
        ({"points": {"zzz": 2}}, "there are mse"),
        ({"points": {"mse": 0}}, "whole number"),
        ({"points": {"mse": 1.5}}, "whole number"),
        ({"points": {"mse": 2}, "questions": ["bce"]}, "not among the questions chosen"),
        ({"due": "next Friday"}, "write 2026-02-27"),
        ({"questions": []}, "none of the questions"),
        ({"lessons": []}, "at least one exercise"),
        ({"lessons": ["99"]}, "no exercise '99'"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_written(tmp_path, how, words):
    with pytest.raises((ReleaseError, LookupError), match=words):
        release(tmp_path / "out", **({"lessons": ["1"]} | how))
    assert not (tmp_path / "out").exists()


def test_a_directory_that_is_a_file_is_said(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ReleaseError, match="cannot be written"):
        release(tmp_path / "out", ["1"])
    assert (tmp_path / "out").read_text() == "mine"


# ------------------------------------------------------------------------------ other's files
def test_a_changed_file_is_kept_and_an_untouched_one_is_brought_up_to_date(tmp_path):
    (path,) = release(tmp_path, ["1"]).written
    first = path.read_bytes()
    assert release(tmp_path, ["1"]).same == (path,)
    assert release(tmp_path, ["1"], title="New").updated == (path,)
    assert release(tmp_path, ["1"]).updated == (path,)
    assert path.read_bytes() == first
    notebook = json.loads(first)
    notebook["cells"][0]["source"] += "\n\nBring your own laptop."
    path.write_text(json.dumps(notebook))
    mine = path.read_bytes()
    assert release(tmp_path, ["1"], title="New").kept == (path,)
    assert path.read_bytes() == mine
    assert [p.name for p in tmp_path.iterdir()] == [NAME]  # nothing is left beside it


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"metadata": {"course": {}}}', b"\xff"])
def test_a_file_from_elsewhere_is_kept(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    assert release(tmp_path, ["1"]).kept == (tmp_path / NAME,)
    assert (tmp_path / NAME).read_bytes() == content


def test_a_link_and_the_courses_own_copy_are_kept(tmp_path):
    own = tmp_path / "elsewhere.ipynb"
    own.write_bytes((ROOT / "exercises" / NAME).read_bytes())
    (tmp_path / NAME).symlink_to(own)
    assert release(tmp_path, ["1"]).kept == (tmp_path / NAME,)
    (tmp_path / NAME).unlink()
    own.rename(tmp_path / NAME)
    assert release(tmp_path, ["1"]).kept == (tmp_path / NAME,)


# --------------------------------------------------------------------------------- round trip
def test_what_was_released_is_graded_as_it_was_released(tmp_path, private):
    (copy,) = release(
        tmp_path / "out",
        ["1"],
        points={"mse": 5},
        private=private,
        questions=["mse", "which_bug", "huber"],
    ).written
    exercise = exercise_called(str(copy), private)
    questions = {q.name: q for q in exercise.questions}
    assert {n: q.points for n, q in questions.items()} == {"mse": 5, "which_bug": 1, "huber": 3}
    right = {name: question.solution for name, question in questions.items()}
    half = right["mse"].replace(" / len(e)", "")
    wrong = right["huber"].replace("e**2 / 2", "e**2")
    hand_in(copy, tmp_path / "in", "ada", right)
    hand_in(copy, tmp_path / "in", "bo", right | {"mse": half, "huber": wrong})
    hand_in(copy, tmp_path / "in", "cy", {})
    results = grade_class(
        submissions(tmp_path / "in", EXERCISE.lesson),
        str(copy),
        tmp_path / "results",
        private=private,
    )
    assert [(r.learner, r.points, r.worth) for r in results] == [
        ("ada", 9, 9),
        ("bo", 2.5 + 1 + 1.5, 9),
        ("cy", 0, 9),
    ]
    assert [r.notes for r in results] == [(), (), ()]
    (huber,) = (m for m in results[1].marks if m.question == "huber")
    assert huber.lines == ("The half is missing where the error is small.",)


def test_points_that_are_changed_in_the_notebook_count(tmp_path):
    (copy,) = release(tmp_path, ["1"], questions=["mse", "bce"]).written
    notebook = json.loads(copy.read_text("utf-8"))
    for cell in notebook["cells"]:
        if cell["id"] == "bce-points":
            cell["metadata"]["nbgrader"]["points"] = 7.0  # as nbgrader's panel writes it
    copy.write_text(json.dumps(notebook))
    assert [(q.name, q.points) for q in released(copy).questions] == [("mse", 2), ("bce", 7)]


def test_a_released_notebook_that_cannot_be_graded_is_named(tmp_path, private):
    (copy,) = release(tmp_path / "out", ["1"], private=private).written
    with pytest.raises(LookupError, match="huber, which is no question"):
        exercise_called(str(copy))
    for content in ("{", "[]", '{"cells": [], "metadata": {"course": {"lesson": "01"}}}'):
        copy.write_text(content)
        with pytest.raises(LookupError, match=NAME):
            exercise_called(str(copy))


def test_the_courses_own_copy_is_the_exercise_itself():
    assert exercise_called(str(ROOT / "exercises" / NAME)).points == EXERCISE.points


# ----------------------------------------------------------------------------------- nbgrader
def test_nbgrader_takes_a_hand_out_and_leaves_private_points_open(tmp_path, private):
    pytest.importorskip("nbgrader", reason="nbgrader is not installed: not graded with it")

    def run(*arguments: str) -> None:
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COURSE_PROGRESS": "off",
            "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        }
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr

    folder = tmp_path / "class"
    (copy,) = release(
        folder / "source" / "losses",
        ["1"],
        points={"mse": 5},
        private=private,
        questions=["mse", "which_bug", "huber"],
    ).written
    config = (ROOT / "docs" / "nbgrader_config.py").read_text("utf-8")
    (folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    run("generate_assignment", "losses")
    generated = folder / "release" / "losses" / NAME
    assert points(generated) == {"mse": 5, "which_bug": 1, "huber": 3}
    questions = exercise_called(str(copy), private).questions
    place = folder / "submitted" / "ada" / "losses"
    hand_in(generated, place, EXERCISE.lesson, {q.name: q.solution for q in questions})
    run("autograde", "losses", "--create")
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission("losses", "ada")
        (notebook,) = submission.notebooks
        scores = {grade.name: grade.score for grade in notebook.grades}
        assert scores == {"mse-points": 5, "which_bug-points": 1, "huber-points": 0}
        assert submission.max_score == 9
