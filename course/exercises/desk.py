"""What a learner calls: check, hint, solution, progress."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from course.exercises import progress as book
from course.exercises.attempt import code_of
from course.exercises.bank import exercises, questions
from course.exercises.cells import watched
from course.exercises.diagnosis import examine
from course.exercises.outcome import NotAttempted, Outcome, Outdated, Wrong, panel, paragraphs
from course.exercises.question import Question
from course.exercises.trying import tried
from course.exercises.values import kind

_PACKAGE = Path(__file__).parents[1]
_hints_given: dict[str, int] = {}
_cells = watched()


class UnknownQuestion(ValueError):
    """No question is named so."""


def check(f: Any, *, example: tuple[Any, ...] | None = None) -> Outcome:
    """Say whether a function answers its question, and if not, which mistake it contains.

    Parameters
    ----------
    f
        Your own function. Its name says which question it answers.
    example
        Arguments, for a question that an instructor has added and that is not known here: then
        nothing is checked, but what your function returns for them is shown.

    Returns
    -------
    Outcome
        `NotAttempted`, `Raised`, `Wrong` (with a diagnosis, if the mistake is recognised) or
        `Right`; `Outdated` if its cell was run since and no longer defines it; `Tried` for an
        example. It shows itself; `.points` are what it earns.

    Raises
    ------
    UnknownQuestion
        For a name that no question has, or something that is no function.

    Examples
    --------
    >>> def mse(y, y_hat):
    ...     return ((y - y_hat) ** 2).sum()
    >>> check(mse).points
    1.0
    """
    if example is not None and _name(f) not in questions():
        return tried(f, example)
    question = _question(f)
    stopped = _cells.of(question.name, f)
    if stopped is not None:
        return Outdated(question.name, question.points, stopped=stopped)
    outcome = examine(question, f)
    diagnosis = outcome.diagnosis if isinstance(outcome, Wrong) else None
    if not isinstance(outcome, NotAttempted):
        mistakes = diagnosis.mistakes or (diagnosis.family,) if diagnosis else ()
        trouble = book.record(question.name, type(outcome).__name__, mistakes, outcome.points)
        outcome = replace(outcome, trouble=trouble)
    return outcome


def hint(f: Any) -> Note:
    """Show the next hint for a question; after the last one, all of them again."""
    question = _question(f)
    given = _hints_given.get(question.name, 0) % len(question.hints) + 1
    _hints_given[question.name] = given
    rows = [f"{i}. {words}" for i, words in enumerate(question.hints[:given], start=1)]
    left = len(question.hints) - given
    rows.append(f"({left} more: call hint again.)" if left else "(That was the last hint.)")
    return Note(f"Hints for {question.name}", tuple(rows))


def solution(f: Any, *, insist: bool = False) -> Note:
    """Show the published solution of a question, once it was tried in earnest.

    Parameters
    ----------
    f
        Your function, or the stub.
    insist
        Show it without an attempt.
    """
    question = _question(f)
    tried = book.standings().get(question.name) or not isinstance(
        examine(question, f), NotAttempted
    )
    if not (tried or insist):
        words = (
            "Try it first: a wrong answer of your own teaches more than a right one that you read. "
            f"hint({question.name}) helps; solution({question.name}, insist=True) insists."
        )
        return Note(f"The solution of {question.name} is closed", (words,))
    code = tuple(f"    {line}" for line in question.solution.rstrip().splitlines())
    return Note(f"A solution of {question.name}", code)


def progress() -> Note:
    """Show what is done, tried and next in all exercises. Nothing leaves this machine."""
    standings = book.standings()
    rows, following = [], ""
    for exercise in exercises():
        known = [standings.get(q.name, book.Standing()) for q in exercise.questions]
        points = sum(s.points for s in known)
        marks = "".join("●" if s.right else "◐" if s.tries else "○" for s in known)
        done = sum(s.right for s in known)
        rows.append(
            f"{exercise.lesson[:2]} {exercise.title}: {marks}  {done} of {len(known)} right, "
            f"{points:g} of {exercise.points} points"
        )
        if not following and done < len(known):
            first = next(q for q, s in zip(exercise.questions, known, strict=True) if not s.right)
            following = f"Next: {first.name}, in exercises/{exercise.lesson}.ipynb."
    legend = "● right   ◐ tried   ○ not begun"
    trouble = book.trouble()
    rows += [
        legend,
        following or "Everything is right. Well done.",
        *([trouble] if trouble else []),
    ]
    return Note("Your progress", tuple(rows))


@dataclass(frozen=True)
class Note:
    """Lines to read, as a panel in JupyterLab and as plain text elsewhere."""

    title: str
    rows: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([self.title, *self.rows])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = panel(f"<p><strong>{escape(self.title)}</strong></p>{paragraphs(self.rows)}")
        return {"text/plain": repr(self), "text/html": html}


def _is_ours(kind_of_object: type) -> bool:
    return kind_of_object.__module__.startswith("course.")


def _variable(f: Any) -> str | None:
    """Return the name of the question under which the notebook knows something that has no such.

    It may be a lambda, a partial, an object that can be called, or what a decorator returned.
    """
    frame = sys._getframe()
    while frame is not None and Path(frame.f_code.co_filename).is_relative_to(_PACKAGE):
        frame = frame.f_back  # type: ignore[assignment]
    space = frame.f_globals | frame.f_locals if frame is not None else {}
    names = [name for name in questions() if space.get(name) is f]
    return names[0] if len(names) == 1 else None


def _name(f: Any) -> str:
    """Return the name of a learner's function; refuse whatever is none."""
    name = getattr(f, "__name__", None)
    if callable(f) and not isinstance(f, str) and name not in questions():
        name = _variable(f) or name
    code = code_of(f)
    ours = Path(code.co_filename).is_relative_to(_PACKAGE) if code else _is_ours(type(f))
    if ours:
        raise UnknownQuestion(
            f"{name or 'that'} is the course's own; write a function of your own, and check that"
        )
    if isinstance(f, str) or not callable(f) or name is None:
        if callable(f) and not isinstance(f, str):
            raise UnknownQuestion(
                f"{kind(f)} has no name of its own: give it the name of the question, as in "
                "mse = ..., and then check(mse)"
            )
        raise UnknownQuestion(
            f"give your function itself, such as check(mse), and not {kind(f)}: no parentheses "
            "after its name, no quotes"
        )
    return str(name)


def _question(f: Any) -> Question:
    """Return the question that a function answers."""
    name, known = _name(f), questions()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1) or [q for q in known if q in name]
        guess = f" Did you mean {near[0]}?" if near else ""
        raise UnknownQuestion(
            f"no question is named {name!r}.{guess} A question is found by its function's name, so "
            "keep the name of the stub"
        )
    return known[name]
