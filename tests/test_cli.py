import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from course import cli, doctor, layout

NAMES = [
    "notebooks/00_start_here.ipynb",
    "notebooks/02_descent.ipynb",
    "exercises/02_descent.ipynb",
]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Pretend that the course was installed from a wheel; return its material directory."""
    package = tmp_path / "site-packages" / "course"
    material = package / "material"
    for name in NAMES:
        (material / name).parent.mkdir(parents=True, exist_ok=True)
        (material / name).write_text(f"{name}, first edition")
    hidden = material / "notebooks" / ".ipynb_checkpoints" / "x.ipynb"
    hidden.parent.mkdir()
    hidden.write_text("not part of the course")
    monkeypatch.setattr(layout, "PACKAGE", package)
    set_version(monkeypatch, "1.0")
    return material


def set_version(monkeypatch, version):
    monkeypatch.setattr(layout, "course_version", lambda: version)


def contents(directory):
    files = (
        path for path in directory.rglob("*") if path.is_file() and ".course" not in path.parts
    )
    return {path.relative_to(directory).as_posix(): path.read_text() for path in files}


@pytest.fixture
def started(monkeypatch):
    """Record the JupyterLab that would be started."""
    calls = []
    monkeypatch.setattr(cli, "_run", lambda command, environment: calls.append(command) or 0)
    return calls


# ------------------------------------------------------------------- laying out
def test_a_first_layout_writes_everything_and_a_second_nothing(package, tmp_path):
    directory = tmp_path / "deep" / "course"
    report = layout.lay_out(directory)
    assert sorted(report.written) == sorted(NAMES)
    assert contents(directory) == {name: f"{name}, first edition" for name in NAMES}
    assert layout.lay_out(directory) == layout.Report()


def test_what_the_learner_changed_stays_and_the_rest_is_updated(package, tmp_path, monkeypatch):
    layout.lay_out(tmp_path)
    (tmp_path / NAMES[1]).write_text("my work")
    assert layout.lay_out(tmp_path) == layout.Report()  # no newer edition: nothing to say

    set_version(monkeypatch, "1.1")
    for name in NAMES:
        (package / name).write_text(f"{name}, second edition")
    report = layout.lay_out(tmp_path)
    assert sorted(report.updated) == sorted([NAMES[0], NAMES[2]])
    assert report.kept == [NAMES[1]]
    assert (tmp_path / NAMES[1]).read_text() == "my work"
    assert (tmp_path / NAMES[0]).read_text().endswith("second edition")


def test_a_deleted_file_comes_back(package, tmp_path):
    layout.lay_out(tmp_path)
    (tmp_path / NAMES[0]).unlink()
    assert layout.lay_out(tmp_path).written == [NAMES[0]]


def test_an_older_course_does_not_undo_a_newer_one(package, tmp_path, monkeypatch):
    set_version(monkeypatch, "2.0")
    layout.lay_out(tmp_path)
    set_version(monkeypatch, "1.10")
    (package / NAMES[0]).write_text("old")
    assert layout.lay_out(tmp_path).newer == [NAMES[0]]
    assert (tmp_path / NAMES[0]).read_text().endswith("first edition")


@pytest.mark.parametrize(
    "manifest",
    [None, "", "{", "[]", "null", '{"version": "1.0"}', '{"files": [1], "version": "1"}', "\x00"],
)
def test_without_a_sound_manifest_all_that_differs_is_the_learners(
    package, tmp_path, monkeypatch, manifest
):
    layout.lay_out(tmp_path)
    (tmp_path / NAMES[0]).write_text("my work")
    path = tmp_path / ".course" / "manifest.json"
    path.unlink() if manifest is None else path.write_text(manifest)
    set_version(monkeypatch, "9.0")
    (package / NAMES[1]).write_text("newest")
    report = layout.lay_out(tmp_path)
    assert sorted(report.kept) == sorted([NAMES[0], NAMES[1]])
    assert (tmp_path / NAMES[0]).read_text() == "my work"
    assert (tmp_path / NAMES[1]).read_text().endswith("first edition")


def test_an_unreadable_kind_of_file_is_the_learners(package, tmp_path, monkeypatch):
    layout.lay_out(tmp_path)
    (tmp_path / NAMES[0]).unlink()
    (tmp_path / NAMES[0]).mkdir()
    (tmp_path / NAMES[1]).unlink()
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / NAMES[1]).symlink_to(tmp_path / "elsewhere")
    (tmp_path / NAMES[2]).unlink()
    (tmp_path / NAMES[2]).symlink_to(tmp_path / "nowhere")
    set_version(monkeypatch, "2.0")
    for name in NAMES:
        (package / name).write_text("newest")
    assert sorted(layout.lay_out(tmp_path).kept) == sorted(NAMES)
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_a_crash_while_writing_leaves_no_half_file(package, tmp_path, monkeypatch):
    directory = tmp_path / "here"
    layout.lay_out(directory)
    before = contents(directory)
    set_version(monkeypatch, "2.0")
    (package / NAMES[0]).write_text("newest")

    def crash(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(layout.CourseError, match="No space left on device"):
        layout.lay_out(directory)
    assert contents(directory) == before


def test_fresh_editions_go_beside(package, tmp_path):
    layout.lay_out(tmp_path)
    mine = tmp_path / NAMES[1]
    mine.write_text("my work")
    assert layout.write_fresh(tmp_path, "notebooks/02_descent").name == "02_descent.fresh.ipynb"
    assert layout.write_fresh(tmp_path, NAMES[1]).name == "02_descent.fresh-2.ipynb"
    assert mine.read_text() == "my work"
    assert (mine.parent / "02_descent.fresh.ipynb").read_text().endswith("first edition")
    assert layout.write_fresh(tmp_path, "00_start_here").parent.name == "notebooks"
    with pytest.raises(layout.CourseError, match="exercises/02_descent.ipynb: name it"):
        layout.write_fresh(tmp_path, "02_descent.ipynb")
    with pytest.raises(layout.CourseError, match="no file called '../secret'"):
        layout.write_fresh(tmp_path, "../secret")


# ------------------------------------------------------------------ course lab
def test_lab_refuses_a_file_in_the_way(package, tmp_path, capsys, started):
    (tmp_path / "file").write_text("mine")
    assert cli.main(["lab", str(tmp_path / "file")]) == 1
    assert cli.main(["lab", str(tmp_path / "file" / "below")]) == 1
    message = capsys.readouterr().err
    assert "file is in the way" in message
    assert "course lab DIR" in message
    assert (tmp_path / "file").read_text() == "mine"
    assert started == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_lab_refuses_what_it_may_not_write(package, tmp_path, capsys, started):
    (tmp_path / "closed").mkdir(mode=0o500)
    assert cli.main(["lab", str(tmp_path / "closed")]) == 1
    assert "No permission to write" in capsys.readouterr().err


def test_lab_says_that_permission_is_missing(package, tmp_path, capsys, started, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", str(tmp_path / "closed"))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert cli.main(["lab", str(tmp_path / "closed")]) == 1
    assert f"No permission to write {tmp_path / 'closed'}" in capsys.readouterr().err


def test_lab_starts_at_lesson_0(package, tmp_path, started, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["lab", "--no-open", "--port", "9999", "--ServerApp.token=x"]
    assert cli.main(words) == 0
    assert "3 files laid out in" in capsys.readouterr().out
    (command,) = started
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    root = tmp_path / "how-neural-networks-learn"
    assert f"--ServerApp.root_dir={root}" in command
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in command
    assert "--no-browser" in command
    assert command[-3:] == ["--port", "9999", "--ServerApp.token=x"]


def test_lab_reports_a_newer_edition(package, tmp_path, started, capsys, monkeypatch):
    directory = tmp_path / "here"
    cli.main(["lab", str(directory)])
    (directory / NAMES[1]).write_text("my work")
    set_version(monkeypatch, "2.0")
    (package / NAMES[1]).write_text("newest")
    capsys.readouterr()
    cli.main(["lab", str(directory)])
    said = capsys.readouterr().out
    assert f"course lab {directory} --fresh {NAMES[1]}" in said
    cli.main(["lab", str(directory), "--fresh", NAMES[1]])
    assert "02_descent.fresh.ipynb" in capsys.readouterr().out
    assert (directory / NAMES[1]).read_text() == "my work"


def test_without_jupyterlab_the_files_are_there_and_the_line_is_said(
    package, tmp_path, capsys, started, monkeypatch
):
    monkeypatch.setattr(cli, "find_spec", lambda name: None)
    assert cli.main(["lab", str(tmp_path / "here")]) == 1
    message = capsys.readouterr().err
    assert f'"{sys.executable}" -m pip install "how-neural-networks-learn[lab]"' in message
    assert (tmp_path / "here" / NAMES[0]).is_file()
    assert started == []


def test_an_incomplete_installation_is_named(package, tmp_path, capsys, started):
    for name in NAMES:
        (package / name).unlink()
    assert cli.main(["lab", str(tmp_path / "here")]) == 1
    assert "installation is incomplete" in capsys.readouterr().err


def test_a_checkout_serves_itself(root, started, capsys):
    assert layout.checkout() == root
    assert cli.main(["lab", str(root), "--no-open"]) == 0
    assert cli.main(["lab"]) == 0
    assert all(f"--ServerApp.root_dir={root}" in command for command in started)
    assert not (root / ".course").exists()
    assert cli.main(["lab", "--fresh", "00_start_here"]) == 1
    assert "git keeps the editions" in capsys.readouterr().err


def test_our_jupyter_configuration_comes_first_and_keeps_the_users():
    path = cli.lab_environment({"JUPYTER_CONFIG_PATH": "theirs", "A": "b"})["JUPYTER_CONFIG_PATH"]
    ours, theirs = path.split(os.pathsep)
    assert theirs == "theirs"
    switch = json.loads(Path(ours, "jupyter_server_config.d", "course.json").read_text())
    assert switch == {"ServerApp": {"jpserver_extensions": {"course.server": True}}}


def test_lab_asks_for_no_news(tmp_path):
    question = (
        "import json; from jupyterlab_server.config import get_page_config;"
        "print(json.dumps(get_page_config([])['disabledExtensions']))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", question],
        env=cli.lab_environment(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "@jupyterlab/apputils-extension:announcements" in json.loads(answer.stdout)


# --------------------------------------------------------------- other commands
def test_wrong_words_get_the_usage(capsys):
    assert cli.main([]) == 2
    with pytest.raises(SystemExit) as stop:
        cli.main(["laboratory"])
    assert stop.value.code == 2
    assert "invalid choice: 'laboratory'" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        cli.main(["lab", "--fresh"])
    assert stop.value.code == 2


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"course {layout.course_version()}\n"


def test_interrupting_is_no_traceback(package, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupt)
    assert cli.main(["lab", str(tmp_path / "here")]) == 130


# a module that tells that it was imported, or that is slow to import
TELLS = "raise SystemExit('a file of a learner is imported')"
STOPPED = """
import os, signal, sys
if any(word.startswith("course") for word in sys.orig_argv):
    os.kill(os.getpid(), signal.SIGINT)
    raise SystemExit("it went on")
"""


@pytest.mark.parametrize("flags", [["-m", "course"], ["-mcourse"], ["-Bm", "course"]])
def test_what_lies_in_the_current_folder_is_not_imported(tmp_path, flags):
    for name in ("numpy", "signal", "argparse", "json"):
        (tmp_path / f"{name}.py").write_text(TELLS)
    said = subprocess.run(
        [sys.executable, *flags, "--version"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(cli.__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("course ")


def test_in_a_checkout_the_package_is_found_in_the_current_folder():
    root = Path(cli.__file__).parents[1]
    said = subprocess.run(
        [sys.executable, "-m", "course", "--version"], cwd=root, capture_output=True, text=True
    )
    assert said.stdout.startswith("course "), said.stderr


@pytest.mark.skipif(os.name != "posix", reason="no signal is sent so elsewhere")
def test_stopping_it_while_it_imports_is_no_traceback(tmp_path):
    (tmp_path / "numpy.py").write_text(STOPPED)
    root = Path(cli.__file__).parents[1]
    path = os.pathsep.join([str(tmp_path), str(root)])
    said = subprocess.run(
        [sys.executable, "-m", "course", "--version"],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stdout, said.stderr) == (-signal.SIGINT, "", "")


# ---------------------------------------------------------------- course doctor
def test_the_doctor_finds_this_environment_well():
    findings = list(doctor.examine())
    assert [finding.name for finding in findings if not finding.ok and finding.vital] == []
    names = [finding.name for finding in findings]
    for name in (*doctor.PACKAGES, "kernel python3", "labextension anywidget"):
        assert name in names


def test_the_doctor_says_what_to_do_and_fails(monkeypatch, capsys):
    def missing(name):
        raise doctor.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.metadata, "version", missing)
    monkeypatch.setattr(doctor, "CHECKS", ())
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "PROBLEM  ipywidgets" in said
    assert "-> Install it:" in said
    assert "will not work yet" in said


@pytest.mark.parametrize(("check", "name", "vital"), doctor.CHECKS)
def test_a_check_that_cannot_run_is_a_finding(monkeypatch, capsys, check, name, vital):
    def broken():
        raise ModuleNotFoundError("No module named 'jupyter_core'")
        yield

    monkeypatch.setattr(doctor, "PACKAGES", ())
    monkeypatch.setattr(doctor, "CHECKS", ((broken, name, vital),))
    assert doctor.main() == int(vital)
    assert f"PROBLEM  {name}" in capsys.readouterr().out


def test_the_doctor_sees_an_old_package(monkeypatch):
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "0.1.2")
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: ["anywidget>=0.9.13; extra"])
    finding = doctor.package("anywidget")
    assert not finding.ok
    assert finding.detail == "0.1.2, older than 0.9.13"


def test_the_doctor_sees_a_disabled_extension(monkeypatch, tmp_path):
    config = tmp_path / "labconfig" / "page_config.json"
    config.parent.mkdir()
    config.write_text(json.dumps({"disabledExtensions": {"anywidget": True}}))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    findings = {finding.name: finding for finding in doctor.lab_extensions()}
    assert not findings["labextension anywidget"].ok
    assert findings["labextension anywidget"].remedy.endswith("labextension enable anywidget")


def test_the_doctor_sees_a_foreign_kernel(monkeypatch, tmp_path):
    foreign = tmp_path / "kernels" / "python3" / "kernel.json"
    foreign.parent.mkdir(parents=True)
    specification = {"argv": ["/no/such/python", "-m", "ipykernel_launcher"], "language": "python"}
    foreign.write_text(json.dumps({**specification, "display_name": "Old"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    (finding,) = doctor.kernel()
    assert not finding.ok
    assert "/no/such/python" in finding.detail
    assert "ipykernel install --sys-prefix" in finding.remedy


def test_predictions_are_cleared(tmp_path, monkeypatch, capsys):
    from course.explorers import kept

    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.sqlite"))
    kept.keep("00/it", "2 + 2?", "four")
    assert cli.main(["progress"]) == 0
    assert kept.kept("00/it", "2 + 2?") == "four"
    assert cli.main(["progress", "--clear-predictions"]) == 0
    assert "Every prediction is cleared" in capsys.readouterr().out
    assert kept.kept("00/it", "2 + 2?") is None


def test_predictions_that_cannot_be_cleared_say_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path))  # a folder
    assert cli.main(["progress", "--clear-predictions"]) == 1
    assert "could not be cleared" in capsys.readouterr().err
