"""What a learner has done in the exercises, kept on this machine only. Answers are not kept."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from course.keeping import VARIABLE, database, place

_TABLE: Final = """
create table if not exists attempts (
    at text not null,
    question text not null,
    outcome text not null,
    mistake text not null,
    points real not null
)
"""
_COUNT: Final = (
    "select count(question), count(outcome), count(mistake), count(points) from attempts"
)


@dataclass(frozen=True)
class Standing:
    """How a question stands: tries, the most points so far, whether it is right."""

    tries: int = 0
    points: float = 0.0
    right: bool = False
    mistakes: tuple[str, ...] = ()


def record(question: str, outcome: str, mistakes: tuple[str, ...], points: float) -> str:
    """Keep one attempt; return an empty string, or why it could not be kept."""
    try:
        with database(_TABLE) as connection:
            if connection is not None:
                now = datetime.now(UTC).isoformat(timespec="seconds")
                row = (now, question, outcome, ", ".join(mistakes), points)
                connection.execute("insert into attempts values (?, ?, ?, ?, ?)", row)
    except (OSError, sqlite3.Error) as error:
        return f"Your progress could not be kept: {error}. progress() says where."
    return ""


def trouble() -> str:
    """Return why nothing can be kept, in words; an empty string if it can, or should not."""
    path = place()
    try:
        with database(_TABLE) as connection:
            if connection is not None:
                connection.execute(_COUNT)
    except (OSError, sqlite3.Error) as error:
        return f"Nothing can be kept in {path}: {error}. {VARIABLE} may name another file."
    return ""


def standings() -> dict[str, Standing]:
    """Return how each question stands that was tried at least once."""
    try:
        with database(_TABLE) as connection:
            if connection is None:
                return {}
            rows = connection.execute(
                "select question, outcome, mistake, points from attempts order by rowid"
            ).fetchall()
    except (OSError, sqlite3.Error):
        return {}
    found: dict[str, Standing] = {}
    for question, outcome, mistake, points in rows:
        old = found.get(question, Standing())
        found[question] = Standing(
            old.tries + 1,
            max(old.points, points),
            old.right or outcome == "Right",
            (*old.mistakes, mistake) if mistake else old.mistakes,
        )
    return found
