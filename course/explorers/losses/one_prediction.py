"""One target, one prediction: three losses and their slopes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.activations import sigmoid
from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider
from course.explorers.losses.looks import (
    ABSOLUTE,
    CROSS_ENTROPY,
    SQUARED,
    Array,
    curve,
    dot,
    legend,
)
from course.explorers.stage import View
from course.losses import bce, mae, mse
from course.plots import marks as mk

LOOKS: Final = (SQUARED, ABSOLUTE, CROSS_ENTROPY)
SCALES: Final = {"probability p": (-0.02, 1.02), "logit z": (-5.6, 5.6)}
TOPS: Final = {"probability p": (4.0, 6.0), "logit z": (5.6, 1.15)}  # of loss, of slope


@dataclass(frozen=True)
class ThreeLosses:
    """Hold squared error, absolute error and cross-entropy of one prediction, and as curves."""

    x: Array  # (n,): predictions on the chosen scale
    values: Array  # (3, n)
    slopes: Array  # (3, n)
    at: Array  # (3,): the losses of the prediction made
    slope_at: Array  # (3,)


class OnePrediction(Explorer):
    """Drag a prediction past its target, as a probability or as a logit."""

    heading = "One target, one prediction: three losses and their slopes"
    dials = (
        Slider("y", "target y", 1.0, 0.0, 1.0, 0.05),
        Slider("p", "prediction p", 0.25, 0.005, 0.995, 0.005),
        Choice("scale", "seen as a", "probability p", tuple(SCALES)),
    )
    grips = (Handle("prediction", "Prediction", "loss", x="p"),)
    background_of = ("scale",)

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: the losses, and their slopes, against the prediction."""
        scale = self.values["scale"]
        left = figure.add_axes((0.08, 0.16, 0.46, 0.74))
        plots.style(left, theme, x=scale, y="loss")
        left.set(xlim=SCALES[scale], ylim=(-0.03 * TOPS[scale][0], TOPS[scale][0]))
        names = ("squared error", "absolute error", "cross-entropy")
        legend(left, theme, list(zip(names, LOOKS, strict=True)))
        right = figure.add_axes((0.64, 0.16, 0.345, 0.74))
        plots.style(right, theme, x=scale, y=f"slope: ∂loss/∂{scale[-1]}")
        top = TOPS[scale][1]
        right.set(xlim=SCALES[scale], ylim=(-top, top))
        right.axhline(0, color=plots.colour("muted", theme), linewidth=1, linestyle=":")
        return {"loss": left, "slope": right}

    def compute(self, y: float, p: float, scale: str) -> ThreeLosses:
        """Return the three losses and slopes along the axis, and at the prediction."""
        p = y if stands_on(p, y) else p
        at, slope_at = along(scale, y, np.array([p]))
        return ThreeLosses(*axis_curves(scale, y), at[:, 0], slope_at[:, 0])

    def dragged(self, handle: Handle, x: float, y: float) -> dict[str, Any]:
        """Return the probability under the pointer, on either scale."""
        return {"p": x if self.values["scale"] == "probability p" else float(sigmoid(x))}

    def _nudged(self, grip: Handle, dx: float, dy: float) -> dict[str, Any]:
        """Move by equal steps on the scale that is shown."""
        if self.values["scale"] == "probability p":
            return super()._nudged(grip, dx, dy)
        z = np.clip(logit(self.values["p"]) + 0.05 * dx, *SCALES["logit z"])
        return {"p": float(sigmoid(z))}

    def view(self, record: ThreeLosses, *, y: float, p: float, scale: str) -> View:
        """Return curves, tangents and dots; the summary gives losses and slopes."""
        three = record
        x = p if scale == "probability p" else float(logit(p))
        marks = [mk.line([[x, 0], [x, TOPS[scale][0]]], "loss", "muted", size=1, dash=True)]
        for i, look in enumerate(LOOKS):
            marks += [
                curve(three.x, three.values[i], "loss", look),
                curve(*without_jumps(three.x, three.slopes[i]), "slope", look),
            ]
        # tangents of equal length in the picture
        (low, high), (top, _) = SCALES[scale], TOPS[scale]
        per_x, per_y = 0.46 / (high - low), 0.33 / top
        reach = 0.05 / np.hypot(per_x, per_y * three.slope_at)
        step = np.column_stack([reach, reach * three.slope_at])
        spots = np.column_stack([np.full(3, x), three.at])
        marks += [
            mk.line(np.vstack([spot - s, spot + s]), "loss", "gradient", size=3)
            for spot, s in zip(spots, step, strict=True)
        ]
        if stands_on(p, y):
            # the jump of the slope: from −1 to 1 in p, where all between are subgradients, and
            # times dp/dz in z
            edge = 1.0 if scale == "probability p" else float(sigmoid.derivative(x))
            corner = [[x, -edge], [x, edge]]
            marks.append(mk.line(corner, "slope", "gradient", size=3, opacity=0.7))
        for i, look in enumerate(LOOKS):
            marks += [
                dot(x, three.at[i], "loss", look),
                dot(x, three.slope_at[i], "slope", look),
            ]
        numbers = np.array([[p, logit(p), *three.slope_at]])
        template = (
            f"p = {{0:.3f}}   z = {{1:.3f}}   slopes ∂/∂{scale[-1]}: "
            "squared {2:.4f}, absolute {3:.4f}, entropy {4:.4f}"
        )
        return View(
            marks, self._words(three, y, p, scale), template, numbers, {"prediction": (x, 0.0)}
        )

    def _words(self, three: ThreeLosses, y: float, p: float, scale: str) -> str:
        squared, absolute, entropy = three.at
        words = (
            f"Target {y:g}, prediction {p:.3f}. Squared error {squared:.4f}, absolute error "
            f"{absolute:.4f}, cross-entropy {entropy:.4f}."
        )
        if stands_on(p, y):
            corner = f"{words} Here the absolute error has a corner:"
            if scale == "probability p":
                return f"{corner} every slope from −1 to 1 is a subgradient, and we take 0."
            edge = f"{p * (1 - p):.4f}"
            return f"{corner} the slope jumps from −{edge} to {edge}, and we take 0."
        push = np.abs(three.slope_at)
        if scale == "probability p":
            high, steep = entropy > TOPS[scale][0], push[2] > TOPS[scale][1]
            if high and steep:
                return f"{words} Its value and its slope are beyond the picture's edge."
            return words + (" Its slope is beyond the picture's edge." if steep else "")
        ratio = push[2] / max(push[0], 1e-12)
        return f"{words} The cross-entropy pushes z {ratio:.3g} times as hard as the squared error."


@lru_cache(maxsize=64)
def axis_curves(scale: str, y: float) -> tuple[Array, Array, Array]:
    """Return places on the chosen axis ``(n,)``, and the losses and slopes there ``(3, n)``."""
    if scale == "logit z":
        x = np.linspace(*SCALES[scale], 225)
        return x, *along(scale, y, sigmoid(x))
    x = np.linspace(0.002, 0.998, 250)
    return x, *along(scale, y, x)


def along(scale: str, y: float, p: Array) -> tuple[Array, Array]:
    """Return three losses ``(3, n)`` of predictions p ``(n,)``, and their slopes on that scale."""
    values, slopes = np.swapaxes([loss.terms(y, p) for loss in (mse, mae, bce)], 0, 1)
    # dp/dz = p (1 − p)
    return values, slopes * (p * (1 - p) if scale == "logit z" else 1)


def stands_on(p: float, y: float) -> bool:
    """Whether the prediction is the target, but for the last bits of a decimal number."""
    return abs(p - y) < 1e-9


def logit(p: Any) -> Any:
    """Return the z with σ(z) = p: log p − log(1 − p).

    Examples
    --------
    >>> logit(0.5), logit(np.array([0.5]))
    (np.float64(0.0), array([0.]))
    """
    return np.log(p) - np.log1p(-np.asarray(p))


def without_jumps(x: Array, y: Array) -> tuple[Array, Array]:
    """Return x and y with the pen lifted where y changes sign in one leap, as a sign does."""
    leap = np.flatnonzero((y[1:] * y[:-1] < 0) & (np.abs(np.diff(y)) > 0.4)) + 1
    return np.insert(x, leap, np.nan), np.insert(y, leap, np.nan)
