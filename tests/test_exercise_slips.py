"""Slips of the pen are recognised in answers of any style, and their sentences are true."""

from __future__ import annotations

import ast
import textwrap

import numpy as np
import pytest

from course.exercises import mutants
from course.exercises.diagnosis import examine
from course.exercises.question import Question


def weighted(x, y, beta, epsilon):
    """A bit of everything that slips happen in."""
    total = 0.0
    for i in range(len(x)):
        g = (x[i] - y[i]) ** 2
        total += g / (np.sqrt(beta) + epsilon)
    return total - beta * (x.sum() + y[0])


QUESTION = Question(
    weighted,
    "",
    lambda rng: (rng.normal(size=4), rng.normal(size=4), rng.uniform(0.2, 0.8), rng.uniform(0, 1)),
    ("",),
    (),
    edges=((np.array([1.0, 2.0]), np.array([0.5, -1.0]), 0.5, 0.25),),
)

#: what a learner writes, in a style of their own, and what it is told
WRITTEN = {
    "early return": """
        s = 0
        for a, b in zip(x, y):
            s = s + (a - b) ** 2 / (beta ** 0.5 + epsilon)
            return s - beta * (sum(x) + y[0])""",
    "only the last round": """
        for a, b in zip(x, y):
            s = (a - b) ** 2 / (beta ** 0.5 + epsilon)
        return s - beta * (sum(x) + y[0])""",
    "one sign": """
        s = np.sum((x - y) ** 2) / (np.sqrt(beta) + epsilon)
        return s + beta * (x.sum() + y[0])""",
    "brackets": """
        s = np.sum((x - y) ** 2) / (np.sqrt(beta) + epsilon)
        return s - (beta * x.sum() + y[0])""",
    "a square": """
        s = np.sum(x - y) / (np.sqrt(beta) + epsilon)
        return s - beta * (x.sum() + y[0])""",
    "inside the root": """
        s = np.sum((x - y) ** 2) / np.sqrt(beta + epsilon)
        return s - beta * (x.sum() + y[0])""",
    "fixed argument": """
        s = np.sum((x - y) ** 2) / (np.sqrt(beta) + 1e-8)
        return s - beta * (x.sum() + y[0])""",
    "off by one": """
        s = np.sum((x[1:] - y[1:]) ** 2) / (np.sqrt(beta) + epsilon)
        return s - beta * (x.sum() + y[0])""",
    "a lost part": """
        s = np.sum((x - y) ** 2) / (np.sqrt(beta) + epsilon)
        return s - beta * x.sum()""",
}


def answer(body):
    space = {"np": np}
    exec(
        f"def weighted(x, y, beta, epsilon):\n{textwrap.indent(textwrap.dedent(body), '    ')}",
        space,
    )
    return space["weighted"]


@pytest.mark.parametrize("family", WRITTEN)
def test_a_slip_is_recognised_in_any_style(family):
    outcome = examine(QUESTION, answer(WRITTEN[family]))
    assert outcome.diagnosis.family == family, outcome.text
    assert outcome.share == 0


def test_two_slips_are_none_of_them():
    body = WRITTEN["one sign"].replace("** 2", "** 3")
    diagnosis = examine(QUESTION, answer(body)).diagnosis
    assert diagnosis is None or diagnosis.family not in WRITTEN


def test_a_right_answer_is_right():
    body = WRITTEN["one sign"].replace("s + beta", "s - beta")
    assert examine(QUESTION, answer(body)).share == 1


def made(source):
    """Return the programs with a slip, by what is said of them."""
    (tree,) = ast.parse(source).body
    return [(kind.family, ast.unparse(ast.fix_missing_locations(one)))
            for kind, one in mutants.mutants(tree)]  # fmt: skip


def test_each_sentence_fits_what_is_changed():
    outside = made("def f(x):\n    x -= 1\n    return x")
    assert "only the last round" not in dict(outside), "there is no loop"
    powers = made("def f(x):\n    return 3 * x ** 2")
    assert "off by one" not in dict(powers), "neither a factor nor a power counts anything"
    joined = made("def f(x):\n    return np.concatenate([x, x], axis=1)")
    assert "axis" not in dict(joined), "nothing is summed"
    assert ("brackets", "def f(a, b):\n    return (a * b) ** 2") not in made(
        "def f(a, b):\n    return a * b ** 2"
    )


def test_the_programs_are_left_as_they_are():
    source = ast.unparse(ast.parse(QUESTION.source))
    (tree,) = ast.parse(QUESTION.source).body
    found = list(mutants.mutants(tree))
    assert ast.unparse(tree) == source
    assert len(found) > 60
    assert {kind.family for kind, _ in found} >= WRITTEN.keys()
