"""Checks for the public doors of every floor: the one helper that any module may import.

Each check names the argument, says what was expected and shows what came.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]


def real_array(name: str, value: ArrayLike, *, finite: bool = True) -> Array:
    """Return `value` as a float array: float32 stays float32, all else becomes float64.

    Raises TypeError for anything but real numbers (booleans, text, complex numbers and objects
    included) and ValueError for ragged, empty or, if `finite`, non-finite input.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name} must be a rectangular array, got rows of unequal length"
        ) from None
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers, got {_describe(value, array)}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    if array.dtype != np.float64 and array.dtype != np.float32:
        array = array.astype(np.float64)
    if finite and not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        place = f" at index {index}" if index else ""
        raise ValueError(f"{name} must be finite, got {float(array[index])}{place}")
    return array


def table(name: str, value: ArrayLike, axes: str) -> Array:
    """Return `value` as a finite float array with two axes, called `axes` in the message."""
    array = real_array(name, value)
    if array.ndim == 1:
        raise ValueError(
            f"{name} {array.shape} must have two axes {axes}; "
            f"write {name}[np.newaxis] for one example of {array.size} components"
        )
    if array.ndim != 2:
        raise ValueError(f"{name} {array.shape} must have two axes {axes}")
    return array


def whole(name: str, value: Any, minimum: int, maximum: float = math.inf) -> int:
    """Return `value` as an int between `minimum` and `maximum`."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if not minimum <= value <= maximum:
        limits = f"at least {minimum}" if maximum == math.inf else f"from {minimum} to {maximum}"
        raise ValueError(f"{name} must be {limits}, got {value}")
    return int(value)


def number(name: str, value: Any, *, above: float = -math.inf) -> float:
    """Return `value` as a finite float greater than `above`."""
    array = real_array(name, value)
    if array.ndim != 0:
        raise ValueError(f"{name} must be one number, got an array of shape {array.shape}")
    if not array > above:
        raise ValueError(f"{name} must be greater than {above:g}, got {value!r}")
    return float(array)


def generator(name: str, value: Any) -> np.random.Generator:
    """Return `value` if it is a numpy Generator."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(
            f"{name} must be a numpy.random.Generator such as np.random.default_rng(0), "
            f"got {value!r}"
        )
    return value


def _describe(value: Any, array: NDArray[Any]) -> str:
    if array.ndim == 0:
        return f"{value!r}"
    return f"an array of dtype {array.dtype}"
