"""The class as a table, for any spreadsheet: ``grades.csv``, one row for each learner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from course.exercises.question import Exercise
from course.grading.export.cells import Cell, csv_of, number, rows_of
from course.grading.grader import Result
from course.grading.summary import summary

BEFORE = ("learner", "points", "worth", "percent")
AFTER = ("notes", "sandbox")


def table(results: Sequence[Result], exercise: Exercise) -> Iterator[list[Cell]]:
    """Yield the header, then the row of each learner."""
    questions = [question.name for question in exercise.questions]
    yield [*BEFORE, *questions, *AFTER]
    found = summary(results, exercise).looks if results else ()
    looks = {look.learner: "; ".join(look.reasons) for look in found}
    for result in results:
        points = {mark.question: number(mark.points) for mark in result.marks}
        look = looks.get(result.learner)
        yield [
            result.learner,
            number(result.points),
            result.worth,
            number(100 * result.points / result.worth if result.worth else 0),
            *(points.get(question) for question in questions),
            f"needs a look: {look}" if look else "",
            result.sandbox,
        ]


def grades_csv(results: Sequence[Result], exercise: Exercise, *, bom: bool = False) -> bytes:
    r"""Return the table of a class as CSV.

    Parameters
    ----------
    results
        Of one exercise.
    exercise
        Its questions are the columns.
    bom
        Whether it begins with a byte-order mark, by which Excel knows UTF-8.

    Examples
    --------
    >>> from course.exercises.bank import exercises
    >>> grades_csv([], exercises()[0])[:40]
    b'learner,points,worth,percent,mse,mae_gra'
    """
    return csv_of(table(results, exercise), bom=bom)


def read(data: bytes) -> dict[str, dict[str, float]]:
    """Return the points of each question, by learner, of a table that `grades_csv` wrote."""
    marks = {}
    for row in rows_of(data):
        names = [name for name in row if name not in BEFORE and name not in AFTER]
        marks[row["learner"]] = {name: float(row[name]) for name in names if row[name]}
    return marks
