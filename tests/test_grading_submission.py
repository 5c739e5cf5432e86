"""Whose file is whose: the layouts of a class, and what learners hand in beside a notebook."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from course.grading.grader import Mark, Result
from course.grading.run import Results, exercise_called, grade_class
from course.grading.submission import NoSubmissions, Submission, submissions
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
    assert submissions(Path(zipped), LESSON) == found
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
    assert {one.learner: one for one in submissions(path, LESSON)} == found


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
