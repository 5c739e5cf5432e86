"""Least squares: a loss of few parameters on real examples, so that SGD on it can be seen through.

For examples aᵢ with targets yᵢ the loss is L(θ) = 1/N Σ ½ (aᵢ·θ − yᵢ)². A straight line
ŷ = w x + b is the case a = (x, 1), θ = (w, b). The loss on any batch is a quadratic,

    ½ θᵀ H θ − cᵀ θ + const,   H = mean of a aᵀ,   c = mean of y a,

so its gradient is H θ − c, and a whole run of SGD needs only H and c of each batch.

>>> problem = line([-1.0, 0.0, 1.0], [0.0, 1.0, 5.0])
>>> problem.minimum, problem.gradient([0.0, 0.0])
(array([2.5, 2. ]), array([-1.66666667, -2.        ]))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course._check import Array, real_array, table, whole
from course.descent import Trajectory, descend
from course.optimizers import Rule

Batch = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """L(θ) = 1/N Σ ½ (aᵢ·θ − yᵢ)² with inputs A (N, n), one row each, and targets y (N,).

    An objective for `descend`: θ may have leading axes.

    Raises TypeError or ValueError for tables that are not real, finite and of equal length, and
    ValueError where the minimum is not unique.
    """

    A: Array
    y: Array

    def __post_init__(self) -> None:
        A, y = table("A", self.A, "(N, n)"), real_array("y", self.y)
        if y.shape != A.shape[:1]:
            raise ValueError(f"y {y.shape} must have one entry for each row of A {A.shape}")
        if np.linalg.matrix_rank(A) < A.shape[1]:
            raise ValueError(f"the columns of A {A.shape} must be independent")
        object.__setattr__(self, "A", A)
        object.__setattr__(self, "y", y)

    def __len__(self) -> int:
        return len(self.y)

    @property
    def dimension(self) -> int:
        """The number n of parameters."""
        return self.A.shape[1]

    @cached_property
    def hessian(self) -> Array:
        """H = 1/N Σ aᵢ aᵢᵀ, (n, n): the same at every θ."""
        return self.A.T @ self.A / len(self)

    @cached_property
    def minimum(self) -> Array:
        """The θ* (n,) with H θ* = c."""
        return np.linalg.solve(self.hessian, self.A.T @ self.y / len(self))

    @cached_property
    def lowest(self) -> float:
        """L(θ*), what no line can avoid."""
        return float(np.mean((self.A @ self.minimum - self.y) ** 2) / 2)

    def excess(self, theta: ArrayLike) -> Array:
        """Return L(θ) − L(θ*) = ½ (θ − θ*)ᵀ H (θ − θ*), (...) for θ (..., n)."""
        away = np.asarray(theta, dtype=np.float64) - self.minimum
        return np.asarray(((away @ self.hessian) * away).sum(axis=-1) / 2)

    def value(self, theta: ArrayLike) -> Array:
        """Return L(θ), (...) for θ (..., n)."""
        return self.lowest + self.excess(theta)

    def gradient(self, theta: ArrayLike) -> Array:
        """Return ∂L/∂θ = H (θ − θ*), (..., n)."""
        return (np.asarray(theta, dtype=np.float64) - self.minimum) @ self.hessian

    def example_gradients(self, theta: ArrayLike) -> Array:
        """Return each example's gradient gᵢ = (aᵢ·θ − yᵢ) aᵢ, (N, n), for one θ (n,).

        Examples
        --------
        >>> line([1.0, 3.0], [5.0, 5.0]).example_gradients([2.0, 1.0])
        array([[-2., -2.],
               [ 6.,  2.]])
        """
        theta = real_array("theta", theta)
        if theta.shape != (self.dimension,):
            raise ValueError(f"theta {theta.shape} must have shape ({self.dimension},)")
        return (self.A @ theta - self.y)[:, np.newaxis] * self.A

    def sampled(self, batches: Iterator[Batch], updates: int) -> Sampled:
        """Return H and c of this many batches, each (runs, B), and of one more.

        `batches` is what `minibatch.batches` yields.
        """
        each = range(whole("updates", updates, 0) + 1)
        pairs = [self._system(next(batches)) for _ in each]
        return Sampled(self, *(np.stack(part) for part in zip(*pairs, strict=True)))

    def _system(self, batch: Batch) -> tuple[Array, Array]:
        a, y = self.A[batch], self.y[batch]
        size = batch.shape[-1]
        return a.mT @ a / size, np.einsum("rbn,rb->rn", a, y) / size


@dataclass(frozen=True, eq=False)
class Sampled:
    """A least-squares problem with a run of minibatches: H (T+1, runs, n, n), c (T+1, runs, n)."""

    problem: LeastSquares
    H: Array
    c: Array

    def estimates(self, theta: ArrayLike) -> Array:
        """Return every batch's gradient at one θ (n,): (T+1, runs, n)."""
        return np.asarray(self.H @ real_array("theta", theta) - self.c)

    def descend(self, rule: Rule, theta: ArrayLike) -> Trajectory:
        """Return the T updates from θ (n,) on these batches, all runs at once.

        Points are (T+1, runs, n); values are the full loss; gradients are the estimates, each from
        the batch of its step. This is `descent.descend`: only the gradient is another.

        Examples
        --------
        >>> from course.minibatch import batches
        >>> from course.optimizers import GradientDescent
        >>> problem, rng = line([-1.0, 0.0, 1.0], [0.0, 1.0, 5.0]), np.random.default_rng(0)
        >>> draws = batches(3, 3, rng, sampling="without replacement")
        >>> problem.sampled(draws, 200).descend(GradientDescent(0.5), [0.0, 0.0]).points[-1]
        array([[2.5, 2. ]])
        """
        runs = self.c.shape[1]
        start = np.broadcast_to(real_array("theta", theta), (runs, self.problem.dimension))
        return descend(_InTurn(self), rule, start, len(self.c) - 1)


class _InTurn:
    """An objective whose gradient is the estimate of one batch after another."""

    def __init__(self, sampled: Sampled) -> None:
        self.value = sampled.problem.value
        self._systems = iter(zip(sampled.H, sampled.c, strict=True))

    def gradient(self, theta: Array) -> Array:
        """Return H θ − c of the next batch."""
        H, c = next(self._systems)
        return (H @ theta[..., np.newaxis])[..., 0] - c


def line(x: ArrayLike, y: ArrayLike) -> LeastSquares:
    """Return the problem of fitting ŷ = w x + b to x (N,) and y (N,): θ = (w, b).

    Examples
    --------
    >>> line([-1.0, 1.0], [3.0, 7.0]).minimum
    array([2., 5.])
    """
    x = real_array("x", x)
    if x.ndim != 1:
        raise ValueError(f"x {x.shape} must have one axis")
    return LeastSquares(np.column_stack([x, np.ones_like(x)]), np.asarray(y))
