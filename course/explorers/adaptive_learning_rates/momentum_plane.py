"""Momentum on a bowl: the two numbers α and β decide how fast it converges, and whether it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.descent import Trajectory, descend
from course.explorers.adaptive_learning_rates.looks import (
    Array,
    legend,
    legend_panel,
    log10,
    short,
    signed,
)
from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider
from course.explorers.stage import View
from course.explorers.wording import listed
from course.momentum import (
    best_momentum,
    momentum_interval,
    momentum_matrix,
    nesterov_interval,
    nesterov_matrix,
    spectral_radius,
)
from course.optimizers import GradientDescent, Momentum, Nesterov
from course.plots import marks as mk
from course.surfaces import quadratic

STEPS: Final = 100
FLOOR: Final = -12.0
LEVELS: Final = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
WIDEST: Final = 4.2  # α λmax
#: of each rule its class, its matrix, and the αλ with which it shrinks by a factor
KINDS: Final[dict[str, tuple[Any, Callable[..., Array], Callable[..., tuple[Array, Array]]]]] = {
    "momentum": (Momentum, momentum_matrix, momentum_interval),
    "Nesterov": (Nesterov, nesterov_matrix, nesterov_interval),
}


@dataclass(frozen=True)
class OnBowl:
    """Hold a run on ½ (w₁² + κ w₂²), gradient descent's best run, and what theory says."""

    run: Trajectory
    plain: Trajectory
    factors: Array  # (2,), the spectral radius in each direction
    plain_factor: float
    best: tuple[float, float, float]  # α, β and factor of the best momentum


class MomentumPlane(Explorer):
    """The plane of α and β with the factor per step, and the run at the handle."""

    heading = "Momentum on a bowl: the factor per step over α and β"
    size = traitlets.Any([880, 410]).tag(sync=True)
    dials = (
        Choice("rule", "rule", "momentum", tuple(KINDS)),
        Slider("kappa", "κ", 100.0, 1.0, 1000.0, 0.05, scale="log"),
        Slider("scaled", "α λmax", 1.0, 0.02, 4.0, 0.02),
        Slider("beta", "β", 0.5, 0.0, 0.99, 0.01),
    )
    grips = (Handle("pair", "α λmax and β", "plane", x="scaled", y="beta"),)
    background_of = ("rule",)

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw where the rule diverges, and the axes of the plane and of the distance."""
        left = figure.add_axes((0.075, 0.14, 0.45, 0.73))
        plots.style(left, theme, x="α λmax", y="β")
        tint, beta = plots.colour("warning", theme), np.linspace(0, 0.999, 200)
        _, limit = KINDS[self.values["rule"]][2](beta, 1.0)
        left.fill_betweenx(beta, limit, WIDEST, color=tint, alpha=0.16, linewidth=0)
        left.set(xlim=(0, WIDEST), ylim=(-0.04, 1.04))
        left.text(3.95, 0.06, "diverges", color=tint, fontsize=11, ha="right")
        right = figure.add_axes((0.615, 0.14, 0.37, 0.73))
        plots.style(right, theme, x="step t", y="distance from the minimum")
        right.set(xlim=(-2, STEPS + 2))
        plots.decades(right, "y", FLOOR - 0.3, 3)
        return {"plane": left, "distance": right, "legend": legend_panel(figure)}

    def compute(self, rule: str, kappa: float, scaled: float, beta: float) -> OnBowl:
        """Return both runs, and the eigenvalues that promise them."""
        bowl, start = quadratic((1.0, kappa)), np.array([1.0, 1.0])
        kind, matrix, _ = KINDS[rule]
        alpha = scaled / kappa
        return OnBowl(
            descend(bowl, kind(alpha, beta), start, STEPS),
            descend(bowl, GradientDescent(2 / (1 + kappa)), start, STEPS),
            spectral_radius(matrix(alpha, beta, [1.0, kappa])),
            (kappa - 1) / (kappa + 1),
            best_momentum(1.0, kappa),
        )

    def view(
        self, record: OnBowl, *, rule: str, kappa: float, scaled: float, **values: Any
    ) -> View:
        """Return the handle's place on the plane, the distances, and the promised slope."""
        t = np.arange(STEPS + 1)
        worst = float(record.factors.max())
        alpha, beta, _ = record.best
        distances = [np.linalg.norm(run.points, axis=-1) for run in (record.run, record.plain)]
        logs = [np.column_stack([t, log10(d, FLOOR)]) for d in distances]
        promise = np.log10(distances[0][0]) + t * np.log10(max(worst, 1e-12))
        words = [f"{worst:.3f} per step (dashed)", f"best α: {record.plain_factor:.3f} per step"]
        star = [[alpha * kappa, beta]]
        marks = [
            *_level_marks(rule, kappa),
            mk.line(
                np.column_stack([t, np.maximum(promise, FLOOR)]),
                "distance",
                "muted",
                dash=True,
                size=1.4,
            ),
            mk.line(logs[1], "distance", "ink", timing="reveal", size=1.6),
            mk.points(logs[1], "distance", "ink", timing="current", size=9, shape="ring"),
            mk.line(logs[0], "distance", "path", timing="reveal", size=2.4),
            mk.points(logs[0], "distance", "path", timing="current", size=9, shape="square"),
            *legend((KINDS[rule][0], GradientDescent), words),
        ]
        if rule == "momentum":
            marks.append(mk.points(star, "plane", "global", size=12, shape="star"))
        numbers = np.column_stack([t, record.run.points, *distances])
        template = (
            "step {0:d}   w = ({1:.3g}, {2:.3g})   distance {3:.3g}   gradient descent {4:.3g}"
        )
        return View(marks, _summary(record, rule, kappa, worst), template, numbers)


def _level_marks(rule: str, kappa: float) -> list[mk.Mark]:
    """Return the lines of equal factor over the plane, each with its number where there is room."""
    lines = [_level_line(rule, kappa, factor) for factor in LEVELS]
    gap = np.full((1, 2), np.nan)
    joined = np.concatenate([part for line in lines for part in (line, gap)])
    marks = [mk.line(joined, "plane", "loss", size=1.2, opacity=0.8)]
    room, taken = np.array([0.36, 0.06]), np.array([[np.inf, np.inf]])
    for line, factor in zip(lines, LEVELS, strict=True):
        # along its upper edge, if it has one, and down its left branch
        for spot in np.vstack([_upper_edge(line), line[len(line) // 2 :: 8]]):
            apart = np.abs((taken - spot) / room).max(axis=1).min()
            if spot[0] > 0.12 and spot[1] < 0.99 and apart > 1:
                taken = np.vstack([taken, spot])
                style: dict[str, Any] = {"size": 11, "anchor": "middle", "shift": (0, 4)}
                marks.append(mk.text([spot], [f"{factor:g}"], "plane", "loss", **style))
                break
    return marks


def _level_line(rule: str, kappa: float, factor: float) -> Array:
    """Return the outline, open below, of where both directions shrink at least by a factor.

    αλmin = αλmax / κ must lie in the interval of the rule as well as αλmax.
    """
    interval = KINDS[rule][2]
    top = factor**2 if rule == "momentum" else 0.999
    beta = np.linspace(0, top, 201)
    low, high = interval(beta, factor)
    width = high - kappa * low
    # where the outline begins and ends between two of these β, to an exact vertex
    turns = np.flatnonzero(np.diff(np.sign(width)))
    vertex = beta[turns] + np.diff(beta)[turns] * width[turns] / (width[turns] - width[turns + 1])
    beta = np.sort(np.concatenate([beta[width >= 0], vertex]))
    low, high = interval(beta, factor) if beta.size else (beta, beta)
    right, left = np.column_stack([high, beta]), np.column_stack([kappa * low, beta])
    # the momentum's β = ρ² is an edge; Nesterov's lines run out of the picture there
    middle = [] if rule == "momentum" else [np.full((1, 2), np.nan)]
    return np.concatenate([right, *middle, left[::-1]])


def _upper_edge(line: Array) -> Array:
    """Return points on the edge between the ends of the two branches, from the left."""
    ends = line[len(line) // 2 - 1 : len(line) // 2 + 1]
    if len(line) < 2 or np.isnan(ends).any():
        return np.empty((0, 2))
    share = np.linspace(0, 0.9, 10)[:, None]
    return ends[1] + share * (ends[0] - ends[1]) + [0.3, 0.0]


def _summary(record: OnBowl, rule: str, kappa: float, worst: float) -> str:
    alpha, beta, factor = record.best
    first, second = record.factors
    words = f"κ = {short(kappa)}. Factors per step: {first:.3f} along w₁ and {second:.3f} along w₂."
    if worst > 1 + 1e-9:
        words += f" {rule[0].upper() + rule[1:]} diverges."
    elif worst > 1 - 1e-9:  # up to rounding 1
        stays = [f"w{'₁₂'[i]}" for i in (0, 1) if record.factors[i] > 1 - 1e-9]
        words += f" In the long run it neither shrinks nor grows along {listed(stays)}."
    else:
        words += f" Gradient descent’s best is {record.plain_factor:.3f}."
    star = " (star)" if rule == "momentum" else ""
    return signed(
        f"{words} Momentum’s best{star}: α λmax = {alpha * kappa:.2f}, β = {beta:.2f}, "
        f"factor {factor:.3f}."
    )
