"""A class whose marks are known before it is graded: right, wrong, careless and hostile answers."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from course.exercises.question import Exercise, Question
from course.grading.export import Options, Written, canvas, grades, gradescope, moodle, nbgrader

#: the first learner's number; all have as many digits
FIRST = 1000
HOSTILE = (
    "import os\nos._exit(3)",
    "raise SystemExit('no')",
    "import numpy\nnumpy.allclose = lambda *a, **k: True\nnumpy.array_equal = lambda *a, **k: True",
    "x = [0] * 10**10",
    "import sys\nsys.setrecursionlimit(10**6)\ndef dive(n):\n    return dive(n + 1)\ndive(0)",
    "1 / 0",
    "this is no Python",
)


def answer(question: Question, rng: np.random.Generator) -> tuple[str, float]:
    """Return the source of an answer, and the points that it must earn."""
    kinds = ["right", "wrong", "stub", "raises", "missing"]
    kind = rng.choice(kinds, p=[0.6, 0.25, 0.07, 0.04, 0.04])
    if kind == "right":
        return question.solution, float(question.points)
    if kind == "wrong":
        mistake = question.mistakes[rng.integers(len(question.mistakes))]
        source = textwrap.dedent(mistake.source) or question.edited(*mistake.edits)
        return source, round(mistake.credit * question.points, 2)
    if kind == "stub":
        return question.stub, 0.0
    if kind == "raises":
        arguments = ", ".join(question.parameters)
        return f"def {question.name}({arguments}):\n    return undefined_name\n", 0.0
    return f"# {question.name} comes later", 0.0


def submission(exercise: Exercise, rng: np.random.Generator) -> tuple[dict[str, Any], float]:
    """Return a notebook, and the points that it must earn; some also try to do harm."""
    answers = [answer(question, rng) for question in exercise.questions]
    sources = [source for source, _ in answers]
    if rng.random() < 0.1:
        sources.insert(int(rng.integers(len(sources) + 1)), str(rng.choice(HOSTILE)))
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    return {"cells": cells, "metadata": {}}, round(sum(points for _, points in answers), 2)


def write_class(
    folder: Path, exercise: Exercise, learners: int, seed: int = 0
) -> Iterator[tuple[str, float]]:
    """Write a submission for each learner; yield the learners with the marks they must get."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for i in range(learners):
        notebook, points = submission(exercise, rng)
        name = f"learner_{FIRST + i}"
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        yield name, points


def own_exports(folder: Path, exercise: Exercise, learners: int) -> Options:
    """Write what Canvas and Moodle let an instructor of this class download, to be filled in."""
    for_canvas, for_moodle = folder / "canvas.csv", folder / "moodle.csv"
    numbers = range(FIRST, FIRST + learners)
    for_canvas.write_text(
        f"Student,ID,SIS Login ID,Section,{exercise.title} (9)\n"
        f"    Points Possible,,,,{exercise.points}.00\n"
        + "".join(f'"Learner, {n}",{n},,A,\n' for n in numbers),
        encoding="utf-8",
    )
    for_moodle.write_text(
        "Identifier,Full name,Status,Grade,Maximum Grade,Feedback comments\n"
        + "".join(f"Participant {n},Learner,-,,{exercise.points},\n" for n in numbers),
        encoding="utf-8",
    )
    return Options(canvas=for_canvas, moodle=for_moodle)


def read_back(written: Sequence[Written], exercise: Exercise) -> dict[str, dict[str, float]]:
    """Return what each learner has in each format that `export` wrote: all points together."""
    place = {one.format: one.path for one in written}
    found: dict[str, dict[str, Any]] = {
        "csv": grades.read(place["csv"].read_bytes()),
        "gradescope": dict(
            gradescope.read(path.read_bytes())
            for path in place["gradescope"].glob("*/results.json")
        ),
    }
    if "nbgrader" in place:
        found["nbgrader"] = nbgrader.read_gradebook(place["nbgrader"], exercise)
    sums = {
        name: {learner: round(sum(marks.values()), 2) for learner, marks in table.items()}
        for name, table in found.items()
    }
    scores = nbgrader.read(place["nbgrader-csv"].read_bytes())
    sums["nbgrader-csv"] = {learner: score for (_, learner), score in scores.items()}
    column = canvas.read(place["canvas"].read_bytes(), "9")
    sums["canvas"] = {f"learner_{number}": mark for number, mark in column.items()}
    worksheet = moodle.read(place["moodle"].read_bytes())
    sums["moodle"] = {f"learner_{who.split()[1]}": mark for who, mark in worksheet.items()}
    return sums
