"""What the pictures of this lesson share: the map of the loss, ellipses, and a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from course import plots
from course.explorers.stochastic_gradient_descent.example import WINDOW, ink_problem

Array = NDArray[Any]


def loss_map(ax: Axes, theme: str) -> None:
    """Draw the level lines of the excess loss over (w, b), and the minimum."""
    plots.style(ax, theme, x="w", y="b")
    problem = ink_problem()
    w, b = (np.linspace(*limits, 121) for limits in WINDOW)
    excess = problem.excess(np.stack(np.meshgrid(w, b), axis=-1))
    levels = 8.0 * np.linspace(0, 1, 9)[1:] ** 2
    ax.contour(w, b, excess, levels, colors=plots.colour("loss", theme), linewidths=0.9, alpha=0.65)
    ax.plot(*problem.minimum, "*", color=plots.colour("global", theme), markersize=13)
    ax.set(xlim=WINDOW[0], ylim=WINDOW[1])


def ellipse(
    middle: ArrayLike, covariance: Array, deviations: float = 2.0, points: int = 72
) -> Array:
    """Return the points so many standard deviations away from the middle, (points + 1, 2).

    They are middle + deviations · C^½ u for the unit vectors u, with the symmetric root C^½.
    """
    phi = np.linspace(0, 2 * np.pi, points + 1)
    variances, axes = np.linalg.eigh(covariance)
    root = (axes * np.sqrt(np.clip(variances, 0, None))) @ axes.T
    return np.asarray(middle) + 2 * np.column_stack([np.cos(phi), np.sin(phi)]) @ root


def legend(ax: Axes, theme: str, rows: Sequence[tuple[str, str, str]], **place: Any) -> None:
    """Name what a panel shows: rows of words, role, and a line style or a marker of matplotlib."""
    keys = []
    for words, role, look in rows:
        mark = (
            {"linestyle": look} if look in ("-", "--", ":") else {"marker": look, "linestyle": ""}
        )
        keys.append(Line2D([], [], color=plots.colour(role, theme), label=words, **mark))  # type: ignore[arg-type]
    ax.legend(
        handles=keys,
        frameon=False,
        fontsize=9,
        labelcolor=plots.colour("ink", theme),
        handlelength=1.8,
        borderpad=0.1,
        **place,
    )
