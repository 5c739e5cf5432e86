"""Values are compared and copied whatever their kind."""

from __future__ import annotations

import numpy as np

from course.exercises.values import agree


def test_lists_of_arrays_of_different_shapes_are_compared():
    ragged = [np.ones((2, 3)), np.zeros(2), np.ones((4, 3))]
    assert agree([a.copy() for a in ragged], ragged)
    assert agree(tuple(ragged), ragged)
    assert not agree(ragged[:2], ragged)
    assert not agree(ragged[::-1], ragged)
    assert not agree(np.float64(1.0), ragged)
    assert not agree(np.array(1.0), ragged)
    assert not agree(None, ragged)
    assert agree(([np.ones(2), np.ones(3)], [1.0, [2.0]]), ([np.ones(2), np.ones(3)], [1.0, [2.0]]))
