"""A class at a glance: marks, questions, the commonest mistakes, and who needs a look and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from course.exercises.question import Exercise
from course.grading.grader import Mark, Result
from course.grading.submission import CHOICE
from course.grading.words import name_of, plain

MANY_ERRORS: Final = 3  # functions, or cells, that stop with an error: then somebody should look


# ------------------------------------------------------------------------------- the records
@dataclass(frozen=True)
class Spread:
    """How a class did on one question; `right` and `tried` are shares of the class."""

    question: str
    worth: int
    mean: float
    right: float
    tried: float


@dataclass(frozen=True)
class Common:
    """A mistake that several learners made, its sentence, and what to read again."""

    question: str
    mistake: str
    sentence: str
    learners: int
    revisit: str


@dataclass(frozen=True)
class Look:
    """A learner whose submission somebody should look at, and why."""

    learner: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """A graded class.

    `quartiles` are the lowest mark, the three quartiles, and the highest; `unsafe` is the number of
    results that were made without a sandbox.
    """

    title: str
    worth: int
    results: tuple[Result, ...]
    quartiles: tuple[float, float, float, float, float]
    mean: float
    spreads: tuple[Spread, ...]
    mistakes: tuple[Common, ...]
    looks: tuple[Look, ...]
    unsafe: int


def summary(results: Sequence[Result], exercise: Exercise) -> Summary:
    """Return the summary of a class.

    Raises
    ------
    ValueError
        If there are no results, or one of another exercise.

    Examples
    --------
    >>> from course.exercises.bank import exercises
    >>> exercise = exercises()[0]
    >>> marks = tuple(Mark(q.name, q.points, q.points, "right", ()) for q in exercise.questions)
    >>> summary([Result("ada", "01_losses", marks, "bubblewrap", "")], exercise).mean
    13.0
    """
    if not results:
        raise ValueError("there are no results to sum up")
    if strange := {r.exercise for r in results} - {exercise.lesson}:
        raise ValueError(f"there are results of {min(strange)}, not of {exercise.lesson}")
    points = [result.points for result in results]
    low, quarter, half, three, high = map(float, np.percentile(points, [0, 25, 50, 75, 100]))
    return Summary(
        f"Exercises {int(exercise.lesson[:2])} · {plain(exercise.title)}",
        exercise.points,
        tuple(results),
        (low, quarter, half, three, high),
        float(np.mean(points)),
        tuple(_spreads(results, exercise)),
        tuple(_mistakes(results, exercise)),
        tuple(_looks(results)),
        sum(result.sandbox == "none" for result in results),
    )


def _spreads(results: Sequence[Result], exercise: Exercise) -> Iterator[Spread]:
    marks: dict[str, list[Mark]] = defaultdict(list)
    for result in results:
        for mark in result.marks:
            marks[mark.question].append(mark)
    for question in exercise.questions:
        found, total = marks[question.name], len(results)
        yield Spread(
            question.name,
            question.points,
            sum(mark.points for mark in found) / total,
            sum(mark.status == "right" for mark in found) / total,
            sum(mark.status not in ("missing", "not attempted") for mark in found) / total,
        )


def _mistakes(results: Sequence[Result], exercise: Exercise) -> Iterator[Common]:
    """Yield what went wrong for more than one learner, the commonest first."""
    sentences = {(q.name, m.name): m.sentence for q in exercise.questions for m in q.mistakes}
    sections = {q.name: q.section for q in exercise.questions}
    order = {q.name: i for i, q in enumerate(exercise.questions)}
    counted = Counter(
        (mark.question, *mistake)
        for result in results
        for mark in result.marks
        for mistake in dict.fromkeys(_mistakes_of(mark, sentences))
    )
    lesson = f"lesson {int(exercise.lesson[:2])}"
    for (question, name, sentence), count in sorted(
        counted.items(), key=lambda item: (-item[1], order.get(item[0][0], len(order)), item[0])
    ):
        section = sections.get(question, "")
        revisit = f"{lesson}, section “{section}”" if section else lesson
        if count > 1 or len(results) == 1:
            yield Common(question, name, sentence, count, revisit)


def _mistakes_of(mark: Mark, sentences: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    """Yield the mistakes in an answer as (name, sentence); what is in no catalogue has no name."""
    if mark.status == "wrong":
        for name in mark.mistakes:
            yield name, sentences.get((mark.question, name), "")
        if not mark.mistakes and mark.lines:
            yield "", plain(mark.lines[0])
    elif mark.status == "raised" and mark.lines:
        yield "", f"It stops with {plain(mark.lines[0].partition(':')[0], 40)}."
    elif mark.status == "stopped" and mark.lines:
        yield "", plain(mark.lines[0])


# --------------------------------------------------------------------------- who needs a look
def _looks(results: Sequence[Result]) -> Iterator[Look]:
    owners: dict[str, list[str]] = defaultdict(list)
    for result in results:
        if result.points > 0:
            owners[result.submission].append(result.learner)
    for result in results:
        others = [name for name in owners.get(result.submission, ()) if name != result.learner]
        if reasons := tuple(_reasons(result, others)):
            yield Look(result.learner, reasons)


def _reasons(result: Result, others: Sequence[str]) -> Iterator[str]:
    """Yield why somebody should look at a submission."""
    named = defaultdict(list)
    for mark in result.marks:
        named[mark.status].append(mark.question)
    yield from (_reason(note) for note in result.notes if note.startswith(CHOICE))
    problem = result.notes[-1:]
    if problem and all((m.status, m.lines) == ("missing", problem) for m in result.marks):
        yield f"it could not be read: {plain(problem[0])}"
        return
    if len(named["missing"]) + len(named["not attempted"]) == len(result.marks):
        yield "nothing was attempted" if named["not attempted"] else "no function has a known name"
    elif named["missing"]:
        yield f"not found: {_listed(named['missing'])}"
    strange = [m.question for m in result.marks if "could not be understood" in "".join(m.lines)]
    if strange:
        yield f"what came back was no honest answer: {_listed(strange)}"
    if stopped := [name for name in named["stopped"] if name not in strange]:
        yield f"had to be stopped: {_listed(stopped)}"
    yield from (_reason(note) for note in result.notes if note.startswith("A cell "))
    if len(named["raised"]) >= MANY_ERRORS:
        yield f"{len(named['raised'])} of {len(result.marks)} functions stop with an error"
    failed = sum(note.startswith("Code cell ") for note in result.notes)
    if failed >= MANY_ERRORS:
        yield f"{failed} code cells stop with an error"
    if others:
        yield f"the very same file as {_listed([name_of(name) for name in others])}"


def _reason(note: str) -> str:
    return note[0].lower() + plain(note)[1:].rstrip(".")


def _listed(names: Sequence[str], most: int = 4) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
