"""Gradescope's autograder: a zip that grades each submission there as `course grade` does here.

It carries the course's own Python files, so nothing of the course has to be fetched; `setup.sh`
installs what they need by name.
"""

from __future__ import annotations

import io
import json
import re
import secrets
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

import course
from course.exercises.question import Exercise
from course.grading.export.gradescope import VISIBILITIES
from course.grading.export.sheet import ExportError

HERE: Final = Path(__file__).parent
PACKAGE: Final = Path(course.__file__).parent
DISTRIBUTION: Final = "how-neural-networks-learn"
#: what submissions may import there; the versions are the course's own
PACKAGES: Final = ("numpy", "matplotlib")
SETTINGS, PRIVATE = "autograder.json", "private_questions.py"


def autograder_zip(
    exercise: Exercise,
    *,
    private: Path | None = None,
    secret: bytes = b"",
    visibility: str = "visible",
) -> bytes:
    """Return the zip to upload to Gradescope for an exercise.

    Parameters
    ----------
    exercise
        What is graded.
    private
        A Python file with an instructor's own questions, which the exercise has.
    secret
        What hidden inputs are drawn with; by default a new one.
    visibility
        Who sees the results when; see `gradescope.gradescope`.

    Examples
    --------
    >>> from course.exercises.bank import exercises
    >>> archive = zipfile.ZipFile(io.BytesIO(autograder_zip(exercises()[0])))
    >>> sorted(name for name in archive.namelist() if "/" not in name)
    ['autograder.json', 'requirements.txt', 'run_autograder', 'setup.sh']
    """
    if visibility not in VISIBILITIES:
        raise ExportError(f"visibility is {visibility!r}; it can be {', '.join(VISIBILITIES)}")
    settings = {
        "exercise": exercise.lesson,
        "visibility": visibility,
        "secret": (secret or secrets.token_bytes(32)).hex(),
        "private": private is not None,
    }
    files = {
        "setup.sh": (HERE / "setup.sh").read_bytes(),
        "run_autograder": (HERE / "run_autograder").read_bytes(),
        "requirements.txt": "".join(f"{line}\n" for line in requirements()).encode(),
        SETTINGS: (json.dumps(settings, indent=1) + "\n").encode(),
    }
    if private is not None:
        files[PRIVATE] = private.read_bytes()
    files |= dict(_own_files())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))  # the same files, the same zip
            program = name in ("setup.sh", "run_autograder")
            entry.external_attr = (0o100755 if program else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            # a checkout may have the line ends of another system
            archive.writestr(entry, data.replace(b"\r\n", b"\n"))
    return stream.getvalue()


def requirements() -> list[str]:
    """Return what has to be installed beside the course, with the course's own bounds."""
    try:
        known = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        known = []
    bounds: dict[str, str] = {}
    for line in known:
        if match := re.match(r"([A-Za-z0-9_.-]+)\s*([^;]*)", line):
            bounds.setdefault(match[1].lower(), f"{match[1]}{match[2].strip()}")
    return [bounds.get(name, name) for name in PACKAGES]


def _own_files() -> Iterator[tuple[str, bytes]]:
    """Yield the Python files of the course, by their names in the zip."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).parts
        if parts[0] not in ("material", "jupyter") and "__pycache__" not in parts:
            yield "/".join(("course", *parts)), path.read_bytes()
