"""A map of basins: 200 × 200 starts, 50 steps each, in one call of `descend`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.table import Row, seconds
from course.descent import descend
from course.optimizers import GradientDescent
from course.surfaces import two_valleys

STEPS = 50
LIMIT = 1.0


def rows(quick: bool = False) -> Iterator[Row]:
    """Measure one call for all starts against one call for each, on a sample of starts."""
    count, sample, turns = (20, 5, 2) if quick else (200, 100, 9)
    w1, w2 = (np.linspace(low, high, count) for low, high in two_valleys.bounds)
    starts = np.stack(np.meshgrid(w1, w2), axis=-1)
    few = np.random.default_rng(0).choice(starts.reshape(-1, 2), sample, replace=False)
    rule = GradientDescent(0.1)

    def at_once() -> None:
        descend(two_valleys, rule, starts, STEPS)

    def one_by_one() -> None:
        for start in few:
            descend(two_valleys, rule, start, STEPS)

    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(turns):
        for function, measured in zip((at_once, one_by_one), times, strict=True):
            begin = time.perf_counter()
            function()
            measured.append(time.perf_counter() - begin)
    ours, loop = (statistics.median(t) for t in times)
    loop *= starts.size / few.size
    what = f"{count} × {count} starts, {STEPS} steps, one `descend`"
    yield Row(what, seconds(ours), "", ours, " s", at_most=LIMIT)
    other = f"a loop over the starts {seconds(loop)} (from {sample} of them)"
    yield Row(what, seconds(ours), other, loop / ours)
