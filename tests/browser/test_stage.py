"""The Stage in JupyterLab and Chromium: errors, themes, two views, restarts, saved notebooks."""

from __future__ import annotations

import base64
import io
import json
import urllib.request

import nbformat
import pytest
from PIL import Image

pytestmark = pytest.mark.browser

CELLS = {
    "define": """
import numpy as np
from course.explorers import Choice, Explorer, Handle, Predict, Slider, Toggle, View
from course.plots import marks as mk

class Toy(Explorer):
    heading = "A toy"
    dials = (
        Slider("a", "slope", 0.5, 0.0, 1.0, 0.1),
        Slider("quarter", "quarters", 1.0, 0.25, 2.0, 0.25),
        Slider("rate", "rate", 0.15, 0.01, 3.0, 0.05, scale="log"),
        Slider("count", "count", 1000, 1, 10_000, 0.05, scale="log"),
        Choice("luck", "luck", "good", ("good", "bad")),
        Toggle("on", "switch"),
    )
    grips = (Handle("tip", "The tip", "p", y="a"),)

    def draw_background(self, figure, theme):
        ink = "black" if theme == "light" else "white"
        ax = figure.add_axes((0.1, 0.1, 0.8, 0.8), xlim=(0, 10), ylim=(0, 1))
        ax.plot([0, 10], [0, 1], color=ink)
        return {"p": ax}

    def compute(self, a, luck, **_):
        if luck == "bad":
            raise ValueError("the luck ran out")
        return a

    def view(self, record, **_):
        x = np.linspace(0, 10, 11)
        xy = np.column_stack([x, record * x / 10])
        marks = [mk.line(xy, "p", "loss"), mk.points(xy, "p", "path", timing="current")]
        numbers = np.column_stack([np.arange(11), xy])
        told = f"The slope is {record:g}."
        line = "step {0:d} at ({1:.2f}, {2:.2f})"
        return View(marks, told, line, numbers, {"tip": (10, record)})
""",
    "toy": "toy = Toy()\ntoy",
    "again": "toy",
    "choice": 'choice = Predict("2 + 2?", options=("3", "4"), answer=1, reason="Count.")\nchoice',
    "number": 'number = Predict("2 · 2?", answer=4, reason="Count.")\nnumber',
}


def has_error_frame(notebook):
    words = notebook.page.locator(".jp-Notebook").inner_text()
    return "Error displaying widget" in words or "model not found" in words


def pictures(notebook):
    """The sizes of the pictures that the notebook shows in its outputs."""
    images = notebook.page.locator('.jp-OutputArea img[src^="data:image/png"]')
    images.first.wait_for()
    return images.evaluate_all("all => all.map((i) => [i.naturalWidth, i.width, i.height])")


@pytest.fixture(scope="module")
def page(lab, open_notebook):
    cells = [nbformat.v4.new_code_cell(source.strip(), id=name) for name, source in CELLS.items()]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, lab.root / "toy.ipynb")
    opened = open_notebook("toy.ipynb")
    opened.run_all()
    assert opened.errors() == []
    return opened


@pytest.fixture
def toy(page):
    """The first view of the toy, at its start."""
    stage = page.stage("toy")
    stage.root.wait_for()
    page.kernel("setattr(toy, 'value', toy._home)")
    page.kernel_until("toy.alert", lambda words: words == "")
    return stage


# ---------------------------------------------------------------------------- controls
def test_the_server_extension_is_on(lab):
    assert any("course.server | extension was successfully loaded" in line for line in lab.log)


@pytest.mark.parametrize(
    ("typed", "value", "shown"), [("0.7", 0.7, "0.7"), ("99", 1, "1"), ("-3", 0, "0")]
)
def test_a_typed_number_stays_inside_the_limits(page, toy, typed, value, shown):
    field = toy.root.get_by_role("spinbutton", name="slope")
    field.fill(typed)
    field.press("Enter")
    page.kernel_until("toy.value['a']", lambda v: v == value)
    page.page.wait_for_function(
        "([node, shown]) => node.value === shown", arg=[field.element_handle(), shown]
    )


@pytest.mark.parametrize(
    ("label", "name", "typed", "keys"),
    [
        ("quarters", "quarter", 1.1, {"ArrowRight": 1.25, "Home": 0.25, "End": 2}),
        ("rate", "rate", 0.12345, {"End": 3, "ArrowLeft": 2.95, "ArrowRight": 3, "Home": 0.01}),
        ("count", "count", 1437, {"ArrowRight": 1480, "End": 10_000, "Home": 1}),
    ],
)
def test_the_field_shows_what_is_computed_with(page, toy, label, name, typed, keys):
    field = toy.root.get_by_role("spinbutton", name=label)

    def both_say(value):
        page.kernel_until(f"toy.value['{name}']", lambda v: v == value)
        page.until(field.input_value, lambda shown: shown == str(value))

    field.fill(str(typed))
    field.press("Enter")
    both_say(typed)
    for key, value in keys.items():
        toy.root.get_by_role("slider", name=label).press(key)
        both_say(value)


def test_a_second_step_is_drawn_before_the_kernel_answers(page, toy):
    step = """async ([root, steps]) => {
        const input = root.querySelector('input[type="range"]');
        input.value = Number(input.value) + steps * 0.1;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        await Promise.resolve();  // no message can have come in between
        const line = [...root.querySelectorAll(".course-scene path")][0].getAttribute("d");
        return [JSON.parse(root.dataset.shown).a, line];
    }"""
    root = toy.root.element_handle()
    drawn = toy.paths()[0]

    def take(steps, slope):
        shown = page.page.evaluate(step, [root, steps])
        page.kernel_until("toy.value['a']", lambda v: abs(v - slope) < 1e-9)
        page.page.wait_for_function(
            "([root, slope]) => Math.abs(JSON.parse(root.dataset.shown).a - slope) < 1e-9",
            arg=[root, slope],
        )
        page.page.wait_for_timeout(300)  # it looks ahead
        return shown

    assert take(1, 0.6) == [0.5, drawn]  # the first step is asked for
    slope, line = take(1, 0.7)
    assert slope == 0.7
    assert line == toy.paths()[0]
    slope, back = take(-1, 0.6)
    assert slope == 0.6
    assert back == toy.paths()[0] != line
    assert take(3, 0.9) == [0.6, back]  # a jump is asked for


@pytest.mark.parametrize(
    ("focused", "move"),
    [
        (
            'input[type="range"]',
            'node.stepUp(); node.dispatchEvent(new Event("input", { bubbles: true }))',
        ),
        (
            ".course-hit",
            'node.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }))',
        ),
    ],
)
def test_what_has_the_focus_draws_its_first_step_at_once(page, toy, focused, move):
    part = toy.root.locator(focused).first
    part.focus()
    page.page.wait_for_timeout(500)  # it looks ahead
    before = toy.paths()[0]
    slope, line = page.page.evaluate(
        """async ([root, node]) => {
            MOVE;
            await Promise.resolve();  // no message can have come in between
            const line = root.querySelector(".course-scene path").getAttribute("d");
            return [JSON.parse(root.dataset.shown).a, line];
        }""".replace("MOVE", move),
        [toy.root.element_handle(), part.element_handle()],
    )
    assert slope == pytest.approx(0.6)
    page.kernel_until("toy.value['a']", lambda v: v == pytest.approx(0.6))
    assert line == toy.paths()[0] != before


def test_keys_held_down_end_where_they_should(page, toy):
    slider = toy.root.get_by_role("slider", name="slope")
    slider.focus()
    for _ in range(5):
        for key in ["ArrowRight"] * 4 + ["ArrowLeft"] * 4:
            slider.press(key)
            page.page.wait_for_timeout(15)
    handle = toy.handle("The tip")
    for _ in range(3):
        for key in ["ArrowUp"] * 3 + ["ArrowDown"] * 3:
            handle.press(key)
            page.page.wait_for_timeout(15)
    handle.press("ArrowUp")
    page.kernel_until("toy.value['a']", lambda v: abs(v - 0.6) < 1e-9)
    page.page.wait_for_timeout(300)
    assert json.loads(toy.root.get_attribute("data-shown"))["a"] == pytest.approx(0.6)
    assert slider.input_value() == "0.6"
    assert page.kernel("toy.alert") == ""


def test_an_emptied_field_shows_its_value_again(page, toy):
    field = toy.root.get_by_role("spinbutton", name="slope")
    field.fill("")
    field.press("Enter")
    assert field.input_value() == "0.5"
    assert page.kernel("toy.value['a']") == 0.5


def test_single_key_shortcuts_stay_quiet(page, toy):
    choice, number = page.stage("choice"), page.stage("number")
    controls = [
        toy.root.get_by_role("slider", name="slope"),
        toy.root.get_by_role("spinbutton", name="slope"),
        toy.root.locator("select"),
        toy.root.get_by_role("checkbox"),
        toy.button("Reset"),
        toy.button("Play"),
        toy.button("One step back"),
        toy.scrubber,
        toy.handle("The tip"),
        choice.root.get_by_role("radio").first,
        choice.button("Lock my prediction"),
        number.root.get_by_role("textbox"),
    ]
    count = page.count_cells()
    for control in controls:
        control.focus()
        assert control.evaluate("node => node === document.activeElement")
        for key in "abddx":
            page.page.keyboard.press(key)
        assert page.count_cells() == count, control
    # the same keys do something where no control has the focus
    page.cell("define").locator(".jp-InputPrompt").click()
    page.page.keyboard.press("b")
    page.page.wait_for_function(
        "n => window.jupyterapp.shell.currentWidget.content.model.cells.length === n", arg=count + 1
    )
    page.command("notebook:delete-cell")
    assert page.count_cells() == count


def test_controls_have_roles_and_names(toy):
    slider = toy.root.get_by_role("slider", name="The tip")
    assert slider.get_attribute("aria-valuenow") == "0.5"
    assert slider.get_attribute("aria-valuetext") == "slope 0.5"
    assert toy.root.locator(".course-summary").get_attribute("role") == "status"
    assert toy.root.get_attribute("aria-label") == "A toy"


# ------------------------------------------------------------------------- the readout
def test_the_page_and_the_saved_text_say_the_same_numbers(page, toy):
    line = "step {0:d}: {1:.4f} {1:.3g}"
    numbers = [0, 1 / 3, -1e-9, 9999.6, 123456789.125, -1e15, 2.264e125, -2.29e76, 1.7e308]
    rows = ", ".join(f"[{i}, {v!r}]" for i, v in enumerate(numbers))
    wild = f"[{rows}, [9, np.inf], [10, -np.inf], [11, np.nan]]"
    page.kernel(f"toy.present(View(toy.shown.marks, '', {line!r}, np.array({wild})))")
    page.page.wait_for_function("range => range.max === '11'", arg=toy.scrubber.element_handle())
    for step in range(12):
        toy.scrubber.fill(str(step))
        shown = toy.root.locator(".course-numbers").inner_text()
        assert shown == page.kernel(f"toy.line({step})")


# ------------------------------------------------------------------------------ errors
def test_an_error_is_told_in_words_and_the_picture_stays(page, toy):
    before = toy.paths()
    toy.root.locator("select").select_option("bad")
    alert = toy.root.locator(".course-alert")
    alert.wait_for(state="visible")
    assert "the luck ran out" in alert.inner_text()
    assert alert.get_attribute("role") == "alert"
    assert toy.paths() == before
    assert toy.root.locator("select").input_value() == "good"
    toy.handle("The tip").press("ArrowUp")
    alert.wait_for(state="hidden")
    assert page.kernel("toy.value['a']") == pytest.approx(0.6)


# --------------------------------------------------------------------------- two views
def test_two_views_follow_each_other(page, toy):
    twin = page.stage("again")
    assert twin.paths() == toy.paths()
    before = twin.paths()
    toy.drag("The tip", 0, 40)
    twin.wait_for_change(before)
    value = page.kernel_until("toy.value['a']", lambda v: v != 0.5)
    toy.wait_for_paths(twin.paths())
    twin.handle("The tip").press("ArrowUp")
    page.kernel_until("toy.value['a']", lambda v: v > value)
    toy.wait_for_paths(twin.paths())
    toy.button("Go to the start").click()
    page.page.wait_for_function("range => range.value === '0'", arg=twin.scrubber.element_handle())
    assert twin.paths() == toy.paths()
    toy.scrubber.press("End")


# -------------------------------------------------------------------------- light, dark
def test_another_theme_redraws_background_and_colours(page, toy):
    def look(stage):
        image = stage.root.locator(".course-scene image").get_attribute("href")
        mark = stage.root.locator(".course-scene path").last
        return image, mark.evaluate("node => getComputedStyle(node).fill")

    for theme in ("dark", "light"):
        before = look(toy)
        page.set_theme(theme)
        page.page.wait_for_function(
            "([node, old]) => node.getAttribute('href') !== old",
            arg=[toy.root.locator(".course-scene image").element_handle(), before[0]],
        )
        after = look(toy)
        assert toy.root.get_attribute("data-theme") == theme
        assert after[1] != before[1]
        assert page.kernel("toy.theme") == theme


def test_a_theme_that_changes_back_at_once_is_the_one_that_stays(page, toy):
    page.kernel("toy.observe(lambda change: toy.seen.append(change.new), 'theme')")
    page.kernel("setattr(toy, 'seen', [])")
    page.page.evaluate(
        """async () => {
            for (const light of ["false", "true"]) {
                document.body.dataset.jpThemeLight = light;
                await Promise.resolve();  // no answer can have come in between
            }
        }"""
    )
    page.kernel_until("toy.seen", lambda themes: themes[-2:] == ["dark", "light"])
    page.page.wait_for_timeout(500)
    assert page.kernel("toy.theme") == "light"
    page.kernel("toy.unobserve_all('theme')")


def test_the_page_that_is_worked_in_decides_on_the_theme(page, toy):
    image = toy.root.locator(".course-scene image")
    before = image.get_attribute("href")
    page.kernel("toy._change_theme('dark')")  # asked for by a page with another theme
    page.until(lambda: image.get_attribute("href"), lambda href: href != before)
    page.page.wait_for_timeout(500)
    assert page.kernel("toy.theme") == "dark"  # the pages do not quarrel
    toy.handle("The tip").focus()
    page.kernel_until("toy.theme", lambda theme: theme == "light")


# ----------------------------------------------------- restarted, saved, opened again
def test_a_page_loaded_again_while_the_kernel_lives(page, open_notebook, toy):
    page.kernel("setattr(toy, 'value', {'a': 0.8})")
    page.command("docmanager:save")
    other = open_notebook("toy.ipynb")
    other.reload()
    assert not has_error_frame(other)
    assert other.kernel("toy.value['a']") == 0.8  # the same kernel
    stage = other.stage("again")
    assert stage.drawn().summary() == "The slope is 0.8."
    stage.handle("The tip").press("ArrowUp")
    other.kernel_until("toy.value['a']", lambda v: v > 0.85)
    assert not has_error_frame(other)
    assert other.own_console_errors() == []


def test_what_is_saved_is_a_picture(lab, page):
    page.command("docmanager:save")
    text = (lab.root / "toy.ipynb").read_text()
    saved = json.loads(text)
    assert "widget-view" not in text
    assert "widgets" not in saved["metadata"]
    (output,) = next(c for c in saved["cells"] if c["id"] == "toy")["outputs"]
    assert set(output["data"]) == {"image/png", "text/plain"}
    assert "digest" in "".join(output["data"]["text/plain"])
    picture = Image.open(io.BytesIO(base64.b64decode("".join(output["data"]["image/png"]))))
    assert picture.width == 1320


def test_a_restarted_kernel_leaves_the_picture_and_says_what_to_run(page, toy):
    before = toy.paths()
    page.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    gone = toy.root.locator(".course-gone")
    gone.wait_for(state="visible")
    assert "run this cell again" in gone.inner_text()
    assert not has_error_frame(page)
    assert toy.paths() == before
    toy.button("Go to the start").click()  # stepping needs no kernel
    assert toy.step() == 0
    page.run_all()
    assert page.errors() == []
    stage = page.stage("toy")
    assert stage.root.count() == 1
    assert stage.root.locator(".course-gone").is_hidden()
    stage.handle("The tip").press("ArrowUp")
    page.kernel_until("toy.value['a']", lambda v: v == pytest.approx(0.6))


def test_a_notebook_opened_again_without_its_kernel_shows_pictures(lab, page, open_notebook):
    page.command("docmanager:save")
    address = f"{lab.url}/api/sessions"
    headers = {"Authorization": f"token {lab.token}"}
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
        sessions = json.load(answer)
    (mine,) = [s["id"] for s in sessions if s["path"] == "toy.ipynb"]
    delete = urllib.request.Request(f"{address}/{mine}", headers=headers, method="DELETE")
    urllib.request.urlopen(delete).close()
    page.page.close()

    other = open_notebook("toy.ipynb")
    assert not has_error_frame(other)
    assert [size[0] for size in pictures(other)] == [1320, 1320]
    assert other.page.locator(".course-stage").count() == 0
    assert "Run this cell in JupyterLab to lock your answer." in other.cell("choice").inner_text()
    other.run_all()
    stage = other.stage("again")
    stage.handle("The tip").press("ArrowUp")
    other.kernel_until("toy.value['a']", lambda v: v == pytest.approx(0.6))
    assert other.own_console_errors() == []


def test_a_committed_lesson_opened_fresh_shows_its_pictures(open_notebook):
    fresh = open_notebook("notebooks/04_delta_recursion.ipynb")
    picture = 'img[src^="data:image/png"]'
    fresh.until(
        lambda: fresh.cell("l04-stepper").locator(picture).is_visible(),
        bool,
        what="the picture of l04-stepper",
    )
    assert not has_error_frame(fresh)
    sizes = pictures(fresh)
    assert all(natural > 1000 and width > 300 for natural, width, _ in sizes)
    assert fresh.page.locator(".course-stage").count() == 0
    assert fresh.own_console_errors() == []
