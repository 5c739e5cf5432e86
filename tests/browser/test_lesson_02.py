"""Lesson 2 in JupyterLab and Chromium, as a learner goes through it from top to bottom."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

EXPLORERS = {  # cell: the name of the explorer in the kernel
    "l02-figure": "figure",
    "l02-one": "one",
    "l02-rate": "rate",
    "l02-bounce-explorer": "raised",
    "l02-basins": "basins",
    "l02-critical": "critical",
}
PREDICTIONS = {  # cell: the explorer that waits for it
    "l02-predict-end": "l02-figure",
    "l02-predict-peak": "l02-one",
    "l02-predict-limit": "l02-rate",
    "l02-predict-bounce": "l02-bounce-explorer",
    "l02-predict-basins": "l02-basins",
    "l02-predict-saddle": "l02-critical",
    "l02-bug-predict": None,
}
HANDLES = {  # cell, label of a handle: the control that an arrow to the right changes
    ("l02-figure", "Start with one parameter"): "start",
    ("l02-figure", "Start with two parameters"): "w1",
    ("l02-one", "Start w₀"): "start",
    ("l02-rate", "Start"): "w1",
    ("l02-rate", "Learning rate α"): "learning_rate",
    ("l02-bounce-explorer", "Start w₀"): "start",
    ("l02-basins", "Start"): "w1",
    ("l02-critical", "Start"): "w1",
}
every_explorer = pytest.mark.parametrize("cell", EXPLORERS)
every_handle = pytest.mark.parametrize(("cell", "label"), HANDLES, ids=str)


@pytest.fixture(scope="module")
def lesson(open_notebook):
    notebook = open_notebook("notebooks/02_gradient_descent.ipynb")
    notebook.run_all()
    return notebook


# These run in the order in which they stand here: a prediction is locked once.
def test_runs_from_top_to_bottom(lesson):
    assert lesson.errors() == []
    assert lesson.own_console_errors() == []


@every_explorer
def test_every_explorer_appears_and_waits(lesson, cell):
    stage = lesson.stage(cell)
    assert stage.root.count() == 1
    assert stage.is_veiled()
    assert not stage.root.locator(".course-body").is_visible()


@pytest.mark.parametrize("cell", PREDICTIONS)
def test_a_prediction_gates_its_reveal(lesson, cell):
    question = lesson.stage(cell)
    lock = question.button("Lock my prediction")
    verdict = question.root.locator(".course-verdict")
    assert not verdict.is_visible()
    lock.click()
    assert "first." in question.root.locator(".course-note").inner_text()
    assert not verdict.is_visible()

    question.lock("0,3")
    assert "redicted" in verdict.inner_text()
    assert len(verdict.locator("p").inner_text()) > 20
    assert not lock.is_visible()
    if PREDICTIONS[cell]:
        lesson.stage(PREDICTIONS[cell]).wait_until_open()


def test_a_place_shows_guess_and_answer(lesson):
    question = lesson.stage("l02-predict-end")
    words = question.root.locator(".course-scene text").all_text_contents()
    assert {"your prediction", "the answer"} <= set(words)
    assert question.labels() == []


@every_explorer
def test_the_slider_moves_the_picture(lesson, cell):
    stage, name = lesson.stage(cell), EXPLORERS[cell]
    before, value = stage.paths(), lesson.kernel(f"{name}.value")
    stage.slider.press("ArrowRight")
    changed = stage.wait_for_change(before)
    now = lesson.kernel_until(f"{name}.value", lambda v: v != value)
    assert sum(now[k] != value[k] for k in value) == 1
    stage.slider.press("ArrowLeft")
    lesson.kernel_until(f"{name}.value", lambda v: v == value)
    stage.wait_for_change(changed)


@every_handle
def test_a_handle_moves_by_mouse(lesson, cell, label):
    stage, name, key = lesson.stage(cell), EXPLORERS[cell], HANDLES[cell, label]
    before, value = stage.paths(), lesson.kernel(f"{name}.value")
    stage.drag(label, 40 if value[key] <= 0.2 else -40)
    stage.wait_for_change(before)
    lesson.kernel_until(f"{name}.value[{key!r}]", lambda v: v != value[key])
    assert stage.root.locator(".course-dragging").count() == 0
    assert stage.alerts() == []


@every_handle
def test_a_handle_moves_by_keys_and_shift_is_larger(lesson, cell, label):
    stage, name, key = lesson.stage(cell), EXPLORERS[cell], HANDLES[cell, label]
    handle, asked = stage.handle(label), f"{name}.value[{key!r}]"
    lesson.kernel(f"setattr({name}, 'value', {name}._home)")
    first = lesson.kernel(asked)
    handle.focus()
    sign, arrow = (1, "ArrowRight") if first < 0.5 else (-1, "ArrowLeft")
    handle.press(arrow)
    second = lesson.kernel_until(asked, lambda v: v != first)
    handle.press(f"Shift+{arrow}")
    third = lesson.kernel_until(asked, lambda v: v != second)
    step = lesson.kernel(f"{name}._dials[{key!r}].step")
    assert sign * (second - first) == pytest.approx(step, rel=0.51)  # it goes to the grid first
    assert sign * (third - second) == pytest.approx(5 * step)
    assert handle.get_attribute("aria-valuenow") == f"{third:g}"
    assert handle.evaluate("node => node === document.activeElement")


@every_explorer
def test_reset_returns(lesson, cell):
    stage, name = lesson.stage(cell), EXPLORERS[cell]
    home = lesson.kernel(f"{name}._home")
    stage.button("Reset").click()
    lesson.kernel_until(f"{name}.value", lambda v: v == home)
    paths = stage.paths()
    stage.slider.press("ArrowRight")
    stage.wait_for_change(paths)
    stage.button("Reset").click()
    stage.wait_for_paths(paths)


COUNT_FRAMES = """(root) => {
    const seen = { frames: 0, draws: 0, over: false };
    window.seen = seen;
    const mark = [...root.querySelectorAll(".course-scene path")].at(-1);
    const watch = new MutationObserver((records) => { seen.draws += records.length; });
    watch.observe(mark, { attributes: true, attributeFilter: ["d"] });
    root.querySelector("[aria-label=Play]").click();
    const tick = () => {
        if (!root.querySelector("[aria-label=Pause]")) { seen.over = true; return; }
        seen.frames += 1;
        requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
}"""


@every_explorer
def test_play_reaches_the_end_at_the_frame_rate_of_the_browser(lesson, cell):
    stage, page = lesson.stage(cell), lesson.page
    echo = stage.root.get_attribute("data-echo")
    paths = stage.paths()
    stage.button("Go to the start").click()
    assert stage.step() == 0
    stage.root.evaluate(COUNT_FRAMES)
    page.wait_for_function("() => window.seen.over", timeout=20_000)
    seen = page.evaluate("() => window.seen")
    assert stage.step() == stage.last
    assert stage.paths() == paths
    assert seen["frames"] > 5
    assert seen["draws"] >= seen["frames"] - 3  # every frame of the browser shows a new picture
    assert stage.root.get_attribute("data-echo") == echo  # and the kernel was not asked
    print(f"{cell}: {seen['draws']} pictures in {seen['frames']} frames")


@every_explorer
def test_step_back_forward_and_scrub(lesson, cell):
    stage, name = lesson.stage(cell), EXPLORERS[cell]
    end = stage.paths()
    stage.button("Go to the start").click()
    assert stage.step() == 0
    start = stage.paths()
    assert start != end
    stage.button("One step forward").click()
    stage.button("One step forward").click()
    stage.button("One step back").click()
    assert stage.step() == 1
    assert "step 1" in stage.root.locator(".course-numbers").text_content()
    lesson.kernel_until(f"{name}.step", lambda v: v == 1)  # the saved picture would show it
    stage.scrubber.focus()
    stage.scrubber.press("End")
    assert stage.step() == stage.last
    assert stage.paths() == end
    lesson.kernel_until(f"{name}.step", lambda v: v == stage.last)


@every_explorer
def test_the_words_below_are_those_of_the_kernel(lesson, cell):
    stage, name = lesson.stage(cell), EXPLORERS[cell]
    assert stage.summary() == lesson.kernel(f"{name}.summary")
    assert stage.root.locator(".course-step").get_attribute("aria-live") == "off"  # while it plays
    last = lesson.kernel(f"{name}.line({name}.step)")
    assert stage.root.locator(".course-numbers").text_content().split() == last.split()


def test_a_click_on_the_panel_moves_the_handle_there(lesson):
    stage = lesson.stage("l02-basins")
    x, y = stage.middle(stage.handle("Start"))
    lesson.page.mouse.click(x + 80, y + 60)
    lesson.kernel_until("basins.value['w1']", lambda v: v > 0.1)
    now = stage.middle(stage.handle("Start"))
    assert now == pytest.approx((x + 80, y + 60), abs=2)


def test_a_finger_drags_a_handle(lesson):
    stage, page = lesson.stage("l02-one"), lesson.page
    x, y = stage.middle(stage.handle("Start w₀"))
    value = lesson.kernel("one.value['start']")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        for kind, dx in [("touchStart", 0), ("touchMove", 20), ("touchMove", 60)]:
            at = [{"x": x + dx, "y": y}]
            devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
        devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    finally:
        devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    lesson.kernel_until("one.value['start']", lambda v: v > value + 0.3)


def test_the_labels_are_chinese_at_a_switch(lesson):
    stage = lesson.stage("l02-figure")
    stage.root.locator("select").select_option("中文")
    stage.root.locator(".course-scene text", has_text="全局最优解").first.wait_for()
    assert lesson.page.evaluate("() => document.fonts.check('13px \"Course CJK\"', '全局最优解')")
    stage.root.locator("select").select_option("English")
    stage.root.locator(".course-scene text", has_text="global minimum").first.wait_for()


def test_basins_are_coloured_at_a_switch(lesson):
    stage = lesson.stage("l02-basins")
    picture = stage.root.locator(".course-scene image")
    before = picture.get_attribute("href")
    box = stage.root.get_by_label("colour the basins")
    for _ in range(2):
        box.click()
        lesson.page.wait_for_function(
            "([node, old]) => node.getAttribute('href') !== old",
            arg=[picture.element_handle(), before],
        )
        before = picture.get_attribute("href")


@pytest.mark.skipif("COURSE_SCREENSHOTS" not in os.environ, reason="COURSE_SCREENSHOTS is not set")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 1920])
def test_screenshots_to_look_at(lesson, width, theme):
    folder = Path(os.environ["COURSE_SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    lesson.page.set_viewport_size({"width": width, "height": 1000})
    lesson.set_theme(theme)
    for cell in (*EXPLORERS, *PREDICTIONS):
        stage = lesson.stage(cell)
        stage.root.locator(".course-title").scroll_into_view_if_needed()
        stage.root.screenshot(path=folder / f"{cell}-{width}-{theme}.png")
    lesson.cell("l02-figure")
    lesson.page.screenshot(path=folder / f"page-{width}-{theme}.png")
    lesson.set_theme("light")


def test_nothing_went_wrong_on_the_way(lesson):
    assert lesson.own_console_errors() == []
    words = [re.sub(r"\s+", " ", w) for w in lesson.page.locator(".course-alert").all_inner_texts()]
    assert not any(words)
