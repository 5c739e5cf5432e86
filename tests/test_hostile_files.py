"""Hostile files, names and archives; and the child's confinement by itself."""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import struct
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course.exercises.bank import exercises, questions
from course.exercises.bench import Bench
from course.grading import child, confine, places, sandbox, wire
from course.grading.grader import grade, seed_of
from course.grading.results import Results, safe_name
from course.grading.run import grade_class
from course.grading.sandbox import Gone, OutOfTime, PipeLink, Warden
from course.grading.submission import NoSubmissions, Submission, code_of, submissions
from tests.conftest import ROOT

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone has this")


def notebook(*cells: str) -> bytes:
    found = [{"cell_type": "code", "source": source} for source in cells]
    return json.dumps({"cells": found}).encode()


ALL_RIGHT = notebook("\n".join(q.solution for q in exercises()[0].questions))
NAMES = (
    "a..",
    "a\nb",
    "\x1b[2J\x1b]0;x\x07",
    "=cmd|' c calc'!A1",
    "+1",
    "-rf",
    "@sum",
    "\u202egnp.ada",
    "x" * 240,
    "Ada",
    "ADA",
    "ada",
    "\u00e9",
    "e\u0301",
    "<script>alert(1)<script>",
    "a b;rm -rf $HOME `id`",
    "con",
    "\udcff",
    "{0}%s",
)


@LINUX
def test_learners_of_any_name_are_graded_each_once(tmp_path):
    place = tmp_path / "submissions"
    place.mkdir()
    for name in NAMES:
        (place / f"{name}x.ipynb").write_bytes(ALL_RIGHT)
    (place / "linked.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(place / "pipe.ipynb")
    (place / "folder.ipynb").mkdir()
    (place / "huge.ipynb").touch()
    os.truncate(place / "huge.ipynb", 100 * 2**20)
    found = submissions(place, "01_losses")
    results = grade_class(found, "01", tmp_path / "out", sandbox=False)
    points = {result.learner: result.points for result in results}
    odd = {name: points.pop(name) for name in ("linked", "pipe", "folder", "huge")}
    assert set(odd.values()) == {0.0}
    assert set(points) == {f"{name}x" for name in NAMES}
    assert set(points.values()) == {float(exercises()[0].points)}
    kept = list((tmp_path / "out" / "results").iterdir())
    assert len(kept) == len(NAMES) + 4
    assert {path.parent for path in kept} == {tmp_path / "out" / "results"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "submissions"]
    # a second run finds all of them, and grades none
    again = grade_class(found, "01", tmp_path / "out", spread=lambda some, _: iter(some))
    assert [r.learner for r in again] == [r.learner for r in results]


def test_a_name_that_is_no_text_has_a_seed_and_a_file():
    assert seed_of(b"s", "\udcff", "mse") != seed_of(b"s", "\udcfe", "mse")
    assert safe_name("\udcff") != safe_name("\udcfe")


def test_names_equal_up_to_case_or_form_have_files_of_their_own():
    for one, two in (("Ada", "ada"), ("e\u0301", "\u00e9"), ("a/b", "a-b"), ("", " ")):
        assert safe_name(one).casefold() != safe_name(two).casefold()


def archive(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return path


def test_an_archive_is_never_unpacked_and_its_bombs_are_not_read(tmp_path):
    (tmp_path / "deep").mkdir()
    path = archive(
        tmp_path / "deep" / "class.zip",
        {
            "../../ada.ipynb": ALL_RIGHT,
            "/etc/alan/01_losses.ipynb": ALL_RIGHT,
            "bomb.ipynb": bytes(200 * 2**20),
            "nested.ipynb": archive(tmp_path / "deep" / "inner.zip", {"a": b"a"}).read_bytes(),
        },
    )
    before = sorted(tmp_path.rglob("*"))
    found = {s.learner: s.read() for s in submissions(path, "01_losses")}
    assert sorted(tmp_path.rglob("*")) == before
    assert found["ada"].data == ALL_RIGHT
    assert found["bomb"].data == b""
    assert "larger than" in found["bomb"].problem
    assert code_of(found["nested"]).problem


@pytest.mark.parametrize("place", range(0, 400, 20))
def test_a_broken_entry_costs_its_own_learner_only(tmp_path, place):
    noise = bytes(np.random.default_rng(place).integers(256, size=3000, dtype=np.uint8))
    path = archive(
        tmp_path / "class.zip", {"bad.ipynb": noise + ALL_RIGHT, "good.ipynb": ALL_RIGHT}
    )
    data = bytearray(path.read_bytes())
    start = data.index(b"bad.ipynb") + 9 + place
    data[start : start + 20] = bytes(b ^ 0xFF for b in data[start : start + 20])
    path.write_bytes(data)
    found = {s.learner: s.read() for s in submissions(path, "01_losses")}
    assert found["bad"].problem == "The file in the zip is broken."
    assert found["good"].data == ALL_RIGHT


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", b"PK\x03\x04" * 100, bytes(1000)])
def test_what_is_no_zip_is_said_to_be_none(tmp_path, data):
    (tmp_path / "class.zip").write_bytes(data)
    with pytest.raises(NoSubmissions):
        submissions(tmp_path / "class.zip", "01_losses")


# --------------------------------------------------------------------------------- the wire
def test_a_header_is_refused_before_it_is_read():
    class Stream(io.BytesIO):
        taken = 0

        def read(self, size=-1):
            self.taken += size
            return super().read(size)

    stream = Stream((60 * 2**20).to_bytes(4, "little") + bytes(4) + b"[" * 100)
    with pytest.raises(wire.WireError, match="too long"):
        wire.receive(stream)
    assert stream.taken == 8


@pytest.mark.parametrize("entry", ["true", "1.5", "-1", '"1"', "[1]", "null", "67108865"])
def test_a_shape_that_is_none_is_refused_and_forgotten(entry):
    header = f'["a", "float64", {entry}]'.encode()
    with pytest.raises(wire.WireError):
        wire.decode(struct.pack("<II", len(header), 8) + header + bytes(8))
    column = wire.decode(wire.encode(np.zeros((1, 1))))
    assert [type(n) for n in column.shape] == [int, int]


def test_half_a_surrogate_does_not_come_through():
    text = wire.decode(wire.encode(["\ud800", {"\udfff": 1}]))
    json.dumps(text, ensure_ascii=False).encode()
    assert text == ["?", {"?": 1}]


def test_long_texts_are_whole():
    assert wire.decode(wire.encode("x" * 10**6)) == "x" * 10**6


@pytest.mark.parametrize("question", list(questions()), ids=str)
def test_no_value_from_nowhere_counts_as_right(question):
    """Whatever a forger could send without knowing the input, `accepts` included."""
    question = questions()[question]
    if not question.parameters:
        pytest.skip("a question without inputs is answered by a constant")
    bench = Bench(question, (1, 2, 3, 4))
    senseless = [None, True, False, "", "x", [], (), {}, [[]], {"a": 1}, np.nan, np.inf, -np.inf]
    senseless += [
        0,
        0.0,
        1,
        1.0,
        -1e308,
        1e308,
        np.zeros(0),
        np.zeros((0, 3)),
        np.zeros((0, 2**24)),
    ]
    senseless += [np.full(3, np.nan), np.array(np.inf), wire.Unknown("int"), [wire.Unknown("a")]]
    for value in senseless:
        passed = [r.error is None and question.matches(value, r.value) for r in bench.right]
        assert not all(passed), value


# ---------------------------------------------------------------------------- own processes
HANG = "def mse(y, y_hat):\n    while True: pass"


def quick(**changes):
    exercise = exercises()[0]
    short = tuple(replace(q, **{"seconds": 0.5, **changes}) for q in exercise.questions[:3])
    return replace(exercise, questions=short)


def test_a_question_with_too_much_to_send_costs_the_others_nothing():
    exercise = exercises()[0]
    mse, mae, *_ = exercise.questions
    large = replace(mae, edges=((np.zeros(1), [0.0] * wire.MOST),))
    few = replace(exercise, questions=(mse, large, mse))
    with Warden(sandbox=False) as warden:
        data = notebook(mse.solution + "\n" + mae.solution)
        result = grade(Submission("a", "a", data), few, warden)
    assert [mark.status for mark in result.marks] == ["right", "stopped", "right"]


def test_a_submission_has_a_deadline_for_everything_together(monkeypatch):
    monkeypatch.setattr(child, "CELLS", 1.0)
    code = "import os, time\ntime.sleep(0.8)\ndef mse(*a): time.sleep(0.4); os._exit(0)"
    cells = f"{code}\nmae_gradient = bce = mse"
    exercise = quick()
    exercise = replace(exercise, questions=exercise.questions * 2)
    begin = time.monotonic()
    with Warden(sandbox=False) as warden:
        result = grade(Submission("a", "a", notebook(cells)), exercise, warden)
    assert time.monotonic() - begin < 2 * 1.0 + 6 * 0.5 + 2
    assert result.points == 0


def test_what_cannot_be_started_is_not_started_for_each_question(monkeypatch):
    monkeypatch.setattr(child, "CELLS", 1.0)
    begin = time.monotonic()
    with Warden(sandbox=False) as warden:
        data = notebook("a = [0 for _ in iter(int, 1)]")
        exercise = quick()
        exercise = replace(exercise, questions=exercise.questions * 5)
        result = grade(Submission("a", "a", data), exercise, warden)
    assert time.monotonic() - begin < 4
    assert {mark.status for mark in result.marks} == {"stopped"}


def ask(link, name, seconds=5.0):
    request = {"name": name, "call": "", "call_name": "", "inputs": [()]}
    return asked(link, request | {"arguments": (), "again": 0}, seconds)


def asked(link, request, seconds):
    link.send(wire.encode(1) + wire.encode(request), seconds)
    return link.receive(seconds)


def pipe(code: str) -> PipeLink:
    link = PipeLink(None)
    link.ask({"cells": [code], "only_definitions": False}, 20)
    return link


@LINUX
def test_pipes_answer_as_sockets_do():
    link = pipe("def f(): return 1.5")
    try:
        assert ask(link, "f")["runs"][0][0][0] == 1.5
        assert ask(link, "g") == {"missing": True}
    finally:
        link.close()


@LINUX
def test_a_flood_of_answers_stays_in_the_pipe():
    code = (
        "import gc, os, stat\n"
        "wire = next(m for m in gc.get_objects() if getattr(m, '__name__', '') == 'wire')\n"
        "def f():\n    message = wire.encode(np.zeros(10**6))\n"
        "    for fd in range(3, 20):\n"
        "        try:\n"
        "            while stat.S_ISFIFO(os.fstat(fd).st_mode): os.write(fd, message)\n"
        "        except OSError: pass"
    )
    before = memory()
    link = pipe(code)
    try:
        ask(link, "f")
        time.sleep(1.0)
        assert link.answers.qsize() <= 1
        assert memory() - before < 200 * 2**20
    finally:
        link.close()
    assert not link.reader.is_alive()


def memory() -> int:
    return confine.Meter().used()


@LINUX
def test_a_child_that_does_not_read_holds_nobody_up():
    link = pipe("def f(a):\n    while True: pass")
    begin = time.monotonic()
    try:
        request = {"name": "f", "call": "", "call_name": "", "inputs": [(np.zeros(10**6),)] * 2}
        for _ in range(2):
            with pytest.raises((OutOfTime, Gone)):
                asked(link, request | {"arguments": ("a",), "again": 0}, 0.5)
    finally:
        link.close()
    assert time.monotonic() - begin < 3
    assert threading.active_count() < 10


@LINUX
def test_stopping_a_warden_ends_children_that_run(monkeypatch):
    warden = Warden(sandbox=False)
    link = warden.link()
    code = "import os\ndef f(): return os.getpid()\ndef g():\n    while True: pass"
    link.ask({"cells": [code], "only_definitions": False}, 20)
    pid = ask(link, "f")["runs"][0][0][0]
    with pytest.raises(OutOfTime):
        ask(link, "g", 0.2)
    warden.stop()
    link.close()
    end = time.monotonic() + 5
    while Path(f"/proc/{pid}/stat").exists() and time.monotonic() < end:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.02)
    else:
        assert not Path(f"/proc/{pid}").exists()


# ----------------------------------------------------------------------------- confinement
def confined(code: str, *, before: str = "") -> str:
    """Run code in a process that confines itself; return what it says."""
    program = (
        "import importlib.util, os, sys\n"
        f"spec = importlib.util.spec_from_file_location('confine', {confine.__file__!r})\n"
        "confine = importlib.util.module_from_spec(spec); spec.loader.exec_module(confine)\n"
        + textwrap.dedent(before)
        + textwrap.dedent(code)
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=60
    )
    return done.stdout + done.stderr


@LINUX
def test_limits_hold_though_proc_cannot_be_read():
    code = """
    import resource
    meter = confine.Meter()
    confine.read_only(["/usr"])
    size = meter.used() + 2**28
    assert confine.confine(60, size)
    print(resource.getrlimit(resource.RLIMIT_AS) == (size, size))
    try: bytearray(2**29)
    except MemoryError: print("limited")
    """
    assert confined(code) == "True\nlimited\n"


@LINUX
def test_without_landlock_what_the_cells_import_is_there_and_no_file_is():
    runner = str(sandbox.HERE / "runner.py")
    code = f"""
    import runpy
    runner = runpy.run_path({runner!r})
    runner["import_named"](["import fractions\\nfrom xml import dom\\nimport course.graph"])
    assert confine.confine(60, confine.Meter().used() + 2**30)
    assert confine.no_files()
    import fractions, xml.dom
    print(fractions.Fraction(1, 3), "course" in sys.modules)
    ways = lambda: open(confine.__file__), lambda: os.listdir("/"), lambda: __import__("imaplib")
    for way in ways:
        try: way()
        except (OSError, ImportError): print("refused")
    """
    assert confined(code) == "1/3 False\nrefused\nrefused\nrefused\n"


@pytest.mark.parametrize("place", ["prefix", "base_prefix"])
def test_of_where_python_is_a_submission_sees_what_python_consists_of(tmp_path, monkeypatch, place):
    for name in ("bin", "lib/python2.7/site-packages", "share/fonts", "share/class", "submissions"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("lib/libpython.so.1", "pyvenv.cfg", "lib/notes.txt"):
        (tmp_path / name).touch()
    monkeypatch.setattr(sys, place, str(tmp_path))
    seen = [Path(path) for path in places.of_python()]
    mine = {path.relative_to(tmp_path) for path in seen if path.is_relative_to(tmp_path)}
    config = {Path("pyvenv.cfg")} if place == "prefix" else set()
    assert mine == {Path("lib/libpython.so.1"), Path("share/fonts"), *config}
    assert not {Path("/usr"), Path("/usr/src"), Path("/usr/local"), Path("/usr/lib")} & set(seen)


def test_a_copy_of_the_course_among_the_packages_is_hidden(tmp_path, monkeypatch):
    for name in ("course", "elsewhere", "bundle/vendored"):
        (tmp_path / name / "exercises").mkdir(parents=True)
        (tmp_path / name / "exercises" / "bank.py").touch()
    (tmp_path / "numpy").mkdir()
    monkeypatch.setattr(places, "packages", lambda: [str(tmp_path)])
    found = set(places.readable([str(tmp_path)], places.hidden()))
    assert {Path(path).relative_to(tmp_path) for path in found} == {Path("numpy")}
    walls = sandbox._bound([str(tmp_path)], places.hidden())
    assert {w for a, w in itertools.pairwise(walls) if a == "--tmpfs"} == {
        str(tmp_path / name) for name in ("course", "elsewhere", "bundle/vendored")
    }


@LINUX
@pytest.mark.parametrize("walls", [True, False])
def test_python_reached_through_links_starts(tmp_path, walls):
    if walls and sandbox.bubblewrap() is None:
        pytest.skip("bubblewrap is missing, or does not work here")
    real = tmp_path / "real" / "project"
    real.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", real / "venv"], check=True)
    packages = next((real / "venv" / "lib").glob("python*/site-packages"))
    numpy = Path(np.__file__).parents[1]
    for name in ("numpy", "numpy.libs"):
        if (numpy / name).is_dir():
            shutil.copytree(numpy / name, packages / name, ignore=shutil.ignore_patterns("tests"))
    (tmp_path / "link").symlink_to("real")
    code = f"from course.grading.sandbox import trouble; print(repr(trouble({walls})))"
    done = subprocess.run(
        [tmp_path / "link" / "project" / "venv" / "bin" / "python", "-c", code],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "''\n", done.stdout + done.stderr


def test_links_on_the_way_to_a_path_are_found(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").touch()
    (tmp_path / "one").symlink_to("a")
    (tmp_path / "a" / "two").symlink_to(tmp_path / "one" / "b")
    found = list(places.links(str(tmp_path / "one" / "two" / "file")))
    assert found == [
        (f"{tmp_path}/one", "a"),
        (f"{tmp_path}/a/two", f"{tmp_path}/one/b"),
        (f"{tmp_path}/one", "a"),
        (f"{tmp_path}/a/b/file", ""),
    ]


def test_what_is_hidden_is_not_among_what_is_readable(tmp_path):
    for name in ("lib/numpy", "lib/course", "bin"):
        (tmp_path / name).mkdir(parents=True)
    found = set(places.readable([str(tmp_path)], [str(tmp_path / "lib" / "course")]))
    assert found == {str(tmp_path / "bin"), str(tmp_path / "lib" / "numpy")}
    assert list(places.readable([str(tmp_path)], ["/elsewhere"])) == [str(tmp_path)]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_jumps_to_instructions_that_are_there(machine):
    lines = confine.program(machine)
    assert len(lines) < 4096
    for place, (code, yes, no, _) in enumerate(lines):
        if code != 0x06:
            assert place + 1 + max(yes, no) < len(lines)
    assert lines[-1][0] == 0x06


@LINUX
def test_a_secret_and_results_outlive_a_second_start(tmp_path):
    one, two = (Results(tmp_path, exercises()[0]) for _ in range(2))
    assert one.secret == two.secret
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
