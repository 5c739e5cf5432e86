"""Grade a whole class: every submission once, whatever happens in between.

Each result is written as soon as it is there, in one step. A run that was interrupted, or killed,
goes on where it ended: a result counts if it is of this very file, these questions and this secret.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import re
import secrets
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from course.exercises.question import Exercise
from course.grading.grader import FORMAT, Mark, Result, grade
from course.grading.sandbox import Warden
from course.grading.submission import Submission

Wrap = Callable[[Iterable[Result], int], Iterable[Result]]


# -------------------------------------------------------------------------------- results
class Results:
    """The folder that results are kept in, one JSON file for each learner.

    Parameters
    ----------
    folder
        Made if it is not there.
    exercise
        What is graded; its questions are part of what a result is of.
    """

    def __init__(self, folder: Path, exercise: Exercise) -> None:
        self.folder, self.exercise = folder, exercise
        (folder / "results").mkdir(parents=True, exist_ok=True)
        self._only_this_exercise()
        self._without_leftovers()
        self.secret = self._secret()
        told = hashlib.sha256(self.secret + f"{FORMAT}".encode())
        for question in exercise.questions:
            told.update(question.source.encode() + question.call_source.encode())
            told.update(f"{question.points} {question.tolerance} {question.count}".encode())
        self.terms = told.hexdigest()

    def _only_this_exercise(self) -> None:
        """Refuse a folder that holds the results of another exercise: they would be overwritten."""
        path = self.folder / "exercise"
        if path.exists() and (other := path.read_text("utf-8").strip()) != self.exercise.lesson:
            raise LookupError(
                f"{self.folder} holds results of {other}; name another folder for "
                f"{self.exercise.lesson}"
            )
        write_in_one_step(path, f"{self.exercise.lesson}\n".encode())

    def _without_leftovers(self) -> None:
        """Remove what a run that was killed had not finished writing."""
        for path in self.folder.glob("**/.tmp-*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > 600:  # no other run is at it
                    path.unlink()

    def _secret(self) -> bytes:
        """Return the secret that hidden inputs are drawn with; make one on the first run."""
        path = self.folder / "secret"
        made = self.folder / f".tmp-secret-{os.getpid()}"
        if not path.exists():
            write_in_one_step(made, secrets.token_hex(32).encode(), mode=0o600)
            try:
                os.link(made, path)  # of two runs that begin together one makes the secret
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                os.replace(made, path)
            made.unlink(missing_ok=True)
        return path.read_bytes().strip()

    def all(self) -> list[Result]:
        """Return every result of this exercise and this secret, by learner."""
        found = []
        for path in sorted((self.folder / "results").glob("*.json")):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                data = json.loads(path.read_bytes())
                if data.pop("terms") == self.terms:
                    found.append(Result.from_data(data))
        return sorted(found, key=lambda result: result.learner)

    def path(self, learner: str) -> Path:
        """Return the file of a learner's result: a name that is safe, whatever theirs is."""
        return self.folder / "results" / f"{safe_name(learner)}.json"

    def write(self, result: Result) -> None:
        """Keep a result.

        It outlives this process at once. If the machine itself fails in the next seconds, there may
        be a file that cannot be read: then the submission is graded again.
        """
        told = result.data | {"terms": self.terms}
        text = json.dumps(told, ensure_ascii=False) + "\n"
        data = text.encode("utf-8", "surrogatepass")
        write_in_one_step(self.path(result.learner), data, through=False)

    def read(self, submission: Submission) -> Result | None:
        """Return the result of this very submission, if there is one already."""
        try:
            data = json.loads(self.path(submission.learner).read_bytes())
            terms = data.pop("terms")
            result = Result.from_data(data)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        same = (terms, result.submission) == (self.terms, submission.digest)
        return result if same and result.learner == submission.learner else None


def safe_name(learner: str) -> str:
    """Return a file name for a learner: readable, unique, and nothing but a name.

    Examples
    --------
    >>> safe_name("ada"), safe_name("../../etc/passwd")
    ('ada-fdee430d', 'etc-passwd-3754d6cb')
    """
    digest = hashlib.sha256(learner.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    readable = re.sub(r"[^A-Za-z0-9_]+", "-", learner).strip("-")[:40]
    return f"{readable}-{digest}" if readable else digest


def write_in_one_step(path: Path, data: bytes, mode: int = 0o644, *, through: bool = True) -> None:
    """Write a file so that at any moment there is the old one or the new one, whole.

    Unless it is written `through` to the disk, that holds as long as the machine keeps running.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if through:
                os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


# -------------------------------------------------------------------------------- workers
class Settings:
    """What a worker needs to grade: an exercise, the secret, whether there is a sandbox."""

    def __init__(self, exercise: Exercise, secret: bytes, sandbox: bool) -> None:
        self.exercise, self.secret, self.sandbox = exercise, secret, sandbox


_worker: dict[str, Any] = {}


def _begin(settings: Callable[[], Settings]) -> None:
    """Set a worker up: it keeps one zygote for all its submissions."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that gave the work
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _worker["settings"] = settings()
    _worker["warden"] = Warden(sandbox=_worker["settings"].sandbox)
    gc.collect()
    gc.freeze()  # the catalogue stays: no collector need visit it


def _end_with(parent: int) -> None:
    """End this worker once the process that gave the work was killed; its zygote follows."""
    while os.getppid() == parent:
        time.sleep(0.3)
    os._exit(1)


def _work(submission: Submission) -> Result:
    settings: Settings = _worker["settings"]
    return grade(submission, settings.exercise, _worker["warden"], settings.secret)


class Found:
    """A picklable way to an exercise: its lesson's number, or a file of an instructor's own."""

    def __init__(self, lesson: str, secret: bytes, sandbox: bool, private: Path | None) -> None:
        self.lesson, self.secret, self.sandbox, self.private = lesson, secret, sandbox, private

    def __call__(self) -> Settings:
        return Settings(exercise_called(self.lesson, self.private), self.secret, self.sandbox)


def exercise_called(lesson: str, private: Path | None = None) -> Exercise:
    """Return the exercise of a lesson, by its number or name; with an instructor's questions.

    The path of a notebook that `course release` wrote is a name too: of the questions that were
    handed out with it, at the points that stand in it.

    Raises
    ------
    LookupError
        If there is none, or the file with an instructor's questions cannot be used.
    """
    from course.exercises.bank import exercises

    if lesson.endswith(".ipynb") and Path(lesson).is_file():
        from course.grading.release import released

        return released(Path(lesson), private)
    wanted = lesson.strip().removesuffix(".ipynb")
    for exercise in exercises():
        number = exercise.lesson[:2]
        if wanted in (exercise.lesson, number, number.lstrip("0")):
            return with_private(exercise, private) if private else exercise
    names = ", ".join(exercise.lesson for exercise in exercises())
    raise LookupError(f"no exercise {lesson!r}; there are {names}")


def with_private(exercise: Exercise, path: Path) -> Exercise:
    """Return an exercise with the questions that a file of an instructor's own adds.

    The file is Python, in the format of the bank, and defines ``QUESTIONS``.
    """
    import importlib.util
    from dataclasses import replace

    spec = importlib.util.spec_from_file_location("private_questions", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise LookupError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise LookupError(f"{path} cannot be run: {type(error).__name__}: {error}") from error
    questions = getattr(module, "QUESTIONS", None)
    if not isinstance(questions, tuple) or not questions:
        raise LookupError(f"{path} must define QUESTIONS, a tuple of questions")
    known = {question.name for question in exercise.questions}
    if twice := sorted(known & {question.name for question in questions}):
        raise LookupError(f"{path}: {twice[0]} is a question of the course already")
    return replace(exercise, questions=(*exercise.questions, *questions))


def graded(
    submissions: Sequence[Submission],
    found: Found,
    *,
    jobs: int = 2,
) -> Iterator[Result]:
    """Yield the result of each submission as it is there.

    When a worker dies, what was under way is graded once more, each submission by a worker of its
    own. One that its worker dies of again earns nothing, and no other loses anything by it.

    Raises
    ------
    RuntimeError
        If no worker can be started.
    """
    waiting = deque(submissions)
    while waiting:
        under_way: dict[Future[Result], Submission] = {}
        with contextlib.suppress(BrokenProcessPool), _pool(found, min(jobs, len(waiting))) as pool:
            while waiting or under_way:
                while waiting and len(under_way) < 2 * jobs:
                    under_way[pool.submit(_work, waiting[0])] = waiting[0]
                    waiting.popleft()
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    result = future.result()
                    del under_way[future]
                    yield result
        for submission in under_way.values():
            yield _alone(submission, found)


def _alone(submission: Submission, found: Found) -> Result:
    """Return the result of a submission that may have killed a worker."""
    with _pool(found, 1) as pool:
        try:
            pool.submit(os.getpid).result()
        except BrokenProcessPool:
            raise RuntimeError(
                "no worker can be started. What is graded is kept: run the command again"
            ) from None
        with contextlib.suppress(BrokenProcessPool):
            return pool.submit(_work, submission).result()
    settings = found()
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


@contextlib.contextmanager
def _pool(found: Found, jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Keep so many workers for the block; what has not begun at its end never will."""
    pool = ProcessPoolExecutor(jobs, initializer=_begin, initargs=(found,))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def grade_class(
    submissions: Sequence[Submission],
    lesson: str,
    folder: Path,
    *,
    jobs: int = 2,
    sandbox: bool = True,
    private: Path | None = None,
    wrap: Wrap | None = None,
    spread: Callable[[Sequence[Submission], Found], Iterator[Result]] | None = None,
) -> list[Result]:
    """Grade every submission that has no result yet, and return all results by learner.

    Parameters
    ----------
    submissions
        What `submission.submissions` found.
    lesson
        Number or name of the exercise, or the path of the notebook that was released.
    folder
        Where results are kept; a second run goes on there.
    jobs
        How many processes work at once.
    sandbox
        Whether bubblewrap is used if it is there.
    private
        A Python file with an instructor's own questions.
    wrap
        Wraps the results as they come, with their number: a progress bar.
    spread
        Another way to grade many, such as on a cluster.
    """
    exercise = exercise_called(lesson, private)
    results = Results(folder, exercise)
    done = {s.learner: r for s in submissions if (r := results.read(s)) is not None}
    missing = [s for s in submissions if s.learner not in done]
    found = Found(lesson, results.secret, sandbox, private)
    coming = spread(missing, found) if spread else graded(missing, found, jobs=jobs)
    for result in wrap(coming, len(missing)) if wrap else coming:
        results.write(result)
        done[result.learner] = result
    return [done[learner] for learner in sorted(done)]
