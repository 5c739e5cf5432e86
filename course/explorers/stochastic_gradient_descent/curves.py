"""Learning curves of several batch sizes over updates, epochs or examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course import plots
from course.explorers.base import Explorer
from course.explorers.controls import Choice
from course.explorers.stage import View
from course.explorers.stochastic_gradient_descent.looks import legend
from course.learning_curve import LearningCurve
from course.plots import marks as mk
from course.plots.marks import SHAPES

Array = NDArray[Any]
STOPS: Final = 61  # places on the x axis at which the curves are compared
AXES: Final = ("updates", "epochs", "examples seen")
#: role and shape of each curve, by its order
LOOKS: Final = (
    ("warning", "cross"),
    ("path", "circle"),
    ("minimum", "square"),
    ("global", "diamond"),
    ("loss", "circle"),
    ("saddle", "star"),
)


@dataclass(frozen=True)
class Compared:
    """Hold the curves over the chosen axis, and their losses where they are compared."""

    x: tuple[Array, ...]  # of each curve, from its first update on
    losses: tuple[Array, ...]
    stops: Array  # (61,), up to the least that all curves reach
    at: Array  # (61, curves)


class LearningCurves(Explorer):
    """Show the same trainings over updates, epochs or examples, and which batch size is ahead.

    Parameters
    ----------
    curves
        At most six learning curves on the same examples, by rising batch size.
    """

    heading = "Training with each batch size: equal updates, or equal work?"
    size = traitlets.Any([880, 430]).tag(sync=True)

    def __init__(self, curves: Sequence[LearningCurve], **values: Any) -> None:
        self._curves = tuple(curves)
        self._names = tuple(
            f"N = {c.n}" if c.batch_size == c.n else str(c.batch_size) for c in self._curves
        )
        self.dials = (  # type: ignore[misc]
            Choice("axis", "x axis", AXES[0], AXES),
            Choice("batch", "highlight B", self._names[min(1, len(curves) - 1)], self._names),
        )
        super().__init__(**values)

    background_of = ("axis",)

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes of the curves, and of the losses side by side."""
        left = figure.add_axes((0.075, 0.13, 0.555, 0.81))
        plots.style(left, theme, x=self.values["axis"], y="loss over all training digits")
        x = [part for part in self.record.x if len(part)]
        limits = min(p[0] for p in x) * 0.8, max(p[-1] for p in x) * 1.25
        finite = np.concatenate([c.losses for c in self._curves])
        finite = finite[np.isfinite(finite)]
        heights = (finite.min() * 0.7, finite.max() * 1.4)
        ticks = [v for v in (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1) if v > heights[0]]
        left.set(xlim=limits, xscale="log", ylim=heights, yscale="log")
        looks = zip(self._names, LOOKS, strict=False)
        rows = [
            (f"B = {n}".replace("B = N", "N"), role, SHAPES[shape]) for n, (role, shape) in looks
        ]
        legend(left, theme, rows, loc="lower left")
        right = figure.add_axes((0.715, 0.13, 0.27, 0.81))
        plots.style(right, theme, x="batch size B", y="loss at the dashed line")
        right.set(xlim=(-0.6, len(self._names) - 0.4), ylim=heights, yscale="log")
        for ax in (left, right):
            ax.set_yticks(ticks, [f"{v:g}" for v in ticks], minor=False)
            ax.tick_params(axis="y", which="minor", left=False)
        right.set_xticks(range(len(self._names)), [n.split(" ")[0] for n in self._names])
        return {"curves": left, "bars": right}

    def compute(self, axis: str, batch: str) -> Compared:
        """Return the curves over this axis, and all losses at each of its stops."""
        attribute = {"examples seen": "examples"}.get(axis, axis)
        x = tuple(np.asarray(getattr(c, attribute), dtype=float) for c in self._curves)
        losses = tuple(c.losses for c in self._curves)
        last = min(one[-1] for one in x)
        first = min(one[1] for one in x)
        stops = np.geomspace(first, last, STOPS)
        at = [
            np.interp(np.log(stops), np.log(one[1:]), loss[1:], left=loss[0])
            for one, loss in zip(x, losses, strict=True)
        ]
        known = np.nan_to_num(np.column_stack(at), nan=np.inf, posinf=np.inf)
        return Compared(tuple(one[1:] for one in x), tuple(l[1:] for l in losses), stops, known)

    def view(self, record: Compared, *, axis: str, batch: str, **_: Any) -> View:
        """Return the curves, the line at which they are compared, and the losses there."""
        r = record
        chosen = self._names.index(batch)
        low, high = 1e-4, 10.0
        cursor = np.stack(
            [np.column_stack([r.stops, np.full(STOPS, v)]) for v in (low, high)], axis=1
        )
        marks = [mk.line(cursor, "curves", "ink", timing="frames", size=1.2, dash=True)]
        for k, (x, losses, (role, shape)) in enumerate(zip(r.x, r.losses, LOOKS, strict=False)):
            front = k == chosen
            heights = np.minimum(r.at[:, k], high)  # a training that diverged leaves the panel
            path = np.column_stack([x, np.minimum(losses, high)])
            here = np.column_stack([r.stops, heights])
            shown: dict[str, Any] = {"opacity": 1.0 if front else 0.6}
            box = np.column_stack([np.tile([k - 0.32, low, k + 0.32], (STOPS, 1)), heights])
            big = 11 if front else 8
            marks += [
                mk.line(path, "curves", role, size=3 if front else 1.5, **shown),
                mk.points(path[-1:], "curves", role, size=9, shape=shape),
                mk.points(here, "curves", role, timing="current", size=big, shape=shape),
                mk.bars(box, "bars", role, timing="current", **shown),
            ]
        numbers = np.column_stack([r.stops, r.at])
        named = "   ".join(f"{n.split(' ')[0]}: {{{i}:.3f}}" for i, n in enumerate(self._names, 1))
        template = f"{{0:{_format(axis)}}} {axis}   loss for B =   {named}"
        return View(marks, self._summary(r, axis, chosen), template, numbers)

    def _summary(self, r: Compared, axis: str, chosen: int) -> str:
        end, one, name = r.at[-1], self._curves[chosen], self._names[chosen]
        best = self._names[int(np.nanargmin(end))]
        where = f"{r.stops[-1]:{_format(axis)}} {axis}"
        words = (
            f"At {where}, as far as all of them go, B = {best} has the lowest loss, "
            f"{end.min():.3f}; B = {name} has {end[chosen]:.3f}. All of B = {name}: "
            f"{one.updates[-1]} updates, {one.epochs[-1]:.4g} epochs, {one.examples[-1]} examples, "
            f"loss {one.losses[-1]:.3f}."
        )
        return words.replace("B = N", "N").replace(" inf", " ∞")


def _format(axis: str) -> str:
    """Return how a number of updates, epochs or examples is written."""
    return ".3g" if axis == "epochs" else ".0f"
