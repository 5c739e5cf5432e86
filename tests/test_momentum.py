"""Momentum on a quadratic: the matrices are those of the rules, and the best pair is the best."""

import itertools

import numpy as np
import pytest

from course.descent import descend
from course.momentum import (
    best_momentum,
    momentum_interval,
    momentum_matrix,
    nesterov_interval,
    nesterov_matrix,
    spectral_radius,
)
from course.optimizers import Momentum, Nesterov
from course.surfaces import quadratic


@pytest.mark.parametrize(
    ("matrix", "rule"), [(momentum_matrix, Momentum), (nesterov_matrix, Nesterov)]
)
@pytest.mark.parametrize(("alpha", "beta"), [(0.1, 0.5), (0.3, 0.9), (0.02, 0.0)])
def test_the_matrix_makes_the_steps_of_the_rule(matrix, rule, alpha, beta):
    path = descend(quadratic([1.0, 7.0]), rule(alpha, beta), [1.0, -2.0], 12)
    for i, curvature in enumerate((1.0, 7.0)):
        M = matrix(alpha, beta, curvature)
        pair = np.array([0.0, path.points[0, i]])
        for t in range(13):
            v, theta = path.states[t].v[i], path.points[t, i]
            np.testing.assert_allclose([v, theta], pair, rtol=1e-12)
            pair = M @ pair


def test_determinants_and_traces():
    M, N = momentum_matrix(0.1, 0.5, 3.0), nesterov_matrix(0.1, 0.5, 3.0)
    assert np.linalg.det(M) == pytest.approx(0.5)
    assert np.trace(M) == pytest.approx(1 + 0.5 - 0.3)
    assert np.linalg.det(N) == pytest.approx(0.5 * (1 - 0.3))
    assert np.trace(N) == pytest.approx(1.5 * (1 - 0.3))


def test_spectral_radius_is_that_of_numpy():
    matrices = np.random.default_rng(0).normal(size=(500, 2, 2))
    theirs = np.abs(np.linalg.eigvals(matrices)).max(axis=-1)
    np.testing.assert_allclose(spectral_radius(matrices), theirs, rtol=1e-12)
    with pytest.raises(ValueError, match=r"matrix \(3, 2\)"):
        spectral_radius(np.ones((3, 2)))


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_the_stable_rates_of_momentum(beta):
    limit = 2 * (1 + beta) / 4.0
    assert spectral_radius(momentum_matrix(0.999 * limit, beta, 4.0)) < 1
    assert spectral_radius(momentum_matrix(1.001 * limit, beta, 4.0)) > 1


@pytest.mark.parametrize("kappa", [1.5, 10.0, 100.0, 1e4])
def test_no_pair_does_better_than_the_best(kappa):
    alpha, beta, factor = best_momentum(1.0, kappa)
    curvatures = np.geomspace(1.0, kappa, 41)
    # a double eigenvalue is computed to half the digits
    at_best = spectral_radius(momentum_matrix(alpha, beta, curvatures)).max()
    assert at_best == pytest.approx(factor, abs=1e-6)
    root = np.sqrt(kappa)
    assert factor == pytest.approx((root - 1) / (root + 1))
    for a, b in itertools.product((0.9, 0.97, 1.03, 1.1), (-0.02, -0.005, 0.005, 0.02)):
        others = momentum_matrix(alpha * a, np.clip(beta + b, 0, 0.9999), curvatures)
        assert spectral_radius(others).max() > factor - 1e-6


def test_shapes_broadcast():
    assert momentum_matrix(np.ones((4, 1)), 0.5, np.ones(3)).shape == (4, 3, 2, 2)
    assert spectral_radius(momentum_matrix(np.ones((4, 1)), 0.5, np.ones(3))).shape == (4, 3)


@pytest.mark.parametrize("pair", [(0.0, 1.0), (2.0, 1.0), (-1.0, 1.0), (1.0, np.inf)])
def test_bad_limits_are_refused(pair):
    with pytest.raises(ValueError, match="smallest|largest"):
        best_momentum(*pair)


@pytest.mark.parametrize(
    ("interval", "matrix"),
    [(momentum_interval, momentum_matrix), (nesterov_interval, nesterov_matrix)],
)
def test_the_interval_is_where_the_factor_is_small_enough(interval, matrix):
    scaled, beta = np.meshgrid(np.linspace(-0.5, 4.5, 301), np.linspace(0, 0.99, 34))
    radius = spectral_radius(matrix(scaled, beta, 1.0))
    for rho in (0.2, 0.5, 0.9, 0.98, 1.0):
        low, high = interval(beta, rho)
        inside = (low <= scaled) & (scaled <= high)
        clear = np.abs(radius - rho) > 1e-6  # on the border rounding decides
        np.testing.assert_array_equal(inside[clear], (radius <= rho)[clear])
    for bad in ((-0.1, 0.5), (1.0, 0.5), (0.5, 0.0), (0.5, 1.1)):
        with pytest.raises(ValueError, match="must be in"):
            interval(*bad)
