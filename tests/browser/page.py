"""A notebook as the learner has it on a page: run it, drag and type, read what it says."""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

from playwright.sync_api import Locator, Page

from tests.browser.lab import Lab
from tests.browser.stage_on_page import StageOnPage

PATIENCE = 30.0  # seconds, for a busy machine
Answer = TypeVar("Answer")


class Notebook:
    """One notebook open in JupyterLab: run it, reach its explorers, read what went wrong."""

    def __init__(self, page: Page, lab: Lab, path: str) -> None:
        self.page, self.path = page, path
        self.console: list[str] = []
        page.on("console", lambda m: self.console.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: self.console.append(f"pageerror: {e}"))
        self.received: list[str | bytes] = []  # from the kernel
        page.on(
            "websocket",
            lambda socket: socket.on("framereceived", lambda frame: self.received.append(frame)),
        )
        page.goto(lab.page_url(path))
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the notebook can run: an earlier command would be silently lost."""
        page = self.page
        page.wait_for_function(
            """() => {
                const panel = window.jupyterapp?.shell?.currentWidget;
                const session = panel?.sessionContext?.session;
                const ready = panel?.sessionContext?.isReady;
                return Boolean(ready && session?.kernel?.status === "idle");
            }""",
            timeout=90_000,
        )
        page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.info"
        )

    def reload(self) -> None:
        """Load the page again, without a save, and wait until its widgets are there.

        JupyterLab's widget manager gives a kernel two seconds to send its widgets; a busy machine
        may need another try.
        """
        for _ in range(4):
            self.console.clear()
            self.page.reload()
            self.wait_until_ready()
            lost = self.page.get_by_text("Error displaying widget")
            self.page.locator(".course-stage").or_(lost).first.wait_for(state="attached")
            loading = self.page.get_by_text("Loading widget...")
            self.until(loading.count, lambda left: left == 0, what="widgets that still load")
            if not lost.count():
                return
        raise AssertionError("the widgets did not come back")

    def restart(self) -> None:
        """Restart the kernel and wait until it is ready."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )
        self.wait_until_ready()

    def command(self, name: str) -> None:
        """Run a JupyterLab command and wait until it is done."""
        self.page.evaluate(
            "async (name) => { await window.jupyterapp.commands.execute(name) }", name
        )

    def set_theme(self, theme: str) -> None:
        """Switch JupyterLab to its light or dark theme."""
        name = f"JupyterLab {theme.title()}"
        self.page.evaluate(
            """async (theme) => {
                await window.jupyterapp.commands.execute("apputils:change-theme", { theme });
            }""",
            name,
        )
        wanted = "true" if theme == "light" else "false"
        self.page.wait_for_selector(f'body[data-jp-theme-light="{wanted}"]', state="attached")

    def run_all(self, timeout: float = 120) -> None:
        """Run every cell, wait until the kernel is idle again, and see that it told no answer."""
        self.command("notebook:run-all-cells")
        self.wait_idle(timeout)
        told = self.given_away()
        assert not told, f"given away: {told}"

    def given_away(self) -> list[str]:
        """Return what the kernel has told of predictions that are not locked."""
        before = self.page.locator("body").inner_text()
        sources = self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
                .map((c) => c.source).join("\\n")"""
        )
        frames = b"\n".join(f.encode() if isinstance(f, str) else f for f in self.received)
        told = {
            secret
            for secret in self.kernel(_SECRETS)
            if secret not in sources  # such as the head of a table
            and (
                secret in before
                or json.dumps(secret)[1:-1].encode() in frames
                or secret.encode() in frames
            )
        }
        self.received.clear()  # what was asked now
        return sorted(told)

    def wait_idle(self, timeout: float = 60) -> None:
        """Wait until every code cell has a count (or one failed) and the kernel is idle."""
        self.page.wait_for_function(
            """() => {
                const panel = window.jupyterapp.shell.currentWidget;
                const cells = panel.content.model.sharedModel.cells;
                const done = cells.every((c) => c.cell_type !== "code" || !c.source.trim() ||
                    (c.execution_count !== null && c.executionState !== "running"));
                // after an error JupyterLab does not run the cells that follow
                const failed = cells.some((c) =>
                    (c.outputs ?? []).some((o) => o.output_type === "error"));
                return (done || failed) && panel.sessionContext.session.kernel.status === "idle";
            }""",
            timeout=timeout * 1000,
        )

    def cell(self, name: str) -> Locator:
        """Scroll to the cell with this id and return its element.

        Cells above it may still grow and push it out of the part that is drawn: scroll again.
        """

        def scroll() -> Locator:
            index = self.page.evaluate(
                """async (name) => {
                    const { content } = window.jupyterapp.shell.currentWidget;
                    const index = content.model.sharedModel.cells.findIndex((c) => c.id === name);
                    await content.scrollToItem(index, "start");
                    return index;
                }""",
                name,
            )
            return self.page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')

        return self.until(scroll, lambda cell: cell.count() == 1, what=f"the cell {name}")

    def write(self, name: str, source: str) -> None:
        """Replace the source of the cell with this id, as a learner types it."""
        self.page.evaluate(
            """([name, source]) => {
                const { model } = window.jupyterapp.shell.currentWidget.content;
                const cell = model.sharedModel.cells.find((c) => c.id === name);
                cell.setSource(source);
            }""",
            [name, source],
        )

    def run(self, *names: str, timeout: float = 30) -> None:
        """Run cells, by their ids, one after the other."""
        for name in names:
            self.page.evaluate(
                """async (name) => {
                    const { content } = window.jupyterapp.shell.currentWidget;
                    const cells = content.model.sharedModel.cells;
                    content.activeCellIndex = cells.findIndex((c) => c.id === name);
                    content.deselectAll();
                    await window.jupyterapp.commands.execute("notebook:run-cell");
                }""",
                name,
            )
            self.wait_idle(timeout)

    def stage(self, name: str) -> StageOnPage:
        """Scroll to the explorer or prediction of a cell and return it."""
        return StageOnPage(self, self.cell(name).locator(".course-stage"))

    def titled(self, heading: str, number: int = 0) -> StageOnPage:
        """Scroll to the explorer with this heading (of several, this one) and return it drawn."""
        found = self.page.locator(f'.course-stage[aria-label="{heading}"]')
        return StageOnPage(self, found.nth(number)).drawn()

    def headings(self) -> list[str]:
        """Return the headings of all explorers and predictions, from top to bottom."""
        return self.page.locator(".course-stage").evaluate_all(
            "all => all.map((one) => one.getAttribute('aria-label'))"
        )

    def predictions(self, count: int) -> list[StageOnPage]:
        """Return the predictions, from top to bottom; there must be so many."""
        found = self.page.locator(".course-stage:has(.course-question button[type=submit])")
        self.until(found.count, lambda seen: seen == count, what="the number of predictions")
        return [StageOnPage(self, found.nth(i)) for i in range(count)]

    def lock_every_prediction(self, count: int) -> None:
        """Lock an answer to every prediction, from top to bottom; there must be so many."""
        for prediction in self.predictions(count):
            prediction.lock()

    def count_cells(self) -> int:
        """Return the number of cells."""
        return self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.content.model.cells.length"
        )

    def kernel(self, expression: str) -> Any:
        """Return what the kernel makes of an expression, through JSON."""
        reply = self.page.evaluate(
            """async (code) => {
                const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
                const asked = { code: "import json", user_expressions: { it: code } };
                const future = kernel.requestExecute({ ...asked, silent: true });
                return (await future.done).content.user_expressions.it;
            }""",
            f"json.dumps({expression.strip()})",
        )
        if reply["status"] != "ok":
            raise RuntimeError(f"{reply['ename']}: {reply['evalue']}")
        return json.loads(ast.literal_eval(reply["data"]["text/plain"]))

    def kernel_until(self, expression: str, holds: Callable[[Any], bool]) -> Any:
        """Ask the kernel again and again until the answer is as wanted; return it."""
        return self.until(lambda: self.kernel(expression), holds, what=expression)

    def until(
        self,
        ask: Callable[[], Answer],
        holds: Callable[[Answer], bool],
        *,
        what: str = "it",
    ) -> Answer:
        """Ask again and again until the answer is as wanted; return it."""
        end = time.monotonic() + PATIENCE
        while not holds(value := ask()):
            assert time.monotonic() < end, f"{what} is still {value!r}"
            self.page.wait_for_timeout(20)
        return value

    def errors(self) -> list[str]:
        """Return the errors in the cells' outputs."""
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
                .flatMap((c) => c.outputs ?? []).filter((o) => o.output_type === "error")
                .map((o) => `${o.ename}: ${o.evalue}`)"""
        )

    def own_console_errors(self) -> list[str]:
        """Return console errors that come from our code."""
        ours = ("course", "stage", "anywidget", "pageerror", "widget")
        return [
            line
            for line in self.console
            if line.startswith(("error", "pageerror"))
            and any(word in line.lower() for word in ours)
        ]


#: what nobody may see yet: reasons, and the lines of what waits for a prediction
_SECRETS = """
(lambda line: [
    line(words)
    for widget in list(__import__("ipywidgets").widgets.widget._instances.values())
    for words in (
        [widget.reason] if hasattr(widget, "reason") and not widget.locked
        else widget.revealed.splitlines()[bool(widget.title):] if getattr(widget, "veil", "")
        else []
    )
    if len(line(words)) > 12
])(str.strip)
"""
