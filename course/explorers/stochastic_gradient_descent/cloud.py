"""A cloud of minibatch gradients around the full gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course import plots
from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider, Toggle
from course.explorers.losses.looks import signed
from course.explorers.stage import View
from course.explorers.stochastic_gradient_descent.example import (
    SIZES,
    WINDOW,
    N,
    ink_problem,
    sampled,
)
from course.explorers.stochastic_gradient_descent.looks import Array, ellipse, legend, loss_map
from course.minibatch import SAMPLINGS, estimate_covariance, share_of_variance
from course.plots import marks as mk

DRAWS: Final = 300
RATE: Final = 0.05  # α of the steps on the map
COUNTS: Final = np.unique(np.geomspace(1, N, 49).round()).astype(int)
#: what share of σ² is left at each of these batch sizes
SHARES: Final = {
    kind: np.array([share_of_variance(N, int(B), replacement=kind == SAMPLINGS[0]) for B in COUNTS])
    for kind in SAMPLINGS[:2]
}
GAUSSIAN: Final = round(DRAWS * (1 - np.exp(-2)))  # within two deviations, in two dimensions
PLANE: Final = ((-28.0, 36.0), (-9.0, 9.0))  # of gradients


@dataclass(frozen=True)
class Estimates:
    """Hold the full gradient, 300 estimates of it, and how they should spread and do."""

    full: Array  # (2,)
    estimates: Array  # (300, 2)
    sigma2: float  # the variance of one example's gradient
    predicted: Array  # covariance (2, 2)
    measured: Array  # covariance about the full gradient (2, 2)

    @property
    def spread(self) -> tuple[float, float]:
        """The root of the mean squared distance from the full gradient: predicted, measured."""
        predicted, measured = (np.sqrt(np.trace(C)) for C in (self.predicted, self.measured))
        return float(predicted), float(measured)

    @property
    def inside(self) -> int:
        """How many estimates lie within two predicted standard deviations."""
        if not self.predicted.any():  # every estimate is the full gradient
            return len(self.estimates)
        away = self.estimates - self.full
        return int((np.einsum("ki,ki->k", away @ np.linalg.inv(self.predicted), away) <= 4).sum())


class GradientCloud(Explorer):
    """Draw 300 minibatches: where their gradients lie, and how far from the full one."""

    heading = "A cloud of minibatch gradients around the full gradient"
    size = traitlets.Any([880, 440]).tag(sync=True)
    dials = (
        Choice("batch", "batch size B", "16", tuple(SIZES)),
        Choice("sampling", "drawn", SAMPLINGS[0], SAMPLINGS[:2]),
        Slider("w", "w", 0.6, *WINDOW[0], 0.05, display="field"),
        Slider("b", "b", 9.0, *WINDOW[1], 0.05, display="field"),
        Slider("seed", "seed", 0, 0, 9, 1, display="field"),
        Toggle("zoom", "zoom in", False),
    )
    grips = (Handle("theta", "Parameters (w, b)", "map", x="w", y="b"),)

    def background_key(self, values: Mapping[str, Any]) -> Any:
        """Return what the limits of the left panel depend on."""
        return tuple(values.values()) if values["zoom"] else None

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the plane of gradients, the map of the loss, and the axes of the spread."""
        left = figure.add_axes((0.085, 0.125, 0.465, 0.745))
        plots.style(left, theme, x="∂L/∂w", y="∂L/∂b")
        x, y = self._limits()
        left.set(xlim=x, ylim=y)
        left.yaxis.set_major_locator(MaxNLocator(6))
        for draw in (left.axhline, left.axvline):
            draw(0, color=plots.colour("muted", theme), linewidth=1, linestyle=":")
        rows = [
            ("full gradient", "gradient", "*"),
            ("minibatch gradients", "path", "o"),
            ("2 standard deviations, predicted", "saddle", "-"),
            ("2 standard deviations, measured", "path", "--"),
        ]
        above = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "ncols": 2}
        legend(left, theme, rows, **above)
        chart = figure.add_axes((0.655, 0.615, 0.33, 0.325))
        loss_map(chart, theme)
        right = figure.add_axes((0.655, 0.125, 0.33, 0.325))
        plots.style(right, theme, x="batch size B", y="distance, r.m.s.")
        right.set(xlim=(0.8, 1900), ylim=(0.02, 20), xscale="log", yscale="log")
        right.set_xticks([1, 16, 128, N], ["1", "16", "128", "N"], minor=False)
        right.set_yticks([0.1, 1, 10], ["0.1", "1", "10"], minor=False)
        right.minorticks_off()
        return {"gradients": left, "map": chart, "spread": right}

    def _limits(self) -> tuple[Any, Any]:
        if not self.values["zoom"]:
            return PLANE
        record: Estimates = self.record
        least = record.sigma2 / N / 16
        reach = 3.6 * np.sqrt(np.diag(record.predicted) + least)
        (x, y), (right, top) = record.full - reach, record.full + reach
        return (x, right), (y, top)

    def compute(
        self, batch: str, sampling: str, w: float, b: float, seed: int, zoom: bool
    ) -> Estimates:
        """Return 300 estimates at (w, b), and what theory says of them."""
        problem, theta = ink_problem(), np.array([w, b])
        (estimates,) = sampled(SIZES[batch], sampling, seed, updates=0, runs=DRAWS).estimates(theta)
        rows = problem.example_gradients(theta)
        one = estimate_covariance(rows, 1, replacement=True)
        share = share_of_variance(N, SIZES[batch], replacement=sampling == SAMPLINGS[0])
        away = estimates - problem.gradient(theta)
        return Estimates(
            problem.gradient(theta),
            estimates,
            float(np.trace(one)),
            share * one,
            away.T @ away / DRAWS,
        )

    def view(self, record: Estimates, *, batch: str, sampling: str, **values: Any) -> View:
        """Return the estimates one by one, both ellipses, the step they stand for, the spread."""
        r, theta = record, np.array([values["w"], values["b"]])
        predicted, measured = r.spread
        errors = np.hstack([np.tile(r.full, (DRAWS, 1)), r.estimates])
        steps = theta - RATE * r.estimates
        fan = np.hstack([np.tile(theta, (DRAWS, 1)), steps])
        whole = np.concatenate([theta, theta - RATE * r.full])
        marks = [
            mk.points(r.estimates, "gradients", "path", timing="reveal", size=4.5, opacity=0.55),
            mk.line(ellipse(r.full, r.predicted), "gradients", "saddle", size=2),
            mk.line(ellipse(r.full, r.measured), "gradients", "path", size=1.6, dash=True),
            mk.arrows(np.concatenate([[0, 0], r.full])[None], "gradients", "gradient", size=2.2),
            mk.arrows(errors, "gradients", "ink", timing="current", size=1.4),
            mk.points(r.estimates, "gradients", "path", timing="current", size=9),
            mk.points(r.full[None], "gradients", "gradient", size=12, shape="star"),
            mk.points(steps, "map", "path", timing="reveal", size=3, opacity=0.4),
            mk.arrows(whole[None], "map", "gradient", size=2.2),
            mk.arrows(fan, "map", "ink", timing="current", size=1.4),
            *_spread_marks(r, SIZES[batch], sampling),
        ]
        so_far = np.arange(1, DRAWS + 1)
        mean = np.cumsum(r.estimates, axis=0) / so_far[:, None]
        squares = np.cumsum(np.sum((r.estimates - r.full) ** 2, axis=1)) / so_far
        numbers = np.column_stack([so_far, r.estimates, mean, np.sqrt(squares)])
        template = (
            "draw {0:d}   this batch ({1:.2f}, {2:.2f})   mean of the draws ({3:.2f}, {4:.2f})   "
            "r.m.s. distance {5:.3f}"
        )
        formula = "√(σ²/B)" if sampling == SAMPLINGS[0] else "√(S²/B · (1 − B/N))"
        length = np.hypot(*r.full)
        at = "At the minimum the full gradient is" if length < 1e-9 else "Full gradient"
        at = "Near the minimum the full gradient is" if 1e-9 <= length < 0.1 else at
        summary = (
            f"B = {SIZES[batch]}, {sampling}. {at} ({r.full[0]:.2f}, {r.full[1]:.2f}). Distance of "
            f"the estimates from it (root mean square): predicted {formula} = {predicted:.3f}, "
            f"measured {measured:.3f} in {DRAWS} draws. "
        )
        summary += (
            f"{r.inside} of them lie within two standard deviations ({GAUSSIAN} if Gaussian)."
            if predicted > 0
            else "Every batch is the whole set: nothing is left to chance."
        )
        low, high = np.array(PLANE).T
        hidden = int(((r.estimates < low) | (r.estimates > high)).any(axis=1).sum())
        summary += f" {hidden} lie outside the picture." if hidden and not values["zoom"] else ""
        return View(marks, signed(summary), template, numbers)


def _spread_marks(record: Estimates, size: int, sampling: str) -> list[mk.Mark]:
    _, measured = record.spread
    curves = [
        mk.line(
            np.column_stack([COUNTS, np.sqrt(record.sigma2 * shares)]),
            "spread",
            "saddle" if kind == sampling else "muted",
            size=2 if kind == sampling else 1.4,
            dash=kind == SAMPLINGS[1],
        )
        for kind, shares in SHARES.items()
    ]
    return [
        *curves,
        mk.line(np.array([[size, 0.02], [size, 20.0]]), "spread", "muted", size=1, dash=True),
        mk.points([[size, measured]], "spread", "path", size=10),
        mk.text([[1.2, 0.075]], ["solid: with replacement"], "spread", "muted", size=11.5),
        mk.text([[1.2, 0.034]], ["dashed: without"], "spread", "muted", size=11.5),
    ]
