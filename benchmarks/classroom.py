"""A class whose marks are known before it is graded: right, wrong, careless and hostile answers."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from course.exercises.question import Exercise, Question

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
        name = f"learner{i:03d}"
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        yield name, points
