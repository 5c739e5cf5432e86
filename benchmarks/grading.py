"""Grading a class: submissions a second, against nbgrader, and from a cold start.

A class of right, wrong, careless and hostile answers is graded, and every mark is compared with the
one that was known before; then it is taken out to every format, read back and compared again.
nbgrader grades the first thirty of the same submissions.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.classroom import own_exports, read_back, write_class
from benchmarks.table import Row, seconds
from course.exercises.bank import exercises
from course.exercises.question import Exercise
from course.grading.export import export
from course.grading.grader import Result
from course.grading.run import grade_class
from course.grading.sandbox import bubblewrap
from course.grading.submission import submissions

ROOT = Path(__file__).parents[1]
LEARNERS, COMPARED = 300, 30
LESSON = "04_delta_recursion"  # the exercise that the targets are about


def rows(quick: bool = False) -> Iterator[Row]:
    """Grade a class in every exercise, compare with nbgrader, start from cold."""
    walls = "bubblewrap" if bubblewrap() else "no sandbox"
    learners = 10 if quick else LEARNERS
    for exercise in exercises():
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder, "submissions")
            known = dict(write_class(place, exercise, learners))
            begin = time.perf_counter()
            handed_in = submissions(place, exercise.lesson)
            results = grade_class(handed_in, exercise.lesson, Path(folder, "out"), jobs=2)
            took = time.perf_counter() - begin
            wrong = sum(abs(known[r.learner] - r.points) > 0.011 for r in results)
            if wrong or len(results) != learners:
                raise RuntimeError(
                    f"{wrong} of {len(results)} marks of {exercise.lesson} are wrong"
                )
            _exported(results, exercise, Path(folder), known)
            yield Row(
                f"grade {learners} × {exercise.lesson} ({len(exercise.questions)} questions, "
                f"{walls}), every mark as known",
                seconds(took),
                "",
                learners / took,
                " submissions/s",
                at_least=100 if exercise.lesson == LESSON else None,
            )
            if exercise.lesson == LESSON:
                yield from _against_nbgrader(place, 3 if quick else COMPARED)
    yield from _cold_start()


def _exported(
    results: Sequence[Result], exercise: Exercise, folder: Path, known: dict[str, float]
) -> None:
    """Take a class out to every format and back again; no mark may have changed."""
    formats = ["csv", "nbgrader-csv", "gradescope", "canvas", "moodle"]
    formats += ["nbgrader"] if importlib.util.find_spec("nbgrader") else []
    options = own_exports(folder, exercise, len(results))
    written = export(results, exercise, folder / "exported", formats, options)
    for name, marks in read_back(written, exercise).items():
        changed = sum(abs(marks.get(who, -1.0) - points) > 0.011 for who, points in known.items())
        if changed or len(marks) != len(known):
            raise RuntimeError(f"{changed} marks of {exercise.lesson} changed on the way to {name}")


def _against_nbgrader(place: Path, count: int) -> Iterator[Row]:
    """Grade the same submissions with nbgrader, which starts a kernel for each."""
    what = f"the same {count} submissions of {LESSON}"
    if importlib.util.find_spec("nbgrader") is None:
        yield Row(what, "", "nbgrader is not installed", None, at_least=50)
        return
    chosen = sorted(place.glob("*.ipynb"))[:count]
    with tempfile.TemporaryDirectory() as folder:
        ours = Path(folder, "ours")
        ours.mkdir()
        for path in chosen:
            shutil.copy(path, ours)
        begin = time.perf_counter()
        grade_class(submissions(ours, LESSON), LESSON, Path(folder, "out"), jobs=2)
        fast = time.perf_counter() - begin
        slow = _nbgrader(Path(folder, "class"), chosen)
    yield Row(what, seconds(fast), f"nbgrader {seconds(slow)}", slow / fast, at_least=50)


def _nbgrader(folder: Path, chosen: list[Path]) -> float:
    """Return how long `nbgrader autograde` takes for these submissions."""
    name = f"{LESSON}.ipynb"
    source = folder / "source" / "delta"
    source.mkdir(parents=True)
    shutil.copy(ROOT / "exercises" / name, source)
    shutil.copy(ROOT / "docs" / "nbgrader_config.py", folder)
    _run(folder, "generate_assignment", "delta")
    released = json.loads((folder / "release" / "delta" / name).read_text(encoding="utf-8"))
    (exercise,) = (e for e in exercises() if e.lesson == LESSON)
    for path in chosen:
        answers = [c["source"] for c in json.loads(path.read_text(encoding="utf-8"))["cells"]]
        notebook = json.loads(json.dumps(released))
        for cell in notebook["cells"]:
            for question in exercise.questions:
                if cell["id"] == question.name:
                    mine = [a for a in answers if f"def {question.name}(" in a]
                    cell["source"] = mine[0] if mine else cell["source"]
        place = folder / "submitted" / path.stem / "delta"
        place.mkdir(parents=True)
        (place / name).write_text(json.dumps(notebook), encoding="utf-8")
    begin = time.perf_counter()
    _run(folder, "autograde", "delta", "--create")
    return time.perf_counter() - begin


def _run(folder: Path, *words: str) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COURSE_PROGRESS": "off",
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
    }
    command = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])


def _cold_start() -> Iterator[Row]:
    """Time the command on one submission, from the start of Python to its end."""
    (exercise,) = (e for e in exercises() if e.lesson == LESSON)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "submissions")
        place.mkdir()
        cells = [{"cell_type": "code", "source": q.solution} for q in exercise.questions]
        (place / "ada.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
        times = []
        for i in range(5):
            command = [sys.executable, "-m", "course", "grade", str(place), "--exercise", LESSON]
            begin = time.perf_counter()
            subprocess.run([*command, "--out", f"{folder}/{i}"], check=True, capture_output=True)
            times.append(time.perf_counter() - begin)
    took = sorted(times)[len(times) // 2]
    yield Row("one submission, from a cold start", seconds(took), "", took, " s", at_most=1.0)
