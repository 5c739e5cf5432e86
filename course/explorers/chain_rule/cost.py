"""Forward against reverse accumulation: multiplications, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from course import plots
from course.accumulation import Cost, jacobian_cost
from course.explorers.base import Explorer
from course.explorers.chain_rule.logarithmic import log_digest
from course.explorers.controls import Handle, Slider
from course.explorers.stage import View
from course.plots import marks as mk

INPUTS = np.unique(np.logspace(0, 4, 49).round().astype(int))

XLIM, YLIM = (0.8, 13_000.0), (0.5, 1e12)


@dataclass(frozen=True)
class Costs:
    """Hold the multiplications for one chain, and for every number of inputs."""

    sizes: tuple[int, ...]
    here: Cost
    curve: tuple[Cost, ...]


class AccumulationCost(Explorer):
    """Multiplications of both directions against the number of inputs, on logarithmic axes."""

    heading = "What do all the derivatives cost? Forward against reverse accumulation"
    dials = (
        Slider("inputs", "inputs", 1000, 1, 10_000, 0.05, scale="log"),
        Slider("width", "hidden width", 100, 1, 1000, 1),
        Slider("hidden", "hidden layers", 2, 1, 10, 1),
        Slider("outputs", "outputs", 1, 1, 1000, 1),
    )
    grips = (Handle("inputs", "Number of inputs", "cost", x="inputs", role="path"),)

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes, both logarithmic."""
        ax = figure.add_axes((0.085, 0.16, 0.9, 0.79))
        plots.style(ax, theme, x="number of inputs", y="multiplications")
        ax.set(xscale="log", yscale="log", xlim=XLIM, ylim=YLIM)
        ax.yaxis.set_major_locator(LogLocator(base=100, numticks=20))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_minor_locator(NullLocator())
        return {"cost": ax}

    def compute(self, inputs: float, width: int, hidden: int, outputs: int) -> Costs:
        """Count the multiplications of both directions."""
        inner = (width,) * hidden + (outputs,)
        sizes = (round(inputs), *inner)
        curve = tuple(jacobian_cost((int(n), *inner)) for n in INPUTS)
        return Costs(sizes, jacobian_cost(sizes), curve)

    def view(self, record: Costs, **_: Any) -> View:
        """Return both curves, and where the chosen chain stands on them."""
        n, here = record.sizes[0], record.here
        forward, reverse = np.array(record.curve, dtype=float).T
        lines = [np.column_stack([INPUTS, count]) for count in (forward, reverse)]
        marks = [
            mk.line([[n, 0.5], [n, 1e12]], "cost", "ink", size=1.2, dash=True),
            mk.line(lines[0], "cost", "path"),
            mk.line(lines[1], "cost", "loss", dash=True),
            mk.points([[n, here.forward]], "cost", "path", size=10),
            mk.points([[n, here.reverse]], "cost", "loss", size=10, shape="square"),
            mk.text([[1.0, 2e11]], ["forward accumulation: solid, round"], "cost", "path"),
            mk.text([[1.0, 2e10]], ["reverse accumulation: dashed, square"], "cost", "loss"),
        ]
        verdict = _verdict(record.sizes, here)
        summary = (
            f"Layers {' → '.join(map(str, record.sizes))}. All derivatives take "
            f"{_grouped(here.forward)} multiplications forward, {_grouped(here.reverse)} in "
            f"reverse. {verdict}"
        )
        return View(marks, summary, places={"inputs": (float(n), 2.0)})

    @property
    def revealed(self) -> str:
        """Title, summary, and a digest of the picture on its logarithmic axes."""
        digits = log_digest(self._view.marks, XLIM, YLIM)
        return "\n".join([self.title, self.summary, f"digest {digits}"])


def _verdict(sizes: tuple[int, ...], cost: Cost) -> str:
    """Say which direction is cheaper, and why: true where all hidden layers have one width.

    Examples
    --------
    >>> _verdict((8, 5, 2), Cost(80, 80))
    'One hidden layer: there is one product to make, so both directions cost the same.'
    >>> _verdict((8, 5, 5, 2), jacobian_cost((8, 5, 5, 2)))
    'Forward takes 2.154 times as many: more inputs than outputs.'
    """
    if len(sizes) == 3:
        return "One hidden layer: there is one product to make, so both directions cost the same."
    if cost.forward == cost.reverse:
        return "As many outputs as inputs: both directions cost the same."
    less, more = sorted(cost)
    dearer, why = (
        ("Forward", "more inputs than outputs")
        if cost.forward > cost.reverse
        else ("Reverse", "more outputs than inputs")
    )
    times = f"{more / less:.4g} times as many"
    if more / less < 1.001:
        times = f"{_grouped(more - less)} more"
    return f"{dearer} takes {times}: {why}."


def _grouped(count: int) -> str:
    """Write a whole number in groups of three digits.

    Examples
    --------
    >>> _grouped(1234567)
    '1 234 567'
    """
    return f"{count:,}".replace(",", " ")
