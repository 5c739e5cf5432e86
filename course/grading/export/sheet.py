"""An instructor's own CSV file: a cell that is not written to stays as it is, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from course.grading.export.cells import BOM

DELIMITERS: Final = ",;\t"
_QUOTED: Final = r'"[^"]*(?:""[^"]*)*"'


class ExportError(Exception):
    """Something that the person at the keyboard can put right; its text says how."""


class Sheet:
    r"""A CSV file as its raw cells, with their quotes, and what stands between them.

    Parameters
    ----------
    data
        The bytes of the file: UTF-8, with or without a byte-order mark; separated by commas,
        semicolons or tabs.
    name
        What it is called in errors.

    Examples
    --------
    >>> sheet = Sheet(b'Name,"Grade"\r\n"Ada ""A"" B",\r\n')
    >>> sheet.text(1, 0)
    'Ada "A" B'
    >>> sheet.write(1, 1, "9,5")
    >>> sheet.data
    b'Name,"Grade"\r\n"Ada ""A"" B","9,5"\r\n'
    """

    def __init__(self, data: bytes, name: str = "the file") -> None:
        self.name, self.bom = name, data.startswith(BOM)
        if b"\0" in data:
            raise ExportError(
                f"{name} is no CSV file in UTF-8. Export it again, and do not open it in a "
                "spreadsheet in between"
            )
        # bytes that are no UTF-8 come out as they came in
        text = data.removeprefix(BOM).decode("utf-8", "surrogateescape")
        first = re.split(r"[\r\n]", text, maxsplit=1)[0]
        self.delimiter = max(DELIMITERS, key=first.count)
        self.rows: list[list[str]] = []
        self.ends: list[str] = []
        self._cut(text)
        if not self.rows:
            raise ExportError(f"{name} is empty")

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """Return the sheet of a file."""
        try:
            return cls(path.read_bytes(), path.name)
        except OSError as error:
            raise ExportError(f"{path} cannot be read: {error.strerror}") from None

    def _cut(self, text: str) -> None:
        d = re.escape(self.delimiter)
        pattern = re.compile(rf"((?:{_QUOTED})?[^{d}\r\n]*)({d}|\r\n|\n|\r|\Z)")
        row: list[str] = []
        position = 0
        while position < len(text) or row:
            match = pattern.match(text, position)
            if match is None or (match[1].startswith('"') and not re.match(_QUOTED, match[1])):
                raise ExportError(f"{self.name}: a quote in row {len(self.rows) + 1} is not closed")
            row.append(match[1])
            position = match.end()
            if match[2] != self.delimiter:
                self.rows.append(row)
                self.ends.append(match[2])
                row = []

    def text(self, row: int, column: int) -> str:
        """Return what a cell says, without its quotes; nothing where there is no cell."""
        if column >= len(self.rows[row]):
            return ""
        raw = self.rows[row][column]
        if not raw.startswith('"'):
            return raw
        return raw[1:].removesuffix('"').replace('""', '"')

    def header(self) -> list[str]:
        """Return the names of the columns."""
        return [self.text(0, column) for column in range(len(self.rows[0]))]

    def write(self, row: int, column: int, text: str) -> None:
        """Write to a cell; it is quoted if it was, or if it must be."""
        quoted = self.rows[row][column].startswith('"')
        if quoted or any(c in text for c in (self.delimiter, '"', "\r", "\n")):
            text = '"' + text.replace('"', '""') + '"'
        self.rows[row][column] = text

    @property
    def data(self) -> bytes:
        """The file, as bytes."""
        lines = (
            self.delimiter.join(row) + end for row, end in zip(self.rows, self.ends, strict=True)
        )
        text = "".join(lines).encode("utf-8", "surrogateescape")
        return (BOM if self.bom else b"") + text


def like(value: float, example: str) -> str:
    """Return a number written like an example: its decimal sign, its two decimals or none.

    Examples
    --------
    >>> like(7.5, "10"), like(7.0, "10.00"), like(7.0, "10,00"), like(7.0, "")
    ('7.5', '7.00', '7,00', '7')
    """
    whole = round(value, 2) == int(round(value, 2))
    two = bool(re.search(r"[.,]\d\d$", example))
    text = f"{value:.2f}" if two else f"{value:.0f}" if whole else f"{round(value, 2)}"
    return text.replace(".", ",") if re.search(r",\d+$", example) else text


def as_number(text: str) -> float | None:
    """Return the number of a cell, whatever its decimal sign; None if there is none.

    Examples
    --------
    >>> as_number("10,00"), as_number(" 7.5 "), as_number("EX")
    (10.0, 7.5, None)
    """
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
