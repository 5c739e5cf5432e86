"""Minibatches: drawing them, and how far their gradient is from the full one.

The gradient of a mean loss is the mean of the examples' gradients g₁ ... g_N. The mean over a batch
of B of them estimates it. With g = 1/N Σ gᵢ,

    σ² = 1/N Σ ‖gᵢ − g‖²          S² = 1/(N − 1) Σ ‖gᵢ − g‖² = σ² N / (N − 1)

the estimate has the mean g, and the variance (its mean squared distance from g)

    σ²/B                           B draws with replacement
    S²/B (1 − B/N)                 B draws without replacement

>>> g = np.array([[1.0], [2.0], [3.0], [6.0], [8.0]])
>>> estimate_variance(g, 2, replacement=True), estimate_variance(g, 2, replacement=False)
(3.4, 2.55)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course._check import Array, generator, table, whole
from course.backprop import backward
from course.losses import Loss
from course.network import Network, forward

#: how batches are drawn: the first two draw each batch afresh, the third deals out epochs
SAMPLINGS = ("with replacement", "without replacement", "reshuffled")


def example_gradients(network: Network, X: ArrayLike, Y: ArrayLike, loss: Loss) -> Array:
    """Return the gradient of each example's own loss, one row each: (N, P).

    Row i is ∂Lᵢ/∂θ, laid out like `network.parameters`; the mean of the rows is the gradient of the
    mean loss. Row i of Δˡ in `backward` is δˡ of example i divided by N, so ∂Lᵢ/∂Wˡ = N Δᵢ aᵢᵀ.

    Raises the errors of `forward` and of the loss.

    Examples
    --------
    >>> from course.activations import identity
    >>> from course.losses import half_squared_error
    >>> from course.network import Layer
    >>> line = Network((Layer([[2.0]], [1.0], identity),))
    >>> example_gradients(line, [[1.0], [3.0]], [[5.0], [5.0]], half_squared_error)
    array([[-2., -2.],
           [ 6.,  2.]])
    """
    out = forward(network, X)
    deltas = backward(network, out, loss, Y).delta
    count = len(out.X)
    parts = []
    for delta, below in zip(deltas, (out.X, *out.a[:-1]), strict=True):
        own = count * delta
        # ∂Lᵢ/∂W = δᵢ aᵢᵀ for each example i, ∂Lᵢ/∂b = δᵢ
        parts += [(own[:, :, np.newaxis] * below[:, np.newaxis]).reshape(count, -1), own]
    return np.concatenate(parts, axis=1)


def batches(
    n: int, batch_size: int, rng: np.random.Generator, *, sampling: str, runs: int = 1
) -> Iterator[NDArray[np.int64]]:
    """Yield one minibatch after another, without end: numbers of examples, (runs, B).

    Parameters
    ----------
    n : the number N of examples.
    batch_size : B, from 1 to N.
    sampling : one of `SAMPLINGS`. "with replacement": B independent draws. "without replacement":
        B different examples, every batch afresh from all N. "reshuffled": each epoch is one random
        order of all N examples, dealt out in batches; its last batch is short if B does not
        divide N.
    runs : how many independent runs draw at the same time.

    Raises TypeError or ValueError for a number that is not whole or out of range, and ValueError
    for another sampling.

    Examples
    --------
    >>> deal = batches(5, 2, np.random.default_rng(0), sampling="reshuffled")
    >>> [next(deal)[0].tolist() for _ in range(3)]
    [[2, 4], [3, 0], [1]]
    """
    n = whole("n", n, 1)
    batch_size = whole("batch_size", batch_size, 1, n)
    shape = (whole("runs", runs, 1), batch_size)
    generator("rng", rng)
    if sampling not in SAMPLINGS:
        raise ValueError(f"sampling must be one of {SAMPLINGS}, got {sampling!r}")
    return _batches(n, shape, rng, sampling)


def _batches(
    n: int, shape: tuple[int, int], rng: np.random.Generator, sampling: str
) -> Iterator[NDArray[np.int64]]:
    runs, batch_size = shape
    everyone = np.tile(np.arange(n), (runs, 1))
    while True:
        if sampling == "with replacement":
            yield rng.integers(n, size=shape)
            continue
        order = rng.permuted(everyone, axis=1)
        if sampling == "without replacement":
            yield order[:, :batch_size]
        else:
            yield from (order[:, i : i + batch_size] for i in range(0, n, batch_size))


def estimate_covariance(gradients: ArrayLike, batch_size: int, *, replacement: bool) -> Array:
    """Return the covariance (P, P) of the mean of B rows drawn from `gradients` (N, P).

    1/B · 1/N Σ (gᵢ − g)(gᵢ − g)ᵀ with replacement; without, that times (N − B) / (N − 1), which is
    1/B (1 − B/N) · 1/(N − 1) Σ (gᵢ − g)(gᵢ − g)ᵀ. Exact for any N and B, no approximation.

    Raises TypeError or ValueError for a batch size that is not whole or less than 1, or, without
    replacement, greater than N.

    Source: Bottou, Curtis, Nocedal (2018), section 5.2; Cochran (1977), Sampling Techniques,
    chapter 2.

    Examples
    --------
    >>> estimate_covariance([[1.0, 0.0], [3.0, 0.0]], 2, replacement=True)
    array([[0.5, 0. ],
           [0. , 0. ]])
    >>> estimate_covariance([[1.0, 0.0], [3.0, 0.0]], 2, replacement=False)
    array([[0., 0.],
           [0., 0.]])
    """
    rows = table("gradients", gradients, "(N, P)")
    away = rows - rows.mean(axis=0)
    return share_of_variance(len(rows), batch_size, replacement=replacement) * (
        away.T @ away / len(rows)
    )


def estimate_variance(gradients: ArrayLike, batch_size: int, *, replacement: bool) -> float:
    """Return E‖ĝ − g‖² of a batch: the trace of `estimate_covariance`, without the matrix.

    Examples
    --------
    >>> estimate_variance([[1.0], [3.0]], 1, replacement=False)
    1.0
    """
    rows = table("gradients", gradients, "(N, P)")
    sigma2 = float(np.sum((rows - rows.mean(axis=0)) ** 2)) / len(rows)
    return share_of_variance(len(rows), batch_size, replacement=replacement) * sigma2


def share_of_variance(n: int, batch_size: int, *, replacement: bool) -> float:
    """Return what share of σ², the variance of one example, the mean of a batch keeps.

    1/B with replacement, 1/B · (N − B)/(N − 1) without. The factor (N − B)/(N − 1) is called the
    finite population correction.

    Examples
    --------
    >>> share_of_variance(5, 2, replacement=True), share_of_variance(5, 2, replacement=False)
    (0.5, 0.375)
    """
    largest: Any = np.inf if replacement else n
    batch_size = whole("batch_size", batch_size, 1, largest)
    if replacement:
        return 1 / batch_size
    # a single example is always drawn: nothing varies
    return (n - batch_size) / max(n - 1, 1) / batch_size


def noise_scale(gradients: ArrayLike) -> float:
    """Return σ² / ‖g‖²: the batch size at which noise and gradient are equally long.

    With B draws with replacement the mean squared length of the noise is σ²/B. Infinite where the
    full gradient vanishes.

    Source: McCandlish, Kaplan, Amodei et al. (2018), An Empirical Model of Large-Batch Training,
    section 2.2, the "simple" noise scale.

    Examples
    --------
    >>> noise_scale([[1.0], [3.0]])
    0.25
    """
    rows = table("gradients", gradients, "(N, P)")
    g = rows.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.divide(estimate_variance(rows, 1, replacement=True), g @ g))
