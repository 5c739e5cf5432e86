"""Values are compared and copied whatever their kind, here and after a way over the wire."""

from __future__ import annotations

import tracemalloc
from array import array
from collections import deque

import numpy as np
import pytest

from course.exercises.values import agree, as_numbers, kind
from course.grading import wire


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


def _of_arrays() -> np.ndarray:
    found = np.empty(2, dtype=object)
    found[:] = np.ones(2), np.zeros(3)
    return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.str_("saddle"), "saddle"),
        (type("Text", (str,), {})("saddle"), "saddle"),
        (np.longdouble(1.5), 1.5),
        (np.ones(2, dtype=np.longdouble), np.ones(2)),
        (deque([1.0, 2.0]), np.array([1.0, 2.0])),
        (array("d", [1.0, 2.0]), np.array([1.0, 2.0])),
        (range(3), np.arange(3.0)),
        (_of_arrays(), [np.ones(2), np.zeros(3)]),
        (2**70, 2.0**70),
        (10**400, np.inf),
        (-(10**400), -np.inf),
        ([2**70, 1], np.array([2.0**70, 1.0])),
    ],
    ids=kind,
)
def test_what_counts_here_counts_after_a_way_over_the_wire(value, expected):
    assert agree(value, expected)
    assert agree(wire.decode(wire.encode(value)), expected)


@pytest.mark.parametrize("value", [b"ab", {1.0}, np.array("saddle"), object()], ids=kind)
def test_what_is_no_number_here_is_none_after_a_way_over_the_wire(value):
    assert as_numbers(value) is None
    assert as_numbers(wire.decode(wire.encode(value))) is None


def test_texts_of_unequal_length_take_no_more_memory_than_they_have():
    texts = ["x" * 10**6, *[""] * 100]
    tracemalloc.start()
    assert as_numbers([texts, 1.0]) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10**6


def test_a_dict_of_very_many_keys_does_not_come_through():
    message = wire.encode(dict.fromkeys(range(1001)))
    with pytest.raises(wire.WireError, match="too many keys"):
        wire.decode(message)
