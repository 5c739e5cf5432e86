"""A question on its bench: inputs of one seed, and what right and wrong answers do on them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

import numpy as np

from course.exercises.attempt import Trial, attempt, attempts
from course.exercises.question import Args, Function, Mistake, Question
from course.exercises.values import Unjudged, agree, leaves, shown

Run = list[Trial]


class Bench:
    """A question with the inputs of one seed, and what right and wrong answers do on them."""

    def __init__(self, question: Question, seed: int | tuple[int, ...] = 0) -> None:
        self.question = question
        self.inputs: list[Args] = question.drawn(list(seed) if isinstance(seed, tuple) else seed)
        self.edges = len(question.special)
        self.whole = self.edges - 1 if question.whole else None
        self._pair_runs: dict[tuple[Mistake, ...], Run] = {}

    def run(self, f: Function) -> Run:
        """Return what a function does on every input."""
        return attempts(self.question, f, self.inputs)

    def drawn(self, f: Function) -> Run:
        """Return what a function does on the inputs that were drawn."""
        return attempts(self.question, f, self.inputs[self.edges :])

    @cached_property
    def right(self) -> Run:
        """What the reference does."""
        return [*_right_at_edges(self.question), *self.drawn(self.question.reference)]

    @cached_property
    def mistakes(self) -> list[tuple[tuple[Mistake, ...], Run]]:
        """What each catalogued mistake does."""
        return [((m,), self.run(self.question.wrong(m))) for m in self.question.mistakes]

    @cached_property
    def _probes(self) -> list[tuple[tuple[Mistake, ...], Function, Trial]]:
        """Two catalogued mistakes together, and what they do on the last input."""
        found: list[tuple[tuple[Mistake, ...], Function, Trial]] = []
        for pair in self.question.pairs():
            try:
                f = self.question.wrong(*pair)
            except SyntaxError:  # two edits that do not make a program
                continue
            found.append((pair, f, attempt(self.question, f, self.inputs[-1])))
        return found

    def pairs(self, like: Run | None = None) -> Iterator[tuple[tuple[Mistake, ...], Run]]:
        """Yield what two catalogued mistakes do together.

        There are many: with a run that they are to be `like`, only those are carried out that do
        the same as it does on the last input, which is a drawn one.
        """
        for pair, f, probe in self._probes:
            if like is None or self.alike(like[-1], probe):
                if pair not in self._pair_runs:
                    self._pair_runs[pair] = self.run(f)
                yield pair, self._pair_runs[pair]

    def prepare(self) -> None:
        """Compute now what any wrong answer is compared with."""
        _ = self.right, self.mistakes, self.variants, self._probes

    @cached_property
    def variants(self) -> list[tuple[str, Run]]:
        """What the accepted variants do."""
        return [(v.note, self.run(self.question.variant(v))) for v in self.question.variants]

    @cached_property
    def sizes(self) -> list[tuple[int, int]]:
        """How large each input is to read: its entries, and the letters that it is written in."""
        return [
            (sum(np.size(part) for _, part in leaves(args)), len(shown(args)))
            for args in self.inputs
        ]

    def passes(self, got: Trial, right: Trial) -> bool:
        """Return whether one trial is what it should be."""
        if right.error is not None:
            return isinstance(got.error, builtin(right.error))
        if got.error is not None or got.changed:
            return False
        if isinstance(got.value, Unjudged):
            return False
        return self.question.matches(got.value, right.value)

    def passed(self, run: Run) -> bool:
        """Return whether every trial is what it should be.

        At the edges first: what is wrong there need not be compared with the reference elsewhere.
        """
        at_edges, edges = _right_at_edges(self.question), self.edges
        return all(map(self.passes, run[:edges], at_edges)) and all(
            map(self.passes, run[edges:], self.right[edges:])
        )

    def alike(self, one: Trial, two: Trial) -> bool:
        """Return whether two trials cannot be told apart."""
        if (one.error is None) != (two.error is None) or one.changed != two.changed:
            return False
        if one.error is not None:
            return builtin(one.error) is builtin(two.error)
        if any(not agree(one.after[i], two.after[i], 1e-6) for i in one.changed):
            return False
        return agree(one.value, two.value, self.question.tolerance)

    def steady(self, run: Run, again: Run) -> bool:
        """Return whether a second run, on the last inputs, did what the first one did."""
        return all(
            self.alike(a, b) or not self.alike(a, a)  # what is not even like itself tells nothing
            for a, b in zip(run[len(run) - len(again) :], again, strict=True)
        )

    def all_alike(self, one: Run, two: Run) -> bool:
        """Return whether two runs cannot be told apart.

        The drawn inputs come last and are looked at first: most differences show there.
        """
        return len(one) == len(two) and all(map(self.alike, reversed(one), reversed(two)))


def builtin(error: BaseException | None) -> type:
    """Return the kind of an error among Python's own, as a library's error is one of those too."""
    return next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")


@lru_cache(maxsize=256)
def _right_at_edges(question: Question) -> Run:
    """Return what the reference does on the edges, which are the same whatever the seed is."""
    return attempts(question, question.reference, question.special)


@lru_cache(maxsize=256)
def bench(question: Question, seed: int | tuple[int, ...] = 0) -> Bench:
    """Return the bench of a question and a seed; what it has computed is kept."""
    return Bench(question, seed)
