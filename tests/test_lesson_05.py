"""Lesson 5: its real problem, its explorers at every extreme, its answers, its faults."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from course.activations import sigmoid
from course.descent import BatchGradient, descend, minibatches, train
from course.explorers import stochastic_gradient_descent as lesson
from course.explorers.controls import Slider
from course.explorers.stochastic_gradient_descent.looks import ellipse
from course.learning_curve import LearningCurve, learning_curve
from course.least_squares import LeastSquares, line
from course.losses import half_squared_error
from course.minibatch import batches, estimate_covariance, example_gradients, noise_scale
from course.network import forward, mlp
from course.noise_floor import Moments, growth_exponent, stationary_variance
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


# ------------------------------------------------------------ the gradient, and its estimate
THETA = np.array([0.6, 9.0])


def test_the_first_examples_disagree():
    g = lesson.ink_problem().example_gradients(THETA)
    assert len(set(np.sign(g[:3, 0]))) == 2
    assert (np.sign(g[:3, 1]) != np.sign(g[:, 1].mean())).all()


def test_the_hessian_is_diagonal_because_x_has_mean_zero():
    problem = lesson.ink_problem()
    assert problem.hessian[0, 1] == pytest.approx(0, abs=1e-12)
    moved = line(problem.A[:, 0] + 0.5, problem.y)
    assert moved.hessian[0, 1] == pytest.approx(0.5)


def test_the_covariance_of_two_draws_without_replacement():
    g = np.array([1.0, 2.0, 3.0, 6.0, 8.0])
    pairs = np.array(list(itertools.permutations(g, 2))) - g.mean()
    assert np.mean(pairs[:, 0] * pairs[:, 1]) == pytest.approx(-g.var() / (len(g) - 1))
    triples = np.array(list(itertools.permutations(g, 3))) - g.mean()
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert np.mean(triples[:, i] * triples[:, j]) == pytest.approx(-g.var() / (len(g) - 1))


def test_an_update_does_not_need_the_loss():
    bowl = lesson.ink_problem()
    run = descend(bowl, GradientDescent(0.1), THETA, 20)
    shifted = SimpleNamespace(value=lambda t: bowl.value(t) + 7, gradient=bowl.gradient)
    np.testing.assert_array_equal(
        run.points, descend(shifted, GradientDescent(0.1), THETA, 20).points
    )


def test_single_gradients_are_no_gaussian_and_their_spread_is_least_certain():
    g = lesson.ink_problem().example_gradients(THETA)
    z = (g - g.mean(axis=0)) / g.std(axis=0)
    assert np.mean(z[:, 0] ** 4) > 8  # a Gaussian has 3
    scatter = [
        np.std([np.divide(*lesson.GradientCloud(batch=B, seed=s).record.spread) for s in range(10)])
        for B in ("1", "16", "64")
    ]
    assert scatter[0] > 1.2 * scatter[1] > 1.2 * scatter[2]


# --------------------------------------------------------------------- the price of noise
def one_step(alpha, B):
    """Return the loss before a step, and its mean after one with batches of B."""
    problem = lesson.ink_problem()
    return problem.excess(THETA), Moments(problem, B).expected_excess(THETA, [alpha])[-1]


@pytest.mark.parametrize(("alpha", "below", "above"), [(0.2, 2, 3), (0.3, 7, 8)])
def test_a_step_breaks_even_where_the_formula_says(alpha, below, above):
    before, worse = one_step(alpha, below)
    _, better = one_step(alpha, above)
    assert better < before < worse
    g, H = lesson.ink_problem().gradient(THETA), lesson.ink_problem().hessian
    C = estimate_covariance(lesson.ink_problem().example_gradients(THETA), 1, replacement=True)
    even = alpha * np.trace(H @ C) / (2 * g @ g - alpha * g @ H @ g)
    assert below < even < above


def test_without_a_gain_no_batch_breaks_even():
    before, after = one_step(0.42, 10**9)
    assert after > before


def test_short_steps_pay_at_most_their_share_of_the_price():
    problem, price = lesson.ink_problem(), {}
    for k in (1, 2, 5, 10):
        noisy, full = (
            Moments(problem, B).expected_excess(THETA, [0.1 / k] * k)[-1] for B in (1, 10**9)
        )
        price[k] = noisy - full
        assert price[k] <= price[1] / k
    # to first order in α, the k-th part
    tiny = [
        Moments(problem, 1).expected_excess(THETA, [1e-5 / k] * k)[-1]
        - Moments(problem, 10**9).expected_excess(THETA, [1e-5 / k] * k)[-1]
        for k in (1, 4)
    ]
    assert tiny[1] / tiny[0] == pytest.approx(1 / 4, rel=1e-3)


def test_before_training_a_single_digit_tells_most_of_the_gradient():
    training, _ = lesson.training_digits()
    for seed in (1, 2, 3):
        network = mlp((64, 30, 10), sigmoid, np.random.default_rng(seed))
        out = forward(network, training.X).output
        assert 0.2 < out.min() < 0.5 < out.max() < 0.8
        rows = example_gradients(network, training.X, training.Y, half_squared_error)
        assert noise_scale(rows) < 1


def test_the_noise_scale_has_no_bound_near_the_minimum():
    problem = lesson.ink_problem()
    for step in (1e-1, 1e-2, 1e-3):
        rows = problem.example_gradients(problem.minimum + step)
        assert noise_scale(rows) > 0.5 / step**2


# --------------------------------------------------------------- floors, and none at all
def test_half_the_rate_and_four_times_the_batch():
    floor = {
        (a, B): Moments(lesson.ink_problem(), B).floor_excess(a)
        for a in (0.05, 0.1)
        for B in (1, 4, 16, 64)
    }
    assert 0.4 < floor[0.05, 16] / floor[0.1, 16] < 0.5
    assert floor[0.1, 64] / floor[0.1, 16] == pytest.approx(1 / 4, abs=0.01)
    assert floor[0.05, 1] / floor[0.1, 1] == pytest.approx(1 / 4, abs=0.01)
    assert floor[0.1, 4] / floor[0.1, 1] == pytest.approx(1 / 8, abs=0.01)


def test_where_every_example_is_fitted_no_step_leads_away():
    rng = np.random.default_rng(0)
    A, e = rng.normal(size=(20, 50)), rng.normal(size=50)
    for alpha in (0.01, 1.9 / (A**2).sum(axis=1).max()):
        for a in A:
            after = e - alpha * (a @ e) * a
            change = -alpha * (2 - alpha * a @ a) * (a @ e) ** 2
            assert after @ after - e @ e == pytest.approx(change)
            assert change <= 0
    assert 2 / (A**2).sum(axis=1).max() > 0.01


def test_contrary_answers_leave_an_eighth():
    for seed in range(3):
        rng = np.random.default_rng(seed)
        A, answers = rng.normal(size=(20, 50)), rng.normal(size=20)
        two, contrary = np.tile(A, (2, 1)), np.concatenate([answers + 0.5, answers - 0.5])
        best = np.linalg.lstsq(two, contrary)[0]
        assert ((two @ best - contrary) ** 2).mean() / 2 == pytest.approx(1 / 8)
        losses = {}
        for name, X, y in (("one", A, answers), ("two", two, contrary)):
            w, losses[name] = np.zeros(50), []
            for i in rng.integers(len(X), size=4000):
                w = w - 0.01 * (X[i] @ w - y[i]) * X[i]
                losses[name].append(((X @ w - y) ** 2).mean() / 2)
        assert losses["one"][-1] < 1e-8
        assert 0.01 < np.mean(losses["two"][-1000:]) - 1 / 8 < 0.1


def test_the_far_digits_take_the_floor_away():
    x, y = lesson.ink_problem().A[:, 0], lesson.ink_problem().y
    near = np.abs(x) < np.quantile(np.abs(x), 0.9)
    assert np.isfinite(Moments(line(x[near] - x[near].mean(), y[near]), 1).floor_excess(0.2))
    for seed in range(20):
        kept = np.random.default_rng(seed).permutation(near)
        assert np.isinf(Moments(line(x[kept] - x[kept].mean(), y[kept]), 1).floor_excess(0.2))


def test_the_variance_approaches_the_floor_of_the_moment():
    lam, s2, V = 0.2, 1.0, 25.0
    for alpha in (0.5, 0.3, 1.0, 0.01):
        F = stationary_variance(alpha, curvature=lam, noise=s2)
        after = (1 - alpha * lam) ** 2 * V + alpha**2 * s2
        assert after - F == pytest.approx((1 - alpha * lam) ** 2 * (V - F))
        assert after >= alpha**2 * s2
        V = after


def test_a_rate_that_breaks_the_second_condition_settles_and_one_that_breaks_the_first_does_not():
    root, short = 25.0, 25.0
    for t in range(100_000):
        alpha = 0.5 / (1 + t) ** 0.5
        root = (1 - 0.2 * alpha) ** 2 * root + alpha**2
        alpha = 0.5 * 0.9**t
        short = (1 - 0.2 * alpha) ** 2 * short + alpha**2
    assert 0.1 * root < 0.0005
    assert 0.1 * short > 0.3


def test_where_the_curvature_is_small_the_inverse_root_is_the_faster():
    for lam, faster in ((0.02, "root"), (0.04, "root"), (0.2, "inverse")):
        V = dict.fromkeys(("root", "inverse"), 25.0)
        for t in range(100_000):
            for name, alpha in (("root", 0.5 / (1 + t) ** 0.5), ("inverse", 0.5 / (1 + 0.1 * t))):
                V[name] = (1 - lam * alpha) ** 2 * V[name] + alpha**2
        assert min(V, key=V.__getitem__) == faster


# ----------------------------------------------------------- the mean and the typical run
def hessians(B, updates=300, seed=0):
    draws = batches(1437, B, np.random.default_rng(seed), sampling=WITH, runs=150)
    return lesson.ink_problem().sampled(draws, updates)


def test_where_a_typical_run_begins_to_fly_off():
    for seed in (0, 1):
        single = hessians(1, seed=seed).H
        assert growth_exponent(single, 0.3).exponent < 0 < growth_exponent(single, 0.32).exponent
    sixteen = hessians(16).H
    many = growth_exponent(sixteen, 0.4)
    assert many.exponent < -10 * many.error
    full = np.abs(1 - 0.4 * np.linalg.eigvalsh(lesson.ink_problem().hessian)).max()
    assert full > 1  # and so do the mean of θ, and full-batch descent
    # the logarithm of |m| is concave only where m keeps its sign
    assert np.mean(0.4 * sixteen[..., 0, 0] < 1) < 0.05
    assert np.mean(0.4 * single[..., 0, 0] < 1) == pytest.approx(0.5, abs=0.03)
    assert growth_exponent(single, 0.4).exponent > np.log(full) + 0.1


@pytest.mark.parametrize("B", [1, 4, 16])
def test_the_limits_in_mean_square(B):
    limit = {1: 0.148, 4: 0.282, 16: 0.362}[B]
    moments = Moments(lesson.ink_problem(), B, replacement=False)
    assert moments.square_factor(limit) < 1 < moments.square_factor(limit + 0.003)


def test_the_median_stays_while_the_mean_has_none():
    problem = lesson.ink_problem()
    for seed in (5, 6):
        run = hessians(1, 1000, seed).descend(GradientDescent(0.2), THETA)
        above = problem.excess(run.points)
        middle = np.median(above, axis=1)
        assert 2.5 < np.median(middle[200:300]) < 6
        assert 2.5 < np.median(middle[-100:]) < 6
        # a few of the runs carry most of the mean
        last = np.sort(above[-300:].ravel())
        assert last[-len(last) // 50 :].sum() > 0.5 * last.sum()
    assert Moments(problem, 1).square_factor(0.2) > 1


def test_four_steps_of_five_shorten_the_distance():
    h = lesson.ink_problem().A[:, 0] ** 2 + 1
    assert np.mean(0.2 * h < 2) == pytest.approx(0.8, abs=0.01)
    assert np.mean(0.14 * h > 2) == pytest.approx(0.1, abs=0.01)


# -------------------------------------------------------------------- dealing, and digits
def test_what_dealing_gains_is_gone_at_a_large_rate_and_the_short_batch_is_why():
    problem, ends = lesson.ink_problem(), {}
    for alpha in (0.005, 0.05):
        for sampling in (WITH, "reshuffled"):
            draws = batches(1437, 64, np.random.default_rng(3), sampling=sampling, runs=100)
            run = problem.sampled(draws, 460).descend(GradientDescent(alpha), problem.minimum)
            above = problem.excess(run.points).mean(axis=1)[230:]
            ends[alpha, sampling] = above.mean(), above[::23].mean()
    all_small, end_small = np.divide(ends[0.005, WITH], ends[0.005, "reshuffled"])
    assert all_small > 4.5
    assert end_small > 10
    assert ends[0.05, "reshuffled"][1] > ends[0.05, "reshuffled"][0]
    # without the short batch the end of an epoch is no worse
    few = LeastSquares(problem.A[:1408], problem.y[:1408])
    draws = batches(1408, 64, np.random.default_rng(3), sampling="reshuffled", runs=100)
    run = few.sampled(draws, 440).descend(GradientDescent(0.05), few.minimum)
    above = few.excess(run.points).mean(axis=1)[220:]
    assert above[::22].mean() < above.mean()


def test_in_a_dealt_epoch_the_later_batches_pull_back():
    """What the estimates have along the gradient where the loop is, in units of ‖g‖²."""
    problem, along = lesson.ink_problem(), {}
    for sampling in (WITH, "reshuffled"):
        draws = batches(1437, 64, np.random.default_rng(3), sampling=sampling, runs=1000)
        sampled = problem.sampled(draws, 22)
        for alpha in (0.02, 0.05):
            points = sampled.descend(GradientDescent(alpha), problem.minimum).points
            middle = points[8:16]
            residual = middle @ problem.A.T - problem.y
            g = residual @ problem.A / len(problem.y)
            estimate = np.einsum("trij,trj->tri", sampled.H[8:16], middle) - sampled.c[8:16]
            along[sampling, alpha] = (estimate * g).sum() / (g**2).sum()
    for alpha, least in ((0.02, 1.5), (0.05, 1.2)):
        assert along["reshuffled", alpha] > least
        assert along[WITH, alpha] == pytest.approx(1, abs=0.15)


def after(seed, alpha, B, stops, start=1):
    training, _ = lesson.training_digits()
    network = mlp((64, 30, 10), sigmoid, np.random.default_rng(start))
    how = {"batch_size": B, "updates": stops[-1], "rng": np.random.default_rng(seed)}
    rule = GradientDescent(alpha)
    curve = learning_curve(network, training, half_squared_error, rule, also=stops, **how)
    return [float(curve.losses[curve.updates == stop][0]) for stop in stops]


@pytest.mark.parametrize("seed", [0, 3])
def test_at_equal_updates_one_is_far_behind_and_from_sixteen_on_all_are_level(seed):
    one, many, more = (after(seed, 1.5, B, (300,), start=seed + 2)[0] for B in (1, 16, 128))
    assert one > 1.35 * many
    assert many == pytest.approx(more, rel=0.12)
    (small,) = after(seed, 0.5, 1, (300,), start=seed + 2)
    assert small == pytest.approx(after(seed, 0.5, 16, (300,), start=seed + 2)[0], rel=0.08)


@pytest.mark.parametrize("seed", range(4))
def test_a_saturated_network_comes_back(seed):
    thrown, later = after(seed, 10.0, 1, (20, 450))
    assert thrown > 0.89
    assert later < 0.75
    assert after(seed, 10.0, 16, (300,))[0] < 0.2


def test_from_start_to_start_a_large_rate_is_a_gain_or_a_loss():
    gains = {
        B: sum(
            after(0, 10.0, B, (300,), s)[0] < after(0, 1.5, B, (300,), s)[0] for s in range(1, 9)
        )
        for B in (1, 16, 128)
    }
    assert gains[1] <= 2
    assert gains[16] >= 6
    assert 2 <= gains[128] <= 6


def test_the_last_bit_decides_where_a_thrown_network_goes():
    training, _ = lesson.training_digits()
    network = mlp((64, 30, 10), sigmoid, np.random.default_rng(1))
    losses = []
    for factor in (1.0, 1 + 1e-15, 1 - 2e-15):
        moved = network.with_parameters(network.parameters * factor)
        how = {"batch_size": 1, "updates": 3000, "rng": np.random.default_rng(1), "points": 10}
        curve = learning_curve(moved, training, half_squared_error, GradientDescent(10.0), **how)
        losses.append(curve.losses[-1])
    assert np.ptp(losses) > 1e-3
    assert min(losses) > 0.15


def test_a_wrong_digit_that_is_saturated_hardly_pulls():
    training, _ = lesson.training_digits()
    network = mlp((64, 30, 10), sigmoid, np.random.default_rng(1))
    how = {"epochs": 100, "batch_size": 16, "rng": np.random.default_rng(0)}
    network = train(network, training, half_squared_error, GradientDescent(3.0), **how).network
    losses = ((forward(network, training.X).output - training.Y) ** 2).sum(axis=1) / 2
    rows = example_gradients(network, training.X, training.Y, half_squared_error)
    assert np.linalg.norm(rows[losses > 0.45], axis=1).min() < 0.02


def test_the_bug_costs_a_twentieth():
    training, _ = lesson.training_digits()
    losses = []
    for bug in (False, True):
        network = mlp((64, 30, 10), sigmoid, np.random.default_rng(1))
        gradient_of, rng = BatchGradient(network, half_squared_error), np.random.default_rng(0)
        theta = gradient_of.start
        for _ in range(30):
            for X, Y in minibatches(training, 128, rng):
                theta = theta - 3.0 * (len(X) / 128 if bug else 1) * gradient_of(theta, X, Y)[1]
        losses.append(gradient_of(theta, training.X, training.Y)[0])
    assert 1.03 < losses[1] / losses[0] < 1.07


def test_a_quarter_of_the_rate_costs_what_four_times_the_batch_does():
    problem, t = lesson.ink_problem(), np.arange(400)
    gradients = {}
    for B, rates in ((64, 0.1 + 0 * t), (16, 0.025 + 0 * t), (16, 0.1 / (1 + 0.05 * t))):
        mean = Moments(problem, B).expected_excess(THETA, rates)
        gradients[B, rates[-1]] = int(np.argmax(mean < 0.015)) * B
    larger, lower, falling = gradients.values()
    assert lower == pytest.approx(larger, rel=0.1)
    assert falling < 0.6 * lower
    for decay, pays in ((0.01, False), (0.02, True), (0.12, True), (0.3, False)):
        mean = Moments(problem, 16).expected_excess(THETA, 0.1 / (1 + decay * np.arange(1000)))
        assert (int(np.argmax(mean < 0.015)) * 16 < lower) == pays
    assert Moments(problem, 64).floor_excess(0.1) == pytest.approx(
        Moments(problem, 16).floor_excess(0.025), rel=0.25
    )


def test_no_letter_is_right_too_often():
    asked = [getattr(lesson, name)() for name in lesson.__all__ if name.startswith("ask_")]
    letters = [question.answer for question in asked if question.options]
    assert len(letters) == 7
    assert max(letters.count(letter) for letter in letters) <= 2
    assert len({question.key for question in asked}) == len(asked) == 9
