"""What the autograder does with one submission: grade it, and write ``results/results.json``.

    python -m course.grading.export.autograder.answer [ROOT]

ROOT has Gradescope's layout and is ``/autograder`` there: `source` with what was in the zip,
`submission` with the learner's files, `results` for the answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from course.exercises.question import Exercise
from course.grading.export.autograder import PRIVATE, SETTINGS
from course.grading.export.cells import plain
from course.grading.export.gradescope import results_json
from course.grading.grader import Result, grade
from course.grading.results import with_note, write_in_one_step
from course.grading.run import exercise_called
from course.grading.sandbox import HERE, PROGRAM, Warden
from course.grading.submission import NoSubmissions, Submission, submission_of

ROOT: Final = Path("/autograder")
NOBODY: Final = 65534


def main(words: Sequence[str] | None = None) -> int:
    """Grade the submission that lies in the root, and return the exit code."""
    given = list(sys.argv[1:] if words is None else words)
    result = answer(Path(given[0]) if given else ROOT)
    print(f"{plain(result.learner)}: {result.points:g} of {result.worth}")
    return 0


def answer(root: Path) -> Result:
    """Grade the submission in a root of Gradescope's layout; write and return the result."""
    source = root / "source"
    settings: dict[str, Any] = json.loads((source / SETTINGS).read_text(encoding="utf-8"))
    private = source / PRIVATE if settings["private"] else None
    exercise = exercise_called(settings["exercise"], private)
    submission = _submission(root, exercise)
    user = _nobody(source)
    with Warden(user=user) as warden:
        if warden.bwrap is None:
            print("No sandbox here: bubblewrap does not work.")
        if warden.bwrap is None and user is None:
            print("Submissions run as the same user as the grader, and could read the answers.")
        result = grade(submission, exercise, warden, bytes.fromhex(settings["secret"]))
    result = with_note(result, submission)
    (root / "results").mkdir(exist_ok=True)
    data = results_json(result, visibility=settings["visibility"])
    write_in_one_step(root / "results" / "results.json", data)
    return result


def _nobody(source: Path) -> int | None:
    """Shut the answers away from the user that submissions run as, and return that user.

    A container seldom lets bubblewrap work, and all in it are root. None where we are not root, or
    where that user could not run Python.
    """
    if os.name != "posix" or os.geteuid() != 0:
        return None
    for path in source.rglob("*"):
        if path.is_symlink():
            continue
        if path.is_dir():
            path.chmod(0o711 if path in HERE.parents or path == HERE else 0o700)
        else:
            path.chmod(0o644 if path in PROGRAM else 0o600)
    source.chmod(0o711)
    command = [sys.executable, "-I", "-c", f"import numpy; open({str(PROGRAM[0])!r}).close()"]
    try:
        done = subprocess.run(
            command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, timeout=60
        )
        able = done.returncode == 0
    except (OSError, subprocess.SubprocessError):
        able = False
    return NOBODY if able else None


def _submission(root: Path, exercise: Exercise) -> Submission:
    """Return what was handed in."""
    learner, lesson = _learner(root), exercise.lesson
    try:
        return submission_of(learner, root / "submission", lesson)
    except NoSubmissions:
        words = f"There is no notebook in what you handed in. Hand in {lesson}.ipynb."
        return Submission(learner, "", problem=words)


def _learner(root: Path) -> str:
    """Return who handed in, as Gradescope says it: the e-mail addresses, or the submission's id."""
    try:
        about = json.loads((root / "submission_metadata.json").read_text(encoding="utf-8"))
        users = [str(user.get("email") or user["id"]) for user in about["users"]]
        return "+".join(sorted(users)) or str(about["id"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "submission"


if __name__ == "__main__":
    sys.exit(main())
