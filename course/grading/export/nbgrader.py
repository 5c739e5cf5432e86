"""nbgrader: the CSV that ``nbgrader export`` writes, and its gradebook by its own interface."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from course.exercises.question import Exercise
from course.grading.export.cells import csv_of, plain, rows_of
from course.grading.export.sheet import ExportError
from course.grading.grader import Result

COLUMNS: Final = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


@dataclass(frozen=True)
class Entered:
    """How many learners are in the gradebook now, and who is not, with the reason."""

    learners: int
    refused: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------ CSV
def nbgrader_csv(
    results: Sequence[Result],
    exercise: Exercise,
    *,
    assignment: str | None = None,
    duedate: str = "",
) -> bytes:
    """Return what ``nbgrader export`` would write of these results.

    Parameters
    ----------
    results
        Of one exercise.
    exercise
        What is graded.
    assignment
        Its name in nbgrader; by default the exercise's.
    duedate
        As it is to stand there.

    Examples
    --------
    >>> from course.exercises.bank import exercises
    >>> nbgrader_csv([], exercises()[0]).decode().split(",")[:4]
    ['assignment', 'duedate', 'timestamp', 'student_id']
    """
    name, worth = assignment or exercise.lesson, float(exercise.points)
    rows = [
        (name, duedate, "", r.learner, "", "", "", float(r.points), 0.0, float(r.points), worth)
        for r in results
    ]
    return csv_of([COLUMNS, *rows])


def read(data: bytes) -> dict[tuple[str, str], float]:
    """Return the scores of such a CSV, by assignment and learner."""
    return {
        (row["assignment"], row["student_id"]): float(row["score"])
        for row in rows_of(data.rstrip() + b"\r\n")
    }


# ------------------------------------------------------------------------------ gradebook
def fill_gradebook(
    database: str | Path,
    results: Sequence[Result],
    exercise: Exercise,
    *,
    assignment: str | None = None,
) -> Entered:
    """Enter results into nbgrader's gradebook: as often as you like, it comes out the same.

    The assignment gets a notebook with a graded cell ``<question>-points`` for each question, as
    the exercises' own notebooks have them; what is there already is used. Scores that a person
    gave by hand, other notebooks and other assignments stay as they are.

    Parameters
    ----------
    database
        A file, usually ``gradebook.db``, made if it is not there; or a database's URL.
    results
        Of one exercise.
    exercise
        What is graded.
    assignment
        Its name in nbgrader; by default the exercise's.

    Raises
    ------
    ExportError
        If nbgrader is not installed, or the file is no gradebook of its version.
    """
    name = assignment or exercise.lesson
    if "+" in name or not re.fullmatch(r"[^\x00-\x1f/\\]{1,128}", name):
        raise ExportError(f"nbgrader takes no assignment called {plain(name)!r}: no + and no slash")
    refused = tuple(
        f"{plain(result.learner)}: no name that nbgrader can make a folder of"
        for result in results
        if not _can_be_folder(result.learner)
    )
    taken = [result for result in results if _can_be_folder(result.learner)]
    with _gradebook(database) as (api, gradebook):
        gradebook.update_or_create_assignment(name)
        gradebook.update_or_create_notebook(exercise.lesson, name)
        for question in exercise.questions:
            gradebook.update_or_create_grade_cell(
                f"{question.name}-points",
                exercise.lesson,
                name,
                max_score=question.points,
                cell_type="code",
            )
        for result in taken:
            _enter(api, gradebook, name, exercise.lesson, result)
    return Entered(len(taken), refused)


def read_gradebook(
    database: str | Path, exercise: Exercise, *, assignment: str | None = None
) -> dict[str, dict[str, float]]:
    """Return the score of each question, by learner, that the gradebook holds of an exercise."""
    with _gradebook(database) as (_, gradebook):
        return {
            submission.student.id: {
                grade.name.removesuffix("-points"): grade.score
                for notebook in submission.notebooks
                if notebook.name == exercise.lesson
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(assignment or exercise.lesson)
        }


def _can_be_folder(learner: str) -> bool:
    """Return whether a learner's id is one that nbgrader can use as a folder's name."""
    return (
        re.fullmatch(r"[^\x00-\x1f\x7f/\\]{1,128}", learner) is not None
        and not learner.startswith(".")
        and learner.isprintable()
    )


def _enter(api: ModuleType, gradebook: Any, assignment: str, lesson: str, result: Result) -> None:
    """Enter what one learner earned."""
    gradebook.update_or_create_student(result.learner)
    with gradebook.db.no_autoflush:  # as SQLAlchemy asks of who makes a submission
        submission = gradebook.update_or_create_submission(assignment, result.learner)
    book = gradebook.find_notebook(lesson, assignment)
    submitted = next((one for one in submission.notebooks if one.name == lesson), None)
    if submitted is None:  # it was made before the assignment had this notebook
        submitted = api.SubmittedNotebook(notebook=book, assignment=submission)
        gradebook.db.add(submitted)
    grades = {grade.cell_id: grade for grade in submitted.grades if grade.cell_id}
    cells = {cell.name: cell for cell in book.grade_cells}
    for mark in result.marks:
        cell = cells.get(f"{mark.question}-points")
        if cell is None:
            raise ExportError(f"{plain(mark.question)} is no question of {lesson}")
        grade = grades.get(cell.id)
        if grade is None:
            grade = api.Grade(cell_id=cell.id, notebook=submitted)
            gradebook.db.add(grade)
        grade.auto_score = float(mark.points)
        grade.needs_manual_grade = False
    gradebook.db.commit()


@contextlib.contextmanager
def _gradebook(database: str | Path) -> Iterator[tuple[ModuleType, Any]]:
    """Open a gradebook, and say what is wrong in words."""
    try:
        from nbgrader import api
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        raise ExportError(
            "nbgrader is not installed, whose gradebook is to be filled. Install it:\n"
            f'"{sys.executable}" -m pip install "how-neural-networks-learn[grading]"'
        ) from None
    url, shown = f"sqlite:///{Path(database).absolute()}", str(database)
    try:
        if "://" in shown:
            url = shown
            shown = make_url(url).render_as_string(hide_password=True)
        with _own_programs_first(), api.Gradebook(url) as gradebook:
            yield api, gradebook
    except (SQLAlchemyError, api.InvalidEntry) as error:
        reason = plain(str(error).partition("\n")[0])
        raise ExportError(
            f"{shown} cannot be used as a gradebook: {reason}\n"
            "If an older nbgrader made it:  nbgrader db upgrade"
        ) from None


@contextlib.contextmanager
def _own_programs_first() -> Iterator[None]:
    """Let nbgrader find the programs of this environment, though it may not be activated."""
    before = os.environ.get("PATH")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before or os.defpath])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before
