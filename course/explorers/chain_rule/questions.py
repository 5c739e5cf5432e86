"""The predictions of lesson 3. Answers are computed by the library, so that nbval checks them."""

from __future__ import annotations

import numpy as np

from course.accumulation import jacobian_cost
from course.differences import FUNCTIONS, best_step
from course.explorers.chain_rule.graphs import NEURON, SHARED, Run
from course.explorers.predict import Predict

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
TOLERANCE = 0.0055  # two digits after the point are enough
GIVEN = "One neuron: w = 0.5, x = 4, b = −1, y = 1. Forward: z = 1, a = σ(z) = 0.7311. "


def _neuron() -> Run:
    return NEURON.run(0.5, 4.0)


def ask_for_the_slope_of_the_loss() -> Predict:
    """Ask for the local derivative on the edge from a to L."""
    return Predict(
        GIVEN + "L = (a − y)². What is the local derivative ∂L/∂a?",
        key="03/slope_of_the_loss",
        answer=_neuron().slope("L", "a"),
        tolerance=TOLERANCE,
        reason="2(a − y) = 2 · (0.7311 − 1). It is also the gradient at a, since ∂L/∂L = 1.",
    )


def ask_for_the_slope_of_the_sigmoid() -> Predict:
    """Ask for the local derivative on the edge from z to a."""
    return Predict(
        GIVEN + "What is the local derivative ∂a/∂z on the edge from z to a?",
        key="03/slope_of_the_sigmoid",
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
        key="03/gradient_at_z",
        answer=run.gradient("z"),
        tolerance=TOLERANCE,
        reason="−0.5379 · 0.1966. All that lies behind z will need this number. It has a letter of "
        "its own: δ.",
    )


def ask_for_the_slope_of_the_weight() -> Predict:
    """Ask for the local derivative on the edge from w to z."""
    return Predict(
        "Still w = 0.5, x = 4, b = −1. What is the local derivative ∂z/∂w of z = w·x + b?",
        key="03/slope_of_the_weight",
        answer=_neuron().slope("z", "w"),
        tolerance=TOLERANCE,
        reason="It is x: nudge w by 0.01, and z moves by 0.04.",
    )


def ask_for_the_product_at_w() -> Predict:
    """Ask for the gradient at w: the last product on the way to the weight."""
    return Predict(
        "The last product on the way to w: from ∂L/∂z and ∂z/∂w, what is ∂L/∂w?",
        key="03/gradient_at_w",
        answer=_neuron().gradient("w"),
        tolerance=4 * TOLERANCE,  # four times what was rounded at z
        reason="−0.1058 · 4. In one line: ∂L/∂w = 2(a − y) · a(1 − a) · x.",
    )


def ask_for_the_product_at_x() -> Predict:
    """Ask for the gradient at x: one more local derivative and its product."""
    return Predict(
        "Another edge leaves z backward, to x. Still w = 0.5, x = 4, b = −1. What is ∂L/∂x?",
        key="03/gradient_at_x",
        answer=_neuron().gradient("x"),
        tolerance=TOLERANCE + 0.002,  # half of what was rounded at z, and rounded again
        reason="∂z/∂x is w, so −0.1058 · 0.5. The update of w and b does not need it. "
        "But where x is the output of an earlier neuron, the gradient goes on through it.",
    )


def ask_for_the_product_at_b() -> Predict:
    """Ask for the gradient at b: the last edge of the graph."""
    return Predict(
        "And the last edge, from z to b: what is ∂L/∂b?",
        key="03/gradient_at_b",
        answer=_neuron().gradient("b"),
        tolerance=TOLERANCE,
        reason="∂z/∂b is 1: nudge b, and z moves by as much. The gradient passes unchanged.",
    )


def ask_about_two_paths() -> Predict:
    """Ask for the gradient of a weight that is used twice."""
    terms = [e.term for e in SHARED.run(0.5, 4.0).edges if e.parent.label == "w"]
    return Predict(
        "L = (w·σ(w·x) − y)² uses w twice: with u = w·x, h = σ(u) and p = w·h it is (p − y)². "
        f"Back along the edge from w to p comes {terms[0]:.4f}, along the edge from w to u comes "
        f"{terms[1]:.4f}. What is ∂L/∂w?".replace("-", "−"),
        key="03/two_paths",
        answer=sum(terms),
        tolerance=TOLERANCE,
        reason="The terms add. A nudge of w moves both readers of w at once, and for a small "
        "nudge the effects on L add up.",
    )


def ask_for_the_vjp() -> Predict:
    """Ask for one entry of the gradient that goes back through a layer."""
    W, g = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]]), np.array([2.0, -1.0])
    return Predict(
        "z = W a + b with W = [[1, 2, 3], [−1, 0.5, 2]]. The gradient g = ∂L/∂z = (2, −1) has "
        "arrived at z. What is ∂L/∂a₂, the gradient at the second entry of a?",
        key="03/back_through_a_layer",
        answer=(W.T @ g)[1],
        tolerance=TOLERANCE,
        reason="z₁ reads a₂ with the slope 2, z₂ reads it with the slope 0.5: "
        "2 · 2 + (−1) · 0.5. The sum runs down the second column of W, not along a row; for all "
        "entries at once it is Wᵀg.",
    )


def ask_for_the_cost() -> Predict:
    """Ask how much dearer forward accumulation is for the gradient of a network."""
    forward, reverse = jacobian_cost((1000, 1000, 1000, 1))
    times = (1, 500, 1000, 1_000_000)
    return Predict(
        "A chain of three layers: 1000 inputs, then 1000, 1000, and one loss. For all 1000 "
        "derivatives of the loss by the inputs, how many times as many multiplications does "
        "forward accumulation need as reverse accumulation?",
        key="03/cost_of_a_gradient",
        options=("As many", "About 500 times", "About 1000 times", "About a million times"),
        answer=int(np.abs(np.log(times) - np.log(forward / reverse)).argmin()),
        reason="Forward accumulation carries 1000 columns, one for each input; reverse "
        "accumulation carries one row, for the one loss. That alone would make it 1000 times. But "
        "the first Jacobian to be taken is free. Going forward that is one of the two large ones, "
        "so each column meets the other large one and the last layer, which is a single row: "
        "1000 · 1000 + 1000. Going back it is the single row of the last layer, which then meets "
        "both large ones: 2 · 1000 · 1000. So each column costs half as much as the row. With "
        "more layers of 1000 this matters less, and the ratio comes nearer to 1000.",
    )


def ask_for_the_best_step() -> Predict:
    """Ask for the order of the best step of a central difference."""
    best = best_step(FUNCTIONS[1], 1.1, central=True)
    options = (1e-2, 1e-16, 1e-5, 1e-10)
    return Predict(
        "A central difference in float64 (about 16 digits): which of these steps h gives the most "
        "exact slope of eˣ at x = 1.1?",
        key="03/best_step",
        options=("h = 10⁻²", "h = 10⁻¹⁶", "h = 10⁻⁵", "h = 10⁻¹⁰"),
        answer=int(np.abs(np.log10(options) - np.log10(best)).argmin()),
        reason="The error has two parts. For a central difference they are |f‴|h²/6 and ε|f|/(2h): "
        "one shrinks as h shrinks, the other grows. The derivative of the sum by h is zero at "
        "h = (3/2 · ε|f/f‴|)^(1/3), about ε^(1/3) where f and f‴ are alike; here it is "
        f"{_power(best)}. At 10⁻¹⁶ nothing is left at all: x + h is rounded to x. For a forward "
        "difference the parts are |f″|h/2 and ε|f|/h, and the best step is (2ε|f/f″|)^(1/2), "
        f"here {_power(best_step(FUNCTIONS[1], 1.1, central=False))}.",
    )


def _power(number: float) -> str:
    """Write a number with one digit and its power of ten.

    Examples
    --------
    >>> _power(6.9e-6)
    '7·10⁻⁶'
    """
    digit, power = f"{number:.0e}".split("e")
    return f"{digit}·10{str(int(power)).translate(_RAISED)}"


def ask_for_the_bug() -> Predict:
    """Ask which line of the scalar autograd code is wrong."""
    return Predict(
        "Which gradient is wrong, and why?",
        key="03/bug",
        options=(
            "At a node that is read twice, the second term replaces the first",
            "In x * x the two local derivatives stand in the wrong order",
            "A node passes its gradient on before all its readers have had their turn",
            "The gradient at the output starts at 1, where it should start at L",
        ),
        answer=0,
        reason="The line assigns with = where it must add with +=. In x·x + x the node x is read "
        "three times, twice by the product and once by the sum; only the last term, 3, is left of "
        "3 + 3 + 1 = 7. A graph without a fan-out comes out right, so tests on chains pass: the "
        "test that finds this bug has a node that is read twice.",
    )
