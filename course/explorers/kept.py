"""Locked predictions, kept beside the progress: they come back after a restart of the kernel.

Where the file cannot be written they last as long as the kernel; where keeping is switched off
(``COURSE_PROGRESS=off``), nothing is kept at all.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any, Final

from course.keeping import database

_TABLE: Final = """
create table if not exists predictions (
    question text primary key,
    prompt text not null,
    guess text not null,
    at text not null
)
"""
_memory: dict[str, tuple[str, str]] = {}  # what the file refused


def keep(question: str, prompt: str, guess: Any) -> None:
    """Keep the guess that was locked; of several, the first stays.

    Parameters
    ----------
    question : str
        The key of the question, such as ``"02/where_it_ends"``.
    prompt : str
        Its words: a guess is of no use once these have changed.
    guess : Any
        Whatever JSON can write.
    """
    words = json.dumps(guess)
    try:
        with database(_TABLE) as connection:
            if connection is not None:
                now = datetime.now(UTC).isoformat(timespec="seconds")
                connection.execute(
                    "insert into predictions values (?, ?, ?, ?) on conflict (question) do update "
                    "set prompt = excluded.prompt, guess = excluded.guess, at = excluded.at "
                    "where prompt <> excluded.prompt",
                    (question, prompt, words, now),
                )
    except (OSError, sqlite3.Error):
        _memory.setdefault(question, (prompt, words))


def kept(question: str, prompt: str) -> Any:
    """Return the guess that was kept for a question with these words, or None."""
    row = _memory.get(question)
    try:
        with database(_TABLE) as connection:
            if connection is not None:
                query = "select prompt, guess from predictions where question = ?"
                row = connection.execute(query, (question,)).fetchone() or row
    except (OSError, sqlite3.Error):
        pass
    if row is None or row[0] != prompt:
        return None
    try:
        return json.loads(row[1])
    except ValueError:
        return None


def forget(question: str = "") -> None:
    """Forget the guess of a question, or without a key those of all questions.

    Raises
    ------
    OSError, sqlite3.Error
        When the file cannot be written.
    """
    for known in [question] if question else list(_memory):
        _memory.pop(known, None)
    with database(_TABLE) as connection:
        if connection is not None:
            connection.execute("delete from predictions where ? in (question, '')", (question,))
