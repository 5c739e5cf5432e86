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
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Final

from course.grading.words import plain

LARGEST: Final = 20 * 2**20  # bytes of one notebook
MOST_CELLS, LONGEST_CODE = 2000, 2 * 2**20
MOST_FILES: Final = 20_000
#: how the lessons' notebooks are called
LESSON = re.compile(r"\d\d_")
JUNK: Final = ("Thumbs.db", "desktop.ini", "__pycache__")
SEVERAL: Final = 3  # learners in each of the folders: then a folder is no learner's
CHOICE: Final = "Of "  # how a note begins that says which of several notebooks was graded
#: Canvas: name_12345_67890_file.ipynb, also name_LATE_12345_67890_file.ipynb
CANVAS = re.compile(r"^(?P<learner>[^_/]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)$")
#: Moodle: Full Name_12345_assignsubmission_file_/file.ipynb (or without the folder)
MOODLE = re.compile(r"^(?P<learner>.+)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_.*)?$")


@dataclass(frozen=True)
class Submission:
    """One learner's file: who, what it is called, its bytes; or why it could not be read.

    The note says so if it was chosen of several.
    """

    learner: str
    name: str
    data: bytes = field(default=b"", repr=False)
    problem: str = ""
    note: str = ""

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


#: reads a file as the submission of a learner
Read = Callable[[str], Submission]


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
    ``submitted/<learner>/<assignment>/*.ipynb``, and the bulk downloads of Canvas and Moodle; each
    may lie in a folder, as a download does that was unpacked and zipped again.

    Raises NoSubmissions if there are none, or if what lies there is more than one class.
    """
    paths = _files(place)
    around = _around([path for path in paths if _is_notebook(path)], exercise)
    paths = {p.relative_to(around): read for p, read in paths.items() if p.is_relative_to(around)}
    found: dict[str, dict[PurePosixPath, Read]] = defaultdict(dict)
    for path in filter(_is_notebook, paths):
        found[_whose(path)][path] = paths[path]
    if not found:
        raise NoSubmissions(f"no notebooks of learners in {place}")
    folders = {one: inner for one, inner in found.items() if all(len(p.parts) > 1 for p in inner)}
    if folders and all(_is_class(inner, exercise) for inner in folders.values()):
        names = ", ".join(plain(folder, 80) for folder in sorted(folders)[:4])
        raise NoSubmissions(
            f"{place}: each folder in it holds the notebooks of several learners ({names}). "
            "Grade each by itself"
        )
    chosen = [_best(learner, inner, exercise) for learner, inner in found.items()]
    return sorted([*chosen, *_without_notebook(paths, found)], key=lambda one: one.learner)


def submission_of(learner: str, place: Path, exercise: str) -> Submission:
    """Return the submission of a learner who handed in whatever is in a folder or zip.

    Raises NoSubmissions if no notebook is.
    """
    notebooks = {path: read for path, read in _files(place).items() if _is_notebook(path)}
    if not notebooks:
        raise NoSubmissions(f"no notebook in {place}")
    return _best(learner, notebooks, exercise)


def _files(place: Path) -> dict[PurePosixPath, Read]:
    files = _zipped(place) if place.suffix.lower() == ".zip" else _in_folder(place)
    return {path: read for name, read in files if not _is_junk(path := PurePosixPath(name))}


def _best(learner: str, notebooks: Mapping[PurePosixPath, Read], exercise: str) -> Submission:
    """Return the notebook that counts of one learner's, and say that there are others.

    It is the one that is called like the exercise, else the newest by what the names tell: of
    Canvas's attempts, and of copies, the one with the highest number. Notebooks that are called
    like other lessons count only if there is nothing else.
    """

    def rank(path: PurePosixPath) -> tuple[int, list[int], int]:
        numbers = [int(digits) for digits in re.findall(r"\d{1,18}", path.name)]
        return _fit(path, exercise), numbers, -len(path.parts)

    own = [p for p in notebooks if _fit(p, exercise) or not LESSON.match(_stem(p))]
    several = own or list(notebooks)
    best, count = max(several, key=rank), len(several)
    note = f"{CHOICE}{count} notebooks {plain(str(best), 80)} was graded." if count > 1 else ""
    return replace(notebooks[best](learner), note=note)


def _without_notebook(
    paths: Iterable[PurePosixPath], found: Collection[str]
) -> Iterator[Submission]:
    """Yield what those handed in of whom no notebook was found."""
    layouts = {len(path.parts) for path in paths if _is_notebook(path) and not _named(path)}
    names = defaultdict(list)
    for path in paths:
        if _is_handed_in(path, layouts) and (learner := _whose(path)) not in found:
            names[learner].append(path.name)
    for learner, files in names.items():
        more = f" and {len(files) - 3} more" if len(files) > 3 else ""
        told = ", ".join(plain(name, 80) for name in files[:3]) + more
        problem = f"No notebook (.ipynb) was handed in, but {told}."
        yield Submission(learner, files[0], problem=problem)


def _is_handed_in(path: PurePosixPath, layouts: Collection[int]) -> bool:
    """Return whether a file is a learner's by its name, or lies as the others' notebooks do.

    A file in no folder that no bulk download named must look like an answer, too.
    """
    if _named(path):
        return True
    if len(path.parts) > 1:
        return max(layouts, default=1) > 1
    return 1 in layouts and bool(re.search(r"\.(ipynb\b.*|py|pdf)$", path.name.lower()))


def _is_class(paths: Iterable[PurePosixPath], exercise: str) -> bool:
    """Return whether what lies in a folder is several learners', though nobody named it theirs."""
    inner = [_within(path) for path in paths if not _named(path)]
    lessons = [path for path in inner if len(path.parts) == 1 and LESSON.match(path.name)]
    return len(_learners_of(set(inner).difference(lessons), exercise)) >= SEVERAL


def _is_junk(path: PurePosixPath) -> bool:
    return any(part in JUNK or part.startswith((".", "__MACOSX")) for part in path.parts)


def _is_notebook(path: PurePath) -> bool:
    return path.suffix.lower() == ".ipynb"


def _around(paths: Iterable[PurePosixPath], exercise: str) -> PurePosixPath:
    """Return the folder, if any, that is around the learners' own folders or files."""
    around, paths = PurePosixPath(), list(paths)
    while paths:
        if any(path.parts[0] == "submitted" and len(path.parts) > 2 for path in paths):
            return around / "submitted"
        if len(_learners_of(paths, exercise)) > 1 or _named(paths[0]):
            return around
        if any(len(path.parts) == 1 for path in paths):
            break
        around /= paths[0].parts[0]
        paths = [_within(path) for path in paths]
    return PurePosixPath()


def _within(path: PurePosixPath) -> PurePosixPath:
    """Return a path without its first folder."""
    return path.relative_to(path.parts[0])


def _learners_of(paths: Iterable[PurePosixPath], exercise: str) -> set[str]:
    """Return whose notebooks lie in a folder, if it is around those of more than one learner.

    If one is called like the exercise the folder is a learner's: of others beside it none counts.
    """
    paths = list(paths)
    called = re.compile(rf"({exercise}|{exercise[:2]})(\s*\(\d+\))?\.ipynb", re.IGNORECASE)
    if any(len(path.parts) == 1 and called.fullmatch(path.name) for path in paths):
        paths = [path for path in paths if len(path.parts) > 1]
    return {_whose(path) for path in paths}


def _named(path: PurePosixPath) -> re.Match[str] | None:
    """Return what a bulk download's name tells of whose file this is."""
    if len(path.parts) == 1:
        return CANVAS.match(path.name) or MOODLE.match(path.stem)
    return MOODLE.match(path.parts[0])


def _whose(path: PurePosixPath) -> str:
    """Return whose file this is."""
    if named := _named(path):
        return f"{named['learner']}_{named['id']}"
    loose = re.sub(r"\.ipynb\b.*", "", path.stem, flags=re.IGNORECASE | re.DOTALL)
    return loose if len(path.parts) == 1 else path.parts[0]


def _stem(path: PurePosixPath) -> str:
    """Return what a file was called by its learner, without what Canvas writes around that."""
    canvas = CANVAS.match(path.name)
    if canvas is None:
        return path.stem
    return re.sub(r"(-\d+|\s*\(\d+\))+$", "", PurePosixPath(canvas["file"]).stem)


def _fit(path: PurePosixPath, exercise: str) -> int:
    """Return how well a notebook's name fits the exercise."""
    stem = _stem(path)
    return int(stem == exercise) * 2 + int(exercise in stem or exercise[:2] in stem[:3])


def _in_folder(folder: Path) -> Iterator[tuple[str, Read]]:
    if not folder.is_dir():
        raise NoSubmissions(f"{folder} is no folder and no zip")
    paths = sorted(folder.rglob("*"))
    if sum(map(_is_notebook, paths)) > MOST_FILES:
        raise NoSubmissions(f"more than {MOST_FILES} notebooks in {folder}")
    ours = {p.parent for p in paths if p.name == "secret" and (p.parent / "results").is_dir()}
    for path in paths:
        if path.is_dir() and not path.is_symlink() and not _is_notebook(path):
            continue
        if not ours.isdisjoint(path.parents):  # the results of a class lie there
            continue
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


def _zipped(place: Path) -> Iterator[tuple[str, Read]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(place.read_bytes()))
    except (OSError, zipfile.BadZipFile) as error:
        raise NoSubmissions(f"{place} cannot be read as a zip: {error}") from None
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise NoSubmissions(f"more than {MOST_FILES} files in {place}")
    for entry in sorted(entries, key=lambda e: e.filename):
        # names with .. or a root are only names here: nothing is ever unpacked to a file
        parts = [p for p in PurePosixPath(entry.filename).parts if p not in ("..", "/", ".")]
        name = "/".join(parts)
        if entry.is_dir() or not name:
            continue

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
