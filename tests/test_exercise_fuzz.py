"""Answers that return anything: no exception of ours, no wrong value that passes, true words."""

from __future__ import annotations

import contextlib
import random
from collections import OrderedDict, deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from course.exercises.attempt import Trial
from course.exercises.bank import questions
from course.exercises.bench import bench
from course.exercises.diagnosis import judge
from course.exercises.outcome import Right
from course.exercises.values import fresh

ANYTHING = (
    None, True, False, 0, 1, -1, 2**80, 0.0, -0.0, 1.0, float("nan"), float("inf"), 1j, "", "a",
    "right", b"x", [], (), {}, [[]], ((),), [None], [1, [2]], {"a": 1}, {1: {2: 3}}, {1.0},
    object(), object, len, lambda x: x, range(3), iter([1.0]), deque([1.0, 2.0]), OrderedDict(a=1),
    Decimal("1.5"), Fraction(1, 3), slice(3), Ellipsis, NotImplemented, Exception("e"),
    np.float64(1.0), np.float32(1.0), np.int8(1), np.bool_(True), np.str_("a"),
    np.datetime64("2020-01-01"), np.array(3.0), np.array([3.0]), np.array([[3.0]]), np.array([]),
    np.zeros((0, 3)), np.zeros((3, 0)), np.ones(3), np.ones((2, 3)), np.ones((2, 2, 2)),
    np.array([1, "a"], dtype=object), np.array([[1.0], [1.0, 2.0]], dtype=object),
    np.array(["a", "b"]), np.array([True, False]), np.array([1j, 2.0]), np.array([np.nan, np.inf]),
    np.ma.masked_array([1.0, 2.0], [True, False]), np.zeros(2, dtype=[("x", float)]),
    np.float64("nan"), np.array(None), [np.ones(2), np.ones(3)], (np.ones(2), None), ["a", 1.0],
)  # fmt: skip


def changed(value, rng):
    """Return a value with something else in one of its places."""
    if isinstance(value, tuple | list) and len(value) and rng.random() < 0.7:
        i = rng.randrange(len(value))
        return type(value)([*value[:i], changed(value[i], rng), *value[i + 1 :]])
    if isinstance(value, dict) and value and rng.random() < 0.7:
        key = rng.choice(list(value))
        return value | {key: changed(value[key], rng)}
    ways = [lambda: rng.choice(ANYTHING)]
    if isinstance(value, np.ndarray):
        ways += [
            lambda: value.T, lambda: value[None], lambda: value[..., None], lambda: value.ravel(),
            lambda: value.tolist(), lambda: value.astype(object), lambda: value.astype(np.float16),
            lambda: value[:0], lambda: value.astype(str), lambda: np.float64(value.sum()),
            lambda: np.concatenate([value, value]) if value.ndim else value, lambda: value + 1j,
        ]  # fmt: skip
    elif isinstance(value, float | np.floating):
        ways += [
            lambda: [value], lambda: np.array([value]), lambda: str(value), lambda: -value,
            lambda: np.full((2, 2), value), lambda: complex(value), lambda: bool(value),
        ]  # fmt: skip
    elif isinstance(value, tuple | list):
        ways += [
            lambda: list(value), lambda: tuple(value), lambda: (*value, value),
            lambda: value[:-1], lambda: value[::-1], lambda: dict(enumerate(value)),
        ]  # fmt: skip
    return rng.choice(ways)()


every_question = pytest.mark.parametrize(
    "question", [q for q in questions().values() if q.parameters], ids=lambda q: q.name
)


@every_question
def test_whatever_an_answer_returns_there_is_an_outcome(question):
    rng = random.Random(question.name)
    table = bench(question)
    rights = []
    for args in table.inputs:
        with contextlib.suppress(ValueError), np.errstate(all="ignore"):
            rights.append(question.call(question.reference, fresh(args)))
    rights += rights[: len(table.inputs) - len(rights)]  # where an error is due
    turns = 6 if question.name == "train_digits" else 30  # there each trains networks anew
    for turn in range(turns):
        if turn < turns // 3:
            values = [rng.choice(ANYTHING)] * len(rights)
        else:
            values = [changed(right, rng) if rng.random() < 0.8 else right for right in rights]
        run = [
            Trial(args, question.compared(value, args), after=args)
            for args, value in zip(table.inputs, values, strict=True)
        ]
        outcome = judge(table, None, run, steady=True)
        assert outcome.text
        assert outcome.html
        if isinstance(outcome, Right):
            assert all(map(table.passes, run, table.right)) or outcome.notes


def filled(value, number):
    """Return a value like this one with the same number in every place."""
    if isinstance(value, tuple | list):
        return type(value)([filled(one, number) for one in value])
    if isinstance(value, dict):
        return {key: filled(one, number) for key, one in value.items()}
    return np.full(np.shape(value), number) if np.ndim(value) else number


@every_question
def test_an_answer_that_computes_nothing_earns_nothing(question):
    table = bench(question)
    right = question.reference(*fresh(table.inputs[-1]))
    names = range(len(question.parameters))
    numbers = [0, 1, -1, 0.0, 1.0, -1.0, 0.5, np.nan, np.inf]
    answers = [lambda *_, c=c: c for c in (*numbers, True, False, "a", [], (), np.zeros(0))]
    answers += [lambda *_, c=c: filled(right, c) for c in numbers]
    answers += [lambda *args, i=i: args[i] for i in names]
    answers += [lambda *args: args, lambda *args: list(args), lambda *args: [args[:2]]]
    answers += [lambda *args: args[:2], lambda *args: list(args[:2])]
    answers += [lambda *_: right] if len(table.inputs) > 1 else []
    answers += [lambda *args: np.zeros_like(args[0]), lambda *args: np.ones_like(args[0])]
    for f in answers:
        outcome = judge(table, None, table.run(f), steady=True)
        assert outcome.share == 0, outcome.text
