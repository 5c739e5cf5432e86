"""Moodle: the grading worksheet that the instructor downloaded, with marks and feedback filled in.

Its header is ``Identifier,Full name,Email address,Status,Grade,Maximum Grade,...,Feedback
comments``, or that in German or French. The identifier ends in the number that the bulk download's
folder has, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from course.exercises.outcome import paragraphs
from course.exercises.question import Exercise
from course.grading.export.cells import plain_lines
from course.grading.export.filling import Filled, fill
from course.grading.export.roster import Row
from course.grading.export.sheet import ExportError, Sheet, as_number, like
from course.grading.grader import Result

IDENTIFIER, NAME, GRADE, WORTH = "Identifier", "Full name", "Grade", "Maximum Grade"
FEEDBACK: Final = "Feedback comments"
LOGINS: Final = ("Email address", "Username", "ID number")
#: what Moodle calls these columns in German and in French
TITLES: Final = (
    {
        "ID": IDENTIFIER,
        "Vollständiger Name": NAME,
        "E-Mail-Adresse": "Email address",
        "Anmeldename": "Username",
        "ID-Nummer": "ID number",
        "Bewertung": GRADE,
        "Bestwertung": WORTH,
        "Feedback als Kommentar": FEEDBACK,
    },
    {
        "Identifiant": IDENTIFIER,
        "Nom complet": NAME,
        "Adresse de courriel": "Email address",
        "Nom d’utilisateur": "Username",
        "Numéro d’identification": "ID number",
        "Note": GRADE,
        "Note maximale": WORTH,
        "Feedback par commentaires": FEEDBACK,
    },
)


def fill_moodle(
    worksheet: bytes,
    results: Sequence[Result],
    exercise: Exercise,
    *,
    scale: bool = False,
    feedback: bool = True,
    name: str = "the worksheet",
) -> Filled:
    """Fill marks and feedback into a grading worksheet that Moodle wrote.

    Parameters
    ----------
    worksheet
        The file's bytes; every cell outside the two columns stays as it is.
    results
        Of one exercise.
    exercise
        What is graded.
    scale
        Whether marks are converted if the assignment is worth something else than the exercise.
    feedback
        Whether empty feedback comments are filled, too; one that is there is kept.
    name
        What the file is called in errors.

    Raises
    ------
    ExportError
        If it is no such worksheet, or the points differ.
    """
    sheet = Sheet(worksheet, name)
    header = titles(sheet)
    if missing := [title for title in (IDENTIFIER, GRADE, WORTH) if title not in header]:
        raise ExportError(
            f"{name} has no column {missing[0]!r}: it is no grading worksheet of Moodle in "
            "English, German or French. In Moodle: the assignment, View all submissions, Download "
            "grading worksheet"
        )
    rows = [_row(sheet, header, i) for i in range(1, len(sheet.rows))]
    place = header.index(FEEDBACK) if feedback and FEEDBACK in header else None

    def comment(row: Row, result: Result) -> str | None:
        if place is None or place >= len(sheet.rows[row.place]):
            return None
        words = feedback_html(result)
        if sheet.text(row.place, place).strip() not in ("", words):
            return "a feedback comment was there already"
        sheet.write(row.place, place, words)
        return None

    worth = {row.place: sheet.text(row.place, header.index(WORTH)) for row in rows}
    numbered = [row for row in rows if row.number]
    grade = header.index(GRADE)
    return fill(sheet, grade, worth, numbered, results, scale=scale, also=comment)


def titles(sheet: Sheet) -> list[str]:
    """Return the names of the columns in English.

    Examples
    --------
    >>> titles(Sheet("ID,Bewertung,Bestwertung,Status".encode()))
    ['Identifier', 'Grade', 'Maximum Grade', 'Status']
    """
    header = sheet.header()
    for known in TITLES:
        english = [known.get(title.replace("'", "’"), title) for title in header]
        if {IDENTIFIER, GRADE, WORTH} <= set(english) and IDENTIFIER not in header:
            return english
    return header


def feedback_html(result: Result) -> str:
    """Return what a result says to its learner, as Moodle shows it: HTML, everything escaped.

    Examples
    --------
    >>> from course.grading.grader import Mark
    >>> mark = Mark("mse", 1.0, 2, "wrong", ("`<b>` is not a mean.",))
    >>> feedback_html(Result("ada", "01_losses", (mark,), "none", ""))
    '<p><strong>mse: 1 of 2</strong></p><p><code>&lt;b&gt;</code> is not a mean.</p>'
    """
    parts = [paragraphs(plain_lines(note) for note in result.notes)]
    for mark in result.marks:
        points = f"{like(mark.points, '')} of {mark.worth}"
        parts.append(f"<p><strong>{escape(mark.question)}: {points}</strong></p>")
        parts.append(paragraphs(plain_lines(line) for line in mark.lines))
    return "".join(parts)


def _row(sheet: Sheet, header: Sequence[str], i: int) -> Row:
    def cell(title: str) -> str:
        return sheet.text(i, header.index(title)).strip() if title in header else ""

    number = re.search(r"(\d+)\s*$", cell(IDENTIFIER))
    logins = (cell(IDENTIFIER), *(cell(title) for title in LOGINS))
    return Row(i, number[1] if number else "", logins, (cell(NAME) or cell(IDENTIFIER),))


def read(worksheet: bytes) -> dict[str, float | None]:
    """Return the marks of a worksheet, by identifier."""
    sheet = Sheet(worksheet)
    header = titles(sheet)
    identifier, grade = header.index(IDENTIFIER), header.index(GRADE)
    return {
        sheet.text(i, identifier): as_number(sheet.text(i, grade))
        for i in range(1, len(sheet.rows))
    }
