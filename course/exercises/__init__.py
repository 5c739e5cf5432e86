"""Exercises: write it yourself, and be told which mistake your answer contains.

    check(f)      say whether the function f is right, and if not, which mistake it contains
    hint(f)       one hint after the other
    solution(f)   the published solution, after an attempt
    progress()    what is done, tried and next

The questions are found by the function's name. They are data, in `course.exercises.lesson_1` and
its neighbours, one file for each lesson.
"""

from course.exercises.desk import check, hint, progress, solution
from course.exercises.outcome import NotAttempted, Outcome, Raised, Right, Wrong

__all__ = [
    "NotAttempted",
    "Outcome",
    "Raised",
    "Right",
    "Wrong",
    "check",
    "hint",
    "progress",
    "solution",
]
