"""Predictions: a question that must be answered before its result is shown.

In JupyterLab the learner chooses, types or points, and locks the answer; only then do the answer,
the reason and whatever waits for it appear. Until then neither the page nor the file nor any
message holds them. A saved notebook shows the question and a digest of answer and reason, by which
nbval notices a change of either.

A locked prediction is kept on this machine and comes back when the cell is run again. With
``COURSE_PREDICTIONS=open`` in the environment every question stands with its answer and reason,
and nothing is veiled: an edition for instructors.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final
from weakref import WeakSet

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from course.explorers import kept
from course.explorers.gated import Printed, fingerprint
from course.explorers.stage import Stage, View
from course.plots import marks as mk
from course.plots.marks import Mark

Scene = Callable[[Figure, str], dict[str, Axes]]

VARIABLE: Final = "COURSE_PREDICTIONS"
UNANSWERED: Final = "Run this cell in JupyterLab to lock your answer."
_UNLOCKED: Final = {"locked": False, "guess": None, "verdict": "", "reason": ""}


def letter(option: int) -> str:
    """Return the letter of an option.

    Examples
    --------
    >>> letter(0), letter(3)
    ('a', 'd')
    """
    return chr(ord("a") + option)


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
    key
        A name of this question's own, such as ``"02/where_it_ends"``, by which a locked guess is
        kept; without one it is not.

    Raises
    ------
    ValueError
        When the answer does not fit the kind of question.

    Examples
    --------
    >>> p = Predict("2 + 2?", answer=1, reason="Count.", options=("3", "4"))
    >>> p.answer_with(0)
    'You predicted (a) “3”. The answer is (b) “4”.'
    >>> p.locked
    True
    >>> with p.reveal():
    ...     print(2 + 2)
    4
    """

    _lock = threading.RLock()  # questions with one key are locked together
    _asked: Final[dict[str, WeakSet[Predict]]] = {}  # by key

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
        key: str = "",
    ) -> None:
        self._scene, self._given, self.options = scene, tuple(marks), tuple(options)
        self.kind = "choice" if options else "place" if scene else "number"
        self.answer = self._checked(answer)
        self.reason, self.tolerance, self.unit = reason, float(tolerance), unit
        self.key, self._followers = key, list[Callable[[], None]]()
        super().__init__(title="Predict first", size=[880, height])
        self._guard = self._lock
        self.question = {
            "prompt": prompt,
            "kind": self.kind,
            "options": list(self.options),
            "unit": unit,
        }
        self.outcome = dict(_UNLOCKED)
        self._place: tuple[float, float] | None = None
        if scene:
            self._show_scene()
        if key:
            self._asked.setdefault(key, WeakSet()).add(self)
            self._recall()

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

    @property
    def answered(self) -> bool:
        """Whether the answer may be seen: it is locked, or this is the edition with answers."""
        return self.locked or os.environ.get(VARIABLE) == "open"

    def follow(self, callback: Callable[[], None]) -> None:
        """Call this whenever an answer is locked or cleared."""
        self._followers.append(callback)

    def answer_with(self, guess: Any) -> str:
        """Lock a guess and return the verdict; a second guess changes nothing."""
        with self._guard:
            if not self.locked:
                guess = self._checked(guess)
                if self.key:
                    kept.keep(self.key, self.question["prompt"], self._to_keep(guess))
                for question in self._twins():
                    if not question.locked:
                        question._settle(guess)
            return str(self.outcome["verdict"])

    def clear(self) -> None:
        """Forget the guess, here and where it was kept, and ask anew."""
        with self._guard:
            if self.key:
                kept.forget(self.key)
            for question in self._twins():
                question._settle(None)

    @contextlib.contextmanager
    def reveal(self, *others: Predict) -> Iterator[None]:
        """Hold back what the block prints until this answer and those to the others are locked.

        Names that are assigned in the block stay; pictures are not held back.
        """
        questions = list(dict.fromkeys([self, *others]))
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                yield
        except BaseException:
            if all(question.answered for question in questions):
                sys.stdout.write(printed.getvalue())
            raise
        if all(question.answered for question in questions):
            sys.stdout.write(printed.getvalue())
        elif printed.getvalue():
            from IPython.display import display

            display(Printed(printed.getvalue(), after=questions))

    def _settle(self, guess: Any) -> None:
        """Show the verdict on a guess, or for None the question anew, and tell who follows."""
        verdict = {} if guess is None else {"verdict": self._verdict(guess), "reason": self.reason}
        self.outcome = _UNLOCKED | {"locked": guess is not None, "guess": guess} | verdict
        if self.kind == "place":
            self._place = guess
            self._show_scene()
        for callback in self._followers:
            callback()

    def _twins(self) -> list[Predict]:
        """Return this question and its other copies of the same key: its cell was run again."""
        copies = self._asked.get(self.key, ()) if self.key else ()
        return [self, *(q for q in copies if q is not self and q.question == self.question)]

    # -- what is kept -----------------------------------------------------------------------

    def _recall(self) -> None:
        """Lock the guess that was kept, if it still answers this question."""
        told = kept.kept(self.key, self.question["prompt"])
        if told is None:
            return
        with contextlib.suppress(ValueError):
            guess = self.options.index(told) if self.kind == "choice" else told
            self._settle(self._checked(guess))

    def _to_keep(self, guess: Any) -> Any:
        """Return a guess as it is kept: an option by its words, for its letter may change."""
        return self.options[guess] if self.kind == "choice" else guess

    # -- the verdict ------------------------------------------------------------------------

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
            return f"({letter(value)}) “{self.options[value]}”"
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
            case "clear":
                self.clear()

    def _nudge(self, dx: float, dy: float) -> None:
        (panel, *_) = self._drawn(self.theme)[1]
        spans = np.array([panel["xlim"], panel["ylim"]])
        place = self._place or tuple(spans.mean(axis=1))
        moved = np.add(place, np.multiply((dx, dy), (spans[:, 1] - spans[:, 0]) / 100))
        self._place = self._checked(np.clip(moved, spans[:, 0], spans[:, 1]))

    # -- the saved output -------------------------------------------------------------------

    @property
    def text(self) -> str:
        """Question and choices; the verdict once it is locked, a digest of the answer before."""
        options = [f"  ({letter(i)}) {words}" for i, words in enumerate(self.options)]
        return "\n".join([f"Predict first: {self.question['prompt']}", *options, *self._told()])

    def _told(self) -> list[str]:
        """Return what may be said of the answer: all of it, or nothing but its digest."""
        answer = f"Answer: {self._words(self.answer)}."
        if self.locked:
            return [str(self.outcome["verdict"]), self.reason]
        if self.answered:
            return [answer, self.reason]
        return [f"digest {fingerprint(f'{answer} {self.reason}')}"]

    def saved(self) -> dict[str, str]:
        """Return the question, as a page and as plain text, with what may be said of the answer."""
        items = "".join(f"<li>{escape(words)}</li>" for words in self.options)
        told = self._told() if self.answered else [UNANSWERED]
        html = (
            f"<p><strong>Predict first.</strong> {escape(self.question['prompt'])}</p>"
            + (f'<ol type="a">{items}</ol>' if items else "")
            + "".join(f"<p>{escape(words)}</p>" for words in told)
        )
        return {"text/plain": self.text, "text/html": html}
