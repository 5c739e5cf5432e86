"""What lesson 4's explorers say is true of the run that they show, at every setting."""

import re
from itertools import product

import numpy as np
import pytest

from course.activations import relu, sigmoid, tanh
from course.backprop import backward
from course.data import Dataset
from course.explorers import delta_recursion as lesson
from course.explorers.wording import listed
from course.losses import half_squared_error
from course.network import Layer, Network, forward, mlp
from course.recursion import graph_gradient

SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
NUMBER = r"(\d+(?:\.\d+)?)(?: · 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"
#: settings of every explorer are drawn with this seed
SEED = 4


def value(match, group):
    power = match[group + 1]
    return float(match[group]) * 10.0 ** int((power or "⁰").translate(SUPER))


# -------------------------------------------------------------------------- step by step
def settings():
    ends = product((0.0, 1.0), (0.1,), (-4.0, 4.0), (0.0, 0.1, 10.0))
    rng = np.random.default_rng(SEED)
    steps = rng.integers((-20, -20, -80, 0), (21, 21, 81, 101), size=(20, 4))
    return [*ends, *(steps * [0.05, 0.05, 0.05, 0.1]).round(2).tolist()]


def loss_and_gradient(network, x):
    """Return the loss, its mean slopes by `backward`, and those of the graph."""
    ahead = forward(network, [x])
    loss = half_squared_error([lesson.TARGET], ahead.output)
    slopes = backward(network, ahead, half_squared_error, [lesson.TARGET]).vector
    return loss, slopes, graph_gradient(network, x, lesson.TARGET)


def stepped(network, slopes, alpha):
    theta = network.parameters
    theta[[0, 1, 2, 3, 6, 7, 8, 9]] -= alpha * slopes[[0, 1, 2, 3, 6, 7, 8, 9]]
    return network.with_parameters(theta)


def test_step_by_step_says_what_backward_and_the_graph_find():
    one = lesson.StepByStep()
    for x1, x2, w, alpha in settings():
        one.value = {"x1": x1, "x2": x2, "w": w, "learning_rate": alpha}
        network, x = lesson.example_network(w), np.array([x1, x2])
        loss, slopes, graph = loss_and_gradient(network, x)
        after = loss_and_gradient(stepped(network, slopes, alpha), x)[0]
        np.testing.assert_allclose(slopes, graph, atol=1e-12)
        assert one.summary == (
            f"L = {loss:.9f}; after one step of the weights {after:.9f}. "
            "All 12 slopes agree with both witnesses."
        )


def test_the_published_step_counts_the_slopes_that_are_wrong():
    one = lesson.PublishedStep()
    for x1, x2, w, alpha in settings():
        one.value = {"x1": x1, "x2": x2, "w": w, "learning_rate": alpha}
        network, x = lesson.example_network(w), np.array([x1, x2])
        loss, slopes, _ = loss_and_gradient(network, x)
        right = stepped(network, slopes, alpha)
        # by hand: δ¹ through the new W²
        a1 = forward(network, [x]).a[0][0]
        delta2, used = slopes[10:], slopes.copy()
        delta1 = right.layers[1].W.T @ delta2 * a1 * (1 - a1)
        used[:6] = [*np.outer(delta1, x).ravel(), *delta1]
        after = loss_and_gradient(stepped(network, used, alpha), x)[0]
        told = re.search(r"is wrong: (\d+) of 12 slopes differ", one.summary)
        count = np.sum(np.abs(used - slopes) > 1e-9)
        assert count == (int(told[1]) if told else 0)
        assert bool(count == 0) is (alpha == 0) is ("is the old W²." in one.summary)
        assert f"{loss:.9f}" in one.summary
        assert f"{after:.9f}" in one.summary
        if told:
            assert f"with the old W² it is {loss_and_gradient(right, x)[0]:.9f}." in one.summary


# --------------------------------------------------------------------------------- depth
def depths():
    ends = product((1, 2, 20), (0.25, 1.0, 4.0), (0, 9))
    rng = np.random.default_rng(SEED)
    drawn = zip(
        rng.integers(1, 21, 12).tolist(),
        np.geomspace(0.25, 4, 12).round(3).tolist(),
        rng.integers(0, 10, 12).tolist(),
        strict=True,
    )
    return [*ends, *drawn]


def lengths(f, depth, scale, seed):
    """Return ‖δˡ‖ of every layer from `backward`, for the network that the explorer draws."""
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal((2, 16, 32))
    network = mlp([32] * (depth + 1), f, rng)
    network = network.with_parameters(scale * network.parameters)
    delta = backward(network, forward(network, X), half_squared_error, Y).delta
    return np.array([np.linalg.norm(d) for d in delta])


def test_depth_says_what_backward_finds():
    one = lesson.Depth()
    for depth, scale, seed in depths():
        one.value = {"depth": depth, "scale": scale, "seed": seed}
        if depth == 1:
            assert one.summary.startswith("One layer: δ¹ is δᴸ itself")
            continue
        assert f"From layer {depth} down to layer 1" in one.summary
        faint, huge = [], []
        for f in (sigmoid, tanh, relu):
            norms, deepest = lengths(f, depth, scale, seed), lengths(f, 20, scale, seed)
            told = re.search(rf"{f} {NUMBER},? ?.*Geometric mean.*{f} (\d+\.\d+)", one.summary)
            assert value(told, 1) == pytest.approx(norms[0] / norms[-1], rel=0.06)
            pace = (deepest[0] / deepest[-1]) ** (1 / 19)
            assert float(told[3]) == pytest.approx(pace, abs=0.0051)
            faint += [f.name] if norms[0] < 1e-4 * norms[-1] else []
            huge += [f.name] if norms[0] > 1e3 * norms[-1] else []
        for names, words in ((faint, "less than a ten-thousandth"), (huge, "δ grows more than")):
            assert (f"With {listed(names)}, {words}" in one.summary) is bool(names)


# ------------------------------------------------------------------------------- digits
def judged(labels, truth):
    """Return the explorer for outputs that name these labels, where the truth is another."""
    network = Network((Layer(np.eye(10), np.zeros(10), sigmoid),))
    return lesson.WrongDigits(network, Dataset(np.eye(10)[labels], np.eye(10)[truth]))


@pytest.mark.parametrize("show", ["wrong", "right, with most doubt"])
@pytest.mark.parametrize("wrong", [0, 1, 2, 5, 17, 18, 19, 60, 100])
def test_the_digits_are_counted_as_they_are(wrong, show):
    rng = np.random.default_rng(wrong)
    truth = rng.integers(10, size=100)
    labels = truth.copy()
    labels[:wrong] = (truth[:wrong] + rng.integers(1, 10, size=wrong)) % 10
    one = lesson_of(labels, truth, show)
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (truth[:wrong], labels[:wrong]), 1)
    most, words = int(counts.max()), one.summary
    assert words.startswith(f"{wrong} of 100 test image")
    assert f"accuracy {1 - wrong / 100:.1%}" in words
    assert ("No mistake is made twice" in words) is (most == 1)
    told = re.findall(r"(\d) is taken for (\d)", words)
    assert all(counts[int(i), int(j)] == most for i, j in told)
    assert len(told) == (min(3, (counts == most).sum()) if most > 1 else 0)
    assert ("and others" in words) == (most > 1 and (counts == most).sum() > 3)
    first = re.search(r"The first (\d+) of them are shown", words)
    assert bool(first) is (show == "wrong" and wrong > 18)
    assert first is None or int(first[1]) == len(one.record.index)
    shown = re.search(r"Shown: (\d+) right ones", words)
    assert bool(shown) is (show != "wrong" and wrong < 100)
    assert shown is None or int(shown[1]) == (one.record.truth == one.record.told).sum()
    assert ("nothing wrong to show" in words) is (wrong == 0 and show == "wrong")


def lesson_of(labels, truth, show):
    one = judged(labels, truth)
    one.value = {"show": show}
    return one
