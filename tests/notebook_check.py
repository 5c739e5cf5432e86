"""Run the check that `pytest notebooks` makes on a copy of the course, changed or not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]

Item = TypeVar("Item")
Outcome = subprocess.CompletedProcess[str]

#: Jupyter picks free ports for a kernel, which binds them half a second later; now and then another
#: program has one of them by then. Such a kernel dies, which says nothing about the notebook.
NOT_STARTED = "Kernel died before replying to kernel_info"
ATTEMPTS = 3


def copied(folder: Path, *notebooks: str) -> Path:
    """Copy what the check needs (settings, library, these notebooks) and return the folder."""
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "course", folder / "course", ignore=leave)
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "notebooks").mkdir()
    for name in notebooks:
        shutil.copy(ROOT / "notebooks" / name, folder / "notebooks" / name)
    # nbval's notebook format loads this where it is installed, only to check internationalised
    # addresses, which notebooks do not hold; that takes longer than all the rest of pytest
    (folder / "rfc3987_syntax.py").write_text('raise ImportError("not needed")\n')
    return folder


def check(folder: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> Outcome:
    """Run pytest in a folder, so that it and its kernels import the library that lies there."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    inner = {
        "PYTHONPATH": str(folder),  # comes before an installed course
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # nbval is the only one that is needed
        "NO_COLOR": "1",
    }
    command = [sys.executable, "-m", "pytest", "-p", "nbval.plugin", "-p", "no:cacheprovider"]
    for _ in range(ATTEMPTS):
        outcome = subprocess.run(
            [*command, *arguments],
            cwd=folder,
            env=outer | inner | dict(settings or {}),
            capture_output=True,
            text=True,
            timeout=600,
        )
        if NOT_STARTED not in outcome.stdout:
            break
    return outcome


@contextmanager
def two_at_a_time(
    work: Callable[[Item], Outcome], items: Iterable[Item]
) -> Iterator[dict[Item, Future[Outcome]]]:
    """Start the work on all items, two at once; on leaving, drop what has not begun."""
    pool = ThreadPoolExecutor(max_workers=2)
    try:
        yield {item: pool.submit(work, item) for item in items}
    finally:
        pool.shutdown(cancel_futures=True)
