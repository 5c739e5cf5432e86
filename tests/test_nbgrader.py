"""nbgrader autogrades the exercises as they are: generate, submit, autograde, read the marks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course.exercises.bank import exercises
from course.exercises.question import Question

pytest.importorskip("nbgrader", reason="nbgrader is not installed: not graded with it")

ROOT = Path(__file__).resolve().parents[1]
(EXERCISE,) = (exercise for exercise in exercises() if exercise.lesson == "01_losses")
QUESTIONS: dict[str, Question] = {q.name: q for q in EXERCISE.questions}
FULL = EXERCISE.points


def wrong(question: str, mistake: str) -> str:
    q = QUESTIONS[question]
    (found,) = (m for m in q.mistakes if m.name == mistake)
    return q.edited(*found.edits)


def credit(question: str, mistake: str) -> float:
    q = QUESTIONS[question]
    (found,) = (m for m in q.mistakes if m.name == mistake)
    return q.points * (1 - found.credit)


RIGHT = {name: q.solution for name, q in QUESTIONS.items()}
#: learner: (answers by question, all others being stubs; points)
SUBMISSIONS: dict[str, tuple[dict[str, str], float]] = {
    "right": (RIGHT, FULL),
    "empty": ({}, 0),
    "one": ({"mse": RIGHT["mse"]}, QUESTIONS["mse"].points),
    "no_mean": (
        RIGHT | {"mse": wrong("mse", "no 1/N")},
        FULL - credit("mse", "no 1/N"),
    ),
    "two_mistakes": (
        RIGHT | {"mse": wrong("mse", "root"), "bce_gradient_z": wrong("bce_gradient_z", "sign")},
        FULL - credit("mse", "root") - credit("bce_gradient_z", "sign"),
    ),
    "raises": (
        RIGHT | {"bce": "def bce(y, p):\n    return 1 / 0\n"},
        FULL - QUESTIONS["bce"].points,
    ),
    "prints": (
        RIGHT | {"bce": "def bce(y, p):\n    print(0.5)\n"},
        FULL - QUESTIONS["bce"].points,
    ),
    "warns": (
        RIGHT | {"bce_with_logits": wrong("bce_with_logits", "overflow")},
        FULL - credit("bce_with_logits", "overflow"),
    ),
    "renamed": (
        RIGHT | {"mse": RIGHT["mse"].replace("def mse(", "def my_mse(")},
        FULL - QUESTIONS["mse"].points,
    ),
    "hangs": (
        RIGHT | {"mae_gradient": "def mae_gradient(y, y_hat):\n    while True:\n        pass\n"},
        FULL - QUESTIONS["mae_gradient"].points,
    ),
}


def run(folder: Path, *arguments: str) -> str:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COURSE_PROGRESS": "off",
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
    }
    answer = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Generate the assignment, hand in ten submissions, autograde, and return the marks."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "source" / "losses").mkdir(parents=True)
    name = f"{EXERCISE.lesson}.ipynb"
    (folder / "source" / "losses" / name).write_bytes((ROOT / "exercises" / name).read_bytes())
    config = (ROOT / "docs" / "nbgrader_config.py").read_text(encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    run(folder, "generate_assignment", "losses")
    released = json.loads((folder / "release" / "losses" / name).read_text(encoding="utf-8"))
    for learner, (answers, _) in SUBMISSIONS.items():
        notebook = json.loads(json.dumps(released))
        for cell in notebook["cells"]:
            if cell["id"] in answers:
                cell["source"] = answers[cell["id"]]
        place = folder / "submitted" / learner / "losses"
        place.mkdir(parents=True)
        (place / name).write_text(json.dumps(notebook), encoding="utf-8")
    run(folder, "autograde", "losses", "--create")
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return {
            learner: gradebook.find_submission("losses", learner).score for learner in SUBMISSIONS
        }


@pytest.mark.parametrize("learner", SUBMISSIONS)
def test_marks_are_as_expected(learner: str, marks: dict[str, float]) -> None:
    assert marks[learner] == pytest.approx(SUBMISSIONS[learner][1])


def test_generating_keeps_the_stubs(tmp_path: Path) -> None:
    cells = json.loads((ROOT / "exercises" / f"{EXERCISE.lesson}.ipynb").read_text("utf-8"))
    stubs = {c["id"]: c["source"] for c in cells["cells"] if c["id"] in QUESTIONS}
    assert stubs == {name: q.stub for name, q in QUESTIONS.items()}
