"""Lesson 4 in a real JupyterLab: every explorer appears, obeys slider and handle, and plays."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

STEPS = "The δ recursion, one product at a time"
DEPTH = "Depth: what is left of δ, layer by layer"
DIGITS = "What it gets wrong"
EXPLORERS = {STEPS: 2, DEPTH: 1, DIGITS: 1}  # heading: how often it stands in the lesson


@pytest.fixture(scope="module")
def notebook(open_notebook):
    """Open and run the lesson, and lock an answer to every prediction."""
    opened = open_notebook("notebooks/04_delta_recursion.ipynb")
    opened.run_all()
    assert opened.errors() == []
    questions = opened.page.locator(".course-stage:has(.course-question button[type=submit])")
    assert questions.count() == 5
    for i in range(questions.count()):
        question = questions.nth(i)
        question.scroll_into_view_if_needed()
        question.locator("input[type=radio]").first.check()
        question.locator("button[type=submit]").click()
        question.get_by_text("You predicted").first.wait_for()
    return opened


def stage(notebook, heading, number=0):
    found = notebook.page.locator(f'.course-stage[aria-label="{heading}"]').nth(number)
    found.scroll_into_view_if_needed()
    # a cell far from the window is drawn only now
    found.locator("svg.course-scene path").first.wait_for(state="attached")
    return found


def summary(one):
    return one.locator('[role="status"]').first.inner_text()


def wait_until_changed(notebook, one, before):
    for _ in range(150):
        if summary(one) != before:
            return summary(one)
        notebook.page.wait_for_timeout(100)
    raise AssertionError(f"still says {before!r}")


def play_to_the_end(notebook, one):
    one.scroll_into_view_if_needed()
    one.get_by_label("Go to the start").click()
    readout = one.locator(".course-transport output")
    start, last = re.fullmatch(r"step (\d+) of (\d+)", readout.inner_text()).groups()
    assert start == "0"
    assert int(last) > 1
    one.get_by_label("One step forward").click()
    assert f"step 1 of {last}" in readout.inner_text()
    one.get_by_label("Play", exact=True).click()
    for _ in range(200):
        if f"step {last} of {last}" in readout.inner_text():
            return
        notebook.page.wait_for_timeout(100)
    raise AssertionError(f"it stopped at {readout.inner_text()}")


@pytest.mark.parametrize("heading", EXPLORERS)
def test_every_explorer_appears_open(notebook, heading):
    for number in range(EXPLORERS[heading]):
        one = stage(notebook, heading, number)
        assert one.locator("svg.course-scene path").count() > 2
        assert "Lock your prediction" not in one.inner_text()
        assert one.locator('[role="alert"]:visible').count() == 0


@pytest.mark.parametrize("heading", [STEPS, DEPTH])
def test_a_slider_changes_it(notebook, heading):
    one = stage(notebook, heading)
    before = summary(one)
    one.locator('input[type="range"]').first.focus()
    notebook.page.keyboard.press("ArrowLeft")
    wait_until_changed(notebook, one, before)


def test_the_switch_shows_the_published_bug(notebook):
    one = stage(notebook, STEPS)
    one.get_by_role("button", name="Reset").click()
    one.locator('[role="status"]', has_text="All 12 slopes agree").first.wait_for()
    before = summary(one)
    one.locator('input[type="checkbox"]').first.check()
    words = wait_until_changed(notebook, one, before)
    assert "6 of 12 slopes differ" in words
    assert one.get_by_text("≠").count() == 6


def test_the_scale_is_a_handle(notebook):
    one = stage(notebook, DEPTH)
    handle = one.locator("circle.course-hit").first
    handle.focus()
    before = summary(one)
    notebook.page.keyboard.press("Shift+ArrowLeft")
    before = wait_until_changed(notebook, one, before)
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    notebook.page.mouse.move(x, y)
    notebook.page.mouse.down()
    notebook.page.mouse.move(x - 40, y, steps=4)
    notebook.page.mouse.up()
    wait_until_changed(notebook, one, before)


def test_other_digits_can_be_shown(notebook):
    one = stage(notebook, DIGITS)
    numbers = one.locator(".course-numbers")
    before = numbers.inner_text()
    if one.locator("select").count():
        one.locator("select").select_option(index=1)
    else:
        one.locator('input[type="radio"]').nth(1).check()
    for _ in range(150):
        if numbers.inner_text() != before:
            return
        notebook.page.wait_for_timeout(100)
    raise AssertionError("the digits are the same")


@pytest.mark.parametrize("heading", [STEPS, DEPTH])
def test_play_reaches_the_end(notebook, heading):
    play_to_the_end(notebook, stage(notebook, heading))


def test_the_progress_bar_is_full(notebook):
    bar = stage(notebook, "Progress: epochs")
    assert summary(bar) == "epochs: 30 of 30"


def test_the_console_is_clean(notebook):
    assert notebook.own_console_errors() == []
