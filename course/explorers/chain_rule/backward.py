"""A graph of six nodes: values forward, then gradients backward, one edge per step."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course import plots
from course.explorers.base import Explorer
from course.explorers.chain_rule.graphs import GRAPHS, Run, nudged_losses
from course.explorers.controls import Choice, Handle, Slider
from course.explorers.stage import View
from course.plots import marks as mk

MENU = {graph.name: graph for graph in GRAPHS}
RADIUS = 0.42  # of a node, in the units of the drawing


class BackwardPass(Explorer):
    """Forward values, then one product per step; beside it the promise of the derivative."""

    heading = "Values forward, gradients backward: one edge per step"
    dials = (
        Choice("graph", "graph", GRAPHS[0].name, tuple(MENU)),
        Slider("w", "w", 0.5, -2.0, 2.0, 0.05),
        Slider("x", "x", 4.0, -4.0, 4.0, 0.1),
        Choice("input", "nudge", "w", ("w", "x")),
        Slider("nudge", "by Δ", 0.4, -1.0, 1.0, 0.02),
    )
    grips = (Handle("nudge", "Nudge Δ", "nudge", x="nudge", along="curve", role="path"),)
    background_of = ("graph", "input")
    size = traitlets.Any([880, 440]).tag(sync=True)

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the nodes with their formulas, the edges, and the axes of the nudge."""
        graph = MENU[self.values["graph"]]
        left = figure.add_axes((0.01, 0.02, 0.63, 0.96))
        left.set(xlim=(0, 10), ylim=(0, 6.6))
        left.axis("off")
        right = figure.add_axes((0.735, 0.145, 0.25, 0.76))
        name = self.values["input"]
        plots.style(right, theme, x=f"nudge Δ of {name}", y="change of L")
        right.set(xlim=(-1.05, 1.05), ylim=(-graph.reach, graph.reach))
        for draw in (right.axhline, right.axvline):
            draw(0, color=plots.colour("muted", theme), linewidth=1, linestyle=":")
        return {"graph": left, "nudge": right}

    def compute(self, graph: str, w: float, x: float, input: str, nudge: float) -> Run:
        """Return the values of all nodes and the products of the backward pass."""
        return MENU[graph].run(w, x)

    def view(self, record: Run, *, w: float, x: float, input: str, nudge: float, **_: Any) -> View:
        """Return nodes, edges, the words of each step, and the nudge beside its promise."""
        run, g = record, record.gradient(input)
        loss = run.loss.value

        moved = {"w": w, "x": x}
        moved[input] += nudge
        real, promised = run.graph.loss(**moved) - loss, g * nudge
        reach = run.graph.reach
        marks = [
            *graph_marks(run),
            mk.line(nudged_losses(run.graph.name, w, x, input), "nudge", "loss", name="curve"),
            mk.line([[-1, -g], [1, g]], "nudge", "gradient", size=2, dash=True),
            mk.line([[nudge, real], [nudge, promised]], "nudge", "warning", size=2.5),
            mk.points([[nudge, promised]], "nudge", "gradient", size=9, shape="square"),
            mk.text([[-1.05, 1.05 * reach]], ["real change"], "nudge", "loss", size=12),
            mk.text(
                [[1.05, 1.05 * reach]], ["promised"], "nudge", "gradient", size=12, anchor="end"
            ),
        ]
        words = [f"L = {_said(loss)}."]
        words += [f"∂L/∂{n} = {_said(run.gradient(n))}." for n in ("w", "x")]
        names = [e.parent.label for e in run.edges]
        words += [
            f"{name} feeds two nodes, and its gradient is a sum: {added(run, name)}."
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]
        words.append(
            f"Nudging {input} by {nudge:.2f}: promised {_said(promised)}, real {_said(real)}, "
            f"off by {_said(real - promised)}."
        )
        summary = " ".join(words).replace("-", "−")
        # where the curve leaves the axes, the dot waits on their edge
        place = (nudge, float(np.clip(real, -reach, reach)))
        return View(marks, _no_minus_zero(summary), places={"nudge": place})


def added(run: Run, name: str) -> str:
    """Write the gradient of a node as the sum of what its edges bring.

    Examples
    --------
    >>> from course.explorers.chain_rule.graphs import SHARED
    >>> added(SHARED.run(1.0, 0.0), "w")
    '(-0.5000) + (0.0000) = -0.5000'
    """
    terms = [e.term + 0.0 for e in run.edges if e.parent.label == name]
    return " + ".join(f"({_said(term)})" for term in terms) + f" = {_said(sum(terms))}"


def step_words(run: Run) -> list[str]:
    """Say what happens in each step: inputs, one node at a time, the seed, one edge at a time."""
    computed = [node for node in run.graph.nodes if node.f]
    words = ["Forward: the inputs are given."]
    words += [f"Forward: {n.name} = {n.formula} = {run.values[n.name].value:.4f}" for n in computed]
    words.append("Backward: start with ∂L/∂L = 1.")
    seen: dict[str, float] = {}
    for e in run.edges:
        node, parent = e.node.label, e.parent.label
        product = f"∂L/∂{node} · ∂{node}/∂{parent} ="
        if parent in seen:
            words.append(
                f"Backward: {product} {_said(e.term)}; added to {_said(seen[parent])}: "
                f"∂L/∂{parent} = {_said(e.total)}"
            )
        else:
            slope = f"({_said(e.slope)})" if e.slope < 0 else _said(e.slope)
            words.append(
                f"Backward: ∂L/∂{parent} = {product} {_said(e.incoming)} · {slope} "
                f"= {_said(e.total)}"
            )
        seen[parent] = e.total
    return [_no_minus_zero(line.replace("-", "−")) for line in words]


def graph_marks(run: Run) -> list[mk.Mark]:
    """Return the drawing of a graph, step by step, as marks."""
    graph, computed = run.graph, [node.name for node in run.graph.nodes if node.f]
    forward = len(computed) + 1  # steps before the seed
    steps = forward + 1 + len(run.edges)
    born = {node.name: 0 for node in graph.nodes} | {n: i + 1 for i, n in enumerate(computed)}
    place = {node.name: np.array(node.place) for node in graph.nodes}
    marks = [mk.text([[0.15, 6.2]], [graph.formula], "graph", "muted", size=13)]
    wires = [_between(place[p], place[n.name]) for n in graph.nodes for p in n.parents]
    marks.append(mk.arrows(wires, "graph", "muted", size=1.2, opacity=0.7))
    # the gradient flows against the arrows; the product of this very step is thicker
    flows = np.full((steps, len(run.edges), 4), np.nan)
    for i, e in enumerate(run.edges):
        flows[forward + 1 + i :, i] = _between(place[e.node.label], place[e.parent.label])
    now = np.full((steps, 1, 4), np.nan)
    now[forward + 1 :, 0] = flows[-1]
    marks += [
        mk.arrows(flows, "graph", "gradient", timing="frames", size=2),
        mk.arrows(now, "graph", "gradient", timing="frames", size=4.5),
    ]
    for e in run.edges:
        silent = born[e.node.label]  # no slope before the node has a value
        words = [""] * silent + [f"×{_short(e.slope)}"] * (steps - silent)
        marks.append(_slope_label(place[e.parent.label], place[e.node.label], words))
    for node in graph.nodes:
        value = [""] * born[node.name] + [_short(run.values[node.name].value)] * steps
        total = [""] * steps
        if node.name == "L":
            total[forward:] = ["∂L/∂L = 1"] * (steps - forward)
        for i, e in enumerate(run.edges):
            if e.parent.label == node.name:
                since = forward + 1 + i
                total[since:] = [f"∂L/∂{node.name} = {_short(e.total)}"] * (steps - since)
        role = "loss" if node.name == "L" else "ink"
        at = place[node.name]
        marks += [
            mk.points([at], "graph", role, size=38, shape="ring"),
            mk.text([at], [node.name], "graph", role, size=16, anchor="middle", shift=(0, 6)),
            _label(at, [node.formula] * steps, "muted", 12, shift=(0, 35 if node.above else -26)),
            _label(at, value[:steps], "ink", 13, shift=(0, -42 if node.above else 36)),
            _label(at, total, "gradient", 12, shift=(0, -26 if node.above else 52)),
        ]
    marks.append(
        mk.text([[0.15, 0.2]] * steps, step_words(run), "graph", "ink", timing="current", size=13)
    )
    return marks


def _label(
    at: NDArray[Any],
    words: list[str],
    role: str,
    size: float,
    shift: tuple[float, float],
    anchor: str = "middle",
) -> mk.Mark:
    """Return words at a fixed place that depend on the step."""
    style: dict[str, Any] = {"timing": "current", "anchor": anchor, "size": size, "shift": shift}
    return mk.text([at] * len(words), words, "graph", role, **style)


def _slope_label(tail: NDArray[Any], head: NDArray[Any], words: list[str]) -> mk.Mark:
    """Return the local derivative beside its edge: above a level one, else to the right of it."""
    rise = head[1] - tail[1]
    if rise == 0:
        return _label(tail + 0.5 * (head - tail), words, "ink", 12, (0, -8))
    shift = (10.0, 14.0) if rise > 0 else (8.0, -5.0)
    return _label(tail + 0.38 * (head - tail), words, "ink", 12, shift, anchor="start")


def _between(tail: NDArray[Any], head: NDArray[Any]) -> NDArray[Any]:
    """Return an arrow that leaves room for the circles at both ends."""
    gap = RADIUS * (head - tail) / np.linalg.norm(head - tail)
    return np.concatenate([tail + gap, head - gap])


def _short(number: float) -> str:
    return _no_minus_zero(f"{number:.3f}".replace("-", "−"))


def _said(number: float) -> str:
    """Write four digits after the point, or one digit that counts where those are all zero.

    Examples
    --------
    >>> _said(-1.22083), _said(-7e-6), _said(1e-17)
    ('-1.2208', '-7e-06', '0.0000')
    """
    if abs(number) < 1e-12:  # nothing but rounding
        number = 0.0
    return f"{number:.0e}" if 0 < abs(number) < 5e-5 else f"{number:.4f}"


def _no_minus_zero(words: str) -> str:
    """Write −0.000 as 0.000."""
    return re.sub(r"−(0\.0+)(?![\d])", r"\1", words)
