"""Hostile submissions: no point forged, none lost by a neighbour, no file touched, nothing left.

The whole class is graded four times: by root and by a user, behind bubblewrap and without.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import json
import os
import pwd
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from course.grading.sandbox import bubblewrap
from tests.conftest import ROOT
from tests.hostile import classroom

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the filters are of Linux"
)
WAYS = ("root-bubblewrap", "root-open", "user-bubblewrap", "user-open")


# ---------------------------------------------------------------------- who grades, and where
@functools.cache
def python_for_everyone() -> str:
    """Return a Python with NumPy that any user may run: this one, or a copy of what it needs."""
    import numpy

    test = [sys.executable, "-I", "-c", "import numpy"]
    with contextlib.suppress(PermissionError):
        if subprocess.run(test, capture_output=True, cwd="/", **_as_user()).returncode == 0:
            return sys.executable
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    place = Path(tempfile.gettempdir(), f"course-test-python-{numpy.__version__}-{os.getpid()}")
    (place / "bin").mkdir(parents=True)
    base = Path(sys.base_prefix)
    place.chmod(0o755)
    program = Path(os.path.realpath(sys.executable)).read_bytes()
    # where it looks for its own library stands in the program, in a place that no user may enter
    old, new = os.fsencode(base / "lib"), b"$ORIGIN/../lib"
    program = program.replace(old + b"\0", new.ljust(len(old) + 1, b"\0"))
    (place / "bin" / version).write_bytes(program)
    (place / "bin" / version).chmod(0o755)
    leave = shutil.ignore_patterns("site-packages", "test", "tests", "__pycache__", "idlelib")
    shutil.copytree(base / "lib" / version, place / "lib" / version, ignore=leave)
    for library in (base / "lib").glob("libpython*"):
        shutil.copy2(library, place / "lib" / library.name)
    packages = place / "lib" / version / "site-packages"
    packages.mkdir()
    for name in ("numpy", "numpy.libs"):
        found = Path(numpy.__file__).parents[1] / name
        if found.is_dir():
            shutil.copytree(found, packages / name, ignore=shutil.ignore_patterns("tests"))
    return str(place / "bin" / version)


@pytest.fixture(scope="module", autouse=True)
def _no_copies_left():
    yield
    if python_for_everyone.cache_info().currsize and python_for_everyone() != sys.executable:
        shutil.rmtree(Path(python_for_everyone()).parents[1])


def _as_user() -> dict:
    """Return what makes a process one of an ordinary user."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _adopt_orphans() -> None:
    """Become the parent of whatever a class leaves behind: so it can be seen."""
    assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0


def _children() -> set[int]:
    """Return the processes whose parent this one is."""
    found = set()
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            words = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            if int(words[1]) == os.getpid() and words[0] != "Z":
                found.add(int(entry.name))
    return found


def _checksums(*folders: Path) -> dict[str, str]:
    found = {}
    for path in sorted(p for folder in folders for p in [folder, *folder.rglob("*")]):
        about = path.lstat()
        told = f"{about.st_mode} {about.st_uid} {about.st_mtime_ns if path.is_file() else ''}"
        data = path.read_bytes() if path.is_file() else b""
        found[str(path)] = told + hashlib.sha256(data).hexdigest()
    return found


class Run:
    """One way of grading the class, and everything that was seen of it."""

    def __init__(self, way: str) -> None:
        who, walls = way.split("-")
        user = _as_user() if who == "user" else {}
        python = python_for_everyone() if who == "user" else sys.executable
        _adopt_orphans()
        self.folder = Path(tempfile.mkdtemp(prefix="course-hostile-"))
        before = _children()
        victim = subprocess.Popen(["sleep", "600"], **user)
        try:
            classroom.furnished(self.folder, victim.pid)
            if user:
                for path in [self.folder, *self.folder.rglob("*")]:
                    os.chown(path, user["user"], user["group"])
            watched = (self.folder / "canary", self.folder / "submissions")
            sums = _checksums(*watched)
            begin = time.monotonic()
            done = subprocess.run(
                _command(self.folder, python, walls == "open"),
                **_surroundings(),
                **user,
                capture_output=True,
                timeout=300,
            )
            self.seconds = time.monotonic() - begin
            assert done.returncode == 0, done.stderr.decode()[-3000:]
            self.results = {r["learner"]: r for r in json.loads(done.stdout)}
            after = _checksums(*watched)
            self.touched = {p for p in sums.keys() | after.keys() if sums.get(p) != after.get(p)}
            self.kept = {p.name for p in (self.folder / "results" / "results").iterdir()}
            self.alive = victim.poll() is None
            self.nice = os.getpriority(os.PRIO_PROCESS, victim.pid)
            self.left = _without(before | {victim.pid})
        finally:
            victim.kill()
            victim.wait()
            shutil.rmtree(self.folder)


def _command(folder: Path, python: str = sys.executable, is_open: bool = False, jobs: int = 8):
    words = [python, "-m", "tests.hostile.classroom", str(folder), "--jobs", str(jobs)]
    return words + ["--open"] * is_open


def _surroundings() -> dict:
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": "/tmp"}
    return {"cwd": ROOT, "env": environment | {"PYTHONDONTWRITEBYTECODE": "1"}}


def _without(known: set[int], seconds: float = 5.0) -> set[int]:
    """Return the children that are still there after a while."""
    end = time.monotonic() + seconds
    while (left := _children() - known) and time.monotonic() < end:
        time.sleep(0.05)
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
    return left


_graded = functools.cache(Run)


@pytest.fixture(params=WAYS)
def graded(request) -> Run:
    """Return the class, graded in one of four ways."""
    who, walls = request.param.split("-")
    if who == "root" and os.geteuid() != 0:
        pytest.skip("grading as root needs root")
    if walls == "bubblewrap" and bubblewrap() is None:
        pytest.skip("bubblewrap is missing, or does not work here")
    return _graded(request.param)


# --------------------------------------------------------------------------------- what holds
def test_there_are_many_of_them_and_each_has_a_name():
    names = [case.name for case in classroom.CASES]
    assert len(set(names)) == len(names) >= 60


def _told(result):
    return "".join(str(int(m["points"] == m["worth"])) for m in result["marks"])


def test_no_point_is_forged_and_none_is_lost(graded):
    wrong = {}
    for number, case in enumerate(classroom.CASES):
        result = graded.results[f"{number:03d}-b"]
        partly = 0.5 if case.name == "changes-its-arguments" else 0
        if _told(result) != case.marks or any(
            m["points"] not in (0, partly * m["worth"], m["worth"]) for m in result["marks"]
        ):
            wrong[case.name] = (case.marks, _told(result), result["notes"], case.must)
    assert not wrong, "\n".join(f"{name}: {about}" for name, about in wrong.items())


def test_honest_neighbours_keep_all_points(graded):
    honest = [r for name, r in graded.results.items() if name.endswith("-a")]
    assert len(honest) == len(classroom.CASES) + 1
    assert {(_told(r), r["notes"] == []) for r in honest} == {("111", True)}


def test_nothing_escaped_or_leaked(graded):
    text = json.dumps(graded.results)
    found = [
        classroom.CASES[int(name[:3])].name + str(result["notes"])
        for name, result in graded.results.items()
        if "ESCAPED" in json.dumps(result["notes"]) or "LEAKED" in json.dumps(result["notes"])
    ]
    assert not found
    assert len(text) < 10**6, "what a submission says is kept short"


def test_no_file_is_touched(graded):
    assert graded.touched == set()
    assert len(graded.kept) == len(graded.results)
    assert not any(name.startswith(".") for name in graded.kept)


def test_no_process_is_left_behind_and_none_was_harmed(graded):
    assert graded.left == set()
    assert graded.alive
    assert graded.nice == os.getpriority(os.PRIO_PROCESS, 0)


def test_the_run_ends_in_bounded_time(graded):
    assert graded.seconds < 120
    longest = 2 * 4.0 + 3 * 1.0 + 3  # all starts, all questions, and some air
    slow = {n: r["seconds"] for n, r in graded.results.items() if r["seconds"] > longest}
    assert not slow


def test_every_result_says_what_stood_around_it(graded, request):
    way = request.node.callspec.params["graded"]
    assert {r["sandbox"] for r in graded.results.values()} == {
        "none" if way.endswith("open") else "bubblewrap"
    }


# ------------------------------------------------------------------------ killed in the middle
def test_a_run_killed_at_any_moment_goes_on_and_leaves_nothing(tmp_path):
    _adopt_orphans()
    before = _children()
    classroom.furnished(tmp_path, 0, classroom.CASES[:24])
    kept = tmp_path / "results" / "results"
    rng = random.Random(7)
    seen: dict[str, tuple[int, bytes]] = {}
    kills = 0
    while True:
        run = subprocess.Popen(
            _command(tmp_path, jobs=3), **_surroundings(), stdout=subprocess.PIPE
        )
        try:
            out, _ = run.communicate(timeout=rng.uniform(0.3, 1.5) if kills < 6 else 120)
            break
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.communicate()
            kills += 1
        assert _without(before) == set()
        for path in kept.glob("*.json") if kept.is_dir() else ():
            now = path.stat().st_mtime_ns, path.read_bytes()
            json.loads(now[1])  # whole
            assert seen.setdefault(path.name, now) == now, "graded twice"
    assert run.returncode == 0
    assert kills >= 3
    results = json.loads(out)
    assert len(results) == len({r["learner"] for r in results}) == 49
    assert len(list(kept.glob("*.json"))) == 49
    for name, (_, data) in seen.items():
        assert (kept / name).read_bytes() == data
    assert {_told(r) for r in results if r["learner"].endswith("-a")} == {"111"}
    for number, case in enumerate(classroom.CASES[:24]):
        assert _told(next(r for r in results if r["learner"] == f"{number:03d}-b")) == case.marks
