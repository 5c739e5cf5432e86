"""How the rules look in every picture of this lesson, and the axes and words that they share.

Each family of rules has one colour and one shape; the second rule of a family is dashed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.optimizers import (
    RULES,
    AdaGrad,
    Adam,
    AMSGrad,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    Rule,
)
from course.plots import marks as mk

Array = NDArray[Any]
Kind = type[Rule]


class Look(NamedTuple):
    """The name, colour, dash and shape of one rule."""

    name: str
    role: str
    dash: bool
    shape: str


_LOOKS: Final[dict[Kind, Look]] = {
    GradientDescent: Look("gradient descent", "ink", False, "ring"),
    Momentum: Look("momentum", "path", False, "square"),
    Nesterov: Look("Nesterov", "path", True, "square"),
    AdaGrad: Look("AdaGrad", "saddle", False, "diamond"),
    RMSProp: Look("RMSProp", "saddle", True, "diamond"),
    Adam: Look("Adam", "gradient", False, "circle"),
    AMSGrad: Look("AMSGrad", "gradient", True, "circle"),
}


def look(kind: Kind) -> Look:
    """Return the look of a rule; one that is new to this lesson is muted and crossed."""
    return _LOOKS.get(kind, Look(kind.__name__, "muted", True, "cross"))


#: the menu of rules, and their names
KINDS: Final[tuple[Kind, ...]] = RULES
NAMES: Final[dict[str, Kind]] = {look(kind).name: kind for kind in KINDS}


def legend_panel(figure: Figure) -> Axes:
    """Return the strip above the panels in which the rules are named."""
    ax = figure.add_axes((0.0, 0.895, 1.0, 0.1))
    ax.set_axis_off()
    ax.set(xlim=(0, 880), ylim=(0, 40))
    return ax


def legend(kinds: Sequence[Kind], below: Sequence[str]) -> list[mk.Mark]:
    """Name the rules in the legend's strip, with a few words below each name."""
    marks: list[mk.Mark] = []
    left = 14.0
    for kind, words in zip(kinds, below, strict=True):
        one = look(kind)
        marks += [
            mk.line([[left, 29], [left + 24, 29]], "legend", one.role, size=2.2, dash=one.dash),
            mk.points([[left + 26, 29]], "legend", one.role, size=7, shape=one.shape),
            mk.text([[left + 35, 29]], [one.name], "legend", one.role, size=12, shift=(0, 4)),
            mk.text([[left + 35, 13]], [words], "legend", "muted", size=11, shift=(0, 4)),
        ]
        left += 50 + max(7.6 * len(one.name), 6.4 * len(words))
    return marks


def track(xy: Array, panel: str, kind: Kind, **style: Any) -> list[mk.Mark]:
    """Return a run ``xy (T+1, 2)`` that is revealed step by step, and where it stands."""
    one = look(kind)
    return [
        mk.line(xy, panel, one.role, timing="reveal", dash=one.dash, **style),
        mk.points(xy, panel, one.role, timing="current", size=9, shape=one.shape),
    ]


def log10(values: Array, floor: float) -> Array:
    """Return log₁₀, cut off at the floor; what is not finite stays nan."""
    with np.errstate(all="ignore"):
        logs = np.log10(np.maximum(values, 10.0**floor))
    return np.where(np.isfinite(values), logs, np.nan)


def short(value: float) -> str:
    """Write a positive number with two digits, on any scale, as an axis would.

    Examples
    --------
    >>> short(0.0631), short(3.2e-9), short(1e-30), short(0.0), short(float("inf"))
    ('0.063', '3.2·10⁻⁹', '< 10⁻¹²', '0', '∞')
    """
    if not np.isfinite(value):
        return "∞"
    if 0 < value < 1e-12:
        return "< 10⁻¹²"
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return signed(f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}")
    mantissa, exponent = f"{value:.1e}".split("e")
    digits = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return signed(f"{mantissa}·10{digits}")


def signed(words: str) -> str:
    """Write the minus signs of numbers as such, and leave hyphens alone."""
    return re.sub(r"-(?=\d)", "−", words)
