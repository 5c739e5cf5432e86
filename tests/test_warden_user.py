"""Without bubblewrap, root can have submissions run as another user; with it there is no need."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from course.grading.sandbox import Warden, bubblewrap

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no zygote here")


def started(monkeypatch: pytest.MonkeyPatch, warden: Warden) -> dict[str, Any]:
    """Return what a warden starts its zygote with."""
    seen: dict[str, Any] = {}
    real = subprocess.Popen

    def popen(words: list[str], **more: Any) -> Any:
        seen.update(more)
        return real(["true"], stdin=more["stdin"])

    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", popen)
        warden._start()
    warden.stop()
    return seen


def test_submissions_run_as_the_user_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = started(monkeypatch, Warden(sandbox=False, user=65534))
    assert (seen["user"], seen["group"], seen["extra_groups"]) == (65534, 65534, [])


def test_by_default_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = started(monkeypatch, Warden(sandbox=False))
    assert (seen["user"], seen["group"], seen["extra_groups"]) == (None, None, None)


def test_bubblewrap_needs_no_other_user() -> None:
    if bubblewrap() is None:
        pytest.skip("bubblewrap does not work here")
    assert Warden(user=65534).user is None
