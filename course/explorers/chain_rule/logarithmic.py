"""The digest of a panel whose axes are both logarithmic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.explorers.stage import View, digest
from course.plots.marks import Mark


def log_digest(marks: Sequence[Mark], xlim: tuple[float, float], ylim: tuple[float, float]) -> str:
    """Return eight hexadecimal digits that change when the picture, as it is seen, changes.

    Measured on a linear scale, all but the largest numbers of a logarithmic panel would be zero.
    """
    logs = [Mark(m.kind, np.log10(m.data), m.panel, m.role, texts=m.texts) for m in marks]
    low, high = np.log10(xlim), np.log10(ylim)
    limits = {mark.panel: (low.tolist(), high.tolist()) for mark in logs}
    return digest(View(logs, ""), limits)
