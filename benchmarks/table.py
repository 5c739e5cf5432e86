"""Rows of measured numbers: what was measured, against what, and whether the target is reached."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata

HEAD = ("what", "ours", "other", "measured", "target", "reached")
PACKAGES = ("numpy", "torch", "scikit-learn", "jax", "jupyterlab", "ipywidgets", "matplotlib")


@dataclass(frozen=True)
class Row:
    """One measurement.

    Parameters
    ----------
    what : what was measured, with the sizes that matter.
    ours, other : both sides in words with units; `other` names the competitor.
    value : the number that the target is about, None if it could not be measured.
    unit : of the value and the target: "×" for a ratio, else a unit such as " ms".
    at_least, at_most : the target, if there is one.
    """

    what: str
    ours: str
    other: str
    value: float | None
    unit: str = "×"
    at_least: float | None = None
    at_most: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None without a target or a measurement."""
        if self.value is None or (self.at_least is None and self.at_most is None):
            return None
        low = self.at_least is None or self.value >= self.at_least
        high = self.at_most is None or self.value <= self.at_most
        return low and high

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as words."""
        value = "not measured" if self.value is None else f"{self.value:.3g}{self.unit}"
        target = ""
        if self.at_least is not None:
            target = f"≥ {self.at_least:g}{self.unit}"
        if self.at_most is not None:
            target = f"≤ {self.at_most:g}{self.unit}"
        reached = {True: "yes", False: "**no**", None: ""}[self.reached]
        if self.value is None and target:
            reached = "?"
        return self.what, self.ours, self.other, value, target, reached


def seconds(value: float) -> str:
    """Write a duration with a fitting unit.

    >>> seconds(0.0000421), seconds(0.00421), seconds(4.21)
    ('42.1 µs', '4.21 ms', '4.21 s')
    """
    if value < 1e-3:
        return f"{value * 1e6:.3g} µs"
    return f"{value * 1e3:.3g} ms" if value < 1 else f"{value:.3g} s"


def markdown(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table with aligned columns."""
    table = [HEAD, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
        for line in table
    ]
    rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def machine() -> str:
    """Describe the machine: cores, processor family, versions."""
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"no {name}")
    words = [f"{os.cpu_count()} cores", processor(), f"{platform.system()}"]
    return ", ".join([*words, f"Python {platform.python_version()}", *found])


def processor() -> str:
    """Name the processor by maker and family."""
    words = {}
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition(":")
                words.setdefault(key.strip(), value.strip())
    if "vendor_id" not in words:
        return platform.machine()
    return f"{platform.machine()} ({words['vendor_id']} family {words.get('cpu family', '?')})"


def quiet() -> bool:
    """Say whether two cores are free: two processes that work for half a second get them."""
    code = (
        "import time; end = time.perf_counter() + 0.5\n"
        "while time.perf_counter() < end: pass\n"
        "print(time.process_time())"
    )
    command = [sys.executable, "-S", "-c", code]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    shares = [float(process.communicate()[0]) / 0.5 for process in both]
    return min(shares) > 0.9


def load() -> float:
    """Return the machine's load: how many processes want a core, averaged over a minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
