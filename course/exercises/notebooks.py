"""Write the exercise notebooks from the question bank: prose, stubs and checks, never solutions.

`python -m course.exercises.notebooks exercises` writes them, `--check` only compares. The cells
carry nbgrader's metadata, schema version 3: a stub is a solution cell, and the cell with the points
is a graded one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.exercises.bank import exercises, questions
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

PRIVATE = (
    "*This question is your instructor's own. The check below cannot know the answer: it shows "
    "what your function returns for an example. There are no hints and no solution here; whether "
    "it is right is told after you have handed it in.*"
)


@dataclass(frozen=True)
class Edition:
    """What a hand-out says that the course's own notebook does not.

    Parameters
    ----------
    title
        In place of "Exercises 1 · Losses".
    due
        Until when it is to be handed in, in words.
    private
        The questions whose answers the learner's course does not know, each with the source of the
        arguments of an example.
    metadata
        What the notebook's metadata remember under ``course``.
    """

    title: str = ""
    due: str = ""
    private: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


def notebook(exercise: Exercise, edition: Edition | None = None) -> dict[str, Any]:
    """Return the notebook of an exercise: the course's own, or an edition to be handed out."""
    return {
        "cells": list(cells(exercise, edition)),
        "metadata": {
            **({"course": dict(edition.metadata)} if edition else {}),
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


def cells(exercise: Exercise, edition: Edition | None = None) -> Iterator[Cell]:
    """Yield the cells of an exercise's notebook."""
    yield _text("title", _opening(exercise, edition))
    yield _code("setup", SETUP, locked=True)
    private = edition.private if edition else {}
    for i, question in enumerate(exercise.questions, start=1):
        yield from _question(i, question, private.get(question.name))
    yield _text(
        "end",
        f"## Where you stand\n\n{exercise.outro}".strip()
        + "\n\nYour progress over all exercises; it is kept on this machine only.",
    )
    yield _code("progress", "progress()", locked=True)


def _opening(exercise: Exercise, edition: Edition | None) -> str:
    """Return the words of the first cell."""
    title = f"Exercises {int(exercise.lesson[:2])} · {exercise.title}"
    file = f"notebooks/{exercise.lesson}.ipynb"
    count = len(exercise.questions)
    worth = f"{count} question{'s' * (count > 1)}, {_points(exercise.points)}."
    if edition is None:
        lesson = f"The lesson: [{exercise.title}](../{file})."
        return f"# {title}\n\n{exercise.intro}\n\n{HOW}\n\n{worth} {lesson}"
    # a hand-out lies anywhere: a link to the lesson would lead nowhere
    due = f"**To be handed in by {edition.due}.** " if edition.due else ""
    words = f"{due}{worth} The lesson: {exercise.title} (`{file}` in the course)."
    return f"# {edition.title or title}\n\n{exercise.intro}\n\n{HOW}\n\n{words}"


def _points(points: int) -> str:
    return f"{points} point{'s' if points > 1 else ''}"


def _question(i: int, question: Question, example: str | None = None) -> Iterator[Cell]:
    """Yield the cells of a question; with an example, of one that the course does not know."""
    name = question.name
    private = f"\n\n{PRIVATE}" if example is not None else ""
    heading = f"## {i} · `{name}` ({_points(question.points)})"
    yield _text(f"{name}-prompt", f"{heading}\n\n{question.prompt}{private}")
    if question.given:
        yield _code(f"{name}-given", question.given.rstrip(), locked=True)
    yield _code(name, question.stub, solution=True)
    if example is None:
        look = f"check({name})"
        # check knows the course's points: an instructor's own are a multiple of them
        course = questions()[name].points
        scale = "" if question.points == course else f" / {course} * {question.points}"
        graded = f"check({name}).points{scale}  # for whoever collects the marks"
    else:
        look = f"check({name}, example={example})"
        graded = "0.0  # your instructor's own question: its points are given after handing in"
    yield _code(f"{name}-check", look, locked=True)
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
    return as_file(notebook(exercise))


def as_file(notebook: Mapping[str, Any]) -> str:
    """Return a notebook as it stands in a file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


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
