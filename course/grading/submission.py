"""Submissions: where they lie, and what of a notebook is looked at.

Nothing that a submission says about itself is believed: metadata, cell ids, points and test cells
are ignored, files are read with a limit, names that look like paths are only names.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

LARGEST: Final = 20 * 2**20  # bytes of one notebook
MOST_CELLS, LONGEST_CODE = 2000, 2 * 2**20
MOST_FILES: Final = 20_000
#: Canvas: name_12345_67890_file.ipynb, also name_LATE_12345_67890_file.ipynb
CANVAS = re.compile(r"^(?P<learner>[^_/]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)$")
#: Moodle: Full Name_12345_assignsubmission_file_/file.ipynb (or without the folder)
MOODLE = re.compile(r"^(?P<learner>.+)_(?P<id>\d+)_assignsubmission_file(?:_.*)?$")


@dataclass(frozen=True)
class Submission:
    """One learner's file: who, what it is called, its bytes; or why it could not be read."""

    learner: str
    name: str
    data: bytes = field(default=b"", repr=False)
    problem: str = ""

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.data + self.problem.encode()).hexdigest()


@dataclass(frozen=True)
class Code:
    """The code cells of a notebook, and why there are none, if so."""

    cells: tuple[str, ...] = ()
    problem: str = ""


class NoSubmissions(Exception):
    """A place in which no submissions are found."""


def code_of(submission: Submission) -> Code:
    """Return the code cells of a submission, as text, whatever else is in it.

    Examples
    --------
    >>> cell = {"cell_type": "code", "source": ["x = 1"]}
    >>> code_of(Submission("a", "a.ipynb", json.dumps({"cells": [cell]}).encode())).cells
    ('x = 1',)
    >>> code_of(Submission("a", "a.ipynb", b"{")).problem
    'The file is no notebook: it is not valid JSON.'
    """
    if submission.problem:
        return Code(problem=submission.problem)
    try:
        notebook = json.loads(submission.data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return Code(problem="The file is no notebook: it is not valid JSON.")
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        return Code(problem="The file is no notebook: it has no cells.")
    found = [
        _joined(cell.get("source"))
        for cell in cells
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    found = [text for text in found if text.strip()]
    if len(found) > MOST_CELLS or sum(map(len, found)) > LONGEST_CODE:
        words = f"more code than is read ({MOST_CELLS} cells, {LONGEST_CODE // 2**20} MiB)"
        return Code(problem=f"The notebook holds {words}.")
    return Code(tuple(found))


def _joined(source: Any) -> str:
    if isinstance(source, str):
        return source
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return ""


# -------------------------------------------------------------------------------- finding
def submissions(place: Path, exercise: str) -> list[Submission]:
    """Return every submission in a folder or zip, by learner.

    Layouts: ``<learner>.ipynb``, ``<learner>/<exercise>.ipynb``, nbgrader's
    ``submitted/<learner>/<assignment>/*.ipynb``, and the bulk downloads of Canvas and Moodle.

    Raises NoSubmissions if there are none.
    """
    files = _zipped(place) if place.suffix == ".zip" else _in_folder(place)
    found: dict[str, tuple[int, Submission]] = {}
    for name, read in files:
        learner, fits = _whose(PurePosixPath(name), exercise)
        if learner is None:
            continue
        old = found.get(learner)
        # of several notebooks of one learner the one that is called like the exercise counts
        if old is None or fits > old[0]:
            found[learner] = (fits, read(learner))
    if not found:
        raise NoSubmissions(f"no notebooks of learners in {place}")
    return [found[learner][1] for learner in sorted(found)]


def _whose(path: PurePosixPath, exercise: str) -> tuple[str | None, int]:
    """Return whose notebook a file is, and how well its name fits the exercise."""
    if path.suffix != ".ipynb" or any(part.startswith((".", "__MACOSX")) for part in path.parts):
        return None, 0
    fits = int(path.stem == exercise) * 2 + int(exercise[:2] in path.stem[:3])
    parts = list(path.parts)
    if "submitted" in parts[:-2]:
        parts = parts[parts.index("submitted") + 1 :]
    if len(parts) == 1:
        canvas = CANVAS.match(parts[0])
        if canvas:
            return f"{canvas['learner']}_{canvas['id']}", 1 + int(exercise in canvas["file"])
        moodle = MOODLE.match(path.stem)
        if moodle:
            return f"{moodle['learner']}_{moodle['id']}", 1
        return path.stem, 1
    moodle = MOODLE.match(parts[0])
    if moodle:
        return f"{moodle['learner']}_{moodle['id']}", 1 + fits
    return parts[0], fits


def _in_folder(folder: Path) -> Iterator[tuple[str, Any]]:
    if not folder.is_dir():
        raise NoSubmissions(f"{folder} is no folder and no zip")
    for count, path in enumerate(sorted(folder.rglob("*.ipynb"))):
        if count >= MOST_FILES:
            raise NoSubmissions(f"more than {MOST_FILES} files in {folder}")
        name = path.relative_to(folder).as_posix()

        def read(learner: str, path: Path = path, name: str = name) -> Submission:
            if path.is_symlink() or not path.is_file():
                return Submission(learner, name, problem="The file is a link, which is not read.")
            try:
                if path.stat().st_size > LARGEST:
                    return Submission(learner, name, problem=_too_large())
                return Submission(learner, name, path.read_bytes())
            except OSError as error:
                words = f"The file cannot be read: {error.strerror}."
                return Submission(learner, name, problem=words)

        yield name, read


def _zipped(place: Path) -> Iterator[tuple[str, Any]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(place.read_bytes()))
    except (OSError, zipfile.BadZipFile) as error:
        raise NoSubmissions(f"{place} cannot be read as a zip: {error}") from None
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise NoSubmissions(f"more than {MOST_FILES} files in {place}")
    for entry in sorted(entries, key=lambda e: e.filename):
        if entry.is_dir() or not entry.filename.endswith(".ipynb"):
            continue
        # names with .. or a root are only names here: nothing is ever unpacked to a file
        parts = [p for p in PurePosixPath(entry.filename).parts if p not in ("..", "/", ".")]
        name = "/".join(parts)

        def read(learner: str, entry: zipfile.ZipInfo = entry, name: str = name) -> Submission:
            try:
                with archive.open(entry) as file:
                    data = file.read(LARGEST + 1)
            except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError):
                return Submission(learner, name, problem="The file in the zip is broken.")
            if len(data) > LARGEST:
                return Submission(learner, name, problem=_too_large())
            return Submission(learner, name, data)

        yield name, read


def _too_large() -> str:
    return f"The file is larger than {LARGEST // 2**20} MiB, which is not read."
