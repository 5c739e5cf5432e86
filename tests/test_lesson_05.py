"""Lesson 5: its real problem, its explorers at every extreme, its answers, its faults."""

import itertools

import numpy as np
import pytest

from course.activations import sigmoid
from course.explorers import stochastic_gradient_descent as lesson
from course.explorers.controls import Slider
from course.explorers.stochastic_gradient_descent.looks import ellipse
from course.learning_curve import LearningCurve, learning_curve
from course.losses import half_squared_error
from course.minibatch import batches, estimate_covariance
from course.network import mlp
from course.noise_floor import Moments
from course.numeric import numeric_gradient
from course.optimizers import GradientDescent

WITH, WITHOUT = "with replacement", "without replacement"


def extremes(explorer, leave=()):
    """Return each combination of the lowest and the highest value of the controls."""
    choices = []
    for dial in explorer.dials:
        if dial.name in leave:
            choices.append((dial.value,))
        elif isinstance(dial, Slider):
            choices.append((dial.low, dial.high))
        else:
            choices.append(getattr(dial, "options", (False, True)))
    names = [dial.name for dial in explorer.dials]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*choices)]


def shows_something_true(one):
    assert one.alert == ""
    assert one.summary
    words = one.text.lower()
    assert "nan" not in words
    assert "inf" not in words
    assert len(one.buffer) < 64_000


@pytest.fixture(scope="module")
def curves():
    training, _ = lesson.training_digits()
    start = mlp((64, 30, 10), sigmoid, np.random.default_rng(1))
    how = {"updates": 60, "points": 20}
    return [
        learning_curve(
            start,
            training,
            half_squared_error,
            GradientDescent(3.0),
            batch_size=B,
            rng=np.random.default_rng(0),
            **how,
        )
        for B in lesson.SIZES.values()
    ]


# ------------------------------------------------------------------------ the real problem
def test_the_problem_is_made_of_the_training_digits():
    problem = lesson.ink_problem()
    training, test = lesson.training_digits()
    assert (len(problem), len(training), len(test)) == (1437, 1437, 360)
    x, y = problem.A[:, 0], problem.y
    ink = training.X.reshape(-1, 8, 8)
    np.testing.assert_allclose(x - x[0] + ink[0, :, :4].sum() + y, ink.sum(axis=(1, 2)), atol=1e-9)
    assert x.mean() == pytest.approx(0, abs=1e-12)
    theta = np.array([0.6, 9.0])
    np.testing.assert_allclose(
        problem.gradient(theta), numeric_gradient(problem.value, theta), atol=1e-7
    )


# -------------------------------------------------------------------------------- the cloud
def test_the_ellipse_is_two_standard_deviations_away():
    C = np.array([[4.0, 1.0], [1.0, 2.0]])
    away = ellipse([1.0, -1.0], C) - [1.0, -1.0]
    np.testing.assert_allclose(np.einsum("ki,ij,kj->k", away, np.linalg.inv(C), away), 4)
    assert (ellipse([1.0, -1.0], np.zeros((2, 2))) == [1.0, -1.0]).all()


def test_the_cloud_at_every_extreme():
    one = lesson.GradientCloud()
    for values in extremes(lesson.GradientCloud, leave=("seed",)):
        one.value = values
        shows_something_true(one)


@pytest.mark.parametrize("batch", lesson.SIZES)
@pytest.mark.parametrize("sampling", [WITH, WITHOUT])
def test_the_cloud_spreads_as_predicted(batch, sampling):
    records = [
        lesson.GradientCloud(batch=batch, sampling=sampling, seed=seed).record for seed in range(10)
    ]
    predicted = records[0].spread[0]
    measured = np.sqrt(np.mean([r.spread[1] ** 2 for r in records]))
    assert measured == pytest.approx(predicted, rel=0.06, abs=1e-9)
    rows = lesson.ink_problem().example_gradients([0.6, 9.0])
    expected = estimate_covariance(rows, lesson.SIZES[batch], replacement=sampling == WITH)
    np.testing.assert_allclose(records[0].predicted, expected, atol=1e-12)


def test_the_whole_set_without_replacement_is_the_full_gradient():
    one = lesson.GradientCloud(batch="N = 1437", sampling=WITHOUT)
    assert one.record.spread == pytest.approx((0, 0), abs=1e-12)
    assert "nothing is left to chance" in one.summary
    np.testing.assert_allclose(one.record.estimates - one.record.full, 0, atol=1e-12)
    one.value = {"sampling": WITH}
    assert one.record.spread[1] > 0.2


def test_the_noise_stays_at_the_minimum():
    w, b = lesson.ink_problem().minimum
    one = lesson.GradientCloud(w=w, b=b)
    np.testing.assert_allclose(one.record.full, 0, atol=1e-12)
    assert one.record.spread[0] > 1
    assert "At the minimum" in one.summary


def test_each_estimate_is_a_step_on_the_map_with_the_rate_of_the_text():
    one = lesson.GradientCloud(w=0.4, b=9.5)
    (dots,) = [m.data for m in one._view.marks if m.panel == "map" and m.kind == "points"]
    np.testing.assert_allclose(dots, [0.4, 9.5] - 0.05 * one.record.estimates)


def test_the_cloud_is_drawn_one_batch_after_another():
    one = lesson.GradientCloud()
    assert one.frames == 300
    assert one.line(299).endswith(f"r.m.s. distance {one.record.spread[1]:.3f}")
    one.react({"type": "drag", "name": "theta", "x": -0.5, "y": 10.0})
    assert (one.value["w"], one.value["b"]) == (-0.5, 10.0)
    one.react({"type": "nudge", "name": "theta", "dx": 1, "dy": 0})
    assert one.value["w"] == pytest.approx(-0.45)


# -------------------------------------------------------------------------------- the paths
def test_the_paths_at_every_extreme():
    one = lesson.NoisyPaths()
    for values in extremes(lesson.NoisyPaths, leave=("seed", "b")):
        one.value = values
        shows_something_true(one)


@pytest.mark.parametrize("batch", lesson.SIZES)
@pytest.mark.parametrize("decay", ["constant", "α / (1 + 0.02 t)", "cosine to 0"])
def test_the_runs_are_where_theory_says(batch, decay):
    records = [
        lesson.NoisyPaths(batch=batch, decay=decay, rate=0.05, seed=seed).record
        for seed in range(5)
    ]
    measured = np.mean([r.mean for r in records], axis=0)
    late, promised = measured[-60:].mean(), records[0].predicted[-60:].mean()
    assert late == pytest.approx(promised, rel=0.15)


def test_everybody_reshuffled_is_full_batch_descent():
    one = lesson.NoisyPaths(batch="N = 1437", sampling="reshuffled")
    assert "for independent draws" in one.summary
    gap = one.record.sgd.points - one.record.full.points[:, None]
    assert np.abs(gap).max() < 1e-9


def test_the_floor_is_named_or_said_to_be_missing():
    one = lesson.NoisyPaths(batch="1", rate=0.05)
    floor = Moments(lesson.ink_problem(), 1).floor_excess(0.05)
    assert f"{floor:.3g}" in one.summary
    one.value = {"rate": 0.2}
    assert "The mean over all possible runs has no floor" in one.summary
    assert "A single run does not" in one.summary
    assert "no floor is predicted" in "".join(t for m in one._view.marks for t in m.texts)
    one.value = {"rate": 0.5}
    assert "So does almost every single run" in one.summary
    assert "it diverges, for α exceeds 2/λmax = 0.398" in one.summary
    assert "the runs fly off" in "".join(t for m in one._view.marks for t in m.texts)


def test_equal_work_gives_full_batch_descent_fewer_updates():
    one = lesson.NoisyPaths(equal="examples seen", batch="16")
    assert "after 2 updates" in one.summary  # 240 · 16 / 1437 = 2.67
    one.value = {"batch": "N = 1437"}
    assert "after 240 updates" in one.summary
    one.value = {"batch": "1"}
    assert "after 0 updates" in one.summary


@pytest.mark.parametrize("batch", lesson.SIZES)
@pytest.mark.parametrize("sampling", [WITH, "reshuffled"])
def test_the_examples_are_those_of_the_batches(batch, sampling):
    draws = batches(1437, lesson.SIZES[batch], np.random.default_rng(0), sampling=sampling)
    seen = sum(next(draws).size for _ in range(240))
    one = lesson.NoisyPaths(batch=batch, sampling=sampling, equal="examples seen")
    first, second = one.line(240).splitlines()
    assert f"update 240, {seen} examples" in first
    assert f"update {seen // 1437}, {seen // 1437 * 1437} examples" in second
    assert one._view.marks[6].data[-1, 0] == seen


def test_the_start_is_a_handle():
    one = lesson.NoisyPaths()
    one.react({"type": "drag", "name": "start", "x": -2.0, "y": 11.0})
    np.testing.assert_array_equal(one.record.sgd.points[0], np.tile([-2.0, 11.0], (40, 1)))
    assert one.frames == 241


# ------------------------------------------------------------------------------- the curves
def test_the_curves_at_every_setting(curves):
    one = lesson.LearningCurves(curves)
    for values in extremes(one):
        one.value = values
        shows_something_true(one)
    assert one.picture("dark")


def test_equal_updates_and_equal_work_tell_opposite_stories(curves):
    one = lesson.LearningCurves(curves)
    at_updates = one.record.at[-1]
    one.value = {"axis": "epochs"}
    by_epochs = one.record
    one.value = {"axis": "examples seen"}
    np.testing.assert_allclose(one.record.stops, by_epochs.stops * 1437)
    np.testing.assert_allclose(one.record.at, by_epochs.at)
    assert at_updates[0] == at_updates.max()
    assert by_epochs.at[-1, 5] == by_epochs.at[-1].max()  # full-batch descent has hardly begun


def test_a_loss_at_a_stop_is_that_of_the_curve(curves):
    one = lesson.LearningCurves(curves)
    np.testing.assert_allclose(one.record.at[-1], [c.losses[-1] for c in curves])
    one.value = {"axis": "epochs"}
    # before its first update the loss of B = N is that of the start
    assert one.record.at[0, 5] == curves[5].losses[0]


def test_a_run_that_diverged_is_shown_as_such():
    losses = np.array([1.0, 0.5, np.inf, np.inf])
    steps = np.array([0, 1, 2, 3])
    fine = LearningCurve(4, 8, steps, np.array([1.0, 0.5, 0.3, 0.2]))
    one = lesson.LearningCurves([LearningCurve(1, 8, steps, losses), fine])
    assert "∞" in one.text
    assert one.picture()


# ---------------------------------------------------------------------------- the questions
@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lesson.ask_what_halves_the_noise, 4.0),
        (lesson.ask_about_all_of_them, 3),
        (lesson.ask_about_a_million, 0),
        (lesson.ask_whether_it_settles, 2),
        (lesson.ask_about_a_typical_run, 0),
        (lesson.ask_for_the_updates, 230.0),
        (lesson.ask_about_duplicates, 1),
        (lesson.ask_who_is_ahead, 2),
        (lesson.ask_for_the_bug, 3),
    ],
)
def test_answers(ask, answer):
    assert ask().answer == answer
