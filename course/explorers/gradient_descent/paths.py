"""Paths of descents as marks, and in words; shared by the explorers of this lesson."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.descent import Trajectory
from course.plots import marks as mk
from course.surfaces import Surface

Array = NDArray[Any]


def path_marks(xy: Array, panel: str) -> list[mk.Mark]:
    """Return the path through ``xy (T+1, 2)`` as marks: arrows so far, and the place now."""
    steps = np.hstack([np.vstack([xy[:1], xy[:-1]]), xy])  # arrow t arrives at point t
    return [
        mk.line(xy, panel, "path", timing="reveal", size=1.5, opacity=0.55),
        mk.arrows(steps, panel, "path", timing="reveal", size=1.8),
        mk.points(xy, panel, "path", timing="current", size=10),
    ]


def loss_marks(values: Array, panel: str) -> list[mk.Mark]:
    """Return the loss of each step ``values (T+1,)`` as marks."""
    xy = np.column_stack([np.arange(len(values)), values])
    return [
        mk.line(xy, panel, "path", timing="reveal", size=2),
        mk.points(xy, panel, "path", timing="current", size=8),
    ]


def visible(trajectory: Trajectory) -> int:
    """Return how many of the points are finite numbers: the rest of a diverged run has none."""
    finite = np.isfinite(trajectory.points).all(axis=-1) & np.isfinite(trajectory.values)
    return len(finite) if finite.all() else int(np.argmin(finite))


def words(point: Array) -> str:
    """Write a point's coordinates with four decimals."""
    return ", ".join(f"{v:.4f}" for v in point).replace("-", "−")


def ending(trajectory: Trajectory, surface: Surface) -> str:
    """Say in words where a descent ended and why it stopped there."""
    count = visible(trajectory)
    end, g = trajectory.points[count - 1], trajectory.gradients[count - 1]
    low, high = np.array(surface.bounds).T
    away = np.maximum(low - end, end - high).max() > 10 * (high - low).max()
    if count < len(trajectory.points) or away or not np.isfinite(g).all():
        return f"It diverges: after {count - 1} steps it has left the picture for good."
    if not np.any(trajectory.points[-1] - trajectory.points[0]):
        return "It does not move: the gradient is exactly zero where it starts."
    t, place = trajectory.points, words(end)
    for minimum in surface.minima:
        if np.linalg.norm(end - np.asarray(minimum)) < 0.02:
            kind = "global" if minimum in surface.global_minima else "local"
            return f"It ends at the {kind} minimum ({place})."
    if count > 3 and np.allclose(end, t[-3], atol=1e-3) and not np.allclose(end, t[-2], atol=1e-3):
        return (
            f"It jumps for ever between ({place}) and ({words(t[-2])}): α is too large to settle."
        )
    slope = np.linalg.norm(g)
    if slope < 1e-6:
        return f"It stops at ({place}) where the gradient is zero, but that is no minimum."
    return f"After {count - 1} steps it is at ({place}) and still moves: |gradient| = {slope:.2g}."
