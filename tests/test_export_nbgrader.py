"""nbgrader itself reads what is entered into its gradebook, and exports what our CSV says."""

from __future__ import annotations

import builtins
import contextlib
import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from course.exercises.bank import exercises
from course.grading.export import ExportError, Options, export
from course.grading.export import nbgrader as nbgrader_format
from course.grading.export.nbgrader import (
    COLUMNS,
    fill_gradebook,
    nbgrader_csv,
    read,
    read_gradebook,
)
from tests.exported import EXERCISE, FIRST, RESULTS, SECOND, answered, points, result

pytest.importorskip("nbgrader", reason="nbgrader is not installed")
from nbgrader.api import Gradebook

#: those whose id can be a folder's name
KNOWN = [r for r in RESULTS if "/" not in r.learner and "\n" not in r.learner]
PLAIN = [result("ada"), result("alan", {FIRST: 0.5, SECOND: 0}), result("grace", {SECOND: 0.25})]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Gradebook]:
    with nbgrader_format._own_programs_first(), Gradebook(f"sqlite:///{path}") as gradebook:
        yield gradebook


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    with opened(path):
        return path


@pytest.fixture
def book(empty: Path, tmp_path: Path) -> Path:
    """A gradebook in which nothing is yet; to make one takes nbgrader a second."""
    return Path(shutil.copy(empty, tmp_path / "gradebook.db"))


def rows(path: Path) -> dict[str, list[tuple]]:
    """Everything that a gradebook holds, by table."""
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)
            for (name,) in tables.fetchall()
        }
    finally:
        connection.close()


def test_the_gradebook_holds_every_mark(tmp_path: Path) -> None:
    entered = fill_gradebook(tmp_path / "gradebook.db", RESULTS, EXERCISE)
    assert entered.learners == len(KNOWN)
    assert len(entered.refused) == len(RESULTS) - len(KNOWN) == 3
    assert all("no name that nbgrader can make a folder of" in line for line in entered.refused)
    assert all(len(line.splitlines()) == 1 for line in entered.refused)
    assert read_gradebook(tmp_path / "gradebook.db", EXERCISE) == points(KNOWN)
    with opened(tmp_path / "gradebook.db") as gradebook:
        assignment = gradebook.find_assignment(EXERCISE.lesson)
        assert assignment.max_score == EXERCISE.points
        for one in KNOWN:
            submission = gradebook.find_submission(EXERCISE.lesson, one.learner)
            assert submission.score == pytest.approx(one.points)
            assert not submission.needs_manual_grade


def test_all_exercises_stand_side_by_side(book: Path) -> None:
    classes = {
        exercise: [answered(exercise, name, i) for i, name in enumerate(("ada", "alan", "grace"))]
        for exercise in exercises()
    }
    for exercise, results in classes.items():
        export(results, exercise, book.parent, ["nbgrader"])
    for exercise, results in classes.items():
        assert read_gradebook(book, exercise) == points(results)


def test_repeated_it_comes_out_the_same(book: Path) -> None:
    fill_gradebook(book, PLAIN, EXERCISE)
    before = rows(book)
    fill_gradebook(book, PLAIN, EXERCISE)
    assert rows(book) == before
    better = [result("alan")]
    fill_gradebook(book, better, EXERCISE)
    assert read_gradebook(book, EXERCISE) == points([PLAIN[0], *better, PLAIN[2]])


def test_what_else_is_in_the_gradebook_stays(book: Path) -> None:
    with opened(book) as gradebook:
        gradebook.add_assignment("essay", duedate="2030-01-01 00:00:00 UTC")
        gradebook.add_notebook("text", "essay")
        gradebook.add_grade_cell("words", "text", "essay", max_score=7, cell_type="markdown")
        gradebook.add_student("ada", first_name="Ada", email="ada@school")
        with gradebook.db.no_autoflush:
            gradebook.add_submission("essay", "ada")
        gradebook.find_grade("words", "text", "essay", "ada").manual_score = 6
        gradebook.db.commit()
    before = rows(book)
    fill_gradebook(book, PLAIN, EXERCISE)
    after = rows(book)
    for table, old in before.items():
        assert set(old) <= set(after[table]), table
    with opened(book) as gradebook:
        assert gradebook.find_submission("essay", "ada").score == 6
        assert gradebook.find_student("ada").first_name == "Ada"
        assert [s.student.id for s in gradebook.assignment_submissions("essay")] == ["ada"]


def test_a_score_that_a_person_gave_stays(book: Path) -> None:
    fill_gradebook(book, PLAIN, EXERCISE)
    with opened(book) as gradebook:
        grade = gradebook.find_grade(f"{SECOND}-points", EXERCISE.lesson, EXERCISE.lesson, "alan")
        grade.manual_score = 1.5
        gradebook.db.commit()
    fill_gradebook(book, PLAIN, EXERCISE)
    assert read_gradebook(book, EXERCISE)["alan"][SECOND] == 1.5


def test_submissions_that_were_there_before_the_questions_are_graded(book: Path) -> None:
    fewer = replace(EXERCISE, questions=EXERCISE.questions[:2])
    cut = [replace(r, marks=r.marks[:2]) for r in PLAIN]
    with opened(book) as gradebook:
        gradebook.add_assignment(EXERCISE.lesson)
        gradebook.add_student("ada")
        with gradebook.db.no_autoflush:
            gradebook.add_submission(EXERCISE.lesson, "ada")  # no notebook yet
    fill_gradebook(book, cut, fewer)
    fill_gradebook(book, PLAIN, EXERCISE)
    assert read_gradebook(book, EXERCISE) == points(PLAIN)


def nbgrader(folder: Path, *words: str) -> str:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_nbgrader_exports_what_our_csv_says(tmp_path: Path) -> None:
    export(PLAIN, EXERCISE, tmp_path, ["nbgrader", "nbgrader-csv"])
    (tmp_path / "nbgrader_config.py").touch()
    nbgrader(tmp_path, "export", "--to", "theirs.csv")
    with open(tmp_path / "theirs.csv", newline="") as file:
        theirs = list(csv.reader(file))
    with open(tmp_path / "nbgrader.csv", newline="") as file:
        ours = list(csv.reader(file))
    assert tuple(ours[0]) == COLUMNS
    assert ours[0] == theirs[0]
    assert sorted(ours) == sorted(theirs)
    assert read((tmp_path / "nbgrader.csv").read_bytes()) == {
        (EXERCISE.lesson, one.learner): one.points for one in PLAIN
    }


def test_an_assignment_that_nbgrader_generated_is_used(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[1]
    source = tmp_path / "source" / "losses" / f"{EXERCISE.lesson}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_bytes((root / "exercises" / source.name).read_bytes())
    config = (root / "docs" / "nbgrader_config.py").read_text(encoding="utf-8")
    (tmp_path / "nbgrader_config.py").write_text(config, encoding="utf-8")
    nbgrader(tmp_path, "generate_assignment", "losses")
    path = tmp_path / "gradebook.db"
    before = rows(path)
    export(PLAIN, EXERCISE, tmp_path, ["nbgrader"], Options(assignment="losses"))
    after = rows(path)
    for table in ("assignment", "notebook", "base_cell", "grade_cells", "source_cell"):
        assert after[table] == before[table], table
    assert read_gradebook(path, EXERCISE, assignment="losses") == points(PLAIN)


def test_the_csv_holds_every_learner_whatever_the_name() -> None:
    scores = read(nbgrader_csv(RESULTS, EXERCISE))
    assert scores == {(EXERCISE.lesson, one.learner): one.points for one in RESULTS}


# --------------------------------------------------------------------------------- errors
def test_without_nbgrader_it_is_said_how_to_install_it(tmp_path: Path, monkeypatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: object, **more: object) -> object:
        if name.partition(".")[0] == "nbgrader":
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExportError, match="nbgrader is not installed.*\n.*pip install"):
        fill_gradebook(tmp_path / "gradebook.db", PLAIN, EXERCISE)
    assert not (tmp_path / "gradebook.db").exists()


def test_a_file_that_is_no_gradebook_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database\n" * 100)
    with pytest.raises(ExportError, match="cannot be used as a gradebook"):
        fill_gradebook(path, PLAIN, EXERCISE)
    assert path.read_text() == "not a database\n" * 100


def test_a_database_is_named_by_its_url_but_its_password_is_not_shown(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    (written,) = export(PLAIN, EXERCISE, tmp_path, ["nbgrader"], Options(gradebook=url))
    assert written.path == tmp_path
    assert read_gradebook(tmp_path / "gradebook.db", EXERCISE) == points(PLAIN)
    with pytest.raises(ExportError, match="cannot be used as a gradebook") as error:
        fill_gradebook("nodialect://me:hush@localhost/x", PLAIN, EXERCISE)
    assert "hush" not in str(error.value)


@pytest.mark.parametrize("name", ["a+b", "a/b", "x" * 129])
def test_a_name_that_nbgrader_does_not_take_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match="nbgrader takes no assignment"):
        fill_gradebook(tmp_path / "gradebook.db", PLAIN, EXERCISE, assignment=name)
