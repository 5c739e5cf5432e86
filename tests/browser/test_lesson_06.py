"""Lesson 6 in a real JupyterLab: every explorer appears, obeys slider and handle, and plays."""

from __future__ import annotations

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
        opened.stage(cell).wait_for_veil()
    opened.lock_every_prediction(7)
    return opened


@every_explorer
def test_every_explorer_appears_open(notebook, cell):
    one = notebook.stage(cell).drawn()
    assert len(one.paths()) > 4
    assert not one.is_veiled()
    assert one.alerts() == []


@every_explorer
def test_a_slider_moves_the_picture(notebook, cell):
    one = notebook.stage(cell).drawn()
    before = one.paths()
    one.slider.press("ArrowRight")
    one.wait_for_change(before)


@every_explorer
def test_its_handle_moves_by_mouse_and_by_keys(notebook, cell):
    one = notebook.stage(cell).drawn()
    label = EXPLORERS[cell]
    before = one.paths()
    one.drag(label, 24, -24 if cell != "l06-worst" else 30)
    before = one.wait_for_change(before)
    one.handle(label).press("Shift+ArrowLeft" if cell != "l06-worst" else "Shift+ArrowDown")
    one.wait_for_change(before)


@every_explorer
def test_play_reaches_the_end(notebook, cell):
    notebook.stage(cell).drawn().play_through()


def test_turning_the_race_names_who_notices(notebook):
    one = notebook.stage("l06-race").drawn()
    one.button("Reset").click()
    words = one.wait_for_summary("Turned by 45°")
    assert "unchanged for gradient descent, momentum and Nesterov; it departs" in words


def test_the_progress_bar_is_full(notebook):
    assert notebook.stage("l06-bar").drawn().summary() == "rules tuned: 7 of 7"


def test_the_console_is_clean(notebook):
    assert notebook.own_console_errors() == []
