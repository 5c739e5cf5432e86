"""Numeric derivatives: the witness that needs no calculus, only values.

>>> numeric_gradient(lambda x: x[0] ** 2 + 3 * x[1], [1.0, 5.0]).round(6)
array([2., 3.])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, number, real_array

# Truncation error grows as h², rounding error as ε / h: they balance near h = ε^(1/3).
H = float(np.finfo(np.float64).eps) ** (1 / 3)


def numeric_gradient(f: Callable[[Array], Any], x: ArrayLike, h: float = H) -> Array:
    """Return the central difference of a function that maps an array to one number.

    ∂f/∂xᵢ ≈ (f(x + h eᵢ) − f(x − h eᵢ)) / 2h, with error O(h²) + O(ε / h) for machine epsilon ε.
    Costs two calls of f per coordinate.

    Parameters
    ----------
    f : takes an array of the shape of x, returns one number; never sees x itself but copies.
    x : array of any shape, computed in float64; it is not changed.
    h : step, > 0.

    Raises TypeError or ValueError for an x or h that is not finite and real, and ValueError if f
    returns anything but one number.

    Source: Goodfellow, Bengio, Courville (2016), section 11.5.

    Examples
    --------
    >>> numeric_gradient(np.sum, np.zeros((2, 3))).round(6)
    array([[1., 1., 1.],
           [1., 1., 1.]])
    """
    x = np.array(real_array("x", x), dtype=np.float64)
    h = number("h", h, above=0)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        # ∂f/∂xᵢ ≈ (f(x + h eᵢ) − f(x − h eᵢ)) / 2h
        gradient[i] = (_one_number(f(up)) - _one_number(f(down))) / (2 * h)
    return gradient


def numeric_hessian(gradient: Callable[[Array], Any], x: ArrayLike, h: float = H) -> Array:
    """Return the central difference of a gradient: the n x n matrix of second derivatives.

    Column j is (g(x + h eⱼ) − g(x − h eⱼ)) / 2h; the result is symmetrised, (H + Hᵀ) / 2.

    Parameters
    ----------
    gradient : takes an array (n,), returns an array (n,).
    x : (n,), computed in float64; it is not changed.
    h : step, > 0.

    Raises ValueError for an x that is not of shape (n,).

    Examples
    --------
    >>> numeric_hessian(lambda x: np.array([2 * x[0], 20 * x[1]]), [1.0, 1.0]).round(6)
    array([[ 2.,  0.],
           [ 0., 20.]])
    """
    x = np.array(real_array("x", x), dtype=np.float64)
    h = number("h", h, above=0)
    if x.ndim != 1:
        raise ValueError(f"x {x.shape} must have shape (n,)")
    columns = []
    for e in np.eye(len(x)):
        up, down = x + h * e, x - h * e
        g_up, g_down = np.asarray(gradient(up)), np.asarray(gradient(down))
        if g_up.shape != x.shape:
            raise ValueError(f"gradient(x) {g_up.shape} must have the shape of x {x.shape}")
        columns.append((g_up - g_down) / (2 * h))
    # second derivatives commute: H = Hᵀ
    hessian = np.stack(columns, axis=1)
    return (hessian + hessian.T) / 2


def relative_error(a: ArrayLike, b: ArrayLike) -> float:
    """Return ‖a − b‖ / max(‖a‖, ‖b‖): 0 for equal arrays, at most 2.

    Symmetric in a and b; 0 when both are 0.

    Raises ValueError for unequal shapes and for empty or non-finite arrays.

    Examples
    --------
    >>> relative_error([3.0, 4.0], [3.0, 4.0]), relative_error(1.0, -1.0), relative_error(0, 0)
    (0.0, 2.0, 0.0)
    """
    u, v = real_array("a", a), real_array("b", b)
    if u.shape != v.shape:
        raise ValueError(f"a {u.shape} and b {v.shape} must have equal shapes")
    scale = max(np.abs(u).max(), np.abs(v).max())
    if scale == 0:
        return 0.0
    # dividing by the largest entry keeps the squares from overflowing
    u, v = u / scale, v / scale
    return float(np.linalg.norm(u - v) / max(np.linalg.norm(u), np.linalg.norm(v)))


def check_gradient(
    f: Callable[[Array], Any],
    gradient: Callable[[Array], Any],
    x: ArrayLike,
    tolerance: float = 1e-6,
) -> float:
    """Compare a gradient with the central difference; return their relative error.

    Raises AssertionError, showing both, if the relative error is above `tolerance`.

    Examples
    --------
    >>> check_gradient(lambda x: (x**2).sum(), lambda x: 2 * x, [1.0, 2.0]) < 1e-9
    True
    >>> check_gradient(lambda x: (x**2).sum(), lambda x: 2.001 * x, [1.0, 2.0])
    Traceback (most recent call last):
        ...
    AssertionError: gradient and central difference differ by a relative 5.0e-04:
    gradient           [2.001 4.002]
    central difference [2. 4.]
    """
    x = np.array(real_array("x", x), dtype=np.float64)
    claimed, measured = np.asarray(gradient(x.copy())), numeric_gradient(f, x)
    error = relative_error(claimed, measured)
    if error > tolerance:
        with np.printoptions(precision=6):
            raise AssertionError(
                f"gradient and central difference differ by a relative {error:.1e}:\n"
                f"gradient           {claimed}\ncentral difference {measured}"
            )
    return error


def _one_number(value: Any) -> float:
    if np.size(value) != 1:
        raise ValueError(f"f must return one number, got an array of shape {np.shape(value)}")
    return float(np.reshape(value, ()))
