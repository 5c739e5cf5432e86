"""How the summaries of explorers put words together."""

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Join words by commas and a last *and*.

    Examples
    --------
    >>> listed(["Adam"]), listed(["a", "b", "c"])
    ('Adam', 'a, b and c')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
