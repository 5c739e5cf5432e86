"""Descent on surfaces and training on minibatches."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.activations import identity, relu, sigmoid, tanh
from course.backprop import backward
from course.data import Dataset, blobs, digits, moons, split
from course.descent import descend, descend_together, minibatches, train
from course.losses import bce, bce_with_logits, cross_entropy, half_squared_error, mse
from course.network import accuracy, forward, mlp
from course.optimizers import RULES, Adam, GradientDescent, Momentum
from course.schedules import InverseTime
from course.surfaces import himmelblau, quadratic, rosenbrock, two_valleys


def rng():
    return np.random.default_rng(0)


def test_path_by_hand():
    # L = ½ · 2 w², α = 0.25: w halves in each step
    path = descend(quadratic([2.0]), GradientDescent(0.25), [4.0], 2)
    assert path.points.tolist() == [[4], [2], [1]]
    assert path.values.tolist() == [16, 4, 1]
    assert path.gradients.tolist() == [[8], [4], [2]]
    assert [state.t for state in path.states] == [0, 1, 2]
    assert path.rule == GradientDescent(0.25)
    assert not path.diverged


@pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.__name__)
def test_record_is_what_the_rule_and_surface_say(kind):
    path = descend(himmelblau, kind(0.01), np.zeros((2, 3, 2)) + [1, -1], 10)
    assert path.points.shape == path.gradients.shape == (11, 2, 3, 2)
    assert path.values.shape == (11, 2, 3)
    assert path.diverged.shape == (2, 3)
    np.testing.assert_array_equal(path.values, himmelblau.value(path.points))
    np.testing.assert_array_equal(path.gradients, himmelblau.gradient(path.points))
    for t in range(10):
        theta, _ = path.rule.step(path.points[t], path.gradients[t], path.states[t])
        np.testing.assert_array_equal(theta, path.points[t + 1])


@pytest.mark.parametrize("start", [[1.0, -1.0], np.full((2, 3, 2), 0.5)], ids=["one", "grid"])
def test_rules_together_go_where_each_goes_alone(start):
    rules = [kind(0.01) for kind in RULES] + [Adam(lambda t: 0.1 / (1 + t))]
    paths = descend_together(himmelblau, rules, start, 20)
    assert len(paths) == len(rules)
    for rule, path in zip(rules, paths, strict=True):
        alone = descend(himmelblau, rule, start, 20)
        assert path.rule is rule
        for part in ("points", "values", "gradients", "diverged"):
            np.testing.assert_array_equal(getattr(path, part), getattr(alone, part))
        assert len(path.states) == 21
        for mine, other in zip(path.states, alone.states, strict=True):
            assert type(mine) is type(other)
            for one, two in zip(mine, other, strict=True):
                np.testing.assert_array_equal(one, two)


def test_rules_together_are_refused_as_one_is():
    with pytest.raises(ValueError, match="rules must hold at least one rule, got none"):
        descend_together(two_valleys, [], [0.0, 0.0], 10)
    with pytest.raises(ValueError, match=r"theta \(\) must have shape"):
        descend_together(two_valleys, [Adam(0.1), Adam(0.2)], 0.5, 10)
    with pytest.raises(ValueError, match=r"must have shape \(..., 2\)"):
        descend_together(two_valleys, [Adam(0.1)], [0.0], 10)
    with pytest.raises(ValueError, match="theta must be finite"):
        descend_together(two_valleys, [Adam(0.1)], [0.0, np.nan], 10)
    with pytest.raises(ValueError, match="must broadcast to the shape of theta"):
        descend_together(two_valleys, [Adam(np.ones((3, 1)))], [0.0, 0.0], 10)


def test_anything_with_value_and_gradient_can_be_descended():
    class Bowl:
        def value(self, theta):
            return (theta**2).sum(axis=-1)

        def gradient(self, theta):
            return 2 * theta

    path = descend(Bowl(), GradientDescent(0.1), np.ones((4, 5)), 100)
    assert path.values[-1].max() < 1e-15


def test_no_steps_and_an_exact_peak():
    path = descend(two_valleys, GradientDescent(0.1), [0.5, 0.5], 0)
    assert path.points.shape == (1, 2)
    still = descend(quadratic([1.0, -1.0]), GradientDescent(0.1), [0.0, 0.0], 50)
    assert not still.points.any()


def test_divergence_is_silent_and_reported():
    path = descend(rosenbrock, GradientDescent(1.0), [[2.0, 2.0], [1.0, 1.0]], 60)
    assert path.diverged.tolist() == [True, False]
    assert path.points[-1, 1].tolist() == [1, 1]


@given(alpha=st.floats(0.01, 0.5), curvature=st.floats(0.1, 10))
def test_stable_exactly_below_two_over_lambda(alpha, curvature):
    factor = abs(1 - alpha * curvature)
    path = descend(quadratic([curvature]), GradientDescent(alpha), [1.0], 50)
    assert abs(path.points[-1, 0]) == pytest.approx(factor**50, rel=1e-9, abs=1e-12)


def test_basin_map_is_one_call():
    axis = np.linspace(-5, 5, 200)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    path = descend(himmelblau, GradientDescent(0.01), grid, 50)
    assert path.points.shape == (51, 200, 200, 2)
    distance = np.linalg.norm(path.points[-1][..., None, :] - np.array(himmelblau.minima), axis=-1)
    basins, counts = np.unique(distance.argmin(axis=-1), return_counts=True)
    assert basins.tolist() == [0, 1, 2, 3]
    assert counts.min() > 5000


def test_wrong_descents_are_named():
    rule = GradientDescent(0.1)
    for theta, shape in ((0.5, "()"), ([1.0, 2.0, 3.0], "(3,)")):
        message = f"theta {shape} must have shape (..., 2)"
        with pytest.raises(ValueError, match=re.escape(message)):
            descend(two_valleys, rule, theta, 10)
    with pytest.raises(ValueError, match=re.escape("theta must be finite, got nan at index (1,)")):
        descend(two_valleys, rule, [0.0, np.nan], 10)
    with pytest.raises(ValueError, match="steps must be at least 0, got -1"):
        descend(two_valleys, rule, [0.0, 0.0], -1)
    with pytest.raises(TypeError, match="steps must be a whole number, got 1.5"):
        descend(two_valleys, rule, [0.0, 0.0], 1.5)


@given(n=st.integers(1, 30), batch_size=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_minibatches_cover_every_example_once(n, batch_size, seed):
    dataset = Dataset(np.arange(n)[:, None], 10 * np.arange(n)[:, None])
    batches = list(minibatches(dataset, batch_size, np.random.default_rng(seed)))
    sizes = [len(X) for X, _ in batches]
    assert sizes == [batch_size] * (n // batch_size) + ([n % batch_size] if n % batch_size else [])
    X, Y = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert sorted(X[:, 0]) == list(range(n))
    assert np.array_equal(Y, 10 * X)


def test_each_epoch_is_shuffled_anew():
    dataset, generator = moons(50, rng()), rng()
    first, second = (
        np.concatenate([X for X, _ in minibatches(dataset, 8, generator)]) for _ in range(2)
    )
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, dataset.X)


def test_mean_of_all_minibatch_gradients_is_the_full_one():
    # one step of size 1 from the same start: θ₀ − θ is the gradient of that batch
    dataset, network = moons(40, rng()), mlp([2, 3, 1], sigmoid, rng())
    steps = [
        network.parameters
        - train(
            network, Dataset(X, Y), mse, GradientDescent(1.0), epochs=1, batch_size=10, rng=rng()
        ).network.parameters
        for X, Y in minibatches(dataset, 10, rng())
    ]
    full = train(network, dataset, mse, GradientDescent(1.0), epochs=1, batch_size=40, rng=rng())
    np.testing.assert_allclose(
        np.mean(steps, axis=0), network.parameters - full.network.parameters, atol=1e-15
    )


def test_record_of_a_training():
    dataset, network = moons(50, rng()), mlp([2, 4, 1], sigmoid, rng())
    before, seen = network.parameters, []

    def progress(epochs):
        for epoch in epochs:
            seen.append(epoch)
            yield epoch

    run = train(
        network,
        dataset,
        bce,
        Momentum(0.1),
        epochs=4,
        batch_size=16,
        rng=rng(),
        progress=progress,
        evaluate=lambda net: accuracy(net, dataset),
    )
    assert seen == [0, 1, 2, 3]
    assert run.batch_losses.shape == (16,)
    assert run.evaluations.shape == (5,)
    assert run.evaluations[0] == accuracy(network, dataset)
    assert run.evaluations[-1] == accuracy(run.network, dataset)
    # the last batch has 2 of the 50 examples and counts as such
    weights = np.array([16, 16, 16, 2]) / 50
    np.testing.assert_allclose(run.epoch_losses, run.batch_losses.reshape(4, 4) @ weights)
    assert np.array_equal(network.parameters, before)


@pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.__name__)
def test_a_training_makes_the_steps_of_the_public_functions(kind):
    dataset, start, seen = moons(50, rng()), mlp([2, 4, 1], sigmoid, rng()), []

    def keep(network):
        seen.append((network, network.parameters))
        return 0.0

    how = {"epochs": 3, "batch_size": 16, "rng": np.random.default_rng(5)}
    run = train(start, dataset, bce, kind(0.1), evaluate=keep, **how)
    network, rule, deal = start, kind(0.1), np.random.default_rng(5)
    state, losses = rule.initial_state(start.parameters), []
    for _ in range(3):
        for X, Y in minibatches(dataset, 16, deal):
            out = forward(network, X)
            losses.append(bce(Y, out.output))
            g = backward(network, out, bce, Y).vector
            theta, state = rule.step(network.parameters, g, state)
            network = network.with_parameters(theta)
    np.testing.assert_allclose(run.batch_losses, losses, rtol=1e-12)
    np.testing.assert_allclose(run.network.parameters, network.parameters, rtol=1e-9)
    # a network that was evaluated is nobody else's: later updates leave it as it was
    assert len({parameters.tobytes() for _, parameters in seen}) == 4
    for network, parameters in seen:
        np.testing.assert_array_equal(network.parameters, parameters)


def test_training_depends_on_the_seed_alone():
    dataset, network = moons(50, rng()), mlp([2, 4, 1], sigmoid, rng())
    runs = [
        train(
            network, dataset, bce, Adam(0.01), epochs=2, batch_size=16, rng=np.random.default_rng(s)
        )
        for s in (3, 3, 4)
    ]
    assert np.array_equal(runs[0].batch_losses, runs[1].batch_losses)
    assert not np.array_equal(runs[0].batch_losses, runs[2].batch_losses)
    assert runs[0].evaluations is None


@pytest.mark.parametrize(
    ("loss", "output", "make"),
    [
        (bce, sigmoid, moons),
        (bce_with_logits, identity, moons),
        (mse, identity, moons),
        (cross_entropy, identity, blobs),
    ],
    ids=lambda part: getattr(part, "__name__", str(part)),
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_networks_learn(loss, output, make, dtype):
    dataset = make(200, rng())
    network = mlp([2, 16, dataset.Y.shape[1]], tanh, rng(), output_activation=output, dtype=dtype)
    run = train(network, dataset, loss, Adam(0.02), epochs=40, batch_size=20, rng=rng())
    threshold = 0 if loss is bce_with_logits else 0.5
    assert accuracy(run.network, dataset, threshold=threshold) > 0.97
    assert run.network.dtype == dtype
    assert run.network.parameters.dtype == dtype


def test_a_schedule_runs_over_updates():
    dataset, network = moons(40, rng()), mlp([2, 4, 1], sigmoid, rng())
    rates = []

    def schedule(t):
        rates.append((t, InverseTime(0.5)(t)))
        return rates[-1][1]

    train(network, dataset, bce, GradientDescent(schedule), epochs=2, batch_size=10, rng=rng())
    assert [t for t, _ in rates] == list(range(8))


def test_a_diverging_training_stops_in_silence_and_says_so():
    network, dataset = mlp([2, 4, 1], relu, rng(), output_activation=identity), moons(40, rng())
    seen = []

    def measure(net):
        seen.append(net.parameters)
        return accuracy(net, dataset)

    how = {"epochs": 20, "batch_size": 10, "rng": rng(), "evaluate": measure}
    run = train(network, dataset, mse, GradientDescent(1e6), **how)
    assert run.diverged
    assert np.isfinite(run.network.parameters).all()
    np.testing.assert_array_equal(run.network.parameters, seen[-1])
    assert (len(run.batch_losses), len(run.epoch_losses), len(run.evaluations)) == (80, 20, 21)
    assert run.epoch_losses[-1] == run.batch_losses[-1] == np.inf
    assert not np.isnan(run.batch_losses).any()
    assert np.isnan(run.evaluations[-1])


def test_digits_reach_97_percent():
    scores = []
    for seed in range(4):
        generator = np.random.default_rng(seed)
        training, test = split(digits(), 360, generator)
        network = mlp([64, 30, 10], sigmoid, generator)
        run = train(
            network,
            training,
            half_squared_error,
            GradientDescent(3),
            epochs=30,
            batch_size=16,
            rng=generator,
        )
        scores.append(accuracy(run.network, test))
    assert np.mean(scores) > 0.965
    assert max(scores) >= 0.97


@pytest.mark.parametrize(
    ("loss", "sizes", "output", "message"),
    [
        (bce, [2, 1], tanh, "binary cross-entropy needs predictions in [0.0, 1.0], but the output"),
        (mse, [3, 1], tanh, "X (20, 2) must have 3 columns for Network(3-1, tanh)"),
        (mse, [2, 2], tanh, "Y (20, 1) must have 2 columns for Network(2-2, tanh)"),
        (cross_entropy, [2, 1], identity, "k >= 2 classes"),
    ],
)
def test_misfits_are_named_before_training(loss, sizes, output, message):
    network = mlp(sizes, output, rng())
    with pytest.raises(ValueError, match=re.escape(message)):
        train(network, moons(20, rng()), loss, Adam(0.1), epochs=1, batch_size=4, rng=rng())


def test_wrong_settings_are_named():
    network, dataset = mlp([2, 1], sigmoid, rng()), moons(20, rng())

    def run(**changes):
        settings = {"epochs": 1, "batch_size": 4, "rng": rng(), **changes}
        return train(network, dataset, bce, GradientDescent(0.1), **settings)

    with pytest.raises(ValueError, match="epochs must be at least 1, got 0"):
        run(epochs=0)
    with pytest.raises(TypeError, match="batch_size must be a whole number, got 4.0"):
        run(batch_size=4.0)
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator"):
        run(rng=np.random)
    wrong = Dataset(dataset.X, dataset.Y + 1)
    with pytest.raises(ValueError, match=r"targets must be probabilities in \[0, 1\], got 2.0"):
        train(network, wrong, bce, GradientDescent(0.1), epochs=1, batch_size=4, rng=rng())


@pytest.mark.parametrize(
    ("value", "gradient", "words"),
    [
        (lambda w: w.sum(axis=-1), lambda w: 1.0, "gradient"),
        (lambda w: 1.0, lambda w: w, "values"),
    ],
)
def test_an_objective_of_the_wrong_shape_is_refused(value, gradient, words):
    objective = SimpleNamespace(value=value, gradient=gradient)
    with pytest.raises(ValueError, match=words):
        descend(objective, GradientDescent(0.1), [1.0, 2.0], 3)
