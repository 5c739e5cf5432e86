"""Schedules: a learning rate that changes with the number t of updates already made.

A schedule is a pure function `schedule(t) -> rate`; t = 0 belongs to the first update. It can stand
wherever an update rule takes a `learning_rate`: `GradientDescent(Cosine(0.1, steps=100))`. For t an
array of update numbers it returns an array of rates, ready to be plotted.

>>> Exponential(0.1, decay=0.5)(np.arange(3))
array([0.1  , 0.05 , 0.025])
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course._check import number, real_array, whole


@dataclass(frozen=True)
class Schedule:
    """A learning rate as a function of t; `rate` is its largest value, > 0."""

    rate: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("every", "steps"):
                whole(field.name, value, minimum=1)
            elif field.name in ("factor", "final"):
                if number(field.name, value) < 0:
                    raise ValueError(f"{field.name} must be at least 0, got {value!r}")
            elif field.name in ("rate", "decay"):
                number(field.name, value, above=0)
            elif value is not None and not isinstance(value, Schedule):
                raise TypeError(f"{field.name} must be a Schedule, got {value!r}")

    def __call__(self, t: int | ArrayLike) -> Any:
        """Return the rate for update t = 0, 1, 2, ...: a float, or an array for an array t."""
        # an update rule asks like this, in every step
        if isinstance(t, int) and not isinstance(t, bool) and t >= 0:
            return float(self.formula(np.float64(t)))
        t = real_array("t", t)
        if t.min() < 0:
            raise ValueError(f"t must be at least 0, got {t.min():g}")
        rate = self.formula(t)
        return float(rate) if t.ndim == 0 else rate

    def formula(self, t: Any) -> Any:
        """Return the rate, unchecked."""
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Schedule):
    """αₜ = rate.

    Examples
    --------
    >>> Constant(0.1)(7)
    0.1
    """

    def formula(self, t: Any) -> Any:
        """αₜ = rate."""
        return self.rate + 0 * t


@dataclass(frozen=True)
class StepDecay(Schedule):
    """αₜ = rate factor^⌊t / every⌋: a drop by `factor` every so many updates.

    Examples
    --------
    >>> StepDecay(1.0, factor=0.5, every=10)([0, 9, 10, 20])
    array([1.  , 1.  , 0.5 , 0.25])
    """

    factor: float = 0.5
    every: int = 100

    def formula(self, t: Any) -> Any:
        """αₜ = rate factor^⌊t / every⌋."""
        return self.rate * self.factor ** (t // self.every)


@dataclass(frozen=True)
class Exponential(Schedule):
    """αₜ = rate decayᵗ, 0 < decay.

    Examples
    --------
    >>> Exponential(1.0, decay=0.5)(3)
    0.125
    """

    decay: float = 0.99

    def formula(self, t: Any) -> Any:
        """αₜ = rate decayᵗ."""
        return self.rate * self.decay**t


@dataclass(frozen=True)
class InverseTime(Schedule):
    """αₜ = rate / (1 + decay t): Σ αₜ diverges, Σ αₜ² converges.

    These two conditions are sufficient for stochastic gradient descent to settle, not necessary.

    Source: Robbins, Monro (1951); Bottou, Curtis, Nocedal (2018), equation 4.19.

    Examples
    --------
    >>> InverseTime(1.0, decay=0.5)([0, 2])
    array([1. , 0.5])
    """

    decay: float = 0.01

    def formula(self, t: Any) -> Any:
        """αₜ = rate / (1 + decay t)."""
        return self.rate / (1 + self.decay * t)


@dataclass(frozen=True)
class InverseSquareRoot(Schedule):
    """αₜ = rate / √(t + 1): slow enough to get anywhere, fast enough to settle on average.

    The rate of online learning: with it the average regret of gradient descent goes to 0.

    Source: Zinkevich (2003), theorem 1; Reddi, Kale, Kumar (2018), section 2.

    Examples
    --------
    >>> InverseSquareRoot(1.0)([0, 3, 8])
    array([1.        , 0.5       , 0.33333333])
    """

    def formula(self, t: Any) -> Any:
        """αₜ = rate / √(t + 1)."""
        return self.rate / np.sqrt(t + 1)


@dataclass(frozen=True)
class Cosine(Schedule):
    """αₜ = final + ½ (rate - final) (1 + cos(π t / steps)); `final` from t = steps on.

    Source: Loshchilov, Hutter (2017), equation 5, without restarts.

    Examples
    --------
    >>> Cosine(1.0, steps=100)([0, 50, 100, 150]).round(12)
    array([1. , 0.5, 0. , 0. ])
    """

    steps: int = 1000
    final: float = 0.0

    def formula(self, t: Any) -> Any:
        """αₜ = final + ½ (rate − final) (1 + cos(π t / steps))."""
        phase = np.minimum(t / self.steps, 1)
        return self.final + (self.rate - self.final) * (1 + np.cos(np.pi * phase)) / 2


@dataclass(frozen=True)
class WarmUp(Schedule):
    """αₜ = rate (t + 1) / steps for t < steps, then `then(t - steps)`, or `rate` for good.

    Source: Goyal et al. (2017), section 2.2.

    Examples
    --------
    >>> WarmUp(1.0, steps=4)([0, 1, 2, 3, 4, 5])
    array([0.25, 0.5 , 0.75, 1.  , 1.  , 1.  ])
    >>> WarmUp(1.0, steps=2, then=Exponential(1.0, decay=0.5))([0, 1, 2, 3])
    array([0.5, 1. , 1. , 0.5])
    """

    steps: int = 100
    then: Schedule | None = None

    def formula(self, t: Any) -> Any:
        """αₜ = rate (t + 1) / steps, then `then`."""
        then = self.then or Constant(self.rate)
        rise = self.rate * (t + 1) / self.steps
        return np.where(t < self.steps, rise, then.formula(np.maximum(t - self.steps, 0)))


SCHEDULES: tuple[type[Schedule], ...] = (
    Constant,
    StepDecay,
    Exponential,
    InverseTime,
    InverseSquareRoot,
    Cosine,
    WarmUp,
)
