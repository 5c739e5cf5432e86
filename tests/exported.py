"""Results to export: marks that differ, learners whose names are traps, words that are hostile."""

from __future__ import annotations

import random

from course.exercises.bank import exercises
from course.exercises.question import Exercise
from course.grading.grader import Mark, Result

EXERCISE = exercises()[0]
HOSTILE = "<script>alert(1)</script>\x1b[2J =1+1"


def result(learner: str, shares: dict[str, float] | None = None, **more: object) -> Result:
    """Return a result that earns a share of each question's points, all of them by default."""
    marks = []
    for question in EXERCISE.questions:
        share = (shares or {}).get(question.name, 1.0)
        lines = () if share == 1 else (HOSTILE,)
        status = "right" if share == 1 else "wrong"
        points = round(question.points * share, 2)
        marks.append(Mark(question.name, points, question.points, status, lines))
    return Result(learner, EXERCISE.lesson, tuple(marks), "bubblewrap", "ab12", 0.25, **more)


def answered(exercise: Exercise, learner: str, seed: int) -> Result:
    """Return a result of any exercise, with shares of the points drawn from a seed."""
    draw = random.Random(f"{exercise.lesson} {seed}").choice
    marks = tuple(
        Mark(q.name, round(q.points * draw([0, 0.25, 1 / 3, 0.5, 1]), 2), q.points, "wrong", ("x",))
        for q in exercise.questions
    )
    return Result(learner, exercise.lesson, marks, "none", "ab12")


def points(results: list[Result]) -> dict[str, dict[str, float]]:
    """Return the points of each question, by learner."""
    return {r.learner: {mark.question: mark.points for mark in r.marks} for r in results}


FIRST, SECOND = (question.name for question in EXERCISE.questions[:2])
RESULTS = [
    result("ada"),
    result("alan", {FIRST: 0.5, SECOND: 0}),
    result("=cmd|' /C calc'!A0", {FIRST: 0.33}),
    result("'=quoted", {SECOND: 0.25}),
    result("-1", {FIRST: 0}),
    result('Zoë, "the\nsecond"', {FIRST: 0.1}, notes=(f"Code cell 3 stops with {HOSTILE}",)),
    result("../../etc", {FIRST: 0.75}),
]
