"""The process that runs submissions: it knows no reference, no test and no mark.

Started as a program, beside `answering.py`, `wire.py` and `confine.py`. As a *zygote* (argument
``fork``) it loads NumPy once and forks one child for each submission that arrives on its control
socket; otherwise it is the child of one submission itself, and talks by its standard input and
output.

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
import io
import os
import signal
import socket
import sys
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


answering, wire, confine, places = map(_neighbour, ("answering", "wire", "confine", "places"))
#: the highest limit of recursion that a submission can set, short of tricks
DEEPEST = 20_000


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
        return None, (answering.described(error), None, "")
    return one


def import_named(cells: list[str]) -> None:
    """Import what the cells will import, as far as it is there: afterwards no file can be read."""
    for source in cells:
        with contextlib.suppress(BaseException):
            for node in ast.walk(ast.parse(answering.plain_python(source))):
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
        with answering.quiet(io.StringIO()):
            import_named(start["cells"])
        confine.no_files()
    space, wrong = answering.run_cells(start["cells"], start["only_definitions"])
    wire.send(out, {"ready": True, "wrong": wrong[:50]})
    while (count := wire.receive(stream)) is not None:
        # all are read before the first is answered: so no side waits for the other to read
        for request in [wire.receive(stream) for _ in range(count)]:
            out.write(sendable(answering.answered(space, request)))
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


def load(name: str) -> None:
    """Import a module that takes long to import, for all children that are forked afterwards."""
    if name not in sys.modules:
        with contextlib.suppress(BaseException), answering.quiet(io.StringIO()):
            importlib.import_module(name)
            freeze()


def freeze() -> None:
    """Share the memory of all this with the children: no collector is to visit it there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)  # nor does one come in every few hundred objects


def zygote(control: socket.socket, seconds: int, memory: int, sealed: bool, meter: Any) -> None:
    """Fork a child for each socket that arrives; kill and reap them when told to.

    Each message is one line: ``new ID`` with a socket, and the names of modules that are loaded
    first, for this child and all later ones; or ``end ID``.
    """
    children = {}
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    while True:
        data, sockets, _, _ = socket.recv_fds(control, 64, 1)
        if not data:
            break
        word, number, *wanted = data.decode().split()
        if word == "new":
            (fd,) = sockets
            for name in wanted:
                load(name)
            limit = meter.used() + memory
            pid = os.fork()
            if pid == 0:
                meter.close()
                child(control, fd, seconds, limit, sealed)
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
    sys.modules.update(answering.helpers())
    deeper = sys.setrecursionlimit
    # a recursion without end should end soon: a million frames take seconds to be unwound
    sys.setrecursionlimit = lambda limit: deeper(min(limit, DEEPEST))
    memory, meter = int(more), confine.Meter()
    nowhere = os.open(os.devnull, os.O_RDWR)
    ours = places.of_python()
    # not what else is on the path, such as a checkout of the course
    sys.path[:] = [path for path in sys.path if places.within(path, ours)]
    if way == "fork":
        load("IPython.core.inputtransformer2")
    # behind bubblewrap the package with the references is not there, and none is named
    sealed = confine.read_only(places.readable(ours, places.hidden(package))) or not package
    confine.rehearse()
    if way == "fork":
        rehearse()
        freeze()
        zygote(socket.socket(fileno=0), int(seconds), memory, sealed, meter)
        return
    stream, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    confine.confine(int(seconds), meter.used() + memory)
    meter.close()
    serve(stream, out, sealed)


if __name__ == "__main__":
    main()
