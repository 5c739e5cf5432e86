"""The 2-2-2 network: values forward, δ backward one product per step, and three witnesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course import plots
from course.explorers.base import Explorer
from course.explorers.controls import Control, Slider, Toggle
from course.explorers.delta_recursion.example import INPUT, TARGET, example_network
from course.explorers.stage import View
from course.losses import half_squared_error
from course.network import Network, forward
from course.numeric import numeric_gradient
from course.plots import marks as mk
from course.recursion import Products, graph_gradient, products

Array = NDArray[Any]
SUPER, SUB = "⁰¹²", "₀₁₂"
COLUMNS = (0.2, 2.25, 5.5, 7.8, 9.9)  # where the table's columns begin or end
AGREE = 1e-8  # how closely witnesses must agree: a central difference is good to about 1e-10
STEPS = 11


@dataclass(frozen=True)
class Step:
    """Hold one update of the small network: what led to it, its witnesses, and what it does."""

    products: Products
    numeric: Array
    graph: Array
    loss_after: float
    loss_after_right: float

    @property
    def wrong(self) -> Array:
        """Which entries of the gradient neither witness confirms (P,)."""
        off = np.abs(self.products.vector - np.array([self.numeric, self.graph])) > AGREE
        return np.logical_and(*off)

    @property
    def confirmed(self) -> Array:
        """Which entries both witnesses confirm (P,)."""
        off = np.abs(self.products.vector - np.array([self.numeric, self.graph])) > AGREE
        return ~np.logical_or(*off)


class StepByStep(Explorer):
    """A 2-2-2 sigmoid network with ½ ‖a − y‖²: every product of the recursion, one per step."""

    heading = "The δ recursion, one product at a time"
    size = traitlets.Any([880, 470]).tag(sync=True)
    dials: ClassVar[tuple[Control, ...]] = (
        Slider("x1", "input x₁", 0.05, -1.0, 1.0, 0.05),
        Slider("x2", "input x₂", 0.10, -1.0, 1.0, 0.05),
        Slider("w", "weight w²₁₁", 0.40, -4.0, 4.0, 0.05),
        Slider("learning_rate", "learning rate α", 0.5, 0.0, 10.0, 0.1),
    )

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the edges and nodes of the network, and the table's head."""
        ink, muted = plots.colour("ink", theme), plots.colour("muted", theme)
        net = figure.add_axes((0.005, 0.02, 0.475, 0.96))
        net.set(xlim=(0, 10), ylim=(0, 10))
        net.set_axis_off()
        for x, name in ((1.1, "input x = a⁰"), (4.6, "layer 1"), (8.1, "layer 2")):
            net.text(x, 9.6, name, color=muted, fontsize=9, ha="center")
        table = figure.add_axes((0.49, 0.02, 0.505, 0.96))
        table.set(xlim=(0, 10), ylim=(0, 10))
        table.set_axis_off()
        heads = ("slope", "formula", "number", "central diff.", "graph")
        for x, words, ha in zip(COLUMNS, heads, ("left", "left", *["right"] * 3), strict=True):
            table.text(x, 9.6, words, color=ink, fontsize=9, ha=ha, weight="bold")
        table.plot([0.1, 9.9], [9.4, 9.4], color=muted, linewidth=0.8)
        return {"net": net, "table": table}

    def compute(
        self, x1: float, x2: float, w: float, learning_rate: float, as_published: bool = False
    ) -> Step:
        """Return the products, the witnesses, and the loss after one step of the weights.

        As published, W² is updated before it carries δ² back.
        """
        x, network = np.array([x1, x2]), example_network(w)
        right = products(network, x, TARGET, half_squared_error)
        after = _updated(network, right, learning_rate)
        used = (
            products(network, x, TARGET, half_squared_error, back=after) if as_published else right
        )

        def loss(theta: Array) -> float:
            return _loss(network.with_parameters(theta), x)

        return Step(
            used,
            numeric_gradient(loss, network.parameters),
            graph_gradient(network, x, TARGET),
            _loss(_updated(network, used, learning_rate), x),
            _loss(after, x),
        )

    def view(
        self, record: Step, *, w: float, learning_rate: float, as_published: bool = False, **_: Any
    ) -> View:
        """Return the network with its values, the table, and the arithmetic of each step."""
        network = example_network(w)
        marks = [
            *_network_marks(network, record.products),
            *_table_marks(record),
            *_arithmetic(network, record, as_published),
        ]
        summary = _summary(record)
        if as_published:
            summary = _summary_as_published(record, learning_rate)
        return View(marks, summary)


class PublishedStep(StepByStep):
    """The same network, with δ² carried back by weights that are updated already."""

    heading = "The published step, one product at a time"
    dials = (
        *StepByStep.dials,
        Toggle("as_published", "do it as the program above does", value=True),
    )


def loss_after(steps: int, *, as_published: bool, learning_rate: float = 0.5) -> float:
    """Return the loss of the published example after so many steps of its weights.

    Examples
    --------
    >>> round(loss_after(1, as_published=True), 9)
    0.291027924
    """
    network = example_network()
    for _ in range(steps):
        used = products(network, INPUT, TARGET, half_squared_error)
        after = _updated(network, used, learning_rate)
        if as_published:
            used = products(network, INPUT, TARGET, half_squared_error, back=after)
        network = _updated(network, used, learning_rate)
    return _loss(network, INPUT)


def what_the_published_step_does() -> str:
    """Compare the published step with the derived one: δ¹, the loss in the long run, the layers."""
    record = PublishedStep().record
    network, used = example_network(), record.products
    right = products(network, INPUT, TARGET, half_squared_error)
    off = 1 - used.delta[0] / right.delta[0]
    theta, (W, _, _) = _updated(network, right, 0.5).parameters, network.layout[0]
    theta[W] = network.parameters[W]  # layer 1 as it was
    fall = right.loss - _loss(network.with_parameters(theta), INPUT)
    lines = [
        f"δ¹ of the program {used.delta[0]}",
        f"δ¹ derived        {right.delta[0]}",
        f"too small by {off[0]:.1%} and {off[1]:.1%}",
        f"share of W² in the fall of the loss: {fall / (right.loss - record.loss_after_right):.2%}",
    ]
    for steps in (1, 10, 100):
        published, derived = (loss_after(steps, as_published=way) for way in (True, False))
        lines.append(
            f"loss after {steps:3d} steps: program {published:.8f}   derived {derived:.8f}"
        )
    return "\n".join(lines)


def _loss(network: Network, x: Array) -> float:
    return half_squared_error(TARGET[None], forward(network, x[None]).output)


def _updated(network: Network, p: Products, alpha: float) -> Network:
    """Return the network after one step of its weights; the published example leaves the biases."""
    theta, g = network.parameters, p.vector
    for W, _, _ in network.layout:
        theta[W] -= alpha * g[W]
    return network.with_parameters(theta)


def _summary(record: Step) -> str:
    count, total = int(record.confirmed.sum()), len(record.numeric)
    return (
        f"L = {record.products.loss:.9f}; after one step of the weights {record.loss_after:.9f}. "
        f"{'All' if count == total else f'{count} of'} {total} slopes agree with both witnesses."
    )


def _summary_as_published(record: Step, alpha: float) -> str:
    if alpha == 0:
        return f"{_summary(record)} With α = 0 the updated W² is the old W²."
    count = int(record.wrong.sum())
    verdict = f"{count} of {len(record.numeric)} slopes differ from both witnesses"
    return (
        f"L = {record.products.loss:.9f}. With the updated W² in the recursion δ¹ is wrong: "
        f"{verdict}. The loss after one step is {record.loss_after:.9f}; with the old W² it is "
        f"{record.loss_after_right:.9f}."
    )


# ---------------------------------------------------------------------------- the network
NODES = {0: (1.1, (7.3, 4.5)), 1: (4.6, (7.3, 4.5)), 2: (8.1, (7.3, 4.5))}


def _places(layer: int, shift: float = 0.0) -> Array:
    x, heights = NODES[layer]
    return np.array([[x, y + shift] for y in heights])


def _from(step: int, places: Array) -> Array:
    """Return places (T, n, 2) that are there from a step on, and NaN (not drawn) before."""
    frames = np.repeat(places[None], STEPS + 1, axis=0)
    frames[:step] = np.nan
    return frames


def number(value: Any, digits: int = 4) -> str:
    """Write a number with a true minus and without a negative zero; a huge one with an exponent."""
    words = f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:.2e}"
    return ("0" + words[2:] if float(words) == 0 and words[0] == "-" else words).replace("-", "−")


def _words(
    step: int, places: Array, words: Sequence[str], role: str, panel: str = "net", **style: Any
) -> mk.Mark:
    how = {"size": 12.0, "anchor": "middle", **style}
    return mk.text(_from(step, places), words, panel, role, timing="frames", **how)


def _network_marks(network: Network, p: Products) -> list[mk.Mark]:
    marks = []
    for layer in (1, 2):
        tails, heads = _places(layer - 1), _places(layer)
        edges = [
            [tail[0] + 0.8, tail[1], head[0] - 0.8, head[1]] for head in heads for tail in tails
        ]
        spots = np.array([_along(np.array(e), 0.30) for e in edges])
        spots[[0, 3], 1] += 0.22  # above the level edges
        marks += [
            mk.arrows(edges, "net", "muted", size=1, opacity=0.6),
            mk.text(
                spots,
                [number(w, 2) for w in network.layers[layer - 1].W.ravel()],
                "net",
                "muted",
                size=11,
                anchor="middle",
                shift=(0, -2),
            ),
        ]
    for layer in (0, 1, 2):
        marks.append(mk.points(_places(layer), "net", "ink", size=56, shape="ring"))
    down: dict[str, Any] = {"shift": (0, 4)}
    beside = _places(2, -0.1) + np.array([0.86, 0.0])
    marks += [
        mk.text(
            _places(0), [number(v, 2) for v in p.x], "net", "ink", size=12, anchor="middle", **down
        ),
        _words(1, _places(1), [number(v) for v in p.a[0]], "ink", **down),
        _words(1, _places(1, 1.15), [f"z {number(v)}" for v in p.z[0]], "muted", size=11),
        _words(2, _places(2), [number(v) for v in p.a[1]], "ink", **down),
        _words(2, _places(2, 1.15), [f"z {number(v)}" for v in p.z[1]], "muted", size=11),
        _words(2, beside, [f"y {number(v, 2)}" for v in TARGET], "loss", size=11, anchor="start"),
        _words(4, _places(2, -1.2), [f"δ² {number(v)}" for v in p.delta[1]], "gradient"),
        _words(8, _places(1, -1.2), [f"δ¹ {number(v)}" for v in p.delta[0]], "gradient"),
    ]
    back = [[x - 0.8, y - 0.35, x - 2.7, v - 0.35] for x, y in _places(2) for _, v in _places(1)]
    arrows = np.repeat(np.array(back)[None], STEPS + 1, axis=0)
    arrows[:7] = np.nan
    marks.append(mk.arrows(arrows, "net", "gradient", timing="frames", size=1.5, dash=True))
    return marks


def _along(edge: Array, share: float) -> Array:
    return edge[:2] + share * (edge[2:] - edge[:2])


# ------------------------------------------------------------------------------ the table
def _rows() -> list[tuple[int, str, str]]:
    """Return for each parameter the step that computes it, its name, and its formula."""
    rows = []
    for layer, (weights, biases) in ((1, (9, 10)), (2, (5, 6))):
        below = "x" if layer == 1 else "a¹"
        up = SUPER[layer]
        for i in (1, 2):
            for j in (1, 2):
                formula = f"δ{up}{SUB[i]} {below}{SUB[j]}"
                rows.append((weights, f"∂L/∂w{up}{SUB[i]}{SUB[j]}", formula))
        rows += [(biases, f"∂L/∂b{up}{SUB[i]}", f"δ{up}{SUB[i]}") for i in (1, 2)]
    return rows


def _table_marks(record: Step) -> list[mk.Mark]:
    marks = []
    heights = np.array([*(8.9 - 0.5 * np.arange(6)), *(5.6 - 0.5 * np.arange(6))])
    heights = np.roll(heights, 6)  # layer 2 is computed first and stands on top
    values = (record.products.vector, record.numeric, record.graph)
    for k, (step, name, formula) in enumerate(_rows()):
        y, wrong = heights[k], record.wrong[k]
        left = np.array([[COLUMNS[0], y], [COLUMNS[1], y]])
        marks.append(_words(step, left, [name, formula], "ink", "table", size=11.5, anchor="start"))
        right = np.array([[x, y] for x in COLUMNS[2:]])
        told = [number(v[k], 6) for v in values]
        role = "warning" if wrong else "gradient"
        told[0] = f"≠ {told[0]}" if wrong else told[0]
        style: dict[str, Any] = {"panel": "table", "size": 11.5, "anchor": "end"}
        marks.append(_words(step, right[:1], told[:1], role, **style))
        marks.append(_words(step, right[1:], told[1:], "ink", **style))
    return marks


# ------------------------------------------------------------------------- the arithmetic
def _arithmetic(network: Network, record: Step, as_published: bool) -> list[mk.Mark]:
    """Return what each step computes: in letters, in numbers for its first entry, in shapes."""
    p, n = record.products, number
    W1, W2 = (layer.W for layer in network.layers)
    b1, b2 = (layer.b for layer in network.layers)
    (a1, a2), (d1, d2) = p.a, p.delta
    judged = " (wrong)" if record.wrong.any() else ""
    used = f"with the updated W²{judged}: {n(p.slope[0][0])}"
    product = f"{n(W2[0, 0], 2)} · {n(d2[0])} + {n(W2[1, 0], 2)} · {n(d2[1])} = {n(p.slope[0][0])}"
    up = {layer: f"{n(p.prime[layer][0])}" for layer in (0, 1)}
    lines = [
        ("the input x, and the weights on the edges", "", "x (2,)"),
        (
            "z¹ = W¹x + b¹,  a¹ = σ(z¹)",
            f"z¹₁ = {n(W1[0, 0], 2)} · {n(p.x[0], 2)} + {n(W1[0, 1], 2)} · {n(p.x[1], 2)}"
            f" + {n(b1[0], 2)} = {n(p.z[0][0])}",
            "(2, 2)(2,) + (2,) → (2,)",
        ),
        (
            "z² = W²a¹ + b²,  a² = σ(z²),  L = ½ ‖a² − y‖²",
            f"z²₁ = {n(W2[0, 0], 2)} · {n(a1[0])} + {n(W2[0, 1], 2)} · {n(a1[1])}"
            f" + {n(b2[0], 2)} = {n(p.z[1][0])}",
            "(2, 2)(2,) + (2,) → (2,)",
        ),
        (
            "∂L/∂a² = a² − y",
            f"{n(a2[0])} − {n(TARGET[0], 2)} = {n(p.slope[1][0])}",
            "(2,) − (2,) → (2,)",
        ),
        (
            "δ² = ∂L/∂a² ⊙ a²(1 − a²)",
            f"{n(p.slope[1][0])} · {up[1]} = {n(d2[0])}",
            "(2,) ⊙ (2,) → (2,)",
        ),
        (
            "∂L/∂W² = δ² (a¹)ᵀ",
            f"{n(d2[0])} · {n(a1[0])} = {n(p.W[1][0, 0], 6)}",
            "(2, 1)(1, 2) → (2, 2)",
        ),
        ("∂L/∂b² = δ²", f"{n(p.b[1][0], 6)}", "(2,)"),
        (
            "∂L/∂a¹ = (W²)ᵀ δ²",
            used if as_published else product,
            "(2, 2)(2,) → (2,)",
        ),
        (
            "δ¹ = (W²)ᵀ δ² ⊙ a¹(1 − a¹)",
            f"{n(p.slope[0][0])} · {up[0]} = {n(d1[0], 6)}",
            "(2,) ⊙ (2,) → (2,)",
        ),
        (
            "∂L/∂W¹ = δ¹ xᵀ",
            f"{n(d1[0], 6)} · {n(p.x[0], 2)} = {n(p.W[0][0, 0], 6)}",
            "(2, 1)(1, 2) → (2, 2)",
        ),
        ("∂L/∂b¹ = δ¹", f"{n(p.b[0][0], 6)}", "(2,)"),
        (
            "W := W − α ∂L/∂W" if as_published else "W := W − α ∂L/∂W, all layers at once",
            f"L: {p.loss:.9f} → {record.loss_after:.9f}",
            "(2, 2) − (2, 2) → (2, 2)",
        ),
    ]
    marks = []
    roles = ("ink", "gradient", "muted")
    for words, role, y, size in zip(
        zip(*lines, strict=True), roles, (1.95, 1.2, 0.5), (14, 12.5, 12), strict=True
    ):
        places = np.repeat([[0.15, y]], STEPS + 1, axis=0)
        marks.append(mk.text(places, words, "net", role, timing="current", size=size))
    return marks
