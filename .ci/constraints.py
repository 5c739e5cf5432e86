"""Resolve the extras with pip and print the content of constraints.txt.

Nothing is installed: pip is asked what it would install into an empty
environment. Only names and versions are kept, so the file says nothing about
where the packages came from.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

HEADER = """\
# Every version that the course was tested with: lab, test, bench, and what they need.
# Written by `make constraints`; do not edit by hand.
# Usable from Python 3.11 on. A name that a system does not need is ignored there.
"""

# PyTorch stays where a build for the processor alone is offered as well: the
# benchmarks need no graphics card, and the other builds take gigabytes.
HELD = ["torch==2.13.0"]

# What the same packages ask for on Windows and macOS only.
OTHER_SYSTEMS = ["appnope", "colorama", "pywinpty"]


def resolve(*arguments: str) -> dict[str, str]:
    """Return the name and version of everything that pip would install on the oldest Python.

    Pins must run on the very first of what the project says that it needs: a Debian's Python may be
    close to it.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "report.json")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--report", str(report)]
        command += ["--python-version", oldest, "--only-binary=:all:"]
        command += ["--target", str(Path(scratch, "none")), *arguments]
        subprocess.run(command, check=True, cwd=ROOT)
        installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    found = {}
    for item in installs:
        name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
        found[name] = item["metadata"]["version"].partition("+")[0]
    return found


def main() -> None:
    """Print the pins in alphabetical order under the header."""
    with tempfile.TemporaryDirectory() as scratch:
        held = Path(scratch, "held.txt")
        held.write_text("\n".join(HELD) + "\n", encoding="utf-8")
        pins = resolve("-c", str(held), ".[lab,test,bench]")
        pins |= resolve("--platform", "win_amd64", "--no-deps", *OTHER_SYSTEMS)
    pins.pop("how-neural-networks-learn")
    print(HEADER, end="")
    for name, version in sorted(pins.items()):
        print(f"{name}=={version}")


if __name__ == "__main__":
    main()
