"""The loss map of a line, as it should be drawn, and what two witnesses say of the bug."""

from __future__ import annotations

import numpy as np

from course.explorers.gradient_descent.paths import Array
from course.losses import mse


def loss_map(x: Array, y: Array, grid_w: Array, grid_b: Array) -> Array:
    """Return the mean squared error of ŷ = w x + b, one row for each b and one column for each w.

    Examples
    --------
    >>> loss_map(np.array([[0.0], [1.0]]), np.array([1.0, 3.0]), np.array([0.0, 2.0]), np.ones(1))
    array([[2., 0.]])
    """
    w, b = grid_w[:, None], grid_b[:, None, None]
    return np.asarray(((w * np.ravel(x) + b - np.ravel(y)) ** 2).mean(axis=-1))


def witnesses(x: Array, y: Array) -> str:
    """Return the shape of the residuals of y = 2 x + 1, and what a loss of the course says."""
    says = "takes it"
    try:
        mse(y, 2 * x + 1)
    except ValueError as error:
        says = f"refuses: {error}"
    return f"shape of the residuals: {(2 * x + 1 - y).shape}\nmse(y, 2 * x + 1) {says}"
