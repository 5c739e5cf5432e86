"""Learning curves: the same training as `train`, its work counted, its losses measured."""

import numpy as np
import pytest

from course.activations import sigmoid, tanh
from course.data import moons
from course.descent import train
from course.learning_curve import LearningCurve, Work, learning_curve, work
from course.losses import bce, half_squared_error
from course.network import forward, mlp
from course.optimizers import GradientDescent, Momentum
from course.schedules import InverseTime


@pytest.fixture
def data():
    return moons(50, np.random.default_rng(0))


@pytest.fixture
def start():
    return mlp([2, 6, 1], sigmoid, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("epochs", "B", "n", "updates"),
    [
        (10, 64, 1437, 230),
        (1, 1437, 1437, 1),
        (1, 1, 5, 5),
        (0, 4, 5, 0),
        (3, 5, 5, 3),
        (1, 9, 5, 1),
    ],
)
def test_work(epochs, B, n, updates):
    assert work(epochs, batch_size=B, n=n) == Work(updates, epochs * n)


@pytest.mark.parametrize(
    "rule", [GradientDescent(0.5), Momentum(0.1), GradientDescent(InverseTime(0.5, decay=0.1))]
)
@pytest.mark.parametrize("B", [1, 16, 50])
def test_it_is_the_training_of_train(data, start, rule, B):
    updates = work(4, batch_size=B, n=50).updates
    how = {"batch_size": B, "rng": np.random.default_rng(2)}
    curve = learning_curve(start, data, bce, rule, updates=updates, **how)
    how["rng"] = np.random.default_rng(2)
    run = train(start, data, bce, rule, epochs=4, **how)
    end = bce(data.Y, forward(run.network, data.X).output)
    assert curve.losses[0] == pytest.approx(bce(data.Y, forward(start, data.X).output))
    assert curve.losses[-1] == pytest.approx(end, rel=1e-12)
    assert curve.epochs[-1] == 4


def test_it_is_measured_at_the_start_the_end_and_after_epochs(data, start):
    how = {
        "batch_size": 16,
        "updates": 100,
        "rng": np.random.default_rng(0),
        "points": 5,
        "also": (37, 101),
    }
    curve = learning_curve(start, data, bce, GradientDescent(0.1), **how)
    assert curve.updates[0] == 0
    assert curve.updates[-1] == 100
    assert 37 in curve.updates
    assert set(range(0, 41, 4)) <= set(curve.updates.tolist())  # ⌈50/16⌉ = 4 updates an epoch
    assert (np.diff(curve.updates) > 0).all()
    assert curve.losses.shape == curve.updates.shape


def test_examples_are_counted_with_the_short_batch():
    curve = LearningCurve(16, 50, np.array([0, 1, 3, 4, 5, 8]), np.zeros(6))
    assert curve.examples.tolist() == [0, 16, 48, 50, 66, 100]
    assert curve.epochs.tolist() == [0, 0.32, 0.96, 1, 1.32, 2]


def test_a_run_that_diverges_says_so(data):
    start = mlp([2, 6, 1], tanh, np.random.default_rng(1), output_activation=tanh)
    linear = mlp([2, 1], tanh, np.random.default_rng(1), output_activation=tanh)
    for network in (start, linear):
        how = {"batch_size": 5, "updates": 60, "rng": np.random.default_rng(0)}
        curve = learning_curve(network, data, half_squared_error, GradientDescent(1e300), **how)
        assert not np.isnan(curve.losses).any()


def test_wrong_arguments(data, start):
    how = {"batch_size": 5, "updates": 10, "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match="updates must be at least 1"):
        learning_curve(start, data, bce, GradientDescent(0.1), **how | {"updates": 0})
    with pytest.raises(ValueError, match="columns"):
        learning_curve(
            mlp([3, 1], sigmoid, np.random.default_rng(0)), data, bce, GradientDescent(0.1), **how
        )
