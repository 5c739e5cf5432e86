"""The noise floor: what SGD comes to when its rate stays constant, and how it gets there.

On a quadratic with curvature λ and gradient noise of variance s², w ← w − α (λ w + noise) settles
at the variance α s² / (λ (2 − αλ)). For least squares on real examples the noise depends on where
one stands; the mean loss is still known exactly, by following the second moments of θ − θ*.

>>> stationary_variance(0.5, curvature=2.0, noise=1.0)
0.25
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, generator, number, real_array
from course.least_squares import LeastSquares
from course.minibatch import share_of_variance
from course.surfaces import Surface


def stationary_variance(rate: float, curvature: float, noise: float) -> float:
    """Return α s² / (λ (2 − αλ)), the variance that w ← w − α (λ w + noise) settles at.

    Each update multiplies w by 1 − αλ and adds −α times the noise, which has variance s² = `noise`
    and is independent of w. A variance V that no longer changes solves V = (1 − αλ)² V + α² s².

    Raises ValueError unless rate and curvature are > 0 with αλ < 2, and noise >= 0.

    Source: Bottou, Curtis, Nocedal (2018), section 4.2, theorem 4.6, bounds what is exact here.

    Examples
    --------
    >>> stationary_variance(0.5, curvature=1.0, noise=3.0)
    1.0
    """
    rate = number("rate", rate, above=0)
    curvature = number("curvature", curvature, above=0)
    noise = number("noise", noise)
    if noise < 0:
        raise ValueError(f"noise must be at least 0, got {noise!r}")
    if rate * curvature >= 2:
        raise ValueError(f"rate times curvature must be less than 2, got {rate * curvature:g}")
    return rate * noise / (curvature * (2 - rate * curvature))


@dataclass(frozen=True)
class Noisy:
    """A surface whose gradient comes with Gaussian noise, fresh at each call.

    An objective for `descend`: every component of every run gets noise of its own.

    Examples
    --------
    >>> from course.descent import descend
    >>> from course.optimizers import GradientDescent
    >>> from course.surfaces import quadratic
    >>> bowl = Noisy(quadratic([1.0]), 0.5, np.random.default_rng(0))
    >>> descend(bowl, GradientDescent(0.1), np.zeros((3, 1)), steps=10).points.shape
    (11, 3, 1)
    """

    surface: Surface
    deviation: float
    rng: np.random.Generator

    def __post_init__(self) -> None:
        generator("rng", self.rng)
        if number("deviation", self.deviation) < 0:
            raise ValueError(f"deviation must be at least 0, got {self.deviation!r}")

    @property
    def dimension(self) -> int:
        """The number of parameters."""
        return self.surface.dimension

    def value(self, theta: Any) -> Array:
        """Return the loss, without noise."""
        return self.surface.value(theta)

    def gradient(self, theta: Any) -> Array:
        """Return the gradient plus noise."""
        exact = self.surface.gradient(theta)
        return exact + self.deviation * self.rng.standard_normal(exact.shape)


@dataclass(frozen=True, eq=False)
class Moments:
    """How the second moments of θ − θ* change in one update on independent batches.

    With e = θ − θ* and the batch's own Hessian H_B and gradient ξ_B at θ*, one update is
    e ← e − α (H_B e + ξ_B). Written for (e, 1) it is linear, (e, 1) ← (I − α K_B) (e, 1), with
    K_B the mean over the batch of Kᵢ = [[aᵢ aᵢᵀ, ξᵢ], [0, 0]] and ξᵢ = gᵢ(θ*). So the moments
    E[(e, 1)(e, 1)ᵀ] change linearly too, and what must be known of the batch is the mean of Kᵢ and
    its covariance times `share_of_variance`.

    Parameters
    ----------
    problem : the examples.
    batch_size : B.
    replacement : how each batch is drawn, independently of the others.
    """

    problem: LeastSquares
    batch_size: int
    replacement: bool = True

    @cached_property
    def _parts(self) -> tuple[Array, Array]:
        """K̄ ⊗ I + I ⊗ K̄, and E[K_B ⊗ K_B]."""
        p, n = self.problem, self.problem.dimension
        K = np.zeros((len(p), n + 1, n + 1))
        K[:, :n, :n] = p.A[:, :, np.newaxis] * p.A[:, np.newaxis]
        K[:, :n, n] = p.example_gradients(p.minimum)
        mean = K.mean(axis=0)
        mean[:n, n] = 0.0  # the full gradient at the minimum, up to rounding
        each = np.einsum("pij,pkl->ikjl", K, K).reshape(2 * [(n + 1) ** 2]) / len(p)
        square, unit = np.kron(mean, mean), np.eye(n + 1)
        share = share_of_variance(len(p), self.batch_size, replacement=self.replacement)
        return np.kron(mean, unit) + np.kron(unit, mean), square + share * (each - square)

    def update(self, rate: ArrayLike) -> Array:
        """Return the matrix that one update applies to the moments, as a flat vector.

        A stack of matrices for rates (...).
        """
        # E[(I − αK) ⊗ (I − αK)] = I − α (K̄ ⊗ I + I ⊗ K̄) + α² E[K_B ⊗ K_B]
        first, second = self._parts
        rate = np.asarray(rate)[..., np.newaxis, np.newaxis]
        return np.eye(len(first)) - rate * first + rate**2 * second

    def expected_excess(self, theta: ArrayLike, rates: ArrayLike) -> Array:
        """Return E[L(θₜ) − L(θ*)] for t = 0 ... T, from θ (n,) with the rates αₜ (T,).

        Exact for least squares and independent batches; infinite where it overflows.
        """
        n = self.problem.dimension
        start = np.append(real_array("theta", theta) - self.problem.minimum, 1.0)
        moments = [np.outer(start, start).ravel()]
        with np.errstate(all="ignore"):
            for update in self.update(real_array("rates", rates)):
                moments.append(update @ moments[-1])
            second = np.reshape(moments, (-1, n + 1, n + 1))[:, :n, :n]
            excess = (self.problem.hessian * second).sum(axis=(1, 2)) / 2
        return np.nan_to_num(excess, nan=np.inf, posinf=np.inf)

    def floor(self, rate: float) -> Array:
        """Return the covariance (n, n) of θ that a constant rate settles at.

        Infinite where the second moments grow for ever. That may happen while the mean of θ still
        converges: noise that grows with the distance needs a smaller rate.
        """
        n = self.problem.dimension
        inner = (np.arange(n)[:, np.newaxis] * (n + 1) + np.arange(n)).ravel()
        one = self.update(rate)
        block = one[np.ix_(inner, inner)]
        if np.abs(np.linalg.eigvals(block)).max() >= 1:
            return np.full((n, n), np.inf)
        return np.linalg.solve(np.eye(n * n) - block, one[inner, -1]).reshape(n, n)

    def floor_excess(self, rate: float) -> float:
        """Return the mean of L(θ) − L(θ*) on the floor, ½ tr(H C); infinite where there is none."""
        C = self.floor(rate)
        return float(np.sum(self.problem.hessian * C) / 2) if np.isfinite(C).all() else np.inf
