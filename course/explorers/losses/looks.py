"""How the losses look in every picture of this lesson: one role, dash and shape for each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from course import plots
from course.plots import marks as mk

Array = NDArray[Any]


class Look(NamedTuple):
    """The colour, dash and shape of one loss."""

    role: str
    dash: bool
    shape: str


SQUARED: Final = Look("loss", False, "circle")
ABSOLUTE: Final = Look("compare", True, "square")
CROSS_ENTROPY: Final = Look("path", False, "diamond")


def curve(x: Array, y: Array, panel: str, look: Look, **style: Any) -> mk.Mark:
    """Return the polyline through x and y ``(n,)``, looking like its loss."""
    return mk.line(np.column_stack([x, y]), panel, look.role, dash=look.dash, **style)


def dot(x: float, y: float, panel: str, look: Look) -> mk.Mark:
    """Return the mark of one value of a loss."""
    return mk.points([[x, y]], panel, look.role, size=10, shape=look.shape)


def legend(ax: Axes, theme: str, entries: Sequence[tuple[str, Look]]) -> None:
    """Say above the panel which line is which loss."""
    markers = {"circle": "o", "square": "s", "diamond": "D"}
    keys = [
        Line2D(
            [],
            [],
            color=plots.colour(look.role, theme),
            linestyle=(0, (3, 2)) if look.dash else "solid",
            marker=markers[look.shape],
            markersize=5,
            label=words,
        )
        for words, look in entries
    ]
    ax.legend(
        handles=keys,
        loc="lower left",
        bbox_to_anchor=(-0.02, 0.985),
        ncols=len(keys),
        frameon=False,
        fontsize=9.5,
        labelcolor=plots.colour("ink", theme),
        handlelength=2.4,
        columnspacing=1.3,
        borderpad=0.2,
    )


def signed(words: str) -> str:
    """Write the minus signs of numbers as such, and leave hyphens alone.

    Examples
    --------
    >>> signed("cross-entropy at z = -2")
    'cross-entropy at z = −2'
    """
    return re.sub(r"-(?=\d)", "−", words)
