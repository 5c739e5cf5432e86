"""Answers that cannot be interrupted are rehearsed in a process of their own first.

An interrupt reaches Python between two of its instructions. `sum(range(10**12))` is one of them: it
would hang until the kernel is killed, and with it all that was not saved.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from types import CodeType
from typing import Final

from course.exercises.attempt import code_of
from course.exercises.question import Function

#: what runs through all of something in one go, and what may be endless, or nearly
_CONSUMERS: Final = frozenset(
    ("sum", "max", "min", "any", "all", "list", "tuple", "set", "sorted", "frozenset", "bytes")
    + ("bytearray", "deque", "array", "arange", "fromiter", "prod", "fsum", "join")
)
_SOURCES: Final = frozenset(("range", "count", "cycle", "repeat", "iter"))


def is_called_for(f: Function) -> bool:
    """Return whether an answer may run for long in one instruction, and can be tried elsewhere."""
    if not sys.platform.startswith("linux"):
        return False
    code = code_of(f)
    names = _names(code) if code is not None else set()
    return bool(names & _CONSUMERS and names & _SOURCES)


def _names(code: CodeType) -> set[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant)
    return found


def comes_back(work: Callable[[], object], seconds: float) -> bool:
    """Return whether some work ends in time, by doing it in a process that is thrown away."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: the child needs none
        pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            work()
        os._exit(0)
    end = time.monotonic() + seconds
    pause = 0.001
    try:
        while time.monotonic() < end:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return True
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
    except BaseException:
        _end(pid)
        raise
    _end(pid)
    return False


def _end(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
