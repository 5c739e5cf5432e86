"""The time limit of an answer, and the interrupts that it works by."""

import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from course.exercises import Raised, Right, check
from course.exercises.attempt import time_limit
from course.exercises.bank import questions
from course.exercises.diagnosis import examine
from tests.cell import RIGHT_MSE, cell

LOOP = "def mse(y, y_hat):\n    while True:\n        pass\n"
STUBBORN = """
def mse(y, y_hat):
    try:
        while True:
            pass
    except KeyboardInterrupt:
        while True:
            pass
"""
BARE = """
def mse(y, y_hat):
    for attempt in range(2):
        try:
            while True:
                pass
        except:
            continue
    while True:
        pass
"""


@pytest.mark.parametrize("source", [LOOP, STUBBORN, BARE])
def test_a_loop_without_end_is_stopped(source):
    hasty = replace(questions()["mse"], seconds=0.2)
    outcome = examine(hasty, cell(source))
    assert isinstance(outcome, Raised)
    assert "after 0.2 seconds" in outcome.text
    assert "mse(np.array(" in outcome.text
    assert "never becomes false" in outcome.text


IN_THE_BACKGROUND = """
import signal
from dataclasses import replace
from course.exercises.bank import questions
from course.exercises.diagnosis import examine

signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell starts a job in the background

def mse(y, y_hat):
    while True:
        pass

print(examine(replace(questions()["mse"], seconds=0.2), mse).text)
assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
"""


def test_a_loop_without_end_is_stopped_in_the_background_too():
    told = subprocess.run(
        [sys.executable, "-c", IN_THE_BACKGROUND], capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0, told.stderr
    assert "after 0.2 seconds" in told.stdout


def test_the_stop_button_works_as_ever():
    def mse(y, y_hat):
        signal.raise_signal(signal.SIGINT)
        while True:
            pass

    with pytest.raises(KeyboardInterrupt):
        examine(questions()["mse"], mse)


def test_no_interrupt_is_left_behind():
    hasty = replace(questions()["mse"], seconds=0.05)
    for _ in range(5):
        examine(hasty, cell(LOOP))
        time.sleep(0.02)
    for _ in range(20):
        with time_limit(60):
            pass
    assert threading.active_count() < 10


def test_an_answer_may_be_checked_on_another_thread(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.sqlite"))
    found = []
    thread = threading.Thread(target=lambda: found.append(check(cell(RIGHT_MSE))))
    thread.start()
    thread.join()
    assert isinstance(found[0], Right)
