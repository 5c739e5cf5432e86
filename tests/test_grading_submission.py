"""Whose file is whose: the layouts of a class, and what learners hand in beside a notebook."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import zipfile
from pathlib import Path

import pytest

from course.grading import files
from course.grading.grader import Mark, Result
from course.grading.results import Results
from course.grading.run import exercise_called, grade_class
from course.grading.submission import (
    NoSubmissions,
    Submission,
    class_in,
    code_of,
    submissions,
)
from course.grading.summary import summary

LESSON = "04_delta_recursion"
FLAT = ["ada.ipynb", "alan.ipynb", "grace.ipynb"]
FOLDERS = [f"{learner}/{LESSON}.ipynb" for learner in ("ada", "alan", "grace")]
CANVAS = [f"{name}_{i}_50{i}_{LESSON}.ipynb" for i, name in enumerate(("ada", "alan", "grace"))]
MOODLE = [f"Ada A_{i}_assignsubmission_file_/{LESSON}.ipynb" for i in range(3)]
NBGRADER = [f"submitted/{learner}/ps4/{LESSON}.ipynb" for learner in ("ada", "alan", "grace")]


def handed_in(folder: Path, *names: str) -> dict[str, Submission]:
    """Write files into a folder, and return what is found there; in a zip it must be the same."""
    for name in names:
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).write_text("{}", encoding="utf-8")
    found = submissions(folder / "in", LESSON)
    zipped = shutil.make_archive(str(folder / "in"), "zip", folder / "in")
    found = [one.read() for one in found]
    assert [one.read() for one in submissions(Path(zipped), LESSON)] == found
    return {one.learner: one for one in found}


# ---------------------------------------------------------------------- folders around a class
@pytest.mark.parametrize("names", [FLAT, FOLDERS, CANVAS, MOODLE, NBGRADER])
@pytest.mark.parametrize("around", ["week 4", "class/week 4"])
def test_a_folder_around_the_submissions_is_seen_through(tmp_path, names, around):
    plain = set(handed_in(tmp_path / "plain", *names))
    assert len(plain) == 3
    inside = [f"{around}/{name}" for name in names]
    assert set(handed_in(tmp_path / "inside", *inside, f"__MACOSX/{around}/._x.ipynb")) == plain


@pytest.mark.parametrize("names", [CANVAS[:1], MOODLE[:1], NBGRADER[:1]])
def test_a_class_of_one_in_a_folder_is_known_by_its_name(tmp_path, names):
    plain = set(handed_in(tmp_path / "plain", *names))
    assert set(handed_in(tmp_path / "inside", *(f"week 4/{name}" for name in names))) == plain


@pytest.mark.parametrize(
    "names",
    [
        [f"ada/{LESSON}.ipynb", f"ada/{LESSON} (1).ipynb", "ada/a.ipynb", "ada/b.ipynb"],
        [f"ada/mine/{LESSON}.ipynb"],
        ["ada/anything.ipynb"],
    ],
)
def test_a_learners_own_folder_is_no_class(tmp_path, names):
    assert set(handed_in(tmp_path, *names)) == {"ada"}


def test_folders_of_other_lessons_notebooks_are_learners(tmp_path):
    lessons = ("01_losses", "02_descent", "03_gradients", "mine")
    names = [f"{learner}/{lesson}.ipynb" for learner in ("ada", "alan") for lesson in lessons]
    found = handed_in(tmp_path, *names)
    assert {one: (it.name, it.note) for one, it in found.items()} == {
        one: (f"{one}/mine.ipynb", "") for one in ("ada", "alan")
    }


def test_names_that_begin_with_the_exercises_number_are_learners(tmp_path):
    names = ("week/04 ada.ipynb", "week/04 alan.ipynb")
    assert set(handed_in(tmp_path, *names)) == {"04 ada", "04 alan"}


def test_what_moodle_names_stays_one_learners_whatever_is_in_it(tmp_path):
    top = "Ada_7_assignsubmission_file_"
    names = [f"{top}/{name}" for name in (*FLAT, *FOLDERS, *CANVAS, *NBGRADER)]
    assert set(handed_in(tmp_path, *names)) == {"Ada_7"}
    assert set(handed_in(tmp_path, "Alan_8_assignsubmission_file_/x.ipynb")) == {"Ada_7", "Alan_8"}


def test_beside_nbgraders_submitted_nothing_is_handed_in(tmp_path):
    names = [*NBGRADER, f"source/ps4/{LESSON}.ipynb", f"release/ps4/{LESSON}.ipynb"]
    assert set(handed_in(tmp_path, *names)) == {"ada", "alan", "grace"}


@pytest.mark.parametrize("names", [FLAT, FOLDERS, CANVAS, MOODLE])
def test_folders_of_several_classes_are_refused(tmp_path, names):
    groups = [f"group {i}/{name}" for i in (1, 2) for name in names]
    with pytest.raises(NoSubmissions, match=r"several learners \(group 1, group 2\)"):
        handed_in(tmp_path, f"{LESSON}.ipynb", *groups)


# ------------------------------------------------------- one folder costs the others nothing
def left_out(folder: Path, *names: str) -> dict[str, str]:
    """Return what is left out of a folder in which these files lie, with the reasons."""
    handed_in(folder, *names)
    return {one.name: one.reason for one in class_in(folder / "in", LESSON).left_out}


@pytest.mark.parametrize("inner", ["x.ipynb", "mine/x.ipynb", f"a/b/{LESSON}.ipynb"])
def test_a_learner_may_be_called_submitted(tmp_path, inner):
    found = handed_in(tmp_path, *FOLDERS, f"submitted/{inner}")
    assert set(found) == {"ada", "alan", "grace", "submitted"}


@pytest.mark.parametrize("sign", ["gradebook.db", "nbgrader_config.py", "source/ps4/x.ipynb"])
def test_what_lies_beside_nbgraders_submitted_is_named(tmp_path, sign):
    names = (*NBGRADER, sign, "autograded/ada/ps4/x.ipynb", f"kurt/{LESSON}.ipynb")
    told = {"autograded": "nbgrader's own", "kurt": "it lies beside submitted"}
    if sign.startswith("source"):
        told["source"] = "nbgrader's own"
    assert left_out(tmp_path, *names) == told


def test_a_folder_of_several_notebooks_beside_flat_files_is_a_learners(tmp_path):
    kurts = [f"kurt/{name}.ipynb" for name in "abc"]
    found = handed_in(tmp_path, *FLAT, *kurts, *(name.replace("kurt", "rosa") for name in kurts))
    assert set(found) == {"ada", "alan", "grace", "kurt", "rosa"}
    assert found["kurt"].note.startswith("Of 3 notebooks ")


@pytest.mark.parametrize("layout", [FLAT, FOLDERS, [f"week/{name}" for name in FOLDERS]])
def test_a_folder_with_too_many_notebooks_costs_the_others_nothing(tmp_path, monkeypatch, layout):
    monkeypatch.setattr(files, "MOST_FILES", 20)
    monkeypatch.setattr(files, "MANY", 5)
    top = "week/kurt" if layout[0].startswith("week") else "kurt"
    found = handed_in(tmp_path, *layout, *(f"{top}/{i % 3}/{i}.ipynb" for i in range(21)))
    assert set(found) == {"ada", "alan", "grace", "kurt"}
    assert not found["ada"].problem
    if found["kurt"].problem:
        words = "The folder cannot be looked through: it holds "
        assert found["kurt"].problem.startswith(words)
    else:
        assert found["kurt"].note


def test_a_class_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_FILES", 20)
    with pytest.raises(NoSubmissions, match="more than 20 notebooks"):
        handed_in(tmp_path, *(f"{i}.ipynb" for i in range(21)))


def test_folders_deep_in_one_another_cost_the_others_nothing(tmp_path):
    found = handed_in(tmp_path, *FOLDERS, f"kurt/{'a/' * 200}x.ipynb")
    assert set(found) == {"ada", "alan", "grace", "kurt"}
    assert "more than 40 folders lie in one another" in found["kurt"].problem


@pytest.mark.parametrize("layout", [FLAT, FOLDERS, MOODLE, NBGRADER])
def test_who_has_a_folder_that_cannot_be_read_is_told_so(tmp_path, monkeypatch, layout):
    name = {MOODLE[0]: "kurt_9_assignsubmission_file_", NBGRADER[0]: "submitted/kurt"}
    closed = tmp_path / "in" / name.get(layout[0], "kurt")
    handed_in(tmp_path, *layout, f"{closed.relative_to(tmp_path / 'in')}/x.ipynb")
    scandir = files.os.scandir

    def refused(path):
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(files.os, "scandir", refused)
    found = {one.learner: one for one in submissions(tmp_path / "in", LESSON)}
    assert len(found) == 4
    (kurt,) = (one for learner, one in found.items() if learner.startswith("kurt"))
    assert kurt.problem == "The folder cannot be looked through: Permission denied."


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
@pytest.mark.parametrize("mode", [0o000, 0o400, 0o100])
def test_a_folder_without_permission_costs_the_others_nothing(tmp_path, mode):
    handed_in(tmp_path, *FOLDERS, f"kurt/{LESSON}.ipynb")
    (tmp_path / "in" / "kurt").chmod(mode)
    try:
        found = {one.learner: one.read() for one in submissions(tmp_path / "in", LESSON)}
    finally:
        (tmp_path / "in" / "kurt").chmod(0o700)
    assert set(found) == {"ada", "alan", "grace", "kurt"}
    assert "Permission denied" in found["kurt"].problem
    assert not found["ada"].problem


@pytest.mark.skipif(os.name != "posix", reason="links need a right elsewhere")
def test_a_folder_that_is_a_link_is_told_to_be_one(tmp_path):
    handed_in(tmp_path, *FOLDERS)
    (tmp_path / "in" / "kurt").symlink_to(tmp_path / "in" / "ada")
    found = {one.learner: one for one in submissions(tmp_path / "in", LESSON)}
    assert found["kurt"].problem == "The folder is a link, which is not followed."


def test_what_is_left_out_and_could_be_a_learners_is_named(tmp_path):
    names = ("README.md", ".kurt/x.ipynb", ".rosa.ipynb.swp", ".DS_Store", "ada/data.csv")
    (tmp_path / "in" / "empty" / "inside").mkdir(parents=True)
    assert left_out(tmp_path, *FOLDERS, *names) == {
        ".kurt": "a hidden folder",
        ".rosa.ipynb.swp": "a hidden file",
        "README.md": "no notebook",
        "empty": "nothing is in it",
    }


def test_a_name_with_a_dot_in_front_is_a_learners(tmp_path):
    found = handed_in(tmp_path, *FLAT, ".ada.ipynb", "._ada.ipynb", ".ipynb_checkpoints/x.ipynb")
    assert set(found) == {"ada", ".ada", "alan", "grace"}


def test_of_a_name_that_a_zip_has_twice_it_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for name in ("ada.ipynb", "alan.ipynb", "../ada.ipynb"):
            archive.writestr(name, "{}")
    (one,) = class_in(tmp_path / "in.zip", LESSON).left_out
    assert (one.name, one.reason) == ("ada.ipynb", "a name that the zip has twice")


def test_the_reasons_are_told_if_there_is_no_notebook(tmp_path):
    with pytest.raises(NoSubmissions, match=r"Left out: \.kurt \(a hidden folder\)"):
        handed_in(tmp_path, ".kurt/x.ipynb")


# ------------------------------------------------------------------------------- the bytes
def test_bytes_are_read_when_they_are_needed_and_travel_to_another_process(tmp_path):
    handed_in(tmp_path, *FLAT)
    for place in ("in", "in.zip"):
        one = submissions(tmp_path / place, LESSON)[0]
        assert not isinstance(one.data, bytes)
        assert len(pickle.dumps(one)) < 1000
        assert pickle.loads(pickle.dumps(one)).read().data == b"{}"
        assert one.digest == Submission("ada", "ada.ipynb", b"{}").digest


def test_a_file_is_graded_as_it_is_then(tmp_path):
    one = handed_in_unread(tmp_path)
    digest = one.digest
    (tmp_path / "in" / "ada.ipynb").write_text("[]")
    assert one.read().data == b"[]"
    assert one.digest != digest
    (tmp_path / "in" / "ada.ipynb").unlink()
    assert one.read().problem == "The file cannot be read: No such file or directory."
    assert code_of(one).problem == one.read().problem


def handed_in_unread(folder: Path) -> Submission:
    handed_in(folder, *FLAT)
    return submissions(folder / "in", LESSON)[0]


def test_a_zip_that_changes_is_not_taken_for_what_it_was(tmp_path):
    handed_in(tmp_path, *FLAT)
    one = submissions(tmp_path / "in.zip", LESSON)[0]
    assert one.read().data == b"{}"
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("another.ipynb", "another's")
    assert one.read().problem == "The zip has changed since the file was found in it."
    (tmp_path / "in.zip").unlink()
    assert one.read().problem == "The zip can no longer be read."


def test_a_notebook_of_format_3_is_read():
    cells = [{"cell_type": "code", "input": ["x = 1"]}, {"cell_type": "markdown", "source": "y"}]
    data = json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}, {}, 3]}).encode()
    assert code_of(Submission("ada", "ada.ipynb", data)).cells == ("x = 1",)


@pytest.mark.parametrize("sheets", [None, 3, {}, "cells"])
def test_what_only_looks_like_format_3_has_no_cells(sheets):
    data = json.dumps({"worksheets": sheets}).encode()
    assert "no cells" in code_of(Submission("ada", "ada.ipynb", data)).problem


def test_a_large_notebook_is_read_and_one_that_would_fill_the_memory_is_not():
    picture = {"cell_type": "markdown", "attachments": "A" * (60 * 2**20)}
    cells = [{"cell_type": "code", "source": "x = 1"}, picture]
    data = json.dumps({"cells": cells}).encode()
    assert len(data) < files.LARGEST
    assert code_of(Submission("ada", "ada.ipynb", data)).cells == ("x = 1",)
    data = b'{"cells": [' + b"{}," * 6_000_000 + b"{}]}"
    told = code_of(Submission("ada", "ada.ipynb", data)).problem
    assert told == "The file holds more lists and objects than are read."


# ------------------------------------------------------------------- what is handed in instead
INSTEAD = [
    ("kurt.pdf", FLAT),
    ("kurt.py", FLAT),
    ("kurt.ipynb.txt", FLAT),
    ("kurt/answers.zip", FOLDERS),
    ("kurt/a/b.py", FOLDERS),
    ("kurt_9_509_answers.pdf", CANVAS),
    ("kurt_LATE_9_509_answers.docx", CANVAS),
    ("kurt_9_assignsubmission_file_/answers.ipynb.txt", MOODLE),
    ("kurt_9_assignsubmission_onlinetext_/onlinetext.html", MOODLE),
    ("kurt_9_assignsubmission_file_answers.zip", MOODLE),
    ("submitted/kurt/ps4/timestamp.txt", NBGRADER),
]


@pytest.mark.parametrize(("name", "layout"), INSTEAD)
def test_who_handed_in_no_notebook_is_there_and_told_why(tmp_path, name, layout):
    found = handed_in(tmp_path, *layout, name)
    assert len(found) == 4
    (learner,) = (one for one in found if one.startswith("kurt"))
    assert learner in ("kurt", "kurt_9")
    file = Path(name).name
    assert found[learner].problem == f"No notebook (.ipynb) was handed in, but {file}."
    assert all(not one.problem for one in found.values() if one.learner != learner)


@pytest.mark.parametrize("layout", [FLAT, FOLDERS, CANVAS, MOODLE])
def test_junk_and_what_lies_beside_is_no_learners(tmp_path, layout):
    there = set(handed_in(tmp_path, *layout))
    beside = [f"{Path(name).parent}/data.csv" for name in layout if "/" in name]
    beside += [name.replace(".ipynb", ".pdf") for name in layout]
    junk = [".DS_Store", "__MACOSX/kurt/._x.ipynb", "kurt/.ipynb_checkpoints/a.ipynb", "Thumbs.db"]
    assert set(handed_in(tmp_path, *layout, *beside, *junk, "README.md", "grades.csv")) == there


def test_results_that_lie_there_are_no_learners(tmp_path):
    (tmp_path / "in" / "out" / "results").mkdir(parents=True)
    for name in ("secret", "grades.csv", "feedback/ada.html", *FOLDERS):
        (tmp_path / "in" / "out" / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "in" / "out" / name).touch()
    for name in FOLDERS:
        (tmp_path / "in" / name).parent.mkdir()
        (tmp_path / "in" / name).touch()
    assert {one.learner for one in submissions(tmp_path / "in", LESSON)} == {"ada", "alan", "grace"}


@pytest.mark.parametrize("name", ["kurt.IPYNB", f"kurt/{LESSON}.Ipynb", "kurt_9_509_x.IPYNB"])
def test_the_case_of_an_ending_does_not_matter(tmp_path, name):
    found = handed_in(tmp_path, *FLAT, name)
    assert [one.problem for one in found.values()] == [""] * 4


def test_a_zip_may_be_called_in_capitals(tmp_path):
    found = handed_in(tmp_path, *FLAT)
    path = (tmp_path / "in.zip").rename(tmp_path / "CANVAS.ZIP")
    assert {one.learner: one.read() for one in submissions(path, LESSON)} == found


def test_without_any_notebook_there_is_no_class(tmp_path):
    with pytest.raises(NoSubmissions, match="no notebooks of learners"):
        handed_in(tmp_path, "ada.pdf", "alan/x.py", "kurt_9_509_answers.pdf")


# ------------------------------------------------------------------- several of one learner
SEVERAL = [
    ("ada", f"ada/{LESSON}.ipynb", [f"ada/{LESSON} (1).ipynb"]),
    ("ada", "ada/solution (10).ipynb", ["ada/solution (9).ipynb", "ada/solution.ipynb"]),
    ("ada", f"ada/{LESSON}-2.ipynb", [f"ada/{LESSON}-1.ipynb", "ada/zzz 2026.ipynb"]),
    ("ada", f"ada/{LESSON}.ipynb", [f"ada/old/{LESSON}.ipynb"]),
    ("doe_1", f"doe_1_1000_{LESSON}-2.ipynb", [f"doe_1_999_{LESSON}-1.ipynb"]),
    ("doe_1", f"doe_LATE_1_501_{LESSON}-1.ipynb", [f"doe_1_500_{LESSON}.ipynb"]),
    ("doe_1", f"doe_1_500_{LESSON}.ipynb", ["doe_1_501_scratch.ipynb"]),
]


@pytest.mark.parametrize(("learner", "best", "others"), SEVERAL)
def test_of_several_notebooks_the_newest_that_fits_is_graded_and_it_is_said(
    tmp_path, learner, best, others
):
    found = handed_in(tmp_path, best, *others, "grace/x.ipynb")
    assert found[learner].name == best
    assert found[learner].note == f"Of {len(others) + 1} notebooks {best} was graded."
    assert found["grace"].note == ""


def test_notebooks_of_other_lessons_are_no_others(tmp_path):
    found = handed_in(tmp_path, f"ada/{LESSON}.ipynb", "ada/01_losses.ipynb", FOLDERS[1])
    assert found["ada"].note == ""


def test_that_there_were_others_is_told_to_the_instructor_as_long_as_it_is_so(tmp_path):
    def graded(*names: str) -> tuple[str, ...]:
        found = list(handed_in(tmp_path, *names).values())
        results = grade_class(found, LESSON, tmp_path / "out", spread=nobody)
        looks = {look.learner: look.reasons for look in summary(results, exercise).looks}
        assert Results(tmp_path / "out", exercise).all() == results
        return looks["ada"]

    def nobody(some, found):
        return (Result(one.learner, LESSON, (), "none", one.digest) for one in some)

    exercise = exercise_called(LESSON)
    words = f"of 2 notebooks ada/{LESSON}.ipynb was graded"
    assert words not in graded(*FOLDERS)
    assert words in graded("ada/other.ipynb")
    (tmp_path / "in" / "ada" / "other.ipynb").unlink()
    assert words not in graded()


def test_a_file_that_cannot_be_read_is_told_beside_that_there_are_others():
    problem = "The file is no notebook: it is not valid JSON."
    marks = (Mark("mse", 0, 2, "missing", (problem,)),)
    notes = ("Of 2 notebooks b.ipynb was graded.", problem)
    result = Result("ada", "01_losses", marks, "none", "", notes=notes)
    (look,) = summary([result], exercise_called("01")).looks
    words = ("of 2 notebooks b.ipynb was graded", f"it could not be read: {problem}")
    assert look.reasons == words
