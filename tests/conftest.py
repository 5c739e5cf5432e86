"""Fixtures for all tests."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# The benchmarks' own tests start browsers and competitors: they run only when asked for.
collect_ignore = [] if os.environ.get("COURSE_TEST_BENCHMARKS") else ["test_benchmarks.py"]


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the checkout."""
    return ROOT


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a notebook of code cells into tmp_path."""

    def write(*sources: str, name: str = "tiny.ipynb", tags: dict[int, list[str]] | None = None):
        cells = []
        for number, source in enumerate(sources):
            metadata = {"tags": tags[number]} if tags and number in tags else {}
            cells.append(
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "id": f"c{number}",
                    "metadata": metadata,
                    "outputs": [],
                    "source": source,
                }
            )
        path = tmp_path / name
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    return write


@pytest.fixture(autouse=True)
def _no_user_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the tests away from the Jupyter configuration of whoever runs them."""
    if "JUPYTER_CONFIG_DIR" not in os.environ:
        monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter-config"))
