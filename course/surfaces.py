"""Surfaces: losses of one or two parameters that can be drawn, with exact gradients.

A surface maps points θ (..., n) to values (...) and gradients (..., n), so a whole grid of points
is one call. Minima, saddles and maxima are exact or stored to about 1e-15.

>>> rosenbrock.value([[1.0, 1.0], [0.0, 0.0]])
array([0., 1.])
>>> rosenbrock.gradient([0.0, 0.0])
array([-2.,  0.])
>>> cosine_valleys.minima[0]
(3.0091611513285934,)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, number, real_array

Point = tuple[float, ...]


@dataclass(frozen=True)
class Surface:
    """A loss L(θ) of n parameters that can be looked at.

    Attributes
    ----------
    name : what menus show.
    value : θ (..., n) → L (...).
    gradient : θ (..., n) → ∂L/∂θ (..., n).
    bounds : (low, high) for each coordinate, the part worth drawing.
    minima : points; those of the lowest value first.
    saddles : points where the gradient is 0 and the curvature has both signs.
    source : where the surface comes from.
    maxima : points where the gradient is 0 and the surface curves down in every direction; the
        highest first.

    Examples
    --------
    >>> two_valleys.dimension, two_valleys.bounds, len(two_valleys.minima)
    (2, ((-1.8, 1.8), (-2.0, 2.0)), 2)
    """

    name: str
    value: Callable[[ArrayLike], Array]
    gradient: Callable[[ArrayLike], Array]
    bounds: tuple[tuple[float, float], ...]
    minima: tuple[Point, ...]
    saddles: tuple[Point, ...]
    source: str
    maxima: tuple[Point, ...] = ()

    @property
    def dimension(self) -> int:
        """The number n of parameters."""
        return len(self.bounds)

    @property
    def global_minima(self) -> tuple[Point, ...]:
        """The minima of the lowest value: more than one where several valleys are equally deep.

        Examples
        --------
        >>> len(himmelblau.global_minima), len(styblinski_tang.global_minima)
        (4, 1)
        """
        values = [float(self.value(point)) for point in self.minima]
        return tuple(
            point
            for point, value in zip(self.minima, values, strict=True)
            if value <= min(values) + 1e-9
        )

    def __repr__(self) -> str:
        return f"Surface({self.name!r})"


def _surface(formula: Callable[..., Any], slopes: Callable[..., Any], **record: Any) -> Surface:
    """Return the surface L = formula(w1, ..., wn) with slopes(w1, ..., wn) = (∂L/∂w1, ...).

    Far outside the bounds overflow to infinity is the right answer, so it gives no warning.
    """
    n = len(record["bounds"])

    def value(theta: ArrayLike) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            return formula(*_coordinates(theta, n))

    def gradient(theta: ArrayLike) -> Array:
        w = _coordinates(theta, n)
        g = np.empty((*w[0].shape, n), w[0].dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            for i, slope in enumerate(slopes(*w)):
                g[..., i] = slope
        return g

    return Surface(value=value, gradient=gradient, **record)


def _coordinates(theta: ArrayLike, n: int) -> tuple[Array, ...]:
    """Return the n coordinates of θ (..., n); a run that diverged may hold inf and nan."""
    theta = real_array("theta", theta, finite=False)
    if theta.ndim == 0 or theta.shape[-1] != n:
        raise ValueError(f"theta {theta.shape} must have shape (..., {n})")
    return tuple(theta[..., i] for i in range(n))


# L(w) = 2 + cos(πw) − 0.075 w − 0.075 w² + 0.004 w⁴, bounded below
cosine_valleys = _surface(
    lambda w: 2 + np.cos(math.pi * w) - 0.075 * w - 0.075 * w**2 + 0.004 * w**4,
    lambda w: (-math.pi * np.sin(math.pi * w) - 0.075 - 0.15 * w + 0.016 * w**3,),
    name="cosine valleys",
    bounds=((-5.4, 5.4),),
    minima=(
        (3.0091611513285934,),
        (1.0214113054127862,),
        (-2.9943843937454053,),
        (-1.0060405623398543,),
        (4.890174417352087,),
        (-4.875471392365235,),
    ),
    saddles=(),
    maxima=(
        (-4.054278213991381,),
        (-0.0074860058671808736,),
        (-1.9901292043505248,),
        (1.9748465858574158,),
        (4.037848081571415,),
    ),
    source="2 + cos(πw) − 0.075 w − 0.075 w² + 0.004 w⁴, the course's one-parameter loss",
)

# L(w₁, w₂) = ½ (w₁² − 1)² + 0.3 w₂² − 0.12 w₁ + 0.2
two_valleys = _surface(
    lambda w1, w2: (w1**2 - 1) ** 2 / 2 + 0.3 * w2**2 - 0.12 * w1 + 0.2,
    lambda w1, w2: (2 * w1 * (w1**2 - 1) - 0.12, 0.6 * w2),
    name="two valleys",
    bounds=((-1.8, 1.8), (-2.0, 2.0)),
    minima=((1.0287484132359188, 0.0), (-0.9685300462792309, 0.0)),
    saddles=((-0.06021836695668786, 0.0),),
    source="½ (w₁² − 1)² + 0.3 w₂² − 0.12 w₁ + 0.2, the course's two-parameter loss",
)

# L(w₁, w₂) = w₁² − w₂²
saddle = _surface(
    lambda w1, w2: w1**2 - w2**2,
    lambda w1, w2: (2 * w1, -2 * w2),
    name="saddle",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    minima=(),
    saddles=((0.0, 0.0),),
    source="w₁² − w₂²; Goodfellow, Bengio, Courville (2016), figure 4.5",
)

# L(w₁, w₂) = (1 − w₁)² + 100 (w₂ − w₁²)²
rosenbrock = _surface(
    lambda w1, w2: (1 - w1) ** 2 + 100 * (w2 - w1**2) ** 2,
    lambda w1, w2: (-2 * (1 - w1) - 400 * w1 * (w2 - w1**2), 200 * (w2 - w1**2)),
    name="Rosenbrock",
    bounds=((-2.0, 2.0), (-1.0, 3.0)),
    minima=((1.0, 1.0),),
    saddles=(),
    source="Rosenbrock (1960), The Computer Journal 3(3), pages 175-184",
)


def _beale_residuals(w1: Array, w2: Array) -> list[tuple[int, Array]]:
    """Return (k, rₖ) for k = 1, 2, 3, with rₖ = cₖ − w₁ (1 − w₂ᵏ)."""
    return [(k, c - w1 * (1 - w2**k)) for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))]


# L(w₁, w₂) = Σₖ rₖ²,  ∂rₖ/∂w₁ = w₂ᵏ − 1,  ∂rₖ/∂w₂ = k w₁ w₂ᵏ⁻¹
beale = _surface(
    lambda w1, w2: sum(r**2 for _, r in _beale_residuals(w1, w2)),
    lambda w1, w2: (
        sum(2 * r * (w2**k - 1) for k, r in _beale_residuals(w1, w2)),
        sum(2 * r * k * w1 * w2 ** (k - 1) for k, r in _beale_residuals(w1, w2)),
    ),
    name="Beale",
    bounds=((-4.5, 4.5), (-4.5, 4.5)),
    minima=((3.0, 0.5),),
    saddles=((0.0, 1.0), (0.10053793732415833, -2.644513585023125)),
    source="Beale (1958), On an iterative method for finding a local minimum of a function",
)

# L(w₁, w₂) = p² + q²,  p = w₁² + w₂ − 11,  q = w₁ + w₂² − 7
himmelblau = _surface(
    lambda w1, w2: (w1**2 + w2 - 11) ** 2 + (w1 + w2**2 - 7) ** 2,
    lambda w1, w2: (
        4 * w1 * (w1**2 + w2 - 11) + 2 * (w1 + w2**2 - 7),
        2 * (w1**2 + w2 - 11) + 4 * w2 * (w1 + w2**2 - 7),
    ),
    name="Himmelblau",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.2831859912861696),
        (3.5844283403304917, -1.8481265269644036),
    ),
    saddles=(
        (-3.0730257507643897, -0.08135304428796751),
        (-0.12796134673068005, -1.9537149802445766),
        (0.08667750455539634, 2.884254701174776),
        (3.385154183607021, 0.07385187983774928),
    ),
    maxima=((-0.2708445906673476, -0.9230385564799813),),
    source="Himmelblau (1972), Applied Nonlinear Programming",
)

# The three roots of 4 w³ − 32 w + 5 = 0: two minima with a maximum between them.
_LOW, _TOP, _HIGH = -2.903534027771177, 0.1567312567803401, 2.7468027709908367

# L(w₁, w₂) = ½ Σᵢ (wᵢ⁴ − 16 wᵢ² + 5 wᵢ)
styblinski_tang = _surface(
    lambda *w: sum((w_i**2 * (w_i**2 - 16) + 5 * w_i) / 2 for w_i in w),
    lambda *w: [2 * w_i * (w_i**2 - 8) + 2.5 for w_i in w],
    name="Styblinski–Tang",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    minima=((_LOW, _LOW), (_LOW, _HIGH), (_HIGH, _LOW), (_HIGH, _HIGH)),
    saddles=((_LOW, _TOP), (_TOP, _LOW), (_HIGH, _TOP), (_TOP, _HIGH)),
    maxima=((_TOP, _TOP),),
    source="Styblinski, Tang (1990), Neural Networks 3(4), pages 467-483",
)


def quadratic(curvatures: Sequence[float], angle: float = 0.0) -> Surface:
    """Return L = ½ Σᵢ λᵢ uᵢ² with the given curvatures λᵢ.

    u are the coordinates along the principal axes: u = θ, or for n = 2 θ turned back by `angle`
    radians, so that the axis of λ₁ points along (cos angle, sin angle). The origin is a minimum
    if no λ is negative, a saddle if the signs differ. Gradient descent multiplies uᵢ by 1 − α λᵢ
    in each step.

    Raises TypeError or ValueError for an empty, nested or non-finite list, and ValueError for an
    angle unless n = 2.

    Source: Goodfellow, Bengio, Courville (2016), section 4.3.1.

    Examples
    --------
    >>> bowl = quadratic([1, 10])
    >>> bowl.value([1.0, 1.0]), bowl.gradient([1.0, 1.0])
    (np.float64(5.5), array([ 1., 10.]))
    """
    lambdas = real_array("curvatures", curvatures).tolist()
    if not isinstance(lambdas, list) or isinstance(lambdas[0], list):
        raise ValueError(f"curvatures must be a list of numbers, got {curvatures!r}")
    origin, low, high = ((0.0,) * len(lambdas),), min(lambdas), max(lambdas)
    bowl = _surface(
        # L = ½ Σ λ u²,  ∂L/∂u = λ u
        lambda *u: sum(c * u_i**2 / 2 for c, u_i in zip(lambdas, u, strict=True)),
        lambda *u: [c * u_i for c, u_i in zip(lambdas, u, strict=True)],
        name="quadratic " + ", ".join(f"{c:g}" for c in lambdas),
        bounds=((-2.0, 2.0),) * len(lambdas),
        minima=origin if low >= 0 else (),
        saddles=origin if low < 0 < high else (),
        maxima=origin if low < 0 and high <= 0 else (),
        source="Goodfellow, Bengio, Courville (2016), section 4.3.1",
    )
    # a turned bowl keeps its square window: the point of interest is the middle
    return replace(rotated(bowl, angle), bounds=bowl.bounds) if angle else bowl


def rotated(surface: Surface, angle: float) -> Surface:
    """Return a surface of two parameters turned about the origin by `angle` radians.

    L′(θ) = L(R⁻¹θ) with the rotation R, so ∇L′(θ) = R ∇L(R⁻¹θ). Gradient descent does not notice
    the turn; methods that scale each coordinate by itself do. The new bounds are the box around the
    turned ones.

    Raises ValueError unless the surface has dimension 2 and the angle is finite.

    Examples
    --------
    >>> rotated(beale, math.pi / 2).minima
    ((-0.5, 3.0),)
    """
    if surface.dimension != 2:
        raise ValueError(f"surface must have dimension 2 to be rotated, got {surface.dimension}")
    angle = number("angle", angle)
    cos, sin = math.cos(angle), math.sin(angle)

    def turned(points: Sequence[Point]) -> tuple[Point, ...]:
        # R = [[cos, −sin], [sin, cos]]
        return tuple(
            (round(cos * x - sin * y, 14), round(sin * x + cos * y, 14)) for x, y in points
        )

    def back(w1: Array, w2: Array) -> Array:
        # R⁻¹ = Rᵀ = [[cos, sin], [−sin, cos]]
        return np.stack([cos * w1 + sin * w2, cos * w2 - sin * w1], axis=-1)

    def slopes(w1: Array, w2: Array) -> tuple[Array, Array]:
        g1, g2 = np.moveaxis(surface.gradient(back(w1, w2)), -1, 0)
        return cos * g1 - sin * g2, sin * g1 + cos * g2

    corners = turned([(x, y) for x in surface.bounds[0] for y in surface.bounds[1]])
    return _surface(
        lambda w1, w2: surface.value(back(w1, w2)),
        slopes,
        name=f"{surface.name}, turned by {math.degrees(angle):g}°",
        bounds=tuple((min(c), max(c)) for c in zip(*corners, strict=True)),
        minima=turned(surface.minima),
        saddles=turned(surface.saddles),
        maxima=turned(surface.maxima),
        source=surface.source,
    )


SURFACES: tuple[Surface, ...] = (
    cosine_valleys,
    two_valleys,
    quadratic([1.0, 10.0]),
    saddle,
    rosenbrock,
    beale,
    himmelblau,
    styblinski_tang,
)
