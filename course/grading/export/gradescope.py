"""Gradescope: what an autograder answers for one submission, ``results.json``."""

from __future__ import annotations

import json
from typing import Any, Final

from course.grading.export.cells import number, plain_lines
from course.grading.export.sheet import ExportError
from course.grading.export.told import told
from course.grading.grader import Result

VISIBILITIES: Final = ("visible", "hidden", "after_due_date", "after_published")


def gradescope(result: Result, *, visibility: str = "visible") -> dict[str, Any]:
    """Return a result in Gradescope's format.

    Parameters
    ----------
    result
        Of one learner.
    visibility
        Who sees it when: ``visible``, ``hidden``, ``after_due_date`` or ``after_published``. What
        the autograder prints is for the instructor only.

    Examples
    --------
    >>> from course.grading.grader import Mark
    >>> mark = Mark("mse", 1.0, 2, "wrong", ("There is no mean.",))
    >>> answer = gradescope(Result("ada", "01_losses", (mark,), "bubblewrap", ""))
    >>> answer["score"], answer["tests"][0]["status"], answer["tests"][0]["output"]
    (1, 'failed', 'There is no mean.')
    """
    if visibility not in VISIBILITIES:
        raise ExportError(f"visibility is {visibility!r}; it can be {', '.join(VISIBILITIES)}")
    return {
        "score": number(result.points),
        "execution_time": number(result.seconds),
        "output": "\n".join(plain_lines(note) for note in result.notes),
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": mark.question,
                "score": number(mark.points),
                "max_score": mark.worth,
                "status": "passed" if mark.points == mark.worth else "failed",
                "output": told(mark),
                "visibility": visibility,
            }
            for mark in result.marks
        ],
        "extra_data": {
            "learner": result.learner,
            "exercise": result.exercise,
            "sandbox": result.sandbox,
            "submission": result.submission,
        },
    }


def results_json(result: Result, *, visibility: str = "visible") -> bytes:
    """Return a result as the bytes of ``results.json``."""
    answer = gradescope(result, visibility=visibility)
    # escaped beyond ASCII: no reader can stumble over a broken character
    return (json.dumps(answer, indent=1) + "\n").encode("ascii")


def read(data: bytes) -> tuple[str, dict[str, float]]:
    """Return the learner, and the points of each question, of a ``results.json`` of ours."""
    answer = json.loads(data)
    return answer["extra_data"]["learner"], {t["name"]: t["score"] for t in answer["tests"]}
