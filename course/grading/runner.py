"""The process that runs submissions: it knows no reference, no test and no mark.

Started as a program, beside `wire.py` and `confine.py`. As a *zygote* (argument ``fork``) it loads
NumPy once and forks one child for each submission that arrives on its control socket; otherwise it
is the child of one submission itself, and talks by its standard input and output.

A child runs the code cells of a notebook without IPython, then answers lists of requests: names of
functions and arguments in, plain values out, each as soon as it is there. It cannot forge a mark:
what it sends back is compared elsewhere.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import importlib.util
import inspect
import io
import math
import os
import signal
import socket
import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np


def _neighbour(name: str) -> Any:
    """Import a file that lies beside this one, without looking for it anywhere else."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


wire, confine = _neighbour("wire"), _neighbour("confine")
#: the highest limit of recursion that a submission can set, short of tricks
DEEPEST = 20_000


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
def plain_python(source: str) -> str:
    """Return a cell without IPython's magics and shell lines."""
    if not any(sign in source for sign in "%!?"):
        return source
    lines = []
    for line in source.split("\n"):
        word = line.lstrip()
        magic = word.startswith(("%", "!", "?")) or word.rstrip().endswith("?")
        lines.append(line[: len(line) - len(word)] + "pass" if magic else line)
    return "\n".join(lines)


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


def run_cells(cells: list[str], only_definitions: bool) -> tuple[dict[str, Any], list[Any]]:
    """Run code cells in one namespace; return it, and what went wrong, by cell."""
    space = {"__name__": "__main__", "np": np}
    wrong = []
    for number, source in enumerate(cells):
        try:
            code: Any = plain_python(source)
            if only_definitions:
                code = definitions(ast.parse(code))
            with quiet(io.StringIO()):
                exec(compile(code, f"<cell {number + 1}>", "exec"), space)
        except BaseException as error:  # the learner's: SystemExit and KeyboardInterrupt too
            wrong.append([number + 1, described(error)])
    return space, wrong


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


def sendable(answer: dict[str, Any]) -> bytes:
    """Return an answer as a message; values that are too large to be sent are left out."""
    try:
        return wire.encode(answer)
    except wire.WireError:
        runs = [run and [_small(one) for one in run] for run in answer["runs"]]
        return wire.encode(answer | {"runs": runs})


def _small(one: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leave out what a call returned, if it is too large to be sent."""
    try:
        wire.Packer().pack(one)
    except wire.WireError as error:
        return None, (described(error), None, "")
    return one


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


def import_named(cells: list[str]) -> None:
    """Import what the cells will import, as far as it is there: afterwards no file can be read."""
    for source in cells:
        with contextlib.suppress(BaseException):
            for node in ast.walk(ast.parse(plain_python(source))):
                names = [
                    one.name for one in getattr(node, "names", ()) if isinstance(node, ast.Import)
                ]
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
                for name in names:
                    if name.partition(".")[0] != "course":
                        with contextlib.suppress(BaseException):
                            importlib.import_module(name)


def serve(stream: Any, out: Any, sealed: bool) -> None:
    """Run one submission and answer requests until the stream ends.

    Parameters
    ----------
    sealed
        Whether the files of the machine are out of reach already.
    """
    start = wire.receive(stream)
    if start is None:
        return
    if not sealed:
        with quiet(io.StringIO()):
            import_named(start["cells"])
        confine.no_files()
    space, wrong = run_cells(start["cells"], start["only_definitions"])
    wire.send(out, {"ready": True, "wrong": wrong[:50]})
    while (count := wire.receive(stream)) is not None:
        # all are read before the first is answered: so no side waits for the other to read
        for request in [wire.receive(stream) for _ in range(count)]:
            out.write(sendable(answered(space, request)))
            out.flush()


# ---------------------------------------------------------------------------- the zygote
#: a cell with a bit of what cells consist of
EXAMPLE = """
import numpy as np

def example(Ws, x, rate=0.5):
    total = 0.0
    for W in Ws:
        z = W @ x + np.ones(len(W))
        a = 1 / (1 + np.exp(-z))
        x = np.where(a > rate, np.maximum(a, 0.0), np.zeros_like(a))
        total += np.sum((a - 1) ** 2) / len(a) + np.mean(a, axis=0)
    for i in np.ndindex(2, 2):
        total += Ws[0][i] * 2 + np.abs(x).max()
    return [np.outer(x, x).T.copy(), np.array([total]).sum(axis=0)], float(np.linalg.norm(x))
"""


def rehearse(times: int = 5) -> None:
    """Answer an example, again and again, before there is a submission.

    Python runs code faster that has run before, and what it has learned is there for all children.
    """
    W = np.linspace(-1.0, 1.0, 4).reshape(2, 2)
    request = {
        "name": "example",
        "call": "",
        "call_name": "",
        "inputs": [([W, W], W[0], 0.5)] * 4,
        "again": 3,
        "arguments": ("Ws", "x", "rate"),
    }
    cells = {"cells": [EXAMPLE], "only_definitions": False}
    told = wire.encode(cells) + wire.encode(3) + wire.encode(request) * 3
    for _ in range(times):
        serve(io.BytesIO(told), io.BytesIO(), sealed=True)


def zygote(control: socket.socket, seconds: int, memory: int, sealed: bool) -> None:
    """Fork a child for each socket that arrives; kill and reap them when told to.

    Each message is one line: ``new ID`` with a socket, ``end ID``.
    """
    children = {}
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    while True:
        data, sockets, _, _ = socket.recv_fds(control, 64, 1)
        if not data:
            break
        word, number = data.decode().split()
        if word == "new":
            (fd,) = sockets
            pid = os.fork()
            if pid == 0:
                child(control, fd, seconds, memory, sealed)
            os.close(fd)
            children[number] = pid
        elif number in children:
            pid = children.pop(number)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        control.sendall(b".")
    for pid in children.values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def child(control: socket.socket, fd: int, seconds: int, memory: int, sealed: bool) -> NoReturn:
    """Be the child of one submission: talk on `fd` alone; never return."""
    code = 1
    try:
        control.close()
        stream, out = os.fdopen(fd, "rb"), os.fdopen(fd, "wb", closefd=False)
        confine.confine(seconds, memory)
        serve(stream, out, sealed)
        code = 0
    except BaseException:
        code = 1
    finally:
        os._exit(code)


def main() -> None:
    """Be a zygote, or the child of one submission."""
    _, way, seconds, more, package = sys.argv
    np.random.default_rng(0).random()  # load what NumPy loads late
    np.linalg.eigvalsh(np.eye(2))
    sys.modules.update(helpers())
    deeper = sys.setrecursionlimit
    # a recursion without end should end soon: a million frames take seconds to be unwound
    sys.setrecursionlimit = lambda limit: deeper(min(limit, DEEPEST))
    memory = confine.memory_used() + int(more)
    nowhere = os.open(os.devnull, os.O_RDWR)
    # behind bubblewrap the package with the references is not there, and none is named
    sealed = not package or confine.python_alone(package)
    confine.rehearse()
    if way == "fork":
        rehearse()
        gc.collect()
        gc.freeze()  # children share the memory of all this, and no collector visits it
        gc.set_threshold(20_000)  # nor does one come in every few hundred objects
        zygote(socket.socket(fileno=0), int(seconds), memory, sealed)
        return
    stream, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    confine.confine(int(seconds), memory)
    serve(stream, out, sealed)


if __name__ == "__main__":
    main()
