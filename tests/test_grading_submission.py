"""Whose file is whose: the layouts of a class, and what learners hand in beside a notebook."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from course.grading.submission import NoSubmissions, Submission, submissions

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
        [f"ada/work/{LESSON}.ipynb"],
        ["ada/anything.ipynb"],
    ],
)
def test_a_learners_own_folder_is_no_class(tmp_path, names):
    assert set(handed_in(tmp_path, *names)) == {"ada"}


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
