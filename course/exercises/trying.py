"""Try an answer on an example, where nobody here knows what is right."""

from __future__ import annotations

from typing import Any, Final

from course.exercises.attempt import TimeIsUp, attempt, is_stub, time_limit
from course.exercises.outcome import Outcome, Raised, Tried
from course.exercises.question import Function, Question
from course.exercises.remarks import raised
from course.exercises.values import shown

SECONDS: Final = 5.0


def tried(f: Function, example: tuple[Any, ...]) -> Outcome:
    """Return what a function does with the arguments of an example.

    Examples
    --------
    >>> def twice(x):
    ...     return 2 * x
    >>> print(tried(twice, (3,)))
    twice: your instructor's own question
    No check is made here: whether it is right is told after you have handed it in.
    For example:
        twice(3)
        returns   6
    """
    # the function stands for the reference: of a question that is only called, it is all there is
    question = Question(f, "", lambda rng: example, (), (), points=0)
    call = f"{question.name}({', '.join(map(shown, example))})"
    try:
        with time_limit(SECONDS):
            trial = attempt(question, f, example)
    except TimeIsUp:
        words = f"It had not come back after {SECONDS:g} seconds, and was stopped."
        return Raised(question.name, 0, words, arguments=call)
    if is_stub(f, [trial]):
        return Tried(question.name, 0)
    if trial.error is not None:
        return raised(question, f, trial)
    return Tried(question.name, 0, call, shown(trial.value))
