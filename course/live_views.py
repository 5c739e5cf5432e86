"""Which live explorers a kernel has shown, so that a page that is loaded again finds them.

A saved notebook holds pictures, not live views: see `course.server`. When JupyterLab reads it while
the kernel that ran it still lives, the server puts the views back into what it sends, cell by
cell, as it has seen them pass by. The file itself stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

WIDGET_VIEW: Final = "application/vnd.jupyter.widget-view+json"

Notebook = dict[str, Any]
Output = dict[str, Any]
Views = Mapping[str, list[Output]]  # by cell, in their order


def is_ours(output: Mapping[str, Any]) -> bool:
    """Return whether an output promises that what it has beside a live view says the same."""
    mark = output.get("metadata", {}).get("course", {})
    return isinstance(mark, dict) and mark.get("static") is True and bool(output.get("data"))


class LiveViews:
    """Remember the views that each kernel has shown, as long as its process lives.

    Examples
    --------
    >>> live = LiveViews()
    >>> live.shown("k", 71, "message 1", "cell-4", {"data": {WIDGET_VIEW: {"model_id": "a"}}})
    >>> list(live.of("k", 71)), list(live.of("k", 72))
    (['cell-4'], [])
    """

    def __init__(self) -> None:
        # kernel -> its process, and for each cell the message that ran it and what it showed
        self._kernels: dict[str, tuple[int, dict[str, tuple[str, list[Output]]]]] = {}

    def shown(self, kernel: str, process: int, asked: str, cell: str, output: Output) -> None:
        """Take note of an output with a live view.

        Parameters
        ----------
        kernel : str
            The id of the kernel, which it keeps when it is restarted.
        process : int
            Its process, which is another one then.
        asked : str
            The id of the message that ran the cell: another one replaces what the cell showed.
        cell : str
            The id of the cell.
        output : dict
            The output, as notebooks hold it.
        """
        known = self._kernels.get(kernel)
        if known is None or known[0] != process:
            known = self._kernels[kernel] = (process, {})
        before = known[1].get(cell)
        if before is None or before[0] != asked:
            before = known[1][cell] = (asked, [])
        if output not in before[1]:  # every page of a notebook hears of it
            before[1].append(output)

    def of(self, kernel: str, process: int | None) -> Views:
        """Return what the cells of a kernel show; nothing if it is another process by now."""
        known = self._kernels.get(kernel)
        if known is None or known[0] != process:
            return {}
        return {cell: outputs for cell, (_, outputs) in known[1].items()}

    def hear(self, connection: Any, message: list[Any]) -> None:
        """Look at a message on its way from the kernel to the browser."""
        parts = connection.session.feed_identities(message)[1]
        _, header, parent, _, content = parts[:5]
        if WIDGET_VIEW.encode() not in content:  # nearly all: not worth reading
            return
        unpack = connection.session.unpack
        kind = unpack(header)["msg_type"]
        if kind not in ("display_data", "execute_result"):
            return
        output = {"output_type": kind} | unpack(content)
        output.pop("transient", None)
        cell = output["metadata"].get("course", {}).get("cell")
        process = process_of(connection.kernel_manager)
        if cell and process is not None and is_ours(output):
            asked = unpack(parent)["msg_id"]
            self.shown(connection.kernel_id, process, asked, cell, output)


def process_of(kernel_manager: Any) -> int | None:
    """Return the number of a kernel's process, if it runs on this machine."""
    process = getattr(getattr(kernel_manager, "provisioner", None), "pid", None)
    return process if isinstance(process, int) else None


def with_live_views(notebook: Notebook, views: Views) -> Notebook:
    """Return the notebook with the live views that its cells show.

    They stand where the file has pictures of ours. A cell that shows nothing else is marked as
    trusted: JupyterLab shows live views in trusted cells only, and this one's come from the
    kernel, not from the file.

    Parameters
    ----------
    notebook : dict
        The notebook as JSON, format 4; it is not changed.
    views : mapping
        For each cell its outputs with live views, in order.

    Returns
    -------
    dict
        The same notebook, new where it differs.

    Examples
    --------
    >>> static = {"data": {"text/plain": "w"}, "metadata": {"course": {"static": True}}}
    >>> live = {"data": {WIDGET_VIEW: {"model_id": "7"}}}
    >>> page = {"cells": [{"id": "a", "cell_type": "code", "outputs": [static]}]}
    >>> with_live_views(page, {"a": [live]})["cells"][0]["outputs"] == [live]
    True
    """
    cells = []
    for cell in notebook.get("cells", []):
        shown = views.get(cell.get("id", ""), ())
        if shown and cell.get("cell_type") == "code":
            others = [output for output in cell.get("outputs", []) if not is_ours(output)]
            trust = {} if others else {"trusted": True}
            metadata = cell.get("metadata", {}) | trust
            cell = {**cell, "outputs": [*others, *shown], "metadata": metadata}
        cells.append(cell)
    return {**notebook, "cells": cells}
