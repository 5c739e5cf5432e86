"""Lesson 5 in a real JupyterLab: every explorer appears, obeys control and handle, and plays."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

CLOUD = "A cloud of minibatch gradients around the full gradient"
PATHS = "SGD against full-batch descent: the path, and the floor of noise"
CURVES = "Training with each batch size: equal updates, or equal work?"
EXPLORERS = (CLOUD, PATHS, CURVES)
QUESTIONS = 8
VEIL = "Lock your prediction"


def answer(question):
    """Lock an answer to one prediction."""
    question.scroll_into_view_if_needed()
    if question.locator("input[type=radio]").count():
        question.locator("input[type=radio]").first.check()
    else:
        question.locator("input").first.fill("4")
    question.locator("button[type=submit]").click()
    question.get_by_text("You predicted").first.wait_for()


@pytest.fixture(scope="module")
def notebook(open_notebook):
    """Open and run the lesson, see that explorers are veiled, and lock every prediction."""
    opened = open_notebook("notebooks/05_stochastic_gradient_descent.ipynb")
    opened.run_all()
    assert opened.errors() == []
    for heading in EXPLORERS:
        veiled = opened.page.locator(f'.course-stage[aria-label="{heading}"]')
        veiled.scroll_into_view_if_needed()
        veiled.get_by_text(VEIL).wait_for()
    questions = opened.page.locator(".course-stage:has(.course-question button[type=submit])")
    assert questions.count() == QUESTIONS
    for i in range(QUESTIONS):
        answer(questions.nth(i))
    return opened


def stage(notebook, heading):
    found = notebook.page.locator(f'.course-stage[aria-label="{heading}"]').first
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


def place(handle):
    """Return where the kernel says that a handle stands."""
    return handle.get_attribute("aria-valuetext")


def wait_until_moved(notebook, handle, before):
    for _ in range(150):
        if place(handle) != before:
            return place(handle)
        notebook.page.wait_for_timeout(100)
    raise AssertionError(f"still at {before}")


def select(one, label, option):
    one.locator(".course-control", has_text=label).locator("select").select_option(option)


@pytest.mark.parametrize("heading", EXPLORERS)
def test_every_explorer_appears_open(notebook, heading):
    one = stage(notebook, heading)
    assert one.locator("svg.course-scene path").count() > 2
    assert VEIL not in one.inner_text()
    assert one.locator('[role="alert"]:visible').count() == 0


@pytest.mark.parametrize(
    ("heading", "label", "option", "words"),
    [
        (CLOUD, "batch size", "128", "B = 128, with replacement"),
        (CLOUD, "drawn", "without replacement", "without replacement"),
        (PATHS, "batch size", "1", "B = 1, "),
        (PATHS, "schedule", "cosine to 0", "cosine to 0"),
        (PATHS, "compare at equal", "examples seen", r"after \d updates"),
        (CURVES, "x axis", "epochs", "At 10 epochs"),
        (CURVES, "highlight", "64", "All of B = 64"),
    ],
)
def test_a_choice_changes_it(notebook, heading, label, option, words):
    one = stage(notebook, heading)
    select(one, label, option)
    one.locator('[role="status"]', has_text=re.compile(words)).first.wait_for()


def test_the_rate_is_a_slider(notebook):
    one = stage(notebook, PATHS)
    before = summary(one)
    one.locator('.course-control input[type="range"]').first.focus()
    notebook.page.keyboard.press("ArrowRight")
    wait_until_changed(notebook, one, before)


def test_the_cloud_can_be_looked_at_more_closely(notebook):
    one = stage(notebook, CLOUD)
    paths = (
        "[...root.querySelectorAll('.course-scene path')].map((p) => p.getAttribute('d')).join()"
    )
    before = one.evaluate(f"root => {paths}")
    one.locator('input[type="checkbox"]').check()
    for _ in range(150):
        if one.evaluate(f"root => {paths}") != before:
            break
        notebook.page.wait_for_timeout(100)
    else:
        raise AssertionError("nothing moved")
    one.locator('input[type="checkbox"]').uncheck()


@pytest.mark.parametrize("heading", [CLOUD, PATHS])
def test_the_parameters_are_a_handle(notebook, heading):
    one = stage(notebook, heading)
    one.get_by_role("button", name="Reset").click()
    handle = one.locator("circle.course-hit").first
    handle.focus()
    before = place(handle)
    notebook.page.keyboard.press("Shift+ArrowLeft")
    before = wait_until_moved(notebook, handle, before)
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    notebook.page.mouse.move(x, y)
    notebook.page.mouse.down()
    notebook.page.mouse.move(x - 30, y - 20, steps=4)
    notebook.page.mouse.up()
    wait_until_moved(notebook, handle, before)


@pytest.mark.parametrize("heading", EXPLORERS)
def test_play_reaches_the_end(notebook, heading):
    one = stage(notebook, heading)
    one.get_by_label("Go to the start").click()
    readout = one.locator(".course-transport output")
    start, last = re.fullmatch(r"step (\d+) of (\d+)", readout.inner_text()).groups()
    assert start == "0"
    assert int(last) > 1
    one.get_by_label("One step forward").click()
    assert f"step 1 of {last}" in readout.inner_text()
    one.get_by_label("One step back").click()
    assert f"step 0 of {last}" in readout.inner_text()
    one.get_by_label("Play", exact=True).click()
    for _ in range(200):
        if f"step {last} of {last}" in readout.inner_text():
            return
        notebook.page.wait_for_timeout(100)
    raise AssertionError(f"it stopped at {readout.inner_text()}")


def test_the_progress_bar_is_full(notebook):
    assert summary(stage(notebook, "Progress: batch sizes")) == "batch sizes: 6 of 6"


def test_the_console_is_clean(notebook):
    assert notebook.own_console_errors() == []
