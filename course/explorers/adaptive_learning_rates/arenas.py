"""The surfaces on which the rules run, each with a start, and what a sweep of rates finds there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from course import plots
from course.descent import Trajectory, descend
from course.explorers.adaptive_learning_rates.looks import NAMES, Array, listed
from course.plots import marks as mk
from course.surfaces import Surface, beale, himmelblau, quadratic, rosenbrock, rotated, two_valleys

VALLEY: Final = "narrow valley"
LINES: Final = 11  # level lines of a map


@dataclass(frozen=True)
class Arena:
    """A surface (by its condition number κ, if it has one), the half width of its map, a start."""

    surface: Callable[[float], Surface]
    reach: float
    start: tuple[float, float]
    top: int  # log₁₀ of the highest loss that is drawn


ARENAS: Final[dict[str, Arena]] = {
    VALLEY: Arena(lambda kappa: quadratic((1.0, kappa)), 2.2, (-1.8, 1.0), 3),
    "two valleys": Arena(lambda _: two_valleys, 2.2, (-1.4, 1.7), 2),
    "Rosenbrock": Arena(lambda _: rosenbrock, 2.2, (-1.2, 1.0), 4),
    "Beale": Arena(lambda _: beale, 4.5, (-2.0, -1.0), 5),
    "Himmelblau": Arena(lambda _: himmelblau, 5.0, (0.5, -1.0), 4),
}


def surface_of(name: str, kappa: float, degrees: float = 0) -> Surface:
    """Return the surface of an arena, turned about the origin, with its square map as bounds."""
    arena = ARENAS[name]
    surface = arena.surface(kappa)
    turned = rotated(surface, np.radians(degrees)) if degrees else surface
    return replace(turned, bounds=((-arena.reach, arena.reach),) * 2)


def lowest(surface: Surface) -> float:
    """Return L*, the loss at the global minimum."""
    return float(surface.value(surface.global_minima[0]))


def sweep(name: str, kappa: float, rule: str, rates: tuple[float, ...], steps: int) -> Trajectory:
    """Return the runs of one rule at all rates from the arena's start: one call of ``descend``."""
    alphas = np.array(rates)[:, None]
    starts = np.tile(ARENAS[name].start, (len(rates), 1))
    return descend(surface_of(name, kappa), NAMES[rule](alphas), starts, steps)


def gap(trajectory: Trajectory, surface: Surface) -> Array:
    """Return L − L* of every step and run; nan where a run is no longer finite."""
    with np.errstate(all="ignore"):
        above = np.maximum(trajectory.values - lowest(surface), 0.0)
        finite = np.isfinite(above)
        for coordinate in np.moveaxis(trajectory.points, -1, 0):
            finite &= np.isfinite(coordinate)
    return np.where(finite, above, np.nan)


def settled(gaps: Array, last: int = 10) -> Array:
    """Return the largest of the last ten values of L − L*: a lucky last step counts for nothing.

    Infinite where one of them is not finite.
    """
    return np.nan_to_num(gaps[-last:], nan=np.inf).max(axis=0)


def verdict(ends: dict[str, float], start: float) -> str:
    """Say which rules diverge, and which end far above the loss that they started with."""
    lost = [name for name, end in ends.items() if not end <= 1e6 * start]
    high = [name for name, end in ends.items() if name not in lost and end > 10 * start]
    words = [f"Diverges: {listed(lost)}."] if lost else []
    words += [f"Ends over ten times above its start: {listed(high)}."] if high else []
    return " ".join(words)


def landscape(surface: Surface, panel: str) -> list[mk.Mark]:
    """Return the map of a surface; its level lines are even in the logarithm of the loss."""
    floor = lowest(surface)
    top = np.log1p(10 * (surface.value(plots.grid(surface, 40)[2]).max() - floor))
    # log (1 + 10 (L − L*)) in even steps of its square root
    levels = floor + np.expm1(top * (np.arange(1, LINES + 1) / (LINES + 1)) ** 2) / 10
    lines = plots.level_lines(surface, levels)
    best = surface.global_minima
    others = [point for point in surface.minima if point not in best]
    marks = [mk.line(lines, panel, "loss", size=1.2, opacity=0.65)]
    for places, role, shape, size in (
        (best, "global", "star", 13),
        (others, "minimum", "diamond", 9),
        (surface.saddles, "saddle", "cross", 9),
    ):
        if places:
            marks.append(mk.points(np.array(places), panel, role, shape=shape, size=size))
    return marks
