"""Lesson 6: its explorers at every extreme, the answers of its questions, its published numbers."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from course.activations import identity
from course.counterexamples import play, rare_features, reddi_slopes
from course.descent import descend, train
from course.effective import parts
from course.explorers import adaptive_learning_rates as lesson
from course.explorers.adaptive_learning_rates import race, sensitivity
from course.explorers.adaptive_learning_rates.arenas import (
    AGAIN,
    ARENAS,
    VALLEY,
    diverges,
    gap,
    reached,
    surface_of,
    sweep,
    verdict,
)
from course.explorers.adaptive_learning_rates.linear_game import regret_of_worst
from course.explorers.adaptive_learning_rates.looks import (
    KINDS,
    NAMES,
    legend,
    log10,
    look,
    signed,
)
from course.explorers.controls import Slider
from course.losses import half_squared_error
from course.momentum import best_momentum, momentum_matrix, nesterov_matrix, spectral_radius
from course.network import forward, mlp
from course.optimizers import (
    RULES,
    AdaGrad,
    Adam,
    AMSGrad,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    Rule,
)
from course.schedules import InverseSquareRoot
from course.surfaces import quadratic
from course.turning import turn

EXPLORERS = [
    lesson.MomentumPlane,
    lesson.Correction,
    lesson.Race,
    lesson.Sensitivity,
    lesson.LinearGame,
]
every_explorer = pytest.mark.parametrize("explorer", EXPLORERS, ids=lambda e: e.__name__)


def extremes(explorer):
    """Return each combination of the lowest and the highest value of the controls."""
    choices = [
        (dial.low, dial.high)
        if isinstance(dial, Slider)
        else getattr(dial, "options", (False, True))
        for dial in explorer.dials
    ]
    names = [dial.name for dial in explorer.dials]
    everything = [dict(zip(names, v, strict=True)) for v in itertools.product(*choices)]
    # about a hundred; an odd stride meets both ends of every control
    return everything[:: (len(everything) // 100) | 1]


def shows_something_true(one):
    assert one.alert == ""
    assert one.summary
    words = one.text.lower()
    assert "nan" not in words
    assert "inf" not in words
    assert len(one.buffer) < 64_000
    assert any(np.isfinite(mark.data).any() for mark in one._view.marks)


@every_explorer
def test_every_extreme_shows_something_true(explorer):
    one = explorer()
    for values in extremes(explorer):
        one.value = values
        shows_something_true(one)


@every_explorer
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_saved_picture_is_drawn_in_both_themes(explorer, theme):
    assert explorer().picture(theme)


@every_explorer
def test_reset_comes_home(explorer):
    one = explorer()
    home, text = one.value, one.text
    one.value = extremes(explorer)[-1]
    one.react({"type": "reset"})
    assert one.value == home
    assert one.text == text


@every_explorer
def test_every_handle_moves_by_mouse_and_by_keys(explorer):
    for grip in explorer.grips:
        one = explorer()
        panel = next(p for p in one._drawn("light")[1] if p["name"] == grip.panel)
        x, y = (0.7 * low + 0.3 * high for low, high in (panel["xlim"], panel["ylim"]))
        before = one.value
        one.react({"type": "drag", "name": grip.name, "x": x, "y": y})
        assert one.value != before
        (handle,) = (h for h in one.handles if h["name"] == grip.name)
        if grip.x:
            assert handle["x"] == pytest.approx(x, abs=0.01 * (panel["xlim"][1] - panel["xlim"][0]))
        if grip.y:
            assert handle["y"] == pytest.approx(y, abs=0.01 * (panel["ylim"][1] - panel["ylim"][0]))
        before = one.value
        step = {"dx": -1, "dy": 0} if grip.x else {"dx": 0, "dy": 1}
        one.react({"type": "nudge", "name": grip.name, **step})
        assert one.value != before


# ------------------------------------------------------------------ momentum on the plane
def test_the_star_is_the_best_place():
    alpha, beta, factor = best_momentum(1.0, 50.0)
    one = lesson.MomentumPlane(kappa=50.0, scaled=round(50 * alpha, 2), beta=round(beta, 2))
    assert one.record.factors.max() == pytest.approx(factor, abs=0.1)
    assert one.record.factors.max() < one.record.plain_factor - 0.05
    one.value = {"beta": 0.0, "scaled": 2 * 50 / 51}
    assert one.record.factors.max() == pytest.approx(49 / 51, abs=1e-3)
    one.value = {"scaled": 3.0}
    assert "diverges" in one.summary


@pytest.mark.parametrize("rule", ["momentum", "Nesterov"])
def test_the_star_is_named_where_it_is_drawn(rule):
    one = lesson.MomentumPlane(rule=rule)
    assert "Momentum’s best" in one.summary
    drawn = any(mark.shape == "star" for mark in one._view.marks)
    assert ("(star)" in one.summary) == drawn == (rule == "momentum")


@pytest.mark.parametrize("rule", ["momentum", "Nesterov"])
def test_the_run_follows_the_promised_factor(rule):
    one = lesson.MomentumPlane(rule=rule, kappa=20.0, scaled=0.8, beta=0.6)
    distance = np.linalg.norm(one.record.run.points, axis=-1)
    pace = (distance[100] / distance[60]) ** (1 / 40)
    assert pace == pytest.approx(one.record.factors.max(), abs=0.02)


# ------------------------------------------------------------------------ bias correction
def test_the_corrected_average_is_right_from_the_first_step():
    one = lesson.Correction()
    r = one.record
    np.testing.assert_allclose(r.m[1:], 1 - 0.9 ** np.arange(1, 101), rtol=1e-12)
    np.testing.assert_allclose(r.m_hat[1:], 1, rtol=1e-12)
    np.testing.assert_allclose(r.corrected[1:], 1, rtol=1e-7)
    assert r.raw[1] == pytest.approx(0.1 / np.sqrt(0.001))
    assert one.line(0).startswith("step 0   g = –   m = 0.0000")
    one.value = {"beta1": 0.0, "forget": 0.1}  # RMSProp with γ = 0.9
    assert one.record.raw[1] == pytest.approx(1 / np.sqrt(0.1))


def test_the_window_is_a_handle():
    one = lesson.Correction()
    one.react({"type": "drag", "name": "window", "x": 20.0, "y": 0.0})
    assert one.value["beta1"] == pytest.approx(0.95)
    one.react({"type": "drag", "name": "window", "x": -1.0, "y": 0.0})
    assert one.value["beta1"] == 0.0


# --------------------------------------------------------------------------------- race
def test_who_turns_along():
    for angle in (15, 45, 75):
        departure = lesson.Race(angle=angle).record.departure
        for kind in (GradientDescent, Momentum, Nesterov):
            assert departure[kind] < 1e-12
        for kind in (AdaGrad, RMSProp, Adam, AMSGrad):
            assert departure[kind] > 0.3
    assert max(lesson.Race(angle=90).record.departure.values()) < 1e-9


def test_rounding_is_not_taken_for_a_departure():
    """A quarter turn swaps the coordinates, so nobody may seem to notice, however chaotic."""
    one = lesson.Race(angle=90)
    for surface, factor in itertools.product(ARENAS, (0.1, 1.0, 2.0, 3.0, 5.0, 10.0)):
        one.value = {"surface": surface, "factor": factor}
        assert "departs" not in one.summary, (surface, factor)
    one.value = {"angle": 45}
    for surface, factor in itertools.product(ARENAS, (1.0, 1.5, 2.0, 5.0)):
        one.value = {"surface": surface, "factor": factor}
        departs = one.summary.partition("departs")[2].partition("last bits")[0]
        assert not any(name in departs for name in ("gradient descent", "momentum", "Nesterov"))


def test_where_last_bits_decide_it_says_so():
    one = lesson.Race(surface="two valleys", angle=45, factor=1.5)
    assert "last bits decide (a chaotic run) for gradient descent" in one.summary
    one = lesson.Race(angle=90, factor=3.0)
    assert "Diverges: gradient descent and Nesterov." in one.summary
    assert "last bits" not in one.summary


def test_another_surface_brings_its_own_start():
    one = lesson.Race(surface="Rosenbrock")
    assert (one.value["u1"], one.value["u2"]) == ARENAS["Rosenbrock"].start
    one.value = {"surface": "Beale"}
    assert (one.value["u1"], one.value["u2"]) == ARENAS["Beale"].start
    one.value = {"u1": 1.0}
    one.value = {"kappa": 10.0}
    assert one.value["u1"] == 1.0


@pytest.mark.parametrize("angle", [0, 30, 45, 90])
@pytest.mark.parametrize("surface", ARENAS)
def test_keys_keep_the_start_on_the_map(surface, angle):
    one = lesson.Race(surface=surface, angle=angle)
    reach = ARENAS[surface].reach
    for side, (dx, dy) in itertools.product((1, -1), ((1e9, 0), (0, 1e9))):
        before = (one.handles[0]["x"], one.handles[0]["y"])
        one.react({"type": "nudge", "name": "start", "dx": side * dx, "dy": side * dy})
        wanted = (side * reach, before[1]) if dx else (before[0], side * reach)
        assert (one.handles[0]["x"], one.handles[0]["y"]) == pytest.approx(wanted, abs=0.006)
        assert one.alert == ""


def test_the_mouse_takes_the_start_to_the_corner_of_the_largest_map():
    one = lesson.Race(surface="Himmelblau", angle=45)
    for far in (5.0, 99.0):
        one.react({"type": "drag", "name": "start", "x": -far, "y": far})
        assert (one.handles[0]["x"], one.handles[0]["y"]) == pytest.approx((-5.0, 5.0))


def test_the_start_turns_with_the_surface():
    one = lesson.Race(angle=90)
    (handle,) = one.handles
    assert (handle["x"], handle["y"]) == pytest.approx((-1.0, -1.8))
    one.react({"type": "nudge", "name": "start", "dx": 1, "dy": 0})
    (handle,) = one.handles
    assert (handle["x"], handle["y"]) == pytest.approx((-0.95, -1.8))


@pytest.mark.parametrize("name", ARENAS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_tuned_rate_is_the_best_of_the_grid_and_keeps_what_it_reached(name, kind):
    arena, flat = ARENAS[name], surface_of(name, 30.0)
    alpha = race.tuned(name, 30.0, 0)[kind]
    own, *others = (
        np.nan_to_num(gap(descend(flat, kind(rate), arena.start, 400), flat)[91:], nan=np.inf).max()
        for rate in (alpha, *race.RATES[::10])
    )
    assert own <= max(min(others), 1e-8)
    assert own < gap(descend(flat, kind(alpha), arena.start, 0), flat)[0]


def test_the_race_is_tuned_as_it_lies():
    at = {angle: race.tuned(VALLEY, 30.0, angle) for angle in (0, 45, 90)}
    for kind in (GradientDescent, Momentum, Nesterov):
        assert len({rates[kind] for rates in at.values()}) == 1
    assert at[0] == at[90]
    assert at[45][Adam] / at[0][Adam] == pytest.approx(2.2, abs=0.1)
    assert at[45][AMSGrad] / at[0][AMSGrad] == pytest.approx(5, abs=0.1)
    lying = {angle: lesson.Race(angle=angle).record.gaps for angle in (0, 45)}
    high = {angle: {k: gaps[k][-10:].max() for k in KINDS} for angle, gaps in lying.items()}
    assert high[0][AdaGrad] < 1e-8
    assert high[45][AdaGrad] == pytest.approx(4e-4, rel=0.2)
    assert high[45][RMSProp] / high[0][RMSProp] == pytest.approx(3, abs=1)
    assert high[45][Adam] / high[0][Adam] == pytest.approx(1.3, abs=0.1)
    assert high[45][AMSGrad] / high[0][AMSGrad] == pytest.approx(2.2, abs=0.1)


def test_a_dip_that_is_passed_by_wins_nothing():
    """RMSProp with α = 0.0347 stands at 10⁻¹³ after 100 steps, and at 0.05 a little later."""
    flat = surface_of(VALLEY, 30.0)
    gaps = gap(descend(flat, RMSProp(10**-1.45), ARENAS[VALLEY].start, 400), flat)
    assert gaps[91:101].max() < 1e-10 < 0.04 < reached(gaps, 100)
    assert race.tuned(VALLEY, 30.0, 0)[RMSProp] == pytest.approx(0.02, rel=0.01)


def test_turning_the_valley_brings_the_scales_together():
    for name in ("AdaGrad", "RMSProp", "Adam", "AMSGrad"):
        scale = {a: lesson.Race(angle=a, watch=name).record.parts.scale[0] for a in (0, 45)}
        assert scale[0][1] / scale[0][0] == pytest.approx(30 / 1.8)
        assert scale[45][1] / scale[45][0] == pytest.approx(28.2 / 31.8)


def test_a_full_matrix_turns_along():
    """AdaGrad's other form: G ← G + g gᵀ, θ ← θ − α G^(−½) g."""
    ends = []
    for angle in (0.0, 0.6):
        cos, sin = np.cos(angle), np.sin(angle)
        R = np.array([[cos, -sin], [sin, cos]])
        surface, theta, G = quadratic((1.0, 30.0), angle), R @ (-1.8, 1.0), np.zeros((2, 2))
        for _ in range(30):
            g = surface.gradient(theta)
            G = G + np.outer(g, g)
            values, vectors = np.linalg.eigh(G + 1e-12 * np.eye(2))
            theta = theta - 0.5 * vectors @ ((vectors.T @ g) / np.sqrt(values))
        ends.append(R.T @ theta)
    np.testing.assert_allclose(*ends, rtol=1e-6)


def test_the_bars_are_the_parts_of_the_step():
    one = lesson.Race(watch="RMSProp")
    p, path = one.record.parts, one.record.paths[RMSProp]
    np.testing.assert_allclose(-p.rate * p.direction, np.diff(path, axis=0), rtol=1e-9)
    bars = [mark for mark in one._view.marks if mark.kind == "bars"]
    assert [mark.data.shape for mark in bars] == [(101, 5, 4)] * 2
    top = bars[1].data[7, 2, 3]  # step 7, scale, w₂
    assert top == pytest.approx(np.log10(p.scale[6, 1]))


def test_a_new_rule_has_a_look():
    class Sign(Rule):
        pass

    assert look(Sign) == ("Sign", "muted", True, "cross")
    assert set(NAMES.values()) == set(RULES)
    assert len(legend(KINDS, [""] * len(KINDS))) == 4 * len(KINDS)


# -------------------------------------------------------------------------- sensitivity
def test_the_sweep_is_that_of_single_runs():
    one = lesson.Sensitivity(steps=50, learning_rate=0.1)
    for kind in (GradientDescent, Adam):
        run = descend(quadratic((1.0, 30.0)), kind(one.record.alpha), (-1.8, 1.0), 200)
        np.testing.assert_allclose(one.record.runs[kind], run.values, rtol=1e-12)
        assert one.record.ends[kind][one.record.at] == one.record.runs[kind][41:].max()
    assert one.record.alpha == pytest.approx(0.1)


def test_the_limit_of_gradient_descent_is_where_theory_says():
    record = lesson.Sensitivity().record
    lost = record.lost(GradientDescent)
    rates = np.array(sensitivity.RATES)
    assert rates[np.argmax(lost)] == pytest.approx(2 / 30, rel=0.05)
    assert rates[record.best[GradientDescent]] == pytest.approx(2 / 31, rel=0.05)
    assert not record.lost(Adam).any()
    assert record.useful(Adam) > record.useful(GradientDescent)


def test_a_tenth_of_the_best_rate_costs_what_the_text_says():
    r = lesson.Sensitivity().record
    best = {kind: (r.ends[kind][r.best[kind]], r.ends[kind][r.best[kind] - 50]) for kind in KINDS}
    costs = {kind: tenth / max(least, 1e-12) for kind, (least, tenth) in best.items()}
    assert costs.pop(Nesterov) == pytest.approx(30, rel=0.3)
    assert min(costs.values()) > 300
    tenfold = {kind: r.ends[kind][r.best[kind] + 50] for kind in KINDS}
    assert min(tenfold.pop(GradientDescent), tenfold.pop(Nesterov)) > 1e6
    assert tenfold.pop(RMSProp) == pytest.approx(0.2, rel=0.2)
    assert max(tenfold.values()) < 2e-3


def test_no_rate_is_good_for_all_seven():
    r = lesson.Sensitivity().record
    good = np.array([r.ends[kind] < r.start / 100 for kind in KINDS])
    assert not good.all(axis=0).any()
    floor = sensitivity.RATES[int(np.argmax(good[KINDS.index(AdaGrad)]))]
    assert floor == pytest.approx(0.1, rel=0.1)
    lost = {kind: sensitivity.RATES[int(np.argmax(r.lost(kind)))] for kind in KINDS}
    assert max(lost[GradientDescent], lost[Nesterov]) < floor


def floors(kappa, degrees):
    """Return how many decades of α bring the loss below a hundredth by step 91 and keep it."""
    flat = surface_of(VALLEY, kappa)
    runs = sweep(VALLEY, kappa, sensitivity.RATES, AGAIN * 100, degrees)
    enough = flat.value(ARENAS[VALLEY].start) / 100
    return {k: (reached(gap(run, flat), 100) < enough).sum() / 50 for k, run in runs.items()}


def test_floors_keep_their_width_along_the_axes_only():
    wide, narrow = floors(1.0, 0), floors(100.0, 0)
    for kind in (GradientDescent, Momentum, Nesterov):
        assert wide[kind] - narrow[kind] == pytest.approx(1.45, abs=0.06)
    for kind in (AdaGrad, RMSProp, Adam, AMSGrad):
        assert abs(wide[kind] - narrow[kind]) < 0.25
    wide, narrow = floors(1.0, 45), floors(100.0, 45)
    for kind in (AdaGrad, RMSProp, Adam, AMSGrad):
        assert 0.4 < wide[kind] - narrow[kind] < 1.05
    assert narrow[RMSProp] < narrow[GradientDescent] + 0.1


def test_the_cursor_is_a_handle_on_a_logarithmic_axis():
    one = lesson.Sensitivity()
    one.react({"type": "drag", "name": "rate", "x": 1.0, "y": 0.0})
    assert one.value["learning_rate"] == pytest.approx(10.0)
    assert "Diverges: gradient descent, momentum and Nesterov." in one.summary
    assert "Ends over ten times above its start: RMSProp." in one.summary


def test_verdicts_and_endings():
    t = np.arange(101.0)
    runs = {"a": np.where(t < 90, 1.0, np.nan), "b": 1.3**t, "c": 0.2 * t, "d": 1 + 0 * t}
    runs["e"] = np.where(t == 99, 1e9, 1.0)  # a jump, and no divergence
    told = verdict(runs, 1.0)
    assert told == "Diverges: a and b. Ends over ten times above its start: c."
    assert not diverges(runs["e"], 1.0)
    assert verdict({"a": np.ones(11)}, 1.0) == ""
    assert reached(np.array([9.0] + [1.0] * 8 + [3.0, 2.0]), 10) == 3.0
    assert reached(np.array([1.0] * 11 + [4.0]), 10) == 4.0
    assert np.isinf(reached(np.array([1.0] * 9 + [np.nan]), 9))
    assert log10(np.array([100.0, 0.0, np.inf]), -3)[:2].tolist() == [2.0, -3.0]
    assert signed("x = -1, self-made") == "x = −1, self-made"


# --------------------------------------------------------------------------- worst point
def test_adam_loses_the_game():
    one = lesson.LinearGame()
    assert "Adam sits at the worst point." in one.summary
    assert one.record[AMSGrad].x[-1] < -0.9
    one.value = {"beta2": "0.999", "rounds": 450}
    assert "Adam sits at the best point." in one.summary
    one.value = {"alpha": 0.02, "beta2": "1/(1 + C²)", "rounds": 150}
    assert "on its way up." in one.summary
    one.value = {"alpha": 2.0, "rate": "α", "beta2": "0.999"}
    assert "jumps to and fro" in one.summary
    one.value = {"alpha": 0.3, "beta2": "1/(1 + C²)"}
    assert "jumps to and fro" in one.summary
    one.value = {"C": 2.1, "beta2": "0.9", "rate": "α/√t", "alpha": 0.01}
    assert "on its way down." in one.summary


def test_a_short_game_ends_where_its_last_cycle_is():
    one = lesson.LinearGame(rounds=30)
    assert "on its way up." in one.summary
    assert "Adam x = 0.67" in one.summary
    words = [text for mark in one._view.marks for text in mark.texts]
    assert "ends at x ≈ 0.67" in words
    one.value = {"rounds": 60}
    assert "Adam sits at the worst point." in one.summary


def test_the_regret_of_the_worst_point():
    assert regret_of_worst(3.0) == pytest.approx(2 / 3)
    assert lesson.LinearGame(rounds=450).record[Adam].regret[-1] == pytest.approx(2 / 3, abs=0.02)


# ------------------------------------------------------------------------------ questions
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (lesson.ask_about_a_steady_slope, 10),
        (lesson.ask_about_adagrad, 2),
        (lesson.ask_about_the_first_step, 0),
        (lesson.ask_about_turning, 3),
        (lesson.ask_about_the_game, 0),
        (lesson.ask_for_the_bug, 3),
    ],
)
def test_answers(question, answer):
    assert question().answer == answer


@pytest.mark.parametrize(("low", "answer"), [(0.955, 0), (0.93, 1), (0.85, 2), (0.1, 3)])
def test_the_answer_about_the_digits_is_that_of_the_measurement(low, answer):
    question = lesson.ask_about_the_digits([0.96, low, 0.96], [0.14, 0.97, 0.65])
    assert question.answer == answer
    assert "With one α for all, 0.01, they differ by more than 80 points" in question.reason


def test_the_valley_is_the_default_arena():
    assert next(iter(ARENAS)) == VALLEY


# ------------------------------------------------------- sentences of the text, computed
def count(rule, kappa, angle=0.0, start=(1.0, 1.0), steps=700):
    begin = turn(start, angle)
    run = descend(quadratic((1.0, kappa), angle), rule, begin, steps)
    distance = np.linalg.norm(run.points, axis=1)
    return int(np.flatnonzero(distance >= distance[0] / 100)[-1] + 1)


def test_no_fixed_pair_has_a_smaller_factor_than_the_best():
    assert best_momentum(1.0, 1.0) == (1.0, 0.0, 0.0)  # a round bowl needs no memory
    for kappa in (10.0, 100.0):
        beta, scaled = np.meshgrid(np.linspace(0, 0.99, 100), np.linspace(0.02, 4, 200))
        lam = np.array([1.0, kappa])
        for matrix, best in (
            (momentum_matrix, best_momentum(1.0, kappa)[2]),
            (nesterov_matrix, 1 - 2 / np.sqrt(3 * kappa + 1)),
        ):
            M = matrix((scaled / kappa)[..., None], beta[..., None], lam)
            least = spectral_radius(M).max(axis=-1).min()
            assert best - 1e-9 <= least <= best + 0.03
        s = np.sqrt(3 * kappa + 1)
        M = nesterov_matrix(4 / s**2, (s - 2) / (s + 2), lam)
        assert spectral_radius(M).max() == pytest.approx(1 - 2 / s, abs=1e-6)


def test_at_the_best_pair_the_matrix_is_defective():
    alpha, beta, r = best_momentum(1.0, 100.0)
    for lam, rho in ((1.0, r), (100.0, -r)):
        N = momentum_matrix(alpha, beta, lam) - rho * np.eye(2)
        np.testing.assert_allclose(N @ N, 0, atol=1e-10)  # Cayley and Hamilton
        assert np.linalg.matrix_rank(N, tol=1e-8) == 1  # one direction of eigenvectors
    assert (count(Momentum(alpha, beta), 100.0), np.round(np.log(100) / -np.log(r))) == (44, 23)


def test_turning_valley_and_start_costs_momentum_nothing():
    for kappa in (10.0, 100.0):
        rules = GradientDescent(2 / (1 + kappa)), Momentum(*best_momentum(1.0, kappa)[:2])
        for rule in rules:
            straight = count(rule, kappa)
            assert count(rule, kappa, angle=np.pi / 6) == straight
            assert count(rule, kappa, start=(10.0, 10.0)) == straight
        assert count(AdaGrad(0.5), kappa) == 8
        assert count(AdaGrad(0.5), kappa, start=(10.0, 10.0)) == 472
        assert count(AdaGrad(0.5), kappa, angle=np.pi / 6) > 50


def test_the_unit_of_the_loss_drops_out_and_that_of_the_parameter_does_not():
    start = np.array([-1.8, 1.0])
    own = descend(quadratic((1.0, 100.0)), AdaGrad(0.5), start, 20).points[-1]
    scaled = descend(quadratic((1e3, 1e5)), AdaGrad(0.5), start, 20).points[-1]
    tenths = descend(quadratic((1.0, 1.0)), AdaGrad(0.5), start * [1, 10], 20).points[-1] / [1, 10]
    np.testing.assert_allclose(own, scaled, rtol=1e-6)
    assert abs(tenths[1]) > 1e4 * abs(own[1])


def test_rmsprop_ends_between_two_points_half_a_step_from_the_bottom():
    for alpha, start in ((0.1, 1.0), (0.03, 0.2), (0.5, -3.0)):
        end = descend(quadratic((2.0,)), RMSProp(alpha), [start], 3000).points[-2:, 0]
        np.testing.assert_allclose(np.sort(end), [-alpha / 2, alpha / 2], rtol=1e-3)


def test_only_rounding_brings_rmsprop_and_adam_to_rest():
    starts, minimum = np.random.default_rng(0).uniform(-2, 2, size=(40, 1)), 3.0
    shifted = replace(
        quadratic((1.3,)),
        value=lambda w: 0.65 * (w[..., 0] - minimum) ** 2,
        gradient=lambda w: 1.3 * (w - minimum),
    )
    for rule in (RMSProp(0.1), Adam(0.1)):
        run = descend(quadratic((1.3,)), rule, starts, 6000).points[-500:]
        assert (np.abs(np.diff(run, axis=0)).max(axis=0) > 0).all()  # near 0 no float is too coarse
        run = descend(shifted, rule, starts, 6000).points[-500:]
        rest = (run == minimum).all(axis=0)
        assert rest.mean() > 0.3


def test_a_large_epsilon_makes_adam_an_averaging_momentum():
    run = descend(quadratic((1.0, 100.0)), Adam(1e6, epsilon=1e9), (-1.8, 1.0), 50)
    theta, m = np.array([-1.8, 1.0]), 0.0
    for t in range(1, 51):
        m = 0.9 * m + 0.1 * np.array([1.0, 100.0]) * theta
        theta = theta - 1e-3 * m / (1 - 0.9**t)
    np.testing.assert_allclose(run.points[-1], theta, rtol=1e-3)


def test_adam_is_quiet_at_step_400_and_rmsprop_keeps_jumping():
    for alpha in (0.06, 0.2, 0.6, 1.0, 3.0, 10.0):
        adam, rms = (
            np.abs(descend(quadratic((1.0, 30.0)), kind(alpha), (-1.8, 1.0), 400).points[-50:])
            for kind in (Adam, RMSProp)
        )
        assert adam.max() < 1e-6
        assert rms.max() == pytest.approx(alpha / 2, rel=0.01)


def test_adam_bursts_out_again():
    valley = quadratic((1.0, 30.0))
    first = []
    for alpha in (0.06, 0.15, 0.3, 1.0, 2.5, 10.0):
        loss = valley.value(descend(valley, Adam(alpha), (-1.8, 1.0), 10_000).points)
        assert loss[350:401].max() < 1e-9
        assert loss[1000:].max() > 0.03
        first.append(400 + int(np.argmax(loss[400:] > 1e-3 * alpha**2)))
    assert 1000 < min(first) <= max(first) < 9000
    assert first[:5] == sorted(first[:5], reverse=True)  # and alpha = 10 is an exception
    assert first[5] > first[4]


def test_the_ratio_of_the_rates_hangs_on_the_start():
    for kind in (AdaGrad, RMSProp, Adam, AMSGrad):
        rate = parts(descend(quadratic((1.0, 100.0)), kind(0.01), (-1.8, 1.0), 40)).rate[-1]
        assert 40 < rate[0] / rate[1] < 60
        for alpha, w2 in itertools.product((0.01, 1.0), (0.1, 0.019, 0.017, 0.001)):
            rate = parts(descend(quadratic((1.0, 100.0)), kind(alpha), (-1.8, w2), 1)).rate[0]
            assert (rate[1] > rate[0]) == (100 * w2 < 1.8)


def test_two_floors_run_on_past_the_axis():
    r, flat = lesson.Sensitivity().record, surface_of(VALLEY, 30.0)
    on = [kind for kind in KINDS if r.ends[kind][-1] < r.start / 100]
    assert on == [AdaGrad, Adam]
    alphas = np.logspace(0, 5, 51)[:, None]
    run = descend(flat, AdaGrad(alphas), np.tile(ARENAS[VALLEY].start, (51, 1)), 400)
    assert reached(gap(run, flat), 100).max() < r.start / 100


def test_outside_the_interval_the_larger_size_exceeds_the_root():
    for scaled in (0.005, 3.6, 3.7):
        values = np.linalg.eigvals(momentum_matrix(scaled, 0.8, 1.0))
        assert np.isreal(values).all()
        assert np.abs(values).max() > np.sqrt(0.8)


def test_even_a_tuned_adagrad_is_behind_across_the_axes():
    for kappa, descent in ((10.0, 23), (30.0, 70), (100.0, 231)):
        counts = [count(AdaGrad(a), kappa, angle=np.pi / 6) for a in np.geomspace(0.1, 10, 41)]
        assert descent < min(counts)
        assert min(counts) == pytest.approx(
            count(AdaGrad(0.5), kappa, angle=np.pi / 6) / 2, rel=0.1
        )


def test_a_tuned_adagrad_is_ahead_near_the_axes_and_on_the_floor():
    for kappa, descent in ((30.0, 70), (100.0, 231)):
        for degrees, start in ((15, (1.0, 1.0)), (30, (1.0, 0.0)), (45, (1.0, 0.0))):
            counts = [
                count(AdaGrad(a), kappa, angle=np.radians(degrees), start=start)
                for a in np.geomspace(0.1, 10, 21)
            ]
            assert min(counts) < descent


def test_on_two_valleys_all_rules_go_to_the_nearer_minimum():
    flat, start = surface_of("two valleys", 1.0), ARENAS["two valleys"].start
    worse = min(flat.minima)
    assert flat.value(worse) > flat.value(max(flat.minima)) + 0.1
    for kind in KINDS:
        end = descend(flat, kind(0.2 if kind is AdaGrad else 0.01), start, 2000).points[-1]
        assert np.linalg.norm(end - worse) < 0.02


def test_the_average_regrets_go_where_the_text_says():
    for C in (3.0, 8.0):
        rule = Adam(InverseSquareRoot(0.5), beta1=0.0, beta2=1 / (1 + C**2))
        assert play(rule, reddi_slopes(C, 3000)).regret[-1] == pytest.approx(
            2 * (C - 2) / 3, rel=0.05
        )
    first, last = (
        play(GradientDescent(InverseSquareRoot(0.5)), reddi_slopes(3.0, T)).regret[-1]
        for T in (300, 3000)
    )
    assert last < 0.04 < first


# --------------------------------------------------------- one private feature against five
def fitted(few, rule):
    line = mlp((few.X.shape[1], 1), identity, np.random.default_rng(0))
    line = line.with_parameters(np.zeros(line.size))
    how = {"epochs": 500, "batch_size": len(few), "rng": np.random.default_rng(0)}
    return train(line, few, half_squared_error, rule, **how)


@pytest.mark.parametrize(("private", "plus"), [((1, 5), 1.0), ((1, 1), None), ((5, 1), 0.0)])
@pytest.mark.parametrize("share", [0.4, 0.6])
def test_the_asymmetry_decides_and_not_the_share(private, plus, share):
    few, new = rare_features(40, 60, np.random.default_rng(0), share=share, private=private)
    for rule in (AdaGrad(0.1), RMSProp(0.001), Adam(0.01)):
        answers = forward(fitted(few, rule).network, new.X).output
        if plus is None:
            assert (np.sign(answers) == new.Y).all()
        else:
            assert np.mean(answers > 0) == plus


def test_with_a_large_rate_the_majority_decides():
    sums = []
    for share in (0.4, 0.7):
        few, _ = rare_features(40, 1, np.random.default_rng(0), share=share, private=(1, 1))
        more = np.sign(few.Y.sum())
        for kind in (AdaGrad, Adam):
            line = fitted(few, kind(0.1))
            how = {"epochs": 1, "batch_size": 40, "rng": np.random.default_rng(0)}
            zero = line.network.with_parameters(np.zeros(line.network.size))
            layer = train(zero, few, half_squared_error, kind(0.1), **how).network.layers[0]
            np.testing.assert_allclose([*layer.W[0, 1:3], layer.b[0]], 0.1 * more, rtol=1e-6)
        for alpha in (0.1, 0.3, 1.0):
            layer = fitted(few, AdaGrad(alpha)).network.layers[0]
            sums.append(more * (layer.W[0, 1:3].sum() + layer.b[0]))
    assert sums[:3] == sorted(sums[:3])
    assert sums[3:] == sorted(sums[3:])
    assert min(sums[2], sums[5]) > 0.5


def test_where_plus_one_is_rare_adagrad_and_adam_are_right():
    few, new = rare_features(40, 60, np.random.default_rng(0), share=0.25)
    assert np.mean(few.Y > 0) == 0.2
    for rule, right in ((AdaGrad(0.1), True), (Adam(0.01), True), (RMSProp(0.001), False)):
        answers = forward(fitted(few, rule).network, new.X).output
        assert (np.sign(answers) == new.Y).all() == right


def test_what_equal_weights_add_to_every_answer():
    """RMSProp makes the weights nearly equal, and the equations of the text give p and s."""
    for plus, minus in ((1, 5), (1, 1), (5, 1)):
        few, _ = rare_features(40, 1, np.random.default_rng(0), share=0.5, private=(plus, minus))
        layer = fitted(few, RMSProp(0.001)).network.layers[0]
        p, s = 2 / (2 + plus + minus), (minus - plus) / (2 + plus + minus)
        assert layer.W[0, 0] == pytest.approx(p, abs=0.03)
        assert layer.W[0, 1:3].sum() + layer.b[0] == pytest.approx(s, abs=0.03)


def test_gradient_descent_from_zero_finds_the_shortest_weights():
    few, _ = rare_features(40, 1, np.random.default_rng(0))
    found = fitted(few, GradientDescent(0.1)).network.parameters
    shortest = np.linalg.pinv(np.hstack([few.X, np.ones((40, 1))])) @ few.Y[:, 0]
    np.testing.assert_allclose(found, shortest, atol=1e-6)


def test_the_bug_shows_on_the_valley_too_if_a_slope_is_0():
    start = np.array([-1.8, 0.0])
    g = quadratic((1.0, 100.0)).gradient(start)
    with np.errstate(invalid="ignore"):
        step = 0.1 * g / 0.1 / np.sqrt(0.001 * g**2 / 0.001) + 1e-8
    assert np.isnan(step).tolist() == [False, True]
