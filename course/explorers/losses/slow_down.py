"""One saturated neuron: the squared error hardly pushes it, the cross-entropy does."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.activations import identity, sigmoid
from course.descent import Trajectory, descend
from course.explorers.base import Explorer
from course.explorers.controls import Handle, Slider
from course.explorers.losses.looks import CROSS_ENTROPY, SQUARED, Array, curve, legend, signed
from course.explorers.stage import View
from course.losses import bce_with_logits, half_squared_error
from course.neuron import neuron
from course.optimizers import GradientDescent
from course.plots import marks as mk

QUADRATIC = neuron(sigmoid, half_squared_error, x=1.0, y=0.0)
ENTROPY = neuron(identity, bce_with_logits, x=1.0, y=0.0)
REACH = 10.0


class TwoRuns(NamedTuple):
    """The same start descended on both losses."""

    quadratic: Trajectory
    entropy: Trajectory


class SlowDown(Explorer):
    """One sigmoid neuron that must learn 1 → 0, from a start that is badly wrong."""

    heading = "One neuron, two losses: x = 1, y = 0"
    dials = (
        Slider("w", "start w", 2.0, -5.0, 5.0, 0.1),
        Slider("b", "start b", 2.0, -5.0, 5.0, 0.1),
        Slider("learning_rate", "learning rate α", 0.15, 0.01, 3.0, 0.05, scale="log"),
    )
    grips = (Handle("start", "Start: z = w + b, by its bias", "push", x="b", along="push"),)
    steps = 300

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: the slope in z, and the output against the epoch."""
        left = figure.add_axes((0.08, 0.16, 0.41, 0.74))
        plots.style(left, theme, x="z = w + b", y="slope δ = ∂L/∂z")
        left.set(xlim=(-REACH - 0.3, REACH + 0.3), ylim=(-0.03, 1.08))
        legend(left, theme, [("½(a − y)²", SQUARED), ("cross-entropy", CROSS_ENTROPY)])
        right = figure.add_axes((0.575, 0.16, 0.41, 0.74))
        plots.style(right, theme, x="epoch t", y="output a (should be 0)")
        right.set(xlim=(-8, 1.03 * self.steps), ylim=(-0.03, 1.08))
        return {"push": left, "output": right}

    def compute(self, w: float, b: float, learning_rate: float) -> TwoRuns:
        """Return the two descents."""
        rule, start = GradientDescent(learning_rate), np.array([w, b])
        return TwoRuns(*(descend(loss, rule, start, self.steps) for loss in (QUADRATIC, ENTROPY)))

    def dragged(self, handle: Handle, x: float, y: float) -> dict[str, Any]:
        """Return the bias that makes z = w + b stand under the pointer."""
        return {"b": x - self.values["w"]}

    def view(self, record: TwoRuns, *, w: float, b: float, learning_rate: float) -> View:
        """Return both slopes with both runs on them, and both outputs."""
        z = np.linspace(-REACH, REACH, 161)
        theta = np.column_stack([z, np.zeros_like(z)])
        t = np.arange(self.steps + 1)
        marks, outputs, pushes = [], [], []
        for surface, run, look, name in (
            (QUADRATIC, record.quadratic, SQUARED, ""),
            (ENTROPY, record.entropy, CROSS_ENTROPY, "push"),
        ):
            z_t = run.points.sum(axis=-1)
            outputs.append(sigmoid(z_t))
            pushes.append(run.gradients[:, 1])
            here = np.column_stack([z_t, pushes[-1]])
            output = np.column_stack([t, outputs[-1]])
            marks += [
                curve(z, surface.gradient(theta)[:, 1], "push", look, name=name),
                mk.points(here, "push", look.role, timing="current", size=11, shape=look.shape),
                mk.line(output, "output", look.role, timing="reveal", size=2.2),
                mk.points(output, "output", look.role, timing="current", size=10, shape=look.shape),
            ]
        numbers = np.column_stack([t, *outputs, *pushes])
        template = (
            "epoch {0:d}   output a: {1:.4f} with ½(a − y)², {2:.4f} with entropy   "
            "slope δ: {3:.4f} and {4:.4f}"
        )
        summary = words(w, b, outputs, pushes)
        return View(marks, summary, template, numbers, {"start": (w + b, float(pushes[1][0]))})


def words(w: float, b: float, outputs: list[Array], pushes: list[Array]) -> str:
    """Say where both runs started and ended, and what happened on the way."""
    quadratic, entropy = outputs
    begin = f"From (w, b) = ({w:g}, {b:g}) the output starts at {told(quadratic[0])}."
    end = (
        f"After {len(quadratic) - 1} epochs it is {told(quadratic[-1])} with the squared error and "
        f"{told(entropy[-1])} with the cross-entropy."
    )
    if quadratic[0] < 0.5:
        return signed(f"{begin} {end} It starts on the right side of 0.5 already.")
    weaker = pushes[1][0] / pushes[0][0]
    times = f"{weaker:.3g}" if weaker < 1000 else f"{weaker:.0f}"
    return signed(
        f"{begin} {end} The squared error's first push is 1/{times} as strong. The output comes "
        f"below 0.5 {when_below(quadratic)} with it, and {when_below(entropy)} with the "
        "cross-entropy."
    )


def told(output: float) -> str:
    """Write an output in three decimals, or in as many as keep it off 0 and 1.

    Examples
    --------
    >>> told(0.5), told(0.99995), told(0.0000454)
    ('0.500', '0.99995', '0.00005')
    """
    return next(
        words
        for words in (f"{output:.{decimals}f}" for decimals in range(3, 18))
        if 0 < float(words) < 1
    )


def when_below(outputs: Array) -> str:
    """Say in which epoch the output first comes below 0.5."""
    below = outputs < 0.5
    return f"in epoch {int(below.argmax())}" if below.any() else "in no epoch shown"
