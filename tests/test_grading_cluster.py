"""The same class, graded by a real scheduler with two workers, one of which is killed half-way."""

from __future__ import annotations

import json
import os
import signal

import pytest

from course.exercises.bank import exercises
from course.grading.cluster import spread_over
from course.grading.files import File
from course.grading.run import grade_class
from course.grading.submission import submissions

distributed = pytest.importorskip("distributed", reason="Dask is not installed: no cluster")
EXERCISE = exercises()[0]


@pytest.fixture
def folder(tmp_path):
    """Forty submissions: number i has every i-th answer right."""
    place = tmp_path / "submissions"
    place.mkdir()
    for i in range(40):
        cells = [
            {"cell_type": "code", "source": q.solution if (i + k) % 4 else q.stub}
            for k, q in enumerate(EXERCISE.questions)
        ]
        (place / f"learner{i:02d}.ipynb").write_text(json.dumps({"cells": cells}))
    return place


@pytest.mark.filterwarnings("ignore")
def test_a_killed_worker_loses_nothing_and_doubles_nothing(folder, tmp_path, monkeypatch):
    counted, read = [], File.read
    monkeypatch.setattr(File, "read", lambda file: counted.append(file) or read(file))
    handed_in = submissions(folder, EXERCISE.lesson)
    expected = {
        f"learner{i:02d}": sum(q.points for k, q in enumerate(EXERCISE.questions) if (i + k) % 4)
        for i in range(40)
    }
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        victims = [worker.pid for worker in cluster.workers.values()]
        assert len(victims) == 2
        seen = []

        def watch(coming, count):
            assert count == 40
            for result in coming:
                seen.append(result.learner)
                # what is under way has its bytes with it, and the others have not
                assert len(counted) < len(seen) + 2 * len(victims)
                if len(seen) == 8:
                    os.kill(victims[0], signal.SIGKILL)
                yield result

        results = grade_class(
            handed_in,
            "1",
            tmp_path / "out",
            wrap=watch,
            spread=spread_over(cluster.scheduler_address),
        )
    assert sorted(seen) == sorted(expected)
    assert {result.learner: result.points for result in results} == expected
    assert len(list((tmp_path / "out" / "results").glob("*.json"))) == 40
