"""Submissions: where they lie, and what of a notebook is looked at.

Nothing that a submission says about itself is believed: metadata, cell ids, points and test cells
are ignored, files are read with a limit, names that look like paths are only names.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from course.grading.files import (
    EMPTY,
    FOLDER,
    Closed,
    Files,
    LeftOut,
    NoSubmissions,
    Source,
    Unreadable,
    files,
    is_notebook,
)
from course.grading.words import plain

__all__ = ["Class", "LeftOut", "NoSubmissions", "Submission", "class_in", "submissions"]

MOST_CELLS, LONGEST_CODE = 2000, 2 * 2**20
MOST_MEMORY: Final = 2**30  # bytes that a notebook may take when it is read, roughly
#: how the lessons' notebooks are called
LESSON = re.compile(r"\d\d_")
SEVERAL: Final = 3  # learners in each of the folders: then a folder is no learner's
CHOICE: Final = "Of "  # how a note begins that says which of several notebooks was graded
#: Canvas: name_12345_67890_file.ipynb, also name_LATE_12345_67890_file.ipynb
CANVAS = re.compile(r"^(?P<learner>[^_/]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)$")
#: Moodle: Full Name_12345_assignsubmission_file_/file.ipynb (or without the folder)
MOODLE = re.compile(r"^(?P<learner>.+)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_.*)?$")
#: what nbgrader has beside `submitted`
NBGRADER: Final = ("source", "release", "autograded", "feedback")
NBGRADER_FILES: Final = ("gradebook.db", "nbgrader_config.py")


@dataclass(frozen=True)
class Submission:
    """One learner's file: who, what it is called, its bytes; or why it could not be read.

    The data may be a file that is read only when its bytes are needed. The note says so if it was
    chosen of several.
    """

    learner: str
    name: str
    data: bytes | Source = field(default=b"", repr=False)
    problem: str = ""
    note: str = ""

    def read(self) -> Submission:
        """Return the submission with its bytes, as they are now; or with what the problem is."""
        if isinstance(self.data, bytes):
            return self
        try:
            return replace(self, data=self.data.read())
        except Unreadable as reason:
            return replace(self, data=b"", problem=str(reason))

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes."""
        now = self.read()
        assert isinstance(now.data, bytes)
        return hashlib.sha256(now.data + now.problem.encode()).hexdigest()


@dataclass(frozen=True)
class Class:
    """What a class handed in, by learner, and what was found beside it that is not graded."""

    submissions: tuple[Submission, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Code:
    """The code cells of a notebook, and why there are none, if so."""

    cells: tuple[str, ...] = ()
    problem: str = ""


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
    now = submission.read()
    if now.problem or not isinstance(now.data, bytes):
        return Code(problem=now.problem)
    if _memory(now.data) > MOST_MEMORY:
        return Code(problem="The file holds more lists and objects than are read.")
    try:
        notebook = json.loads(now.data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return Code(problem="The file is no notebook: it is not valid JSON.")
    cells = _cells(notebook)
    if cells is None:
        return Code(problem="The file is no notebook: it has no cells.")
    found = [
        _joined(cell.get("source", cell.get("input")))  # in nbformat 3 it is called input
        for cell in cells
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    found = [text for text in found if text.strip()]
    if len(found) > MOST_CELLS or sum(map(len, found)) > LONGEST_CODE:
        words = f"more code than is read ({MOST_CELLS} cells, {LONGEST_CODE // 2**20} MiB)"
        return Code(problem=f"The notebook holds {words}.")
    return Code(tuple(found))


def _memory(data: bytes) -> int:
    """Return roughly how many bytes a JSON file takes as Python objects."""
    return 200 * data.count(b"{") + 64 * data.count(b"[") + 32 * data.count(b",")


def _cells(notebook: Any) -> list[Any] | None:
    """Return the cells of a notebook, of nbformat 4 or in the worksheets of nbformat 3."""
    if not isinstance(notebook, dict):
        return None
    if isinstance(cells := notebook.get("cells"), list):
        return cells
    worksheets = notebook.get("worksheets")
    if not isinstance(worksheets, list):
        return None
    inner = [sheet.get("cells") for sheet in worksheets if isinstance(sheet, dict)]
    return [cell for cells in inner if isinstance(cells, list) for cell in cells]


def _joined(source: Any) -> str:
    if isinstance(source, str):
        return source
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return ""


# -------------------------------------------------------------------------------- finding
def submissions(place: Path, exercise: str) -> list[Submission]:
    """Return every submission in a folder or zip, by learner; see `class_in`."""
    return list(class_in(place, exercise).submissions)


def class_in(place: Path, exercise: str, out: Path | None = None) -> Class:
    """Return what a class handed in, in a folder or zip, and what of that is not graded.

    Layouts: ``<learner>.ipynb``, ``<learner>/<exercise>.ipynb``, nbgrader's
    ``submitted/<learner>/<assignment>/*.ipynb``, and the bulk downloads of Canvas and Moodle; each
    may lie in a folder, as a download does that was unpacked and zipped again. What `course grade`
    wrote is no learner's, wherever `out` is.

    Raises NoSubmissions if there are none, or if what lies there is more than one class.
    """
    paths, left = files(place, out)
    around = _around(paths, exercise)
    inside = {p.relative_to(around): one for p, one in paths.items() if p.is_relative_to(around)}
    left += _outside(paths, around)
    found: dict[str, Files] = defaultdict(dict)
    for path in filter(is_notebook, inside):
        found[_whose(path)][path] = inside[path]
    closed = {p: one for p, one in inside.items() if isinstance(one, Closed) and p.name == FOLDER}
    if not found:
        left += _told(closed, around)
        told = "".join(f"\nLeft out: {plain(o.name, 80)} ({o.reason})" for o in left[:4])
        raise NoSubmissions(f"no notebooks of learners in {place}{told}")
    if folders := _classes(found, exercise):
        names = ", ".join(plain(folder, 80) for folder in sorted(folders)[:4])
        raise NoSubmissions(
            f"{place}: each folder in it holds the notebooks of several learners ({names}). "
            "Grade each by itself"
        )
    chosen = {one: _best(one, inner, exercise, around) for one, inner in found.items()}
    for path, one in closed.items():
        if (learner := _whose(path)) not in chosen:
            name = str(around / path.parent)
            chosen[learner] = Submission(learner, name, problem=one.reason)
        elif learner in found:
            left += _told({path: one}, around)
    others = {path: one for path, one in inside.items() if path not in closed}
    chosen |= {one.learner: one for one in _without_notebook(others, chosen)}
    left = [one for one in left if one.reason != EMPTY or _owner(one.name, around) not in chosen]
    left += _nobodys(inside, chosen)
    return Class(tuple(chosen[learner] for learner in sorted(chosen)), tuple(left))


def submission_of(learner: str, place: Path, exercise: str) -> Submission:
    """Return the submission of a learner who handed in whatever is in a folder or zip.

    Raises NoSubmissions if no notebook is.
    """
    notebooks = {path: one for path, one in files(place)[0].items() if is_notebook(path)}
    if not notebooks:
        raise NoSubmissions(f"no notebook in {place}")
    return _best(learner, notebooks, exercise)


def _told(closed: Mapping[PurePosixPath, Closed], around: PurePosixPath) -> list[LeftOut]:
    """Return what is said of folders that are not looked through."""
    return [LeftOut(str(around / path.parent), one.reason) for path, one in closed.items()]


def _outside(paths: Iterable[PurePosixPath], around: PurePosixPath) -> Iterator[LeftOut]:
    """Yield what lies beside the folder that is around the learners' own."""
    nbgrader = around.name == "submitted"
    tops: dict[str, bool] = {}
    for path in paths:
        if path.is_relative_to(around):
            continue
        depth = next(i for i, part in enumerate(path.parts) if part != around.parts[i])
        top = PurePosixPath(*path.parts[: depth + 1])
        if top.name not in NBGRADER_FILES:
            tops[str(top)] = nbgrader and top.name in NBGRADER
    for name, own in tops.items():
        yield LeftOut(name, "nbgrader's own" if own else f"it lies beside {around}")


def _nobodys(paths: Iterable[PurePosixPath], known: Collection[str]) -> Iterator[LeftOut]:
    """Yield the files and folders without a notebook that are no learner's."""
    tops = {path.parts[0]: None for path in paths if _whose(path) not in known}
    for name in tops:
        yield LeftOut(name, "no notebook")


def _owner(name: str, around: PurePosixPath) -> str:
    """Return whose folder it is that something lies in."""
    path = PurePosixPath(name)
    return _whose(path.relative_to(around) / FOLDER) if around in path.parents else ""


def _best(
    learner: str,
    notebooks: Mapping[PurePosixPath, Source],
    exercise: str,
    around: PurePosixPath | None = None,
) -> Submission:
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
    return Submission(learner, str((around or PurePosixPath()) / best), notebooks[best], note=note)


def _without_notebook(
    paths: Iterable[PurePosixPath], found: Collection[str]
) -> Iterator[Submission]:
    """Yield what those handed in of whom no notebook was found."""
    layouts = {len(path.parts) for path in paths if is_notebook(path) and not _named(path)}
    theirs = defaultdict(list)
    for path in paths:
        if _is_handed_in(path, layouts) and (learner := _whose(path)) not in found:
            theirs[learner].append(path.name)
    for learner, names in theirs.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        told = ", ".join(plain(name, 80) for name in names[:3]) + more
        problem = f"No notebook (.ipynb) was handed in, but {told}."
        yield Submission(learner, names[0], problem=problem)


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


def _classes(found: Mapping[str, Files], exercise: str) -> list[str]:
    """Return the folders, if each holds a class and nothing but the lesson's lies beside them."""
    folders = [one for one, inner in found.items() if all(len(path.parts) > 1 for path in inner)]
    loose = [one for one in found if one not in folders and not LESSON.match(one)]
    several = not loose and all(_is_class(found[folder], exercise) for folder in folders)
    return folders if several else []


def _around(paths: Iterable[PurePosixPath], exercise: str) -> PurePosixPath:
    """Return the folder, if any, that is around the learners' own folders or files."""
    around, paths = PurePosixPath(), list(paths)
    while notebooks := [path for path in paths if is_notebook(path) or path.name == FOLDER]:
        if _is_nbgraders(paths, notebooks):
            return around / "submitted"
        if len(_learners_of(notebooks, exercise)) > 1 or _named(notebooks[0]):
            return around
        if any(len(path.parts) == 1 for path in notebooks):
            break
        top = notebooks[0].parts[0]
        around /= top
        paths = [_within(path) for path in paths if path.parts[0] == top and len(path.parts) > 1]
    return PurePosixPath()


def _is_nbgraders(paths: Iterable[PurePosixPath], notebooks: Iterable[PurePosixPath]) -> bool:
    """Return whether a folder is a course of nbgrader's, and not one with a learner "submitted".

    Beside `submitted` lies what nbgrader makes, or no notebook.
    """
    tops = {path.parts[0] for path in notebooks}
    if not any(path.parts[0] == "submitted" and len(path.parts) > 2 for path in notebooks):
        return False
    beside = tops | {path.name for path in paths if len(path.parts) == 1}
    return tops == {"submitted"} or not beside.isdisjoint((*NBGRADER, *NBGRADER_FILES))


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
