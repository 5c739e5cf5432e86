"""Canvas: the gradebook that the instructor exported, with the one column of an exercise filled in.

Its header is ``Student,ID,SIS User ID,SIS Login ID,Section,<Name (id)>...``; a row of points that
are possible comes before the learners.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from course.exercises.question import Exercise
from course.grading.export.filling import Filled, fill
from course.grading.export.roster import Row, name_key
from course.grading.export.sheet import ExportError, Sheet, as_number
from course.grading.grader import Result

ASSIGNMENT: Final = re.compile(r"(?P<name>.*\S)\s*\((?P<id>\d+)\)", re.DOTALL)
LOGINS: Final = ("SIS User ID", "SIS Login ID", "Integration ID")
#: what Canvas writes for whom no mark can be given: excused, not assigned
LEFT_ALONE: Final = ("EX", "N/A")


def fill_canvas(
    export: bytes,
    results: Sequence[Result],
    exercise: Exercise,
    *,
    column: str | None = None,
    scale: bool = False,
    name: str = "the gradebook",
) -> Filled:
    """Fill the column of an exercise into a gradebook that Canvas exported.

    Parameters
    ----------
    export
        The file's bytes; every cell outside the column stays as it is.
    results
        Of one exercise.
    exercise
        What is graded.
    column
        The assignment's name or number, as in the header; by default the one that is called like
        the exercise, or the only one.
    scale
        Whether marks are converted if the assignment is worth something else than the exercise.
    name
        What the file is called in errors.

    Raises
    ------
    ExportError
        If it is no such export, the column is not found, or the points differ.
    """
    sheet = Sheet(export, name)
    header = sheet.header()
    if "ID" not in header or not {"Student", "LastName"} & set(header):
        raise ExportError(
            f"{name} is no gradebook of Canvas: its first row has no Student and ID. "
            "In Canvas: Grades, Export"
        )
    possible = [
        i for i in range(1, len(sheet.rows)) if sheet.text(i, 0).strip() == "Points Possible"
    ]
    if not possible:
        raise ExportError(f"{name} has no row «Points Possible»: export it from Canvas again")
    target = column_of(header, exercise, column, name)
    rows = [_row(sheet, header, i) for i in range(possible[0] + 1, len(sheet.rows))]
    return fill(
        sheet,
        target,
        {row.place: sheet.text(possible[0], target) for row in rows},
        [row for row in rows if row.names],
        results,
        scale=scale,
        left_alone=LEFT_ALONE,
    )


def column_of(header: Sequence[str], exercise: Exercise, column: str | None, name: str) -> int:
    """Return the place of an assignment's column."""
    assignments = {i: m for i, text in enumerate(header) if (m := ASSIGNMENT.fullmatch(text))}
    if column is not None:
        found = [i for i, m in assignments.items() if column.strip() in (m[0], m["name"], m["id"])]
    else:
        called = {name_key(exercise.lesson), name_key(exercise.title)}
        found = [i for i, m in assignments.items() if name_key(m["name"]) in called]
        if not found and len(assignments) == 1:
            found = list(assignments)
    if len(found) == 1:
        return found[0]
    there = "\n".join(f"  {m[0]}" for m in assignments.values()) or "  none"
    wanted = f"{column!r}" if column is not None else f"the exercise {exercise.lesson}"
    raise ExportError(
        f"{name} has {'more than one' if found else 'no'} assignment for {wanted}. Name the column "
        f"by its number in brackets, one of these:\n{there}"
    )


def _row(sheet: Sheet, header: Sequence[str], i: int) -> Row:
    def cell(title: str) -> str:
        return sheet.text(i, header.index(title)).strip() if title in header else ""

    names = [cell("Student"), f"{cell('LastName')}{cell('FirstName')}"]
    last, comma, first = cell("Student").partition(",")
    if comma:
        names.append(f"{first} {last}")
    if cell("FirstName"):
        names.append(f"{cell('FirstName')} {cell('LastName')}")
    logins = tuple(text for title in LOGINS if (text := cell(title)))
    return Row(i, cell("ID"), logins, tuple(text for text in names if text))


def read(export: bytes, column: str) -> dict[str, float | None]:
    """Return what an assignment's column says, by Canvas's ID."""
    sheet = Sheet(export)
    header = sheet.header()
    (target,) = (
        i
        for i, text in enumerate(header)
        if (m := ASSIGNMENT.fullmatch(text)) and column in (m[0], m["name"], m["id"])
    )
    number = header.index("ID")
    rows = range(1, len(sheet.rows))
    return {
        sheet.text(i, number): as_number(sheet.text(i, target))
        for i in rows
        if sheet.text(i, number)
    }
