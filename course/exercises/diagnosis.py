"""Find out which mistake an answer contains.

A right answer agrees with the reference on every input. A wrong one is compared, input by input,
with each catalogued mistake, then with pairs of them; then its kind, shape and numbers are looked
at; then each mistake with a further sign or factor, and each part of a result by itself; then what
the inputs that fail have in common. What nobody recognises is shown on the smallest input on which
it fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from course.exercises import rehearsal
from course.exercises.attempt import TimeIsUp, Trial, attempt, is_stub, time_limit
from course.exercises.bench import Bench, Run, bench
from course.exercises.catalogue import (
    catalogued,
    catalogued_in_place,
    one_number,
    part_by_part,
    returns,
    with_a_factor,
)
from course.exercises.circumstances import common_to_failures
from course.exercises.families import (
    Pair,
    findings,
    sizes_of,
)
from course.exercises.outcome import Diagnosis, NotAttempted, Outcome, Raised, Right, Wrong
from course.exercises.question import Function, Question
from course.exercises.remarks import (
    call_of,
    globals_read,
    looseness,
    misfit,
    raised,
    what_was_tried,
)
from course.exercises.session import as_it_was
from course.exercises.slips import TELLING, WEAK, Slip, like
from course.exercises.structure import exchanged, structure
from course.exercises.values import agree, as_numbers, paired_leaves, shown

#: the share that right results earn if an argument is changed on the way
IN_PLACE = 0.5
#: what is earned by an answer that is right but for arrays of whole numbers
ON_WHOLE_NUMBERS = 0.5
#: families that say all there is to say: no catalogued mistake beside them would say more
PLAIN = {"nan", "sign", "transpose"}
#: families that say where or how it shows, and not what it is: anything else comes before them
VAGUE = {"part", "constant", "departure"}


# ------------------------------------------------------------------------------ the check
def examine(question: Question, f: Function, seed: int | tuple[int, ...] = 0) -> Outcome:
    """Return what a function is worth as an answer to a question, and why.

    The session stays as it was, and NumPy is NumPy's own meanwhile.
    """
    with as_it_was() as replaced:
        outcome = _examined(question, f, seed)
    if replaced and isinstance(outcome, Right | Wrong):
        told = " and ".join(f"`{name}`" for name in replaced)
        words = f"This notebook has put something else in the place of {told}: here NumPy's own is"
        outcome = replace(outcome, notes=(*outcome.notes, f"{words} used."))
    return outcome


def _examined(question: Question, f: Function, seed: int | tuple[int, ...]) -> Outcome:
    name, worth = question.name, question.points
    if told := misfit(question, f):
        return Wrong(name, worth, Diagnosis("arguments", (told,)))
    table = bench(question, seed)
    run: Run = []
    if rehearsal.is_called_for(f) and (
        words := rehearsal.trouble(lambda: table.run(f), question.seconds)
    ):
        return Raised(name, worth, words, advice="Does it run through something without end?")
    try:
        with time_limit(question.seconds):
            for args in table.inputs:
                run.append(attempt(question, f, args))
            again = [attempt(question, f, args) for args in table.inputs]
    except TimeIsUp:
        words = f"It had not come back after {question.seconds:g} seconds, and was stopped."
        call = call_of(question, table.inputs[min(len(run), len(table.inputs) - 1)])
        advice = "Is there a loop whose condition never becomes false?"
        return Raised(name, worth, words, arguments=call, advice=advice)
    return judge(table, f, run, table.steady(run, again))


def judge(
    table: Bench,
    f: Function | None,
    run: Run,
    steady: bool,
    passed: list[bool] | None = None,
) -> Outcome:
    """Return the outcome of an answer of which one knows what it did on every input.

    `f` itself is asked for nothing but its code: without it (the answer ran elsewhere) the
    learner's own line and the global variables are not named. `steady` says whether it did the same
    in a second run, `passed` of every input whether the answer passes, where that is known already.
    """
    question = table.question
    name, worth = question.name, question.points
    if is_stub(f, run):
        return NotAttempted(name, worth)
    if passed is None:
        passed = [table.passes(got, right) for got, right in zip(run, table.right, strict=True)]
    notes = globals_read(f)
    if all(passed) and steady:
        return Right(
            name,
            worth,
            tried=what_was_tried(table),
            notes=notes + looseness(question, run, table.right),
        )
    for note, other in table.variants:
        if table.all_alike(run, other) and steady:
            return Right(name, worth, tried=what_was_tried(table), notes=(note, *notes))
    if steady and (outcome := _on_whole_numbers(table, f, run, passed)):
        return outcome
    diagnosis = next(_diagnoses(table, run, passed, steady), None)
    named = diagnosis is not None and diagnosis.family in ("catalogue", "pair")
    errors = [
        i
        for i, (got, right) in enumerate(zip(run, table.right, strict=True))
        if got.error is not None and right.error is None
    ]
    if errors and not named:
        return raised(question, f, run[min(errors, key=lambda i: table.sizes[i])])
    failing = [i for i, ok in enumerate(passed) if not ok]
    if not question.parameters or not failing or (diagnosis and diagnosis.family == "mutation"):
        # a question of judgement has one answer: to show what should be would give it away
        return Wrong(name, worth, diagnosis=diagnosis, notes=notes)
    if diagnosis and diagnosis.place is not None:
        i = diagnosis.place
    else:  # one that should raise an error shows less of what is wrong
        i = min(failing, key=lambda i: (table.right[i].error is not None, table.sizes[i]))
    if any(passed) and not named:
        notes += (f"{sum(passed)} of the {len(passed)} inputs that were tried come out right.",)
    got, right = (
        type(trial.error).__name__ if trial.error is not None else shown(trial.value)
        for trial in (run[i], table.right[i])
    )
    return Wrong(
        name,
        worth,
        diagnosis,
        arguments=call_of(question, run[i].args),
        got=got,
        expected=right,
        notes=notes,
    )


def _on_whole_numbers(
    table: Bench, f: Function | None, run: Run, passed: Sequence[bool]
) -> Outcome | None:
    """Return the outcome of an answer that breaks where arrays hold whole numbers, if it does.

    If it breaks there alone, that is told. If it stops there with an error, and is wrong elsewhere
    too, what is wrong elsewhere is told first.
    """
    i, question = table.whole, table.question
    if i is None or passed[i] or next(catalogued(table, run, table.mistakes), None):
        return None
    got, right = run[i], table.right[i]
    stops = isinstance(got.error, TypeError) and "Cannot cast" in str(got.error)
    if all(ok for j, ok in enumerate(passed) if j != i) and not got.changed:
        if got.error is not None and not stops:
            return None
        words = "it stops with an error" if stops else "the results are cut or wrong"
        sentence = (
            f"Only where the arrays hold whole numbers {words}. An array of whole numbers takes no "
            "fractions, and `copy()`, `zeros_like(x)` and such keep the dtype of what they copy: "
            "make it one of floats, as with `np.array(x, dtype=float)`."
        )
        return Wrong(
            question.name,
            question.points,
            Diagnosis("dtype", (sentence,), credit=ON_WHOLE_NUMBERS, place=i),
            arguments=call_of(question, got.args),
            got=type(got.error).__name__ if stops else shown(got.value),
            expected=shown(right.value),
            notes=globals_read(f),
        )
    if not stops:
        return None
    elsewhere = judge(table, f, [*run[:i], right, *run[i + 1 :]], True)
    told = isinstance(elsewhere, Wrong) and elsewhere.diagnosis is not None
    return elsewhere if told else None


def _diagnoses(table: Bench, run: Run, passed: Sequence[bool], steady: bool) -> Iterator[Diagnosis]:
    """Yield what can be said of a wrong answer, the most telling first."""
    yield from catalogued(table, run, table.mistakes)
    if not steady:
        words = (
            "Two calls with the same arguments give different results. An answer may depend on "
            "its arguments only: not on a generator of its own, nor on what an earlier call left "
            "behind."
        )
        yield Diagnosis("random", (words,))
        return
    wrong = [(g, r) for g, r, ok in zip(run, table.right, passed, strict=True) if not ok]
    if all(
        g.error is None and r.error is None and table.question.matches(g.value, r.value)
        for g, r in wrong
    ):
        names = dict.fromkeys(table.question.parameters[i] for g, _ in wrong for i in g.changed)
        told = " and ".join(f"`{name}`" for name in names)
        plural = "s" if len(names) > 1 else ""
        words = (
            f"The results are right, but the call changes its argument{plural} {told}, which "
            "its caller still needs. Work on a copy, or make a new array instead of writing "
            "into this."
        )
        call, first = call_of(table.question, wrong[0][0].args), wrong[0][0]
        after = ", ".join(
            f"{table.question.parameters[i]} is {shown(first.after[i])}" for i in first.changed
        )
        sentences = (words, f"    {call}", f"    # and now {after}")
        yield Diagnosis("mutation", sentences, credit=IN_PLACE)
        return
    if returns(run) and not one_number(run[table.edges :]):
        yield from catalogued(table, run, list(table.pairs(like=run)))
    yield from catalogued_in_place(table, run)
    slips = list(like(table, run))
    yield from _told(slips, TELLING)
    if any(g.error is not None and r.error is None for g, r in wrong):
        return
    values = [(g, r) for g, r in wrong if r.error is None]
    if not values:
        name = type(wrong[0][1].error).__name__
        place = _place(table, wrong[0][0])
        words = f"For this call it should raise {name}, and it does not."
        yield Diagnosis("error", (words,), place=place)
        return
    order = exchanged([(g.value, r.value) for g, r in values])
    if order:
        yield Diagnosis(order.family, (order.sentence,))
    # the smallest input first: it is read most easily
    for g, r in sorted(values, key=lambda pair: table.sizes[_place(table, pair[0])]):
        finding = structure(g.value, r.value, g.printed)
        if finding:
            yield Diagnosis(finding.family, (finding.sentence,), place=_place(table, g))
            return
    if not table.question.parameters:
        words = (
            f"That is not the answer. Read the question again; hint({table.question.name}) helps."
        )
        if all(_is_letter(r.value) and not _is_letter(g.value) for g, r in values):
            words = 'Return the letter alone, as in `return "a"`: no parentheses, no further words.'
        yield Diagnosis("judgement", (words,))
        return
    found = list(_numeric(table, values))
    yield from (d for d in found if d.family in PLAIN)
    yield from with_a_factor(table, run)
    yield from part_by_part(table, run)
    if not all(passed[table.edges :]):
        yield from (d for d in found if d.family == "factor")
    yield from _told([slip for slip in slips if slip.family not in WEAK])
    if all(passed[table.edges :]):  # a few special numbers are some multiple of others by chance
        yield from (d for d in found if d.family == "dtype")
    else:
        yield from (d for d in found if d.family not in VAGUE)
    yield from _where_it_fails(table, passed)
    yield from _told(slips)
    yield from found


def _told(slips: Sequence[Slip], families: Collection[str] | None = None) -> Iterator[Diagnosis]:
    """Yield what is said of slips, of these families if they are named."""
    for slip in slips:
        if families is None or slip.family in families:
            yield Diagnosis(slip.family, (slip.sentence,))


def _is_letter(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) == 1


def _numeric(table: Bench, wrong: Sequence[tuple[Trial, Trial]]) -> Iterator[Diagnosis]:
    """Yield what the numbers say, for the parts of the result that are wrong."""
    names = table.question.parameters
    parts: dict[str, list[Pair]] = {}
    infinite: list[tuple[Trial, Pair]] = []
    all_places: list[set[str]] = []
    all_wrong: list[set[str]] = []
    for got, right in wrong:
        pairs = list(paired_leaves(got.value, right.value))
        all_places.append({place for place, _, _ in pairs})
        all_wrong.append(set())
        for place, one, wanted in pairs:
            a, b = as_numbers(one), as_numbers(wanted)
            if a is None or b is None or a.shape != b.shape:
                if not agree(one, wanted):
                    return
                continue
            if not agree(a, b, table.question.tolerance):
                pair = Pair(a, b, sizes_of(names, got.args))
                parts.setdefault(place, []).append(pair)
                all_wrong[-1].add(place)
                if _new_infinity(pair):
                    infinite.append((got, pair))
    if not parts:
        return
    all_right = [places - bad for places, bad in zip(all_places, all_wrong, strict=True)]
    if not any(all(one == many[0] for one in many) for many in (all_places, all_wrong, all_right)):
        # of lists of different lengths the same place is another part from input to input
        where = ""
        parts = {"": [pair for pairs in parts.values() for pair in pairs]}
    else:
        right_places = set().union(*all_places) - parts.keys()
        where = _where(sorted(parts), sorted(right_places)) if right_places else ""
    if infinite:
        nan = any(np.isnan(p.got).any() and not np.isnan(p.expected).any() for _, p in infinite)
        words = f"It returns {'nan' if nan else 'inf'} where a finite number is right: look for "
        words += "0/0, a logarithm of 0, or a power of e that overflows."
        example = min((_place(table, got) for got, _ in infinite), key=table.sizes.__getitem__)
        yield Diagnosis("nan", (where + words,), place=example)
        return
    found = [list(findings(pairs)) for pairs in parts.values()]
    some = len(wrong) < len(table.inputs)  # the families have seen only what is wrong
    for finding in found[0]:
        if all(any(f.family == finding.family for f in others) for others in found[1:]):
            words = finding.sentence
            if some:
                words = words.replace("Every result", "Every wrong result", 1)
            yield Diagnosis(finding.family, (where + words,))
    if where:
        yield Diagnosis("part", (where.strip(),))


def _place(table: Bench, trial: Trial) -> int:
    """Return which input a trial is of."""
    return next(i for i, args in enumerate(table.inputs) if args is trial.args)


def _new_infinity(pair: Pair) -> bool:
    return bool((~np.isfinite(pair.got) & np.isfinite(pair.expected)).any())


def _where(wrong: Sequence[str], right: Sequence[str]) -> str:
    """Say which parts of the result are wrong, or which are right if these are fewer."""
    shorter, word = (wrong, "wrong") if len(wrong) <= len(right) else (right, "right")
    names = [f"result{place}" for place in shorter]
    told = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"Of the values returned, only {told} {'is' if len(names) == 1 else 'are'} {word}. "


def _where_it_fails(table: Bench, passed: Sequence[bool]) -> Iterator[Diagnosis]:
    """Yield what the inputs that fail have in common and no other has."""
    # where an error is due, to stop for whatever reason passes: that is no sign of what works
    returning = [i for i, right in enumerate(table.right) if right.error is None]
    inputs, came_out = [table.inputs[i] for i in returning], [passed[i] for i in returning]
    words = common_to_failures(table.question.parameters, inputs, came_out)
    if words:
        told = f"It fails where {words}: on each such input that was tried, and on no other."
        yield Diagnosis("where", (told,))
    elif table.edges and all(passed[table.edges :]):
        told = (
            "All random inputs come out right; a special case does not. What is special about the "
            "example below?"
        )
        yield Diagnosis("where", (told,))
