"""Run the benchmarks: `python -m benchmarks [NAME ...] [--quick]`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks.table import Row, load, machine, markdown

NAMES = ("training", "explorers", "basins", "imports", "digits", "grading")
HERE = Path(__file__).parent
RESULTS, README = HERE / "results.md", HERE / "README.md"
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->\n"
TITLE = "# Results\n\nWritten by `python -m benchmarks`; what the rows mean is in README.md.\n"


def run(name: str, quick: bool) -> tuple[list[Row], str]:
    """Run one benchmark; return its rows and how busy the machine was."""
    before = load()
    rows = []
    for row in importlib.import_module(f"benchmarks.{name}").rows(quick):
        print("  ".join(filter(None, row.cells)), file=sys.stderr, flush=True)
        rows.append(row)
    return rows, f"Load of the machine: {before:.1f} before, {load():.1f} after."


def written(old: str, name: str, section: str) -> str:
    """Return the results with one benchmark's section new, and all others as they were."""
    parts = [part for part in old.split("\n## ")[1:] if not part.startswith(f"{name}\n")]
    parts.append(f"{name}\n\n{section}")
    parts.sort(key=lambda part: NAMES.index(part.partition("\n")[0]))
    return "\n".join([TITLE, *(f"## {part.strip()}\n" for part in parts)])


def with_targets(results: str) -> str:
    """Return the table of all rows with a target, from the sections of the results."""
    lines = [line for line in results.splitlines() if line.startswith("| ")]
    head, *rows = lines or [""]
    cells = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in [head, *rows]]
    chosen = [cells[0], *(row for row in cells[1:] if row[-2] and row != cells[0])]
    table = [f"| {' | '.join(row)} |" for row in chosen]
    return "\n".join([table[0], "|" + "---|" * len(chosen[0]), *table[1:]]) + "\n"


def main() -> int:
    """Run what was asked for, print one table and keep it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="a trial run; nothing is written")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}; there are {NAMES}")
    everything: list[Row] = []
    for name in arguments.names or NAMES:
        rows, words = run(name, arguments.quick)
        everything += rows
        if not arguments.quick:
            old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
            new = written(old, name, f"{machine()}. {words}\n\n{markdown(rows)}")
            RESULTS.write_text(new, encoding="utf-8")
            before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
            after = rest.partition(END)[2]
            README.write_text(before + BEGIN + with_targets(new) + END + after, encoding="utf-8")
    print(machine())
    print(markdown(everything))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
