"""An answer that writes into its arguments, and is wrong besides, is told both."""

from __future__ import annotations

import numpy as np
import pytest

from course.exercises.diagnosis import examine
from course.exercises.outcome import Raised, Wrong
from course.exercises.question import Mistake, Question


def step(w, g):
    """Return the next w."""
    return w - g


STEP = Question(
    step,
    prompt="A step.",
    inputs=lambda rng: (rng.normal(size=3), rng.normal(size=3)),
    hints=("-",),
    mistakes=(
        Mistake("ascent", "You go uphill.", (("w - g", "w + g"),), credit=0.5),
        Mistake("half", "The step is too short.", (("w - g", "w - 0.9 * g"),)),
    ),
)


@pytest.mark.parametrize(("factor", "mistake"), [(1.0, "ascent"), (-0.9, "half")])
def test_a_catalogued_mistake_is_named_although_the_answer_works_in_place(factor, mistake):
    def answer(w, g):
        w += factor * g
        return w

    outcome = examine(STEP, answer)
    assert isinstance(outcome, Wrong)
    assert outcome.diagnosis.mistakes == (mistake,)
    assert outcome.diagnosis.credit == 0
    assert "changes its argument `w`" in outcome.text


def test_an_answer_that_is_right_but_for_working_in_place_is_told_just_that():
    def answer(w, g):
        w -= g
        return w

    assert examine(STEP, answer).diagnosis.family == "mutation"


def test_an_index_that_is_no_whole_number_is_explained():
    for index in (0.5, np.array([0.5])):
        outcome = examine(STEP, lambda w, g, index=index: w[index])
        assert isinstance(outcome, Raised)
        assert "whole number" in outcome.advice
    assert "beyond the end" in examine(STEP, lambda w, g: w[7]).advice
