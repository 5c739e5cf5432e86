"""Losses: one number for how far predictions ŷ are from true values y, and its gradient.

Each loss is one object: `mse(y, y_hat)` is the value, `mse.gradient(y, y_hat)` its gradient with
respect to ŷ. True values come first. One reduction holds for all: sum over the k components of one
example, mean over the N examples. PyTorch's `reduction="mean"` divides by all N k elements where a
loss is elementwise, so for k > 1 its `mse_loss` is ours divided by k.

y and ŷ have equal shapes: () for one example of one component, (N,) for N such examples, or (N, k).
They are never broadcast against each other. Under the checked doors lies the bare mathematics, for
arrays that were checked before: each loss says what it adds up in `terms`, and `formula`, which
`descent.train` calls, takes the mean.

>>> mse([1.0, 2.0], [1.0, 4.0])
2.0
>>> mse.gradient([1.0, 2.0], [1.0, 4.0])
array([0., 2.])
>>> mse([[1.0], [2.0]], [1.0, 2.0])
Traceback (most recent call last):
    ...
ValueError: predictions (2,) and targets (2, 1) must have equal shapes
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, real_array

ValueAndGradient = tuple[np.floating, Array]


class Loss:
    """A function of (y, ŷ), together with its gradient with respect to ŷ.

    `name` is what menus show; `domain` is the interval that predictions must lie in.
    """

    name: str
    domain: tuple[float, float] = (-math.inf, math.inf)

    def __call__(self, y: ArrayLike, y_hat: ArrayLike) -> float:
        """Return the loss: summed over components, averaged over examples.

        Raises TypeError for anything but real numbers; ValueError for unequal shapes and for empty,
        non-finite or out-of-range values.
        """
        y, y_hat = self._checked(y, y_hat)
        with np.errstate(all="ignore"):
            return float(self.formula(np.atleast_1d(y), np.atleast_1d(y_hat))[0])

    def gradient(self, y: ArrayLike, y_hat: ArrayLike) -> Array:
        """Return ∂L/∂ŷ, of the shape and dtype of ŷ; same errors as the value."""
        y, y_hat = self._checked(y, y_hat)
        with np.errstate(all="ignore"):
            gradient = self.formula(np.atleast_1d(y), np.atleast_1d(y_hat))[1]
        return gradient.reshape(y_hat.shape)[()]

    def formula(self, y: Array, y_hat: Array) -> ValueAndGradient:
        """Return L = 1/N Σ ℓ and ∂L/∂ŷ = 1/N ∂ℓ/∂ŷ, unchecked; the first axis counts N examples."""
        terms, slopes = self.terms(y, y_hat)
        N = float(len(y_hat))
        return terms.sum() / N, slopes / N

    def terms(self, y: Array | float, y_hat: Array) -> tuple[Array, Array]:
        """Return ℓ and ∂ℓ/∂ŷ, unchecked: what the loss adds up, not averaged.

        There is an ℓ for each component (of `cross_entropy` for each example), and y is broadcast
        against ŷ, so that many predictions of one target are one call.

        Examples
        --------
        >>> mse.terms(1.0, np.array([1.0, 3.0]))
        (array([0., 4.]), array([0., 4.]))
        """
        raise NotImplementedError

    def _checked(self, y: ArrayLike, y_hat: ArrayLike) -> tuple[Array, Array]:
        y, y_hat = real_array("targets", y), real_array("predictions", y_hat)
        if y.shape != y_hat.shape:
            raise ValueError(
                f"predictions {y_hat.shape} and targets {y.shape} must have equal shapes"
            )
        if y_hat.ndim > 2:
            raise ValueError(f"predictions {y_hat.shape} must be of shape (), (N,) or (N, k)")
        with np.errstate(over="ignore"):
            return y.astype(y_hat.dtype, copy=False), y_hat

    def __repr__(self) -> str:
        return self.name


class MSE(Loss):
    """Mean squared error: L = 1/N Σᵢ ‖yᵢ − ŷᵢ‖².

    The likelihood view: if y is ŷ plus Gaussian noise of equal variance, −log p is this loss up to
    constants. The best constant prediction is the mean. It is a squared distance, so no metric.
    PyTorch's `mse_loss` divides by N k instead of N.

    Source: Goodfellow, Bengio, Courville (2016), section 5.5.1.

    Examples
    --------
    >>> mse([1, 2, 3, 4, 100], [22] * 5)
    1522.0
    """

    name = "mse"

    def terms(self, y: Array | float, y_hat: Array) -> tuple[Array, Array]:
        """ℓ = e², ∂ℓ/∂ŷ = 2 e, with e = ŷ − y."""
        e = y_hat - y
        return e * e, 2 * e


class HalfSquaredError(Loss):
    """Half the squared error: L = 1/N Σᵢ ½ ‖yᵢ − ŷᵢ‖².

    The course's loss for deriving the δ recursion: the ½ cancels the 2 of the derivative.

    Source: Rumelhart, Hinton, Williams (1986), equation 3; Nielsen (2015), equation 6.

    Examples
    --------
    >>> half_squared_error([[0.0, 1.0]], [[3.0, 5.0]])
    12.5
    >>> half_squared_error.gradient([[0.0, 1.0]], [[3.0, 5.0]])
    array([[3., 4.]])
    """

    name = "half squared error"

    def terms(self, y: Array | float, y_hat: Array) -> tuple[Array, Array]:
        """ℓ = ½ e², ∂ℓ/∂ŷ = e, with e = ŷ − y."""
        e = y_hat - y
        return e * e / 2, e


class MAE(Loss):
    """Mean absolute error: L = 1/N Σᵢ ‖yᵢ − ŷᵢ‖₁.

    The likelihood view: Laplace noise. The best constant prediction is the median. At ŷ = y there
    is no derivative: every number in [−1, 1] is a subgradient of |e|. We take 0, as PyTorch does.
    PyTorch's `l1_loss` divides by N k instead of N.

    Examples
    --------
    >>> mae([1, 2, 3, 4, 100], [3] * 5)
    20.2
    >>> mae.gradient([1, 2, 3, 4, 100], [3] * 5)
    array([ 0.2,  0.2,  0. , -0.2, -0.2])
    """

    name = "mae"

    def terms(self, y: Array | float, y_hat: Array) -> tuple[Array, Array]:
        """ℓ = |e|, ∂ℓ/∂ŷ = sign e, with e = ŷ − y."""
        e = y_hat - y
        return np.abs(e), np.sign(e)


class BCE(Loss):
    """Binary cross-entropy of probabilities p: L = −1/N Σᵢ [y log p + (1 − y) log(1 − p)].

    p = ŷ and y lie in [0, 1]; y may be soft, such as 0.3. Over p the minimum is at p = y and equals
    the entropy H(y): 0 for hard labels, 0.6109 for y = 0.3. For k > 1 each component is a yes-no
    question of its own.

    log 0 is avoided by clamping p to [ε, 1 − ε], where ε is the machine epsilon of the dtype
    (2.2e-16 for float64, 1.2e-7 for float32), so one component costs at most −log ε = 36.04. The
    gradient is taken at the clamped p: large but finite, and it pulls the right way. PyTorch clamps
    the two logarithms at −100 instead; Keras clamps p with ε = 1e-7. With a logit at hand,
    `bce_with_logits` needs no clamp.

    Source: Goodfellow, Bengio, Courville (2016), section 6.2.2.2.

    Examples
    --------
    >>> round(bce(0.3, 0.3), 4)
    0.6109
    >>> round(bce(1.0, 0.0), 2)
    36.04
    """

    name = "binary cross-entropy"
    domain = (0.0, 1.0)

    def terms(self, y: Array | float, y_hat: Array) -> tuple[Array, Array]:
        """ℓ = −y log p − (1 − y) log(1 − p), ∂ℓ/∂p = (p − y) / (p (1 − p))."""
        epsilon = np.finfo(y_hat.dtype).eps
        p = y_hat.clip(epsilon, 1 - epsilon)
        q = 1 - p
        return -(y * np.log(p) + (1 - y) * np.log(q)), (p - y) / (p * q)

    def _checked(self, y: ArrayLike, y_hat: ArrayLike) -> tuple[Array, Array]:
        y, y_hat = super()._checked(y, y_hat)
        _check_probabilities("targets", y)
        _check_probabilities("predictions", y_hat)
        return y, y_hat


class BCEWithLogits(Loss):
    """Binary cross-entropy of logits z: L = 1/N Σᵢ [log(1 + eᶻ) − y z].

    Equals `bce(y, sigmoid(z))`, but is right up to rounding for every finite z:
    `logaddexp(0, z)` computes log(1 + eᶻ) as max(z, 0) + log(1 + e^−|z|), which cannot overflow.
    The absolute error is some ε (1 + |z|); of a right answer, a loss smaller than that may come out
    as 0. The gradient is simply (σ(z) − y) / N. Labels y in [0, 1] may be soft.

    Source: Goodfellow, Bengio, Courville (2016), section 6.2.2.2.

    Examples
    --------
    >>> bce_with_logits([0, 1], [1000, -1000])
    1000.0
    >>> bce_with_logits.gradient([0, 1], [1000, -1000])
    array([ 0.5, -0.5])
    """

    name = "binary cross-entropy from logits"

    def terms(self, y: Array | float, y_hat: Array) -> tuple[Array, Array]:
        """ℓ = log(1 + eᶻ) − y z, ∂ℓ/∂z = σ(z) − y."""
        z = y_hat
        return np.logaddexp(0, z) - y * z, 1 / (1 + np.exp(-z)) - y

    def _checked(self, y: ArrayLike, y_hat: ArrayLike) -> tuple[Array, Array]:
        y, y_hat = super()._checked(y, y_hat)
        _check_probabilities("targets", y)
        return y, y_hat


class CrossEntropy(Loss):
    """Cross-entropy of logits z with class probabilities y: L = −1/N Σᵢ yᵢ · log softmax(zᵢ).

    y and z are (N, k) with k ≥ 2; each row of y is a distribution: one-hot, or soft labels that sum
    to 1. The softmax is inside, so the network's output activation is the identity. The gradient is
    (softmax(z) − y) / N. Like PyTorch's `cross_entropy` with class probabilities as targets.

    Source: Goodfellow, Bengio, Courville (2016), section 6.2.2.3.

    Examples
    --------
    >>> round(cross_entropy([[0, 1, 0]], [[0, 0, 0]]) - math.log(3), 12)
    0.0
    >>> cross_entropy.gradient([[0.0, 1.0]], [[1000.0, -1000.0]])
    array([[ 1., -1.]])
    """

    name = "cross-entropy from logits"

    def terms(self, y: Array | float, y_hat: Array) -> tuple[Array, Array]:
        """ℓ = log Σⱼ e^zⱼ − y · z, ∂ℓ/∂z = softmax(z) − y."""
        z, e, total = _exponentials(y_hat)
        return np.log(total[..., 0]) - (y * z).sum(axis=-1), e / total - y

    def _checked(self, y: ArrayLike, y_hat: ArrayLike) -> tuple[Array, Array]:
        y, y_hat = super()._checked(y, y_hat)
        if y_hat.ndim != 2 or y_hat.shape[1] < 2:
            raise ValueError(
                f"predictions {y_hat.shape} must be logits of shape (N, k) with k >= 2 classes"
            )
        _check_probabilities("targets", y)
        sums = y.sum(axis=1)
        if np.abs(sums - 1).max() > 1e-5:
            i = int(np.abs(sums - 1).argmax())
            raise ValueError(f"targets must have rows that sum to 1, got {sums[i]:g} in row {i}")
        return y, y_hat


def softmax(z: ArrayLike) -> Array:
    """Return e^zⱼ / Σⱼ e^zⱼ along the last axis: logits turned into probabilities.

    Raises TypeError for anything but real numbers and ValueError for a single number and for empty
    or non-finite z.

    Examples
    --------
    >>> softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    z = real_array("z", z)
    if z.ndim == 0:
        raise ValueError("z () must have at least one axis, the classes")
    with np.errstate(over="ignore", under="ignore"):
        _, e, total = _exponentials(z)
        return e / total


def _exponentials(z: Array) -> tuple[Array, Array, Array]:
    """Return z − max z, its exponential, and the sum of that over the last axis.

    A constant added to all logits of one example changes neither softmax nor loss; with the largest
    at 0 nothing overflows but the difference of two huge logits, which is kept finite.
    """
    z = np.maximum(z - z.max(axis=-1, keepdims=True), np.finfo(z.dtype).min)
    e = np.exp(z)
    return z, e, e.sum(axis=-1, keepdims=True)


def _check_probabilities(name: str, p: Array) -> None:
    for worst in (p.min(), p.max()):
        if not 0 <= worst <= 1:
            raise ValueError(f"{name} must be probabilities in [0, 1], got {float(worst)!r}")


mse = MSE()
mae = MAE()
half_squared_error = HalfSquaredError()
bce = BCE()
bce_with_logits = BCEWithLogits()
cross_entropy = CrossEntropy()

LOSSES: tuple[Loss, ...] = (mse, mae, half_squared_error, bce, bce_with_logits, cross_entropy)
