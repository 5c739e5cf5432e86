"""How wrong a difference quotient is: truncation, rounding, and the best step between them.

Taylor's theorem leaves a truncation error that shrinks with h; float64 leaves a rounding error
that grows as h shrinks. `FUNCTIONS` holds smooth functions whose derivatives are known, to measure
against.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course._check import number

EPSILON: Final = float(np.finfo(np.float64).eps)


def forward_difference(f: Callable[[float], float], x: float, h: float) -> float:
    """Return (f(x + h) - f(x)) / h, with error O(h) + O(eps / h).

    Divides by the step really taken, (x + h) - x, since x + h is rounded.

    Raises ValueError for a step h <= 0, or one so small that x + h is x.

    Examples
    --------
    >>> round(forward_difference(lambda x: x * x, 1.0, 0.1), 6)
    2.1
    """
    x, h = number("x", x), number("h", h, above=0)
    step = (x + h) - x
    if step == 0:
        raise ValueError(f"h = {h:g} is too small: x + h is rounded to x = {x:g}")
    return (f(x + h) - f(x)) / step


def central_difference(f: Callable[[float], float], x: float, h: float) -> float:
    """Return (f(x + h) - f(x - h)) / 2h, with error O(h^2) + O(eps / h).

    Divides by the step really taken. `course.numeric.numeric_gradient` does this for every entry
    of an array.

    Raises ValueError for a step h <= 0, or one so small that x + h is x - h.

    Examples
    --------
    >>> round(central_difference(lambda x: x**3, 1.0, 0.1), 6)
    3.01
    """
    x, h = number("x", x), number("h", h, above=0)
    step = (x + h) - (x - h)
    if step == 0:
        raise ValueError(f"h = {h:g} is too small: x + h and x - h are rounded to x = {x:g}")
    return (f(x + h) - f(x - h)) / step


@dataclass(frozen=True)
class Smooth:
    """Hold a function of one number with its first three derivatives."""

    name: str
    value: Callable[[Any], Any]
    first: Callable[[Any], Any]
    second: Callable[[Any], Any]
    third: Callable[[Any], Any]


def truncation(f: Smooth, x: float, h: ArrayLike, *, central: bool) -> NDArray[Any]:
    """Return the leading term of the truncation error.

    Forward: |f''(x)| h / 2. Central: |f'''(x)| h^2 / 6. Both are the first term that Taylor's
    theorem leaves over.

    Examples
    --------
    >>> float(truncation(FUNCTIONS[0], 1.0, 0.5, central=False))
    1.5
    """
    h = np.asarray(h, dtype=np.float64)
    if central:
        return np.abs(f.third(x)) * h**2 / 6
    return np.abs(f.second(x)) * h / 2


def rounding(f: Smooth, x: float, h: ArrayLike, *, central: bool) -> NDArray[Any]:
    """Return a bound on the rounding error: eps |f(x)| / h, or half of that for the central one.

    That is for a small h. In full: each of the two values of f is off by up to eps / 2 of itself,
    if it is the float64 nearest to the true one; both errors together are divided by h (by 2h).
    The bound leaves out what several operations inside f add.

    Examples
    --------
    >>> bool(rounding(FUNCTIONS[4], 1.0, 1.0, central=False) == EPSILON * (1 + 4) / 2)
    True
    """
    h = np.asarray(h, dtype=np.float64)
    there, here = np.abs(f.value(x + h)), np.abs(f.value(x - h if central else x))
    bound = EPSILON * (there + here) / 2 / h
    return bound / 2 if central else bound


def best_step(f: Smooth, x: float, *, central: bool) -> float:
    """Return the h at which truncation plus rounding is smallest; inf without truncation.

    Forward: h = (2 eps |f / f''|)^(1/2). Central: h = (3/2 eps |f / f'''|)^(1/3).

    Source: the derivative of the sum of `truncation` and `rounding` by h, set to zero; compare
    Press et al. (2007), section 5.7.

    Examples
    --------
    >>> float(f"{best_step(FUNCTIONS[1], 1.0, central=False):.1e}")
    2.1e-08
    >>> float(f"{best_step(FUNCTIONS[1], 1.0, central=True):.1e}")
    6.9e-06
    """
    size = abs(float(f.value(x)))
    bend = abs(float((f.third if central else f.second)(x)))
    if bend == 0:
        return float("inf")
    if central:
        return float((1.5 * EPSILON * size / bend) ** (1 / 3))
    return float((2 * EPSILON * size / bend) ** (1 / 2))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _sigmoid_first(x: Any) -> Any:
    s = _sigmoid(x)
    return s * (1 - s)


def _sigmoid_second(x: Any) -> Any:
    s = _sigmoid(x)
    return s * (1 - s) * (1 - 2 * s)


def _sigmoid_third(x: Any) -> Any:
    s = _sigmoid(x)
    return s * (1 - s) * (1 - 6 * s + 6 * s**2)


FUNCTIONS: Final = (
    Smooth("x³", lambda x: x**3, lambda x: 3 * x**2, lambda x: 6 * x, lambda x: 6.0 + 0 * x),
    Smooth("eˣ", np.exp, np.exp, np.exp, np.exp),
    Smooth("sin x", np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)),
    Smooth("σ(x)", _sigmoid, _sigmoid_first, _sigmoid_second, _sigmoid_third),
    Smooth("x²", lambda x: x**2, lambda x: 2 * x, lambda x: 2.0 + 0 * x, lambda x: 0.0 * x),
)
