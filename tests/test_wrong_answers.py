"""Wrong answers that were written without looking at the catalogue are told what is wrong.

Each stands in wrong_answers.json with what is wrong with it in a sentence, and with the names that
are good diagnoses: catalogued mistakes, families, or "error" where it stops and its own line is
shown. An empty list means that none can be expected.
"""

from __future__ import annotations

import json
import linecache
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from course.exercises.bank import questions
from course.exercises.diagnosis import examine
from course.exercises.outcome import Outcome, Raised, Wrong
from course.exercises.question import Function

ANSWERS = json.loads(Path(__file__).with_name("wrong_answers.json").read_text(encoding="utf-8"))
NAMED, MISLEADING = 0.80, 0.01


def function(number: int, question: str, source: str) -> Function:
    """Return the answer as a cell would define it, so that its own line can be shown."""
    file = f"<wrong answer {number}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    space = {"np": np}
    exec(compile(source, file, "exec"), space)
    return space[question]


def names_of(outcome: Outcome) -> tuple[set[str], bool]:
    """Return what an outcome names, and whether it does so in the catalogue's words."""
    if isinstance(outcome, Raised):
        return ({"error"} if outcome.line else set()), False
    if not isinstance(outcome, Wrong) or outcome.diagnosis is None:
        return set(), False
    diagnosis = outcome.diagnosis
    return set(diagnosis.mistakes) or {diagnosis.family}, bool(diagnosis.mistakes)


@pytest.fixture(scope="module")
def told() -> list[tuple[str, str]]:
    """What comes of each answer: accepted, named, unnamed or misleading; and a line about it."""
    bank, results = questions(), []
    for number, answer in enumerate(ANSWERS):
        question = bank[answer["question"]]
        outcome = examine(question, function(number, question.name, answer["source"]))
        names, catalogued = names_of(outcome)
        good = names and names <= set(answer["names"])
        if not isinstance(outcome, Wrong | Raised):
            verdict = "accepted"
        elif good:
            verdict = "named"
        else:
            verdict = "misleading" if catalogued else "unnamed"
        words = f"{number} {question.name}: {answer['truth']} -> {', '.join(sorted(names)) or '-'}"
        results.append((verdict, words))
    return results


def _lines(told: list[tuple[str, str]], verdict: str) -> str:
    return "\n".join(words for found, words in told if found == verdict)


def test_the_set_is_large_and_meets_every_question_with_arguments():
    met = Counter(answer["question"] for answer in ANSWERS)
    assert len(ANSWERS) >= 170
    for name, question in questions().items():
        assert not question.parameters or met[name] >= 3, name


def test_no_wrong_answer_is_accepted(told):
    assert not _lines(told, "accepted")


def test_most_wrong_answers_are_told_their_mistake(told):
    figures = Counter(verdict for verdict, _ in told)
    print(f"\n{len(told)} wrong answers:", *(f"{n} {verdict}" for verdict, n in figures.items()))
    print(_lines(told, "unnamed"))
    assert figures["named"] >= NAMED * len(told), _lines(told, "unnamed")


def test_hardly_any_wrong_answer_is_told_a_mistake_that_it_does_not_make(told):
    misleading = _lines(told, "misleading")
    assert len(misleading.splitlines()) < MISLEADING * len(told), misleading
