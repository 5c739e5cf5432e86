"""Files of a class, in a folder or a zip: found by name, and read only when their bytes are wanted.

Nothing is followed that is a link, nothing is unpacked, and whatever one folder holds or forbids,
the others are found. What is left out, though it could be a learner's, is named with the reason.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath, PurePosixPath
from typing import Final, TypeAlias

LARGEST: Final = 64 * 2**20  # bytes of one notebook
MOST_FILES: Final = 20_000  # notebooks of a class; of other files ten times as many
MANY: Final = 1000  # notebooks of one folder, which then is to blame if there are too many
DEEPEST: Final = 40  # folders in one another
#: what a folder that is not looked into is told as: the name of a file in it
FOLDER: Final = "(folder)"
EMPTY: Final = "nothing is in it"
JUNK: Final = ("Thumbs.db", "desktop.ini", "__pycache__", ".DS_Store", ".ipynb_checkpoints")
#: what `course grade` writes into its folder
OURS: Final = re.compile(
    r"results|feedback|export|gradescope|secret|exercise|learners\.json|index\.html|summary\.txt"
    r"|grades\.csv|nbgrader\.csv|autograder_.*\.zip|.*-filled\.csv|\.tmp-course-\w{8}"
)


class NoSubmissions(Exception):
    """A place in which no submissions are found."""


class Unreadable(Exception):
    """A file that is not read; its text is a sentence that says why."""


@dataclass(frozen=True)
class LeftOut:
    """A file or folder that is not graded, and why."""

    name: str
    reason: str


# -------------------------------------------------------------------------------- sources
@dataclass(frozen=True)
class File:
    """A file of a folder."""

    path: Path

    def read(self) -> bytes:
        """Return its bytes; raise Unreadable if they cannot be had."""
        try:
            if self.path.is_symlink():
                raise Unreadable("The file is a link, which is not read.")
            flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
            with open(os.open(self.path, os.O_RDONLY | sum(flags)), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise Unreadable("It is no regular file, and is not read.")
                if os.fstat(file.fileno()).st_size > LARGEST:
                    raise Unreadable(_too_large())
                return _whole(file.read(LARGEST + 1))
        except OSError as error:
            raise Unreadable(f"The file cannot be read: {error.strerror}.") from None


@dataclass(frozen=True)
class Entry:
    """A file of a zip, by its place in the table of contents."""

    archive: Path
    place: int
    name: str

    def read(self) -> bytes:
        """Return its bytes; raise Unreadable if they cannot be had."""
        try:
            archive = opened(self.archive)
            entry = next(iter(archive.infolist()[self.place : self.place + 1]), None)
            if entry is None or entry.filename != self.name:
                raise Unreadable("The zip has changed since the file was found in it.")
            with archive.open(entry) as file:
                return _whole(file.read(LARGEST + 1))
        except NoSubmissions:
            raise Unreadable("The zip can no longer be read.") from None
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError):
            raise Unreadable("The file in the zip is broken.") from None


@dataclass(frozen=True)
class Closed:
    """A folder or file that is not looked into, and why."""

    reason: str

    def read(self) -> bytes:
        """Raise Unreadable."""
        raise Unreadable(self.reason)


Source: TypeAlias = File | Entry | Closed
Files: TypeAlias = dict[PurePosixPath, Source]


def _whole(data: bytes) -> bytes:
    if len(data) > LARGEST:
        raise Unreadable(_too_large())
    return data


def _too_large() -> str:
    return f"The file is larger than {LARGEST // 2**20} MiB, which is not read."


def opened(path: Path) -> zipfile.ZipFile:
    """Return a zip, opened once by each process; raise NoSubmissions if it is none."""
    try:
        now = path.stat()
        return _opened(path, os.getpid(), now.st_mtime_ns, now.st_size)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NoSubmissions(f"{path} cannot be read as a zip: {error}") from None


@lru_cache(maxsize=1)
def _opened(path: Path, process: int, changed: int, size: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


# -------------------------------------------------------------------------------- looking
#: yields the names in a folder, each with the file or with the folder that it is
Folder: TypeAlias = Callable[[], "Iterator[tuple[str, Source | Folder]]"]


def is_notebook(path: PurePath) -> bool:
    """Return whether a file is a notebook by its name.

    Examples
    --------
    >>> [is_notebook(PurePath(name)) for name in ("ada.IPYNB", ".ada.ipynb", "ada.py")]
    [True, True, False]
    """
    return path.suffix.lower() == ".ipynb"


def files(place: Path, out: Path | None = None) -> tuple[Files, list[LeftOut]]:
    """Return the files in a folder or zip, and what is left out.

    Parameters
    ----------
    place
        The folder or zip.
    out
        Where `course grade` writes to. In it, and in the place itself, its own files are skipped;
        other folders that it wrote to are left out.

    Raises
    ------
    NoSubmissions
        If the place is none, or holds too many.
    """
    looking = _Looking(place, out)
    if place.suffix.lower() == ".zip" and not place.is_dir():
        found = looking.into(_zipped(place, looking.left), PurePosixPath(), 0)
    elif place.is_dir():
        found = looking.into(_listing(place), PurePosixPath(), 0)
    else:
        raise NoSubmissions(f"{place} is no folder and no zip")
    root = found.get(PurePosixPath(FOLDER))
    if isinstance(root, Closed):
        raise NoSubmissions(f"{place}: {root.reason}")
    return found, looking.left


class _Looking:
    """Looks through folders, and keeps what is left out."""

    def __init__(self, place: Path, out: Path | None) -> None:
        self.place, self.out = place, out
        self.left: list[LeftOut] = []

    def into(self, folder: Folder, path: PurePosixPath, depth: int) -> Files:
        """Return what is in a folder and below; the folder itself, closed, if that is not said."""
        if depth > DEEPEST:
            return _closed(path, f"more than {DEEPEST} folders lie in one another")
        entries: dict[str, Source | Folder] = {}
        try:
            for name, one in folder():
                entries[name] = one
                if len(entries) > 10 * MOST_FILES:
                    return _closed(path, f"it holds more than {10 * MOST_FILES} files")
        except OSError as error:
            return _closed(path, f"{error.strerror}")
        ours = "secret" in entries and callable(entries.get("results"))
        if ours and depth and not self._is_out(path):
            self._leave(path, "results of `course grade` lie there")
            return {}
        parts = [
            self._of(entries[name], path / name, depth + 1, ours=ours)
            for name in sorted(entries)
            if not _is_junk(name)
        ]
        found = _together(parts, path)
        if not found and depth and not self._is_out(path):
            below = f"{path}/"
            self.left = [
                one for one in self.left if one.reason != EMPTY or not one.name.startswith(below)
            ]
            self._leave(path, EMPTY)
        return found

    def _of(self, one: Source | Folder, path: PurePosixPath, depth: int, *, ours: bool) -> Files:
        """Return what one name in a folder stands for; what is left out is kept."""
        hidden = path.name.startswith(".")
        written = ours and OURS.fullmatch(path.name) is not None
        if not callable(one):
            if hidden and not is_notebook(path):
                if "ipynb" in path.name.lower():
                    self._leave(path, "a hidden file")
                return {}
            return {} if written else {path: one}
        before = len(self.left)
        found = self.into(one, path, depth)
        if written and not any(map(is_notebook, found)):
            del self.left[before:]
            return {}
        if hidden:
            del self.left[before:]
            if any(map(is_notebook, found)):
                self._leave(path, "a hidden folder")
            return {}
        if is_notebook(path) and not found:
            del self.left[before:]
            return {path: Closed("It is a folder, not a file.")}
        return found

    def _is_out(self, path: PurePosixPath) -> bool:
        try:
            return self.out is not None and (self.place / path).samefile(self.out)
        except OSError:
            return False

    def _leave(self, path: PurePosixPath, reason: str) -> None:
        self.left.append(LeftOut(str(path), reason))


def _is_junk(name: str) -> bool:
    return name in JUNK or name.startswith(("._", "__MACOSX"))


def _closed(path: PurePosixPath, why: str) -> Files:
    return {path / FOLDER: Closed(f"The folder cannot be looked through: {why}.")}


def _together(parts: list[Files], path: PurePosixPath) -> Files:
    """Return all parts of a folder: if they are too many, the largest of its folders closed.

    So a single folder does not cost the others anything. If none is to blame, all are closed.
    """
    sizes = [_size(part) for part in parts]
    total = sum(sizes)
    for i in sorted(range(len(parts)), key=sizes.__getitem__, reverse=True):
        if total <= MOST_FILES or sizes[i] <= MANY:
            break
        name = next(iter(parts[i])).relative_to(path).parts[0]
        parts[i] = _closed(path / name, f"it holds {_too_many(parts[i])}")
        total -= sizes[i]
    if total > MOST_FILES:
        return _closed(path, f"it holds more than {MOST_FILES} notebooks")
    return {name: one for part in parts for name, one in part.items()}


def _size(found: Files) -> int:
    return max(sum(map(is_notebook, found)), len(found) // 10)


def _too_many(found: Files) -> str:
    count = sum(map(is_notebook, found))
    return f"{count} notebooks" if count > MANY else f"{len(found)} files"


def _listing(folder: Path) -> Folder:
    """Return a way to list a folder of the file system."""

    def entries() -> Iterator[tuple[str, Source | Folder]]:
        with os.scandir(folder) as found:
            for entry in found:
                path = Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    yield entry.name, _listing(path)
                elif entry.is_symlink() and not is_notebook(path) and _leads_to_folder(path):
                    yield entry.name, _link
                else:
                    yield entry.name, File(path)

    return entries


def _leads_to_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _link() -> Iterator[tuple[str, Source | Folder]]:
    yield FOLDER, Closed("The folder is a link, which is not followed.")


def _zipped(place: Path, left: list[LeftOut]) -> Folder:
    """Return a way to list a zip, as the folder that it would be."""
    inside: dict[PurePosixPath, dict[str, Source | Folder]] = defaultdict(dict)
    top = PurePosixPath()
    for i, entry in enumerate(opened(place).infolist()):
        # names with .. or a root are only names here: nothing is ever unpacked to a file
        parts = [p for p in PurePosixPath(entry.filename).parts if p not in ("..", "/", "//", ".")]
        for depth in range(min(len(parts) - (not entry.is_dir()), DEEPEST + 1)):
            folder = top.joinpath(*parts[:depth])
            if not callable(inside[folder].get(parts[depth])):
                inside[folder][parts[depth]] = _of_zip(inside, folder / parts[depth])
        if parts and not entry.is_dir() and len(parts) <= DEEPEST + 1:
            folder, name = top.joinpath(*parts[:-1]), parts[-1]
            if name in inside[folder]:
                left.append(LeftOut("/".join(parts), "a name that the zip has twice"))
            if not callable(inside[folder].get(name)):
                inside[folder][name] = Entry(place, i, entry.filename)
    return _of_zip(inside, top)


def _of_zip(
    inside: dict[PurePosixPath, dict[str, Source | Folder]], folder: PurePosixPath
) -> Folder:
    return lambda: iter(inside[folder].items())
