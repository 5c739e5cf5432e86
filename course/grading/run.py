"""Grade a whole class: every submission once, whatever happens in between.

Each result is kept as soon as it is there. A run that was interrupted, or killed, goes on where it
ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from course.exercises.question import Exercise
from course.grading.grader import Result
from course.grading.results import Results, with_note
from course.grading.submission import Submission
from course.grading.workers import Settings, graded

Wrap = Callable[[Iterable[Result], int], Iterable[Result]]


class Found:
    """A picklable way to an exercise: its lesson's number, or a file of an instructor's own."""

    def __init__(self, lesson: str, secret: bytes, sandbox: bool, private: Path | None) -> None:
        self.lesson, self.secret, self.sandbox, self.private = lesson, secret, sandbox, private

    def __call__(self) -> Settings:
        return Settings(exercise_called(self.lesson, self.private), self.secret, self.sandbox)


def exercise_called(lesson: str, private: Path | None = None) -> Exercise:
    """Return the exercise of a lesson, by its number or name; with an instructor's questions.

    The path of a notebook that `course release` wrote is a name too: of the questions that were
    handed out with it, at the points that stand in it.

    Raises
    ------
    LookupError
        If there is none, or the file with an instructor's questions cannot be used.
    """
    from course.exercises.bank import exercises

    if lesson.endswith(".ipynb") and Path(lesson).is_file():
        from course.grading.release import released

        return released(Path(lesson), private)
    wanted = lesson.strip().removesuffix(".ipynb")
    for exercise in exercises():
        number = exercise.lesson[:2]
        if wanted in (exercise.lesson, number, number.lstrip("0")):
            return with_private(exercise, private) if private else exercise
    names = ", ".join(exercise.lesson for exercise in exercises())
    raise LookupError(f"no exercise {lesson!r}; there are {names}")


def with_private(exercise: Exercise, path: Path) -> Exercise:
    """Return an exercise with the questions that a file of an instructor's own adds.

    The file is Python, in the format of the bank, and defines ``QUESTIONS``.
    """
    import importlib.util

    spec = importlib.util.spec_from_file_location("private_questions", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise LookupError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise LookupError(f"{path} cannot be run: {type(error).__name__}: {error}") from error
    questions = getattr(module, "QUESTIONS", None)
    if not isinstance(questions, tuple) or not questions:
        raise LookupError(f"{path} must define QUESTIONS, a tuple of questions")
    known = {question.name for question in exercise.questions}
    if twice := sorted(known & {question.name for question in questions}):
        raise LookupError(f"{path}: {twice[0]} is a question of the course already")
    return replace(exercise, questions=(*exercise.questions, *questions))


def grade_class(
    submissions: Sequence[Submission],
    lesson: str,
    folder: Path,
    *,
    jobs: int = 2,
    sandbox: bool = True,
    private: Path | None = None,
    wrap: Wrap | None = None,
    tell: Callable[[str], None] = lambda line: None,
    spread: Callable[[Sequence[Submission], Found], Iterator[Result]] | None = None,
) -> list[Result]:
    """Grade every submission that has no result yet, and return all results by learner.

    Parameters
    ----------
    submissions
        What `submission.submissions` found.
    lesson
        Number or name of the exercise, or the path of the notebook that was released.
    folder
        Where results are kept; a second run goes on there.
    jobs
        How many processes work at once.
    sandbox
        Whether bubblewrap is used if it is there.
    private
        A Python file with an instructor's own questions.
    wrap
        Wraps the results as they come, with their number: a progress bar.
    tell
        Is told, in one line, of results that cannot be read and are made again.
    spread
        Another way to grade many, such as on a cluster.
    """
    exercise = exercise_called(lesson, private)
    results = Results(folder, exercise)
    results.about(submission.learner for submission in submissions)
    by_learner = {submission.learner: submission for submission in submissions}
    done = {s.learner: r for s in submissions if (r := results.read(s)) is not None}
    if broken := [path.name for path in results.broken]:
        more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
        tell(f"Graded again, as the result cannot be read: {', '.join(broken[:3])}{more}")
    for learner, result in done.items():
        done[learner] = with_note(result, by_learner[learner])
        if done[learner] != result:
            results.write(done[learner])
    missing = [s for s in submissions if s.learner not in done]
    found = Found(lesson, results.secret, sandbox, private)
    coming = spread(missing, found) if spread else graded(missing, found, jobs=jobs)
    for graded_now in wrap(coming, len(missing)) if wrap else coming:
        result = with_note(graded_now, by_learner[graded_now.learner])
        results.write(result)
        done[result.learner] = result
    return [done[learner] for learner in sorted(done)]
