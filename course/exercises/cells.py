"""Which cell of the notebook defines an answer, and whether it still does.

A cell that was run again and stopped, or no longer defines the function, leaves the old function
behind: to judge that would say something about lines that the learner no longer sees.
"""

from __future__ import annotations

import ast
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
        self.stale: dict[str, tuple[Any, str]] = {}
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
            elif self.owners.get(name) == cell and not _keeps(result.info.raw_cell, name, error):
                self.stale[name] = now, type(error).__name__ if error else ""
        self._before = None

    def of(self, name: str, f: Any) -> str | None:
        """Say why an answer is older than its cell: what stopped the cell, or "" if nothing did.

        None if it is not older.
        """
        old, stopped = self.stale.get(name, (_MISSING, ""))
        return stopped if old is f and self.space.get(name) is f else None


def _keeps(source: str, name: str, error: BaseException | None) -> bool:
    """Return whether a cell that left a name as it was means it so, as `mse = mine` does again."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return error is None  # it has a magic: what it means is not known
    made = any(isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == name for n in nodes)
    stored = (n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return name in stored and not made


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
