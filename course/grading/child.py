"""A submission that runs in a child: what it is asked, and what becomes of it when it fails."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from course.exercises.question import Args, Question
from course.exercises.values import Expression, Seeded
from course.grading import wire
from course.grading.sandbox import Gone, Link, OutOfTime, Warden

CELLS: Final = 20.0  # seconds for the child to start and to run all cells
LEAST: Final = 0.1  # of a question's time, after others had not come back


def described(value: Any) -> Any:
    """Return an argument as it goes over the wire."""
    if isinstance(value, tuple | list):
        return type(value)([described(one) for one in value])
    if isinstance(value, dict):
        return {key: described(one) for key, one in value.items()}
    if isinstance(value, Expression):
        return {"expression": value.source}
    if isinstance(value, Seeded):
        return {"seed": value.seed}
    return value


@dataclass(frozen=True)
class Request:
    """What a child is asked for one question, as it is sent, and how long it may take."""

    message: bytes  # empty if it is too long
    seconds: float

    @staticmethod
    def of(question: Question, inputs: Sequence[Args], again: int = 0) -> Request:
        """Ask for a run on these inputs, and for another on the last of them."""
        message = {
            "name": question.name,
            "call": question.call_source,
            "call_name": question.call.__name__,
            "inputs": [described(args) for args in inputs],
            "again": again,
            "arguments": question.parameters,
        }
        try:
            return Request(wire.encode(message), question.seconds)
        except wire.WireError:
            return Request(b"", question.seconds)


class Child:
    """A submission that runs; after a crash it is started again, without what hung.

    After `seconds`, and twice what the cells may take, it is stopped for good, however often it was
    started. No failure is noted of a cell that was `given` so.
    """

    def __init__(
        self, warden: Warden, cells: Sequence[str], seconds: float, given: Sequence[str] = ()
    ) -> None:
        self.warden, self.cells = warden, list(cells)
        self.given = {source.strip() for source in given}
        self.end = time.monotonic() + 2 * CELLS + seconds
        self.lost: OutOfTime | Gone | None = None  # why no start will help
        self.patience = 1.0  # the share of its time that an answer is given
        self.link: Link | None = None
        self.only_definitions = self.again = False
        self.notes: list[str] = []

    def answers(self, requests: Sequence[Request]) -> Iterator[Any]:
        """Yield the answer to each request, or the error that came in its place.

        All are sent at once, and each has its own time, from when it is waited for: less after one
        that did not come back. If the child ends, the answer is asked for once more.
        """
        asked = False
        for number, request in enumerate(requests):
            answer: Any = None
            for _ in range(2):  # it may have been killed from outside
                try:
                    if self.link is None:
                        self.link, asked = self._started(), False
                    if not asked:
                        rest = [one.message for one in requests[number:] if one.message]
                        data = b"".join([wire.encode(len(rest)), *rest])
                        self.link.send(data, self._at_most(request.seconds))
                        asked = True
                    if request.message:
                        answer = self.link.receive(self._at_most(request.seconds * self.patience))
                    else:
                        answer = Gone("there is more to send than can be sent")
                    break
                except OutOfTime as error:
                    self.close()
                    self.patience = max(self.patience / 2, LEAST)
                    answer = error
                    break
                except Gone as error:
                    self.close()
                    answer = error
                    if self.lost is not None:
                        break
            yield answer

    def _at_most(self, seconds: float) -> float:
        """Return so many seconds, or those that are left; raise OutOfTime if there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            self.lost = OutOfTime()
            raise self.lost
        return min(seconds, left)

    def _started(self) -> Link:
        if self.lost is not None:
            raise self.lost
        message = {"cells": self.cells, "only_definitions": self.only_definitions}
        link = self.warden.link(self.cells)
        try:
            ready = link.ask(message, self._at_most(CELLS))
        except (OutOfTime, Gone) as error:
            link.close()
            if isinstance(error, Gone) and not self.again:  # it may have been killed from outside
                self.again = True
                return self._started()
            if self.only_definitions:
                self.lost = error
                raise
            words = (
                "did not come to an end" if isinstance(error, OutOfTime) else "ended the process"
            )
            self.notes.append(f"A cell {words}: only the functions that are defined were used.")
            self.only_definitions = True
            return self._started()
        if not self.notes and isinstance(ready, dict):
            self.notes += self._cell_notes(ready.get("wrong"))
        return link

    def _cell_notes(self, wrong: Any) -> list[str]:
        """Return a sentence for each cell that failed, as far as what came is understood.

        A cell that was handed out so is no fault of the learner's: it may use the course, which is
        not there.
        """
        notes = []
        for entry in wrong if isinstance(wrong, list) else []:
            match entry:
                case [int(number), {"type": str(kind), "words": str(words)}] if (
                    0 < number <= len(self.cells)
                ):
                    if self.cells[number - 1].strip() not in self.given:
                        notes.append(f"Code cell {number} stops with {kind}: {words}"[:220])
        return notes[:20]

    def close(self) -> None:
        """End what runs."""
        if self.link is not None:
            self.link.close()
            self.link = None
