"""Lesson 3 in a real JupyterLab: predictions open explorers, which obey, step and play."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

NEURON = "Values forward, gradients backward: one edge per step"
ERRORS = "How wrong is a difference quotient? Its error against the step h"
COST = "What do all the derivatives cost? Forward against reverse accumulation"
EXPLORERS = {NEURON: 2, ERRORS: 1, COST: 1}  # heading: how often it stands in the lesson
VEIL = ".course-veil:visible"


def lock(question):
    question.scroll_into_view_if_needed()
    if question.locator("input[type=radio]").count():
        question.locator("input[type=radio]").first.check()
    else:
        question.locator("input[type=text]").fill("0.5")
    question.locator("button[type=submit]").click()
    question.locator(".course-verdict").wait_for()


@pytest.fixture(scope="module")
def notebook(open_notebook):
    """Open and run the lesson, and lock an answer to every prediction."""
    opened = open_notebook("notebooks/03_chain_rule.ipynb")
    opened.run_all()
    assert opened.errors() == []
    questions = opened.page.locator(".course-stage:has(.course-question)")
    assert questions.count() == 10
    neuron = stage(opened, NEURON)
    for i in range(10):
        # the first neuron waits for the step's question and all five typed numbers
        if 1 <= i < 6:
            assert neuron.locator(VEIL).count() == 1
        lock(questions.nth(i))
    neuron.locator(VEIL).wait_for(state="detached")
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
        assert one.locator("circle.course-hit").count() == 1
        assert one.locator(VEIL).count() == 0
        assert one.locator('[role="alert"]:visible').count() == 0


@pytest.mark.parametrize("heading", EXPLORERS)
def test_a_slider_and_the_handle_change_it(notebook, heading):
    one = stage(notebook, heading)
    before = summary(one)
    one.locator('input[type="range"]').first.focus()
    notebook.page.keyboard.press("ArrowLeft")
    before = wait_until_changed(notebook, one, before)
    handle = one.locator("circle.course-hit")
    handle.focus()
    notebook.page.keyboard.press("Shift+ArrowLeft")
    before = wait_until_changed(notebook, one, before)
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    notebook.page.mouse.move(x, y)
    notebook.page.mouse.down()
    notebook.page.mouse.move(x - 40, y, steps=4)
    notebook.page.mouse.up()
    wait_until_changed(notebook, one, before)


@pytest.mark.parametrize(
    ("heading", "number", "last"), [(NEURON, 0, 9), (NEURON, 1, 11), (ERRORS, 0, 30)]
)
def test_it_steps_and_plays_to_its_end(notebook, heading, number, last):
    one = stage(notebook, heading, number)
    one.get_by_label("Go to the start").click()
    readout = one.locator(".course-transport output")
    assert f"step 0 of {last}" in readout.inner_text()
    one.get_by_label("One step forward").click()
    assert f"step 1 of {last}" in readout.inner_text()
    one.get_by_label("Play", exact=True).click()
    for _ in range(150):
        if f"step {last} of {last}" in readout.inner_text():
            break
        notebook.page.wait_for_timeout(100)
    assert f"step {last} of {last}" in readout.inner_text()


def test_the_words_of_the_first_and_the_last_step(notebook):
    one = stage(notebook, NEURON, 1)
    scene = one.locator("svg.course-scene")
    one.get_by_label("Go to the start").click()
    assert "Forward: the inputs are given." in scene.text_content()
    assert "Backward" not in scene.text_content()
    for _ in range(11):
        one.get_by_label("One step forward").click()
    assert "∂L/∂x = ∂L/∂u · ∂u/∂x" in scene.text_content()


def test_another_graph_brings_its_own_nodes(notebook):
    one = stage(notebook, NEURON, 1)
    before = summary(one)
    one.locator("select").first.select_option("one unit read twice")
    assert "u feeds two nodes" in wait_until_changed(notebook, one, before)
    assert "tanh(u)" in one.locator("svg.course-scene").text_content()


def test_the_console_is_clean(notebook):
    assert notebook.own_console_errors() == []
