"""What waits for a prediction: until it is locked, nothing of it reaches the browser or the file.

The kernel works everything out at once, and tests read it; but what a gated stage sends and saves
is its title, the request to predict first, and a digest of what it keeps back, by which nbval
notices a change of it all the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

import traitlets

from course.explorers.stage import Stage

if TYPE_CHECKING:
    from course.explorers.predict import Predict

VEIL: Final = "Lock your prediction in the cell above first. Then this explorer opens."
VEIL_OF_SEVERAL: Final = "Lock your predictions in the cells above first. Then this explorer opens."
VEIL_OF_PRINT: Final = "Lock your prediction first. Then the numbers of this cell appear."
VEIL_OF_PRINT_OF_SEVERAL: Final = (
    "Lock your predictions first. Then the numbers of this cell appear."
)

#: the traits that tell what a stage shows
WITHHELD: Final = (
    *("alt", "background", "buffer", "frame", "frames", "handles"),
    *("marks", "panels", "printed", "readout", "summary"),
)


def fingerprint(words: str) -> str:
    """Return eight hexadecimal digits that change when the words change.

    Examples
    --------
    >>> fingerprint("0.25"), fingerprint("0.26")
    ('a30a0433', '5552c348')
    """
    return hashlib.sha256(words.encode()).hexdigest()[:8]


class Gated(Stage):
    """A stage that shows itself once all its predictions are locked.

    Parameters
    ----------
    after
        The prediction, or predictions, that must be locked first.
    veil
        What stands there until then.
    """

    def __init__(
        self, *, after: Predict | Sequence[Predict] | None = None, veil: str = VEIL, **traits: Any
    ) -> None:
        questions = after if isinstance(after, Sequence) else [after] if after is not None else []
        self._questions, self._request = tuple(questions), veil
        super().__init__(veil=self._veil_now(), **traits)
        for question in self._questions:
            question.follow(self._look_again)

    def _veil_now(self) -> str:
        return "" if all(question.answered for question in self._questions) else self._request

    def _look_again(self) -> None:
        """Open, or close again, as the predictions now stand."""
        with self._guard:
            veil = self._veil_now()
            if veil == self.veil:
                return
            with self.hold_sync():
                self.veil = veil
                if self._displayed:
                    self._send_first()

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return what the browser is sent: nothing behind the veil, nor before a cell shows it."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if self.veil or not self._displayed:
            blank = self.traits()
            state |= {name: blank[name].default() for name in WITHHELD if name in state}
        return state

    def _send_background(self) -> None:
        if not self.veil:
            super()._send_background()

    def _send_first(self) -> None:
        super()._send_first()
        self._states_to_send |= set(WITHHELD).intersection(self.keys)

    def _receive(self, _: Any, message: Any, buffers: Any) -> None:
        """Listen to nothing but the theme while the veil is down."""
        if not self.veil or (isinstance(message, Mapping) and message.get("type") == "theme"):
            super()._receive(_, message, buffers)

    # -- the saved output -------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What is shown, in words; behind the veil its title and a digest."""
        if not self.veil:
            return self.revealed
        lines: Iterable[str] = (self.title, self.veil, f"digest {fingerprint(self.revealed)}")
        return "\n".join(filter(None, lines))

    @property
    def revealed(self) -> str:
        """What `text` is once the predictions are locked."""
        return super().text

    def saved(self) -> dict[str, str]:
        """Return what stays when the kernel is gone, by MIME type."""
        if not self.veil:
            return super().saved()
        title = f"<p><strong>{escape(self.title)}</strong></p>" if self.title else ""
        html = f'{title}<p role="note">{escape(self.veil)}</p>'
        return {"text/plain": self.text, "text/html": html}


class Printed(Gated):
    """What a cell printed, shown once its predictions are locked; see `Predict.reveal`."""

    printed = traitlets.Unicode().tag(sync=True)

    def __init__(self, words: str, *, after: Sequence[Predict]) -> None:
        veil = VEIL_OF_PRINT_OF_SEVERAL if len(after) > 1 else VEIL_OF_PRINT
        super().__init__(after=after, veil=veil, printed=words)

    @property
    def revealed(self) -> str:
        """What was printed."""
        return self.printed.rstrip("\n")

    def saved(self) -> dict[str, str]:
        """Return the words: there is no picture."""
        return super().saved() if self.veil else {"text/plain": self.text}
