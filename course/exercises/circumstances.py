"""On which inputs does an answer fail? What these have in common, and no other, tells why.

A circumstance is a fact about the arguments, such as "`y` is an array of whole numbers". It is told
only if every input of which it is true fails, and no other: so the sentence is true of all inputs
that were tried, whatever the mistake is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np

from course.exercises.question import Args
from course.exercises.values import is_truth

LARGE, SMALL = 100.0, 1e-4


class Fact(NamedTuple):
    """Something that is true of the arguments of a call.

    `telling` facts are rare enough to say something even if a single input fails; of the others,
    such as an odd length, half the inputs are true anyway.
    """

    words: str
    telling: bool


def common_to_failures(
    names: Sequence[str], inputs: Sequence[Args], passed: Sequence[bool]
) -> str | None:
    """Return in words what all inputs that fail have in common and no other has, or None.

    Examples
    --------
    >>> inputs = [(np.array([2, 3]),), (np.array([1.5, 2.5]),), (np.array([0.25, 3.5]),)]
    >>> common_to_failures(["y"], inputs, [False, True, True])
    '`y` is an array of whole numbers'
    """
    failing = frozenset(i for i, ok in enumerate(passed) if not ok)
    if not failing or len(failing) == len(inputs):
        return None
    many = min(len(failing), len(inputs) - len(failing)) >= 3
    holds: dict[Fact, set[int]] = {}
    for i, args in enumerate(inputs):
        for fact in facts(names, args):
            holds.setdefault(fact, set()).add(i)
    exact = [fact for fact, where in holds.items() if where == failing and (fact.telling or many)]
    exact.sort(key=lambda fact: not fact.telling)
    if exact:
        return exact[0].words
    if many:
        choices = [fact for fact in holds if " is '" in fact.words or " is True" in fact.words]
        choices += [fact for fact in holds if " is False" in fact.words]
        for one, other in product(choices, holds):
            if one != other and holds[one] & holds[other] == failing:
                return f"{one.words} and {other.words}"
    return None


def facts(names: Sequence[str], args: Args) -> Iterator[Fact]:
    """Yield what there is to say about the arguments of one call."""
    named = list(zip(names, args, strict=False))
    for name, value in named:
        yield from _of_one(f"`{name}`", value)
    arrays = [(name, value) for name, value in named if isinstance(value, np.ndarray)]
    for (one, a), (other, b) in combinations(arrays, 2):
        if a.shape == b.shape and a.ndim and (a == b).any():
            yield Fact(f"`{one}` and `{other}` have an equal entry", True)
    for name, value in named:
        if isinstance(value, int) and not is_truth(value) and value > 0:
            for other, a in arrays:
                if a.ndim and len(a) < value:
                    yield Fact(f"`{name}` is more than `len({other})`", True)
                if a.ndim and len(a) % value:
                    yield Fact(f"`{name}` does not divide `len({other})`", False)


def _of_one(name: str, value: Any) -> Iterator[Fact]:
    if isinstance(value, str):
        yield Fact(f"{name} is {value!r}", False)
    elif is_truth(value):
        yield Fact(f"{name} is {bool(value)}", False)
    elif isinstance(value, int):
        yield Fact(f"{name} is a whole number", True)
        if value in (0, 1):
            yield Fact(f"{name} is {value}", True)
    elif isinstance(value, np.ndarray):
        yield from _of_array(name, value)
    elif isinstance(value, list | tuple):
        if len(value) == 1:
            yield Fact(f"{name} has a single entry", True)
        if any(isinstance(part, np.ndarray) and part.dtype.kind in "iu" for part in value):
            yield Fact(f"{name} holds arrays of whole numbers", True)


def _of_array(name: str, value: np.ndarray[Any, Any]) -> Iterator[Fact]:
    if value.dtype.kind in "iu":
        yield Fact(f"{name} is an array of whole numbers", True)
    if value.dtype.kind not in "iuf" or not value.size:
        return
    size = np.abs(value)
    if not size.any():
        yield Fact(f"{name} is zero", True)
    elif (size == 0).any():
        yield Fact(f"{name} holds a 0", True)
    if size.max() >= LARGE:
        yield Fact(f"{name} holds a number of size {LARGE:g} or more", True)
    if 0 < size.max() <= SMALL:
        yield Fact(f"all numbers in {name} are tiny", True)
    if (value != np.round(value)).any():
        yield Fact(f"{name} holds fractions", False)
    if (value < 0).any():
        yield Fact(f"{name} holds negative numbers", False)
    yield Fact(f"{name} has {value.ndim} ax{'is' if value.ndim == 1 else 'es'}", False)
    if value.ndim:
        n = len(value)
        yield Fact(f"`len({name[1:-1]})` is {'odd' if n % 2 else 'even'}", False)
        if n > 2:
            yield Fact(f"`len({name[1:-1]})` is more than 2", False)
        if n == 1:
            yield Fact(f"{name} has a single entry", True)
