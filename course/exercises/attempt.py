"""Call an answer on arguments, whatever it does: raise, hang, print, change what it was given."""

from __future__ import annotations

import _thread
import contextlib
import dis
import io
import linecache
import signal
import threading
import warnings
from collections.abc import Iterator, Sequence
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from course.exercises import session
from course.exercises.question import Args, Function, Question
from course.exercises.values import fresh


class TimeIsUp(Exception):
    """The answer did not come back in time."""


class Trial(NamedTuple):
    """What one call did.

    Attributes
    ----------
    args : what it was given, as data.
    value : what it returned; None if it raised.
    error : what it raised, or None.
    changed : the places of the arguments that it changed.
    after : the arguments after the call.
    printed : what it wrote.
    line : the number and text of the answer's own line that raised, if another process saw it.
    """

    args: Args
    value: Any
    error: BaseException | None = None
    changed: tuple[int, ...] = ()
    after: Args = ()
    printed: str = ""
    line: tuple[int, str] | None = None


def attempt(question: Question, f: Function, args: Args) -> Trial:
    """Call an answer once on copies of the arguments; nothing that it does gets out.

    KeyboardInterrupt and TimeIsUp pass: whoever sets the time limit decides what they mean.
    """
    try:
        return attempts(question, f, [args])[0]
    finally:
        session.restored()  # an answer that replaces what NumPy has is compared by NumPy's own


def attempts(question: Question, f: Function, inputs: Sequence[Args]) -> list[Trial]:
    """Call an answer on each of these inputs, as `attempt` does.

    What it does to NumPy's settings or to `sys.stdout` lasts until the last call: meant for our own
    functions, of which many are called.
    """
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), _quiet():
        return [_attempted(question, f, args, output) for args in inputs]


def _attempted(question: Question, f: Function, args: Args, output: io.StringIO) -> Trial:
    given = fresh(args)
    output.seek(0)
    output.truncate()
    value, error = None, None
    try:
        value = question.call(f, given)
    except (KeyboardInterrupt, TimeIsUp):
        raise
    except BaseException as raised:  # SystemExit too: exit() in an answer is an answer's error
        error = raised
    changed = changed_arguments(args, given)
    after = args
    if changed:
        after = tuple(fresh(given[i]) if i in changed else arg for i, arg in enumerate(args))
    kept = None
    if error is None:
        try:  # a result may be a view of an argument; and an answer may keep what it returned
            kept = question.compared(_kept(value), args)
        except RecursionError:
            error = RecursionError("what it returns contains itself")
    return Trial(args, kept, error, changed, after, output.getvalue())


def changed_arguments(args: Args, after: Sequence[Any]) -> tuple[int, ...]:
    """Return the places of the arguments that are not what they were before a call."""
    return tuple(
        i
        for i, (before, now) in enumerate(zip(args, after, strict=True))
        if isinstance(before, np.ndarray | list | dict)
        and before is not now
        and not _unchanged(before, now)
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let NumPy's warnings go nowhere: in a graded cell any word on stderr costs all points."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _unchanged(before: Any, now: Any) -> bool:
    """Return whether an argument is what it was, to the last bit."""
    if type(before) is not type(now):
        return False
    if isinstance(before, np.ndarray):
        return (
            before.dtype == now.dtype
            and before.shape == now.shape
            and before.tobytes() == now.tobytes()
        )
    if isinstance(before, tuple | list):
        return len(before) == len(now) and all(map(_unchanged, before, now))
    if isinstance(before, dict):
        return before.keys() == now.keys() and all(_unchanged(before[k], now[k]) for k in before)
    return bool(before == now or before != before)


def _kept(value: Any) -> Any:
    try:
        return fresh(value)
    except RecursionError:
        raise
    except Exception:  # an object that does not let itself be copied: then it is no right answer
        return value


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeIsUp in the block once the time is up, as the kernel's own interrupt does.

    The interrupt reaches the main thread, where cells run; on another thread there is no limit. It
    comes again and again, for an answer that catches the first one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    over = threading.Event()
    fired = threading.Event()

    def watch() -> None:
        wait = seconds
        while not over.wait(wait):
            fired.set()
            _interrupt()
            wait = 0.25

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        with _interruptible():
            try:
                yield
            finally:
                over.set()
                watcher.join()
    except KeyboardInterrupt:
        if fired.is_set():
            raise TimeIsUp(f"it did not come back within {seconds:g} seconds") from None
        raise  # the learner pressed stop


def _interrupt() -> None:
    """Interrupt the main thread, also where it sleeps."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let interrupts through in the block: a script's background job is started to ignore them."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if before is signal.SIG_IGN:
            signal.signal(signal.SIGINT, before)


# ------------------------------------------------------------------ the learner's own line
def own_line(error: BaseException, f: Function) -> tuple[int, str] | None:
    """Return the number and text of the line of the answer's own file that raised, if any.

    Number 1 is the first line of the cell or file.
    """
    code = code_of(f)
    if isinstance(error, SyntaxError) or code is None:
        return None
    number, trace = 0, error.__traceback__
    while trace is not None:  # a recursion may be very deep
        if trace.tb_frame.f_code.co_filename == code.co_filename:
            number = trace.tb_lineno
        trace = trace.tb_next
    if not number:
        return None
    return number, linecache.getline(code.co_filename, number).strip()


def code_of(f: Function) -> CodeType | None:
    """Return the code of a plain function, or None."""
    return getattr(f, "__code__", None)


#: what the bytecode of an empty body consists of, in any version of Python
_NOTHING = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}


def is_stub(f: Function | None, trials: Sequence[Trial]) -> bool:
    """Return whether an answer was not begun: it raises NotImplementedError, or does nothing."""
    if any(isinstance(trial.error, NotImplementedError) for trial in trials):
        return True
    code = code_of(f) if f is not None else None
    if code is None or any(trial.value is not None or trial.error for trial in trials):
        return False
    return {instruction.opname for instruction in dis.get_instructions(code)} <= _NOTHING
