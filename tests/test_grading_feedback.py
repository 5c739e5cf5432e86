"""The learners' pages: they say what is right and wrong, and hold no markup of others."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.exercises.bank import exercises
from course.exercises.values import shown
from course.grading.feedback import feedback, write_feedback
from course.grading.grader import Mark, Result, grade, seed_of
from course.grading.results import safe_name
from course.grading.sandbox import Warden
from course.grading.submission import Submission
from course.grading.words import CSS, html, name_of, plain

ROOT = Path(__file__).resolve().parents[1]
EXERCISE = exercises()[0]
QUESTIONS = {q.name: q for q in EXERCISE.questions}
SECRET = b"of the tests"
HOSTILE = (
    "<script>alert(1)</script>",
    "</code></pre></section><img src=x onerror=alert(1)>",
    "`<b>` \x1b[31m\x07 \u202egnp.exe \ud800",
    "\"' onmouseover=alert(1) x='",
    "    </pre><iframe src=//example.org>",
    "<!--",
    "]]><svg/onload=alert(1)>",
)


class Skeleton(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.words: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_comment(self, data):
        self.tags.append(("comment", ()))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def result(*marks: Mark, learner: str = "ada", notes: tuple[str, ...] = ()) -> Result:
    return Result(learner, EXERCISE.lesson, marks, "bubblewrap", "0" * 64, notes=notes)


def mark(question: str, status: str, *lines: str, points: float = 0.0) -> Mark:
    return Mark(question, points, QUESTIONS[question].points, status, lines)


# ---------------------------------------------------------------------------- what is told
def test_a_page_tells_points_diagnosis_and_what_to_read_again():
    (sentence,) = (m.sentence for m in QUESTIONS["mse"].mistakes if m.name == "no 1/N")
    page = feedback(
        result(mark("mse", "wrong", sentence, points=1.0), mark("bce", "right", points=2)), EXERCISE
    )
    text = Skeleton(page).text
    assert sentence in text
    assert "3 of 4 points" in text
    assert "1 of 2 questions is right." in text
    assert "partly right · 1 of 2" in text
    assert f"section “{QUESTIONS['mse'].section}” (notebooks/01_losses.ipynb)" in text
    assert QUESTIONS["bce"].section not in text  # what is right need not be read again


def test_an_error_shows_the_learners_own_line_as_code():
    lines = ("ValueError: no", "It happens in line 2 of your cell:", "    return 1 < y")
    page = feedback(result(mark("mse", "raised", *lines)), EXERCISE)
    assert "<pre>ValueError: no</pre>" in page
    assert "<pre>return 1 &lt; y</pre>" in page


def test_every_state_is_told_in_words_and_a_file_that_cannot_be_read_once():
    problem = "The file is no notebook: it is not valid JSON."
    broken = result(*(mark(name, "missing", problem) for name in QUESTIONS), notes=(problem,))
    assert Skeleton(feedback(broken, EXERCISE)).text.count(problem) == 1
    words = {
        "right": "right",
        "wrong": "not right yet",
        "raised": "stops with an error",
        "stopped": "had to be stopped",
        "missing": "not found",
        "not attempted": "not begun",
    }
    for status, told in words.items():
        assert (
            f"{told} · 0 of 2"
            in Skeleton(feedback(result(mark("mse", status, "Because.")), EXERCISE)).text
        )


def test_a_link_leads_to_the_lesson_where_an_address_is_given():
    one = result(mark("mse", "missing"))
    page = feedback(one, EXERCISE, lessons="https://example.org/course/")
    assert "https://example.org/course/01_losses.ipynb" in Skeleton(page).addresses
    with pytest.raises(ValueError, match="https://"):
        feedback(one, EXERCISE, lessons="javascript:alert(1)")


def test_a_result_of_another_exercise_is_refused():
    with pytest.raises(ValueError, match="02_other"):
        feedback(replace(result(), exercise="02_other"), EXERCISE)


@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.lesson)
def test_the_sections_to_read_again_are_headings_of_the_lesson(exercise):
    notebook = json.loads((ROOT / "notebooks" / f"{exercise.lesson}.ipynb").read_text("utf-8"))
    lines = [line for c in notebook["cells"] for line in "".join(c["source"]).splitlines()]
    headings = {line.lstrip("# ") for line in lines if line.startswith("#")}
    assert {q.section for q in exercise.questions} <= headings


# ------------------------------------------------------------------------ what is not told
def test_no_expected_value_of_a_hidden_input_is_on_the_page():
    answers = {
        "mse": "def mse(y, y_hat):\n    return float(np.abs(y).sum()) + 0.123456",
        "bce": "def bce(y, p):\n    return y[0] + 17",
        "mae_gradient": "def mae_gradient(y, y_hat):\n    y_hat[0] += 1\n    return y_hat * 0.77",
    }
    cells = [{"cell_type": "code", "source": source} for source in answers.values()]
    submission = Submission("ada", "ada.ipynb", json.dumps({"cells": cells}).encode())
    with Warden() as warden:
        graded = grade(submission, EXERCISE, warden, SECRET)
    text = Skeleton(feedback(graded, EXERCISE)).text
    assert "should be" not in text
    for name in answers:
        question = QUESTIONS[name]
        for args in question.drawn(list(seed_of(SECRET, "ada", name))):
            try:
                expected = shown(question.reference(*args))
            except ValueError:
                continue
            if len(expected) > 5:  # a number such as 0.0 stands anywhere
                assert expected not in text


# ------------------------------------------------------------------------------- hostility
def assert_harmless(page: str, like: str) -> None:
    """Assert that a page has the tags of another one, whose words are harmless, and no others."""
    found, wanted = Skeleton(page), Skeleton(like)
    assert set(found.tags) <= set(wanted.tags) | {("pre", ()), ("p", ()), ("code", ())}
    assert all(address.startswith("#") for address in found.addresses)
    stray = [c for c in page if not (c.isprintable() or c == "\n")]
    assert stray == []
    page.encode("utf-8")


def everywhere(words: str) -> Result:
    marks = [
        mark("mse", "raised", words, "It happens in line 1 of your cell:", f"    {words}"),
        mark("bce", "wrong", words),
        Mark(words, 0, 1, words, (words,), (words,)),
    ]
    return replace(result(*marks, learner=words, notes=(words,)), submission=words)


@pytest.mark.parametrize("words", HOSTILE)
def test_what_comes_from_a_submission_is_only_text(words):
    page = feedback(everywhere(words), EXERCISE)
    assert_harmless(page, like=feedback(everywhere("harmless"), EXERCISE))
    assert plain(words).split()[0].strip("`") in Skeleton(page).text


@given(st.text(max_size=80))
def test_any_text_is_only_text(words):
    assert_harmless(
        feedback(everywhere(words), EXERCISE), like=feedback(everywhere("harmless"), EXERCISE)
    )


@given(st.text())
def test_plain_text_is_one_printable_line(words):
    line = plain(words)
    assert all(c.isprintable() or c in "\u200c\u200d" for c in line)
    assert plain(line) == line
    assert len(line) <= 500
    assert "<" not in html(words)
    assert name_of(words)


def test_the_page_needs_nothing_from_elsewhere_and_lets_nothing_run():
    page = feedback(result(mark("mse", "right", points=2)), EXERCISE)
    tags = [tag for tag, _ in Skeleton(page).tags]
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    for needed in ("prefers-color-scheme: dark", "@media print", '<html lang="en">', "<caption>"):
        assert needed in page


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1])
def test_every_colour_of_words_stands_out_from_the_page_and_from_code(theme):
    block = re.findall(r":root {(.*?)}", CSS, re.DOTALL)[theme]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block))
    words = colours.keys() - {"page", "soft", "line"}
    assert {"ink", "muted", "right", "partly", "wrong", "raised", "link"} == words
    for name in words:
        for ground in ("page", "soft"):
            low, high = sorted((luminance(colours[name]), luminance(colours[ground])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ground)


# ----------------------------------------------------------------------------------- files
def test_all_pages_and_an_index_are_written(tmp_path):
    names = ("ada", "../../etc/passwd", "<b>bo</b>", "/", "ada ")
    results = [result(mark("mse", "right", points=2), learner=name) for name in names]
    index = write_feedback(results, EXERCISE, tmp_path)
    pages = {path.name for path in (tmp_path / "feedback").iterdir()}
    assert pages == {f"{safe_name(name)}.html" for name in names}
    assert {path.name for path in tmp_path.iterdir()} == {"feedback", "index.html", "summary.txt"}
    links = [a for a in Skeleton(index.read_text("utf-8")).addresses if a.startswith("feedback/")]
    assert {link.removeprefix("feedback/") for link in links} == pages


def test_pages_are_written_again_only_where_something_changed(tmp_path):
    first, second = (result(mark("mse", "right", points=2), learner=n) for n in ("ada", "bo"))
    write_feedback([first, second], EXERCISE, tmp_path)
    paths = [tmp_path / "feedback" / f"{safe_name(n)}.html" for n in ("ada", "bo")]
    before = [path.stat().st_ino for path in paths]
    changed = result(mark("mse", "missing", "Not there."), learner="bo")
    write_feedback([first, changed], EXERCISE, tmp_path)
    after = [path.stat().st_ino for path in paths]
    assert before[0] == after[0]
    assert before[1] != after[1]
