"""The results of a class, kept as they come: one file for each learner, written in one step.

A result counts if it is of this very file, these questions and this secret.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import math
import os
import re
import secrets
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from course import __version__
from course.exercises.question import Exercise
from course.grading.grader import FORMAT, Result
from course.grading.submission import CHOICE, Submission

#: how the names of files begin that are not yet written to the end
UNFINISHED: Final = ".tmp-course-"
#: what is written beside the results when all are there
TABLES: Final = ("grades.csv", "index.html", "summary.txt")
STATUSES: Final = ("right", "wrong", "raised", "not attempted", "missing", "stopped")


class Results:
    """The folder that results are kept in, one JSON file for each learner, and whom they are about.

    Parameters
    ----------
    folder
        Made if it is not there.
    exercise
        What is graded; its questions are part of what a result is of.
    """

    def __init__(self, folder: Path, exercise: Exercise) -> None:
        self.folder, self.exercise = folder, exercise
        self.broken: list[Path] = []
        self._nothing_of_others()
        (folder / "results").mkdir(parents=True, exist_ok=True)
        self._only_this_exercise()
        self._without_leftovers()
        self.secret = self._secret()
        self.terms = terms(exercise, self.secret)

    def _nothing_of_others(self) -> None:
        """Refuse a folder with files of another's that ours would be written over."""
        ours = (self.folder / "secret").exists()
        there = [name for name in TABLES if not ours and (self.folder / name).exists()]
        if there:
            raise LookupError(
                f"{self.folder / there[0]} is not of `course grade`, which would write over it; "
                "name another folder"
            )

    def _only_this_exercise(self) -> None:
        """Refuse a folder that holds the results of another exercise: they would be overwritten."""
        path = self.folder / "exercise"
        lesson = self.exercise.lesson
        if path.exists():
            other = path.read_bytes()[:200].decode("utf-8", "replace").strip()
            if not re.fullmatch(r"\d\d_\w+", other):
                raise LookupError(
                    f"{path} does not say of which exercise the results are. If they are of "
                    f"{lesson}, delete this file and run the command again; else name another "
                    "folder"
                )
            if other != lesson:
                raise LookupError(
                    f"{self.folder} holds results of {other}; name another folder for {lesson}"
                )
        write_in_one_step(path, f"{lesson}\n".encode())

    def _without_leftovers(self) -> None:
        """Remove what a run that was killed had not finished writing, and nothing else."""
        for folder in (self.folder, self.folder / "results", self.folder / "feedback"):
            for path in folder.glob(f"{UNFINISHED}*"):
                with contextlib.suppress(OSError):
                    old = time.time() - path.lstat().st_mtime > 600  # no other run is at it
                    if old and _is_unfinished(path):
                        path.unlink()

    def _secret(self) -> bytes:
        """Return the secret that hidden inputs are drawn with; make one on the first run."""
        path = self.folder / "secret"
        made = self.folder / f"{UNFINISHED}{secrets.token_hex(4)}"
        if not path.exists():
            write_in_one_step(made, secrets.token_hex(32).encode(), mode=0o600)
            try:
                os.link(made, path)  # of two runs that begin together one makes the secret
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                os.replace(made, path)
            made.unlink(missing_ok=True)
        secret = path.read_bytes().strip()
        if not re.fullmatch(rb"[0-9a-f]{64}", secret):
            raise LookupError(
                f"{path} is damaged. Bring it back from a backup; or delete it, and all are graded "
                "again with new inputs"
            )
        return secret

    def about(self, learners: Iterable[str]) -> None:
        """Keep whom a run is about: `all` tells of nobody else until the next."""
        write_in_one_step(self.folder / "learners.json", json.dumps(sorted(learners)).encode())

    def all(self) -> list[Result]:
        """Return every result of this exercise and this secret, by learner.

        Of learners whom the last run was not about the results are kept, but not told.
        """
        learners = self._learners()
        return [r for r in self._kept() if learners is None or r.learner in learners]

    def others(self) -> list[str]:
        """Return the learners who have a result, but whom the last run was not about."""
        learners = self._learners()
        return [r.learner for r in self._kept() if learners and r.learner not in learners]

    def lost(self) -> list[str]:
        """Return the learners whom the last run was about, but of whom there is no result."""
        return sorted((self._learners() or set()).difference(r.learner for r in self._kept()))

    def _learners(self) -> set[str] | None:
        path = self.folder / "learners.json"
        try:
            learners = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None  # no run has said whom it is about
        except (ValueError, RecursionError):
            learners = None
        if not isinstance(learners, list) or not all(isinstance(one, str) for one in learners):
            raise LookupError(f"{path} is damaged. Run `course grade` again, which writes it anew")
        return set(learners)

    def _kept(self) -> list[Result]:
        """Return every result that lies in its own file."""
        found = []
        for path in sorted((self.folder / "results").glob("*.json")):
            with contextlib.suppress(OSError, ValueError):
                result = self._result(path)
                if result is not None and self.path(result.learner).name == path.name:
                    found.append(result)
        return sorted(found, key=lambda result: result.learner)

    def _result(self, path: Path) -> Result | None:
        """Return the result in a file, or None if it is of other terms; raise ValueError if none.

        Raises OSError if the file cannot be read.
        """
        try:
            data = json.loads(path.read_bytes(), parse_constant=_no_number)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None
        if not isinstance(data, dict):
            raise ValueError("it is no result")
        if data.pop("terms", None) != self.terms:
            return None
        return result_of(data, self.exercise)

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
        """Return the result of this very submission, if there is one already.

        A file that should hold it and does not is kept in `broken`.
        """
        path = self.path(submission.learner)
        try:
            result = self._result(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            self.broken.append(path)
            return None
        if result is None or result.learner != submission.learner:
            return None
        return result if result.submission == submission.digest else None


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def result_of(data: dict[str, Any], exercise: Exercise) -> Result:
    """Return the result that `data` came from; raise ValueError if it can be none of an exercise.

    Examples
    --------
    >>> from course.exercises.bank import exercises
    >>> exercise = exercises()[0]
    >>> result = Result("ada", "01_losses", (), "none", "")
    >>> result_of(result.data, exercise) == result
    True
    >>> result_of(result.data | {"seconds": -1}, exercise)
    Traceback (most recent call last):
    ValueError: it is no result of 01_losses
    """
    try:
        result = Result.from_data(data)
        same = json.dumps(result.data, sort_keys=True) == json.dumps(data, sort_keys=True)
        fine = same and _is_sound(result, exercise)
    except (LookupError, TypeError, AttributeError, RecursionError):
        fine = False
    if not fine:
        raise ValueError(f"it is no result of {exercise.lesson}")
    return result


def _is_sound(result: Result, exercise: Exercise) -> bool:
    """Return whether a result is one that `grade` can have made."""
    worth = {question.name: question.points for question in exercise.questions}
    texts = (result.learner, result.sandbox, result.submission, *result.notes)
    return (
        (result.exercise, result.format) == (exercise.lesson, FORMAT)
        and all(isinstance(text, str) for text in texts)
        and _is_number(result.seconds)
        and len({mark.question for mark in result.marks}) == len(result.marks)
        and all(
            mark.status in STATUSES
            and mark.worth == worth[mark.question]
            and _is_number(mark.points, mark.worth)
            and all(isinstance(text, str) for text in (*mark.lines, *mark.mistakes))
            for mark in result.marks
        )
    )


def _is_number(value: object, most: float = math.inf) -> bool:
    return type(value) in (int, float) and 0 <= value <= most  # type: ignore[operator]


def terms(exercise: Exercise, secret: bytes) -> str:
    """Return a digest of all that a mark depends on but the submission.

    That is the secret, the questions and their points, the files that the questions stand in
    (their inputs, mistakes and credits are functions and texts of these), and the course's version.
    """
    told = hashlib.sha256(secret + f"{FORMAT} {__version__}".encode())
    for file in sorted({inspect.getfile(q.reference) for q in exercise.questions}):
        told.update(hashlib.sha256(Path(file).read_bytes()).digest())
    for question in exercise.questions:
        told.update(f"{question.name} {question.points}".encode())
    return told.hexdigest()


def with_note(result: Result, submission: Submission) -> Result:
    """Return a result that says which of several notebooks it is of, if there are several now."""
    notes = [note for note in result.notes if not note.startswith(CHOICE)]
    return replace(result, notes=(*filter(None, [submission.note]), *notes))


def safe_name(learner: str) -> str:
    """Return a file name for a learner: readable, unique, and nothing but a name.

    Examples
    --------
    >>> safe_name("ada"), safe_name("../../etc/passwd")
    ('ada-fdee430d40bd57deeac186cd9790033d', 'etc-passwd-3754d6cb3a38e1185e5b382d5f3ef3f1')
    """
    digest = hashlib.sha256(learner.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    readable = re.sub(r"[^A-Za-z0-9_]+", "-", learner).strip("-")[:40]
    return f"{readable}-{digest}" if readable else digest


def _is_unfinished(path: Path) -> bool:
    """Return whether a file is one that `write_in_one_step` began, by its name and kind."""
    name = re.fullmatch(re.escape(UNFINISHED) + r"[a-z0-9_]{8}", path.name)
    return name is not None and path.is_file() and not path.is_symlink()


def write_in_one_step(path: Path, data: bytes, mode: int = 0o644, *, through: bool = True) -> None:
    """Write a file so that at any moment there is the old one or the new one, whole.

    Unless it is written `through` to the disk, that holds as long as the machine keeps running.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
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
