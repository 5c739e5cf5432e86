"""Each benchmark runs, with tiny settings. No test here looks at a time."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import basins, contestants, digits, explorers, grading, imports, training
from benchmarks.table import Row, machine, markdown

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("benchmark", [basins, digits, grading, imports])
def test_it_runs(benchmark):
    rows = list(benchmark.rows(quick=True))
    assert rows
    assert all(row.value is not None and math.isfinite(row.value) for row in rows)


def test_training_runs_and_names_what_is_missing(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(contestants.CONTESTANTS, "no such library", (object, True))
    rows = list(training.rows(quick=True, tasks=training.TASKS[:1]))
    assert len(rows) == 2 * 2 * (len(contestants.CONTESTANTS) - 1)
    for row in rows:
        assert row.value is not None or "Error" in row.other
    assert any(row.other.startswith("no such library: KeyError") for row in rows)


@pytest.mark.parametrize(
    ("name", "module"),
    [("PyTorch eager", "torch"), ("PyTorch eager, bare", "torch"), ("JAX jit", "jax")],
)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-4)])
def test_contestants_compute_the_same(name, module, dtype, tolerance):
    pytest.importorskip(module, reason=f"{name} is not installed")
    assert contestants.difference(name, (5, 4, 3), dtype) <= tolerance


@pytest.mark.browser
def test_explorers_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    if missing := explorers.what_is_missing():
        if os.environ.get("COURSE_REQUIRE_BROWSER"):
            pytest.fail(missing)
        pytest.skip(missing)
    rows = list(explorers.rows(quick=True, names=["OneParameter"], extensions=[True]))
    assert [row.what.partition(": ")[2].partition(" (")[0] for row in rows] == [
        "slider to pixel",
        "slider jump to pixel",
        "handle step to pixel",
        "handle pull to pixel",
        "dragged slider",
        "dragged handle",
        "kernel per frame",
        "playing",
    ]


def test_interact_draws_every_view(monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from benchmarks.interact_views import PAIRS
    from course.explorers import gradient_descent

    monkeypatch.setattr(plt, "show", lambda: None)
    for pair in PAIRS:
        assert hasattr(gradient_descent, pair.explorer)
        pair.draw(**{pair.slider: pair.limits[0]})
        assert len(plt.gcf().axes) == 2
        plt.close("all")


def test_targets():
    assert Row("", "", "", 2.0, at_least=2).reached is True
    assert Row("", "", "", 2.1, at_most=2).reached is False
    assert Row("", "", "", None, at_most=2).reached is None
    assert Row("", "", "", 2.0).reached is None


def test_results_keep_the_other_sections():
    row = Row("a step", "1 µs", "other 7 µs", 7.0, at_least=6)
    digits_only = command.written("", "digits", "old words")
    both = command.written(digits_only, "training", f"words\n\n{markdown([row])}")
    assert both.index("## training") < both.index("## digits") < both.index("old words")
    again = command.written(both, "digits", markdown([row]))
    assert "old words" not in again
    assert command.with_targets(again).count("| a step |") == 2


def test_the_machine_is_not_named():
    import socket

    assert socket.gethostname() not in machine()
    assert str(Path.home()) not in machine()
