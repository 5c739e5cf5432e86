"""Private questions: prove before a class has them that they can be answered and graded.

What the bank's questions are held to by `course exercises verify`, a private one is held to when it
is handed out, as far as it can be asked of a question that is made for one class.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from course.exercises.bank import questions as bank
from course.exercises.bench import bench
from course.exercises.diagnosis import examine
from course.exercises.outcome import NotAttempted, Right
from course.exercises.question import Question
from course.exercises.values import shown
from course.grading.child import described
from course.grading.wire import Packer, WireError

#: names that the notebook has a use for already: cells, and what the first cell imports
TAKEN: Final = {"title", "setup", "end", "progress", "check", "hint", "solution", "np"}
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")  # of which nbgrader and Jupyter make ids
SEEDS: Final = range(10)


class ReleaseError(Exception):
    """Something that the instructor can put right; its text says how."""


def is_private(question: Question) -> bool:
    """Return whether the learners' own copy of the course does not know a question."""
    known = bank().get(question.name)
    return known is None or known.source != question.source


def proved(question: Question) -> Question:
    """Return a private question that can be handed out and graded; raise ReleaseError for others.

    Its name is free, its stub is refused, its reference passes, every mistake that it lists is
    refused, and its arguments can be sent to the process that runs the learners' functions.
    """
    name = question.name
    if not NAME.fullmatch(name):
        raise ReleaseError(
            f"a private question is named {name!r}: take a name of ASCII letters, digits and _, "
            "with a letter first, of at most 50 characters"
        )
    if name in TAKEN or name in bank():
        raise ReleaseError(f"the name {name} is taken by the course: name your question otherwise")
    try:
        fault = next(_faults(question), None)
    except Exception as error:
        words = f"{type(error).__name__}: {error}"
        raise ReleaseError(f"the private question {name} cannot be tried: {words}") from error
    if fault:
        raise ReleaseError(f"the private question {name}: {fault}")
    return question


def _faults(question: Question) -> Iterator[str]:
    table = bench(question)
    if not all(_sendable(args) for args in table.inputs):
        yield (
            "its arguments cannot be sent to a learner's function; use numbers, text, lists, "
            "dicts, arrays of numbers, Expression and Seeded"
        )
    drawn = table.right[table.edges :]
    if drawn and all(trial.error is not None for trial in drawn):
        yield f"the reference raises an error on every input: {drawn[0].error!r}"
    if not isinstance(examine(question, question.compiled(question.stub)), NotAttempted):
        yield "its stub is not taken for one"
    right = question.compiled(question.source)
    for seed in SEEDS:
        outcome = examine(question, right, seed)
        if not isinstance(outcome, Right):
            yield f"the reference does not pass its own check (seed {seed}): {outcome.text}"
    for mistake in question.mistakes:
        if isinstance(examine(question, question.wrong(mistake)), Right):
            yield f"the mistake {mistake.name!r} passes as right"


def _sendable(args: tuple[Any, ...]) -> bool:
    """Return whether arguments arrive as what they are: what cannot be sent arrives as a name."""
    try:
        return '["?", ' not in json.dumps(Packer().pack(described(args)))
    except WireError:
        return False


def example(question: Question) -> str:
    """Return the source of the arguments of an example: the shortest of some that are drawn.

    They are drawn with a seed of their own: no learner is graded on them but by chance.
    """
    rng = np.random.default_rng(0)
    return min((_source(question.inputs(rng)) for _ in range(20)), key=len)


def _source(args: tuple[Any, ...]) -> str:
    inner = [shown(value, limit=10**9) for value in args]
    return f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"
