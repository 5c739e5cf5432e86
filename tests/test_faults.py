"""Prove that the strict check of the notebooks bites: each seeded fault turns its lesson red."""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.faults import CATALOGUE, Fault
from tests.notebook_check import ROOT, check, copied, two_at_a_time
from tests.test_architecture import MATHEMATICS

LESSON = "02_gradient_descent.ipynb"
CASES = [(lesson, fault) for lesson, faults in CATALOGUE.items() for fault in faults]
every_fault = pytest.mark.parametrize(
    ("lesson", "fault"), CASES, ids=[f"{lesson[:2]}: {fault.name}" for lesson, fault in CASES]
)


def faulty(fault: Fault) -> str:
    """Return the source of a module with a fault; say so if the source has moved on."""
    source = (ROOT / "course" / fault.file).read_text(encoding="utf-8")
    count = source.count(fault.old)
    if count != 1:
        raise LookupError(
            f"'{fault.name}': {fault.old!r} stands {count} times in course/{fault.file}, not once; "
            "the source has moved on, so adapt tests/faults/"
        )
    return source.replace(fault.old, fault.new)


# -------------------------------------------------------------------- the catalogue
@every_fault
def test_a_fault_fits_the_source(lesson, fault):
    assert fault.old != fault.new
    ast.parse(faulty(fault))


def test_the_catalogue_covers_every_lesson_and_all_the_mathematics():
    lessons = {path.stem for path in (ROOT / "notebooks").glob("0[1-9]_*.ipynb")}
    assert set(CATALOGUE) == lessons
    assert len(CASES) >= 60
    assert all(len(faults) >= 12 for faults in CATALOGUE.values())
    assert max(Counter((lesson, fault.name) for lesson, fault in CASES).values()) == 1
    files = {fault.file for _, fault in CASES}
    assert files >= {f"{room}.py" for room in MATHEMATICS}


# ------------------------------------------------------------------- each one is noticed
@pytest.fixture(scope="module")
def runs(request, tmp_path_factory):
    """Check the faults that were asked for, each in a copy of its own."""

    place = tmp_path_factory.mktemp("faulty")  # pytest makes no folder in two threads at once

    def run(case):
        lesson, fault = case
        folder = copied(Path(mkdtemp(dir=place)), f"{lesson}.ipynb")
        (folder / "course" / fault.file).write_text(faulty(fault), encoding="utf-8")
        outcome = check(folder, "-x", f"notebooks/{lesson}.ipynb")
        shutil.rmtree(folder)
        return outcome

    chosen = [
        (item.callspec.params["lesson"], item.callspec.params["fault"])
        for item in request.session.items
        if item.path == request.path and item.name.startswith("test_the_lesson_notices")
    ]
    with two_at_a_time(run, chosen) as futures:
        yield futures


@every_fault
def test_the_lesson_notices(lesson, fault, runs):
    outcome = runs[lesson, fault].result()
    # 1: tests ran and failed; not a usage error, nor a notebook that cannot be collected
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    assert "Cell outputs differ" in outcome.stdout, outcome.stdout
    assert re.search(r"= 1 failed(, \d+ passed)? in ", outcome.stdout), outcome.stdout


def test_an_untouched_copy_passes_and_is_what_was_imported(tmp_path):
    folder = copied(tmp_path, LESSON)
    notebook = json.loads((folder / "notebooks" / LESSON).read_text(encoding="utf-8"))
    where = f"{folder / 'course' / '__init__.py'}\n"
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    notebook["cells"].append(
        {
            "cell_type": "code",
            "execution_count": len(cells) + 1,
            "id": "where",
            "metadata": {},
            "outputs": [{"output_type": "stream", "name": "stdout", "text": where}],
            "source": "import course\nprint(course.__file__)",
        }
    )
    (folder / "notebooks" / LESSON).write_text(json.dumps(notebook), encoding="utf-8")
    with (folder / "conftest.py").open("a", encoding="utf-8") as file:
        file.write(
            "\n\ndef pytest_report_header():\n"
            "    import course\n\n"
            "    return f'imported: {course.__file__}'\n"
        )
    outcome = check(folder, f"notebooks/{LESSON}")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert f"= {len(cells) + 1} passed in " in outcome.stdout
    assert f"imported: {where}" in outcome.stdout


# ---------------------------------------------------------------- every cell is compared
def code_cells(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_pytest_without_arguments_checks_every_code_cell():
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-q"]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    collected = Counter(re.findall(r"^notebooks/(\S+\.ipynb)::Cell \d+$", outcome.stdout, re.M))
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert collected == {path.name: len(code_cells(path)) for path in paths}, outcome.stdout


def doctored(output):
    """Change the last letter or digit of what an output says: of an explorer, its digest."""

    def other(text):
        text = text if isinstance(text, str) else "".join(text)
        end = max(i for i, letter in enumerate(text) if letter.isalnum())
        return text[:end] + ("1" if text[end] == "0" else "0") + text[end + 1 :]

    match output["output_type"]:
        case "stream":
            return output | {"text": other(output["text"])}
        case "error":
            return output | {"evalue": other(output["evalue"])}
    return output | {"data": output["data"] | {"text/plain": other(output["data"]["text/plain"])}}


def test_one_letter_changed_in_a_saved_output_fails_its_cell(tmp_path):
    lessons = ("00_start_here.ipynb", LESSON)
    folder = copied(tmp_path, *lessons)
    silent = {"output_type": "stream", "name": "stdout", "text": "never said\n"}
    count = 0
    for lesson in lessons:
        path = folder / "notebooks" / lesson
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = [doctored(output) for output in cell["outputs"]] or [silent]
                count += 1
        path.write_text(json.dumps(notebook), encoding="utf-8")
    outcome = check(folder, "notebooks")
    assert outcome.returncode == 1
    assert f"= {count} failed in " in outcome.stdout, outcome.stdout[-2000:]
    assert outcome.stdout.count("Cell outputs differ") >= count
