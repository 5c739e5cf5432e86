"""Lesson 1: its explorers at every extreme, its published numbers, its answers."""

import itertools
import math

import numpy as np
import pytest

from course.activations import sigmoid
from course.explorers import losses as lesson
from course.explorers.controls import Slider
from course.losses import bce, mae, mse

EXPLORERS = [lesson.OnePrediction, lesson.Outlier, lesson.SlowDown]


def extremes(explorer):
    """Return each combination of the lowest, the middle and the highest value of the controls."""
    choices = []
    for dial in explorer.dials:
        if isinstance(dial, Slider):
            choices.append((dial.low, dial.value, dial.high))
        else:
            choices.append(getattr(dial, "options", (False, True)))
    names = [dial.name for dial in explorer.dials]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*choices)]


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_every_extreme_shows_something_true(explorer):
    one = explorer()
    for values in extremes(explorer):
        one.value = values
        assert one.alert == ""
        assert one.summary
        words = one.text.lower()
        assert "nan" not in words
        assert "inf" not in words
        assert len(one.buffer) < 60_000
        for mark in one._view.marks:
            assert not np.isinf(mark.data).any()
            assert np.isfinite(mark.data).any()


@pytest.mark.parametrize("explorer", EXPLORERS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_saved_picture(explorer, theme):
    assert explorer().picture(theme).startswith(b"\x89PNG")


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_every_handle_moves_by_pointer_and_by_key_and_reset_comes_back(explorer):
    for grip in explorer.grips:
        one = explorer()
        home, text = one.value, one.text
        one.react({"type": "nudge", "name": grip.name, "dx": 3, "dy": 0})
        nudged = one.value
        assert nudged != home
        one.react({"type": "drag", "name": grip.name, "x": 0.3, "y": 0.1})
        assert one.value not in (home, nudged)
        for far in (-1e9, 1e9):  # the Home and End keys
            one.react({"type": "nudge", "name": grip.name, "dx": far, "dy": 0})
            assert one.alert == ""
        one.react({"type": "reset"})
        assert one.value == home
        assert one.text == text


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_stays_shut_until_the_prediction_is_locked(explorer):
    question = lesson.ask_for_the_price()
    one = explorer(after=question)
    assert one.veil
    question.answer_with(1.0)
    assert not one.veil


# ------------------------------------------------------------------- one prediction
def test_slopes_are_those_of_the_curves():
    one = lesson.OnePrediction(y=0.3, p=0.2)
    np.testing.assert_allclose(one.record.at, [mse(0.3, 0.2), mae(0.3, 0.2), bce(0.3, 0.2)])
    np.testing.assert_allclose(one.record.slope_at, [-0.2, -1, -0.1 / 0.16])
    one.value = {"scale": "logit z"}
    # the same losses; slopes times p (1 − p)
    np.testing.assert_allclose(one.record.at, [mse(0.3, 0.2), mae(0.3, 0.2), bce(0.3, 0.2)])
    np.testing.assert_allclose(one.record.slope_at, [-0.032, -0.16, -0.1])


def test_a_drag_on_the_logit_axis_sets_the_probability():
    one = lesson.OnePrediction(scale="logit z")
    one.react({"type": "drag", "name": "prediction", "x": 1.0, "y": 0.0})
    assert one.value["p"] == round(float(sigmoid(1.0)), 5)
    one.react({"type": "nudge", "name": "prediction", "dx": 2, "dy": 0})
    assert one.value["p"] == pytest.approx(float(sigmoid(1.1)), abs=1e-5)


@pytest.mark.parametrize("scale", ["probability p", "logit z"])
@pytest.mark.parametrize("y", [0.3, 0.5, 0.95])
def test_the_corner_of_the_absolute_error_is_named(scale, y):
    one = lesson.OnePrediction(y=y, p=y, scale=scale)
    assert "subgradient" in one.summary
    assert one.record.slope_at[1] == 0


@pytest.mark.parametrize(("scale", "edge"), [("probability p", 1.0), ("logit z", 0.25)])
def test_the_subgradients_fill_the_gap_between_the_slopes(scale, edge):
    one = lesson.OnePrediction(y=0.5, p=0.5, scale=scale)
    (gap,) = [m for m in one._view.marks if m.panel == "slope" and m.role == "gradient"]
    np.testing.assert_allclose(gap.data[:, 1], [-edge, edge])


# ------------------------------------------------------------------------- outlier
def test_mean_22_and_median_3():
    r = lesson.Outlier().record
    assert r.mean == 22
    assert r.medians == (3, 3)
    assert r.c[r.mae.argmin()] == 3
    assert abs(r.c[r.root_mse.argmin()] - 22) < 0.5


@pytest.mark.parametrize("outlier", [-20.0, 2.5, 120.0])
def test_the_slopes_are_those_of_the_text(outlier):
    r = lesson.Outlier(outlier=outlier, c=7.0).record
    assert r.slopes[0] == pytest.approx(2 * (7 - r.y.mean()))
    assert r.slopes[1] == pytest.approx(((r.y < 7).sum() - (r.y > 7).sum()) / 5)


def test_an_even_number_of_points_has_a_flat_floor():
    one = lesson.Outlier(even=True)
    assert one.record.medians == (2, 4)
    assert "any c from 2 to 4" in one.summary
    inside = (one.record.c >= 2) & (one.record.c <= 4)
    assert np.ptp(one.record.mae[inside]) < 1e-12


# ----------------------------------------------------------------------- slow-down
@pytest.mark.parametrize(
    ("start", "first", "last"), [((0.6, 0.9), 0.82, 0.09), ((2.0, 2.0), 0.98, 0.20)]
)
def test_published_outputs(start, first, last):
    # Nielsen (2015), chapter 3
    w, b = start
    record = lesson.SlowDown(w=w, b=b).record
    outputs = sigmoid(record.quadratic.points.sum(axis=1))
    assert round(float(outputs[0]), 2) == first
    assert round(float(outputs[-1]), 2) == last
    assert sigmoid(record.entropy.points[-1].sum()) < 0.02


def test_the_neuron_steps_by_hand():
    w, b = 2.0, 2.0
    for _ in range(300):
        a = 1 / (1 + math.exp(-(w + b)))
        delta = a * a * (1 - a)
        w, b = w - 0.15 * delta, b - 0.15 * delta
    np.testing.assert_allclose(lesson.SlowDown().record.quadratic.points[-1], [w, b], rtol=1e-10)


def test_a_stall_is_named():
    assert "in none of these epochs with it" in lesson.SlowDown(w=5.0, b=5.0).summary
    assert "already" in lesson.SlowDown(w=-5.0, b=-5.0).summary


# ------------------------------------------------------------------------- questions
ANSWERS = {
    "ask_for_the_price": -math.log(0.01),
    "ask_about_the_outlier": 0,
    "ask_about_scaling": 0.1 / 50,
    "ask_about_soft_labels": 3,
    "ask_about_the_start": 1,
    "ask_for_the_bug": 2,
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name):
    question = getattr(lesson, name)()
    assert question.answer == pytest.approx(ANSWERS[name], abs=1e-4)
    assert question.answer_with(question.answer).startswith("Right.")


def test_every_question_is_tested():
    assert {name for name in lesson.__all__ if name.startswith("ask")} == set(ANSWERS)
