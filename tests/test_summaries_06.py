"""Lesson 6: what the explorers' summaries say is true of the runs that they describe."""

import re

import numpy as np
import pytest

from course.counterexamples import play, reddi_slopes
from course.descent import descend
from course.effective import feed
from course.explorers import adaptive_learning_rates as lesson
from course.explorers.adaptive_learning_rates import sensitivity
from course.explorers.adaptive_learning_rates.arenas import ARENAS, gap, surface_of
from course.explorers.adaptive_learning_rates.linear_game import DECAYING, MEMORIES, OWN, RATES
from course.explorers.adaptive_learning_rates.looks import KINDS, NAMES, short
from course.momentum import best_momentum
from course.optimizers import Adam
from course.surfaces import quadratic
from course.turning import Fan, turn

RNG = np.random.default_rng(6)


def named(words, after):
    """Return the rules that a summary names after a word, up to the end of the sentence."""
    told = re.search(rf"{after}:? (.*?)\.(?: |$)", words)
    return re.split(r", | and ", told[1]) if told else []


def finally_grows(gaps):
    """Say whether a much longer run is beyond all bounds."""
    return not np.isfinite(gaps[-1]) or gaps[-1] > 1e9 * gaps[0]


# --------------------------------------------------------------------------- momentum
PAIRS = [
    *((k, s, b) for k in (1.0, 100.0, 1000.0) for s in (0.02, 2.0, 4.0) for b in (0.0, 0.99)),
    *((10 ** RNG.uniform(0, 3), RNG.uniform(0.02, 4), RNG.uniform(0, 0.99)) for _ in range(12)),
    (1.0, 3.98, 0.99),  # at the very edge, up to rounding
]


@pytest.mark.parametrize("rule", ["momentum", "Nesterov"])
def test_momentum_diverges_where_it_says_so(rule):
    one = lesson.MomentumPlane(rule=rule)
    for kappa, scaled, beta in PAIRS:
        one.value = {"kappa": float(kappa), "scaled": float(scaled), "beta": float(beta)}
        v, bowl = one.value, quadratic((1.0, one.value["kappa"]))
        own = NAMES[rule](v["scaled"] / v["kappa"], v["beta"])
        run = descend(bowl, own, [1.0, 1.0], 600)
        distance = np.abs(run.points).max(axis=1)
        if "neither" in one.summary:
            stays = [
                i for i in (0, 1) if f"w{'₁₂'[i]}" in one.summary.partition("grows along")[2][:12]
            ]
            last, before = np.abs(run.points[[-1, -2]][:, stays])
            assert stays
            np.testing.assert_allclose(last, before, rtol=1e-3)
        else:
            worst = one.record.factors.max()
            if abs(worst - 1) > 0.02:  # else 600 steps are not enough to tell
                grows = not distance[-1] < distance[0]
                assert ("diverges" in one.summary) == grows, (v, distance[-1])
        _, _, factor = best_momentum(1.0, v["kappa"])
        assert f"factor {factor:.3f}" in one.summary
        assert one.record.factors.max() >= factor - 1e-6 or rule == "Nesterov"


# ------------------------------------------------------------------------- correction
def test_the_steps_named_are_those_of_the_run():
    one = lesson.Correction()
    for _ in range(25):
        one.value = {
            "beta1": float(RNG.choice([0.0, 0.5, 0.9, 0.99])),
            "forget": float(10 ** RNG.uniform(-4, np.log10(0.5))),
            "noise": float(RNG.choice([0.0, 1.0, 3.0])),
            "seed": int(RNG.integers(10)),
        }
        v, g = one.value, one.record.g[1:]
        m = s = 0.0
        raw = []
        for slope in g:
            m, s = (
                v["beta1"] * m + (1 - v["beta1"]) * slope,
                (1 - v["forget"]) * s + v["forget"] * slope**2,
            )
            raw.append(abs(m) / np.sqrt(s))
        top = int(np.argmax(raw))
        words = f"the first step is {short(raw[0])} α and the longest {short(raw[top])} α"
        assert words in one.summary
        assert f"(t = {top + 1} of 100)" in one.summary
        assert one.summary.endswith("with it the first is 1 α.")


# ------------------------------------------------------------------------------- race
def test_the_race_tells_what_the_runs_do():
    one = lesson.Race()
    for _ in range(8):
        name = str(RNG.choice(list(ARENAS)))
        angle, reach = int(RNG.choice([0, 45])), ARENAS[name].reach
        one.value = {
            "surface": name,
            "angle": angle,
            "factor": float(10 ** RNG.uniform(-1, 1)),
            "u1": float(RNG.uniform(-reach, reach)),
            "u2": float(RNG.uniform(-reach, reach)),
        }
        v, flat, radians = one.value, surface_of(name, 30.0), np.radians(angle)
        start = turn([[v["u1"], v["u2"]]], radians)
        lost = named(one.summary, "Diverges")
        high = named(one.summary, "Ends over ten times above its start")
        for kind in KINDS:
            gaps, rule = one.record.gaps[kind], kind(one.record.rates[kind])
            look = next(name for name, other in NAMES.items() if other is kind)
            if look in lost:
                run = descend(Fan(flat, np.array([radians])), rule, start, 1000)
                assert finally_grows(gap(run, flat)[:, 0]), (v, look)
            elif look in high:
                assert gaps[-1] > 10 * gaps[0]
            elif gaps[-10:].max() <= 10 * gaps[0]:
                assert f"{look} {short(gaps[-10:].max())}" in one.summary
        assert one.summary.endswith("The rates are those of the first start.")
        same = one.summary.partition("unchanged for ")[2].partition(";")[0].partition(".")[0]
        for look in re.split(r", | and ", same) if same else ():
            assert one.record.departure[NAMES[look]] < 1e-2


# ------------------------------------------------------------------------ sensitivity
def test_the_sensitivity_tells_what_the_runs_do():
    one = lesson.Sensitivity()
    for name in ARENAS:
        for _ in range(3):
            one.value = {
                "surface": name,
                "steps": int(10 * RNG.integers(1, 11)),
                "learning_rate": float(10 ** RNG.uniform(-5, 1)),
            }
            v, record = one.value, one.record
            steps, kept = v["steps"], {}
            for look, kind in NAMES.items():
                gaps = record.runs[kind]
                assert len(gaps) == 4 * steps + 1
                kept[look] = np.nan_to_num(gaps[steps - 9 :], nan=np.inf).max()
                if look in named(one.summary, "Diverges"):
                    flat, start = surface_of(name, 30.0), ARENAS[name].start
                    run = descend(flat, kind(record.alpha), start, 20 * steps)
                    assert finally_grows(gap(run, flat)), (v, look)
                if look in named(one.summary, "Ends over ten times above its start"):
                    assert gaps[-1] > 10 * gaps[0]
            (least,) = named(one.summary, "the lowest is")
            assert kept[least] <= min(kept.values())
            assert f"from step {steps - 9} to {4 * steps}:" in one.summary


def test_the_decades_are_counted():
    one = lesson.Sensitivity(surface="Beale")
    for kind in KINDS:
        good = one.record.ends[kind] < one.record.start / 100
        look = next(name for name, other in NAMES.items() if other is kind)
        width = good.sum() * (6 / (len(sensitivity.RATES) - 1))
        assert f"{look} {'≥ ' if good[-1] else ''}{width:.1f}" in one.summary


# ------------------------------------------------------------------------ worst point
def test_the_game_tells_where_adam_is_and_stays():
    one = lesson.LinearGame()
    for _ in range(20):
        one.value = {
            "C": float(RNG.uniform(2.1, 20)),
            "beta2": str(RNG.choice(MEMORIES)),
            "rate": str(RNG.choice(list(RATES))),
            "alpha": float(10 ** RNG.uniform(-2, np.log10(2))),
            "rounds": int(30 * RNG.integers(1, 16)),
            "start": float(RNG.choice([-1.0, 0.0, 1.0, 0.9])),
        }
        v = one.value
        memory = 1 / (1 + v["C"] ** 2) if v["beta2"] == OWN else float(v["beta2"])
        rule = Adam(RATES[v["rate"]](v["alpha"]), beta1=0.0, beta2=memory)
        x = play(rule, reddi_slopes(v["C"], 900 + v["rounds"]), v["start"]).x
        now, later = x[v["rounds"] - 2 : v["rounds"] + 1].mean(), x[-3:].mean()
        assert f"Adam x = {now:.2f}".replace("-", "−") in one.summary
        if "worst point" in one.summary:
            assert min(now, later) > 0.9, v
        elif "sits at the best" in one.summary:
            assert max(now, later) < -0.9, v
        elif "its way" in one.summary:
            before = x[v["rounds"] - 5 : v["rounds"] - 2].mean()
            assert ("up" in one.summary.partition("its way")[2][:4]) == (now > before)


def test_adam_walks_up_from_every_start_and_for_every_C():
    for C in (2.1, 3.0, 8.0, 20.0):
        for start in (-1.0, 0.0, 1.0):
            rule = Adam(RATES[DECAYING](0.5), beta1=0.0, beta2=1 / (1 + C**2))
            assert play(rule, reddi_slopes(C, 450), start).x[-3:].mean() > 0.9
    # in units of α a cycle moves it up, however large C is
    for C in (2.1, 3.0, 100.0, 1e4):
        rule = Adam(1.0, beta1=0.0, beta2=1 / (1 + C**2))
        steps = np.diff(feed(rule, reddi_slopes(C, 300)[:, None]).points[:, 0])[-3:]
        assert steps.sum() > 0.5
