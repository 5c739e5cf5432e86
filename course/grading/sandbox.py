"""Where submissions run: behind bubblewrap where there is one, and always in a process of its own.

A `Warden` keeps one zygote, and hands out a `Link` to a fresh child of it for each submission.
Where processes cannot be forked (Windows), each child is started by itself.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from course.grading import confine, places, wire

HERE: Final = Path(__file__).parent
#: the files of the program that runs submissions, itself first: it needs nothing else of the course
PROGRAM: Final = tuple(
    HERE / f"{name}.py" for name in ("runner", "answering", "wire", "confine", "places")
)
#: modules that take long to import: submissions that name them share what was loaded once
SLOW: Final = ("matplotlib.pyplot",)
#: processor seconds and bytes of memory that one submission may use
SECONDS, MEMORY = 120, 1 << 30
ENVIRONMENT: dict[str, str] = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp",
    "HOME": "/tmp",
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
}
#: what decides about last bits must be the same on both sides
ENVIRONMENT |= {
    name: os.environ[name]
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NPY_DISABLE_CPU_FEATURES")
    if name in os.environ
}


class OutOfTime(Exception):
    """No answer came in time."""


class Gone(Exception):
    """The child ended, or sent something that cannot be read."""


# ---------------------------------------------------------------------------- bubblewrap
@cache
def bubblewrap() -> str | None:
    """Return the path of a bubblewrap that works here, or None."""
    path = shutil.which("bwrap")
    if path is None:
        return None
    # whether the kernel lets it work at all; whether Python starts in it is `trouble`'s question
    command = [path, "--unshare-all", "--cap-drop", "ALL", "--ro-bind", "/", "/", "/bin/true"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return path if done.returncode == 0 else None


def trouble(sandbox: bool = True) -> str:
    """Say why no submission can be run here; empty if one can."""
    words, environment = command("pipe", bubblewrap() if sandbox else None)
    try:
        done = subprocess.run(
            words, env=environment, input=b"", capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return said[-1] if said else f"the process ended with {done.returncode}"


def _walls(bwrap: str) -> list[str]:
    """Return the command line up to the program: a read-only system, and nothing of the user's."""
    words = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    words += ["--hostname", "sandbox", "--clearenv"]
    if confine.has_landlock():  # else what /proc tells of the others could be read
        words += ["--proc", "/proc"]
    words += ["--dev", "/dev", "--tmpfs", "/tmp", "--dir", "/grader"]
    words += _bound(places.of_python(), places.hidden(str(HERE.parent)))
    for file in PROGRAM:
        words += ["--ro-bind", str(file), f"/grader/{file.name}"]
    return [*words, "--chdir", "/tmp"]


def _bound(paths: Iterable[str], hidden: Iterable[str]) -> list[str]:
    """Return what makes paths be there as they are here, with the links that lead to them."""
    made: dict[str, str] = {}
    for path in paths:
        made |= dict(places.links(path))
    folders = [path for path, target in made.items() if not target and os.path.isdir(path)]

    def within(path: str, others: Iterable[str]) -> bool:
        return any(path.startswith(other.rstrip("/") + "/") for other in others)

    words = []
    for path, target in made.items():
        if not within(path, folders):
            words += ["--symlink", target, path] if target else ["--ro-bind", path, path]
    for path in hidden:
        if os.path.isdir(path) and within(path, folders):
            words += ["--tmpfs", path]
    return words


def command(way: str, bwrap: str | None) -> tuple[list[str], dict[str, str]]:
    """Return the command line of a runner, and its environment."""
    limits = [str(SECONDS), str(MEMORY)]
    if bwrap is None:
        program = [sys.executable, "-I", str(PROGRAM[0])]
        kept = {n: os.environ[n] for n in ("SYSTEMROOT", "TEMP", "TMP") if n in os.environ}
        return [*program, way, *limits, str(HERE.parent)], ENVIRONMENT | kept
    walls = _walls(bwrap)
    for name, value in ENVIRONMENT.items():
        walls += ["--setenv", name, value]
    program = [sys.executable, "-I", "/grader/runner.py"]
    # bubblewrap's own environment can be read inside: it has nothing of the instructor's either
    return [*walls, "--", *program, way, *limits, ""], dict(ENVIRONMENT)


# --------------------------------------------------------------------------------- links
class Link:
    """A connection to the child that runs one submission."""

    def ask(self, message: Any, seconds: float) -> Any:
        """Send a message and return the first answer to it."""
        end = time.monotonic() + seconds
        try:
            data = wire.encode(message)
        except wire.WireError as error:
            raise Gone(str(error)) from None
        self.send(data, seconds)
        return self.receive(end - time.monotonic())

    def send(self, data: bytes, seconds: float) -> None:
        """Send messages; a child that does not read holds nobody up for longer than that."""
        raise NotImplementedError

    def receive(self, seconds: float) -> Any:
        """Return the next answer.

        Raises OutOfTime if none comes in time, and Gone if the child ended or talks nonsense.
        """
        raise NotImplementedError

    def close(self) -> None:
        """End the child, whatever it is doing."""
        raise NotImplementedError


class _Timed:
    """Reads a socket until a deadline; what comes at once is read at once, and kept."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.end, self.kept = connection, 0.0, b""

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes; raise OutOfTime once the deadline has passed."""
        if not self.kept:
            left = self.end - time.monotonic()
            if left <= 0:
                raise OutOfTime
            self.connection.settimeout(left)
            try:
                self.kept = self.connection.recv(max(size, 2**14))
            except TimeoutError:
                raise OutOfTime from None
        found, self.kept = self.kept[:size], self.kept[size:]
        return found


class SocketLink(Link):
    """A connection by a socket to a child of the zygote."""

    def __init__(self, warden: Warden, number: int, connection: socket.socket) -> None:
        self.warden, self.number, self.connection = warden, number, connection
        self.reader = _Timed(connection)

    def send(self, data: bytes, seconds: float) -> None:
        """Send messages."""
        with self._told():
            self.connection.settimeout(max(seconds, 1.0))
            self.connection.sendall(data)

    def receive(self, seconds: float) -> Any:
        """Return the next answer."""
        self.reader.end = time.monotonic() + seconds
        with self._told():
            answer = wire.receive(self.reader)
        if answer is None:
            raise Gone("it ended")
        return answer

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say in two words what went wrong in the block."""
        try:
            yield
        except TimeoutError:
            raise OutOfTime from None
        except (OSError, wire.WireError) as error:
            raise Gone(str(error)) from None

    def close(self) -> None:
        """End the child."""
        self.connection.close()
        self.warden.end(self.number)


class PipeLink(Link):
    """A connection by pipes to a process of its own."""

    def __init__(self, bwrap: str | None) -> None:
        words, environment = command("pipe", bwrap)
        self.process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        # no more is read than is asked for: a flood of answers stays in the pipe
        self.answers: queue.Queue[Any] = queue.Queue(maxsize=1)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            while (answer := wire.receive(self.process.stdout)) is not None:
                self.answers.put(answer)
        except (OSError, ValueError, wire.WireError):
            pass
        self.answers.put(None)

    def send(self, data: bytes, seconds: float) -> None:
        """Send messages."""
        # a child that does not read would hold up whoever writes more than the pipe takes
        writer = threading.Thread(target=self._write, args=(data,), daemon=True)
        writer.start()
        writer.join(seconds)

    def receive(self, seconds: float) -> Any:
        """Return the next answer."""
        try:
            answer = self.answers.get(timeout=max(0.0, seconds))
        except queue.Empty:
            raise OutOfTime from None
        if answer is None:
            raise Gone("it ended")
        return answer

    def _write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        while self.reader.is_alive():
            with contextlib.suppress(queue.Empty):
                self.answers.get(timeout=0.05)
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()


class Warden:
    """Keeps one zygote running, and starts a child for each submission.

    Parameters
    ----------
    sandbox
        Whether bubblewrap is used if it is there.
    user
        The number of the user that children run as where bubblewrap is not used; root alone can
        choose one. It must be able to read Python and this folder.
    """

    def __init__(self, *, sandbox: bool = True, user: int | None = None) -> None:
        self.bwrap = bubblewrap() if sandbox else None
        self.user = user if self.bwrap is None else None
        self.process: subprocess.Popen[bytes] | None = None
        self.control: socket.socket | None = None
        self.number = 0

    @property
    def sandbox(self) -> str:
        """What stands around the children: ``bubblewrap`` or ``none``."""
        return "bubblewrap" if self.bwrap else "none"

    def __enter__(self) -> Warden:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def link(self, cells: Sequence[str] = ()) -> Link:
        """Return a connection to a fresh child; a zygote that died is started again.

        What the cells name of the modules that are slow to import, the child has loaded already.
        """
        if not hasattr(os, "fork") or not hasattr(socket, "send_fds"):
            return PipeLink(self.bwrap)
        for attempt in (0, 1):
            if self.process is None or self.process.poll() is not None:
                self._start()
            self.number += 1
            ours, theirs = socket.socketpair()
            try:
                assert self.control is not None
                wanted = [n for n in SLOW if any(n.partition(".")[0] in c for c in cells)]
                order = " ".join(["new", str(self.number), *wanted])
                socket.send_fds(self.control, [order.encode()], [theirs.fileno()])
                self.control.settimeout(60)
                if self.control.recv(1) == b".":
                    return SocketLink(self, self.number, ours)
            except OSError:
                if attempt:
                    raise
            finally:
                theirs.close()
            ours.close()
            self.stop()
        raise RuntimeError("no process could be started for a submission")

    def _start(self) -> None:
        self.stop()
        words, environment = command("fork", self.bwrap)
        self.control, theirs = socket.socketpair()
        groups: list[int] | None = None if self.user is None else []
        try:
            self.process = subprocess.Popen(
                words,
                env=environment,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=groups,
            )
        finally:
            theirs.close()

    def end(self, number: int) -> None:
        """Kill a child and wait until it is gone."""
        if self.control is None:
            return
        with contextlib.suppress(OSError):
            self.control.settimeout(20)
            self.control.sendall(f"end {number}".encode())
            self.control.recv(1)

    def stop(self) -> None:
        """End the zygote with all its children."""
        if self.control is not None:
            self.control.close()
            self.control = None
        if self.process is not None:
            with contextlib.suppress(OSError):  # the children are of its process group
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
