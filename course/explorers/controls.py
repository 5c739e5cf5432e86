"""What a learner can set, as data: sliders, choices, toggles, and handles in the picture."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Slider:
    """Describe a number between two limits, set by a slider, by typing or by a handle.

    Parameters
    ----------
    name
        The keyword under which ``compute`` receives the value.
    label
        What the learner reads.
    value
        The value at the start and after *Reset*.
    low, high
        The limits, included; whole numbers make the value an ``int``.
    step
        What one arrow key adds; on a log scale, in decades.
    scale
        ``"linear"`` or ``"log"``.
    display
        ``"slider"`` (with a typed field), ``"field"`` (typed only) or ``"hidden"`` (handle only).

    Examples
    --------
    >>> Slider("learning_rate", "α", 0.1, low=0.0, high=1.0, step=0.01).clean(0.25)
    0.25
    """

    name: str
    label: str
    value: float
    low: float
    high: float
    step: float
    scale: str = "linear"
    display: str = "slider"
    kind: str = field(default="slider", init=False)

    @property
    def whole(self) -> bool:
        """Whether the value is an ``int``."""
        return isinstance(self.low, int)

    def clean(self, value: Any, *, clamp: bool = False) -> float:
        """Return the value as a number inside the limits.

        Parameters
        ----------
        value
            What was asked for.
        clamp
            Move a value outside the limits to the nearest limit (a dragged handle) instead of
            refusing it.

        Raises
        ------
        ValueError
            When it is not a finite number, or is outside the limits.
        """
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{self.name} needs a number, not {value!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{self.name} needs a finite number, not {value}")
        if clamp:
            value = min(max(value, self.low), self.high)
        if not self.low <= value <= self.high:
            raise ValueError(
                f"{self.name} ({self.label}) goes from {self.low:g} to {self.high:g}, not {value}"
            )
        return round(value) if self.whole else float(value)

    def nudge(self, value: float, steps: float) -> float:
        """Return the value that many arrow-key steps away, inside the limits.

        On a log scale one step multiplies by 10 to the power of ``step``.
        """
        steps = min(max(steps, -1e6), 1e6)  # Home and End ask for more
        log = self.scale == "log"
        at = math.log10(value) if log else value
        # on the grid of the step, so that keys reach round values again
        at = round(round(at / self.step + steps) * self.step, 10)
        moved = self.short(10.0 ** min(max(at, -300), 300)) if log else at
        if self.whole and steps and round(moved) == value:
            moved = value + math.copysign(1, steps)
        return self.clean(moved, clamp=True)

    def short(self, value: float) -> float:
        """Return the value with as many digits as a handle that is dragged can mean.

        On a log scale these are three; else hundredths of a step, or smaller. A hidden value is
        left as it is: no field shows it.
        """
        if self.display == "hidden":
            return value
        if self.scale == "log":
            return float(f"{value:.3g}")
        return round(value, 2 - math.floor(math.log10(self.step)))


@dataclass(frozen=True)
class Choice:
    """Describe one of several words."""

    name: str
    label: str
    value: str
    options: tuple[str, ...]
    display: str = "choice"
    kind: str = field(default="choice", init=False)

    def clean(self, value: Any, *, clamp: bool = False) -> str:
        """Return the value if it is one of the options; raise ValueError if not."""
        if not isinstance(value, str) or value not in self.options:
            raise ValueError(f"{self.name} must be one of {self.options}, not {value!r}")
        return str(value)


@dataclass(frozen=True)
class Toggle:
    """Describe a switch."""

    name: str
    label: str
    value: bool = False
    display: str = "toggle"
    kind: str = field(default="toggle", init=False)

    def clean(self, value: Any, *, clamp: bool = False) -> bool:
        """Return the value if it is True or False; raise ValueError if not."""
        if not isinstance(value, bool):
            raise ValueError(f"{self.name} must be True or False, not {value!r}")
        return value


Control = Slider | Choice | Toggle


@dataclass(frozen=True)
class Handle:
    """Describe a draggable mark that sets one or two sliders.

    Parameters
    ----------
    name
        Its own name.
    label
        What a screen reader says.
    panel
        The panel in whose coordinates it moves.
    x, y
        Names of the sliders that its coordinates set; an empty name fixes that coordinate.
    along
        Name of a line mark that the handle runs on while it is dragged.
    role
        Its colour.
    """

    name: str
    label: str
    panel: str
    x: str = ""
    y: str = ""
    along: str = ""
    role: str = "start"

    @property
    def axes(self) -> str:
        """The directions in which it moves: ``"x"``, ``"y"`` or ``"xy"``."""
        return ("x" if self.x else "") + ("y" if self.y else "")


def spec(control: Control) -> dict[str, Any]:
    """Return a control as the browser reads it."""
    return asdict(control) | ({"whole": control.whole} if isinstance(control, Slider) else {})
