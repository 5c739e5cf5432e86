"""A summary in words: for the terminal or a text file, and as the instructor's page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from course.grading.summary import Summary
from course.grading.words import html, name_of, page, points_of

NO_SANDBOX: Final = (
    "NO SANDBOX. The learners' code ran with your own rights on this machine: it could read, "
    "change and send your files, and look for answers in them. Before the next run install "
    "bubblewrap (Linux: apt install bubblewrap), or grade in a container or a virtual machine."
)


def as_text(summary: Summary, width: int = 88, most: int | None = 20) -> str:
    """Return a summary for a terminal or a text file; it holds no control characters.

    Parameters
    ----------
    summary
        Of a class.
    width
        Of the lines, in characters.
    most
        How many mistakes, and how many learners to look at, are named at most; None for all.

    Examples
    --------
    >>> from course.exercises.bank import exercises
    >>> from course.grading.grader import Mark, Result
    >>> from course.grading.summary import summary
    >>> marks = tuple(Mark(q.name, 0, q.points, "missing", ()) for q in exercises()[0].questions)
    >>> result = Result("ada", "01_losses", marks, "bubblewrap", "")
    >>> print(as_text(summary([result], exercises()[0])).splitlines()[0])
    Exercises 1 · Losses: 1 learner, 13 points
    """
    return "\n".join(_text(summary, max(width, 40), most)) + "\n"


def as_page(summary: Summary, links: Mapping[str, str] | None = None) -> str:
    """Return a summary as a page, with the points of every learner.

    Parameters
    ----------
    summary
        Of a class.
    links
        Learner to the relative address of their page.
    """
    return page(f"{summary.title}: summary", "\n".join(_html(summary, links or {})))


# ------------------------------------------------------------------------------------ text
def _text(one: Summary, width: int, most: int | None) -> Iterator[str]:
    learners = len(one.results)
    yield f"{one.title}: {learners} learner{'s' if learners > 1 else ''}, {one.worth} points"
    yield ""
    low, quarter, half, three, high = map(points_of, one.quartiles)
    yield from _wrapped(
        f"Marks: from {low} to {high}, mean {points_of(one.mean)}; half of the class between "
        f"{quarter} and {three}, the median is {half}.",
        width,
    )
    yield ""
    longest = max(len("question"), *(len(spread.question) for spread in one.spreads))
    yield f"{'question':<{longest}}  worth  mean  tried  right"
    for s in one.spreads:
        bar = "█" * round(s.right * 20)
        row = (
            f"{s.question:<{longest}}  {s.worth:>5}  {points_of(s.mean):>4}  {s.tried:>5.0%}  "
            f"{s.right:>5.0%}  {bar}"
        )
        yield row.rstrip()
    if one.mistakes:
        yield from ("", "The commonest mistakes")
        for common in one.mistakes[:most]:
            name = f" ({common.mistake})" if common.mistake else ""
            yield f"  {common.learners:>3} ×  {common.question}{name}"
            yield from _wrapped(f"{common.sentence} Revisit {common.revisit}.", width, 9)
        yield from _more(len(one.mistakes), most)
    if one.looks:
        yield from ("", "Who needs a look")
        for look in one.looks[:most]:
            yield from _wrapped(f"{name_of(look.learner)}: {'; '.join(look.reasons)}", width, 2)
        yield from _more(len(one.looks), most)
    if one.unsafe:
        yield from ("", "!" * width, *_wrapped(_alarm(one), width), "!" * width)


def _wrapped(words: str, width: int, indent: int = 0) -> list[str]:
    space = " " * indent
    return textwrap.wrap(words, width, initial_indent=space, subsequent_indent=space)


def _more(count: int, most: int | None) -> Iterator[str]:
    if most is not None and count > most:
        yield f"  … and {count - most} more: all are in index.html."


def _alarm(one: Summary) -> str:
    part = "" if one.unsafe == len(one.results) else f"{one.unsafe} of {len(one.results)}: "
    return part + NO_SANDBOX


# ------------------------------------------------------------------------------------ HTML
def _html(one: Summary, links: Mapping[str, str]) -> Iterator[str]:
    learners = len(one.results)
    yield (
        f'<header><p class="over">Summary for the instructor</p><h1>{html(one.title)}</h1>'
        f"<p>{learners} learner{'s' if learners > 1 else ''}, {one.worth} points</p></header>"
    )
    if one.unsafe:
        yield f'<div class="alarm" role="alert"><p><strong>{html(_alarm(one))}</strong></p></div>'
    marks = zip(
        ("lowest", "lower quartile", "median", "upper quartile", "highest", "mean"),
        (*one.quartiles, one.mean),
        strict=True,
    )
    yield "<h2>Marks</h2>"
    yield _table(
        f"Points of {one.worth}",
        ("Of the class", "Points"),
        [[words, points_of(value)] for words, value in marks],
        numbers=[1],
    )
    yield "<h2>Questions</h2>"
    yield _table(
        "Shares are of the whole class",
        ("Question", "Worth", "Mean", "Tried", "Right"),
        [
            [
                f"<code>{html(s.question)}</code>",
                f"{s.worth}",
                points_of(s.mean),
                f"{s.tried:.0%}",
                f"{s.right:.0%}",
            ]
            for s in one.spreads
        ],
        numbers=range(1, 5),
    )
    yield "<h2>The commonest mistakes</h2>"
    yield _table(
        "What more than one learner got wrong",
        ("Question", "Mistake", "Learners"),
        [
            [
                f"<code>{html(c.question)}</code>",
                (f"<strong>{html(c.mistake)}.</strong> " if c.mistake else "")
                + f'{html(c.sentence)} <span class="small">Revisit {html(c.revisit)}.</span>',
                f"{c.learners}",
            ]
            for c in one.mistakes
        ],
        numbers=[2],
    )
    yield "<h2>Who needs a look</h2>"
    yield _table(
        "Submissions that somebody should open",
        ("Learner", "Why"),
        [[_name(k.learner, links), html("; ".join(k.reasons), 2000)] for k in one.looks],
    )
    yield "<h2>All learners</h2>"
    yield _table(
        f"Points of {one.worth}",
        ("Learner", "Right", "Points"),
        [
            [
                _name(r.learner, links),
                f"{sum(m.status == 'right' for m in r.marks)} of {len(r.marks)}",
                points_of(r.points),
            ]
            for r in one.results
        ],
        numbers=[1, 2],
    )


def _name(learner: str, links: Mapping[str, str]) -> str:
    name = f"<bdi>{html(name_of(learner))}</bdi>"
    link = links.get(learner)
    return f'<a href="{escape(link)}">{name}</a>' if link else name


def _table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()
) -> str:
    """Return a table of cells that are HTML already; the first of a row is its heading."""
    if not rows:
        return "<p>None.</p>"

    def cell(i: int, words: str, tag: str, scope: str = "") -> str:
        attributes = (f' scope="{scope}"' if scope else "") + (
            ' class="number"' if i in numbers else ""
        )
        return f"<{tag}{attributes}>{words}</{tag}>"

    head = "".join(cell(i, words, "th", "col") for i, words in enumerate(heads))
    body = "\n".join(
        "<tr>"
        + cell(0, row[0], *(("td",) if 0 in numbers else ("th", "row")))
        + "".join(cell(i, words, "td") for i, words in enumerate(row[1:], start=1))
        + "</tr>"
        for row in rows
    )
    return (
        f"<table><caption>{html(caption)}</caption><thead><tr>{head}</tr></thead>\n"
        f"<tbody>{body}</tbody></table>"
    )
