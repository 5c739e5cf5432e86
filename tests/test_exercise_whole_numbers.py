"""An answer that breaks on whole numbers is not right, whichever argument holds them."""

from typing import Any

import numpy as np
import pytest

from course.exercises.bank import questions
from course.exercises.bench import bench
from course.exercises.diagnosis import examine
from course.exercises.outcome import Right
from course.exercises.question import Question
from course.exercises.values import leaves

#: results that no dtype of an argument can spoil: words, a number, steps that are counted
APART = {"best_constant", "max_stable_alpha", "classify_critical_point", "basin", "minibatches"}
ARGUMENTS = [
    pytest.param(question, place, id=f"{question.name}-{question.parameters[place]}")
    for question in questions().values()
    if question.name not in APART and question.seconds < 30
    for place, arg in enumerate(bench(question).inputs[-1])
    if any(isinstance(part, np.ndarray) and part.dtype.kind == "f" for _, part in leaves(arg))
]


def cast(value: Any, dtype: np.dtype) -> Any:
    """Return a result whose arrays took the dtype of an argument, as `zeros_like` has it."""
    if isinstance(value, np.ndarray) and value.ndim:
        return value.astype(dtype)
    if isinstance(value, list | tuple):
        return type(value)([cast(one, dtype) for one in value])
    return value


@pytest.mark.parametrize(("question", "place"), ARGUMENTS)
def test_a_result_with_the_dtype_of_an_argument_is_wrong(question: Question, place: int) -> None:
    def answer(*args: Any) -> Any:
        array = next(p for _, p in leaves(args[place]) if isinstance(p, np.ndarray))
        return cast(question.reference(*args), array.dtype)

    result = question.reference(*bench(question).inputs[-1])
    if not any(isinstance(part, np.ndarray) and part.ndim for _, part in leaves(result)):
        pytest.skip("its result is a number")
    answer.__name__ = question.name
    assert not isinstance(examine(question, answer), Right)


def test_what_breaks_on_whole_numbers_alone_earns_half() -> None:
    question = questions()["train_step"]

    def train_step(Ws: Any, bs: Any, X: Any, Y: Any, alpha: float) -> Any:
        dWs, dbs = questions()["gradients"].reference(Ws, bs, X, Y)
        Ws, bs = [W.copy() for W in Ws], [b.copy() for b in bs]
        for p, d in zip([*Ws, *bs], [*dWs, *dbs], strict=True):
            p -= alpha * d
        return Ws, bs

    outcome = examine(question, train_step)
    assert outcome.points == question.points / 2
    assert "Only where the arrays hold whole numbers it stops with an error." in str(outcome)


def test_what_is_wrong_elsewhere_is_told_before_the_error_on_whole_numbers() -> None:
    def sgd_train(w: Any, X: Any, y: Any, orders: Any, alpha: float, batch_size: int) -> Any:
        for order in orders:
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                w -= alpha * X[rows].T @ (X[rows] @ w - y[rows]) / len(rows)
        return w

    outcome = examine(questions()["sgd_train"], sgd_train)
    assert "the call changes its argument `w`" in str(outcome)
    assert outcome.points == questions()["sgd_train"].points / 2
