"""Fixtures of the browser tests: one JupyterLab and one Chromium for all of them."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.lab import Lab
    from tests.browser.page import Notebook

REPOSITORY = Path(__file__).parents[2]
HAS_PLAYWRIGHT = importlib.util.find_spec("playwright") is not None
collect_ignore = [] if HAS_PLAYWRIGHT else ["lab.py", "page.py"]  # doctest would import it


def what_is_missing() -> str:
    """Say what these tests need and this machine has not."""
    if not HAS_PLAYWRIGHT:
        return "no playwright in this environment"
    from tests.browser.lab import find_chromium

    return "" if find_chromium() else "no Chromium on this machine"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Run JupyterLab on a copy of the notebooks, so that tests change nothing here."""
    if missing := what_is_missing():
        words = f"{missing}: the browser tests did not run"
        if os.environ.get("COURSE_REQUIRE_BROWSER"):
            pytest.fail(words)
        pytest.skip(words)
    from tests.browser.lab import running_lab

    root = tmp_path_factory.mktemp("lab")
    for folder in ("notebooks", "exercises"):
        shutil.copytree(REPOSITORY / folder, root / folder)
    with running_lab(root, tmp_path_factory.mktemp("config")) as server:
        yield server


@pytest.fixture(scope="session")
def chromium(lab: Lab) -> Iterator[Browser]:
    """Run one headless Chromium for the session."""
    from tests.browser.lab import running_chromium

    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def open_notebook(lab: Lab, chromium: Browser) -> Iterator[Callable[..., Notebook]]:
    """Return a function that opens a notebook in a page of its own."""
    from tests.browser.page import Notebook

    pages = []

    def opened(path: str, width: int = 1280, height: int = 900, touch: bool = False) -> Notebook:
        page = chromium.new_page(viewport={"width": width, "height": height}, has_touch=touch)
        pages.append(page)
        return Notebook(page, lab, path)

    yield opened
    for page in pages:
        page.close()
