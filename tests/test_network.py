"""Networks: shapes, the flat vector, initialisation, the forward pass by hand, wrong inputs."""

import math
import re

import numpy as np
import pytest

from course.activations import ACTIVATIONS, identity, relu, sigmoid, tanh
from course.data import Dataset
from course.network import Layer, Network, accuracy, forward, mlp


def rng():
    return np.random.default_rng(0)


def test_forward_pass_by_hand():
    network = Network(
        (
            Layer([[1.0, 2.0], [0.0, -1.0]], [0.5, 0.0], relu),
            Layer([[1.0, 1.0]], [-1.0], identity),
        )
    )
    run = forward(network, [[1.0, 1.0], [0.0, -2.0]])
    assert run.z[0].tolist() == [[3.5, -1], [-3.5, 2]]
    assert run.a[0].tolist() == [[3.5, 0], [0, 2]]
    assert run.output.tolist() == run.a[1].tolist() == run.z[1].tolist() == [[2.5], [1]]
    assert run.X.tolist() == [[1, 1], [0, -2]]


@pytest.mark.parametrize("f", ACTIVATIONS, ids=repr)
def test_rows_are_examples_and_one_example_is_w_a_plus_b(f):
    network = mlp([3, 4, 2], f, rng())
    X = rng().normal(size=(5, 3))
    run = forward(network, X)
    for i, x in enumerate(X):
        a = x
        for l, layer in enumerate(network.layers):
            z = layer.W @ a + layer.b
            a = f(z)
            np.testing.assert_allclose(run.z[l][i], z, rtol=1e-13)
            np.testing.assert_allclose(run.a[l][i], a, rtol=1e-13)


def test_parameters_are_one_flat_vector():
    network = mlp([2, 3, 1], tanh, rng())
    (W1, b1), (W2, b2) = network.weights
    theta = network.parameters
    assert theta.shape == (network.size,) == (13,)
    expected = np.concatenate([W1.ravel(), b1, W2.ravel(), b2])
    assert np.array_equal(theta, expected)
    theta[0] = 99  # a copy: the network does not change
    assert network.layers[0].W[0, 0] != 99


def test_with_parameters_makes_views_and_keeps_the_old_network():
    network = mlp([2, 3, 1], tanh, rng(), output_activation=identity)
    before, theta = network.parameters, np.arange(13.0)
    other = network.with_parameters(theta)
    assert np.array_equal(other.parameters, theta)
    assert np.array_equal(network.parameters, before)
    assert other.activations == network.activations
    assert all(np.shares_memory(p, theta) for pair in other.weights for p in pair)
    assert other.layers[0].W.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert other.layers[1].b.tolist() == [12]


def test_weights_have_variance_one_over_n_in_and_biases_are_zero():
    network = mlp([400, 300, 200], sigmoid, rng())
    for (W, b), n_in in zip(network.weights, (400, 300), strict=True):
        assert W.std() * math.sqrt(n_in) == pytest.approx(1, abs=0.02)
        assert W.mean() * math.sqrt(n_in) == pytest.approx(0, abs=0.02)
        assert not b.any()


def test_mlp_depends_on_the_seed_alone():
    first, second = (mlp([2, 3, 1], tanh, rng()) for _ in range(2))
    assert np.array_equal(first.parameters, second.parameters)
    single = mlp([2, 3, 1], tanh, rng(), dtype=np.float32)
    np.testing.assert_allclose(single.parameters, first.parameters, rtol=1e-6)


def test_float32_throughout():
    network = mlp([2, 3, 1], sigmoid, rng(), dtype=np.float32)
    run = forward(network, np.ones((4, 2)))
    for array in (network.parameters, run.X, *run.z, *run.a):
        assert array.dtype == np.float32
    assert network.with_parameters(np.ones(13)).dtype == np.float32


def test_integer_inputs_are_converted():
    network = mlp([2, 3, 1], sigmoid, rng())
    X = np.array([[1, 2], [3, 4]])
    assert np.array_equal(forward(network, X).output, forward(network, X * 1.0).output)


@pytest.mark.parametrize("f", ACTIVATIONS, ids=repr)
def test_extreme_inputs_give_no_warning(f):
    network = mlp([2, 3, 1], f, rng())
    for scale in (1e3, 1e200, 1e308):
        forward(network, [[scale, -scale]])


def test_accuracy():
    copy = Network((Layer(np.eye(3), np.zeros(3), identity),))
    X = np.array([[0.9, 0.1, 0.0], [0.1, 0.2, 0.7], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1]])
    Y = np.eye(3)[[0, 2, 1, 1]]
    assert accuracy(copy, Dataset(X, Y)) == 0.75
    logit = Network((Layer([[1.0]], [0.0], identity),))
    dataset = Dataset([[-1.0], [0.3], [2.0]], [[0], [1], [1]])
    assert accuracy(logit, dataset) == pytest.approx(2 / 3)
    assert accuracy(logit, dataset, threshold=0) == 1


def test_readable_names():
    assert repr(mlp([2, 3, 1], tanh, rng())) == "Network(2-3-1, tanh)"
    assert repr(mlp([2, 1], relu, rng(), output_activation=sigmoid)) == "Network(2-1, sigmoid)"
    assert repr(mlp([2, 3, 1], relu, rng()).layers[0]) == "Layer(2 -> 3, relu)"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: mlp([3], tanh, rng()), ValueError, "sizes must name inputs and at least one"),
        (lambda: mlp([3, 0], tanh, rng()), ValueError, "sizes must be at least 1, got 0"),
        (lambda: mlp([3, 1.5], tanh, rng()), TypeError, "sizes must be a whole number, got 1.5"),
        (lambda: mlp([3, 1], np.tanh, rng()), TypeError, "activation must be an Activation"),
        (lambda: mlp([3, 1], tanh, 0), TypeError, "rng must be a numpy.random.Generator"),
        (lambda: mlp([3, 1], tanh, rng(), dtype=int), TypeError, "dtype must be float64 or"),
        (lambda: Layer([[1.0]], [0.0, 0.0], tanh), ValueError, "b (2,) must have one entry for"),
        (lambda: Layer([1.0], [0.0], tanh), ValueError, "W (1,) must have two axes (n_out, n_in)"),
        (lambda: Layer([[np.nan]], [0.0], tanh), ValueError, "W must be finite"),
        (lambda: Network(()), ValueError, "layers must not be empty"),
        (
            lambda: Network((mlp([2, 3], tanh, rng()).layers[0],) * 2),
            ValueError,
            "W of layer 2 (3, 2) must have as many columns as W of layer 1 (3, 2) has rows",
        ),
        (
            lambda: mlp([2, 1], tanh, rng()).with_parameters(np.zeros(4)),
            ValueError,
            "theta (4,) must have shape (3,) for Network(2-1, tanh)",
        ),
        (
            lambda: forward(mlp([2, 1], tanh, rng()), np.zeros((4, 3))),
            ValueError,
            "X (4, 3) must have 2 columns for Network(2-1, tanh)",
        ),
        (
            lambda: forward(mlp([2, 1], tanh, rng()), np.zeros(2)),
            ValueError,
            "X (2,) must have two axes (N, 2); write X[np.newaxis] for one example",
        ),
        (
            lambda: forward(mlp([2, 1], tanh, rng()), [[np.inf, 0]]),
            ValueError,
            "X must be finite, got inf at index (0, 0)",
        ),
        (
            lambda: accuracy(mlp([2, 1], tanh, rng()), Dataset([[0, 0]], [[1, 0]])),
            ValueError,
            "predictions (1, 1) and targets (1, 2) must have equal shapes",
        ),
    ],
)
def test_wrong_inputs_are_named(make, error, message):
    with pytest.raises(error, match=re.escape(message)):
        make()


def test_layers_of_different_dtype_are_refused():
    layers = [mlp([2, 2], tanh, rng(), dtype=d).layers[0] for d in (np.float64, np.float32)]
    with pytest.raises(ValueError, match="one dtype, got float64 and float32"):
        Network(tuple(layers))
