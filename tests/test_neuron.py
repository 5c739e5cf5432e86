"""One neuron's loss: against the network that computes the same, and by hand."""

import numpy as np
import pytest

from course.activations import identity, sigmoid, tanh
from course.backprop import backward
from course.losses import bce, bce_with_logits, half_squared_error, mae, mse
from course.network import Layer, Network, forward
from course.neuron import neuron
from course.numeric import numeric_gradient

PAIRS = [
    (sigmoid, half_squared_error),
    (sigmoid, mse),
    (sigmoid, mae),
    (sigmoid, bce),
    (identity, bce_with_logits),
    (tanh, mse),
]


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_equals_a_network_of_one_unit(activation, loss):
    x, y, w, b = 1.5, 0.25, 0.7, -0.4
    one = neuron(activation, loss, x=x, y=y)
    network = Network((Layer([[w]], [b], activation),))
    out = forward(network, [[x]])
    assert one.value([w, b]) == pytest.approx(loss([[y]], out.output))
    vector = backward(network, out, loss, [[y]]).vector
    np.testing.assert_allclose(one.gradient([w, b]), vector, rtol=1e-12)


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_gradient_equals_the_central_difference(activation, loss):
    one = neuron(activation, loss, x=-2.0, y=0.75)
    theta = np.array([0.3, 0.2])
    np.testing.assert_allclose(one.gradient(theta), numeric_gradient(one.value, theta), rtol=1e-7)


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_a_grid_of_parameters_is_one_call(activation, loss):
    one = neuron(activation, loss)
    theta = np.random.default_rng(0).normal(size=(3, 4, 2))
    values, gradients = one.value(theta), one.gradient(theta)
    assert values.shape == (3, 4)
    assert gradients.shape == (3, 4, 2)
    for i in np.ndindex(3, 4):
        assert values[i] == one.value(theta[i])
        np.testing.assert_array_equal(gradients[i], one.gradient(theta[i]))


def test_slopes_by_hand():
    # z = 4, a = σ(4), δ = a · a (1 − a), slopes δ x and δ with x = 2
    a = 1 / (1 + np.exp(-4))
    delta = a * a * (1 - a)
    slopes = neuron(sigmoid, half_squared_error, x=2.0).gradient([1.0, 2.0])
    np.testing.assert_allclose(slopes, [2 * delta, delta], rtol=1e-12)


def test_far_out_there_is_no_warning():
    one = neuron(identity, bce_with_logits)
    assert one.value([1000.0, 0.0]) == 1000.0
    np.testing.assert_array_equal(one.gradient([[1000.0, 0.0], [-1000.0, 0.0]]), [[1, 1], [0, 0]])


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match="binary cross-entropy needs predictions in"):
        neuron(identity, bce)
    with pytest.raises(ValueError, match="targets must be probabilities"):
        neuron(identity, bce_with_logits, y=2.0)
    with pytest.raises(ValueError, match="x must be finite"):
        neuron(sigmoid, mse, x=np.nan)
    with pytest.raises(ValueError, match=r"theta \(3,\) must have shape"):
        neuron(sigmoid, mse).value([1.0, 2.0, 3.0])
