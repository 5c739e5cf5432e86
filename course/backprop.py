"""Backpropagation: the δ recursion, from the loss back to every weight.

With δˡ = ∂L/∂zˡ, and ⊙ for the product element by element, one example gives

    δᴸ = ∂L/∂aᴸ ⊙ f′(zᴸ)
    δˡ = (Wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ f′(zˡ)
    ∂L/∂Wˡ = δˡ (aˡ⁻¹)ᵀ
    ∂L/∂bˡ = δˡ

Examples are rows, so for a table of N examples the same lines read `delta @ W`, `delta.T @ A` and
`delta.sum(axis=0)`. The loss is a mean over the examples; its 1/N is already inside δᴸ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array
from course.activations import Activation
from course.losses import Loss
from course.network import ForwardPass, Network, Weights, flatten, unflatten


@dataclass(frozen=True, eq=False)
class Gradients:
    """Gradients of a loss, one array per layer, the first layer at index 0.

    Attributes
    ----------
    delta : ∂L/∂z, (N, n_l). Row i is example i's part of the mean loss and contains its 1/N.
    W, b : ∂L/∂W and ∂L/∂b, of the shapes of W and b.
    vector : the numbers of W and b once more, (P,), laid out like `network.parameters`.
    """

    delta: tuple[Array, ...]
    W: tuple[Array, ...]
    b: tuple[Array, ...]
    vector: Array


def backward(network: Network, forward_pass: ForwardPass, loss: Loss, Y: ArrayLike) -> Gradients:
    """Return the gradient of loss(Y, output) with respect to every parameter of the network.

    Parameters
    ----------
    forward_pass : what `forward(network, X)` returned for this very network.
    loss : one of `losses`; it checks Y (N, n_L) against the output.

    Raises the loss's own errors for Y, and ValueError for the forward pass of another network.

    Source: Rumelhart, Hinton, Williams (1986), equations 4 to 7; Nielsen (2015), chapter 2,
    equations BP1 to BP4.

    Examples
    --------
    >>> from course.activations import identity
    >>> from course.losses import half_squared_error
    >>> from course.network import Layer, forward
    >>> network = Network((Layer([[1.0, 2.0]], [3.0], identity),))
    >>> gradients = backward(network, forward(network, [[1.0, 1.0]]), half_squared_error, [[5.0]])
    >>> gradients.delta[0], gradients.W[0], gradients.b[0]
    (array([[1.]]), array([[1., 1.]]), array([1.]))
    """
    sizes = tuple(a.shape[1] for a in (forward_pass.X, *forward_pass.z))
    if sizes != network.sizes:
        raise ValueError(f"forward_pass has layers of {sizes} units, but the network is {network}")
    slope = loss.gradient(Y, forward_pass.output)
    into = unflatten(np.empty(network.size, network.dtype), network.layout, columns=True)
    a = (forward_pass.X, *forward_pass.a)
    with np.errstate(all="ignore"):
        delta = propagate_back(
            slope, forward_pass.z, a, network.weights, network.activations, into=into
        )
    W, b = zip(*into, strict=True)
    return Gradients(tuple(delta), W, b, flatten(into))


def propagate_back(
    slope: Array,
    z: Sequence[Array],
    a: Sequence[Array],
    weights: Weights,
    activations: Sequence[Activation],
    *,
    into: Weights,
) -> list[Array]:
    """Return δ of layers 1 ... L: the bare recursion, unchecked.

    `slope` is ∂L/∂aᴸ; z and a are what `network.propagate` returned, so a starts with a⁰ = X. The
    gradients ∂L/∂W and ∂L/∂b of layer l are written `into[l - 1]`; ∂L/∂W must lie there column by
    column, as `unflatten(..., columns=True)` has it.
    """
    ones = _ones(len(slope), slope.dtype)
    deltas: list[Array] = []
    for l in reversed(range(len(weights))):
        # δᴸ = ∂L/∂aᴸ ⊙ f′(zᴸ), then δˡ = (Wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ f′(zˡ)
        delta = slope * activations[l].slope(z[l], a[l + 1])
        deltas.append(delta)
        # (∂L/∂Wˡ)ᵀ = aˡ⁻¹ (δˡ)ᵀ and ∂L/∂bˡ = δˡ, summed over the examples
        dW, db = into[l]
        np.matmul(a[l].T, delta, out=dW.T)
        np.dot(ones, delta, out=db)
        if l > 0:  # nobody asks for ∂L/∂X
            slope = np.dot(delta, weights[l][0])
    return deltas[::-1]


@lru_cache(maxsize=16)
def _ones(n: int, dtype: np.dtype) -> Array:
    """Return n ones, not to be written to: ones @ delta is a faster delta.sum(axis=0)."""
    ones = np.ones(n, dtype)
    ones.setflags(write=False)
    return ones
