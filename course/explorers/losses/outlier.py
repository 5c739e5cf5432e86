"""The best constant prediction: the mean for the squared error, the median for the absolute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.explorers.base import Explorer
from course.explorers.controls import Handle, Slider, Toggle
from course.explorers.losses.looks import ABSOLUTE, SQUARED, Array, curve, dot, legend, signed
from course.explorers.stage import View
from course.losses import mae, mse
from course.plots import marks as mk

LOW, HIGH, TOP = -25.0, 125.0, 120.0


@dataclass(frozen=True)
class ConstantPrediction:
    """Hold √MSE and MAE of predicting the constant c for all of y."""

    y: Array  # (N,)
    c: Array  # (n,)
    root_mse: Array  # (n,)
    mae: Array  # (n,)
    at: tuple[float, float]  # the two at the c chosen
    slopes: tuple[float, float]  # dMSE/dc, dMAE/dc there
    mean: float
    medians: tuple[float, float]  # both ends of the interval of medians


class Outlier(Explorer):
    """Drag one point far away and see what the two minima do."""

    heading = "One outlier, and the two best constants"
    dials = (
        Slider("outlier", "outlier", 100.0, -20.0, 120.0, 1.0),
        Slider("c", "constant prediction c", 10.0, -20.0, 120.0, 0.5),
        Toggle("even", "leave out the 3", False),
    )
    grips = (
        Handle("c", "Constant prediction c", "loss", x="c"),
        Handle("outlier", "Outlier", "data", x="outlier", role="warning"),
    )

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: both losses over c, and below them the data on the same axis."""
        upper = figure.add_axes((0.08, 0.33, 0.905, 0.57))
        plots.style(upper, theme, y="loss, unit of y")
        upper.set(xlim=(LOW, HIGH), ylim=(-4, TOP))
        upper.tick_params(labelbottom=False)
        legend(upper, theme, [("√MSE(c)", SQUARED), ("MAE(c)", ABSOLUTE)])
        lower = figure.add_axes((0.08, 0.16, 0.905, 0.12))
        plots.style(lower, theme, x="data y, and constant prediction c")
        lower.set(xlim=(LOW, HIGH), ylim=(-1, 1), yticks=[])
        lower.spines["left"].set_visible(False)
        return {"loss": upper, "data": lower}

    def compute(self, outlier: float, c: float, even: bool) -> ConstantPrediction:
        """Return both losses for many constants and for the one chosen."""
        y = np.array([1.0, 2.0, *([] if even else [3.0]), 4.0, outlier])
        # corners of the absolute error are hit exactly
        grid = np.unique(np.concatenate([np.linspace(LOW, HIGH, 181), y]))
        losses = [loss.terms(y, grid[:, np.newaxis])[0].mean(axis=1) for loss in (mse, mae)]
        here = np.full_like(y, c)
        middle = np.sort(y)[[(len(y) - 1) // 2, len(y) // 2]]
        return ConstantPrediction(
            y,
            grid,
            np.sqrt(losses[0]),
            losses[1],
            (float(np.sqrt(mse(y, here))), mae(y, here)),
            (float(mse.gradient(y, here).sum()), float(mae.gradient(y, here).sum())),
            float(y.mean()),
            (float(middle[0]), float(middle[1])),
        )

    def view(
        self, record: ConstantPrediction, *, outlier: float, c: float, even: bool, **_: Any
    ) -> View:
        """Return the curves with their minima, the data, and the constant chosen."""
        r = record
        low, high = r.medians
        median = (low + high) / 2
        right = r.mean >= median
        mean_side: dict[str, Any] = {"anchor": "start" if right else "end"}
        median_side: dict[str, Any] = {"anchor": "end" if right else "start"}
        away = 7 if right else -7
        flat = f"any c from {low:g} to {high:g}" if low < high else f"{median:g}"
        bottom = np.interp([r.mean], r.c, r.root_mse)[0], np.interp([median], r.c, r.mae)[0]
        band = [[low, 0], [high, 0], [high, TOP], [low, TOP]]
        marks = [
            mk.region(band, "loss", ABSOLUTE.role, opacity=0.18 if low < high else 0.0),
            mk.line([[c, 0], [c, TOP]], "loss", "muted", size=1, dash=True),
            mk.line([[r.mean, 0], [r.mean, TOP]], "loss", SQUARED.role, size=1.2),
            mk.line([[median, 0], [median, TOP]], "loss", ABSOLUTE.role, size=1.2, dash=True),
            curve(r.c, r.root_mse, "loss", SQUARED),
            curve(r.c, r.mae, "loss", ABSOLUTE),
            mk.points([[r.mean, bottom[0]]], "loss", "global", size=11, shape="star"),
            mk.points([[median, bottom[1]]], "loss", "global", size=11, shape="star"),
            mk.text(
                [[r.mean, 112]],
                [f"mean {r.mean:g}"],
                "loss",
                SQUARED.role,
                shift=(away, 4),
                **mean_side,
            ),
            mk.text(
                [[median, 112]],
                [f"median {flat}"],
                "loss",
                ABSOLUTE.role,
                shift=(-away, 4),
                **median_side,
            ),
            dot(c, r.at[0], "loss", SQUARED),
            dot(c, r.at[1], "loss", ABSOLUTE),
            mk.line([[r.mean, -1], [r.mean, 1]], "data", SQUARED.role, size=1.2),
            mk.line([[median, -1], [median, 1]], "data", ABSOLUTE.role, size=1.2, dash=True),
            mk.points(np.column_stack([r.y, np.zeros_like(r.y)]), "data", "ink", size=5),
        ]
        summary = (
            f"Data {', '.join(f'{v:g}' for v in r.y)}. The MSE is least at the mean, {r.mean:g}; "
            f"the MAE at the median, {flat}. At c = {c:g}: √MSE {r.at[0]:.2f}, MAE {r.at[1]:.2f}."
        )
        numbers = np.array([[c, r.at[0] ** 2, r.slopes[0], r.at[1], r.slopes[1]]])
        # on a data point the MAE has a corner
        slope = "a subgradient" if c in r.y else "slope"
        template = (
            "c = {0:.4g}   MSE = {1:.2f}, slope 2(c − mean) = {2:.2f}   MAE = {3:.2f}, "
            f"{slope} (below − above)/N = {{4:.2f}}"
        )
        return View(
            marks, signed(summary), template, numbers, {"c": (c, 0.0), "outlier": (outlier, 0.0)}
        )
