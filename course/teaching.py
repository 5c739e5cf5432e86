"""The instructor's commands: `course grade`, `course export`, `course release`."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable, Sequence

from course.grading import sandbox
from course.grading.cluster import spread_over
from course.grading.export import FORMATS, ExportError, Options, check, export
from course.grading.feedback import address_of, write_feedback
from course.grading.grader import Result
from course.grading.overview import as_text
from course.grading.private import ReleaseError
from course.grading.release import release
from course.grading.results import Results
from course.grading.run import exercise_called, grade_class
from course.grading.submission import LeftOut, NoSubmissions, class_in
from course.grading.summary import summary
from course.grading.words import name_of, plain
from course.grading.workers import NotGraded
from course.layout import CourseError

NO_SANDBOX = """\
WARNING: there is no working bubblewrap, so submissions run WITHOUT A SANDBOX around them.
They are still confined by what the system offers, but read what your user can read.
On Debian or Ubuntu:  sudo apt-get install bubblewrap"""
TROUBLE = (ExportError, ReleaseError, NoSubmissions, LookupError, OSError, ImportError)


def run(options: argparse.Namespace) -> int:
    """Run one of the commands; return its exit code."""
    try:
        return COMMANDS[options.command](options)
    except TROUBLE as error:
        raise CourseError(_words(error)) from error


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error.args[0] if isinstance(error, KeyError) and error.args else error)


# ------------------------------------------------------------------------------- the commands
def grade(options: argparse.Namespace) -> int:
    """Grade a class; write results, feedback and the summary."""
    exercise = exercise_called(options.exercise, options.private)
    found = class_in(options.submissions, exercise.lesson, options.out)
    if options.jobs < 1:
        raise CourseError(f"--jobs must be at least 1, got {options.jobs}")
    try:
        address_of(options.lessons or "")
    except ValueError as error:
        raise CourseError(f"--lessons: {error}") from None
    formats = _formats(options)
    check(formats, _chosen(options))
    if options.scheduler is None:
        if not (options.sandbox and sandbox.bubblewrap()):
            print(NO_SANDBOX, file=sys.stderr)
        if words := sandbox.trouble(options.sandbox):
            raise CourseError(f"no submission can be run here, and none was graded: {words}")
    _tell_left_out(found.left_out)
    trouble = ""
    try:
        results = grade_class(
            found.submissions,
            options.exercise,
            options.out,
            jobs=options.jobs,
            sandbox=options.sandbox,
            private=options.private,
            wrap=_bar,
            tell=lambda line: print(line, file=sys.stderr),
            spread=spread_over(options.scheduler) if options.scheduler else None,
        )
    except KeyboardInterrupt:
        print("\nStopped. What was graded is kept: the same command goes on.", file=sys.stderr)
        return 130
    except NotGraded as error:
        results, trouble = Results(options.out, exercise).all(), str(error)
        if not results:
            raise CourseError(trouble) from None
    write_feedback(results, exercise, options.out, lessons=options.lessons)
    print(as_text(summary(results, exercise), shutil.get_terminal_size().columns))
    print(f"Feedback for each learner: {options.out / 'feedback'}")
    kept = Results(options.out, exercise)
    if others := [name_of(learner) for learner in kept.others()]:
        names = ", ".join(others[:4]) + (f" and {len(others) - 4} more" if len(others) > 4 else "")
        print(f"Not handed in this time, so left out, though their results are kept: {names}")
    chosen = _chosen(options, kept.secret)
    _tell(results, options, ["csv"], chosen)
    if trouble:
        print(f"\n{trouble}", file=sys.stderr)
    _tell(results, options, [name for name in formats if name != "csv"], chosen)
    return 1 if trouble else 0


def _tell_left_out(left_out: Sequence[LeftOut]) -> None:
    """Say what was found and is not graded, with the reasons: a line for each reason."""
    names: dict[str, list[str]] = {}
    for one in left_out:
        names.setdefault(one.reason.rstrip("."), []).append(plain(one.name, 80))
    for reason, those in names.items():
        more = f" and {len(those) - 10} more" if len(those) > 10 else ""
        print(f"Left out ({reason}): {', '.join(those[:10])}{more}", file=sys.stderr)


def _bar(coming: Iterable[Result], count: int) -> Iterable[Result]:
    """Show how many are graded, how fast, and how long it will take."""
    from tqdm import tqdm

    return tqdm(coming, total=count, unit=" submissions", smoothing=0.1, disable=count == 0)


def write_exports(options: argparse.Namespace) -> int:
    """Write the results of a run in other formats."""
    exercise = exercise_called(options.exercise, options.private)
    formats = _formats(options)
    if not formats:
        raise CourseError(f"say which format with --to: {', '.join(FORMATS)}")
    if not options.results.is_dir():
        raise CourseError(f"there is no folder {options.results}: grade first")
    if not (options.results / "results").is_dir():
        raise CourseError(f"{options.results} is no folder of `course grade`")
    kept = Results(options.results, exercise)
    results = kept.all()
    if not results:
        raise CourseError(f"no results of {exercise.lesson} in {options.results}: grade first")
    told = _tell(results, options, formats, _chosen(options, kept.secret))
    if lost := [name_of(learner) for learner in kept.lost()]:
        more = f" and {len(lost) - 10} more" if len(lost) > 10 else ""
        print(
            f"Without a result that can be read, so in no export: {', '.join(lost[:10])}{more}. "
            "Run `course grade` again",
            file=sys.stderr,
        )
        return 1
    return told


def _formats(options: argparse.Namespace) -> list[str]:
    """Return the formats that are asked for, if only by the file that is to be filled in."""
    more = [n for n in ("canvas", "moodle") if getattr(options, n) and n not in options.to]
    return [*options.to, *more]


def _chosen(options: argparse.Namespace, secret: bytes = b"") -> Options:
    return Options(
        bom=options.bom,
        canvas=options.canvas,
        moodle=options.moodle,
        column=options.column,
        scale=options.scale,
        gradebook=options.gradebook,
        assignment=options.assignment,
        visibility=options.visibility,
        private=options.private,
        secret=secret,
    )


def _tell(
    results: Sequence[Result],
    options: argparse.Namespace,
    formats: Sequence[str],
    chosen: Options,
) -> int:
    """Export, and say what was written and what could not be."""
    exercise = exercise_called(options.exercise, options.private)
    default = options.out if options.command == "grade" else options.results / "export"
    for written in export(results, exercise, options.out or default, formats, chosen):
        print(f"{written.path}: {written.words}")
        for complaint in written.complaints:
            print(f"  {complaint}")
    return 0


def hand_out(options: argparse.Namespace) -> int:
    """Write the learners' copies, and say which were left alone."""
    done = release(
        options.directory,
        options.lessons,
        title=options.title,
        due=options.due,
        points=dict(options.points) or None,
        private=options.private,
        questions=options.questions,
    )
    for words, paths in (
        ("written", done.written),
        ("brought up to date", done.updated),
        ("the same already", done.same),
        ("changed since it was handed out, and left alone: move it away first", done.kept),
    ):
        for path in paths:
            print(f"{path}: {words}")
    return 1 if done.kept else 0


COMMANDS = {"grade": grade, "export": write_exports, "release": hand_out}
