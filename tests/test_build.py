import json

import pytest

from course import build

WIDGET = """\
from IPython.display import display
display({"application/vnd.jupyter.widget-view+json": {"model_id": "x", "version_major": 2},
         "image/png": "aGVsbG8=", "text/plain": "digest 0123abcd"}, raw=True)"""


def code_cells(path):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def test_builds_are_identical_and_settled(write_notebook):
    path = write_notebook("import sys\nprint(1)\nsys.stdout.flush()\nprint(2)", WIDGET, "6 * 7")
    sources = [cell["source"] for cell in code_cells(path)]

    assert build.build(path) is True
    first = path.read_bytes()
    assert build.build(path) is False
    assert path.read_bytes() == first

    cells = code_cells(path)
    assert ["".join(cell["source"]) for cell in cells] == sources
    assert [cell["id"] for cell in cells] == ["c0", "c1", "c2"]
    assert [cell["execution_count"] for cell in cells] == [1, 2, 3]
    assert cells[0]["outputs"][0]["text"] == ["1\n", "2\n"]
    assert sorted(cells[1]["outputs"][0]["data"]) == ["image/png", "text/plain"]
    assert cells[2]["outputs"][0]["data"]["text/plain"] == ["42"]
    assert all(cell["metadata"] == {} for cell in cells)
    metadata = json.loads(first)["metadata"]
    assert metadata == {"kernelspec": build.KERNEL, "language_info": {"name": "python"}}
    assert not list(path.parent.glob(".build-*"))


def test_check_sees_a_changed_source_but_not_a_changed_picture(write_notebook, capsys):
    path = write_notebook("value = 1", WIDGET, "value")
    assert build.main([str(path.parent), "--check"]) == 1
    assert "stale" in capsys.readouterr().out

    build.build(path)
    notebook = json.loads(path.read_text())
    notebook["cells"][1]["outputs"][0]["data"]["image/png"] = "b3RoZXI="
    path.write_text(json.dumps(notebook))
    before = path.read_bytes()
    assert build.main([str(path), "--check"]) == 0

    notebook["cells"][0]["source"] = "value = 2"
    path.write_text(json.dumps(notebook))
    assert build.main([str(path), "--check"]) == 1
    assert path.read_bytes() != before  # ours; the check itself wrote nothing
    assert json.loads(path.read_text()) == notebook


def test_an_error_names_its_place_and_leaves_the_file(write_notebook, capsys):
    path = write_notebook("1", "raise KeyError('lost')", "3")
    before = path.read_bytes()
    assert build.main([str(path)]) == 1
    message = capsys.readouterr().err
    assert "tiny.ipynb, cell 2 [c1] `raise KeyError('lost')`: KeyError: 'lost'" in message
    assert path.read_bytes() == before


def test_an_expected_error_is_kept_without_the_paths_of_this_machine(write_notebook):
    path = write_notebook("import json\njson.loads('')", "5", tags={0: ["raises-exception"]})
    build.build(path)
    failed, after = code_cells(path)
    assert failed["outputs"][0]["ename"] == "JSONDecodeError"
    assert failed["outputs"][0]["traceback"] == [
        "JSONDecodeError: Expecting value: line 1 column 1 (char 0)"
    ]
    assert after["execution_count"] == 2


def test_a_cell_that_takes_too_long_is_named(write_notebook, capsys):
    path = write_notebook("1", "import time\ntime.sleep(60)")
    assert build.main([str(path), "--timeout", "1"]) == 1
    assert "cell 2 [c1] `import time`: over 1 s" in capsys.readouterr().err


def test_a_kernel_that_does_not_start_is_named(write_notebook, capsys, monkeypatch):
    def no_start(*_, **__):
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr(build.NotebookClient, "execute", no_start)
    assert build.main([str(write_notebook("1"))]) == 1
    assert "tiny.ipynb: the kernel did not start: Kernel died" in capsys.readouterr().err


def test_warnings_become_visible_outputs(write_notebook):
    path = write_notebook("import warnings\nwarnings.warn('old', DeprecationWarning)")
    build.build(path)
    (output,) = code_cells(path)[0]["outputs"]
    assert output["name"] == "stderr"
    assert "DeprecationWarning: old" in "".join(output["text"])


def test_a_missing_place_is_named(tmp_path, capsys):
    assert build.main([str(tmp_path / "nothing")]) == 1
    assert "nothing: no such notebook or directory" in capsys.readouterr().err


@pytest.mark.parametrize("metadata", [{}, {"title": "Losses", "widgets": {"state": {}}}])
def test_settled_keeps_what_the_author_wrote(metadata):
    cells = [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "text"}]
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    kept = build.settled(notebook)["metadata"]
    assert kept.get("title") == metadata.get("title")
    assert "widgets" not in kept
    assert notebook["metadata"] == metadata
