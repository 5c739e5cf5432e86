"""Steps taken apart: every rule moves by an effective rate per coordinate, times a direction.

    θ ← θ − rate ⊙ direction,    rate = α / scale

Gradient descent has the direction g and the scale 1. Momentum changes the direction, AdaGrad and
RMSProp the scale, Adam both.

>>> from course.descent import descend
>>> from course.optimizers import AdaGrad
>>> from course.surfaces import quadratic
>>> p = parts(descend(quadratic([1.0, 100.0]), AdaGrad(0.1), [1.0, 1.0], steps=1))
>>> p.direction, p.scale, p.rate
(array([[  1., 100.]]), array([[  1., 100.]]), array([[0.1  , 0.001]]))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, real_array, table
from course.descent import Trajectory
from course.optimizers import (
    MaxMoments,
    Moments,
    Nesterov,
    Rule,
    SquareAverage,
    SquareSum,
    Velocity,
)


@dataclass(frozen=True, eq=False)
class Parts:
    """Hold the parts of each of the T steps of a trajectory, (T, ..., n) each.

    Attributes
    ----------
    direction : what the rule moves along: g, v, g + βv, m̂ or m.
    scale : what it divides by, √G + ε, √v + ε, √v̂ + ε or √v_max + ε; 1 for the others.
    rate : α / scale, the effective rate of each coordinate.
    """

    direction: Array
    scale: Array
    rate: Array


def parts(trajectory: Trajectory) -> Parts:
    """Return direction, scale and effective rate of each step: θₜ₊₁ = θₜ − rateₜ ⊙ directionₜ.

    Raises ValueError for a trajectory without a step.

    Source: the formulas of the rules, see `course.optimizers`.

    Examples
    --------
    >>> from course.descent import descend
    >>> from course.optimizers import Adam
    >>> from course.surfaces import quadratic
    >>> p = parts(descend(quadratic([4.0]), Adam(0.1), [1.0], steps=2))
    >>> p.direction.round(3).ravel(), p.scale.round(3).ravel(), p.rate.round(3).ravel()
    (array([4.   , 3.789]), array([4.   , 3.805]), array([0.025, 0.026]))
    """
    rule, states = trajectory.rule, trajectory.states[1:]
    if not states:
        raise ValueError("trajectory must have at least one step, got none")
    with np.errstate(all="ignore"):
        pairs = [
            direction_and_scale(rule, g, state)
            for g, state in zip(trajectory.gradients[:-1], states, strict=True)
        ]
        direction = np.stack([along for along, _ in pairs])
        scale = np.stack([np.broadcast_to(by, direction.shape[1:]) for _, by in pairs])
        alphas = (rule.rate_at(state.t - 1) for state in states)
        rate = np.stack([alpha / by for alpha, by in zip(alphas, scale, strict=True)])
    return Parts(direction, scale, rate)


def feed(
    rule: Rule,
    gradients: ArrayLike,
    theta: ArrayLike | None = None,
    *,
    project: Callable[[Array], Array] | None = None,
) -> Trajectory:
    """Return the T steps that a rule makes from given gradients (T, n), wherever θ may be.

    No loss is descended: this is how a rule answers a steady, a noisy or an adversarial stream. The
    values are those of the linear losses gₜ · θₜ; after the last step there is neither gradient nor
    value, and the record holds nan.

    Parameters
    ----------
    theta : the start (n,), 0 if left out.
    project : what puts θ back after each step, such as `lambda x: x.clip(-1, 1)`.

    Raises TypeError or ValueError for gradients that are not a real, finite table (T, n), and for a
    start of another shape.

    Examples
    --------
    >>> from course.optimizers import Momentum
    >>> feed(Momentum(0.1, beta=0.5), [[1.0], [1.0], [1.0]]).points.ravel()
    array([ 0.   , -0.1  , -0.25 , -0.425])
    """
    gradients = table("gradients", gradients, "(T, n)")
    theta = real_array("theta", np.zeros(gradients.shape[1]) if theta is None else theta)
    if theta.shape != gradients.shape[1:]:
        raise ValueError(
            f"theta {theta.shape} and gradient {gradients[0].shape} must have equal shapes"
        )
    points, states = [theta], [rule.initial_state(theta)]
    with np.errstate(all="ignore"):
        for t, g in enumerate(gradients):
            theta, state = rule.update(points[-1], g, rule.rate_at(t), states[-1])
            points.append(project(theta) if project else theta)
            states.append(state)
    given = np.vstack([gradients, np.full_like(gradients[:1], np.nan)])
    path = np.array(points)
    return Trajectory(rule, path, (given * path).sum(axis=-1), given, tuple(states))


def direction_and_scale(rule: Rule, g: Array, state: Any) -> tuple[Array, Any]:
    """Return what the rule moved along and what it divided by, from the state *after* the step."""
    hyper: Any = rule
    match state:
        case Velocity(_, v):
            # v already holds this step's g: Nesterov moves along g + βv, momentum along v
            return (g + hyper.beta * v if isinstance(rule, Nesterov) else v), 1.0
        case SquareSum(_, G):
            return g, np.sqrt(G) + hyper.epsilon
        case SquareAverage(_, v):
            return g, np.sqrt(v) + hyper.epsilon
        case Moments(t, m, v):
            # m̂ = m / (1 − β₁ᵗ);  v̂ = v / (1 − β₂ᵗ)
            return m / (1 - hyper.beta1**t), np.sqrt(v / (1 - hyper.beta2**t)) + hyper.epsilon
        case MaxMoments(_, m, _, v_max):
            return m, np.sqrt(v_max) + hyper.epsilon
    return g, 1.0
