"""The predictions of lesson 6. Answers are computed by the library, so that nbval checks them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.counterexamples import play, reddi_slopes
from course.descent import descend
from course.effective import feed
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
        reason="v is g (1 + β + β² + …), a geometric series with the sum g/(1 − β): ten times g. "
        "So a momentum of 0.9 also multiplies the learning rate by ten.",
    )


def ask_about_adagrad() -> Predict:
    """Ask how AdaGrad's steps shrink where the gradient stays the same."""
    steps = np.diff(feed(AdaGrad(0.1), np.full((100, 1), 3.0)).points[:, 0])
    options = ("As long: the gradient is the same", "A tenth", "A hundredth", "Next to nothing")
    shares = np.array([1, 0.1, 0.01, 1e-6])
    return Predict(
        "The gradient is 3 in every step. How long is AdaGrad’s step 100, measured against its "
        "step 1?",
        options=options,
        answer=int(np.argmin(np.abs(np.log10(shares * steps[0] / steps[-1])))),
        reason="After t steps G = 9t, so the step is α · 3 / √(9t) = α/√t: a tenth at t = 100. "
        "The size of the gradient has dropped out altogether.",
    )


def ask_about_the_first_step() -> Predict:
    """Ask for Adam's first step for a tiny and for a huge gradient."""
    first = np.abs(np.diff([feed(Adam(0.1), [[g]]).points[:, 0] for g in (0.001, 1000.0)]))
    equal = bool(np.allclose(first, 0.1, rtol=1e-4))
    return Predict(
        "Adam, α = 0.1. How long is its first step if the gradient is g = 0.001, and if it is "
        "g = 1000?",
        options=(
            "0.0001 and 100: α times g",
            "Both about 0.1",
            "Both about 0.316",
            "0.1 and about 0.0001",
        ),
        answer=1 if equal else 0,
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
            "That of the rules with one rate for all coordinates",
            "That of the rules with a rate for each coordinate",
        ),
        answer=2 if same == [True] * 3 + [False] * 4 else 0,
        reason="Gradient descent and momentum add up gradients, and gradients turn along. A rate "
        "for each coordinate belongs to the axes, and these did not turn: in a diagonal valley "
        "both coordinates see the same mixture of steep and flat.",
    )


def ask_about_the_game() -> Predict:
    """Ask where Adam ends in the game of Reddi, Kale and Kumar."""
    rule = Adam(InverseSquareRoot(0.5), beta1=0.0, beta2=0.1)
    end = play(rule, reddi_slopes(3.0, 3000)).x[-1]
    return Predict(
        "On [−1, 1] the loss is 3x in every third round, and −x in the two others: x = −1 is best. "
        "Adam plays with β₁ = 0, β₂ = 0.1 and αₜ = α/√t. Where does it end?",
        options=("Near −1", "Near 0", "Near +1", "It wanders for ever"),
        answer=int(np.argmin(np.abs(np.array([-1.0, 0.0, 1.0]) - end))),
        reason="Divided by its own size, the slope 3 counts hardly more than a slope of −1, and "
        "there are two of those for each of it. Adam walks to the worst point there is.",
    )


def ask_about_the_digits(tuned: Sequence[float], equal: Sequence[float]) -> Predict:
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
            "The moments are corrected with the wrong t",
            "ε is added to the quotient instead of to its denominator: a gradient of 0 gives 0/0",
            "β₁ and β₂ are swapped",
            "α is too large for the digits",
        ),
        answer=1 if broken else 0,
        reason="m̂ / √v̂ + ε is not m̂ / (√v̂ + ε). A pixel that is blank in every image has the "
        "gradient 0 for all its weights, so m̂ and v̂ are 0 there, and 0/0 is not a number.",
    )
