"""One neuron: its loss on one example as a surface over its weight and its bias.

The smallest network that can learn badly: with a saturated sigmoid and the squared error it hardly
moves, and with the cross-entropy it does.

>>> from course.activations import identity, sigmoid
>>> from course.losses import bce_with_logits, half_squared_error
>>> neuron(sigmoid, half_squared_error).gradient([2.0, 2.0]).round(4)
array([0.0173, 0.0173])
>>> neuron(identity, bce_with_logits).gradient([2.0, 2.0]).round(4)
array([0.982, 0.982])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, number, real_array
from course.activations import Activation
from course.losses import Loss
from course.surfaces import Surface


def neuron(activation: Activation, loss: Loss, x: float = 1.0, y: float = 0.0) -> Surface:
    """Return L(w, b) = loss(y, f(w x + b)), a surface of the two parameters of one neuron.

    With z = w x + b, a = f(z) and δ = ∂L/∂a f′(z) the slopes are ∂L/∂w = δ x and ∂L/∂b = δ. A loss
    that takes logits, such as `bce_with_logits`, goes with the identity. As on every surface, θ may
    have leading axes: a grid of parameters is one call.

    Parameters
    ----------
    activation : f.
    loss : of one prediction; its domain must hold the range of f.
    x : the input.
    y : the target; the minima are not listed, for y = 0 or 1 there is none at any finite (w, b).

    Raises TypeError or ValueError for an x or y that is not one finite number, or a y that the loss
    refuses, and ValueError for an activation whose values the loss does not accept.

    Source: Nielsen (2015), chapter 3, equations 55 and 56.

    Examples
    --------
    >>> from course.activations import sigmoid
    >>> from course.losses import half_squared_error
    >>> round(float(neuron(sigmoid, half_squared_error).value([0.6, 0.9])), 4)
    0.3342
    """
    x, y = number("x", x), number("y", y)
    if activation.range[0] < loss.domain[0] or activation.range[1] > loss.domain[1]:
        raise ValueError(
            f"{loss} needs predictions in {list(loss.domain)}, but the activation {activation} "
            f"gives {list(activation.range)}"
        )
    loss([y], [0.5])  # the loss's own door checks the target
    inputs = np.array([x, 1.0])  # the bias is the weight of a constant 1: z = (w, b) · (x, 1)

    def pre_activation(theta: ArrayLike) -> Array:
        theta = real_array("theta", theta, finite=False)
        if theta.ndim == 0 or theta.shape[-1] != 2:
            raise ValueError(f"theta {theta.shape} must have shape (..., 2)")
        return theta @ inputs

    def value(theta: ArrayLike) -> Array:
        with np.errstate(all="ignore"):
            return loss.terms(y, activation.formula(pre_activation(theta)))[0]

    def gradient(theta: ArrayLike) -> Array:
        with np.errstate(all="ignore"):
            z = pre_activation(theta)
            a = activation.formula(z)
            delta = loss.terms(y, a)[1] * activation.slope(z, a)
            return delta[..., np.newaxis] * inputs

    return Surface(
        name=f"{loss} of one {activation} neuron",
        value=value,
        gradient=gradient,
        bounds=((-5.0, 5.0), (-5.0, 5.0)),
        minima=(),
        saddles=(),
        source="Nielsen (2015), chapter 3",
    )
