"""Surfaces turned about the origin, at several angles in one call.

A rule that only adds up gradients follows a turned path on a turned surface. A rule that scales
each coordinate by itself does not: its scales belong to the axes.

>>> from course.descent import descend
>>> from course.optimizers import Adam, GradientDescent
>>> from course.surfaces import quadratic
>>> angles = np.radians([0, 45])
>>> fan = Fan(quadratic([1.0, 10.0]), angles)
>>> for rule in (GradientDescent(0.1), Adam(0.1)):
...     ends = descend(fan, rule, turn([1.0, 0.5], angles), steps=20).points[-1]
...     print(np.allclose(ends[1], turn(ends[0], angles[1])))
True
False
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, real_array
from course.surfaces import Surface


def turn(points: ArrayLike, angle: ArrayLike) -> Array:
    """Return points (..., 2) turned about the origin by angles (...) in radians; they broadcast.

    Raises TypeError or ValueError unless the points have two coordinates and all is real; points of
    a run that diverged may hold inf and nan.

    Examples
    --------
    >>> turn([1.0, 0.0], np.radians([0, 90])).round(12)
    array([[1., 0.],
           [0., 1.]])
    """
    points, angle = real_array("points", points, finite=False), real_array("angle", angle)
    if points.ndim == 0 or points.shape[-1] != 2:
        raise ValueError(f"points {points.shape} must have shape (..., 2)")
    with np.errstate(all="ignore"):
        return _turned(points, *_cos_sin(angle))


def _cos_sin(angle: Array) -> tuple[Array, Array]:
    """Return cos and sin to 15 places: right angles are exact, and every processor turns alike.

    The last bits of a sine are a processor's own, and beside an axis of symmetry some rules make
    them ten times larger in every step.
    """
    return np.round(np.cos(angle), 15), np.round(np.sin(angle), 15)


def _turned(points: Array, cos: Array, sin: Array) -> Array:
    """Return R θ with R = [[cos, −sin], [sin, cos]], unchecked."""
    x, y = points[..., 0], points[..., 1]
    x, y = cos * x - sin * y, sin * x + cos * y
    both = np.empty((*x.shape, 2), x.dtype)
    both[..., 0], both[..., 1] = x, y
    return both


@dataclass(frozen=True, eq=False)
class Fan:
    """One surface of two parameters at K angles at once: row k of θ (K, 2) lives on the k-th.

    Lₖ(θ) = L(R⁻¹θ) and ∇Lₖ(θ) = R ∇L(R⁻¹θ) with the rotation R by angle k, as in
    `surfaces.rotated`.

    Attributes
    ----------
    surface : L, of dimension 2.
    angles : (K,), in radians.

    Examples
    --------
    >>> from course.surfaces import rosenbrock
    >>> Fan(rosenbrock, np.radians([0, 90])).value([[1.0, 1.0], [-1.0, 1.0]]).round(12)
    array([0., 0.])
    """

    surface: Surface
    angles: Array
    dimension = 2

    def __post_init__(self) -> None:
        if self.surface.dimension != 2:
            raise ValueError(f"surface must have dimension 2, got {self.surface.dimension}")
        object.__setattr__(self, "angles", real_array("angles", self.angles))

    @cached_property
    def _sides(self) -> tuple[Array, Array]:
        return _cos_sin(self.angles)

    def value(self, theta: ArrayLike) -> Array:
        """Return Lₖ(θₖ): θ (..., K, 2) → (..., K)."""
        return self.surface.value(turn(theta, -self.angles))

    def gradient(self, theta: ArrayLike) -> Array:
        """Return ∇Lₖ(θₖ): θ (..., K, 2) → (..., K, 2)."""
        cos, sin = self._sides
        with np.errstate(all="ignore"):
            g = self.surface.gradient(_turned(np.asarray(theta), cos, -sin))
            return _turned(g, cos, sin)
