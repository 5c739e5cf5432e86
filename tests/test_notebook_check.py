"""The check of a notebook is made again when its kernel never began, and only then."""

import pytest

from tests import notebook_check


@pytest.mark.parametrize(
    ("answers", "made"),
    [
        (["1 failed"], 1),
        ([notebook_check.NOT_STARTED, "1 passed"], 2),
        ([notebook_check.NOT_STARTED] * 5, notebook_check.ATTEMPTS),
    ],
)
def test_a_check_whose_kernel_did_not_start_is_made_again(monkeypatch, tmp_path, answers, made):
    told = iter(answers)
    ran = []

    def run(command, **_):
        ran.append(next(told))
        return notebook_check.subprocess.CompletedProcess(command, 1, stdout=ran[-1], stderr="")

    monkeypatch.setattr(notebook_check.subprocess, "run", run)
    assert notebook_check.check(tmp_path).stdout == answers[made - 1]
    assert len(ran) == made
