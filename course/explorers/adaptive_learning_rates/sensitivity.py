"""How much the learning rate matters: the loss that each rule reaches, over six decades of α."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.explorers.adaptive_learning_rates.arenas import (
    AGAIN,
    ARENAS,
    VALLEY,
    gap,
    reached,
    surface_of,
    sweep,
    verdict,
)
from course.explorers.adaptive_learning_rates.looks import (
    KINDS,
    Array,
    Kind,
    legend,
    legend_panel,
    log10,
    look,
    short,
    signed,
    track,
)
from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider
from course.explorers.stage import View
from course.plots import marks as mk

LOW, HIGH = -5, 1  # log₁₀ of the learning rates
DECADE: Final = 50  # rates a decade
EXPONENTS: Final = np.round(np.linspace(LOW, HIGH, DECADE * (HIGH - LOW) + 1), 2)
RATES: Final = tuple((10.0**EXPONENTS).tolist())
LONGEST: Final = 100
FLOOR: Final = -12  # log₁₀ of the lowest loss that is drawn


@dataclass(frozen=True)
class Swept:
    """Hold what the sweeps of all rules say after T steps, at one α above all."""

    at: int  # the number of the α at the cursor
    ends: dict[Kind, Array]  # (K,), the L − L* that is reached in T steps and kept for 4 T, by α
    runs: dict[Kind, Array]  # (4T+1,), L − L* of each step at the cursor
    best: dict[Kind, int]  # the number of the best α
    start: float  # L − L* of the start

    @property
    def alpha(self) -> float:
        """The α at the cursor."""
        return RATES[self.at]

    def lost(self, kind: Kind) -> Array:
        """(K,) bool: whether a run is not kept below ten times the loss that it started with."""
        return np.asarray(~(self.ends[kind] <= 10 * self.start))

    def useful(self, kind: Kind) -> float:
        """How many decades of α on the axis keep the loss below a hundredth of what it was."""
        return float((self.ends[kind] < self.start / 100).sum() / DECADE)


class Sensitivity(Explorer):
    """Final loss against α for every rule; the runs at the α under the cursor."""

    heading = "Sensitivity: the loss that is reached, against the learning rate"
    size = traitlets.Any([880, 440]).tag(sync=True)
    dials = (
        Choice("surface", "surface", VALLEY, tuple(ARENAS)),
        Slider("kappa", "κ of the valley", 30.0, 1.0, 100.0, 0.02, scale="log"),
        Slider("steps", "steps", 100, 10, LONGEST, 10),
        Slider("learning_rate", "one learning rate α for all", 0.01, 1e-5, 10.0, 0.01, scale="log"),
    )
    grips = (Handle("rate", "Learning rate α", "sweep", x="learning_rate", role="start"),)
    background_of = ("surface", "steps")

    def dragged(self, handle: Handle, x: float, y: float) -> dict[str, Any]:
        """Return the learning rate under the pointer: the axis shows its logarithm."""
        return {"learning_rate": 10.0**x}

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: the loss reached against α, and the loss of each step."""
        v = self.values
        top = ARENAS[v["surface"]].top
        left = figure.add_axes((0.085, 0.135, 0.5, 0.7))
        plots.style(
            left,
            theme,
            x="learning rate α",
            y=f"highest L − L* of steps {v['steps'] - 9} to {AGAIN * v['steps']}",
        )
        right = figure.add_axes((0.675, 0.135, 0.31, 0.7))
        plots.style(right, theme, x="step t", y="L − L* at the handle’s α")
        plots.decades(left, "x", LOW - 0.1, HIGH + 0.1, most=8)
        right.set(xlim=(-0.02 * v["steps"], 1.02 * v["steps"]))
        for ax in (left, right):
            plots.decades(ax, "y", FLOOR - 0.3, top)
        return {"sweep": left, "runs": right, "legend": legend_panel(figure)}

    def compute(self, surface: str, kappa: float, steps: int, learning_rate: float) -> Swept:
        """Return the ends of all runs, and the runs at one α."""
        flat = surface_of(surface, kappa)
        at = int(np.argmin(np.abs(EXPONENTS - np.log10(learning_rate))))
        ends: dict[Kind, Array] = {}
        runs: dict[Kind, Array] = {}
        for kind, whole in _gaps(surface, kappa).items():
            gaps = whole[: AGAIN * steps + 1]
            ends[kind], runs[kind] = reached(gaps, steps), gaps[:, at]
        # of several that are too small to be drawn, the smallest α
        best = {k: int(np.argmin(np.maximum(v, 10.0**FLOOR))) for k, v in ends.items()}
        start = float(flat.value(ARENAS[surface].start) - flat.value(flat.global_minima[0]))
        return Swept(at, ends, runs, best, start)

    def view(self, record: Swept, *, surface: str, steps: int, **_: Any) -> View:
        """Return a curve for each rule, its best α, and its run at the cursor."""
        top, cursor = ARENAS[surface].top, EXPONENTS[record.at]
        line = [[cursor, FLOOR - 0.3], [cursor, top]]
        marks: list[mk.Mark] = [mk.line(line, "sweep", "start", size=1.5, dash=True)]
        t = np.arange(steps + 1)
        for kind in KINDS:
            one, logs = look(kind), log10(record.ends[kind], FLOOR)
            run = log10(record.runs[kind][: steps + 1], FLOOR)
            curve = np.column_stack([EXPONENTS, np.where(record.lost(kind), np.nan, logs)])
            b = record.best[kind]
            marks += [
                mk.line(curve, "sweep", one.role, dash=one.dash),
                mk.points([[EXPONENTS[b], logs[b]]], "sweep", one.role, size=10, shape=one.shape),
                *_lost_from(record, kind, top),
                *track(np.column_stack([t, run]), "runs", kind),
            ]
        marks += legend(KINDS, [f"α* {short(RATES[record.best[kind]])}" for kind in KINDS])
        words = ["×  from here on it is over ten times above its start     α*  best rate"]
        marks.append(mk.text([[LOW, top]], words, "sweep", "muted", size=11, shift=(0, -8)))
        numbers = np.column_stack([t, *(run[: steps + 1] for run in record.runs.values())])
        fields = ", ".join(f"{look(k).name} {{{i + 1}:.2g}}" for i, k in enumerate(KINDS))
        place = {"rate": (float(cursor), FLOOR - 0.3)}
        return View(marks, _summary(record, steps), f"step {{0:d}}   {fields}", numbers, place)


@lru_cache(maxsize=5)
def _gaps(surface: str, kappa: float) -> dict[Kind, Array]:
    """Return L − L* (T+1, K) of every rule at all rates, whatever α and T are chosen."""
    flat = surface_of(surface, kappa)
    runs = sweep(surface, kappa, RATES, AGAIN * LONGEST)
    return {kind: gap(run, flat) for kind, run in runs.items()}


def _lost_from(record: Swept, kind: Kind, top: float) -> list[mk.Mark]:
    """Mark the least α from which on every run ends far above its start."""
    lost = record.lost(kind)
    if not lost[-1]:
        return []
    first = len(lost) - int(np.argmin(lost[::-1])) if not lost.all() else 0
    return [
        mk.points([[EXPONENTS[first], top - 0.4]], "sweep", look(kind).role, size=9, shape="cross")
    ]


def _summary(record: Swept, steps: int) -> str:
    # a floor that reaches the end of the axis goes on beyond it
    more = {k: "≥ " if record.ends[k][-1] < record.start / 100 else "" for k in KINDS}
    useful = ", ".join(f"{look(k).name} {more[k]}{record.useful(k):.1f}" for k in KINDS)
    words = (
        f"Decades of α, up to {10**HIGH}, that keep the loss below 1 % of its start from step "
        f"{steps - 9} to {AGAIN * steps}: {useful}."
    )
    ends = {look(k).name: float(record.ends[k][record.at]) for k in KINDS}
    least = min(ends, key=lambda name: ends[name])
    words += f" At α = {short(record.alpha)} the lowest is {least}."
    runs = {look(k).name: run for k, run in record.runs.items()}
    return signed(f"{words} {verdict(runs, record.start)}".strip())
