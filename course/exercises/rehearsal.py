"""Answers that cannot be interrupted are rehearsed in a process of their own first.

An interrupt reaches Python between two of its instructions. `sum(range(10**12))` is one of them: it
would hang until the kernel is killed, and with it all that was not saved.
"""

from __future__ import annotations

import contextlib
import dis
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Final

from course.exercises.attempt import code_of
from course.exercises.question import Function

#: functions that run through all of something in one go, and names of what may have no end
_CONSUMERS: Final = frozenset(
    ("sum", "max", "min", "any", "all", "list", "tuple", "set", "sorted", "frozenset", "bytes")
    + ("bytearray", "deque", "fsum")
)
_SOURCES: Final = frozenset(("range", "count", "cycle", "repeat", "iter"))


def is_called_for(f: Function) -> bool:
    """Return whether an answer may run for long in one instruction, and can be tried elsewhere."""
    if not sys.platform.startswith("linux"):
        return False
    code = code_of(f)
    if code is None:
        return False
    codes = list(_codes(code))
    called = {i.argval for c in codes for i in dis.get_instructions(c) if i.opname == "LOAD_GLOBAL"}
    named = {name for c in codes for name in c.co_names}
    return bool(called & _CONSUMERS and named & _SOURCES)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def trouble(work: Callable[[], object], seconds: float) -> str:
    """Say what becomes of some work that does not end well, by doing it in a process of its own.

    Empty if it ends in time, whatever it raises.
    """
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
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return "It ended the process that ran it." if os.WIFSIGNALED(status) else ""
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
    except BaseException:
        _end(pid)
        raise
    _end(pid)
    return f"It had not come back after {seconds:g} seconds, and was stopped."


def _end(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
