"""The noise floor: the derived variance, and the exact moments, against simulation and algebra."""

import numpy as np
import pytest

from course.descent import descend
from course.least_squares import LeastSquares, line
from course.minibatch import SAMPLINGS, batches, estimate_covariance
from course.noise_floor import Moments, Noisy, growth_exponent, stationary_variance
from course.optimizers import GradientDescent
from course.schedules import InverseTime
from course.surfaces import quadratic


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    return line(x, 2 * x + 1 + rng.normal(size=60))


# ---------------------------------------------------------------------------- one parameter
@pytest.mark.parametrize("rate", [0.05, 0.4, 0.95])
def test_stationary_variance_is_a_fixed_point_and_what_a_simulation_finds(rate):
    V = stationary_variance(rate, curvature=2.0, noise=0.25)
    assert (1 - 2 * rate) ** 2 * V + rate**2 * 0.25 == pytest.approx(V)
    bowl = Noisy(quadratic([2.0]), 0.5, np.random.default_rng(1))
    run = descend(bowl, GradientDescent(rate), np.zeros((20_000, 1)), steps=80)
    assert run.points[-1].var() == pytest.approx(V, rel=0.05)


def test_stationary_variance_refuses_what_does_not_settle():
    assert stationary_variance(0.1, curvature=1.0, noise=0.0) == 0
    with pytest.raises(ValueError, match="less than 2"):
        stationary_variance(1.0, curvature=2.0, noise=1.0)
    with pytest.raises(ValueError, match="greater than 0"):
        stationary_variance(0.0, curvature=2.0, noise=1.0)
    with pytest.raises(ValueError, match="noise must be at least 0"):
        stationary_variance(0.1, curvature=2.0, noise=-1.0)


def test_noise_has_its_deviation_and_no_bias():
    bowl = Noisy(quadratic([1.0, 3.0]), 0.5, np.random.default_rng(0))
    theta = np.tile([1.0, 1.0], (40_000, 1))
    noise = bowl.gradient(theta) - bowl.surface.gradient(theta)
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(noise.std(axis=0), 0.5, rtol=0.03)
    np.testing.assert_array_equal(bowl.value(theta), bowl.surface.value(theta))
    with pytest.raises(ValueError, match="deviation"):
        Noisy(quadratic([1.0]), -1.0, np.random.default_rng(0))


# -------------------------------------------------------------------------- exact moments
def test_equal_inputs_give_the_derived_formula():
    # a = 1 for all: every batch has the curvature 1, and its noise does not depend on θ
    y = np.random.default_rng(0).normal(size=(50))
    problem = LeastSquares(np.ones((50, 1)), y)
    for B, rate in ((1, 0.5), (8, 0.1)):
        (s2,) = estimate_covariance(problem.example_gradients(problem.minimum), B, replacement=True)
        expected = stationary_variance(rate, curvature=1.0, noise=float(s2[0]))
        assert Moments(problem, B).floor(rate)[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize("replacement", [True, False])
@pytest.mark.parametrize("B", [1, 5, 60])
def test_moments_predict_the_mean_of_many_runs(problem, B, replacement):
    rate, start, sampling = InverseTime(0.2, decay=0.02), [0.0, 0.0], SAMPLINGS[not replacement]
    draws = batches(60, B, np.random.default_rng(0), sampling=sampling, runs=4000)
    run = problem.sampled(draws, 40).descend(GradientDescent(rate), start)
    moments = Moments(problem, B, replacement=replacement)
    predicted = moments.expected_excess(start, rate(np.arange(40)))
    measured = problem.excess(run.points).mean(axis=1)
    np.testing.assert_allclose(measured, predicted, rtol=0.06, atol=1e-12)


def test_the_whole_set_is_full_batch_descent(problem):
    moments = Moments(problem, 60, replacement=False)
    run = descend(problem, GradientDescent(0.3), np.zeros(2), 30)
    predicted = moments.expected_excess([0.0, 0.0], [0.3] * 30)
    np.testing.assert_allclose(predicted, problem.excess(run.points), rtol=1e-9)
    assert moments.floor_excess(0.3) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("B", [1, 16, 60])
def test_the_floor_is_where_the_moments_end(problem, B):
    moments = Moments(problem, B)
    far = moments.expected_excess([1.0, -1.0], [0.1] * 2000)[-1]
    assert moments.floor_excess(0.1) == pytest.approx(far, rel=1e-9)
    C = moments.floor(0.1)
    np.testing.assert_allclose(C, C.T, atol=1e-14)
    assert np.linalg.eigvalsh(C).min() > 0


def test_no_floor_where_the_moments_grow(problem):
    moments = Moments(problem, 1)
    assert moments.floor_excess(1.2) == np.inf
    assert np.isinf(moments.floor(1.2)).all()
    grown = moments.expected_excess([0.0, 0.0], [1.2] * 5000)
    assert grown[-1] == np.inf
    assert not np.isnan(grown).any()


def test_the_floor_is_about_proportional_to_rate_over_batch(problem):
    floor = {(a, B): Moments(problem, B).floor_excess(a) for a in (0.001, 0.002) for B in (8, 16)}
    assert floor[0.002, 8] / floor[0.001, 8] == pytest.approx(2, rel=0.01)
    assert floor[0.001, 8] / floor[0.001, 16] == pytest.approx(2, rel=0.01)


# ---------------------------------------------------------- the mean and the typical run
def test_the_exponent_of_one_curvature_is_that_of_descent():
    H = np.tile(np.diag([1.0, 3.0]), (400, 2, 1, 1))
    for rate in (0.1, 0.6, 0.8):
        growth = growth_exponent(H, rate)
        expected = np.log(max(abs(1 - rate), abs(1 - 3 * rate)))
        assert growth.exponent == pytest.approx(expected, abs=2e-3)
        assert growth.error == pytest.approx(0, abs=1e-12)


def test_the_exponent_of_random_factors_is_their_mean_logarithm():
    # one parameter: h is 0 or 4 with equal chance, so 1 − αh is 1 or 1 − 4α
    h = 4.0 * np.random.default_rng(0).integers(2, size=(1000, 200, 1, 1))
    for rate in (0.1, 0.4, 0.6):
        growth = growth_exponent(h, rate)
        assert growth.exponent == pytest.approx(np.log(abs(1 - 4 * rate)) / 2, abs=4 * growth.error)
    assert growth_exponent(h, 0.25).exponent == -np.inf


def test_the_exponent_is_refused_for_other_shapes():
    with pytest.raises(ValueError, match="must have shape"):
        growth_exponent(np.ones((3, 2, 2)), 0.1)


@pytest.mark.parametrize("B", [1, 5])
def test_the_mean_square_factor_bounds_the_exponent(problem, B):
    draws = batches(60, B, np.random.default_rng(0), sampling=SAMPLINGS[0], runs=200)
    H = problem.sampled(draws, 300).H
    for rate in (0.1, 0.5, 0.9):
        factor = Moments(problem, B).square_factor(rate)
        growth = growth_exponent(H, rate)
        assert 2 * growth.exponent <= np.log(factor) + 6 * growth.error + 0.01
        assert (factor < 1) == np.isfinite(Moments(problem, B).floor_excess(rate))


def test_the_mean_square_limit_of_one_parameter():
    # E(1 − αh)² < 1 exactly if α < 2 E h / E h²
    a = np.random.default_rng(0).normal(size=50)
    h = a**2
    problem = LeastSquares(a[:, None], np.zeros(50))
    limit = 2 * h.mean() / np.mean(h**2)
    assert Moments(problem, 1).square_factor(limit) == pytest.approx(1)
    assert Moments(problem, 1).square_factor(0.99 * limit) < 1
    assert limit < 2 / h.mean()
