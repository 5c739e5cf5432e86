"""How δ fares on its way down a deep network, for three activations and any initial scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course import plots
from course.activations import Activation, relu, sigmoid, tanh
from course.explorers.base import Explorer
from course.explorers.controls import Handle, Slider
from course.explorers.stage import View
from course.explorers.wording import listed
from course.plots import marks as mk
from course.recursion import delta_norms

Array = NDArray[Any]
DEEPEST: Final = 20
LOW, HIGH = 0.25, 4.0
SCALES: Final = np.geomspace(LOW, HIGH, 41)
#: activation, role, shape of its points
KINDS: Final[tuple[tuple[Activation, str, str], ...]] = (
    (sigmoid, "loss", "circle"),
    (tanh, "gradient", "square"),
    (relu, "global", "diamond"),
)


@dataclass(frozen=True)
class Norms:
    """Hold ‖δˡ‖ / ‖δᴸ‖ by activation (3, depth), and the mean factor per step by scale (3, S)."""

    ratios: Array
    factors: Array
    factor: Array  # (3,) at the chosen scale

    @property
    def logs(self) -> Array:
        """log₁₀ of the ratios."""
        with np.errstate(divide="ignore"):
            return np.log10(self.ratios)


@lru_cache(maxsize=16)
def factors(seed: int) -> Array:
    """Return the geometric mean of 20 layers' 19 factors, (3, S), for all scales at once."""
    ends = [delta_norms(f, SCALES, DEEPEST, np.random.default_rng(seed))[:, 0] for f, _, _ in KINDS]
    return np.array(ends) ** (1 / (DEEPEST - 1))


@lru_cache(maxsize=64)
def _ratios(scale: float, depth: int, seed: int) -> Array:
    """Return ‖δˡ‖ / ‖δᴸ‖ for each activation, (3, depth), at one scale."""
    return np.array(
        [delta_norms(f, [scale], depth, np.random.default_rng(seed))[0] for f, _, _ in KINDS]
    )


def level_scales(activation: Activation, low: float, high: float, seeds: int = 10) -> Array:
    """Return for each seed the initial scale at which δ crosses 20 layers with its length kept.

    It is the scale, of 61 between `low` and `high`, whose factor per layer is nearest to 1.
    """
    scales = np.geomspace(low, high, 61)
    ratios = np.array(
        [delta_norms(activation, scales, DEEPEST, np.random.default_rng(s)) for s in range(seeds)]
    )
    return scales[np.abs(np.log(ratios[:, :, 0])).argmin(axis=1)]


class Depth(Explorer):
    """‖δˡ‖ layer by layer, backwards from the output, and the factor per layer against scale."""

    heading = "Depth: what is left of δ, layer by layer"
    size = traitlets.Any([880, 410]).tag(sync=True)
    dials = (
        Slider("depth", "layers L", 20, 1, DEEPEST, 1),
        Slider("scale", "initial scale s", 1.0, LOW, HIGH, 0.02, scale="log"),
        Slider("seed", "seed", 0, 0, 9, 1, display="field"),
    )
    grips = (Handle("scale", "Initial scale", "factor", x="scale", role="path"),)
    background_of = ("depth",)

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: log₁₀ of the norm against the layer, and the factor against the scale."""
        left = figure.add_axes((0.095, 0.15, 0.455, 0.79))
        plots.style(left, theme, x="layer l", y="‖δˡ‖ / ‖δᴸ‖")
        last = self.values["depth"]
        left.set(xlim=(0.4, last + 0.6))
        plots.decades(left, "y", *_limits(last))
        left.set_xticks(range(1, last + 1) if last <= 10 else range(2, last + 1, 2))
        left.axhline(0, color=plots.colour("muted", theme), linewidth=1, linestyle=":")
        right = figure.add_axes((0.66, 0.15, 0.325, 0.79))
        plots.style(
            right,
            theme,
            x="initial scale s:  Wᵢⱼ ~ N(0, s²/n)",
            y="factor per layer (geometric mean)",
        )
        right.set(xlim=(LOW * 0.93, HIGH * 1.07), ylim=(-1.4, 0.6), xscale="log")
        right.set_xticks([0.25, 0.5, 1, 2, 4], ["¼", "½", "1", "2", "4"], minor=False)
        right.minorticks_off()
        marked = np.log10([0.05, 0.1, 0.25, 0.5, 1, 2, 3])
        right.set_yticks(marked, ["0.05", "0.1", "¼", "½", "1", "2", "3"])
        right.axhline(0, color=plots.colour("muted", theme), linewidth=1, linestyle=":")
        return {"norms": left, "factor": right}

    def compute(self, depth: int, scale: float, seed: int) -> Norms:
        """Return the norms at this depth and scale, and the factors at all scales."""
        rows, deepest = _ratios(scale, depth, seed), _ratios(scale, DEEPEST, seed)
        return Norms(rows, factors(seed), deepest[:, 0] ** (1 / (DEEPEST - 1)))

    def view(self, record: Norms, *, depth: int, scale: float, **_: Any) -> View:
        """Return the three curves from the output backwards, and the three factors."""
        layers = np.arange(depth, 0, -1)
        marks: list[mk.Mark] = [
            mk.line([[scale, -1.4], [scale, 0.6]], "factor", "path", size=1.5, dash=True)
        ]
        for (f, role, shape), logs, curve, here in zip(
            KINDS, record.logs, record.factors, record.factor, strict=True
        ):
            xy = np.column_stack([layers, logs[::-1]])
            dash = f is tanh
            marks += [
                mk.line(xy, "norms", role, timing="reveal", size=2, dash=dash),
                mk.points(xy, "norms", role, timing="reveal", size=7, shape=shape),
                mk.line(
                    np.column_stack([SCALES, np.log10(curve)]), "factor", role, size=2, dash=dash
                ),
                mk.points([[scale, np.log10(here)]], "factor", role, size=9, shape=shape),
                *_names(f, role, curve),
            ]
        marks += _legend(depth)
        numbers = np.column_stack([layers, record.ratios[:, ::-1].T])
        template = "layer {0:d}   sigmoid {1:.3g}   tanh {2:.3g}   relu {3:.3g}"
        return View(
            marks, _summary(record, depth, scale), template, numbers, {"scale": (scale, -1.4)}
        )


def _names(f: Activation, role: str, curve: Array) -> list[mk.Mark]:
    """Name a factor curve near the left end of the panel, where the three lie apart."""
    at = 6
    spot = [[SCALES[at], np.log10(curve[at])]]
    shift = {"sigmoid": (8, 12), "tanh": (-8, -12), "relu": (10, 14)}[f.name]
    anchor = "end" if f is tanh else "start"
    return [mk.text(spot, [f.name], "factor", role, size=12, anchor=anchor, shift=shift)]


def _limits(depth: int) -> tuple[float, float]:
    """Return the limits of log₁₀: every setting's curves stay inside, and 0 stands high."""
    return -1.25 * depth - 1.0, 0.55 * depth + 0.6


def _legend(depth: int) -> list[mk.Mark]:
    """Name the curves in the lower right corner, where no curve comes: they all end at 1."""
    low, high = _limits(depth)
    marks = []
    for i, (f, role, shape) in enumerate(KINDS):
        x = 0.4 + 0.78 * (depth + 0.2)
        y = low + (0.26 - 0.09 * i) * (high - low)
        marks.append(mk.points([[x, y]], "norms", role, size=7, shape=shape))
        marks.append(mk.text([[x, y]], [f.name], "norms", role, size=12, shift=(10, 4)))
    return marks


def _summary(record: Norms, depth: int, scale: float) -> str:
    if depth == 1:
        return "One layer: δ¹ is δᴸ itself, for every activation. Add layers."
    told = ", ".join(
        f"{f.name} {_size(float(logs[0]))}"
        for (f, _, _), logs in zip(KINDS, record.logs, strict=True)
    )
    pace = ", ".join(f"{f.name} {v:.2f}" for (f, _, _), v in zip(KINDS, record.factor, strict=True))
    ends = [(f.name, float(logs[0])) for (f, _, _), logs in zip(KINDS, record.logs, strict=True)]
    faint = listed([name for name, log in ends if log < -4])
    huge = listed([name for name, log in ends if log > 3])
    verdict = f" With {faint}, less than a ten-thousandth of δ arrives." if faint else ""
    verdict += f" With {huge}, δ grows more than a thousandfold." if huge else ""
    return (
        f"s = {scale:.3g}. From layer {depth} down to layer 1 the length of δ changes by the "
        f"factor: {told}. Geometric mean of the factors of the 19 steps between 20 layers: {pace}."
        f"{verdict}"
    )


def _size(log: float) -> str:
    if not np.isfinite(log):
        return "0 (every unit is dead)"
    power = int(np.floor(log))
    if -2 <= power < 3:
        return f"{10**log:.3g}"
    return f"{10 ** (log - power):.1f} · {plots.power_of_ten(power)}"
