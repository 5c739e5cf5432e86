"""Grade on more than one machine: the same work, spread over a Dask cluster.

Needs the extra ``cluster``. Every worker must have the course installed, in the same version. A
worker that dies takes nothing with it: its submissions are graded by the others, each once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from course.grading.grader import Result, grade
from course.grading.run import Found
from course.grading.sandbox import Warden
from course.grading.submission import Submission

#: how many workers may die under one submission before it is given up
RETRIES: Final = 10

_lock = threading.Lock()
_kept: dict[tuple[Any, ...], tuple[Any, Warden]] = {}


def spread_over(address: str) -> Callable[[Sequence[Submission], Found], Iterator[Result]]:
    """Return a way to grade that uses the cluster whose scheduler has this address.

    Parameters
    ----------
    address
        Such as ``"tcp://10.0.0.1:8786"``.

    Raises
    ------
    ImportError
        Without `distributed`: install the extra ``cluster``.
    OSError
        If no scheduler answers there.
    """

    def spread(submissions: Sequence[Submission], found: Found) -> Iterator[Result]:
        import dask
        from distributed import Client, as_completed

        waiting = iter(submissions)
        with (
            dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"}),
            Client(address, set_as_default=False) as client,
        ):

            def sent(count: int) -> list[Any]:
                """Send so many with their bytes, which lie here: read now, and kept by nobody."""
                return [
                    client.submit(
                        grade_on_worker, one.read(), found=found, pure=False, retries=RETRIES
                    )
                    for one in islice(waiting, max(count, 0))
                ]

            coming = as_completed(sent(_places(client)), loop=client.loop)
            for future in coming:
                yield future.result()
                future.release()
                for more in sent(_places(client) - coming.count()):
                    coming.add(more)

    return spread


def _places(client: Any) -> int:
    """Return how many submissions may be under way: two for each thread that there is now."""
    return max(2, 2 * sum(client.nthreads().values()))


def grade_on_worker(submission: Submission, found: Found) -> Result:
    """Grade one submission in the process of a worker, which keeps its zygote for the next."""
    key = (found.lesson, found.secret, found.sandbox, found.private)
    with _lock:  # a process grades one submission at a time, however many threads it has
        if key not in _kept:
            settings = found()
            _kept[key] = (settings.exercise, Warden(sandbox=settings.sandbox))
        exercise, warden = _kept[key]
        return grade(submission, exercise, warden, found.secret)
