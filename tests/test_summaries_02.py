"""What the explorers of lesson 2 say of a run is true of that run, over all of their controls."""

import math
import re

import numpy as np
import pytest

from course.descent import descend
from course.explorers import Choice, Slider
from course.explorers import gradient_descent as lesson
from course.explorers.gradient_descent import learning_rate as rates
from course.explorers.gradient_descent.basins import MAPS
from course.explorers.gradient_descent.paths import attracts, ending
from course.numeric import numeric_hessian
from course.optimizers import GradientDescent
from course.surfaces import cosine_valleys, saddle, two_valleys

ENDS = re.compile(r"(?:ends at|closes in on) the (global|local) minimum \(([^)]*)\)")
CYCLE = re.compile(r"ends in a cycle of (\d) points, (.*), and does not settle\.")
SPREAD = re.compile(r"last 10 points lie between (\S+) and (\S+), the 10 before between (\S+) and ")
AT = re.compile(r"After (\d+) steps? it is at \(([^)]*)\)")
HOME = re.compile(r"minimum of this valley, (\S+), L″ = (\S+) and 2/L″ = (\S+): α = (\S+) is (.*) ")


def numbers(words):
    return np.array([float(word) for word in re.findall(r"\d+\.\d+", words.replace("−", " -"))]) * [
        -1 if word.startswith("−") else 1 for word in re.findall(r"−?\d+\.\d+", words)
    ]


def settings(explorer, corners, inside, seed):
    """Return corners of the controls and values between them, both drawn at random."""
    rng = np.random.default_rng(seed)

    def drawn(dial, edge):
        if isinstance(dial, Choice):
            return dial.options[rng.integers(len(dial.options))]
        if not isinstance(dial, Slider):
            return False
        if edge:
            return (dial.low, dial.high)[rng.integers(2)]
        if dial.whole:
            return int(rng.integers(dial.low, dial.high + 1))
        return float(rng.uniform(dial.low, dial.high))

    for i in range(corners + inside):
        yield {dial.name: drawn(dial, i < corners) for dial in explorer.dials}


SLOPES = {  # faster than the library's: a float for a float
    cosine_valleys: lambda w: (
        -math.pi * math.sin(math.pi * w[0]) - 0.075 - 0.15 * w[0] + 0.016 * w[0] ** 3,
    ),
    two_valleys: lambda w: (2 * w[0] ** 3 - 2 * w[0] - 0.12, 0.6 * w[1]),
}


def carried_on(run, surface):
    """Return the end, 20 points, of a run ten times as long."""
    slopes, alpha = SLOPES.get(surface, surface.gradient), run.rule.rate_at(0)
    path = [tuple(run.points[0].tolist())]
    for _ in range(10 * max(len(run.points) - 1, 20)):
        w = path[-1]
        path.append(tuple(a - alpha * float(g) for a, g in zip(w, slopes(w), strict=True)))
    return np.array(path[-20:])


def holds(words, run, surface):
    """Check each sentence against the run, and against one ten times as long."""
    t = run.points
    if ends := ENDS.search(words):
        home = min(surface.minima, key=lambda m: np.abs(np.subtract(m, numbers(ends[2]))).max())
        assert np.abs(np.subtract(home, numbers(ends[2]))).max() < 5.1e-5
        assert (ends[1] == "global") == (home in surface.global_minima)
        now, later = (np.linalg.norm(p[-1] - home) for p in (t, carried_on(run, surface)))
        assert later < 5e-4 or later < now, (now, later)
        assert ("ends at" in words) == (now < 5e-5)
        if told := re.search(r": (\S+) away after (\d+) step", words):
            assert float(told[1]) == pytest.approx(now, rel=0.51)
            assert int(told[2]) == len(t) - 1
    elif found := CYCLE.search(words):
        p, stops = int(found[1]), [numbers(stop) for stop in re.findall(r"\(([^)]*)\)", found[2])]
        assert len(stops) == p >= 2
        later = carried_on(run, surface)[-2 * p :]
        assert np.abs(later[p:] - later[:p]).max() < 1e-3
        for stop in stops:
            assert np.linalg.norm(later - stop, axis=1).min() < 0.01
        for smaller in range(1, p):
            assert np.abs(later[-1] - later[-1 - smaller]).max() > 1e-3
    elif "It diverges" in words:
        if np.isfinite(t[-1]).all():
            t = np.concatenate([t, descend(surface, run.rule, t[-1], 100).points[1:]])
        assert not (np.abs(t[-1]) < 1e3).all()
        told = re.search(r"from (?:step (\d+)|the start) on", words)
        step = int(told[1] or 0)
        low, high = np.array(surface.bounds).T
        with np.errstate(invalid="ignore"):
            inside = ((t >= low) & (t <= high)).all(axis=1)
        assert not inside[step:].any()
        assert step == 0 or inside[step - 1]
    elif "It does not move" in words:
        assert (t == t[0]).all()
        assert ("exactly zero" in words) == (not surface.gradient(t[0]).any())
    else:
        told = AT.search(words)
        assert int(told[1]) == len(t) - 1
        np.testing.assert_allclose(numbers(told[2]), t[-1], atol=5.1e-5)
        if spread := SPREAD.search(words):
            bounds = [numbers(word)[0] for word in spread.groups()]
            wanted = t[-10:].min(), t[-10:].max(), t[-20:-10].min()
            np.testing.assert_allclose(bounds, wanted, atol=5.1e-5)
        else:
            size = float(re.search(r"\|gradient\| = (.*)\.$", words.split(" At the ")[0])[1])
            assert size == pytest.approx(np.linalg.norm(run.gradients[-1]), rel=0.06)


def test_one_parameter():
    one = lesson.OneParameter()
    kinds = set()
    for values in settings(one, 24, 100, seed=0):
        one.value = values
        words, t = one.summary, one.record.points
        holds(re.split(r" At the min| Its last points do", words)[0], one.record, cosine_valleys)
        kinds |= {kind for kind in ("ends at", "closes in", "cycle", "last 10") if kind in words}
        last = t[-10:, 0]
        between = [m for m in cosine_valleys.maxima if last.min() < m[0] < last.max()]
        assert ("Its last points do not lie in one valley" in words) == bool(between)
        if told := HOME.search(words):
            home = [numbers(told[1])[0]]
            second = float(numeric_hessian(cosine_valleys.gradient, home)[0, 0])
            assert float(told[2]) == pytest.approx(second, abs=2e-3)
            assert float(told[3]) == pytest.approx(2 / second, abs=6e-5)
            assert (told[5].startswith("below")) == (values["learning_rate"] < 2 / second)
    assert kinds == {"ends at", "closes in", "cycle", "last 10"}


def test_one_parameter_near_the_limit_says_nothing_of_for_ever():
    one = lesson.OneParameter(learning_rate=0.205, steps=60)
    assert "cycle" not in one.summary
    assert "α = 0.205 is below that" in one.summary
    w = 0.1
    for _ in range(20_000):
        w -= 0.205 * (-math.pi * math.sin(math.pi * w) - 0.075 - 0.15 * w + 0.016 * w**3)
    assert w == pytest.approx(cosine_valleys.minima[1][0], abs=1e-6)
    one.value = {"learning_rate": 0.21}
    assert "It ends in a cycle of 2 points" in one.summary


def test_topic_figure():
    figure = lesson.TopicFigure()
    for values in settings(figure, 20, 40, seed=1):
        figure.value = values
        one, two = re.match(r"One parameter: (.*) Two: (.*)", figure.summary).groups()
        holds(one, figure.record[0], cosine_valleys)
        holds(two, figure.record[1], two_valleys)


@pytest.mark.parametrize("name", MAPS)
def test_basins(name):
    basins, surface = lesson.Basins(surface=name), MAPS[name][0]
    rng = np.random.default_rng(2)
    (left, right), (low, high) = surface.bounds
    for alpha in 10 ** rng.uniform(-4, 0, size=25):
        place = {"w1": float(rng.uniform(left, right)), "w2": float(rng.uniform(low, high))}
        basins.value = place | {"learning_rate": float(alpha), "steps": int(rng.integers(1, 200))}
        holds(basins.summary, basins.record, surface)


def test_a_run_that_starts_off_the_map_is_said_to():
    basins = lesson.Basins(w1=5.0, w2=5.0)
    assert basins.summary == "It diverges: from the start on it is off the map."
    holds(basins.summary, basins.record, two_valleys)


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.45, 0.9, 1.0])
@pytest.mark.parametrize("steps", [5, 60, 500])
@pytest.mark.parametrize("w2", [0.0, 1e-12, 1e-200])
def test_only_on_its_line_a_run_is_said_to_end_in_the_saddle(alpha, steps, w2):
    start = [1.5, w2]
    run = descend(saddle, GradientDescent(alpha), start, steps)
    words = ending(run, saddle)
    far = np.abs(run.points[-1]).max()
    assert ("the saddle (0.0000, 0.0000)" in words) == (w2 == 0 and far < 0.05 and alpha < 1), words
    assert ("ends at the saddle" in words) == (w2 == 0 and far < 5e-5 and alpha < 1)


def test_a_cycle_that_happens_to_end_where_it_began_is_no_standstill():
    basins = lesson.Basins(surface="saddle", w1=0.5, w2=0.0, learning_rate=1.0, steps=60)
    assert (basins.record.points[-1] == basins.record.points[0]).all()
    assert "does not move" not in basins.summary


@pytest.mark.parametrize("surface", [s for s, *_ in MAPS.values() if s.minima], ids=str)
def test_no_curvature_grows_faster_than_the_summaries_take_for_granted(surface):
    rng = np.random.default_rng(3)
    for home in surface.minima:
        top = np.linalg.eigvalsh(numeric_hessian(surface.gradient, home))[-1]
        for reach in (0.01, 0.02, 0.05):
            for _ in range(12):
                aside = rng.normal(size=surface.dimension)
                point = home + reach * aside / np.linalg.norm(aside)
                near = np.linalg.eigvalsh(numeric_hessian(surface.gradient, point))[-1]
                assert near <= top * (1 + 5 * reach)


def test_too_near_the_limit_no_minimum_is_promised():
    (home,) = (m for m in cosine_valleys.minima if 1 < m[0] < 2)
    limit = 2 / numeric_hessian(cosine_valleys.gradient, home)[0, 0]
    assert attracts(home, np.add(home, 0.01), 0.9 * limit, cosine_valleys)
    assert not attracts(home, np.add(home, 0.01), 0.99 * limit, cosine_valleys)
    assert not attracts(home, np.add(home, 0.2), 0.5 * limit, cosine_valleys)
    for alpha in (1.01 * limit, 1.5 * limit):
        run = descend(cosine_valleys, GradientDescent(alpha), np.add(home, 1e-9), 10)
        assert "minimum" not in ending(run, cosine_valleys)


def test_learning_rate():
    rate = lesson.LearningRate()
    starts = [(1.8, 0.8), (0.0, 0.8), (1.8, 0.0), (0.0, 0.0)]
    chosen = list(settings(rate, 16, 80, seed=4))
    chosen += [
        {"learning_rate": alpha, "lambda2": curvature, "w1": w1, "w2": w2}
        for alpha, curvature in ((0.25, 8.0), (0.1, 20.0), (0.3, 8.0), (1.0, 1.0), (0.005, 20.0))
        for w1, w2 in starts
    ]
    for values in chosen:
        rate.value = values
        words, start = rate.summary, np.array([values["w1"], values["w2"]])
        path, alpha = [start], values["learning_rate"]
        while len(path) < 1500 and (np.abs(path[-1]) < 1e9).all():
            path.append(path[-1] - alpha * np.array([1.0, values["lambda2"]]) * path[-1])
        path = np.array(path)
        distance = np.linalg.norm(path, axis=1)
        if "starts in the minimum" in words:
            assert not path.any()
        elif "it converges" in words:
            assert distance[-1] < distance[0] / 100 or "not yet" in words
            if told := re.search(r"closer after (\d+) step", words):
                t = int(told[1])
                assert distance[t] <= distance[0] / 100 < distance[t - 1]
        elif "does not converge" in words:
            along = [i for i, name in enumerate(("w₁", "w₂")) if f"along {name} it jumps" in words]
            np.testing.assert_allclose(np.abs(path[-1, along]), np.abs(start[along]), rtol=1e-6)
        else:
            assert "it diverges" in words
            assert distance[-1] > 2 * distance[0]
        assert ("Both factors are smallest" in words) == (values["lambda2"] == 1)
        best = 2 / (1 + values["lambda2"])
        larger = [max(abs(1 - a), abs(1 - a * values["lambda2"])) for a in (best, best * 1.01)]
        assert f"α = 2/(λmin + λmax) = {best:.4f}: (κ − 1)/(κ + 1) = {larger[0]:.3f}" in words
        assert larger[0] <= larger[1]


def test_the_count_of_steps_ends_somewhere():
    assert rates.hundredfold(np.array([1.0, 0.0]), np.array([1 - 1e-6, 0.5])) > rates.MOST_STEPS
    words = rates.fate(np.array([1.0, 0.0]), np.array([1 - 1e-6, 0.5]))
    assert "not yet a hundredfold closer after 5000 steps" in words


def test_critical_points():
    critical = lesson.CriticalPoints()
    for values in settings(critical, 16, 60, seed=5):
        for nudge in (False, True):
            critical.value = values | {"nudge": nudge}
            words = critical.summary
            distance = np.linalg.norm(critical.record.points, axis=1)
            if "does not move" in words:
                assert (critical.record.points == critical.record.points[0]).all()
                assert not critical.record.gradients[0].any()
            elif "comes closer at first" in words:
                t = int(re.search(r"in step (\d+),", words)[1])
                assert distance[t] == distance.min() < min(distance[0], distance[-1])
            elif "comes closer" in words:
                assert distance[-1] < distance[0]
                assert distance[-1] <= distance.min() * (1 + 1e-12)
            else:
                assert "Descent leaves" in words
                assert distance.min() == distance[0] < distance[-1]
            values_now = [values["lambda1"], values["lambda2"]]
            kind = re.search(r": a (\w+)", words)[1]
            wanted = (
                "degenerate"
                if 0 in values_now
                else "minimum"
                if min(values_now) > 0
                else "maximum"
                if max(values_now) < 0
                else "saddle"
            )
            assert kind == wanted
