"""Lesson 1 in a real JupyterLab: every explorer appears, obeys slider and handle, and plays."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

EXPLORERS = {
    # heading: how often it stands in the lesson
    "One target, one prediction: three losses and their slopes": 3,
    "One outlier: the mean follows it, the median does not": 1,
    "The learning slow-down: one neuron, x = 1, y = 0": 1,
}


@pytest.fixture(scope="module")
def notebook(open_notebook):
    """Open and run the lesson, and lock an answer to every prediction."""
    opened = open_notebook("notebooks/01_losses.ipynb")
    opened.run_all()
    assert opened.errors() == []
    questions = opened.page.locator(".course-stage:has(.course-question button[type=submit])")
    for i in range(questions.count()):
        question = questions.nth(i)
        question.scroll_into_view_if_needed()
        if question.locator("input[type=radio]").count():
            question.locator("input[type=radio]").first.check()
        else:
            question.locator("input[type=text]").fill("3")
        question.locator("button[type=submit]").click()
    return opened


def stage(notebook, heading, number=0):
    found = notebook.page.locator(f'.course-stage[aria-label="{heading}"]').nth(number)
    found.scroll_into_view_if_needed()
    return found


def summary(one):
    return one.locator('[role="status"]').first.inner_text()


def wait_until_changed(notebook, one, before):
    for _ in range(100):
        if summary(one) != before:
            return summary(one)
        notebook.page.wait_for_timeout(100)
    raise AssertionError(f"still says {before!r}")


@pytest.mark.parametrize("heading", EXPLORERS)
def test_every_explorer_appears_open(notebook, heading):
    for number in range(EXPLORERS[heading]):
        one = stage(notebook, heading, number)
        assert one.locator("svg.course-scene path").count() > 3
        assert one.locator("circle.course-hit").count() >= 1
        assert "Lock your prediction" not in one.inner_text()
        assert one.locator('[role="alert"]:visible').count() == 0


@pytest.mark.parametrize("heading", EXPLORERS)
def test_a_slider_and_every_handle_change_it(notebook, heading):
    one = stage(notebook, heading)
    before = summary(one)
    one.locator('.course-control input[type="range"], input[type="range"]').first.focus()
    notebook.page.keyboard.press("ArrowLeft")
    before = wait_until_changed(notebook, one, before)
    handles = one.locator("circle.course-hit")
    for i in range(handles.count()):
        handle = handles.nth(i)
        handle.focus()
        notebook.page.keyboard.press("Shift+ArrowLeft")
        before = wait_until_changed(notebook, one, before)
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        notebook.page.mouse.move(x, y)
        notebook.page.mouse.down()
        notebook.page.mouse.move(x - 40, y, steps=4)
        notebook.page.mouse.up()
        before = wait_until_changed(notebook, one, before)


def test_the_slow_down_plays_to_its_end(notebook):
    one = stage(notebook, "The learning slow-down: one neuron, x = 1, y = 0")
    one.get_by_label("Go to the start").click()
    readout = one.locator(".course-transport output")
    assert "step 0 of 300" in readout.inner_text()
    one.get_by_label("One step forward").click()
    assert "step 1 of 300" in readout.inner_text()
    one.get_by_label("Play", exact=True).click()
    for _ in range(200):
        if "step 300 of 300" in readout.inner_text():
            break
        notebook.page.wait_for_timeout(100)
    assert "step 300 of 300" in readout.inner_text()


def test_the_console_is_clean(notebook):
    assert notebook.own_console_errors() == []
