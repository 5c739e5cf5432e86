"""A progress bar for long runs: one widget, moved by state updates alone.

Usable wherever a function takes ``progress``, a wrapper of an iterable. It writes nothing to the
cell, knows no clock, and its saved output is one line of text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.explorers.stage import Stage, View
from course.plots import marks as mk


class Progress(Stage):
    """Show how many steps of a run are done: ``train(..., progress=bar)`` moves the bar.

    Parameters
    ----------
    what
        What is counted, such as ``"epochs"``.

    Examples
    --------
    >>> bar = Progress("epochs")
    >>> bar.text
    'epochs: not started'
    >>> sum(bar(range(30)))
    435
    >>> bar.text
    'epochs: 30 of 30'
    """

    size = traitlets.Any([880, 44]).tag(sync=True)

    def __init__(self, what: str = "steps") -> None:
        super().__init__(title=f"Progress: {what}")
        self.what, self.done, self.total = what, 0, 0
        self._show()

    def __call__(self, iterable: Iterable[Any]) -> Iterator[Any]:
        """Yield the items, and move the bar after each; its length must be known."""
        items = list(iterable)
        self.done, self.total = 0, len(items)
        self._show()
        for item in items:
            yield item
            self.done += 1
            self._show()

    def _show(self) -> None:
        share = self.done / self.total if self.total else 0.0
        self.present(
            View([mk.bars([[0, 0, share, 1]], "bar", "path", opacity=0.85)], self.text),
            alt=self.text,
        )

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the empty bar."""
        ax = figure.add_axes((0.005, 0.3, 0.99, 0.5))
        ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[], facecolor="none")
        for spine in ax.spines.values():
            spine.set_color(plots.colour("muted", theme))
        return {"bar": ax}

    @property
    def text(self) -> str:
        """What is counted, how many are done, and of how many."""
        return f"{self.what}: " + (f"{self.done} of {self.total}" if self.total else "not started")

    def saved(self) -> dict[str, str]:
        """Return one line of text: there is nothing to see in a picture of a bar."""
        return {"text/plain": self.text}
