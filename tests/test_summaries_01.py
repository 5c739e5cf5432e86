"""Lesson 1: what its explorers say is true of what they show, over the whole range of controls."""

import itertools
import math
import re

import numpy as np
import pytest

from course.explorers import losses as lesson
from course.explorers.controls import Slider


def settings(explorer, many):
    """Return each combination of extremes, and a seeded random sample of values between them."""
    rng = np.random.default_rng(1)
    ends, draws = [], []
    for dial in explorer.dials:
        if isinstance(dial, Slider):
            ends.append((dial.low, dial.high))
            low, high = (math.log(end) if dial.scale == "log" else end for end in ends[-1])
            drawn = rng.uniform(low, high, many)
            drawn = np.exp(drawn) if dial.scale == "log" else drawn
            drawn = np.clip(np.round(drawn / dial.step) * dial.step, dial.low, dial.high)
            draws.append([float(v) for v in drawn])
        else:
            options = getattr(dial, "options", (False, True))
            ends.append(options)
            draws.append([options[i] for i in rng.integers(len(options), size=many)])
    names = [dial.name for dial in explorer.dials]
    rows = [*itertools.product(*ends), *zip(*draws, strict=True)]
    return [dict(zip(names, row, strict=True)) for row in rows]


def number(pattern, words):
    """Return the number that a pattern finds in words."""
    return float(re.search(pattern, words)[1].replace("−", "-"))


# ------------------------------------------------------------------- one prediction
def entropy_of(y, p):
    return -y * math.log(p) - (1 - y) * math.log(1 - p)


def test_one_prediction_tells_its_losses_and_what_leaves_the_picture():
    one = lesson.OnePrediction()
    for values in settings(lesson.OnePrediction, 120):
        one.value = values
        y, p, words = values["y"], values["p"], one.summary
        cost = entropy_of(y, p)
        assert number(r"Squared error ([\d.]+),", words) == pytest.approx((p - y) ** 2, abs=6e-5)
        assert number(r"absolute error ([\d.]+),", words) == pytest.approx(abs(p - y), abs=6e-5)
        assert number(r"cross-entropy (\d+\.\d{4})", words) == pytest.approx(cost, abs=6e-5)
        on_target = math.isclose(p, y, abs_tol=1e-9)
        assert ("a corner" in words) == on_target
        # as a function of z the absolute error is not convex
        assert ("subgradient" in words) == (on_target and values["scale"] == "probability p")
        if values["scale"] == "logit z" and not on_target:
            times = number(r"pushes z ([\d.e+]+) times", words)
            assert times == pytest.approx(1 / (2 * p * (1 - p)), rel=6e-3)
        elif not on_target:
            steep = abs(p - y) / (p * (1 - p)) > 6
            assert ("slope" in words) == steep
            assert ("value" in words) == (cost > 4)


@pytest.mark.parametrize("y", [0.05 * k for k in range(1, 20)])
def test_a_target_is_met_whatever_the_last_bits(y):
    for p in (y, round(y, 2), np.nextafter(y, 1), np.nextafter(y, 0)):
        one = lesson.OnePrediction(y=y, p=float(p))
        assert "a corner" in one.summary
        assert one.record.slope_at[1] == 0
        one.value = one.value | {"scale": "logit z"}
        assert f"from −{y * (1 - y):.4f} to {y * (1 - y):.4f}, and we take 0" in one.summary


# -------------------------------------------------------------------------- outlier
def test_the_outlier_names_the_least_constants():
    one = lesson.Outlier()
    for values in settings(lesson.Outlier, 60):
        one.value = values
        y = np.array([1.0, 2.0, *([] if values["even"] else [3.0]), 4.0, values["outlier"]])
        grid = np.linspace(-20, 120, 2801)[:, np.newaxis]  # every 0.05: all data are on it
        square, absolute = ((grid - y) ** 2).mean(axis=1), np.abs(grid - y).mean(axis=1)
        words = one.summary
        mean = number(r"least at the mean, ([−\d.]+);", words)
        assert ((y - mean) ** 2).mean() <= square.min() + 1e-9
        if "any c from" in words:
            low, high = number(r"from ([−\d.]+) to", words), number(r" to ([−\d.]+)\. At", words)
            assert low < high
        else:
            low = high = number(r"at the median, ([−\d.]+)\.", words)
        best = grid[absolute < absolute.min() + 1e-9, 0]
        assert (best.min(), best.max()) == pytest.approx((low, high))
        assert number(r"√MSE ([\d.]+),", words) == pytest.approx(
            math.sqrt(((values["c"] - y) ** 2).mean()), abs=6e-3
        )


def test_the_outlier_calls_a_slope_what_is_one():
    one = lesson.Outlier()
    for values in settings(lesson.Outlier, 50):
        one.value = values
        c, y = values["c"], one.record.y

        def loss(c, y=y):
            return np.abs(c - y).mean()

        left, right = ((loss(c + h) - loss(c)) / h for h in (-1e-6, 1e-6))
        told = number(r"\(below − above\)/N = ([−\d.]+)", one.text)
        corner = abs(left - right) > 1e-6
        assert ("a subgradient" in one.text) == corner
        assert left - 6e-3 <= told <= right + 6e-3


# ------------------------------------------------------------------------ slow-down
def outputs(w, b, rate, with_entropy, epochs):
    """Return the outputs of one neuron, stepped by hand."""
    z, out = w + b, []
    for _ in range(epochs + 1):
        a = 1 / (1 + math.exp(-z))
        out.append(a)
        # both parameters take the same step, since x = 1
        z -= 2 * rate * (a if with_entropy else a * a * (1 - a))
    return np.array(out)


def test_the_slow_down_tells_its_own_runs():
    one = lesson.SlowDown()
    for values in settings(lesson.SlowDown, 24):
        one.value = values
        words = one.summary
        runs = [outputs(*values.values(), with_entropy, 3000) for with_entropy in (False, True)]
        told = [
            number(r"starts at ([\d.]+\d)\.", words),
            number(r"it is ([\d.]+) with the squared", words),
            number(r"error and ([\d.]+\d) with the cross-entropy\.", words),
        ]
        true = [runs[0][0], runs[0][300], runs[1][300]]
        assert told == pytest.approx(true, abs=6e-4, rel=0.2)
        assert all(0 < value < 1 for value in told)
        if true[0] < 0.5:
            assert "right side of 0.5 already" in words
            assert all((run < 0.5).all() for run in runs)
            continue
        ratio = number(r"is 1/([\d.e+]+) as strong", words)
        assert ratio == pytest.approx(1 / (true[0] * (1 - true[0])), rel=6e-3)
        whens = re.search(r"below 0\.5 (.*?) with it, and (.*?) with the cross-entropy", words)
        for run, when in zip(runs, whens.groups(), strict=True):
            first = int((run < 0.5).argmax()) if (run[:301] < 0.5).any() else None
            assert when == ("in no epoch shown" if first is None else f"in epoch {first}")
            # once below, it stays there: ten times as long
            assert first is None or (run[first:] < 0.5).all()
