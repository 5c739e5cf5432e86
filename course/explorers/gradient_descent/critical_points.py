"""What the Hessian's eigenvalues say of a point where the gradient is zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.descent import Trajectory, descend
from course.explorers.base import Explorer
from course.explorers.controls import Handle, Slider, Toggle
from course.explorers.gradient_descent.levels import level_lines
from course.explorers.gradient_descent.paths import Array, path_marks
from course.explorers.stage import View
from course.optimizers import GradientDescent
from course.plots import marks as mk
from course.surfaces import quadratic


class CriticalPoints(Explorer):
    """The Hessian's eigenvalues decide what a point of zero gradient is, and what descent does."""

    heading = "A zero gradient: minimum, maximum or saddle?"
    dials = (
        Slider("lambda1", "λ₁", 1.0, -2.0, 2.0, 0.1),
        Slider("lambda2", "λ₂", -1.0, -2.0, 2.0, 0.1),
        Slider("w1", "start w₁", 1.6, -2.2, 2.2, 0.05, display="field"),
        Slider("w2", "w₂", 0.0, -1.4, 1.4, 0.05, display="field"),
        Toggle("nudge", "nudge by 0.001", False),
    )
    grips = (Handle("start", "Start", "map", x="w1", y="w2"),)
    alpha, steps = 0.2, 50

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: the map, and the loss along each eigenvector."""
        left = figure.add_axes((0.08, 0.16, 0.49, 0.78))
        plots.style(left, theme, x="w₁", y="w₂")
        left.set(xlim=(-2.4, 2.4), ylim=(-1.6, 1.6))
        right = figure.add_axes((0.66, 0.16, 0.325, 0.78))
        plots.style(right, theme, x="distance from the critical point", y="loss")
        right.set(xlim=(-2, 2), ylim=(-4.2, 4.2))
        return {"map": left, "cuts": right}

    def compute(
        self, lambda1: float, lambda2: float, w1: float, w2: float, nudge: bool
    ) -> Trajectory:
        """Return the descent from the start, nudged or not."""
        start = np.array([w1, w2]) + (0.001 if nudge else 0.0)
        return descend(
            quadratic((lambda1, lambda2)), GradientDescent(self.alpha), start, self.steps
        )

    def view(self, record: Trajectory, *, lambda1: float, lambda2: float, **_: Any) -> View:
        """Return level lines, the path, and the two cuts through the critical point."""
        t, eigenvalues = record, np.array([lambda1, lambda2])
        s = np.linspace(-2, 2, 81)
        cuts = [0.5 * value * s**2 for value in eigenvalues]
        name = kind_of(eigenvalues)
        role = {"minimum": "global", "maximum": "warning"}.get(name, "saddle")
        marks = [
            mk.line(level_lines(eigenvalues), "map", "loss", size=1, opacity=0.6),
            mk.points(
                [[0, 0]], "map", role, size=11, shape="star" if name == "minimum" else "cross"
            ),
            mk.text([[0, 0]], [name], "map", role, shift=(12, -8)),
            mk.line(np.column_stack([s, cuts[0]]), "cuts", "loss"),
            mk.line(np.column_stack([s, cuts[1]]), "cuts", "gradient", dash=True),
            mk.text(
                [[1.95, np.clip(cuts[0][-1], -3.6, 3.6)]],
                ["along w₁"],
                "cuts",
                "loss",
                anchor="end",
                shift=(0, -10),
            ),
            mk.text(
                [[-1.95, np.clip(cuts[1][0], -3.6, 3.6)]],
                ["along w₂"],
                "cuts",
                "gradient",
                shift=(0, 20),
            ),
            *path_marks(t.points, "map"),
        ]
        numbers = np.column_stack([np.arange(len(t.points)), t.points, t.values])
        template = "step {0:d}   w = ({1:.4g}, {2:.4g})   L = {3:.4g}"
        summary = f"Eigenvalues {lambda1:g} and {lambda2:g}: a {name}. {_leaving(t.points)}"
        return View(marks, summary.replace("-", "−"), template, numbers)


def kind_of(eigenvalues: Array) -> str:
    """Name a critical point by the signs of its Hessian's eigenvalues.

    Examples
    --------
    >>> kind_of(np.array([2.0, -1.0]))
    'saddle'
    """
    if (eigenvalues == 0).any():
        return "degenerate point (second derivatives cannot tell)"
    if (eigenvalues > 0).all():
        return "minimum"
    return "maximum" if (eigenvalues < 0).all() else "saddle"


def _leaving(points: Array) -> str:
    """Say how far from the critical point a run is at first, nearest and in the end."""
    distance = np.linalg.norm(points, axis=-1)
    nearest = int(distance.argmin())
    first, closest, last = (f"{d:.3g}" for d in distance[[0, nearest, -1]])
    if (points == points[0]).all():
        return "Descent does not move at all: the gradient at the start is exactly zero."
    if distance[-1] <= distance[nearest] * (1 + 1e-12):
        return f"Descent comes closer: {first} away at first, {last} at the end."
    if nearest == 0:
        return f"Descent leaves: {first} away at first, {last} at the end."
    return (
        f"Descent comes closer at first, from {first} to {closest} in step {nearest}, and then "
        f"leaves: {last} at the end."
    )
