"""A class of honest and hostile learners in a folder, and the program that grades it.

`python -m tests.hostile.classroom FOLDER` grades it as whoever starts that: short time limits,
three questions, and the results on standard output.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import course
from course.exercises.bank import questions
from course.grading import child, run
from course.grading.submission import submissions
from tests.hostile import forgeries, habits, machine
from tests.hostile.case import BCE, MAE, MSE, case

QUESTIONS = ("mse", "mae_gradient", "bce")
CASES = (*forgeries.CASES, *machine.CASES, *habits.CASES)
HONEST = case("honest", MSE, MAE, BCE, marks="111", must="it keeps what it earned")


class Quick:
    """Settings with three questions and short limits; can be sent to a worker."""

    def __init__(self, found: run.Found) -> None:
        self.found = found

    def __call__(self) -> run.Settings:
        """Return the settings."""
        child.CELLS = 4.0
        settings = self.found()
        chosen = [q for q in settings.exercise.questions if q.name in QUESTIONS]
        short = tuple(replace(question, seconds=1.0) for question in chosen)
        return replace(settings, exercise=replace(settings.exercise, questions=short))


def furnished(folder: Path, victim: int, cases=CASES) -> None:
    """Write the submissions of a class, an honest one before and after every hostile one."""
    (folder / "submissions").mkdir()
    (folder / "canary" / "folder").mkdir(parents=True)
    (folder / "canary" / "gradebook.db").write_bytes(b"the whole class" * 1000)
    places = {
        "@canary@": str(folder / "canary"),
        "@submissions@": str(folder / "submissions"),
        "@results@": str(folder / "results"),
        "@package@": str(Path(course.__file__).parent),
        "@victim@": str(victim),
        "@bce@": json.dumps(questions()["bce"].solution)[1:-1],
    }
    for number, one in enumerate([*cases, None]):
        write(folder, f"{number:03d}-a", HONEST.data, places)
        if one is not None:
            write(folder, f"{number:03d}-b", one.data, places)


def write(folder: Path, learner: str, data: bytes, places: dict[str, str]) -> None:
    """Write one submission, with the places that it wants to know."""
    for name, place in places.items():
        data = data.replace(name.encode(), place.encode())
    (folder / "submissions" / f"{learner}.ipynb").write_bytes(data)


def main() -> None:
    """Grade the class of a folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--open", action="store_true", help="without bubblewrap")
    parser.add_argument("--jobs", type=int, default=6)
    options = parser.parse_args()
    results = run.grade_class(
        submissions(options.folder / "submissions", "01_losses"),
        "01",
        options.folder / "results",
        sandbox=not options.open,
        spread=lambda some, found: run.graded(some, Quick(found), jobs=options.jobs),
    )
    json.dump([result.data for result in results], sys.stdout)


if __name__ == "__main__":
    main()
