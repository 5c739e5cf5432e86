"""What a learner reads about their work: one page each, which needs no other file.

It says what was right, which mistake a wrong answer contains, where an error arose and what to
read again. It holds no expected value of a hidden input: a result has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from course.exercises.question import Exercise, Question
from course.grading.grader import Mark, Result
from course.grading.overview import as_page, as_text
from course.grading.results import safe_name, write_in_one_step
from course.grading.summary import summary
from course.grading.words import html, html_lines, name_of, page, points_of

#: status -> (sign, words, look); what is wrong and still earns points is "partly right"
STATES: Final = {
    "right": ("✓", "right", "right"),
    "partly right": ("◐", "partly right", "partly"),
    "wrong": ("✗", "not right yet", "wrong"),
    "raised": ("✗", "stops with an error", "raised"),
    "stopped": ("✗", "had to be stopped", "raised"),
    "missing": ("–", "not found", "none"),
    "not attempted": ("–", "not begun", "none"),
}
RIGHT: Final = "It agrees with what was asked for on every input that was tried."
NOT_BEGUN: Final = "The stub was not replaced: nothing was written here yet."
HOW: Final = (
    "Your functions were called with inputs that were drawn for you alone, and what they returned "
    "was compared with what is right. Cells with checks, their points and all outputs in the file "
    "were not looked at."
)


def feedback(result: Result, exercise: Exercise, *, lessons: str | None = None) -> str:
    """Return a learner's page.

    Parameters
    ----------
    result
        What the submission earned.
    exercise
        What was graded, for the questions' sections.
    lessons
        The address of the folder with the lessons' notebooks, for links: ``https://…`` or a
        relative one. Without it the page names the file.

    Returns
    -------
    str
        HTML. Whatever came from the submission is text in it.

    Raises
    ------
    ValueError
        For a result of another exercise, or an address that is none.
    """
    if result.exercise != exercise.lesson:
        raise ValueError(f"the result is one of {result.exercise}, not of {exercise.lesson}")
    questions = {question.name: question for question in exercise.questions}
    heading = f"Exercises {int(exercise.lesson[:2])}"
    total = f"{points_of(result.points)} of {result.worth} points"
    parts = [
        f'<header><p class="over">{heading} · Feedback for <bdi>{html(name_of(result.learner))}'
        f"</bdi></p>\n<h1>{html(exercise.title)}</h1>",
        f'<p class="total"><strong>{total}</strong> <progress max="{max(result.worth, 1)}" '
        f'value="{result.points}" aria-label="{total}"></progress></p>',
        f"<p>{_in_short(result)}</p></header>",
        _table(result),
        _notes(result.notes),
        "<h2>Question by question</h2>",
        *(_question(m, questions.get(m.question), exercise, result, lessons) for m in result.marks),
        f"<footer><p>{HOW}</p><p>The file that was graded has the SHA-256 <code>"
        f"{html(result.submission[:16])}…</code></p></footer>",
    ]
    return page(f"{heading}, {name_of(result.learner)}: {total}", "\n".join(parts))


def write_feedback(
    results: Sequence[Result], exercise: Exercise, out: Path, *, lessons: str | None = None
) -> Path:
    """Write every learner's page, and the instructor's index and summary; return the index.

    Parameters
    ----------
    results
        Those of a class.
    exercise
        What was graded.
    out
        The folder. The pages go into its ``feedback``, which can be given to the learners whole;
        ``index.html`` and ``summary.txt`` are the instructor's, and lie outside. Pages of learners
        who have a result in ``results``, but none of these, are removed.
    lessons
        See `feedback`.
    """
    folder = out / "feedback"
    folder.mkdir(parents=True, exist_ok=True)
    links = {}
    for result in results:
        path = folder / f"{safe_name(result.learner)}.html"
        _write(path, feedback(result, exercise, lessons=lessons))
        links[result.learner] = f"feedback/{path.name}"
    for path in folder.glob("*.html"):
        others = (out / "results" / f"{path.stem}.json").is_file()  # then the page is ours
        if others and f"feedback/{path.name}" not in links.values():
            path.unlink()
    told, index = summary(results, exercise), out / "index.html"
    _write(out / "summary.txt", as_text(told, most=None))
    _write(index, as_page(told, links))
    return index


def _write(path: Path, text: str) -> None:
    data = text.encode("utf-8")
    if not path.is_file() or path.read_bytes() != data:  # what is the same keeps its date
        write_in_one_step(path, data)


# ------------------------------------------------------------------------------- the parts
def _in_short(result: Result) -> str:
    right = sum(mark.status == "right" for mark in result.marks)
    total = len(result.marks)
    if right == total:
        return "Everything is right. Well done."
    if not right and all(mark.status in ("missing", "not attempted") for mark in result.marks):
        return "No answer was found in what you handed in."
    if not right:
        return (
            f"None of the {total} questions is right yet." if total > 1 else "It is not right yet."
        )
    return f"{right} of {total} questions {'is' if right == 1 else 'are'} right."


def _state(mark: Mark) -> tuple[str, str, str]:
    partly = mark.status == "wrong" and mark.points > 0
    return STATES.get("partly right" if partly else mark.status, ("–", mark.status, "none"))


def _table(result: Result) -> str:
    rows = []
    for mark in result.marks:
        sign, words, look = _state(mark)
        name = html(mark.question)
        rows.append(
            f'<tr><th scope="row"><a href="#{name}"><code>{name}</code></a></th><td '
            f'class="{look}"><span class="state"><span aria-hidden="true">{sign}</span> '
            f'{html(words)}</span></td><td class="number">{points_of(mark.points)} of '
            f"{mark.worth}</td></tr>"
        )
    return (
        "<table><caption>All questions</caption><thead><tr>"
        '<th scope="col">Question</th><th scope="col">Result</th>'
        '<th scope="col" class="number">Points</th></tr></thead>\n<tbody>'
        + "\n".join(rows)
        + "</tbody></table>"
    )


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    rows = "\n".join(f"<li>{html(note)}</li>" for note in notes)
    return f"<h2>About your notebook</h2>\n<ul>{rows}</ul>"


def _question(
    mark: Mark,
    question: Question | None,
    exercise: Exercise,
    result: Result,
    lessons: str | None,
) -> str:
    sign, words, look = _state(mark)
    name = html(mark.question)
    return (
        f'<section class="question {look}" id="{name}" aria-labelledby="{name}-heading">'
        f'<header><h3 id="{name}-heading"><code>{name}</code></h3>'
        f'<span class="state"><span aria-hidden="true">{sign}</span> {html(words)} · '
        f"{points_of(mark.points)} of {mark.worth}</span></header>\n"
        f"{html_lines(_told(mark, result))}"
        f"{'' if mark.status == 'right' else _again(question, exercise, lessons)}</section>"
    )


def _told(mark: Mark, result: Result) -> list[str]:
    """Return a mark's lines: an error as code, and nothing twice that the notes say already."""
    if mark.lines and set(mark.lines) <= set(result.notes):
        return ["See “About your notebook”."]
    lines = list(mark.lines)
    if mark.status == "raised" and lines:
        lines[0] = "\n".join(f"    {line}" for line in lines[0].splitlines())
    if mark.status == "not attempted":
        return [NOT_BEGUN]
    return [RIGHT, *lines] if mark.status == "right" else lines


def _again(question: Question | None, exercise: Exercise, lessons: str | None) -> str:
    """Return what to read again: the section if the question names one, else the lesson."""
    file = f"{exercise.lesson}.ipynb"
    section = f", section “{html(question.section)}”" if question and question.section else ""
    words = f"lesson {int(exercise.lesson[:2])}{section}"
    if lessons is None:
        where = f"{words} (<code>notebooks/{html(file)}</code>)"
    else:
        where = f'<a href="{escape(address_of(lessons))}/{html(file)}">{words}</a>'
    return f'<p class="again">Read again: {where}</p>'


def address_of(lessons: str) -> str:
    """Return the address of the lessons, if it is one that a link may lead to.

    Raises ValueError if it is none.
    """
    if urlsplit(lessons).scheme not in ("", "http", "https"):
        raise ValueError(
            f"the lessons' address must begin with https://, or be relative: {lessons}"
        )
    return lessons.rstrip("/")
