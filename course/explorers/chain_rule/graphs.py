"""The graphs that the explorers and predictions of this lesson draw: six nodes each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from course.accumulation import Edge, backward_edges, fused
from course.activations import sigmoid
from course.graph import Value


@dataclass(frozen=True)
class Node:
    """Hold one node: its name, its formula in words and in code, and where it is drawn."""

    name: str
    place: tuple[float, float]
    formula: str = ""
    parents: tuple[str, ...] = ()
    f: Callable[..., Value] | None = None
    above: bool = False  # its numbers stand above it


@dataclass(frozen=True)
class Graph:
    """Hold a graph by its nodes, parents first, the loss last; ``reach`` limits the nudge axes."""

    name: str
    formula: str
    fixed: Mapping[str, float]  # inputs that no slider sets
    nodes: tuple[Node, ...]
    reach: float

    def run(self, w: float, x: float) -> Run:
        """Compute every node from the inputs."""
        given = {"w": w, "x": x, **self.fixed}
        values: dict[str, Value] = {}
        for node in self.nodes:
            if node.f is None:
                values[node.name] = Value(given[node.name], label=node.name)
            else:
                parents = (values[name] for name in node.parents)
                values[node.name] = fused(node.f, *parents, label=node.name)
        return Run(self, values)

    def loss(self, w: float, x: float) -> float:
        """Return L alone."""
        values = {name: Value(v) for name, v in {"w": w, "x": x, **self.fixed}.items()}
        for node in self.nodes:
            if node.f is not None:
                values[node.name] = node.f(*(values[name] for name in node.parents))
        return values[self.nodes[-1].name].value


@dataclass(frozen=True)
class Run:
    """Hold the values of a graph's nodes, and every product of the backward pass."""

    graph: Graph
    values: Mapping[str, Value]

    @property
    def loss(self) -> Value:
        """The last node."""
        return self.values["L"]

    @cached_property
    def edges(self) -> list[Edge]:
        """The products, in the order in which they are made."""
        return backward_edges(self.loss)

    def slope(self, node: str, parent: str) -> float:
        """Return the local derivative dnode/dparent."""
        return next(e.slope for e in self.edges if (e.node.label, e.parent.label) == (node, parent))

    def gradient(self, name: str) -> float:
        """Return dL/dnode."""
        return sum(e.term for e in self.edges if e.parent.label == name)


NEURON: Final = Graph(
    "one neuron",
    "L = (σ(w·x + b) − y)²,  b = −1,  y = 1",
    {"b": -1.0},
    (
        Node("w", (0.9, 4.9), above=True),
        Node("x", (0.9, 3.3)),
        Node("b", (0.9, 1.5)),
        Node("z", (4.0, 3.3), "w·x + b", ("w", "x", "b"), lambda w, x, b: w * x + b),
        Node("a", (6.6, 3.3), "σ(z)", ("z",), lambda z: z.sigmoid()),
        Node("L", (9.2, 3.3), "(a − y)²", ("a",), lambda a: (a - 1) ** 2),
    ),
    1.0,
)
SHARED: Final = Graph(
    "the same weight twice",
    "L = (w·σ(w·x) − y)²,  y = 1",
    {},
    (
        Node("w", (0.9, 4.9), above=True),
        Node("x", (0.9, 1.5)),
        Node("u", (3.7, 2.8), "w·x", ("w", "x"), lambda w, x: w * x),
        Node("h", (5.6, 2.8), "σ(u)", ("u",), lambda u: u.sigmoid()),
        Node("p", (7.4, 3.8), "w·h", ("w", "h"), lambda w, h: w * h, above=True),
        Node("L", (9.3, 3.8), "(p − y)²", ("p",), lambda p: (p - 1) ** 2),
    ),
    3.0,
)
GATE: Final = Graph(
    "one unit read twice",
    "L = (σ(u)·tanh(u) − y)²,  u = w·x,  y = 1",
    {},
    (
        Node("w", (0.9, 4.8), above=True),
        Node("x", (0.9, 1.8)),
        Node("u", (3.6, 3.3), "w·x", ("w", "x"), lambda w, x: w * x),
        Node("p", (6.0, 4.8), "σ(u)", ("u",), lambda u: u.sigmoid(), above=True),
        Node("q", (6.0, 1.8), "tanh(u)", ("u",), lambda u: u.tanh()),
        Node("L", (9.2, 3.3), "(p·q − y)²", ("p", "q"), lambda p, q: (p * q - 1) ** 2),
    ),
    1.5,
)
GRAPHS: Final = (NEURON, SHARED, GATE)


def neuron_by_formula(w: float, x: float) -> NDArray[Any]:
    """Return the slopes of `NEURON` along w, x and b, from the formula derived by hand, ``(3,)``.

    Examples
    --------
    >>> neuron_by_formula(0.5, 4.0).round(4).tolist()
    [-0.423, -0.0529, -0.1058]
    """
    a = sigmoid(w * x - 1)
    # δ = ∂L/∂z = 2(a − y) a(1 − a)
    delta = 2 * (a - 1) * a * (1 - a)
    return np.array([delta * x, delta * w, delta])


def evidence(L: Value, x: Value) -> str:
    """Say what the edges of the backward pass bring to x.

    Examples
    --------
    >>> x = Value(3.0)
    >>> evidence(x * x + x, x)
    'reaches x with [1.0, 3.0, 3.0], which add up to 7.0'
    """
    terms = [e.term for e in backward_edges(L) if e.parent is x]
    return f"reaches x with {terms}, which add up to {sum(terms)}"


@lru_cache(maxsize=64)
def nudged_losses(name: str, w: float, x: float, which: str) -> NDArray[Any]:
    """Return rows (Δ, L after − L before) for nudges Δ of w or x from −1 to 1, ``(41, 2)``."""
    graph = next(graph for graph in GRAPHS if graph.name == name)
    deltas, start = np.linspace(-1, 1, 41), {"w": w, "x": x}
    losses = [graph.loss(**start | {which: start[which] + by}) for by in deltas]
    return np.column_stack([deltas, np.subtract(losses, graph.loss(w, x))])
