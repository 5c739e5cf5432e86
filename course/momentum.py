"""Momentum on a quadratic, solved: a 2 × 2 matrix per curvature, and the best α and β.

On ½ λ θ² the gradient is λθ, so one step maps the pair (v, θ) linearly. How fast a run converges,
and whether it does, is in the eigenvalues of that matrix.

>>> rate, beta, factor = best_momentum(1.0, 100.0)
>>> round(rate, 4), round(beta, 4), round(factor, 4)
(0.0331, 0.6694, 0.8182)
>>> spectral_radius(momentum_matrix(rate, beta, [1.0, 10.0, 100.0])).round(4)
array([0.8182, 0.8182, 0.8182])
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, number, real_array


def momentum_matrix(learning_rate: ArrayLike, beta: ArrayLike, curvature: ArrayLike) -> Array:
    """Return the matrix M of `Momentum` on ½ λ θ²: (v, θ) ← M (v, θ), of shape (..., 2, 2).

    v ← β v + λ θ and θ ← θ − α v give M = [[β, λ], [−αβ, 1 − αλ]], with determinant β and trace
    1 + β − αλ. It shrinks every start if and only if 0 < α < 2 (1 + β) / λ (for 0 ≤ β < 1).

    The arguments broadcast; each raises TypeError or ValueError unless it is real and finite.

    Source: Polyak (1964); Goh (2017), Why Momentum Really Works.

    Examples
    --------
    >>> momentum_matrix(0.1, 0.5, 2.0)
    array([[ 0.5 ,  2.  ],
           [-0.05,  0.8 ]])
    """
    alpha, beta, lam = _broadcast(learning_rate, beta, curvature)
    return _stacked(beta, lam, -alpha * beta, 1 - alpha * lam)


def nesterov_matrix(learning_rate: ArrayLike, beta: ArrayLike, curvature: ArrayLike) -> Array:
    """Return the matrix of `Nesterov` on ½ λ θ²: (v, θ) ← M (v, θ), of shape (..., 2, 2).

    v ← β v + λ θ and θ ← θ − α (λ θ + β v) give M = [[β, λ], [−αβ², 1 − αλ(1 + β)]], with
    determinant β (1 − αλ) and trace (1 + β)(1 − αλ): where αλ is near 1 it forgets at once.

    Source: Nesterov (1983); Sutskever, Martens, Dahl, Hinton (2013).

    Examples
    --------
    >>> nesterov_matrix(0.1, 0.5, 2.0)
    array([[ 0.5  ,  2.   ],
           [-0.025,  0.7  ]])
    """
    alpha, beta, lam = _broadcast(learning_rate, beta, curvature)
    return _stacked(beta, lam, -alpha * beta**2, 1 - alpha * lam * (1 + beta))


def spectral_radius(matrix: ArrayLike) -> Array:
    """Return the largest |eigenvalue| of each 2 × 2 matrix: the factor per step in the long run.

    From trace τ and determinant D: |τ|/2 + √(τ²/4 − D) for real eigenvalues, √D for complex ones.

    Examples
    --------
    >>> spectral_radius([[[0.5, 0.0], [0.0, -2.0]], [[0.0, 1.0], [-4.0, 0.0]]])
    array([2., 2.])
    """
    matrix = real_array("matrix", matrix)
    if matrix.shape[-2:] != (2, 2):
        raise ValueError(f"matrix {matrix.shape} must have shape (..., 2, 2)")
    (a, b), (c, d) = np.moveaxis(matrix, (-2, -1), (0, 1))
    half, determinant = np.abs(a + d) / 2, a * d - b * c
    inside = half**2 - determinant
    real = half + np.sqrt(np.maximum(inside, 0))
    return np.where(inside >= 0, real, np.sqrt(np.maximum(determinant, 0)))


def momentum_interval(beta: ArrayLike, factor: ArrayLike) -> tuple[Array, Array]:
    """Return the least and the largest αλ for which `momentum_matrix` shrinks by a factor or more.

    Its spectral radius is at most ρ = `factor` if and only if β ≤ ρ² and
    (1 − ρ)(1 − β/ρ) ≤ αλ ≤ (1 + ρ)(1 + β/ρ); nan where β > ρ². The arguments broadcast.

    Raises TypeError or ValueError unless 0 ≤ β < 1 and 0 < ρ ≤ 1.

    Source: Jury's conditions |D| ≤ ρ² and |τ| ≤ ρ + D/ρ for trace τ and determinant D; Goh (2017).

    Examples
    --------
    >>> low, high = momentum_interval([0.0, 0.25], factor=0.5)
    >>> low, high
    (array([0.5 , 0.25]), array([1.5 , 2.25]))
    """
    beta, rho = _unit(beta, factor)
    possible = np.where(beta <= rho**2, 1.0, np.nan)
    return possible * (1 - rho) * (1 - beta / rho), possible * (1 + rho) * (1 + beta / rho)


def nesterov_interval(beta: ArrayLike, factor: ArrayLike) -> tuple[Array, Array]:
    """Return the least and the largest αλ for which `nesterov_matrix` shrinks by a factor or more.

    With s = 1 − αλ its spectral radius is at most ρ = `factor` if and only if
    −ρ² / (ρ (1 + β) + β) ≤ s ≤ ρ² / max(β, ρ (1 + β) − β). The arguments broadcast.

    Raises TypeError or ValueError unless 0 ≤ β < 1 and 0 < ρ ≤ 1.

    Source: Jury's conditions, as in `momentum_interval`, with τ = (1 + β) s and D = β s.

    Examples
    --------
    >>> low, high = nesterov_interval([0.0, 0.5], factor=0.5)
    >>> low, high.round(4)
    (array([0.5, 0.5]), array([1.5, 1.2]))
    """
    beta, rho = _unit(beta, factor)
    lean = rho * (1 + beta)
    return 1 - rho**2 / np.maximum(beta, lean - beta), 1 + rho**2 / (lean + beta)


def best_momentum(smallest: float, largest: float) -> tuple[float, float, float]:
    """Return the best (α, β) for curvatures between two limits, and the factor per step.

    With κ = λmax / λmin:  √β = (√κ − 1) / (√κ + 1),  α = ((1 + √β) / √λmax)²  and the factor is √β:
    gradient descent's (κ − 1) / (κ + 1) with √κ in place of κ. (At the two ends the matrix has a
    double eigenvalue, so a run there shrinks like t √βᵗ.)

    Raises ValueError unless 0 < smallest <= largest.

    Source: Polyak (1964); Goh (2017), Why Momentum Really Works.

    Examples
    --------
    >>> best_momentum(4.0, 4.0)
    (0.25, 0.0, 0.0)
    """
    low, high = number("smallest", smallest, above=0), number("largest", largest, above=0)
    if low > high:
        raise ValueError(f"smallest must be at most largest, got {smallest!r} and {largest!r}")
    # √β = (√κ − 1) / (√κ + 1)
    root = (math.sqrt(high) - math.sqrt(low)) / (math.sqrt(high) + math.sqrt(low))
    return (1 + root) ** 2 / high, root**2, root


def _broadcast(learning_rate: ArrayLike, beta: ArrayLike, curvature: ArrayLike) -> list[Array]:
    named = {"learning_rate": learning_rate, "beta": beta, "curvature": curvature}
    return list(np.broadcast_arrays(*(real_array(n, v) for n, v in named.items())))


def _unit(beta: ArrayLike, factor: ArrayLike) -> list[Array]:
    beta, rho = real_array("beta", beta), real_array("factor", factor)
    if beta.min() < 0 or beta.max() >= 1:
        raise ValueError(f"beta must be in [0, 1), got {beta.min():g} to {beta.max():g}")
    if rho.min() <= 0 or rho.max() > 1:
        raise ValueError(f"factor must be in (0, 1], got {rho.min():g} to {rho.max():g}")
    return list(np.broadcast_arrays(beta, rho))


def _stacked(a: Array, b: Array, c: Array, d: Array) -> Array:
    return np.stack([np.stack([a, b], axis=-1), np.stack([c, d], axis=-1)], axis=-2)
