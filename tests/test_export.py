"""What is written of a class's results can be read back with every mark, and runs nowhere."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.classroom import FIRST as FIRST_NUMBER
from benchmarks.classroom import own_exports, read_back
from course.exercises.bank import exercises
from course.grading.export import (
    FORMATS,
    ExportError,
    Options,
    export,
    grades,
    gradescope,
)
from course.grading.export.cells import FORMULA, csv_of, plain, plain_lines, rows_of, safe, unsafe
from course.grading.export.sheet import Sheet, as_number, like
from course.grading.summary import summary
from tests.exported import EXERCISE, FIRST, RESULTS, answered, points, result

text = st.text(st.characters(exclude_categories=("Cs",)))


# ---------------------------------------------------------------------------------- cells
@given(text)
def test_safe_text_is_no_formula_and_comes_back(words: str) -> None:
    assert not safe(words).startswith(tuple("=+-@\t\r"))
    assert not safe(words).lstrip().startswith(tuple("=+-@"))
    assert unsafe(safe(words)) == words


@pytest.mark.parametrize("start", [*"=+-@", "\t", "\r", " =", "＝"])
def test_what_begins_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe(f"{start}1") == f"'{start}1"


shown = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\r\n"))


@given(st.lists(st.lists(shown, min_size=2, max_size=2), min_size=1))
def test_a_table_comes_back(rows: list[list[str]]) -> None:
    written = csv_of([["a", "b"], *rows])
    assert [list(row.values()) for row in rows_of(written)] == rows


@given(text)
def test_a_table_that_is_shown_steers_no_terminal(words: str) -> None:
    told = csv_of([[words]]).decode()
    assert not set(told) & {chr(n) for n in (*range(9), *range(14, 32), *range(127, 160))}


@given(text)
def test_plain_text_steers_no_terminal(words: str) -> None:
    assert not set(plain(words)) & {"\x1b", "\x07", "\x08", "\r", "\x9b", "\u202e"}
    assert len(plain(words).splitlines()) <= 1
    assert not set(plain_lines(words)) & {"\x1b", "\x07", "\x08", "\r", "\x9b", "\u202e"}
    assert plain_lines(words).count("\n") == words.count("\n")


@pytest.mark.parametrize("end", ["\n", "\r", "\x85", "\u2028"])
def test_no_name_forges_a_line_of_what_is_told(end: str, tmp_path: Path) -> None:
    one = result(f"ada{end}grades.csv: 99 learners")
    (tmp_path / "mine.csv").write_bytes(
        b'Student,ID,Section,Losses (7)\nPoints Possible,,,13\n"ada\nx",1,,\n'
    )
    options = Options(canvas=tmp_path / "mine.csv")
    (written,) = export([one], EXERCISE, tmp_path, ["canvas"], options)
    assert len(written.complaints) == 2
    assert all(len(line.splitlines()) == 1 for line in written.complaints)


# ----------------------------------------------------------------------------- grades.csv
@pytest.mark.parametrize("bom", [False, True])
def test_the_table_holds_every_mark(bom: bool) -> None:
    data = grades.grades_csv(RESULTS, EXERCISE, bom=bom)
    assert data.startswith(b"\xef\xbb\xbf") == bom
    assert grades.read(data) == points(RESULTS)


def test_no_cell_of_the_table_is_a_formula_and_numbers_are_numbers() -> None:
    header, *rows = csv.reader(
        io.StringIO(grades.grades_csv(RESULTS, EXERCISE).decode(), newline="")
    )
    assert header[:4] == ["learner", "points", "worth", "percent"]
    assert header[-2:] == ["notes", "sandbox"]
    for row, one in zip(rows, RESULTS, strict=True):
        assert not any(FORMULA.match(cell) for cell in row if not cell.startswith("'"))
        assert float(row[1]) == one.points
        assert float(row[3]) == pytest.approx(100 * one.points / one.worth, abs=0.005)
        assert "\x1b" not in "".join(row)


def test_the_table_says_who_needs_a_look() -> None:
    rows = rows_of(grades.grades_csv(RESULTS, EXERCISE))
    notes = {row["learner"]: row["notes"] for row in rows if row["notes"]}
    looks = {look.learner: "; ".join(look.reasons) for look in summary(RESULTS, EXERCISE).looks}
    assert notes == {learner: f"needs a look: {words}" for learner, words in looks.items()}
    assert notes


def test_a_notebook_without_any_of_the_functions_needs_a_look() -> None:
    from dataclasses import replace

    one = result("ada", {q.name: 0 for q in EXERCISE.questions})
    missing = tuple(replace(mark, status="missing") for mark in one.marks)
    (row,) = rows_of(grades.grades_csv([replace(one, marks=missing)], EXERCISE))
    assert row["notes"] == "needs a look: no function has a known name"


# ----------------------------------------------------------------------------- Gradescope
KEYS = {"score", "execution_time", "output", "visibility", "stdout_visibility", "tests"}
TEST_KEYS = {"name", "score", "max_score", "status", "output", "visibility"}


@pytest.mark.parametrize("one", RESULTS, ids=lambda r: repr(r.learner))
def test_gradescope_gets_its_published_format(one) -> None:
    data = gradescope.results_json(one, visibility="after_published")
    answer = json.loads(data)
    assert set(answer) == KEYS | {"extra_data"}
    assert answer["stdout_visibility"] == "hidden"
    assert answer["visibility"] == "after_published"
    assert answer["score"] == pytest.approx(sum(test["score"] for test in answer["tests"]))
    for test, mark in zip(answer["tests"], one.marks, strict=True):
        assert set(test) == TEST_KEYS
        assert 0 <= test["score"] <= test["max_score"] == mark.worth
        assert test["status"] == ("passed" if mark.points == mark.worth else "failed")
        assert "\x1b" not in test["output"]
    assert gradescope.read(data) == (one.learner, points([one])[one.learner])


def test_gradescope_knows_four_visibilities() -> None:
    with pytest.raises(ExportError, match="it can be visible, hidden, after_due_date"):
        gradescope.results_json(RESULTS[0], visibility="public")


# --------------------------------------------------------------------------------- sheets
cell = st.text(st.characters(exclude_characters='",;\t\r\n\0', exclude_categories=("Cs",)))
quoted = st.text(st.sampled_from('a",;\r\n é')).map(lambda t: '"' + t.replace('"', '""') + '"')


@given(
    st.lists(st.lists(cell | quoted, min_size=3, max_size=3), min_size=1),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
)
def test_a_sheet_that_is_not_written_to_stays_byte_for_byte(rows, end, bom, ends) -> None:
    lines = ["a,b,c", *(",".join(row) for row in rows)]
    data = (b"\xef\xbb\xbf" if bom else b"") + (end.join(lines) + end * ends).encode()
    sheet = Sheet(data)
    assert sheet.data == data
    # and it reads what Python's own reader reads
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    ours = [[sheet.text(i, j) for j in range(len(row))] for i, row in enumerate(sheet.rows)]
    assert [row for row in ours if row != [""]] == [row for row in read if row and row != [""]]


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")))
def test_what_is_written_to_a_cell_is_read_from_it(words: str) -> None:
    sheet = Sheet(b'a,"b",c\n1,"2",3\n')
    sheet.write(1, 0, words.replace('"', "'") if words.startswith('"') else words)
    sheet.write(1, 1, words)
    again = Sheet(sheet.data)
    assert again.text(1, 1) == words
    assert [again.text(0, i) for i in range(3)] == ["a", "b", "c"]
    assert again.text(1, 2) == "3"


def test_bytes_that_are_no_utf8_stay() -> None:
    data = b"ID,Name\n1,J\xf6rg\n"
    sheet = Sheet(data)
    sheet.write(1, 0, "2")
    assert sheet.data == b"ID,Name\n2,J\xf6rg\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        ("ID,Name\n".encode("utf-16"), "no CSV file in UTF-8"),
        (b'ID,Name\n1,"Ada\n', "a quote in row 2 is not closed"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ExportError, match=words):
        Sheet(data)


@given(st.floats(0, 1000), st.sampled_from(["10", "10.00", "10,00", "10,5", ""]))
def test_a_number_is_read_as_it_was_written(value: float, example: str) -> None:
    assert as_number(like(value, example)) == pytest.approx(value, abs=0.0051)


# --------------------------------------------------------------------------------- export
@pytest.mark.parametrize("exercise", exercises(), ids=lambda one: one.lesson)
def test_a_class_comes_back_from_every_format_with_every_mark(exercise, tmp_path: Path) -> None:
    numbers = range(60)
    results = [answered(exercise, f"learner_{FIRST_NUMBER + n}", n) for n in numbers]
    formats = ["csv", "nbgrader-csv", "gradescope", "canvas", "moodle"]
    options = own_exports(tmp_path, exercise, len(results))
    written = export(results, exercise, tmp_path, formats, options)
    assert not [one.complaints for one in written if one.complaints]
    marks, sums = points(results), {r.learner: r.points for r in results}
    assert grades.read(written[0].path.read_bytes()) == marks
    found = written[2].path.glob("*/results.json")
    assert dict(gradescope.read(path.read_bytes()) for path in found) == marks
    assert read_back(written, exercise) == dict.fromkeys(formats, sums)


def test_everything_at_once(tmp_path: Path) -> None:
    formats = ["csv", "nbgrader-csv", "gradescope", "autograder"]
    written = export(RESULTS, EXERCISE, tmp_path / "out", formats, Options(bom=True))
    assert [one.format for one in written] == formats
    assert all(one.path.exists() for one in written)
    assert grades.read((tmp_path / "out" / "grades.csv").read_bytes()) == points(RESULTS)
    found = (tmp_path / "out" / "gradescope").glob("*/results.json")
    assert dict(gradescope.read(path.read_bytes()) for path in found) == points(RESULTS)
    # nothing outside the folder, whatever learners are called, and nothing half-written
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not list(tmp_path.rglob(".tmp-*"))


@pytest.mark.parametrize(
    ("formats", "words"),
    [
        (["xls"], f"no format 'xls'; there are {', '.join(FORMATS)}"),
        (["csv", "canvas"], "canvas is filled in: name the file"),
        (["csv", "moodle"], "moodle is filled in: name the file"),
    ],
)
def test_a_wish_that_cannot_be_met_writes_nothing(tmp_path: Path, formats, words: str) -> None:
    with pytest.raises(ExportError, match=words):
        export(RESULTS, EXERCISE, tmp_path / "out", formats)
    assert not (tmp_path / "out").exists()


def test_results_of_another_exercise_are_refused(tmp_path: Path) -> None:
    from dataclasses import replace

    other = replace(RESULTS[0], exercise="09_other")
    with pytest.raises(ExportError, match="are of 09_other, not of 01_losses"):
        export([other], EXERCISE, tmp_path, ["csv"])


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ExportError, match="out cannot be written"):
        export(RESULTS, EXERCISE, tmp_path / "out", ["csv"])


def test_half_points_are_kept(tmp_path: Path) -> None:
    one = result("ada", {FIRST: 1 / 3})
    assert grades.read(grades.grades_csv([one], EXERCISE))["ada"][FIRST] == one.marks[0].points
