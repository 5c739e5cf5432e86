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
from course.descent import Objective, descend_together
from course.effective import Parts, parts
from course.explorers.adaptive_learning_rates.arenas import (
    AGAIN,
    ARENAS,
    VALLEY,
    diverges,
    gap,
    landscape,
    reached,
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
    log10,
    look,
    short,
    signed,
    track,
)
from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider, Toggle
from course.explorers.stage import View
from course.explorers.wording import listed
from course.plots import marks as mk
from course.turning import Fan, turn

STEPS: Final = 100
RATES: Final = tuple(np.geomspace(1e-4, 10, 101).round(15).tolist())
#: to the corners of the largest map, however it is turned
FARTHEST: Final = 1.5 * max(arena.reach for arena in ARENAS.values())
EPSILON: Final = float(np.finfo(float).eps)
FLOOR: Final = -8  # log₁₀ of the lowest loss that is drawn
LOW, HIGH = -6, 4  # log₁₀ limits of the bars
GROUPS: Final = ("slope g", "direction", "scale", "rate", "step")


@lru_cache(maxsize=64)
def tuned(name: str, kappa: float, degrees: float) -> dict[Kind, float]:
    """Return each rule's α for an arena as it lies: the one with the least loss reached and kept.

    Reached by step 100 and kept to step 400, see `reached`. Losses too low to be drawn count as
    equal, and of several such the smallest α is taken.
    """
    flat = surface_of(name, kappa)
    runs = sweep(name, kappa, RATES, AGAIN * STEPS, degrees)
    ends = {kind: reached(gap(run, flat), STEPS) for kind, run in runs.items()}
    return {k: RATES[int(np.argmin(np.maximum(v, 10.0**FLOOR)))] for k, v in ends.items()}


@dataclass(frozen=True)
class Raced:
    """Hold the runs on the surface as it lies, and how they compare with the unturned surface."""

    rates: dict[Kind, float]  # α
    paths: dict[Kind, Array]  # (T+1, 2)
    straight: dict[Kind, Array]  # (T+1, 2), the path on the unturned surface, turned along
    gaps: dict[Kind, Array]  # (T+1,), L − L*
    gradients: Array  # (T+1, 2), of the rule that is watched
    parts: Parts  # (T, 2) each, likewise
    departure: dict[Kind, float]  # how far path and straight are apart at most
    rounding: dict[Kind, float]  # how far it departs from one with other last bits in its start
    moved: bool  # whether the start is another than that for which the rates are tuned


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
        Slider("u1", "start u₁", -1.8, -FARTHEST, FARTHEST, 0.01, display="hidden"),
        Slider("u2", "start u₂", 1.0, -FARTHEST, FARTHEST, 0.01, display="hidden"),
    )
    grips = (Handle("start", "Start", "map", x="u1", y="u2"),)
    background_of = ("surface",)

    def __init__(self, **values: Any) -> None:
        super().__init__(**_with_start(values, VALLEY))

    def _cleaned(self, changes: Any, *, clamp: bool = False) -> dict[str, Any]:
        """Check the values; another surface brings its own start unless one is given."""
        return super()._cleaned(_with_start(changes, self.values.get("surface")), clamp=clamp)

    # -- the start belongs to the surface: it is kept in the surface's own coordinates u ---------

    def dragged(self, handle: Handle, x: float, y: float) -> dict[str, Any]:
        """Return the start under the pointer, on the map, in the surface's own coordinates."""
        reach = ARENAS[self.values["surface"]].reach
        w = np.clip([x, y], -reach, reach)
        u1, u2 = turn(w, -np.radians(self.values["angle"]))
        return {"u1": float(u1), "u2": float(u2)}

    def _nudged(self, grip: Handle, dx: float, dy: float) -> dict[str, Any]:
        """Move along the axes of the map, to round values."""
        w = turn([self.values["u1"], self.values["u2"]], np.radians(self.values["angle"]))
        x, y = np.round(w + np.multiply((dx, dy), 0.05), 2)
        return self.dragged(grip, x, y)

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: the map, the losses and the bars."""
        arena = ARENAS[self.values["surface"]]
        left = figure.add_axes((0.077, 0.115, 0.43, 0.757))
        plots.style(left, theme, x="w₁", y="w₂")
        left.set(xlim=(-arena.reach, arena.reach), ylim=(-arena.reach, arena.reach))
        right = figure.add_axes((0.6, 0.58, 0.385, 0.292))
        plots.style(right, theme, x="step t", y="L − L*")
        right.set(xlim=(-2, STEPS + 2))
        plots.decades(right, "y", FLOOR - 0.3, arena.top, most=5)
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
        flat = surface_of(surface, kappa)
        # each rule three times: as it lies, unturned, and from a start a last bit aside
        angles = np.radians([angle, 0, angle] if angle else [0])
        lying, unturned, aside = (0, 1, 2) if angle else (0, 0, 0)
        begin = turn([start["u1"], start["u2"]], angles)
        begin[aside] *= 1 + (4 * EPSILON if angle else 0)
        fan: Objective = Fan(flat, angles) if angle else flat
        rates = {kind: factor * rate for kind, rate in tuned(surface, kappa, angle).items()}
        rules = [kind(rate) for kind, rate in rates.items()]
        runs = dict(zip(rates, descend_together(fan, rules, begin, STEPS), strict=True))
        home = {kind: turn(run.points, -angles) for kind, run in runs.items()}
        watched, p = runs[NAMES[watch]], parts(runs[NAMES[watch]])
        return Raced(
            rates,
            paths={kind: run.points[:, lying] for kind, run in runs.items()},
            straight={kind: turn(u[:, unturned], angles[lying]) for kind, u in home.items()},
            gaps={kind: gap(run, flat)[:, lying] for kind, run in runs.items()},
            gradients=watched.gradients[:, lying],
            parts=Parts(p.direction[:, lying], p.scale[:, lying], p.rate[:, lying]),
            departure={kind: apart(u[:, lying], u[:, unturned]) for kind, u in home.items()},
            rounding={kind: apart(u[:, aside], u[:, lying]) for kind, u in home.items()},
            moved=(start["u1"], start["u2"]) != ARENAS[surface].start,
        )

    def view(
        self,
        record: Raced,
        *,
        surface: str,
        kappa: float,
        angle: int,
        watch: str,
        others: bool,
        **_: Any,
    ) -> View:
        """Return the paths, the losses, and the bars of the rule that is watched."""
        watched = NAMES[watch]
        shown = [kind for kind in KINDS if kind is not watched] if others else []
        marks = landscape(surface, kappa, "map", angle)
        if angle:
            marks.append(mk.line(record.straight[watched], "map", "compare", size=5, opacity=0.45))
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
            marks += track(record.paths[kind], "map", kind, size=size, **bold)
            marks += track(losses, "loss", kind, size=size, **bold)
        kinds = [kind for kind in KINDS if kind in shown or kind is watched]
        rates = [f"α = {short(record.rates[kind])}" for kind in kinds]
        marks += [*legend(kinds, rates), *_bars(record)]
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
            {"start": tuple(record.paths[watched][0].tolist())},
        )


def _with_start(changes: Mapping[str, Any], before: Any) -> dict[str, Any]:
    """Return the changes, and with another surface its start, unless one is among them."""
    surface = changes.get("surface", before)
    if not isinstance(surface, str) or surface not in ARENAS or surface == before:
        return dict(changes)  # nothing new, or what the checks will refuse
    return dict(zip(("u1", "u2"), ARENAS[surface].start, strict=True)) | dict(changes)


def apart(path: Array, other: Array) -> float:
    """Return the largest distance of two paths, step by step; infinite if one of them diverges."""
    with np.errstate(all="ignore"):
        distance = float(np.linalg.norm(path - other, axis=-1).max())
    return distance if np.isfinite(distance) else np.inf


def _quantities(record: Raced) -> Array:
    """Return |g|, |direction|, scale, rate and |step| of step t by coordinate, (T+1, 5, 2)."""
    p = record.parts
    with np.errstate(all="ignore"):
        rows = np.abs([record.gradients[:-1], p.direction, p.scale, p.rate, p.rate * p.direction])
    # at t = 0 there has been no step
    return np.concatenate([np.zeros((1, len(GROUPS), 2)), np.moveaxis(rows, 0, 1)])


def _bars(record: Raced) -> list[mk.Mark]:
    heights = np.clip(np.nan_to_num(log10(_quantities(record), LOW), nan=HIGH), LOW, HIGH)
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
        "rates {4:.3g} and {5:.3g}"
    )


def _numbers(record: Raced, watched: Kind) -> Array:
    rates = np.vstack([np.zeros((1, 2)), record.parts.rate])
    return np.column_stack(
        [np.arange(STEPS + 1), record.paths[watched], record.gaps[watched], rates]
    )


def _summary(record: Raced, angle: int) -> str:
    start = max(float(record.gaps[KINDS[0]][0]), 1e-12)
    runs = {look(kind).name: gaps for kind, gaps in record.gaps.items()}
    # the highest of the last ten: where a run only passes by, it has not arrived
    ends = {name: float(reached(gaps, STEPS)) for name, gaps in runs.items()}
    alive = [f"{name} {short(end)}" for name, end in ends.items() if end <= 10 * start]
    told = f"L − L*, steps {STEPS - 9} to {STEPS}, at most: {', '.join(alive)}." if alive else ""
    moved = "The rates are those of the first start." if record.moved else ""
    words = (told, verdict(runs, start), _turned(record, angle, start), moved)
    return signed(" ".join(filter(None, words)))


def _turned(record: Raced, angle: int, start: float) -> str:
    if not angle:
        return "Turn the surface to see who notices."
    finite = {
        kind: d
        for kind, d in record.departure.items()
        if d < 1e6 and not diverges(record.gaps[kind], start)
    }
    # where last bits have grown large, nothing can be said
    chaotic = [k for k in finite if record.rounding[k] > 1e-3]
    same = [k for k, d in finite.items() if d <= max(1e-4, 10 * record.rounding[k])]
    other = [k for k in finite if k not in (*same, *chaotic)]
    groups = {
        "the path turns along unchanged for": [look(k).name for k in same if k not in chaotic],
        "it departs for": [f"{look(k).name} by up to {short(finite[k])}" for k in other],
        "last bits decide (a chaotic run) for": [look(k).name for k in chaotic],
    }
    clauses = [f"{words} {listed(names)}" for words, names in groups.items() if names]
    return f"Turned by {angle}°: {'; '.join(clauses)}." if clauses else ""
