"""Backpropagation against the published example, central differences, the graph and PyTorch."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course.activations import ACTIVATIONS, identity, relu, sigmoid, tanh
from course.backprop import backward
from course.data import Dataset
from course.descent import train
from course.graph import Value
from course.losses import (
    LOSSES,
    bce,
    bce_with_logits,
    cross_entropy,
    half_squared_error,
    mae,
    mse,
)
from course.network import Layer, Network, forward, mlp
from course.numeric import numeric_gradient, relative_error
from course.optimizers import GradientDescent

MAZUR = json.loads((Path(__file__).parent / "reference/mazur_step_by_step.json").read_text())

every_case = pytest.mark.parametrize(
    ("loss", "f", "depth"),
    [(loss, f, depth) for loss in LOSSES for f in ACTIVATIONS for depth in (1, 2, 3, 4)],
    ids=lambda x: str(x).replace(" ", "-"),
)


def case(loss, f, depth, n=4):
    """Return a network of the given depth, inputs X (n, 3) and targets Y (n, 2) for the loss."""
    rng = np.random.default_rng(depth)
    # a loss of probabilities needs outputs in (0, 1)
    output = sigmoid if loss is bce else f
    network = mlp([3, *[4] * (depth - 1), 2], f, rng, output_activation=output)
    # biases are not zero, so that a bias left out or shifted shows
    network = network.with_parameters(network.parameters + 0.1 * rng.normal(size=network.size))
    X = rng.normal(size=(n, 3))
    Y = rng.dirichlet(np.ones(2), n) if loss is cross_entropy else rng.uniform(0.1, 0.9, (n, 2))
    return network, X, Y


def gradient_of(network, X, loss, Y):
    return backward(network, forward(network, X), loss, Y).vector


@every_case
def test_central_difference(loss, f, depth):
    network, X, Y = case(loss, f, depth)

    def value(theta):
        return loss(Y, forward(network.with_parameters(theta), X).output)

    measured = numeric_gradient(value, network.parameters)
    assert relative_error(gradient_of(network, X, loss, Y), measured) < 1e-7


def graph_loss(loss, y, a):
    """Return one example's loss on the graph, written without the library's formulas."""
    if loss is cross_entropy:
        total = sum(z.exp() for z in a[1:]) + a[0].exp()
        return sum(t * (total.log() - z) for t, z in zip(y, a, strict=True))
    one = {
        mse: lambda t, p: (p - t) ** 2,
        half_squared_error: lambda t, p: (p - t) ** 2 * 0.5,
        mae: lambda t, p: abs(p - t),
        bce: lambda t, p: -(t * p.log() + (1 - t) * (1 - p).log()),
        bce_with_logits: lambda t, z: -(t * z.sigmoid().log() + (1 - t) * (-z).sigmoid().log()),
    }[loss]
    return sum(one(t, p) for t, p in zip(y, a, strict=True))


@every_case
def test_scalar_graph(loss, f, depth):
    network, X, Y = case(loss, f, depth)
    weights = [
        (
            [[Value(w) for w in row] for row in layer.W],
            [Value(b) for b in layer.b],
            {sigmoid: Value.sigmoid, tanh: Value.tanh, relu: Value.relu}.get(
                layer.activation, lambda z: z
            ),
        )
        for layer in network.layers
    ]
    total = Value(0.0)
    for x, y in zip(X, Y, strict=True):
        a = [Value(v) for v in x]
        for W, b, g in weights:
            a = [
                g(sum(w * v for w, v in zip(row, a, strict=True)) + bias)
                for row, bias in zip(W, b, strict=True)
            ]
        total = total + graph_loss(loss, y.tolist(), a)
    mean = total / len(X)
    mean.backward()
    assert mean.value == pytest.approx(loss(Y, forward(network, X).output), rel=1e-12)
    grads = [v.grad for W, b, _ in weights for v in [*(w for row in W for w in row), *b]]
    assert relative_error(grads, gradient_of(network, X, loss, Y)) < 1e-12


@every_case
def test_pytorch(loss, f, depth):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed; it is no dependency")
    functional = torch.nn.functional
    network, X, Y = case(loss, f, depth)
    theta = torch.tensor(network.parameters, requires_grad=True)
    a = torch.tensor(X)
    for (W, shape, b), g in zip(network.layout, network.activations, strict=True):
        z = functional.linear(a, theta[W].reshape(shape), theta[b])
        a = {sigmoid: torch.sigmoid, tanh: torch.tanh, relu: torch.relu}.get(g, lambda z: z)(z)
    y, n = torch.tensor(Y), len(X)
    # PyTorch's mean runs over all elements, ours over examples: hence its sum, divided by N
    value = {
        mse: lambda: functional.mse_loss(a, y, reduction="sum") / n,
        half_squared_error: lambda: functional.mse_loss(a, y, reduction="sum") / (2 * n),
        mae: lambda: functional.l1_loss(a, y, reduction="sum") / n,
        bce: lambda: functional.binary_cross_entropy(a, y, reduction="sum") / n,
        bce_with_logits: lambda: (
            functional.binary_cross_entropy_with_logits(a, y, reduction="sum") / n
        ),
        cross_entropy: lambda: functional.cross_entropy(a, y),
    }[loss]()
    value.backward()
    assert loss(Y, forward(network, X).output) == pytest.approx(value.item(), rel=1e-12)
    assert relative_error(gradient_of(network, X, loss, Y), theta.grad.numpy()) < 1e-12


def mazur():
    layers = [Layer(MAZUR[f"W{l}"], MAZUR[f"b{l}"], sigmoid) for l in (1, 2)]
    return Network(tuple(layers)), [MAZUR["x"]], [MAZUR["y"]]


def test_published_step_by_step_example():
    network, X, Y = mazur()
    run = forward(network, X)
    gradients = backward(network, run, half_squared_error, Y)
    assert half_squared_error(Y, run.output) == pytest.approx(MAZUR["loss"], abs=5e-10)
    for delta, published in zip(gradients.delta, ("delta1", "delta2"), strict=True):
        assert delta[0] == pytest.approx(MAZUR[published], abs=5e-10)
    assert gradients.W[1][0, 0] == pytest.approx(MAZUR["dW2_11"], abs=5e-10)
    # the published step leaves the biases alone
    layers = tuple(
        replace(layer, W=layer.W - 0.5 * dW)
        for layer, dW in zip(network.layers, gradients.W, strict=True)
    )
    assert layers[0].W[0, 0] == pytest.approx(MAZUR["W1_11_after_one_step"], abs=5e-10)
    after = half_squared_error(Y, forward(Network(layers), X).output)
    assert after == pytest.approx(MAZUR["loss_after_one_step"], abs=5e-11)


def test_published_loss_in_the_ten_thousandth_round():
    network, X, Y = mazur()
    for _ in range(9_999):  # the loss of a round is taken before its update
        gradients = backward(network, forward(network, X), half_squared_error, Y)
        network = Network(
            tuple(
                replace(layer, W=layer.W - 0.5 * dW)
                for layer, dW in zip(network.layers, gradients.W, strict=True)
            )
        )
    loss = half_squared_error(Y, forward(network, X).output)
    assert loss == pytest.approx(0.0000351085, abs=1e-10)


def test_one_example_is_the_textbook_recursion():
    network, X, Y = case(half_squared_error, sigmoid, 3, n=1)
    run = forward(network, X)
    gradients = backward(network, run, half_squared_error, Y)
    a, y = [X[0], *(a_l[0] for a_l in run.a)], Y[0]
    # δᴸ = (aᴸ − y) ⊙ aᴸ (1 − aᴸ), then δˡ = (Wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ aˡ (1 − aˡ)
    delta = (a[3] - y) * a[3] * (1 - a[3])
    for l in (3, 2, 1):
        np.testing.assert_allclose(gradients.delta[l - 1][0], delta, rtol=1e-13)
        np.testing.assert_allclose(gradients.W[l - 1], np.outer(delta, a[l - 1]), rtol=1e-13)
        np.testing.assert_allclose(gradients.b[l - 1], delta, rtol=1e-13)
        delta = network.layers[l - 1].W.T @ delta * a[l - 1] * (1 - a[l - 1])


@pytest.mark.parametrize(("loss", "output"), [(bce, sigmoid), (bce_with_logits, identity)])
def test_delta_of_cross_entropy_is_the_error(loss, output):
    network = mlp([3, 4, 2], tanh, np.random.default_rng(0), output_activation=output)
    X, Y = np.random.default_rng(1).normal(size=(5, 3)), np.full((5, 2), 0.25)
    run = forward(network, X)
    delta = backward(network, run, loss, Y).delta[-1]
    np.testing.assert_allclose(delta, (sigmoid(run.z[-1]) - Y) / 5, rtol=1e-10)


def test_the_vector_is_laid_out_like_the_parameters():
    network, X, Y = case(mse, tanh, 3)
    gradients = backward(network, forward(network, X), mse, Y)
    assert gradients.vector.shape == network.parameters.shape
    flat = [p.ravel() for pair in zip(gradients.W, gradients.b, strict=True) for p in pair]
    assert np.array_equal(np.concatenate(flat), gradients.vector)
    for layer, dW, db, delta in zip(
        network.layers, gradients.W, gradients.b, gradients.delta, strict=True
    ):
        assert dW.shape == layer.W.shape
        assert db.shape == layer.b.shape
        assert delta.shape == (4, len(layer.b))


def test_nothing_is_changed_and_float32_is_kept():
    network, X, Y = case(mse, sigmoid, 2)
    single = network.with_parameters(network.parameters)
    run = forward(single, X)
    before = [array.copy() for array in (single.parameters, run.X, *run.z, *run.a, Y)]
    backward(single, run, mse, Y)
    for x, y in zip((single.parameters, run.X, *run.z, *run.a, Y), before, strict=True):
        assert np.array_equal(x, y)
    small = mlp([3, 4, 2], sigmoid, np.random.default_rng(0), dtype=np.float32)
    gradients = backward(small, forward(small, X), mse, Y)
    assert {a.dtype for a in (gradients.vector, *gradients.delta)} == {np.dtype(np.float32)}


def test_training_steps_are_the_public_steps():
    """`train` runs unchecked inner functions; the public doors must give the same numbers."""
    for loss, f, depth in ((mse, tanh, 3), (bce, sigmoid, 2), (cross_entropy, identity, 2)):
        network, X, Y = case(loss, f, depth)
        rule = GradientDescent(0.1)
        trained = train(
            network, Dataset(X, Y), loss, rule, epochs=3, batch_size=4, rng=np.random.default_rng(0)
        ).network
        theta, state = network.parameters, rule.initial_state(network.parameters)
        for _ in range(3):
            gradient = gradient_of(network.with_parameters(theta), X, loss, Y)
            theta, state = rule.step(theta, gradient, state)
        np.testing.assert_allclose(trained.parameters, theta, rtol=1e-12)


def test_wrong_inputs_are_named():
    network, X, Y = case(mse, tanh, 2)
    run = forward(network, X)
    message = "predictions (4, 2) and targets (4,) must have equal shapes"
    with pytest.raises(ValueError, match=re.escape(message)):
        backward(network, run, mse, Y[:, 0])
    with pytest.raises(ValueError, match="targets must be finite"):
        backward(network, run, mse, np.full((4, 2), np.nan))
    other = mlp([3, 5, 2], tanh, np.random.default_rng(0))
    message = "forward_pass has layers of (3, 4, 2) units, but the network is Network(3-5-2, tanh)"
    with pytest.raises(ValueError, match=re.escape(message)):
        backward(other, run, mse, Y)
