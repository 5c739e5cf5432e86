"""Every question keeps its promises, and the committed exercise notebooks are those of the bank."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course.build import execute
from course.cli import main
from course.exercises import notebooks, verify
from course.exercises.bank import LESSONS, exercises
from course.exercises.diagnosis import examine
from course.exercises.outcome import Wrong

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = [question for exercise in exercises() for question in exercise.questions]
every_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
every_exercise = pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.lesson)


@every_question
def test_a_question_keeps_its_promises(question):
    # a training takes its time: `course exercises verify` goes through all seeds of it too
    few = (range(4), range(2)) if question.seconds >= 30 else (verify.SEEDS, verify.WRONG_SEEDS)
    assert list(verify.faults(question, *few)) == []


def test_the_bank_is_as_large_as_it_should_be():
    assert len(QUESTIONS) >= 36
    assert all(len(exercise.questions) >= 6 for exercise in exercises())
    assert sum(len(question.mistakes) for question in QUESTIONS) >= 150


def test_names_are_unique():
    assert max(Counter(question.name for question in QUESTIONS).values()) == 1


@every_exercise
def test_what_is_given_leaves_the_learners_functions_alone(exercise):
    space = {"np": np, "__name__": "__main__"}
    for question in exercise.questions:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(question.given, space)
    assert not {question.name for question in exercise.questions} & set(space)


@every_question
def test_a_sentence_does_not_give_the_answer_away(question):
    lines = [line.strip() for line in question.solution.splitlines()]
    telling = [line for line in lines if len(line) > 25]
    for mistake in question.mistakes:
        assert not any(line in mistake.sentence for line in telling)


# ---------------------------------------------------------------------------- the notebooks
@every_exercise
def test_the_committed_notebook_is_that_of_the_bank(exercise):
    path = ROOT / "exercises" / f"{exercise.lesson}.ipynb"
    assert path.read_text(encoding="utf-8") == notebooks.written(exercise), "run make exercises"


@every_exercise
def test_the_notebook_runs_and_every_stub_is_not_begun(exercise):
    notebook = execute(ROOT / "exercises" / f"{exercise.lesson}.ipynb")
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    for question in exercise.questions:
        (checked,) = cells[f"{question.name}-check"]["outputs"]
        assert "not begun yet" in "".join(checked["data"]["text/plain"])
        (points,) = cells[f"{question.name}-points"]["outputs"]
        assert float("".join(points["data"]["text/plain"])) == 0


@every_exercise
def test_the_notebook_holds_stubs_and_no_solutions(exercise):
    notebook = json.loads((ROOT / "exercises" / f"{exercise.lesson}.ipynb").read_text("utf-8"))
    source = "\n".join(cell["source"] for cell in notebook["cells"])
    for question in exercise.questions:
        assert source.count(f"def {question.name}(") == 1
        body = question.solution.split("\n", 1)[1].strip()
        assert body not in source


def test_a_stale_notebook_is_reported(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["notebooks", str(tmp_path), "--check"])
    assert notebooks.main() == 1
    assert "stale" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr("sys.argv", ["notebooks", str(tmp_path)])
    assert notebooks.main() == 0
    assert len(list(tmp_path.iterdir())) == len(exercises())


# ------------------------------------------------------------------------------ the command
def test_the_command_verifies(capsys):
    assert main(["exercises", "verify", "1"]) == 0
    assert re.search(r"\d+ catalogued mistakes in all", capsys.readouterr().out)
    assert main(["exercises", "verify", str(max(LESSONS) + 1)]) == 1
    assert "no exercises of lesson" in capsys.readouterr().err


def test_the_command_shows_progress(capsys):
    assert main(["progress"]) == 0
    assert "Next: " in capsys.readouterr().out


# ------------------------------------------------------------- the verifier itself bites
def test_the_verifier_finds_a_mistake_that_is_none():
    (question, *_) = QUESTIONS
    (first, *others) = question.mistakes
    none = replace(first, edits=(("e = y_hat - y", "e = y - y_hat"),))
    found = list(verify.faults(replace(question, mistakes=(none, *others)), range(1), range(1)))
    assert any("is not refused" in sentence for sentence in found)


def test_the_verifier_finds_mistakes_that_look_alike():
    (question, *_) = QUESTIONS
    twin = replace(question.mistakes[0], name="twin")
    found = list(
        verify.faults(replace(question, mistakes=(*question.mistakes, twin)), range(1), range(1))
    )
    assert any("cannot be told apart" in sentence for sentence in found)


def test_the_verifier_finds_a_wrong_alternative():
    (question, *_) = QUESTIONS
    bad = "def mse(y, y_hat):\n    return 0.0\n"
    found = list(verify.faults(replace(question, alternatives=(bad,)), range(1), range(1)))
    assert any("alternative 0 fails" in sentence for sentence in found)


# ------------------------------------------------------------------- two mistakes at once
def test_two_mistakes_are_named_as_the_pair():
    pairs = named = 0
    for question in QUESTIONS:
        for one, two in question.pairs():
            try:
                outcome = examine(question, question.wrong(one, two))
            except SyntaxError:
                continue
            pairs += 1
            diagnosis = outcome.diagnosis if isinstance(outcome, Wrong) else None
            named += diagnosis is not None and {one.name, two.name} >= set(diagnosis.mistakes)
    assert pairs > 50
    assert named / pairs > 0.8
