"""What is kept of a learner, on this machine only: one small SQLite file, no tracking.

The file lies where the system keeps a user's data; the environment variable `COURSE_PROGRESS` names
another one, or ``off``. Several kernels may write at once.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

VARIABLE: Final = "COURSE_PROGRESS"


def place() -> Path | None:
    """Return the file that everything is kept in, or None if keeping is switched off."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen == "off":
        return None
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path("how-neural-networks-learn", appauthor=False) / "progress.sqlite"


@contextlib.contextmanager
def database(table: str) -> Iterator[sqlite3.Connection | None]:
    """Open the file for one transaction, with a table; give None where nothing is kept.

    Parameters
    ----------
    table : str
        The SQL that makes the table if it is not there yet.

    Yields
    ------
    sqlite3.Connection or None
        The open file; what is written is committed in the end.

    Raises
    ------
    OSError, sqlite3.Error
        When the file cannot be made, read or written.
    """
    path = place()
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path, timeout=5.0)) as connection, connection:
        connection.execute(table)
        yield connection
