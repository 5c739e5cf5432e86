"""Paths of descents as marks, and in words; shared by the explorers of this lesson."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from course.descent import Trajectory
from course.numeric import numeric_hessian
from course.plots import marks as mk
from course.surfaces import Surface

Array = NDArray[Any]

#: the part of the one-parameter loss that the topic's picture shows
WINDOW: Final = (-2.5, 3.4)


def path_marks(xy: Array, panel: str) -> list[mk.Mark]:
    """Return the path through ``xy (T+1, 2)`` as marks: arrows so far, and the place now."""
    steps = np.hstack([np.vstack([xy[:1], xy[:-1]]), xy])  # arrow t arrives at point t
    return [
        mk.line(xy, panel, "path", timing="reveal", size=1.5, opacity=0.55),
        mk.arrows(steps, panel, "path", timing="reveal", size=1.8),
        mk.points(xy, panel, "path", timing="current", size=10),
    ]


def loss_marks(values: Array, panel: str) -> list[mk.Mark]:
    """Return the loss of each step ``values (T+1,)`` as marks."""
    xy = np.column_stack([np.arange(len(values)), values])
    return [
        mk.line(xy, panel, "path", timing="reveal", size=2),
        mk.points(xy, panel, "path", timing="current", size=8),
    ]


def visible(trajectory: Trajectory) -> int:
    """Return how many of the points are finite numbers: the rest of a diverged run has none."""
    finite = np.isfinite(trajectory.points).all(axis=-1) & np.isfinite(trajectory.values)
    return len(finite) if finite.all() else int(np.argmin(finite))


def words(point: Array) -> str:
    """Write a point's coordinates with four decimals."""
    return ", ".join(f"{v:.4f}" for v in point).replace("-", "−")


def ending(trajectory: Trajectory, surface: Surface) -> str:
    """Say in words what a descent of fixed α shows in its steps.

    Of what lies beyond its last step only that is said which can be known: close enough to a
    minimum or to a cycle that attracts, a run can no longer escape.
    """
    count = visible(trajectory)
    t, g = trajectory.points[:count], trajectory.gradients[count - 1]
    end, place = t[-1], words(t[-1])
    if count < len(trajectory.points) or is_off(t, surface):
        since = (
            f"step {last_inside(t, surface) + 1}" if last_inside(t, surface) >= 0 else "the start"
        )
        return f"It diverges: from {since} on it is off the map."
    if (t == t[0]).all():
        zero = "exactly zero" if not g.any() else "too small to move it"
        return f"It does not move: the gradient is {zero} where it starts."
    steps, alpha = count - 1, trajectory.rule.rate_at(0)
    home, distance = nearest(end, surface.minima)
    if home is not None and attracts(home, end, alpha, surface):
        kind = "global" if home in surface.global_minima else "local"
        return arrival(f"the {kind} minimum", home, distance, steps)
    home, distance = nearest(end, surface.saddles)
    if home is not None and leads_to(home, t, alpha, surface):
        return arrival("the saddle", home, distance, steps)
    if p := cycle(trajectory, surface):
        stops = ", ".join(f"({words(point)})" for point in t[-p:][np.argsort(t[-p:, 0])])
        return f"It ends in a cycle of {p} points, {stops}, and does not settle."
    after = f"After {steps} {'step' if steps == 1 else 'steps'} it is at ({place})"
    if surface.dimension == 1 and steps >= 30 and turns(t[-20:, 0]) >= 10:
        late, early = (
            words(np.array([part.min(), part.max()])).replace(", ", " and ")
            for part in (t[-10:], t[-20:-10])
        )
        return f"{after}. Its last 10 points lie between {late}, the 10 before between {early}."
    return f"{after} and still moves: |gradient| = {np.linalg.norm(g):.2g}."


def is_off(points: Array, surface: Surface) -> bool:
    """Return whether a run is far outside the map and gets farther away with every step."""
    low, high = np.array(surface.bounds).T
    away = np.maximum(low - points, points - high).max(axis=-1)
    return bool(away[-1] > 10 * (high - low).max() and (np.diff(away[-3:]) > 0).all())


def last_inside(points: Array, surface: Surface) -> int:
    """Return the last step at which a run is on the map."""
    low, high = np.array(surface.bounds).T
    inside = ((low <= points) & (points <= high)).all(axis=-1)
    return int(np.flatnonzero(inside)[-1]) if inside.any() else -1


def arrival(what: str, home: tuple[float, ...], distance: float, steps: int) -> str:
    """Say how near a run has come to a point that it can no longer miss."""
    place = f"{what} ({words(np.asarray(home))})"
    if distance < 5e-5:
        return f"It ends at {place}."
    near = f"{distance:.1g} away after {steps} {'step' if steps == 1 else 'steps'}"
    return f"It closes in on {place}: {near}."


def nearest(
    point: Array, places: tuple[tuple[float, ...], ...]
) -> tuple[tuple[float, ...] | None, float]:
    """Return the place nearest to a point, and how far it is: none, if there is no place."""
    distance = [float(np.linalg.norm(point - np.asarray(place))) for place in places]
    first = int(np.argmin(distance)) if distance else None
    return (None, np.inf) if first is None else (places[first], distance[first])


def attracts(minimum: tuple[float, ...], end: Array, alpha: float, surface: Surface) -> bool:
    """Return whether a descent that stands this near to a minimum must end in it.

    A step lowers the loss wherever α < 2/λ for every curvature λ on its way, so a run does not get
    above the level on which it stands. About a minimum with curvatures λmin to λmax that level
    reaches r = √(2 (L − L*) / λmin) far. Within r, no curvature of the surfaces of this lesson
    exceeds λmax by more than the share 5 r.
    """
    home = np.asarray(minimum)
    curvatures = np.linalg.eigvalsh(numeric_hessian(surface.gradient, home))
    height = max(float(surface.value(end) - surface.value(home)), 0.0)
    if np.linalg.norm(end - home) > 0.05 or curvatures[0] <= 0:
        return False
    reach = np.sqrt(2 * height / curvatures[0])
    return bool(reach < 0.05 and alpha * curvatures[-1] * (1 + 5 * reach) < 2)


def leads_to(saddle: tuple[float, ...], points: Array, alpha: float, surface: Surface) -> bool:
    """Return whether a descent near a saddle must end in it.

    So it is if the directions that lead away are axes, if the run has stood exactly at the
    saddle's coordinate along each of them in every step, and if the other factors are below 1.
    """
    home = np.asarray(saddle)
    H = numeric_hessian(surface.gradient, home)
    curvatures, away = np.diag(H), np.diag(H) < 0
    if np.abs(H - np.diag(curvatures)).max() > 1e-6 or np.linalg.norm(points[-1] - home) > 0.05:
        return False
    on_the_line = bool((points[:, away] == home[away]).all())
    return on_the_line and bool((np.abs(1 - alpha * curvatures[~away]) < 0.999).all())


def cycle(trajectory: Trajectory, surface: Surface, longest: int = 8) -> int:
    """Return the number of points of the cycle in which a run ends, 0 if it shows none.

    It counts if the run has come round three times and if the cycle attracts: near it p steps
    multiply what is left of the way by the matrix Π (I − αH), here by less than 1.
    """
    t, alpha = trajectory.points, trajectory.rule.rate_at(0)
    for p in range(2, longest + 1):
        if len(t) < 3 * p + 1 or np.abs(t[-1] - t[-1 - p]).max() > 0.01:
            continue
        one = np.eye(surface.dimension)
        steps = [one - alpha * numeric_hessian(surface.gradient, point) for point in t[-p:]]
        turn = np.linalg.multi_dot([one, one, *steps[::-1]])
        rate = np.abs(np.linalg.eigvals(turn)).max()
        left = np.abs(t[-p:] - t[-2 * p : -p]).max() / max(1 - rate, 1e-9)
        # points of a cycle differ; those of a shorter cycle that the run still nears do not
        apart = min(np.abs(t[-1] - t[-1 - q]).max() for q in range(1, p))
        if rate < 1 and left < min(0.005, apart / 4):
            return p
    return 0


def turns(values: Array) -> int:
    """Return how often a sequence changes its direction."""
    moves = np.sign(np.diff(values))
    return int((moves[1:] * moves[:-1] < 0).sum())
