"""Why a person should look at a result: what only the machine saw, and a learner could dispute."""

from __future__ import annotations

from course.grading.export.cells import plain
from course.grading.grader import Mark, Result


def reasons(result: Result) -> tuple[str, ...]:
    """Return why somebody should look at a result; nothing for most.

    Examples
    --------
    >>> stopped = Mark("mse", 0.0, 2, "stopped", ("It had not come back after 5 seconds.",))
    >>> reasons(Result("ada", "01_losses", (stopped,), "none", ""))
    ('mse: It had not come back after 5 seconds.',)
    """
    found = [plain(note) for note in result.notes]
    found += [
        f"{mark.question}: {plain(mark.lines[0]) if mark.lines else 'stopped'}"
        for mark in result.marks
        if mark.status == "stopped"
    ]
    if not found and result.marks and all(mark.status == "missing" for mark in result.marks):
        found.append("none of the functions asked for is in the notebook")
    return tuple(found)


def told(mark: Mark) -> str:
    """Return what a mark says to the learner, as plain text."""
    return plain("\n".join(mark.lines))
