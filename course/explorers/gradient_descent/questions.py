"""The predictions of lesson 2. Answers are computed by the library, so that nbval checks them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.descent import descend
from course.explorers.predict import Predict
from course.numeric import numeric_hessian
from course.optimizers import GradientDescent
from course.plots import marks as mk
from course.surfaces import cosine_valleys, quadratic, two_valleys


def curve_scene(figure: Figure, theme: str) -> dict[str, Axes]:
    """Draw the loss of one parameter, for questions that ask for a place on it."""
    ax = figure.add_axes((0.075, 0.19, 0.91, 0.75))
    plots.style(ax, theme, x="w", y="loss L(w)")
    plots.curve(ax, cosine_valleys, theme)
    ax.set(xlim=(-2.6, 3.5), ylim=(-0.25, 3.6))
    return {"curve": ax}


def curve_start(w: float) -> list[mk.Mark]:
    """Return the mark of a start at w on the curve."""
    spot = [[w, float(cosine_valleys.value([w]))]]
    label = mk.text(spot, ["start"], "curve", "start", shift=(12, -8))
    return [mk.points(spot, "curve", "start", size=12), label]


def ask_where_it_ends() -> Predict:
    """Ask where descent from beside the middle peak ends."""
    run = descend(cosine_valleys, GradientDescent(0.1), np.array([0.1]), 40)
    return Predict(
        "Gradient descent starts at w = 0.1, just right of the peak at −0.0075, with α = 0.1. "
        "Where does it end? Place the marker.",
        key="02/where_it_ends",
        answer=(run.points[-1, 0], run.values[-1]),
        reason="It slides into the first valley on its way, which is not the deepest one: "
        "it sees the slope where it stands and nothing else.",
        tolerance=0.4,
        scene=curve_scene,
        marks=curve_start(0.1),
    )


def ask_about_the_peak() -> Predict:
    """Ask what happens from a point where the slope is exactly zero."""
    run = descend(quadratic((-1.0,)), GradientDescent(0.1), np.array([0.0]), 100)
    stays = bool((run.points == 0).all())
    return Predict(
        "What if gradient descent starts exactly on a peak, where L′(w) = 0?",
        key="02/on_the_peak",
        options=(
            "It falls to the nearer valley",
            "It falls to the deeper valley",
            "It picks a side at random",
            "It stays on the peak for ever",
        ),
        answer=3 if stays else 0,
        reason="The step is −α·0 = 0: nothing in the rule knows a peak from a valley floor. But a "
        "peak holds the run at that one point only. From a start beside it, as near as you like, "
        "the distance to the peak grows in each step by a factor of about 1 + αc, where "
        "L″ = −c < 0: the run leaves exponentially fast.",
    )


def ask_for_the_limit() -> Predict:
    """Ask for the largest stable learning rate of a bowl."""
    curvatures = np.array([1.0, 8.0])
    return Predict(
        "A bowl has curvature λ₁ = 1 along w₁ and λ₂ = 8 along w₂. "
        "Below which learning rate α does gradient descent converge from every start?",
        key="02/largest_rate",
        answer=2 / curvatures.max(),
        tolerance=0.005,
        reason="2/λmax = 2/8. One α serves both directions, and the steeper one, w₂, is the first "
        "whose factor 1 − αλ falls to −1. For w₁ alone any α below 2 would do.",
    )


def ask_a_little_above() -> Predict:
    """Ask what a learning rate a little above 2/L″ does."""
    run = descend(cosine_valleys, GradientDescent(0.21), np.array([0.1]), 400)
    jumps = abs(run.points[-1] - run.points[-2])[0] > 0.1 and np.ptp(run.points[-100:]) < 1
    home = cosine_valleys.minima[1]
    curvature = float(numeric_hessian(cosine_valleys.gradient, home)[0, 0])
    low, high = sorted(run.points[-2:, 0])
    return Predict(
        f"Same start, w = 0.1, but α = 0.21, a little above 2/L″ = {2 / curvature:.4f}. "
        "Where does it go?",
        key="02/a_little_above",
        options=(
            "To the same minimum, only faster",
            "It bounces around the minimum for ever",
            "It jumps over to the global minimum",
            "It runs off to infinity",
        ),
        answer=1 if jumps else 0,
        reason=f"At the minimum the factor is 1 − 0.21 · {curvature:.2f} = "
        f"{1 - 0.21 * curvature:.2f}".replace("-", "−")
        + ", so a start beside it is driven away. Farther out the slope grows less than in "
        "proportion to the distance. Where a jump is just twice the distance there is a cycle, "
        f"{low:.4f} and {high:.4f}, and the run ends in it. With larger α come cycles of 4 and "
        "of 8 points, then mostly runs that do not repeat; none of the runs below goes to "
        "infinity, and section 7 says why.",
    )


def ask_about_two_starts() -> Predict:
    """Ask where two starts on either side of a basin's edge end."""
    starts = np.array([[-0.07, 1.8], [-0.05, 1.8]])
    left, right = descend(two_valleys, GradientDescent(0.1), starts, 300).points[-1, :, 0] > 0
    return Predict(
        "Two starts, 0.02 apart: (−0.07, 1.8) and (−0.05, 1.8). The deeper valley is on the right. "
        "With α = 0.1, where do they end?",
        key="02/two_starts",
        options=(
            "Both in the deeper valley",
            "Both in the shallower valley",
            "In different valleys",
            "Both on the saddle between the valleys",
        ),
        answer=2 if left != right else 0 if left else 1,
        reason="Here the step of w₁ does not depend on w₂, and where w₁ = −0.0602, the saddle's, "
        "it is zero: with α = 0.1 no run from the picture crosses that line. It lies between the "
        "two starts. Starts on either side of such an edge part, however near they are to each "
        "other.",
    )


def ask_about_the_saddle() -> Predict:
    """Ask what happens on the line that leads into a saddle."""
    run = descend(quadratic((1.0, -1.0)), GradientDescent(0.2), np.array([1.6, 0.0]), 200)
    arrives = bool(np.linalg.norm(run.points[-1]) < 1e-6)
    return Predict(
        "A start lies exactly on the line w₂ = 0 that leads to a saddle with eigenvalues 1 (along "
        "w₁) and −1 (along w₂). Where does gradient descent with α = 0.2 go?",
        key="02/towards_a_saddle",
        options=(
            "Towards the saddle, and it never leaves",
            "Past the saddle, downhill along w₂",
            "Uphill, away from the saddle",
            "Nowhere: the gradient is zero",
        ),
        answer=0 if arrives else 1,
        reason="On that line the gradient has no component along w₂, so w₂ stays exactly zero, and "
        "w₁ shrinks by the factor 0.8 in each step. Such starts fill a line, a set of measure "
        "zero: a random start misses it with probability one, and a nudge off the line grows by "
        "the factor 1.2 in each step. Were the line not an axis, rounding would as a rule be such "
        "a nudge.",
    )


def ask_for_the_bug() -> Predict:
    """Ask what is wrong with the loss map."""
    return Predict(
        "What is wrong?",
        key="02/the_bug",
        options=(
            "The mean should be a sum",
            "x and y have different shapes: the residuals are a (100, 100) table",
            "The grid is too coarse to contain the minimum",
            "The axes w and b are swapped in the map",
        ),
        answer=1,
        reason="x is (100, 1) and y is (100,), so w * x + b − y broadcasts to every prediction "
        "minus every target. The best fit to that is a constant, the mean of y: the slope comes "
        "out as zero. NumPy did as it was told, without a word. That is why every loss of this "
        "course refuses shapes that are not equal.",
    )
