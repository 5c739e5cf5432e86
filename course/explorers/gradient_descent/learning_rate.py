"""Learning rate against curvature, on a quadratic bowl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.descent import Trajectory, descend
from course.explorers.base import Explorer
from course.explorers.controls import Handle, Slider
from course.explorers.gradient_descent.levels import level_lines
from course.explorers.gradient_descent.paths import Array, path_marks
from course.explorers.stage import View
from course.optimizers import GradientDescent
from course.plots import marks as mk
from course.surfaces import quadratic

#: as far as the steps to come a hundredfold closer are counted
MOST_STEPS: Final = 5000


@dataclass(frozen=True)
class QuadraticRun:
    """Hold a descent on ½ Σ λᵢ wᵢ² with what theory says of it."""

    trajectory: Trajectory
    eigenvalues: Array
    factors: Array  # |1 − αλᵢ|
    limit: float  # 2/λmax
    best: float  # 2/(λmin + λmax)


class LearningRate(Explorer):
    """A quadratic bowl: each direction shrinks by its own factor |1 − αλ| in every step."""

    heading = "Learning rate against curvature: each direction has the factor |1 − αλ|"
    dials = (
        Slider("learning_rate", "learning rate α", 0.15, 0.005, 1.2, 0.005),
        Slider("lambda2", "curvature λ₂ (λ₁ = 1)", 8.0, 1.0, 20.0, 0.5),
        Slider("w1", "w₁", 1.8, -2.2, 2.2, 0.05, display="hidden"),
        Slider("w2", "w₂", 0.8, -1.4, 1.4, 0.05, display="hidden"),
    )
    grips = (
        Handle("start", "Start", "map", x="w1", y="w2"),
        Handle("rate", "Learning rate α", "factor", x="learning_rate", role="path"),
    )
    steps = 30

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: the map, and the factors against α."""
        left = figure.add_axes((0.08, 0.16, 0.45, 0.78))
        plots.style(left, theme, x="w₁  (curvature λ₁ = 1)", y="w₂  (curvature λ₂)")
        left.set(xlim=(-2.4, 2.4), ylim=(-1.6, 1.6))
        right = figure.add_axes((0.62, 0.16, 0.365, 0.78))
        plots.style(right, theme, x="learning rate α", y="factor of one step")
        right.set(xlim=(0, 1.25), ylim=(0, 2.0))
        right.axhline(1, color=plots.colour("muted", theme), linewidth=1, linestyle=":")
        return {"map": left, "factor": right}

    def compute(self, learning_rate: float, lambda2: float, w1: float, w2: float) -> QuadraticRun:
        """Return the descent, and the factors that theory promises."""
        eigenvalues = np.array([1.0, lambda2])
        start = np.array([w1, w2])
        return QuadraticRun(
            descend(quadratic((1.0, lambda2)), GradientDescent(learning_rate), start, self.steps),
            eigenvalues,
            np.abs(1 - learning_rate * eigenvalues),
            2 / eigenvalues.max(),
            2 / (eigenvalues.min() + eigenvalues.max()),
        )

    def view(self, record: QuadraticRun, *, learning_rate: float, lambda2: float, **_: Any) -> View:
        """Return contours, path, the two factor curves and where α stands on them."""
        run, t = record, record.trajectory
        alphas = np.linspace(0, 1.25, 251)
        curves = [
            mk.line(
                np.column_stack([alphas, np.abs(1 - alphas * value)]), "factor", role, dash=dash
            )
            for value, role, dash in zip(
                run.eigenvalues, ("loss", "gradient"), (False, True), strict=True
            )
        ]
        spots = np.column_stack([[learning_rate] * 2, run.factors])
        edge = np.array([[0, 0], [run.limit, 0], [run.limit, 2], [0, 2]])
        top = [[min(run.limit, 1.22), 1.9]]
        inside = run.limit > 0.6
        marks = [
            mk.line(level_lines(run.eigenvalues), "map", "loss", size=1, opacity=0.6),
            mk.region(edge, "factor", "global", opacity=0.12),
            *curves,
            mk.line(
                [[learning_rate, 0], [learning_rate, 2]], "factor", "path", size=1.5, dash=True
            ),
            mk.points(spots[:1], "factor", "loss", size=10),
            mk.points(spots[1:], "factor", "gradient", size=10, shape="square"),
            mk.text(
                top,
                [f"converges for α < 2/λmax = {run.limit:.3f}"],
                "factor",
                "global",
                size=12,
                anchor="end" if inside else "start",
                shift=(-6 if inside else 6, 0),
            ),
            mk.text([[0.66, 0.34]], ["|1 − αλ₁|"], "factor", "loss", size=12, shift=(6, -4)),
            mk.text(
                [[1.9 / lambda2, 0.9]], ["|1 − αλ₂|"], "factor", "gradient", size=12, shift=(10, 16)
            ),
            *path_marks(t.points, "map"),
        ]
        which = (
            "The larger factor is smallest at α"
            if lambda2 > 1
            else "Both factors are smallest at α"
        )
        summary = (
            f"Condition number κ = {lambda2:g}. Factors {run.factors[0]:.3f} and "
            f"{run.factors[1]:.3f}. {fate(t.points[0], run.factors)} {which} "
            f"= 2/(λmin + λmax) = {run.best:.4f}: (κ − 1)/(κ + 1) = "
            f"{(lambda2 - 1) / (lambda2 + 1):.3f}."
        )
        numbers = np.column_stack([np.arange(len(t.points)), t.points, t.values])
        template = "step {0:d}   w = ({1:.4g}, {2:.4g})   L = {3:.4g}"
        return View(marks, summary, template, numbers, {"rate": (learning_rate, 0.0)})


def fate(start: Array, factors: Array) -> str:
    """Say what becomes of a run whose coordinates are multiplied by factors of these sizes.

    Only the coordinates that are not 0 at the start have a say: the others stay 0.

    Examples
    --------
    >>> fate(np.array([1.0, 1.0]), np.array([0.2, 0.2]))
    'From this start it converges, a hundredfold closer after 3 steps.'
    """
    moving = start != 0
    names = np.array(["w₁", "w₂"])
    if not moving.any():
        return "It starts in the minimum and stays there."
    # a factor of 1 up to rounding, such as 1 − 0.1 · 20
    growing, staying = (moving & (factors > 1 + 1e-9)), (moving & (abs(factors - 1) <= 1e-9))
    if growing.any():
        return f"From this start it diverges, along {' and '.join(names[growing])}."
    if staying.any():
        return (
            f"From this start it does not converge: along {' and '.join(names[staying])} it jumps "
            "from side to side, equally far for ever."
        )
    steps = hundredfold(start, factors)
    pace = f", a hundredfold closer after {steps} {'step' if steps == 1 else 'steps'}"
    if steps > MOST_STEPS:
        pace = f", but is not yet a hundredfold closer after {MOST_STEPS} steps"
    caution = "" if (factors < 1).all() else f" ({names[~moving][0]} is exactly 0 and stays so)"
    return f"From this start it converges{caution}{pace}."


def hundredfold(start: Array, factors: Array) -> int:
    """Return after how many steps the distance from 0 is at most a hundredth of that at the start.

    Examples
    --------
    >>> hundredfold(np.array([1.0, 0.0]), np.array([0.5, 3.0]))
    7
    """
    t = np.arange(MOST_STEPS + 1)[:, None]
    moving = start != 0
    distance = np.linalg.norm(factors[moving] ** t * start[moving], axis=1)
    near = distance <= distance[0] / 100
    return int(near.argmax()) if near.any() else MOST_STEPS + 1
