"""Lesson 5: what the explorers' summaries say is true of the runs that they describe."""

import re

import numpy as np
import pytest

from course.descent import descend
from course.explorers import stochastic_gradient_descent as lesson
from course.learning_curve import LearningCurve
from course.minibatch import batches, share_of_variance
from course.noise_floor import Moments, growth_exponent
from course.optimizers import GradientDescent

CONSTANT = "constant"
SAMPLED = ("with replacement", "reshuffled")
DECAYS = (CONSTANT, "α / (1 + 0.02 t)", "cosine to 0")
LARGE = "N = 1437"


def settings():
    """Return settings over the whole range of the controls: the ends, and a seeded sample."""
    rng = np.random.default_rng(0)
    ends = [
        {"batch": batch, "rate": rate, "sampling": sampling, "decay": decay, "w": w}
        for batch in ("1", "16")
        for rate in (0.005, 0.5)
        for sampling in SAMPLED
        for decay in DECAYS[:2]
        for w in ((-2.3,) if rate > 0.1 else (1.3,))
    ]
    drawn = [
        {
            "batch": str(rng.choice(list(lesson.SIZES)[:5])),
            "rate": float(np.exp(rng.uniform(np.log(0.02), np.log(0.5))).round(3)),
            "sampling": str(rng.choice(SAMPLED)),
            "decay": str(rng.choice(DECAYS, p=[0.7, 0.15, 0.15])),
            "w": round(rng.uniform(-2.3, 1.3), 2),
            "b": round(rng.uniform(8.3, 11.8), 2),
            "seed": int(rng.integers(10)),
            "equal": str(rng.choice(["updates", "examples seen"])),
        }
        for _ in range(14)
    ]
    rare = [{"batch": "16", "rate": 0.5, "decay": DECAYS[2]}]
    return ends + drawn + rare + [{"batch": LARGE, "rate": rate} for rate in (0.1, 0.4)]


def number(words, summary):
    """Return the number that follows these words."""
    found = re.search(re.escape(words) + r" ([−+\d.e]+)", summary)
    assert found, (words, summary)
    return float(found[1].rstrip(".").replace("−", "-").replace("e+", "e"))


def longer(one):
    """Return the Hessians of ten times as many updates, drawn alike, and the runs on them."""
    size = lesson.SIZES[one.value["batch"]]
    rng = np.random.default_rng(77)
    draws = batches(1437, size, rng, sampling=one.value["sampling"], runs=40)
    sampled = lesson.ink_problem().sampled(draws, 2400)
    with np.errstate(all="ignore"):
        start = [one.value["w"], one.value["b"]]
        run = sampled.descend(GradientDescent(one.value["rate"]), start)
        excess = lesson.ink_problem().excess(run.points)
    return sampled.H[:-1], np.minimum(np.nan_to_num(excess, nan=1e300), 1e300)


@pytest.mark.parametrize("values", settings(), ids=str)
def test_the_paths(values):
    one = lesson.NoisyPaths(**values)
    r, words, rate = one.record, one.summary, one.value["rate"]
    size, start = lesson.SIZES[one.value["batch"]], [one.value["w"], one.value["b"]]
    constant = one.value["decay"] == CONSTANT
    late = slice(-80, None) if constant else slice(-1, None)
    mean, middle = r.excess[late].mean(), np.median(r.excess[late])
    assert number("on average", words) == pytest.approx(mean, rel=5e-3)
    assert number("with median", words) == pytest.approx(middle, rel=5e-3)
    assert number("predicted mean", words) == pytest.approx(r.predicted[late].mean(), rel=5e-3)
    far_above = r.predicted[late].mean() > 10 * mean
    told = "rare runs, absent from these 40, carry it" in words
    said = not constant or "in the end" in words
    assert told == (far_above and said and one.value["sampling"] == SAMPLED[0])
    # what theory says of the mean in the end
    moments = Moments(lesson.ink_problem(), size)
    far = moments.expected_excess(start, np.full(4000, rate))
    if "in the end" in words:
        assert constant
        assert number("in the end", words) == pytest.approx(far[-1], rel=6e-3)
    if "it grows without end" in words:
        assert constant
        assert not far[-1] < 1.2 * far[-1000]
    assert ("in the end" in words) + ("it grows without end" in words) == constant
    # full-batch descent
    made = int(re.search(r"after (\d+) updates", words.split("Full-batch")[1])[1])
    assert number("updates:", words.split("Full-batch descent after")[1]) == pytest.approx(
        r.full_excess[made], rel=5e-3, abs=1e-300
    )
    if constant:
        with np.errstate(all="ignore"):
            full = descend(lesson.ink_problem(), GradientDescent(rate), np.array(start), 2400)
            end = np.nan_to_num(lesson.ink_problem().excess(full.points[-1]), nan=np.inf)
        assert ("it diverges" in words) == (not end < r.full_excess[0])
        assert ("it diverges" in words) or end < 1e-3 * r.full_excess[0]
    else:
        assert "diverge" not in words


@pytest.mark.parametrize(
    "values",
    [
        {"batch": "1", "rate": 0.2},
        {"batch": "1", "rate": 0.16, "seed": 3, "sampling": "reshuffled"},
        {"batch": "1", "rate": 0.2, "w": -0.5, "b": 10.05},
        {"batch": "1", "rate": 0.36, "seed": 2},
        {"batch": "1", "rate": 0.5},
        {"batch": "16", "rate": 0.4, "seed": 5},
        {"batch": "16", "rate": 0.5, "sampling": "reshuffled"},
        {"batch": "32", "rate": 0.38, "w": -2.3},
    ],
    ids=str,
)
def test_what_becomes_of_a_single_run_holds_ten_times_as_long(values):
    one = lesson.NoisyPaths(**values)
    H, excess = longer(one)
    exponent = float(re.search(r"multiplied by e\^([−\d.]+)", one.summary)[1].replace("−", "-"))
    growth = growth_exponent(H, one.value["rate"])
    error = np.hypot(growth.error, one.record.growth.error)
    assert exponent == pytest.approx(growth.exponent, abs=5 * error + 5e-3)
    middle = np.median(excess / 2, axis=1)
    if "A single run does not" in one.summary:
        assert exponent < 0
        assert np.median(middle[-500:]) < 5 * np.median(middle[240:740])
        first, last = one.record.excess[[0, -1]]
        below = f"{(last < first).sum()} of the 40 runs end below their start"
        assert (below in one.summary) == bool(first[0] > np.median(last))
        assert (below in one.summary) == ("end below" in one.summary)
    if "almost every single run" in one.summary:
        assert exponent > 0
        assert (excess[-1] > 1e3).mean() > 0.9


def test_where_it_cannot_be_told_nothing_is_said():
    one = lesson.NoisyPaths(batch="1", rate=0.31)
    assert "40 runs do not tell" in one.summary
    assert "A single run does not" not in one.summary
    assert "almost every" not in one.summary


@pytest.mark.parametrize("seed", range(12))
def test_the_cloud(seed):
    rng = np.random.default_rng(seed)
    batch = str(rng.choice(list(lesson.SIZES)))
    sampling = ("with replacement", "without replacement")[seed % 2]
    w, b = rng.uniform(-2.3, 1.3), rng.uniform(8.3, 11.8)
    if seed % 3 == 0:
        w, b = lesson.ink_problem().minimum + (seed % 2) * 0.01
    one = lesson.GradientCloud(batch=batch, sampling=sampling, w=w, b=b, seed=seed % 10)
    r, words = one.record, one.summary
    rows = lesson.ink_problem().example_gradients(np.array([one.value["w"], one.value["b"]]))
    share = share_of_variance(1437, lesson.SIZES[batch], replacement=seed % 2 == 0)
    predicted = np.sqrt(share * ((rows - rows.mean(axis=0)) ** 2).sum() / 1437)
    away = np.sqrt(((r.estimates - rows.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert f"= {predicted:.3f}, measured {away:.3f} in 300 draws" in words
    assert ("At the minimum" in words) == (np.hypot(*rows.mean(axis=0)) < 1e-9)
    assert ("nothing is left to chance" in words) == (batch == LARGE and seed % 2 == 1)


@pytest.mark.parametrize("seed", range(6))
def test_the_curves(seed):
    rng = np.random.default_rng(seed)
    curves = []
    for size in (1, 16, 1437):
        steps = np.unique(np.r_[0, rng.integers(1, 400, size=12), 400])
        curves.append(LearningCurve(size, 1437, steps, rng.uniform(0.1, 1, size=len(steps))))
    for axis in ("updates", "epochs", "examples seen"):
        one = lesson.LearningCurves(curves, axis=axis, batch="16")
        over = {"examples seen": "examples"}.get(axis, axis)
        reach = min(getattr(c, over)[-1] for c in curves)
        at = [
            np.interp(np.log(reach), np.log(getattr(c, over)[1:]), c.losses[1:], left=c.losses[0])
            for c in curves
        ]
        best = ("B = 1 has", "B = 16 has", "N = 1437 has")[int(np.argmin(at))]
        assert f"{best} the lowest loss, {min(at):.3f}; B = 16 has {at[1]:.3f}" in one.summary
        assert f"loss {curves[1].losses[-1]:.3f}." in one.summary
        assert f"All of B = 16: 400 updates, {curves[1].epochs[-1]:.4g} epochs" in one.summary
