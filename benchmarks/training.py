"""One training step, as `train` makes it, against other libraries and the bare matrix products.

Each library runs in a process of its own, all with the same number of threads. The processes take
turns, A B C A B C ..., a fraction of a second each, and are started anew several times, because
where in memory a process happens to lie makes it faster or slower by a tenth. A row compares the
medians of their turns. Before it is timed, each must have the same losses as ours after five steps.

One thread is timed by its own processor time, which a busy machine disturbs little. Two threads
can only be timed by the clock on the wall, and on a busy machine that says nothing: then their
rows are not judged.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any

from benchmarks.contestants import CONTESTANTS, Task
from benchmarks.table import Row, quiet, seconds

#: sizes, examples in a minibatch, minibatches in an epoch, times faster than PyTorch eager
TASKS = (
    ((2, 16, 16, 1), 32, 64, 6.0),
    ((64, 32, 10), 64, 32, 5.0),
    ((784, 256, 256, 10), 128, 16, 1.2),
)
#: times the bare products, at most
PRODUCTS = {(784, 256, 256, 10): 1.5}
REQUIRED = {"ours", "bare products"}
#: how often all processes are started anew
ROUNDS = 5
#: turns in a round and the seconds of each, by the number of threads: a second thread takes a while
#: to be on its own core
TURNS = {1: (6, 0.1), 2: (3, 0.6)}


class Worker:
    """A process that trains with one library when it is asked to."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.name, self.process = name, process

    def ask(self, **request: Any) -> Any:
        """Return the answer to a request; raise RuntimeError with the last words of a crash."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
        except (BrokenPipeError, ValueError):
            words = self.process.stderr.read().strip().splitlines() or ["it stopped"]
            raise RuntimeError(words[-1]) from None


@contextmanager
def working(name: str, threads: int) -> Iterator[Worker]:
    """Run a worker with this many threads; stop it in the end."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
    environment = os.environ | dict.fromkeys(names, str(threads)) | {"JAX_PLATFORMS": "cpu"}
    if threads == 1:
        environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    command = [sys.executable, "-m", "benchmarks.contestants", name, str(threads)]
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Worker(name, process)
    finally:
        process.communicate()  # the end of its input ends it


def started(worker: Worker, task: Task) -> str:
    """Let a worker build the task; return an empty string, or why it cannot."""
    try:
        error = worker.ask(task=asdict(task))["error"]
    except RuntimeError as reason:
        if worker.name in REQUIRED:
            raise
        return str(reason)
    tolerance = 1e-9 if task.dtype == "float64" else 1e-4
    if error is not None and not error <= tolerance:
        raise RuntimeError(
            f"{worker.name} computes something else: its loss differs by a share of {error:.1e}"
        )
    return ""


@dataclass
class Turns:
    """What the turns of one task took: each library's seconds a step, and the shares of a core."""

    times: dict[str, list[float]] = field(default_factory=lambda: {n: [] for n in CONTESTANTS})
    shares: list[float] = field(default_factory=list)
    quiet: bool = True

    def take(self, workers: Sequence[Worker], count: int, length: float) -> None:
        """Let each worker have so many turns, one after another."""
        for _ in range(count):
            for worker in workers:
                answer = worker.ask(seconds=length)
                self.times[worker.name].append(answer["seconds"])
                self.shares.append(answer["share"])

    def medians(self) -> dict[str, float]:
        """Return each library's seconds per step, the median of its turns."""
        return {name: statistics.median(times) for name, times in self.times.items() if times}


def rows(quick: bool = False, tasks: Sequence[tuple] = TASKS) -> Iterator[Row]:
    """Measure every network, dtype and number of threads."""
    runs = list(product(tasks, ("float64", "float32")))
    for threads in (1, 2):
        count, length = (3, 0.02) if quick else TURNS[threads]
        missing: dict[str, str] = {}
        measured = [Turns() for _ in runs]
        for _ in range(1 if quick else ROUNDS):
            with ExitStack() as stack:
                names = [name for name in CONTESTANTS if name not in missing]
                workers = [stack.enter_context(working(name, threads)) for name in names]
                for ((sizes, batch, batches, _), dtype), turns in zip(runs, measured, strict=True):
                    task = Task(tuple(sizes), batch, batches, dtype)
                    missing |= {w.name: why for w in workers if (why := started(w, task))}
                    workers = [w for w in workers if w.name not in missing]
                    turns.quiet = turns.quiet and (threads == 1 or quiet())
                    turns.take(workers, count, length)
        for ((sizes, batch, _, target), dtype), turns in zip(runs, measured, strict=True):
            words = f"step {'-'.join(map(str, sizes))}, batch {batch}, {dtype}, "
            words += "1 thread" if threads == 1 else f"{threads} threads"
            if threads == 1:
                words += f" ({statistics.median(turns.shares):.0%} of a core)"
            elif not turns.quiet:
                words += " (machine too busy to judge)"
            limit = PRODUCTS.get(sizes) if turns.quiet else None
            goal = target if turns.quiet else None
            yield from compared(words, turns.medians(), missing, goal, limit)


def compared(
    words: str,
    times: dict[str, float],
    missing: dict[str, str],
    target: float | None,
    limit: float | None,
) -> Iterator[Row]:
    """Return a row for each competitor, those included that are not here."""
    ours = times["ours"]
    for name in CONTESTANTS:
        goal = target if name == "PyTorch eager" else None
        if name in missing:
            yield Row(words, seconds(ours), f"{name}: {missing[name]}", None, at_least=goal)
        elif name == "bare products":
            other = f"{name} {seconds(times[name])}"
            yield Row(words, seconds(ours), other, ours / times[name], at_most=limit)
        elif name != "ours":
            other = f"{name} {seconds(times[name])}"
            yield Row(words, seconds(ours), other, times[name] / ours, at_least=goal)
