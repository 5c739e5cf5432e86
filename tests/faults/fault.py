"""One seeded fault: a mistake that people make, as an exact replacement in the library."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """A mistake in words, and the replacement in `course/` that makes it.

    `old` stands once in the file; `new` is what somebody might have written instead.
    """

    name: str
    file: str
    old: str
    new: str
