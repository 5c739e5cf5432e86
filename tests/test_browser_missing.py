"""The browser tests where there is no browser: a named skip, or a failure where it is required."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
ONE_TEST = "tests/browser/test_stage.py::test_the_server_extension_is_on"
HIDE_PLAYWRIGHT = """
import importlib.util, sys
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "playwright" else real(name, *rest)
sys.modules["playwright"] = None
"""


@pytest.mark.parametrize(
    ("hidden", "words", "required"),
    [
        ("", "no Chromium on this machine", True),
        (HIDE_PLAYWRIGHT, "no playwright in this environment", True),
        ("", "no Chromium on this machine", False),
    ],
    ids=["chromium required", "playwright required", "chromium"],
)
def test_what_is_missing_is_said(hidden, words, required, tmp_path):
    environment = os.environ | {"PATH": str(tmp_path)}  # no program is found there
    environment.pop("COURSE_REQUIRE_BROWSER", None)
    if required:
        environment["COURSE_REQUIRE_BROWSER"] = "1"
    options = ["-p", "no:cacheprovider", "-p", "no:nbval", "-o", "addopts=--import-mode=importlib"]
    arguments = [ONE_TEST, "-rsfE", "-q", *options]
    code = f"{hidden}\nimport sys, pytest\nsys.exit(pytest.main({arguments!r}))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert f"{words}: the browser tests did not run" in run.stdout, run.stdout + run.stderr
    assert ("1 error" if required else "1 skipped") in run.stdout
    assert run.returncode == (1 if required else 0)
