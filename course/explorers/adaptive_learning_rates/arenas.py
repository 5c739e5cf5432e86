"""The surfaces on which the rules run, each with a start, and what a sweep of rates finds there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from course import plots
from course.descent import Objective, Trajectory, descend_together
from course.explorers.adaptive_learning_rates.looks import KINDS, Array, Kind
from course.explorers.wording import listed
from course.plots import marks as mk
from course.surfaces import Surface, beale, himmelblau, quadratic, rosenbrock, two_valleys
from course.turning import Fan, turn

VALLEY: Final = "narrow valley"
LINES: Final = 11  # level lines of a map
AGAIN: Final = 4  # how many times as long a run must keep what it has reached


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


def surface_of(name: str, kappa: float) -> Surface:
    """Return the surface of an arena, with its square map as bounds."""
    arena = ARENAS[name]
    return replace(arena.surface(kappa), bounds=((-arena.reach, arena.reach),) * 2)


def lowest(surface: Surface) -> float:
    """Return L*, the loss at the global minimum."""
    return float(surface.value(surface.global_minima[0]))


def sweep(
    name: str, kappa: float, rates: tuple[float, ...], steps: int, degrees: float = 0
) -> dict[Kind, Trajectory]:
    """Return the runs of every rule at all rates from the arena's start, in one call.

    The surface is turned by an angle, and the start with it.
    """
    alphas = np.array(rates)[:, None]
    flat, angle = surface_of(name, kappa), np.radians(degrees)
    starts = np.tile(turn(ARENAS[name].start, angle), (len(rates), 1))
    rules = [kind(alphas) for kind in KINDS]
    lying: Objective = Fan(flat, np.full(len(rates), angle)) if degrees else flat
    return dict(zip(KINDS, descend_together(lying, rules, starts, steps), strict=True))


def gap(trajectory: Trajectory, surface: Surface) -> Array:
    """Return L − L* of every step and run; nan where a run is no longer finite."""
    with np.errstate(all="ignore"):
        above = np.maximum(trajectory.values - lowest(surface), 0.0)
        finite = np.isfinite(above)
        for coordinate in np.moveaxis(trajectory.points, -1, 0):
            finite &= np.isfinite(coordinate)
    return np.where(finite, above, np.nan)


def reached(gaps: Array, steps: int, last: int = 10) -> Array:
    """Return the largest L − L* from the last ten of so many steps on to the end of longer runs.

    It is what a run has reached by then and keeps: a dip that it passes counts for nothing.
    Infinite where one of the values is not finite.
    """
    return np.nan_to_num(gaps[steps + 1 - last :], nan=np.inf).max(axis=0)


def diverges(gaps: Array, start: float) -> Array:
    """Say of each run (T+1, ...) whether L − L* leaves all bounds.

    It does where it is no longer finite, or where it is a million times that of the start and has
    risen tenfold in each of the last two quarters. A rule that jumps may stand as high, but not so.
    """
    quarter = max(len(gaps) // 4, 1)
    with np.errstate(all="ignore"):
        second, third, last = (
            np.nan_to_num(gaps[len(gaps) - i * quarter :][:quarter], nan=np.inf).max(axis=0)
            for i in (3, 2, 1)
        )
        rises = (last > 1e6 * start) & (last > 10 * third) & (third > 10 * second)
    return np.asarray(rises | ~np.isfinite(last))


def verdict(runs: dict[str, Array], start: float) -> str:
    """Say which rules' L − L* diverges, and whose ends far above that of the start."""
    lost = [name for name, gaps in runs.items() if diverges(gaps, start)]
    high = [name for name, gaps in runs.items() if name not in lost and gaps[-1] > 10 * start]
    words = [f"Diverges: {listed(lost)}."] if lost else []
    words += [f"Ends over ten times above its start: {listed(high)}."] if high else []
    return " ".join(words)


def landscape(name: str, kappa: float, panel: str, degrees: float = 0) -> list[mk.Mark]:
    """Return the map of an arena, its level lines even in the logarithm of the loss.

    The lines are found on the surface as it is and then turned: where they run on a grid must not
    hang on the last bits of a sine.
    """
    surface, angle = surface_of(name, kappa), np.radians(degrees)
    lines = [mk.line(turn(_levels(name, kappa), angle), panel, "loss", size=1.2, opacity=0.65)]
    best = surface.global_minima
    others = tuple(point for point in surface.minima if point not in best)
    spots = [
        mk.points(turn(places, angle), panel, role, shape=shape, size=size)
        for places, role, shape, size in (
            (best, "global", "star", 13),
            (others, "minimum", "diamond", 9),
            (surface.saddles, "saddle", "cross", 9),
        )
        if places
    ]
    return [*lines, *spots]


@lru_cache(maxsize=64)
def _levels(name: str, kappa: float) -> Array:
    """Return the level lines of an arena as far as the corners of its map, which may be turned."""
    surface = surface_of(name, kappa)
    floor = lowest(surface)
    top = np.log1p(10 * (surface.value(plots.grid(surface, 40)[2]).max() - floor))
    # log (1 + 10 (L − L*)) in even steps of its square root
    levels = floor + np.expm1(top * (np.arange(1, LINES + 1) / (LINES + 1)) ** 2) / 10
    corner = float(np.sqrt(2)) * ARENAS[name].reach
    return plots.level_lines(replace(surface, bounds=((-corner, corner),) * 2), levels, count=100)
