"""What a learner has done, kept on this machine only: one small SQLite file, no tracking.

The file lies where the system keeps a user's data; the environment variable `COURSE_PROGRESS` names
another one, or ``off``. Several kernels may write at once. Answers themselves are not kept.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

VARIABLE: Final = "COURSE_PROGRESS"
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


def place() -> Path | None:
    """Return the file that progress is kept in, or None if it is switched off."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen == "off":
        return None
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path("how-neural-networks-learn", appauthor=False) / "progress.sqlite"


@contextlib.contextmanager
def _database() -> Iterator[sqlite3.Connection | None]:
    """Open the file, for one transaction; give None where nothing can be kept."""
    path = place()
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path, timeout=5.0)) as connection, connection:
        connection.execute(_TABLE)
        yield connection


def record(question: str, outcome: str, mistakes: tuple[str, ...], points: float) -> str:
    """Keep one attempt; return an empty string, or why it could not be kept."""
    try:
        with _database() as connection:
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
        with _database() as connection:
            if connection is not None:
                connection.execute(_COUNT)
    except (OSError, sqlite3.Error) as error:
        return f"Nothing can be kept in {path}: {error}. {VARIABLE} may name another file."
    return ""


def standings() -> dict[str, Standing]:
    """Return how each question stands that was tried at least once."""
    try:
        with _database() as connection:
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
