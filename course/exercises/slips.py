"""Slips that anybody may make in any program: the reference with one of them, made by a machine.

The catalogue of a question holds what people get wrong about its subject. Beside that there are
slips of the pen that every question shares: a `return` one level too deep, a bracket that closes
too early, a sign, a number in place of an argument. They are made here, one at a time, in the
syntax tree of the reference. An answer that does on every input what the reference does with a slip
is told of it; that is true of it whatever its own lines look like.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from course.exercises import mutants
from course.exercises.attempt import Trial, attempt
from course.exercises.bench import Bench, Run
from course.exercises.question import Function, Question
from course.exercises.values import agree

#: seconds that one call may take if slips are to be tried: there are some hundred of them
QUICK: Final = 0.01
MOST: Final = 400
#: families that say more than a wrong shape or sign does, and such that say less than most
TELLING = frozenset(
    (
        mutants.EARLY.family,
        mutants.LAST.family,
        mutants.AXIS.family,
        mutants.ROOT.family,
        mutants.LOST.family,
        mutants.ORDER.family,
        mutants.TRANSPOSE.family,
        mutants.FIXED,
    )
)
WEAK = frozenset((mutants.MEAN.family, mutants.TIMES.family, mutants.MISSING.family))


@dataclass(frozen=True, eq=False)
class Slip:
    """The reference with one slip: what is said of it, and what it does."""

    family: str
    sentence: str
    function: Function


@lru_cache(maxsize=128)
def slips(question: Question) -> tuple[Slip, ...]:
    """Return the reference with every slip that makes a program, at most `MOST` of them."""
    (tree,) = ast.parse(question.source).body
    if not isinstance(tree, ast.FunctionDef):
        return ()
    found = []
    for (family, sentence), changed in mutants.mutants(tree):
        module = ast.fix_missing_locations(ast.Module([changed], []))
        try:
            found.append(Slip(family, sentence, question.compiled(module)))
        except (SyntaxError, ValueError):
            continue
        if len(found) == MOST:
            break
    return tuple(found)


def like(table: Bench, run: Run) -> Iterator[Slip]:
    """Yield the slips that do on every input what a run does.

    What stops with an error, or gives one and the same value every time, tells nothing.
    """
    drawn = run[table.edges :]
    if any(trial.error is not None for trial in drawn) or _one_value(drawn):
        return
    begin = time.monotonic()
    attempt(table.question, table.question.reference, table.inputs[-1])
    if time.monotonic() - begin > QUICK:
        return
    for slip in slips(table.question):
        if table.alike(run[-1], attempt(table.question, slip.function, table.inputs[-1])):
            trials: list[Trial] = table.run(slip.function)
            if table.all_alike(run, trials):
                yield slip


def _one_value(run: Run) -> bool:
    return all(agree(trial.value, run[0].value) for trial in run)
