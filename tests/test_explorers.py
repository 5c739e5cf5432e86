import importlib
import itertools
import json
import math
import pkgutil
import random
import re
from functools import cache

import comm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import course.explorers
from course.activations import sigmoid
from course.data import digits, split
from course.explorers import Choice, Explorer, Predict, Slider, View
from course.explorers import gradient_descent as lesson
from course.explorers.delta_recursion import WrongDigits
from course.explorers.gradient_descent.basins import MAPS, basin_owner
from course.explorers.gradient_descent.critical_points import kind_of
from course.explorers.gradient_descent.figure import WORDS
from course.explorers.gradient_descent.levels import level_lines
from course.explorers.stage import digest
from course.network import mlp
from course.plots import marks as mk
from tests.wire import Recorder, post, updates


def menu():
    """Every explorer of the course: a new one is tested without being named here."""
    found = {}
    for module in pkgutil.walk_packages(course.explorers.__path__, "course.explorers."):
        for thing in vars(importlib.import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, Explorer) and thing.dials:
                found[thing.__name__] = thing
    return found


class UntrainedDigits(WrongDigits):
    """That explorer shows a network and a test set, which it must be given."""

    def __init__(self, **values):
        network = mlp((64, 10), sigmoid, np.random.default_rng(0))
        _, test = split(digits(), 60, np.random.default_rng(0))
        super().__init__(network, test, **values)


MENU = menu() | {"WrongDigits": UntrainedDigits}
every_explorer = pytest.mark.parametrize("kind", MENU.values(), ids=MENU)


def extremes(dial):
    if isinstance(dial, Slider):
        return (dial.low, dial.value, dial.high)
    return dial.options if isinstance(dial, Choice) else (False, True)


def anything(dial):
    if isinstance(dial, Slider):
        if dial.whole:
            return st.integers(dial.low, dial.high)
        return st.floats(dial.low, dial.high) | st.sampled_from(extremes(dial))
    return st.sampled_from(extremes(dial))


@cache
def drawn(kind):
    """The background of an explorer at its start, drawn once for all tests."""
    explorer = kind()
    explorer._drawn("light")
    return explorer._backgrounds


def words_of(explorer):
    steps = {0, explorer.step} if explorer.readout["template"] else ()
    lines = [explorer.line(t) for t in steps]
    return "\n".join([explorer.summary, explorer.alt_text, *lines])


def holds(explorer):
    """What must be true for all settings."""
    assert explorer.record is not None
    assert explorer.summary
    assert not re.search(r"\b(nan|inf|none|null)\b", words_of(explorer), re.IGNORECASE)
    for handle in explorer.handles:
        place = (handle["x"], handle["y"], *handle["range"].values())
        assert all(map(math.isfinite, place)), handle
        assert handle["range"]["min"] <= handle["range"]["now"] <= handle["range"]["max"]
        assert handle["valuetext"]
    traits = (explorer.values, explorer.handles, explorer.marks, explorer.readout)
    json.dumps(traits, allow_nan=False)
    drawn = sum(int(np.prod(m["dims"])) for m in explorer.marks)
    assert len(explorer.buffer) == 4 * drawn + 8 * int(np.prod(explorer.readout["dims"]))
    moving = {m["dims"][0] for m in explorer.marks if m["timing"] != "static"}
    assert moving <= {explorer.frames}, "every moving mark has a row for each step"


def test_the_menu_is_not_empty():
    assert {"TopicFigure", "OneParameter", "LearningRate", "Basins", "CriticalPoints"} <= set(MENU)


@every_explorer
def test_at_the_corners_of_the_controls(kind):
    explorer = kind()
    corners = list(itertools.product(*(extremes(dial) for dial in kind.dials)))
    if len(corners) > 40:  # those in the middle take turns
        corners = [corners[0], *random.Random(0).sample(corners, 40), corners[-1]]
    for corner in corners:
        explorer.value = dict(zip((dial.name for dial in kind.dials), corner, strict=True))
        holds(explorer)


@every_explorer
def test_anywhere(kind):
    explorer = kind()

    @settings(max_examples=15, deadline=None, derandomize=True, database=None)
    @given(st.fixed_dictionaries({dial.name: anything(dial) for dial in kind.dials}))
    def check(values):
        explorer.value = values
        assert explorer.value == values
        holds(explorer)

    check()


@every_explorer
def test_a_step_that_was_foreseen_is_the_step_taken(kind):
    explorer = kind()
    for dial in kind.dials:
        if not isinstance(dial, Slider):
            continue
        before, echo = explorer.value, explorer.buffer
        step = dial.nudge(dial.value, 1 if dial.value < dial.high else -1)
        message = {"type": "set", "name": dial.name, "value": step}
        foreseen = explorer.foreseen(message)
        assert (explorer.value, explorer.buffer) == (before, echo)
        explorer.react(message)
        same = explorer.background_key(before) == explorer.background_key(explorer.value)
        assert (foreseen is not None) == same
        for name, value in (foreseen or {}).items():
            assert getattr(explorer, name) == value


@every_explorer
def test_the_same_values_give_the_same_record(kind):
    first, second = kind(), kind()
    assert first.buffer == second.buffer
    assert first.summary == second.summary
    first.value = first.value
    assert first.buffer == second.buffer


def refused(dial):
    if isinstance(dial, Slider):
        beyond = (dial.low - 1, dial.high + 1, math.nan, math.inf, -math.inf, 10**400)
        return (*beyond, "0.5", True, None, [dial.value], np.bool_(True), np.array([0.5, 0.6]), 1j)
    if isinstance(dial, Choice):
        return ("nowhere", 1, True, None, [dial.value], math.nan, np.array(["a", "b"]))
    return (0, 1, "True", None, math.nan, [True])


@every_explorer
def test_wrong_values_are_refused_by_name_and_change_nothing(kind):
    explorer = kind()
    before = explorer.value, explorer.buffer, explorer.summary
    record = explorer.record
    for dial in kind.dials:
        for value in refused(dial):
            others = {d.name: extremes(d)[-1] for d in kind.dials if d is not dial}
            for changes in ({dial.name: value}, others | {dial.name: value}):
                with pytest.raises(ValueError, match=f"^{dial.name} "):
                    explorer.value = changes
            with pytest.raises(ValueError, match=f"^{dial.name} "):
                kind(**{dial.name: value})
    assert (explorer.value, explorer.buffer, explorer.summary) == before
    assert explorer.record is record


@every_explorer
def test_unknown_controls_are_named_with_those_that_exist(kind):
    explorer = kind()
    for make in (lambda: kind(momentum=1), lambda: setattr(explorer, "value", {"momentum": 1})):
        with pytest.raises(ValueError, match="no control named 'momentum'; there are .*'") as error:
            make()
        assert all(dial.name in str(error.value) for dial in kind.dials)


@every_explorer
def test_numbers_of_numpy_are_taken(kind):
    explorer = kind()
    for dial in kind.dials:
        if isinstance(dial, Slider):
            explorer.value = {dial.name: np.float64(dial.high)}
            assert type(explorer.value[dial.name]) in (int, float)
    json.dumps(explorer.values)


@every_explorer
def test_value_is_a_copy(kind):
    explorer = kind()
    explorer.value.clear()
    assert set(explorer.value) == {dial.name for dial in kind.dials}


def is_in_its_panel(name, explorer):
    handle = next(h for h in explorer.handles if h["name"] == name)
    panel = next(p for p in explorer._drawn("light")[1] if p["name"] == handle["panel"])
    limits = {"x": sorted(panel["xlim"]), "y": sorted(panel["ylim"])}
    return all(limits[a][0] <= handle[a] <= limits[a][1] for a in handle["axes"])


@every_explorer
def test_handles_move_and_reset_returns(kind):
    explorer = kind()
    explorer._backgrounds = drawn(kind)
    home = explorer.value, explorer.buffer, explorer.handles
    for grip in kind.grips:
        by = {"x": (1, 0), "y": (0, 1), "xy": (1, 1)}[grip.axes]
        names = [name for name in (grip.x, grip.y) if name]
        before = explorer.value
        post(explorer, type="nudge", name=grip.name, dx=by[0], dy=by[1])
        assert explorer.alert == ""
        assert all(explorer.value[name] > before[name] for name in names)
        for direction in (1e9, -1e9):  # the keys End and Home
            post(explorer, type="nudge", name=grip.name, dx=direction * by[0], dy=direction * by[1])
            limit = "high" if direction > 0 else "low"
            for name in names:
                dial = explorer._dials[name]
                at_limit = explorer.value[name] == getattr(dial, limit)
                if dial.display == "slider":
                    assert at_limit
                else:  # the edge of the map may come first
                    assert at_limit or is_in_its_panel(grip.name, explorer)
            holds(explorer)
    post(explorer, type="reset")
    assert (explorer.value, explorer.buffer, explorer.handles) == home


@every_explorer
def test_a_handle_dropped_where_it_stands_stays_there(kind):
    explorer = kind()
    explorer._backgrounds = drawn(kind)
    for handle in explorer.handles:
        where = np.array([handle["x"], handle["y"]])
        post(explorer, type="drag", name=handle["name"], x=where[0], y=where[1])
        now = next(h for h in explorer.handles if h["name"] == handle["name"])
        panel = next(p for p in explorer._drawn("light")[1] if p["name"] == handle["panel"])
        spans = np.abs([np.diff(panel["xlim"])[0], np.diff(panel["ylim"])[0]])
        assert (np.abs([now["x"], now["y"]] - where) < 0.02 * spans).all()


@every_explorer
def test_background_at_the_extremes_light_and_dark(kind):
    explorer = kind()
    for theme, pick in (("light", 0), ("dark", -1)):
        explorer.value = {d.name: extremes(d)[pick] for d in kind.dials}
        picture, panels = explorer._drawn(theme)
        assert picture[:4] == b"\x89PNG"
        names = {panel["name"] for panel in panels}
        assert {mark["panel"] for mark in explorer.marks} <= names
        assert {grip.panel for grip in kind.grips} <= names


@every_explorer
def test_digest_sees_each_mark_move_by_a_thousandth_and_no_last_bits(kind):
    explorer = kind()
    explorer._backgrounds = drawn(kind)
    view = explorer._view
    limits = {p["name"]: (p["xlim"], p["ylim"]) for p in explorer._drawn("light")[1]}
    before = digest(view, limits)
    rng = np.random.default_rng(0)
    for i, mark in enumerate(view.marks):
        low, high = np.array(limits[mark.panel]).T
        inside = (mark.data.reshape(-1, 2) - low) / (high - low)
        assert ((inside > -0.5) & (inside < 1.5)).all(axis=1).any(), "a mark that nobody sees"

        def moved(by, i=i, mark=mark, span=high - low):
            offset = by * np.tile(span, mark.data.shape[-1] // 2)
            new = mk.Mark(**{**vars(mark), "data": mark.data + offset})
            marks = [*view.marks[:i], new, *view.marks[i + 1 :]]
            return digest(View(marks, "", view.template, view.numbers), limits)

        assert moved(1e-3) != before
        for _ in range(3):  # what another processor's last bits may do
            assert moved(rng.uniform(-1e-12, 1e-12, size=(*mark.data.shape[:-1], 1))) == before


# ------------------------------------------------------------------------- predictions
def question():
    return Predict("?", options=("a", "b"), answer=0, reason="So.")


@every_explorer
def test_an_explorer_waits_for_its_prediction(kind):
    first = question()
    explorer, twin = kind(after=first), kind(after=first)
    assert "prediction" in explorer.veil
    first.answer_with(1)
    assert explorer.veil == twin.veil == ""
    assert kind(after=first).veil == ""


def test_no_prediction_no_veil():
    assert lesson.OneParameter().veil == ""


# --------------------------------------------------------------------- single explorers
def test_topic_figure_reproduces_the_picture():
    figure = lesson.TopicFigure()
    one, two = figure.record
    assert one.points[-1] == pytest.approx([1.0214], abs=1e-4)
    assert two.points[-1][0] < 0
    figure.value = {"start": 2.2}
    assert "global minimum" in figure.summary.split("Two:")[0]


@pytest.mark.parametrize("language", WORDS)
def test_topic_figure_says_its_words_in_both_languages(language):
    figure = lesson.TopicFigure(language=language)
    shown = {words for mark in figure.marks for words in mark["texts"]}
    assert shown == set(WORDS[language])
    if language != "English":
        figure.picture()  # a missing glyph is a warning, and so an error


def test_learning_rate_says_when_it_converges():
    rate = lesson.LearningRate(lambda2=8.0, learning_rate=0.24)
    assert "it converges" in rate.summary
    rate.value = {"learning_rate": 0.25}
    assert "does not converge" in rate.summary
    rate.value = {"learning_rate": 0.26}
    assert "it diverges" in rate.summary


@pytest.mark.parametrize("surface", MAPS)
def test_keys_keep_the_start_on_the_map(surface):
    one = lesson.Basins()
    post(one, type="set", name="surface", value=surface)
    bounds = MAPS[surface][0].bounds
    for dx, dy in ((1e9, 0), (-1e9, 0), (0, 1e9), (0, -1e9)):
        post(one, type="nudge", name="start", dx=dx, dy=dy)
        for value, (low, high) in zip((one.value["w1"], one.value["w2"]), bounds, strict=True):
            assert low <= value <= high


@pytest.mark.parametrize("name", MAPS)
def test_another_surface_brings_its_own_start_and_rate(name):
    basins = lesson.Basins()
    post(basins, type="set", name="surface", value=name)
    _, alpha, (w1, w2) = MAPS[name]
    assert basins.value["surface"] == name
    assert [basins.value[k] for k in ("learning_rate", "w1", "w2")] == [alpha, w1, w2]
    assert basins.alert == ""


@pytest.mark.parametrize("value", ["nowhere", None, ["saddle"], 3, {}], ids=str)
def test_an_unknown_surface_is_refused_in_words(value):
    basins = lesson.Basins()
    post(basins, type="set", name="surface", value=value)
    assert basins.alert.startswith("That does not work: surface must be one of")
    assert basins.value["surface"] == "two valleys"


def test_basins_belong_to_the_minimum_where_they_end():
    owner = basin_owner("two valleys", 0.1, 200, count=20)
    assert (owner[:, 0] != owner[:, -1]).all()
    assert (basin_owner("saddle", 0.1, 50, count=5) == -1).all()


def test_the_background_with_basins_depends_on_the_rate():
    basins = lesson.Basins()
    plain = basins.background_key(basins.value)
    basins.value = {"learning_rate": 0.2}
    assert basins.background_key(basins.value) == plain
    basins.value = {"basins": True}
    coloured = basins.background_key(basins.value)
    basins.value = {"learning_rate": 0.1}
    assert basins.background_key(basins.value) != coloured


def test_a_saddle_is_left_only_with_a_nudge():
    saddle = lesson.CriticalPoints()
    assert "Descent comes closer: " in saddle.summary
    saddle.value = {"nudge": True}
    assert "then leaves" in saddle.summary


@pytest.mark.parametrize(
    ("eigenvalues", "name"),
    [((1, 2), "minimum"), ((-1, -2), "maximum"), ((1, -2), "saddle"), ((0, 1), "degenerate")],
)
def test_kinds_of_critical_points(eigenvalues, name):
    assert kind_of(np.array(eigenvalues)).startswith(name)


@given(st.tuples(*[st.floats(-3, 3)] * 2))
@settings(max_examples=50, deadline=None, derandomize=True, database=None)
def test_level_lines_lie_on_a_few_levels(eigenvalues):
    lines = level_lines(np.array(eigenvalues))
    seen = lines[np.isfinite(lines).all(axis=1)]
    levels = np.round(0.5 * seen**2 @ eigenvalues, 9)
    assert len(np.unique(np.abs(levels))) <= 8


# ------------------------------------------------------------------------------ dials
def test_keys_reach_round_values_again():
    dial = Slider("a", "α", 0.1, 0.0, 1.0, 0.05)
    assert dial.nudge(0.1234, 1) == 0.15
    assert dial.nudge(0.98, 5) == 1.0
    assert dial.nudge(0.5, -1e9) == 0.0


@every_explorer
def test_the_steps_of_every_slider_reach_its_ends(kind):
    for dial in kind.dials:
        if isinstance(dial, Slider) and dial.scale == "linear":
            steps = (dial.high - dial.low) / dial.step
            assert steps == pytest.approx(round(steps), rel=1e-9), dial.label


def test_keys_multiply_on_a_log_scale():
    dial = Slider("a", "α", 0.1, 1e-4, 1.0, 0.5, scale="log")
    assert dial.nudge(0.01, 2) == pytest.approx(0.1)
    assert dial.nudge(0.01, 1e9) == 1.0
    assert dial.nudge(0.01, -1e9) == 1e-4


@pytest.mark.parametrize("step", [0.01, 0.02, 0.05, 0.25])
def test_keys_come_back_on_a_log_scale_and_keep_three_digits(step):
    dial = Slider("a", "α", 0.1, 1e-4, 10.0, step, scale="log")
    there = dial.nudge(1.0, 1)
    assert there == float(f"{10**step:.3g}")
    assert dial.nudge(there, -1) == 1.0


def test_keys_reach_every_small_whole_number_on_a_log_scale():
    dial = Slider("n", "n", 100, 1, 10_000, 0.05, scale="log")
    up, down = [1], [13]
    for _ in range(11):
        up.append(dial.nudge(up[-1], 1))
        down.append(dial.nudge(down[-1], -1))
    assert up == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13]
    assert down == up[::-1]
    assert dial.nudge(1437, 1e9) == 10_000
    assert isinstance(dial.clean(1437.3), int)


@every_explorer
def test_an_explorer_that_no_cell_shows_sends_nothing_of_what_it_shows(kind, monkeypatch):
    monkeypatch.setattr(comm, "create_comm", lambda **options: Recorder(**options))
    explorer = kind()
    assert explorer.summary not in str([explorer.comm.sent, explorer.get_state()])
    explorer._repr_mimebundle_()
    assert updates(explorer)[-1].state["summary"] == explorer.summary
