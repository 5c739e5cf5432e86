"""The picture that stays when the kernel is gone: what matplotlib drew, with its words."""

from __future__ import annotations

import io
from collections.abc import Sequence
from textwrap import wrap
from typing import Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course.plots.fonts import label_fonts
from course.plots.palette import colour

PIXELS_PER_INCH: Final = 100
SCALE: Final = 1.5  # pixels of the saved picture for one pixel of the stage
RUN_ME: Final = (
    "A picture of an explorer. To drag, step and play, run this cell in JupyterLab (Shift+Enter)."
)
FACES: Final = {"light": "white", "dark": "#111111"}


def new_figure(width: int, height: int) -> Figure:
    """Return a figure of so many stage pixels, drawn by Agg and unknown to pyplot."""
    figure = Figure(figsize=(width / PIXELS_PER_INCH, height / PIXELS_PER_INCH))
    figure.set_dpi(PIXELS_PER_INCH)
    FigureCanvasAgg(figure)
    return figure


def png(figure: Figure, **options: Any) -> bytes:
    """Return the figure as PNG, the same bytes whenever the same is drawn."""
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None}, **options)
    return file.getvalue()


def captioned(figure: Figure, title: str, words: Sequence[str], theme: str) -> bytes:
    """Return the figure as PNG with its title above and its words below.

    The picture has 128 colours: a third of the bytes, and no difference to see.
    """
    width = round(figure.get_figwidth() * PIXELS_PER_INCH)
    below = [line for text in words if text for line in wrap(text, width // 8)]
    strips = [
        _strip([title], width, theme, size=11.5),
        figure,
        _strip(below, width, theme, size=9.5),
        _strip([RUN_ME], width, theme, size=7.5, role="muted"),
    ]
    options = {"dpi": SCALE * PIXELS_PER_INCH, "facecolor": FACES[theme]}
    pictures = [Image.open(io.BytesIO(png(strip, **options))) for strip in strips]
    whole = Image.new("RGB", (pictures[0].width, sum(p.height for p in pictures)), FACES[theme])
    top = 0
    for picture in pictures:
        whole.paste(picture, (0, top))
        top += picture.height
    file = io.BytesIO()
    whole.quantize(128).save(file, "PNG", optimize=True)
    return file.getvalue()


def _strip(lines: Sequence[str], width: int, theme: str, size: float, role: str = "ink") -> Figure:
    """Return a figure with nothing but lines of text."""
    step = round(2.0 * size)  # pixels from one line to the next
    height = step * max(1, len(lines)) + 4
    figure = new_figure(width, height)
    for row, line in enumerate(lines):
        figure.text(
            12 / width,
            1 - (step * row + 3) / height,
            line,
            va="top",
            parse_math=False,
            fontsize=size,
            fontfamily=label_fonts(),
            color=colour(role, theme),
        )
    return figure
