"""The session around a check: it is left as it was, and NumPy in it is NumPy's own."""

from __future__ import annotations

import contextlib
import os
import random
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any, Final

import numpy as np

_MODULES: Final[tuple[ModuleType, ...]] = (np, np.linalg, np.random)


def _own(module: ModuleType) -> dict[str, Any]:
    kinds = (np.ufunc, FunctionType, type, type(np.sum), type(np.random.rand), float)
    return {name: value for name, value in vars(module).items() if isinstance(value, kinds)}


#: what NumPy consisted of when the course was imported
_OWN: Final = tuple((module, _own(module)) for module in _MODULES)


def replaced() -> list[tuple[ModuleType, str, Any]]:
    """Return what of NumPy's own is something else now: where, its name, and what it is."""
    found = []
    for module, own in _OWN:
        there = vars(module)
        for name, value in own.items():
            if there.get(name) is not value:
                found.append((module, name, there.get(name)))
    return found


def restored() -> list[str]:
    """Put NumPy's own functions where they belong; return the names of what stood there instead."""
    found = replaced()
    for module, name, _ in found:
        own = next(own for one, own in _OWN if one is module)
        setattr(module, name, own[name])
    return [f"{module.__name__.replace('numpy', 'np')}.{name}" for module, name, _ in found]


@contextlib.contextmanager
def as_it_was() -> Iterator[list[str]]:
    """Run the block with NumPy's own functions, and leave the session afterwards as it was.

    That is the state of both global random generators, NumPy's way to print and what it does about
    errors, the working directory, the limit of recursion, and what the learner has put in the place
    of functions of NumPy; the names of those are what the block is given.
    """
    changed = replaced()
    names = restored()
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    shown, errors = np.get_printoptions(), np.geterr()
    folder, deepest = os.getcwd(), sys.getrecursionlimit()
    try:
        yield names
    finally:
        restored()
        for module, name, value in changed:
            if value is None:
                delattr(module, name)
            else:
                setattr(module, name, value)
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002
        if np.get_printoptions() != shown:
            np.set_printoptions(**shown)
        if np.geterr() != errors:
            np.seterr(**errors)
        with contextlib.suppress(OSError):
            os.chdir(folder)
        sys.setrecursionlimit(deepest)
