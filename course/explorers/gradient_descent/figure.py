"""The topic's picture, live: one parameter on the left, two on the right."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.descent import Trajectory, descend
from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider
from course.explorers.gradient_descent.paths import WINDOW, Array, ending, path_marks
from course.explorers.stage import View
from course.optimizers import GradientDescent
from course.plots import marks as mk
from course.plots.bowl import Bowl
from course.surfaces import cosine_valleys, two_valleys

#: the words of the picture, in both languages
WORDS: Final = {
    "English": ("start", "path", "local minimum", "global minimum"),
    "中文": ("起始位置", "优化过程", "局部最优解", "全局最优解"),
}


class TopicFigure(Explorer):
    """The topic's picture: one parameter on the left, two on the right, both starts draggable."""

    heading = "Gradient descent with one parameter, and with two"
    dials = (
        Slider("start", "w₀", 0.1, *WINDOW, 0.01, display="field"),
        Slider("w1", "w₁", -0.25, -1.7, 1.7, 0.01, display="field"),
        Slider("w2", "w₂", 2.1, -2.4, 2.4, 0.01, display="field"),
        Slider("learning_rate", "learning rate α", 0.1, 0.005, 0.6, 0.005),
        Choice("language", "labels", "English", tuple(WORDS)),
    )
    grips = (
        Handle("start", "Start with one parameter", "curve", x="start", along="curve"),
        Handle("start2", "Start with two parameters", "bowl", x="w1", y="w2"),
    )
    steps = 80

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes of the left panel and the bowl of the right one."""
        ax = figure.add_axes((0.075, 0.16, 0.40, 0.78))
        plots.style(ax, theme, x="w", y="loss L(w)")
        ax.set(xlim=(-2.6, 3.5), ylim=(-0.6, 3.7))
        return {"curve": ax, "bowl": figure_bowl(tuple(self.size)).draw(figure, theme)}

    def compute(
        self, start: float, w1: float, w2: float, learning_rate: float, language: str
    ) -> tuple[Trajectory, Trajectory]:
        """Return the descent on each of the two surfaces."""
        rule = GradientDescent(learning_rate)
        one = descend(cosine_valleys, rule, np.array([start]), self.steps)
        two = descend(two_valleys, rule, np.array([w1, w2]), self.steps)
        return one, two

    def dragged(self, handle: Handle, x: float, y: float) -> dict[str, Any]:
        """Return the start under the pointer: on the bowl, its point that is seen there."""
        if handle.name != "start2":
            return super().dragged(handle, x, y)
        w1, w2 = figure_bowl(tuple(self.size)).under(x, y)
        return {"w1": w1, "w2": w2}

    def view(
        self, record: Any, *, start: float, w1: float, w2: float, language: str, **_: Any
    ) -> View:
        """Return both paths with the picture's labels."""
        one, two = record
        bowl = figure_bowl(tuple(self.size))
        curve = np.linspace(*WINDOW, 300)[:, None]
        xy = np.column_stack([one.points[:, 0], one.values])
        projected = bowl.project(two.points)
        places = {"start": (start, float(one.values[0])), "start2": tuple(projected[0])}
        marks = [
            mk.line(
                np.column_stack([curve, cosine_valleys.value(curve)]),
                "curve",
                "loss",
                size=2.2,
                name="curve",
            ),
            *self._labels(language, one, projected),
            *path_marks(xy, "curve"),
            *path_marks(projected, "bowl"),
        ]
        summary = f"One parameter: {ending(one, cosine_valleys)} Two: {ending(two, two_valleys)}"
        numbers = np.column_stack([np.arange(len(xy)), xy, two.points, two.values])
        template = (
            "step {0:d}   one parameter: w = {1:.4f}, L = {2:.4f}   "
            "two: w = ({3:.4f}, {4:.4f}), L = {5:.4f}"
        )
        return View(marks, summary, template, numbers, places)

    def _labels(self, language: str, one: Trajectory, projected: Array) -> list[mk.Mark]:
        start, path, local, best = WORDS[language]
        bowl = figure_bowl(tuple(self.size))
        minima = np.array([m for m in cosine_valleys.minima if WINDOW[0] < m[0] < WINDOW[1]])
        spots = np.column_stack([minima, cosine_valleys.value(minima)])
        valleys = bowl.project(np.array(two_valleys.minima))
        way = halfway(np.column_stack([one.points[:, 0], one.values]))
        way2 = halfway(projected)
        begin = [[one.points[0, 0], one.values[0]]]
        below, above = (
            {"anchor": "middle", "shift": (0, 24)},
            {"anchor": "middle", "shift": (0, -20)},
        )
        right = {"anchor": "start", "shift": (14, 0)}
        return [
            mk.points(spots[:1], "curve", "global", size=11, shape="star"),
            mk.points(spots[1:], "curve", "minimum", size=8, shape="diamond"),
            mk.text(spots[:1], [best], "curve", "global", anchor="end", shift=(26, 26)),
            mk.text(spots[1:], [local] * (len(spots) - 1), "curve", "minimum", **below),
            mk.text(begin, [start], "curve", "start", **above),
            mk.text(way, [path], "curve", "path", **right),
            mk.points(valleys[:1], "bowl", "global", size=11, shape="star"),
            mk.points(valleys[1:], "bowl", "minimum", size=8, shape="diamond"),
            mk.text(valleys[:1], [best], "bowl", "global", **below),
            mk.text(valleys[1:], [local], "bowl", "minimum", **below),
            mk.text(projected[:1], [start], "bowl", "start", **above),
            mk.text(way2, [path], "bowl", "path", **right),
        ]


@cache
def figure_bowl(size: tuple[int, int]) -> Bowl:
    """Return the right panel's surface, seen from the side and cut off at a rim."""
    return Bowl(two_valleys, size, rect=(0.52, 0.02, 0.46, 0.96), rim=2.2)


def halfway(xy: Array) -> Array:
    """Return the point of a path nearest to the middle of its height, ``(1, 2)``."""
    height = np.nan_to_num(xy[:, 1], nan=np.inf)
    nearest = int(np.argmin(np.abs(height - (height[0] + height[-1]) / 2)))
    return xy[nearest : nearest + 1]
