"""Lesson 3 in a real JupyterLab: predictions open explorers, which obey, step and play."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

NEURON = "Values forward, gradients backward: one edge per step"
ERRORS = "How wrong is a difference quotient? Its error against the step h"
COST = "What do all the derivatives cost? Forward against reverse accumulation"
EXPLORERS = {NEURON: 2, ERRORS: 1, COST: 1}  # heading: how often it stands in the lesson


@pytest.fixture(scope="module")
def notebook(open_notebook):
    """Open and run the lesson, and lock an answer to every prediction."""
    opened = open_notebook("notebooks/03_chain_rule.ipynb")
    opened.run_all()
    assert opened.errors() == []
    neuron = opened.titled(NEURON)
    for i, prediction in enumerate(opened.predictions(12)):
        # the first neuron waits for the step's question and all seven typed numbers
        if 1 <= i < 8:
            assert neuron.is_veiled()
        prediction.lock()
    neuron.wait_until_open()
    return opened


@pytest.mark.parametrize("heading", EXPLORERS)
def test_every_explorer_appears_open(notebook, heading):
    assert notebook.headings().count(heading) == EXPLORERS[heading]
    for number in range(EXPLORERS[heading]):
        one = notebook.titled(heading, number)
        assert len(one.paths()) > 3
        assert len(one.labels()) == 1
        assert not one.is_veiled()
        assert one.alerts() == []


@pytest.mark.parametrize("heading", EXPLORERS)
def test_a_slider_and_the_handle_change_it(notebook, heading):
    one = notebook.titled(heading)
    before = one.summary()
    one.slider.press("ArrowLeft")
    before = one.wait_for_summary_other_than(before)
    (label,) = one.labels()
    one.handle(label).press("Shift+ArrowLeft")
    before = one.wait_for_summary_other_than(before)
    one.drag(label, -40)
    one.wait_for_summary_other_than(before)


@pytest.mark.parametrize(
    ("heading", "number", "last"), [(NEURON, 0, 9), (NEURON, 1, 11), (ERRORS, 0, 30)]
)
def test_it_steps_and_plays_to_its_end(notebook, heading, number, last):
    one = notebook.titled(heading, number)
    assert one.last == last
    one.play_through()


def test_the_words_of_the_first_and_the_last_step(notebook):
    one = notebook.titled(NEURON, 1)
    scene = one.root.locator(".course-scene")
    one.button("Go to the start").click()
    assert "Forward: the inputs are given." in scene.text_content()
    assert "Backward" not in scene.text_content()
    for _ in range(11):
        one.button("One step forward").click()
    assert "∂L/∂x = ∂L/∂u · ∂u/∂x" in scene.text_content()


def test_another_graph_brings_its_own_nodes(notebook):
    one = notebook.titled(NEURON, 1)
    before = one.summary()
    one.choose("graph", "one unit read twice")
    assert "u feeds two nodes" in one.wait_for_summary_other_than(before)
    assert "tanh(u)" in one.root.locator(".course-scene").text_content()


def test_the_console_is_clean(notebook):
    assert notebook.own_console_errors() == []
