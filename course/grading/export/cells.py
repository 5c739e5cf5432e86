"""Text on its way into a cell, a terminal or a feedback box: harmless there, and readable."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

#: what a spreadsheet takes for the start of a formula, behind apostrophes and blanks
FORMULA: Final = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")
#: what steers a terminal that shows the file
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
#: categories of characters: control, format, half of a surrogate pair, line and paragraph
STEERING: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
BOM: Final = b"\xef\xbb\xbf"
Cell = str | int | float | None


def safe(text: str) -> str:
    """Return text that no spreadsheet runs as a formula: such text gets a leading apostrophe.

    Examples
    --------
    >>> safe("=1+1"), safe("ada"), safe("'t Hooft")
    ("'=1+1", 'ada', "'t Hooft")
    """
    return f"'{text}" if FORMULA.match(text) else text


def unsafe(text: str) -> str:
    """Return the text that `safe` made this of.

    Examples
    --------
    >>> unsafe(safe("=1+1")), unsafe(safe("'=1+1")), unsafe(safe("'t Hooft"))
    ('=1+1', "'=1+1", "'t Hooft")
    """
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def plain(text: str) -> str:
    r"""Return text as one line, without what steers a terminal or turns the writing around.

    Examples
    --------
    >>> plain("ada" + chr(27) + "[2J"), plain("ada\n99 marks filled in")
    ('ada�[2J', 'ada�99 marks filled in')
    """
    return "".join("�" if unicodedata.category(c) in STEERING and c != "\t" else c for c in text)


def plain_lines(text: str) -> str:
    """Return text whose lines are plain."""
    return "\n".join(map(plain, text.split("\n")))


def number(value: float) -> int | float:
    """Return a number as it is written: at most two decimals, none where it is whole.

    Examples
    --------
    >>> number(2.0), number(1.5), number(1 / 3)
    (2, 1.5, 0.33)
    """
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def csv_of(rows: Iterable[Sequence[Cell]], *, bom: bool = False) -> bytes:
    r"""Return rows as the bytes of a CSV file in UTF-8; text is made `safe`, numbers stay numbers.

    Control characters are spelled out, as ``\x1b``.

    Parameters
    ----------
    rows
        The header is the first.
    bom
        Whether it begins with a byte-order mark, by which Excel knows UTF-8.

    Examples
    --------
    >>> csv_of([["learner", "points"], ["@ada", 1.5], ["a,b", 2]])
    b'learner,points\r\n\'@ada,1.5\r\n"a,b",2\r\n'
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    for row in rows:
        writer.writerow([_shown(cell) if isinstance(cell, str) else cell for cell in row])
    text = stream.getvalue().encode("utf-8", "backslashreplace")
    return (BOM if bom else b"") + text


def _shown(text: str) -> str:
    return safe(CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text))


def rows_of(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file that `csv_of` wrote, each by the names in the header."""
    text = data.decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    names = [unsafe(name) for name in header]
    return [dict(zip(names, map(unsafe, row), strict=True)) for row in rows]
