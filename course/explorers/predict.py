"""Predictions: a question that must be answered before its result is shown.

In JupyterLab the learner chooses, types or points, and locks the answer; only then do the answer,
the reason and the explorers that wait for it appear. Run by nbval or nbconvert, and in a saved
notebook, the question stands with its answer (folded in HTML) and its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from course.explorers.stage import Stage, View
from course.plots import marks as mk
from course.plots.marks import Mark

Scene = Callable[[Figure, str], dict[str, Axes]]


class Predict(Stage):
    """Ask for a choice, a number or a place, and keep the answer until it is locked.

    Parameters
    ----------
    prompt
        The question.
    answer
        The index of the right option (with ``options``), a number, or a point ``(x, y)`` (with
        ``scene``). Compute it with the library, so that nbval checks it.
    reason
        Why: shown with the answer.
    options
        The choices; without them the question asks for a number, or for a place if there is a
        ``scene``.
    tolerance
        How far a number or place may be from the answer and still count as right, in the units of
        the answer.
    unit
        Words after the number field.
    scene
        A function ``(figure, theme) -> {"panel": Axes}`` that draws the picture to point at.
    marks
        Marks in that picture that are there from the start.

    Raises
    ------
    ValueError
        When the answer does not fit the kind of question.

    Examples
    --------
    >>> p = Predict("2 + 2?", answer=1, reason="Count.", options=("3", "4"))
    >>> p.answer_with(0)
    'You predicted “3”. The answer is “4”.'
    >>> p.locked
    True
    """

    def __init__(
        self,
        prompt: str,
        *,
        answer: Any,
        reason: str,
        options: Sequence[str] = (),
        tolerance: float = 0.0,
        unit: str = "",
        scene: Scene | None = None,
        marks: Sequence[Mark] = (),
        height: int = 300,
    ) -> None:
        self._scene, self._given, self.options = scene, tuple(marks), tuple(options)
        self.kind = "choice" if options else "place" if scene else "number"
        self.answer = self._checked(answer)
        self.reason, self.tolerance, self.unit = reason, float(tolerance), unit
        self._waiting: list[Callable[[], None]] = []
        super().__init__(title="Predict first", size=[880, height])
        self.question = {
            "prompt": prompt,
            "kind": self.kind,
            "options": list(self.options),
            "unit": unit,
        }
        self.outcome = {"locked": False, "guess": None, "verdict": "", "reason": ""}
        self._place: tuple[float, float] | None = None
        if scene:
            self._show_scene()

    def _checked(self, answer: Any) -> Any:
        if self.kind == "choice":
            if isinstance(answer, bool) or answer not in range(len(self.options)):
                raise ValueError(f"answer must be the index of an option, not {answer!r}")
            return int(answer)
        numbers = np.asarray(answer)
        if (
            numbers.shape != ((2,) if self.kind == "place" else ())
            or numbers.dtype.kind not in "iuf"
            or not np.isfinite(numbers).all()
        ):
            wanted = "a finite point (x, y)" if self.kind == "place" else "a finite number"
            raise ValueError(f"answer must be {wanted}, not {answer!r}")
        return tuple(numbers.tolist()) if self.kind == "place" else float(numbers)

    # -- locking ----------------------------------------------------------------------------

    @property
    def locked(self) -> bool:
        """Whether an answer was locked."""
        return bool(self.outcome["locked"])

    def when_locked(self, callback: Callable[[], None]) -> None:
        """Call this once an answer is locked (at once, if it is already)."""
        if self.locked:
            callback()
        else:
            self._waiting.append(callback)

    def answer_with(self, guess: Any) -> str:
        """Lock a guess and return the verdict; a second guess changes nothing."""
        with self._guard:
            if not self.locked:
                guess = self._checked(guess)
                verdict = self._verdict(guess)
                self.outcome = {
                    "locked": True,
                    "guess": guess,
                    "verdict": verdict,
                    "reason": self.reason,
                }
                if self.kind == "place":
                    self._place = guess
                    self._show_scene()
                for callback in self._waiting:
                    callback()
            return str(self.outcome["verdict"])

    def _verdict(self, guess: Any) -> str:
        told, right = self._words(guess), self._words(self.answer)
        if self._is_right(guess):
            return f"Right. You predicted {told}; the answer is {right}."
        return f"You predicted {told}. The answer is {right}."

    def _is_right(self, guess: Any) -> bool:
        if self.kind == "choice":
            return bool(guess == self.answer)
        return bool(
            np.hypot.reduce(np.atleast_1d(np.subtract(guess, self.answer))) <= self.tolerance
        )

    def _words(self, value: Any) -> str:
        if self.kind == "choice":
            return f"“{self.options[value]}”"
        numbers = ", ".join(f"{v:.4g}".replace("-", "−") for v in np.atleast_1d(value))
        return f"({numbers})" if self.kind == "place" else f"{numbers} {self.unit}".strip()

    # -- the picture of a place question ----------------------------------------------------

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw the scene that the learner points at."""
        return self._scene(figure, theme) if self._scene else {}

    def _show_scene(self) -> None:
        (panel, *_) = self._drawn(self.theme)[1]
        extent = [panel["xlim"], panel["ylim"]]
        place = self._place or tuple(low + 0.5 * (high - low) for low, high in extent)
        shown = list(self._given)
        if self.locked:
            shown += self._truth(panel["name"], place, extent)
        handle = {
            "name": "guess",
            "label": "Your prediction",
            "panel": panel["name"],
            "x": place[0],
            "y": place[1],
            "axes": "xy",
            "along": "",
            "role": "guess",
            "valuetext": f"{place[0]:.3g}, {place[1]:.3g}",
            "range": {"min": extent[0][0], "max": extent[0][1], "now": place[0]},
        }
        self.present(View(shown, ""), handles=[] if self.locked else [handle])
        self.placed = self._place is not None

    def _truth(self, panel: str, place: ArrayLike, extent: Sequence[Sequence[float]]) -> list[Mark]:
        """Return the guess and the answer side by side, as marks."""
        spots = np.array([place, self.answer])
        # words beside a mark in the right third would leave the picture
        right = spots[:, 0] > extent[0][0] + 0.7 * (extent[0][1] - extent[0][0])
        return [
            mk.points(spots[:1], panel, "guess", size=14, shape="ring"),
            mk.points(spots[1:], panel, "global", size=14, shape="star"),
            *(
                mk.text(
                    spots[i : i + 1],
                    [words],
                    panel,
                    role,
                    anchor="end" if right[i] else "start",
                    shift=(-12 if right[i] else 12, rise),
                )
                for i, (words, role, rise) in enumerate(
                    [("your prediction", "guess", -10), ("the answer", "global", 16)]
                )
            ),
        ]

    def react(self, message: Mapping[str, Any]) -> None:
        """Move the marker, or lock the answer."""
        match message["type"]:
            case "drag" if not self.locked:
                self._place = self._checked((message["x"], message["y"]))
                self._show_scene()
            case "nudge" if not self.locked:
                self._nudge(message["dx"], message["dy"])
                self._show_scene()
            case "answer":
                self.answer_with(self._place if self.kind == "place" else message["guess"])

    def _nudge(self, dx: float, dy: float) -> None:
        (panel, *_) = self._drawn(self.theme)[1]
        spans = np.array([panel["xlim"], panel["ylim"]])
        place = self._place or tuple(spans.mean(axis=1))
        moved = np.add(place, np.multiply((dx, dy), (spans[:, 1] - spans[:, 0]) / 100))
        self._place = self._checked(np.clip(moved, spans[:, 0], spans[:, 1]))

    # -- the saved output -------------------------------------------------------------------

    @property
    def text(self) -> str:
        """Question, choices, answer and reason."""
        options = [f"  ({chr(97 + i)}) {words}" for i, words in enumerate(self.options)]
        answer = f"Answer: {self._words(self.answer)}. {self.reason}"
        return "\n".join([f"Predict first: {self.question['prompt']}", *options, answer])

    def saved(self) -> dict[str, str]:
        """Return the question, with the answer folded away, and everything as plain text."""
        items = "".join(f"<li>{escape(words)}</li>" for words in self.options)
        options = f'<ol type="a">{items}</ol>' if items else ""
        html = (
            f"<p><strong>Predict first.</strong> {escape(self.question['prompt'])}</p>"
            f"{options}"
            "<details><summary>Answer (run the cell in JupyterLab to lock your own first)</summary>"
            f"<p>{escape(self._words(self.answer))}. {escape(self.reason)}</p></details>"
        )
        return {"text/plain": self.text, "text/html": html}
