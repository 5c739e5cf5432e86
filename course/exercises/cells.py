"""Which cell of the notebook defines an answer, and whether it still does.

A cell that was run again and stopped, or no longer defines the function, leaves the old function
behind: to judge that would say something about lines that the learner no longer sees.
"""

from __future__ import annotations

import contextlib
from typing import Any, Final

_MISSING: Final = object()


class Cells:
    """Remembers which cell has defined which name; `stale` says of which the cell is newer.

    Parameters
    ----------
    space
        The notebook's namespace.
    """

    def __init__(self, space: dict[str, Any]) -> None:
        self.space = space
        self.owners: dict[str, str] = {}
        self.stale: dict[str, str] = {}
        self._before: dict[str, Any] | None = None

    def begin(self, info: Any) -> None:
        """Note what is defined before a cell runs."""
        self._before = dict(self.space)

    def end(self, result: Any) -> None:
        """Note what a cell that has run defined, and what it no longer did."""
        cell = getattr(result.info, "cell_id", None)
        if self._before is None or cell is None:
            return
        error = result.error_before_exec or result.error_in_exec
        for name, now in self.space.items():
            if now is not self._before.get(name, _MISSING):
                self.owners[name] = cell
                self.stale.pop(name, None)
            elif self.owners.get(name) == cell:
                self.stale[name] = type(error).__name__ if error else ""
        self._before = None

    def of(self, name: str, f: Any) -> str | None:
        """Say why an answer is older than its cell: what stopped the cell, or "" if nothing did.

        None if it is not older.
        """
        return self.stale.get(name) if self.space.get(name) is f else None


def watched() -> Cells:
    """Watch the cells of the notebook that this runs in; outside of one nothing is ever seen."""
    shell: Any = None
    with contextlib.suppress(ImportError):
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
    if shell is None:
        return Cells({})
    cells = Cells(shell.user_ns)
    shell.events.register("pre_run_cell", cells.begin)
    shell.events.register("post_run_cell", cells.end)
    return cells
