"""Grade one submission: run it in a child, compare its values here, say what happened.

The child holds no reference and no mark. Arguments go in, values come back, and `diagnosis.judge`
compares them with the reference on inputs that only this process knows until they are asked.
"""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import hmac
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from course.exercises.attempt import TimeIsUp, Trial, changed_arguments, is_stub, time_limit
from course.exercises.bench import Bench, Run, bench
from course.exercises.diagnosis import judge
from course.exercises.outcome import Outcome, Raised, Right, Wrong
from course.exercises.question import Args, Exercise, Function, Mistake, Question
from course.grading import wire
from course.grading.child import Child, Request
from course.grading.sandbox import Gone, OutOfTime, Warden
from course.grading.submission import Submission, code_of

LONGEST_LINE, MOST_LINES = 1000, 40
FORMAT: Final = 2
#: seconds that the judging of one submission may take, without what is computed once for the class
JUDGING: Final = 30.0


@dataclass(frozen=True)
class Mark:
    """What one question earned, and why, in lines that a learner can read."""

    question: str
    points: float
    worth: int
    status: str  # right, wrong, raised, not attempted, missing, stopped
    lines: tuple[str, ...]
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What one submission earned."""

    learner: str
    exercise: str
    marks: tuple[Mark, ...]
    sandbox: str
    submission: str  # the SHA-256 of the file
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    format: int = field(default=FORMAT)

    @property
    def points(self) -> float:
        """All points together."""
        return round(sum(mark.points for mark in self.marks), 2)

    @property
    def worth(self) -> int:
        """The points that could be earned."""
        return sum(mark.worth for mark in self.marks)

    @property
    def data(self) -> dict[str, Any]:
        """Everything as plain data."""
        marks = [dict(vars(mark)) for mark in self.marks]
        return vars(self) | {"marks": marks, "points": self.points, "worth": self.worth}

    @staticmethod
    def from_data(data: dict[str, Any]) -> Result:
        """Return the result that `data` came from."""
        marks = tuple(
            Mark(**(mark | {"lines": tuple(mark["lines"]), "mistakes": tuple(mark["mistakes"])}))
            for mark in data["marks"]
        )
        known = {k: v for k, v in data.items() if k not in ("points", "worth")}
        return Result(**(known | {"marks": marks, "notes": tuple(data["notes"])}))


def seed_of(secret: bytes, learner: str, question: str) -> tuple[int, ...]:
    """Return the seed of a learner's inputs: unknown to all without the instructor's secret.

    Examples
    --------
    >>> seed_of(b"s", "ada", "mse") == seed_of(b"s", "alan", "mse")
    False
    """
    # a file name may hold bytes that are no text, which Python keeps as surrogates
    message = f"{len(learner)}:{learner}{question}".encode("utf-8", "surrogatepass")
    digest = hmac.new(secret, message, hashlib.sha256).digest()
    return tuple(int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4))


# ------------------------------------------------------------------------- one submission
@lru_cache(maxsize=256)
def _on_shared_inputs(question: Question) -> Request:
    """Ask for a run on the drawn inputs that all learners share."""
    shared = bench(question)
    return Request.of(question, shared.inputs[shared.edges :])


def grade(
    submission: Submission, exercise: Exercise, warden: Warden, secret: bytes = b""
) -> Result:
    """Return what a submission earns; whatever it does, it costs only its own points."""
    begin = time.monotonic()
    submission = submission.read()  # what is graded and what its digest is of are the same bytes
    code = code_of(submission)
    marks: list[Mark] = []
    notes: list[str] = []
    if code.problem:
        notes.append(code.problem)
        marks = [_mark(q, "missing", (code.problem,)) for q in exercise.questions]
    else:
        # for an honest answer this is far more than enough: it may hang, and be started again
        seconds = sum(question.seconds for question in exercise.questions)
        given = [q.given for q in exercise.questions if q.given]
        child = Child(warden, code.cells, seconds, given)
        tables = [Bench(q, seed_of(secret, submission.learner, q.name)) for q in exercise.questions]
        try:
            marks = graded(tables, child)
        finally:
            child.close()
        notes += child.notes
    return Result(
        submission.learner,
        exercise.lesson,
        tuple(marks),
        warden.sandbox,
        submission.digest,
        round(time.monotonic() - begin, 3),
        tuple(notes),
    )


def graded(tables: Sequence[Bench], child: Child) -> list[Mark]:
    """Return the mark of each question, by the hidden inputs of its bench.

    A wrong answer is diagnosed by drawn inputs that all learners share: what the catalogued
    mistakes do there is computed once for the whole class.
    """
    clock = _Clock(JUDGING)
    asked = child.answers([Request.of(t.question, t.inputs, wire.AGAIN) for t in tables])
    found = [
        _marked(table.question, clock, _judged, table, answer, child.cells)
        for table, answer in zip(tables, asked, strict=True)
    ]
    wrong = [i for i, one in enumerate(found) if isinstance(one, _Failed)]
    questions = [tables[i].question for i in wrong]
    asked = child.answers([_on_shared_inputs(question) for question in questions])
    for i, question, answer in zip(wrong, questions, asked, strict=True):
        bench(question).prepare()
        found[i] = _marked(question, clock, _diagnosed, found[i], answer, child.cells)
    return [one for one in found if isinstance(one, Mark)]


class _Clock:
    """What is left of the seconds that the judging of one submission may take."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.left = seconds, seconds

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Raise TimeIsUp in the block once no time is left."""
        begin = time.monotonic()
        try:
            with time_limit(max(self.left, 0.1)):
                yield
        finally:
            self.left -= time.monotonic() - begin


def _marked(
    question: Question, clock: _Clock, work: Callable[..., Mark | _Failed], *args: Any
) -> Mark | _Failed:
    """Return what comes of some work on an answer: if it cannot be done, a mark that says why."""
    try:
        with clock.running():
            return work(*args)
    except TimeIsUp:
        words = f"What was returned could not be judged within {clock.seconds:g} seconds."
        return _mark(question, "stopped", (words,))
    except OutOfTime:
        words = f"It had not come back after {question.seconds:g} seconds, and was stopped."
        return _mark(question, "stopped", (words, "Is there a loop that never ends?"))
    except Gone:
        words = "The process that ran it ended in the middle: memory used up, or ended on purpose."
        return _mark(question, "stopped", (words,))
    except _NotCalled as reason:
        return reason.mark
    except Exception:  # only a child that was tampered with answers so: anything may go wrong
        return _mark(question, "stopped", ("What it sent back could not be understood.",))


@dataclass(frozen=True)
class _Failed:
    """What an answer did that is wrong on hidden inputs."""

    hidden: Bench
    run: Run
    steady: bool

    def outcome(self) -> Outcome:
        """Return what the hidden inputs alone tell."""
        return judge(self.hidden, None, self.run, self.steady)


def _judged(hidden: Bench, answer: Any, cells: Sequence[str]) -> Mark | _Failed:
    """Judge an answer by the hidden inputs."""
    question, inputs = hidden.question, hidden.inputs
    run, second = _runs(question, inputs, answer, cells)
    if second is not None and len(second) != min(len(inputs), wire.AGAIN):
        raise ValueError("not all calls are told")
    steady = second is None or hidden.steady(run, second)
    if is_stub(None, run) or hidden.passed(run):
        return _told(question, judge(hidden, None, run, steady, [True] * len(run)))
    return _Failed(hidden, run, steady)


def _diagnosed(failed: _Failed, answer: Any, cells: Sequence[str]) -> Mark:
    """Say what is wrong with an answer, by what it does on the inputs that all learners share."""
    question, edges = failed.hidden.question, failed.hidden.edges
    shared = bench(question)
    if isinstance(answer, OutOfTime | Gone):
        return _told(question, failed.outcome())
    run = failed.run[:edges] + _runs(question, shared.inputs[edges:], answer, cells)[0]
    outcome = judge(shared, None, run, failed.steady)
    # what earns points must hold on the hidden inputs: the shared ones are no secret
    if outcome.share and not _holds(outcome, failed):
        outcome = failed.outcome()
    return _told(question, outcome)


def _holds(outcome: Outcome, failed: _Failed) -> bool:
    """Return whether an answer makes the mistakes that it is told on the hidden inputs as well."""
    if not isinstance(outcome, Wrong) or outcome.diagnosis is None:
        return False
    hidden, names = failed.hidden, outcome.diagnosis.mistakes
    mistakes = [m for m in hidden.question.mistakes if m.name in names]
    if not mistakes or len(mistakes) != len(names):
        return False
    other = hidden.drawn(_wrong(hidden.question, *mistakes))
    return hidden.all_alike(failed.run[hidden.edges :], other)


@lru_cache(maxsize=2000)
def _wrong(question: Question, *mistakes: Mistake) -> Function:
    """Return the implementation that makes these mistakes; it is made once."""
    return question.wrong(*mistakes)


class _NotCalled(Exception):
    """There is no function of that name, or it does not take the arguments."""

    def __init__(self, mark: Mark) -> None:
        super().__init__(mark.question)
        self.mark = mark


def _runs(
    question: Question, inputs: Sequence[Args], answer: Any, cells: Sequence[str]
) -> tuple[Run, Run | None]:
    """Return what an answer did on these inputs, and on the last of them once more.

    None stands for a second run that was like the first.
    """
    if isinstance(answer, OutOfTime | Gone):
        raise answer
    if answer.get("missing"):
        if isinstance(kind := answer.get("kind"), str):
            words = f"`{question.name}` is no function in your notebook, but of type {kind}."
        else:
            words = f"No function named `{question.name}` is defined in your notebook."
        raise _NotCalled(_mark(question, "missing", (words,)))
    if takes := answer["takes"]:
        if not isinstance(takes, str):
            raise ValueError("what it takes is not told")
        should = ", ".join(question.parameters) or "no arguments"
        words = f"Your function takes ({takes[:200]}); it should take ({should})."
        raise _NotCalled(_mark(question, "wrong", (words,)))
    first, second = (
        None
        if run is None
        else [_trial(question, args, one, cells) for args, one in zip(inputs, run, strict=False)]
        for run in answer["runs"]
    )
    if first is None or len(first) != len(inputs):
        raise ValueError("not all calls are told")
    return first, second


def _trial(
    question: Question, args: tuple[Any, ...], told: Sequence[Any], cells: Sequence[str]
) -> Trial:
    """Return a trial from what the child says of it: see `answering.trial`."""
    value, more = told
    if more is None:
        return Trial(args, question.compared(value, args), after=args)
    raised, after, printed = more
    printed = printed if isinstance(printed, str) else ""
    error = _error(raised) if raised is not None else None
    if not isinstance(after, tuple) or len(after) != len(args):
        if error is None:
            raise ValueError("the arguments after the call are not told")
        after = args
    after = tuple(a if b is None else b for a, b in zip(args, after, strict=True))
    changed = changed_arguments(args, after)
    line = _line(raised, cells) if error is not None else None
    value = question.compared(value, args) if error is None else None
    return Trial(args, value, error, changed, after, printed[:2000], line)


def _line(told: dict[str, Any], cells: Sequence[str]) -> tuple[int, str] | None:
    """Return the number and text of the learner's line that raised."""
    match told["line"]:
        case [str(cell), int(number)]:
            source = cells[int(cell.removeprefix("cell ")) - 1]
            return number, source.splitlines()[number - 1].strip()[:200]
    return None


class Remote(Exception):
    """An error in a submission whose type is none of Python's own."""


def _error(told: dict[str, Any]) -> BaseException:
    """Return an error like the one that the child tells of."""
    base, words = (one if isinstance(one, str) else "" for one in (told["base"], told["words"]))
    kind = getattr(builtins, base, None)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        kind = Remote
    try:
        return kind(words[:500])
    except TypeError:  # such as UnicodeDecodeError, which wants more
        return Remote(words[:500])


def _told(question: Question, outcome: Outcome) -> Mark:
    """Return a mark with an outcome's words, but never what the hidden inputs should give."""
    match outcome:
        case Right():
            return _mark(question, "right", outcome.notes, points=outcome.points)
        case Wrong():
            lines = [*(outcome.diagnosis.sentences if outcome.diagnosis else ()), *outcome.notes]
            if not outcome.diagnosis:
                lines.insert(0, "It returns something else than it should, on inputs of ours.")
            mistakes = outcome.diagnosis.mistakes if outcome.diagnosis else ()
            return _mark(question, "wrong", tuple(lines), mistakes, outcome.points)
        case Raised():
            lines = [outcome.error]
            if outcome.line:
                lines += [f"It happens in line {outcome.line[0]} of your cell:"]
                lines += [f"    {outcome.line[1]}"]
            lines += [line for line in (outcome.advice,) if line]
            return _mark(question, "raised", tuple(lines))
    return _mark(question, "not attempted", ("The stub was not replaced.",))


def _mark(
    question: Question,
    status: str,
    lines: tuple[str, ...],
    mistakes: tuple[str, ...] = (),
    points: float = 0.0,
) -> Mark:
    lines = tuple(line[:LONGEST_LINE] for line in lines[:MOST_LINES])
    return Mark(question.name, points, question.points, status, lines, mistakes)
