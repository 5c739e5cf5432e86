"""What a check says of a wrong answer is true, and gives no answer away."""

from __future__ import annotations

import numpy as np
import pytest

from course.exercises.bank import questions
from course.exercises.diagnosis import examine
from course.exercises.outcome import Raised, Right, Wrong
from course.exercises.question import Mistake, Question
from course.exercises.values import Expression


def letter():
    """Return a letter."""
    return "c"


def number():
    """Return a number."""
    return 0.25


def times(W, x):
    """Return W x."""
    return W @ x


LETTER = Question(
    letter,
    prompt="Which?",
    inputs=lambda rng: (),
    hints=("Think.",),
    mistakes=(Mistake("a", "It is not the first.", (('"c"', '"a"'),)),),
    count=1,
)
NUMBER = Question(
    number,
    prompt="How much?",
    inputs=lambda rng: (),
    hints=("Think.",),
    mistakes=(Mistake("a half", "It is the square.", (("0.25", "0.5"),)),),
    count=1,
)
TIMES = Question(
    times,
    prompt="Multiply.",
    inputs=lambda rng: (rng.normal(size=(2, 3)), rng.normal(size=3)),
    hints=("@",),
    mistakes=(Mistake("transposed", "That is the transpose.", (("W @ x", "W.T @ x"),)),),
)


def test_a_question_of_judgement_does_not_give_its_answer_away():
    for question, wrong, right in ((LETTER, "abz1", "'c'"), (NUMBER, (0.5, 1.0, 4), "0.25")):
        for answer in wrong:
            outcome = examine(question, lambda answer=answer: answer)
            assert isinstance(outcome, Wrong)
            assert outcome.diagnosis is not None
            assert right not in outcome.text
            assert "times the right one" not in outcome.text


@pytest.mark.parametrize("answer", ["(b)", "b.", "b) they are the same"])
def test_a_letter_among_other_signs_is_asked_for_alone(answer):
    outcome = examine(questions()["sgd_bug"], lambda: answer)
    assert "the letter alone" in outcome.text
    assert '"b"' not in outcome.text


def test_what_contains_itself_is_an_error_with_advice():
    def forward(Ws, bs, X):
        A = [X]
        A.append(A)
        return A

    outcome = examine(questions()["forward"], forward)
    assert isinstance(outcome, Raised)
    assert "contains itself" in outcome.text
    assert "put into itself" in outcome.text


def test_a_letter_may_be_a_capital():
    assert isinstance(examine(LETTER, lambda: " C"), Right)
    outcome = examine(LETTER, lambda: "A")
    assert isinstance(outcome, Wrong)
    assert outcome.diagnosis.mistakes == ("a",)


def test_an_answer_that_always_stops_with_an_error_is_no_catalogued_mistake():
    # W.T @ x raises ValueError for every W that is not square, as many other answers do
    outcome = examine(TIMES, lambda W, x: np.ones(2) @ np.ones(3))
    assert isinstance(outcome, Raised)
    assert "ValueError" in outcome.text


def first(Ws):
    """Return the first of some arrays."""
    return Ws[0]


def test_a_wrong_answer_about_arrays_of_different_shapes_is_shown_on_the_smallest():
    question = Question(
        first,
        prompt="The first.",
        inputs=lambda rng: ([rng.normal(size=(2, 3)), rng.normal(size=4)],),
        edges=(([np.ones(2), np.ones((1, 3))],),),
        hints=("[0]",),
        mistakes=(Mistake("last", "That is the last.", (("Ws[0]", "Ws[-1]"),)),),
    )
    outcome = examine(question, lambda Ws: Ws[0] * Ws[0] + 1.0)
    assert isinstance(outcome, Wrong)
    assert "np.ones" not in outcome.arguments
    assert outcome.arguments == "first([np.array([1.0, 1.0]), np.array([[1.0, 1.0, 1.0]])])"


def double(x):
    """Return twice x."""
    return 2 * x


DOUBLE = Question(
    double,
    prompt="Twice.",
    inputs=lambda rng: (rng.normal(size=int(rng.integers(2, 6))),),
    edges=((np.array([1, 2]),),),
    hints=("Add it to itself.",),
    mistakes=(
        Mistake("once", "That is x itself.", (("2 * x", "x"),)),
        Mistake("mean", "That is divided by the number.", (("2 * x", "2 * x / len(x)"),)),
    ),
)


def test_a_constant_factor_is_not_explained_by_a_mistake_that_is_another_one():
    outcome = examine(DOUBLE, lambda x: 1.98 * x)
    assert isinstance(outcome, Wrong)
    assert outcome.diagnosis.family == "factor"
    assert "once" not in outcome.diagnosis.mistakes
    outcome = examine(DOUBLE, lambda x: 3 * x / len(x))
    assert isinstance(outcome, Wrong)
    assert outcome.diagnosis.mistakes == ("mean",)


def test_whole_numbers_that_take_no_fractions_are_explained():
    def answer(x):
        y = x.copy()
        y += 1.0 * x
        return y

    outcome = examine(DOUBLE, answer)
    assert isinstance(outcome, Raised)
    assert "array of floats" in outcome.advice


def test_of_every_result_is_spoken_only_if_every_one_is_wrong():
    outcome = examine(DOUBLE, lambda x: 1.98 * x)
    assert "Every result is 0.99 times the right one." in outcome.text
    outcome = examine(DOUBLE, lambda x: 1.98 * x if len(x) > 2 else 2 * x)
    assert "Every wrong result is 0.99 times the right one." in outcome.text
    assert "inputs that were tried come out right" in outcome.text


def slope_at(df, w):
    """Return df(w)."""
    return df(w)


def test_a_function_that_is_not_called_is_explained():
    question = Question(
        slope_at,
        prompt="The slope.",
        inputs=lambda rng: (Expression("lambda w: 2 * w"), float(rng.normal())),
        hints=("Call it.",),
        mistakes=(Mistake("w", "That is w.", (("return df(w)", "return w"),)),),
    )
    outcome = examine(question, lambda df, w: 2 * df)
    assert isinstance(outcome, Raised)
    assert "call it" in outcome.advice


def pair_of(W, x):
    """Return W x and the sum of x."""
    return W @ x, x.sum()


PAIR_OF = Question(
    pair_of,
    prompt="Both.",
    inputs=lambda rng: (rng.normal(size=(2, 3)), rng.normal(size=3)),
    hints=("@",),
    mistakes=(
        Mistake("mean", "The sum, not the mean.", (("x.sum()", "x.mean()"),)),
        Mistake("squared", "The table is squared.", (("W @ x", "W**2 @ x"),)),
    ),
)


def mean_size(y):
    """Return the mean size of the entries, the largest 50."""
    return np.minimum(abs(y), 50.0).sum() / len(y)


MEAN_SIZE = Question(
    mean_size,
    prompt="The mean size.",
    inputs=lambda rng: (rng.normal(size=rng.integers(3, 7)),),
    hints=("abs",),
    mistakes=(Mistake("sum", "The mean, not the sum.", ((" / len(y)", ""),)),),
    edges=((np.array([1000.0, 2.0]),),),
)


def test_a_mistake_and_its_opposite_explain_nothing():
    outcome = examine(MEAN_SIZE, lambda y: abs(y).sum() / len(y))
    assert isinstance(outcome, Wrong)
    assert outcome.diagnosis is not None
    assert outcome.diagnosis.family == "where"
    assert "`y` holds a number of size 100 or more" in outcome.text
    assert "sum" not in outcome.text
    assert "times the right one" not in outcome.text


def test_one_part_may_contain_a_catalogued_mistake_beside_another_error():
    outcome = examine(PAIR_OF, lambda W, x: (W @ x + 1, x.mean()))
    assert isinstance(outcome, Wrong)
    assert outcome.diagnosis is not None
    assert outcome.diagnosis.mistakes == ("mean",)
    assert "result[1] comes out as with this mistake: The sum, not the mean." in outcome.text
    assert "And result[0] is wrong too." in outcome.text


def test_parts_in_another_order_are_told():
    outcome = examine(PAIR_OF, lambda W, x: (x.sum(), W @ x))
    assert "in another order: result[0] and result[1] are exchanged" in outcome.text


def test_the_advice_fits_the_error():
    for f, words in (
        (lambda W, x: (W @ x).sum(axis=1), "fewer axes"),
        (lambda W, x: np.einsum("ij,jk->i", W, x), "one for each axis"),
        (lambda W, x: max(x, 2 * x), "one truth value"),
    ):
        outcome = examine(TIMES, f)
        assert isinstance(outcome, Raised)
        assert words in outcome.text
        assert "beyond the end" not in outcome.text
