import comm
import numpy as np
import pytest

from course.explorers import Predict, kept, welcome
from course.explorers import gradient_descent as lesson
from course.explorers.gated import VEIL_OF_PRINT_OF_SEVERAL, Gated, fingerprint
from course.plots import marks as mk
from tests.wire import Recorder, post, updates


def scene(figure, theme):
    ax = figure.add_axes((0.1, 0.1, 0.8, 0.8), xticks=[], yticks=[])
    ax.set(xlim=(0, 10), ylim=(-1, 1))
    return {"map": ax}


def choice(**changes):
    options = ("three", "four", "five")
    return Predict("2 + 2?", **{"options": options, "answer": 1, "reason": "Count."} | changes)


def number(**changes):
    given = {"answer": 0.25, "tolerance": 0.005, "reason": "2/8.", "unit": "per step"}
    return Predict("Up to which α?", **given | changes)


def place(**changes):
    given = {"answer": (4.0, 0.5), "tolerance": 0.4, "reason": "There.", "scene": scene}
    return Predict("Where?", **given | changes)


KINDS = {"choice": (choice, 1, 2), "number": (number, 0.25, 3), "place": (place, (4, 0.5), (9, -1))}
every_kind = pytest.mark.parametrize(("make", "right", "wrong"), KINDS.values(), ids=KINDS)


@pytest.fixture(autouse=True)
def _recorded(monkeypatch):
    monkeypatch.setattr(comm, "create_comm", lambda **options: Recorder(**options))


# -------------------------------------------------------------------------- locking
@every_kind
def test_right_and_wrong_guesses_are_told(make, right, wrong):
    assert make().answer_with(right).startswith("Right. You predicted")
    verdict = make().answer_with(wrong)
    assert verdict.startswith("You predicted")
    assert "The answer is" in verdict


@every_kind
def test_a_second_guess_changes_nothing(make, right, wrong):
    question = make()
    first = question.answer_with(wrong)
    outcome = dict(question.outcome)
    assert question.answer_with(right) == first
    assert question.outcome == outcome
    post(question, type="answer", guess=right)
    post(question, type="drag", name="guess", x=1.0, y=0.0)
    post(question, type="nudge", name="guess", dx=1, dy=0)
    assert question.outcome == outcome
    assert question.alert == ""


@every_kind
def test_nothing_is_given_away_before_the_lock(make, right, wrong):
    question = make()
    sent = str(question.get_state())
    assert not question.locked
    assert question.reason not in sent
    if question.kind != "choice":
        assert question._words(question.answer) not in sent
    question.answer_with(wrong)
    assert question.outcome["reason"] == question.reason


WRONG_TYPES = {
    "choice": ["four", "1", None, 3, -1, True, 1.5, np.nan, [1], (1, 2)],
    "number": ["much", None, np.nan, np.inf, True, (1, 2), [], {}],
    "place": ["here", None, 3, (1, np.nan), (1, 2, 3), ("a", "b"), {}],
}


@pytest.mark.parametrize(
    ("kind", "guess"), [(k, g) for k, guesses in WRONG_TYPES.items() for g in guesses], ids=str
)
def test_a_guess_of_the_wrong_kind_locks_nothing(kind, guess):
    question = KINDS[kind][0]()
    with pytest.raises(ValueError, match=r"^answer must be .*, not "):
        question.answer_with(guess)
    assert not question.locked
    if kind != "place":
        post(question, type="answer", guess=guess)
        assert question.alert.startswith("That does not work: answer must be")
        assert not question.locked
    with pytest.raises(ValueError, match=r"^answer must be .*, not "):
        KINDS[kind][0](answer=guess)


def test_numbers_of_numpy_are_taken():
    assert choice(answer=np.int64(1)).answer_with(np.int64(1)).startswith("Right")
    assert number(answer=np.float64(0.25)).answer_with(np.float32(0.25)).startswith("Right")
    assert place(answer=np.array([4.0, 0.5])).answer_with(np.array([4, 0.5])).startswith("Right")


@pytest.mark.parametrize(("guess", "right"), [(0.245, True), (0.255, True), (0.256, False)])
def test_tolerance_of_numbers(guess, right):
    assert number(tolerance=0.0050001).answer_with(guess).startswith("Right") == right


@pytest.mark.parametrize(("guess", "right"), [((4.3, 0.5), True), ((4.3, 0.2), False)])
def test_tolerance_of_places_is_a_distance(guess, right):
    assert place(tolerance=0.35).answer_with(guess).startswith("Right") == right


def test_without_a_tolerance_only_the_answer_itself_is_right():
    assert number(tolerance=0).answer_with(0.25).startswith("Right")
    assert not number(tolerance=0).answer_with(0.2500001).startswith("Right")


@every_kind
def test_those_who_follow_are_told_of_every_change(make, right, wrong):
    question, calls = make(), []
    question.follow(lambda: calls.append(question.locked))
    assert calls == []
    question.answer_with(wrong)
    question.answer_with(right)
    assert calls == [True]
    question.clear()
    assert calls == [True, False]
    assert question.answer_with(right).startswith("Right.")


# ---------------------------------------------------------------------- on the wire
@every_kind
def test_an_answer_from_the_browser_is_one_message(make, right, wrong):
    question = make()
    if question.kind == "place":
        post(question, type="drag", name="guess", x=float(right[0]), y=float(right[1]))
    updates(question)
    post(question, type="answer", guess="place" if question.kind == "place" else right, seq=4)
    (update,) = updates(question)
    assert update.state["outcome"]["locked"] is True
    assert update.state["outcome"]["verdict"].startswith("Right")
    assert update.state["echo"] == ["browser", 4]


def test_a_place_must_be_pointed_at_first():
    question = place()
    assert not question.placed
    post(question, type="answer", guess="place")
    assert not question.locked
    assert question.alert


def test_the_marker_moves_and_stays_in_the_picture():
    question = place()
    post(question, type="nudge", name="guess", dx=1, dy=-1)
    (handle,) = question.handles
    assert (handle["x"], handle["y"]) == pytest.approx((5.1, -0.02))
    assert question.placed
    post(question, type="nudge", name="guess", dx=1e9, dy=-1e9)
    assert (question.handles[0]["x"], question.handles[0]["y"]) == (10, -1)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "drag", "name": "guess", "x": float("nan"), "y": 0},
        {"type": "drag", "name": "guess", "x": "a", "y": 0},
        {"type": "drag", "name": "guess"},
        {"type": "nudge", "name": "guess", "dx": float("nan"), "dy": 0},
        {"type": "nudge", "name": "guess", "dx": "a", "dy": 0},
        {"type": "answer"},
        {},
    ],
    ids=str,
)
def test_a_wrong_message_moves_nothing(message):
    question = place()
    post(question, type="drag", name="guess", x=2.0, y=0.1)
    before = list(question.handles)
    post(question, **{"type": None, "seq": 8} | message)
    if message.get("type") != "answer":
        assert question.handles == before
        assert not question.locked
    assert question.echo == ["browser", 8]


def test_a_place_shows_guess_and_answer_side_by_side():
    question = place(marks=[mk.points([[1, 0]], "map", "start")])
    assert len(question.marks) == 1
    question.answer_with((9.5, 0))
    assert question.handles == []
    words = {mark["texts"][0]: mark for mark in question.marks if mark["texts"]}
    assert set(words) == {"your prediction", "the answer"}
    assert words["your prediction"]["anchor"] == "end"  # it would leave the picture
    assert words["the answer"]["anchor"] == "start"


# --------------------------------------------------------------------- saved output
def told(question):
    """Return everything that a page, a file or a message holds of a question."""
    bundle = question._repr_mimebundle_()
    return str([bundle, question.get_state(), question.comm.sent])


@every_kind
def test_the_answer_is_saved_only_once_it_is_locked(make, right, wrong):
    question = make()
    answer = f"{question._words(question.answer)}. {question.reason}"
    before = told(question)
    assert question.question["prompt"] in before
    assert question.reason not in before
    if question.kind != "choice":  # the right option is an option
        assert question._words(question.answer) not in before
    digest = question.text.splitlines()[-1]
    assert digest == f"digest {fingerprint(f'Answer: {answer}')}"
    question.answer_with(wrong)
    data, metadata = question._repr_mimebundle_()
    for part in (question.question["prompt"], question.reason, question._words(question.answer)):
        assert part in data["text/plain"]
        assert part in data["text/html"]
    assert "image/png" not in data
    assert metadata == {"course": {"static": True}}


def test_the_digest_tells_answers_and_reasons_apart():
    texts = {
        choice().text,
        choice(answer=2).text,
        choice(reason="Count again.").text,
        number(answer=0.25).text,
        number(answer=0.2501).text,
        place(answer=(4.0, 0.5)).text,
        place(answer=(4.0, 0.51)).text,
    }
    assert len(texts) == 7


def test_text_is_complete():
    question = choice()
    question.answer_with(2)
    assert question.text == (
        "Predict first: 2 + 2?\n  (a) three\n  (b) four\n  (c) five\n"
        "You predicted (c) “five”. The answer is (b) “four”.\nCount."
    )


@every_kind
def test_the_edition_with_answers(make, right, wrong, monkeypatch):
    monkeypatch.setenv("COURSE_PREDICTIONS", "open")
    question = make()
    assert question.text.endswith(f"Answer: {question._words(question.answer)}.\n{question.reason}")
    assert question.reason in question.saved()["text/html"]
    assert not question.locked
    assert Gated(after=question).veil == ""


def test_words_are_escaped():
    bad = '<img src=x onerror=alert(1)> & "so"'
    question = choice(reason=bad, options=(bad, "b"), answer=0)
    question.question = question.question | {"prompt": bad}
    question.answer_with(1)
    html = question.saved()["text/html"]
    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt; &amp;") == 4


# -------------------------------------------------------------------- printed numbers
def displayed(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    return shown


def test_what_a_block_prints_appears_with_the_answer(monkeypatch, capsys):
    shown, question = displayed(monkeypatch), number()
    with question.reveal():
        kept = 7
        print("it is 0.25")
    (output,) = shown
    assert kept == 7
    assert capsys.readouterr().out == ""
    assert "0.25" not in told(output)
    assert output.text.splitlines()[-1] == f"digest {fingerprint('it is 0.25')}"
    question.answer_with(3)
    assert output.text == "it is 0.25"
    assert output.get_state("printed") == {"printed": "it is 0.25\n"}
    assert updates(output)[-1].state["printed"] == "it is 0.25\n"
    with question.reveal():
        print("at once")
    assert capsys.readouterr().out == "at once\n"
    assert len(shown) == 1


def test_what_waits_for_several_answers_waits_for_all(monkeypatch, capsys):
    shown, questions = displayed(monkeypatch), [number(), number(), number()]
    for count, question in enumerate(questions):
        with questions[-1].reveal(*questions):
            print("it is 0.25")
        assert len(shown) == count + 1
        assert all(output.veil == VEIL_OF_PRINT_OF_SEVERAL for output in shown)
        assert "0.25" not in told(shown[0])
        question.answer_with(3)
    assert [output.text for output in shown] == ["it is 0.25"] * 3
    with questions[-1].reveal(*questions):
        print("at once")
    assert capsys.readouterr().out == "at once\n"


def test_a_block_that_fails_gives_nothing_away(monkeypatch, capsys):
    shown, question = displayed(monkeypatch), number()

    def fail():
        with question.reveal():
            print("it is 0.25")
            raise KeyError("no")

    with pytest.raises(KeyError):
        fail()
    assert (shown, capsys.readouterr().out) == ([], "")
    question.answer_with(3)
    with pytest.raises(KeyError):
        fail()
    assert capsys.readouterr().out == "it is 0.25\n"


def test_a_silent_block_shows_nothing(monkeypatch):
    shown = displayed(monkeypatch)
    with number().reveal():
        pass
    assert shown == []


# -------------------------------------------------------------------- what is kept
@pytest.fixture
def kept_in(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "progress.sqlite"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.setattr(kept, "_memory", {})
    return path


@every_kind
def test_a_locked_guess_comes_back(make, right, wrong, kept_in):
    first = make(key="00/it")
    verdict = first.answer_with(wrong)
    assert make(key="00/other").locked is False
    again = make(key="00/it")
    assert (again.locked, again.outcome) == (True, first.outcome)
    assert again.answer_with(right) == verdict
    explorer = Gated(after=again)
    assert explorer.veil == ""
    again.clear()
    assert explorer.veil
    assert not make(key="00/it").locked
    assert not first.locked, "the copy of the cell that ran first"


def test_copies_of_one_question_are_locked_together(kept_in):
    old, new, stranger = number(key="00/n"), number(key="00/n"), number(key="00/m")
    waits = Gated(after=old)
    new.answer_with(0.3)
    assert old.outcome == new.outcome
    assert waits.veil == ""
    assert not stranger.locked


def test_a_guess_is_kept_by_the_words_of_its_option(kept_in):
    choice(key="00/c").answer_with(2)
    moved = choice(key="00/c", options=("five", "three", "four"), answer=2)
    assert moved.outcome["guess"] == 0
    assert not choice(key="00/c", options=("three", "four"), answer=1).locked


def test_a_guess_at_another_question_is_of_no_use(kept_in):
    number(key="00/n").answer_with(0.3)
    other = Predict("Up to which β?", answer=0.5, reason="So.", key="00/n")
    assert not other.locked
    other.answer_with(0.4)
    assert not number(key="00/n").locked
    assert Predict("Up to which β?", answer=0.5, reason="So.", key="00/n").locked


def test_all_guesses_can_be_forgotten(kept_in):
    for key in ("00/a", "00/b"):
        number(key=key).answer_with(0.3)
    kept.forget()
    assert not number(key="00/a").locked
    assert not number(key="00/b").locked


def test_a_file_that_cannot_be_written_loses_nothing_while_the_kernel_lives(kept_in):
    kept_in.mkdir(parents=True)
    number(key="00/n").answer_with(0.3)
    assert number(key="00/n").outcome["guess"] == 0.3


@pytest.mark.parametrize("words", ["not json", '"much"', "null", "[1, 2]", "true"])
def test_a_spoilt_guess_is_not_taken(kept_in, words):
    number(key="00/n").answer_with(0.3)
    with kept.database("select 1") as connection:
        connection.execute("update predictions set guess = ?", (words,))
    assert not number(key="00/n").locked


def test_nothing_is_kept_where_keeping_is_off(kept_in, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    number(key="00/n").answer_with(0.3)
    assert not number(key="00/n").locked
    assert not kept_in.exists()


# ------------------------------------------------------------------ the lessons' own
ASK = {name: getattr(lesson, name) for name in lesson.__all__ if name.startswith("ask_")}
ASK["ask_a_first_question"] = welcome.ask_a_first_question


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
def test_the_questions_of_the_lesson(ask):
    question = ask()
    assert question.question["prompt"].endswith(("?", "marker."))
    assert len(question.reason) > 20
    assert ask().answer_with(question.answer).startswith("Right.")
    if question.kind == "choice":
        assert len(set(question.options)) == len(question.options)
        assert len({ask().answer_with(i) for i in range(len(question.options))}) > 1
    else:
        far = np.add(question.answer, 10 * question.tolerance)
        assert not ask().answer_with(far).startswith("Right.")
