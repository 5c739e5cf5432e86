"""All rules from one start: their paths, their losses, and what one does to each coordinate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.descent import Trajectory, descend
from course.effective import Parts, parts
from course.explorers.adaptive_learning_rates.arenas import (
    ARENAS,
    VALLEY,
    gap,
    landscape,
    settled,
    surface_of,
    sweep,
    verdict,
)
from course.explorers.adaptive_learning_rates.looks import (
    KINDS,
    NAMES,
    Array,
    Kind,
    legend,
    legend_panel,
    listed,
    log10,
    look,
    short,
    signed,
    track,
)
from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider, Toggle
from course.explorers.stage import View
from course.plots import marks as mk

STEPS: Final = 100
RATES: Final = tuple(np.geomspace(1e-4, 10, 101).tolist())
FLOOR: Final = -8  # log₁₀ of the lowest loss that is drawn
LOW, HIGH = -6, 4  # log₁₀ limits of the bars
GROUPS: Final = ("slope g", "direction", "scale", "rate", "step")


@lru_cache(maxsize=64)
def tuned(name: str, kappa: float, rule: str) -> float:
    """Return the α with the least loss after 100 steps among those whose path stays on the map."""
    surface, reach = surface_of(name, kappa), ARENAS[name].reach
    runs = sweep(name, kappa, rule, RATES, STEPS)
    with np.errstate(invalid="ignore"):
        stays = (np.abs(runs.points) <= reach).all(axis=(0, 2))
    ends = np.where(stays, settled(gap(runs, surface)), np.inf)
    return RATES[int(np.argmin(ends))]


@dataclass(frozen=True)
class Raced:
    """Hold the runs on the surface as it lies, on the unturned one, and one rule's steps."""

    runs: dict[Kind, Trajectory]
    straight: dict[Kind, Trajectory]  # on the unturned surface, turned along afterwards
    gaps: dict[Kind, Array]
    parts: Parts
    departure: dict[Kind, float]  # how far the two paths are apart at most


class Race(Explorer):
    """All rules from one draggable start; turn the surface and see whose path turns along."""

    heading = "The race: seven rules from one start"
    size = traitlets.Any([880, 500]).tag(sync=True)
    dials = (
        Choice("surface", "surface", VALLEY, tuple(ARENAS)),
        Slider("kappa", "κ of the valley", 30.0, 1.0, 100.0, 0.02, scale="log"),
        Slider("angle", "turned by (degrees)", 0, 0, 90, 15),
        Choice("watch", "watch", "Adam", tuple(NAMES)),
        Toggle("others", "the others too", True),
        Slider("factor", "all tuned rates times", 1.0, 0.1, 10.0, 0.05, scale="log"),
        Slider("u1", "start u₁", -1.8, -5.0, 5.0, 0.01, display="hidden"),
        Slider("u2", "start u₂", 1.0, -5.0, 5.0, 0.01, display="hidden"),
    )
    grips = (Handle("start", "Start", "map", x="u1", y="u2"),)
    background_of = ("surface", "kappa", "angle")

    def __init__(self, **values: Any) -> None:
        super().__init__(**_with_start(values, VALLEY))

    def _cleaned(self, changes: Any, *, clamp: bool = False) -> dict[str, Any]:
        """Check the values; another surface brings its own start unless one is given."""
        return super()._cleaned(_with_start(changes, self.values.get("surface")), clamp=clamp)

    # -- the start belongs to the surface: it is kept in the surface's own coordinates u ---------

    def dragged(self, handle: Handle, x: float, y: float) -> dict[str, Any]:
        """Return the start under the pointer in the surface's own coordinates."""
        u1, u2 = turn([x, y], -self.values["angle"])
        return {"u1": float(u1), "u2": float(u2)}

    def _nudged(self, grip: Handle, dx: float, dy: float) -> dict[str, Any]:
        u1, u2 = turn([5 * dx, 5 * dy], -self.values["angle"])
        return super()._nudged(grip, float(u1), float(u2))

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the map, and the axes of the losses and of the bars."""
        v = self.values
        surface = surface_of(v["surface"], v["kappa"], v["angle"])
        left = figure.add_axes((0.077, 0.115, 0.43, 0.757))
        plots.style(left, theme, x="w₁", y="w₂")
        landscape(left, surface, theme)
        right = figure.add_axes((0.6, 0.58, 0.385, 0.292))
        plots.style(right, theme, x="step t", y="L − L*")
        right.set(xlim=(-2, STEPS + 2))
        plots.decades(right, "y", FLOOR - 0.3, ARENAS[v["surface"]].top, most=5)
        bars = figure.add_axes((0.6, 0.115, 0.385, 0.325))
        plots.style(bars, theme)
        bars.set(xlim=(-0.55, len(GROUPS) - 0.45))
        plots.decades(bars, "y", LOW, HIGH, most=5)
        bars.set_xticks(range(len(GROUPS)), GROUPS)
        bars.tick_params(axis="x", which="major", length=0, pad=16, labelsize=9.5)
        centres = np.add.outer(np.arange(len(GROUPS)), (-0.2, 0.2)).ravel()
        bars.set_xticks(centres, ["w₁", "w₂"] * len(GROUPS), minor=True)
        bars.tick_params(axis="x", which="minor", length=0, labelsize=8.5)
        bars.axhline(0, color=plots.colour("muted", theme), linewidth=1, linestyle=":")
        return {"map": left, "loss": right, "bars": bars, "legend": legend_panel(figure)}

    def compute(
        self, surface: str, kappa: float, angle: int, watch: str, factor: float, **start: Any
    ) -> Raced:
        """Return the runs of all rules, on the surface as it lies and on the unturned one."""
        flat, lying = surface_of(surface, kappa), surface_of(surface, kappa, angle)
        u = np.array([start["u1"], start["u2"]])
        rules = {kind: kind(factor * tuned(surface, kappa, look(kind).name)) for kind in KINDS}
        straight = {kind: descend(flat, rule, u, STEPS) for kind, rule in rules.items()}
        runs = straight
        if angle:
            begin = turn(u, angle)
            runs = {kind: descend(lying, rule, begin, STEPS) for kind, rule in rules.items()}
        departure = {
            kind: apart(run.points, turn(straight[kind].points, angle))
            for kind, run in runs.items()
        }
        gaps = {kind: gap(run, lying) for kind, run in runs.items()}
        return Raced(runs, straight, gaps, parts(runs[NAMES[watch]]), departure)

    def view(
        self, record: Raced, *, surface: str, angle: int, watch: str, others: bool, **_: Any
    ) -> View:
        """Return the paths, the losses, and the bars of the rule that is watched."""
        watched = NAMES[watch]
        shown = [kind for kind in KINDS if kind is not watched] if others else []
        marks: list[mk.Mark] = []
        if angle:
            ghost = turn(record.straight[watched].points, angle)
            marks.append(mk.line(ghost, "map", "compare", size=5, opacity=0.45))
            corner = [[-0.97 * ARENAS[surface].reach] * 2]
            marks.append(
                mk.text(
                    corner,
                    ["wide line: its unturned path, turned along"],
                    "map",
                    "compare",
                    size=12,
                )
            )
        for kind in (*shown, watched):
            bold: dict[str, Any] = {} if kind is watched else {"opacity": 0.75}
            size = 3.0 if kind is watched else 1.4
            losses = np.column_stack([np.arange(STEPS + 1), log10(record.gaps[kind], FLOOR)])
            marks += track(record.runs[kind].points, "map", kind, size=size, **bold)
            marks += track(losses, "loss", kind, size=size, **bold)
        kinds = [kind for kind in KINDS if kind in shown or kind is watched]
        rates = [f"α = {short(record.runs[kind].rule.rate_at(0))}" for kind in kinds]
        marks += [*legend(kinds, rates), *_bars(record, watched)]
        title = mk.text(
            [[-0.5, HIGH]],
            [f"the last step of {watch}, by coordinate"],
            "bars",
            look(watched).role,
            size=12,
            shift=(0, -8),
        )
        marks.append(title)
        return View(
            marks,
            _summary(record, angle),
            _template(watch),
            _numbers(record, watched),
            {"start": tuple(record.runs[watched].points[0].tolist())},
        )


def _with_start(changes: Mapping[str, Any], before: Any) -> dict[str, Any]:
    arena = ARENAS.get(changes.get("surface", before))
    if arena is None or changes.get("surface", before) == before:
        return dict(changes)
    return dict(zip(("u1", "u2"), arena.start, strict=True)) | dict(changes)


def turn(points: Any, degrees: float) -> Array:
    """Return points (..., 2) turned about the origin."""
    angle = np.radians(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    with np.errstate(all="ignore"):
        return np.asarray(points) @ np.array([[cos, sin], [-sin, cos]])


def apart(path: Array, other: Array) -> float:
    """Return the largest distance of two paths, step by step; infinite if one of them diverges."""
    with np.errstate(all="ignore"):
        distance = float(np.linalg.norm(path - other, axis=-1).max())
    return distance if np.isfinite(distance) else np.inf


def _quantities(record: Raced, watched: Kind) -> Array:
    """Return |g|, |direction|, scale, rate and |step| of step t by coordinate, (T+1, 5, 2)."""
    run, p = record.runs[watched], record.parts
    with np.errstate(all="ignore"):
        rows = np.abs([run.gradients[:-1], p.direction, p.scale, p.rate, p.rate * p.direction])
    # at t = 0 there has been no step
    return np.concatenate([np.zeros((1, len(GROUPS), 2)), np.moveaxis(rows, 0, 1)])


def _bars(record: Raced, watched: Kind) -> list[mk.Mark]:
    heights = np.clip(np.nan_to_num(log10(_quantities(record, watched), LOW), nan=HIGH), LOW, HIGH)
    marks = []
    for coordinate, role in enumerate(("loss", "compare")):
        left = np.arange(len(GROUPS)) + (-0.38, 0.02)[coordinate]
        top = heights[:, :, coordinate]
        boxes = np.stack(np.broadcast_arrays(left, LOW, left + 0.36, top), axis=-1)
        marks.append(mk.bars(boxes, "bars", role, timing="frames", opacity=0.8))
    return marks


def _template(watch: str) -> str:
    return (
        f"step {{0:d}}   {watch}: w = ({{1:.4f}}, {{2:.4f}})   L − L* = {{3:.3g}}   "
        "effective rates {4:.3g} and {5:.3g}"
    )


def _numbers(record: Raced, watched: Kind) -> Array:
    run = record.runs[watched]
    rates = np.vstack([np.zeros((1, 2)), record.parts.rate])
    return np.column_stack([np.arange(STEPS + 1), run.points, record.gaps[watched], rates])


def _summary(record: Raced, angle: int) -> str:
    start = max(float(record.gaps[KINDS[0]][0]), 1e-12)
    ends = {look(kind).name: float(values[-1]) for kind, values in record.gaps.items()}
    alive = [f"{name} {short(end)}" for name, end in ends.items() if end <= 10 * start]
    told = f"L − L* after {STEPS} steps: {', '.join(alive)}." if alive else ""
    return signed(" ".join(filter(None, (told, verdict(ends, start), _turned(record, angle)))))


def _turned(record: Raced, angle: int) -> str:
    if not angle:
        return "Turn the surface to see who notices."
    same = [look(k).name for k, d in record.departure.items() if d < 1e-6]
    other = [(look(k).name, d) for k, d in record.departure.items() if d >= 1e-6]
    words = f"Turned by {angle}°:"
    if same:
        words += f" the path turns along unchanged for {listed(same)}"
    if same and other:
        words += ";"
    if other:
        words += f" it departs for {listed([f'{n} by up to {short(d)}' for n, d in other])}"
    return f"{words}."
