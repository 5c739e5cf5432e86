"""Out to where instructors live: spreadsheets, nbgrader, Gradescope, Canvas and Moodle.

Each format is a file here: pure functions from results to bytes, and a reader that gives the marks
back. `export` writes what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from course.exercises.question import Exercise
from course.grading.export.autograder import autograder_zip
from course.grading.export.canvas import fill_canvas
from course.grading.export.filling import Filled
from course.grading.export.grades import grades_csv
from course.grading.export.gradescope import results_json
from course.grading.export.moodle import fill_moodle
from course.grading.export.nbgrader import fill_gradebook, nbgrader_csv
from course.grading.export.sheet import ExportError
from course.grading.grader import Result
from course.grading.results import safe_name, write_in_one_step

__all__ = ["FORMATS", "ExportError", "Options", "Written", "check", "export"]


@dataclass(frozen=True)
class Options:
    """What the formats need to know beside the results.

    Parameters
    ----------
    bom
        Whether ``grades.csv`` begins with a byte-order mark, by which Excel knows UTF-8.
    canvas, moodle
        The instructor's own exports, which are read and not written to.
    column
        Which assignment of Canvas's is filled: its name or number.
    scale
        Whether marks are converted where Canvas or Moodle have another number of points.
    gradebook
        nbgrader's database; by default ``gradebook.db`` in the folder that is written to.
    assignment
        The exercise's name in nbgrader.
    visibility
        Who sees results in Gradescope, and when.
    private, secret
        An instructor's own questions and the secret of the hidden inputs, for the autograder.
    """

    bom: bool = False
    canvas: Path | None = None
    moodle: Path | None = None
    column: str | None = None
    scale: bool = False
    gradebook: str | Path | None = None
    assignment: str | None = None
    visibility: str = "visible"
    private: Path | None = None
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Written:
    """What one format came to: where it is, in a few words what it is, and what to look at.

    `path` is the file or folder; of a gradebook that is no file, the folder of the export.
    """

    format: str
    path: Path
    words: str
    complaints: tuple[str, ...] = ()


Writer = Callable[[Sequence[Result], Exercise, Path, Options], Written]


def export(
    results: Sequence[Result],
    exercise: Exercise,
    out: Path,
    formats: Sequence[str],
    options: Options | None = None,
) -> list[Written]:
    """Write results in each of the formats asked for.

    Parameters
    ----------
    results
        Of one exercise.
    exercise
        What was graded.
    out
        A folder, made if it is not there.
    formats
        Names of `FORMATS`.
    options
        What the formats need to know.

    Returns
    -------
    list of Written
        What was written, in this order.

    Raises
    ------
    ExportError
        Before anything is written: for a name that is no format, results of another exercise, or
        an instructor's file that is missing. Later: what its own words say.

    Examples
    --------
    >>> import tempfile
    >>> from course.exercises.bank import exercises
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (written,) = export([], exercises()[0], Path(folder), ["csv"])
    >>> written.path.name, written.words
    ('grades.csv', '0 learners')
    """
    options = options or Options()
    check(formats, options)
    if other := {result.exercise for result in results} - {exercise.lesson}:
        raise ExportError(f"the results are of {min(other)}, not of {exercise.lesson}")
    try:
        out.mkdir(parents=True, exist_ok=True)
        return [FORMATS[name](results, exercise, out, options) for name in dict.fromkeys(formats)]
    except OSError as error:
        raise ExportError(f"{error.filename or out} cannot be written: {error.strerror}") from None


def check(formats: Sequence[str], options: Options) -> None:
    """Raise ExportError for a name that is no format, or an instructor's file that is missing."""
    if strange := [name for name in formats if name not in FORMATS]:
        raise ExportError(f"there is no format {strange[0]!r}; there are {', '.join(FORMATS)}")
    for name, path in (("canvas", options.canvas), ("moodle", options.moodle)):
        if name in formats:
            if path is None:
                words = f"name the file that you exported there: --{name} FILE"
                raise ExportError(f"{name} is filled in: {words}")
            _bytes(path)


# -------------------------------------------------------------------------------- writers
def _csv(results: Sequence[Result], exercise: Exercise, out: Path, options: Options) -> Written:
    path = out / "grades.csv"
    write_in_one_step(path, grades_csv(results, exercise, bom=options.bom))
    return Written("csv", path, f"{len(results)} learners")


def _nbgrader_csv(
    results: Sequence[Result], exercise: Exercise, out: Path, options: Options
) -> Written:
    path = out / "nbgrader.csv"
    write_in_one_step(path, nbgrader_csv(results, exercise, assignment=options.assignment))
    return Written("nbgrader-csv", path, f"{len(results)} learners")


def _gradebook(
    results: Sequence[Result], exercise: Exercise, out: Path, options: Options
) -> Written:
    database = options.gradebook or out / "gradebook.db"
    entered = fill_gradebook(database, results, exercise, assignment=options.assignment)
    words = f"{entered.learners} learners in {options.assignment or exercise.lesson}"
    path = out if "://" in str(database) else Path(database)
    return Written("nbgrader", path, words, entered.refused)


def _gradescope(
    results: Sequence[Result], exercise: Exercise, out: Path, options: Options
) -> Written:
    folder = out / "gradescope"
    folder.mkdir(exist_ok=True)
    for result in results:
        path = folder / safe_name(result.learner)
        path.mkdir(exist_ok=True)
        data = results_json(result, visibility=options.visibility)
        write_in_one_step(path / "results.json", data)
    return Written("gradescope", folder, f"{len(results)} learners, a results.json each")


def _autograder(
    results: Sequence[Result], exercise: Exercise, out: Path, options: Options
) -> Written:
    path = out / f"autograder_{exercise.lesson}.zip"
    data = autograder_zip(
        exercise, private=options.private, secret=options.secret, visibility=options.visibility
    )
    write_in_one_step(path, data, mode=0o600)  # the answers and the secret are in it
    words = "to upload in Gradescope; it holds the answers, so keep it to yourself"
    return Written("autograder", path, words)


def _canvas(results: Sequence[Result], exercise: Exercise, out: Path, options: Options) -> Written:
    assert options.canvas is not None
    filled = fill_canvas(
        _bytes(options.canvas),
        results,
        exercise,
        column=options.column,
        scale=options.scale,
        name=options.canvas.name,
    )
    return _filled("canvas", filled, options.canvas, out)


def _moodle(results: Sequence[Result], exercise: Exercise, out: Path, options: Options) -> Written:
    assert options.moodle is not None
    data = _bytes(options.moodle)
    name = options.moodle.name
    filled = fill_moodle(data, results, exercise, scale=options.scale, name=name)
    return _filled("moodle", filled, options.moodle, out)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExportError(f"{path} cannot be read: {error.strerror}") from None


def _filled(format: str, filled: Filled, source: Path, out: Path) -> Written:
    path = out / f"{source.stem}-filled.csv"
    if path.exists() and path.samefile(source):
        raise ExportError(f"{path} is your own file: choose another folder to write to")
    write_in_one_step(path, filled.data)
    complaints = (
        *(f"no row for {line}" for line in filled.unmatched),
        *(f"no result for {name}" for name in filled.without),
        *(f"changed, {line}" for line in filled.replaced),
        *(f"left alone, {line}" for line in filled.kept),
    )
    return Written(format, path, f"{filled.filled} marks filled in", complaints)


#: every format, by its name
FORMATS: Final[dict[str, Writer]] = {
    "csv": _csv,
    "nbgrader-csv": _nbgrader_csv,
    "nbgrader": _gradebook,
    "gradescope": _gradescope,
    "autograder": _autograder,
    "canvas": _canvas,
    "moodle": _moodle,
}
