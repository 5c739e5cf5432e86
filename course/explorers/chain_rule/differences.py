"""The error of a difference quotient against its step: a V of two branches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import NDArray

from course import plots
from course.differences import (
    FUNCTIONS,
    Smooth,
    best_step,
    central_difference,
    forward_difference,
    rounding,
    truncation,
)
from course.explorers.base import Explorer
from course.explorers.chain_rule.logarithmic import log_digest
from course.explorers.controls import Choice, Handle, Slider
from course.explorers.stage import View
from course.plots import marks as mk

MENU = {f.name: f for f in FUNCTIONS}
FLOOR = 1e-17
XLIM, YLIM = (3e-16, 3.0), (FLOOR, 10.0)
H = np.logspace(0, -15, 31)  # two steps a decade
NEAR = 1.3  # a step within this factor of the best one lies on neither branch
MEASURED = "measured"


@dataclass(frozen=True)
class Errors:
    """Hold the measured errors of both quotients at every h, and at the one that was chosen."""

    f: Smooth
    x: float
    forward: NDArray[Any]
    central: NDArray[Any]
    chosen: tuple[float, float]


def errors_at(f: Smooth, x: float, h: float) -> tuple[float, float]:
    """Return |quotient − f′(x)| of the forward and of the central difference."""
    exact = float(f.first(x))
    quotients = (forward_difference(f.value, x, h), central_difference(f.value, x, h))
    return abs(float(quotients[0]) - exact), abs(float(quotients[1]) - exact)


class DifferenceErrors(Explorer):
    """The V: theory as lines, measured errors as points, and an h to drag."""

    heading = "How wrong is a difference quotient? Its error against the step h"
    dials = (
        Choice("function", "f", "eˣ", tuple(MENU)),
        Slider("x", "at x", 1.1, 0.2, 2.0, 0.1),
        Slider("h", "step h", 1e-4, 1e-15, 1.0, 0.25, scale="log"),
    )
    grips = (Handle("h", "Step h", "error", x="h", role="path"),)

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes, both logarithmic."""
        ax = figure.add_axes((0.085, 0.16, 0.9, 0.79))
        plots.style(ax, theme, x="step h", y="error of the slope")
        ax.set(xscale="log", yscale="log", xlim=XLIM, ylim=YLIM)
        ax.xaxis.set_major_locator(LogLocator(numticks=20))
        ax.yaxis.set_major_locator(LogLocator(base=1000, numticks=20))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_minor_locator(NullLocator())
        return {"error": ax}

    def compute(self, function: str, x: float, h: float) -> Errors:
        """Return the measured errors."""
        f = MENU[function]
        errors = np.array([errors_at(f, x, step) for step in H])
        return Errors(f, x, errors[:, 0], errors[:, 1], errors_at(f, x, h))

    def view(self, record: Errors, *, h: float, **_: Any) -> View:
        """Return the lines of theory, the points of measurement, and where h stands on them."""
        f, x = record.f, record.x
        marks: list[mk.Mark] = []
        measured = ((record.forward, "path", "circle"), (record.central, "loss", "square"))
        for central, (errors, role, shape) in zip((False, True), measured, strict=True):
            cut, round_off = (t(f, x, H, central=central) for t in (truncation, rounding))
            bound = np.column_stack([H, np.maximum(cut + round_off, FLOOR)])
            marks += [
                mk.line(bound, "error", role, size=1.8, dash=central),
                mk.points(
                    np.column_stack([H, np.maximum(errors, FLOOR)]),
                    "error",
                    role,
                    timing="reveal",
                    shape=shape,
                    size=7,
                    name=MEASURED,
                ),
            ]
        marks += [
            mk.line([[h, FLOOR], [h, 0.3]], "error", "ink", size=1.2, dash=True),
            *_best_marks(f, x),
            *_branch_labels(f, x),
        ]
        numbers = np.column_stack([np.arange(len(H)), H, record.forward, record.central])
        template = "step {0:d}   h = {1:.3g}   error: forward {2:.2g}, central {3:.2g}"
        return View(marks, _summary(record, h), template, numbers, {"h": (h, 4e-17)})

    @property
    def revealed(self) -> str:
        """Title, summary, and a digest of what theory says.

        The measured points end in rounding noise, which is not the same on every processor.
        """
        theory = [mark for mark in self._view.marks if mark.name != MEASURED]
        digits = log_digest(theory, XLIM, YLIM)
        return "\n".join([self.title, self.summary, f"digest {digits}"])


def _best_marks(f: Smooth, x: float) -> list[mk.Mark]:
    """Return a star where theory's sum of both errors is smallest, if there is such a step."""
    marks = []
    for central, role, words, rise in (
        (False, "path", "best forward h", -32),
        (True, "loss", "best central h", 32),
    ):
        h = best_step(f, x, central=central)
        if not np.isfinite(h) or h > 1:
            continue
        error = truncation(f, x, h, central=central) + rounding(f, x, h, central=central)
        marks += [
            mk.points([[h, float(error)]], "error", role, shape="star", size=13),
            mk.text(
                [[h, float(error)]],
                [f"{words} {_order(h)}"],
                "error",
                role,
                anchor="middle",
                shift=(0, rise),
            ),
        ]
    return marks


def _branch_labels(f: Smooth, x: float) -> list[mk.Mark]:
    """Return the names of the branches, beside the lines of theory."""
    marks = [
        mk.text([[1e-12, 2.0]], ["← rounding: ε|f|/h"], "error", "muted", anchor="middle"),
        mk.text([[1e-4, 2.0]], ["truncation: Taylor's rest →"], "error", "muted", anchor="middle"),
    ]
    for central, role, words, at, anchor, shift in (
        (False, "path", "forward ∝ h", 1e-3, "end", (-10, -12)),
        (True, "loss", "central ∝ h²", 1e-2, "start", (12, 16)),
    ):
        error = float(truncation(f, x, at, central=central))
        if error > 0:
            marks.append(mk.text([[at, error]], [words], "error", role, anchor=anchor, shift=shift))
    return marks


def _summary(record: Errors, h: float) -> str:
    """Say which branch h is on, and where theory wants it."""
    f, x = record.f, record.x
    words = [f"f(x) = {f.name} at x = {x:g}, h = {_order(h)}."]
    for central, name in ((False, "Forward"), (True, "Central")):
        cut, round_off = (float(t(f, x, h, central=central)) for t in (truncation, rounding))
        best = best_step(f, x, central=central)
        branch = "truncation" if cut > round_off else "rounding"
        near = best / NEAR <= h <= best * NEAR
        place = "near the best step" if near else f"on the {branch} branch"
        where = f"theory’s best h {_order(best)}" if np.isfinite(best) else "there is no other"
        words.append(
            f"{name}: truncation about {_order(cut)}, rounding up to about {_order(round_off)}; "
            f"{place} ({where})."
        )
    if not (record.forward.all() and record.central.all()):
        words.append("Points on the lower edge are errors of exactly 0.")
    return " ".join(words)


def _order(number: float) -> str:
    """Write a number with one digit and its power of ten.

    Examples
    --------
    >>> _order(2.1e-8), _order(0.0)
    ('2e−8', '0')
    """
    if number == 0:
        return "0"
    digit, power = f"{number:.0e}".split("e")
    return f"{digit}e{int(power)}".replace("-", "−")
