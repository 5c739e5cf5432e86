"""An exercise notebook in real JupyterLab: wrong answers on purpose, and what the panels say."""

from __future__ import annotations

import pytest

from course.exercises.bank import questions

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sheet(open_notebook):
    """Open the exercises of lesson 1 and run them as they are handed out."""
    notebook = open_notebook("exercises/01_losses.ipynb")
    notebook.run_all()
    assert notebook.errors() == []
    return notebook


def panel(sheet, name, answer):
    """Write an answer, run it and its check, and return the words of the panel."""
    sheet.write(name, answer)
    sheet.run(name, f"{name}-check")
    found = sheet.cell(f"{name}-check").locator(".course-outcome")
    found.wait_for(state="visible")
    return found.inner_text()


def points(sheet, name):
    sheet.run(f"{name}-points")
    return float(sheet.cell(f"{name}-points").locator(".jp-OutputArea-output").inner_text())


def test_a_stub_is_not_begun(sheet):
    found = sheet.cell("mse-check").locator(".course-outcome")
    found.get_by_text("not begun yet").wait_for()
    assert points(sheet, "mse") == 0


@pytest.mark.parametrize("mistake", questions()["mse"].mistakes, ids=lambda m: m.name)
def test_a_wrong_answer_is_told_its_mistake(sheet, mistake):
    question = questions()["mse"]
    words = panel(sheet, "mse", question.edited(*mistake.edits))
    assert "not right yet" in words
    assert mistake.sentence in words
    assert points(sheet, "mse") == pytest.approx(question.points * mistake.credit)


def test_an_error_shows_the_learners_own_line(sheet):
    answer = "def bce(y, p):\n    p = np.clip(p, 0, 1)\n    return p @ np.ones(99)"
    words = panel(sheet, "bce", answer)
    assert "ValueError" in words
    assert "line 3 of your cell" in words
    assert "return p @ np.ones(99)" in words
    assert "exercises/attempt.py" not in words


def test_a_loop_without_end_is_stopped_and_the_kernel_lives(sheet):
    answer = "def bce_gradient_z(y, z):\n    while True:\n        pass"
    words = panel(sheet, "bce_gradient_z", answer)
    assert "had not come back" in words
    assert sheet.kernel("1 + 1") == 2


def test_a_right_answer_is_right(sheet):
    question = questions()["mse"]
    words = panel(sheet, "mse", question.solution)
    assert words.startswith("mse: right")
    assert points(sheet, "mse") == question.points
    assert sheet.errors() == []


def test_progress_is_shown(sheet):
    sheet.run("progress")
    assert "Your progress" in sheet.cell("progress").inner_text()
