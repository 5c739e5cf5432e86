"""What `import course` adds to `import numpy`, in a fresh Python each time.

Processor time from the start of Python: on an idle machine that is the time on the wall.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.table import Row, seconds

LIMIT = 50.0  # milliseconds


def started(code: str) -> float:
    """Return the processor seconds of a Python that starts and runs this code."""
    command = [sys.executable, "-c", f"{code}; import time; print(time.process_time())"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def rows(quick: bool = False) -> Iterator[Row]:
    """Start Python with either import in turn; compare the medians."""
    turns = 2 if quick else 25
    codes = ("import numpy", "import course")
    for code in codes:
        started(code)  # compiles what is not compiled yet
    times: dict[str, list[float]] = {code: [] for code in codes}
    for _ in range(turns):
        for code in codes:
            times[code].append(started(code))
    numpy, course = (statistics.median(times[code]) for code in codes)
    added = (course - numpy) * 1e3
    yield Row(
        "python -c 'import course'",
        seconds(course),
        f"python -c 'import numpy' {seconds(numpy)}",
        added,
        " ms more",
        at_most=LIMIT,
    )
