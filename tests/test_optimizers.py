"""Update rules: one step by hand for each, properties for all, published behaviour."""

import math
import re
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.descent import descend
from course.optimizers import (
    RULES,
    AdaGrad,
    Adam,
    AMSGrad,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
)
from course.surfaces import quadratic, rotated, two_valleys

every_rule = pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.__name__)

# θ = 1, α = 0.1, gradients 2 and then −1; each number follows the formula in the docstring.
BY_HAND = [
    (GradientDescent(0.1), 1 - 0.1 * 2, 0.8 - 0.1 * -1, ()),
    # v = 2, then 0.5 · 2 − 1 = 0
    (Momentum(0.1, beta=0.5), 1 - 0.1 * 2, 0.8 - 0.1 * 0, (0.0,)),
    # v = 2, θ moves by g + βv = 3; then v = 0, θ moves by −1 + 0.5 · 0
    (Nesterov(0.1, beta=0.5), 1 - 0.1 * 3, 0.7 - 0.1 * -1, (0.0,)),
    # G = 4, then 5; ε = 1 shows that it stands outside the root
    (AdaGrad(0.1, epsilon=1), 1 - 0.2 / (2 + 1), 1 - 0.2 / 3 + 0.1 / (5**0.5 + 1), (5.0,)),
    # v = 0.75 · 0 + 0.25 · 4 = 1, then 0.75 · 1 + 0.25 · 1 = 1
    (RMSProp(0.1, decay=0.75, epsilon=1), 1 - 0.2 / 2, 0.9 + 0.1 / 2, (1.0,)),
    # m = 1, m̂ = 1 / 0.5 = 2; v = 1, v̂ = 1 / 0.25 = 4. Then m = 0.5 · 1 − 0.5 = 0, so θ rests
    (Adam(0.1, beta1=0.5, beta2=0.75, epsilon=1), 1 - 0.2 / 3, 1 - 0.2 / 3, (0.0, 1.0)),
    # m = 1, v = v_max = 1. Then m = 0
    (AMSGrad(0.1, beta1=0.5, beta2=0.75, epsilon=1), 1 - 0.1 / 2, 0.95, (0.0, 1.0, 1.0)),
]


@pytest.mark.parametrize(("rule", "first", "second", "memory"), BY_HAND, ids=lambda x: str(x)[:12])
def test_two_steps_by_hand(rule, first, second, memory):
    state = rule.initial_state([1.0])
    theta, state = rule.step([1.0], [2.0], state)
    assert theta == pytest.approx([first], rel=1e-14)
    theta, state = rule.step(theta, [-1.0], state)
    assert theta == pytest.approx([second], rel=1e-14)
    assert state.t == 2
    assert [float(x[0]) for x in state[1:]] == pytest.approx(memory)


def test_every_rule_was_computed_by_hand():
    assert tuple(type(row[0]) for row in BY_HAND) == RULES


def test_published_defaults():
    assert Momentum(0.1).beta == Nesterov(0.1).beta == 0.9
    assert (RMSProp(0.1).decay, RMSProp(0.1).epsilon) == (0.9, 1e-8)
    for kind in (Adam, AMSGrad):
        rule = kind(0.1)
        assert (rule.beta1, rule.beta2, rule.epsilon) == (0.9, 0.999, 1e-8)


@pytest.mark.parametrize("g", [0.001, -1000.0])
def test_first_step_of_adam_is_the_learning_rate(g):
    rule = Adam(0.1)
    theta, _ = rule.step([0.0], [g], rule.initial_state([0.0]))
    assert theta[0] == pytest.approx(-math.copysign(0.1, g), rel=1e-4)


def test_first_step_without_bias_correction():
    step = {}
    for rule in (RMSProp(1.0, decay=0.99), AMSGrad(1.0)):
        step[type(rule)] = rule.step([0.0], [5.0], rule.initial_state([0.0]))[0][0]
    assert step[RMSProp] == pytest.approx(-1 / math.sqrt(0.01), rel=1e-6)
    assert step[AMSGrad] == pytest.approx(-0.1 / math.sqrt(0.001), rel=1e-6)


def test_nesterov_is_the_original_look_ahead_method():
    """Sutskever et al. (2013), equations 3 and 4, run through the same points θ = φ + β u."""
    alpha, beta = 0.02, 0.9
    surface = quadratic([1.0, 10.0], angle=0.4)
    path = descend(surface, Nesterov(alpha, beta), [1.0, -1.5], 30)
    phi, u = np.array([1.0, -1.5]), np.zeros(2)
    for theta in path.points:
        np.testing.assert_allclose(theta, phi + beta * u, rtol=1e-10, atol=1e-13)
        u = beta * u - alpha * surface.gradient(phi + beta * u)
        phi = phi + u


def test_momentum_reaches_its_terminal_velocity():
    rule = Momentum(0.1, beta=0.75)
    state = rule.initial_state([0.0])
    for _ in range(200):
        _, state = rule.step([0.0], [3.0], state)
    assert state.v[0] == pytest.approx(3 / (1 - 0.75))


def test_gradient_descent_contracts_a_quadratic_by_one_minus_alpha_lambda():
    path = descend(quadratic([1.0, 10.0]), GradientDescent(0.15), [1.0, 1.0], 20)
    t = np.arange(21)
    np.testing.assert_allclose(path.points[:, 0], (1 - 0.15) ** t, rtol=1e-12)
    np.testing.assert_allclose(path.points[:, 1], (1 - 1.5) ** t, rtol=1e-12)


def test_amsgrad_mends_the_counterexample_of_adam():
    """Reddi et al. (2018), section 3: gradient C = 4 every third step, else −1, on [−1, 1]."""
    ends = {}
    for kind in (Adam, AMSGrad):
        rule = kind(0.01, beta1=1e-12, beta2=1 / (1 + 4**2))
        theta, state = np.array([0.0]), rule.initial_state([0.0])
        for t in range(6000):
            theta, state = rule.step(theta, np.array([4.0 if t % 3 == 0 else -1.0]), state)
            theta = np.clip(theta, -1, 1)
        ends[kind] = theta[0]
    assert ends[Adam] == pytest.approx(1, abs=0.05)  # the worst point
    assert ends[AMSGrad] == pytest.approx(-1, abs=0.05)  # the best one


@every_rule
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from([(), (1,), (3,), (2, 3), (2, 1, 3)]))
def test_steps_are_pure_and_keep_shape_and_dtype(kind, seed, shape):
    rng = np.random.default_rng(seed)
    dtype = rng.choice([np.float64, np.float32])
    rule = kind(0.1)
    theta, g = rng.normal(size=shape).astype(dtype), rng.normal(size=shape).astype(dtype)
    state = rule.initial_state(theta)
    _, state = rule.step(theta, g, state)
    before = [np.copy(x) for x in (theta, g, *state)]
    first, second = rule.step(theta, g, state), rule.step(theta, g, state)
    for x, y in zip((theta, g, *state), before, strict=True):
        assert np.array_equal(x, y)
    assert np.array_equal(first[0], second[0])
    for array in (first[0], *first[1][1:]):
        assert np.shape(array) == shape
        assert array.dtype == dtype
        assert not np.shares_memory(array, theta)
        assert not np.shares_memory(array, g)


@every_rule
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from([(1,), (3,), (2, 3)]))
def test_the_next_theta_can_be_written_over_the_gradient(kind, seed, shape):
    rng = np.random.default_rng(seed)
    theta, first, g = rng.normal(size=(3, *shape))
    rule = kind(0.1)
    _, state = rule.step(theta, first, rule.initial_state(theta))
    expected, then = rule.step(theta, g, state)
    out = g.copy()
    moved, memory = rule.update(theta, out, 0.1, state, out=out)
    assert moved is out
    np.testing.assert_array_equal(out, expected)
    for mine, other in zip(memory, then, strict=True):
        np.testing.assert_array_equal(mine, other)
        assert not np.shares_memory(mine, out)


@every_rule
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_rule_descends_a_bowl(kind, seed):
    rng = np.random.default_rng(seed)
    bowl = quadratic(rng.uniform(0.5, 2, 2))
    path = descend(bowl, kind(0.05), rng.uniform(1, 2, 2), 300)
    assert path.values[-1] < 0.5 * path.values[0]
    assert not path.diverged


@every_rule
def test_leading_axes_are_independent_runs(kind):
    starts = np.random.default_rng(0).uniform(-1.5, 1.5, (2, 3, 2))
    together = descend(two_valleys, kind(0.05), starts, 20)
    for i in np.ndindex(2, 3):
        alone = descend(two_valleys, kind(0.05), starts[i], 20)
        np.testing.assert_allclose(together.points[(slice(None), *i)], alone.points, rtol=1e-12)


@every_rule
def test_a_column_of_learning_rates_makes_one_run_each(kind):
    rates = np.array([[0.01], [0.05], [0.1]])
    together = descend(two_valleys, kind(rates), np.full((3, 2), 0.5), 20)
    for k, (rate,) in enumerate(rates):
        alone = descend(two_valleys, kind(rate), [0.5, 0.5], 20)
        np.testing.assert_allclose(together.points[:, k], alone.points, rtol=1e-12)


@every_rule
def test_only_methods_that_scale_each_coordinate_notice_a_rotation(kind):
    bowl, angle = quadratic([1.0, 10.0]), 0.7
    R = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    start = np.array([1.0, 0.8])
    upright = descend(bowl, kind(0.02), start, 30).values
    turned = descend(rotated(bowl, angle), kind(0.02), R @ start, 30).values
    same = np.allclose(upright, turned, rtol=1e-9)
    assert same == (kind in (GradientDescent, Momentum, Nesterov))


@every_rule
def test_extreme_gradients_give_no_warning(kind):
    rule = kind(0.1)
    for g in (0.0, 1e-320, 1e200, -1e308, np.inf, np.nan):
        state = rule.initial_state([1.0])
        theta, state = rule.step([1.0], [g], state)
        rule.step(theta, [g], state)
        if g == 0:
            assert theta.tolist() == [1.0]


@every_rule
def test_integers_and_lists_work(kind):
    rule = kind(1)
    theta, _state = rule.step([1, 2], [1, 0], rule.initial_state([1, 2]))
    assert theta.dtype == np.float64
    expected, _ = rule.step([1.0, 2.0], [1.0, 0.0], rule.initial_state([1.0, 2.0]))
    assert theta.tolist() == expected.tolist()


@every_rule
def test_a_numpy_number_as_rate_keeps_float32(kind):
    rule = kind(np.float64(0.1))
    theta = np.ones(2, np.float32)
    assert rule.step(theta, theta, rule.initial_state(theta))[0].dtype == np.float32


@every_rule
def test_wrong_hyperparameters_are_named(kind):
    for wrong in (0, -0.1, np.array([[0.1], [0.0]])):
        with pytest.raises(ValueError, match="learning_rate must be greater than 0, got"):
            kind(wrong)
    for wrong in (np.nan, np.inf):
        with pytest.raises(ValueError, match="learning_rate must be finite"):
            kind(wrong)
    for wrong in ("0.1", None, True):
        with pytest.raises(TypeError, match="learning_rate must hold real numbers"):
            kind(wrong)
    for name in (field.name for field in fields(kind)):
        if name == "epsilon":
            with pytest.raises(ValueError, match="epsilon must be greater than 0, got 0"):
                kind(0.1, epsilon=0)
        elif name != "learning_rate":
            for wrong in (1, -0.1):
                with pytest.raises(ValueError, match=re.escape(f"{name} must be in [0, 1), got")):
                    kind(0.1, **{name: wrong})


@every_rule
def test_wrong_shapes_are_named(kind):
    rule = kind(0.1)
    state = rule.initial_state([1.0, 2.0])
    message = "theta (2,) and gradient (2, 1) must have equal shapes"
    with pytest.raises(ValueError, match=re.escape(message)):
        rule.step([1.0, 2.0], [[1.0], [2.0]], state)
    with pytest.raises(ValueError, match="theta must be finite"):
        rule.initial_state([np.nan])
    for shape in ((3, 1), (5,)):
        message = f"learning_rate {shape} must broadcast to the shape of theta (2,)"
        with pytest.raises(ValueError, match=re.escape(message)):
            kind(np.full(shape, 0.1)).initial_state([1.0, 2.0])


@every_rule
def test_rules_are_values(kind):
    assert kind(0.1) == kind(0.1) != kind(0.2)
    assert len({kind(0.1), kind(0.1)}) == 1
    with pytest.raises(AttributeError):
        kind(0.1).learning_rate = 0.2
    rates = np.array([[0.1], [0.2]])
    rule = kind(rates)
    rates[0] = 9
    assert rule.learning_rate[0, 0] == 0.1
