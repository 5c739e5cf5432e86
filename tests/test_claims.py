"""Each checkable sentence of a lesson names what bears it, and that is there."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from functools import cache

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "claims"
FILES = sorted(FOLDER.glob("lesson_*.toml"))
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ROOMS = {
    1: "losses",
    2: "gradient_descent",
    3: "chain_rule",
    4: "delta_recursion",
    5: "stochastic_gradient_descent",
    6: "adaptive_learning_rates",
}
BEARERS = {"cells", "tests", "derived", "sources"}

# words that make a sentence easy to refute; such a sentence must be a claim
BOLD = re.compile(
    r"(?<!-)\b(never|always|every|only|best|worst|cannot|must|because|exactly|for ever|nothing|no|"
    r"(?:con|di)verg\w*)\b",
    re.IGNORECASE,
)
# a sentence ends with its stop, which may stand inside brackets, stars or quotes
SENTENCE = re.compile(r"(?:[^.!?]|[.!?](?![\s)*”\"_]))+[.!?]?[)*”\"_]*")


def number_of(path):
    return int(re.search(r"(\d+)", path.name)[1])


def folded(words):
    return " ".join(words.split())


@cache
def cells_of(number):
    """Return the cells of a lesson by id, their sources folded."""
    (path,) = (ROOT / "notebooks").glob(f"{number:02d}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: cell | {"source": folded("".join(cell["source"]))} for cell in cells}


@cache
def claims_of(number):
    path = FOLDER / f"lesson_{number}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["claim"]


def printed(cell):
    """Return the words that a code cell shows."""
    parts = []
    for output in cell["outputs"]:
        parts += ["".join(output.get("text", "")), *map("".join, output.get("data", {}).values())]
    return folded(" ".join(parts))


@cache
def strings_of(number):
    """Return the words in the code of a lesson's explorers and questions."""
    room = ROOT / "course" / "explorers"
    paths = sorted((room / ROOMS[number]).glob("*.py")) if number else [room / "welcome.py"]
    found = []
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            if isinstance(node, ast.JoinedStr):  # its values stand as {}
                parts = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
                found.append("".join(parts))
    return folded(" ".join(found))


@cache
def functions_in(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def faults(number, claim):
    """Yield what is wrong with a claim, as sentences."""
    cells = cells_of(number)
    if unknown := claim.keys() - BEARERS - {"cell", "says"}:
        yield f"unknown keys {unknown}"
    if claim.get("cell") not in cells:
        yield f"there is no cell {claim.get('cell')!r}"
        return
    cell, says = cells[claim["cell"]], folded(claim["says"])
    if cell["cell_type"] == "markdown":
        words = cell["source"]
    else:
        words = f"{printed(cell)} {strings_of(number)} {cell['source']}"
    if not says or says not in words:
        yield f"it is not said in {claim['cell']}"
    if not any(claim.get(kind) for kind in BEARERS):
        yield "nothing bears it"
    for name in claim.get("cells", ()):
        if cells.get(name, {}).get("cell_type") != "code" or not cells[name]["outputs"]:
            yield f"{name} is no cell that shows something"
    for name in claim.get("derived", ()):
        if cells.get(name, {}).get("cell_type") != "markdown":
            yield f"{name} is no cell that derives something"
    for name in claim.get("tests", ()):
        path, _, function = name.partition("::")
        if not (ROOT / path).is_file() or function.split("[")[0] not in functions_in(path):
            yield f"there is no test {name}"
    references = " ".join(c["source"] for c in cells.values() if "# References" in c["source"])
    for words in claim.get("sources", ()):
        if folded(words) not in references:
            yield f"{words!r} is no reference of the lesson"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_claim_is_said_and_borne(path):
    number = number_of(path)
    found = [
        f"{claim.get('cell')}: {claim.get('says', '')[:60]!r}: {fault}"
        for claim in claims_of(number)
        for fault in faults(number, claim)
    ]
    assert found == []


def test_every_lesson_has_its_claims():
    assert [number_of(path) for path in FILES] == [number_of(path) for path in LESSONS]
    assert all(len(claims_of(number)) >= 60 for number in ROOMS)


# ------------------------------------------------------------- bold words need a witness
def prose(source):
    """Return a markdown cell's source with what is no sentence blanked out, letter by letter."""

    def blank(match):
        return re.sub(r"\S", "·", match[0])

    for pattern in (
        r"```.*?```",
        r"^#+ .*?$",
        r"\*\*Try it\.\*\*.*",
        r"\*\*Exercises:\*\*.*",
        r"\*\*(?:Time|Before|You need|Next):\*\*.*?(?=\*\*|$)",
    ):
        source = re.sub(pattern, blank, source, flags=re.DOTALL | re.MULTILINE)
    return source


def uncovered(number):
    """Yield the sentences with a bold word that no claim covers."""
    claims = claims_of(number)
    (path,) = (ROOT / "notebooks").glob(f"{number:02d}_*.ipynb")
    for raw in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(raw["source"])
        if raw["cell_type"] != "markdown" or "# References" in source:
            continue
        whole, masked = folded(source), prose(source)
        covered = [
            (match.start(), match.end())
            for claim in claims
            if claim["cell"] == raw["id"]
            for match in re.finditer(re.escape(folded(claim["says"])), whole)
        ]
        for paragraph in re.finditer(r"(?:.+\n?(?![*|#>-]))*.+|.+", masked):
            before = len(folded(masked[: paragraph.start()]))
            offset = before + bool(before)
            for match in SENTENCE.finditer(folded(paragraph[0])):
                start, end = offset + match.start(), offset + match.end()
                asks = match[0].rstrip('*)”"').endswith("?")
                claimed = any(a < end and start < b for a, b in covered)
                if BOLD.search(match[0]) and not asks and not claimed:
                    yield f"{raw['id']}: {match[0].strip()}"


@pytest.mark.parametrize("number", ROOMS)
def test_every_bold_sentence_is_a_claim(number):
    assert list(uncovered(number)) == []


# ------------------------------------------------------------------- the test itself bites
GOOD = {"cell": "l02-s2", "says": "Keep the first-order term.", "cells": ["l02-taylor"]}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, ""),
        ({"cell": "l02-gone"}, "no cell"),
        ({"says": "Keep the second-order term."}, "not said"),
        ({"says": ""}, "not said"),
        ({"cells": []}, "nothing bears it"),
        ({"cells": ["l02-s2"]}, "no cell that shows"),
        ({"derived": ["l02-taylor"]}, "no cell that derives"),
        ({"tests": ["tests/test_claims.py::test_gone"]}, "no test"),
        ({"tests": ["tests/gone.py::test_gone"]}, "no test"),
        ({"sources": ["A book that nobody wrote"]}, "no reference"),
        ({"witness": ["me"]}, "unknown keys"),
    ],
)
def test_a_claim_without_a_bearer_is_found(change, fault):
    found = list(faults(2, GOOD | change))
    assert len(found) == bool(fault)
    assert all(fault in words for words in found)
