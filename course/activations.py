"""Activations: what a neuron does with its weighted sum z, and the derivative of that.

Each activation is one object: call it for f(z), call `.derivative` for f′(z). Both work element by
element on any shape. Under these checked doors lie `formula` and `slope`, the bare mathematics,
which `network` and `backprop` call on arrays that were checked before.

>>> sigmoid([-1000.0, 0.0, 1000.0])
array([0. , 0.5, 1. ])
>>> sigmoid.derivative(0.0)
np.float64(0.25)
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, real_array

#: 1 in each dtype: an array of no axes, which numpy adds twice as fast as a Python number
ONE = {np.dtype(dtype): np.ones((), dtype) for dtype in (np.float64, np.float32)}


class Activation:
    """A function f of the pre-activation z, together with its derivative.

    `name` is what menus show; `range` is the interval that f's values lie in.
    """

    name: str
    range: tuple[float, float] = (-math.inf, math.inf)

    def __call__(self, z: ArrayLike) -> Array:
        """Return f(z), of the shape of z.

        Integers are computed in float64; float32 stays float32. Raises TypeError for anything but
        real numbers and ValueError for empty or non-finite z.
        """
        z = real_array("z", z)
        with np.errstate(over="ignore", under="ignore"):
            return self.formula(z)

    def derivative(self, z: ArrayLike) -> Array:
        """Return f′(z), of the shape of z; same conversions and errors as f(z)."""
        z = real_array("z", z)
        with np.errstate(over="ignore", under="ignore"):
            return self.slope(z, self.formula(z))

    def formula(self, z: Array) -> Array:
        """Return f(z), unchecked."""
        raise NotImplementedError

    def slope(self, z: Array, a: Array) -> Array:
        """Return f′(z), unchecked; `a` is f(z), which spares computing it again."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.name


class Sigmoid(Activation):
    """σ(z) = 1 / (1 + e⁻ᶻ), σ′ = σ (1 − σ) ≤ ¼; values in (0, 1).

    For z below about −709 the power e⁻ᶻ overflows to infinity, and 1 / (1 + ∞) = 0 is the right
    value.

    Source: Rumelhart, Hinton, Williams (1986), equation 2.

    Examples
    --------
    >>> sigmoid([0, 2]).round(4)
    array([0.5   , 0.8808])
    """

    name = "sigmoid"
    range = (0.0, 1.0)

    def formula(self, z: Array) -> Array:
        """σ(z) = 1 / (1 + e⁻ᶻ)."""
        one = ONE[z.dtype]
        a = np.exp(-z)
        a += one
        return one / a

    def slope(self, z: Array, a: Array) -> Array:
        """σ′(z) = a (1 − a)."""
        return a * (ONE[z.dtype] - a)


class Tanh(Activation):
    """f(z) = tanh z = 2 σ(2z) − 1, f′ = 1 − f² ≤ 1; values in (−1, 1).

    Source: LeCun, Bottou, Orr, Müller (1998), Efficient BackProp, section 4.4.

    Examples
    --------
    >>> tanh([-1000, 0, 1000])
    array([-1.,  0.,  1.])
    >>> tanh.derivative([-1000, 0, 1000])
    array([0., 1., 0.])
    """

    name = "tanh"
    range = (-1.0, 1.0)

    def formula(self, z: Array) -> Array:
        """Tanh z."""
        return np.tanh(z)

    def slope(self, z: Array, a: Array) -> Array:
        """f′(z) = 1 − a²."""
        return ONE[z.dtype] - a * a


class ReLU(Activation):
    """f(z) = max(0, z), f′ = 1 for z > 0 and 0 for z < 0.

    At z = 0 there is no derivative; any value in [0, 1] is a subgradient. We take 0, as PyTorch,
    JAX and TensorFlow do.

    Source: Goodfellow, Bengio, Courville (2016), section 6.3.

    Examples
    --------
    >>> relu([-2, 0, 3])
    array([0., 0., 3.])
    >>> relu.derivative([-2, 0, 3])
    array([0., 0., 1.])
    """

    name = "relu"
    range = (0.0, math.inf)

    def formula(self, z: Array) -> Array:
        """f(z) = max(0, z)."""
        return np.maximum(z, 0)

    def slope(self, z: Array, a: Array) -> Array:
        """f′(z) = 1 where z > 0, else 0."""
        return (z > 0).astype(z.dtype)


class Identity(Activation):
    """f(z) = z, f′ = 1: for outputs that are any real number, logits among them.

    Examples
    --------
    >>> identity([-2, 3])
    array([-2.,  3.])
    >>> identity.derivative([-2, 3])
    array([1., 1.])
    """

    name = "identity"

    def formula(self, z: Array) -> Array:
        """f(z) = z, in a new array."""
        return +z

    def slope(self, z: Array, a: Array) -> Array:
        """f′(z) = 1."""
        return np.ones_like(z)


sigmoid = Sigmoid()
tanh = Tanh()
relu = ReLU()
identity = Identity()

ACTIVATIONS: tuple[Activation, ...] = (sigmoid, tanh, relu, identity)
