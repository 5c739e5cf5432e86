"""The predictions of lesson 6. Answers are computed by the library, so that nbval checks them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.counterexamples import play, reddi_slopes
from course.descent import descend
from course.effective import feed
from course.explorers.adaptive_learning_rates.looks import Array
from course.explorers.predict import Predict
from course.optimizers import RULES, AdaGrad, Adam, Momentum
from course.schedules import InverseSquareRoot
from course.surfaces import quadratic


def ask_about_a_steady_slope() -> Predict:
    """Ask how long momentum's step becomes where the gradient stays the same."""
    steps = np.diff(feed(Momentum(0.1, beta=0.9), np.ones((300, 1))).points[:, 0])
    return Predict(
        "Momentum with β = 0.9 runs down a slope that never changes. In the long run, how many "
        "times as long as gradient descent’s is its step, with the same α?",
        answer=float(np.round(steps[-1] / -0.1, 6)),
        tolerance=0.5,
        unit="times as long",
        key="06/steady_slope",
        reason="v is g (1 + β + β² + …), a geometric series with the sum g/(1 − β): ten times g, "
        "an effective rate of α/(1 − β). So whoever changes β from 0 to 0.9 and leaves α alone has "
        "made the steps on a steady slope ten times as long.",
    )


def ask_about_adagrad() -> Predict:
    """Ask how AdaGrad's steps shrink where the gradient stays the same."""
    steps = np.diff(feed(AdaGrad(0.1), np.full((100, 1), 3.0)).points[:, 0])
    options = ("Next to nothing", "A hundredth", "A tenth", "As long: the gradient is the same")
    shares = np.array([1e-6, 0.01, 0.1, 1])
    return Predict(
        "The gradient is 3 in every step. How long is AdaGrad’s step 100, measured against its "
        "step 1?",
        options=options,
        answer=int(np.argmin(np.abs(np.log10(shares * steps[0] / steps[-1])))),
        key="06/adagrad",
        reason="After t steps G = 9t, so the step is α · 3 / √(9t) = α/√t: a tenth at t = 100. "
        "The size of the gradient has dropped out. While gradients keep their size, a decay like "
        "1/√t is built in, the one that online learning uses (Zinkevich 2003). It counts events: "
        "a feature that occurs in one example of a hundred keeps ten times the rate of one that "
        "is always there, if its slopes are as large.",
    )


def ask_about_the_first_step() -> Predict:
    """Ask for Adam's first step for a tiny and for a huge gradient."""
    first = np.abs(np.diff([feed(Adam(0.1), [[g]]).points[:, 0] for g in (0.001, 1000.0)]))
    equal = bool(np.allclose(first, 0.1, rtol=1e-4))
    return Predict(
        "Adam, α = 0.1. How long is its first step if the gradient is g = 0.001, and if it is "
        "g = 1000?",
        options=(
            "Both about 0.1",
            "0.0001 and 100: α times g",
            "Both about 0.316",
            "0.1 and about 0.0001",
        ),
        answer=0 if equal else 1,
        key="06/first_step",
        reason="In the first step m̂ = g and √v̂ = |g|, so the step is α · g/(|g| + ε): α times the "
        "sign of g, up to ε. Adam’s α is a length in the parameters, not a factor of the slope.",
    )


def ask_about_turning() -> Predict:
    """Ask whose path turns along when the valley is turned by 45 degrees."""
    angle = np.pi / 4
    R = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    start = np.array([-1.8, 1.0])
    flat, lying = quadratic((1.0, 30.0)), quadratic((1.0, 30.0), angle)
    same = []
    for kind in RULES:
        a, b = (
            descend(s, kind(0.01), x, 50).points for s, x in ((flat, start), (lying, R @ start))
        )
        same.append(bool(np.allclose(a @ R.T, b, atol=1e-9)))
    return Predict(
        "A narrow valley lies along the w₁ axis. We turn it by 45°, and the start with it. Whose "
        "path simply turns along?",
        options=(
            "Everybody’s: the valley is the same",
            "Nobody’s",
            "That of the rules with a rate for each coordinate",
            "That of the rules with one rate for all coordinates",
        ),
        answer=3 if same == [True] * 3 + [False] * 4 else 0,
        key="06/turning",
        reason="Gradient descent, momentum and Nesterov add up gradients, and gradients turn "
        "along. A rate for each coordinate belongs to the axes, and these did not turn: in a "
        "diagonal valley both coordinates see much the same mixture of steep and flat, so that "
        "their scales come close together. Turned by 90° everybody’s path turns along: the "
        "coordinates have only swapped places.",
    )


def ask_about_the_game() -> Predict:
    """Ask where Adam ends in the game of Reddi, Kale and Kumar."""
    rule = Adam(InverseSquareRoot(0.5), beta1=0.0, beta2=0.1)
    end = play(rule, reddi_slopes(3.0, 3000)).x[-1]
    return Predict(
        "On [−1, 1] the loss is 3x in every third round, and −x in the two others: x = −1 is best. "
        "Adam plays with β₁ = 0, β₂ = 0.1 and αₜ = α/√t. Where does it end?",
        options=("Near +1", "Near 0", "Near −1", "Nowhere: it keeps wandering"),
        answer=int(np.argmin(np.abs(np.array([1.0, 0.0, -1.0]) - end))),
        key="06/game",
        reason="Divided by its own size, the slope 3 counts hardly more than a slope of −1, and "
        "there are two of those for each of it: in units of α the three steps are −1.05, 0.76 "
        "and 0.97. Adam walks to the worst point there is. Its effective rate grows again when "
        "the large slope is forgotten, and that is what breaks the proof. AMSGrad, once v_max "
        "stands, divides all three by the same number, and 3 − 1 − 1 > 0 decides.",
    )


#: test accuracies on the digits, as the lesson measures them: the worst and the best of the seven
TUNED, EQUAL = (0.934, 0.967), (0.145, 0.967)


def ask_about_the_digits(tuned: Sequence[float] = TUNED, equal: Sequence[float] = EQUAL) -> Predict:
    """Ask how far apart the rules' test accuracies are, each with its own tuned rate.

    The reason tells how far apart they are in `equal`, with α = 0.01 for all.
    """
    spread, apart = (100 * (max(reached) - min(reached)) for reached in (tuned, equal))
    return Predict(
        "The digits, five epochs, every rule with the α that suits it best. How far apart are the "
        "best and the worst of the seven in test accuracy?",
        options=(
            "By less than 1 point",
            "By 1 to 6 points",
            "By 6 to 25 points",
            "By more than 25 points",
        ),
        answer=int(np.searchsorted([1, 6, 25], spread)),
        key="06/digits",
        reason="Tuned, they are close together. With one α for all, 0.01, they differ by "
        f"more than {10 * int(apart // 10)} points: what the rules differ in is above all which α "
        "they need.",
    )


def ask_for_the_bug() -> Predict:
    """Ask what is wrong with the program that fails on the digits alone."""
    with np.errstate(all="ignore"):
        broken = np.isnan(0.0 / np.sqrt(0.0) + 1e-8)
    return Predict(
        "What is wrong?",
        options=(
            "The moments are corrected with the wrong t: the first step divides by 0",
            "β₁ and β₂ are swapped, and the averages overflow",
            "α is too large for the digits, and the first step overflows",
            "ε is added to the quotient instead of to its denominator: a gradient of 0 gives 0/0",
        ),
        answer=3 if broken else 0,
        key="06/bug",
        reason="m̂ / √v̂ + ε is not m̂ / (√v̂ + ε). A pixel that is blank in every image has the "
        "gradient 0 for all its weights, so m̂ and v̂ are 0 there, and 0/0 is not a number. On the "
        "valley no gradient of that run is exactly 0, and the misplaced ε adds 10⁻¹⁰ to each "
        "step: nobody sees it. From w₂ = 0 it fails there too.",
    )


def proof_of_the_bug(X: Array, g: Array, step: Array) -> str:
    """Say which inputs X are to blame, and what the library's step does where the slope g is 0."""
    blank, moved = np.all(X == 0, axis=0), bool(np.any(step[g == 0] != 0))
    return (
        f"blank in all {len(X)} images: {blank.sum()} pixels, with 30 weights each\n"
        f"the library moves these weights: {moved}"
    )


def first_steps(g: float, epsilon: float) -> tuple[float, float, float]:
    """Return Adam's first step, in units of α, with ε in three places and the default β₂.

    They are outside the root, inside it, and outside the root of the uncorrected v.

    Examples
    --------
    >>> [round(step, 3) for step in first_steps(1e-8, 1e-8)]
    [0.5, 0.0, 0.031]
    """
    inside = g / np.sqrt(g**2 + epsilon)
    return g / (g + epsilon), float(inside), g / (g + epsilon / float(np.sqrt(0.001)))
