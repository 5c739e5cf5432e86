"""A question is data: what is asked, what is right, and the mistakes that people make.

The reference is an ordinary function. A mistake is an *edit* of its source, such as " / len(e)"
removed: so two mistakes at once are two edits, and every wrong answer in the catalogue is one line
beside the right one.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from course.exercises.portable import portable
from course.exercises.values import Unjudged, agree, whole_numbers

Args = tuple[Any, ...]
Function = Callable[..., Any]


class EditError(Exception):
    """An edit whose text does not stand exactly once in the source."""


@dataclass(frozen=True)
class Mistake:
    """A wrong implementation and the sentence that explains it to whoever wrote it.

    Parameters
    ----------
    name
        A few words for tables, such as ``"no 1/N"``; unique within its question.
    sentence
        What is wrong and why, to the learner, in one or two sentences. It does not give the line.
    edits
        Pairs (old, new) that turn the reference into the mistake; old stands once in the source.
    credit
        The share of the points that an answer with this mistake still earns, in [0, 1).
    source
        A whole function instead of edits, for a mistake that is written quite differently.
    """

    name: str
    sentence: str
    edits: tuple[tuple[str, str], ...] = ()
    credit: float = 0.0
    source: str = ""


@dataclass(frozen=True)
class Variant:
    """An answer that differs from the reference and is accepted, with a note that says so."""

    note: str
    edits: tuple[tuple[str, str], ...] = ()
    source: str = ""


def call_once(f: Function, args: Args) -> Any:
    """Return f(*args): how most questions exercise an answer."""
    return f(*args)


@dataclass(frozen=True, eq=False)
class Question:
    """One exercise: the single source for checks, hints, solutions, stubs and marks.

    Parameters
    ----------
    reference
        The right answer, self-contained: NumPy is there as ``np``, nothing else. Its name is the
        question's, its signature the stub's, its docstring the stub's docstring.
    prompt
        What is asked, in Markdown, with the formula.
    inputs
        ``inputs(rng)`` draws one tuple of arguments; sizes vary, and tell mistakes apart.
    hints
        From a nudge to nearly the answer.
    mistakes
        The catalogue. No two may be confusable on the inputs.
    points
        What a right answer earns.
    edges
        Further tuples of arguments that every answer must meet: zeros, extremes, integers.
    whole
        Whether every answer must meet arrays of whole numbers too, one for each array of fractions.
    tolerance
        Relative; see `values.agree`.
    call
        ``call(f, args)`` exercises an answer and returns what came, where one plain call does not
        show everything (a generator to be used twice). It judges nothing: an answer that is graded
        runs in another process, and so does this.
    facts
        ``facts(value, args)`` returns what is compared in place of the value itself, where right
        answers differ (a result that depends on chance).
    accepts
        ``accepts(got, expected)`` in place of `values.agree`, for answers that may vary.
    variants
        Answers that differ and are accepted, each with a note.
    alternatives
        Sources of other right implementations, which the machine proves to pass.
    given
        Code for a cell before the stub: a buggy program to read, a curve to look at.
    seconds
        The time limit of a whole check.
    count
        How many tuples of arguments a check draws.
    section
        The heading of the lesson's section to read again after a mistake, as it stands there.
    """

    reference: Function
    prompt: str
    inputs: Callable[[np.random.Generator], Args]
    hints: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    points: int = 2
    edges: tuple[Args, ...] = ()
    whole: bool = False
    tolerance: float = 1e-6
    call: Callable[[Function, Args], Any] = call_once
    facts: Callable[[Any, Args], Any] | None = None
    accepts: Callable[[Any, Any], bool] | None = None
    variants: tuple[Variant, ...] = ()
    alternatives: tuple[str, ...] = ()
    given: str = ""
    seconds: float = 5.0
    count: int = 8
    section: str = ""

    @property
    def name(self) -> str:
        """The name of the function that is asked for."""
        return self.reference.__name__

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of its arguments."""
        return tuple(inspect.signature(self.reference).parameters)

    @cached_property
    def source(self) -> str:
        """The reference's source."""
        return textwrap.dedent(inspect.getsource(self.reference))

    @cached_property
    def call_source(self) -> str:
        """The source of `call`, for a process that has no `course`; empty for a plain call."""
        return "" if self.call is call_once else portable(self.call)

    @cached_property
    def solution(self) -> str:
        """The reference's source without its docstring, to be shown."""
        doc = self.reference.__doc__
        return self.source.replace(f'    """{doc}"""\n', "", 1) if doc else self.source

    @cached_property
    def stub(self) -> str:
        """What the learner starts from: the signature, the docstring, nothing else."""
        signature = inspect.signature(self.reference)
        doc = self.reference.__doc__
        words = f'    """{doc}"""\n' if doc else ""
        return (
            f"def {self.name}{signature}:\n{words}    # YOUR CODE HERE\n"
            "    raise NotImplementedError()"
        )

    def matches(self, got: Any, expected: Any) -> bool:
        """Return whether an answer's value counts as the expected one."""
        if self.accepts is not None:
            try:
                return bool(self.accepts(got, expected))
            except Exception:  # it is nothing like an answer
                return False
        return agree(got, expected, self.tolerance)

    def compared(self, value: Any, args: Args) -> Any:
        """Return what is compared of a value: its facts, or the value itself.

        A value of which no facts can be found is `Unjudged`, and no right answer.
        """
        if self.facts is None or value is None:
            return value
        try:
            return self.facts(value, args)
        except Exception:  # it is nothing like an answer
            return Unjudged(value)

    @cached_property
    def special(self) -> tuple[Args, ...]:
        """The edges, and one with arrays of whole numbers if there is to be one."""
        if not self.whole:
            return self.edges
        return (*self.edges, whole_numbers(self.inputs(np.random.default_rng(0))))

    def drawn(self, seed: int | list[int], count: int | None = None) -> list[Args]:
        """Return the edges, and `count` tuples of arguments drawn from a seed."""
        rng = np.random.default_rng(seed)
        return [*self.special, *(self.inputs(rng) for _ in range(count or self.count))]

    # -- functions made from the source ---------------------------------------------------

    def compiled(self, source: str | ast.Module) -> Function:
        """Return the function of this name that a program defines, with NumPy and nothing else."""
        namespace: dict[str, Any] = {"np": np, "math": math, "__name__": "answer"}
        exec(compile(source, f"<{self.name}>", "exec"), namespace)
        return namespace[self.name]

    def edited(self, *edits: tuple[str, str]) -> str:
        """Return the reference's source with edits made, each exactly once.

        Raises EditError for an edit whose old text does not stand there once.
        """
        source = self.source
        for old, new in edits:
            if source.count(old) != 1:
                raise EditError(f"{self.name}: {old!r} stands {source.count(old)} times, not once")
            source = source.replace(old, new)
        return source

    def wrong(self, *mistakes: Mistake) -> Function:
        """Return the implementation that makes these mistakes."""
        if len(mistakes) == 1 and mistakes[0].source:
            return self.compiled(textwrap.dedent(mistakes[0].source))
        return self.compiled(self.edited(*(edit for m in mistakes for edit in m.edits)))

    def variant(self, variant: Variant) -> Function:
        """Return the implementation of an accepted variant."""
        if variant.source:
            return self.compiled(textwrap.dedent(variant.source))
        return self.compiled(self.edited(*variant.edits))

    def pairs(self) -> Iterator[tuple[Mistake, Mistake]]:
        """Yield the pairs of mistakes that can be made together: their edits do not touch."""
        for one, two in combinations(self.mistakes, 2):
            if one.source or two.source:
                continue
            try:
                # in either order the same: neither edit is about what the other has changed
                if self.edited(*one.edits, *two.edits) == self.edited(*two.edits, *one.edits):
                    yield one, two
            except EditError:
                continue


@dataclass(frozen=True, eq=False)
class Exercise:
    """The questions of one lesson, with the prose around them.

    Parameters
    ----------
    lesson
        Its number and name, as its notebook is called: ``"01_losses"``.
    title
        What it is about.
    intro, outro
        Markdown before the first and after the last question.
    questions
        In the order in which they are asked.
    """

    lesson: str
    title: str
    intro: str
    questions: tuple[Question, ...]
    outro: str = ""

    @property
    def points(self) -> int:
        """What all right answers earn together."""
        return sum(question.points for question in self.questions)
