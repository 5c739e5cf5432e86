"""Values that go into a learner's function and come out of it: copies, comparison, words.

Arguments are data. Two kinds of argument are more than numbers, and are written as data too: a
function is an `Expression`, a random generator is a `Seeded`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLOAT64 = np.dtype(np.float64)


@dataclass(frozen=True)
class Expression:
    """A function as an argument, by its source: readable, and the same in another process.

    Examples
    --------
    >>> df = Expression("lambda w: 2 * (w - 3)")
    >>> df(1.0), df
    (-4.0, lambda w: 2 * (w - 3))
    """

    source: str
    _function: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # the sources stand in the question bank: they are ours, like any other code of it
        object.__setattr__(self, "_function", eval(self.source, {"np": np}))

    def __call__(self, *args: Any) -> Any:
        """Return the function's value."""
        return self._function(*args)

    def __repr__(self) -> str:
        return self.source


@dataclass(frozen=True)
class Seeded:
    """A random generator as an argument, by its seed: every call gets one of its own.

    Examples
    --------
    >>> Seeded(7)
    np.random.default_rng(7)
    """

    seed: int

    def __repr__(self) -> str:
        return f"np.random.default_rng({self.seed})"


def whole_numbers(value: Any) -> Any:
    """Return arguments with every array of fractions as one of integers, rounded away from zero.

    Examples
    --------
    >>> whole_numbers((np.array([0.2, -1.5, 0.0]), 0.1))
    (array([ 1, -2,  0]), 0.1)
    """
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return (np.sign(value) * np.ceil(np.abs(value))).astype(int)
    if isinstance(value, tuple | list):
        return type(value)([whole_numbers(one) for one in value])
    return value


def fresh(value: Any) -> Any:
    """Return a copy that a function may change, with generators in place of their seeds.

    Examples
    --------
    >>> a = np.zeros(2)
    >>> b, rng = fresh((a, Seeded(0)))
    >>> b[0] = 1.0
    >>> a, rng.integers(10)
    (array([0., 0.]), np.int64(8))
    """
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, tuple | list):
        return type(value)([fresh(one) for one in value])
    if isinstance(value, dict):
        return {key: fresh(one) for key, one in value.items()}
    return np.random.default_rng(value.seed) if isinstance(value, Seeded) else value


# ----------------------------------------------------------------------------- comparison
@dataclass(frozen=True)
class Unjudged:
    """Stands for the facts about a value that is nothing like an answer: there are none.

    It agrees with no facts, whatever the value is; with another of its kind if the values agree.
    """

    value: Any


def is_number(value: Any) -> bool:
    """Return whether a value is one real number (an array without axes included).

    Examples
    --------
    >>> is_number(3), is_number(np.float64(3)), is_number(True), is_number(np.ones(1))
    (True, True, False, False)
    """
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, np.ndarray):
        return value.shape == () and value.dtype.kind in "iuf"
    return isinstance(value, int | float | np.integer | np.floating)


def is_truth(value: Any) -> bool:
    """Return whether a value is True or False, Python's or NumPy's."""
    return isinstance(value, bool | np.bool_)


def as_numbers(value: Any) -> NDArray[Any] | None:
    """Return a number, array or (nested) list of numbers as a float array, else None."""
    if value is None or _holds_text(value):
        return None  # an array of texts would have room for the longest in every place
    try:
        array = np.asarray(value)
        if array.dtype == object and all(type(one) in (int, float) for one in array.flat):
            array = np.vectorize(_as_float, otypes=[np.float64])(array)  # too long for 64 bits
        if array.dtype.kind not in "iuf":
            return None
        return array.astype(np.float64)
    except (ValueError, TypeError, OverflowError):
        return None


def _holds_text(value: Any) -> bool:
    """Return whether a value is text, or a (nested) list with some."""
    if isinstance(value, tuple | list):
        return any(map(_holds_text, value))
    return isinstance(value, str)


def _as_float(number: int | float) -> float:
    """Return a number as a float; ±∞ if it is too large for one."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def close(got: NDArray[Any], expected: NDArray[Any], tolerance: float) -> bool:
    """Return whether two arrays of one shape agree, entry by entry; NaN agrees with NaN."""
    if got.shape != expected.shape:
        return False
    if got.tobytes() == expected.tobytes():  # most are equal to the last bit, and this is fast
        return True
    with np.errstate(all="ignore"):
        distances, sizes = np.abs(got - expected), np.abs(expected)
        largest = sizes.max(initial=0.0)
        if np.isfinite(largest):
            return bool((distances <= _margin(largest, sizes, tolerance)).all())
        finite = np.isfinite(sizes)
        largest = sizes.max(initial=0.0, where=finite)
        near = finite & (distances <= _margin(largest, sizes, tolerance))
        same = (got == expected) | (np.isnan(got) & np.isnan(expected))
        return bool((same | near).all())


def _margin(largest: Any, sizes: NDArray[Any], tolerance: float) -> NDArray[Any]:
    """Return how far an entry may be off: entries near 0 are measured by the largest one too."""
    return tolerance * sizes + (tolerance * 1e-3 * largest + 1e-13)


def agree(got: Any, expected: Any, tolerance: float = 1e-6) -> bool:
    """Return whether a value is what was expected, in kind, shape and numbers.

    Lists count as arrays, and numbers of any type as numbers; truth values, text (in capitals or
    not) and None must be just that. Numbers may differ by `tolerance`, relative to the expected
    one.

    Examples
    --------
    >>> one, column = np.ones(2), np.ones((2, 1))
    >>> agree([1.0, 1.0], one), agree(1.0, True), agree(column, one)
    (True, False, False)
    """
    if type(got) is type(expected) is np.ndarray and got.dtype is expected.dtype is _FLOAT64:
        return close(got, expected, tolerance)  # by far the most frequent case
    if isinstance(got, Unjudged) or isinstance(expected, Unjudged):
        both = isinstance(got, Unjudged) and isinstance(expected, Unjudged)
        return both and agree(got.value, expected.value, tolerance)
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and got.keys() == expected.keys()
            and all(agree(got[key], expected[key], tolerance) for key in expected)
        )
    if isinstance(expected, tuple | list):
        if not isinstance(got, tuple | list | np.ndarray):
            return False
        same = _length(got) == len(expected)
        return same and all(agree(g, e, tolerance) for g, e in zip(got, expected, strict=True))
    if is_truth(expected):
        return is_truth(got) and bool(got) == bool(expected)
    if expected is None:
        return got is None
    if isinstance(expected, str):
        return isinstance(got, str) and got.strip().casefold() == expected.strip().casefold()
    wanted = as_numbers(expected)
    if (
        wanted is None
        or is_truth(got)
        or (isinstance(got, np.ndarray) and got.shape != wanted.shape)
    ):
        return False
    numbers = as_numbers(got)
    return numbers is not None and close(numbers, wanted, tolerance)


def _length(value: Any) -> int:
    try:
        return len(value)
    except TypeError:
        return -1


def has_parts(value: Any) -> bool:
    """Return whether a value is made of parts to be looked at one by one: arrays, tuples, dicts.

    A list or tuple of plain numbers counts as one array.

    Examples
    --------
    >>> has_parts([np.ones(2), np.ones(2)]), has_parts([1.0, 2.0]), has_parts(([1.0], [2.0, 3.0]))
    (True, False, True)
    """
    if isinstance(value, tuple | list):
        return as_numbers(value) is None or any(
            isinstance(one, np.ndarray) and one.ndim > 0 for one in value
        )
    return isinstance(value, dict)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the parts of a value that have no further parts, with their places.

    Examples
    --------
    >>> [place for place, _ in leaves((1.0, [np.ones(2), np.ones(3)]))]
    ['[0]', '[1][0]', '[1][1]']
    """
    for place, part, _ in paired_leaves(value, value, path):
        yield place, part


def paired_leaves(got: Any, expected: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the parts of two values of one structure, that of the second, with their places."""
    if isinstance(expected, dict):
        for key, one in expected.items():
            yield from paired_leaves(got[key], one, f"{path}[{key!r}]")
    elif isinstance(expected, tuple) or has_parts(expected):
        for i, (one, wanted) in enumerate(zip(got, expected, strict=False)):
            yield from paired_leaves(one, wanted, f"{path}[{i}]")
    else:
        yield path, got, expected


# ---------------------------------------------------------------------------------- words
def kind(value: Any) -> str:
    """Say what kind of value it is, with its shape, in a few words.

    Examples
    --------
    >>> kind(np.ones((2, 3))), kind(1.5), kind(None), kind([1, 2])
    ('an array of shape (2, 3)', 'a number', 'None', 'a list of 2')
    """
    if value is None:
        return "None"
    if is_truth(value):
        return "a truth value"
    if is_number(value):
        return "a number"
    match value:
        case np.ndarray():
            what = "" if value.dtype.kind in "iuf" else f" of dtype {value.dtype}"
            return f"an array{what} of shape {value.shape}"
        case str():
            return "text"
        case tuple() | list():
            return f"a {type(value).__name__} of {len(value)}"
        case dict():
            return f"a dict with the keys {', '.join(map(repr, value))}"
    name = type(value).__name__
    return f"a value of type {name}"


def shown(value: Any, limit: int = 400) -> str:
    """Write a value so that it can be read, and pasted into a cell; long ones are cut.

    Examples
    --------
    >>> shown(np.array([[1.0, 2.0], [3.0, 4.0]]))
    'np.array([[1.0, 2.0], [3.0, 4.0]])'
    """
    words = ""
    try:
        for part in _written(value):
            words += part
            if len(words) > limit:
                return f"{words[: limit - 1]}…"
    except Exception:  # a learner's object whose repr fails
        return f"<{type(value).__name__}>"
    return words


def _written(value: Any) -> Iterator[str]:
    """Yield what a value is written as, part by part: of a large one only the beginning is read."""
    match value:
        case np.ndarray() if value.dtype.kind in "iufb":
            yield "np.array("
            yield from _listed(value.tolist(), "[]")
            yield ")"
        case np.generic():
            yield _rounded(value.item())
        case bool() | int() | float():
            yield _rounded(value)
        case tuple():
            yield from _listed(value, "()" if len(value) != 1 else ("(", ",)"))
        case list():
            yield from _listed(value, "[]")
        case dict():
            for i, (key, one) in enumerate(value.items()):
                yield f"{', ' if i else '{'}{key!r}: "
                yield from _written(one)
            yield "}" if value else "{}"
        case Unjudged():
            yield from _written(value.value)
        case _:
            yield repr(value)


def _listed(values: Any, brackets: Sequence[str]) -> Iterator[str]:
    """Yield the parts of what stands in brackets; a single number, which needs none, as it is."""
    if not isinstance(values, list | tuple):
        yield _rounded(values)
        return
    yield brackets[0]
    for i, one in enumerate(values):
        if i:
            yield ", "
        yield from _written(one)
    yield brackets[1]


def _rounded(value: Any) -> str:
    """Write a number with at most eight digits: enough to tell two apart, short enough to read."""
    if isinstance(value, float) and np.isfinite(value):
        return repr(float(f"{value:.8g}"))
    return f"np.{value}" if isinstance(value, float) else repr(value)
