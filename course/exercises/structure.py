"""What can be said of a wrong answer by its kind and shape, before its numbers are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from course.exercises.values import Unjudged, agree, as_numbers, close, has_parts, is_truth, kind

Array = NDArray[Any]


class Finding(NamedTuple):
    """A family and its sentence."""

    family: str
    sentence: str


TOLERANCE = 1e-6


def same(a: Array, b: Array) -> bool:
    """Return whether two arrays agree, whatever the question's tolerance is."""
    return close(a, b, TOLERANCE)


def structure(got: Any, expected: Any, printed: str = "", place: str = "") -> Finding | None:
    """Return what is wrong with the kind or the shape of one value, if anything.

    `place` says which part of what was returned it is, such as ``[0][1]``; empty for the whole.
    """
    if got is None and expected is not None and not place:
        if printed.strip():
            words = "It prints its result and returns nothing. Use `return` instead of `print`."
        else:
            words = "It returns nothing (None). Is a `return` missing at the end?"
        return Finding("type", words)
    if isinstance(got, Unjudged):
        words = f"It returns {kind(got.value)}, which is nothing that was asked for."
        return Finding("type", words)
    it_is = f"result{place} is" if place else "It returns"
    told = f"{it_is} {kind(got)}; it should be {kind(expected)}."
    if isinstance(expected, dict):
        if not isinstance(got, dict) or got.keys() != expected.keys():
            return Finding("type", told)
        return _of_parts(got, expected, expected, place)
    if has_parts(expected):
        if not isinstance(got, tuple | list) and not _stacked(got, expected):
            return Finding("type", told)
        if len(got) != len(expected):
            if isinstance(got, tuple | list) and not place and isinstance(expected, tuple):
                words = f"It returns {len(got)} values, and should return {len(expected)}."
                return Finding("type", words)
            return _of_length(got, expected, told)
        return _of_parts(got, expected, range(len(expected)), place)
    if isinstance(expected, str) or is_truth(expected) or expected is None:
        if type(got) is type(expected) or (is_truth(got) and is_truth(expected)):
            return None
        return Finding("type", told)
    wanted, numbers = as_numbers(expected), as_numbers(got)
    if wanted is None:
        return None
    if numbers is None or is_truth(got):
        if callable(got):
            words = f"{it_is} a function. Is a pair of parentheses () missing?"
        elif isinstance(got, tuple):
            words = f"{told[:-1]}: is a comma too many?"
        else:
            words = told
        return Finding("type", words)
    return None if numbers.shape == wanted.shape else _of_shape(numbers, wanted, told)


def exchanged(values: Sequence[tuple[Any, Any]]) -> Finding | None:
    """Look for tuples whose parts are right, but come in another order, always the same.

    Examples
    --------
    >>> exchanged([((1.0, 2.0, 3.0), (1.0, 3.0, 2.0)), ((4.0, 5.0, 6.0), (4.0, 6.0, 5.0))]).sentence
    'The values returned are right, but in another order: result[1] and result[2] are exchanged.'
    """
    if not all(
        isinstance(expected, tuple)
        and isinstance(got, tuple | list)
        and len(got) == len(expected) <= 4
        for got, expected in values
    ):
        return None
    places = range(len(values[0][1]))
    for order in permutations(places):
        moved = [i for i in places if order[i] != i]
        if not moved or not all(
            agree(got[i], expected[order[i]], TOLERANCE) for got, expected in values for i in places
        ):
            continue
        words = "The values returned are right, but in another order"
        if len(moved) == 2:
            words += f": result[{moved[0]}] and result[{moved[1]}] are exchanged"
        return Finding("order", f"{words}.")
    return None


def _stacked(got: Any, expected: Any) -> bool:
    """Return whether an array stands for a list of arrays, one in each row."""
    if not isinstance(got, np.ndarray) or not got.ndim or not len(expected):
        return False
    row = as_numbers(expected[0])
    return row is not None and got.shape[1:] == row.shape


def _of_parts(got: Any, expected: Any, keys: Any, place: str) -> Finding | None:
    for key in keys:
        finding = structure(got[key], expected[key], place=f"{place}[{key!r}]")
        if finding:
            return finding
    return None


def _of_shape(numbers: Array, wanted: Array, told: str) -> Finding:
    """Say how a shape is wrong, and guess why if the numbers allow it."""
    if numbers.T.shape == wanted.shape and numbers.ndim > 1 and same(numbers.T, wanted):
        return Finding("transpose", f"{told} The numbers are right, but transposed.")
    if numbers.size == wanted.size and same(numbers.ravel(), wanted.ravel()):
        return Finding("shape", f"{told} The numbers are right, only the shape is not.")
    if numbers.size == wanted.size and numbers.T.shape == wanted.shape and numbers.ndim > 1:
        return Finding("transpose", f"{told} That is the transposed shape.")
    n = wanted.shape[0] if wanted.ndim else 0
    if wanted.ndim == 1 and numbers.shape == (n, n) and n > 1:
        words = (
            "Such a table of every pair comes from np.outer, or from two arrays of shapes (N,) and "
            "(N, 1): NumPy spreads them."
        )
        return Finding("shape", f"{told} {words}")
    if wanted.ndim == 0 and numbers.size > 1:
        for name, total in (("sum", numbers.sum()), ("mean", numbers.mean())):
            if same(np.asarray(total), wanted):
                return Finding(
                    "shape", f"{told} Its {name} would be right: reduce it to one number."
                )
        return Finding("shape", f"{told} Is a sum or a mean missing?")
    if wanted.ndim == 0:
        return Finding("shape", told)
    if numbers.ndim == 0:
        return Finding("shape", f"{told} Is a sum or a mean too many?")
    if numbers.shape[1:] == wanted.shape[1:]:
        return _of_length(numbers, wanted, told)
    return Finding("shape", told)


def _of_length(numbers: Any, wanted: Any, told: str) -> Finding:
    """Say how a sequence of the wrong length is off, if it is off by one."""
    more = len(numbers) - len(wanted)
    if more == -1 and len(numbers):
        if agree(numbers, wanted[1:]):
            return Finding(
                "off by one", f"{told} Its first entry is missing; the others are right."
            )
        if agree(numbers, wanted[:-1]):
            return Finding("off by one", f"{told} Its last entry is missing; the others are right.")
        return Finding("off by one", f"{told} There is one entry too few.")
    if more == 1:
        if agree(numbers[:-1], wanted):
            return Finding("off by one", f"{told} There is one entry too many at the end.")
        return Finding("off by one", f"{told} There is one entry too many.")
    return Finding("shape", told)
