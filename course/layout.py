"""Lay the notebooks and exercises out in a learner's directory, never over their work.

``DIR/.course/manifest.json`` remembers the SHA-256 of every file as it was laid out. A file that
still has that hash is untouched and may be replaced by a newer edition; any other file belongs to
the learner. When the manifest is lost, every file that differs counts as the learner's.
"""

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "how-neural-networks-learn"
FOLDERS = ("notebooks", "exercises")
FIRST_LESSON = "notebooks/00_start_here.ipynb"
PACKAGE = Path(__file__).resolve().parent


class CourseError(Exception):
    """Something that the person at the keyboard can put right; its text says how."""


@dataclass(frozen=True)
class Report:
    """What `lay_out` did, as lists of relative names.

    `written` and `updated` are new on disk; `kept` are the learner's own where a newer edition
    exists; `newer` were laid out by a newer version of the course than this one.
    """

    written: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)


def checkout() -> Path | None:
    """Return the root of the source checkout that this package runs from, if it does."""
    root = PACKAGE.parent
    if (root / "pyproject.toml").is_file() and not (PACKAGE / "material").exists():
        return root
    return None


def course_version() -> str:
    """Return the version of the installed course."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        from course import __version__

        return __version__


def material() -> dict[str, Path]:
    """Return every file to lay out: its relative name, with slashes, and where it comes from."""
    root = checkout() or PACKAGE / "material"
    files = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if path.is_file() and not any(part.startswith((".", "__")) for part in parts):
                files["/".join(parts)] = path
    if not files:
        raise CourseError(
            f"No notebooks in {root}: this installation is incomplete.\n"
            f"Install it again:  python -m pip install --force-reinstall --no-deps {DISTRIBUTION}"
        )
    return files


def lay_out(directory: Path) -> Report:
    """Bring `directory` up to date, leaving alone whatever the learner changed.

    Parameters
    ----------
    directory : Path
        Made if it does not exist.

    Returns
    -------
    Report
        What was written, updated and kept.

    Raises
    ------
    CourseError
        When `directory` is a file, or cannot be written.
    """
    files = material()
    with _readable_errors(directory):
        directory.mkdir(parents=True, exist_ok=True)
        laid_out, edition = _read_manifest(directory)
        older = _numbers(course_version()) < _numbers(edition)
        report = Report()
        for name, source in files.items():
            content, target = source.read_bytes(), directory / name
            if not os.path.lexists(target):
                _write(target, content)
                report.written.append(name)
            elif (found := _hash_file(target)) == _hash(content):
                pass
            elif found is None or found != laid_out.get(name):
                if laid_out.get(name) != _hash(content):
                    report.kept.append(name)
                continue
            elif older:
                report.newer.append(name)
                continue
            elif _hash_file(target) == found:  # nobody saved it in the meantime
                _write(target, content)
                report.updated.append(name)
            laid_out[name] = _hash(content)
        _write_manifest(directory, laid_out, edition if older else course_version())
    return report


def write_fresh(directory: Path, wanted: str) -> Path:
    """Write the newest edition of one file beside the learner's own, under a free name.

    Parameters
    ----------
    directory : Path
        Where the course is laid out.
    wanted : str
        A name such as ``02_gradient_descent``, with or without folder and ending.

    Returns
    -------
    Path
        The new file, for instance ``02_gradient_descent.fresh.ipynb``.

    Raises
    ------
    CourseError
        When no file, or more than one, has that name, or the directory cannot be written.
    """
    files = material()
    plain = wanted.replace("\\", "/").removeprefix("./")
    matches = [name for name in files if plain in _spellings(name)]
    if not matches:
        names = "\n".join(f"  {name}" for name in files)
        raise CourseError(f"The course has no file called {wanted!r}. It has:\n{names}")
    if len(matches) > 1:
        raise CourseError(f"{wanted!r} can be {' or '.join(matches)}: name it with its folder.")
    with _readable_errors(directory):
        target = directory / matches[0]
        target.parent.mkdir(parents=True, exist_ok=True)
        for number in range(1, 1000):
            ending = "fresh" if number == 1 else f"fresh-{number}"
            beside = target.with_name(f"{target.stem}.{ending}{target.suffix}")
            try:
                # Reserves the name: fails if anything is there.
                beside.open("x").close()
            except FileExistsError:
                continue
            _write(beside, files[matches[0]].read_bytes())
            return beside
    raise CourseError(f"Too many fresh editions of {target.name} in {target.parent}: remove some.")


def _spellings(name: str) -> set[str]:
    base = name.rpartition("/")[2]
    return {name, base, name.rpartition(".")[0], base.rpartition(".")[0]}


# -------------------------------------------------------------------- manifest
def _read_manifest(directory: Path) -> tuple[dict[str, str], str]:
    try:
        text = (directory / ".course" / "manifest.json").read_text(encoding="utf-8")
        manifest = json.loads(text)
        files = {str(name): str(value) for name, value in manifest["files"].items()}
        return files, str(manifest["version"])
    except FileNotFoundError:
        return {}, "0"
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}, "0"


def _write_manifest(directory: Path, files: dict[str, str], version: str) -> None:
    text = json.dumps({"version": version, "files": files}, indent=1, sort_keys=True)
    _write(directory / ".course" / "manifest.json", f"{text}\n".encode())


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in match.group().split(".")) if match else (0,)


# ----------------------------------------------------------------------- files
def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hash_file(path: Path) -> str | None:
    """Return the hash of a regular file; None for a link, a directory or anything else."""
    if path.is_symlink() or not path.is_file():
        return None
    return _hash(path.read_bytes())


def _write(target: Path, content: bytes) -> None:
    """Put `content` at `target` in one step, so that a reader never sees half a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".course-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


@contextlib.contextmanager
def _readable_errors(directory: Path) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise CourseError(
            f"{error.filename or directory} is in the way: it is a file, and the course needs a "
            "directory.\nName another one:  course lab DIR"
        ) from None
    except PermissionError as error:
        raise CourseError(
            f"No permission to write {error.filename or directory}.\n"
            "Name a directory of your own:  course lab DIR"
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise CourseError(f"Cannot write {error.filename or directory}: {reason}.") from None
