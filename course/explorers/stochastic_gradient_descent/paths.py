"""SGD and full-batch descent from one start, with the noise floor that theory predicts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course import plots
from course.descent import Trajectory, descend
from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider
from course.explorers.losses.looks import signed
from course.explorers.stage import View
from course.explorers.stochastic_gradient_descent.example import (
    SIZES,
    WINDOW,
    N,
    ink_problem,
    sampled,
)
from course.explorers.stochastic_gradient_descent.looks import Array, ellipse, legend, loss_map
from course.learning_curve import examples_seen
from course.minibatch import SAMPLINGS
from course.noise_floor import Growth, Moments, growth_exponent
from course.optimizers import GradientDescent
from course.plots import marks as mk
from course.schedules import Constant, Cosine, InverseTime, Schedule

UPDATES: Final = 240
RUNS: Final = 40
SWARM: Final = 13  # of them shown beside the first
LATE: Final = 80  # updates over which the mean on the floor is taken
LOW, HIGH = 1e-5, 3e3
RARE: Final = 10.0  # times the measured mean: more than the chance of 40 runs explains
SURE: Final = 3.0  # standard errors from 0 at which an exponent has a sign
EQUAL: Final = ("updates", "examples seen")
CONSTANT, INVERSE, COSINE = "constant", "α / (1 + 0.02 t)", "cosine to 0"


def schedule(kind: str, rate: float) -> Schedule:
    """Return the schedule of this name: all start at the rate α."""
    if kind == INVERSE:
        return InverseTime(rate, decay=0.02)
    return Cosine(rate, steps=UPDATES) if kind == COSINE else Constant(rate)


@dataclass(frozen=True)
class Runs:
    """Hold 40 runs of SGD, one of full-batch descent, and what theory says of the mean."""

    sgd: Trajectory  # points (T+1, 40, 2)
    full: Trajectory  # points (T+1, 2)
    excess: Array  # (T+1, 40)
    full_excess: Array  # (T+1,)
    predicted: Array  # (T+1,)
    floor: Array  # covariance (2, 2), infinite where there is none
    floor_excess: float
    growth: Growth  # of the distance between two runs on these batches, at the rate α

    @property
    def fate(self) -> int:
        """Whether distances shrink (-1) or grow (+1) at this rate; 0 if it cannot be told."""
        exponent, error = self.growth
        # rounding stands in for chance where every batch is the whole set
        return int(np.sign(exponent)) if abs(exponent) > SURE * error + 1e-12 else 0

    @property
    def median(self) -> Array:
        """The median excess loss of the runs, (T+1,)."""
        return np.asarray(np.median(np.nan_to_num(self.excess, nan=np.inf), axis=1))

    @property
    def mean(self) -> Array:
        """The mean excess loss of the runs."""
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(np.nan_to_num(self.excess.mean(axis=1), nan=np.inf, posinf=np.inf))


class NoisyPaths(Explorer):
    """SGD against full-batch descent, at equal updates or equal work; the noise floor."""

    heading = "SGD against full-batch descent: the path, and the floor of noise"
    size = traitlets.Any([880, 440]).tag(sync=True)
    dials = (
        Choice("batch", "batch size B", "16", tuple(SIZES)),
        Slider("rate", "rate α", 0.1, 0.005, 0.5, 0.05, scale="log"),
        Choice("decay", "schedule", CONSTANT, (CONSTANT, INVERSE, COSINE)),
        Choice("equal", "compare at equal", EQUAL[0], EQUAL),
        Choice("sampling", "drawn", SAMPLINGS[0], (SAMPLINGS[0], SAMPLINGS[2])),
        Slider("w", "w", 0.9, *WINDOW[0], 0.05, display="field"),
        Slider("b", "b", 8.8, *WINDOW[1], 0.05, display="field"),
        Slider("seed", "seed", 0, 0, 9, 1, display="field"),
    )
    grips = (Handle("start", "Start (w, b)", "map", x="w", y="b"),)
    background_of = ("batch", "equal")

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the map of the loss, and the axes of the excess loss."""
        left = figure.add_axes((0.075, 0.125, 0.455, 0.815))
        loss_map(left, theme)
        right = figure.add_axes((0.645, 0.125, 0.34, 0.815))
        plots.style(right, theme, x=self.values["equal"], y="L − L*, the loss above the minimum")
        last = UPDATES * self._unit
        right.set(xlim=(-0.02 * last, 1.02 * last), ylim=(LOW, HIGH), yscale="log")
        right.minorticks_off()
        right.xaxis.set_major_locator(MaxNLocator(5))
        rows = [
            ("full batch", "compare", "--"),
            (f"SGD, mean of {RUNS} runs", "path", "-"),
            (f"SGD, median of {RUNS} runs", "path", "--"),
            ("predicted mean", "saddle", "--"),
            ("floor of noise", "saddle", "-"),
        ]
        legend(right, theme, rows, loc="upper right")
        return {"map": left, "loss": right}

    @property
    def _unit(self) -> int:
        """What one update of SGD is on the x axis."""
        return 1 if self.values["equal"] == EQUAL[0] else SIZES[self.values["batch"]]

    def compute(
        self, batch: str, rate: float, decay: str, sampling: str, w: float, b: float, **other: Any
    ) -> Runs:
        """Return the runs from (w, b), and the exact mean that theory predicts for them."""
        problem, start = ink_problem(), np.array([w, b])
        alphas = schedule(decay, rate)
        rule = GradientDescent(alphas)
        chosen = sampled(SIZES[batch], sampling, other["seed"], updates=UPDATES, runs=RUNS)
        sgd = chosen.descend(rule, start)
        full = descend(problem, rule, start, UPDATES)
        moments = _moments(SIZES[batch])
        with np.errstate(all="ignore"):
            excess, full_excess = problem.excess(sgd.points), problem.excess(full.points)
        return Runs(
            sgd,
            full,
            excess,
            full_excess,
            moments.expected_excess(start, alphas(np.arange(UPDATES))),
            moments.floor(rate),
            moments.floor_excess(rate),
            _growth(batch, sampling, other["seed"], rate),
        )

    def view(self, record: Runs, *, batch: str, decay: str, equal: str, **values: Any) -> View:
        """Return both paths, the swarm of the other runs, the floor, and the losses."""
        r, size = record, SIZES[batch]
        t = np.arange(UPDATES + 1)
        # the last batch of an epoch is short
        dealt = values["sampling"] == SAMPLINGS[2]
        seen = examples_seen(t, batch_size=size, n=N) if dealt else t * size
        # at equal examples, how many updates full-batch descent has made by then
        made = t if equal == EQUAL[0] else seen // N
        x = t if equal == EQUAL[0] else seen
        full = r.full.points[made]
        constant = decay == CONSTANT and np.isfinite(r.floor_excess)
        floor = np.full(2, r.floor_excess if constant else np.nan)
        around = r.floor if constant else np.full((2, 2), np.nan)
        swarm = r.sgd.points[:, 1 : SWARM + 1]
        marks = [
            mk.line(_ellipse(around), "map", "saddle", size=1.8, dash=True),
            mk.points(swarm, "map", "muted", timing="frames", size=4, opacity=0.75),
            mk.line(full, "map", "compare", timing="reveal", size=2, dash=True),
            mk.points(full, "map", "compare", timing="current", size=11, shape="square"),
            mk.line(r.sgd.points[:, 0], "map", "path", timing="reveal", size=1.4, opacity=0.8),
            mk.points(r.sgd.points[:, 0], "map", "path", timing="current", size=10),
            _curve(x, r.excess[:, 0], "path", timing="reveal", size=1, opacity=0.45),
            _curve(x, r.full_excess[made], "compare", timing="reveal", size=2, dash=True),
            _curve(x, r.mean, "path", timing="reveal", size=2.4),
            _curve(x, r.median, "path", timing="reveal", size=1.8, dash=True),
            _curve(x, r.predicted, "saddle", size=1.8, dash=True),
            mk.line(np.column_stack([[0, x[-1]], floor]), "loss", "saddle", size=1.2, opacity=0.7),
            mk.points(_shown(x, r.mean), "loss", "path", timing="current", size=8),
        ]
        if decay == CONSTANT and not np.isfinite(r.floor_excess):
            words = ["the runs fly off" if r.fate > 0 else "no floor is predicted"]
            marks.append(mk.text([[x[-1] / 2, 0.03]], words, "loss", "warning", anchor="middle"))
        numbers = np.column_stack(
            [t, seen, r.sgd.points[:, 0], r.mean, r.median, made, made * N, r.full_excess[made]]
        )
        template = (
            "SGD: update {0:d}, {1:d} examples   (w, b) = ({2:.4g}, {3:.4g})   mean L − L* = "
            "{4:.3g}, median {5:.3g}\nfull batch: update {6:d}, {7:d} examples   L − L* = {8:.3g}"
        )
        summary = _summary(r, size, decay, made[-1], values["rate"], dealt)
        if dealt:
            summary += " The prediction is for independent draws with replacement."
        return View(marks, signed(summary), template, numbers)


@cache
def _moments(size: int) -> Moments:
    return Moments(ink_problem(), size)


@lru_cache(maxsize=64)
def _growth(batch: str, sampling: str, seed: int, rate: float) -> Growth:
    """Return how fast two runs come together or part: where they stand has no part in it."""
    chosen = sampled(SIZES[batch], sampling, seed, updates=UPDATES, runs=RUNS)
    return growth_exponent(chosen.H[:-1], rate)


def _ellipse(covariance: Array) -> Array:
    if not np.isfinite(covariance).all():
        return np.full((1, 2), np.nan)
    return ellipse(ink_problem().minimum, covariance)


def _shown(x: Array, losses: Array) -> Array:
    """Return the points of a curve on a logarithmic axis: what is 0 lies below the panel."""
    return np.column_stack([x, np.clip(losses, 1e-9, 1e9)])


def _curve(x: Array, losses: Array, role: str, **style: Any) -> mk.Mark:
    return mk.line(_shown(x, losses), "loss", role, **style)


def _summary(r: Runs, size: int, decay: str, made: int, rate: float, dealt: bool) -> str:
    """Say what SGD comes to, on average and in a typical run, and what full-batch descent does."""
    words = f"α = {rate:.3g}, B = {size}, {decay}. "
    if decay != CONSTANT:
        words += (
            f"After {UPDATES} updates the loss of {RUNS} runs of SGD is on average "
            f"{r.mean[-1]:.3g} above the minimum, with median {r.median[-1]:.3g}; predicted mean "
            f"{r.predicted[-1]:.3g}"
        )
        words += ". " if dealt else _rare(r.predicted[-1], r.mean[-1])
    else:
        late, middle = r.mean[-LATE:].mean(), np.median(r.excess[-LATE:])
        promised = r.predicted[-LATE:].mean()
        words += (
            f"Over the last {LATE} of {UPDATES} updates the loss of {RUNS} runs of SGD is on "
            f"average {late:.3g} above the minimum, with median {middle:.3g}; predicted mean "
            f"{promised:.3g}"
        )
        floor = np.isfinite(r.floor_excess)
        words += f", and in the end {r.floor_excess:.3g}" if floor else ". " + _fate(r, dealt)
        if floor:
            words += ". " if dealt else _rare(promised, late)
    words += f"Full-batch descent after {made} updates: {r.full_excess[made]:.3g} above"
    limit = 2 / np.linalg.eigvalsh(ink_problem().hessian).max()
    if decay == CONSTANT and rate > limit and r.full_excess[0] > 0:
        return words + f"; it diverges, for α exceeds 2/λmax = {limit:.3f}."
    return words + "."


def _rare(predicted: float, measured: float) -> str:
    """Say what carries a predicted mean that is far above the measured one."""
    far = predicted > RARE * measured
    return f": rare runs, absent from these {RUNS}, carry it. " if far else ". "


def _fate(r: Runs, dealt: bool) -> str:
    """Say what becomes of the mean and of a single run at a constant rate without a floor."""
    words = "For independent draws the" if dealt else "The"
    words += " mean over all possible runs has no floor: it grows without end. "
    exponent, error = r.growth
    factor = "with these batches the distance of two runs is multiplied by "
    factor += f"e^{exponent:.3f} per update"
    if r.fate < 0:
        words += f"A single run does not: {factor}, so that the start is forgotten"
        if r.excess[0, 0] <= r.median[-1]:  # no run needs to end below a start that low
            return words + ". "
        below = int((r.excess[-1] < r.excess[0]).sum())
        return words + f"; {below} of the {RUNS} runs end below their start. "
    if r.fate > 0:
        return words + f"So does almost every single run: {factor}. "
    return words + (
        f"For a single run {RUNS} runs do not tell: {factor}, with a standard error of {error:.3f} "
        "in the exponent. "
    )
