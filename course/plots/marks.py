"""Marks: the moving part of a picture, as data. The browser and matplotlib both draw them.

A mark is an array of data coordinates with a kind (line, points, arrows, bars, text, region),
a role (which fixes its colour) and a timing, which says how it depends on the step ``t`` that is
shown:

============  =====================================================================
``static``    all items, always
``reveal``    the items 0 … t (for a line: the polyline up to point t)
``current``   item t alone
``frames``    the data has a leading time axis ``(T, n, width)``: the items of row t
============  =====================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike, NDArray

from course.plots.fonts import label_fonts
from course.plots.palette import colour

#: coordinates that one item has, by kind
WIDTHS: Final = {
    "line": 2,  # x, y; a row of NaN lifts the pen
    "points": 2,  # x, y
    "arrows": 4,  # x, y of the tail; x, y of the head
    "bars": 4,  # left, bottom, right, top
    "text": 2,  # x, y
    "region": 2,  # x, y of a closed polygon's corners
}
TIMINGS: Final = ("static", "reveal", "current", "frames")
SHAPES: Final = {
    "circle": "o",
    "ring": "o",
    "square": "s",
    "diamond": "D",
    "star": "*",
    "cross": "x",
}


@dataclass(frozen=True)
class Mark:
    """Hold one mark: what to draw, where, in which role, and when.

    Parameters
    ----------
    kind
        A key of ``WIDTHS``.
    data
        Items in data coordinates, ``(n, width)``, or ``(T, n, width)`` with timing ``frames``.
    panel
        Name of the panel (one matplotlib Axes) whose coordinates these are.
    role
        A key of ``course.plots.palette.PALETTE``.
    timing
        One of ``TIMINGS``.
    texts
        The words of a text mark, one for each item (for each frame with ``current``).
    size
        Line width or diameter or font size, in pixels of the stage.
    shape
        A key of ``SHAPES``, for points.
    dash
        Dashed instead of solid.
    opacity
        Between 0 and 1.
    anchor
        ``start``, ``middle`` or ``end``: which part of a text stands at its point.
    shift
        Offset of a text from its point in pixels, right and down.
    name
        A name by which handles refer to this mark.
    """

    kind: str
    data: NDArray[Any]
    panel: str
    role: str
    timing: str = "static"
    texts: tuple[str, ...] = ()
    size: float = 2.0
    shape: str = "circle"
    dash: bool = False
    opacity: float = 1.0
    anchor: str = "start"
    shift: tuple[float, float] = (0.0, 0.0)
    name: str = ""

    def __post_init__(self) -> None:
        if self.kind not in WIDTHS:
            raise ValueError(f"kind must be one of {tuple(WIDTHS)}, not {self.kind!r}")
        if self.timing not in TIMINGS:
            raise ValueError(f"timing must be one of {TIMINGS}, not {self.timing!r}")
        colour(self.role)
        width = WIDTHS[self.kind]
        axes = 3 if self.timing == "frames" else 2
        data = np.asarray(self.data, dtype=np.float64)
        if data.ndim != axes or data.shape[-1] != width:
            shape = "(T, n, " if axes == 3 else "(n, "
            raise ValueError(f"{self.kind} needs data of shape {shape}{width}), not {data.shape}")
        if self.kind == "text" and self.timing != "frames" and len(self.texts) != len(data):
            raise ValueError(f"{len(data)} places need as many texts, not {len(self.texts)}")
        object.__setattr__(self, "data", data)

    @property
    def frames(self) -> int:
        """The number of steps that this mark tells apart (1 when it does not move)."""
        return 1 if self.timing == "static" else len(self.data)

    def at(self, t: int) -> NDArray[Any]:
        """Return the items that are shown at step t, ``(m, width)``."""
        t = min(max(t, 0), len(self.data) - 1) if len(self.data) else 0
        if self.timing == "static":
            return self.data
        if self.timing == "reveal":
            return self.data[: t + 1]
        if self.timing == "current":
            return self.data[t : t + 1]
        return self.data[t]

    def texts_at(self, t: int) -> tuple[str, ...]:
        """Return the words that are shown at step t."""
        if self.timing == "reveal":
            return self.texts[: t + 1]
        if self.timing == "current":
            return self.texts[min(max(t, 0), len(self.texts) - 1) :][:1]
        return self.texts

    def meta(self) -> dict[str, Any]:
        """Return all but the data, for the browser: names are those of the SVG drawer."""
        return {
            "kind": self.kind,
            "panel": self.panel,
            "role": self.role,
            "timing": self.timing,
            "texts": list(self.texts),
            "size": self.size,
            "shape": self.shape,
            "dash": self.dash,
            "opacity": self.opacity,
            "anchor": self.anchor,
            "shift": list(self.shift),
            "name": self.name,
            "dims": list(self.data.shape),
        }


def line(xy: ArrayLike, panel: str, role: str, **style: Any) -> Mark:
    """Make a polyline through the points ``xy (n, 2)``."""
    return Mark("line", np.asarray(xy), panel, role, **style)


def points(xy: ArrayLike, panel: str, role: str, **style: Any) -> Mark:
    """Make separate points at ``xy (n, 2)``; size is their diameter."""
    return Mark("points", np.asarray(xy), panel, role, **{"size": 8.0, **style})


def arrows(tails_heads: ArrayLike, panel: str, role: str, **style: Any) -> Mark:
    """Make arrows from ``(x, y)`` to ``(x', y')``, ``tails_heads (n, 4)``."""
    return Mark("arrows", np.asarray(tails_heads), panel, role, **style)


def bars(boxes: ArrayLike, panel: str, role: str, **style: Any) -> Mark:
    """Make filled boxes ``(left, bottom, right, top)``, ``boxes (n, 4)``."""
    return Mark("bars", np.asarray(boxes), panel, role, **style)


def text(xy: ArrayLike, words: Sequence[str], panel: str, role: str, **style: Any) -> Mark:
    """Make words at the points ``xy (n, 2)``; size is the font's."""
    return Mark("text", np.asarray(xy), panel, role, texts=tuple(words), **{"size": 13.0, **style})


def region(xy: ArrayLike, panel: str, role: str, **style: Any) -> Mark:
    """Make a filled polygon with the corners ``xy (n, 2)``."""
    return Mark("region", np.asarray(xy), panel, role, **{"opacity": 0.25, **style})


def draw_marks(
    axes: Mapping[str, Axes], marks: Sequence[Mark], t: int, theme: str = "light"
) -> list[Any]:
    """Draw the marks at step t on matplotlib axes, as the browser does in SVG.

    Parameters
    ----------
    axes
        The Axes of each panel by name.
    marks
        What to draw, first below.
    t
        The step; marks with fewer steps show their last one.
    theme
        ``"light"`` or ``"dark"``.

    Returns
    -------
    list
        The artists.
    """
    artists: list[Any] = []
    for mark in marks:
        artists += _draw(axes[mark.panel], mark, t, colour(mark.role, theme), theme)
    return artists


_POINTS_PER_PIXEL = 0.72  # stages are drawn at 100 pixels an inch, and a point is 1/72 inch


def _draw(ax: Axes, mark: Mark, t: int, ink: str, theme: str) -> list[Any]:
    items = mark.at(t)
    size = mark.size * _POINTS_PER_PIXEL
    common: dict[str, Any] = {"alpha": mark.opacity, "zorder": 3}
    if mark.kind == "text":
        halo = withStroke(linewidth=3, foreground="white" if theme == "light" else "#111111")
        return [
            ax.annotate(
                words,
                (x, y),
                xytext=(mark.shift[0] * _POINTS_PER_PIXEL, -mark.shift[1] * _POINTS_PER_PIXEL),
                textcoords="offset points",
                color=ink,
                fontsize=size,
                fontfamily=label_fonts(),
                ha={"start": "left", "middle": "center", "end": "right"}[mark.anchor],
                path_effects=[halo],
                annotation_clip=False,
                zorder=6,
            )
            for (x, y), words in zip(items, mark.texts_at(t), strict=True)
            if np.isfinite(x) and np.isfinite(y)
        ]
    if mark.kind == "line":
        dash = (0, (5, 3)) if mark.dash else "solid"
        return ax.plot(*items.T, color=ink, linewidth=size, linestyle=dash, **common)
    if mark.kind == "points":
        hollow = mark.shape == "ring"
        style: dict[str, Any] = {"markerfacecolor": "none"} if hollow else {}
        return ax.plot(
            *items.T,
            color=ink,
            linestyle="none",
            marker=SHAPES[mark.shape],
            markersize=size * (1.4 if mark.shape == "star" else 1.0),
            markeredgewidth=1.6,
            **style,
            **{**common, "zorder": 5},
        )
    if mark.kind == "arrows":
        heads = [
            FancyArrowPatch(
                (x0, y0),
                (x1, y1),
                arrowstyle="-|>",
                mutation_scale=9,
                shrinkA=0,
                shrinkB=0,
                color=ink,
                linewidth=size,
                linestyle=(0, (5, 3)) if mark.dash else "solid",
                **{**common, "zorder": 4},
            )
            for x0, y0, x1, y1 in items
            if np.isfinite([x0, y0, x1, y1]).all()
        ]
        return [ax.add_patch(head) for head in heads]
    if mark.kind == "bars":
        left, bottom, right, top = items.T
        return list(
            ax.bar(left, top - bottom, right - left, bottom, align="edge", color=ink, **common)
        )
    return ax.fill(*items.T, color=ink, linewidth=0, **{**common, "zorder": 2})
