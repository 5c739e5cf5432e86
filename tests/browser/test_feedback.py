"""The learners' pages in a real browser: nothing of theirs runs, everything can be read."""

from __future__ import annotations

import pytest

from course.exercises.bank import exercises
from course.grading.feedback import write_feedback
from course.grading.grader import Mark, Result

pytestmark = pytest.mark.browser

EXERCISE = exercises()[0]
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=https://example.org/x onerror=alert(1)>",
    "</pre></section><style>*{display:none}</style>",
    '"><svg onload=alert(1)>',
    "x" * 400,
)
STATUSES = ("raised", "wrong", "stopped", "missing", "not attempted")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Write the pages of a hostile class; return the index and the learners' pages."""
    folder = tmp_path_factory.mktemp("results")
    results = []
    for words, status in zip(HOSTILE, STATUSES, strict=True):
        lines = (words, "It happens in line 1 of your cell:", f"    {words}")
        marks = tuple(Mark(q.name, 0, q.points, status, lines) for q in EXERCISE.questions)
        results.append(Result(words, EXERCISE.lesson, marks, "none", words, notes=(words,)))
    index = write_feedback(results, EXERCISE, folder)
    return [index, *sorted((folder / "feedback").iterdir())]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_runs_nothing_is_fetched_nothing_is_cut_off(chromium, pages, scheme, width):
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    seen: list[str] = []
    page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: seen.append(message.text))
    page.on("request", lambda r: None if r.url.startswith("file:") else seen.append(r.url))
    for path in pages:
        page.goto(path.as_uri())
        assert page.locator("h1").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(17, 17, 17)")
    assert seen == []
    context.close()
