"""Who is who: the learners of a class and the rows of an instructor's own file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from course.grading.export.cells import plain


@dataclass(frozen=True)
class Row:
    """One row of a file: where it is, the numbers, logins and names that it goes by."""

    place: int
    number: str = ""
    logins: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass
class Matches:
    """Which row is whose, and for whom there is none, with the reason."""

    rows: dict[str, Row] = field(default_factory=dict)
    unmatched: dict[str, str] = field(default_factory=dict)


def name_key(name: str) -> str:
    """Return a name as a bulk download writes it: its letters and digits only.

    Examples
    --------
    >>> name_key("Lovelace, Ada"), name_key("lovelaceada")
    ('lovelaceada', 'lovelaceada')
    """
    return "".join(c for c in name.casefold() if c.isalnum())


def match(learners: Iterable[str], rows: Sequence[Row]) -> Matches:
    """Find each learner's row: by number or login, by the number at the end, or by name.

    A bulk download's learner ends in a number. If rows have numbers and none has this one, the
    learner is somebody else, whatever the name.

    Examples
    --------
    >>> rows = [Row(2, "17", ("ada",), ("Lovelace, Ada",)), Row(3, "18", (), ("Turing, Alan",))]
    >>> found = match(["lovelaceada_17", "Alan Turing", "turingalan", "turingalan_99"], rows)
    >>> {learner: row.place for learner, row in found.rows.items()}
    {'lovelaceada_17': 2, 'turingalan': 3}
    >>> sorted(found.unmatched)
    ['Alan Turing', 'turingalan_99']
    """
    exact, numbers, names = _index(rows)
    found = Matches()
    for learner in learners:
        at_end = re.fullmatch(r"(.*)_(\d+)", learner, re.DOTALL)
        if candidates := exact.get(learner.casefold()):
            pass
        elif at_end and numbers:
            candidates = numbers.get(at_end[2].lstrip("0"), [])
        else:
            candidates = names.get(name_key(at_end[1] if at_end else learner), [])
        if len(candidates) == 1:
            found.rows[learner] = candidates[0]
        else:
            found.unmatched[learner] = (
                f"{len(candidates)} rows could be theirs" if candidates else "not in the file"
            )
    times = Counter(row.place for row in found.rows.values())
    for learner, row in list(found.rows.items()):
        if times[row.place] > 1:
            del found.rows[learner]
            found.unmatched[learner] = f"row {row.place + 1} could be another learner's too"
    return found


def _index(
    rows: Sequence[Row],
) -> tuple[Mapping[str, list[Row]], Mapping[str, list[Row]], Mapping[str, list[Row]]]:
    exact: dict[str, list[Row]] = defaultdict(list)
    numbers: dict[str, list[Row]] = defaultdict(list)
    names: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for key in {text.casefold() for text in (row.number, *row.logins) if text}:
            exact[key].append(row)
        if row.number:
            numbers[row.number.lstrip("0")].append(row)
        for key in {name_key(name) for name in row.names} - {""}:
            names[key].append(row)
    return exact, numbers, names


def complaints(unmatched: Mapping[str, str]) -> tuple[str, ...]:
    """Return a line for each learner who was not found, for a terminal."""
    return tuple(f"{plain(learner)}: {why}" for learner, why in sorted(unmatched.items()))
