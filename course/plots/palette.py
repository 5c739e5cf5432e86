"""One role, one colour: the colours of every picture of the course, light and dark.

The light colours have a contrast of at least 4.5 : 1 against white, the dark ones against
``#111111`` (a test computes it), and the roles that meet in one picture also differ in shape,
dash or position: no information is carried by colour alone.
"""

from __future__ import annotations

from typing import Final

THEMES: Final = ("light", "dark")

#: role -> (colour on a light page, colour on a dark page)
PALETTE: Final[dict[str, tuple[str, str]]] = {
    "ink": ("#1a1a1a", "#f0f0f0"),  # axes, labels
    "muted": ("#5f6368", "#b0b5bb"),  # ticks, secondary text, guides
    "loss": ("#0060a8", "#6cb8f0"),  # the loss, and the curve or contours of it
    "path": ("#c04a00", "#ff9a52"),  # what an optimizer does, step by step
    "start": ("#1a1a1a", "#f0f0f0"),  # where it starts: the draggable handle
    "gradient": ("#9b2d83", "#f08bd4"),  # gradients and tangents
    "minimum": ("#8a5a00", "#f2c14e"),  # a local minimum
    "global": ("#00704a", "#4fd8a4"),  # a global minimum
    "saddle": ("#5b45b0", "#b9a6ff"),  # a saddle or a maximum: the gradient is zero too
    "guess": ("#5b45b0", "#b9a6ff"),  # what the learner predicts
    "compare": ("#00676f", "#5fd3dc"),  # a second run or rule in the same picture
    "warning": ("#b3261e", "#ff8a80"),  # divergence and errors
}

#: fills for the basins of attraction, by the order of the surface's minima, then "none of them"
BASINS: Final = ("#4fd8a4", "#f2c14e", "#6cb8f0", "#f08bd4", "#9aa0a6")


def colour(role: str, theme: str = "light") -> str:
    """Return the colour of a role as ``#rrggbb``.

    Parameters
    ----------
    role
        A key of ``PALETTE``.
    theme
        ``"light"`` or ``"dark"``.

    Raises
    ------
    ValueError
        For a role or theme that does not exist.

    Examples
    --------
    >>> colour("path")
    '#c04a00'
    """
    if theme not in THEMES:
        raise ValueError(f"theme must be one of {THEMES}, not {theme!r}")
    if role not in PALETTE:
        raise ValueError(f"role must be one of {tuple(PALETTE)}, not {role!r}")
    return PALETTE[role][THEMES.index(theme)]


def css_variables() -> str:
    """Return the palette as CSS custom properties, so that the browser has the same colours.

    Examples
    --------
    >>> css_variables().splitlines()[1].strip()
    '--course-ink: #1a1a1a;'
    """
    blocks = []
    for theme in THEMES:
        rows = "\n".join(f"  --course-{role}: {colour(role, theme)};" for role in PALETTE)
        blocks.append(f'.course-stage[data-theme="{theme}"] {{\n{rows}\n}}')
    return "\n".join(blocks)
