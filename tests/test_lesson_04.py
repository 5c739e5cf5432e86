"""Lesson 4: the spelled-out recursion, its explorers at every extreme, its published numbers."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from course.accumulation import jacobian_cost
from course.activations import ACTIVATIONS, Activation, identity, relu, sigmoid, tanh
from course.backprop import backward
from course.data import Dataset, digits, split
from course.descent import train
from course.exercises import lesson_4 as exercises
from course.explorers import delta_recursion as lesson
from course.explorers.controls import Slider
from course.losses import bce, bce_with_logits, half_squared_error, mse, softmax
from course.network import Layer, Network, accuracy, confusion, forward, mlp
from course.numeric import numeric_gradient
from course.optimizers import GradientDescent
from course.recursion import delta_norms, graph_gradient, products

PUBLISHED = json.loads((Path(__file__).parent / "reference/mazur_step_by_step.json").read_text())


def drawn(activation, scales, seeds, depth=20, **how):
    """Return ‖δ¹‖ / ‖δᴸ‖ for each seed and scale, (seeds, S)."""
    rngs = map(np.random.default_rng, range(seeds))
    return np.array([delta_norms(activation, scales, depth, rng, **how)[:, 0] for rng in rngs])


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
    right, early = lesson.StepByStep(), lesson.PublishedStep()
    assert right.record.loss_after == pytest.approx(PUBLISHED["loss_after_one_step"], abs=5e-11)
    assert early.record.loss_after == pytest.approx(0.291027924, abs=5e-10)
    assert early.record.loss_after_right == right.record.loss_after
    assert right.record.confirmed.all()
    assert early.record.wrong.nonzero()[0].tolist() == [0, 1, 2, 3, 4, 5]  # those of layer 1
    assert "≠" in "".join(t for m in early._view.marks for t in m.texts)
    early.value = {"learning_rate": 0.0}  # nothing was updated, so nothing is wrong
    assert early.record.confirmed.all()
    assert "(wrong)" not in "".join(t for m in early._view.marks for t in m.texts)


def test_nothing_names_the_bug_before_it_is_found():
    plain, veiled = lesson.StepByStep(), lesson.PublishedStep(after=lesson.ask_for_the_bug())
    told = [plain.text, str(plain.controls), veiled.text, str(veiled.get_state())]
    told += [t for m in plain._view.marks for t in m.texts]
    assert not any(words in t for t in told for words in ("updated W²", "too early", "new W²"))


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
        one.value = values
        assert one.record.confirmed.all()
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
    assert "With tanh and relu, δ grows more than a thousandfold" in one.summary
    one.value = {"scale": 0.25}
    assert "With sigmoid, tanh and relu, less than a ten-thousandth" in one.summary


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
        (lesson.ask_about_depth, 0),
        (lesson.ask_for_the_bug, 3),
    ],
)
def test_answers(ask, answer):
    assert ask().answer == answer


# ------------------------------------------------------------------- what the lesson says
def example(w=0.4, x=lesson.INPUT):
    return products(lesson.example_network(w), x, lesson.TARGET, half_squared_error)


def test_delta_of_a_wrong_output_falls_beyond_two_thirds():
    a = np.linspace(0, 1, 3001)
    delta = a * a * (1 - a)  # y = 0
    assert a[delta.argmax()] == pytest.approx(2 / 3)
    assert delta.max() == pytest.approx(4 / 27)
    assert (np.diff(delta[:2001]) > 0).all()
    assert (np.diff(delta[2000:]) < 0).all()
    assert delta[a == 0.999] == pytest.approx(0.001, rel=2e-3)


def test_a_weight_reaches_the_other_hidden_unit_through_the_output_only():
    before, after = example(0.4), example(-0.4)
    assert before.delta[0][0] > 0 > after.delta[0][0]
    assert after.delta[0][1] / before.delta[0][1] == pytest.approx(1.08, abs=0.005)
    assert before.delta[1][1] == after.delta[1][1]  # the other output does not notice
    # δ¹₂ with δ² kept as it was: nothing else changes
    W2 = lesson.example_network(-0.4).layers[1].W
    kept = W2.T @ before.delta[1] * before.prime[0]
    assert kept[1] == pytest.approx(before.delta[0][1], rel=1e-12)


def test_inputs_of_zero_silence_the_weights_of_layer_1_only():
    p = example(x=np.zeros(2))
    assert not p.W[0].any()
    assert p.b[0].all()
    assert p.W[1].all()
    assert p.b[1].all()


def test_delta_of_every_matched_pair_is_the_difference():
    z, y = np.array([[2.0, -1.0, 0.5]]), np.array([[0.2, 0.7, 0.1]])
    pairs = (
        (lambda z: z**2 / 2, lambda z: z),
        (lambda z: np.logaddexp(0, z), sigmoid),
        (np.exp, np.exp),
        (lambda z: np.maximum(z, 0) ** 2 / 2, relu),
    )
    for F, f in pairs:
        slope = numeric_gradient(lambda z, F=F: np.sum(F(z) - y * z), z)
        np.testing.assert_allclose(slope, f(z) - y, atol=1e-8)
    a = sigmoid(z)
    matched = np.sum(np.logaddexp(0, z) - y * z)
    np.testing.assert_allclose(bce(y, a), matched, rtol=1e-12)  # no other loss
    np.testing.assert_allclose(
        half_squared_error(y, z), np.sum(z**2 / 2 - y * z) + np.sum(y**2) / 2, rtol=1e-12
    )
    # a falling f: the "loss" is largest where ŷ = y; a y that relu cannot take: no bound below
    falling, beyond = lambda z: -(z**2) / 2 - z, lambda z: max(z, 0) ** 2 / 2 + z / 2
    assert falling(-1.0) > max(falling(-1.1), falling(-0.9))
    assert beyond(-1e6) < -1e5
    for inside in (0.2, 0.5, 0.8):  # f = σ(−z), y in its range: no bound below
        assert max(-np.logaddexp(0, -far) - inside * far for far in (1e3, -1e3)) < -100
    # unmatched: the factor stays
    slope = numeric_gradient(lambda z: half_squared_error(y, sigmoid(z)), z)
    np.testing.assert_allclose(slope, (a - y) * a * (1 - a), atol=1e-9)
    assert np.abs(slope - (a - y)).min() > 0.01


def test_softmax_needs_its_whole_jacobian():
    z, y = np.array([2.0, -1.0, 0.5]), np.array([0.0, 1.0, 0.0])
    a = softmax(z)
    J = np.diag(a) - np.outer(a, a)
    slope = numeric_gradient(lambda z: 0.5 * np.sum((softmax(z) - y) ** 2), z)
    np.testing.assert_allclose(J.T @ (a - y), slope, atol=1e-9)
    np.testing.assert_allclose(np.diag(J), a * (1 - a), rtol=1e-12)
    assert np.abs((a - y) * a * (1 - a) - slope).max() > 0.05


def test_cancelling_in_the_machine_fails_from_z_37_on():
    z, zero = np.array([[30.0], [36.0], [37.0], [40.0]]), np.zeros((4, 1))
    a = sigmoid(z)
    product = bce.gradient(zero, a) * a * (1 - a) * 4  # 4 examples
    np.testing.assert_allclose(product.ravel(), [1, 1, 0, 0], atol=1e-3)
    np.testing.assert_allclose(bce_with_logits.gradient(zero, z) * 4, 1, rtol=1e-12)


def test_where_1_over_n_sits():
    rng = np.random.default_rng(0)
    network, X, Y = mlp((3, 4, 2), sigmoid, rng), rng.random((5, 3)), rng.random((5, 2))
    one = backward(network, forward(network, X), half_squared_error, Y)
    twice = np.vstack([X, X])
    two = backward(network, forward(network, twice), half_squared_error, np.vstack([Y, Y]))
    np.testing.assert_allclose(two.vector, one.vector, rtol=1e-12)
    each = [products(network, *pair, half_squared_error) for pair in zip(X, Y, strict=True)]
    for layer in range(2):
        np.testing.assert_allclose(one.delta[layer], [p.delta[layer] / 5 for p in each])
    np.testing.assert_allclose(5 * one.vector, sum(p.vector for p in each))  # in neither: times N


@pytest.mark.parametrize("sizes", [(64, 10), (64, 30, 10), (2, 2, 2), (50, 40, 30, 1), (32,) * 21])
def test_the_backward_pass_costs_less_than_two_forward_passes(sizes, monkeypatch):
    counted = 0

    def counting(product):
        def function(a, b, *rest, **how):
            nonlocal counted
            if np.ndim(a) == 2 == np.ndim(b):  # not the sum over the examples
                counted += a.shape[0] * a.shape[1] * b.shape[1]
            return product(a, b, *rest, **how)

        return function

    rng = np.random.default_rng(0)
    network, N = mlp(sizes, tanh, rng), 7
    X, Y = rng.random((N, sizes[0])), rng.random((N, sizes[-1]))
    for name in ("dot", "matmul"):
        monkeypatch.setattr(np, name, counting(getattr(np, name)))
    ahead = forward(network, X)
    forward_cost, counted = counted, 0
    backward(network, ahead, half_squared_error, Y)
    weights = [layer.W.size for layer in network.layers]
    assert forward_cost == N * sum(weights)
    assert counted == N * (sum(weights) + jacobian_cost((*sizes[1:], 1)).reverse)
    assert counted / forward_cost == pytest.approx(2 - weights[0] / sum(weights))
    assert 1 <= counted / forward_cost < 2


def test_a_central_difference_costs_two_forward_passes_a_parameter():
    calls = 0

    def loss(theta):
        nonlocal calls
        calls += 1
        return float(theta @ theta)

    numeric_gradient(loss, np.arange(12.0))
    assert calls in (24, 25)


# -------------------------------------------------------------- what becomes of δ in depth
class Quarter(Activation):
    """The sigmoid's tangent at 0: σ′ = ¼ throughout, so nothing saturates."""

    name = "quarter"

    def formula(self, z):
        return z / 4 + 0.5

    def slope(self, z, a):
        return np.full_like(z, 0.25)


def test_sigmoid_layers_leave_a_trillionth():
    left = np.log10(drawn(sigmoid, [1.0], 100))
    assert (np.round(left) == -12).mean() > 0.9
    pace = 10 ** (left / 19)
    assert pace.min() > 0.22
    assert pace.max() < 0.25
    # the weights keep the length roughly: without σ′ next to nothing changes from layer to layer
    kept = drawn(identity, [1.0], 20) ** (1 / 19)
    assert kept.min() > 0.95
    assert kept.max() < 1.15


def test_large_weights_saturate_but_raise_the_factor_all_the_same():
    scales = [0.25, 0.5, 1, 2, 4, 8, 16, 32]
    pace = drawn(sigmoid, scales, 10) ** (1 / 19)
    assert (np.diff(np.median(pace, axis=0)) > 0).all()
    assert pace[:, 4] == pytest.approx(0.61, abs=0.04)
    assert (pace[:, :5] < 1).all()
    assert (pace[:, -1] > 1).all()  # δ explodes even with sigmoids
    # the cause removed: with σ′ = ¼ throughout the factor at s = 4 is about 1
    assert drawn(Quarter(), [4.0], 10) ** (1 / 19) == pytest.approx(1.0, abs=0.12)


def test_level_scales():
    low, high = (f(lesson.level_scales(sigmoid, 6, 24)) for f in (min, max))
    assert 10 < low < 11
    assert 16 < high < 17
    for f, low, high, least, most in ((tanh, 0.8, 2, 1.15, 1.35), (relu, 1, 2, 1.3, 1.52)):
        levels = lesson.level_scales(f, low, high)
        assert least < levels.min() < levels.max() < most


def test_at_its_level_scale_a_quarter_of_the_sigmoids_carries_delta():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X, Y = rng.standard_normal((2, 16, 32))
        network = mlp([32] * 21, sigmoid, rng)
        network = network.with_parameters(12 * network.parameters)
        ahead = forward(network, X)
        slopes = np.array([a * (1 - a) for a in ahead.a])
        delta = np.array(backward(network, ahead, half_squared_error, Y).delta)
        delta /= np.linalg.norm(delta, axis=(1, 2), keepdims=True)
        assert np.median(slopes) < 0.01
        assert (slopes > 0.05).mean() < 0.31
        assert (delta**2)[slopes > 0.05].sum() / 20 > 0.95


def test_a_relu_halves_the_mean_square():
    z = np.random.default_rng(0).standard_normal(200_000)
    assert np.mean(relu(z) ** 2) == pytest.approx(0.5, abs=0.01)
    assert np.mean(relu.derivative(z) ** 2) == pytest.approx(0.5, abs=0.01)


def test_what_hes_rule_leaves_out():
    """A slope at the output that knows nothing of the weights: targets that dwarf all outputs."""

    def left(width, depth, seeds, apart):
        found = []
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            X, Y = rng.standard_normal((2, 16, width))
            Ws = [2**0.5 * rng.standard_normal((width, width)) / width**0.5 for _ in range(depth)]
            network = Network(tuple(Layer(W, np.zeros(width), relu) for W in Ws))
            Y = Y * 1e6 if apart else Y
            deltas = backward(network, forward(network, X), half_squared_error, Y).delta
            found.append(np.linalg.norm(deltas[0]) / np.linalg.norm(deltas[-1]))
        return np.array(found)

    wide, without = left(256, 20, 6, apart=False), left(256, 20, 6, apart=True)
    assert 2 < np.median(wide) < 5
    assert np.median(without) == pytest.approx(1, abs=0.1)
    for depth, low, high in ((20, 0.6, 0.9), (80, 0.03, 0.3)):
        assert low < np.median(left(32, depth, 60, apart=True)) < high


def test_lecuns_network_is_a_plain_tanh_network_with_larger_weights():
    class LeCun(Activation):
        name = "lecun"

        def formula(self, z):
            return 1.7159 * np.tanh(2 * z / 3)

        def slope(self, z, a):
            return 1.7159 * 2 / 3 * (1 - np.tanh(2 * z / 3) ** 2)

    rng = np.random.default_rng(0)
    X = rng.standard_normal((16, 32))
    theirs = mlp([32] * 21, LeCun(), rng)
    gain = 1.7159 * 2 / 3
    first, *rest = theirs.layers
    layers = [Layer(first.W * 2 / 3, first.b, tanh)]
    layers += [Layer(gain * layer.W, layer.b, tanh) for layer in rest]
    plain = Network(tuple(layers))
    np.testing.assert_allclose(
        forward(theirs, X).output, 1.7159 * forward(plain, X).output, rtol=1e-9
    )
    plain, both = drawn(tanh, [1.0], 10), drawn(LeCun(), [1.0], 10)
    assert 0.1 < plain.min() < plain.max() < 0.35
    assert 0.6 < both.min() < np.median(both) < 1.1
    assert both.max() < 1.7


def test_at_the_border_delta_falls_by_a_power_of_the_depth():
    depths = (10, 20, 40)
    below, level = np.array(
        [drawn(tanh, [0.9, 1.0], 3, d, width=128).mean(axis=0) for d in depths]
    ).T
    assert level * np.sqrt(depths) == pytest.approx(0.9, abs=0.1)
    assert (below[1:] / below[:-1] < 0.4).all()
    assert below[2] / below[1] < below[1] / below[0]  # a doubling costs more and more
    # the variance: q ≈ 1/(2l)
    q = 1.0
    z, weight = np.polynomial.hermite_e.hermegauss(60)
    weight /= weight.sum()
    for _ in range(200):
        q = weight @ np.tanh(np.sqrt(q) * z) ** 2
    assert q == pytest.approx(1 / 400, rel=0.05)


def test_above_and_below_its_level_scale_delta_goes_exponentially():
    for f, scale, grows in (
        (tanh, 2.0, True),
        (tanh, 0.5, False),
        (relu, 2.0, True),
        (relu, 1.0, False),
    ):
        logs = [np.log(drawn(f, [scale], 8, depth)).mean() for depth in (20, 40, 60)]
        steps = np.diff([0, *logs])
        assert (steps > 0).all() if grows else (steps < 0).all()
        assert steps == pytest.approx(steps.mean(), rel=0.3)  # as much with every twenty layers


def test_twenty_layers_do_not_show_the_long_run():
    levels = lesson.level_scales(relu, 1, 2, 3)
    rng = np.random.default_rng
    above = [delta_norms(relu, [1.03 * s], 1000, rng(k))[0, 0] for k, s in enumerate(levels)]
    assert above[0] < 1e-6
    assert above[1] > 1e6
    assert above[2] < 1e-6
    # at s = √2 a typical narrow network loses in the long run
    medians = [np.median(drawn(relu, [2**0.5], 15, depth)) for depth in (20, 100, 300)]
    assert 0.5 < medians[0] < 3
    assert 1 > medians[1] > 0.01 > medians[2]
    # LeCun's recipe, in its plain form, over a hundred wide layers
    grown = drawn(tanh, [1.7159 * 2 / 3], 2, 100, width=256)
    assert 1.3 < grown.min() < grown.max() < 4


# --------------------------------------------------------------- the bug, and why it hides
def test_why_nobody_noticed_the_bug():
    words = lesson.what_the_published_step_does()
    assert "too small by 16.8% and 14.9%" in words
    assert "99.99%" in words
    for steps, ahead in ((1, False), (10, True), (100, True)):
        published, derived = (lesson.loss_after(steps, as_published=way) for way in (True, False))
        assert (published < derived) is ahead
        assert published == pytest.approx(derived, rel=1e-3)


def test_the_bug_shows_more_where_layer_1_matters_more():
    off = []
    for x1, x2 in ((0.05, 0.1), (1.0, 1.0)):
        record = lesson.PublishedStep(x1=x1, x2=x2).record
        fall = record.products.loss - record.loss_after_right
        off.append((record.loss_after - record.loss_after_right) / fall)
    assert 50 < off[1] / off[0] < 200


def test_the_published_weight_is_computed_from_the_original_weights():
    network = lesson.example_network()
    right = example()
    assert network.layers[0].W[0, 0] - 0.5 * right.W[0][0, 0] == pytest.approx(
        PUBLISHED["W1_11_after_one_step"], abs=5e-10
    )
    spoilt = lesson.PublishedStep().record.products
    assert abs(network.layers[0].W[0, 0] - 0.5 * spoilt.W[0][0, 0] - 0.149780716) > 1e-5


def test_training_updates_all_layers_from_one_network():
    rng = np.random.default_rng(0)
    network = mlp((3, 4, 2), sigmoid, rng)
    data = Dataset(rng.random((5, 3)), rng.random((5, 2)))
    how = {"epochs": 1, "batch_size": 5, "rng": rng}
    run = train(network, data, half_squared_error, GradientDescent(0.5), **how)
    slopes = backward(network, forward(network, data.X), half_squared_error, data.Y).vector
    expected = network.parameters - 0.5 * slopes
    np.testing.assert_allclose(run.network.parameters, expected, rtol=1e-12)


def test_large_steps_land_lower_with_the_wrong_slopes():
    for alpha, lower in ((0.5, False), (2.0, False), (5.0, True), (10.0, True)):
        record = lesson.PublishedStep(learning_rate=alpha).record
        assert (record.loss_after < record.loss_after_right) is lower
        assert record.loss_after < record.products.loss
    for alpha, least, most in ((2.0, 0, 0), (5.0, 0.95, 1), (10.0, 0.95, 1)):
        grid = itertools.product(np.linspace(-1, 1, 5), repeat=2)
        records = [
            lesson.PublishedStep(x1=x1, x2=x2, learning_rate=alpha).record for x1, x2 in grid
        ]
        ahead = np.mean([r.loss_after < r.loss_after_right for r in records])
        assert least <= ahead <= most
    # why: the early δ¹ is close to the slope at the updated W²
    network, start = lesson.example_network(), example()
    theta, (_, (W2, _, _)) = network.parameters, network.layout
    theta[W2] -= 5 * start.vector[W2]
    moved = products(
        network.with_parameters(theta), lesson.INPUT, lesson.TARGET, half_squared_error
    )
    early = lesson.PublishedStep(learning_rate=5.0).record.products.delta[0]
    there = moved.delta[0]
    assert np.linalg.norm(early - there) < 0.1 * np.linalg.norm(start.delta[0] - there)


# ----------------------------------------------------------------------------- the digits
def wrong_digits(seed, images):
    training, test = split(digits(), 360, np.random.default_rng(images))
    rng = np.random.default_rng(seed)
    network = mlp((64, 30, 10), sigmoid, rng)
    how = {"epochs": 30, "batch_size": 16, "rng": rng}
    run = train(network, training, half_squared_error, GradientDescent(3.0), **how)
    return round(360 * (1 - accuracy(run.network, test)))


def test_the_images_that_are_set_aside_matter_more_than_the_start():
    assert wrong_digits(4, 26) > 15 > 12 > wrong_digits(4, 1)
    assert np.sqrt(0.97 * 0.03 / 360) == pytest.approx(0.009, abs=1e-4)


# -------------------------------------------------------------------------- the exercises
def test_what_the_exercises_say():
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(1, 3)), rng.random((1, 3))
    # "twice too large", "a mean over all entries": PyTorch's default has both
    a = sigmoid(z)
    slope = numeric_gradient(lambda z: mse(y, sigmoid(z)), z)
    np.testing.assert_allclose(slope[0], 2 * exercises.delta_output(z[0], y[0]), rtol=1e-6)
    # cross-entropy is the answer, the absolute error is not
    right = numeric_gradient(lambda z: bce(y, sigmoid(z)), z)
    np.testing.assert_allclose(right, a - y, atol=1e-8)
    assert exercises.right_loss() == "a"
    for seed in range(20):
        Ws, bs, X, Y = exercises._batch(np.random.default_rng(seed))
        dWs, dbs = exercises.gradients(Ws, bs, X, Y)
        assert exercises.gradient_check(Ws, bs, X, Y, dWs, dbs) < 1e-8
        for k in (1e-3, 1e3, -1e-3, -1.0):  # the longer of the two keeps it at 2 or below
            scaled = [[k * slope for slope in slopes] for slopes in (dWs, dbs)]
            far = exercises.gradient_check(Ws, bs, X, Y, *scaled)
            assert far == pytest.approx(abs(k - 1) / max(abs(k), 1), rel=1e-6)
