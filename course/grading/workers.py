"""Workers that grade, one submission after the other: who kills one costs nobody else anything."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Final

from course.exercises.question import Exercise
from course.grading.grader import Mark, Result, grade
from course.grading.sandbox import Warden
from course.grading.submission import Submission
from course.grading.words import name_of, plain


@dataclass(frozen=True)
class Settings:
    """What a worker needs to grade: an exercise, the secret, whether there is a sandbox."""

    exercise: Exercise
    secret: bytes
    sandbox: bool


#: a picklable way to the settings: each worker makes its own
Found = Callable[[], Settings]
#: seconds that a worker is left to finish what it is at, when all are to end
PATIENCE: Final = 5.0


@dataclass(frozen=True)
class Trouble:
    """What went wrong with grading itself: no fault of the submission, and no mark."""

    words: str
    traceback: str = ""


class NotGraded(RuntimeError):
    """Submissions that could not be graded, though all others were."""


# ------------------------------------------------------------------------ in the worker
def _begin(found: Found, processors: set[int]) -> tuple[Settings, Warden]:
    """Set a worker up: it keeps one zygote for all its submissions."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that gave the work
    if processors:
        with contextlib.suppress(OSError):  # it runs anywhere then
            os.sched_setaffinity(0, processors)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    if hasattr(os, "sched_setscheduler"):
        with contextlib.suppress(OSError):  # a child that answers is not stopped to be read
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    settings = found()
    gc.set_threshold(20_000)  # little of what grading makes refers to itself
    gc.freeze()  # the catalogue stays: a collector would only copy what is shared with the parent
    return settings, Warden(sandbox=settings.sandbox)


def _end_with(parent: int) -> None:
    """End this worker once the process that gave the work was killed; its zygote follows."""
    while os.getppid() == parent:
        time.sleep(0.3)
    os._exit(1)


def _serve(connection: Connection, found: Found, processors: set[int]) -> None:
    """Be a worker: say that it has begun, then answer each submission with its result.

    What goes wrong with grading itself is answered with `Trouble`.
    """
    settings, warden = _begin(found, processors)
    connection.send(None)
    while True:
        submission = connection.recv()
        try:
            connection.send(grade(submission, settings.exercise, warden, settings.secret))
        except Exception as error:
            connection.send(Trouble(f"{type(error).__name__}: {error}", traceback.format_exc()))


# ------------------------------------------------------------------- where the work is given
#: a submission without a result: its worker died, or there was trouble
Lost = tuple[Submission, Trouble | None]


class _Worker:
    """A process that grades one submission after the other, and what it grades at the moment."""

    def __init__(self, found: Found, processors: set[int]) -> None:
        self.processors = processors
        self.connection, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=_serve, args=(theirs, found, processors), daemon=True
        )
        self.process.start()
        theirs.close()  # what remains is the worker's own end: it closes when the worker dies
        self.begun = False
        self.submission: Submission | None = None

    def give(self, submission: Submission | None) -> None:
        """Hand over what to grade next."""
        self.submission = submission
        if submission is not None:
            with contextlib.suppress(OSError):  # it is dead, as will be seen when it is to answer
                self.connection.send(submission)

    def answer(self) -> Result | Trouble | None:
        """Return what came: a result, trouble, or nothing yet because it has just begun.

        Raises EOFError if it died, and RuntimeError if it could not begin.
        """
        try:
            answer = self.connection.recv()
        except (EOFError, OSError):
            if not self.begun:
                raise RuntimeError(
                    "no worker can be started. What is graded is kept: run the command again"
                ) from None
            raise EOFError from None
        self.begun = True
        return answer

    def end(self) -> None:
        """Let it finish what it is at, if that does not take long, then end it."""
        with contextlib.suppress(EOFError, OSError):
            if self.submission is not None and self.connection.poll(PATIENCE):
                self.connection.recv()
        self.process.terminate()
        self.process.join()
        self.connection.close()


def graded(
    submissions: Sequence[Submission],
    found: Found,
    *,
    jobs: int = 2,
) -> Iterator[Result]:
    """Yield the result of each submission as it is there.

    One that its worker dies of, or that cannot be graded, is graded once more when all others are,
    by itself; if its worker dies again, it earns nothing.

    Raises
    ------
    RuntimeError
        If no worker can be started.
    NotGraded
        When all others are graded, if the grader itself failed with some, twice.
    """
    lost: list[Lost] = []
    yield from _spread(submissions, found, jobs, lost)
    failed: list[Lost] = []
    for submission, _ in lost:
        again: list[Lost] = []
        yield from _spread([submission], found, 1, again)
        for one in again:
            if one[1] is None:
                yield _stopped(submission, found())
            else:
                failed.append(one)
    if failed:
        raise NotGraded(_told(failed))


def _told(failed: Sequence[Lost]) -> str:
    """Say which submissions could not be graded, and why."""
    lines = [f"{name_of(s.learner)}: {plain(t.words, 300)}" for s, t in failed if t is not None]
    first = failed[0][1]
    return "\n".join(
        [
            "These could not be graded, and have no mark; all others are kept:",
            *lines,
            "Is there an error in private questions? The first one in full:",
            first.traceback if first is not None else "",
        ]
    ).rstrip()


def shares(jobs: int) -> list[set[int]]:
    """Return which processors each of so many workers may use; an empty set stands for any.

    A worker and the child that it waits for take turns: on a processor of their own each finds in
    the cache what it left there, and what a hostile submission uses up is its own worker's.
    """
    if not hasattr(os, "sched_getaffinity"):
        return [set() for _ in range(jobs)]
    all_of_them = sorted(os.sched_getaffinity(0))
    return [set(all_of_them[i::jobs]) if jobs <= len(all_of_them) else set() for i in range(jobs)]


def _spread(
    submissions: Sequence[Submission], found: Found, jobs: int, lost: list[Lost]
) -> Iterator[Result]:
    """Yield the results that so many workers have.

    What one of them died of is added to `lost`, and what it could not grade with its trouble.
    """
    waiting = deque(submissions)
    workers = [_Worker(found, part) for part in shares(min(jobs, len(waiting)))]
    try:
        while workers:
            ready = wait([worker.connection for worker in workers])
            for worker in [worker for worker in workers if worker.connection in ready]:
                result = None
                try:
                    result = worker.answer()
                except EOFError:
                    lost += [(worker.submission, None)] if worker.submission else []
                    workers.remove(worker)
                    worker.end()
                    workers += [_Worker(found, worker.processors)] if waiting else []
                else:
                    if isinstance(result, Trouble) and worker.submission:
                        lost.append((worker.submission, result))
                    worker.give(waiting.popleft() if waiting else None)
                    if worker.submission is None:
                        workers.remove(worker)
                        worker.end()
                if isinstance(result, Result):
                    yield result
    finally:
        for worker in workers:
            worker.end()


def _stopped(submission: Submission, settings: Settings) -> Result:
    """Return the result of a submission that no worker outlives."""
    words = "The process that graded it ended in the middle, twice."
    marks = [Mark(q.name, 0.0, q.points, "stopped", (words,)) for q in settings.exercise.questions]
    return Result(
        submission.learner,
        settings.exercise.lesson,
        tuple(marks),
        Warden(sandbox=settings.sandbox).sandbox,
        submission.digest,
        notes=(words,),
    )
