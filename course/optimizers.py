"""Update rules: how the parameters θ move, given the gradient g of the loss.

    state = rule.initial_state(theta)
    theta, state = rule.step(theta, gradient, state)

Rules are pure: `step` changes none of its arguments and draws no random numbers. What a rule must
remember is in `state`, a named tuple that begins with t, the number of updates made so far. All
arithmetic is element by element, so θ may have any shape: the flat vector of a network, or a grid
of points on a surface. Hyperparameters may be arrays too: `learning_rate` of shape (K, 1) with θ of
shape (K, n) makes K runs at once. And `learning_rate` may be a function of t, such as those in
`schedules`; t = 0 is the first update.

ε stands outside the root everywhere: g / (√v + ε). There is no rule called SGD: it is
`GradientDescent`, fed with the gradient of a minibatch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, real_array

Parameter = float | Array
Rate = Parameter | Callable[[int], float]
Step = tuple[Array, Any]


class Count(NamedTuple):
    """State of a rule that remembers nothing but the number of updates."""

    t: int


class Velocity(NamedTuple):
    """State of the momentum methods: v, a decaying sum of gradients."""

    t: int
    v: Array


class SquareSum(NamedTuple):
    """State of AdaGrad: G, the sum of squared gradients."""

    t: int
    G: Array


class SquareAverage(NamedTuple):
    """State of RMSProp: v, the moving average of squared gradients."""

    t: int
    v: Array


class Moments(NamedTuple):
    """State of Adam: m and v, moving averages of g and g², not yet corrected for bias."""

    t: int
    m: Array
    v: Array


class MaxMoments(NamedTuple):
    """State of AMSGrad: m and v as in Adam, and v_max, the largest v so far."""

    t: int
    m: Array
    v: Array
    v_max: Array


@dataclass(frozen=True)
class Rule:
    """An update rule: hyperparameters only, checked once, here.

    The learning rate α and ε are > 0; beta, beta1, beta2 and decay lie in [0, 1); others raise
    TypeError or ValueError. Each is a float, or an array of θ's dtype that broadcasts to its shape.
    """

    learning_rate: Rate
    State: ClassVar[Any]

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "learning_rate" or not callable(value):
                object.__setattr__(self, field.name, _hyperparameter(field.name, value))

    def initial_state(self, theta: ArrayLike) -> Any:
        """Return the state before the first step for parameters like θ: t = 0, all else 0.

        Raises TypeError or ValueError if θ is empty, not real or not finite, or if an array
        hyperparameter does not broadcast to its shape.
        """
        theta = real_array("theta", theta)
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, np.ndarray):  # a number, or a function of t
                continue
            try:
                np.broadcast_to(value, theta.shape)
            except ValueError:
                shapes = f"{np.shape(value)} must broadcast to the shape of theta {theta.shape}"
                raise ValueError(f"{field.name} {shapes}") from None
        return self.State(0, *(np.zeros_like(theta) for _ in self.State._fields[1:]))

    def step(self, theta: ArrayLike, gradient: ArrayLike, state: Any) -> Step:
        """Return the next (θ, state).

        Raises ValueError unless θ and the gradient have equal shapes. Non-finite numbers pass
        through: a run that diverges shows that it does.
        """
        theta, g = np.asarray(theta), np.asarray(gradient)
        if theta.shape != g.shape:
            raise ValueError(f"theta {theta.shape} and gradient {g.shape} must have equal shapes")
        with np.errstate(all="ignore"):
            return self.update(theta, g, self.rate_at(state.t), state)

    def rate_at(self, t: int) -> Any:
        """Return the learning rate α of the update that follows t others."""
        rate = self.learning_rate
        return float(rate(t)) if callable(rate) else rate

    def update(
        self, theta: Array, g: Array, alpha: Any, state: Any, out: Array | None = None
    ) -> Step:
        """Return the next (θ, state): the bare formula, unchecked.

        The next θ is written into `out`, which may be g itself; left out, it is a new array. For a
        large θ fresh memory costs more than the arithmetic.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class GradientDescent(Rule):
    """θ ← θ − α g.

    Source: Cauchy (1847); Goodfellow, Bengio, Courville (2016), section 4.3.

    Examples
    --------
    >>> rule = GradientDescent(learning_rate=0.5)
    >>> rule.step([2.0], [1.0], rule.initial_state([2.0]))
    (array([1.5]), Count(t=1))
    """

    State = Count

    def update(
        self, theta: Array, g: Array, alpha: Any, state: Count, out: Array | None = None
    ) -> Step:
        """θ ← θ − α g."""
        theta = np.subtract(theta, np.multiply(alpha, g, out=out), out=out)
        return theta, Count(state.t + 1)


@dataclass(frozen=True)
class Momentum(Rule):
    """v ← β v + g;  θ ← θ − α v.  v starts at 0.

    The velocity sums gradients, so on a steady slope the step grows to α g / (1 − β). This is
    PyTorch's form (with dampening 0). Polyak and Keras put α into the velocity, v ← β v − α g; the
    paths are the same as long as α is constant.

    Source: Polyak (1964); Goh (2017), Why Momentum Really Works.

    Examples
    --------
    >>> rule = Momentum(learning_rate=0.1, beta=0.9)
    >>> theta, state = rule.step([1.0], [2.0], rule.initial_state([1.0]))
    >>> rule.step(theta, [2.0], state)
    (array([0.42]), Velocity(t=2, v=array([3.8])))
    """

    beta: Parameter = 0.9
    State = Velocity

    def update(
        self, theta: Array, g: Array, alpha: Any, state: Velocity, out: Array | None = None
    ) -> Step:
        """θ ← θ − α v, after v ← β v + g."""
        v = self.beta * state.v + g
        return np.subtract(theta, alpha * v, out=out), Velocity(state.t + 1, v)


@dataclass(frozen=True)
class Nesterov(Rule):
    """v ← β v + g;  θ ← θ − α (g + β v).  v starts at 0.

    Nesterov's method measures the gradient where the velocity is about to carry the parameters. In
    this form, PyTorch's, θ *is* that look-ahead point. The original form, u ← β u − α ∇L(φ + β u),
    φ ← φ + u, runs through the same points θ = φ + β u with u = −α v, as long as α is constant.

    Source: Nesterov (1983); Sutskever, Martens, Dahl, Hinton (2013), equations 3 and 4; Bengio,
    Boulanger-Lewandowski, Pascanu (2013), section 3.5.

    Examples
    --------
    >>> rule = Nesterov(learning_rate=0.1, beta=0.5)
    >>> rule.step([1.0], [2.0], rule.initial_state([1.0]))
    (array([0.7]), Velocity(t=1, v=array([2.])))
    """

    beta: Parameter = 0.9
    State = Velocity

    def update(
        self, theta: Array, g: Array, alpha: Any, state: Velocity, out: Array | None = None
    ) -> Step:
        """θ ← θ − α (g + β v), after v ← β v + g."""
        v = self.beta * state.v + g
        theta = np.subtract(theta, alpha * (g + self.beta * v), out=out)
        return theta, Velocity(state.t + 1, v)


@dataclass(frozen=True)
class AdaGrad(Rule):
    """G ← G + g²;  θ ← θ − α g / (√G + ε).  G starts at 0.

    Each coordinate's effective rate α / √G can only shrink. Keras starts G at 0.1; ε = 1e-10 is
    PyTorch's default, and Keras has 1e-7.

    Source: Duchi, Hazan, Singer (2011), figure 1, with diagonal matrices.

    Examples
    --------
    >>> rule = AdaGrad(learning_rate=0.1)
    >>> theta, state = rule.step([1.0], [3.0], rule.initial_state([1.0]))
    >>> theta.round(6), state.G
    (array([0.9]), array([9.]))
    """

    epsilon: Parameter = 1e-10
    State = SquareSum

    def update(
        self, theta: Array, g: Array, alpha: Any, state: SquareSum, out: Array | None = None
    ) -> Step:
        """θ ← θ − α g / (√G + ε), after G ← G + g²."""
        G = state.G + g * g
        theta = np.subtract(theta, alpha * g / (np.sqrt(G) + self.epsilon), out=out)
        return theta, SquareSum(state.t + 1, G)


@dataclass(frozen=True)
class RMSProp(Rule):
    """v ← γ v + (1 − γ) g²;  θ ← θ − α g / (√v + ε).  γ is `decay`; v starts at 0.

    From zero and without bias correction the first step is α / √(1 − γ), which is more than α.
    PyTorch, Keras and optax start v at 0 as well; TensorFlow 1 started it at 1 and put ε inside the
    root, as optax does unless told otherwise. γ = 0.9 is the lecture's; PyTorch's default is 0.99.

    Source: Tieleman, Hinton (2012), Neural Networks for Machine Learning, lecture 6.5.

    Examples
    --------
    >>> rule = RMSProp(learning_rate=0.1, decay=0.75)
    >>> theta, state = rule.step([1.0], [3.0], rule.initial_state([1.0]))
    >>> theta.round(6), state.v
    (array([0.8]), array([2.25]))
    """

    decay: Parameter = 0.9
    epsilon: Parameter = 1e-8
    State = SquareAverage

    def update(
        self, theta: Array, g: Array, alpha: Any, state: SquareAverage, out: Array | None = None
    ) -> Step:
        """θ ← θ − α g / (√v + ε), after v ← γ v + (1 − γ) g²."""
        v = self.decay * state.v + (1 - self.decay) * (g * g)
        theta = np.subtract(theta, alpha * g / (np.sqrt(v) + self.epsilon), out=out)
        return theta, SquareAverage(state.t + 1, v)


@dataclass(frozen=True)
class Adam(Rule):
    """Moving averages of g and g², both corrected for their start at zero.

        m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
        v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
        θ ← θ − α m̂ / (√v̂ + ε)

    t is 1 in the first step; m and v start at 0 and are stored uncorrected. The first step is
    α sign(g) for every g that is large against ε.

    Source: Kingma, Ba (2014), algorithm 1.

    Examples
    --------
    >>> rule = Adam(learning_rate=0.1)
    >>> theta, state = rule.step([1.0, 1.0], [0.001, -1000.0], rule.initial_state([1.0, 1.0]))
    >>> theta.round(5)
    array([0.9, 1.1])
    """

    beta1: Parameter = 0.9
    beta2: Parameter = 0.999
    epsilon: Parameter = 1e-8
    State = Moments

    def update(
        self, theta: Array, g: Array, alpha: Any, state: Moments, out: Array | None = None
    ) -> Step:
        """θ ← θ − α m̂ / (√v̂ + ε)."""
        t = state.t + 1
        # m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * (g * g)
        # m̂ = m / (1 − β₁ᵗ);  v̂ = v / (1 − β₂ᵗ)
        m_hat = m / (1 - self.beta1**t)
        v_hat = v / (1 - self.beta2**t)
        theta = np.subtract(theta, alpha * m_hat / (np.sqrt(v_hat) + self.epsilon), out=out)
        return theta, Moments(t, m, v)


@dataclass(frozen=True)
class AMSGrad(Rule):
    """Adam with the largest v so far under the root, so that no effective rate ever grows.

        m ← β₁ m + (1 − β₁) g
        v ← β₂ v + (1 − β₂) g²       v_max ← max(v_max, v)
        θ ← θ − α m / (√v_max + ε)

    m, v and v_max start at 0. As in the paper there is no bias correction: that keeps α / √v_max
    falling, the property that its proof needs, and makes the first step α (1 − β₁) / √(1 − β₂), or
    3.16 α with the defaults. PyTorch and Keras keep Adam's correction. The paper has no ε; it is
    here for g = 0.

    Source: Reddi, Kale, Kumar (2018), algorithm 2.

    Examples
    --------
    >>> rule = AMSGrad(learning_rate=0.1, beta1=0.5, beta2=0.75)
    >>> theta, state = rule.step([1.0], [4.0], rule.initial_state([1.0]))
    >>> theta.round(6), state.v_max
    (array([0.9]), array([4.]))
    """

    beta1: Parameter = 0.9
    beta2: Parameter = 0.999
    epsilon: Parameter = 1e-8
    State = MaxMoments

    def update(
        self, theta: Array, g: Array, alpha: Any, state: MaxMoments, out: Array | None = None
    ) -> Step:
        """θ ← θ − α m / (√v_max + ε)."""
        # m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  v_max ← max(v_max, v)
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * (g * g)
        v_max = np.maximum(state.v_max, v)
        theta = np.subtract(theta, alpha * m / (np.sqrt(v_max) + self.epsilon), out=out)
        return theta, MaxMoments(state.t + 1, m, v, v_max)


def _hyperparameter(name: str, value: Any) -> float | Array:
    array = real_array(name, value)
    if name in ("learning_rate", "epsilon"):
        expected, wrong = "greater than 0", ~(array > 0)
    else:
        expected, wrong = "in [0, 1)", ~((array >= 0) & (array < 1))
    if wrong.any():
        raise ValueError(f"{name} must be {expected}, got {float(array[wrong][0])!r}")
    # a plain float keeps float32 parameters float32; an array is copied so that it cannot change
    return float(array) if array.ndim == 0 else array.copy()


RULES = (GradientDescent, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AMSGrad)
