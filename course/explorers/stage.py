"""The Stage: one widget that draws marks over a background and reports what the learner does.

matplotlib draws the background (axes, contours, labels) once for each theme; the browser draws
the marks as SVG from one buffer, and plays, steps and scrubs through them by itself. What the
kernel must know comes as a custom message; what it answers is one state update.

Saved output: one MIME bundle with the live view, a picture that matplotlib draws from the *same*
marks, and a text with a digest of the same numbers, which nbval can compare.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import anywidget
import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.explorers.picture import PIXELS_PER_INCH, captioned, new_figure, png
from course.plots.fonts import CJK_FAMILY, CJK_FONT
from course.plots.marks import Mark, draw_marks, points
from course.plots.palette import THEMES, css_variables

_JS = ("scene", "ahead", "wire", "controls", "handles", "transport", "question", "stage")
_HERE: Final = Path(__file__).parent / "js"


def _script() -> str:
    return "\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in _JS)


def _style() -> str:
    font = base64.b64encode(CJK_FONT.read_bytes()).decode()
    face = f'@font-face {{ font-family: "{CJK_FAMILY}"; src: url(data:font/ttf;base64,{font}); }}'
    return "\n".join((face, css_variables(), (_HERE / "stage.css").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class View:
    """Hold what a stage shows for one record.

    Parameters
    ----------
    marks
        What moves, first below.
    summary
        One or two sentences with the numbers that matter; also read by screen readers.
    template
        A line for each step such as ``"step {0:d}: w = {1:.4f}"``; the fields are columns of
        ``numbers``.
    numbers
        ``(T, k)``, a row for each step.
    places
        Where handles stand, by name, when that is not simply the values of their sliders.
    """

    marks: Sequence[Mark]
    summary: str
    template: str = ""
    numbers: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 0)))
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        """The number of steps that can be shown."""
        return max([1, len(self.numbers), *(mark.frames for mark in self.marks)])


EMPTY: Final = View((), "")


def packed(view: View) -> dict[str, Any]:
    """Return a view as the traits of a stage that show it."""
    numbers = np.asarray(view.numbers, dtype=np.float64)
    flat = np.concatenate([np.zeros(0), *(mark.data.ravel() for mark in view.marks)])
    # beyond the range of float32 is beyond every panel; what is read is the kernel's own number
    drawn = np.clip(flat, -3e38, 3e38).astype(np.float32)
    return {
        "marks": [mark.meta() for mark in view.marks],
        "buffer": numbers.tobytes() + drawn.tobytes(),
        "readout": {"template": view.template, "dims": list(numbers.shape)},
        "frames": view.frames,
        "summary": view.summary,
    }


def digest(view: View, limits: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> str:
    """Return eight hexadecimal digits that change when the picture's numbers change.

    Coordinates are measured in the limits of their panel, cut off at one panel's size outside,
    and rounded to 1/100 000 of it: visible changes count, last bits of another processor do not.
    """
    sha = hashlib.sha256()

    def add(numbers: NDArray[Any]) -> None:
        # a little beside the grid, so that round numbers such as 0.015625 are not on an edge
        rounded = np.round(numbers + np.pi / 1e6, 5)
        rounded[np.isnan(rounded)] = np.nan  # processors differ in the sign of theirs
        sha.update(str(rounded.shape).encode() + rounded.tobytes())

    for mark in view.marks:
        low, high = np.array(limits[mark.panel]).T  # each (x, y)
        pairs = mark.data.reshape(-1, 2)
        sha.update(f"{mark.kind} {mark.role} {mark.texts}".encode())
        add(np.clip((pairs - low) / (high - low), -1.0, 2.0))
    if view.numbers.size:
        with np.errstate(invalid="ignore"):
            scale = np.maximum(1.0, np.abs(view.numbers))
            add(np.where(np.isfinite(view.numbers), view.numbers / scale, 9.0))
            add(np.log10(scale, where=np.isfinite(scale), out=np.full_like(scale, 9.0)))
    return sha.hexdigest()[:8]


class Stage(anywidget.AnyWidget):
    """Show panels with marks, handles, controls and steps; subclasses say what.

    A subclass overrides ``draw_background`` and ``react``, and calls ``present``.
    """

    _esm = _script()
    _css = _style()

    title = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    size = traitlets.Any([880, 400]).tag(sync=True)
    panels = traitlets.Any([]).tag(sync=True)
    background = traitlets.Bytes().tag(sync=True)
    marks = traitlets.Any([]).tag(sync=True)
    buffer = traitlets.Bytes().tag(sync=True)
    frames = traitlets.Int(1).tag(sync=True)
    frame = traitlets.Float(-1.0).tag(sync=True)
    readout = traitlets.Any({"template": "", "dims": [0, 0]}).tag(sync=True)
    handles = traitlets.Any([]).tag(sync=True)
    controls = traitlets.Any([]).tag(sync=True)
    values = traitlets.Any({}).tag(sync=True)
    question = traitlets.Any({}).tag(sync=True)
    outcome = traitlets.Any({}).tag(sync=True)
    placed = traitlets.Bool(False).tag(sync=True)
    summary = traitlets.Unicode().tag(sync=True)
    alert = traitlets.Unicode().tag(sync=True)
    veil = traitlets.Unicode().tag(sync=True)
    theme = traitlets.Unicode("light").tag(sync=True)
    echo = traitlets.Any(["", 0]).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        # newer kernels deliver messages on another thread, even while a cell runs
        self._guard = threading.RLock()
        self._view: View = EMPTY
        self._backgrounds: dict[Any, tuple[bytes, list[dict[str, Any]]]] = {}
        self._displayed = False
        super().__init__(**traits)
        self.on_msg(self._receive)

    # -- what subclasses say ----------------------------------------------------------------

    def draw_background(self, figure: Figure, theme: str) -> dict[str, Axes]:
        """Draw what stands still and return the Axes of each panel by name."""
        return {}

    def background_key(self, values: Mapping[str, Any]) -> Any:
        """Return what the background depends on (besides the theme); equal keys, equal pictures."""
        return None

    def react(self, message: Mapping[str, Any]) -> None:
        """Answer what the learner did: ``message["type"]`` is set, drag, nudge, reset or answer."""

    def foreseen(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what `packed` makes of the answer to a message that may come; change nothing.

        None says that the answer needs more than that, such as another background.
        """
        return None

    # -- the browser ------------------------------------------------------------------------

    def present(self, view: View, **traits: Any) -> None:
        """Show a view, and set other traits, in one message."""
        self._view = view
        with self.hold_sync():
            for name, value in (packed(view) | traits).items():
                setattr(self, name, value)
            if self._displayed:
                self._send_background()

    def _send_first(self) -> None:
        """Send what the browser needs once a cell shows this."""
        self._send_background()

    def _send_background(self) -> None:
        self.background, self.panels = self._drawn(self.theme)

    def _drawn(self, theme: str) -> tuple[bytes, list[dict[str, Any]]]:
        key = (theme, self.background_key(self.values))
        if key not in self._backgrounds:
            figure, axes = self._figure(theme)
            if not axes:
                return b"", []
            picture = png(figure, dpi=2 * PIXELS_PER_INCH, transparent=True)
            if len(self._backgrounds) >= 32:
                self._backgrounds.pop(next(iter(self._backgrounds)))
            self._backgrounds[key] = (picture, [_panel(n, ax, self.size) for n, ax in axes.items()])
        return self._backgrounds[key]

    def _figure(self, theme: str) -> tuple[Figure, dict[str, Axes]]:
        figure = new_figure(*self.size)
        return figure, self.draw_background(figure, theme)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser set; not while another thread holds notifications back."""
        with self._guard:
            super().set_state(sync_data)

    def _receive(self, _: Any, message: Any, buffers: Any) -> None:
        if not isinstance(message, Mapping):
            return
        if message.get("type") == "ahead":
            self._look_ahead(message)
            return
        client, seq = message.get("client"), message.get("seq")
        with self._guard, self.hold_sync():
            try:
                if message.get("type") == "theme":
                    self._change_theme(message.get("theme"))
                else:
                    self.react(message)
                    self.alert = ""
            except Exception as error:  # in words, in the explorer: a callback has no cell to fail
                self.alert = _in_words(error)
            self.echo = [str(client), seq if isinstance(seq, int) else 0]

    def _look_ahead(self, message: Mapping[str, Any]) -> None:
        """Send what the answer to a message would show, before the learner asks for it."""
        with self._guard, contextlib.suppress(Exception):  # it is told once it is asked for
            state = self.foreseen(message["message"])
            if state is not None:
                buffer = state.pop("buffer")
                content = {"ahead": message["key"], "client": message["client"], "state": state}
                self.send(content, [buffer])

    def _change_theme(self, theme: Any) -> None:
        if theme in THEMES:
            self.theme = theme
            if self._displayed:
                self._send_background()

    # -- the saved output -------------------------------------------------------------------

    @property
    def shown(self) -> View:
        """What is shown now."""
        return self._view

    @property
    def step(self) -> int:
        """The step that stands still in the picture."""
        last = self._view.frames - 1
        return last if self.frame < 0 else min(int(self.frame), last)

    @property
    def text(self) -> str:
        """Title, summary, the numbers of the step shown, and the digest."""
        lines = [self.title, self.summary, self._line_now()]
        limits = {p["name"]: (p["xlim"], p["ylim"]) for p in self._drawn("light")[1]}
        return "\n".join([*filter(None, lines), f"digest {digest(self._view, limits)}"])

    def _line_now(self) -> str:
        return self.line(self.step) if self._view.template and len(self._view.numbers) else ""

    def line(self, step: int) -> str:
        """Return the line of numbers of one step, as the browser shows it under the picture."""
        words = self._view.template.format(*_row(self._view, step))
        # a run that diverged; from 10¹⁵ on, digits after the point say nothing
        words = re.sub(r"\d{16,}\.?\d*", lambda number: f"{float(number[0]):.4g}", words)
        words = re.sub(r"-(0\.?0*)(?![\d.e])", r"\1", words)  # −0.000 is 0.000
        words = re.sub(r"\bnan\b", "–", re.sub(r"\binf\b", "∞", words))
        return words.replace("-", "−")

    def picture(self, theme: str = "light") -> bytes:
        """Return a PNG of the explorer as it stands, drawn by matplotlib from the same marks."""
        figure, axes = self._figure(theme)
        grips = [points([[h["x"], h["y"]]], h["panel"], h["role"], size=14) for h in self.handles]
        draw_marks(axes, [*self._view.marks, *grips], self.step, theme)
        for ax, panel in zip(axes.values(), self._drawn(theme)[1], strict=True):
            if ax.name != "3d":
                ax.set(xlim=panel["xlim"], ylim=panel["ylim"])
        return captioned(figure, self.title, [self._line_now(), self.summary], theme)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        with self._guard:
            if not self._displayed:
                self._displayed = True
                with self.hold_sync():
                    self._send_first()
            bundle = super()._repr_mimebundle_(**kwargs)
            data = dict(bundle[0] if isinstance(bundle, tuple) else bundle or {})
            data |= self.saved()
            metadata: dict[str, Any] = {"course": {"static": True} | _cell()}
            if "image/png" in data:
                metadata["image/png"] = {"alt": self.alt_text, "width": self.size[0]}
            return data, metadata

    def saved(self) -> dict[str, str]:
        """Return what stays when the kernel is gone, by MIME type."""
        return {"text/plain": self.text, "image/png": base64.b64encode(self.picture()).decode()}

    @property
    def alt_text(self) -> str:
        """What a screen reader says of the saved picture."""
        return f"{self.title}. {self.summary}"


def _cell() -> dict[str, str]:
    """Return the id of the cell that is run, where JupyterLab tells it; see `live_views`."""
    from IPython import get_ipython

    with contextlib.suppress(AttributeError, KeyError, TypeError):
        return {"cell": str(get_ipython().kernel.get_parent()["metadata"]["cellId"])}
    return {}


def _panel(name: str, ax: Axes, size: Sequence[int]) -> dict[str, Any]:
    """Return where a panel stands in stage pixels, and its limits."""
    width, height = size
    box = ax.get_position()
    return {
        "name": name,
        "rect": [box.x0 * width, (1 - box.y1) * height, box.width * width, box.height * height],
        "xlim": [float(v) for v in ax.get_xlim()],
        "ylim": [float(v) for v in ax.get_ylim()],
        "xlog": ax.get_xscale() == "log",
        "ylog": ax.get_yscale() == "log",
    }


def _row(view: View, step: int) -> list[Any]:
    """Return one row of numbers, whole ones as ``int`` where the template says ``:d``."""
    row = view.numbers[min(step, len(view.numbers) - 1)]
    return [int(v) if f"{{{i}:d}}" in view.template else float(v) for i, v in enumerate(row)]


def _in_words(error: Exception) -> str:
    words = str(error) or "no reason given"
    if not isinstance(error, ValueError):
        words = f"{type(error).__name__}: {words}"
    return f"That does not work: {words}. The picture shows the last setting that did."
