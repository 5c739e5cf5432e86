"""What the numbers of a wrong answer say on every input, without its mistake being known.

Each family looks at the pairs (got, expected) of all calls and returns a sentence, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from course.exercises.structure import TOLERANCE, Finding, same
from course.exercises.values import is_truth

Array = NDArray[Any]


class Pair(NamedTuple):
    """What came and what should have come from one call, as arrays of one shape."""

    got: Array
    expected: Array
    sizes: dict[str, float]  # lengths and whole numbers among the arguments, by name


def sizes_of(names: Sequence[str], args: Sequence[Any]) -> dict[str, float]:
    """Return what a learner may have divided by: lengths of arguments, and whole numbers.

    Examples
    --------
    >>> sizes_of(("X", "n"), (np.ones((4, 2)), 3))
    {'len(X)': 4.0, 'X.shape[1]': 2.0, 'X.size': 8.0, 'n': 3.0}
    """
    found: dict[str, float] = {}
    for name, value in zip(names, args, strict=False):
        if isinstance(value, np.ndarray) and value.ndim:
            found[f"len({name})"] = float(len(value))
            if value.ndim > 1:
                found[f"{name}.shape[1]"] = float(value.shape[1])
                found[f"{name}.size"] = float(value.size)
        elif isinstance(value, int) and not is_truth(value):
            found[name] = float(value)
    return found


def ratio(pair: Pair) -> float | None:
    """Return the c with got = c · expected in every entry, if there is one (NaN: expected is 0)."""
    got, expected = pair.got, pair.expected
    if not np.isfinite(got).all() or not np.isfinite(expected).all():
        return None
    norm = float(np.vdot(expected, expected))
    if norm == 0:
        return float("nan") if not np.any(got) else None
    c = float(np.vdot(expected, got)) / norm
    return c if same(got, c * expected) and c != 0 else None


#: factors that a single number is believed to have
_PLAIN = (0.5, 1.0, 2.0)


def ratios(pairs: Sequence[Pair]) -> list[tuple[float, Pair]] | None:
    """Return the ratio of each pair that has one, or None if some pair is no multiple at all."""
    found = [(ratio(pair), pair) for pair in pairs]
    if any(c is None for c, _ in found):
        return None
    told = [(c, pair) for c, pair in found if c is not None and not np.isnan(c)]
    if len(told) == 1:
        c, pair = told[0]  # one number is always some multiple of another
        plain = any(abs(abs(c) - factor) < TOLERANCE for factor in _PLAIN)
        if not plain and np.count_nonzero(pair.expected) < 2:
            return None
    return told if len(told) >= 2 or (told and len(pairs) == 1) else None


def by_sign(pairs: Sequence[Pair]) -> str | None:
    """Look for a sign that is wrong everywhere."""
    told = ratios(pairs)
    if told and all(abs(c + 1) < TOLERANCE for c, _ in told) and not _one_whole_number(pairs):
        return "Every result is the negative of the right one: a sign is wrong."
    return None


def _one_whole_number(pairs: Sequence[Pair]) -> bool:
    """Return whether one and the same whole number is right each time: it says little about −1."""
    wanted = {float(n) for pair in pairs for n in pair.expected.ravel()}
    return len(pairs) > 1 and len(wanted) == 1 and all(n.is_integer() for n in wanted)


def by_factor(pairs: Sequence[Pair]) -> str | None:
    """Look for a constant factor, the same for all inputs."""
    told = ratios(pairs)
    if not told:
        return None
    c = told[0][0]
    if abs(c - 1) < TOLERANCE or any(abs(other - c) > TOLERANCE * abs(c) for other, _ in told):
        return None
    words = f"Every result is {number_words(c)} times the right one"
    reason = _LOGARITHMS.get(round(c, 6))
    if c < 0:
        return f"{words}: a sign is wrong, and a factor besides."
    return f"{words}{': ' + reason if reason else ''}."


_LOGARITHMS = {
    round(1 / np.log(2), 6): "that is 1/ln 2, a logarithm to the base 2",
    round(1 / np.log(10), 6): "that is 1/ln 10, a logarithm to the base 10",
    round(float(np.log(2)), 6): "that is ln 2",
}


def by_size(pairs: Sequence[Pair]) -> str | None:
    """Look for a factor that is a size: N, k, a number of steps."""
    told = ratios(pairs)
    if not told or len({round(c, 9) for c, _ in told}) < 2:
        return None
    names = [n for n in told[0][1].sizes if all(n in pair.sizes for _, pair in told)]
    for constant in (1.0, 2.0, 0.5, -1.0, -2.0, -0.5):
        for name in names:
            for power, words in (
                (1, "{} times"),
                (-1, "1/{} of"),
                (0.5, "√{} times"),
                (-0.5, "1/√{} of"),
            ):
                if all(
                    pair.sizes[name] > 0
                    and abs(c - constant * pair.sizes[name] ** power) < TOLERANCE * abs(c)
                    for c, pair in told
                ):
                    also = "" if constant == 1 else f", times {number_words(constant)}"
                    return f"Every result is {words.format(name)} the right one{also}."
    return None


def by_transpose(pairs: Sequence[Pair]) -> str | None:
    """Look for a square table that is transposed."""
    tables = [p for p in pairs if p.got.ndim == 2 and min(p.got.shape) > 1]
    if tables and len(tables) == len(pairs) and all(same(p.got.T, p.expected) for p in pairs):
        return "The numbers are right, but the table is transposed."
    return None


def by_shift(pairs: Sequence[Pair]) -> str | None:
    """Look for a sequence that is one step early or late."""
    rows = [p for p in pairs if p.got.ndim >= 1 and len(p.got) > 2]
    if not rows:
        return None
    if all(same(p.got[1:], p.expected[:-1]) for p in rows):
        return "The entries are those of one step earlier: it is one step late."
    if all(same(p.got[:-1], p.expected[1:]) for p in rows):
        return "The entries are those of one step later: it is one step ahead."
    return None


def by_order(pairs: Sequence[Pair]) -> str | None:
    """Look for the right numbers in another order."""
    rows = [p for p in pairs if p.got.ndim == 1 and len(p.got) > 1]
    if not rows or len(rows) != len(pairs):
        return None
    if all(same(p.got[::-1], p.expected) for p in rows):
        return "The entries are right, but in reverse order."
    if all(same(np.sort(p.got), np.sort(p.expected)) for p in rows):
        return "The entries are right, but in another order."
    return None


def by_offset(pairs: Sequence[Pair]) -> str | None:
    """Look for a constant that is added."""
    if len(pairs) < 2:
        return None
    offsets = [p.got - p.expected for p in pairs]
    if not all(np.isfinite(o).all() for o in offsets):
        return None
    first = float(offsets[0].flat[0]) if offsets[0].size else 0.0
    scale = max(1.0, *(float(np.abs(p.expected).max()) for p in pairs if p.expected.size))
    margin = min(1e-7 * scale, 1e-3 * abs(first))
    if abs(first) < 1e-9 or any(np.abs(o - first).max() > margin for o in offsets if o.size):
        return None
    return f"Every result is too {'large' if first > 0 else 'small'} by {number_words(abs(first))}."


def by_power(pairs: Sequence[Pair]) -> str | None:
    """Look for a root too many or too few, an inverse, an absolute value, 1 minus it."""
    tests: tuple[tuple[Callable[[Array], Array], str], ...] = (
        (np.square, "the square of"),
        (np.sqrt, "the root of"),
        (np.abs, "the absolute value of"),
        (lambda e: 1 / e, "the inverse 1/… of"),
        (lambda e: 1 - e, "1 minus"),
        (np.exp, "e to the power of"),
        (np.log, "the logarithm of"),
    )
    if len(pairs) < 2 or not all(np.isfinite(p.expected).all() for p in pairs):
        return None
    for f, words in tests:
        with np.errstate(all="ignore"):
            turned = [f(p.expected) for p in pairs]
        if all(np.isfinite(t).all() for t in turned) and all(
            same(p.got, t) for p, t in zip(pairs, turned, strict=True)
        ):
            return f"Every result is {words} the right one."
    return None


def by_truncation(pairs: Sequence[Pair]) -> str | None:
    """Look for results that are cut to whole numbers."""
    if not any(np.any(p.got) for p in pairs):
        return None  # nothing but zeros may come from anything
    if all(same(p.got, np.trunc(p.expected)) or same(p.got, np.round(p.expected)) for p in pairs):
        return (
            "The results are cut to whole numbers: by // or int(), or because an array of integers "
            "was written to, which has to be one of floats."
        )
    return None


def by_zero(pairs: Sequence[Pair]) -> str | None:
    """Look for nothing but zeros, or one and the same number for all inputs."""
    if len(pairs) < 2 or not all(p.got.size for p in pairs):
        return None
    if not any(np.any(p.got) for p in pairs):
        return "Every result is zero."
    first = pairs[0].got.flat[0]
    wanted = {round(float(p.expected.flat[0]), 12) for p in pairs}
    if len(wanted) > 1 and all(same(p.got, np.full_like(p.got, first)) for p in pairs):
        return f"Every result is {number_words(float(first))}, whatever the arguments are."
    return None


def by_departure(pairs: Sequence[Pair]) -> str | None:
    """Look for a path that starts right and leaves after some steps."""
    rows = [p for p in pairs if p.got.ndim >= 1 and len(p.got) > 2]
    if not rows or len(rows) < len(pairs) / 2:
        return None
    right = []
    for p in rows:
        agreed = [same(g, e) for g, e in zip(p.got, p.expected, strict=True)]
        right.append(agreed.index(False) if False in agreed else len(agreed))
    fewest = min(right)
    if fewest < 1 or any(r == len(p.got) for r, p in zip(right, rows, strict=True)):
        return None
    first = "first entry is right" if fewest == 1 else f"first {fewest} entries are right"
    return f"The {first}, and the next one is not."


#: from the most telling to the least
NUMERIC: tuple[tuple[str, Callable[[Sequence[Pair]], str | None]], ...] = (
    ("sign", by_sign),
    ("transpose", by_transpose),
    ("factor", by_factor),
    ("factor", by_size),
    ("constant", by_zero),
    ("off by one", by_shift),
    ("order", by_order),
    ("dtype", by_truncation),
    ("power", by_power),
    ("offset", by_offset),
    ("departure", by_departure),
)


def findings(pairs: Sequence[Pair]) -> Iterator[Finding]:
    """Yield every family that fits, the most telling first."""
    for family, test in NUMERIC:
        sentence = test(pairs)
        if sentence:
            yield Finding(family, sentence)


def number_words(c: float) -> str:
    """Write a number as a small fraction if it is one.

    Examples
    --------
    >>> number_words(0.5), number_words(-2.0), number_words(2 / 3), number_words(1.4427)
    ('1/2', '−2', '2/3', '1.443')
    """
    fraction = Fraction(c).limit_denominator(12)
    near = abs(c - float(fraction)) <= 1e-6 * max(1.0, abs(c)) and (fraction != 0 or c == 0)
    words = str(fraction) if near and abs(fraction) < 1000 else f"{c:.4g}"
    return words.replace("-", "−")
