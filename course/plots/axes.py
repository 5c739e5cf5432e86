"""What stands still in a picture: axes, a curve, contours, critical points.

Every function takes an Axes and a record, draws, and returns artists; none makes a figure.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from contourpy import LineType, contour_generator
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import ArrayLike, NDArray

from course.descent import Trajectory
from course.plots.palette import BASINS, colour
from course.surfaces import Surface


def style(ax: Axes, theme: str = "light", *, title: str = "", x: str = "", y: str = "") -> Axes:
    """Give an Axes the course's look: open frame, readable sizes, the theme's ink."""
    ink, muted = colour("ink", theme), colour("muted", theme)
    ax.set_facecolor("none")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("bottom", "left"):
        ax.spines[side].set_color(muted)
    ax.tick_params(colors=muted, labelcolor=muted, labelsize=9, which="both")
    ax.set_xlabel(x, color=ink, fontsize=11)
    ax.set_ylabel(y, color=ink, fontsize=11)
    if title:
        ax.set_title(title, color=ink, fontsize=11, loc="left")
    return ax


def power_of_ten(exponent: int) -> str:
    """Write 10 to this power as it stands on an axis.

    Examples
    --------
    >>> power_of_ten(-3), power_of_ten(0)
    ('10⁻³', '1')
    """
    digits = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return "1" if exponent == 0 else f"10{digits}"


def decades(ax: Axes, which: str, low: float, high: float, most: int = 7) -> None:
    """Give the axis ``which``, x or y, of an Axes that shows log₁₀ its limits and its ticks."""
    every = max(1, round((high - low) / most))
    ticks = [v for v in range(math.ceil(low), math.floor(high) + 1) if v % every == 0]
    labels = [power_of_ten(v) for v in ticks]
    ax.set(**{f"{which}lim": (low, high), f"{which}ticks": ticks, f"{which}ticklabels": labels})


def curve(ax: Axes, surface: Surface, theme: str = "light", count: int = 400) -> list[Any]:
    """Draw the loss of one parameter over the surface's bounds."""
    (low, high), *_ = surface.bounds
    w = np.linspace(low, high, count)
    return ax.plot(w, surface.value(w[:, None]), color=colour("loss", theme), linewidth=2)


def grid(surface: Surface, count: int = 160) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return ``w1 (n,), w2 (n,)`` over the bounds and the parameters ``(n, n, 2)`` at each pair."""
    w1, w2 = (np.linspace(low, high, count) for low, high in surface.bounds)
    return w1, w2, np.stack(np.meshgrid(w1, w2), axis=-1)


def contours(ax: Axes, surface: Surface, theme: str = "light", levels: int = 14) -> list[Any]:
    """Draw contours of a loss of two parameters, closer where the loss is small."""
    w1, w2, theta = grid(surface)
    loss = surface.value(theta)
    floor = loss.min()
    # even steps of the square root of the height above the lowest point
    heights = floor + np.linspace(0, np.sqrt(loss.max() - floor), levels + 1)[1:] ** 2
    lines = ax.contour(
        w1, w2, loss, levels=heights, colors=colour("loss", theme), linewidths=0.9, alpha=0.65
    )
    ax.set_xlim(w1[0], w1[-1])
    ax.set_ylim(w2[0], w2[-1])
    return [lines]


def level_lines(surface: Surface, levels: ArrayLike, count: int = 90) -> NDArray[Any]:
    """Return the lines on which a loss of two parameters has the given values, ``(m, 2)``.

    Rows of NaN part them, as a line mark wants them. `count` points a side are looked at.
    """
    w1, w2, theta = grid(surface, count)
    drawn = contour_generator(w1, w2, surface.value(theta), line_type=LineType.ChunkCombinedNan)
    found = [drawn.lines(float(level))[0][0] for level in np.ravel(levels)]
    gap = np.full((1, 2), np.nan)
    parts = [part for points in found if points is not None for part in (points, gap)]
    return np.concatenate(parts) if parts else np.empty((0, 2))


def critical_points(ax: Axes, surface: Surface, theme: str = "light") -> list[Any]:
    """Draw minima (global: star, local: diamond) and saddles (cross) of two parameters."""
    best = surface.global_minima
    rows = [
        ("global", "*", 13, best),
        ("minimum", "D", 6.5, [point for point in surface.minima if point not in best]),
        ("saddle", "x", 7, surface.saddles),
    ]
    return [
        artist
        for role, marker, size, places in rows
        for place in places
        for artist in ax.plot(
            *place, marker, color=colour(role, theme), markersize=size, markeredgewidth=1.8
        )
    ]


def basins(ax: Axes, extent: ArrayLike, owner: NDArray[Any], alpha: float = 0.35) -> list[Any]:
    """Colour each start by the minimum it ends in: ``owner (n, n)`` of indices, −1 for none."""
    left, right, bottom, top = np.ravel(extent).tolist()
    count = len(BASINS) - 1
    index = np.where(owner < 0, count, owner % count)
    picture = ax.imshow(
        index,
        extent=(left, right, bottom, top),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        cmap=ListedColormap(BASINS),
        vmin=-0.5,
        vmax=count + 0.5,
        alpha=alpha,
        zorder=0,
    )
    return [picture]


def path(ax: Axes, trajectory: Trajectory, theme: str = "light", **style: Any) -> list[Any]:
    """Draw the path of one descent over a surface of two parameters."""
    ink = {"color": colour("path", theme), "linewidth": 1.6, "marker": ".", **style}
    return ax.plot(*trajectory.points.T, **ink)


def loss_curve(ax: Axes, trajectory: Trajectory, theme: str = "light", **style: Any) -> list[Any]:
    """Draw the loss of each step of one descent."""
    ink = {"color": colour("path", theme), "linewidth": 1.6, **style}
    return ax.plot(np.arange(len(trajectory.values)), trajectory.values, **ink)
