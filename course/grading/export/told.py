"""What a mark says to a learner, as plain text."""

from __future__ import annotations

from course.grading.export.cells import plain_lines
from course.grading.grader import Mark


def told(mark: Mark) -> str:
    """Return what a mark says to the learner, as plain text."""
    return plain_lines("\n".join(mark.lines))
