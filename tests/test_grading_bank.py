"""The grader and the check agree: every answer of the bank gets its own mark in a process apart."""

from __future__ import annotations

import json
import textwrap

import pytest

from course.exercises.bank import exercises
from course.grading.grader import grade
from course.grading.sandbox import Warden
from course.grading.submission import Submission


@pytest.fixture(scope="module")
def warden():
    with Warden() as one:
        yield one


def handed_in(sources):
    sources = ["import math", *map(textwrap.dedent, sources)]
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return Submission("ada", "ada.ipynb", json.dumps({"cells": cells}).encode())


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.lesson)
def test_every_solution_earns_all_points(exercise, warden):
    result = grade(handed_in(q.solution for q in exercise.questions), exercise, warden, b"secret")
    assert {mark.question: mark.status for mark in result.marks} == {
        q.name: "right" for q in exercise.questions
    }
    assert result.points == exercise.points


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.lesson)
def test_every_alternative_earns_all_points(exercise, warden):
    most = max(len(q.alternatives) for q in exercise.questions)
    for k in range(most):
        chosen = [(q, q.alternatives[k]) for q in exercise.questions if k < len(q.alternatives)]
        result = grade(handed_in(source for _, source in chosen), exercise, warden, b"secret")
        marks = {mark.question: mark for mark in result.marks}
        for question, _ in chosen:
            assert marks[question.name].points == question.points, marks[question.name]


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.lesson)
def test_every_mistake_is_named_and_earns_its_credit(exercise, warden):
    questions = [q for q in exercise.questions if q.seconds < 30]  # a training takes its time
    for k in range(max(len(q.mistakes) for q in questions)):
        chosen = [(q, q.mistakes[k]) for q in questions if k < len(q.mistakes)]
        sources = [m.source or q.edited(*m.edits) for q, m in chosen]
        result = grade(handed_in(sources), exercise, warden, b"secret")
        marks = {mark.question: mark for mark in result.marks}
        for question, mistake in chosen:
            mark = marks[question.name]
            assert mark.mistakes == (mistake.name,), (question.name, mistake.name, mark)
            assert mark.points == pytest.approx(mistake.credit * question.points, abs=0.006)


def test_a_mistake_made_only_on_the_shared_inputs_earns_nothing(warden):
    """Whoever knows the public inputs can pretend a near miss there; the hidden ones decide."""
    exercise = exercises()[0]
    question = exercise.questions[0]
    (near,) = (m for m in question.mistakes if m.name == "no 1/N")
    assert near.credit > 0
    from course.exercises.bench import bench

    public = [args[0].tolist() for args in bench(question).inputs]
    cheat = (
        f"public = {public}\n\n\n"
        + question.edited(*near.edits).replace("def mse(", "def near(")
        + "\n\ndef mse(y, y_hat):\n"
        "    return near(y, y_hat) if y.tolist() in public else 42.0\n"
    )
    result = grade(handed_in([cheat]), exercise, warden, b"secret")
    mark = next(mark for mark in result.marks if mark.question == "mse")
    assert mark.points == 0
