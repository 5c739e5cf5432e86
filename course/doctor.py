"""`course doctor`: what is installed, whether the explorers will work, and what to do if not."""

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from course import layout

# Packages that the explorers cannot do without, and what else the lessons use.
PACKAGES = (
    "numpy",
    "matplotlib",
    "jupyterlab",
    "jupyter-server",
    "ipykernel",
    "ipywidgets",
    "jupyterlab-widgets",
    "anywidget",
    "tqdm",
)
LAB_EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
SERVER_EXTENSION = "course.server"
IMPORTS_IN_KERNEL = "import course, ipywidgets, anywidget, matplotlib; print(course.__file__)"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report; `vital` means that without it no explorer works."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    vital: bool = True

    def __str__(self) -> str:
        line = f"{'OK      ' if self.ok else 'PROBLEM '} {self.name:<36} {self.detail}".rstrip()
        return line if self.ok else f"{line}\n         -> {self.remedy}"


def main() -> int:
    """Print every finding; return 1 when the explorers will not work."""
    findings = []
    for finding in examine():
        print(finding, flush=True)
        findings.append(finding)
    problems = [finding for finding in findings if not finding.ok]
    if any(finding.vital for finding in problems):
        print("\nThe explorers will not work yet: follow the arrows from the top, then run again.")
        return 1
    print("\nThe explorers will work." + (" See the arrows for the rest." if problems else ""))
    return 0


def examine() -> Iterator[Finding]:
    """Yield the findings in the order in which they should be put right."""
    yield _python()
    yield Finding("course", True, f"{layout.course_version()}, in {layout.PACKAGE}")
    for name in PACKAGES:
        yield package(name)
    for check, name, vital in CHECKS:
        try:
            yield from check()
        except Exception as error:  # whatever is broken, the doctor itself is not
            remedy = f"Install the lab parts again:  {_install()}"
            yield Finding(name, False, f"{type(error).__name__}: {error}", remedy, vital)


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    remedy = "Install Python 3.11 or newer and make a new environment with it."
    return Finding("python", sys.version_info >= (3, 11), f"{version}, {sys.executable}", remedy)


def package(name: str) -> Finding:
    """Say whether a package is there and new enough for what the course declares."""
    vital = name != "tqdm"
    needed = _lower_bounds().get(name, "0")
    remedy = f"Install it:  {_install()}"
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", remedy, vital)
    if _numbers(version) < _numbers(needed):
        return Finding(name, False, f"{version}, older than {needed}", remedy, vital)
    return Finding(name, True, version)


def _lower_bounds() -> dict[str, str]:
    try:
        lines = metadata.requires(layout.DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return {}
    found = (re.match(r"([A-Za-z0-9_.-]+)\s*>=\s*([0-9.]+)", line) for line in lines)
    return {match[1].lower(): match[2] for match in found if match}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _install() -> str:
    from course.cli import install_line

    return install_line()


# ------------------------------------------------------------------ in the browser
def lab_extensions() -> Iterator[Finding]:
    """Look for the browser's half of the widgets, where JupyterLab would look."""
    from jupyter_core.paths import jupyter_config_path, jupyter_path

    disabled = _disabled([Path(folder, "labconfig") for folder in jupyter_config_path()])
    for name in LAB_EXTENSIONS:
        places = [Path(folder, name) for folder in jupyter_path("labextensions")]
        place = next((path for path in places if (path / "package.json").is_file()), None)
        if place is None:
            owner = "anywidget" if name == "anywidget" else "jupyterlab-widgets"
            python = f'"{sys.executable}" -m pip install --force-reinstall --no-deps {owner}'
            yield Finding(f"labextension {name}", False, "missing", f"Install again:  {python}")
            continue
        version = json.loads((place / "package.json").read_text(encoding="utf-8")).get("version")
        off = sorted(key for key in disabled if key.split(":")[0] == name)
        remedy = f"Turn it on:  jupyter labextension enable {' '.join(off)}"
        detail = f"{version}, disabled" if off else f"{version}, {place}"
        yield Finding(f"labextension {name}", not off, detail, remedy)


def _disabled(folders: list[Path]) -> set[str]:
    """Return what page_config.json files disable; those that come first have the last word."""
    switches: dict[str, bool] = {}
    for folder in reversed(folders):
        for path in [folder / "page_config.json", *sorted(folder.glob("page_config.d/*.json"))]:
            try:
                entry = json.loads(path.read_text(encoding="utf-8"))["disabledExtensions"]
            except (OSError, ValueError, KeyError, TypeError):
                continue
            names = entry if isinstance(entry, dict) else dict.fromkeys(entry, True)
            switches |= {str(key): bool(value) for key, value in names.items()}
    return {name for name, off in switches.items() if off}


# ------------------------------------------------------------------ in the server
def server_extension() -> Iterator[Finding]:
    """See whether the server extension would be turned on and can be imported."""
    from jupyter_core.paths import jupyter_config_path
    from jupyter_server.extension.config import ExtensionConfigManager

    name = f"server extension {SERVER_EXTENSION}"
    manager = ExtensionConfigManager(read_config_path=jupyter_config_path())
    enabled = manager.get_jpserver_extensions().get(SERVER_EXTENSION, False)
    importlib.import_module(SERVER_EXTENSION)
    remedy = (
        "`course lab` turns it on by itself. For every other way of starting JupyterLab:  "
        f"jupyter server extension enable {SERVER_EXTENSION} --sys-prefix"
    )
    yield Finding(name, bool(enabled), "enabled" if enabled else "not enabled", remedy, False)


# ------------------------------------------------------------------ in the kernel
def kernel() -> Iterator[Finding]:
    """Ask the interpreter that runs the notebooks whether it can import the course."""
    from jupyter_client.kernelspec import KernelSpecManager

    name = "kernel python3"
    specification = KernelSpecManager().get_kernel_spec("python3")
    python = specification.argv[0]
    if re.fullmatch(r"python(3(\.\d+)?)?", python):
        python = sys.executable  # as Jupyter itself does
    command = [python, "-c", IMPORTS_IN_KERNEL]
    try:
        # A neutral directory: beside a checkout anything can be imported.
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=120, cwd=Path(python).anchor or None
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        remedy = f'Register it again:  "{sys.executable}" -m ipykernel install --sys-prefix'
        yield Finding(name, False, f"{python} does not run: {error}", remedy)
        return
    if answer.returncode != 0:
        reason = (answer.stderr.strip().splitlines() or ["no reason given"])[-1]
        remedy = (
            f'Its Python lacks the course. Register this one:  "{sys.executable}" -m ipykernel '
            "install --sys-prefix   (add --user if that changes nothing)"
        )
        yield Finding(name, False, f"{python}: {reason}", remedy)
        return
    yield Finding(name, True, f"{python} imports the course")


def font() -> Iterator[Finding]:
    """See whether the font for the Chinese labels is there."""
    path = layout.PACKAGE / "fonts" / "course-cjk.ttf"
    remedy = "Chinese labels will be empty boxes. Install the course again."
    yield Finding("font for Chinese labels", path.is_file(), path.name, remedy, False)


CHECKS: tuple[tuple[Callable[[], Iterator[Finding]], str, bool], ...] = (
    (lab_extensions, "labextensions", True),
    (server_extension, f"server extension {SERVER_EXTENSION}", False),
    (kernel, "kernel python3", True),
    (font, "font for Chinese labels", False),
)
