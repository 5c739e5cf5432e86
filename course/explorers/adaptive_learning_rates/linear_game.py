"""The game of Reddi, Kale and Kumar: Adam walks to the worst point, and AMSGrad does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.counterexamples import Game, play, reddi_slopes
from course.explorers.adaptive_learning_rates.looks import (
    Kind,
    legend,
    legend_panel,
    look,
    short,
    signed,
    track,
)
from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider
from course.explorers.stage import View
from course.optimizers import Adam, AMSGrad, GradientDescent, Rule
from course.plots import marks as mk
from course.schedules import Constant, InverseSquareRoot, Schedule

LONGEST: Final = 450
TOPS: Final = (1.6, 2.4, 3.6, 5.4, 8.0, 12.0, 20.0)
OWN: Final = "1/(1 + C²)"
MEMORIES: Final = (OWN, "0.9", "0.99", "0.999")
DECAYING, FIXED = "α/√t", "α"
RATES: Final[dict[str, type[Schedule]]] = {DECAYING: InverseSquareRoot, FIXED: Constant}

Games = dict[Kind, Game]


class LinearGame(Explorer):
    """Losses C x, −x, −x in turn on [−1, 1]: the point played, and the average regret."""

    heading = "A game on [−1, 1]: fₜ(x) = C x in every third round, else −x"
    size = traitlets.Any([880, 420]).tag(sync=True)
    dials = (
        Slider("C", "C", 3.0, 2.1, 20.0, 0.1),
        Choice("beta2", "β₂", OWN, MEMORIES),
        Choice("rate", "learning rate", DECAYING, tuple(RATES)),
        Slider("alpha", "α", 0.5, 0.01, 2.0, 0.05, scale="log"),
        Slider("rounds", "rounds", 150, 30, LONGEST, 30),
        Slider("start", "start x₁", 0.0, -1.0, 1.0, 0.05, display="field"),
    )
    grips = (Handle("start", "Start", "x", y="start"),)

    def background_key(self, values: Mapping[str, Any]) -> Any:
        """Return the limits of the axes."""
        return values["rounds"], top_of(values["C"])

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the axes: the point against the round, and the average regret."""
        rounds, top = self.background_key(self.values)
        left = figure.add_axes((0.115, 0.145, 0.445, 0.69))
        plots.style(left, theme, x="rounds played t", y="point x")
        left.set(xlim=(-0.02 * rounds, 1.02 * rounds), ylim=(-1.16, 1.16))
        left.set_yticks([-1, -0.5, 0, 0.5, 1], ["best: −1", "−0.5", "0", "0.5", "worst: 1"])
        right = figure.add_axes((0.66, 0.145, 0.325, 0.69))
        plots.style(right, theme, x="rounds played t", y="average regret")
        right.set(xlim=(-0.02 * rounds, 1.02 * rounds), ylim=(-0.06 * top, top))
        right.axhline(0, color=plots.colour("muted", theme), linewidth=1, linestyle=":")
        return {"x": left, "regret": right, "legend": legend_panel(figure)}

    def compute(
        self, C: float, beta2: str, rate: str, alpha: float, rounds: int, start: float
    ) -> Games:
        """Return the game of each rule, all with β₁ = 0."""
        schedule, slopes = RATES[rate](alpha), reddi_slopes(C, rounds)
        memory = 1 / (1 + C**2) if beta2 == OWN else float(beta2)
        rules: tuple[Rule, ...] = (
            Adam(schedule, beta1=0.0, beta2=memory),
            AMSGrad(schedule, beta1=0.0, beta2=memory),
            GradientDescent(schedule),
        )
        return {type(rule): play(rule, slopes, start) for rule in rules}

    def view(self, record: Games, *, C: float, rounds: int, start: float, **_: Any) -> View:
        """Return the points and the average regrets, round by round."""
        t = np.arange(rounds + 1)
        marks: list[mk.Mark] = []
        for kind, game in record.items():
            one = look(kind)
            marks += track(np.column_stack([t, game.x]), "x", kind, size=1.8)
            regret = np.column_stack([t, np.append(np.nan, game.regret)])
            marks.append(
                mk.line(regret, "regret", one.role, timing="reveal", dash=one.dash, size=2.2)
            )
        level = regret_of_worst(C)
        wide = [[-0.02 * rounds, level], [1.02 * rounds, level]]
        marks.append(mk.line(wide, "regret", "muted", size=1, dash=True))
        words = [f"always at x = 1: {short(level)}"]
        below = float(np.median(record[Adam].regret[rounds // 2 :])) > level > 0.1 * C
        marks.append(
            mk.text(
                [[rounds, level]],
                words,
                "regret",
                "muted",
                size=11,
                anchor="end",
                shift=(0, 18 if below else -8),
            )
        )
        ends = [signed(f"ends at x ≈ {_end(game):.2f}") for game in record.values()]
        marks += legend(tuple(record), ends)
        slopes = np.append(np.nan, next(iter(record.values())).slopes)
        numbers = np.column_stack([t, slopes, *(game.x for game in record.values())])
        template = (
            "after {0:d} rounds   last slope {1:.3g}   x of Adam {2:.3f}, AMSGrad {3:.3f}, "
            "gradient descent {4:.3f}"
        )
        return View(marks, _summary(record, C), template, numbers, {"start": (0.0, start)})


def regret_of_worst(C: float) -> float:
    """Return the average regret of playing x = 1 in every round: 2 (C − 2) / 3."""
    return float(2 * reddi_slopes(C, 3).mean())


def top_of(C: float) -> float:
    """Return the top of the regret's axis: one of a few, so that it seldom jumps."""
    needed = max(1.6 * regret_of_worst(C), 0.7 * C)  # nobody does worse than 2C/3 for long
    return min(top for top in TOPS if top >= needed)


def _end(game: Game) -> float:
    """Return the mean point of the last three rounds, one whole cycle."""
    return float(game.x[-3:].mean())


def _summary(record: Games, C: float) -> str:
    told = ", ".join(f"{look(k).name} x = {_end(game):.2f}" for k, game in record.items())
    regrets = ", ".join(f"{look(k).name} {game.regret[-1]:.2f}" for k, game in record.items())
    return signed(
        f"C = {C:g}: over three rounds the slopes add up to {C - 2:.2g}, so x = −1 is best. Mean "
        f"of the last three rounds: {told}. {_verdict(record[Adam])} Average regret: {regrets}."
    )


def _verdict(adam: Game) -> str:
    # who is held at an end of the interval touches it in every cycle
    if _end(adam) > 0.9 and adam.x[-3:].max() == 1:
        return "Adam sits at the worst point."
    if _end(adam) < -0.9 and adam.x[-3:].min() == -1:
        return "Adam sits at the best point."
    # within a cycle, and from one to the next
    swing, drift = np.ptp(adam.x[-3:]), _end(adam) - adam.x[-6:-3].mean()
    if swing > max(0.2, min(0.5, 100 * abs(drift))):
        return "Adam jumps to and fro: α is large."
    return f"Adam is still on its way {'up' if drift > 0 else 'down'}."
