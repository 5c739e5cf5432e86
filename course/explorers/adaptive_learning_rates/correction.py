"""Bias correction: what an average that starts at zero says, and what it says when corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.effective import feed
from course.explorers.adaptive_learning_rates.looks import Array, log10, short, signed
from course.explorers.base import Explorer
from course.explorers.controls import Handle, Slider
from course.explorers.stage import View
from course.optimizers import Adam
from course.plots import marks as mk

STEPS: Final = 100
LOW, HIGH = -1.6, 2.2  # log₁₀ limits of the step


@dataclass(frozen=True)
class Averages:
    """Hold Adam's averages of a gradient of mean 1, and its steps in units of α: (T+1,) each.

    At t = 0 there are averages, both 0, and nothing else.
    """

    g: Array
    m: Array
    m_hat: Array
    raw: Array  # m / √v
    corrected: Array  # m̂ / √v̂, from the library's own steps


class Correction(Explorer):
    """A gradient with the mean 1, its averages m and m̂, and the steps that follow from them."""

    heading = "Bias correction: averages that start at zero"
    size = traitlets.Any([880, 400]).tag(sync=True)
    dials = (
        Slider("beta1", "β₁", 0.9, 0.0, 0.99, 0.01),
        Slider("forget", "1 − β₂", 0.001, 0.0001, 0.5, 0.1, scale="log"),
        Slider("noise", "noise of g", 0.0, 0.0, 3.0, 0.1),
        Slider("seed", "seed", 0, 0, 9, 1, display="field"),
    )
    grips = (Handle("window", "Window 1/(1 − β₁)", "mean", x="beta1", role="start"),)

    def dragged(self, handle: Handle, x: float, y: float) -> dict[str, Any]:
        """Return the β₁ whose window ends under the pointer."""
        return {"beta1": 1 - 1 / max(x, 1.0)}

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: the averages, and the steps."""
        left = figure.add_axes((0.075, 0.15, 0.45, 0.76))
        plots.style(left, theme, x="step t", y="average of the gradient")
        left.set(xlim=(-1, STEPS + 1), ylim=(-0.55, 2.1))
        left.axhline(1, color=plots.colour("muted", theme), linewidth=1, linestyle=":")
        right = figure.add_axes((0.615, 0.15, 0.37, 0.76))
        plots.style(right, theme, x="step t", y="|step| / α")
        right.set(xlim=(-1, STEPS + 1))
        plots.decades(right, "y", LOW, HIGH)
        right.axhline(0, color=plots.colour("muted", theme), linewidth=1, linestyle=":")
        return {"mean": left, "step": right}

    def compute(self, beta1: float, forget: float, noise: float, seed: int) -> Averages:
        """Return the averages that Adam keeps, and its steps with α = 1."""
        rng = np.random.default_rng(seed)
        g = 1 + noise * rng.standard_normal((STEPS, 1))
        rule = Adam(1.0, beta1=beta1, beta2=1 - forget)
        run = feed(rule, g)
        m, v = (np.array([getattr(state, name)[0] for state in run.states]) for name in "mv")
        steps = np.concatenate([[np.nan], -np.diff(run.points[:, 0])])
        with np.errstate(invalid="ignore"):  # 0/0 at t = 0
            m_hat, raw = m / (1 - beta1 ** np.arange(STEPS + 1)), m / np.sqrt(v)
        return Averages(np.concatenate([[np.nan], g[:, 0]]), m, m_hat, raw, steps)

    def view(
        self, record: Averages, *, beta1: float, forget: float, noise: float, **_: Any
    ) -> View:
        """Return the averages and the steps, with and without the correction."""
        t = np.arange(STEPS + 1)
        window = 1 / (1 - beta1)

        def over_time(y: Array) -> Array:
            return np.column_stack([t, y])

        steps = [log10(np.abs(y), LOW) for y in (record.raw, record.corrected)]
        marks = [
            mk.line([[window, -0.55], [window, 2.1]], "mean", "start", size=1.2, dash=True),
            mk.points(over_time(record.g), "mean", "muted", timing="reveal", size=3, opacity=0.7),
            *_pair(over_time(record.m), over_time(record.m_hat), "mean"),
            *_pair(over_time(steps[0]), over_time(steps[1]), "step"),
            *_key("mean", (42, -0.17), 0.17, ("m", "m̂ = m / (1 − β₁ᵗ)")),
            *_key("step", (42, HIGH - 0.25), 0.25, ("m / √v", "m̂ / √v̂: Adam")),
        ]
        numbers = np.column_stack(
            [t, record.g, record.m, 1 - beta1**t, record.m_hat, record.raw, record.corrected]
        )
        template = (
            "step {0:d}   g = {1:.3f}   m = {2:.4f}   1 − β₁ᵗ = {3:.4f}   m̂ = {4:.4f}   "
            "m/√v = {5:.3f}   m̂/√v̂ = {6:.3f}"
        )
        return View(
            marks, _summary(record, beta1, forget), template, numbers, {"window": (window, -0.55)}
        )


def _pair(raw: Array, corrected: Array, panel: str) -> list[mk.Mark]:
    return [
        mk.line(raw, panel, "path", timing="reveal", dash=True, size=2.2),
        mk.points(raw, panel, "path", timing="current", size=9, shape="square"),
        mk.line(corrected, panel, "gradient", timing="reveal", size=2.2),
        mk.points(corrected, panel, "gradient", timing="current", size=9),
    ]


def _key(panel: str, at: tuple[float, float], down: float, words: tuple[str, str]) -> list[mk.Mark]:
    x, y = at
    marks = []
    for i, (role, dash) in enumerate((("path", True), ("gradient", False))):
        height = y - i * down
        marks.append(mk.line([[x, height], [x + 9, height]], panel, role, dash=dash, size=2.2))
        marks.append(mk.text([[x + 11, height]], [words[i]], panel, role, size=12, shift=(0, 4)))
    return marks


def _summary(record: Averages, beta1: float, forget: float) -> str:
    largest = int(np.nanargmax(np.abs(record.raw)))
    small = f"The first m is only {1 - beta1:.2g} g" if beta1 else "m is g itself"
    return signed(
        f"β₁ = {beta1:g}, β₂ = {1 - forget:.4g}. {small}. Without correction the first step is "
        f"{short(abs(record.raw[1]))} α and the longest {short(abs(record.raw[largest]))} α "
        f"(t = {largest} of {STEPS}); with it the first is {short(abs(record.corrected[1]))} α."
    )
