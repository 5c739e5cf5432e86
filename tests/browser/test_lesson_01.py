"""Lesson 1 in a real JupyterLab: every explorer appears, obeys slider and handle, and plays."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SLOW_DOWN = "One neuron, two losses: x = 1, y = 0"
EXPLORERS = {
    # heading: how often it stands in the lesson
    "One target, one prediction: three losses and their slopes": 3,
    "One outlier, and the two best constants": 1,
    SLOW_DOWN: 1,
}


@pytest.fixture(scope="module")
def notebook(open_notebook):
    """Open and run the lesson, and lock an answer to every prediction."""
    opened = open_notebook("notebooks/01_losses.ipynb")
    opened.run_all()
    assert opened.errors() == []
    opened.lock_every_prediction(6)
    return opened


@pytest.mark.parametrize("heading", EXPLORERS)
def test_every_explorer_appears_open(notebook, heading):
    assert notebook.headings().count(heading) == EXPLORERS[heading]
    for number in range(EXPLORERS[heading]):
        one = notebook.titled(heading, number)
        assert len(one.paths()) > 3
        assert len(one.labels()) >= 1
        assert not one.is_veiled()
        assert one.alerts() == []


@pytest.mark.parametrize("heading", EXPLORERS)
def test_a_slider_and_every_handle_change_it(notebook, heading):
    one = notebook.titled(heading)
    before = one.summary()
    one.slider.press("ArrowLeft")
    before = one.wait_for_summary_other_than(before)
    for label in one.labels():
        one.handle(label).press("Shift+ArrowLeft")
        before = one.wait_for_summary_other_than(before)
        one.drag(label, -40)
        before = one.wait_for_summary_other_than(before)


def test_the_slow_down_plays_to_its_end(notebook):
    one = notebook.titled(SLOW_DOWN)
    assert one.last == 300
    one.play_through()


def test_the_console_is_clean(notebook):
    assert notebook.own_console_errors() == []
