"""The predictions of lesson 3. Answers are computed by the library, so that nbval checks them."""

from __future__ import annotations

import numpy as np

from course.accumulation import jacobian_cost
from course.differences import FUNCTIONS, best_step
from course.explorers.chain_rule.graphs import NEURON, SHARED, Run
from course.explorers.predict import Predict

TOLERANCE = 0.0055  # two digits after the point are enough
GIVEN = "One neuron: w = 0.5, x = 4, b = −1, y = 1. Forward: z = 1, a = σ(z) = 0.7311. "


def _neuron() -> Run:
    return NEURON.run(0.5, 4.0)


def ask_for_the_slope_of_the_loss() -> Predict:
    """Ask for the local derivative on the edge from a to L."""
    return Predict(
        GIVEN + "L = (a − y)². What is the local derivative ∂L/∂a?",
        answer=_neuron().slope("L", "a"),
        tolerance=TOLERANCE,
        reason="2(a − y) = 2 · (0.7311 − 1). It is also the gradient at a, since ∂L/∂L = 1.",
    )


def ask_for_the_slope_of_the_sigmoid() -> Predict:
    """Ask for the local derivative on the edge from z to a."""
    return Predict(
        GIVEN + "What is the local derivative ∂a/∂z on the edge from z to a?",
        answer=_neuron().slope("a", "z"),
        tolerance=TOLERANCE,
        reason="σ′(z) = a(1 − a) = 0.7311 · 0.2689. No exponential is needed again: "
        "the forward pass has left a behind.",
    )


def ask_for_the_product_at_z() -> Predict:
    """Ask for the gradient at z: the first product of the backward pass."""
    run = _neuron()
    return Predict(
        "Now the first product. You have ∂L/∂a, which stands at a, and ∂a/∂z, on the edge from z "
        "to a. What is the gradient ∂L/∂z?",
        answer=run.gradient("z"),
        tolerance=TOLERANCE,
        reason="−0.5379 · 0.1966. This number, ∂L/∂z, is so useful that it has a letter of its "
        "own: δ.",
    )


def ask_for_the_slope_of_the_weight() -> Predict:
    """Ask for the local derivative on the edge from w to z."""
    return Predict(
        "Still w = 0.5, x = 4, b = −1. What is the local derivative ∂z/∂w of z = w·x + b?",
        answer=_neuron().slope("z", "w"),
        tolerance=TOLERANCE,
        reason="It is x: nudge w by 0.01 and z moves by 0.04. And ∂z/∂x is w, ∂z/∂b is 1.",
    )


def ask_for_the_product_at_w() -> Predict:
    """Ask for the gradient at w: the last product on the way to the weight."""
    return Predict(
        "The last product on this way: from ∂L/∂z and ∂z/∂w, what is ∂L/∂w?",
        answer=_neuron().gradient("w"),
        tolerance=4 * TOLERANCE,  # four times what was rounded at z
        reason="−0.1058 · 4. In one line: ∂L/∂w = 2(a − y) · a(1 − a) · x.",
    )


def ask_about_two_paths() -> Predict:
    """Ask for the gradient of a weight that is used twice."""
    terms = [e.term for e in SHARED.run(0.5, 4.0).edges if e.parent.label == "w"]
    return Predict(
        "L = (w·σ(w·x) − y)² uses w twice: with u = w·x, h = σ(u) and p = w·h it is (p − y)². "
        f"Back along the edge from w to p comes {terms[0]:.4f}, along the edge from w to u comes "
        f"{terms[1]:.4f}. What is ∂L/∂w?".replace("-", "−"),
        answer=sum(terms),
        tolerance=TOLERANCE,
        reason="The terms add. A nudge of w moves both readers of w at once, and for a small "
        "nudge the effects on L add up.",
    )


def ask_for_the_vjp() -> Predict:
    """Ask what takes the gradient of z back to a."""
    W, g = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([1.0, -1.0])
    options = {
        "W g": None,
        "Wᵀ g": W.T @ g,
        "g aᵀ": np.outer(g, np.ones(3)),
        "W⁻¹ g": None,
    }
    fits = [v is not None and v.shape == (3,) for v in options.values()]
    return Predict(
        "z = W a + b, with W of shape (2, 3). The gradient g = ∂L/∂z has 2 entries. What is ∂L/∂a?",
        options=tuple(options),
        answer=fits.index(True),
        reason="It must have the 3 entries of a. Entry j gathers what every zᵢ brings: "
        "Σᵢ gᵢ Wᵢⱼ, which is (Wᵀ g)ⱼ, a sum at a fan-out. Nothing is inverted: a gradient goes "
        "backward, but it is no solution of an equation.",
    )


def ask_for_the_cost() -> Predict:
    """Ask how much dearer forward accumulation is for the gradient of a network."""
    forward, reverse = jacobian_cost((1000, 1000, 1000, 1))
    return Predict(
        "A chain of layers: 1000 inputs, 1000, 1000, and one loss. For all 1000 derivatives of "
        "the loss, forward accumulation needs how many times the multiplications of reverse "
        "accumulation?",
        options=("Half as many", "As many", "About 500 times", "A million times"),
        answer=2 if 100 < forward / reverse < 10_000 else 1,
        reason="Forward accumulation sends 1000 columns through the layers, one for each input; "
        "reverse accumulation sends one row back, one for each output. There is one output: the "
        "loss.",
    )


def ask_for_the_best_step() -> Predict:
    """Ask for the order of the best step of a central difference."""
    best = best_step(FUNCTIONS[1], 1.1, central=True)
    options = (1e-2, 1e-5, 1e-10, 1e-16)
    return Predict(
        "A central difference in float64 (about 16 digits): which step h gives the most exact "
        "slope of eˣ at x = 1.1?",
        options=("0.01", "0.00001", "10⁻¹⁰", "10⁻¹⁶, the smaller the better"),
        answer=int(np.abs(np.log10(options) - np.log10(best)).argmin()),
        reason="The error has two parts: truncation falls like h², rounding grows like ε/h. They "
        "balance near h = ε^(1/3), about 6·10⁻⁶.",
    )


def ask_for_the_bug() -> Predict:
    """Ask which line of the scalar autograd code is wrong."""
    return Predict(
        "Which gradient is wrong, and why?",
        options=(
            "The local derivatives of x * x are swapped",
            "The nodes are visited in the wrong order",
            "At a node that is read twice, the second term replaces the first",
            "The start value 1 at the output should be y",
        ),
        answer=2,
        reason="The line assigns with = where it must add with +=. Every graph without a fan-out "
        "comes out right, so tests on chains pass.",
    )
