"""What the instructor's commands are called and take: words only, so `course` starts at once."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

#: the keys of `course.grading.export.FORMATS`, which a test compares
FORMATS: Final = (
    "csv",
    "nbgrader-csv",
    "nbgrader",
    "gradescope",
    "autograder",
    "canvas",
    "moodle",
)
COMMANDS: Final = ("grade", "export", "release")


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the parser of `course`."""
    grade = commands.add_parser(
        "grade",
        help="grade a folder or zip of submissions",
        description="Grade every submission in a folder or zip, whatever it contains. What is "
        "graded is kept: after an interruption the same command goes on.",
    )
    grade.add_argument("submissions", type=Path, metavar="SUBMISSIONS")
    _add_exercise(grade)
    grade.add_argument("--out", type=Path, required=True, metavar="RESULTS")
    grade.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    grade.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster, to spread over")
    grade.add_argument("--no-sandbox", dest="sandbox", action="store_false")
    grade.add_argument("--lessons", metavar="URL", help="where feedback links to the lessons")
    _add_formats(grade)

    out = commands.add_parser(
        "export",
        help="write results for a spreadsheet, nbgrader, Gradescope, Canvas, Moodle",
        description=f"Write results in one or more formats: {', '.join(FORMATS)}.",
    )
    out.add_argument("results", type=Path, metavar="RESULTS", help="the folder of `course grade`")
    _add_exercise(out)
    out.add_argument("--out", type=Path, metavar="DIR", help="RESULTS/export if not given")
    _add_formats(out)

    hand_out = commands.add_parser(
        "release",
        help="write the learners' copies of exercises",
        description="Write the learners' copies of exercises. Nothing that was changed since is "
        "overwritten.",
    )
    hand_out.add_argument("directory", type=Path, metavar="DIR")
    hand_out.add_argument("lessons", nargs="+", metavar="LESSON", help="numbers or names")
    hand_out.add_argument("--title", help="instead of the lesson's own")
    hand_out.add_argument("--due", metavar="DATE", help="such as 2026-02-27 or '2026-02-27 18:00'")
    hand_out.add_argument(
        "--points",
        action="append",
        default=[],
        type=_points,
        metavar="NAME=N",
        help="of a question",
    )
    hand_out.add_argument("--questions", nargs="+", metavar="NAME", help="only these")
    hand_out.add_argument("--private", type=Path, metavar="FILE", help="your own questions")


def _add_exercise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--exercise",
        required=True,
        metavar="LESSON",
        help="a number, a name, or the notebook that you released",
    )
    parser.add_argument("--private", type=Path, metavar="FILE", help="your own questions")


def _add_formats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", action="append", default=[], choices=FORMATS, metavar="FORMAT")
    parser.add_argument("--bom", action="store_true", help="begin the table so that Excel reads it")
    parser.add_argument("--canvas", type=Path, metavar="FILE", help="your own export from Canvas")
    parser.add_argument("--moodle", type=Path, metavar="FILE", help="Moodle's grading worksheet")
    parser.add_argument("--column", metavar="NAME", help="which assignment of Canvas's is filled")
    parser.add_argument("--scale", action="store_true", help="convert to other points")
    parser.add_argument("--gradebook", metavar="FILE", help="nbgrader's database")
    parser.add_argument("--assignment", metavar="NAME", help="the exercise's name in nbgrader")
    parser.add_argument(
        "--visibility",
        default="visible",
        choices=("visible", "hidden", "after_due_date", "after_published"),
        help="of results in Gradescope",
    )


def _points(text: str) -> tuple[str, int]:
    name, sign, number = text.partition("=")
    if not sign or not number.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} should be like mse=3")
    return name, int(number)
