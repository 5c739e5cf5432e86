import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import numpy
import pytest

from course import cli, layout
from course.cli import install_line


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((layout.checkout() / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def pins():
    text = (layout.checkout() / "constraints.txt").read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=layout.checkout(), check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def alone(wheel, tmp_path_factory):
    """Return the Python of an environment that holds the wheel and NumPy and nothing else."""
    folder = tmp_path_factory.mktemp("alone")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    command += ["--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run(command, check=True)
    # What pip would fetch for the one dependency, from where it already is.
    ours, theirs = Path(numpy.__file__).parents[1], Path(site_packages(python))
    for path in ours.glob("numpy*"):
        (theirs / path.name).symlink_to(path)
    return python


def site_packages(python):
    return run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"
    ).stdout.strip()


def run(python, *arguments, **settings):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [str(python), *arguments], capture_output=True, text=True, env=environment, **settings
    )


# ------------------------------------------------------------------------ pins
def test_constraints_are_bare_pins(pins):
    wrong = [line for line in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)]
    assert wrong == []
    names = [line.partition("==")[0] for line in pins]
    assert names == sorted(set(names))


def test_constraints_name_no_host():
    text = (layout.checkout() / "constraints.txt").read_text()
    assert not re.search(r"://|--|@|index|\.(org|com|io)\b", text)


def test_every_dependency_is_pinned_at_or_above_its_lower_bound(project, pins):
    versions = dict(line.split("==") for line in pins)
    declared = list(project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        declared += [line for line in extra if not line.startswith(layout.DISTRIBUTION)]
    for line in declared:
        name, bound = re.fullmatch(r"([a-z0-9-]+)>=([0-9.]+)", line).groups()
        assert name in versions, f"{name} is not pinned: make constraints"
        assert numbers(versions[name]) >= numbers(bound), line


def test_every_installed_dependency_is_pinned(pins):
    """Follow what the packages themselves require, as far as it applies here."""
    from importlib import metadata

    from packaging.requirements import Requirement

    versions = dict(line.split("==") for line in pins)
    required = set()
    for name, version in versions.items():
        try:
            if metadata.version(name) != version:
                continue  # other versions may require other things
        except metadata.PackageNotFoundError:
            continue  # for another system, or for the benchmarks
        for line in map(Requirement, metadata.requires(name) or []):
            if line.marker is None or line.marker.evaluate({"extra": ""}):
                required.add(re.sub(r"[-_.]+", "-", line.name).lower())
    assert required - set(versions) == set()


def test_every_pin_runs_on_the_oldest_python(project, pins):
    """A Debian's Python may be the very first of its minor version, or close to it."""
    from importlib import metadata

    from packaging.specifiers import SpecifierSet

    oldest = re.fullmatch(r">=([0-9.]+)", project["project"]["requires-python"])[1] + ".0"
    asks = {}
    for name, version in (line.split("==") for line in pins):
        try:
            if metadata.version(name) == version:
                asks[name] = metadata.metadata(name).get("Requires-Python")
        except metadata.PackageNotFoundError:
            continue  # for another system, or for the benchmarks
    assert len(asks) > 50
    assert [name for name, ask in asks.items() if oldest not in SpecifierSet(ask or "")] == []


def numbers(version):
    return [int(part) for part in re.findall(r"\d+", version)]


# ----------------------------------------------------------------------- wheel
def test_the_wheel_carries_the_course(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    root = layout.checkout()
    for folder, inside in (("course", ""), ("notebooks", "course/material/")):
        for path in (root / folder).rglob("*"):
            name = path.relative_to(root).as_posix()
            hidden = any(part.startswith((".", "__pycache__")) for part in path.parts[-4:])
            if path.is_file() and not hidden and not name.endswith((".pyc", "~")):
                assert inside + name in names
    assert any(name.endswith("jupyter_server_config.d/course.json") for name in names)
    for name in ("LICENSE", "LICENSE-CONTENT", "LICENSE-Droid", "LICENSE-DejaVu"):
        assert any(entry.endswith(f"/{name}") for entry in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", ".ci/"))]


def test_the_wheel_alone_lays_the_course_out(alone, tmp_path):
    answer = run(alone, "-m", "course.cli", "lab", "here", "--no-open", cwd=tmp_path)
    assert answer.returncode == 1  # JupyterLab is not there, and it says so
    assert "Traceback" not in answer.stderr
    assert f'-m pip install "{layout.DISTRIBUTION}[lab]"' in answer.stderr
    for name, source in layout.material().items():
        assert (tmp_path / "here" / name).read_bytes() == source.read_bytes()
    again = run(alone, "-m", "course.cli", "lab", "here", cwd=tmp_path)
    assert again.stdout == ""


def test_the_wheel_alone_is_examined_without_a_traceback(alone, tmp_path):
    answer = run(alone, "-m", "course.cli", "doctor", cwd=tmp_path)
    assert answer.returncode == 1
    assert "PROBLEM  jupyterlab" in answer.stdout
    assert answer.stderr == ""


def test_the_wheel_switches_the_server_extension_on(alone):
    path = alone.parents[1] / "etc" / "jupyter" / "jupyter_server_config.d" / "course.json"
    assert '"course.server": true' in path.read_text()


# ----------------------------------------------------------------------- words
def test_the_readme_promises_only_commands_that_exist():
    root = layout.checkout()
    readme, makefile = (root / "README.md").read_text(), (root / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    promised = set(re.findall(r"(?:^|`|\s)make ([a-z]+)\b(?=[`\s]|$)", code_of(readme)))
    assert {"lab", "test"} <= promised
    assert promised <= targets
    promised = set(re.findall(r"\bcourse (?!/)([a-z]+)\b", code_of(readme)))
    (choices,) = (a.choices for a in cli._parser()._actions if a.dest == "command")
    assert {"lab", "doctor", "grade", "release"} <= promised
    assert promised <= set(choices)


def code_of(markdown):
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", markdown, flags=re.DOTALL))


def test_the_install_line_of_a_checkout_uses_the_pins():
    assert "-c constraints.txt" in install_line()
