"""An explorer: controls → ``compute`` (the mathematics of floors 0 and 1) → record → view.

A subclass names its controls and handles, draws its background, computes a record from the
control values and turns the record into a ``View``. It holds no mathematics of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from course.explorers.controls import Control, Handle, Slider, spec
from course.explorers.gated import VEIL, VEIL_OF_SEVERAL, Gated
from course.explorers.predict import Predict
from course.explorers.stage import View, packed


class Explorer(Gated):
    """Let a learner change values and see at once what the mathematics makes of them.

    Parameters
    ----------
    after
        The prediction, or predictions, that must be locked before the explorer shows itself.
    **values
        Values for the controls, in place of their defaults; *Reset* comes back to these.

    Raises
    ------
    ValueError
        For a name that is no control, or a value outside its limits.
    """

    heading: ClassVar[str] = ""
    dials: ClassVar[tuple[Control, ...]] = ()
    grips: ClassVar[tuple[Handle, ...]] = ()
    background_of: ClassVar[tuple[str, ...]] = ()  # the controls that the background depends on

    def __init__(self, *, after: Predict | Sequence[Predict] | None = None, **values: Any) -> None:
        several = isinstance(after, Sequence) and len(after) > 1
        veil = VEIL_OF_SEVERAL if several else VEIL
        super().__init__(after=after, veil=veil, title=self.heading)
        self._dials = {dial.name: dial for dial in self.dials}
        self._home = self._cleaned({n: d.value for n, d in self._dials.items()} | values)
        self.controls = [
            spec(dial) | {"value": self._home[name]} for name, dial in self._dials.items()
        ]
        self.record: Any = None
        self._apply(self._home)

    # -- what subclasses say ----------------------------------------------------------------

    #: the control values by keyword -> the record
    compute: Callable[..., Any]
    #: the record, and the control values by keyword -> what to show of it
    view: Callable[..., View]

    def dragged(self, handle: Handle, x: float, y: float) -> dict[str, Any]:
        """Return the control values that a handle dragged to (x, y) stands for."""
        return {name: v for name, v in ((handle.x, x), (handle.y, y)) if name}

    def background_key(self, values: Mapping[str, Any]) -> Any:
        """Return the values of the controls that the background depends on."""
        return tuple(values[name] for name in self.background_of)

    # -- values -----------------------------------------------------------------------------

    @property
    def value(self) -> dict[str, Any]:
        """The control values by name; assign a dict to change the ones it names."""
        return dict(self.values)

    @value.setter
    def value(self, changes: Mapping[str, Any]) -> None:
        with self._guard:
            self._apply(dict(self.values) | self._cleaned(changes))
            self.alert = ""

    def _cleaned(self, changes: Mapping[str, Any], *, clamp: bool = False) -> dict[str, Any]:
        unknown = [name for name in changes if name not in self._dials]
        if unknown:
            raise ValueError(f"no control named {unknown[0]!r}; there are {tuple(self._dials)}")
        return {name: self._dials[name].clean(v, clamp=clamp) for name, v in changes.items()}

    def _apply(self, values: dict[str, Any]) -> None:
        """Compute and show; the values count only when that worked."""
        record, view, traits = self._worked_out(values)
        self.record = record
        self.present(view, **traits)

    def _worked_out(self, values: dict[str, Any]) -> tuple[Any, View, dict[str, Any]]:
        """Return the record of these values, its view, and the traits that go with it."""
        record = self.compute(**values)
        view = self.view(record, **values)
        handles = [self._placed(grip, view, values) for grip in self.grips]
        alt = f"{self.title}. {view.summary}"
        return record, view, {"values": values, "handles": handles, "alt": alt}

    def _placed(self, grip: Handle, view: View, values: Mapping[str, Any]) -> dict[str, Any]:
        names = [name for name in (grip.x, grip.y) if name]
        x, y = view.places.get(grip.name) or (values.get(grip.x, 0.0), values.get(grip.y, 0.0))
        sliders = [self._slider(name) for name in names]
        words = ", ".join(f"{s.label} {values[s.name]:.4g}" for s in sliders)
        first = sliders[0]
        bounds = {"min": first.low, "max": first.high, "now": values[first.name]}
        return {
            "name": grip.name,
            "label": grip.label,
            "panel": grip.panel,
            "x": float(x),
            "y": float(y),
            "axes": grip.axes,
            "along": grip.along,
            "role": grip.role,
            "valuetext": words,
            "range": bounds,
        }

    # -- the browser ------------------------------------------------------------------------

    def react(self, message: Mapping[str, Any]) -> None:
        """Apply what the learner set, dragged, nudged or reset."""
        self._apply(self._asked(message))

    def foreseen(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what would be shown after a message, if over the same background."""
        values = self._asked(message)
        if self.background_key(values) != self.background_key(self.values):
            return None
        _, view, traits = self._worked_out(values)
        return packed(view) | traits

    def _asked(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Return the control values that a message asks for."""
        return dict(self.values) | self._cleaned(self.changes(message), clamp=True)

    def changes(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Return the control values that the learner set, dragged, nudged or reset."""
        match message["type"]:
            case "set":
                return {message["name"]: message["value"]}
            case "drag":
                grip = self._grip(message["name"])
                return self._shortened(self.dragged(grip, message["x"], message["y"]))
            case "nudge":
                grip = self._grip(message["name"])
                return self._shortened(self._nudged(grip, message["dx"], message["dy"]))
            case "reset":
                return self._home
            case other:
                raise ValueError(f"explorers do not know the message {other!r}")

    def _grip(self, name: str) -> Handle:
        for grip in self.grips:
            if grip.name == name:
                return grip
        raise ValueError(f"no handle named {name!r}")

    def _shortened(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = self._cleaned(changes, clamp=True)
        return {name: self._slider(name).short(value) for name, value in cleaned.items()}

    def _nudged(self, grip: Handle, dx: float, dy: float) -> dict[str, Any]:
        moves = [(name, by) for name, by in ((grip.x, dx), (grip.y, dy)) if name and by]
        return {name: self._slider(name).nudge(self.values[name], by) for name, by in moves}

    def _slider(self, name: str) -> Slider:
        dial = self._dials[name]
        if not isinstance(dial, Slider):
            raise TypeError(f"a handle can set sliders only, and {name!r} is a {dial.kind}")
        return dial
