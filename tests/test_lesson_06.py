"""Lesson 6: its explorers at every extreme, the answers of its questions, its published numbers."""

import itertools

import numpy as np
import pytest

from course.descent import descend
from course.explorers import adaptive_learning_rates as lesson
from course.explorers.adaptive_learning_rates import race, sensitivity
from course.explorers.adaptive_learning_rates.arenas import ARENAS, VALLEY, settled, verdict
from course.explorers.adaptive_learning_rates.looks import (
    KINDS,
    NAMES,
    legend,
    log10,
    look,
    signed,
)
from course.explorers.adaptive_learning_rates.worst_point import regret_of_worst
from course.explorers.controls import Slider
from course.momentum import best_momentum
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
from course.surfaces import quadratic

EXPLORERS = [
    lesson.MomentumPlane,
    lesson.Correction,
    lesson.Race,
    lesson.Sensitivity,
    lesson.WorstPoint,
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
def test_a_tuned_rate_stays_on_the_map_and_does_better_than_its_neighbours(name, kind):
    arena = ARENAS[name]
    surface = arena.surface(30.0)
    alpha = race.tuned(name, 30.0)[kind]
    run = descend(surface, kind(alpha), arena.start, race.STEPS)
    assert np.abs(run.points).max() <= arena.reach
    assert run.values[-10:].max() < run.values[0]


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
        run = descend(quadratic((1.0, 30.0)), kind(one.record.alpha), (-1.8, 1.0), 50)
        np.testing.assert_allclose(one.record.runs[kind], run.values, rtol=1e-12)
        assert one.record.ends[kind][one.record.at] == one.record.runs[kind][-10:].max()
    assert one.record.alpha == pytest.approx(0.1)


def test_the_limit_of_gradient_descent_is_where_theory_says():
    record = lesson.Sensitivity(steps=200).record
    lost = record.lost(GradientDescent)
    rates = np.array(sensitivity.RATES)
    assert rates[np.argmax(lost)] == pytest.approx(2 / 30, rel=0.05)
    assert rates[record.best[GradientDescent]] == pytest.approx(2 / 31, rel=0.05)
    assert not record.lost(Adam).any()
    assert record.useful(Adam) > record.useful(GradientDescent)


def test_a_tenth_of_the_best_rate_costs_what_the_text_says():
    r = lesson.Sensitivity().record
    best = {kind: (r.ends[kind][r.best[kind]], r.ends[kind][r.best[kind] - 100]) for kind in KINDS}
    costs = {kind: tenth / max(least, 1e-12) for kind, (least, tenth) in best.items()}
    assert costs.pop(Nesterov) == pytest.approx(20, rel=0.3)
    assert min(costs.values()) > 1000


def test_the_cursor_is_a_handle_on_a_logarithmic_axis():
    one = lesson.Sensitivity()
    one.react({"type": "drag", "name": "rate", "x": 1.0, "y": 0.0})
    assert one.value["learning_rate"] == pytest.approx(10.0)
    assert "Diverges: gradient descent, momentum and Nesterov." in one.summary
    assert "Ends over ten times above its start: RMSProp." in one.summary


def test_verdicts_and_endings():
    told = verdict({"a": np.inf, "b": 1e9, "c": 20.0, "d": 2.0}, 1.0)
    assert told == "Diverges: a and b. Ends over ten times above its start: c."
    assert verdict({"a": 1.0}, 1.0) == ""
    assert settled(np.array([9.0] + [1.0] * 8 + [3.0, 2.0])) == 3.0
    assert np.isinf(settled(np.array([1.0] * 9 + [np.nan])))
    assert log10(np.array([100.0, 0.0, np.inf]), -3)[:2].tolist() == [2.0, -3.0]
    assert signed("x = -1, self-made") == "x = −1, self-made"


# --------------------------------------------------------------------------- worst point
def test_adam_loses_the_game():
    one = lesson.WorstPoint()
    assert "Adam sits at the worst point." in one.summary
    assert one.record[AMSGrad].x[-1] < -0.9
    one.value = {"beta2": "0.999", "rounds": 450}
    assert "Adam finds the best point." in one.summary
    one.value = {"alpha": 0.02, "beta2": "1/(1 + C²)", "rounds": 150}
    assert "on its way up, to the worst point" in one.summary
    one.value = {"alpha": 2.0, "rate": "α", "beta2": "0.999"}
    assert "jumps to and fro" in one.summary
    one.value = {"alpha": 0.3, "beta2": "1/(1 + C²)"}
    assert "jumps to and fro" in one.summary


def test_a_short_game_ends_where_its_last_cycle_is():
    one = lesson.WorstPoint(rounds=30)
    assert "on its way up, to the worst point" in one.summary
    assert "Adam x = 0.67" in one.summary
    words = [text for mark in one._view.marks for text in mark.texts]
    assert "ends at x ≈ 0.67" in words
    one.value = {"rounds": 60}
    assert "Adam sits at the worst point." in one.summary


def test_the_regret_of_the_worst_point():
    assert regret_of_worst(3.0) == pytest.approx(2 / 3)
    assert lesson.WorstPoint(rounds=450).record[Adam].regret[-1] == pytest.approx(2 / 3, abs=0.02)


# ------------------------------------------------------------------------------ questions
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (lesson.ask_about_a_steady_slope, 10),
        (lesson.ask_about_adagrad, 1),
        (lesson.ask_about_the_first_step, 1),
        (lesson.ask_about_turning, 2),
        (lesson.ask_about_the_game, 2),
        (lesson.ask_for_the_bug, 1),
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
