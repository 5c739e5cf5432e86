"""What a trained network gets wrong: the confusion matrix and the digits themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course import plots
from course.data import Dataset
from course.explorers.base import Explorer
from course.explorers.controls import Choice
from course.explorers.stage import View
from course.network import Network, confusion, forward
from course.plots import marks as mk

Array = NDArray[Any]
ACROSS, DOWN = 6, 3  # digits in the gallery
WRONG, DOUBTFUL = "wrong", "right, with most doubt"


@dataclass(frozen=True)
class Shown:
    """Hold the confusion matrix (10, 10) and the examples in the gallery."""

    matrix: Array
    index: Array  # (m,) numbers of examples in the test set
    truth: Array  # (m,)
    told: Array  # (m,)
    outputs: Array  # (m, 10)
    total: int
    wrong: int


class WrongDigits(Explorer):
    """The confusion matrix, the digits it counts beside the diagonal, and what the network said."""

    heading = "What it gets wrong"
    size = traitlets.Any([880, 430]).tag(sync=True)
    dials = (Choice("show", "digits that are", WRONG, (WRONG, DOUBTFUL)),)
    background_of = ("show",)

    def __init__(self, network: Network, test: Dataset, **values: Any) -> None:
        self._network, self._test = network, test
        self._outputs = forward(network, test.X).output
        super().__init__(**values)

    def compute(self, show: str) -> Shown:
        """Return the matrix and at most 18 examples: the wrong ones, or the least certain."""
        outputs, truth = self._outputs, self._test.Y.argmax(axis=1)
        told = outputs.argmax(axis=1)
        first, second = np.sort(outputs, axis=1)[:, [-1, -2]].T
        wrong = told != truth
        if show == WRONG:
            index = np.flatnonzero(wrong)
        else:
            index = np.flatnonzero(~wrong)[np.argsort((first - second)[~wrong], kind="stable")]
        index = index[: ACROSS * DOWN]
        matrix = confusion(self._network, self._test)
        return Shown(
            matrix, index, truth[index], told[index], outputs[index], len(truth), int(wrong.sum())
        )

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the matrix with its counts, the gallery of digits, and the axes of the outputs."""
        record, ink, muted = self.record, *(plots.colour(r, theme) for r in ("ink", "muted"))
        left = figure.add_axes((0.06, 0.13, 0.38, 0.79))
        plots.style(left, theme, x="the network says", y="it is")
        left.set(xlim=(-0.5, 9.5), ylim=(9.5, -0.5), xticks=range(10), yticks=range(10))
        for i in range(10):
            for j in range(10):
                count = record.matrix[i, j]
                role = "muted" if i == j else "warning"
                if count:
                    left.text(
                        j,
                        i,
                        str(count),
                        color=plots.colour(role, theme),
                        fontsize=10,
                        ha="center",
                        va="center",
                        weight="normal" if i == j else "bold",
                    )
        left.set_xticks(np.arange(0.5, 9), minor=True)
        left.set_yticks(np.arange(0.5, 9), minor=True)
        left.grid(which="minor", color=muted, alpha=0.25, linewidth=0.6)
        left.tick_params(which="minor", length=0)
        gallery = figure.add_axes((0.49, 0.44, 0.505, 0.5))
        gallery.set(xlim=(0, ACROSS), ylim=(DOWN, 0))
        gallery.set_axis_off()
        paper = "Greys" if theme == "light" else "gray"
        for k, number in enumerate(record.index):
            row, column = divmod(k, ACROSS)
            gallery.imshow(
                self._test.X[number].reshape(8, 8),
                extent=(column + 0.2, column + 0.8, row + 0.66, row + 0.06),
                cmap=paper,
                vmin=0,
                vmax=1,
                aspect="auto",
                interpolation="nearest",
            )
            words = f"{record.truth[k]} → {record.told[k]}"
            gallery.text(column + 0.5, row + 0.88, words, color=ink, fontsize=8.5, ha="center")
        gallery.set(xlim=(0, ACROSS), ylim=(DOWN, 0))
        bars = figure.add_axes((0.53, 0.13, 0.455, 0.24))
        plots.style(bars, theme, x="output of the network for each digit")
        bars.set(xlim=(-0.6, 9.6), ylim=(0, 1.02), xticks=range(10), yticks=(0, 0.5, 1))
        return {"matrix": left, "gallery": gallery, "outputs": bars}

    def view(self, record: Shown, *, show: str, **_: Any) -> View:
        """Return the frames round one digit after another, with the ten outputs for it."""
        summary = _summary(record, show)
        if not len(record.index):
            return View((), summary)
        k = np.arange(len(record.index))
        row, column = np.divmod(k, ACROSS)
        frame = np.array([[0.12, 0.02], [0.88, 0.02], [0.88, 0.97], [0.12, 0.97], [0.12, 0.02]])
        corners = np.column_stack([column, row])[:, None] + frame
        cell = np.array(
            [[-0.45, -0.45], [0.45, -0.45], [0.45, 0.45], [-0.45, 0.45], [-0.45, -0.45]]
        )
        cells = np.column_stack([record.told, record.truth])[:, None] + cell
        digits = np.arange(10.0)
        boxes = np.stack(
            np.broadcast_arrays(digits - 0.35, 0.0, digits + 0.35, record.outputs), axis=-1
        )
        true_spot = np.column_stack([record.truth, np.full(len(k), 0.93)])
        marks = [
            mk.line(corners, "gallery", "path", timing="frames", size=2),
            mk.line(cells, "matrix", "path", timing="frames", size=2),
            mk.bars(boxes, "outputs", "loss", timing="frames", opacity=0.8),
            mk.points(true_spot, "outputs", "global", timing="current", size=11, shape="star"),
        ]
        second, first = np.sort(record.outputs, axis=1)[:, -2:].T
        right = np.take_along_axis(record.outputs, record.truth[:, None], axis=1)[:, 0]
        numbers = np.column_stack([record.index, record.truth, record.told, first, second, right])
        template = (
            "test image {0:d}: it is {1:d} (star), the network says {2:d}   largest output {3:.2f}"
            "   second largest {4:.2f}   output for {1:d} {5:.2f}"
        )
        return View(marks, summary, template, numbers)


def _summary(record: Shown, show: str) -> str:
    share, count = 1 - record.wrong / record.total, len(record.index)
    images = "image is" if record.wrong == 1 else "images are"
    words = f"{record.wrong} of {record.total} test {images} wrong: accuracy {share:.1%}."
    if record.wrong:
        words += f" {_most_often(record.matrix)}"
    if show == DOUBTFUL and not count:
        return f"{words} There is nothing right to show."
    if show == DOUBTFUL:
        return f"{words} Shown: {count} right ones, the least lead over the second largest first."
    if not record.wrong:
        return f"{words} There is nothing wrong to show."
    return words + (f" The first {count} of them are shown." if count < record.wrong else "")


def _most_often(matrix: Array) -> str:
    """Say which mistake is made most often, or which ones are."""
    off = matrix - np.diag(np.diag(matrix))
    most = int(off.max())
    pairs = np.argwhere(off == most)
    if most == 1:
        return "No mistake is made twice."
    told = ", ".join(f"{i} is taken for {j}" for i, j in pairs[:3])
    more = " and others" if len(pairs) > 3 else ""
    return f"Most often ({most} times{' each' if len(pairs) > 1 else ''}) {told}{more}."
