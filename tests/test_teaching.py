"""The instructor's commands as they are typed: hand out, grade, export, and what goes wrong."""

from __future__ import annotations

import csv
import json
import zipfile

import pytest

from course import commands, teaching
from course.cli import main
from course.exercises.bank import exercises
from course.grading.export import FORMATS
from course.grading.export.autograder import SETTINGS
from course.grading.results import safe_name
from course.grading.workers import NotGraded

EXERCISE = exercises()[0]


@pytest.fixture
def handed_in(tmp_path):
    """Two learners: one has everything right, one has nothing."""
    place = tmp_path / "submissions"
    place.mkdir()
    for learner, sources in (
        ("ada", [q.solution for q in EXERCISE.questions]),
        ("alan", [q.stub for q in EXERCISE.questions]),
    ):
        cells = [{"cell_type": "code", "source": source} for source in sources]
        (place / f"{learner}.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return place


def test_the_words_of_the_command_are_those_of_the_library():
    assert set(commands.FORMATS) == set(FORMATS)


def test_grade_then_go_on_then_export(handed_in, tmp_path, capsys):
    out = tmp_path / "results"
    words = ["grade", str(handed_in), "--exercise", "01", "--out", str(out), "--jobs", "1"]
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "Feedback for each learner" in told
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        points = {row["learner"]: float(row["points"]) for row in csv.DictReader(file)}
    assert points == {"ada": EXERCISE.points, "alan": 0}
    assert len(list((out / "feedback").glob("*.html"))) == 2
    before = {path: path.stat().st_mtime_ns for path in (out / "results").iterdir()}
    assert main(words) == 0  # nothing is graded twice
    assert {path: path.stat().st_mtime_ns for path in (out / "results").iterdir()} == before

    canvas = tmp_path / "canvas.csv"
    canvas.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Losses (77)\n"
        f"    Points Possible,,,,,{EXERCISE.points}\n"
        "ada,1,,ada,A,\n"
        "alan,2,,alan,A,\n",
        encoding="utf-8",
    )
    export = ["export", str(out), "--exercise", "01", "--canvas", str(canvas)]
    assert main([*export, "--to", "nbgrader-csv"]) == 0
    written = {path.name for path in (out / "export").iterdir()}
    assert "nbgrader.csv" in written
    (filled,) = (path for path in (out / "export").iterdir() if "canvas" in path.name)
    rows = list(csv.reader(filled.read_text(encoding="utf-8").splitlines()))
    assert [float(row[-1]) for row in rows[2:]] == [EXERCISE.points, 0]


def test_what_is_asked_of_grade_beside_is_written_by_it(handed_in, tmp_path, capsys):
    out, canvas = tmp_path / "results", tmp_path / "mine.csv"
    words = ["grade", str(handed_in), "--exercise", "01", "--out", str(out), "--jobs", "1"]
    for missing in (["--to", "canvas"], ["--to", "moodle"], ["--canvas", str(canvas)]):
        assert main([*words, *missing]) == 1
        assert not out.exists()
    assert "mine.csv cannot be read" in capsys.readouterr().err
    canvas.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Losses (77)\n"
        f"    Points Possible,,,,,{EXERCISE.points}\n"
        "ada,1,,ada,A,\n",
        encoding="utf-8",
    )
    words += ["--canvas", str(canvas), "--to", "autograder"]
    assert main([*words, "--column", "78"]) == 1
    assert "77" in capsys.readouterr().err
    assert (out / "grades.csv").is_file()
    assert main(words) == 0
    assert f"ada,1,,ada,A,{EXERCISE.points}\n" in (out / "mine-filled.csv").read_text("utf-8")
    with zipfile.ZipFile(out / "autograder_01_losses.zip") as archive:
        secret = bytes.fromhex(json.loads(archive.read(SETTINGS))["secret"])
    assert secret == (out / "secret").read_bytes()


@pytest.mark.parametrize("address", ["ftp://x/y", "javascript:alert", "https://[x"])
def test_where_no_link_may_lead_is_said_before_anything_is_graded(
    handed_in, tmp_path, capsys, address
):
    out = tmp_path / "results"
    words = ["grade", str(handed_in), "--exercise", "01", "--out", str(out)]
    assert main([*words, "--lessons", address]) == 1
    assert "--lessons: " in capsys.readouterr().err
    assert not out.exists()


def test_who_is_there_no_longer_is_in_no_export_and_has_no_page(handed_in, tmp_path, capsys):
    out = tmp_path / "results"
    words = ["grade", str(handed_in), "--exercise", "01", "--out", str(out), "--jobs", "1"]
    export = ["export", str(out), "--exercise", "01", "--to", "csv"]
    (handed_in / "alan.ipynb").rename(handed_in / "alan (1).ipynb")
    assert main(words) == 0
    (out / "feedback" / "mine.html").touch()
    kept = set((out / "results").iterdir())
    (handed_in / "alan (1).ipynb").rename(handed_in / "alan.ipynb")
    capsys.readouterr()
    assert main(words) == 0
    assert "left out, though their results are kept: alan (1)\n" in capsys.readouterr().out
    assert main(export) == 0
    told = (out / "export" / "grades.csv").read_text("utf-8").splitlines()
    assert [line.partition(",")[0] for line in told] == ["learner", "ada", "alan"]
    pages = {path.stem for path in (out / "feedback").iterdir()}
    assert pages == {safe_name("ada"), safe_name("alan"), "mine"}
    assert kept < set((out / "results").iterdir())


@pytest.mark.parametrize("out", ["submissions", "submissions/results", "."])
@pytest.mark.parametrize("place", ["submissions", "."])
def test_results_may_lie_where_the_submissions_do(handed_in, tmp_path, capsys, place, out):
    words = ["grade", str(tmp_path / place), "--exercise", "01", "--out", str(tmp_path / out)]
    learners = {}
    for i in range(3):
        assert main([*words, "--jobs", "1", "--to", "gradescope"]) == 0
        table = (tmp_path / out / "grades.csv").read_text("utf-8").splitlines()
        learners[i] = [line.split(",")[:2] for line in table[1:]]
        told = capsys.readouterr()
        assert "Left out" not in told.err, told.err
    assert learners[0] == [["ada", f"{EXERCISE.points:g}"], ["alan", "0"]]
    assert learners[0] == learners[1] == learners[2]


def test_results_of_another_folder_are_left_out_and_named(handed_in, tmp_path, capsys):
    for out in ("first", "second"):
        words = ["grade", str(handed_in), "--exercise", "01", "--out", str(handed_in / out)]
        assert main([*words, "--jobs", "1"]) == 0
        told = capsys.readouterr()
        assert "Not handed in" not in told.out
    assert "Left out (results of `course grade` lie there): first\n" in told.err


def test_what_is_not_graded_is_said_with_the_reason(handed_in, tmp_path, capsys):
    (handed_in / ".kurt").mkdir()
    (handed_in / ".kurt" / "x.ipynb").touch()
    for i in range(12):
        (handed_in / f"notes{i:02d}.md").touch()
    words = ["grade", str(handed_in), "--exercise", "01", "--out", str(tmp_path / "out")]
    assert main(words) == 0
    told = capsys.readouterr().err
    assert "Left out (a hidden folder): .kurt\n" in told
    assert "Left out (no notebook): notes00.md, notes01.md," in told
    assert "notes09.md and 2 more\n" in told


def test_a_result_that_cannot_be_read_is_said_and_graded_again(handed_in, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["grade", str(handed_in), "--exercise", "01", "--out", str(out)]
    assert main(words) == 0
    broken = out / "results" / f"{safe_name('ada')}.json"
    broken.write_text("null")
    capsys.readouterr()
    export = ["export", str(out), "--exercise", "01", "--to", "csv"]
    assert main(export) == 1
    assert "Without a result that can be read, so in no export: ada." in capsys.readouterr().err
    assert main(words) == 0
    assert f"Graded again, as the result cannot be read: {broken.name}\n" in capsys.readouterr().err
    assert main(export) == 0


def test_stopping_it_while_submissions_are_looked_for_is_no_traceback(
    handed_in, tmp_path, capsys, monkeypatch
):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(teaching, "class_in", stopped)
    words = ["grade", str(handed_in), "--exercise", "01", "--out", str(tmp_path / "out")]
    assert main(words) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_release_leaves_a_changed_copy_alone(tmp_path, capsys):
    words = ["release", str(tmp_path / "handout"), "01", "--due", "2027-01-31", "--points", "mse=5"]
    assert main(words) == 0
    copy = tmp_path / "handout" / "01_losses.ipynb"
    copy.write_text(copy.read_text(encoding="utf-8").replace("YOUR CODE", "MY CODE"), "utf-8")
    changed = copy.read_bytes()
    assert main(words) == 1
    assert "left alone" in capsys.readouterr().out
    assert copy.read_bytes() == changed


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["grade", "nowhere", "--exercise", "01", "--out", "out"], "no folder and no zip"),
        (["grade", ".", "--exercise", "9", "--out", "out"], "no exercise '9'"),
        (["export", "out", "--exercise", "01"], "which format"),
        (["export", "out", "--exercise", "01", "--to", "csv"], "grade first"),
        (["release", "out", "9"], "no exercise '9'"),
    ],
)
def test_what_goes_wrong_is_said_in_words(words, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 1
    assert told in capsys.readouterr().err


def test_export_writes_nothing_where_nothing_was_graded(handed_in, tmp_path, capsys):
    before = sorted(tmp_path.rglob("*"))
    words = ["--exercise", "01", "--to", "csv"]
    assert main(["export", str(tmp_path / "ressults"), *words]) == 1
    assert "there is no folder" in capsys.readouterr().err
    assert main(["export", str(handed_in), *words]) == 1
    assert "is no folder of `course grade`" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_if_nothing_could_be_graded_that_is_said(handed_in, tmp_path, monkeypatch, capsys):
    def nothing(*_, **__):
        raise NotGraded("These could not be graded")

    monkeypatch.setattr(teaching, "grade_class", nothing)
    words = ["grade", str(handed_in), "--exercise", "01", "--out", str(tmp_path / "results")]
    assert main(words) == 1
    assert "These could not be graded" in capsys.readouterr().err


def test_results_of_another_exercise_are_not_overwritten(handed_in, tmp_path, capsys):
    out = tmp_path / "results"
    words = ["grade", str(handed_in), "--out", str(out), "--jobs", "1"]
    assert main([*words, "--exercise", "01"]) == 0
    assert main([*words, "--exercise", "02"]) == 1
    assert "name another folder" in capsys.readouterr().err
