"""What a submission's functions do: run its cells, call a function, tell in plain data what came.

This file is read by the process that runs submissions, which has no `course`: it imports the
standard library and NumPy only. Nothing here knows what is right.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import math
import re
import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

#: a cell may use `await` outside of functions
_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


# ------------------------------------------------------------------------ arguments as data
class Expression:
    """A function by its source."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._function = eval(source, {"np": np, "math": math})

    def __call__(self, *args: Any) -> Any:
        """Return the function's value."""
        return self._function(*args)

    def __repr__(self) -> str:
        return self.source


def revived(value: Any) -> Any:
    """Return an argument with functions and generators in place of their descriptions."""
    if type(value) is np.ndarray:
        return value.copy()
    if isinstance(value, dict):
        if set(value) == {"expression"}:
            return Expression(value["expression"])
        if set(value) == {"seed"}:
            return np.random.default_rng(value["seed"])
        return {key: revived(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)([revived(one) for one in value])
    return value


# ------------------------------------------------------------------------- the submission
#: cell magics around Python whose names are the notebook's own
_AROUND_PYTHON = re.compile(r"%%(time|timeit|capture|prun)\b.*")


def plain_python(source: str) -> str:
    """Return a cell as plain Python: IPython's own transformer rewrites magics and shell lines.

    They become calls of ``get_ipython()``, which stands for no shell here: see `Shell`. A cell that
    is Python already stays as it is.
    """
    if not any(sign in source for sign in "%!?") or _is_python(source):
        return source
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if _AROUND_PYTHON.fullmatch(lines[first].strip()):
        lines[first] = ""
        return plain_python("\n".join(lines))
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:  # a Python with nothing but NumPy
        return source
    return TransformerManager().transform_cell(source)


def _is_python(source: str) -> bool:
    try:
        compile(source, "", "exec", _AWAIT)
    except (SyntaxError, ValueError):
        return False
    return True


def definitions(tree: ast.Module) -> ast.Module:
    """Keep of a cell only what defines: functions, classes, imports, simple assignments."""
    kept = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    tree.body = [node for node in tree.body if isinstance(node, kept)]
    return tree


def helpers() -> dict[str, types.ModuleType]:
    """Return modules that stand for the course's: its checks do nothing here."""
    package, exercises = types.ModuleType("course"), types.ModuleType("course.exercises")
    for name in ("check", "hint", "solution", "progress"):
        setattr(exercises, name, _nothing)
    package.__dict__.update(exercises=exercises, __path__=[])
    return {"course": package, "course.exercises": exercises}


class _Nothing:
    points = 0.0

    def __repr__(self) -> str:
        return ""


def _nothing(*args: Any, **kwargs: Any) -> _Nothing:
    return _Nothing()


class Shell:
    """Stands for IPython's shell: shell lines and magics do nothing, but %time runs its line."""

    def __init__(self, space: dict[str, Any]) -> None:
        self.space = space

    def run_line_magic(self, name: str, line: str, *_: Any) -> Any:
        """Run the statement, or return the expression, that is timed."""
        if name not in ("time", "prun"):
            return None
        try:
            return eval(compile(line, "<magic>", "eval"), self.space)
        except SyntaxError:
            return exec(compile(line, "<magic>", "exec"), self.space)

    def getoutput(self, *_: Any, **__: Any) -> list[str]:
        """Return no lines."""
        return []

    def __getattr__(self, name: str) -> Any:
        return _nothing


# ------------------------------------------------------------------------------- the cells
def run_cells(cells: list[str], only_definitions: bool) -> tuple[dict[str, Any], list[Any]]:
    """Run code cells in one namespace; return it, and what went wrong, by cell.

    Of a cell that stops, what it defines further down is still defined.
    """
    space: dict[str, Any] = {"__name__": "__main__", "np": np, "display": _nothing}
    shell = Shell(space)
    space["get_ipython"] = lambda: shell
    wrong = []
    with quiet(io.StringIO()):
        for number, source in enumerate(cells):
            name, tree = f"<cell {number + 1}>", None
            try:
                tree = ast.parse(plain_python(source), name)
                if only_definitions:
                    tree = definitions(tree)
                _run(tree, name, space)
            except BaseException as error:  # the learner's: SystemExit and KeyboardInterrupt too
                wrong.append([number + 1, described(error)])
                if tree is not None:
                    _define_below(tree, _line_of(error, name), name, space)
    return space, wrong


def _run(tree: ast.Module, name: str, space: dict[str, Any]) -> None:
    """Run a cell; where it waits for something, as far as that is there at once."""
    code = compile(tree, name, "exec", _AWAIT)
    if not code.co_flags & inspect.CO_COROUTINE:
        exec(code, space)
        return
    waiting = eval(code, space)
    try:
        waiting.send(None)
    except StopIteration:
        return
    finally:
        waiting.close()
    raise RuntimeError("`await` waits for an event loop, and there is none here")


def _define_below(tree: ast.Module, line: int, name: str, space: dict[str, Any]) -> None:
    """Carry out what a cell defines below a line, each by itself."""
    for node in definitions(tree).body:
        if node.lineno > line:
            with contextlib.suppress(BaseException):
                exec(compile(ast.Module([node], []), name, "exec"), space)


def _line_of(error: BaseException, name: str) -> int:
    """Return the line of a cell's own code, outside all functions, at which it stopped."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == name and code.co_name == "<module>":
            return trace.tb_lineno
        trace = trace.tb_next
    return 0


@contextlib.contextmanager
def quiet(output: io.StringIO) -> Iterator[None]:
    """Let nothing that is printed or warned get out."""
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


def described(error: BaseException) -> dict[str, Any]:
    """Return what is told of an error: type, words, the line of the submission that raised it."""
    line = None
    with contextlib.suppress(Exception):
        trace = error.__traceback__
        while trace is not None:  # a recursion may be a million frames deep
            name = trace.tb_frame.f_code.co_filename
            if name.startswith("<cell "):
                line = [name[1:-1], trace.tb_lineno]
            trace = trace.tb_next
    try:
        words = str(error)[:500]
    except BaseException:
        words = ""
    base = "Exception"
    for kind in type(error).__mro__:
        if kind.__module__ == "builtins":
            base = kind.__name__
            break
    return {"type": type(error).__name__[:80], "base": base, "words": words, "line": line}


class Printed(io.StringIO):
    """Keeps the first characters that are printed."""

    def write(self, text: str) -> int:
        """Write text, as long as there is room."""
        if self.tell() < 2000:
            super().write(str(text)[:2000])
        return len(text)


def trial(call: Any, function: Any, args: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return what one call did, as plain data: its value, and what else there is to tell.

    Mostly that is None; else the error, the arguments after the call, and what was printed. None
    stands for an argument that is what it was. What is printed goes nowhere else afterwards: a run
    of trials is to be `quiet` as a whole.
    """
    given = revived(args)
    sys.stdout = sys.stderr = output = Printed()
    value, error = None, None
    try:
        value = call(function, given)
    except BaseException as raised:
        error = described(raised)
    printed = output.getvalue()
    if error is None and not printed and same(args, given):
        return value, None
    after = tuple(None if same(a, b) else b for a, b in zip(args, given, strict=True))
    return value, (error, after, printed)


def same(before: Any, after: Any) -> bool:
    """Return whether an argument is what it was, to the last bit."""
    if type(before) is type(after) is np.ndarray:
        return (
            before.dtype == after.dtype
            and before.shape == after.shape
            and before.tobytes() == after.tobytes()
        )
    if isinstance(before, dict) and set(before) in ({"expression"}, {"seed"}):
        return True
    if type(before) is not type(after):
        return False
    if isinstance(before, tuple | list):
        return len(before) == len(after) and all(map(same, before, after))
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(same(before[k], after[k]) for k in before)
    if before != before:  # not a number
        return bool(after != after)
    return bool(before is after or before == after)


def call_once(function: Any, args: tuple[Any, ...]) -> Any:
    """Call a function with its arguments: how most questions exercise an answer."""
    return function(*args)


def answered(space: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one request: a run, and one `again` on its last inputs.

    None stands for a second run in which everything was as in the first.
    """
    function = space.get(request["name"])
    if function is None:
        return {"missing": True}
    if not callable(function):
        return {"missing": True, "kind": type(function).__name__[:80]}
    call: Any = call_once
    if request["call"]:
        made = {"np": np, "math": math}
        exec(request["call"], made)
        call = made[request["call_name"]]
    inputs = request["inputs"]
    again = inputs[max(0, len(inputs) - request["again"]) :]
    with quiet(io.StringIO()):
        first, second = ([trial(call, function, args) for args in part] for part in (inputs, again))
    steady = False
    with contextlib.suppress(Exception):  # a learner's own object may refuse to be compared
        steady = same(first[len(first) - len(again) :], second)
    return {
        "runs": [first, None if steady else second],
        "takes": takes(function, request["arguments"]),
    }


def takes(function: Any, names: tuple[str, ...]) -> str:
    """Say which arguments a function takes, if not these."""
    code = function.__code__ if isinstance(function, types.FunctionType) else None
    if code and code.co_argcount == len(names) and not code.co_kwonlyargcount:
        return ""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ""
    try:
        signature.bind(*names)
    except TypeError:
        return ", ".join(signature.parameters)[:200] or "no arguments"
    return ""
