"""Hand exercises out: learners' copies with an instructor's choice, points, dates and questions.

What is handed out is also what is graded by: the released notebook holds the questions that were
chosen and their points, and `released` reads them there. So points that are changed in the
notebook's own nbgrader panel are the points that count.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import difflib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from course.exercises.notebooks import Edition, as_file, notebook
from course.exercises.question import Exercise
from course.grading.private import ReleaseError, example, is_private, proved
from course.grading.results import write_in_one_step
from course.grading.run import exercise_called


@dataclass(frozen=True)
class Release:
    """What `release` did, as paths: new files, new editions of old ones, and what it left alone.

    `kept` were changed by somebody since they were written here, or come from elsewhere.
    """

    written: tuple[Path, ...] = ()
    updated: tuple[Path, ...] = ()
    same: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()


def release(
    directory: Path,
    lessons: Sequence[str],
    *,
    title: str | None = None,
    due: str | datetime.date | None = None,
    points: Mapping[str, int] | None = None,
    private: Path | None = None,
    questions: Sequence[str] | None = None,
) -> Release:
    """Write the learners' copies of exercises into a directory, never over a file that is changed.

    Parameters
    ----------
    directory
        Made if it is not there; for nbgrader ``source/<assignment>``.
    lessons
        Numbers or names of exercises.
    title
        In place of the course's own, for one exercise.
    due
        A date or a time, such as ``"2026-02-27"`` or ``"2026-02-27 18:00"``. It is told to the
        learners; nothing is refused or deducted by it.
    points
        What a right answer to a question earns, by its name, where that is not the course's.
    private
        A Python file with an instructor's own questions, ``QUESTIONS`` in the format of the bank,
        which are added to the exercise. Their stubs and prompts are handed out, nothing else.
    questions
        The names of those to hand out; by default all.

    Returns
    -------
    Release
        What was written, and what was left alone.

    Raises
    ------
    ReleaseError
        For what does not fit together, and for a directory that cannot be written.
    LookupError
        For an exercise that there is not, or a private file that cannot be used.
    """
    copies = _copies(lessons, title, due, points or {}, private, questions)
    done: dict[str, list[Path]] = {"written": [], "updated": [], "same": [], "kept": []}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in copies.items():
            path = directory / name
            done[_put(path, content)].append(path)
    except OSError as error:
        place = error.filename or directory
        raise ReleaseError(f"{place} cannot be written: {error.strerror or error}") from None
    return Release(**{state: tuple(paths) for state, paths in done.items()})


def released(path: Path, private: Path | None = None) -> Exercise:
    """Return the exercise that a released notebook asks for: its questions, with their points.

    Parameters
    ----------
    path
        The instructor's copy of what was handed out, never one that came back.
    private
        The file with private questions, if it was released with one.

    Raises
    ------
    LookupError
        For a file that is no exercise notebook, or asks for a question that there is not.
    """
    try:
        found = json.loads(path.read_bytes())
        about = found["metadata"].get("course", {})
        graded = [c["metadata"].get("nbgrader", {}) for c in found["cells"]]
        points = {
            cell["grade_id"].removesuffix("-points"): _whole(cell["points"])
            for cell in graded
            if cell.get("grade") and cell["grade_id"].endswith("-points")
        }
        lesson = str(about.get("lesson", path.stem))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise LookupError(f"{path} is no exercise notebook with whole points") from None
    exercise = exercise_called(lesson, private)
    known = {question.name: question for question in exercise.questions}
    if strange := [name for name in points if name not in known]:
        raise LookupError(
            f"{path} asks for {strange[0]}, which is no question of {exercise.lesson}: "
            "give the file with your private questions too"
        )
    if not points:
        raise LookupError(f"{path} has no cell with points: there is nothing to grade")
    chosen = tuple(replace(known[name], points=worth) for name, worth in points.items())
    return replace(exercise, title=about.get("title") or exercise.title, questions=chosen)


# ------------------------------------------------------------------------------ the copies
def _copies(
    lessons: Sequence[str],
    title: str | None,
    due: str | datetime.date | None,
    points: Mapping[str, int],
    private: Path | None,
    questions: Sequence[str] | None,
) -> dict[str, dict[str, Any]]:
    """Return the notebooks to write by their file names, or raise before anything is written."""
    exercises = [exercise_called(lesson, private) for lesson in dict.fromkeys(lessons)]
    if not exercises:
        raise ReleaseError("name at least one exercise, such as 01")
    if len(exercises) > 1 and (title is not None or private is not None):
        what = "a title" if title is not None else "a file with private questions"
        raise ReleaseError(f"{what} belongs to one exercise: release the exercises one by one")
    title = " ".join((title or "").split())
    stated, told = _due(due) if due is not None else ("", "")
    _known([*(questions or ()), *points], exercises)
    copies = {}
    for exercise in exercises:
        chosen = _chosen(exercise, questions, points)
        own = {q.name: example(proved(q)) for q in chosen.questions if is_private(q)}
        about = {"lesson": exercise.lesson, "title": title, "due": stated}
        edition = Edition(title, told, own, about)
        copies[f"{exercise.lesson}.ipynb"] = notebook(chosen, edition)
    return copies


def _known(names: Sequence[str], exercises: Sequence[Exercise]) -> None:
    known = [question.name for exercise in exercises for question in exercise.questions]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            guess = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise ReleaseError(f"no question is named {name!r}; {guess}")


def _chosen(exercise: Exercise, names: Sequence[str] | None, points: Mapping[str, int]) -> Exercise:
    chosen = [q for q in exercise.questions if names is None or q.name in names]
    if not chosen:
        raise ReleaseError(f"none of the questions chosen is one of {exercise.lesson}")
    for name, worth in points.items():
        if isinstance(worth, bool) or not isinstance(worth, int) or worth < 1:
            raise ReleaseError(f"the points of {name} must be a whole number from 1, not {worth!r}")
        if names is not None and name not in names:
            raise ReleaseError(f"{name} has points, but is not among the questions chosen")
    worths = (replace(q, points=points.get(q.name, q.points)) for q in chosen)
    return replace(exercise, questions=tuple(worths))


def _due(due: str | datetime.date) -> tuple[str, str]:
    """Return a date or time as ISO 8601 and in words."""
    when = _moment(due.strip()) if isinstance(due, str) else due
    words = f"{when:%A} {when.day} {when:%B} {when.year}"
    if isinstance(when, datetime.datetime):
        zone = when.tzname()
        words += f", {when:%H:%M}{f' {zone}' if zone else ''}"
    return when.isoformat(), words


def _moment(words: str) -> datetime.date:
    for kind in (datetime.date, datetime.datetime):  # a date alone is no midnight
        with contextlib.suppress(ValueError):
            return kind.fromisoformat(words)
    raise ReleaseError(f"{words!r} is no date; write 2026-02-27, or 2026-02-27 18:00")


# ------------------------------------------------------------------------------- the files
def _put(path: Path, content: dict[str, Any]) -> str:
    """Write a notebook unless there is one that is changed; return what was done."""
    marked = copy.deepcopy(content)
    marked["metadata"]["course"]["digest"] = _digest(content)
    data = as_file(marked).encode()
    if not os.path.lexists(path):
        write_in_one_step(path, data)
        return "written"
    old = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    if old == data:
        return "same"
    if old is None or not _untouched(old) or path.read_bytes() != old:
        return "kept"
    write_in_one_step(path, data)
    return "updated"


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(as_file(content).encode()).hexdigest()


def _untouched(data: bytes) -> bool:
    """Return whether a file is as it was released: the digest that it carries is its own."""
    try:
        found = json.loads(data)
        digest = found["metadata"]["course"].pop("digest")
        return bool(digest == _digest(found))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def _whole(points: Any) -> int:
    if isinstance(points, bool) or points != int(points) or points < 0:
        raise ValueError(points)
    return int(points)
