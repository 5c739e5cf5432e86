"""A real JupyterLab and a real Chromium, for tests, benchmarks and screenshots."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@dataclass
class Lab:
    """Hold a running JupyterLab server."""

    url: str
    token: str
    root: Path
    log: list[str] = field(default_factory=list)

    def page_url(self, notebook: str) -> str:
        """Return the address that opens a notebook alone in a fresh workspace."""
        workspace = f"t{secrets.token_hex(4)}"
        return f"{self.url}/lab/workspaces/{workspace}/tree/{notebook}?token={self.token}"


@contextlib.contextmanager
def running_lab(root: Path, config: Path, *, extra: tuple[str, ...] = ()) -> Iterator[Lab]:
    """Run JupyterLab on ``root`` with its settings in ``config``; stop it in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(8)
    (config / "labconfig").mkdir(parents=True, exist_ok=True)
    # nbgrader comes with the tests, not with the course: a learner's Lab has none of its panels
    disabled = {
        "@jupyterlab/apputils-extension:announcements": True,
        "@jupyter/nbgrader": True,
        "@jupyter-notebook/lab-extension": True,
    }
    (config / "labconfig" / "page_config.json").write_text(
        json.dumps({"disabledExtensions": disabled})
    )
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(config / "data"),
        "JUPYTER_RUNTIME_DIR": str(config / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(config / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(config / "workspaces"),
        "IPYTHONDIR": str(config / "ipython"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser"]
    command += [f"--port={port}", "--ip=127.0.0.1", f"--IdentityProvider.token={token}"]
    command += [f"--ServerApp.root_dir={root}", "--ServerApp.port_retries=0", *extra]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    server = subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lab = Lab(f"http://127.0.0.1:{port}", token, root)
    assert server.stdout is not None
    drain = threading.Thread(target=lambda: lab.log.extend(server.stdout), daemon=True)  # type: ignore[arg-type]
    drain.start()
    try:
        _wait_for(f"{lab.url}/api?token={token}", server, lab)
        yield lab
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
        drain.join(5)
        server.stdout.close()


def _wait_for(url: str, server: subprocess.Popen[str], lab: Lab) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("JupyterLab stopped:\n" + "".join(lab.log[-20:]))
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise RuntimeError("JupyterLab did not answer in a minute:\n" + "".join(lab.log[-20:]))


@contextlib.contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run headless Chromium; close it in the end."""
    path = find_chromium()
    if path is None:
        raise RuntimeError(f"no Chromium on this machine (looked for {', '.join(CHROMIUM_NAMES)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        try:
            yield browser
        finally:
            browser.close()
