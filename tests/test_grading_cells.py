"""Honest but clumsy notebooks: what IPython runs is run, and what stops costs only itself."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from course.exercises.bank import exercises, questions
from course.exercises.bench import bench
from course.grading import answering, child, grader
from course.grading.child import Child, Request
from course.grading.grader import grade
from course.grading.sandbox import Warden
from course.grading.submission import Submission
from tests.conftest import ROOT

FIRST = exercises()[0]
SOLUTION = "\n".join(q.solution for q in FIRST.questions)
BCE = questions()["bce"].solution

#: what learners write between their answers, which must cost them nothing
CLUMSY = {
    "a comment that ends in a question mark": "a = 1 / (1 + np.exp(-1))  # right?",
    "a comment with brackets": "a = 3  # f(x)?",
    "a line that begins with a percent sign": "x = (7\n% 8)",
    "a line that begins with an exclamation mark": "x = (7\n!= 8)",
    "magics inside text": 's = """\n%matplotlib inline\n!ls\nwhat?\n"""',
    "a magic": "%matplotlib inline",
    "a magic that is not there": "%load_ext autoreload\n%autoreload 2",
    "a shell line": "!pip install numpy",
    "the output of a shell line": "x = !ls\nprint(len(x))",
    "help": "np.abs?",
    "source": "np.abs??",
    "a timed line": "%time total = sum(range(10))\nassert total == 45",
    "a timed value": "total = %time sum(range(10))\nassert total == 45",
    "display": "display(np.ones(3))",
    "IPython's display": "from IPython.display import display\ndisplay(3)",
    "get_ipython": "get_ipython().run_line_magic('matplotlib', 'inline')",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "await": "import asyncio\nasync def f():\n    return 3\nassert await f() == 3",
}
#: and what stops a cell; the answers follow in the same cell
STOPS = {
    "a module that is not there": "import no_such_module",
    "the course itself": "from course.losses import mse as ours",
    "a file that is written": "open('figure.png', 'w')",
    "a figure that is saved": "import matplotlib.pyplot as plt\nplt.savefig('figure.png')",
    "a file that is read": "np.loadtxt('/data.csv')",
    "an error": "1 / 0",
    "the end": "exit()",
    "a wait": "import asyncio\nawait asyncio.sleep(1)",
    "an unknown name": "train(7)",
}


@pytest.fixture(scope="module")
def warden():
    with Warden() as one:
        yield one


def handed_in(*cells):
    found = [{"cell_type": "code", "source": cell} for cell in cells]
    return Submission("ada", "ada.ipynb", json.dumps({"cells": found}).encode())


@pytest.mark.parametrize("code", CLUMSY.values(), ids=CLUMSY)
@pytest.mark.parametrize("way", ["before", "in the same cell"])
def test_clumsy_code_costs_nothing(warden, code, way):
    cells = [f"{code}\n{SOLUTION}"] if way == "in the same cell" else [code, SOLUTION]
    result = grade(handed_in(*cells), FIRST, warden)
    assert result.points == result.worth, result.marks
    assert not [note for note in result.notes if "matplotlib" not in note]


@pytest.mark.parametrize("code", STOPS.values(), ids=STOPS)
def test_what_stops_a_cell_costs_nothing_that_is_defined_below(warden, code):
    result = grade(handed_in(f"{code}\n{SOLUTION}"), FIRST, warden)
    assert result.points == result.worth, result.marks
    assert result.notes


def test_what_is_defined_above_an_error_stays(warden):
    cell = f"{BCE}\n1 / 0\nx = 1"
    marks = {m.question: m for m in grade(handed_in(cell), FIRST, warden).marks}
    assert marks["bce"].status == "right"


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%timeit -n1", "\n%%time"])
def test_python_in_a_cell_magic_is_run(warden, magic):
    result = grade(handed_in(f"{magic}\n{SOLUTION}"), FIRST, warden)
    assert result.points == result.worth, result.marks


def test_an_error_in_a_timed_cell_is_told_with_its_line(warden):
    cell = "%%time\ndef bce(y, p):\n    return y @ [1, 2, 3, 4, 5, 6, 7, 8, 9]"
    marks = {m.question: m for m in grade(handed_in(cell), FIRST, warden).marks}
    assert "line 3 of your cell" in " ".join(marks["bce"].lines)


def cells_of_the_course():
    for path in sorted((*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("exercises/*.ipynb"))):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "code":
                yield cell.source


def test_python_is_left_as_ipython_leaves_it():
    sources = [*cells_of_the_course(), *(q.source for q in questions().values())]
    sources += [*CLUMSY.values(), *STOPS.values()]
    changed = 0
    for source in sources:
        wanted = TransformerManager().transform_cell(source)
        found = answering.plain_python(source)
        assert found.rstrip("\n") == wanted.rstrip("\n")
        changed += found != source
    assert changed >= 8


def test_an_answer_whose_child_is_killed_from_outside_is_asked_once_more(warden, monkeypatch):
    """As when the machine runs out of memory: that is no fault of the learner's."""
    slow = "import time\n" + BCE.replace("p):", "p):\n    time.sleep(0.05)", 1)
    question = questions()["bce"]
    running = Child(warden, [slow], 20.0)
    request = Request.of(question, bench(question).inputs)
    killed = []
    real = running._started

    def started():
        link = real()
        if not killed:
            killed.append(True)
            warden.end(link.number)
        return link

    monkeypatch.setattr(running, "_started", started)
    (answer,) = running.answers([request])
    running.close()
    assert killed
    assert len(answer["runs"][0]) == len(bench(question).inputs)


def test_what_ends_the_process_each_time_earns_nothing_and_costs_no_other(warden):
    deadly = "import os\ndef bce(y, p):\n    os._exit(1)"
    result = grade(handed_in(SOLUTION, deadly), FIRST, warden)
    status = {m.question: m.status for m in result.marks}
    assert status.pop("bce") == "stopped"
    assert set(status.values()) == {"right"}


def test_an_answer_that_sleeps_each_time_is_not_waited_for_each_time_as_long(warden):
    sleeping = "import time\n" + "\n".join(
        f"def {q.name}(*args):\n    time.sleep(99)" for q in FIRST.questions
    )
    short = tuple(replace(q, seconds=0.4) for q in FIRST.questions)
    begin = time.monotonic()
    result = grade(handed_in(sleeping), replace(FIRST, questions=short), warden)
    assert {m.status for m in result.marks} == {"stopped"}
    waits = [max(0.5**i, child.LEAST) * 0.4 for i in range(len(short))]
    assert sum(waits) < sum(q.seconds for q in short) / 2
    assert time.monotonic() - begin < 60


def test_judging_ends(warden, monkeypatch):
    monkeypatch.setattr(grader, "JUDGING", 0.2)
    question = replace(FIRST.questions[0], accepts=lambda got, expected: time.sleep(60))
    exercise = replace(FIRST, questions=(question, *FIRST.questions[1:]))
    marks = grade(handed_in(SOLUTION), exercise, warden).marks
    assert marks[0].status == "stopped"
    assert "could not be judged" in marks[0].lines[0]
    assert {m.status for m in marks[1:]} <= {"right", "stopped"}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no zygote here")
def test_the_sandbox_knows_nothing_of_the_instructor(monkeypatch):
    monkeypatch.setenv("TOKEN_OF_THE_INSTRUCTOR", "LEAKED")
    spying = (
        "found = []\n"
        "import os, glob\n"
        "for path in glob.glob('/proc/*/environ') + glob.glob('/proc/*/cmdline') + "
        "['/proc/self/mountinfo', '/proc/mounts', '/proc/1/environ']:\n"
        "    try:\n        found.append(open(path).read())\n"
        "    except OSError:\n        pass\n"
        "raise ValueError('LEAKED' if 'LEAKED' in str(found) + str(dict(os.environ)) else "
        "f'{len(found)} files could be read')"
    )
    for walls in (True, False):
        with Warden(sandbox=walls) as one:
            (note,) = grade(handed_in(spying), FIRST, one).notes
        assert "LEAKED" not in note
        assert "0 files could be read" in note, "what /proc tells is not for submissions"
    assert os.environ["TOKEN_OF_THE_INSTRUCTOR"]
