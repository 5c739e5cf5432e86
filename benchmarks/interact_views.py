"""The explorers as a notebook would have them without ours: `interact` and pyplot.

For lesson 2 each function draws the panels of one explorer, of the same size and with the same
descent, the contours anew in every call, as `interact` does; it computes with the course's own
library. For all other lessons `same_view` draws an explorer's own background and marks.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

from course import explorers
from course.descent import descend
from course.explorers.base import Explorer
from course.explorers.controls import Slider
from course.explorers.picture import PIXELS_PER_INCH
from course.optimizers import GradientDescent
from course.plots import draw_marks
from course.surfaces import cosine_valleys, quadratic, two_valleys

SIZE = (8.8, 4.0)


def one_parameter(learning_rate: float, start: float = 0.1, steps: int = 30) -> None:
    """Draw the curve with its path, and the loss against the step."""
    run = descend(cosine_valleys, GradientDescent(learning_rate), [start], steps)
    w = np.linspace(-2.5, 3.4, 300)
    _, (left, right) = plt.subplots(1, 2, figsize=SIZE)
    left.plot(w, cosine_valleys.value(w[:, None]))
    left.plot(run.points[:, 0], run.values, ".-")
    left.set(xlabel="w", ylabel="loss L(w)", xlim=(-2.6, 3.5), ylim=(-0.25, 3.6))
    right.plot(run.values)
    right.set(xlabel="step t", ylabel="loss", ylim=(-0.25, 3.6))
    plt.show()


def topic_figure(
    learning_rate: float, start: float = 0.1, w1: float = -0.25, w2: float = 2.1
) -> None:
    """Draw the curve with its path, and the surface of two parameters with its path."""
    rule = GradientDescent(learning_rate)
    one = descend(cosine_valleys, rule, [start], 80)
    two = descend(two_valleys, rule, [w1, w2], 80)
    figure = plt.figure(figsize=SIZE)
    left = figure.add_subplot(1, 2, 1, xlabel="w", ylabel="loss L(w)", ylim=(-0.6, 3.7))
    w = np.linspace(-2.5, 3.4, 300)
    left.plot(w, cosine_valleys.value(w[:, None]))
    left.plot(one.points[:, 0], one.values, ".-")
    for minimum in filter(lambda point: -2.5 < point[0] < 3.4, cosine_valleys.minima):
        left.annotate("minimum", (minimum[0], cosine_valleys.value(np.array(minimum))))
    right = figure.add_subplot(1, 2, 2, projection="3d", zlim=(0, 2.2))
    x, y = np.meshgrid(np.linspace(-1.7, 1.7, 50), np.linspace(-2.4, 2.4, 50))
    loss = two_valleys.value(np.stack([x, y], axis=-1))
    right.plot_surface(x, y, np.minimum(loss, 2.2), alpha=0.6)
    right.plot(*two.points.T, two.values, ".-")
    plt.show()


def basins(learning_rate: float, w1: float = -0.07, w2: float = 1.8, steps: int = 60) -> None:
    """Draw the contours with the path, and the loss against the step."""
    run = descend(two_valleys, GradientDescent(learning_rate), [w1, w2], steps)
    _, (left, right) = plt.subplots(1, 2, figsize=SIZE)
    (x_low, x_high), (y_low, y_high) = two_valleys.bounds
    x, y = np.meshgrid(np.linspace(x_low, x_high, 160), np.linspace(y_low, y_high, 160))
    left.contour(x, y, two_valleys.value(np.stack([x, y], axis=-1)), levels=14)
    left.plot(*run.points.T, ".-")
    left.plot(*np.array(two_valleys.minima).T, "*")
    left.set(xlabel="w₁", ylabel="w₂", xlim=(x_low, x_high), ylim=(y_low, y_high))
    right.plot(run.values)
    right.set(xlabel="step t", ylabel="loss")
    plt.show()


def learning_rate(
    learning_rate: float, lambda2: float = 8.0, w1: float = 1.8, w2: float = 0.8
) -> None:
    """Draw the contours of the quadratic with the path, and the two factors against the rate."""
    surface = quadratic([1.0, lambda2])
    run = descend(surface, GradientDescent(learning_rate), [w1, w2], 30)
    _, (left, right) = plt.subplots(1, 2, figsize=SIZE)
    x, y = np.meshgrid(np.linspace(-2.4, 2.4, 160), np.linspace(-1.6, 1.6, 160))
    left.contour(x, y, surface.value(np.stack([x, y], axis=-1)), levels=8)
    left.plot(*run.points.T, ".-")
    left.set(xlabel="w₁", ylabel="w₂", xlim=(-2.4, 2.4), ylim=(-1.6, 1.6))
    alpha = np.linspace(0, 1.25, 251)
    right.axvspan(0, 2 / lambda2, alpha=0.12)
    right.plot(alpha, abs(1 - alpha), label="|1 − αλ₁|")
    right.plot(alpha, abs(1 - alpha * lambda2), "--", label="|1 − αλ₂|")
    right.axvline(learning_rate)
    right.set(xlabel="learning rate α", ylabel="factor", xlim=(0, 1.25), ylim=(0, 2))
    right.legend()
    plt.show()


def critical_points(
    lambda1: float, lambda2: float = -1.0, w1: float = 1.6, w2: float = 0.0
) -> None:
    """Draw the contours of the quadratic with the path, and its two cuts."""
    surface = quadratic([lambda1, lambda2])
    run = descend(surface, GradientDescent(0.2), [w1, w2], 50)
    _, (left, right) = plt.subplots(1, 2, figsize=SIZE)
    x, y = np.meshgrid(np.linspace(-2.4, 2.4, 160), np.linspace(-1.6, 1.6, 160))
    left.contour(x, y, surface.value(np.stack([x, y], axis=-1)), levels=16)
    left.plot(*run.points.T, ".-")
    left.set(xlabel="w₁", ylabel="w₂", xlim=(-2.4, 2.4), ylim=(-1.6, 1.6))
    s = np.linspace(-2, 2, 81)
    right.plot(s, lambda1 * s**2 / 2, label="along w₁")
    right.plot(s, lambda2 * s**2 / 2, "--", label="along w₂")
    right.set(xlabel="distance", ylabel="loss", xlim=(-2, 2), ylim=(-4.2, 4.2))
    right.legend()
    plt.show()


def same_view(explorer: Explorer) -> Callable[..., None]:
    """Return a function that draws what an explorer shows at its last step, by pyplot."""

    def draw(**values: float) -> None:
        explorer.value = values
        width, height = explorer.size
        figure = plt.figure(figsize=(width / PIXELS_PER_INCH, height / PIXELS_PER_INCH))
        panels = explorer.draw_background(figure, "light")
        draw_marks(panels, explorer.shown.marks, explorer.step)
        plt.show()

    return draw


@dataclass(frozen=True)
class Pair:
    """An explorer and the same view with `interact`.

    `slider` is what is moved; `limits` are its start, low, high and step for `interact`; `others`
    are sliders that stand beside it. `draw` is empty for `same_view`; `log` says that the slider
    is logarithmic, with a step in powers of ten.
    """

    explorer: str
    draw: Callable[..., None] | None
    slider: str
    limits: tuple[float, float, float, float]
    others: tuple[str, ...] = ()
    package: str = "gradient_descent"
    log: bool = False


PAIRS = (
    Pair("TopicFigure", topic_figure, "learning_rate", (0.1, 0.005, 0.6, 0.005), ("w1", "w2")),
    Pair("OneParameter", one_parameter, "learning_rate", (0.1, 0.01, 0.6, 0.0025), ("start",)),
    Pair("Basins", basins, "learning_rate", (0.1, 0.01, 0.6, 0.005), ("w1", "w2")),
    Pair("LearningRate", learning_rate, "learning_rate", (0.15, 0.005, 1.2, 0.005), ("lambda2",)),
    Pair("CriticalPoints", critical_points, "lambda1", (1.0, -2.0, 2.0, 0.1), ("lambda2",)),
)


def other_lessons() -> Iterator[Pair]:
    """Yield a pair for every explorer of the other lessons that needs no arguments."""
    for package in pkgutil.iter_modules(explorers.__path__):
        if not package.ispkg or package.name == "gradient_descent":
            continue
        lesson = importlib.import_module(f"course.explorers.{package.name}")
        for name in lesson.__all__:
            made = getattr(lesson, name)
            if not (isinstance(made, type) and issubclass(made, Explorer)):
                continue
            needed = inspect.signature(made).parameters.values()
            if any(p.default is p.empty and p.kind not in (p.VAR_KEYWORD,) for p in needed):
                continue
            sliders = [d for d in made.dials if isinstance(d, Slider) and d.display == "slider"]
            dials = [d for d in sliders if d.low < d.value < d.high]  # it moves to both sides
            if dials:
                dial = dials[0]
                limits = (dial.value, dial.low, dial.high, dial.step)
                log = dial.scale == "log"
                yield Pair(name, None, dial.name, limits, package=package.name, log=log)
