"""Cycles: where a run with a learning rate that is too large ends, if it ends anywhere.

>>> from course.descent import descend
>>> from course.optimizers import GradientDescent
>>> from course.surfaces import cosine_valleys
>>> rates = np.array([[0.2], [0.21], [0.32], [0.35]])
>>> runs = descend(cosine_valleys, GradientDescent(rates), np.full((4, 1), 0.1), steps=3000)
>>> period(runs.points)
array([1, 2, 4, 0])
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course._check import number, real_array, whole


def period(
    points: ArrayLike, longest: int = 64, tolerance: float = 1e-6
) -> NDArray[np.integer[Any]]:
    """Return after how many steps the end of each run repeats itself: 1 for a run at rest.

    The smallest p <= longest for which each of the last `longest` points is the point p steps
    before it; 0 if there is none, as for a run that is chaotic, still on its way, or infinite.

    Parameters
    ----------
    points : (T+1, ..., n) with T + 1 >= 2 longest, such as `Trajectory.points`.
    longest : the longest period to look for, >= 1.
    tolerance : how far a coordinate may be from the one p steps before, >= 0. A run that creeps by
        less than this in a step counts as at rest.

    Raises ValueError if the runs are too short to show such a period twice.

    Examples
    --------
    >>> period([[0.0], [1.0], [-1.0], [1.0], [-1.0]], longest=2)
    array(2)
    """
    points, longest = real_array("points", points, finite=False), whole("longest", longest, 1)
    tolerance = number("tolerance", tolerance)
    if points.ndim < 2 or len(points) < 2 * longest:
        raise ValueError(
            f"points {points.shape} must have shape (T+1, ..., n) with T+1 >= {2 * longest}"
        )
    end = points[-longest:]
    found = np.zeros(points.shape[1:-1], dtype=np.int64)
    with np.errstate(invalid="ignore"):  # inf - inf
        for p in range(longest, 0, -1):  # the smallest comes last, and stays
            earlier = points[-longest - p : -p]
            repeats = (np.abs(end - earlier) <= tolerance).all(axis=(0, -1))
            found[repeats] = p
    return found
