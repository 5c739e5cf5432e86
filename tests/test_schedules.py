"""Schedules: values by hand, shapes, and rules that take one as their learning rate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.descent import descend
from course.optimizers import RULES, GradientDescent
from course.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    InverseSquareRoot,
    InverseTime,
    StepDecay,
    WarmUp,
)
from course.surfaces import quadratic

every_schedule = pytest.mark.parametrize("kind", SCHEDULES, ids=lambda kind: kind.__name__)


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        (Constant(0.5), [0.5, 0.5, 0.5, 0.5, 0.5]),
        (StepDecay(1.0, factor=0.1, every=2), [1, 1, 0.1, 0.1, 0.01]),
        (Exponential(2.0, decay=0.5), [2, 1, 0.5, 0.25, 0.125]),
        (InverseTime(1.0, decay=1.0), [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]),
        (InverseSquareRoot(1.0), [1, 0.5**0.5, 3**-0.5, 0.5, 5**-0.5]),
        (Cosine(1.0, steps=4, final=0.5), [1, 0.75 + 0.25 / 2**0.5, 0.75, 0.5732233047, 0.5]),
        (WarmUp(1.0, steps=2), [0.5, 1, 1, 1, 1]),
        (WarmUp(1.0, steps=2, then=Exponential(1.0, decay=0.5)), [0.5, 1, 1, 0.5, 0.25]),
    ],
    ids=lambda x: type(x).__name__,
)
def test_rates_by_hand(schedule, rates):
    assert schedule(np.arange(5)) == pytest.approx(rates, rel=1e-9)
    assert [schedule(t) for t in range(5)] == pytest.approx(rates, rel=1e-9)


@every_schedule
@given(rate=st.floats(1e-6, 1e3), t=st.integers(0, 10**6))
def test_rates_are_floats_from_zero_to_the_largest(kind, rate, t):
    schedule = kind(rate)
    assert type(schedule(t)) is float
    assert 0 <= schedule(t) <= rate * (1 + 1e-12)
    assert schedule(t) == schedule(t)


@every_schedule
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_takes_every_schedule(kind, rule):
    path = descend(quadratic([1.0, 2.0]), rule(kind(0.1)), [1.0, -1.0], 50)
    assert path.values[-1] < path.values[0]
    assert [state.t for state in path.states] == list(range(51))


def test_update_t_uses_the_rate_of_t():
    schedule = Exponential(0.4, decay=0.5)
    theta, path = 1.0, descend(quadratic([1.0]), GradientDescent(schedule), [1.0], 4)
    for t in range(4):
        theta -= schedule(t) * theta
        assert path.points[t + 1, 0] == pytest.approx(theta, rel=1e-15)


def test_a_scheduled_rate_keeps_float32():
    rule = GradientDescent(Cosine(0.1, steps=5))
    theta, g = np.ones(2, np.float32), np.ones(2, np.float32)
    assert rule.step(theta, g, rule.initial_state(theta))[0].dtype == np.float32


def test_wrong_inputs_are_named():
    for wrong in (0, -1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="rate must be"):
            Constant(wrong)
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        Cosine(0.1, steps=0)
    with pytest.raises(TypeError, match="every must be a whole number, got 1.5"):
        StepDecay(0.1, every=1.5)
    with pytest.raises(ValueError, match="decay must be greater than 0"):
        Exponential(0.1, decay=-1)
    with pytest.raises(ValueError, match="final must be at least 0"):
        Cosine(0.1, final=-0.1)
    with pytest.raises(ValueError, match="t must be at least 0, got -1"):
        Constant(0.1)(-1)
    with pytest.raises(TypeError, match="then must be a Schedule, got 3"):
        WarmUp(0.1, then=3)
