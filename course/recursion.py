"""The δ recursion spelled out: one example, every product by itself, as the equations have it.

`backprop` runs the same recursion on whole batches, fast. Here the examples are single columns, so
that each line reads like its equation and each product can be shown; and here are a second witness
for its result and the measure of how δ shrinks or grows on its way through a deep network.

>>> from course.activations import sigmoid
>>> from course.losses import half_squared_error
>>> from course.network import mlp
>>> network = mlp([2, 2, 2], sigmoid, np.random.default_rng(0))
>>> p = products(network, [0.05, 0.1], [0.01, 0.99], half_squared_error)
>>> [d.shape for d in p.delta], [W.shape for W in p.W]
([(2,), (2,)], [(2, 2), (2, 2)])
>>> np.allclose(p.vector, graph_gradient(network, [0.05, 0.1], [0.01, 0.99]))
True
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from course._check import Array, generator, real_array, whole
from course.activations import Activation
from course.graph import Value
from course.losses import Loss
from course.network import Network, flatten, forward


@dataclass(frozen=True, eq=False)
class Products:
    """Hold what the recursion computes for one example; entry l − 1 of a tuple is layer l.

    Attributes
    ----------
    loss : L, one number.
    x : the input a⁰ (n₀,).
    z, a : what each layer computes, and its activation (n_l,).
    slope : ∂L/∂aˡ (n_l,): for l < L the product (Wˡ⁺¹)ᵀ δˡ⁺¹.
    prime : f′(zˡ) (n_l,).
    delta : δˡ = ∂L/∂zˡ (n_l,).
    W, b : ∂L/∂Wˡ (n_l, n_{l−1}) and ∂L/∂bˡ (n_l,).
    """

    loss: float
    x: Array
    z: tuple[Array, ...]
    a: tuple[Array, ...]
    slope: tuple[Array, ...]
    prime: tuple[Array, ...]
    delta: tuple[Array, ...]
    W: tuple[Array, ...]
    b: tuple[Array, ...]

    @property
    def vector(self) -> Array:
        """The gradient as one flat vector (P,), laid out like `network.parameters`."""
        return flatten(list(zip(self.W, self.b, strict=True)))


def products(
    network: Network, x: ArrayLike, y: ArrayLike, loss: Loss, *, back: Network | None = None
) -> Products:
    """Return every product of the δ recursion for one example x (n₀,), y (n_L,).

    δᴸ = ∂L/∂aᴸ ⊙ f′(zᴸ), δˡ = (Wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ f′(zˡ), ∂L/∂Wˡ = δˡ (aˡ⁻¹)ᵀ, ∂L/∂bˡ = δˡ.

    Parameters
    ----------
    back : a network whose weights replace the network's own in (Wˡ⁺¹)ᵀ δˡ⁺¹. The result is then
        *not* the gradient: it is here to show the mistake of updating a layer too early.

    Raises the errors of `forward` and of the loss for x and y.

    Source: Rumelhart, Hinton, Williams (1986), equations 4 to 7.

    Examples
    --------
    >>> from course.activations import identity
    >>> from course.losses import half_squared_error
    >>> from course.network import Layer
    >>> network = Network((Layer([[2.0]], [0.0], identity), Layer([[3.0]], [1.0], identity)))
    >>> p = products(network, [1.0], [5.0], half_squared_error)
    >>> p.loss, p.delta, p.W
    (2.0, (array([6.]), array([2.])), (array([[6.]]), array([[4.]])))
    """
    out = forward(network, np.reshape(real_array("x", x), (1, -1)))
    first, z, a = out.X[0], [row[0] for row in out.z], [row[0] for row in out.a]
    targets = np.reshape(real_array("y", y), (1, -1))
    # ∂L/∂aᴸ
    slope = loss.gradient(targets, out.output)[0]
    weights = [layer.W for layer in (back or network).layers]
    rows = []
    for l in reversed(range(len(z))):
        prime = network.activations[l].derivative(z[l])
        # δˡ = ∂L/∂aˡ ⊙ f′(zˡ)
        delta = slope * prime
        # ∂L/∂Wˡ = δˡ (aˡ⁻¹)ᵀ, ∂L/∂bˡ = δˡ
        below = a[l - 1] if l > 0 else first
        rows.append((z[l], a[l], slope, prime, delta, np.outer(delta, below), delta))
        # ∂L/∂aˡ⁻¹ = (Wˡ)ᵀ δˡ
        slope = weights[l].T @ delta
    return Products(loss(targets, out.output), first, *zip(*rows[::-1], strict=True))


def graph_gradient(network: Network, x: ArrayLike, y: ArrayLike) -> Array:
    """Return the gradient (P,) of ½ ‖y − a‖² for one example from the scalar graph.

    Every weight, bias and sum is a node of its own; no formula of the recursion is used.

    Examples
    --------
    >>> from course.activations import identity
    >>> from course.network import Layer
    >>> graph_gradient(Network((Layer([[2.0]], [0.0], identity),)), [1.0], [5.0])
    array([-3., -3.])
    """
    theta = [Value(p) for p in network.parameters]
    a = [Value(v) for v in real_array("x", x)]
    for (W, (n_out, n_in), b), f in zip(network.layout, network.activations, strict=True):
        rows = np.array(theta[W], dtype=object).reshape(n_out, n_in)
        z = [
            sum((w * v for w, v in zip(row, a, strict=True)), bias)
            for row, bias in zip(rows, theta[b], strict=True)
        ]
        a = z if f.name == "identity" else [getattr(node, f.name)() for node in z]
    L = Value(0.0)
    for node, target in zip(a, real_array("y", y), strict=True):
        L = L + (node - target) ** 2 * 0.5
    L.backward()
    return np.array([node.grad for node in theta])


def delta_norms(
    activation: Activation,
    scales: ArrayLike,
    depth: int,
    rng: np.random.Generator,
    *,
    width: int = 32,
    examples: int = 16,
) -> Array:
    """Return ‖δˡ‖ / ‖δᴸ‖ for l = 1 ... L = depth, for each initial scale: (S, depth).

    All layers have `width` units, Wᵢⱼ ~ N(0, scale² / width) and b = 0; inputs and targets are
    N(0, 1), the loss is half the squared error, and the norms are taken over `examples` examples.
    A deeper network keeps the first layers of a shallower one from the same rng. All scales are
    computed in one pass with a leading axis.

    Raises ValueError for a depth, width or number of examples below 1.

    Source: LeCun, Bottou, Orr, Müller (1998), Efficient BackProp, section 4.6.

    Examples
    --------
    >>> from course.activations import identity
    >>> delta_norms(identity, [1.0, 2.0], 1, np.random.default_rng(0))
    array([[1.],
           [1.]])
    """
    depth, width = whole("depth", depth, 1), whole("width", width, 1)
    shape = (whole("examples", examples, 1), width)
    scales = real_array("scales", scales).reshape(-1, 1, 1)
    X, Y = generator("rng", rng).standard_normal((2, *shape))
    Ws = [scales * rng.standard_normal((width, width)) / np.sqrt(width) for _ in range(depth)]
    z, a = [], [np.broadcast_to(X, (len(scales), *shape))]
    with np.errstate(all="ignore"):
        for W in Ws:
            z.append(a[-1] @ W.mT)
            a.append(activation.formula(z[-1]))
        slope, norms = a[-1] - Y, []
        for W, pre, post in zip(Ws[::-1], z[::-1], a[:0:-1], strict=True):
            # δˡ = ∂L/∂aˡ ⊙ f′(zˡ), then ∂L/∂aˡ⁻¹ = (Wˡ)ᵀ δˡ
            delta = slope * activation.slope(pre, post)
            norms.append(np.linalg.norm(delta, axis=(1, 2)))
            slope = delta @ W
    ratios = np.stack(norms[::-1], axis=1)
    return ratios / ratios[:, -1:]
