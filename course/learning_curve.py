"""Learning curves that count work: the loss against updates, examples seen, and epochs.

One update with a batch of B costs B gradients of single examples, so two batch sizes can be
compared at equal numbers of updates or at equal numbers of examples. These are not the same, and
neither is a time on a clock, which depends on the machine.

>>> work(10, batch_size=64, n=1437)
Work(updates=230, examples=14370)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course._check import Array, whole
from course.activations import Activation
from course.data import Dataset
from course.descent import BatchGradient, fitting, minibatches
from course.losses import Loss
from course.network import Network, Weights, propagate
from course.optimizers import Rule


class Work(NamedTuple):
    """Count the updates of a training, and the gradients of single examples that they took."""

    updates: int
    examples: int


def work(epochs: int, *, batch_size: int, n: int) -> Work:
    """Return the work of so many epochs over N examples in batches of B.

    An epoch has ⌈N/B⌉ updates: the last batch is short if B does not divide N. Whatever B, it takes
    N gradients of single examples.

    Examples
    --------
    >>> work(1, batch_size=16, n=1437), work(1, batch_size=1437, n=1437)
    (Work(updates=90, examples=1437), Work(updates=1, examples=1437))
    """
    epochs, n = whole("epochs", epochs, 0), whole("n", n, 1)
    batch_size = whole("batch_size", batch_size, 1)
    return Work(epochs * -(-n // batch_size), epochs * n)


def examples_seen(updates: ArrayLike, *, batch_size: int, n: int) -> NDArray[np.int64]:
    """Return how many examples so many updates (...) have seen, reshuffled each epoch: (...).

    Examples
    --------
    >>> examples_seen([1, 22, 23, 24], batch_size=64, n=1437)
    array([  64, 1408, 1437, 1501])
    """
    epochs, rest = np.divmod(updates, work(1, batch_size=batch_size, n=n).updates)
    return np.asarray(epochs * n + rest * batch_size)


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """The mean loss over all N examples, measured along a training in batches of B.

    Attributes
    ----------
    batch_size, n : B and N.
    updates : (K,), after how many updates the loss was measured; the first is 0.
    losses : (K,), infinite from where the training diverged.
    """

    batch_size: int
    n: int
    updates: NDArray[np.int64]
    losses: Array

    @property
    def examples(self) -> NDArray[np.int64]:
        """How many gradients of single examples were computed until then, (K,)."""
        return examples_seen(self.updates, batch_size=self.batch_size, n=self.n)

    @property
    def epochs(self) -> Array:
        """How many times the examples were gone through until then, (K,)."""
        return self.examples / self.n


def learning_curve(
    network: Network,
    dataset: Dataset,
    loss: Loss,
    rule: Rule,
    *,
    batch_size: int,
    updates: int,
    rng: np.random.Generator,
    points: int = 60,
    also: Sequence[int] = (),
) -> LearningCurve:
    """Return how the loss over the whole dataset falls in so many updates with minibatches.

    The training is that of `descent.train`: reshuffled each epoch, each batch divided by its own
    size. It is measured before the first update, after `points` numbers of updates in about equal
    ratios, after each of the first ten epochs, and after the numbers of updates in `also`.

    Raises TypeError or ValueError if network, dataset and loss do not fit together, or for a number
    that is not whole or less than 1.

    Examples
    --------
    >>> from course.activations import sigmoid
    >>> from course.data import moons
    >>> from course.losses import bce
    >>> from course.network import mlp
    >>> from course.optimizers import GradientDescent
    >>> rng = np.random.default_rng(0)
    >>> data, start = moons(100, rng), mlp([2, 8, 1], sigmoid, rng)
    >>> how = {"batch_size": 32, "updates": 40, "rng": rng}
    >>> curve = learning_curve(start, data, bce, GradientDescent(0.5), **how)
    >>> float(curve.epochs[-1]), bool(curve.losses[-1] < curve.losses[0])
    (10.0, True)
    """
    updates, batch_size = whole("updates", updates, 1), whole("batch_size", batch_size, 1)
    dataset = fitting(network, dataset, loss)
    gradient_of = BatchGradient(network, loss)
    theta = gradient_of.start
    state = rule.initial_state(theta)
    epoch = work(1, batch_size=batch_size, n=len(dataset)).updates
    ratios = np.geomspace(1, updates, whole("points", points, 2)).round()
    wanted = [0, *ratios, *range(epoch, 10 * epoch + 1, epoch), *also]
    at = np.unique(wanted).astype(int)
    at = at[at <= updates]
    measured, losses = set(at.tolist()), []
    dealt = chain.from_iterable(minibatches(dataset, batch_size, rng) for _ in count())
    with np.errstate(all="ignore"):
        for t, (X, Y) in enumerate(islice(dealt, updates + 1)):
            if t in measured:
                weights = gradient_of.weights_at(theta)
                losses.append(_mean_loss(dataset, loss, weights, network.activations))
            _, gradient = gradient_of(theta, X, Y)
            theta, state = rule.update(theta, gradient, rule.rate_at(state.t), state)
    finite = np.nan_to_num(np.array(losses), nan=np.inf, posinf=np.inf)
    return LearningCurve(batch_size, len(dataset), at, finite)


def _mean_loss(
    dataset: Dataset, loss: Loss, weights: Weights, activations: Sequence[Activation]
) -> float:
    """Return the loss over the whole dataset, in blocks that fit into a processor's cache."""
    total = 0.0
    for i in range(0, len(dataset), 128):
        X, Y = dataset.X[i : i + 128], dataset.Y[i : i + 128]
        total += len(X) * float(loss.formula(Y, propagate(X, weights, activations)[1][-1])[0])
    return total / len(dataset)
