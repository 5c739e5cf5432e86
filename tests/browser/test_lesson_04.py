"""Lesson 4 in a real JupyterLab: every explorer appears, obeys slider and handle, and plays."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

STEPS = "The δ recursion, one product at a time"
PUBLISHED = "The published step, one product at a time"
DEPTH = "Depth: what is left of δ, layer by layer"
DIGITS = "What it gets wrong"
EXPLORERS = {
    STEPS: 1,
    PUBLISHED: 1,
    DEPTH: 1,
    DIGITS: 1,
}  # heading: how often it stands in the lesson


@pytest.fixture(scope="module")
def notebook(open_notebook):
    """Open and run the lesson, and lock an answer to every prediction."""
    opened = open_notebook("notebooks/04_delta_recursion.ipynb")
    opened.run_all()
    assert opened.errors() == []
    opened.lock_every_prediction(5)
    return opened


@pytest.mark.parametrize("heading", EXPLORERS)
def test_every_explorer_appears_open(notebook, heading):
    assert notebook.headings().count(heading) == EXPLORERS[heading]
    for number in range(EXPLORERS[heading]):
        one = notebook.titled(heading, number)
        assert len(one.paths()) > 2
        assert not one.is_veiled()
        assert one.alerts() == []


@pytest.mark.parametrize("heading", [STEPS, PUBLISHED, DEPTH])
def test_a_slider_changes_it(notebook, heading):
    one = notebook.titled(heading)
    before = one.summary()
    one.slider.press("ArrowLeft")
    one.wait_for_summary_other_than(before)


def test_the_switch_shows_the_published_bug(notebook):
    one = notebook.titled(PUBLISHED)
    one.toggle.uncheck()
    one.wait_for_summary("All 12 slopes agree")
    one.button("Reset").click()
    one.wait_for_summary("6 of 12 slopes differ")
    assert one.root.get_by_text("≠").count() == 6


def test_the_scale_is_a_handle(notebook):
    one = notebook.titled(DEPTH)
    before = one.summary()
    one.handle("Initial scale").press("Shift+ArrowLeft")
    before = one.wait_for_summary_other_than(before)
    one.drag("Initial scale", -40)
    one.wait_for_summary_other_than(before)


def test_other_digits_can_be_shown(notebook):
    one = notebook.titled(DIGITS)
    numbers = one.root.locator(".course-numbers")
    before = numbers.text_content()
    one.choose("digits that are", "right, with most doubt")
    notebook.until(numbers.text_content, lambda words: words != before)


@pytest.mark.parametrize("heading", [STEPS, DEPTH])
def test_play_reaches_the_end(notebook, heading):
    notebook.titled(heading).play_through()


def test_the_progress_bar_is_full(notebook):
    assert notebook.titled("Progress: epochs").summary() == "epochs: 30 of 30"


def test_the_console_is_clean(notebook):
    assert notebook.own_console_errors() == []
