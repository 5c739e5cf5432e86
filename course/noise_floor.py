"""The noise floor: what SGD comes to when its rate stays constant, and how it gets there.

On a quadratic with curvature λ and gradient noise of variance s², w ← w − α (λ w + noise) settles
at the variance α s² / (λ (2 − αλ)). For least squares on real examples the noise depends on where
one stands; the mean loss is still known exactly, by following the second moments of θ − θ*.

The mean over all runs and a single run need not end alike: the second moments may grow without end
while almost every run stays where it is. `growth_exponent` measures which of the two a rate does.

>>> stationary_variance(0.5, curvature=2.0, noise=1.0)
0.25
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

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

    def _blocks(self, rate: float) -> tuple[Array, Array]:
        """Return what an update does to E[e eᵀ], and what it adds: flat, (n², n²) and (n²,)."""
        n = self.problem.dimension
        inner = (np.arange(n)[:, np.newaxis] * (n + 1) + np.arange(n)).ravel()
        one = self.update(rate)
        return one[np.ix_(inner, inner)], one[inner, -1]

    def square_factor(self, rate: float) -> float:
        """Return the factor per update by which E‖e‖² grows in the long run, kicks left out.

        The largest eigenvalue, in size, of E[(I − α H_B) ⊗ (I − α H_B)]. Below 1 the rate is stable
        in mean square: the second moments settle. Above 1 they grow without end, even where almost
        every single run stays bounded.

        Examples
        --------
        >>> from course.least_squares import line
        >>> problem = line([-1.0, 0.0, 1.0], [0.0, 1.0, 5.0])
        >>> full = Moments(problem, 3, replacement=False).square_factor(0.5)
        >>> abs(full - (1 - 0.5 * 2 / 3) ** 2) < 1e-12
        True
        """
        return float(np.abs(np.linalg.eigvals(self._blocks(rate)[0])).max())

    def floor(self, rate: float) -> Array:
        """Return the covariance (n, n) of θ that a constant rate settles at.

        Infinite where the second moments grow without end. That may happen while the mean of θ
        still converges, and while almost every run stays bounded: see `growth_exponent`.
        """
        n = self.problem.dimension
        if self.square_factor(rate) >= 1:
            return np.full((n, n), np.inf)
        block, kicks = self._blocks(rate)
        return np.linalg.solve(np.eye(n * n) - block, kicks).reshape(n, n)

    def floor_excess(self, rate: float) -> float:
        """Return the mean of L(θ) − L(θ*) on the floor, ½ tr(H C); infinite where there is none."""
        C = self.floor(rate)
        return float(np.sum(self.problem.hessian * C) / 2) if np.isfinite(C).all() else np.inf


class Growth(NamedTuple):
    """Hold a measured Lyapunov exponent, per update, and the standard error of the measurement."""

    exponent: float
    error: float


def growth_exponent(H: ArrayLike, rate: float) -> Growth:
    """Measure the Lyapunov exponent of e ← (I − α H_t) e, the long-run mean of Δ log‖e‖.

    Two runs on the same batches have the same kicks, so their difference e changes like that. For
    independent batches ‖e_t‖ grows like exp(γ t) in almost every run, with one γ for all. If γ < 0,
    runs forget their start and keep to one distribution; if γ > 0, almost every run flies off. By
    Jensen's inequality exp(2γ) <= `Moments.square_factor`.

    Parameters
    ----------
    H : Hessians of batches (T, runs, n, n), as in `least_squares.Sampled`.
    rate : α.

    Returns
    -------
    The mean over runs and updates, and its standard error over the runs (nan for one run); the
    exponent is −inf where a product is exactly 0.

    Source: Furstenberg, Kesten (1960), Products of random matrices; Kesten (1973), Random
    difference equations and renewal theory for products of random matrices.

    Examples
    --------
    >>> H = np.full((4, 2, 1, 1), 3.0)
    >>> bool(growth_exponent(H, 1.0).exponent == np.log(2))
    True
    """
    H, rate = real_array("H", H), number("rate", rate)
    if H.ndim != 4 or H.shape[2] != H.shape[3]:
        raise ValueError(f"H {H.shape} must have shape (T, runs, n, n)")
    runs, n = H.shape[1:3]
    e, logs = np.full((runs, n), n**-0.5), np.zeros(runs)
    with np.errstate(divide="ignore", invalid="ignore"):
        for h in H:
            e = e - rate * np.einsum("rij,rj->ri", h, e)
            length = np.sqrt(np.sum(e * e, axis=1))
            logs += np.log(length)
            # only the direction goes on: the length is in the sum
            e = e / np.where(length > 0, length, 1)[:, np.newaxis]
        each = logs / len(H)
        error = each.std(ddof=1) / np.sqrt(runs) if runs > 1 else np.nan
    return Growth(float(each.mean()), float(error))
