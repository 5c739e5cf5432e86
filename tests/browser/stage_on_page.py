"""One explorer or prediction on a page: see it, drag, type, press keys, play it through."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Locator

if TYPE_CHECKING:
    from tests.browser.page import Notebook


class StageOnPage:
    """One explorer or prediction as the learner has it: see, drag, type, press keys."""

    def __init__(self, notebook: Notebook, root: Locator) -> None:
        self.notebook, self.page, self.root = notebook, notebook.page, root

    def drawn(self) -> StageOnPage:
        """Scroll to it, wait until it is drawn, or asks for a prediction first, and return it."""
        self.root.scroll_into_view_if_needed()
        # a cell far from the window is drawn only now
        drawn = self.root.locator(".course-scene path")
        drawn.or_(self.root.locator(".course-veil:visible")).first.wait_for(state="attached")
        return self

    # -- words ------------------------------------------------------------------------------

    def summary(self) -> str:
        """Return the words below the picture, which a screen reader is told."""
        # the inner text of a cell that has just come into the window is empty
        return self.root.locator(".course-summary[role=status]").text_content() or ""

    def wait_for_summary(self, pattern: str) -> str:
        """Wait until such words stand below the picture; return all of them."""
        return self.notebook.until(self.summary, lambda words: bool(re.search(pattern, words)))

    def wait_for_summary_other_than(self, before: str) -> str:
        """Wait until other words stand below the picture; return them."""
        return self._other_than(before, self.summary)

    def _other_than(self, before: str, ask: Callable[[], str]) -> str:
        """Wait until the answer is another one and stays; return it."""

        def settled() -> str:
            now = ask()
            self.page.wait_for_timeout(200)  # the rest of a drag arrives
            return now if ask() == now else before

        return self.notebook.until(settled, lambda now: now != before)

    def alerts(self) -> list[str]:
        """Return the warnings and errors that it shows."""
        return self.root.locator("[role=alert]:visible").all_inner_texts()

    def is_veiled(self) -> bool:
        """Say whether it asks for a prediction first."""
        return self.root.locator(".course-veil").is_visible()

    def wait_for_veil(self) -> None:
        """Wait until it asks for a prediction first and shows nothing else."""
        self.root.locator(".course-veil", has_text="Lock your prediction").wait_for()
        assert not self.root.locator(".course-body").is_visible()

    def wait_until_open(self) -> None:
        """Wait until it no longer asks for a prediction first."""
        self.root.locator(".course-body").wait_for()
        assert not self.is_veiled()

    # -- predictions ------------------------------------------------------------------------

    def lock(self, typed: str = "3") -> None:
        """Choose the first option, point at the picture or type this; lock it."""
        self.root.scroll_into_view_if_needed()
        if self.root.get_by_role("radio").count():
            self.root.get_by_role("radio").first.check()
        elif self.labels():
            x, y = self.middle(self.root.locator(".course-scene"))
            self.page.mouse.click(x + 60, y - 20)
            self.page.wait_for_function("s => s.dataset.echo", arg=self.root.element_handle())
        else:
            self.root.get_by_label("Your prediction").fill(typed)
        self.button("Lock my prediction").click()
        self.root.locator(".course-verdict", has_text="You predicted").wait_for()

    # -- pictures ---------------------------------------------------------------------------

    def paths(self) -> list[str]:
        """Return what is drawn: the outline of every mark."""
        return self.root.evaluate(f"root => {_PATHS}")

    def wait_for_change(self, paths: list[str]) -> list[str]:
        """Wait until something else is drawn; return it."""
        root = self.root.element_handle()
        self.page.wait_for_function(
            f"([root, old]) => JSON.stringify({_PATHS}) !== JSON.stringify(old)", arg=[root, paths]
        )
        return self.paths()

    def wait_for_paths(self, paths: list[str]) -> None:
        """Wait until just this is drawn."""
        root = self.root.element_handle()
        self.page.wait_for_function(
            f"([root, wanted]) => JSON.stringify({_PATHS}) === JSON.stringify(wanted)",
            arg=[root, paths],
        )

    # -- handles and controls ---------------------------------------------------------------

    def handle(self, label: str) -> Locator:
        """Return the handle with this label."""
        return self.root.locator(f'.course-hit[aria-label="{label}"]')

    def labels(self) -> list[str]:
        """Return the labels of the handles."""
        return self.root.locator(".course-hit").evaluate_all(
            "hits => hits.map((hit) => hit.getAttribute('aria-label'))"
        )

    def place(self, label: str) -> str:
        """Return where the kernel says that a handle stands."""
        return self.handle(label).get_attribute("aria-valuetext") or ""

    def wait_for_place_other_than(self, label: str, before: str) -> str:
        """Wait until a handle stands elsewhere; return where."""
        return self._other_than(before, lambda: self.place(label))

    def middle(self, part: Locator) -> tuple[float, float]:
        """Return the middle of an element on the page, scrolled into view."""
        part.scroll_into_view_if_needed()
        box = part.bounding_box()
        assert box is not None, "it is not visible"
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, label: str, dx: float, dy: float = 0) -> None:
        """Drag a handle by the mouse so many pixels right and down."""
        x, y = self.middle(self.handle(label))
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=5)
        self.page.mouse.up()

    def button(self, label: str) -> Locator:
        """Return the button with this label or text."""
        return self.root.get_by_role("button", name=label, exact=True)

    @property
    def slider(self) -> Locator:
        """The first slider of the controls."""
        return self.root.locator(".course-controls input[type=range]").first

    @property
    def toggle(self) -> Locator:
        """The switch among the controls."""
        return self.root.locator(".course-controls input[type=checkbox]")

    def choose(self, label: str, option: str) -> None:
        """Choose an option in the control with this label."""
        self.root.get_by_role("combobox", name=label).select_option(option)

    # -- steps ------------------------------------------------------------------------------

    def step(self) -> int:
        """Return the step that is shown."""
        return int(self.scrubber.input_value())

    @property
    def scrubber(self) -> Locator:
        """The slider of the steps."""
        return self.root.get_by_label("Step", exact=True)

    @property
    def last(self) -> int:
        """The last step."""
        return int(self.scrubber.get_attribute("max") or 0)

    def readout(self) -> str:
        """Return what it says about the step."""
        return self.root.locator(".course-transport output").text_content() or ""

    def play_through(self) -> None:
        """Go to the start, one step forward and back, and play: each must arrive.

        It plays from the start, and from near the end, but not through all that lies between.
        """
        last = self.last
        assert last > 1
        for label, step in [("Go to the start", 0), ("One step forward", 1), ("One step back", 0)]:
            self.button(label).click()
            assert self.readout() == f"step {step} of {last}"
            assert self.step() == step
        self.button("Play").click()
        self.notebook.until(self.step, lambda step: step > 0)
        self.scrubber.fill(str(last - 1 - last // 8))
        assert self.step() == last - 1 - last // 8  # it has stopped
        self.button("Play").click()
        self.notebook.until(self.readout, lambda words: words == f"step {last} of {last}")
        assert self.step() == last
        assert self.button("Play").is_visible()  # it has stopped


_PATHS = "[...root.querySelectorAll('.course-scene path')].map((p) => p.getAttribute('d'))"
