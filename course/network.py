"""Networks: layers of weights and biases, and the forward pass through them.

Examples are rows. For one example z = W a + b; for a table A of examples Z = A Wᵀ + b. All
parameters of a network fit into one flat vector θ = (W¹, b¹, W², b², ...), so one update rule moves
a network and a point on a surface alike.

>>> from course.activations import tanh
>>> network = mlp([2, 16, 16, 1], tanh, np.random.default_rng(0))
>>> network, network.parameters.shape
(Network(2-16-16-1, tanh), (337,))
>>> forward(network, [[0.5, -0.5]]).output.shape
(1, 1)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from course._check import Array, generator, real_array, table, whole
from course.activations import Activation
from course.data import Dataset

Weights = list[tuple[Array, Array]]
Layout = list[tuple[slice, tuple[int, int], slice]]


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer a = f(W a_prev + b): W (n_out, n_in), b (n_out,), activation f.

    Raises TypeError or ValueError for wrong dtypes, shapes or non-finite entries.

    Examples
    --------
    >>> from course.activations import tanh
    >>> Layer(W=[[1, 2, 3]], b=[0], activation=tanh)
    Layer(3 -> 1, tanh)
    """

    W: Array
    b: Array
    activation: Activation

    def __post_init__(self) -> None:
        W, b = table("W", self.W, "(n_out, n_in)"), real_array("b", self.b)
        if b.shape != W.shape[:1]:
            raise ValueError(f"b {b.shape} must have one entry for each row of W {W.shape}")
        if not isinstance(self.activation, Activation):
            raise TypeError(f"activation must be an Activation, got {self.activation!r}")
        object.__setattr__(self, "W", W)
        object.__setattr__(self, "b", b.astype(W.dtype, copy=False))

    def __repr__(self) -> str:
        n_out, n_in = self.W.shape
        return f"Layer({n_in} -> {n_out}, {self.activation})"


@dataclass(frozen=True, eq=False)
class Network:
    """Layers, one feeding the next.

    Raises ValueError for no layers, or layers whose sizes or dtypes do not fit together.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise ValueError("layers must not be empty")
        for l, (below, above) in enumerate(pairwise(self.layers), start=1):
            if below.W.shape[0] != above.W.shape[1]:
                raise ValueError(
                    f"W of layer {l + 1} {above.W.shape} must have as many columns as "
                    f"W of layer {l} {below.W.shape} has rows"
                )
            if below.W.dtype != above.W.dtype:
                raise ValueError(
                    f"all layers must have one dtype, got {below.W.dtype} and {above.W.dtype}"
                )

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Units per layer, inputs first: (n₀, n₁, ..., n_L)."""
        return (self.layers[0].W.shape[1], *(len(layer.b) for layer in self.layers))

    @cached_property
    def activations(self) -> tuple[Activation, ...]:
        """The activation of each layer."""
        return tuple(layer.activation for layer in self.layers)

    @property
    def weights(self) -> Weights:
        """(W, b) of each layer."""
        return [(layer.W, layer.b) for layer in self.layers]

    @cached_property
    def layout(self) -> Layout:
        """Where W lies in θ, its shape, and where b lies, for each layer."""
        layout, start = [], 0
        for n_in, n_out in pairwise(self.sizes):
            middle, end = start + n_out * n_in, start + n_out * n_in + n_out
            layout.append((slice(start, middle), (n_out, n_in), slice(middle, end)))
            start = end
        return layout

    @property
    def size(self) -> int:
        """The number P of parameters."""
        return int(self.layout[-1][-1].stop)

    @property
    def dtype(self) -> np.dtype:
        """float64 or float32."""
        return self.layers[0].W.dtype

    @property
    def parameters(self) -> Array:
        """All parameters as one new flat vector θ (P,): W¹ row by row, b¹, W², b², ..."""
        return flatten(self.weights)

    def with_parameters(self, theta: ArrayLike) -> Network:
        """Return the same network with parameters θ (P,); its W and b are views into θ.

        Raises TypeError or ValueError for a θ of another dtype or shape or with non-finite entries.

        Examples
        --------
        >>> from course.activations import tanh
        >>> network = mlp([2, 3, 1], tanh, np.random.default_rng(0))
        >>> twice = network.with_parameters(2 * network.parameters)
        >>> np.array_equal(twice.layers[0].W, 2 * network.layers[0].W)
        True
        """
        theta = real_array("theta", theta)
        if theta.shape != (self.size,):
            raise ValueError(f"theta {theta.shape} must have shape ({self.size},) for {self}")
        return self.with_weights(unflatten(theta.astype(self.dtype, copy=False), self.layout))

    def with_weights(self, weights: Weights) -> Network:
        """Return the same network with other (W, b) in each layer."""
        return Network(
            tuple(Layer(W, b, f) for (W, b), f in zip(weights, self.activations, strict=True))
        )

    def __repr__(self) -> str:
        names = [repr(f) for f in self.activations]
        kinds = dict.fromkeys([*names[:-1], names[-1]])
        return f"Network({'-'.join(map(str, self.sizes))}, {', then '.join(kinds)})"


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """What a forward pass computed: the input X (N, n₀), and z and a (N, n_l) of each layer."""

    X: Array
    z: tuple[Array, ...]
    a: tuple[Array, ...]

    @property
    def output(self) -> Array:
        """The last layer's activation: the prediction ŷ (N, n_L)."""
        return self.a[-1]


def mlp(
    sizes: Sequence[int],
    activation: Activation,
    rng: np.random.Generator,
    *,
    output_activation: Activation | None = None,
    dtype: DTypeLike = np.float64,
) -> Network:
    """Return a fully connected network with random weights and zero biases.

    Wᵢⱼ ~ N(0, 1 / n_in), so that z has about the variance of the inputs; b = 0. The units of
    a layer must not start alike: random weights see to that, so the biases may be equal.

    Parameters
    ----------
    sizes : units per layer, inputs first, such as [64, 30, 10].
    activation : of every layer; `output_activation` replaces it in the last one. Losses from
        logits (`bce_with_logits`, `cross_entropy`) go with `identity` there.
    dtype : float64 or float32.

    Source: LeCun, Bottou, Orr, Müller (1998), Efficient BackProp, section 4.6.

    Examples
    --------
    >>> from course.activations import identity, sigmoid
    >>> mlp([64, 32, 10], sigmoid, np.random.default_rng(0), output_activation=identity)
    Network(64-32-10, sigmoid, then identity)
    """
    sizes = [whole("sizes", n, 1) for n in sizes]
    if len(sizes) < 2:
        raise ValueError(f"sizes must name inputs and at least one layer, got {sizes}")
    if np.dtype(dtype) not in (np.float64, np.float32):
        raise TypeError(f"dtype must be float64 or float32, got {np.dtype(dtype)}")
    generator("rng", rng)
    depth = len(sizes) - 1
    activations = [activation] * (depth - 1) + [output_activation or activation]
    layers = []
    for (n_in, n_out), f in zip(pairwise(sizes), activations, strict=True):
        # Wᵢⱼ ~ N(0, 1 / n_in)
        W = rng.standard_normal((n_out, n_in)) / math.sqrt(n_in)
        layers.append(Layer(W.astype(dtype), np.zeros(n_out, dtype), f))
    return Network(tuple(layers))


def forward(network: Network, X: ArrayLike) -> ForwardPass:
    """Return every layer's z and a for the examples X (N, n₀).

    zˡ = Wˡ aˡ⁻¹ + bˡ and aˡ = f(zˡ), with a⁰ = x. X is computed in the network's dtype.

    Raises TypeError or ValueError for X of another dtype or shape, empty or non-finite.

    Source: Rumelhart, Hinton, Williams (1986), equations 1 and 2.

    Examples
    --------
    >>> from course.activations import identity
    >>> network = Network((Layer([[1.0, 2.0]], [3.0], identity),))
    >>> forward(network, [[1.0, 1.0], [0.0, 0.0]]).output
    array([[6.],
           [3.]])
    """
    X = table("X", X, f"(N, {network.sizes[0]})")
    if X.shape[1] != network.sizes[0]:
        raise ValueError(f"X {X.shape} must have {network.sizes[0]} columns for {network}")
    with np.errstate(all="ignore"):
        z, a = propagate(X.astype(network.dtype, copy=False), network.weights, network.activations)
    return ForwardPass(a[0], tuple(z), tuple(a[1:]))


def propagate(
    X: Array, weights: Weights, activations: Sequence[Activation]
) -> tuple[list[Array], list[Array]]:
    """Return z of layers 1 ... L and a of layers 0 ... L: the bare forward pass, unchecked."""
    z: list[Array] = []
    a: list[Array] = [X]
    for (W, b), f in zip(weights, activations, strict=True):
        # zˡ = Wˡ aˡ⁻¹ + bˡ; with examples as rows Z = A Wᵀ + b
        z_l = np.dot(a[-1], W.T)
        z_l += b
        z.append(z_l)
        a.append(f.formula(z_l))
    return z, a


def accuracy(network: Network, dataset: Dataset, *, threshold: float = 0.5) -> float:
    """Return the fraction of examples that the network puts into the right class.

    With k >= 2 outputs the class is the largest one; with one output it is 1 where the output is
    above `threshold` (0.5 for probabilities, 0 for logits) and the label above 0.5.

    Examples
    --------
    >>> from course.activations import identity
    >>> network = Network((Layer([[1.0]], [0.0], identity),))
    >>> accuracy(network, Dataset([[0.2], [0.9], [0.8]], [[0], [1], [0]]))
    0.6666666666666666
    """
    output = forward(network, dataset.X).output
    if output.shape != dataset.Y.shape:
        raise ValueError(
            f"predictions {output.shape} and targets {dataset.Y.shape} must have equal shapes"
        )
    if output.shape[1] == 1:
        right = (output > threshold) == (dataset.Y > 0.5)
    else:
        right = output.argmax(axis=1) == dataset.Y.argmax(axis=1)
    return float(right.mean())


def confusion(network: Network, dataset: Dataset) -> Array:
    """Return the confusion matrix (k, k): how many examples of class i got the label j.

    The rows are the true classes, the columns what the network says (its largest output), for
    k >= 2 outputs. The diagonal counts what is right.

    Examples
    --------
    >>> from course.activations import identity
    >>> network = Network((Layer([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0], identity),))
    >>> confusion(network, Dataset([[0, 1], [1, 0], [2, 1]], [[0, 1], [1, 0], [0, 1]]))
    array([[1, 0],
           [1, 1]])
    """
    output = forward(network, dataset.X).output
    if output.shape != dataset.Y.shape or output.shape[1] < 2:
        raise ValueError(
            f"predictions {output.shape} and targets {dataset.Y.shape} must have equal shapes "
            "(N, k) with k >= 2"
        )
    matrix = np.zeros((output.shape[1],) * 2, dtype=int)
    np.add.at(matrix, (dataset.Y.argmax(axis=1), output.argmax(axis=1)), 1)
    return matrix


def flatten(weights: Weights, *, columns: bool = False) -> Array:
    """Return (W, b) of each layer as one new flat vector θ (P,).

    In θ each W lies row by row; with `columns` column by column, so that Wᵀ is one block of memory.

    Examples
    --------
    >>> weights = [(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0]))]
    >>> flatten(weights), flatten(weights, columns=True)
    (array([1., 2., 3., 4., 5., 6.]), array([1., 3., 2., 4., 5., 6.]))
    """
    return np.concatenate([p.ravel(_order(columns)) for pair in weights for p in pair])


def unflatten(theta: Array, layout: Layout, *, columns: bool = False) -> Weights:
    """Return (W, b) of each layer as views into θ, unchecked: what `flatten` has put together.

    Examples
    --------
    >>> theta, layout = np.arange(6.0), [(slice(0, 4), (2, 2), slice(4, 6))]
    >>> [W.tolist() for W, _ in unflatten(theta, layout) + unflatten(theta, layout, columns=True)]
    [[[0.0, 1.0], [2.0, 3.0]], [[0.0, 2.0], [1.0, 3.0]]]
    """
    order = _order(columns)
    return [(theta[W].reshape(shape, order=order), theta[b]) for W, shape, b in layout]


def _order(columns: bool) -> Literal["F", "C"]:
    return "F" if columns else "C"
