"""Lesson 3: its explorers at every extreme, their numbers, its answers."""

import itertools
import re

import numpy as np
import pytest

from course.activations import sigmoid
from course.explorers import chain_rule as lesson
from course.explorers.chain_rule.backward import step_words
from course.explorers.chain_rule.graphs import GATE, GRAPHS, NEURON, SHARED
from course.explorers.controls import Slider
from course.numeric import numeric_gradient

EXPLORERS = [lesson.BackwardPass, lesson.DifferenceErrors, lesson.AccumulationCost]
LOSSES = {
    NEURON.name: lambda v: (sigmoid(v[0] * v[1] - 1) - 1) ** 2,
    SHARED.name: lambda v: (v[0] * sigmoid(v[0] * v[1]) - 1) ** 2,
    GATE.name: lambda v: (sigmoid(v[0] * v[1]) * np.tanh(v[0] * v[1]) - 1) ** 2,
}


def extremes(explorer):
    choices = [
        (dial.low, dial.value, dial.high) if isinstance(dial, Slider) else dial.options
        for dial in explorer.dials
    ]
    names = [dial.name for dial in explorer.dials]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*choices)]


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_every_extreme_shows_something_true(explorer):
    one = explorer()
    for values in extremes(explorer):
        one.value = values
        words = one.text.lower()
        assert not re.search(r"\b(nan|inf)\b", words)
        assert "−0.0000" not in words
        assert len(one.buffer) < 60_000
        for mark in one._view.marks:
            assert not np.isinf(mark.data).any()


@pytest.mark.parametrize("explorer", EXPLORERS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_saved_picture(explorer, theme):
    assert explorer().picture(theme).startswith(b"\x89PNG")


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_handle_moves_by_pointer_and_by_key_and_reset_comes_back(explorer):
    one = explorer()
    home, text = one.value, one.text
    (grip,) = one.grips
    one.react({"type": "nudge", "name": grip.name, "dx": -3, "dy": 0})
    nudged = one.value
    assert nudged != home
    one.react({"type": "drag", "name": grip.name, "x": 0.3, "y": 0.1})
    assert one.value not in (home, nudged)
    one.react({"type": "reset"})
    assert (one.value, one.text) == (home, text)


# ------------------------------------------------------------------------- the graph
@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.name)
def test_a_graph_has_six_nodes_and_the_gradient_of_its_formula(graph):
    assert len(graph.nodes) == 6
    for v in ([0.5, 4.0], [-1.3, 0.7], [2.0, -4.0]):
        run = graph.run(*v)
        assert run.loss.value == pytest.approx(graph.loss(*v))
        assert run.loss.value == pytest.approx(LOSSES[graph.name](v))
        exact = [run.gradient("w"), run.gradient("x")]
        assert numeric_gradient(LOSSES[graph.name], v) == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.name)
def test_one_step_for_each_value_and_each_edge(graph):
    run = graph.run(0.5, 4.0)
    words = step_words(run)
    computed = sum(node.f is not None for node in graph.nodes)
    assert len(words) == 1 + computed + 1 + len(run.edges)
    assert ("terms add" in " ".join(words)) == (graph is not NEURON)
    one = lesson.BackwardPass(graph=graph.name)
    assert one.frames == len(words)


def test_a_small_nudge_keeps_the_promise():
    one = lesson.BackwardPass(nudge=0.02)
    promised, real = (
        float(re.search(rf"{word} (−?[\d.]+[\d])", one.summary)[1].replace("−", "-"))
        for word in ("promised", "real")
    )
    assert promised == pytest.approx(real, abs=2e-3)


def test_opens_when_all_its_predictions_are_locked():
    questions = [lesson.ask_for_the_product_at_z(), lesson.ask_for_the_product_at_w()]
    one = lesson.BackwardPass(after=questions)
    assert one.veil
    questions[1].answer_with(0.0)
    assert one.veil
    questions[0].answer_with(0.0)
    assert not one.veil


# ------------------------------------------------------------------------ differences
def test_the_text_leaves_rounding_noise_out():
    one = lesson.DifferenceErrors()
    text, marks = one.text, list(one._view.marks)
    noisy = [m for m in marks if m.name == "measured"]
    assert len(noisy) == 2
    noisy[0].data[-5:, 1] *= 1.5
    assert one.text == text
    one.value = {"x": 0.75}
    assert one.text != text


def test_the_branch_is_named():
    one = lesson.DifferenceErrors(h=1e-12)
    assert one.summary.count("rounding branch") == 2
    one.value = {"h": 1e-2}
    assert one.summary.count("truncation branch") == 2


def test_no_measured_error_is_above_theory_by_much():
    one = lesson.DifferenceErrors()
    lines = [m.data for m in one._view.marks if m.kind == "line"][:2]
    dots = [m.data for m in one._view.marks if m.name == "measured"]
    for bound, error in zip(lines, dots, strict=True):
        assert (error[:, 1] <= 4 * bound[:, 1]).all()


def test_errors_of_exactly_0_are_rare_and_explained():
    one = lesson.DifferenceErrors()
    for function in ("x³", "eˣ", "sin x", "σ(x)"):
        one.value = {"function": function}
        assert one.record.forward.all()
        assert one.record.central.all()
        assert "exactly 0" not in one.summary
    one.value = {"function": "x²"}
    assert (one.record.forward[-10:] > 1e-6).sum() > 5  # rounding grows
    one.value = {"x": 1.0}
    assert (one.record.forward[-10:] == 0).all()
    assert "lower edge are errors of exactly 0" in one.summary


# ------------------------------------------------------------------------------- cost
def test_equal_ends_cost_the_same_and_reverse_wins_for_a_loss():
    one = lesson.AccumulationCost(inputs=10, outputs=10)
    assert "cost the same" in one.summary
    one.value = {"outputs": 1, "inputs": 10_000}
    assert "Reverse is" in one.summary
    one.value = {"outputs": 1000, "inputs": 1}
    assert "Forward is" in one.summary


# -------------------------------------------------------------------------- questions
def test_the_two_paths_are_told_in_the_letters_of_the_graph():
    question = lesson.ask_about_two_paths().question["prompt"]
    for node in SHARED.nodes:
        if node.f is not None and node.name != "L":
            assert f"{node.name} = {node.formula}" in question


def test_answers():
    a = 1 / (1 + np.exp(-1.0))
    delta = 2 * (a - 1) * a * (1 - a)
    numbers = {
        lesson.ask_for_the_slope_of_the_loss: 2 * (a - 1),
        lesson.ask_for_the_slope_of_the_sigmoid: a * (1 - a),
        lesson.ask_for_the_product_at_z: delta,
        lesson.ask_for_the_slope_of_the_weight: 4.0,
        lesson.ask_for_the_product_at_w: 4 * delta,
        lesson.ask_about_two_paths: numeric_gradient(LOSSES[SHARED.name], [0.5, 4.0])[0],
    }
    for ask, answer in numbers.items():
        assert ask().answer == pytest.approx(answer, abs=1e-8)
        assert ask().answer_with(round(answer, 2)).startswith("Right")
        assert not ask().answer_with(answer + 0.03).startswith("Right")
    choices = {
        lesson.ask_for_the_best_step: "0.00001",
        lesson.ask_for_the_vjp: "Wᵀ g",
        lesson.ask_for_the_cost: "About 500 times",
        lesson.ask_for_the_bug: "At a node that is read twice, the second term replaces the first",
    }
    for ask, answer in choices.items():
        assert ask().options[ask().answer] == answer
