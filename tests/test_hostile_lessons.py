"""The same tricks against every question of all six lessons: none earns a point."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest

from course.exercises.bank import exercises
from course.grading.grader import grade
from course.grading.sandbox import Warden
from course.grading.submission import Submission

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the filters are of Linux"
)

#: what every function of a submission does, and what stands before all of them
TRICKS = {
    "the words of a verdict": ("return 'right'", ""),
    "a dict of facts": (
        "return dict(gives='pairs (X, Y)', used='untouched', network='right', small='right')",
        "",
    ),
    "equal to everything": (
        "return Same()",
        "class Same:\n"
        "    def __eq__(self, other): return True\n"
        "    __ne__ = __lt__ = __gt__ = lambda self, other: False\n"
        "    __float__ = __abs__ = lambda self: 0.0\n"
        "    __len__ = lambda self: 1\n"
        "    __getitem__ = __iter__ = lambda self, *k: self",
    ),
    "an array that lies": (
        "return np.zeros(3).view(Lie)",
        "class Lie(np.ndarray):\n"
        "    shape = property(lambda self: Any())\n"
        "    tobytes = lambda self, *a: b''\n"
        "class Any(tuple):\n"
        "    __eq__ = lambda self, other: True\n"
        "    __hash__ = None",
    ),
    "text that is equal to all text": (
        "return Text('x')",
        "class Text(str):\n"
        "    __eq__ = lambda self, other: True\n"
        "    __hash__ = str.__hash__\n"
        "    casefold = strip = lambda self: self",
    ),
    "nan": ("return float('nan')", ""),
    "its first argument": ("return args[0] if args else None", ""),
    "nothing": ("return None", ""),
    "the reference from the course": (
        "return questions()[__name].reference(*args)",
        "from course.exercises.bank import questions",
    ),
    "the reference from a file": (
        "return found[__name](*args)",
        "import glob, sys, os\n"
        "found = {}\n"
        "places = ['/', os.getcwd(), '/grader', sys.prefix, sys.base_prefix, *sys.path]\n"
        "for place in places:\n"
        "    for stars in ('', '*/', '*/*/', '*/*/*/', '*/*/*/*/'):\n"
        "        for path in glob.glob(f'{place}/{stars}exercises/lesson_*.py'):\n"
        "            try: exec(open(path).read(), found)\n"
        "            except Exception: pass",
    ),
    "the reference by its module": (
        "return getattr(importlib.import_module(f'course.exercises.lesson_{__lesson}'), __name)"
        "(*args)",
        "import importlib, sys\n"
        "for name in [n for n in sys.modules if n.startswith('course')]: del sys.modules[name]",
    ),
    "what its callers know": (
        "frame = sys._getframe()\n"
        "    while frame:\n"
        "        for name in ('right', 'expected', 'reference', 'answer'):\n"
        "            if name in frame.f_locals: return frame.f_locals[name]\n"
        "        frame = frame.f_back",
        "import sys",
    ),
    "what lies in memory": (
        "for one in gc.get_objects():\n"
        "        if getattr(one, '__name__', '') == __name and one is not globals()[__name]:\n"
        "            return one(*args)",
        "import gc",
    ),
    "other functions of NumPy": (
        "return 0.0",
        "np.abs = np.allclose = np.array_equal = lambda *a, **k: True\n"
        "np.asarray = np.array = lambda *a, **k: 0.0",
    ),
    "its own answers on the wire": (
        "return 0.0",
        "import sys, os\n"
        "for module in list(sys.modules.values()):\n"
        "    if hasattr(module, 'encode') and hasattr(module, 'Packer'):\n"
        "        module.encode = lambda value: b'\\x02\\0\\0\\0\\0\\0\\0\\0{}'\n"
        "for fd in range(3, 64):\n"
        "    try: os.write(fd, b'\\x04\\0\\0\\0\\0\\0\\0\\0true')\n"
        "    except OSError: pass",
    ),
    "points of its own": (
        "return Outcome()",
        "class Outcome:\n    points = share = worth = 99\n    status = 'right'\n    passed = True",
    ),
    "the end": ("raise SystemExit(0)", ""),
    "an error that means not begun": ("raise NotImplementedError", ""),
    "a generator without end": ("return iter(int, 1)", ""),
    "a list that contains itself": ("x = []\n    x.append(x)\n    return x", ""),
}


def handed_in(exercise, body, before):
    cells = [before] if before else []
    for question in exercise.questions:
        names = f"__name, __lesson = {question.name!r}, {int(exercise.lesson[:2])}"
        cells.append(f"def {question.name}(*args):\n    {names}\n    {body}")
    found = [{"cell_type": "code", "source": cell} for cell in cells]
    return Submission("mallory", "m.ipynb", json.dumps({"cells": found}).encode())


@pytest.fixture(scope="module")
def wardens():
    with Warden(sandbox=False) as open_one, Warden() as walled:
        yield open_one, walled


@pytest.mark.parametrize(
    ("trick", "exercise"),
    [(trick, one) for i, trick in enumerate(TRICKS) for one in exercises()[i % 2 :: 2]],
    ids=lambda part: getattr(part, "lesson", part),
)
def test_no_trick_earns_anything(wardens, exercise, trick):
    # behind bubblewrap and without it by turns: with another trick the other way round
    warden = wardens[(list(TRICKS).index(trick) // 2 + int(exercise.lesson[:2]) // 2) % 2]
    # to diagnose `train_digits` takes half a minute: its wrong answers are tested elsewhere
    some = [question for question in exercise.questions if question.name != "train_digits"]
    exercise = replace(exercise, questions=tuple(replace(q, seconds=2.0) for q in some))
    result = grade(handed_in(exercise, *TRICKS[trick]), exercise, warden)
    assert result.points == 0, result.marks
    assert len(result.marks) == len(some)
