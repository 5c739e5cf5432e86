"""The source of a function with all that it needs, for a process that has no `course`."""

from __future__ import annotations

import dis
import inspect
import sys
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType, ModuleType
from typing import Any

PLAIN = (bool, int, float, str, tuple, frozenset, type(None))


def portable(function: Callable[..., Any]) -> str:
    """Return source that defines a function, the functions and constants it uses, and imports.

    Raises TypeError for a function that uses something else of its module, such as a class of ours.

    Examples
    --------
    >>> from course.exercises.values import kind
    >>> namespace = {}
    >>> exec(portable(kind), namespace)
    >>> namespace["kind"](1.5)
    'a number'
    """
    parts: dict[str, str] = {}
    _collect(function, parts)
    # type hints may name what is not sent along
    return "\n\n".join(["from __future__ import annotations", *parts.values()]) + "\n"


def _collect(function: Any, parts: dict[str, str]) -> None:
    """Add a function's source to the parts, after all that it needs."""
    if function.__name__ in parts:
        return
    parts[function.__name__] = ""  # two functions may call each other
    for name in sorted(_names(function.__code__)):
        value = function.__globals__.get(name, _MISSING)
        if value is _MISSING or name in parts:
            continue
        if isinstance(value, ModuleType):
            parts[name] = f"import {value.__name__} as {name}"
        elif isinstance(value, FunctionType):
            if value.__name__ != name:
                raise TypeError(f"{function.__name__} uses {name}, another name of a function")
            _collect(value, parts)
        elif _is_standard(value):
            parts[name] = f"from {value.__module__} import {value.__name__} as {name}"
        elif isinstance(value, PLAIN):
            parts[name] = f"{name} = {value!r}"
        else:
            raise TypeError(f"{function.__name__} uses {name}, which cannot be sent along")
    del parts[function.__name__]  # now behind what it needs
    source = textwrap.dedent(inspect.getsource(function))
    parts[function.__name__] = source


def _is_standard(value: Any) -> bool:
    """Return whether a value is a class or function that Python brings along."""
    module = getattr(value, "__module__", None) or ""
    return callable(value) and module.partition(".")[0] in sys.stdlib_module_names


def _names(code: CodeType) -> set[str]:
    """Return the global names that a piece of code reads, nested functions included."""
    found = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant)
    return found


_MISSING = object()
