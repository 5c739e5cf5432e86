"""The summaries of lesson 3's explorers: true of the run shown, over the whole range."""

import itertools
import re

import numpy as np
import pytest

from course.activations import sigmoid
from course.differences import best_step, central_difference, forward_difference
from course.explorers import chain_rule as lesson
from course.explorers.chain_rule.differences import MENU
from course.explorers.controls import Slider

NUMBER = r"−?\d[\d ]*(?:\.\d+)?(?:e[−+]?\d+)?"


def settings(explorer, samples, seed=0):
    """Return the extremes of every dial, and a seeded random sample of what lies between."""
    rng = np.random.default_rng(seed)
    ends = [
        (dial.low, dial.high) if isinstance(dial, Slider) else dial.options
        for dial in explorer.dials
    ]
    names = [dial.name for dial in explorer.dials]
    chosen = [dict(zip(names, values, strict=True)) for values in itertools.product(*ends)]
    for _ in range(samples):
        chosen.append({dial.name: drawn(dial, rng) for dial in explorer.dials})
    return chosen


def drawn(dial, rng):
    if not isinstance(dial, Slider):
        return dial.options[rng.integers(len(dial.options))]
    if dial.scale == "log":
        return float(np.exp(rng.uniform(np.log(dial.low), np.log(dial.high))))
    steps = round((dial.high - dial.low) / dial.step)
    return dial.low + dial.step * int(rng.integers(steps + 1))


def read(words):
    return float(words.replace("−", "-").replace(" ", ""))


def found(pattern, summary):
    return [
        read(number) for number in re.search(pattern.replace("#", f"({NUMBER})"), summary).groups()
    ]


# ---------------------------------------------------------------------- the backward pass
def neuron(w, x):
    return (sigmoid(w * x - 1) - 1) ** 2


def shared(w, x):
    return (w * sigmoid(w * x) - 1) ** 2


def gate(w, x):
    return (sigmoid(w * x) * np.tanh(w * x) - 1) ** 2


LOSSES = {"one neuron": neuron, "the same weight twice": shared, "one unit read twice": gate}


def test_the_backward_pass_says_what_the_formula_says():
    one = lesson.BackwardPass()
    for values in settings(lesson.BackwardPass, 50):
        one.value = values
        shown, summary, L = one.value, one.summary, LOSSES[values["graph"]]
        w, x, name, nudge = (shown[key] for key in ("w", "x", "input", "nudge"))
        moved = {"w": w, "x": x} | {name: shown[name] + nudge}
        slopes = {
            "w": central_difference(lambda v, x=x, L=L: L(v, x), w, 1e-5),
            "x": central_difference(lambda v, w=w, L=L: L(w, v), x, 1e-5),
        }
        assert found(r"L = #\.", summary) == pytest.approx([L(w, x)], abs=6e-5)
        for key, slope in slopes.items():
            assert found(rf"∂L/∂{key} = #\.", summary) == pytest.approx([slope], abs=6e-5)
        promised, real, off = found(r"promised #, real #, off by #\.", summary)
        assert promised == pytest.approx(slopes[name] * nudge, abs=6e-5)
        assert real == pytest.approx(L(**moved) - L(w, x), abs=6e-5)
        assert off == pytest.approx(real - promised, abs=1.6e-4)


def test_small_numbers_keep_a_digit():
    one = lesson.BackwardPass(w=2.0)
    assert "∂L/∂w = −7e−06." in one.summary
    assert found(r"∂L/∂w = #\.", one.summary) == pytest.approx([-6.6e-6], rel=0.1)
    assert found(r"off by #\.", one.summary)[0] != 0


def test_the_dot_stays_on_the_axes():
    one, outside = lesson.BackwardPass(graph="the same weight twice"), 0
    for w, nudge in itertools.product((-2.0, 0.5, 2.0), (-1.0, -0.5, 1.0)):
        one.value = {**one.value, "w": w, "nudge": nudge, "input": "w"}
        (real,), (handle,) = found(r"real #,", one.summary), one.handles
        assert handle["y"] == pytest.approx(np.clip(real, -3, 3), abs=6e-5)
        outside += abs(real) > 3
    assert outside


def test_the_terms_at_a_fan_out_add_up_and_a_chain_has_none():
    one = lesson.BackwardPass()
    for values in settings(lesson.BackwardPass, 20, seed=1):
        one.value = values
        sums = re.findall(r"(\w) feeds two nodes", one.summary)
        wanted = {"one neuron": [], "the same weight twice": ["w"], "one unit read twice": ["u"]}
        assert sums == wanted[values["graph"]]
        if sums:
            first, second, total = found(r"\(#\) \+ \(#\) = #\.", one.summary)
            assert total == pytest.approx(first + second, abs=1.6e-4)


# ------------------------------------------------------------------ difference quotients
def test_the_branch_and_the_size_of_the_errors_are_those_of_the_run():
    one = lesson.DifferenceErrors()
    branches = set()
    best = [{"function": f, "x": 1.1, "h": h} for f in MENU for h in (7e-6, 1e-5, 2e-5, 2e-8)]
    for values in [*settings(lesson.DifferenceErrors, 100), *best]:
        one.value = values
        f, x, h = MENU[values["function"]], one.value["x"], one.value["h"]
        for name, quotient in (("Forward", forward_difference), ("Central", central_difference)):
            part = one.summary.split(f"{name}: ")[1]
            (cut,) = found(r"truncation about #,", part)
            (rounding,) = found(r"rounding up to about #;", part)
            best = best_step(f, x, central=name == "Central")
            place = re.search(r"near the best step|on the \w+ branch", part)[0]
            assert (place == "near the best step") == (best / 1.3 <= h <= best * 1.3)
            branch = place.split()[2]
            branches.add((name, branch))
            assert (branch == "truncation") == (h > best) or branch == "best"
            error = abs(quotient(f.value, x, h) - f.first(x))
            if h <= 0.1:
                assert error <= 2 * (cut + rounding)
            if branch == "truncation" and cut > 20 * rounding and h <= 0.01:
                assert cut / 2 < error < 2 * cut
    assert len(branches) == 6


def test_no_step_measured_is_much_better_than_theory_s_best():
    one = lesson.DifferenceErrors()
    for values in settings(lesson.DifferenceErrors, 40, seed=1):
        one.value = values
        f, x = MENU[values["function"]], one.value["x"]
        if 2 * x == pytest.approx(round(2 * x)):
            continue  # at a number of few binary digits far smaller steps may be exactly right
        for name, quotient in (("Forward", forward_difference), ("Central", central_difference)):
            part = one.summary.split(f"{name}: ")[1]
            if "theory’s best h" not in part.split(".")[0]:
                assert (name, f.name) == ("Central", "x²")
                continue
            (best,) = found(r"best h #\)", part)
            typical = [mean_error(quotient, f, x, best * 10**k) for k in (-2, 0, 2)]
            assert typical[1] < min(typical[0], typical[2])


def mean_error(quotient, f, x, h):
    steps = h * np.linspace(0.8, 1.2, 15)
    return np.mean([abs(quotient(f.value, x, step) - f.first(x)) for step in steps])


def test_points_on_the_lower_edge_are_announced_if_there_are_any():
    one = lesson.DifferenceErrors()
    seen = set()
    for values in settings(lesson.DifferenceErrors, 40, seed=2):
        one.value = values
        zeros = not (one.record.forward.all() and one.record.central.all())
        assert ("errors of exactly 0" in one.summary) == zeros
        seen.add(zeros)
    assert seen == {True, False}


# ---------------------------------------------------------------------------------- cost
def multiplied(sizes, *, forward):
    """Count by multiplying: carry a matrix (rows, columns) along the chain, add up p q r."""
    jacobians = [(m, n) for n, m in itertools.pairwise(sizes)]
    first, *others = jacobians if forward else reversed(jacobians)
    count, (rows, columns) = 0, first
    for p, q in others:
        if forward:  # (p, rows) times (rows, columns)
            count, rows = count + p * q * columns, p
        else:  # (rows, p) times (p, q)
            count, columns = count + rows * p * q, q
    return count


def test_the_cost_is_counted_and_its_reason_holds():
    one = lesson.AccumulationCost()
    seen = set()
    for values in settings(lesson.AccumulationCost, 150):
        one.value = values
        shown, summary = one.value, one.summary
        sizes = (round(shown["inputs"]), *(shown["width"],) * shown["hidden"], shown["outputs"])
        forward, reverse = found("take # multiplications forward, # in reverse", summary)
        assert forward == multiplied(sizes, forward=True)
        assert reverse == multiplied(sizes, forward=False)
        verdict = summary.split("in reverse. ")[1]
        seen.add(verdict.split()[0])
        if "takes" in verdict:
            dearer, less = (forward, reverse) if forward > reverse else (reverse, forward)
            assert verdict.startswith("Forward" if forward > reverse else "Reverse")
            more = "more inputs" if sizes[0] > sizes[-1] else "more outputs"
            assert more in verdict
            (number,) = found("takes #", verdict)
            wanted = dearer / less if "times as many" in verdict else dearer - less
            assert number == pytest.approx(wanted, rel=1e-3)
            assert number > 1 or "times" not in verdict
        else:
            assert forward == reverse
            reason = shown["hidden"] == 1 if "One hidden" in verdict else sizes[0] == sizes[-1]
            assert reason
    assert {"Forward", "Reverse", "One"} <= seen
