"""The question bank: every exercise of the course, in order."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final

from course.exercises.question import Exercise, Question

LESSONS: Final = (1, 2, 3, 4, 5, 6)


@cache
def exercises() -> tuple[Exercise, ...]:
    """Return the exercises of all lessons.

    Examples
    --------
    >>> exercises()[0].lesson
    '01_losses'
    """
    return tuple(import_module(f"course.exercises.lesson_{n}").EXERCISE for n in LESSONS)


@cache
def questions() -> dict[str, Question]:
    """Return every question by the name of its function.

    Examples
    --------
    >>> questions()["mse"].parameters
    ('y', 'y_hat')
    """
    return {q.name: q for exercise in exercises() for q in exercise.questions}
