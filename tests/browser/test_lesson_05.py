"""Lesson 5 in a real JupyterLab: every explorer appears, obeys control and handle, and plays."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CLOUD = "A cloud of minibatch gradients around the full gradient"
PATHS = "SGD against full-batch descent: the path, and the floor of noise"
CURVES = "Training with each batch size: equal updates, or equal work?"
EXPLORERS = (CLOUD, PATHS, CURVES)


@pytest.fixture(scope="module")
def notebook(open_notebook):
    """Open and run the lesson, see that explorers are veiled, and lock every prediction."""
    opened = open_notebook("notebooks/05_stochastic_gradient_descent.ipynb")
    opened.run_all()
    assert opened.errors() == []
    for heading in EXPLORERS:
        opened.titled(heading).wait_for_veil()
    opened.lock_every_prediction(9)
    return opened


@pytest.mark.parametrize("heading", EXPLORERS)
def test_every_explorer_appears_open(notebook, heading):
    assert notebook.headings().count(heading) == 1
    one = notebook.titled(heading)
    assert len(one.paths()) > 2
    assert not one.is_veiled()
    assert one.alerts() == []


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
    one = notebook.titled(heading)
    one.choose(label, option)
    one.wait_for_summary(words)


def test_the_rate_is_a_slider(notebook):
    one = notebook.titled(PATHS)
    before = one.summary()
    one.slider.press("ArrowRight")
    one.wait_for_summary_other_than(before)


def test_the_cloud_can_be_looked_at_more_closely(notebook):
    one = notebook.titled(CLOUD)
    before = one.paths()
    one.toggle.check()
    one.wait_for_change(before)
    one.toggle.uncheck()


@pytest.mark.parametrize("heading", [CLOUD, PATHS])
def test_the_parameters_are_a_handle(notebook, heading):
    one = notebook.titled(heading)
    one.button("Reset").click()
    (label,) = one.labels()
    before = one.place(label)
    one.handle(label).press("Shift+ArrowLeft")
    before = one.wait_for_place_other_than(label, before)
    one.drag(label, -30, -20)
    one.wait_for_place_other_than(label, before)


@pytest.mark.parametrize("heading", EXPLORERS)
def test_play_reaches_the_end(notebook, heading):
    notebook.titled(heading).play_through()


def test_the_progress_bar_is_full(notebook):
    assert notebook.titled("Progress: batch sizes").summary() == "batch sizes: 6 of 6"


def test_the_console_is_clean(notebook):
    assert notebook.own_console_errors() == []
