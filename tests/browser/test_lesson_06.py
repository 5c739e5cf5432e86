"""Lesson 6 in a real JupyterLab: every explorer appears, obeys slider and handle, and plays."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

NAME = "notebooks/06_adaptive_learning_rates.ipynb"
#: cell of each explorer: labels of its handles
EXPLORERS = {
    "l06-plane": "α λmax and β",
    "l06-correction-explorer": "Window 1/(1 − β₁)",
    "l06-race": "Start",
    "l06-sensitivity": "Learning rate α",
    "l06-worst": "Start",
}
#: prediction: the explorer that it keeps closed
GATES = {
    "l06-predict-first": "l06-correction-explorer",
    "l06-predict-turn": "l06-race",
    "l06-predict-game": "l06-worst",
}
every_explorer = pytest.mark.parametrize("cell", EXPLORERS)


@pytest.fixture(scope="module")
def notebook(open_notebook):
    """Open and run the lesson, and lock an answer to every prediction."""
    opened = open_notebook(NAME)
    opened.run_all()
    assert opened.errors() == []
    for cell in GATES.values():
        opened.stage(cell).root.get_by_text("Lock your prediction").wait_for()
    questions = opened.page.locator(".course-stage:has(.course-question button[type=submit])")
    assert questions.count() == 7
    for i in range(questions.count()):
        question = questions.nth(i)
        question.scroll_into_view_if_needed()
        if question.locator("input[type=radio]").count():
            question.locator("input[type=radio]").first.check()
        else:
            question.locator("input").first.fill("10")
        question.locator("button[type=submit]").click()
        question.get_by_text("predicted").first.wait_for()
    return opened


def stage(notebook, cell):
    found = notebook.stage(cell)
    found.root.scroll_into_view_if_needed()
    found.root.locator("svg.course-scene path").first.wait_for(state="attached")
    return found


def summary(one):
    return one.root.locator('[role="status"]').first.inner_text()


@every_explorer
def test_every_explorer_appears_open(notebook, cell):
    one = stage(notebook, cell)
    assert one.root.locator("svg.course-scene path").count() > 4
    assert "Lock your prediction" not in one.root.inner_text()
    assert one.root.locator('[role="alert"]:visible').count() == 0


@every_explorer
def test_a_slider_moves_the_picture(notebook, cell):
    one = stage(notebook, cell)
    before = one.paths()
    one.root.locator('.course-controls input[type="range"]').first.focus()
    notebook.page.keyboard.press("ArrowRight")
    one.wait_for_change(before)


@every_explorer
def test_its_handle_moves_by_mouse_and_by_keys(notebook, cell):
    one = stage(notebook, cell)
    label = EXPLORERS[cell]
    before = one.paths()
    one.drag(label, 24, -24 if cell != "l06-worst" else 30)
    before = one.wait_for_change(before)
    one.handle(label).focus()
    notebook.page.keyboard.press("Shift+ArrowLeft" if cell != "l06-worst" else "Shift+ArrowDown")
    one.wait_for_change(before)


@every_explorer
def test_play_reaches_the_end(notebook, cell):
    one = stage(notebook, cell)
    one.root.get_by_label("Go to the start").click()
    assert one.step() == 0
    one.root.get_by_label("One step forward").click()
    assert one.step() == 1
    one.root.get_by_label("Play", exact=True).click()
    for _ in range(200):
        if one.step() == one.last:
            return
        notebook.page.wait_for_timeout(100)
    raise AssertionError(f"it stopped at step {one.step()} of {one.last}")


def test_turning_the_race_names_who_notices(notebook):
    one = stage(notebook, "l06-race")
    one.button("Reset").click()
    for _ in range(100):
        words = summary(one)
        if "Turned by 45°" in words:
            break
        notebook.page.wait_for_timeout(100)
    assert re.search(r"unchanged for gradient descent, momentum and Nesterov; it departs", words)


def test_the_progress_bar_is_full(notebook):
    assert summary(stage(notebook, "l06-bar")) == "rules tuned: 7 of 7"


def test_the_console_is_clean(notebook):
    assert notebook.own_console_errors() == []
