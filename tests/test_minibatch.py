"""Minibatches: every batch tried, every example's gradient confirmed, every draw counted."""

from itertools import combinations, islice, product

import numpy as np
import pytest

from course.activations import ACTIVATIONS, identity, relu, sigmoid
from course.backprop import backward
from course.losses import bce, cross_entropy, half_squared_error
from course.minibatch import (
    SAMPLINGS,
    batches,
    estimate_covariance,
    estimate_variance,
    example_gradients,
    noise_scale,
    share_of_variance,
)
from course.network import forward, mlp
from course.numeric import numeric_gradient
from course.recursion import graph_gradient


# ------------------------------------------------------------------- gradients of examples
@pytest.mark.parametrize("f", ACTIVATIONS, ids=repr)
def test_each_row_agrees_with_three_witnesses(f):
    rng = np.random.default_rng(0)
    network = mlp((3, 4, 2), f, rng)
    network = network.with_parameters(rng.normal(size=network.size))  # biases too: no kink at 0
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    rows = example_gradients(network, X, Y, half_squared_error)
    for row, x, y in zip(rows, X, Y, strict=True):
        np.testing.assert_allclose(row, graph_gradient(network, x, y), rtol=1e-10, atol=1e-14)

        def loss(theta, x=x, y=y):
            return half_squared_error([y], forward(network.with_parameters(theta), [x]).output)

        np.testing.assert_allclose(row, numeric_gradient(loss, network.parameters), atol=1e-7)


@pytest.mark.parametrize(("f", "loss"), [(sigmoid, bce), (identity, cross_entropy)])
def test_the_mean_of_the_rows_is_the_gradient(f, loss):
    rng = np.random.default_rng(1)
    network = mlp((3, 5, 4), relu, rng, output_activation=f)
    X, Y = rng.normal(size=(7, 3)), np.eye(4)[rng.integers(4, size=7)]
    rows = example_gradients(network, X, Y, loss)
    full = backward(network, forward(network, X), loss, Y).vector
    np.testing.assert_allclose(rows.mean(axis=0), full, atol=1e-14)


# ----------------------------------------------------------------- mean and variance, exactly
@pytest.mark.parametrize("B", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("replacement", [True, False])
def test_every_batch_tried(B, replacement):
    g = np.random.default_rng(B).normal(size=(5, 3))
    every = product(range(5), repeat=B) if replacement else combinations(range(5), B)
    means = np.array([g[list(batch)].mean(axis=0) for batch in every])
    np.testing.assert_allclose(means.mean(axis=0), g.mean(axis=0), atol=1e-14)
    away = means - g.mean(axis=0)
    covariance = estimate_covariance(g, B, replacement=replacement)
    np.testing.assert_allclose(covariance, away.T @ away / len(means), atol=1e-14)
    variance = estimate_variance(g, B, replacement=replacement)
    assert variance == pytest.approx(np.trace(covariance), abs=1e-14)


def test_the_formulas_as_the_lesson_writes_them():
    g = np.random.default_rng(0).normal(size=(20, 1))
    sigma2, S2 = g.var(), g.var(ddof=1)
    for B in (1, 7, 20):
        assert estimate_variance(g, B, replacement=True) == pytest.approx(sigma2 / B)
        expected = S2 / B * (1 - B / 20)
        assert estimate_variance(g, B, replacement=False) == pytest.approx(expected, abs=1e-15)


def test_extremes():
    assert share_of_variance(1, 1, replacement=False) == 0
    assert share_of_variance(1437, 1437, replacement=False) == 0
    assert share_of_variance(1437, 1, replacement=False) == 1
    assert share_of_variance(5, 50, replacement=True) == 0.02  # may draw more than there are
    with pytest.raises(ValueError, match="batch_size must be from 1 to 5"):
        share_of_variance(5, 6, replacement=False)
    with pytest.raises(TypeError, match="whole number"):
        share_of_variance(5, 2.0, replacement=True)
    with pytest.raises(ValueError, match="two axes"):
        estimate_variance([1.0, 2.0], 1, replacement=True)


def test_noise_scale():
    assert noise_scale([[3.0, 0.0], [3.0, 4.0]]) == pytest.approx(4 / 13)
    assert noise_scale([[1.0], [-1.0]]) == np.inf
    assert noise_scale([[2.0], [2.0]]) == 0


# ------------------------------------------------------------------------------ the draws
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_draws_are_examples(sampling):
    draws = list(islice(batches(10, 4, np.random.default_rng(0), sampling=sampling, runs=3), 5))
    assert all(len(batch) == 3 for batch in draws)
    assert all(((batch >= 0) & (batch < 10)).all() for batch in draws)
    again = list(islice(batches(10, 4, np.random.default_rng(0), sampling=sampling, runs=3), 5))
    for a, b in zip(draws, again, strict=True):
        np.testing.assert_array_equal(a, b)


def test_with_and_without_replacement():
    rng = np.random.default_rng(0)
    twice = next(batches(10, 10, rng, sampling=SAMPLINGS[0], runs=200))
    assert np.mean([len(set(row)) for row in twice.tolist()]) == pytest.approx(6.5, abs=0.2)
    once = next(batches(10, 10, rng, sampling=SAMPLINGS[1], runs=50))
    assert all(len(set(row)) == 10 for row in once.tolist())
    assert len({tuple(row) for row in once.tolist()}) > 40  # each run has its own order


def test_an_epoch_is_dealt_out():
    deal = batches(10, 4, np.random.default_rng(0), sampling=SAMPLINGS[2], runs=2)
    first, second = ([next(deal) for _ in range(3)] for _ in range(2))
    for epoch in (first, second):
        assert [batch.shape for batch in epoch] == [(2, 4), (2, 4), (2, 2)]
        for run in np.concatenate(epoch, axis=1):
            assert sorted(run.tolist()) == list(range(10))
    assert not np.array_equal(first[0], second[0])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"n": 0}, ValueError, "n must be at least 1"),
        ({"batch_size": 11}, ValueError, "batch_size must be from 1 to 10"),
        ({"sampling": "sorted"}, ValueError, "sampling must be one of"),
        ({"runs": 0}, ValueError, "runs must be at least 1"),
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator"),
    ],
)
def test_wrong_arguments(change, error, message):
    right = {"n": 10, "batch_size": 4, "rng": np.random.default_rng(0), "sampling": SAMPLINGS[0]}
    with pytest.raises(error, match=message):
        batches(**right | change)
