import base64
import io
import json
import re
import threading
from unittest import mock

import comm
import numpy as np
import pytest
import traitlets
from PIL import Image

from course.explorers import Choice, Explorer, Handle, Slider, Stage, Toggle, View
from course.explorers.stage import digest
from course.plots import marks as mk
from course.server import WIDGET_VIEW
from tests.wire import Recorder, post, updates

LIMITS = {"p": ((0.0, 10.0), (0.0, 5.0))}


class Toy(Explorer):
    """A line from the origin; its background depends on the style alone."""

    heading = "A toy"
    size = traitlets.Any([220, 100]).tag(sync=True)  # small pictures are drawn quickly
    dials = (
        Slider("a", "slope", 0.5, 0.0, 1.0, 0.1),
        Slider("n", "points", 5, 2, 50, 1),
        Choice("style", "style", "plain", ("plain", "fancy")),
        Choice("luck", "luck", "good", ("good", "bad", "worse", "none")),
        Toggle("on", "switch"),
    )
    grips = (Handle("tip", "The tip", "p", y="a"),)
    background_of = ("style",)
    drawn = 0

    def draw_background(self, figure, theme):
        self.drawn += 1
        ax = figure.add_axes((0.1, 0.1, 0.8, 0.8), xticks=[], yticks=[])
        ax.set(xlim=(0, 10), ylim=(0, 5))
        return {"p": ax}

    def compute(self, a, n, style, luck, on):
        if luck == "bad":
            raise ValueError("the luck ran out")
        if luck == "worse":
            raise TypeError("a bug")
        if luck == "none":
            raise RuntimeError
        x = np.linspace(0, 10, n)
        return np.column_stack([x, a * x])

    def view(self, record, *, a, **_):
        numbers = np.column_stack([np.arange(len(record)), record])
        marks = [
            mk.line(record, "p", "loss", timing="reveal"),
            mk.points(record, "p", "path", timing="current"),
            mk.text([[5, 5 * a]], ["half <b>way</b>"], "p", "ink"),
        ]
        return View(marks, f"The slope is {a:g}.", "step {0:d} at ({1:.2f}, {2:.2f})", numbers)


@pytest.fixture(autouse=True)
def _recorded(monkeypatch):
    monkeypatch.setattr(comm, "create_comm", lambda **options: Recorder(**options))


@pytest.fixture
def toy():
    """A toy that is shown somewhere, with nothing on the wire yet."""
    stage = Toy()
    with mock.patch.object(Stage, "saved", return_value={}):  # the picture takes its time
        stage._repr_mimebundle_()
    updates(stage)
    return stage


# ---------------------------------------------------------------------- on the wire
MOVES = {
    "set": {"type": "set", "name": "a", "value": 0.7},
    "drag": {"type": "drag", "name": "tip", "x": 3.0, "y": 0.7},
    "nudge": {"type": "nudge", "name": "tip", "dx": 0, "dy": 2},
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_move_is_one_message(toy, move):
    post(toy, seq=7, **move)
    (update,) = updates(toy)
    assert toy.value["a"] == pytest.approx(0.7)
    assert update.state["values"]["a"] == toy.value["a"]
    assert update.state["handles"][0]["y"] == toy.value["a"]
    assert update.state["summary"] == "The slope is 0.7."
    assert update.state["echo"] == ["browser", 7]
    assert "buffer" in update.buffers
    assert "background" not in {*update.state, *update.buffers}


def test_reset_is_one_message_and_returns_to_the_start():
    toy = Toy(a=0.2)
    post(toy, **MOVES["set"])
    updates(toy)
    post(toy, type="reset")
    (update,) = updates(toy)
    assert toy.value["a"] == update.state["values"]["a"] == 0.2


def test_setting_the_value_is_one_message(toy):
    toy.value = {"a": 0.9, "n": 7, "on": True}
    (update,) = updates(toy)
    assert update.state["frames"] == 7


def test_a_move_that_changes_nothing_is_answered(toy):
    post(toy, type="set", name="a", value=0.5, seq=3)
    (update,) = updates(toy)
    assert update.state["echo"] == ["browser", 3]


def test_a_drag_beyond_the_limits_stays_at_the_limit(toy):
    post(toy, type="drag", name="tip", x=0, y=99.0)
    assert toy.value["a"] == 1.0
    post(toy, type="nudge", name="tip", dx=0, dy=-1e9)
    assert toy.value["a"] == 0.0
    post(toy, type="set", name="a", value=10**400)
    assert toy.value["a"] == 1.0


def test_a_drag_gives_a_short_number_and_a_typed_one_is_kept(toy):
    post(toy, type="drag", name="tip", x=0, y=0.123456789)
    assert toy.value["a"] == 0.123
    post(toy, type="set", name="a", value=0.123456789)
    assert toy.value["a"] == 0.123456789


@pytest.mark.parametrize(
    ("luck", "words"),
    [
        ("bad", "That does not work: the luck ran out. The picture shows the last setting"),
        ("worse", "That does not work: TypeError: a bug."),
        ("none", "That does not work: RuntimeError: no reason given."),
    ],
)
def test_an_error_is_told_in_words_and_the_picture_stays(toy, luck, words):
    before = toy.value, toy.buffer, toy.summary, toy.record
    post(toy, type="set", name="luck", value=luck, seq=5)
    (update,) = updates(toy)
    assert toy.alert.startswith(words)
    assert update.state["alert"] == toy.alert
    assert update.state["echo"] == ["browser", 5]
    assert (toy.value, toy.buffer, toy.summary, toy.record) == before
    post(toy, **MOVES["set"])
    assert toy.alert == ""


HOSTILE = [
    {},
    {"type": "explode"},
    {"type": None},
    {"type": ["set"]},
    {"type": "set"},
    {"type": "set", "name": "nowhere", "value": 1},
    {"type": "set", "name": ["a"], "value": 1},
    {"type": "set", "name": "a"},
    {"type": "set", "name": "a", "value": "0.5"},
    {"type": "set", "name": "a", "value": None},
    {"type": "set", "name": "a", "value": True},
    {"type": "set", "name": "a", "value": float("nan")},
    {"type": "set", "name": "a", "value": [0.1]},
    {"type": "set", "name": "style", "value": ["plain"]},
    {"type": "set", "name": "style", "value": {"plain": 1}},
    {"type": "set", "name": "on", "value": 1},
    {"type": "drag", "name": "tip"},
    {"type": "drag", "name": "nobody", "x": 1, "y": 1},
    {"type": "drag", "name": "tip", "x": 0, "y": float("nan")},
    {"type": "drag", "name": "tip", "x": 0, "y": "up"},
    {"type": "nudge", "name": "tip"},
    {"type": "nudge", "name": "tip", "dx": 0, "dy": float("nan")},
    {"type": "nudge", "name": "tip", "dx": 0, "dy": "up"},
    {"type": "nudge", "name": "tip", "dx": 0, "dy": [1]},
]


@pytest.mark.parametrize("message", HOSTILE, ids=str)
def test_a_wrong_message_is_answered_in_words(toy, message):
    before = toy.value, toy.buffer
    toy._receive(toy, {"client": "browser", "seq": 9, **message}, [])
    assert (toy.value, toy.buffer) == before
    assert toy.alert.startswith("That does not work: ")
    assert toy.echo == ["browser", 9]


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "set",
        7,
        {"type": "reset", "seq": "x"},
        {"type": "reset", "seq": None},
        {"type": "reset", "seq": float("nan")},
        {"type": "reset", "client": {"a": 1}},
        {"type": "theme"},
        {"type": "theme", "theme": "sepia"},
        {"type": "theme", "theme": ["light"]},
    ],
    ids=str,
)
def test_what_is_no_message_does_no_harm(toy, message):
    before = toy.value, toy.buffer, toy.theme
    toy._receive(toy, message, None)
    assert (toy.value, toy.buffer, toy.theme) == before
    json.dumps(toy.echo)


def test_an_unknown_handle_is_named(toy):
    post(toy, type="drag", name="nobody", x=1, y=1)
    assert "nobody" in toy.alert
    assert "StopIteration" not in toy.alert


# ------------------------------------------------------------------------ looking ahead
def ahead(stage, message, **more):
    """Ask what a message would show; return what came back."""
    post(stage, type="ahead", message=message, key="k", **more)
    sent, stage.comm.sent = stage.comm.sent, []
    return sent


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_what_a_move_would_show_is_what_it_shows(toy, move):
    before = toy.value, toy.buffer, toy.summary, toy.record, toy.echo
    ((_, data, (buffer,)),) = ahead(toy, move)
    assert (toy.value, toy.buffer, toy.summary, toy.record, toy.echo) == before
    content = data["content"]
    assert data["method"] == "custom"
    assert (content["ahead"], content["client"]) == ("k", "browser")
    post(toy, **move)
    (update,) = updates(toy)
    assert bytes(update.buffers["buffer"]) == bytes(buffer)
    assert content["state"]["values"] == update.state["values"] == toy.value
    assert content["state"]["handles"] == update.state["handles"]
    assert content["state"]["summary"] == update.state["summary"]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "set", "name": "style", "value": "fancy"},  # another background
        {"type": "set", "name": "luck", "value": "bad"},
        {"type": "set", "name": "nowhere", "value": 1},
        {"type": "ahead"},
        {},
        None,
    ],
    ids=str,
)
def test_what_cannot_be_foreseen_is_not_answered(toy, message):
    before = toy.value, toy.buffer, toy.background, toy.alert
    assert ahead(toy, message) == []
    assert (toy.value, toy.buffer, toy.background, toy.alert) == before


@pytest.mark.parametrize("missing", ["message", "key", "client"])
def test_an_incomplete_question_is_not_answered(toy, missing):
    message = {"type": "ahead", "message": MOVES["set"], "key": "k", "client": "browser"}
    del message[missing]
    toy._receive(toy, message, [])
    assert toy.comm.sent == []


# ----------------------------------------------------------------------- background
def test_dragging_draws_no_background(toy):
    drawn = toy.drawn
    for y in np.linspace(0, 1, 50):
        post(toy, type="drag", name="tip", x=0, y=float(y))
    assert toy.drawn == drawn
    assert len(updates(toy)) == 50


def test_background_is_drawn_once_for_each_key(toy):
    drawn = toy.drawn
    for style in ("fancy", "plain", "fancy", "plain"):
        post(toy, type="set", name="style", value=style)
    assert toy.drawn == drawn + 1
    sent = updates(toy)
    assert len(sent) == 4


def test_nothing_is_drawn_before_the_explorer_is_shown():
    toy = Toy()
    toy.value = {"a": 0.1}
    post(toy, type="theme", theme="dark")
    assert toy.drawn == 0
    assert toy.background == b""


def test_another_theme_is_one_message_with_its_background(toy):
    post(toy, type="theme", theme="dark")
    (update,) = updates(toy)
    assert update.state["theme"] == "dark"
    assert toy.alert == ""
    drawn = toy.drawn
    post(toy, type="theme", theme="light")
    assert toy.drawn == drawn


def test_background_is_a_png_of_twice_the_size(toy):
    picture = Image.open(io.BytesIO(toy.background))
    assert picture.size == (2 * toy.size[0], 2 * toy.size[1])
    assert picture.mode == "RGBA"
    (panel,) = toy.panels
    assert panel["rect"] == pytest.approx([22, 10, 176, 80])
    assert (panel["xlim"], panel["ylim"]) == ([0, 10], [0, 5])


# --------------------------------------------------------------------------- buffer
def decoded(stage):
    parts = [(np.float64, stage.readout["dims"])]
    parts += [(np.float32, mark["dims"]) for mark in stage.marks]
    offset, out = 0, []
    for dtype, dims in parts:
        out.append(np.frombuffer(stage.buffer, dtype, int(np.prod(dims)), offset).reshape(dims))
        offset += out[-1].nbytes
    assert offset == len(stage.buffer)
    return out


def test_buffer_holds_the_marks_and_the_numbers(toy):
    numbers, line, points, text = decoded(toy)
    assert np.allclose(line, toy.record)
    assert np.allclose(points, toy.record)
    assert np.allclose(text, [[5, 2.5]])
    assert np.array_equal(numbers[:, 1:], toy.record)


def test_the_readout_has_the_numbers_of_the_kernel():
    stage, numbers = Stage(), np.array([[1 / 3, 2.29e76], [-np.inf, np.nan]])
    stage.present(View([mk.line([[0, 1]], "p", "loss")], "", "{0:.3g} {1:.3g}", numbers))
    assert np.array_equal(decoded(stage)[0], numbers, equal_nan=True)
    assert stage.line(0) == "0.333 2.29e+76"


def test_numbers_beyond_float32_are_sent_without_a_warning():
    stage = Stage()
    wild = [[1e300, -1e300], [np.inf, -np.inf], [np.nan, 1.0]]
    stage.present(View([mk.line(wild, "p", "loss")], "Wild."))
    (_, line) = decoded(stage)
    assert (line[0] > 1e38).tolist() == [True, False]
    assert np.isnan(line[2, 0])
    assert np.abs(line[:2]).min() > 1e38


def test_no_marks_at_all():
    stage = Stage(title="Nothing")
    stage.present(View((), "Nothing to see."))
    assert stage.buffer == b""
    assert stage.frames == 1


# ------------------------------------------------------------------------ saved output
def test_bundle_has_view_picture_and_text():
    toy = Toy()
    data, metadata = toy._repr_mimebundle_()
    assert data[WIDGET_VIEW]["model_id"] == toy.model_id
    assert base64.b64decode(data["image/png"])[:4] == b"\x89PNG"
    assert re.fullmatch(
        r"A toy\nThe slope is 0\.5\.\nstep 4 at \(10\.00, 5\.00\)\ndigest [0-9a-f]{8}",
        data["text/plain"],
    )
    assert metadata["course"] == {"static": True}
    assert metadata["image/png"] == {"alt": "A toy. The slope is 0.5.", "width": toy.size[0]}
    json.dumps([data, metadata])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_picture_is_a_png_of_the_right_size(toy, theme):
    picture = Image.open(io.BytesIO(toy.picture(theme))).convert("RGB")
    width, height = toy.size
    assert picture.width == 1.5 * width
    assert 1.5 * height <= picture.height < 1.5 * (height + 200)
    corner = picture.getpixel((1, 1))
    assert corner == ((255, 255, 255) if theme == "light" else (17, 17, 17))


def test_picture_shows_the_marks_and_the_handle(toy):
    before = toy.picture()
    assert before == toy.picture()
    toy.value = {"a": 0.6}
    assert toy.picture() != before


def test_picture_and_text_show_the_step_that_stands_still(toy):
    toy.frame = 1.0
    assert "step 1 at" in toy.text
    toy.frame = 1e9
    assert "step 4 at" in toy.text
    toy.frame = -1.0
    assert "step 4 at" in toy.text


def test_the_smallest_numbers_have_no_sign():
    stage = Stage()
    numbers = np.array([[0, -1e-9, -0.004, -12.5]])
    stage.present(View((), "", "{0:d} {1:.4f} {2:.2f} {3:.1f}", numbers))
    assert stage.line(0) == "0 0.0000 0.00 −12.5"


def test_the_largest_numbers_have_an_exponent():
    stage = Stage()
    numbers = np.array([[-2.264e125, 1e15, 123456789012345.6, np.inf, np.nan]])
    stage.present(View((), "", "({0:.4f}, {1:.2f}) {2:.1f} {3:.4f} {4:.3g}", numbers))
    assert stage.line(0) == "(−2.264e+125, 1e+15) 123456789012345.6 ∞ –"


# ---------------------------------------------------------------------------- digest
def shifted(marks, index, by):
    low, high = np.array(LIMITS["p"]).T
    spans = np.tile(high - low, marks[index].data.shape[-1] // 2)
    moved = mk.Mark(**{**vars(marks[index]), "data": marks[index].data + by * spans})
    return [*marks[:index], moved, *marks[index + 1 :]]


MARKS = [
    mk.line([[1.11, 2.22], [3.33, 4.44]], "p", "loss"),
    mk.points([[1.23, 3.21]], "p", "path", timing="current"),
    mk.arrows([[1.01, 2.02, 3.03, 4.04]], "p", "gradient"),
    mk.bars([[1.71, 0.13, 2.71, 3.13]], "p", "compare"),
    mk.text([[5.17, 2.91]], ["word"], "p", "ink"),
    mk.region([[1.37, 1.39], [2.41, 2.43], [3.47, 1.49]], "p", "global"),
    mk.line(np.array([[[1.1, 2.2], [3.3, 4.4]]] * 2), "p", "loss", timing="frames"),
]


def of(marks, **parts):
    return digest(View(marks, "", **parts), LIMITS)


@pytest.mark.parametrize("index", range(len(MARKS)))
def test_digest_sees_what_an_eye_sees_and_no_last_bits(index):
    assert of(shifted(MARKS, index, 1e-3)) != of(MARKS)
    assert of(shifted(MARKS, index, 1e-9)) == of(MARKS)
    assert of(shifted(MARKS, index, -1e-9)) == of(MARKS)


def test_digest_is_repeatable_and_eight_digits():
    assert of(MARKS) == of(list(MARKS))
    assert re.fullmatch("[0-9a-f]{8}", of(MARKS))


def test_digest_sees_words_roles_and_what_is_missing():
    texts = [mk.text([[5, 2]], [word], "p", role) for word in "ab" for role in ("ink", "path")]
    digests = {of([text]) for text in texts} | {of([]), of(MARKS), of(MARKS[:-1])}
    assert len(digests) == 7


def test_digest_ignores_the_sign_of_zero_and_of_nan():
    def line(*numbers):
        return of([mk.line(np.array([numbers]), "p", "loss")])

    assert line(0.0, 1.0) == line(-0.0, 1.0)
    assert line(np.nan, 1.0) == line(-np.nan, 1.0) == line(np.copysign(np.nan, -1), 1.0)
    assert line(np.nan, 1.0) != line(0.0, 1.0)


def test_digest_cuts_off_far_outside_the_panel():
    def line(far):
        return of([mk.line([[1.0, far]], "p", "loss")])

    assert line(1e9) == line(1e300) == line(np.inf)
    assert line(1e9) != line(-1e9)


def test_digest_sees_the_numbers_of_the_readout():
    def numbers(*row):
        return of([], numbers=np.array([row]))

    assert numbers(1.0, 2.0) == numbers(1.0 + 1e-12, 2.0)
    assert numbers(1.0, 2.0) != numbers(1.001, 2.0)
    assert numbers(1e6, 0.0) != numbers(1.001e6, 0.0)
    assert numbers(np.nan, np.inf) == numbers(-np.nan, np.inf)


# --------------------------------------------------------------------------- threads
def test_two_threads_never_mix_their_values(toy):
    faults = []

    def work(a):
        for n in range(2, 40):
            toy.value = {"a": a, "n": n}
            with toy._guard:
                record, value = toy.record, toy.value
                if len(record) != value["n"] or record[-1, 1] != 10 * value["a"]:
                    faults.append(value)
                if len(decoded(toy)[1]) != value["n"]:
                    faults.append("buffer")

    run_together(lambda: work(0.25), lambda: work(0.75))
    assert not faults
    for update in updates(toy):
        # a row is 3 numbers and 2 points, and half way stands one text
        assert len(update.buffers.get("buffer", b"")) % (3 * 8 + 4 * 4) in (0, 2 * 4)


def test_a_scrub_in_the_browser_loses_no_message(toy):
    rounds = 300

    def scrub():
        for i in range(rounds):
            toy.set_state({"frame": float(i % 5)})

    def move():
        for i in range(rounds):
            post(toy, type="set", name="a", value=(i % 10) / 10, seq=i + 1)

    run_together(scrub, move)
    answered = [u.state["echo"][1] for u in updates(toy) if "echo" in u.state]
    assert answered == list(range(1, rounds + 1))


def run_together(*jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


# --------------------------------------------------------------------------- scripts
def test_script_and_style_are_text_and_whole():
    assert isinstance(Toy._esm, str)
    assert Toy._esm.count("export default") == 1
    assert "import " not in Toy._esm
    assert 'data-lm-suppress-shortcuts": "true"' in Toy._esm
    assert "--course-loss" in Toy._css
    assert 'font-family: "Course CJK"' in Toy._css
    assert not re.search(r"https?://(?!www\.w3\.org)", Toy._esm + Toy._css)
