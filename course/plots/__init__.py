"""Pictures: the palette, what stands still (axes), and what moves (marks).

Plot functions take an Axes and a record and return artists; they make no figure and call no
``show``. Import this package for pictures only: it loads matplotlib, which ``import course``
does not.
"""

from course.plots.axes import (
    basins,
    contours,
    critical_points,
    curve,
    decades,
    grid,
    level_lines,
    loss_curve,
    path,
    power_of_ten,
    style,
)
from course.plots.marks import Mark, arrows, bars, draw_marks, line, points, region, text
from course.plots.palette import PALETTE, colour, css_variables

__all__ = [
    "PALETTE",
    "Mark",
    "arrows",
    "bars",
    "basins",
    "colour",
    "contours",
    "critical_points",
    "css_variables",
    "curve",
    "decades",
    "draw_marks",
    "grid",
    "level_lines",
    "line",
    "loss_curve",
    "path",
    "points",
    "power_of_ten",
    "region",
    "style",
    "text",
]
