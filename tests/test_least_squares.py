"""Least squares: against a network of one unit, the normal equations and central differences."""

from itertools import repeat

import numpy as np
import pytest

from course.activations import identity
from course.descent import descend
from course.least_squares import LeastSquares, line
from course.losses import half_squared_error
from course.minibatch import SAMPLINGS, batches, example_gradients
from course.network import Layer, Network, forward
from course.numeric import numeric_gradient, numeric_hessian
from course.optimizers import GradientDescent


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    return LeastSquares(rng.normal(size=(30, 3)), rng.normal(size=30))


def test_minimum_hessian_and_value(problem):
    expected = np.linalg.lstsq(problem.A, problem.y)[0]
    np.testing.assert_allclose(problem.minimum, expected, rtol=1e-10)
    theta = np.array([0.3, -1.0, 2.0])
    loss = np.mean((problem.A @ theta - problem.y) ** 2) / 2
    assert problem.value(theta) == pytest.approx(loss, rel=1e-12)
    assert problem.excess(problem.minimum) == 0
    np.testing.assert_allclose(numeric_hessian(problem.gradient, theta), problem.hessian, atol=1e-8)


def test_gradients_agree_with_witnesses(problem):
    theta = np.array([0.3, -1.0, 2.0])
    rows = problem.example_gradients(theta)
    np.testing.assert_allclose(rows.mean(axis=0), problem.gradient(theta), atol=1e-12)
    np.testing.assert_allclose(
        problem.gradient(theta), numeric_gradient(problem.value, theta), atol=1e-8
    )
    for a, y, row in zip(problem.A, problem.y, rows, strict=True):
        central = numeric_gradient(lambda t, a=a, y=y: (t @ a - y) ** 2 / 2, theta)
        np.testing.assert_allclose(row, central, atol=1e-8)


def test_a_line_is_a_network_of_one_unit():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 9))
    network = Network((Layer([[0.7]], [-0.2], identity),))
    ours = line(x, y)
    theirs = half_squared_error(y[:, None], forward(network, x[:, None]).output)
    assert ours.value([0.7, -0.2]) == pytest.approx(theirs)
    rows = example_gradients(network, x[:, None], y[:, None], half_squared_error)
    np.testing.assert_allclose(ours.example_gradients([0.7, -0.2]), rows, atol=1e-14)


def test_a_grid_of_parameters_is_one_call(problem):
    theta = np.random.default_rng(0).normal(size=(4, 5, 3))
    values, gradients = problem.value(theta), problem.gradient(theta)
    for i in np.ndindex(4, 5):
        assert values[i] == pytest.approx(problem.value(theta[i]))
        np.testing.assert_allclose(gradients[i], problem.gradient(theta[i]), atol=1e-12)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_estimates_are_means_of_example_gradients(problem, sampling):
    theta = np.array([0.3, -1.0, 2.0])
    rows = problem.example_gradients(theta)
    how = {"sampling": sampling, "runs": 4}
    chosen = problem.sampled(batches(30, 7, np.random.default_rng(2), **how), 9)
    draws = batches(30, 7, np.random.default_rng(2), **how)
    for estimates, batch in zip(chosen.estimates(theta), draws, strict=False):
        np.testing.assert_allclose(estimates, rows[batch].mean(axis=1), atol=1e-12)


def test_a_run_step_by_step(problem):
    alpha = 0.1
    chosen = problem.sampled(batches(30, 4, np.random.default_rng(0), sampling="reshuffled"), 20)
    run = chosen.descend(GradientDescent(alpha), np.ones(3))
    theta, draws = np.ones(3), batches(30, 4, np.random.default_rng(0), sampling="reshuffled")
    for t in range(20):
        np.testing.assert_allclose(run.points[t, 0], theta, atol=1e-12)
        g = problem.example_gradients(theta)[next(draws)[0]].mean(axis=0)
        np.testing.assert_allclose(run.gradients[t, 0], g, atol=1e-12)
        theta = theta - alpha * g
    again = chosen.descend(GradientDescent(alpha), np.ones(3))  # the batches are kept
    np.testing.assert_array_equal(run.points, again.points)


def test_everybody_in_every_batch_is_full_batch_descent(problem):
    chosen = problem.sampled(repeat(np.arange(30)[None]), 50)
    full = descend(problem, GradientDescent(0.2), np.ones(3), 50)
    run = chosen.descend(GradientDescent(0.2), np.ones(3))
    np.testing.assert_allclose(run.points[:, 0], full.points, atol=1e-12)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="one entry for each row"):
        LeastSquares(np.ones((3, 1)), np.ones(2))
    with pytest.raises(ValueError, match="independent"):
        line([1.0, 1.0], [2.0, 3.0])
    with pytest.raises(ValueError, match="x .* must have one axis"):
        line([[1.0]], [1.0])
    with pytest.raises(ValueError, match="theta"):
        line([1.0, 2.0], [1.0, 2.0]).example_gradients([1.0])
