"""What is said of an answer beside its mistakes: its error, its arguments, what was tried."""

from __future__ import annotations

import builtins
import dis
import inspect
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from course.exercises.attempt import Trial, code_of, own_line
from course.exercises.bench import Bench, Run
from course.exercises.outcome import Raised
from course.exercises.question import Args, Function, Question
from course.exercises.values import shown


def raised(question: Question, f: Function | None, trial: Trial) -> Raised:
    """Return the outcome of an answer that raised an error in this trial."""
    error = trial.error
    assert error is not None
    words = f"{type(error).__name__}: {error}".strip().rstrip(":")
    line = own_line(error, f) if f is not None else trial.line
    if line:
        line = line[0], line[1] if len(line[1]) <= 200 else f"{line[1][:199]}…"
    return Raised(
        question.name,
        question.points,
        error=words[:500],
        line=line,
        arguments=call_of(question, trial.args),
        advice=advice(error),
    )


def advice(error: BaseException) -> str:
    """Say what an error usually means."""
    words = str(error)
    match error:
        case NameError():
            return (
                "A name is used that was never given a value here. Is it misspelt, or defined in a "
                "cell that has not run since the kernel was restarted?"
            )
        case TypeError() if "NoneType" in words:
            return "Something is None: often a function that prints, or forgets its `return`."
        case TypeError() if "'Expression'" in words or "'function'" in words:
            return (
                "A function stands where a number is needed: call it, with its argument in "
                "parentheses."
            )
        case TypeError() if "Cannot cast ufunc" in words:
            return (
                "An array of whole numbers takes no fractions: make it an array of floats before "
                "you change it with += or -=."
            )
        case np.exceptions.AxisError():
            return (
                "The array has fewer axes than that: axis 0 is the first, axis 1 the second. Print "
                "its `.shape` just before that line."
            )
        case ValueError() if "einstein" in words or "einsum" in words:
            return "The letters of np.einsum have to fit: one for each axis of each array."
        case ValueError() if "truth value of an array" in words:
            return (
                "An array stands where one truth value is needed. `if`, `and`, `or` and `max` take "
                "it as a whole; np.where and np.maximum go entry by entry."
            )
        case ValueError() if "values to unpack" in words:
            return "There are more or fewer values than names to take them: count them."
        case ValueError() if "broadcast" in words or "matmul" in words or "aligned" in words:
            return "Two shapes do not fit. Print both `.shape`s just before that line."
        case IndexError() if "integer" in words or "valid indices" in words:
            return "An index has to be a whole number, or an array of whole numbers."
        case IndexError():
            return "An index is beyond the end. Python counts from 0 to len − 1."
        case ZeroDivisionError():
            return "Something is divided by zero: what is the divisor for this call?"
        case RecursionError() if "contains itself" in words:
            return "A list was put into itself: is it the right name in the parentheses of append?"
        case RecursionError():
            return "The function calls itself without end."
        case SystemExit():
            return "Leave out exit(): an answer returns its result."
    return ""


def call_of(question: Question, args: Args) -> str:
    """Write the call that was made."""
    return f"{question.name}({', '.join(map(shown, args))})"


def what_was_tried(table: Bench) -> str:
    """Say on which inputs an answer was right."""
    drawn = len(table.inputs) - table.edges
    words = f"It agrees with the reference on {drawn} random inputs"
    if not table.question.parameters:
        return "That is the answer."
    if table.edges:
        words += f" and {table.edges} special one{'s' if table.edges > 1 else ''}"
    return f"{words}. Nothing else was tried."


def looseness(question: Question, run: Run, right: Run) -> tuple[str, ...]:
    """Return a note on what was accepted though it is not quite what was asked for."""
    if question.accepts is None and any(
        isinstance(r.value, np.ndarray) and isinstance(g.value, list | tuple)
        for g, r in zip(run, right, strict=True)
    ):
        return ("It returns a list, which counts; NumPy arrays can be computed with.",)
    return ()


def misfit(question: Question, f: Callable[..., Any]) -> str:
    """Return what is wrong with the arguments that a function takes, or an empty string."""
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        return ""
    names = question.parameters
    try:
        signature.bind(*names)
    except TypeError:
        takes = ", ".join(signature.parameters) or "no arguments"
        should = ", ".join(names) or "no arguments"
        return f"Your function takes ({takes}); it should take ({should}), in this order."
    return ""


def globals_read(f: Function | None) -> tuple[str, ...]:
    """Return a note on the variables of the notebook that a function reads."""
    code = code_of(f) if f is not None else None
    if f is None or code is None:
        return ()
    names = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    space = getattr(f, "__globals__", {})
    harmless = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type, np.ufunc)
    found = sorted(
        name
        for name in names
        if name in space
        and not hasattr(builtins, name)
        and name != f.__name__
        and not isinstance(space[name], harmless)
    )
    if not found:
        return ()
    told = " and ".join(f"`{name}`" for name in found)
    return (
        f"It reads the notebook's variable {told}, which is not among its arguments: in another "
        "notebook, or after a restart, it would fail or answer differently.",
    )
