"""Tell which catalogued mistakes an answer contains: one, one beside more, or one for each part.

An answer contains a mistake if it does on the inputs what the wrong implementation does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from course.exercises.bench import Bench, Run
from course.exercises.families import Pair, by_factor, by_sign, by_size, ratios, sizes_of
from course.exercises.outcome import Diagnosis
from course.exercises.question import Mistake
from course.exercises.structure import exchanged
from course.exercises.values import agree, as_numbers, is_number

#: mistakes that are made together, and what they do
Entry = tuple[tuple[Mistake, ...], Run]
Catalogue = Sequence[Entry]


def catalogued(
    table: Bench,
    run: Run,
    catalogue: Catalogue,
    further: str = "",
) -> Iterator[Diagnosis]:
    """Yield the mistakes that do the same on every input; then those on the drawn inputs."""
    # errors alone tell nothing apart: any answer may stop with a ValueError every time
    found = [entry for entry in catalogue if table.all_alike(run, entry[1]) and returns(entry[1])]
    for mistakes, _ in found:
        yield _named(mistakes, further)
    for mistakes, other in () if found else _on_drawn_inputs(table, run, catalogue):
        yield _besides(table, run, other, _named(mistakes, further))


def _besides(table: Bench, run: Run, other: Run, diagnosis: Diagnosis) -> Diagnosis:
    """Say of a mistake that shows on the drawn inputs how a special one contradicts it."""
    i = next(i for i in range(table.edges) if not table.alike(run[i], other[i]))
    got, right = run[i], table.right[i]
    if got.error is not None and right.error is None:
        words = f"With the call below it stops besides, with {type(got.error).__name__}."
    elif table.passes(got, right):
        return diagnosis  # a special input on which the mistake does not show in this answer
    else:
        words = "With the call below it does something else again, which is not right either."
    return replace(diagnosis, sentences=(*diagnosis.sentences, words), place=i)


def _on_drawn_inputs(table: Bench, run: Run, catalogue: Catalogue) -> Iterator[Entry]:
    """Yield the mistakes that do the same on the drawn inputs, whatever they do at the edges."""
    drawn = slice(table.edges, None)
    # one and the same number or word every time tells nothing: then the edges have to agree as well
    wrong = [
        got.value
        for got, right in zip(run[drawn], table.right[drawn], strict=True)
        if not table.passes(got, right)
    ]
    if wrong and _mostly_one(wrong):
        return
    for entry in catalogue:
        if table.all_alike(run[drawn], entry[1][drawn]) and returns(entry[1][drawn]):
            # it must show there, not only at the edges
            shows = [not table.alike(a, b) for a, b in zip(entry[1], table.right, strict=True)]
            if sum(shows) >= 2 and any(shows[drawn]):
                yield entry


def _mostly_one(values: Sequence[Any]) -> bool:
    """Return whether these are whole numbers or words, and nearly all the same."""
    if not all(isinstance(value, int | str) for value in values):
        return False
    return Counter(values).most_common(1)[0][1] > 0.75 * len(values)


def catalogued_in_place(table: Bench, run: Run) -> Iterator[Diagnosis]:
    """Yield the mistakes that an answer makes which writes into its arguments besides."""
    places = dict.fromkeys(i for trial in run for i in trial.changed)
    if places:
        told = " and ".join(f"`{table.question.parameters[i]}`" for i in places)
        plural = "s" if len(places) > 1 else ""
        words = (
            f"Besides, the call changes its argument{plural} {told}. Work on a copy, or make a new "
            "array instead of writing into this."
        )
        clean = [trial._replace(changed=()) for trial in run]
        yield from catalogued(table, clean, table.mistakes, words)


def one_number(run: Run) -> bool:
    """Return whether one and the same number came from every call: many mistakes lead there."""
    first = run[0].value
    return (
        len(run) > 1
        and is_number(first)
        and all(trial.error is None and agree(trial.value, first) for trial in run)
    )


def returns(run: Run) -> bool:
    """Return whether any call came back with a value."""
    return any(trial.error is None for trial in run)


def _named(mistakes: Sequence[Mistake], further: str = "") -> Diagnosis:
    sentences = [m.sentence for m in mistakes] + ([further] if further else [])
    if len(sentences) > 1:
        words = ["Two things at once." if len(sentences) == 2 else "Several things at once."]
        sentences = words + [f"{i}. {s}" for i, s in enumerate(sentences, start=1)]
        credit = 0.0
    else:
        credit = mistakes[0].credit
    family = "catalogue" if len(mistakes) == 1 and not further else "pair"
    return Diagnosis(family, tuple(sentences), tuple(m.name for m in mistakes), credit)


def with_a_factor(table: Bench, run: Run) -> Iterator[Diagnosis]:
    """Yield a catalogued mistake with a further sign or factor."""
    names = table.question.parameters
    drawn = slice(table.edges, None)
    if table.all_alike(run[drawn], table.right[drawn]):
        return  # a mistake and its very opposite would explain it, and any other pair of such
    for mistakes, other in table.mistakes:
        pairs, rights = [], []
        for got, wrong, right in zip(run[drawn], other[drawn], table.right[drawn], strict=True):
            a, b = as_numbers(got.value), as_numbers(wrong.value)
            if (
                wrong.error is not None
                or a is None
                or b is None
                or a.shape != b.shape
                or not a.size
                or got.changed != wrong.changed
            ):
                break
            pairs.append(Pair(a, b, sizes_of(names, got.args)))
            c = as_numbers(right.value)
            if c is not None and c.shape == b.shape:
                rights.append(Pair(b, c, {}))
        else:
            # a constant times a constant is one constant: then the mistake is another one
            if by_factor(rights):
                continue
            shows = any(
                not table.question.matches(w.value, r.value)
                for w, r in zip(other[drawn], table.right[drawn], strict=True)
            )
            # and a size beside a mistake that is itself a size may stand for neither
            tests = (by_sign, by_factor) if ratios(rights) else (by_sign, by_factor, by_size)
            for test in tests if shows and len(pairs) > 1 else ():
                sentence = test(pairs)
                if sentence:
                    words = sentence.replace("the right one", "what would come otherwise")
                    yield _named(mistakes, f"Besides, {words[0].lower()}{words[1:]}")


def part_by_part(table: Bench, run: Run) -> Iterator[Diagnosis]:
    """Yield catalogued mistakes that explain some of the parts of a result, a tuple.

    A mistake counts if what it does to the parts that it touches is what the answer does there; or
    if the answer is wrong in one part only, and there as the mistake is.
    """
    drawn = slice(table.edges, None)
    rights = table.right[drawn]
    if not all(isinstance(r.value, tuple) for r in rights):
        return
    bad = _bad_parts(table, run[drawn], rights)
    if not bad:
        return
    explained: dict[int, Mistake] = {}
    for (mistake,), other in table.mistakes:
        touched = _bad_parts(table, other[drawn], rights)
        if not touched or any(
            got.changed != wrong.changed
            for got, wrong in zip(run[drawn], other[drawn], strict=True)
        ):
            continue
        shared = touched if touched <= bad else bad if len(bad) == 1 and bad <= touched else None
        if exchanged([(w.value, r.value) for w, r in zip(other[drawn], rights, strict=True)]):
            continue  # this is about the parts together, and about none alone
        if shared and not _bad_parts(table, run[drawn], other[drawn], shared):
            for part in shared - explained.keys():
                explained[part] = mistake
    if not explained:
        return
    mistakes = tuple(dict.fromkeys(explained[part] for part in sorted(explained)))
    sentences = []
    for mistake in mistakes:
        parts = [part for part, one in explained.items() if one is mistake]
        verb = "comes" if len(parts) == 1 else "come"
        words = f"{_parts_words(parts)} {verb} out as with this mistake: {mistake.sentence}"
        sentences.append(words)
    rest = sorted(bad - explained.keys())
    if rest:
        verb = "is" if len(rest) == 1 else "are"
        sentences.append(f"And {_parts_words(rest)} {verb} wrong too.")
    yield Diagnosis("pair", tuple(sentences), tuple(m.name for m in mistakes))


def _bad_parts(
    table: Bench, run: Run, other: Run, places: set[int] | frozenset[int] | None = None
) -> set[int]:
    """Return the parts in which two runs of tuples differ; none if they cannot be compared."""
    found: set[int] = set()
    for got, wanted in zip(run, other, strict=True):
        one, two = got.value, wanted.value
        if not isinstance(one, tuple | list) or not isinstance(two, tuple | list):
            return set(places or ())
        if len(one) != len(two):
            return set(places or ())
        for i in places if places is not None else range(len(two)):
            if not agree(one[i], two[i], table.question.tolerance):
                found.add(i)
    return found


def _parts_words(parts: Sequence[int]) -> str:
    return " and ".join(f"result[{part}]" for part in sorted(parts))
