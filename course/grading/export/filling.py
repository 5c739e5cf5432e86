"""Fill marks into an instructor's own file: one column, only cells of learners who were found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from course.grading.export.cells import plain
from course.grading.export.roster import Row, complaints, match
from course.grading.export.sheet import ExportError, Sheet, as_number, like
from course.grading.grader import Result


@dataclass(frozen=True)
class Filled:
    """A file that was filled in: its bytes, how many marks are in it, and what to look at.

    `unmatched` are the learners who have no row, with the reason; `without` the rows for which
    there is no result; `replaced` the marks that were there before and differ; `kept` the cells
    that were left alone.
    """

    data: bytes
    filled: int
    unmatched: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def fill(
    sheet: Sheet,
    column: int,
    worth: Mapping[int, str],
    rows: Sequence[Row],
    results: Sequence[Result],
    *,
    scale: bool,
    left_alone: Collection[str] = (),
    also: Callable[[Row, Result], str | None] = lambda row, result: None,
) -> Filled:
    """Write each result into its row.

    Parameters
    ----------
    sheet
        What is written to.
    column
        The place of the marks.
    worth
        What the column is worth, by row, as the file writes it.
    rows
        The learners' rows.
    results
        Of one exercise.
    scale
        Whether marks are converted where the file's worth is another.
    left_alone
        What a cell may say that is not overwritten.
    also
        Does more with a row, and says what was left alone.
    """
    found = match([result.learner for result in results], rows)
    replaced, kept, filled = [], [], 0
    for result in results:
        if result.learner not in found.rows:
            continue
        row = found.rows[result.learner]
        who = plain(result.learner)
        text = like(_points(result, worth[row.place], sheet.name, scale), worth[row.place])
        old = sheet.text(row.place, column).strip()
        if column >= len(sheet.rows[row.place]) or old in left_alone:
            kept.append(f"{who}: {plain(old) or 'no cell'}")
            continue
        if old and as_number(old) != as_number(text):
            replaced.append(f"{who}: {plain(old)} is now {text}")
        sheet.write(row.place, column, text)
        filled += 1
        if words := also(row, result):
            kept.append(f"{who}: {words}")
    taken = {row.place for row in found.rows.values()}
    without = tuple(plain(row.names[0]) for row in rows if row.place not in taken and row.names)
    unmatched = complaints(found.unmatched)
    return Filled(sheet.data, filled, unmatched, without, tuple(replaced), tuple(kept))


def _points(result: Result, worth: str, name: str, scale: bool) -> float:
    """Return the points of a result in a file's own measure."""
    full = as_number(worth)
    if full is None:
        raise ExportError(
            f"{name}: the column's points say {worth!r}, which is no number. Is it the right one?"
        )
    if full == result.worth:
        return result.points
    if not scale:
        raise ExportError(
            f"{name}: the column is worth {full:g} points, the exercise {result.worth}. "
            "Change it there, or have the marks converted (scale)"
        )
    return result.points * full / result.worth if result.worth else 0.0
