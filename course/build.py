"""Build the notebooks that are committed: `python -m course.build notebooks [--check]`.

Each notebook is executed from top to bottom in a fresh kernel, and only what a reader needs is
kept: texts and pictures, but no widget views, widget state, times or versions. Two builds are the
same byte for byte. Sources are never touched.
"""

import argparse
import copy
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
TIMED = ("ExecuteTime", "execution", "trusted")
IMAGES = ("image/png", "image/jpeg")

Notebook = dict[str, Any]


class BuildError(Exception):
    """A cell that failed; the text names notebook, cell and error."""


# ------------------------------------------------------------------ pure functions
def with_ids(notebook: Notebook) -> Notebook:
    """Return the notebook with a unique id in every cell; ids that are unique already stay.

    Examples
    --------
    >>> cells = [{"id": "start"}, {}, {"id": "start"}, {"id": "cell-1"}]
    >>> [cell["id"] for cell in with_ids({"cells": cells})["cells"]]
    ['start', 'cell-2', 'cell-3', 'cell-1']
    """
    taken = {cell["id"] for cell in notebook["cells"] if cell.get("id")}
    seen: set[str] = set()
    cells = []
    number = 0
    for cell in notebook["cells"]:
        identifier = cell.get("id")
        while not identifier or identifier in seen:
            number += 1
            candidate = f"cell-{number}"
            identifier = None if candidate in taken | seen else candidate
        seen.add(identifier)
        cells.append({**cell, "id": identifier})
    return {**notebook, "cells": cells, "nbformat": 4, "nbformat_minor": 5}


def settled(notebook: Notebook) -> Notebook:
    """Return an executed notebook without what changes from run to run or dies with the kernel."""
    notebook = copy.deepcopy(notebook)
    metadata = notebook.get("metadata", {})
    metadata.pop("widgets", None)
    notebook["metadata"] = {**metadata, "kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook["cells"]:
        for key in TIMED:
            cell.get("metadata", {}).pop(key, None)
        if cell["cell_type"] != "code":
            continue
        for output in cell["outputs"]:
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if output["output_type"] == "error":
                # The full traceback names directories of this machine.
                output["traceback"] = [f"{output['ename']}: {output['evalue']}"]
        # An output that was nothing but a live widget has nothing left to show.
        cell["outputs"] = [output for output in cell["outputs"] if output.get("data", True)]
    return notebook


def without_images(notebook: Notebook) -> Notebook:
    """Return the notebook with a word in place of each picture's bytes, to compare the rest."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for kind in IMAGES:
                if kind in output.get("data", {}):
                    output["data"][kind] = "picture"
    return notebook


def text(notebook: Notebook) -> str:
    """Return the notebook as it is written to a file."""
    return nbformat.writes(nbformat.from_dict(notebook), version=4) + "\n"


# ------------------------------------------------------------------- execution
class ThisInterpreter(KernelSpecManager):
    """Runs this very interpreter as `python3`, whatever kernels are registered elsewhere."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the specification of this interpreter."""
        from ipykernel.kernelspec import RESOURCES, get_kernel_dict

        return self.kernel_spec_class(resource_dir=str(RESOURCES), **get_kernel_dict())


class OwnKernel(AsyncKernelManager):
    """A kernel manager that nbclient makes, and shuts down, itself."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(kernel_spec_manager=ThisInterpreter(), **settings)


def execute(path: Path, timeout: float = 120) -> Notebook:
    """Execute a notebook in a fresh kernel, in its own directory, and return it settled.

    Parameters
    ----------
    path : Path
        The notebook; the file is read only.
    timeout : float
        Seconds that one cell may take.

    Returns
    -------
    dict
        The notebook with its new outputs.

    Raises
    ------
    BuildError
        When a cell that is not tagged ``raises-exception`` fails or takes too long, or when the
        kernel does not start.
    """
    source = with_ids(json.loads(path.read_text(encoding="utf-8")))
    notebook = nbformat.reads(json.dumps(source), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        kernel_manager_class=OwnKernel,
        kernel_name="python3",
        timeout=timeout,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    # A warning in a cell must be seen: it is an output that the checks refuse.
    # And what is saved shows the progress of nobody in particular.
    environment = {
        **os.environ,
        "PYTHONWARNINGS": "default,ignore::ResourceWarning",
        "COURSE_PROGRESS": "off",
    }
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        raise BuildError(
            f"{path.name}, {_failed(notebook)}: {error.ename}: {error.evalue}"
        ) from None
    except CellTimeoutError:
        raise BuildError(f"{path.name}, {_failed(notebook)}: over {timeout:g} s") from None
    except DeadKernelError:
        raise BuildError(f"{path.name}, {_failed(notebook)}: the kernel died") from None
    except RuntimeError as error:  # before any cell ran
        raise BuildError(f"{path.name}: the kernel did not start: {error}") from None
    return settled(json.loads(nbformat.writes(notebook, version=4)))


def _failed(notebook: Any) -> str:
    """Name the cell that was running last."""
    reached = 0
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and (cell.execution_count or cell.outputs):
            reached = number
    cell = notebook.cells[reached]
    first = (cell.source.strip().splitlines() or ["(empty)"])[0]
    return f"cell {reached + 1} [{cell.id}] `{first}`"


def build(path: Path, timeout: float = 120) -> bool:
    """Execute a notebook and write it in one step; return whether the file changed."""
    old = path.read_bytes()
    new = text(execute(path, timeout)).encode()
    if new == old:
        return False
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".build-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
        os.chmod(name, path.stat().st_mode & 0o777)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True


def stale(path: Path, timeout: float = 120) -> bool:
    """Return whether a build would change more than the bytes of pictures."""
    committed = json.loads(path.read_text(encoding="utf-8"))
    joined = json.loads(nbformat.writes(nbformat.from_dict(execute(path, timeout)), version=4))
    return without_images(joined) != without_images(committed)


# --------------------------------------------------------------------- command
def notebooks_in(places: Sequence[Path]) -> list[Path]:
    """Return the notebooks in directories and files, in the order of their names."""
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            found += sorted(place.glob("*.ipynb"))
        elif place.suffix == ".ipynb" and place.is_file():
            found.append(place)
        else:
            raise BuildError(f"{place}: no such notebook or directory")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Build or check notebooks; return 1 when one fails or is stale."""
    parser = argparse.ArgumentParser(prog="python -m course.build", description=__doc__)
    parser.add_argument("places", nargs="+", type=Path, metavar="notebooks")
    parser.add_argument("--check", action="store_true", help="write nothing, report stale ones")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one cell")
    options = parser.parse_args(arguments)
    failures = 0
    try:
        for path in notebooks_in(options.places):
            if options.check:
                late = stale(path, options.timeout)
                print(f"{'stale' if late else 'fresh':<9} {path}", flush=True)
                failures += late
            else:
                changed = build(path, options.timeout)
                print(f"{'built' if changed else 'unchanged':<9} {path}", flush=True)
    except BuildError as error:
        print(f"course.build: {error}", file=sys.stderr)
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
