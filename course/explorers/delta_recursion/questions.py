"""The predictions of lesson 4. Answers are computed by the library, so that nbval checks them."""

from __future__ import annotations

import numpy as np

from course.activations import sigmoid
from course.backprop import backward
from course.explorers.delta_recursion.example import INPUT, TARGET, example_network
from course.explorers.predict import Predict
from course.losses import half_squared_error
from course.network import Layer, Network, forward, mlp
from course.recursion import delta_norms, products


def ask_about_a_wrong_output() -> Predict:
    """Ask for δ of an output that is completely wrong and saturated."""
    network = Network((Layer(np.ones((1, 1)), np.zeros(1), sigmoid),))
    delta = products(network, [7.0], [0.0], half_squared_error).delta[0][0]
    return Predict(
        "A sigmoid output neuron with loss ½(a − y)² should say y = 0 and says a = 0.999: it could "
        "hardly be more wrong. How large is its δ = ∂L/∂z?",
        key="04/wrong_output",
        options=("About 1", "About ¼", "About 0.001", "Exactly 0"),
        answer=int(np.argmin(np.abs(np.log10([1, 0.25, 1e-3, 1e-9]) - np.log10(delta)))),
        reason="δ = (a − y) · a(1 − a) = 0.999 · 0.999 · 0.001. The neuron could hardly be more "
        "wrong, and almost no signal reaches it: its slope a(1 − a) is almost zero there. For "
        "y = 0 it is δ = a²(1 − a), which grows with the error up to a = ⅔, where it is 0.148, "
        "and falls from there on. So δ is a slope and no measure of the error. The cure is not in "
        "the recursion but in the choice of the loss: with the cross-entropy, as you will see "
        "below, δ is a − y = 0.999 here.",
    )


def ask_for_the_shape() -> Predict:
    """Ask for the shapes in the batch form of the weights' gradient."""
    rng = np.random.default_rng(0)
    network = mlp((64, 30, 10), sigmoid, rng)
    X, Y = rng.random((16, 64)), np.eye(10)[rng.integers(10, size=16)]
    shape = backward(network, forward(network, X), half_squared_error, Y).W[0].shape
    options = ("(64, 30)", "(30, 64)", "(16, 30, 64)", "(16, 64)")
    return Predict(
        "A layer has 64 inputs and 30 units, and a batch has 16 examples in rows: Δ is (16, 30) "
        "and A is (16, 64). What shape has ∂L/∂W = Δᵀ A?",
        key="04/shape",
        options=options,
        answer=options.index(str(shape)),
        reason="(30, 16)(16, 64) → (30, 64), the shape of W itself. The product runs over the 16 "
        "examples, so the sum over the batch is inside it; there is no table per example.",
    )


def ask_about_twins() -> Predict:
    """Ask what repeating every example does to the gradient."""
    rng = np.random.default_rng(0)
    network = mlp((3, 4, 2), sigmoid, rng)
    X, Y = rng.random((5, 3)), rng.random((5, 2))
    once, twice = (
        backward(network, forward(network, x), half_squared_error, y).vector
        for x, y in ((X, Y), (np.vstack([X, X]), np.vstack([Y, Y])))
    )
    ratio = np.linalg.norm(twice) / np.linalg.norm(once)
    return Predict(
        "Every example of a batch is put in a second time: 10 rows instead of 5. "
        "What happens to ∂L/∂W?",
        key="04/twins",
        options=("It halves", "It stays the same", "It doubles", "It quadruples"),
        answer=int(np.argmin(np.abs(np.array([0.5, 1, 2, 4]) - ratio))),
        reason="The loss is a mean, so each row of Δ carries 1/N. Twice as many rows of half the "
        "size add up to the same. With a sum in place of the mean it would double.",
    )


def ask_about_depth() -> Predict:
    """Ask how much of δ arrives at the first of twenty sigmoid layers."""
    (ratios,) = delta_norms(sigmoid, [1.0], 20, np.random.default_rng(0))
    powers = np.array([-12, -6, -3, -0.3])
    return Predict(
        "Twenty sigmoid layers of 32 units, weights N(0, 1/32). What is left of the length of δ "
        "when it arrives at layer 1?",
        key="04/depth",
        options=("About 10⁻¹²", "About a millionth", "About a thousandth", "About half"),
        answer=int(np.argmin(np.abs(powers - np.log10(ratios[0])))),
        reason="Each layer multiplies by Wᵀ, which with these weights keeps the length roughly, "
        "and by σ′ ≤ ¼: about 0.23 a layer, and 0.23 to the power 19 is about 10⁻¹². Larger "
        "weights raise the factor, but they also saturate the units, which takes a good part of "
        "it back: at s = 4 it is 0.6, where σ′ = ¼ throughout would give 1. It does reach 1, near "
        "s = 12 (10 to 17 for ten seeds). There half of all σ′ are below 0.01, and a "
        "quarter of the units carries nearly all of δ.",
    )


def ask_for_the_bug() -> Predict:
    """Ask what is wrong with the published step."""
    network = example_network()
    right = products(network, INPUT, TARGET, half_squared_error)
    after = network.with_parameters(network.parameters - 0.5 * right.vector)
    early = products(network, INPUT, TARGET, half_squared_error, back=after)
    spoiled = [bool(np.abs(a - b).max() > 1e-6) for a, b in zip(early.W, right.W, strict=True)]
    return Predict(
        "What is wrong with the program?",
        key="04/bug",
        options=(
            "δ² lacks the derivative a(1 − a) of the output layer's sigmoid",
            "∂L/∂W² is transposed: the column and the row of its product are swapped",
            "W1 is updated from W2's learning rate: it needs a smaller one of its own",
            "W2 is changed before δ¹ is computed, which goes back through the new W2",
        ),
        answer=3 if spoiled == [True, False] else 0,
        reason="∂L/∂a¹ = (W²)ᵀδ² is a slope at the point where the forward pass was, so it needs "
        "the W² that the forward pass used. First all gradients, then all updates. The page that "
        "printed this loss says so itself: it asks for the original weights, and its new w¹₁₁, "
        "0.149780716, is computed from them; only the loss after the step is not. Here δ¹ comes "
        "out too small by 15 to 17 %. It hardly shows in the loss, because W² alone brings more "
        "than 99.9 % of its first fall; with inputs of 1 in place of 0.05 and 0.1 it shows a "
        "hundred times as much. After ten steps the wrong way is even a little ahead. With steps "
        "of 5 or 10 it is so at once, and not by luck: W² moves so far that the early δ¹ comes "
        "close to the slope after that move. The course's train takes no such risk: backward's "
        "recursion runs through first, and then the update rule sees all the slopes, as one "
        "vector.",
    )
