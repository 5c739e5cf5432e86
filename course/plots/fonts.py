"""The fonts of labels: matplotlib's own, and for Chinese labels one that comes with the course."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from matplotlib import font_manager

CJK_FONT: Final = Path(__file__).parent.parent / "fonts" / "course-cjk.ttf"
CJK_FAMILY: Final = "Course CJK"


@cache
def label_fonts() -> tuple[str, ...]:
    """Return the font families for labels, in the order in which a glyph is looked for.

    Examples
    --------
    >>> label_fonts()
    ('DejaVu Sans', 'Course CJK')
    """
    font_manager.fontManager.addfont(CJK_FONT)
    return ("DejaVu Sans", CJK_FAMILY)
