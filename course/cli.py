"""The `course` command: JupyterLab, the set-up, the exercises, and what instructors need."""

import argparse
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from course import _start, commands, layout
from course.layout import CourseError

DEFAULT_DIRECTORY = layout.DISTRIBUTION


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after `course`; by default those of the command line.

    Returns
    -------
    int
        0 when all went well, 1 for a problem that was named, 2 for a wrong command.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _start.ready()
    try:
        parser = _parser()
        options, for_jupyter = _parse(parser, words)
        if options.command == "lab":
            return lab(options.directory, options.open, options.fresh, for_jupyter)
        if options.command == "doctor":
            from course import doctor

            return doctor.main()
        if options.command == "progress":
            return progress(clear=options.clear_predictions)
        if options.command in commands.COMMANDS:
            from course import teaching

            return teaching.run(options)
        if options.command == "exercises":
            from course.exercises.bank import LESSONS
            from course.exercises.verify import report

            if strange := set(options.lessons) - set(LESSONS):
                raise CourseError(f"there are no exercises of lesson {min(strange)}")
            return int(not report(options.lessons or LESSONS))
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130
    parser.print_help()
    return 2


def progress(*, clear: bool = False) -> int:
    """Show how the exercises stand, after forgetting the locked predictions if asked to."""
    from course import exercises

    if clear:
        from course.explorers import kept

        try:
            kept.forget()
        except (OSError, sqlite3.Error) as error:
            raise CourseError(f"The predictions could not be cleared: {error}.") from None
        print("Every prediction is cleared: run a lesson again, and it asks again.")
    print(exercises.progress())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="course", description="How neural networks learn: a course in JupyterLab."
    )
    version = f"course {layout.course_version()}"
    parser.add_argument("--version", action="version", version=version)
    names = parser.add_subparsers(dest="command", title="commands")
    start = names.add_parser(
        "lab",
        help="start JupyterLab at lesson 0",
        usage="course lab [DIR] [--no-open] [--fresh NAME] [options of jupyter lab]",
        description="Start JupyterLab at lesson 0. Your own changes are never overwritten.",
        allow_abbrev=False,
    )
    start.add_argument(
        "directory",
        nargs="?",
        type=Path,
        metavar="DIR",
        help=f"where the notebooks are laid out (./{DEFAULT_DIRECTORY}; in a checkout: itself)",
    )
    start.add_argument("--no-open", dest="open", action="store_false", help="do not open a browser")
    start.add_argument(
        "--fresh",
        metavar="NAME",
        help="write the newest edition of this notebook beside your own, under another name",
    )
    names.add_parser("doctor", help="check the set-up and say what to do")
    stand = names.add_parser("progress", help="show what is done, tried and next in the exercises")
    stand.add_argument(
        "--clear-predictions",
        action="store_true",
        help="forget every prediction that was locked, so that the lessons ask again",
    )
    bank = names.add_parser("exercises", help="work on the question bank")
    actions = bank.add_subparsers(dest="action", required=True, title="actions")
    verify = actions.add_parser(
        "verify",
        help="prove every question",
        description="Prove of every question that its stub is refused, its solution passes, and "
        "each catalogued mistake is named by its own sentence.",
    )
    verify.add_argument(
        "lessons", nargs="*", type=int, metavar="LESSON", help="numbers; all if there is none"
    )
    commands.add_commands(names)
    return parser


def _parse(
    parser: argparse.ArgumentParser, words: list[str]
) -> tuple[argparse.Namespace, list[str]]:
    """Split our options from JupyterLab's: all from the first unknown option on is JupyterLab's."""
    if words[:1] != ["lab"]:
        return parser.parse_args(words), []
    ours, theirs, position = ["lab"], [], 1
    while position < len(words):
        word = words[position]
        if word == "--":
            theirs += words[position + 1 :]
            break
        if word == "--no-open" or word in ("-h", "--help") or word.startswith("--fresh="):
            ours.append(word)
        elif word == "--fresh":
            ours += words[position : position + 2]
            position += 1
        elif theirs or word.startswith("-"):
            theirs.append(word)
        else:
            ours.append(word)
        position += 1
    return parser.parse_args(ours), theirs


# ------------------------------------------------------------------------- lab
def lab(
    directory: Path | None, open_browser: bool, fresh: str | None, for_jupyter: Sequence[str]
) -> int:
    """Lay the course out if it is not a checkout, then start JupyterLab at lesson 0.

    Parameters
    ----------
    directory : Path or None
        Where to lay it out; None for the checkout, or ``./how-neural-networks-learn``.
    open_browser : bool
        Whether a browser opens.
    fresh : str or None
        A file whose newest edition is written beside the learner's.
    for_jupyter : sequence of str
        Further arguments of `jupyter lab`.

    Returns
    -------
    int
        JupyterLab's exit code, or 1 when it is not installed.
    """
    root = layout.checkout()
    if root is not None and (directory is None or directory.resolve() == root):
        if fresh is not None:
            raise CourseError(
                "This is a checkout, where git keeps the editions.\n"
                "To lay the course out elsewhere:  course lab DIR --fresh NAME"
            )
        directory = root
    else:
        directory = Path(DEFAULT_DIRECTORY) if directory is None else directory.expanduser()
        _tell(directory, layout.lay_out(directory))
        if fresh is not None:
            print(f"The newest edition is in {layout.write_fresh(directory, fresh)}")
    if find_spec("jupyterlab") is None:
        raise CourseError(
            f"the notebooks are in {directory.resolve()}, but JupyterLab is not installed.\n"
            f"Install it:  {install_line()}"
        )
    command = lab_command(directory.resolve(), open_browser, for_jupyter)
    return _run(command, lab_environment(os.environ))


def lab_command(root: Path, open_browser: bool, for_jupyter: Sequence[str]) -> list[str]:
    """Return the command line that starts JupyterLab in `root` at lesson 0."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    if (root / layout.FIRST_LESSON).is_file():
        command.append(f"--LabApp.default_url=/lab/tree/{layout.FIRST_LESSON}")
    if not open_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in for_jupyter:
        command.append("--allow-root")  # usual in a container; Jupyter refuses otherwise
    return [*command, *for_jupyter]


def lab_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of JupyterLab: ours is read first, the user's own stays as it is.

    The directory ``course/jupyter`` turns our server extension on, should the installation not
    have done so, and keeps Lab from asking whether it may fetch news.
    """
    paths = [str(layout.PACKAGE / "jupyter")]
    if environment.get("JUPYTER_CONFIG_PATH"):
        paths.append(environment["JUPYTER_CONFIG_PATH"])
    return {**environment, "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def install_line() -> str:
    """Return the command that installs what JupyterLab needs into this very environment."""
    python = Path(sys.executable)
    if root := layout.checkout():
        return f'cd "{root}" && "{python}" -m pip install -c constraints.txt -e ".[lab]"'
    return f'"{python}" -m pip install "{layout.DISTRIBUTION}[lab]"'


def _run(command: list[str], environment: dict[str, str]) -> int:
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(command[0], command, environment)  # Ctrl-C goes straight to JupyterLab
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # JupyterLab asks whether to stop
            continue


def _tell(directory: Path, report: layout.Report) -> None:
    if report.written:
        print(f"{len(report.written)} files laid out in {directory.resolve()}")
    if report.updated:
        print(f"{len(report.updated)} untouched files brought to version {layout.course_version()}")
    if report.kept:
        print("Yours were kept; the course has another edition of:")
        for name in report.kept:
            print(f"  {name}")
        print(f"To get one beside yours:  course lab {directory} --fresh {report.kept[0]}")
    if report.newer:
        print(f"{len(report.newer)} files are from a newer course than this one and were kept.")


if __name__ == "__main__":
    sys.exit(main())
