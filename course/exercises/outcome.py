"""What a check found, as values: not attempted, raised, wrong, right. Each says itself in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import Any, ClassVar


@dataclass(frozen=True)
class Outcome:
    """What a check found about one answer.

    `share` is the share of the points that it earns, `points` the points; `trouble` says why the
    attempt could not be kept, if it could not. An outcome shows itself as a panel in JupyterLab and
    as plain text elsewhere, in the same words.
    """

    question: str
    worth: int
    trouble: str = field(default="", kw_only=True)

    title: ClassVar[str] = ""
    look: ClassVar[str] = "neutral"

    @property
    def share(self) -> float:
        """The share of the points, between 0 and 1."""
        return 0.0

    @property
    def points(self) -> float:
        """The points that the answer earns."""
        return float(round(self.share * self.worth, 2))

    def lines(self) -> Iterator[str]:
        """Yield what there is to say, a sentence or a line of code (indented) each."""
        yield from ()

    def _all_lines(self) -> list[str]:
        return [*self.lines(), *([self.trouble] if self.trouble else [])]

    @property
    def text(self) -> str:
        """Everything in words."""
        return "\n".join([f"{self.question}: {self.title}", *self._all_lines()])

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}

    @property
    def html(self) -> str:
        """The same words as a panel."""
        head = f"<p><strong><code>{escape(self.question)}</code>: {escape(self.title)}</strong></p>"
        return panel(head + paragraphs(self._all_lines()), self.look)


def paragraphs(lines: Iterable[str]) -> str:
    """Return lines as HTML: sentences with `code` in them, and indented lines of code."""
    parts = []
    for is_code, group in groupby(lines, lambda line: line.startswith("    ")):
        if is_code:
            code = "\n".join(line[4:] for line in group)
            parts.append(f"<pre>{escape(code)}</pre>")
        else:
            told = (re.sub("`([^`]+)`", r"<code>\1</code>", escape(line)) for line in group)
            parts += [f"<p>{line}</p>" for line in told]
    return "".join(parts)


def panel(html: str, look: str = "neutral") -> str:
    """Return HTML in the frame of a panel that a screen reader announces."""
    style = f"<style>{_CSS}</style>"
    return f'{style}<section class="course-outcome course-{look}" role="status">{html}</section>'


@dataclass(frozen=True, repr=False)
class NotAttempted(Outcome):
    """The stub is still there."""

    title: ClassVar[str] = "not begun yet"

    def lines(self) -> Iterator[str]:
        """Say what to do."""
        yield (
            "Replace the line `raise NotImplementedError()` by your answer, run that cell, and "
            f"check again. A hint: hint({self.question})."
        )


@dataclass(frozen=True, repr=False)
class Outdated(Outcome):
    """The cell of the answer was run again, and the function is not what it defines now."""

    stopped: str = ""

    title: ClassVar[str] = "not checked"

    def lines(self) -> Iterator[str]:
        """Say what happened to the cell."""
        if self.stopped:
            happened = f"was run again and stopped with {self.stopped}"
        else:
            happened = f"was run again and defines no `{self.question}` any more"
        yield (
            f"The cell of `{self.question}` {happened}: what is left is the function from before. "
            "Mend that cell, run it, and check again."
        )


@dataclass(frozen=True, repr=False)
class Raised(Outcome):
    """The answer raised an error, or did not come back in time."""

    error: str
    line: tuple[int, str] | None = None
    arguments: str = ""
    advice: str = ""

    title: ClassVar[str] = "it stops with an error"
    look: ClassVar[str] = "raised"

    def lines(self) -> Iterator[str]:
        """Say the error, the learner's own line, and the call."""
        yield self.error
        if self.line:
            number, text = self.line
            yield f"It happens in line {number} of your cell{':' if text else '.'}"
            if text:  # it is not known of code that stands in no cell and no file
                yield f"    {text}"
        if self.arguments:
            yield "The call was:"
            yield f"    {self.arguments}"
        if self.advice:
            yield self.advice


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with an answer.

    `family` names the kind of finding (``catalogue``, ``pair``, ``sign``, ``shape``, ...),
    `mistakes` the catalogued mistakes, `sentences` what the learner reads, `place` which input
    shows it, if that matters.
    """

    family: str
    sentences: tuple[str, ...]
    mistakes: tuple[str, ...] = ()
    credit: float = 0.0
    place: int | None = None


@dataclass(frozen=True, repr=False)
class Wrong(Outcome):
    """The answer returns something else than it should."""

    diagnosis: Diagnosis | None = None
    arguments: str = ""
    got: str = ""
    expected: str = ""
    notes: tuple[str, ...] = ()

    title: ClassVar[str] = "not right yet"
    look: ClassVar[str] = "wrong"

    @property
    def share(self) -> float:
        """What a catalogued mistake still earns."""
        return self.diagnosis.credit if self.diagnosis else 0.0

    def lines(self) -> Iterator[str]:
        """Say which mistake it is; without one, show the smallest input that fails."""
        if self.diagnosis:
            yield from self.diagnosis.sentences
        elif self.arguments:
            yield (
                "It is none of the mistakes that are known here. Work the example out by hand, and "
                "print what your function computes on the way: which value is the first to differ?"
            )
        if self.arguments:
            yield "For example:"
            yield f"    {self.arguments}"
            yield f"    returns   {self.got}"
            yield f"    should be {self.expected}"
        yield from self.notes


@dataclass(frozen=True, repr=False)
class Right(Outcome):
    """The answer agreed with the reference on everything that was tried."""

    tried: str = ""
    notes: tuple[str, ...] = ()

    title: ClassVar[str] = "right"
    look: ClassVar[str] = "right"

    @property
    def share(self) -> float:
        """All of the points."""
        return 1.0

    def lines(self) -> Iterator[str]:
        """Say what was tried, and nothing more."""
        yield self.tried
        yield from self.notes


@dataclass(frozen=True)
class Tried(Outcome):
    """What an answer returns for an example; whether that is right is not known here."""

    arguments: str = ""
    got: str | None = None

    title: ClassVar[str] = "your instructor's own question"

    def lines(self) -> Iterator[str]:
        """Say that nothing is checked, and show the example."""
        yield "No check is made here: whether it is right is told after you have handed it in."
        if self.got is None:
            yield "Replace the line `raise NotImplementedError()` by your answer, then run this."
        else:
            yield "For example:"
            yield f"    {self.arguments}"
            yield f"    returns   {self.got}"


_CSS = (
    ".course-outcome{border-left:5px solid;padding:.3em .9em;margin:.3em 0;max-width:56em;"
    "color:var(--jp-ui-font-color1,#1a1a1a);background:var(--jp-layout-color1,#fff)}"
    ".course-outcome p{margin:.35em 0}"
    ".course-outcome pre{margin:.2em 0 .2em 1em;padding:.2em .5em;white-space:pre-wrap;"
    "background:var(--jp-layout-color2,#eee)}"
    ".course-right{border-color:#00855a}.course-wrong{border-color:#c04a00}"
    ".course-raised{border-color:#b3261e}.course-neutral{border-color:#5f6368}"
)
