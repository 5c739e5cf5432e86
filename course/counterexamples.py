"""Two published examples on which adaptive methods do badly, small enough to compute in full.

Reddi, Kale and Kumar: a game of linear losses on [−1, 1] in which Adam walks to the worst point.
Wilson and others: a data set that gradient descent classifies without an error, and on which
adaptive methods give the same answer to every new example.

>>> from course.optimizers import Adam, GradientDescent
>>> slopes = reddi_slopes(3.0, rounds=300)
>>> play(Adam(0.1, beta1=0.0, beta2=0.1), slopes).x[-1].round(6)
np.float64(1.0)
>>> play(GradientDescent(0.1), slopes).x[-1].round(6)
np.float64(-0.8)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, generator, number, real_array, whole
from course.data import Dataset
from course.effective import feed
from course.optimizers import Rule


@dataclass(frozen=True, eq=False)
class Game:
    """Hold T rounds of an online game on [−1, 1] with linear losses fₜ(x) = sₜ x.

    Attributes
    ----------
    x : (T+1,), the point played in each round, and the one after the last.
    slopes : (T,), sₜ.
    best : the fixed point with the least total loss, −1 or 1.
    regret : (T,), the average regret after each round, (1/t) Σ (fₛ(xₛ) − fₛ(best)).
    """

    x: Array
    slopes: Array
    best: float
    regret: Array


def reddi_slopes(C: float, rounds: int) -> Array:
    """Return the slopes (T,) of the counterexample: C in rounds 1, 4, 7, ..., and −1 in the others.

    Over three rounds the slopes add up to C − 2 > 0, so the best fixed point of [−1, 1] is −1.

    Raises ValueError unless C > 2.

    Source: Reddi, Kale, Kumar (2018), On the Convergence of Adam and Beyond, section 3.

    Examples
    --------
    >>> reddi_slopes(4.0, 5)
    array([ 4., -1., -1.,  4., -1.])
    """
    C, rounds = number("C", C, above=2), whole("rounds", rounds, 1)
    # round t = 1, 2, 3, ...: fₜ(x) = C x if t mod 3 = 1, else −x
    return np.where(np.arange(1, rounds + 1) % 3 == 1, C, -1.0)


def play(rule: Rule, slopes: ArrayLike, start: float = 0.0) -> Game:
    """Return the game in which a rule plays xₜ, then sees the slope sₜ, then moves.

    After each step x is put back into [−1, 1]: the projection of the paper, which for one
    coordinate is a cut-off. The state of the rule does not notice.

    Raises TypeError or ValueError for slopes or a start that are not real and finite, and
    ValueError for a start outside [−1, 1].

    Source: Zinkevich (2003) for the game; Reddi, Kale, Kumar (2018), sections 2 and 3.

    Examples
    --------
    >>> from course.optimizers import GradientDescent
    >>> game = play(GradientDescent(0.5), [1.0, 1.0, -3.0])
    >>> game.x, game.best, game.regret
    (array([ 0. , -0.5, -1. ,  0.5]), 1.0, array([-1.        , -1.25      ,  1.16666667]))
    """
    slopes = real_array("slopes", slopes)
    if abs(number("start", start)) > 1:
        raise ValueError(f"start must be in [-1, 1], got {start!r}")
    path = feed(rule, slopes[:, None], [start], project=lambda x: x.clip(-1, 1))
    x, best = path.points[:, 0], -1.0 if slopes.sum() > 0 else 1.0
    lead = np.cumsum(slopes * x[:-1] - slopes * best)
    return Game(x, slopes, best, lead / np.arange(1, len(slopes) + 1))


def rare_features(
    train: int,
    test: int,
    rng: np.random.Generator,
    *,
    share: float = 0.7,
    private: tuple[int, int] = (1, 5),
) -> tuple[Dataset, Dataset]:
    """Return (train, test) in which one feature tells the label and rare ones mislead.

    Y (N, 1) is +1 or −1, +1 with the probability `share`. Feature 1 is y itself, features 2 and 3
    are always 1, and each example has features of its own that no other example has: as many as
    `private` says for y = +1 and for y = −1, one and five in the paper. So X is
    (N, 3 + 5 (train + test)), and there are more weights than examples.

    Raises TypeError or ValueError for sizes or numbers of features below 1, or a share outside
    (0, 1).

    Source: Wilson, Roelofs, Stern, Srebro, Recht (2017), The Marginal Value of Adaptive Gradient
    Methods in Machine Learning, section 3.3.

    Examples
    --------
    >>> few, new = rare_features(2, 1, np.random.default_rng(0))
    >>> few.Y.ravel(), few.X.sum(axis=1)
    (array([1., 1.]), array([4., 4.]))
    """
    train, test = whole("train", train, 1), whole("test", test, 1)
    if not 0 < number("share", share) < 1:
        raise ValueError(f"share must be between 0 and 1, got {share!r}")
    plus, minus = (whole("private", number_of, 1) for number_of in private)
    n, most = train + test, max(plus, minus)
    y = np.where(generator("rng", rng).uniform(size=n) < share, 1.0, -1.0)
    own = np.zeros((n, n, most))
    # example i alone has features (i, 1), (i, 2), ..., as many as its label calls for
    has = np.arange(most) < np.where(y > 0, plus, minus)[:, None]
    own[np.arange(n), np.arange(n)] = has
    X = np.hstack([y[:, None], np.ones((n, 2)), own.reshape(n, most * n)])
    source = "rare features: Wilson et al. (2017)"
    few = Dataset(X[:train], y[:train, None], source)
    return few, Dataset(X[train:], y[train:, None], source)
