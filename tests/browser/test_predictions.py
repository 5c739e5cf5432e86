"""Predictions in JupyterLab: nothing is given away, nothing that was locked is lost."""

from __future__ import annotations

import json

import nbformat
import pytest

pytestmark = pytest.mark.browser

PLACE = """
def scene(figure, theme):
    ax = figure.add_axes((0.1, 0.1, 0.8, 0.8), xlim=(0, 10), ylim=(0, 1))
    return {"p": ax}
where = Predict("Where? Place the marker.", answer=(57 / 8, 0.5), tolerance=1,
                reason="Just there," + " and nowhere else.", scene=scene, key="toy/place")
where
"""
SLIP = """
slip = Predict("2 + 2?", options=("3", "4"), answer=1, reason="Count it on" + " four fingers.")
print(slip.reason)
"""
CELLS = {
    "define": """
import os
os.environ["COURSE_PROGRESS"] = STORE
import numpy as np
from course.explorers import Explorer, Handle, Predict, Slider, View
from course.plots import marks as mk

class Toy(Explorer):
    heading = "A toy"
    dials = (Slider("a", "height", 0.5, 0.0, 1.0, 0.1),)
    grips = (Handle("tip", "The tip", "p", y="a"),)

    def draw_background(self, figure, theme):
        return {"p": figure.add_axes((0.1, 0.1, 0.8, 0.8), xlim=(0, 10), ylim=(0, 1))}

    def compute(self, a):
        return a

    def view(self, record, **_):
        line = np.column_stack([np.linspace(0, 10, 11), np.full(11, record)])
        return View([mk.line(line, "p", "loss")], f"The secret" + f" height is {record:g}.",
                    places={"tip": (10, record)})
""",
    "choice": """
choice = Predict("2 + 2?", options=("3", "4"), answer=1, key="toy/choice",
                 reason="Count it with" + " four fingers.")
choice
""",
    "gated": "gated = Toy(after=choice)\ngated",
    "print": 'with choice.reveal():\n    print("it is four" + " indeed")',
    "number": """
number = Predict("2 · 2?", answer=33 / 8, key="toy/number",
                 reason="Count that with" + " four fingers.")
number
""",
    "place": PLACE.strip(),
}


@pytest.fixture
def toy(lab, tmp_path):
    """Return a function that writes a notebook with questions and with what waits for them."""

    def written(name, **changes):
        store = repr(str(tmp_path / "progress.sqlite"))
        sources = {name: source.replace("STORE", store) for name, source in CELLS.items()} | changes
        cells = [nbformat.v4.new_code_cell(s.strip(), id=name) for name, s in sources.items()]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, lab.root / name)
        return name

    return written


def test_predictions_outlive_everything(toy, open_notebook, lab):
    path = toy("questions.ipynb")
    page = open_notebook(path)
    page.run_all()
    assert page.errors() == []
    page.stage("gated").wait_for_veil()
    assert page.stage("choice").root.locator("label").all_inner_texts() == ["(a) 3", "(b) 4"]

    page.stage("choice").lock()
    page.stage("number").lock("3")
    page.stage("place").lock()
    page.stage("gated").wait_until_open()
    assert page.stage("gated").drawn().summary() == "The secret height is 0.5."
    page.page.get_by_text("it is four indeed").wait_for()
    verdicts = {name: verdict(page, name) for name in ("choice", "number", "place")}
    assert "You predicted (a) “3”. The answer is (b) “4”." in verdicts["choice"]

    for _ in range(2):  # Run All does not ask again
        page.run_all()
        check_locked(page, verdicts)

    page.reload()  # without a save: what ran is in no file
    check_locked(page, verdicts)
    stage = page.stage("gated").drawn()
    stage.handle("The tip").press("ArrowUp")
    stage.wait_for_summary("0.6")
    assert page.kernel("gated.value") == {"a": pytest.approx(0.6)}

    page.command("docmanager:save")
    again = open_notebook(path)  # saved and opened once more
    again.reload()
    check_locked(again, verdicts)

    again.restart()
    again.run_all()
    check_locked(again, verdicts)
    saved = json.loads((lab.root / path).read_text(encoding="utf-8"))
    assert "widgets" not in saved["metadata"]

    again.stage("choice").button("Clear and predict again").click()
    again.stage("gated").wait_for_veil()
    again.stage("choice").button("Lock my prediction").wait_for()
    assert not again.stage("choice").root.get_by_role("radio", checked=True).count()
    again.stage("choice").lock()
    again.stage("gated").wait_until_open()
    assert again.own_console_errors() == []


def test_an_answer_that_is_given_away_is_found(toy, open_notebook):
    page = open_notebook(toy("slip.ipynb", place=SLIP))
    with pytest.raises(AssertionError, match="Count it on four fingers"):
        page.run_all()


@pytest.mark.parametrize("width", [390, 1024])
def test_by_finger(toy, open_notebook, width):
    page = open_notebook(toy(f"by_finger_{width}.ipynb"), width=width, touch=True)
    page.command("application:toggle-left-area")
    page.run_all()
    place = page.stage("place")
    place.handle("Your prediction").wait_for(state="attached")
    hit = place.handle("Your prediction").bounding_box()
    assert min(hit["width"], hit["height"]) > 43
    x, y = place.middle(place.root.locator(".course-scene"))
    place.button("Lock my prediction").tap()
    place.root.get_by_text("Put the marker on the picture first.").wait_for()
    x, y = place.middle(place.root.locator(".course-scene"))
    page.page.touchscreen.tap(x + 40, y)
    page.kernel_until("where.placed", bool)
    assert page.kernel("where._place[0]") > 5.4
    place.button("Lock my prediction").tap()
    place.root.locator(".course-verdict", has_text="The answer is (7.125, 0.5)").wait_for()

    page.stage("choice").root.get_by_text("(a) 3").tap()
    page.stage("choice").button("Lock my prediction").tap()
    gated = page.stage("gated").drawn()
    x, y = gated.middle(gated.root.locator(".course-scene"))
    page.page.touchscreen.tap(x, y - 30)
    page.kernel_until("gated.value['a']", lambda a: a > 0.5)


def verdict(page, name):
    return page.stage(name).root.locator(".course-verdict").inner_text()


def check_locked(page, verdicts):
    for name, words in verdicts.items():
        page.until(lambda name=name: verdict(page, name), lambda now, w=words: now == w, what=name)
    page.stage("gated").wait_until_open()
