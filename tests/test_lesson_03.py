"""Lesson 3: its explorers at every extreme, their numbers, its answers."""

import itertools
import re
from fractions import Fraction

import numpy as np
import pytest

from course.accumulation import backward_edges, jacobian_cost
from course.activations import relu, sigmoid
from course.differences import (
    EPSILON,
    FUNCTIONS,
    Smooth,
    best_step,
    central_difference,
    forward_difference,
    rounding,
    truncation,
)
from course.explorers import chain_rule as lesson
from course.explorers.chain_rule.backward import step_words
from course.explorers.chain_rule.graphs import GATE, GRAPHS, NEURON, SHARED
from course.explorers.controls import Slider
from course.graph import Value
from course.network import forward, mlp
from course.numeric import H, numeric_gradient

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
    assert ("; added to" in " ".join(words)) == (graph is not NEURON)
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
    one.value = {"h": 7.5e-6}  # a little above the best central step
    assert one.summary.count("near the best step") == 1
    assert "rounding branch" not in one.summary


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
    assert "Forward takes" in one.summary
    one.value = {"outputs": 1000, "inputs": 1}
    assert "Reverse takes" in one.summary


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
        lesson.ask_for_the_product_at_x: 0.5 * delta,
        lesson.ask_for_the_product_at_b: delta,
        lesson.ask_for_the_vjp: 3.5,
        lesson.ask_about_two_paths: numeric_gradient(LOSSES[SHARED.name], [0.5, 4.0])[0],
    }
    for ask, answer in numbers.items():
        assert ask().answer == pytest.approx(answer, abs=1e-8)
        assert ask().answer_with(round(answer, 2)).startswith("Right")
        assert not ask().answer_with(answer + 0.03).startswith("Right")
    # two digits after the point are enough on the way, too
    z = round(round(2 * (a - 1), 2) * round(a * (1 - a), 2), 2)
    assert lesson.ask_for_the_product_at_z().answer_with(z).startswith("Right")
    assert lesson.ask_for_the_product_at_w().answer_with(4 * z).startswith("Right")
    for told in (0.5 * z, -0.06, -0.05):
        assert lesson.ask_for_the_product_at_x().answer_with(told).startswith("Right")
    for told in (0.5 * z / 2, delta, 4 * delta, -0.5 * delta, 0.5, a * (1 - a) / 2, a - 1):
        assert not lesson.ask_for_the_product_at_x().answer_with(told).startswith("Right")
    choices = {
        lesson.ask_for_the_best_step: "h = 10⁻⁵",
        lesson.ask_for_the_cost: "About 500 times",
        lesson.ask_for_the_bug: "At a node that is read twice, the second term replaces the first",
    }
    for ask, answer in choices.items():
        assert ask().options[ask().answer] == answer
    assert len({ask().answer for ask in choices}) == 3  # no letter is right more than once


def test_the_best_of_the_steps_offered_is_the_best_by_measurement():
    def error(h):
        return abs((np.exp(1.1 + h) - np.exp(1.1 - h)) / (2 * h) - np.exp(1.1))

    errors = [error(h) for h in (1e-2, 1e-16, 1e-5, 1e-10)]
    assert np.argmin(errors) == lesson.ask_for_the_best_step().answer
    assert 1.1 + 1e-16 == 1.1 == 1.1 - 1e-16


# ---------------------------------------------------------- what the lesson says in prose
def test_a_tenth_of_the_nudge_leaves_a_hundredth_of_the_gap_for_the_derivative_alone():
    for rate, factor in ((12.0, 100), (11.0, 10), (13.0, 10)):
        wide, narrow = (abs((2 + h) ** 3 - 8 - rate * h) for h in (1e-3, 1e-4))
        assert wide / narrow == pytest.approx(factor, rel=0.02)


def test_the_points_stay_below_twice_their_lines_up_to_a_hundredth():
    rng, ratio = np.random.default_rng(0), {}
    for f in FUNCTIONS:
        for x in (*np.arange(0.2, 2.05, 0.1), *rng.uniform(0.2, 2.0, 5)):
            for h in np.logspace(-2, -14, 25):
                for central, quotient in ((False, forward_difference), (True, central_difference)):
                    error = abs(quotient(f.value, float(x), h) - f.first(x))
                    line = truncation(f, x, h, central=central) + rounding(f, x, h, central=central)
                    ratio[f.name] = max(ratio.get(f.name, 0.0), error / line)
    assert max(ratio.values()) < 2
    assert ratio["σ(x)"] > max(ratio["x³"], ratio["eˣ"], ratio["sin x"], ratio["x²"], 1.2)


def test_the_subtraction_and_the_division_round_too():
    f, ratio = FUNCTIONS[4], {}  # x²: no truncation
    for x in np.arange(0.2, 2.05, 0.1):
        for h in np.logspace(0, -4, 200):
            error = abs(central_difference(f.value, float(x), h) - f.first(x))
            band = "large" if h > 0.1 else "small"
            ratio[band] = max(ratio.get(band, 0.0), error / rounding(f, x, h, central=True))
    assert ratio["large"] > 2
    assert ratio["small"] < 1.5
    lines = rounding(f, 0.4, np.logspace(-1, 0, 50), central=True)
    assert lines.max() < rounding(f, 0.4, 0.05, central=True)


def test_the_step_of_the_witness_does_not_suit_a_large_constant():
    def off(constant):
        return abs(numeric_gradient(lambda v: constant + np.sin(v[0]), [1.1])[0] - np.cos(1.1))

    assert off(0.0) < 1e-10
    assert off(1e6) > 1e-7


def test_the_next_terms_show_towards_1():
    f, x = FUNCTIONS[2], 0.2  # sin x
    error = abs(forward_difference(f.value, x, 1.0) - f.first(x))
    assert error > 1.5 * truncation(f, x, 1.0, central=False)


def test_the_witness_keeps_to_its_three_errors():
    for x in np.random.default_rng(0).uniform(0.2, 2.0, 300):
        measured = numeric_gradient(lambda v: np.exp(v[0]), [x])[0]
        bound = truncation(FUNCTIONS[1], x, H, central=True)
        bound += rounding(FUNCTIONS[1], x, H, central=True) + EPSILON * x * np.exp(x) / (2 * H)
        assert abs(measured - np.exp(x)) <= bound


def test_the_best_step_for_ln_grows_with_x():
    ln = Smooth("ln", np.log, lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3)
    near, far = (best_step(ln, x, central=True) for x in (10.0, 1e8))
    assert far / near == pytest.approx(2e7, rel=1e-6)  # x: 10⁷-fold, ln x: 8-fold
    assert far / 5 < 1000 < 5 * far


def test_the_slope_of_the_sigmoid_is_a_chain():
    for z in np.linspace(-8, 8, 41):
        node = Value(z)
        chain = 1.0 / (1.0 + (-node).exp())
        chain.backward()
        a = sigmoid(z)
        assert node.grad == pytest.approx(a * (1 - a), rel=1e-12)
        assert central_difference(sigmoid, z, 1e-5) == pytest.approx(a * (1 - a), abs=1e-9)


def test_a_node_must_wait_for_all_its_readers():
    L = GATE.run(0.5, 4.0).loss
    u = next(node for node in L.nodes() if node.label == "u")

    def walk(order):
        gradient = dict.fromkeys(order, 0.0) | {L: 1.0}
        for node in order:
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                gradient[parent] += slope * gradient[node]
        return gradient

    right = list(reversed(L.nodes()))
    early = [n for n in right if n is not u]
    early.insert(early.index(next(n for n in right if n.label == "q")), u)
    w = next(node for node in right if node.label == "w")
    L.backward()
    assert walk(right)[w] == w.grad
    assert walk(early)[w] != pytest.approx(w.grad, rel=0.01)


def test_the_number_of_paths_can_grow_exponentially_while_the_products_do_not():
    def paths(node, end):
        return 1 if node is end else sum(paths(parent, end) for parent in node.parents)

    start = node = Value(1.0)
    for n in range(1, 11):
        node = node + node
        assert paths(node, start) == 2**n
        assert len(backward_edges(node)) == 2 * n


def test_a_backward_pass_costs_from_one_to_two_forward_passes():
    rng = np.random.default_rng(0)
    for _ in range(500):
        sizes = [int(n) for n in rng.integers(1, 300, rng.integers(2, 9))]
        forward = sum(n * m for n, m in itertools.pairwise(sizes))
        assert 1 <= (2 * forward - sizes[0] * sizes[1]) / forward < 2
        if len(sizes) == 2:
            assert 2 * forward - sizes[0] * sizes[1] == forward


@pytest.mark.parametrize("sizes", [(4, 3), (4, 3, 2), (5, 6, 4, 3)])
def test_the_graph_of_a_network_makes_the_multiplications_that_the_formula_counts(sizes):
    rng = np.random.default_rng(0)
    data = a = [Value(v) for v in rng.normal(size=sizes[0])]
    weights = []
    for n, m in itertools.pairwise(sizes):
        W = np.vectorize(Value)(rng.normal(size=(m, n)))
        weights += [*W.ravel()]
        a = [(row * np.array(a)).sum().sigmoid() for row in W]
    products = [e for e in backward_edges(sum(a[1:], a[0])) if e.node.op == "*"]
    back = [e for e in products if e.parent not in data]
    forward = len({e.node for e in products})
    assert forward == len(weights)
    assert len(back) == 2 * forward - sizes[0] * sizes[1]


def test_the_two_ends_decide_where_the_hidden_widths_are_equal_and_not_otherwise():
    rng = np.random.default_rng(0)
    for _ in range(500):
        first, width, last = (int(n) for n in rng.integers(1, 300, 3))
        hidden = int(rng.integers(2, 8))
        cost = jacobian_cost((first, *(width,) * hidden, last))
        assert np.sign(cost.forward - cost.reverse) == np.sign(first - last)
        one = jacobian_cost((first, width, last))
        assert one.forward == one.reverse
    assert jacobian_cost((2, 1, 100, 3)).forward > jacobian_cost((2, 1, 100, 3)).reverse


def test_a_kink_is_met_by_zeros_and_by_layers_that_are_off_and_hardly_by_chance():
    network = mlp((4, 30, 30, 2), relu, rng=np.random.default_rng(0))
    assert all((z == 0).all() for z in forward(network, np.zeros((1, 4))).z)
    drawn = forward(network, np.random.default_rng(1).normal(size=(20_000, 4)))
    assert not any((z == 0).any() for z in drawn.z)
    met = 0
    for seed in range(200):
        narrow = forward(mlp((4, 3, 2), relu, rng=np.random.default_rng(seed)), [[0.5, -1, 2, 1.5]])
        off = not narrow.a[0].any()
        assert (narrow.z[1] == 0).all() == (narrow.z[1] == 0).any() == off
        met += off
    assert 0.08 < met / 200 < 0.18  # one in 2³


def test_careless_passes_come_out_right_without_a_fan_out():
    def careless(L):
        gradient = {L: 1.0}
        for node in reversed(L.nodes()):
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                gradient[parent] = slope * gradient[node]
        return gradient

    for at in (-1.5, 0.3, 2.0):
        x = Value(at)
        for L in ((3 * x - 1).tanh() ** 3, (x.exp() + 2.0).log().sigmoid(), x * x, x * x + x):
            L.backward()
            readers = sum(parent is x for node in L.nodes() for parent in node.parents)
            assert (careless(L)[x] == pytest.approx(x.grad)) == (readers == 1)


def test_the_numbers_of_float64():
    assert EPSILON == 2.0**-52 == pytest.approx(2.2e-16, rel=0.01)
    for third in (Fraction(1, 3), Fraction(5, 7), Fraction(2**40, 3)):
        off = abs(Fraction(float(third)) - third) / third
        assert 0 < off <= Fraction(EPSILON) / 2


def test_the_local_derivatives_are_there_before_the_backward_pass():
    w = Value(0.5)
    L = ((w * 4.0 - 1.0).sigmoid() - 1.0) ** 2
    slopes = [node.slopes for node in L.nodes()]
    assert all(len(node.slopes) == len(node.parents) for node in L.nodes())
    L.backward()
    assert [node.slopes for node in L.nodes()] == slopes


def test_the_products_of_the_backward_pass_are_made_of_forward_values():
    w, x = Value(0.7), Value(1.3)
    h = (w * x).tanh()
    L = h * h
    by = {(e.node.op, e.parent): e.slope for e in backward_edges(L)}
    assert by["*", h] == h.value
    assert by["*", w] == x.value
    assert by["tanh", h.parents[0]] == 1 - h.value**2


def test_the_two_terms_at_w_arrive_far_apart():
    parents = [(e.node.label, e.parent.label) for e in SHARED.run(0.5, 4.0).edges]
    first, second = parents.index(("p", "w")), parents.index(("u", "w"))
    assert (first, second, len(parents)) == (1, 4, 6)


def test_going_back_is_not_inverting():
    rng = np.random.default_rng(0)
    W, a = rng.normal(size=(3, 3)), rng.normal(size=3)
    z = W @ a
    nudged = numeric_gradient(lambda v: 0.5 * np.sum((W @ v) ** 2), a)
    assert nudged == pytest.approx(W.T @ z, rel=1e-6)
    assert np.abs(nudged - np.linalg.solve(W, z)).max() > 0.1


def test_the_graph_is_right_to_rounding_where_it_is_smooth():
    for at in np.random.default_rng(0).uniform(-2, 2, 50):
        x = Value(at)
        L = (x * x + 1.0).log() * x.sin() + x.exp()
        L.backward()
        true = 2 * at / (at**2 + 1) * np.sin(at) + np.log(at**2 + 1) * np.cos(at) + np.exp(at)
        assert x.grad == pytest.approx(true, rel=1e-13, abs=1e-14)
