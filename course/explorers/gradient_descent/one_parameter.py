"""One parameter: the curve, its tangent, and each step."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.descent import Trajectory, descend
from course.explorers.base import Explorer
from course.explorers.controls import Handle, Slider, Toggle
from course.explorers.gradient_descent.paths import (
    WINDOW,
    ending,
    loss_marks,
    path_marks,
    words,
)
from course.explorers.stage import View
from course.numeric import numeric_hessian
from course.optimizers import GradientDescent
from course.plots import marks as mk
from course.surfaces import cosine_valleys


class OneParameter(Explorer):
    """One parameter: the curve with its tangent, each step, and the loss against the step."""

    heading = "One parameter: the step is −α times the slope"
    dials = (
        Slider("start", "start w₀", 0.1, *WINDOW, 0.01),
        Slider("learning_rate", "learning rate α", 0.1, 0.01, 0.6, 0.0025),
        Slider("steps", "steps", 30, 1, 100, 1, display="field"),
        Toggle("wide", "show all six valleys", False),
    )
    grips = (Handle("start", "Start w₀", "curve", x="start", along="curve"),)
    background_of = ("steps", "wide")

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: the loss against w, and against the step."""
        left = figure.add_axes((0.08, 0.16, 0.49, 0.78))
        plots.style(left, theme, x="w", y="loss L(w)")
        wide = self.values["wide"]
        heights = (-0.25, 5.2 if wide else 3.6)
        left.set(xlim=(-6.1, 6.1) if wide else (-2.6, 3.5), ylim=heights)
        right = figure.add_axes((0.66, 0.16, 0.325, 0.78))
        plots.style(right, theme, x="step t", y="loss L(wₜ)")
        steps = self.values["steps"]
        right.set(xlim=(-0.03 * steps, 1.03 * steps), ylim=heights)
        return {"curve": left, "loss": right}

    def compute(self, start: float, learning_rate: float, steps: int, wide: bool) -> Trajectory:
        """Return the descent from the start."""
        return descend(cosine_valleys, GradientDescent(learning_rate), np.array([start]), steps)

    def view(
        self, record: Trajectory, *, start: float, learning_rate: float, wide: bool, **_: Any
    ) -> View:
        """Return curve, tangent and path; the summary tells the curvature where it ended."""
        t = record
        w = np.linspace(*((-6.0, 6.0) if wide else WINDOW), 300)[:, None]
        xy = np.column_stack([t.points[:, 0], t.values])
        slope = t.gradients[:, 0]
        reach = 0.5 / np.sqrt(1 + np.square(np.clip(slope, -1e6, 1e6)) / 4)  # about equally long
        tangent = np.stack(
            [
                xy - np.column_stack([reach, reach * slope]),
                xy + np.column_stack([reach, reach * slope]),
            ],
            axis=1,
        )
        marks = [
            mk.line(np.column_stack([w, cosine_valleys.value(w)]), "curve", "loss", name="curve"),
            mk.line(tangent, "curve", "gradient", timing="frames", size=2.5),
            *path_marks(xy, "curve"),
            *loss_marks(t.values, "loss"),
        ]
        numbers = np.column_stack([np.arange(len(xy)), xy, slope, -learning_rate * slope])
        template = (
            "step {0:d}   w = {1:.4f}   L = {2:.4f}   L′ = {3:.4f}   next step −αL′ = {4:.4f}"
        )
        summary = f"{ending(t, cosine_valleys)} {curvature_words(t, learning_rate)}"
        return View(marks, summary, template, numbers, {"start": (start, float(t.values[0]))})


def curvature_words(trajectory: Trajectory, alpha: float) -> str:
    """Say L″ and the largest stable α at the minimum of the valley in which a run stays at last."""
    last = trajectory.points[-min(10, len(trajectory.points)) :, 0]
    peaks = [-np.inf, *sorted(w for (w,) in cosine_valleys.maxima), np.inf]
    valleys = zip(sorted(cosine_valleys.minima), peaks[:-1], peaks[1:], strict=True)
    homes = [m for m, left, right in valleys if left < last.min() and last.max() < right]
    if not homes:
        return "Its last points do not lie in one valley."
    (second,) = numeric_hessian(cosine_valleys.gradient, np.asarray(homes[0])).ravel()
    limit = 2 / second
    verdict = "below" if alpha < limit else "not below"
    return (
        f"At the minimum of this valley, {words(np.asarray(homes[0]))}, L″ = {second:.3f} and "
        f"2/L″ = {limit:.4f}: α = {alpha:g} is {verdict} that."
    )
