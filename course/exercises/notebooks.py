"""Write the exercise notebooks from the question bank: prose, stubs and checks, never solutions.

`python -m course.exercises.notebooks exercises` writes them, `--check` only compares. The cells
carry nbgrader's metadata, schema version 3: a stub is a solution cell, and the cell with the points
is a graded one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course.exercises.bank import exercises
from course.exercises.question import Exercise, Question

Cell = dict[str, Any]
HOW = (
    "Write each function in its cell, run the cell, then the check below it. A wrong answer is "
    "told *which* mistake it contains, where that can be seen. Stuck? Run `hint(name)` in a new "
    "cell, or `solution(name)` once you have tried. Keep the functions' names and arguments: that "
    "is how they are found."
)
SETUP = """import numpy as np

from course.exercises import check, hint, progress, solution"""


def notebook(exercise: Exercise) -> dict[str, Any]:
    """Return the notebook of an exercise."""
    return {
        "cells": list(cells(exercise)),
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def cells(exercise: Exercise) -> Iterator[Cell]:
    """Yield the cells of an exercise's notebook."""
    number = int(exercise.lesson[:2])
    yield _text(
        "title",
        f"# Exercises {number} · {exercise.title}\n\n{exercise.intro}\n\n{HOW}\n\n"
        f"{len(exercise.questions)} questions, {exercise.points} points. "
        f"The lesson: [{exercise.title}](../notebooks/{exercise.lesson}.ipynb).",
    )
    yield _code("setup", SETUP, locked=True)
    for i, question in enumerate(exercise.questions, start=1):
        yield from _question(i, question)
    yield _text(
        "end",
        f"## Where you stand\n\n{exercise.outro}".strip()
        + "\n\nYour progress over all exercises; it is kept on this machine only.",
    )
    yield _code("progress", "progress()", locked=True)


def _question(i: int, question: Question) -> Iterator[Cell]:
    name = question.name
    worth = f"{question.points} point{'s' if question.points > 1 else ''}"
    yield _text(f"{name}-prompt", f"## {i} · `{name}` ({worth})\n\n{question.prompt}")
    if question.given:
        yield _code(f"{name}-given", question.given.rstrip(), locked=True)
    yield _code(name, question.stub, solution=True)
    yield _code(f"{name}-check", f"check({name})", locked=True)
    graded = f"check({name}).points  # for whoever collects the marks"
    yield _code(f"{name}-points", graded, locked=True, points=question.points)


def _text(identifier: str, source: str) -> Cell:
    return {"cell_type": "markdown", "id": identifier, "metadata": {}, "source": source}


def _code(
    identifier: str,
    source: str,
    *,
    locked: bool = False,
    solution: bool = False,
    points: int | None = None,
) -> Cell:
    about: dict[str, Any] = {
        "schema_version": 3,
        "grade": points is not None,
        "locked": locked,
        "solution": solution,
        "task": False,
        "grade_id": identifier,
        "cell_type": "code",
    }
    if points is not None:
        about["points"] = points
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": identifier,
        "metadata": {"nbgrader": about},
        "outputs": [],
        "source": source,
    }


def written(exercise: Exercise) -> str:
    """Return the notebook of an exercise as it stands in its file."""
    return json.dumps(notebook(exercise), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> int:
    """Write the notebooks, or say which are stale."""
    parser = argparse.ArgumentParser(prog="python -m course.exercises.notebooks")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if one is stale")
    arguments = parser.parse_args()
    stale = []
    for exercise in exercises():
        path = arguments.folder / f"{exercise.lesson}.ipynb"
        text = written(exercise)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not arguments.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"{path}: {'stale' if arguments.check else 'written'}")
    return int(arguments.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
