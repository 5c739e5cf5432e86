"""Lesson 4: the spelled-out recursion, its explorers at every extreme, its published numbers."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from course.activations import ACTIVATIONS, relu, sigmoid, tanh
from course.backprop import backward
from course.data import Dataset, digits, split
from course.descent import train
from course.explorers import delta_recursion as lesson
from course.explorers.controls import Slider
from course.losses import half_squared_error
from course.network import confusion, forward, mlp
from course.numeric import numeric_gradient
from course.optimizers import GradientDescent
from course.recursion import delta_norms, graph_gradient, products

PUBLISHED = json.loads((Path(__file__).parent / "reference/mazur_step_by_step.json").read_text())


def extremes(explorer):
    """Return each combination of the lowest, the middle and the highest value of the controls."""
    choices = []
    for dial in explorer.dials:
        if isinstance(dial, Slider):
            choices.append((dial.low, dial.value, dial.high))
        else:
            choices.append(getattr(dial, "options", (False, True)))
    names = [dial.name for dial in explorer.dials]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*choices)]


@pytest.fixture(scope="module")
def trained():
    rng = np.random.default_rng(1)
    training, test = split(digits(), 360, rng)
    start = mlp((64, 30, 10), sigmoid, rng)
    bar = lesson.Progress("epochs")
    run = train(
        start,
        training,
        half_squared_error,
        GradientDescent(3.0),
        epochs=30,
        batch_size=16,
        rng=rng,
        progress=bar,
    )
    return run.network, test, bar


# ------------------------------------------------------------------ the recursion itself
def test_the_example_is_the_published_one():
    network = lesson.example_network()
    for layer, W, b in zip(network.layers, ("W1", "W2"), ("b1", "b2"), strict=True):
        np.testing.assert_array_equal(layer.W, PUBLISHED[W])
        np.testing.assert_array_equal(layer.b, PUBLISHED[b])
    np.testing.assert_array_equal(lesson.INPUT, PUBLISHED["x"])
    np.testing.assert_array_equal(lesson.TARGET, PUBLISHED["y"])


def test_products_give_the_published_numbers():
    network = lesson.example_network()
    p = products(network, lesson.INPUT, lesson.TARGET, half_squared_error)
    assert p.loss == pytest.approx(PUBLISHED["loss"], abs=1e-9)
    np.testing.assert_allclose(p.delta[1], PUBLISHED["delta2"], atol=1e-9)
    np.testing.assert_allclose(p.delta[0], PUBLISHED["delta1"], atol=1e-9)
    assert p.W[1][0, 0] == pytest.approx(PUBLISHED["dW2_11"], abs=1e-9)


@pytest.mark.parametrize("f", ACTIVATIONS, ids=repr)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_products_agree_with_three_witnesses(f, depth):
    rng = np.random.default_rng(depth)
    network = mlp([3, 4, 2, 3][: depth + 1], f, rng)
    network = network.with_parameters(rng.normal(size=network.size))  # biases too: no kink at 0
    x, y = rng.normal(size=3), rng.normal(size=network.sizes[-1])
    p = products(network, x, y, half_squared_error)

    def loss(theta):
        return half_squared_error([y], forward(network.with_parameters(theta), [x]).output)

    np.testing.assert_allclose(p.vector, graph_gradient(network, x, y), rtol=1e-12)
    np.testing.assert_allclose(p.vector, numeric_gradient(loss, network.parameters), atol=1e-8)
    fast = backward(network, forward(network, [x]), half_squared_error, [y])
    np.testing.assert_allclose(p.vector, fast.vector, rtol=1e-12)


def test_gradient_of_a_training_batch_equals_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: not compared with it")
    rng = np.random.default_rng(0)
    network = mlp((64, 30, 10), sigmoid, rng)
    X, Y = digits().X[:16], digits().Y[:16]
    a = torch.tensor(X)
    parameters = []
    for layer in network.layers:
        W, b = (torch.tensor(p, requires_grad=True) for p in (layer.W, layer.b))
        parameters += [W, b]
        a = torch.sigmoid(a @ W.T + b)
    (0.5 * ((a - torch.tensor(Y)) ** 2).sum(dim=1).mean()).backward()
    theirs = np.concatenate([p.grad.numpy().ravel() for p in parameters])
    ours = backward(network, forward(network, X), half_squared_error, Y).vector
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("f", [sigmoid, tanh, relu], ids=repr)
def test_delta_norms_are_those_of_backward(f):
    rng = np.random.default_rng(3)
    X, Y = rng.standard_normal((2, 16, 32))
    network = mlp([32] * 7, f, rng)
    for scale in (0.5, 1.0, 2.0):
        scaled = network.with_parameters(scale * network.parameters)
        delta = backward(scaled, forward(scaled, X), half_squared_error, Y).delta
        norms = np.array([np.linalg.norm(d) for d in delta])
        ours = delta_norms(f, [9.0, scale], 6, np.random.default_rng(3))[1]
        np.testing.assert_allclose(ours, norms / norms[-1], rtol=1e-9)


def test_confusion_counts_every_example_once():
    rng = np.random.default_rng(0)
    data = Dataset(rng.normal(size=(50, 4)), np.eye(3)[rng.integers(3, size=50)])
    network = mlp((4, 3), sigmoid, rng)
    matrix = confusion(network, data)
    np.testing.assert_array_equal(matrix.sum(axis=1), data.Y.sum(axis=0))
    with pytest.raises(ValueError, match="equal shapes"):
        confusion(mlp((4, 2), sigmoid, rng), data)


# ----------------------------------------------------------------------------- explorers
def shows_something_true(one):
    assert one.alert == ""
    assert one.summary
    words = one.text.lower()
    assert "nan" not in words
    assert "inf" not in words
    assert len(one.buffer) < 60_000


@pytest.mark.parametrize("explorer", [lesson.StepByStep, lesson.Depth])
def test_every_extreme_shows_something_true(explorer):
    one = explorer()
    for values in extremes(explorer):
        one.value = values
        shows_something_true(one)


def test_the_published_bug():
    right, early = lesson.StepByStep(), lesson.StepByStep(too_early=True)
    assert right.record.loss_after == pytest.approx(PUBLISHED["loss_after_one_step"], abs=5e-11)
    assert early.record.loss_after == pytest.approx(0.291027924, abs=5e-10)
    assert early.record.loss_after_right == right.record.loss_after
    assert not right.record.wrong.any()
    assert early.record.wrong.nonzero()[0].tolist() == [0, 1, 2, 3, 4, 5]  # those of layer 1
    assert "≠" in "".join(t for m in early._view.marks for t in m.texts)
    early.value = {"learning_rate": 0.0}  # nothing was updated, so nothing is wrong
    assert not early.record.wrong.any()


def test_each_step_shows_one_product_more():
    one = lesson.StepByStep()
    assert one.frames == 12
    seen = [
        sum(np.isfinite(m.at(t)).all(axis=-1).sum() for m in one._view.marks if m.kind == "text")
        for t in range(one.frames)
    ]
    assert seen == sorted(seen)
    assert seen[0] < seen[2] < seen[4] < seen[5] < seen[-1]


def test_the_witnesses_agree_everywhere_without_the_bug():
    one = lesson.StepByStep()
    for values in extremes(lesson.StepByStep):
        one.value = values | {"too_early": False}
        assert not one.record.wrong.any()
        np.testing.assert_allclose(one.record.products.vector, one.record.graph, atol=1e-12)


def test_depth_by_slider_and_handle():
    one = lesson.Depth()
    assert one.record.ratios.shape == (3, 20)
    one.react({"type": "drag", "name": "scale", "x": 1.4, "y": 0.0})
    assert one.value["scale"] == pytest.approx(1.4)
    assert one.record.factor[2] == pytest.approx(1.0, abs=0.05)  # relu is level near √2
    one.value = {"depth": 1}
    assert "δᴸ itself" in one.summary
    one.value = {"depth": 20, "scale": 4.0}
    assert "relu’s δ explodes" in one.summary
    one.value = {"scale": 0.25}
    assert "sigmoid’s δ has all but vanished" in one.summary


def test_curves_stay_inside_the_panel_at_every_setting():
    one = lesson.Depth()
    for values in extremes(lesson.Depth):
        one.value = values
        low, high = -1.25 * values["depth"] - 1.0, 0.55 * values["depth"] + 0.6
        assert low < one.record.logs.min()
        assert one.record.logs.max() < high


def test_trained_digits_reach_97_percent(trained):
    network, test, bar = trained
    assert bar.text == "epochs: 30 of 30"
    one = lesson.WrongDigits(network, test)
    assert one.record.wrong <= 0.03 * len(test)
    assert one.record.matrix.sum() == 360
    assert np.trace(one.record.matrix) == 360 - one.record.wrong
    for show in one.dials[0].options:
        one.value = {"show": show}
        shows_something_true(one)
        assert one.picture("dark")
    assert (one.record.truth == one.record.told).all()


def test_a_network_without_mistakes_has_none_to_show(trained):
    network, test, _ = trained
    told = forward(network, test.X).output.argmax(axis=1)
    one = lesson.WrongDigits(network, Dataset(test.X, np.eye(10)[told]))
    assert "nothing wrong" in one.summary
    shows_something_true(one)


def test_an_untrained_network_shows_the_first_of_many(trained):
    _, test, _ = trained
    one = lesson.WrongDigits(mlp((64, 10), sigmoid, np.random.default_rng(0)), test)
    assert "The first 18" in one.summary
    shows_something_true(one)


# ----------------------------------------------------------------- progress and questions
def test_progress_moves_with_the_run_and_leaves_one_line():
    bar = lesson.Progress("epochs")
    assert bar.saved() == {"text/plain": "epochs: not started"}
    seen = [bar.text for _ in bar(range(3))]
    assert seen == ["epochs: 0 of 3", "epochs: 1 of 3", "epochs: 2 of 3"]
    assert bar.saved() == {"text/plain": "epochs: 3 of 3"}
    for _ in bar(range(4)):
        break  # a run that stops early says where
    assert bar.text == "epochs: 0 of 4"
    assert bar.picture()


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lesson.ask_about_a_wrong_output, 2),
        (lesson.ask_for_the_shape, 1),
        (lesson.ask_about_twins, 1),
        (lesson.ask_about_depth, 3),
        (lesson.ask_for_the_bug, 2),
    ],
)
def test_answers(ask, answer):
    assert ask().answer == answer
