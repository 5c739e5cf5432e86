"""Data: tables of examples X with targets Y; seeded toy sets and the real 8 x 8 digits.

>>> train, test = split(digits(), 360, np.random.default_rng(0))
>>> train, test
(Dataset(1437 x 64 -> 10, 'digits'), Dataset(360 x 64 -> 10, 'digits'))
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from os.path import dirname, join

import numpy as np

from course._check import Array, generator, number, table, whole

_DIGITS = join(dirname(__file__), "datasets", "digits.npz")


@dataclass(frozen=True, eq=False)
class Dataset:
    """N examples: inputs X (N, d) and targets Y (N, k), one row each, and where they come from.

    Integers become float64. Raises TypeError for anything but real numbers and ValueError for
    empty, non-finite or wrongly shaped tables and for X and Y of different length.

    Examples
    --------
    >>> Dataset(X=[[0, 0], [0, 1], [1, 0], [1, 1]], Y=[[0], [1], [1], [0]], source="xor")
    Dataset(4 x 2 -> 1, 'xor')
    """

    X: Array
    Y: Array
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "X", table("X", self.X, "(N, d)"))
        object.__setattr__(self, "Y", table("Y", self.Y, "(N, k)"))
        if len(self.X) != len(self.Y):
            raise ValueError(
                f"X {self.X.shape} and Y {self.Y.shape} must have equally many examples"
            )

    def __len__(self) -> int:
        return len(self.X)

    def __repr__(self) -> str:
        (n, d), k = self.X.shape, self.Y.shape[1]
        return f"Dataset({n} x {d} -> {k}, {self.source.split(':')[0]!r})"


def split(dataset: Dataset, test_size: int, rng: np.random.Generator) -> tuple[Dataset, Dataset]:
    """Return (train, test): `test_size` examples drawn without replacement, and the others.

    Raises TypeError for a test_size that is not whole and ValueError unless
    1 <= test_size <= N - 1.

    Examples
    --------
    >>> train, test = split(moons(10, np.random.default_rng(0)), 3, np.random.default_rng(0))
    >>> len(train), len(test)
    (7, 3)
    """
    test_size = whole("test_size", test_size, 1, len(dataset) - 1)
    order = generator("rng", rng).permutation(len(dataset))
    test, train = order[:test_size], order[test_size:]
    return (
        replace(dataset, X=dataset.X[train], Y=dataset.Y[train]),
        replace(dataset, X=dataset.X[test], Y=dataset.Y[test]),
    )


def digits() -> Dataset:
    """Return the 1797 handwritten digits: X (1797, 64) in [0, 1], Y (1797, 10) one-hot.

    Each row of X is an 8 x 8 image, row by row: `X[i].reshape(8, 8)`; 0 is paper, 1 is ink.

    Source: Alpaydin, Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, doi 10.24432/C50P49, test part, licence CC BY 4.0.

    Examples
    --------
    >>> digits().X.shape, digits().Y.sum(axis=0).astype(int)
    ((1797, 64), array([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]))
    """
    with np.load(_DIGITS, allow_pickle=False) as file:
        pixels, labels = file["pixels"], file["labels"]
    # pixels count inked points in 4 x 4 blocks: 0 ... 16
    return Dataset(
        X=pixels / 16,
        Y=np.eye(10)[labels],
        source="digits: Alpaydin, Kaynak (1998), UCI, doi 10.24432/C50P49, CC BY 4.0",
    )


def moons(n: int, rng: np.random.Generator, *, noise: float = 0.1) -> Dataset:
    """Return two interleaved half circles of radius 1: X (n, 2), Y (n, 1) with labels 0 and 1.

    Label 0 is the upper moon about (0, 0), label 1 the lower about (1, 0.5). `noise` is the
    standard deviation of the Gaussian noise on each coordinate.

    Examples
    --------
    >>> moons(200, np.random.default_rng(0))
    Dataset(200 x 2 -> 1, 'moons')
    """
    label, angle = _labels(n, 2, rng), generator("rng", rng).uniform(0, math.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    X = np.where(label[:, np.newaxis] == 0, upper, lower)
    return Dataset(X + _noise(X, noise, rng), label[:, np.newaxis], "moons: two half circles")


def spirals(
    n: int, rng: np.random.Generator, *, turns: float = 1.0, noise: float = 0.02
) -> Dataset:
    """Return two spirals wound into each other: X (n, 2) in about [-1, 1], Y (n, 1) of 0 and 1.

    Along each arm the radius grows from 0 to 1 while the angle makes `turns` full turns; the arms
    are half a turn apart.

    Examples
    --------
    >>> spirals(200, np.random.default_rng(0))
    Dataset(200 x 2 -> 1, 'spirals')
    """
    label, radius = _labels(n, 2, rng), np.sqrt(generator("rng", rng).uniform(0, 1, n))
    angle = 2 * math.pi * number("turns", turns, above=0) * radius + math.pi * label
    X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return Dataset(X + _noise(X, noise, rng), label[:, np.newaxis], "spirals: two arms")


def blobs(n: int, rng: np.random.Generator, *, classes: int = 3, noise: float = 0.3) -> Dataset:
    """Return Gaussian clouds around points on the unit circle: X (n, 2), Y (n, classes) one-hot.

    Examples
    --------
    >>> blobs(200, np.random.default_rng(0), classes=4)
    Dataset(200 x 2 -> 4, 'blobs')
    """
    classes = whole("classes", classes, 2)
    label = _labels(n, classes, rng)
    angle = 2 * math.pi * label / classes
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return Dataset(X + _noise(X, noise, rng), np.eye(classes)[label], "blobs: Gaussian clouds")


def line_with_outliers(
    n: int, rng: np.random.Generator, *, outliers: int = 3, noise: float = 0.1
) -> Dataset:
    """Return points near y = 2x + 1, a few of them far above: X (n, 1) in [-1, 1], Y (n, 1).

    The last `outliers` examples are lifted by 5 to 10.

    Examples
    --------
    >>> line_with_outliers(50, np.random.default_rng(0))
    Dataset(50 x 1 -> 1, 'line with outliers')
    """
    n = whole("n", n, 1)
    outliers = whole("outliers", outliers, 0, n)
    x = generator("rng", rng).uniform(-1, 1, (n, 1))
    y = 2 * x + 1 + _noise(x, noise, rng)
    y[n - outliers :] += rng.uniform(5, 10, (outliers, 1))
    return Dataset(x, y, "line with outliers: y = 2x + 1")


def _labels(n: int, classes: int, rng: np.random.Generator) -> np.ndarray:
    # classes of equal size, up to one
    return generator("rng", rng).permutation(whole("n", n, 1)) % classes


def _noise(X: Array, noise: float, rng: np.random.Generator) -> Array:
    if number("noise", noise) < 0:
        raise ValueError(f"noise must be at least 0, got {noise!r}")
    return noise * rng.standard_normal(X.shape)
