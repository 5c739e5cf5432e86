"""The chain rule one edge at a time, in both directions, and what each direction costs.

`Value.backward` gives all gradients at once; this module records every product on the way, runs
the chain rule forward instead, and counts multiplications.

>>> x = Value(3.0, label="x")
>>> for edge in backward_edges(x * x):
...     print(edge.slope, "*", edge.incoming, "=", edge.term, " total", edge.total)
3.0 * 1.0 = 3.0  total 3.0
3.0 * 1.0 = 3.0  total 6.0
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from course._check import whole
from course.graph import Value


class Edge(NamedTuple):
    """Hold one product of reverse accumulation.

    Attributes
    ----------
    node, parent : the edge runs backward from a node to one of its parents.
    slope : the local derivative dnode/dparent.
    incoming : dL/dnode, complete by now.
    term : slope * incoming, what this edge adds to the parent.
    total : dL/dparent so far: the sum of the terms that have arrived.
    """

    node: Value
    parent: Value
    slope: float
    incoming: float
    term: float
    total: float


def backward_edges(L: Value) -> list[Edge]:
    """Return every product of reverse accumulation, in the order in which they are made.

    One multiplication for each edge, whatever the number of inputs. Changes no `grad`.

    Source: Baydin et al. (2018), section 3.2.

    Examples
    --------
    >>> w = Value(2.0, label="w")
    >>> [(edge.node.op, edge.parent.label or edge.parent.op) for edge in backward_edges(w * w + w)]
    [('+', '*'), ('+', 'w'), ('*', 'w'), ('*', 'w')]
    """
    totals = {L: 1.0}
    edges = []
    for node in reversed(L.nodes()):
        for parent, slope in zip(node.parents, node.slopes, strict=True):
            term = slope * totals[node]
            # dL/dparent is the sum over all edges that leave the parent
            totals[parent] = totals.get(parent, 0.0) + term
            edges.append(Edge(node, parent, slope, totals[node], term, totals[parent]))
    return edges


def forward_derivative(L: Value, x: Value) -> float:
    """Return dL/dx by forward accumulation: push the derivatives by x through the graph.

    Each node adds up slope * (derivative of its parent by x). One pass serves one input x; reverse
    accumulation serves them all.

    Source: Baydin et al. (2018), section 3.1.

    Examples
    --------
    >>> x, y = Value(3.0), Value(4.0)
    >>> L = x * y + x
    >>> forward_derivative(L, x), forward_derivative(L, y)
    (5.0, 3.0)
    """
    by_x: dict[Value, float] = {}
    for node in L.nodes():
        pairs = zip(node.slopes, node.parents, strict=True)
        by_x[node] = float(node is x) + sum(slope * by_x[parent] for slope, parent in pairs)
    return by_x[L]


def fused(f: Callable[..., Value], *parents: Value, label: str = "") -> Value:
    """Return f(*parents) as one node, its slopes found by the graph inside it.

    Examples
    --------
    >>> a = Value(0.75)
    >>> loss = fused(lambda a: (a - 1) ** 2, a, label="L")
    >>> loss.value, loss.slopes, len(loss.nodes())
    (0.0625, (-0.5,), 2)
    """
    inside = [Value(parent.value) for parent in parents]
    result = f(*inside)
    result.backward()
    slopes = tuple(node.grad for node in inside)
    return Value(result.value, parents, slopes, "fused", label)


class Cost(NamedTuple):
    """Count the multiplications for all derivatives of the last layer by the first."""

    forward: int
    reverse: int


def jacobian_cost(sizes: Sequence[int]) -> Cost:
    """Count the multiplications that a chain of Jacobians takes from either end.

    Sizes n_0 ... n_L stand for dense Jacobians J_l (n_l, n_{l-1}). A product of (p, q) by (q, r)
    takes p q r multiplications.

    Forward accumulation multiplies from the input, J_L (... (J_2 J_1)): n_0 columns go through
    every layer. Reverse accumulation multiplies from the output, ((J_L J_{L-1}) ...) J_1: n_L rows
    go back through every layer. The first (last) Jacobian itself costs nothing here.

    Raises ValueError for fewer than two sizes and for sizes below 1.

    Source: Baydin et al. (2018), section 3.2; Griewank and Walther (2008), chapter 3.

    Examples
    --------
    >>> jacobian_cost((1000, 100, 1))
    Cost(forward=100000, reverse=100000)
    >>> jacobian_cost((1000, 100, 100, 1))
    Cost(forward=10100000, reverse=110000)
    """
    sizes = [whole("sizes", n, 1) for n in sizes]
    if len(sizes) < 2:
        raise ValueError(f"sizes must name at least two layers, got {len(sizes)}")
    forward = sum(sizes[0] * n * m for n, m in list(pairwise(sizes))[1:])
    reverse = sum(sizes[-1] * n * m for n, m in list(pairwise(sizes))[:-1])
    return Cost(forward, reverse)
