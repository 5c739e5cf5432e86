"""The real problem of this lesson: the ink of a digit's right half, from the ink of its left half.

Two parameters, so that everything can be drawn; 1437 examples, the training digits of lesson 4.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from course.data import Dataset, digits, split
from course.least_squares import LeastSquares, Sampled, line
from course.minibatch import batches

N: Final = 1437
#: the batch sizes of the lesson, by the words of the menus
SIZES: Final = {"1": 1, "16": 16, "32": 32, "64": 64, "128": 128, "N = 1437": N}
#: the part of the (w, b) plane that is drawn
WINDOW: Final = ((-2.3, 1.3), (8.3, 11.8))


@cache
def training_digits() -> tuple[Dataset, Dataset]:
    """Return the training and the test digits of lesson 4."""
    return split(digits(), 360, np.random.default_rng(1))


@cache
def ink_problem() -> LeastSquares:
    """Return the fit of the right half's ink by w x + b; x is the left half's, less its mean.

    Ink is counted in fully black pixels.

    Examples
    --------
    >>> ink_problem().minimum.round(3)
    array([-0.508, 10.061])
    """
    ink = training_digits()[0].X.reshape(-1, 8, 8)
    left, right = ink[:, :, :4].sum(axis=(1, 2)), ink[:, :, 4:].sum(axis=(1, 2))
    return line(left - left.mean(), right)


@cache
def sampled(size: int, sampling: str, seed: int, *, updates: int, runs: int) -> Sampled:
    """Return the batches of so many runs: they do not depend on where the parameters stand."""
    draws = batches(N, size, np.random.default_rng(seed), sampling=sampling, runs=runs)
    return ink_problem().sampled(draws, updates)
