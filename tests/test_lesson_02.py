"""Lesson 2: what its sentences claim, tried at other starts, rates and seeds than the lesson's."""

import inspect
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from course.activations import identity, relu, tanh
from course.backprop import backward
from course.cycles import period
from course.data import moons
from course.descent import descend, train
from course.explorers import Predict, welcome
from course.explorers import gradient_descent as lesson
from course.explorers.gradient_descent.basins import basin_owner
from course.losses import half_squared_error, mse
from course.network import Network, forward, mlp
from course.numeric import numeric_hessian
from course.optimizers import GradientDescent
from course.surfaces import (
    SURFACES,
    Surface,
    cosine_valleys,
    himmelblau,
    quadratic,
    saddle,
    two_valleys,
)

PEAKS = sorted(w for (w,) in cosine_valleys.maxima)
VALLEYS = sorted(w for (w,) in cosine_valleys.minima)
HOME = cosine_valleys.minima[1]


def curve(w):
    return -math.pi * math.sin(math.pi * w) - 0.075 - 0.15 * w + 0.016 * w**3


def bend(w):
    return -(math.pi**2) * math.cos(math.pi * w) - 0.15 + 0.048 * w**2


def end_of(alpha, w, steps):
    for _ in range(steps):
        w -= alpha * curve(w)
    return w


def limit(surface, minimum):
    return 2 / np.linalg.eigvalsh(numeric_hessian(surface.gradient, minimum))[-1]


def bowl(rng, n):
    """Return a random symmetric matrix with eigenvalues from 1 to 9, and these."""
    Q, _ = np.linalg.qr(rng.normal(size=(n, n)))
    curvatures = np.sort(rng.uniform(1, 9, size=n))
    return Q @ np.diag(curvatures) @ Q.T, curvatures, Q


# ------------------------------------------------------------------- 1, 2: picture, rule
def test_the_picture_shows_three_valleys_and_the_deepest_is_one_of_them():
    low, high = lesson.TopicFigure.dials[0].low, lesson.TopicFigure.dials[0].high
    assert sum(low < w < high for w in VALLEYS) == 3
    assert low < cosine_valleys.global_minima[0][0] < high
    assert len(cosine_valleys.global_minima) == 1


@pytest.mark.parametrize("w", [-2.4, -1.3, 0.3, 0.8, 1.2, 2.6])
def test_the_share_of_the_promise_that_is_kept(w):
    slope = curve(w)
    errors = []
    for alpha in (1e-2, 1e-3, 1e-4):
        change = cosine_valleys.value([w - alpha * slope]) - cosine_valleys.value([w])
        errors.append(abs(change / (-alpha * slope**2) - (1 - alpha * bend(w) / 2)))
    # what is left over is of second order in α
    assert errors[1] < 0.02 * errors[0] + 1e-9
    assert errors[2] < 0.02 * errors[1] + 1e-9


def test_the_smaller_the_rate_the_better_the_promise_where_the_lesson_tries_it():
    alphas, slope = np.geomspace(1e-6, 0.1, 200), curve(0.8)
    change = cosine_valleys.value(0.8 - alphas[:, None] * slope) - cosine_valleys.value([0.8])
    assert (np.diff(np.abs(change / (-alphas * slope**2) - 1)) > 0).all()


def test_the_step_is_the_cheapest_at_the_price_of_its_square():
    rng, step = np.random.default_rng(0), np.linspace(-20, 20, 40_001)
    for slope, alpha in zip(rng.normal(size=20), rng.uniform(0.01, 3, size=20), strict=True):
        best = step[(slope * step + step**2 / (2 * alpha)).argmin()]
        assert best == pytest.approx(-alpha * slope, abs=6e-4)


@pytest.mark.parametrize("surface", [s for s in SURFACES if s.dimension == 2], ids=str)
def test_no_direction_of_one_length_is_steeper(surface):
    rng = np.random.default_rng(1)
    for point in rng.uniform(-1, 1, size=(10, 2)):
        g = surface.gradient(point)
        directions = rng.normal(size=(500, 2))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        assert (directions @ g >= -np.linalg.norm(g) * (1 + 1e-12)).all()
        assert -g / np.linalg.norm(g) @ g == pytest.approx(-np.linalg.norm(g))


def test_stretched_axes_have_another_steepest_direction():
    g = two_valleys.gradient([0.5, 1.0])  # with w₂ in tenths its slope is a tenth
    stretched = np.array([g[0], g[1] / 10]) * [1, 1 / 10]  # and its step, seen in the old unit
    assert abs(g[0] * stretched[1] - g[1] * stretched[0]) > 0.1


# --------------------------------------------------------------------------- 3: step by step
def test_it_slides_into_the_first_valley_on_its_way():
    for start, valley in zip((-2.2, -1.5, -0.3, 0.1, 1.5, 2.3), (2, 3, 3, 1, 1, 0), strict=True):
        assert end_of(0.1, start, 300) == pytest.approx(cosine_valleys.minima[valley][0], abs=1e-9)


def test_the_steps_grow_on_the_flank_and_shrink_towards_the_floor():
    steps = np.abs(np.diff(descend(cosine_valleys, GradientDescent(0.1), [0.1], 7).points[:, 0]))
    assert (np.diff(steps[:3]) > 0).all()
    assert (np.diff(steps[2:]) < 0).all()


def test_on_a_peak_it_stays_and_beside_it_the_distance_doubles():
    on = descend(quadratic((-1.0,)), GradientDescent(0.1), [0.0], 1000).points
    assert not on.any()
    for aside in (1e-3, -1e-3, 1e-8):
        w = PEAKS[2] + aside
        assert (w - 0.1 * curve(w) - PEAKS[2]) / aside == pytest.approx(2.0017, abs=2e-3)
    assert 1 - 0.1 * bend(PEAKS[2]) == pytest.approx(1 + 0.1 * 10.02, abs=5e-4)
    ridge = descend(saddle, GradientDescent(0.1), [[1.0, 3.0], [1.0, 1e-9]], 5).points[..., 1]
    np.testing.assert_allclose(ridge[1:] / ridge[:-1], 1.2, rtol=1e-12)


# ------------------------------------------------------------- 4: rate against curvature
@pytest.mark.parametrize("curvature", [0.3, 1.0, 4.0, 17.0])
def test_the_rows_of_the_table(curvature):
    start = 0.7
    for share, row in ((0.3, "slides"), (1.0, "arrives"), (1.6, "jumps"), (2.0, "for ever")):
        path = [start]
        for _ in range(400):
            path.append((1 - share) * path[-1])
        run = descend(quadratic((curvature,)), GradientDescent(share / curvature), [start], 400)
        t = run.points[:, 0]
        np.testing.assert_allclose(t, path, atol=1e-9)
        assert (t >= 0).all() == (row in ("slides", "arrives"))
        assert (abs(t[-1]) < 1e-9) == (row != "for ever")
        assert abs(t[1]) < 1e-12 or row != "arrives"
    wild = descend(quadratic((curvature,)), GradientDescent(2.1 / curvature), [1e-9], 500).points
    assert (np.diff(np.abs(wild[:, 0])) > 0).all()
    assert abs(wild[-1, 0]) > 1e9


def test_where_the_curvature_is_zero_no_factor_fits():
    quartic = Surface("w⁴", lambda w: w[..., 0] ** 4, lambda w: 4 * w**3, ((-1, 1),), (), (), "")
    t = descend(quartic, GradientDescent(0.1), np.array([0.5]), 2000).points[:, 0]
    factors = t[1:] / t[:-1]
    assert (np.diff(factors) > 0).all()
    assert factors[-1] > 0.999
    assert t[-1] == pytest.approx(1 / math.sqrt(8 * 0.1 * 2000), rel=0.02)


@pytest.mark.parametrize("n", [2, 3, 7])
def test_along_eigenvectors_each_coordinate_has_its_own_factor(n):
    rng = np.random.default_rng(n)
    H, curvatures, Q = bowl(rng, n)
    home, alpha = rng.normal(size=n), 0.17
    surface = Surface("", lambda w: w[..., 0], lambda w: (w - home) @ H, ((0, 1),) * n, (), (), "")
    u = (descend(surface, GradientDescent(alpha), rng.normal(size=n), 5).points - home) @ Q
    np.testing.assert_allclose(u[1:], u[:-1] * (1 - alpha * curvatures), atol=1e-12)


@pytest.mark.parametrize("n", [2, 5])
def test_every_start_converges_below_the_limit_and_none_with_a_steep_part_above(n):
    rng = np.random.default_rng(n)
    H, curvatures, Q = bowl(rng, n)
    starts = rng.normal(size=(50, n))
    for share in (0.05, 0.5, 0.97, 1.03):
        M = np.eye(n) - share * 2 / curvatures[-1] * H
        ends = np.linalg.norm(starts @ np.linalg.matrix_power(M, 2000), axis=1)
        assert (ends < 1e-6).all() if share < 1 else (ends > 1).all()
    factors = 1 - 1.03 * 2 / curvatures[-1] * curvatures
    without = np.where(np.abs(factors) > 1, 0, starts @ Q)  # no part along what grows
    assert (np.abs(without * factors**2000) < 1e-6).all()


@pytest.mark.parametrize("surface", [cosine_valleys, two_valleys, himmelblau], ids=str)
def test_a_minimum_holds_its_neighbours_below_the_limit_and_loses_them_above(surface):
    rng = np.random.default_rng(2)
    for home in surface.minima:
        near = home + 1e-3 * rng.normal(size=(30, surface.dimension))
        top = limit(surface, home)
        for share, stays in ((0.5, True), (0.97, True), (1.03, False)):
            run = descend(surface, GradientDescent(share * top), near, 300)
            ends = np.linalg.norm(run.points[-1] - home, axis=-1)
            assert (ends < 1e-5).all() if stays else (ends > 0.01).all()


def test_exactly_at_the_limit_the_curve_of_section_1_converges_very_slowly():
    alpha, w, far = 2 / bend(HOME[0]), 0.1, []
    for _ in range(3):
        w = end_of(alpha, w, 3000)
        far.append(abs(w - HOME[0]))
    assert far[0] > far[1] > far[2] > 1e-3


def test_only_the_steep_direction_runs_off_and_its_sign_changes_from_the_inverse_curvature_on():
    for alpha in (0.12, 0.13, 0.2, 0.24, 0.26, 0.9, 1.2):
        w1, w2 = descend(quadratic((1.0, 8.0)), GradientDescent(alpha), [1.8, 0.8], 60).points.T
        assert (w2[1] < 0) == (alpha > 1 / 8)
        assert (abs(w2[-1]) > 0.8) == (alpha > 0.25)
        assert abs(w1[-1]) < 1e-3
    assert not descend(quadratic((1.0, 1.0)), GradientDescent(1.0), [1.8, 0.8], 1).points[-1].any()


@pytest.mark.parametrize("kappa", [2, 10, 100, 1000])
def test_no_constant_rate_is_better_in_the_worst_case(kappa):
    alphas = np.linspace(0.001, 2.2, 20_001) / (1 + kappa)
    alphas = np.append(alphas, 2 / (1 + kappa))
    larger = np.maximum(np.abs(1 - alphas), np.abs(1 - alphas * kappa))
    assert larger.min() == pytest.approx((kappa - 1) / (kappa + 1), abs=1e-12)
    assert larger.argmin() == len(alphas) - 1
    steps = math.log(0.01) / math.log(larger.min())
    assert steps == pytest.approx(kappa * math.log(100) / 2, rel=0.1)
    for start in np.random.default_rng(3).normal(size=(5, 2)):  # with two parameters all take it
        t = math.ceil(steps)
        far = [np.linalg.norm(start * larger.min() ** k) for k in (0, t - 1, t)]
        assert far[2] <= far[0] / 100 < far[1]


@pytest.mark.parametrize("kappa", [10, 100, 1000])
def test_a_start_on_an_eigenvector_and_rates_that_change_need_few_steps(kappa):
    bowl = quadratic((1.0, float(kappa)))
    for start, alpha in (([1.0, 0.0], 1.0), ([0.0, 1.0], 1 / kappa)):
        assert not np.round(descend(bowl, GradientDescent(alpha), start, 1).points[-1], 12).any()
    w = np.random.default_rng(kappa).normal(size=(20, 2))
    for alpha in (1 / kappa, 1.0):
        w = w - alpha * bowl.gradient(w)
    np.testing.assert_allclose(w, 0, atol=1e-10)


def test_off_the_axes_rounding_supplies_the_part_that_grows():
    along = np.array([math.cos(0.5), math.sin(0.5)])
    for curvatures, alpha in (((1.0, 8.0), 0.3), ((1.0, -1.0), 0.2)):
        askew, axes = quadratic(curvatures, angle=0.5), quadratic(curvatures)
        path = descend(askew, GradientDescent(alpha), 1.6 * along, 300).points
        far = np.linalg.norm(path, axis=1)
        assert far.min() < 1e-6
        assert far[-1] > 1e6
        assert (
            np.abs(descend(axes, GradientDescent(alpha), [1.6, 0.0], 300).points[-1]).max() < 1e-9
        )


def test_rounding_may_keep_a_run_on_its_line():
    angle = math.atan(0.5)
    along = np.array([math.cos(angle), math.sin(angle)])
    for curvatures, alpha in (((1.0, 8.0), 0.3), ((1.0, -1.0), 0.2)):
        askew = quadratic(curvatures, angle=angle)
        path = descend(askew, GradientDescent(alpha), along, 900).points
        assert np.abs(path[-1]).max() < 1e-80


# -------------------------------------------------------------- what too large a rate does
def test_a_run_may_leave_for_a_minimum_that_holds_it():
    narrow = max(two_valleys.minima, key=lambda home: home[0])
    assert limit(two_valleys, narrow) < 0.5
    end = descend(two_valleys, GradientDescent(0.5), [1.5, 1.0], 3000).points[-1]
    assert end[0] < 0
    assert np.abs(two_valleys.gradient(end)).max() < 1e-9


def test_the_end_of_a_run_settles_doubles_and_stops_repeating():
    alphas = np.array([0.1, 0.2, 0.21, 0.25, 0.3, 0.32, 0.33, 0.35, 0.39, 0.42])
    rates = np.broadcast_to(alphas[:, None, None], (10, 4, 1))
    starts = np.broadcast_to([[0.1], [0.4], [1.5], [1.9]], (10, 4, 1))
    runs = descend(cosine_valleys, GradientDescent(rates), starts, 4000).points
    wanted = [1, 1, 2, 2, 2, 4, 8, 0, 2, 0]
    assert (period(runs) == np.array(wanted)[:, None]).all()
    inside = (runs > PEAKS[2]) & (runs < PEAKS[3])
    assert inside.all()
    assert (np.sort(runs[-2:, 2, 0, 0]).round(4) == [0.9057, 1.14]).all()


@pytest.mark.parametrize(
    ("alpha", "chaotic"),
    [(0.2, False), (0.33, False), (0.35, True), (0.39, False), (0.42, True), (0.5, True)],
)
def test_a_run_that_does_not_repeat_is_chaotic(alpha, chaotic):
    w, stretch = 0.1, []
    for _ in range(6000):
        stretch.append(math.log(abs(1 - alpha * bend(w))))
        w -= alpha * curve(w)
    assert (np.mean(stretch[1000:]) > 0.1) == chaotic
    assert chaotic or np.mean(stretch[1000:]) < -0.01


def test_with_a_still_larger_rate_runs_leave_the_valley():
    for alpha in (0.21, 0.35, 0.43, 0.45, 0.5, 0.6):
        for start in (0.1, 0.5, 1.5):
            path = [start]
            for _ in range(500):
                path.append(path[-1] - alpha * curve(path[-1]))
            left = min(path) < PEAKS[2] or max(path) > PEAKS[3]
            assert left == (alpha > 0.44)


def test_no_step_leads_out_of_the_interval_and_far_out_it_diverges():
    w = np.linspace(-6, 6, 40_001)[:, None]
    for alpha in (0.01, *np.linspace(0.05, 0.6, 12)):
        assert np.abs(w - alpha * cosine_valleys.gradient(w)).max() < 6
    for alpha in (0.21, 0.45, 0.6):
        edge = math.sqrt(2 / (0.016 * alpha))  # there w − 0.016 α w³ = −w
        rate = GradientDescent(alpha)
        assert descend(cosine_valleys, rate, [1.05 * edge], 100).diverged
        assert not descend(cosine_valleys, rate, [[0.95 * edge], [6.0]], 1000).diverged.any()
    steepest = np.abs(cosine_valleys.gradient(w)).max()
    run = descend(cosine_valleys, GradientDescent(0.5), [0.1], 2000).points
    assert np.abs(np.diff(run, axis=0)).max() <= 0.5 * steepest


def test_on_the_parabola_it_diverges():
    t = np.abs(descend(quadratic((9.7474,)), GradientDescent(0.21), [0.1], 400).points[:, 0])
    assert (np.diff(t) > 0).all()
    assert t[-1] > 1e6


def test_period_refuses_runs_that_are_too_short_and_takes_those_that_diverged():
    with pytest.raises(ValueError, match="with T\\+1 >= 128"):
        period(np.zeros((100, 1)))
    with pytest.raises(ValueError, match="must have shape"):
        period(np.zeros(300))
    run = descend(quadratic((1.0,)), GradientDescent(3.0), [[1.0], [0.0]], 3000)
    assert period(run.points).tolist() == [0, 1]
    assert period(np.tile([[0.0], [1.0], [2.0]], (50, 1))) == 3


# ------------------------------------------------------------------------------ 5: basins
def test_no_run_from_the_picture_crosses_the_watershed():
    (w1, _), *_ = two_valleys.saddles
    grid = np.stack(np.meshgrid(np.linspace(-1.8, 1.8, 1001), np.linspace(-2, 2, 5)), axis=-1)
    moved = grid - 0.1 * two_valleys.gradient(grid)
    assert (np.sign(moved[..., 0] - w1) == np.sign(grid[..., 0] - w1)).all()
    assert two_valleys.gradient([w1, 1.7])[0] == pytest.approx(0, abs=1e-12)
    for aside in (1e-6, 1e-9):
        ends = descend(two_valleys, GradientDescent(0.1), [[w1 - aside, 1], [w1 + aside, 1]], 400)
        assert np.sign(ends.points[-1, :, 0]).tolist() == [-1, 1]


def test_the_basin_turns_grey_whose_minimum_holds_no_run():
    limits = [limit(himmelblau, home) for home in himmelblau.minima]
    held = {i for i, top in enumerate(limits) if top > 0.018}
    assert set(np.unique(basin_owner("Himmelblau", 0.018, 60, 40)).tolist()) == {-1, *held}
    assert len(held) == 3
    # without the cause: just below that limit nothing is grey
    assert set(np.unique(basin_owner("Himmelblau", 0.0145, 150, 40)).tolist()) == {0, 1, 2, 3}
    assert inspect.signature(basin_owner).parameters["count"].default == 120


@pytest.mark.parametrize("count", [36, 41])
def test_on_himmelblau_one_start_in_eight_settles_in_another_basin(count):
    axis = np.linspace(-5, 5, count)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)

    def home(alpha, steps):
        w = grid
        for _ in range(steps):
            w = w - alpha * himmelblau.gradient(w)
        distance = np.linalg.norm(w[:, None] - np.array(himmelblau.minima), axis=-1)
        return np.where(distance.min(axis=1) < 0.01, distance.argmin(axis=1), -1)

    slow, fast, faster = home(0.001, 1500), home(0.01, 300), home(0.018, 300)
    assert (slow >= 0).all()
    assert (fast != slow).mean() < 0.01
    assert 0.1 < ((faster != slow) & (faster >= 0)).mean() < 0.15


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.19])
def test_on_the_curve_every_start_stays_in_its_valley(alpha):
    grid = np.linspace(-6, 6, 997)
    ends = descend(cosine_valleys, GradientDescent(alpha), grid[:, None], 600).points[-1, :, 0]
    own = np.array(VALLEYS)[np.searchsorted(PEAKS, grid)]
    assert np.abs(ends - own).max() < 1e-6


# --------------------------------------------------------------------- 6: critical points
def test_a_zero_eigenvalue_leaves_it_open():
    w = np.linspace(-0.1, 0.1, 101)
    assert (w**4 >= 0).all()
    assert (-(w**4) <= 0).all()
    assert np.sign((w**3)[[0, -1]]).tolist() == [-1, 1]


def test_along_an_eigenvector_the_loss_changes_by_half_the_eigenvalue():
    for point in (*two_valleys.minima, *two_valleys.saddles, *himmelblau.maxima):
        surface = himmelblau if point in himmelblau.maxima else two_valleys
        values, Q = np.linalg.eigh(numeric_hessian(surface.gradient, point))
        for value, q in zip(values, Q.T, strict=True):
            change = surface.value(point + 1e-3 * q) - surface.value(point)
            assert change == pytest.approx(0.5 * value * 1e-6, rel=0.02)


def test_into_a_saddle_along_its_line_and_off_it_at_a_nudge():
    run = descend(quadratic((1.0, -1.0)), GradientDescent(0.2), [1.6, 0.0], 3000).points
    assert not run[:, 1].any()
    np.testing.assert_allclose(run[1:50, 0] / run[:49, 0], 0.8, rtol=1e-12)
    nudged = descend(quadratic((1.0, -1.0)), GradientDescent(0.2), [1.6, 1e-6], 50).points[:, 1]
    np.testing.assert_allclose(nudged[1:] / nudged[:-1], 1.2, rtol=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_dimension_divides_the_share_of_minima_by_more(seed):
    rng, shares = np.random.default_rng(seed), []
    for n in (1, 2, 3, 4):
        A = rng.standard_normal((40_000, n, n))
        shares.append((np.linalg.eigvalsh(A + A.transpose(0, 2, 1))[:, 0] > 0).mean())
    drops = np.array(shares[:-1]) / shares[1:]
    assert (np.diff(drops) > 0).all()


# ------------------------------------------------------------------------ 7: often said
DATA = moons(200, rng=np.random.default_rng(0))


def trained(network, steps, alpha=0.5):
    how = {"epochs": steps, "batch_size": 200, "rng": np.random.default_rng(2)}
    return train(network, DATA, half_squared_error, GradientDescent(alpha), **how).network


def loss_and_gradient(network):
    out = forward(network, DATA.X)
    g = backward(network, out, half_squared_error, DATA.Y).vector
    return float(half_squared_error(DATA.Y, out.output)), g


@pytest.mark.parametrize("width", [5, 100, 400])
def test_a_network_of_any_width_has_a_bad_minimum(width):
    rng = np.random.default_rng(width)
    hidden, output = mlp((2, width, 1), relu, rng, output_activation=identity).layers
    off = replace(hidden, b=np.full(width, -50.0)), replace(output, b=DATA.Y.mean(axis=0))
    network = Network(off)
    assert (forward(network, DATA.X).z[0] < 0).all()
    loss, g = loss_and_gradient(network)
    assert loss == pytest.approx(0.125)
    assert np.abs(g).max() < 1e-12
    for _ in range(100):
        near = network.with_parameters(network.parameters + 0.1 * rng.normal(size=network.size))
        assert loss_and_gradient(near)[0] >= loss - 1e-12


def test_training_is_stopped_before_it_comes_to_rest():
    longer = []
    for seed in (1, 3):
        start = mlp((2, 8, 1), tanh, np.random.default_rng(seed))
        runs = [trained(start, 100)]
        runs += [trained(runs[-1], 400)]
        runs += [trained(runs[-1], 500)]
        losses, lengths = zip(
            *((loss, np.linalg.norm(g)) for loss, g in map(loss_and_gradient, runs)), strict=True
        )
        assert losses[2] < 0.7 * losses[1]
        assert lengths[2] > 1e-3
        longer.append(lengths[1] > lengths[0])
    assert longer == [True, False]


def test_units_that_are_alike_stay_alike_and_any_difference_parts_them():
    rng = np.random.default_rng(5)
    hidden, output = mlp((2, 4, 1), tanh, rng).layers
    W, b, V = hidden.W.copy(), np.zeros(4), output.W.copy()
    W[1], V[:, 1] = W[0], V[:, 0]  # a pair, among units that differ

    def apart(W, b, V):
        layers = replace(hidden, W=W, b=b), replace(output, W=V)
        first = trained(Network(layers), 100).layers[0]
        return max(np.abs(first.W[0] - first.W[1]).max(), abs(first.b[0] - first.b[1]))

    assert apart(W, b, V) < 1e-9
    for change in ("W", "b", "V"):
        new = {"W": W.copy(), "b": b.copy(), "V": V.copy()}
        new[change][(0, 1) if change == "V" else 1] += 0.3
        assert apart(**new) > 0.05


def test_mirror_images_stay_mirror_images():
    hidden, output = mlp((2, 4, 1), tanh, np.random.default_rng(5)).layers
    W, b, V = hidden.W.copy(), np.array([0.3, -0.3, 0.1, 0.2]), output.W.copy()
    W[1], V[:, 1] = -W[0], -V[:, 0]
    layers = replace(hidden, W=W, b=b), replace(output, W=V)
    first, last = trained(Network(layers), 100).layers
    assert np.abs(first.W - W).max() > 0.05
    assert np.abs(first.W[0] + first.W[1]).max() < 1e-9
    assert abs(first.b[0] + first.b[1]) < 1e-9
    assert np.abs(last.W[:, 0] + last.W[:, 1]).max() < 1e-9


def test_a_layer_of_like_units_is_one_unit():
    rng = np.random.default_rng(6)
    single = mlp((2, 1, 1), tanh, rng)
    hidden, output = single.layers
    eight = Network(
        (
            replace(hidden, W=np.tile(hidden.W, (8, 1)), b=np.tile(hidden.b, 8)),
            replace(output, W=np.tile(output.W / 8, (1, 8))),
        )
    )
    np.testing.assert_allclose(
        forward(eight, DATA.X).output, forward(single, DATA.X).output, atol=1e-12
    )


def test_a_constant_changes_no_step():
    shifted = replace(himmelblau, value=lambda theta: himmelblau.value(theta) + 7)
    a, b = (descend(s, GradientDescent(0.01), [1.0, 1.0], 50) for s in (himmelblau, shifted))
    assert np.array_equal(a.points, b.points)


# ------------------------------------------------------------------------------ 8: the bug
def test_the_broadcast_fit_is_a_constant_for_any_data():
    rng = np.random.default_rng(7)
    for w_true, b_true in ((2, 1), (-3, 0.5), (0.4, -2)):
        x = rng.uniform(-1, 1, size=(30, 1))
        y = (w_true * x + b_true).ravel()
        residuals = x * 0 - y
        assert residuals.shape == (30, 30)
        # normal equations of all pairs (xᵢ, yⱼ)
        A = np.column_stack([np.repeat(x, 30), np.ones(900)])
        w, b = np.linalg.lstsq(A, np.tile(y, 30), rcond=None)[0]
        assert w == pytest.approx(0, abs=1e-9)
        assert b == pytest.approx(y.mean())
        with pytest.raises(ValueError, match="must have equal shapes"):
            mse(y, w_true * x + b_true)
        says = lesson.witnesses(x, y)
        assert "residuals: (30, 30)" in says
        assert "refuses: " in says
        grid_w, grid_b = w_true + np.array([-1.0, 0.0, 2.0]), b_true + np.array([0.0, 1.0])
        losses = lesson.loss_map(x, y, grid_w, grid_b)
        square = np.mean(x**2)
        np.testing.assert_allclose(losses[0], [square, 0, 4 * square], atol=1e-12)
        assert losses[1, 1] == pytest.approx(1)


# ------------------------------------------------------------------------------ questions
def questions():
    asked = [f() for name, f in sorted(vars(lesson).items()) if name.startswith("ask_")]
    return [*asked, welcome.ask_a_first_question()]


def test_every_question_has_a_key_of_its_own_and_the_letters_are_spread():
    asked = questions()
    assert len({q.key for q in asked}) == len(asked) == 8
    assert all(q.key.startswith(("02/", "00/")) for q in asked)
    letters = Counter(q.answer for q in asked if q.kind == "choice" and q.key.startswith("02"))
    assert max(letters.values()) <= sum(letters.values()) / 2
    assert len(letters) >= 3
    assert all(isinstance(q, Predict) and q.reason for q in asked)


def test_the_limit_that_the_question_names():
    prompt = lesson.ask_a_little_above().question["prompt"]
    assert f"2/L″ = {2 / bend(HOME[0]):.4f}" in prompt


def test_the_reason_for_a_rate_a_little_above_holds():
    assert 1 - 0.21 * bend(HOME[0]) == pytest.approx(-1.05, abs=5e-3)
    for side in (-1, 1):  # a jump is shorter and shorter beside the distance
        away = np.array([0.02, 0.05, 0.118, 0.2, 0.3, 0.5])
        shares = [0.21 * abs(curve(HOME[0] + side * d)) / d for d in away]
        assert (np.diff(shares) < 0).all()
        assert shares[0] > 2 > shares[-1]
    reason = lesson.ask_a_little_above().reason
    low, high = sorted((end_of(0.21, 0.1, 1000), end_of(0.21, 0.1, 1001)))
    assert f"{low:.4f} and {high:.4f}" in reason


def test_a_step_to_the_right_lowers_the_loss_of_the_first_question():
    slope = curve(0.5)
    assert slope < 0
    for step in (1e-4, 1e-2, 0.1):
        assert cosine_valleys.value([0.5 + step]) < cosine_valleys.value([0.5])
        assert cosine_valleys.value([0.5 - step]) > cosine_valleys.value([0.5])
