"""Canvas's and Moodle's own exports come back with one column filled, and nothing else touched."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from course.grading.export import ExportError, Options, export
from course.grading.export.canvas import fill_canvas
from course.grading.export.canvas import read as read_canvas
from course.grading.export.moodle import feedback_html, fill_moodle
from course.grading.export.moodle import read as read_moodle
from course.grading.export.roster import Row, match
from tests.exported import EXERCISE, FIRST, HOSTILE, SECOND, result

WORTH = EXERCISE.points
ADA, ALAN, GRACE = result("lovelaceada_17"), result("turing_18", {FIRST: 0.5}), result("hopper_19")
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,01_losses (901),Other (902),Final Score\r\n"
    ",,,,,Manual Posting,,\r\n"
    f"    Points Possible,,,,,{WORTH}.00,10.00,(read only)\r\n"
    '"Lovelace, Ada",17,s17,ada,"A ""1""",,9.50,=SUM(1)\r\n'
    '"Turing, Alan",18,s18,alan,A,1.00,, 77.10 \r\n'
    '"Hopper, Grace",19,s19,grace,"A\r\nB",EX,3,\r\n'
    '"Noether, Emmy",20,s20,emmy,A,4.00,,\r\n'
    '"Student, Test",21,,t,A,,,\r\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    f'Participant 17,Ada Lovelace,ada@school,"Submitted for grading - ",,{WORTH},Yes,"Monday, 4 '
    'May",-,\n'
    f'Participant 18,"Alan ""T"" Turing",alan@school,"No, late",3.00,{WORTH},Yes,-,-,"Well, '
    'done"\n'
    f"Participant 20,Emmy Noether,emmy@school,-,,{WORTH},Yes,-,-,\n"
)


def cells(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def changed(before: bytes, after: bytes) -> dict[tuple[int, int], str]:
    """Return the cells that differ, by row and column; both must have the same shape."""
    old, new = cells(before), cells(after)
    assert [len(row) for row in old] == [len(row) for row in new]
    return {
        (i, j): new[i][j]
        for i, row in enumerate(old)
        for j, cell in enumerate(row)
        if cell != new[i][j]
    }


# --------------------------------------------------------------------------------- Canvas
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_canvas_gets_its_own_file_with_one_column_filled(bom: bytes) -> None:
    data = bom + CANVAS.encode()
    filled = fill_canvas(data, [ADA, ALAN, GRACE, result("nobody")], EXERCISE)
    assert filled.data.startswith(b"\xef\xbb\xbf") == bool(bom)
    assert changed(data, filled.data) == {
        (3, 5): f"{ADA.points:.2f}",
        (4, 5): f"{ALAN.points:.2f}",
    }
    # quotes, ends of lines and blanks are as they were: undoing the two cells gives the file
    undone = filled.data.replace(f'1""",{WORTH}.00,'.encode(), b'1""",,')
    undone = undone.replace(f"A,{ALAN.points:.2f},".encode(), b"A,1.00,")
    assert undone == data
    assert filled.filled == 2
    assert filled.unmatched == ("nobody: not in the file",)
    assert filled.without == ("Noether, Emmy", "Student, Test")
    assert filled.replaced == (f"turing_18: 1.00 is now {ALAN.points:.2f}",)
    assert filled.kept == ("hopper_19: EX",)
    marks = read_canvas(filled.data, "901")
    assert (marks["17"], marks["18"], marks["20"]) == (ADA.points, ALAN.points, 4.0)


def test_learners_are_found_by_id_login_or_name() -> None:
    results = [result(name) for name in ("17", "alan", "Emmy Noether")]
    filled = fill_canvas(CANVAS.encode(), results, EXERCISE)
    assert not filled.unmatched
    assert read_canvas(filled.data, "01_losses")["20"] == WORTH


def test_the_export_with_names_in_two_columns_is_read() -> None:
    data = (
        "LastName,FirstName,ID,SIS Login ID,Section,Losses (901)\n"
        f"    Points Possible,,,,,{WORTH}\n"
        "Lovelace,Ada,17,,A,\nTuring,Alan,18,,A,\n"
    )
    filled = fill_canvas(data.encode(), [ADA, result("alan turing")], EXERCISE)
    assert changed(data.encode(), filled.data) == {(2, 5): str(WORTH), (3, 5): str(WORTH)}


def test_semicolons_and_decimal_commas_stay() -> None:
    data = CANVAS.replace(",", ";").replace(f"{WORTH}.00", f"{WORTH},00").encode()
    filled = fill_canvas(data, [ALAN], EXERCISE)
    assert f"A;{ALAN.points:.2f};".replace(".", ",").encode() in filled.data


def test_a_column_can_be_named() -> None:
    data = CANVAS.replace("01_losses (901)", "Homework (1) (901)").encode()
    for name in ("901", "Homework (1)", "Homework (1) (901)"):
        filled = fill_canvas(data, [ADA], EXERCISE, column=name)
        assert changed(data, filled.data) == {(3, 5): f"{WORTH}.00"}


@pytest.mark.parametrize(
    ("old", "new", "more", "words"),
    [
        ("01_losses (901)", "Homework (901)", {}, "no assignment for the exercise 01_losses"),
        ("Other (902)", "01_losses (902)", {}, "more than one assignment"),
        ("", "", {"column": "903"}, r"no assignment for '903'.*\n  01_losses \(901\)\n  Other"),
        ("    Points Possible", "Max", {}, "has no row «Points Possible»"),
        ("Student,ID", "Name,Number", {}, "no gradebook of Canvas"),
        (f"{WORTH}.00", "100", {}, f"worth 100 points, the exercise {WORTH}"),
        (f"{WORTH}.00", "(read only)", {}, "which is no number"),
    ],
)
def test_an_export_that_does_not_fit_is_refused(old, new, more, words) -> None:
    with pytest.raises(ExportError, match=words):
        fill_canvas(CANVAS.replace(old, new, 1).encode(), [ADA], EXERCISE, **more)


def test_marks_are_converted_on_demand() -> None:
    data = CANVAS.replace(f"{WORTH}.00", "100").encode()
    filled = fill_canvas(data, [ALAN], EXERCISE, scale=True)
    assert read_canvas(filled.data, "901")["18"] == round(100 * ALAN.points / WORTH, 2)


# ------------------------------------------------------------------------------- matching
def test_a_number_that_is_not_there_is_somebody_else() -> None:
    filled = fill_canvas(CANVAS.encode(), [result("lovelaceada_99")], EXERCISE)
    assert filled.filled == 0
    assert filled.unmatched == ("lovelaceada_99: not in the file",)


def test_what_is_not_clear_is_not_guessed() -> None:
    rows = [
        Row(1, "1", ("x",), ("Kim, Lee",)),
        Row(2, "2", ("1",), ("Kim, Lee",)),
        Row(3, "3", ("c",), ("Three",)),
    ]
    found = match(["Kim, Lee", "1", "c", "three_3"], rows)
    assert found.rows == {}
    assert found.unmatched["Kim, Lee"] == found.unmatched["1"] == "2 rows could be theirs"
    assert found.unmatched["c"] == "row 4 could be another learner's too"


def test_names_of_learners_steer_no_terminal() -> None:
    filled = fill_canvas(CANVAS.encode(), [result("\x1b[2Jada")], EXERCISE)
    assert "\x1b" not in "".join(filled.unmatched)


# --------------------------------------------------------------------------------- Moodle
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_moodle_gets_its_own_worksheet_with_marks_and_feedback(bom: bytes) -> None:
    data = bom + MOODLE.encode()
    one = result("Ada Lovelace_17", {SECOND: 0.25})
    two = result("Alan Turing_18")
    filled = fill_moodle(data, [one, two, result("Grace Hopper_19")], EXERCISE)
    assert filled.data.startswith(b"\xef\xbb\xbf") == bool(bom)
    assert changed(data, filled.data) == {
        (1, 4): f"{one.points:g}",
        (1, 9): feedback_html(one),
        (2, 4): str(WORTH),
    }
    assert filled.unmatched == ("Grace Hopper_19: not in the file",)
    assert filled.without == ("Emmy Noether",)
    assert filled.replaced == (f"Alan Turing_18: 3.00 is now {WORTH}",)
    assert filled.kept == ("Alan Turing_18: a feedback comment was there already",)
    marks = read_moodle(filled.data)
    assert marks == {
        "Participant 17": one.points,
        "Participant 18": two.points,
        "Participant 20": None,
    }
    # filled in once more, nothing changes and nothing is complained about anew
    again = fill_moodle(filled.data, [one, two], EXERCISE)
    assert again.data == filled.data
    assert not again.replaced


def test_the_feedback_is_html_in_which_nothing_of_the_learner_is() -> None:
    html = feedback_html(result("ada", {FIRST: 0}, notes=(HOSTILE,)))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2
    assert "\x1b" not in html
    assert html.startswith("<p>")  # so it is no formula


def test_a_worksheet_without_names_is_filled() -> None:
    """Moodle hides names where marking is blind."""
    data = f"Identifier,Status,Grade,Maximum Grade\nParticipant 5,-,,{WORTH}\n".encode()
    filled = fill_moodle(data, [result("Participant_5")], EXERCISE)
    assert changed(data, filled.data) == {(1, 2): str(WORTH)}


GERMAN = (
    "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert "
    "werden,Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar"
)
FRENCH = (
    "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,La note peut être "
    "modifiée,Dernière modification (travail remis),Dernière modification (note),"
    "Feedback par commentaires"
)


@pytest.mark.parametrize(("header", "word"), [(GERMAN, "Teilnehmer/in"), (FRENCH, "Participant ")])
def test_a_worksheet_in_german_or_french_is_filled_as_one_in_english(
    header: str, word: str
) -> None:
    data = f"{header}\n{word}17,Ada Lovelace,ada@school,-,,{WORTH},,-,-,\n".encode()
    one = result("Ada Lovelace_17", {SECOND: 0.25})
    filled = fill_moodle(data, [one], EXERCISE)
    assert changed(data, filled.data) == {(1, 4): f"{one.points:g}", (1, 9): feedback_html(one)}
    assert read_moodle(filled.data) == {f"{word}17": one.points}
    by_name = fill_moodle(data, [result("ada@school")], EXERCISE)
    assert not by_name.unmatched


def test_a_worksheet_of_something_else_is_refused() -> None:
    with pytest.raises(ExportError, match="no column 'Identifier'.*Download grading worksheet"):
        fill_moodle(CANVAS.encode(), [ADA], EXERCISE)


# ---------------------------------------------------------------------------------- files
def test_the_instructors_own_files_stay(tmp_path: Path) -> None:
    canvas, moodle = tmp_path / "grades.csv", tmp_path / "sheet.csv"
    canvas.write_bytes(CANVAS.encode())
    moodle.write_bytes(MOODLE.encode())
    written = export(
        [ADA], EXERCISE, tmp_path, ["canvas", "moodle"], Options(canvas=canvas, moodle=moodle)
    )
    assert canvas.read_bytes() == CANVAS.encode()
    assert moodle.read_bytes() == MOODLE.encode()
    assert [one.path.name for one in written] == ["grades-filled.csv", "sheet-filled.csv"]
    assert "no result for Turing, Alan" in written[0].complaints
    filled = written[0].path
    (tmp_path / "grades-filled-filled.csv").symlink_to(filled)
    with pytest.raises(ExportError, match="is your own file"):
        export([ADA], EXERCISE, tmp_path, ["canvas"], Options(canvas=filled))
    with pytest.raises(ExportError, match="missing.csv cannot be read"):
        export([ADA], EXERCISE, tmp_path, ["canvas"], Options(canvas=tmp_path / "missing.csv"))
