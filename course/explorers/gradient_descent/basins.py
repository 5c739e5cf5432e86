"""Two parameters: where each start ends."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course import plots
from course.descent import Trajectory, descend
from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider, Toggle
from course.explorers.gradient_descent.paths import ending, loss_marks, path_marks
from course.explorers.stage import View
from course.optimizers import GradientDescent
from course.plots import marks as mk
from course.surfaces import Surface, himmelblau, rosenbrock, saddle, two_valleys

MAPS: Final[dict[str, tuple[Surface, float, tuple[float, float]]]] = {
    # name: surface, a learning rate that works, a start
    "two valleys": (two_valleys, 0.1, (-0.07, 1.8)),
    "Himmelblau": (himmelblau, 0.01, (0.5, -1.0)),
    "Rosenbrock": (rosenbrock, 0.001, (-1.2, 1.0)),
    "saddle": (saddle, 0.1, (0.05, 1.5)),
}


@cache
def basin_owner(name: str, alpha: float, steps: int, count: int = 120) -> NDArray[np.int64]:
    """Return which minimum each start of a grid ends in ``(count, count)``, −1 for none.

    One call of ``descend``: rules and surfaces broadcast, so a grid of starts is one run.
    """
    surface = MAPS[name][0]
    _, _, starts = plots.grid(surface, count)
    ends = descend(surface, GradientDescent(alpha), starts, steps).points[-1]
    minima = np.asarray(surface.minima).reshape(-1, 1, 1, 2)
    if not len(minima):
        return np.full((count, count), -1)
    ends = np.nan_to_num(ends, nan=1e9, posinf=1e9, neginf=-1e9).clip(-1e9, 1e9)
    distance = np.linalg.norm(ends - minima, axis=-1)
    return np.where(distance.min(axis=0) < 0.3, distance.argmin(axis=0), -1)


class Basins(Explorer):
    """Two parameters: drag the start over the map, and colour every start by where it ends."""

    heading = "Where does each start end? Basins of attraction"
    dials = (
        Choice("surface", "surface", "two valleys", tuple(MAPS)),
        Slider("w1", "w₁", -0.07, -5.0, 5.0, 0.01, display="field"),
        Slider("w2", "w₂", 1.8, -5.0, 5.0, 0.01, display="field"),
        Slider("learning_rate", "learning rate α", 0.1, 1e-4, 1.0, 0.02, scale="log"),
        Slider("steps", "steps", 60, 1, 500, 1, display="field"),
        Toggle("basins", "colour the basins", False),
    )
    grips = (Handle("start", "Start", "map", x="w1", y="w2"),)

    def background_key(self, values: Mapping[str, Any]) -> Any:
        """Return surface and steps; with basins, also what colours them."""
        v = values
        key = (v["surface"], v["steps"], v["basins"])
        return (*key, v["learning_rate"]) if v["basins"] else key

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw contours, critical points, basins, and the axes of the loss."""
        v = self.values
        surface = MAPS[v["surface"]][0]
        left = figure.add_axes((0.08, 0.16, 0.49, 0.78))
        plots.style(left, theme, x="w₁", y="w₂")
        plots.contours(left, surface, theme)
        if v["basins"]:
            owner = basin_owner(v["surface"], v["learning_rate"], v["steps"])
            plots.basins(left, np.ravel(surface.bounds), owner)
        plots.critical_points(left, surface, theme)
        right = figure.add_axes((0.66, 0.16, 0.325, 0.78))
        plots.style(right, theme, x="step t", y="loss L(wₜ)")
        low, high = loss_limits(surface)
        right.set(xlim=(-0.03 * v["steps"], 1.03 * v["steps"]), ylim=(low, high))
        return {"map": left, "loss": right}

    def compute(
        self, surface: str, w1: float, w2: float, learning_rate: float, steps: int, basins: bool
    ) -> Trajectory:
        """Return the descent from the start."""
        start = np.array([w1, w2])
        return descend(MAPS[surface][0], GradientDescent(learning_rate), start, steps)

    def changes(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the learner changed; another surface brings its own start and rate."""
        changes = super().changes(message)
        if message["type"] == "set" and "surface" in changes:
            surface = str(self._dials["surface"].clean(changes["surface"]))
            _, alpha, (w1, w2) = MAPS[surface]
            changes |= {"learning_rate": alpha, "w1": w1, "w2": w2}
        if message["type"] == "nudge":  # keys stop at the edge of the map, as the mouse does
            edges = dict(zip(("w1", "w2"), MAPS[self.values["surface"]][0].bounds, strict=True))
            changes = {n: float(np.clip(value, *edges[n])) for n, value in changes.items()}
        return changes

    def view(self, record: Trajectory, *, surface: str, learning_rate: float, **_: Any) -> View:
        """Return the path, the downhill arrow of each step, and the loss."""
        t, where = record, MAPS[surface][0]
        low, high = np.array(where.bounds).T
        with np.errstate(over="ignore"):  # a run that diverges
            slope = np.linalg.norm(np.nan_to_num(t.gradients), axis=-1)
        numbers = np.column_stack([np.arange(len(t.points)), t.points, t.values, slope])
        template = "step {0:d}   w = ({1:.4f}, {2:.4f})   L = {3:.5g}   |∇L| = {4:.3g}"
        # the downhill direction, a sixth of the map long at the start and in proportion later
        longest = np.nanmax([slope[0], 1e-300])
        with np.errstate(invalid="ignore", over="ignore"):
            arrow = -t.gradients / np.maximum(slope, longest)[:, None] * (high - low).min() / 6
        downhill = np.hstack([t.points, t.points + arrow])
        marks = [
            mk.arrows(downhill, "map", "gradient", timing="current", size=2.5),
            *path_marks(t.points, "map"),
            *loss_marks(t.values, "loss"),
        ]
        return View(marks, ending(t, where), template, numbers)


@cache
def _loss_limits(name: str) -> tuple[float, float]:
    surface = next(s for s, *_ in MAPS.values() if s.name == name)
    loss = surface.value(plots.grid(surface, 60)[2])
    low, high = float(loss.min()), float(np.quantile(loss, 0.9))
    return low - 0.06 * (high - low), high


def loss_limits(surface: Surface) -> tuple[float, float]:
    """Return limits for a loss axis that show most of the surface."""
    return _loss_limits(surface.name)
