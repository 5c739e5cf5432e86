"""No committed notebook gives the answer of a prediction away."""

from __future__ import annotations

import importlib
import json
import re
from collections import Counter
from functools import cache

import pytest

from course.exercises.bank import questions as exercise_questions
from course.explorers import welcome
from course.explorers.gated import (
    VEIL,
    VEIL_OF_PRINT,
    VEIL_OF_PRINT_OF_SEVERAL,
    VEIL_OF_SEVERAL,
    Gated,
)
from course.explorers.predict import letter
from tests.conftest import ROOT
from tests.test_claims import ROOMS

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem[:2])
VEILS = (VEIL, VEIL_OF_PRINT, VEIL_OF_PRINT_OF_SEVERAL, VEIL_OF_SEVERAL)


@cache
def asked(number):
    """Return the predictions of a lesson, by the name of the function that asks."""
    room = f"course.explorers.{ROOMS[number]}" if number else ""
    module = importlib.import_module(room) if room else welcome
    asks = {name: getattr(module, name) for name in dir(module) if name.startswith("ask_")}
    return {name: ask() for name, ask in asks.items()}


@cache
def cells_of(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def outputs(cell):
    """Return the words of a cell's outputs, as one text."""
    parts = []
    for output in cell.get("outputs", []):
        data = {k: v for k, v in output.get("data", {}).items() if not k.startswith("image/")}
        parts += ["".join(output.get("text", "")), *map("".join, data.values())]
    return "\n".join(parts)


def sentences(words):
    """Return the sentences that are long enough to be recognised."""
    return [s for s in re.split(r"(?<=[.!?:]) ", words) if len(s) > 25]


def number_of(path):
    return int(path.name[:2])


@every_lesson
def test_each_question_has_a_key_of_its_own(path):
    keys = [question.key for question in asked(number_of(path)).values()]
    assert all(re.fullmatch(path.name[:2] + r"/\w+", key) for key in keys), keys
    assert len(set(keys)) == len(keys)


@every_lesson
def test_each_question_is_asked_and_not_answered(path):
    cells = cells_of(path)
    shown = {id(cell): outputs(cell) for cell in cells}
    for name, question in asked(number_of(path)).items():
        prompt = f"Predict first: {question.question['prompt']}"
        (at,) = [i for i, cell in enumerate(cells) if prompt in shown[id(cells[i])]]
        assert re.search(r"digest [0-9a-f]{8}", shown[id(cells[at])]), name
        assert "Answer" not in shown[id(cells[at])], name
        everything = "\n".join(["".join(c["source"]) + shown[id(c)] for c in cells])
        for sentence in sentences(question.reason):
            assert sentence not in everything, (name, sentence)
        words = question._words(question.answer).removesuffix(question.unit).strip()
        if question.kind == "choice" or len(words) < 2:  # one digit stands everywhere
            continue
        for cell in cells[at:]:
            if cell["cell_type"] == "markdown" and "".join(cell["source"]).startswith("## "):
                break
            printed = shown[id(cell)].replace(question.question["prompt"], "")
            assert not re.search(rf"(?<![\w.,−-]){re.escape(words)}(?![\w,]|\.\d)", printed), (
                name,
                cell["id"],
            )


@every_lesson
def test_what_waits_is_saved_veiled(path):
    for cell in cells_of(path):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            text = "".join(data.get("text/plain", ""))
            waits = "after=" in "".join(cell["source"]) or any(veil in text for veil in VEILS)
            if waits and data:
                assert any(veil in text for veil in VEILS), cell["id"]
                assert set(data) == {"text/plain", "text/html"}, cell["id"]
                *_, digest = text.splitlines()
                assert re.fullmatch(r"digest [0-9a-f]{8}", digest), cell["id"]
                assert len(text.splitlines()) <= 3, cell["id"]


def kinds(base):
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_no_explorer_goes_round_the_veil():
    for number in ROOMS:
        asked(number)
    found = list(kinds(Gated))
    assert len(found) >= 25
    for kind in found:
        assert not {"text", "get_state"} & vars(kind).keys(), kind


# ------------------------------------------------------------------------- the letters
@pytest.mark.parametrize("number", ROOMS)
def test_right_options_are_spread_over_the_letters(number):
    choices = [q for q in asked(number).values() if q.kind == "choice"]
    right = Counter(letter(question.answer) for question in choices)
    assert max(right.values()) <= max(1, (len(choices) + 1) // 2), right
    assert len(right) >= min(3, len(choices)), right


def test_right_letters_are_spread_in_the_exercises_too():
    right = Counter()
    for question in exercise_questions().values():
        answer = re.search(r'return "([a-h])"\s*$', question.solution.rstrip())
        if answer:
            right[answer[1]] += 1
    assert sum(right.values()) >= 8
    assert len(right) >= 3
    assert max(right.values()) <= (sum(right.values()) + 1) // 2, right
