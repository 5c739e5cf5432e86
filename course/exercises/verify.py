"""Prove of every question what a learner relies on: `course exercises verify [LESSON ...]`.

The stub is refused; the reference passes on many seeds; every catalogued mistake is refused and
named by its own sentence; no two mistakes are confusable; other right answers pass.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from course.exercises.bank import LESSONS
from course.exercises.bench import Bench, bench
from course.exercises.diagnosis import examine
from course.exercises.outcome import NotAttempted, Right, Wrong
from course.exercises.question import Question
from course.exercises.values import fresh

SEEDS, WRONG_SEEDS = range(100), range(20)


def faults(
    question: Question, seeds: Iterable[int] = SEEDS, wrong_seeds: Iterable[int] = WRONG_SEEDS
) -> Iterator[str]:
    """Yield every promise that a question breaks, as a sentence."""
    yield from _well_made(question)
    yield from _portable(question)
    if not isinstance(examine(question, question.compiled(question.stub)), NotAttempted):
        yield "the stub is not recognised as a stub"
    right = question.compiled(question.source)
    for seed in seeds:
        outcome = examine(question, right, seed)
        if not isinstance(outcome, Right):
            yield f"the reference fails on seed {seed}: {outcome.text}"
            return
    for i, source in enumerate(question.alternatives):
        for seed in wrong_seeds:
            outcome = examine(question, question.compiled(textwrap.dedent(source)), seed)
            if not isinstance(outcome, Right):
                yield f"alternative {i} fails on seed {seed}: {outcome.text}"
                break
    for variant in question.variants:
        outcome = examine(question, question.variant(variant))
        if not isinstance(outcome, Right) or variant.note not in outcome.notes:
            yield f"the variant {variant.note!r} is not accepted with its note: {outcome.text}"
    for seed in wrong_seeds:
        found = list(_unnamed(question, seed))
        yield from found
        if found:
            return


def _well_made(question: Question) -> Iterator[str]:
    names = [m.name for m in question.mistakes]
    if len(set(names)) != len(names):
        yield "two mistakes have one name"
    if not question.mistakes or not question.hints:
        yield "there are no mistakes or no hints"
    if not question.reference.__doc__ or not question.prompt:
        yield "docstring or prompt is missing"
    for m in question.mistakes:
        if not m.sentence.endswith((".", "?", ")")) or not 0 <= m.credit < 1:
            yield f"the sentence or the credit of {m.name!r} is not in order"


def _portable(question: Question) -> Iterator[str]:
    """Yield what is wrong with `call`, which must work where there is no `course`."""
    try:
        alone: dict[str, Any] = {}
        exec(question.call_source or "def call_once(f, args):\n    return f(*args)", alone)
        call = alone[question.call.__name__]
        first = next(trial for trial in bench(question).right if trial.error is None)
        value = question.compared(call(question.reference, fresh(first.args)), first.args)
    except Exception as error:
        yield f"its call does not work by itself: {error}"
        return
    if not question.matches(value, first.value):
        yield "its call by itself gives another value"


def _unnamed(question: Question, seed: int) -> Iterator[str]:
    """Yield the mistakes that are not told from the right answer or from another one."""
    table = bench(question, seed)
    for (m,), _ in table.mistakes:
        outcome = examine(question, question.wrong(m), seed)
        if not isinstance(outcome, Wrong):
            yield f"{m.name!r} is not refused on seed {seed}: {outcome.text}"
        elif outcome.diagnosis is None or outcome.diagnosis.mistakes != (m.name,):
            yield f"{m.name!r} is taken for something else on seed {seed}: {outcome.text}"
    for i, ((m,), run) in enumerate(table.mistakes):
        for (other,), other_run in table.mistakes[i + 1 :]:
            if table.all_alike(run, other_run):
                yield f"{m.name!r} and {other.name!r} cannot be told apart on seed {seed}"


def confusable_pairs(question: Question, seed: int = 0) -> Iterator[str]:
    """Yield the pairs of mistakes that do the same as the right answer or a single mistake."""
    table: Bench = bench(question, seed)
    for mistakes, run in table.pairs():
        names = " and ".join(m.name for m in mistakes)
        if table.all_alike(run, table.right):
            yield f"{names}: right"
        for (m,), other in table.mistakes:
            if table.all_alike(run, other):
                yield f"{names}: like {m.name}"


def report(lessons: Iterable[int]) -> bool:
    """Print a line for each question of these lessons; return whether every promise is kept."""
    sound, total = True, 0
    for lesson in lessons:
        for question in import_module(f"course.exercises.lesson_{lesson}").EXERCISE.questions:
            found = list(faults(question))
            total += len(question.mistakes)
            sound = sound and not found
            words = "; ".join(found) or "in order"
            print(f"{lesson} {question.name}: {len(question.mistakes)} mistakes, {words}")
    print(f"{total} catalogued mistakes in all")
    return sound


if __name__ == "__main__":
    sys.exit(not report(map(int, sys.argv[1:] or LESSONS)))
