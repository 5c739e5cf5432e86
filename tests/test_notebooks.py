"""Hold what the committed notebooks promise; nbval itself compares their outputs."""

import json
import re
import statistics
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from course import build
from course.server import WIDGET_VIEW

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LONGEST_CELL, MEDIAN_CELL = 12, 4
DIGEST = re.compile(r"\bdigest [0-9a-f]{8}\b")
HIDING = re.compile(r"NBVAL|PYTEST_VALIDATE", re.IGNORECASE)
HIDING_TAGS = re.compile(r"nbval|skip|ignore|remove|pytest", re.IGNORECASE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)[^)]*\)")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")


def joined(text):
    return text if isinstance(text, str) else "".join(text)


def faults(notebook, folder):
    """Return every broken promise as one sentence that names its cell."""
    cells = notebook["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    found = []
    if "widgets" in notebook["metadata"]:
        found.append("the notebook: carries widget state")
    identifiers = [cell.get("id") for cell in cells]
    if None in identifiers or len(set(identifiers)) != len(identifiers):
        found.append("the notebook: cell ids are missing or repeated")
    counts = [cell["execution_count"] for cell in code]
    if counts != list(range(1, len(code) + 1)):
        found.append(f"the notebook: execution counts are {counts}, not 1 to {len(code)}")
    lengths = [len(joined(cell["source"]).splitlines()) for cell in code]
    if lengths and statistics.median(lengths) > MEDIAN_CELL:
        found.append(f"the notebook: median code cell has over {MEDIAN_CELL} lines")
    for number, cell in enumerate(cells, start=1):
        check = code_faults if cell["cell_type"] == "code" else text_faults
        found += [f"cell {number} [{cell.get('id')}]: {text}" for text in check(cell, folder)]
    return found


def code_faults(cell, folder):
    source = joined(cell["source"])
    tags = cell["metadata"].get("tags", [])
    lines = len(source.splitlines())
    if lines > LONGEST_CELL:
        yield f"{lines} lines, at most {LONGEST_CELL}"
    if HIDING.search(source) or any(HIDING_TAGS.search(tag) for tag in tags):
        yield "hides itself from comparison"
    for output in cell["outputs"]:
        if output["output_type"] == "error" and "raises-exception" not in tags:
            yield f"committed with an error, {output['ename']}"
        if output["output_type"] == "stream" and output["name"] == "stderr":
            yield f"writes to stderr: {joined(output['text'])[:80]!r}"
        data = output.get("data", {})
        if WIDGET_VIEW in data:
            yield "carries a live widget view: run make notebooks"
        pictures = [kind for kind in data if kind.startswith("image/")]
        if pictures and not DIGEST.search(joined(data.get("text/plain", ""))):
            yield "a picture without a digest of what it shows"
        if not all(alternative(output, kind) for kind in pictures):
            yield "a picture without alternative text"


def alternative(output, kind):
    metadata = output.get("metadata", {})
    return metadata.get(kind, {}).get("alt") or metadata.get("alt")


def text_faults(cell, folder):
    text = without_code(joined(cell["source"]))
    for alt, target in PICTURE.findall(text):
        if not alt.strip():
            yield f"the picture {target} has no alternative text"
    for target in LINK.findall(text) + [target for _, target in PICTURE.findall(text)]:
        path = unquote(target.partition("#")[0])
        if path and not re.match(r"[a-z]+:", path) and not (folder / path).exists():
            yield f"links to {path}, which is not there"


def without_code(text):
    return re.sub(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_notebook(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert faults(notebook, path.parent) == []


# ------------------------------------------------------------ the lint itself bites
def sound():
    output = {"output_type": "display_data", "metadata": {"image/png": {"alt": "a curve"}}}
    output["data"] = {"image/png": "aGVsbG8=", "text/plain": "w = 1, digest 0123abcd"}
    code = {"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {}, "source": "1"}
    text = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "[me](here.txt)"}
    return {"cells": [{**code, "outputs": [output]}, text], "metadata": {}}


def first(change):
    def apply(notebook):
        change(notebook["cells"][0])

    return apply


def of_output(change):
    return first(lambda cell: change(cell["outputs"][0]))


def error(output):
    output.clear()
    output.update(output_type="error", ename="KeyError", evalue="", traceback=[])


def stderr(output):
    output.clear()
    output.update(output_type="stream", name="stderr", text=["UserWarning"])


def markdown(source):
    return lambda notebook: notebook["cells"][1].update(source=source)


FAULTS = [
    (first(lambda cell: cell.update(execution_count=2)), "execution counts"),
    (first(lambda cell: cell.update(execution_count=None)), "execution counts"),
    (first(lambda cell: cell.update(source="# NBVAL_IGNORE_OUTPUT\n1")), "hides"),
    (first(lambda cell: cell.update(source="# NBVAL_SKIP\n1")), "hides"),
    (first(lambda cell: cell["metadata"].update(tags=["nbval-ignore-output"])), "hides"),
    (first(lambda cell: cell.update(source="x = 1\n" * 13)), "13 lines"),
    (first(lambda cell: cell.update(source="x = 1\n" * 5)), "median"),
    (first(lambda cell: cell.update(id="b")), "ids"),
    (first(lambda cell: cell.pop("id")), "ids"),
    (lambda notebook: notebook["metadata"].update(widgets={}), "widget state"),
    (of_output(lambda output: output["data"].update({WIDGET_VIEW: {}})), "live widget"),
    (of_output(lambda output: output["data"].update({"text/plain": "w = 1"})), "digest"),
    (of_output(lambda output: output["data"].pop("text/plain")), "digest"),
    (of_output(lambda output: output.update(metadata={})), "alternative text"),
    (of_output(error), "an error, KeyError"),
    (of_output(stderr), "stderr"),
    (markdown("[gone](gone.ipynb#part)"), "gone.ipynb, which is not there"),
    (markdown("![](here.txt)"), "alternative text"),
    (markdown("![a curve](gone.png)"), "gone.png, which is not there"),
]


def test_a_sound_notebook_passes(tmp_path):
    (tmp_path / "here.txt").touch()
    assert faults(sound(), tmp_path) == []


@pytest.mark.parametrize(("spoil", "message"), FAULTS)
def test_each_broken_promise_is_found(tmp_path, spoil, message):
    (tmp_path / "here.txt").touch()
    notebook = sound()
    spoil(notebook)
    found = faults(notebook, tmp_path)
    assert len(found) >= 1
    assert any(message in sentence for sentence in found), found


# ------------------------------------------------------------------- nbval's settings
def nbval(path):
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "conftest"]
    return subprocess.run([*command, str(path)], cwd=ROOT, capture_output=True, text=True)


def test_nbval_compares_outputs_and_sees_warnings(write_notebook):
    sources = ("6 * 7", "import warnings", "x = 1")
    path = write_notebook(*sources)
    build.build(path)
    assert nbval(path).returncode == 0
    good = path.read_text()

    path.write_text(good.replace('"42"', '"43"'))
    assert "mismatch 'text/plain'" in nbval(path).stdout
    path.write_text(good.replace('"x = 1"', "\"warnings.warn('old', DeprecationWarning)\""))
    answer = nbval(path).stdout
    assert "1 failed, 2 passed" in answer
    assert "Unexpected output fields from running code: {'stderr'}" in answer
