"""Lesson 1: its explorers at every extreme, its published numbers, its answers."""

import itertools
import math

import numpy as np
import pytest

from course.activations import identity, sigmoid
from course.explorers import losses as lesson
from course.explorers.controls import Slider
from course.losses import (
    bce,
    bce_with_logits,
    cross_entropy,
    half_squared_error,
    mae,
    mse,
    softmax,
)
from course.neuron import neuron
from course.numeric import numeric_gradient

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
    assert "has a corner" in one.summary
    assert ("subgradient" in one.summary) == (scale == "probability p")
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
    assert "in no epoch shown with it" in lesson.SlowDown(w=5.0, b=5.0).summary
    assert "already" in lesson.SlowDown(w=-5.0, b=-5.0).summary


# --------------------------------------------------------------- what the text says
RNG = np.random.default_rng(1)


def test_a_metric_or_not():
    a, b, c = RNG.normal(size=(3, 500, 4))
    for one, two, three in zip(a, b, c, strict=True):
        assert mae(one, three) <= mae(one, two) + mae(two, three) + 1e-12
        assert mse(one, three) ** 0.5 <= mse(one, two) ** 0.5 + mse(two, three) ** 0.5 + 1e-12
    assert sum(mse(x, z) > mse(x, y) + mse(y, z) for x, y, z in zip(a, b, c, strict=True)) > 10


def test_likelihoods():
    y, p, s = RNG.normal(size=5), RNG.normal(size=5), 0.7
    gauss = np.exp(-((y - p) ** 2) / (2 * s**2)) / (s * math.sqrt(2 * math.pi))
    laplace = np.exp(-np.abs(y - p) / s) / (2 * s)
    assert -np.log(gauss).sum() == pytest.approx(
        5 / (2 * s**2) * mse(y, p) + 5 * math.log(s * math.sqrt(2 * math.pi))
    )
    assert -np.log(laplace).sum() == pytest.approx(5 / s * mae(y, p) + 5 * math.log(2 * s))
    t, q = np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.7, 0.99])
    assert -np.log(q**t * (1 - q) ** (1 - t)).mean() == pytest.approx(bce(t, q))


def test_subgradients_are_the_numbers_from_minus_one_to_one():
    e = np.linspace(-2, 2, 401)
    for g in np.linspace(-2, 2, 81):
        assert (g * e <= np.abs(e) + 1e-12).all() == (abs(g) <= 1 + 1e-9)


def test_the_mae_of_our_data_has_slope_zero_nowhere():
    y = np.array([1.0, 2.0, 3.0, 4.0, 100.0])
    places = np.setdiff1d(np.linspace(-20, 120, 1405), y)
    slopes = np.array([mae.gradient(y, np.full(5, c)).sum() for c in places])
    assert np.abs(slopes).min() == pytest.approx(0.2)
    assert (np.sign(slopes) == np.sign(places - 3)).all()


def test_a_constant_factor_rescales_the_rate_and_moves_no_minimum():
    y, start = RNG.normal(size=(2, 6))
    for c in (0.1, 0.5, 7.0):
        a = b = start
        for _ in range(30):
            a = a - 0.3 * mse.gradient(y, a)
            b = b - 0.3 / c * (c * mse.gradient(y, b))
        np.testing.assert_allclose(a, b, rtol=1e-12)
        grid = np.linspace(-3, 3, 601)
        values = np.array([mse(y, np.full(6, v)) for v in grid])
        assert values.argmin() == (c * values).argmin()


def test_the_least_cross_entropy_is_the_entropy_and_positive_unless_the_label_is_hard():
    p = np.linspace(0.001, 0.999, 999)
    for y in (0.0, 0.01, 0.3, 0.5, 0.77, 1.0):
        cost = bce.terms(y, p)[0]
        assert p[cost.argmin()] == pytest.approx(np.clip(y, 0.001, 0.999))
        entropy = bce(y, y)
        assert entropy <= cost.min() + 1e-12
        assert (entropy > 0.05) == (0 < y < 1)
    # at the edge the slope is not zero
    assert bce.gradient(1.0, 1 - 1e-9) == pytest.approx(-1)
    assert bce.gradient(0.0, 1e-9) == pytest.approx(1)


def test_no_prediction_costs_less_than_the_entropy_of_a_distribution():
    for y in RNG.dirichlet(np.ones(4), size=20):
        entropy = -(y * np.log(y)).sum()
        assert cross_entropy([y], [np.log(y)]) == pytest.approx(entropy)
        for z in RNG.normal(size=(20, 4)):
            assert cross_entropy([y], [z]) > entropy


def test_hard_labels_have_a_floor_above_their_entropy_which_their_mean_gives():
    grid = np.linspace(0.001, 0.999, 999)
    for labels in (np.repeat([1.0, 0.0], [3, 7]), np.array([1.0, 0.0, 1.0, 1.0])):
        share, n = labels.mean(), len(labels)
        assert bce(labels, labels) < 1e-12
        for loss in (bce, mse):
            costs = [loss(labels, np.full(n, p)) for p in grid]
            assert grid[np.argmin(costs)] == pytest.approx(share)
        assert bce(labels, np.full(n, share)) == pytest.approx(bce(share, share))
    assert round(bce(0.3, 0.3), 4) == 0.6109


def test_the_stable_form_is_right_up_to_rounding_and_no_further():
    epsilon = np.finfo(float).eps
    for z in (*np.linspace(0, 60, 121), 300.0, 1e3, 1e6):
        right, wrong = math.log1p(math.exp(-z)), z + math.log1p(math.exp(-z))
        for label, at, true in ((1.0, z, right), (0.0, z, wrong), (0.0, -z, right)):
            assert abs(bce_with_logits(label, at) - true) <= epsilon * (1 + z)
    assert bce_with_logits(1.0, 40.0) == 0 < bce_with_logits(0.0, -40.0) < epsilon


def test_equal_first_steps_leave_the_squared_error_waiting_further_out():
    def first(start, rate, kind):
        run = lesson.SlowDown(**start, learning_rate=rate).record[kind]
        below = sigmoid(run.points.sum(axis=1)) < 0.5
        return int(below.argmax()) if below.any() else math.inf

    a = float(sigmoid(1.5))
    assert 0.15 / (a * (1 - a)) == pytest.approx(1.0, abs=0.01)
    near, far, further = (
        {"w": 0.6, "b": 0.9},
        {"w": 2.0, "b": 2.0},
        {"w": 5.0, "b": 5.0},
    )
    waits = [(first(s, 1.0, 0), first(s, 0.15, 1)) for s in (near, far, further)]
    assert waits == [(6, 8), (36, 17), (math.inf, 37)]


def test_two_classes_are_one_sigmoid():
    for z in (-3.0, 0.0, 1.7):
        assert softmax([0.0, z])[1] == pytest.approx(float(sigmoid(z)))
        assert cross_entropy([[0.0, 1.0]], [[0.0, z]]) == pytest.approx(bce(1.0, float(sigmoid(z))))


def test_where_the_sigmoid_rounds_to_one():
    edge = 53 * math.log(2)
    assert round(edge, 2) == 36.74
    for z, rounded in ((edge - 1e-3, False), (edge + 1e-3, True), (40.0, True)):
        assert (1 / (1 + np.exp(-z)) == 1) == rounded
    # on paper neither 0 nor 1 is ever reached
    assert math.exp(-700) / (1 + math.exp(-700)) > 0


def test_the_clamps_of_the_table():
    assert round(bce(1.0, 0.0), 2) == round(bce(0.0, 1.0), 2) == 36.04
    one, zero = np.float32(1), np.float32(0)
    assert round(bce(one, zero), 2) == round(bce(zero, one), 2) == 15.94
    assert round(-math.log(1e-12), 2) == round(-math.log(1 - (1 - 1e-12)), 2) == 27.63
    assert np.float32(1 - 1e-12) == one  # that clamp keeps no float32 from 1
    keras = one - np.float32(1e-7)
    assert keras == 1 - 2.0**-23
    assert (round(-math.log(1e-7), 2), round(-math.log(1 - float(keras)), 2)) == (16.12, 15.94)
    for kind in (np.float64, np.float32):
        near = np.nextafter(kind(1) - np.finfo(kind).eps, kind(1))
        assert near < 1
        assert np.nextafter(near, kind(1)) == 1
    assert {round(bce(1.0, float(sigmoid(z))), 2) for z in (-40.0, -700.0)} == {36.04}


def test_the_sigmoids_derivative():
    z = np.linspace(-30, 30, 241)
    a = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(np.exp(-z) / (1 + np.exp(-z)) ** 2, a * (1 - a), atol=1e-15)
    np.testing.assert_allclose(a * (1 - a), 0.25 - (a - 0.5) ** 2, atol=1e-15)
    np.testing.assert_allclose(
        numeric_gradient(lambda v: (1 / (1 + np.exp(-v))).sum(), z), a * (1 - a), atol=1e-8
    )
    assert (a * (1 - a)).max() == 0.25 == a[120] * (1 - a[120])
    assert z[120] == 0


def test_the_push_of_the_squared_error_falls_above_two_thirds():
    a = np.linspace(0.01, 0.999, 990)
    z = np.log(a / (1 - a))
    theta = np.column_stack([z, np.zeros_like(z)])
    weak = neuron(sigmoid, half_squared_error).gradient(theta)[:, 1]
    strong = neuron(identity, bce_with_logits).gradient(theta)[:, 1]
    np.testing.assert_allclose(weak, a * a * (1 - a), rtol=1e-9)
    np.testing.assert_allclose(strong, a, rtol=1e-9)
    assert a[weak.argmax()] == pytest.approx(2 / 3, abs=1e-3)
    assert (np.diff(strong) > 0).all()
    np.testing.assert_allclose(strong / weak, 1 / (a * (1 - a)), rtol=1e-9)
    assert (strong / weak).min() >= 4
    assert strong[-1] / weak[-1] > 900


@pytest.mark.parametrize("rate", [0.15, 1.0, 3.0])
def test_a_larger_rate_leaves_a_worse_start_waiting(rate):
    def waits(start):
        run = lesson.SlowDown(w=start, b=start, learning_rate=rate).record.quadratic
        below = sigmoid(run.points.sum(axis=1)) < 0.5
        return int(below.argmax()) if below.any() else math.inf

    waiting = [waits(start) for start in (0.5, 1.0, 2.0, 3.0, 5.0)]
    assert waiting == sorted(waiting)
    assert waiting[2] < math.inf
    assert waiting[-1] == math.inf


def test_softmax_twice_can_learn_but_not_below_its_floor():
    y, z = np.eye(3)[[0, 2, 1, 1]], RNG.normal(size=(4, 3))

    def loss(v):
        return cross_entropy(y, softmax(v))

    for _ in range(150):
        p = softmax(z)
        outer = cross_entropy.gradient(y, p)
        z = z - 5 * p * (outer - (p * outer).sum(axis=1, keepdims=True))
    assert (z.argmax(axis=1) == y.argmax(axis=1)).all()
    assert loss(1000 * y) == pytest.approx(-math.log(math.e / (math.e + 2)))
    assert loss(z) > -math.log(math.e / (math.e + 2))
    ten = np.eye(10)
    assert cross_entropy(ten, softmax(1000 * ten)) == pytest.approx(1.4612, abs=5e-5)


def test_softmax_twice_is_blocked_once():
    z, y = np.array([8.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    p = softmax(z)
    outer, inner = softmax(p) - y, np.diag(p) - np.outer(p, p)
    np.testing.assert_allclose(outer, [0.58, -0.79, 0.21], atol=5e-3)
    assert np.abs(inner).max() < 7e-4
    np.testing.assert_allclose(
        inner @ outer, numeric_gradient(lambda v: cross_entropy([y], [softmax(v)]), z), atol=1e-9
    )
    np.testing.assert_allclose(cross_entropy.gradient([y], [z])[0], [1, -1, 0], atol=1e-3)
    told = lesson.certain_and_wrong()
    np.testing.assert_allclose(told["mended"], [1, -1, 0], atol=1e-3)
    np.testing.assert_allclose(told["as above"], inner @ outer, atol=1e-12)
    np.testing.assert_allclose(told["∂loss/∂p"], outer, atol=1e-12)
    for s in (0, 5):
        assert lesson.mended_loss(s) == pytest.approx(math.log(math.exp(s) + 9) - s)


def test_one_nan_spoils_a_sum_even_times_zero():
    slopes, inputs = np.array([0.1, np.nan]), np.array([[1.0, 2.0], [3.0, 0.0]])
    assert np.isnan((slopes[:, np.newaxis] * inputs).sum(axis=0)).all()


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


def test_the_right_letters_differ():
    letters = [a for a in (getattr(lesson, name)() for name in ANSWERS) if a.kind == "choice"]
    assert sorted(question.answer for question in letters) == [0, 1, 2, 3]


def test_what_the_reasons_say():
    price = [float(bce(1.0, p)) for p in (0.1, 0.01, 0.001)]
    np.testing.assert_allclose(np.diff(price), math.log(10))
    squared = [round(mse(1.0, p), 2) for p in (0.1, 0.01)]
    assert squared == [0.81, 0.98]
    assert mse.terms(1.0, np.linspace(0, 1, 101))[0].max() == 1
    medians = [lesson.Outlier(outlier=v).record.medians[0] for v in (120.0, 3.0, 2.5, 1.0, -20.0)]
    assert medians == [3, 3, 2.5, 2, 2]
    means = [lesson.Outlier(outlier=v).record.mean for v in (100.0, 105.0)]
    assert means == [22, 23]
    assert round(math.e / (math.e + 9), 3) == 0.232
    assert not np.isnan(softmax(1000 * np.eye(10))).any()
    scaled = [cross_entropy(np.eye(10), softmax(s * np.eye(10))) for s in (100.0, 1000.0)]
    assert min(scaled) > 1.46


def test_every_question_keeps_a_key_of_its_own():
    keys = [getattr(lesson, name)().key for name in ANSWERS]
    assert len(set(keys)) == len(keys)
    assert all(key.startswith("01/") for key in keys)
