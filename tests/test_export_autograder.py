"""The autograder's zip grades in Gradescope's layout, with nothing but itself and NumPy."""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from course.exercises.notebooks import notebook
from course.grading.export import ExportError, gradescope
from course.grading.export.autograder import answer, autograder_zip, requirements
from course.grading.sandbox import bubblewrap
from tests.exported import EXERCISE, FIRST

SOLUTIONS = {question.name: question.solution for question in EXERCISE.questions}
posix = pytest.mark.skipif(os.name != "posix", reason="Gradescope runs on Linux")


def system_python() -> str | None:
    """Return a Python of this one's version that every user can run, as Gradescope's is."""
    path = "/usr/bin/python3"
    code = "import sys, venv; print(*sys.version_info[:2])"
    try:
        told = subprocess.run([path, "-c", code], capture_output=True, text=True).stdout
    except OSError:
        return None
    return path if told.split() == [str(n) for n in sys.version_info[:2]] else None


SYSTEM = system_python()


def handed_in(answers: dict[str, str]) -> bytes:
    book = notebook(EXERCISE)
    for cell in book["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    return json.dumps(book).encode()


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(autograder_zip(EXERCISE, secret=b"secret")))


@pytest.fixture(scope="module")
def built(archive: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a root as Gradescope builds it; its environment has NumPy and no course."""
    root = tmp_path_factory.mktemp("gradescope") / "autograder"
    for entry in archive.infolist():
        path = Path(archive.extract(entry, root / "source"))
        path.chmod(entry.external_attr >> 16 & 0o777)
    shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
    python = SYSTEM if SYSTEM is not None else sys.executable
    subprocess.run([python, "-m", "venv", "--without-pip", str(root / "venv")], check=True)
    (there,) = (root / "venv" / "lib").glob("python*/site-packages")
    installed = Path(np.__file__).parent
    for name in ("numpy", "numpy.libs"):
        if (installed.parent / name).is_dir():
            ignore = shutil.ignore_patterns("tests", "__pycache__")
            shutil.copytree(installed.parent / name, there / name, ignore=ignore)
    (root / "results").mkdir()
    # another user must be able to come here, as to /autograder
    folder = root
    while folder not in (Path(tempfile.gettempdir()), folder.parent):
        folder.chmod(0o755)
        folder = folder.parent
    return root


@pytest.fixture
def root(built: Path) -> Path:
    """Return the root as a fresh container has it."""
    shutil.rmtree(built / "submission", ignore_errors=True)
    (built / "submission").mkdir()
    for path in (built / "results" / "results.json", built / "submission_metadata.json"):
        path.unlink(missing_ok=True)
    return built


def run(root: Path, path: str = "/usr/bin:/bin") -> dict:
    done = subprocess.run(
        [str(root / "run_autograder")],
        cwd=root,
        env={"PATH": path, "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    answered = json.loads((root / "results" / "results.json").read_bytes())
    return answered | {"stdout": done.stdout}


# ------------------------------------------------------------------------------ the files
def test_the_zip_has_what_gradescope_asks_for_at_its_root(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    assert {"setup.sh", "run_autograder"} <= set(names)
    assert len(names) == len(set(names))
    for name in ("setup.sh", "run_autograder"):
        assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")
        assert stat.S_IMODE(archive.getinfo(name).external_attr >> 16) == 0o755
    assert not [name for name in names if name.startswith("/") or ".." in name]
    assert b"\r\n" not in b"".join(archive.read(name) for name in names)


def test_the_zip_names_no_host(archive: zipfile.ZipFile) -> None:
    own = [name for name in archive.namelist() if not name.startswith("course/")]
    for name in own:
        text = archive.read(name).decode()
        assert not re.search(r"https?://|--index-url|-i ", text), name


def test_the_same_exercise_and_secret_give_the_same_zip() -> None:
    assert autograder_zip(EXERCISE, secret=b"s") == autograder_zip(EXERCISE, secret=b"s")
    assert autograder_zip(EXERCISE) != autograder_zip(EXERCISE)


def test_requirements_are_the_courses_own() -> None:
    known = " ".join(importlib.metadata.requires("how-neural-networks-learn") or [])
    assert [re.match(r"\w+", line)[0] for line in requirements()] == ["numpy", "matplotlib"]
    for line in requirements():
        assert line in known


@posix
@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_the_scripts_are_bash(archive: zipfile.ZipFile, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(archive.read(name))
    subprocess.run(["bash", "-n", str(tmp_path / name)], check=True)


def test_visibility_is_checked_before_the_upload() -> None:
    with pytest.raises(ExportError, match="visibility is 'all'"):
        autograder_zip(EXERCISE, visibility="all")


# --------------------------------------------------------------------- in the real layout
@posix
def test_right_answers_earn_everything(root: Path) -> None:
    (root / "submission" / f"{EXERCISE.lesson}.ipynb").write_bytes(handed_in(SOLUTIONS))
    about = {"id": 5, "users": [{"id": 1, "email": "ada@school", "name": "Ada"}]}
    (root / "submission_metadata.json").write_text(json.dumps(about))
    answered = run(root)
    assert answered["score"] == EXERCISE.points
    assert {test["status"] for test in answered["tests"]} == {"passed"}
    learner, marks = gradescope.read((root / "results" / "results.json").read_bytes())
    assert learner == "ada@school"
    assert marks == {question.name: question.points for question in EXERCISE.questions}
    assert answered["stdout"].endswith(f"ada@school: {EXERCISE.points} of {EXERCISE.points}\n")
    assert not list((root / "results").glob(".tmp*"))


@posix
def test_a_mistake_is_named_to_the_learner(root: Path) -> None:
    (question,) = (q for q in EXERCISE.questions if q.name == FIRST)
    mistake = next(m for m in question.mistakes if m.edits)
    answers = SOLUTIONS | {FIRST: question.edited(*mistake.edits)}
    (root / "submission" / "renamed by me.ipynb").write_bytes(handed_in(answers))
    answered = run(root)
    test = answered["tests"][0]
    assert (test["name"], test["status"]) == (FIRST, "failed")
    assert test["score"] == pytest.approx(question.points * mistake.credit)
    assert test["output"]
    assert {one["status"] for one in answered["tests"][1:]} == {"passed"}


@posix
def test_of_several_notebooks_the_one_called_like_the_exercise_counts(root: Path) -> None:
    (root / "submission" / "a.ipynb").write_bytes(handed_in({}))
    (root / "submission" / "deep").mkdir()
    (root / "submission" / "deep" / f"{EXERCISE.lesson}.ipynb").write_bytes(handed_in(SOLUTIONS))
    (root / "submission" / "z.ipynb").write_bytes(handed_in({}))
    (root / "submission" / "a.py").touch()
    answered = run(root)
    assert answered["score"] == EXERCISE.points
    assert f"Of 3 notebooks deep/{EXERCISE.lesson}.ipynb was graded." in answered["output"]


@posix
@pytest.mark.parametrize(("name", "data"), [("essay.txt", b"hello"), ("a.ipynb", b"{")])
def test_what_is_no_notebook_gets_words_and_no_points(root: Path, name: str, data: bytes) -> None:
    (root / "submission" / name).write_bytes(data)
    answered = run(root)
    assert answered["score"] == 0
    assert "no notebook" in answered["output"]
    assert [test["name"] for test in answered["tests"]] == list(SOLUTIONS)


THIEF = """
import os, sys
def {name}(*args):
    for folder in ("{root}/source", "/autograder/source", "{course}"):
        sys.path.insert(0, folder)
    from course.exercises.lesson_1 import {name} as answer
    return answer(*args)
"""
READER = """
def {name}(*args):
    found = []
    for path in ("{root}/source/autograder.json", "{root}/source/course/losses.py",
                 "{root}/source/course/exercises/lesson_1.py"):
        try:
            found.append(open(path).read(20))
        except OSError:
            pass
    raise ValueError("read: " + repr(found))
"""


@posix
@pytest.mark.parametrize("walls", ["with bubblewrap", "without"])
def test_the_answers_are_not_there_to_be_read(root: Path, walls: str, tmp_path: Path) -> None:
    if walls == "with bubblewrap" and bubblewrap() is None:
        pytest.skip("bubblewrap does not work here")
    if walls == "without" and (os.geteuid() != 0 or SYSTEM is None):
        pytest.skip("not root, or no Python that another user could run, as in Gradescope")
    names = [question.name for question in EXERCISE.questions[:2]]
    place = {"root": root, "course": root / "source"}
    answers = SOLUTIONS | {
        names[0]: THIEF.format(name=names[0], **place),
        names[1]: READER.format(name=names[1], **place),
    }
    (root / "submission" / f"{EXERCISE.lesson}.ipynb").write_bytes(handed_in(answers))
    path = "/usr/bin:/bin"
    if walls == "without":  # everything that the script needs, but no bwrap
        path = str(tmp_path)
        for name in ("bash", "env", "dirname"):
            (tmp_path / name).symlink_to(shutil.which(name))
    answered = run(root, path)
    sandbox = "none" if walls == "without" else "bubblewrap"
    assert answered["extra_data"]["sandbox"] == sandbox
    assert ("bubblewrap does not work" in answered["stdout"]) == (sandbox == "none")
    assert "could read the answers" not in answered["stdout"]
    first, second, *rest = answered["tests"]
    assert (first["score"], second["score"]) == (0, 0)
    assert "read: []" in second["output"]
    assert {test["status"] for test in rest} == {"passed"}


@posix
def test_private_questions_travel_with_the_zip(tmp_path: Path) -> None:
    private = tmp_path / "mine.py"
    private.write_text(
        "from course.exercises.question import Question\n\n"
        "def double(x):\n    return 2 * x\n\n"
        "QUESTIONS = (Question(double, 'Double it.', lambda rng: (rng.normal(),), (), ()),)\n"
    )
    root = tmp_path / "autograder"
    data = autograder_zip(EXERCISE, private=private, secret=b"s")
    zipfile.ZipFile(io.BytesIO(data)).extractall(root / "source")
    (root / "submission").mkdir()
    book = json.loads(handed_in(SOLUTIONS))
    cell = {"cell_type": "code", "source": "def double(x):\n    return x + x"}
    book["cells"].append(cell)
    (root / "submission" / "a.ipynb").write_text(json.dumps(book))
    result = answer.answer(root)
    assert result.points == EXERCISE.points + 2
    assert result.marks[-1].question == "double"


def test_groups_and_strange_metadata_have_a_name(tmp_path: Path) -> None:
    about = tmp_path / "submission_metadata.json"
    for text, name in (
        ('{"users": [{"email": "b@x"}, {"email": "a@x"}]}', "a@x+b@x"),
        ('{"users": [], "id": 7}', "7"),
        ("[]", "submission"),
        ("{", "submission"),
    ):
        about.write_text(text)
        assert answer._learner(tmp_path) == name
