"""The class at a glance: numbers by hand, reasons to look, names that harm no terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.exercises.bank import exercises
from course.exercises.bench import Bench
from course.grading.child import Child
from course.grading.grader import Mark, Result, graded
from course.grading.overview import as_page, as_text
from course.grading.summary import Summary, summary

FULL = exercises()[0]
EXERCISE = replace(FULL, questions=FULL.questions[:4])
NAMES = [q.name for q in EXERCISE.questions]
MSE = EXERCISE.questions[0]


def result(learner: str, *marks: Mark, notes: tuple[str, ...] = (), file: str = "") -> Result:
    """Return a result whose other questions are right."""
    given_marks = {m.question: m for m in marks}
    all_marks = tuple(
        given_marks.get(q.name, Mark(q.name, float(q.points), q.points, "right", ()))
        for q in EXERCISE.questions
    )
    return Result(learner, EXERCISE.lesson, all_marks, "bubblewrap", file or learner, notes=notes)


def bad(status: str, *lines: str, question: str = "mse", mistakes=(), points: float = 0.0) -> Mark:
    worth = next(q.points for q in EXERCISE.questions if q.name == question)
    return Mark(question, points, worth, status, lines, tuple(mistakes))


def every(status: str, *lines: str) -> list[Mark]:
    return [bad(status, *lines, question=name) for name in NAMES]


def looks(*results: Result) -> dict[str, tuple[str, ...]]:
    found: Summary = summary(results, EXERCISE)
    return {look.learner: look.reasons for look in found.looks}


# --------------------------------------------------------------------------------- numbers
def test_marks_and_spread_by_hand():
    results = [
        result("a"),
        result("b", bad("wrong", "x", points=1.0)),
        result("c", bad("not attempted")),
        result("d", *every("missing", "No function.")),
        result("e"),
    ]
    found = summary(results, EXERCISE)
    full = EXERCISE.points  # the marks: 0, full − 2, full − 1, full, full
    assert found.quartiles == (0, full - 2, full - 1, full, full)
    assert found.mean == pytest.approx((4 * full - 3) / 5)
    mse, *others = found.spreads
    assert (mse.mean, mse.right, mse.tried) == pytest.approx((5 / 5, 2 / 5, 3 / 5))
    assert all((o.right, o.mean) == pytest.approx((4 / 5, 4 / 5 * o.worth)) for o in others)


def test_the_commonest_mistakes_come_first_with_their_sentences_and_sections():
    one, two = MSE.mistakes[:2]
    results = [
        result("a", bad("wrong", one.sentence, mistakes=[one.name])),
        result("b", bad("wrong", one.sentence, mistakes=[one.name])),
        result("c", bad("wrong", "Two things at once.", mistakes=[one.name, two.name])),
        result("d", bad("wrong", two.sentence, mistakes=[two.name])),
        result("e", bad("raised", "NameError: x", question="bce")),
        result("f", bad("raised", "NameError: y", question="bce")),
        result("g", bad("wrong", "Every result is zero.")),
    ]
    found = summary(results, EXERCISE).mistakes
    assert [(m.question, m.mistake, m.learners) for m in found] == [
        ("mse", one.name, 3),
        ("mse", two.name, 2),
        ("bce", "", 2),
    ]
    assert found[0].sentence == one.sentence
    assert MSE.section in found[0].revisit
    assert found[2].sentence == "It stops with NameError."
    words = " ".join(as_text(summary(results, EXERCISE)).split())
    assert one.sentence in words
    assert f"section “{MSE.section}”" in words


# ------------------------------------------------------------------------- who needs a look
def test_nobody_needs_a_look_for_honest_work():
    assert looks(result("a"), result("b", bad("wrong", "x")), result("c", bad("raised", "x"))) == {}


def test_reasons_to_look():
    problem = "The file is larger than 20 MiB, which is not read."
    found = looks(
        result("unreadable", *every("missing", problem), notes=(problem,)),
        result("empty", *every("not attempted")),
        result("renamed", *every("missing", "No function.")),
        result("partly", bad("missing", "No function.", question="bce")),
        result("hangs", bad("stopped", "It had not come back.")),
        result("crashes", *every("raised", "E: x")[:3]),
        result("cells", notes=tuple(f"Code cell {i} stops with E: x" for i in range(3))),
        result("exits", notes=("A cell ended the process: only the functions were used.",)),
    )
    assert found["unreadable"] == (f"it could not be read: {problem}",)
    assert found["empty"] == ("nothing was attempted",)
    assert found["renamed"] == ("no function has a known name",)
    assert found["partly"] == ("not found: bce",)
    assert found["hangs"] == ("had to be stopped: mse",)
    assert found["crashes"] == ("3 of 4 functions stop with an error",)
    assert found["cells"] == ("3 code cells stop with an error",)
    assert found["exits"] == ("a cell ended the process: only the functions were used",)


def test_the_same_file_from_two_learners_is_seen_unless_it_earned_nothing():
    found = looks(
        result("a", file="same"),
        result("b", file="same"),
        result("c", *every("not attempted"), file="stub"),
        result("d", *every("not attempted"), file="stub"),
    )
    assert found["a"] == ("the very same file as b",)
    assert "the very same file as a" in found["b"]
    assert found["c"] == found["d"] == ("nothing was attempted",)


def test_what_the_grader_says_of_a_forged_answer_is_a_reason_to_look():
    class Forger(Child):
        def __init__(self) -> None:
            self.cells = []

        def answers(self, requests):
            return ({"runs": "full marks"} for _ in requests)

    (mark,) = graded([Bench(MSE)], Forger())
    assert looks(result("a", mark)) == {"a": ("what came back was no honest answer: mse",)}


def test_a_cell_that_was_handed_out_so_is_no_reason():
    child = Child(None, ["import course.losses\n", "1 / 0"], 1.0, ["import course.losses"])
    wrong = [[1, {"type": "ImportError", "words": "x"}], [2, {"type": "E", "words": "y"}], "?"]
    assert child._cell_notes(wrong) == ["Code cell 2 stops with E: y"]


# -------------------------------------------------------------------------------- the words
def test_the_sandbox_warning_is_loud():
    safe, unsafe = result("a"), replace(result("b"), sandbox="none")
    assert "SANDBOX" not in as_text(summary([safe], EXERCISE)) + as_page(summary([safe], EXERCISE))
    text = as_text(summary([unsafe], EXERCISE))
    assert "NO SANDBOX" in text
    assert text.rstrip().endswith("!" * 88)  # the last that is seen
    page = as_page(summary([safe, unsafe], EXERCISE))
    assert "1 of 2: NO SANDBOX" in page
    assert page.index("NO SANDBOX") < page.index("<h2>Marks")
    assert 'role="alert"' in page


def test_long_lists_are_cut_in_the_terminal_and_whole_in_the_file():
    results = [result(f"learner{i:02}", bad("stopped", "x")) for i in range(30)]
    found = summary(results, EXERCISE)
    assert "learner25" not in as_text(found)
    assert "and 10 more" in as_text(found)
    assert "learner25" in as_text(found, most=None)
    assert "learner25" in as_page(found)


@pytest.mark.parametrize("width", [40, 60, 88])
def test_lines_fit(width):
    one = MSE.mistakes[0]
    marks = bad("wrong", one.sentence, mistakes=[one.name])
    results = [result(name, marks) for name in ("a", "b")]
    lines = as_text(summary(results, EXERCISE), width).splitlines()
    prose = [line for line in lines if "%" not in line and "Exercises" not in line]
    assert max(map(len, prose)) <= width


@given(st.text(max_size=60))
def test_no_name_and_no_word_of_theirs_reaches_the_terminal_raw(words):
    hostile = [
        result(words, *every("missing", words), notes=(words,)),
        result(f"{words}.", bad("raised", words), file="x"),
        result(f"{words};", bad("wrong", words), notes=(f"A cell {words}",), file="x"),
    ]
    text = as_text(summary(hostile, EXERCISE))
    assert all(c.isprintable() or c in "\n\u200c\u200d" for c in text)
    page = as_page(summary(hostile, EXERCISE), {words: "feedback/x.html"})
    assert "<script" not in page
    assert page.count("<section") == 0
    page.encode("utf-8")
    text.encode("utf-8")


def test_markup_in_a_name_is_text():
    page = as_page(summary([result("<script>alert(1)</script>")], EXERCISE))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_nothing_to_sum_up_is_said():
    with pytest.raises(ValueError, match="no results"):
        summary([], EXERCISE)
    with pytest.raises(ValueError, match="02_other"):
        summary([replace(result("a"), exercise="02_other")], EXERCISE)
