"""Descent: follow the gradient down a surface, or train a network on minibatches.

>>> from course.optimizers import GradientDescent
>>> from course.surfaces import quadratic
>>> path = descend(quadratic([1.0]), GradientDescent(0.5), [8.0], steps=3)
>>> path.points.ravel(), path.values
(array([8., 4., 2., 1.]), array([32. ,  8. ,  2. ,  0.5]))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, generator, real_array, whole
from course.backprop import propagate_back
from course.data import Dataset
from course.losses import Loss
from course.network import Network, Weights, flatten, propagate, unflatten
from course.optimizers import Rule


class Objective(Protocol):
    """Anything to descend: θ (..., n) → value (...) and gradient (..., n)."""

    @property
    def value(self) -> Callable[[Any], Any]:
        """θ (..., n) → L (...)."""

    @property
    def gradient(self) -> Callable[[Any], Any]:
        """θ (..., n) → ∂L/∂θ (..., n)."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A descent of T steps, from the start (index 0) to the end (index T).

    Attributes
    ----------
    rule : the update rule.
    points : (T+1, ..., n), θ before each step and after the last.
    values : (T+1, ...), the loss there.
    gradients : (T+1, ..., n), its gradient there.
    states : the T+1 optimizer states.
    """

    rule: Rule
    points: Array
    values: Array
    gradients: Array
    states: tuple[Any, ...]

    @property
    def diverged(self) -> np.ndarray:
        """(...) bool: whether any point or value of a run is infinite or nan."""
        finite = np.isfinite(self.points).all(axis=-1) & np.isfinite(self.values)
        return np.asarray(~finite.all(axis=0))


def descend(objective: Objective, rule: Rule, theta: ArrayLike, steps: int) -> Trajectory:
    """Return the path of `steps` updates from θ (..., n).

    Leading axes are independent runs: a (200, 200, 2) grid of starts is a map of basins. A run
    that diverges goes to inf and nan without a warning; see `Trajectory.diverged`.

    Raises TypeError or ValueError for a start that is not real and finite, has no axis, or does not
    fit the objective's dimension, for steps that are not a whole number >= 0, and for an objective
    whose values or gradients have the wrong shape. All values are computed in one call at the end.

    Examples
    --------
    >>> from course.optimizers import Momentum
    >>> from course.surfaces import two_valleys
    >>> path = descend(two_valleys, Momentum(0.1), [[-1.0, 1.0], [1.0, 1.0]], steps=200)
    >>> path.points[-1].round(3)
    array([[-0.969,  0.   ],
           [ 1.029,  0.   ]])
    """
    theta, steps = real_array("theta", theta), whole("steps", steps, 0)
    n = getattr(objective, "dimension", theta.shape[-1] if theta.ndim else 1)
    if theta.ndim == 0 or theta.shape[-1] != n:
        raise ValueError(f"theta {theta.shape} must have shape (..., {n})")
    g = np.asarray(objective.gradient(theta))
    if g.shape != theta.shape:
        raise ValueError(f"theta {theta.shape} and gradient {g.shape} must have equal shapes")
    points = np.empty((steps + 1, *theta.shape), theta.dtype)
    gradients = np.empty_like(points)
    points[0], gradients[0], states = theta, g, [rule.initial_state(theta)]
    with np.errstate(all="ignore"):
        for t in range(steps):
            alpha = rule.rate_at(t)
            _, state = rule.update(points[t], gradients[t], alpha, states[t], out=points[t + 1])
            gradients[t + 1] = objective.gradient(points[t + 1])
            states.append(state)
        values = np.asarray(objective.value(points))
    if values.shape != points.shape[:-1]:
        raise ValueError(f"values {values.shape} must be one for each of the points {points.shape}")
    return Trajectory(rule, points, values, gradients, tuple(states))


def descend_together(
    objective: Objective, rules: Sequence[Rule], theta: ArrayLike, steps: int
) -> tuple[Trajectory, ...]:
    """Return the path of each rule from θ (..., n): as `descend`, with one gradient call a step.

    The objective sees the points of all K rules at once, (K, ..., n).

    Raises ValueError for no rule at all, and what `descend` raises.

    Examples
    --------
    >>> from course.optimizers import GradientDescent, Momentum
    >>> from course.surfaces import quadratic
    >>> rules = GradientDescent(0.5), Momentum(0.5, beta=0.5)
    >>> [path.points.ravel().tolist() for path in descend_together(quadratic([1]), rules, [8], 2)]
    [[8.0, 4.0, 2.0], [8.0, 4.0, 0.0]]
    """
    rules, theta = tuple(rules), real_array("theta", theta)
    if not rules:
        raise ValueError("rules must hold at least one rule, got none")
    if theta.ndim == 0:
        raise ValueError("theta () must have shape (..., n)")
    together = cast(Rule, _Together(rules))  # descend asks no more of a rule
    path = descend(objective, together, np.broadcast_to(theta, (len(rules), *theta.shape)), steps)
    return tuple(
        Trajectory(rule, points, values, gradients, states)
        for rule, points, values, gradients, states in zip(
            rules,
            np.moveaxis(path.points, 1, 0),
            np.moveaxis(path.values, 1, 0),
            np.moveaxis(path.gradients, 1, 0),
            zip(*path.states, strict=True),
            strict=True,
        )
    )


@dataclass(frozen=True)
class _Together:
    """Several rules side by side: the k-th moves θ[k] of θ (K, ..., n), and has the k-th state."""

    rules: tuple[Rule, ...]

    def initial_state(self, theta: Array) -> tuple[Any, ...]:
        return tuple(map(Rule.initial_state, self.rules, theta))

    def rate_at(self, t: int) -> list[Any]:
        return [rule.rate_at(t) for rule in self.rules]

    def update(
        self, theta: Array, g: Array, alphas: list[Any], states: tuple[Any, ...], out: Array
    ) -> tuple[Array, tuple[Any, ...]]:
        later = [
            rule.update(theta[k], g[k], alphas[k], states[k], out=out[k])[1]
            for k, rule in enumerate(self.rules)
        ]
        return out, tuple(later)


@dataclass(frozen=True, eq=False)
class Training:
    """A trained network and how it got there.

    Attributes
    ----------
    network : with the final parameters.
    batch_losses : (updates,), the loss of each minibatch before its update.
    epoch_losses : (epochs,), the mean over the examples of an epoch, each taken when it was used.
    evaluations : (epochs + 1,), `evaluate(network)` before the first and after each epoch, or None.
    diverged : whether a loss or parameter became infinite or nan. Training stops there: the network
        keeps the parameters of the last epoch that was finite, and all later losses are inf (all
        later evaluations nan).
    """

    network: Network
    batch_losses: Array
    epoch_losses: Array
    evaluations: Array | None
    diverged: bool = False


def minibatches(
    dataset: Dataset, batch_size: int, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    """Return one epoch of minibatches (X, Y), freshly shuffled by each call.

    Every example occurs once. The last batch is short if batch_size does not divide N; a loss then
    divides by the batch's own size.

    Examples
    --------
    >>> from course.data import moons
    >>> rng = np.random.default_rng(0)
    >>> [len(X) for X, Y in minibatches(moons(10, rng), 4, rng)]
    [4, 4, 2]
    """
    batch_size = whole("batch_size", batch_size, 1)
    order = generator("rng", rng).permutation(len(dataset))
    batches = (order[i : i + batch_size] for i in range(0, len(dataset), batch_size))
    return ((dataset.X.take(batch, axis=0), dataset.Y.take(batch, axis=0)) for batch in batches)


def train(
    network: Network,
    dataset: Dataset,
    loss: Loss,
    rule: Rule,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    progress: Callable[[Iterable[int]], Iterable[int]] | None = None,
    evaluate: Callable[[Network], float] | None = None,
) -> Training:
    """Return the network after `epochs` passes through the dataset in minibatches.

    Each update: forward pass, δ recursion, rule. `batch_size=len(dataset)` is full-batch
    gradient descent. The rule's learning rate may be a schedule of the number of updates.

    Parameters
    ----------
    progress : wraps the range of epochs, such as `tqdm.tqdm`.
    evaluate : a measure of the network, such as `lambda net: accuracy(net, test)`.

    Raises TypeError or ValueError if network, dataset and loss do not fit together.

    Examples
    --------
    >>> from course.activations import sigmoid
    >>> from course.data import moons
    >>> from course.losses import bce
    >>> from course.network import mlp
    >>> from course.optimizers import Adam
    >>> rng = np.random.default_rng(0)
    >>> network, dataset = mlp([2, 8, 1], sigmoid, rng), moons(100, rng)
    >>> run = train(network, dataset, bce, Adam(0.05), epochs=20, batch_size=25, rng=rng)
    >>> run.batch_losses.shape, bool(run.epoch_losses[-1] < run.epoch_losses[0])
    ((80,), True)
    """
    epochs, batch_size = whole("epochs", epochs, 1), whole("batch_size", batch_size, 1)
    generator("rng", rng)
    dataset = fitting(network, dataset, loss)
    gradient_of = BatchGradient(network, loss)
    theta, kept = gradient_of.start.copy(), gradient_of.start
    state = rule.initial_state(theta)
    # two pieces of memory take turns: the gradient becomes the next θ, and the old θ is free for
    # the next gradient
    free = np.empty_like(theta)
    measured = [] if evaluate is None else [evaluate(network)]
    batch_losses: list[np.floating] = []
    epoch_losses: list[float] = []
    diverged = False
    for _ in range(epochs) if progress is None else progress(range(epochs)):
        total = 0.0
        with np.errstate(all="ignore"):
            for X, Y in minibatches(dataset, batch_size, rng):
                value, g = gradient_of(theta, X, Y, out=free)
                free = theta
                theta, state = rule.update(theta, g, rule.rate_at(state.t), state, out=g)
                batch_losses.append(value)
                total += float(value) * len(X)
        diverged = not (np.isfinite(total) and np.isfinite(theta).all())
        if diverged:
            break
        kept = theta.copy()
        epoch_losses.append(total / len(dataset))
        if evaluate is not None:
            measured.append(evaluate(network.with_weights(gradient_of.weights_at(kept))))
    updates = epochs * -(-len(dataset) // batch_size)
    return Training(
        network.with_weights(gradient_of.weights_at(kept)),
        _filled(batch_losses, updates, np.inf),
        _filled(epoch_losses, epochs, np.inf),
        None if evaluate is None else _filled(measured, epochs + 1, np.nan),
        diverged,
    )


class BatchGradient:
    """The loss of a minibatch (X, Y) at θ and its gradient, unchecked.

    In this θ each W lies column by column: A Wᵀ is computed faster from one block of memory. W, b
    and their gradients are views into θ and the gradient: nothing is copied.

    Attributes
    ----------
    start : θ of the network itself, (P,).

    Examples
    --------
    >>> from course.activations import identity
    >>> from course.losses import half_squared_error
    >>> from course.network import Layer
    >>> network = Network((Layer([[1.0, 2.0]], [3.0], identity),))
    >>> gradient_of = BatchGradient(network, half_squared_error)
    >>> gradient_of(gradient_of.start, np.array([[1.0, 1.0]]), np.array([[5.0]]))
    (np.float64(0.5), array([1., 1., 1.]))
    """

    def __init__(self, network: Network, loss: Loss) -> None:
        self.loss, self.activations, self.layout = loss, network.activations, network.layout
        self.start = flatten(network.weights, columns=True)

    def weights_at(self, theta: Array) -> Weights:
        """Return (W, b) of each layer as views into θ."""
        return unflatten(theta, self.layout, columns=True)

    def __call__(
        self, theta: Array, X: Array, Y: Array, out: Array | None = None
    ) -> tuple[np.floating, Array]:
        """Return the loss () and its gradient (P,), written into `out` or a new array."""
        weights, gradient = self.weights_at(theta), np.empty_like(theta) if out is None else out
        z, a = propagate(X, weights, self.activations)
        value, slope = self.loss.formula(Y, a[-1])
        into = self.weights_at(gradient)
        propagate_back(slope, z, a, weights, self.activations, into=into)
        return value, gradient


def _filled(numbers: Sequence[Any], length: int, missing: float) -> Array:
    """Return the numbers as an array of this length, `missing` where a run ended early."""
    finite = np.nan_to_num(np.array(numbers, dtype=float), nan=missing, posinf=missing)
    return np.concatenate([finite, np.full(length - len(finite), missing)])


def fitting(network: Network, dataset: Dataset, loss: Loss) -> Dataset:
    """Return the dataset in the network's dtype, if network, dataset and loss fit together.

    Raises TypeError or ValueError if they do not.

    Examples
    --------
    >>> from course.activations import sigmoid
    >>> from course.losses import bce
    >>> from course.network import mlp
    >>> network = mlp([2, 1], sigmoid, np.random.default_rng(0))
    >>> fitting(network, Dataset([[0, 0, 0]], [[1]]), bce)
    Traceback (most recent call last):
        ...
    ValueError: X (1, 3) must have 2 columns for Network(2-1, sigmoid)
    """
    n_in, n_out = network.sizes[0], network.sizes[-1]
    if dataset.X.shape[1] != n_in:
        raise ValueError(f"X {dataset.X.shape} must have {n_in} columns for {network}")
    if dataset.Y.shape[1] != n_out:
        raise ValueError(f"Y {dataset.Y.shape} must have {n_out} columns for {network}")
    f = network.activations[-1]
    if f.range[0] < loss.domain[0] or f.range[1] > loss.domain[1]:
        raise ValueError(
            f"{loss} needs predictions in {list(loss.domain)}, but the output activation {f} gives "
            f"{list(f.range)}; use sigmoid, or bce_with_logits with identity"
        )
    # the loss's own door checks every target, here against predictions of the right shape
    loss(dataset.Y, np.full_like(dataset.Y, 0.5))
    X, Y = (array.astype(network.dtype, copy=False) for array in (dataset.X, dataset.Y))
    return Dataset(X, Y, dataset.source)
