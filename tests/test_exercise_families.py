"""What is said of a wrong answer without knowing its mistake."""

from __future__ import annotations

import numpy as np

from course.exercises.diagnosis import examine
from course.exercises.families import Pair, by_offset, number_words
from course.exercises.outcome import Wrong
from course.exercises.question import Mistake, Question
from course.exercises.structure import structure


def told(got, expected):
    finding = structure(got, expected)
    return finding.sentence if finding else None


def test_a_part_of_the_result_is_named_by_its_place():
    right = ([np.ones((2, 3)), np.ones((4, 2))], [np.ones(2), np.ones(4)])
    turned = ([np.ones((2, 3)), np.ones((2, 4))], [np.ones(2), np.ones(4)])
    assert told(right, right) is None
    assert told([tuple(right[0]), right[1]], right) is None
    assert told(turned, right) == (
        "result[0][1] is an array of shape (2, 4); it should be an array of shape (4, 2). "
        "The numbers are right, but transposed."
    )
    assert "result[1] is None" in told((right[0], None), right)
    assert told((right[0][0], right[1]), right) == (
        "result[0] is an array of shape (2, 3); it should be a list of 2."
    )
    assert told((*right, 1.0), right) == "It returns 3 values, and should return 2."


def test_arrays_of_one_shape_in_a_list_are_parts_too():
    right = [np.ones((2, 2)), np.zeros((2, 2))]
    assert told(np.array(right), right) is None
    assert told([np.ones((2, 2)), np.zeros(4)], right) == (
        "result[1] is an array of shape (4,); it should be an array of shape (2, 2). "
        "The numbers are right, only the shape is not."
    )
    assert told(right[:1], right) == (
        "It returns a list of 1; it should be a list of 2. Its last entry is missing; the others "
        "are right."
    )


def test_a_table_of_every_pair_is_explained():
    assert "np.outer" in told(np.ones((3, 3)), np.ones(3))


def layers(n):
    """Return n arrays."""
    return [np.full((2, 2), float(i + n)) for i in range(n)]


def test_the_wrong_parts_are_told_from_the_right_ones():
    question = Question(
        layers,
        prompt="n arrays.",
        inputs=lambda rng: (int(rng.integers(3, 5)),),
        hints=("np.full",),
        mistakes=(Mistake("none", "There are none.", (("[np.full", "[] and [np.full"),)),),
    )

    def outcome(f):
        found = examine(question, f)
        assert isinstance(found, Wrong)
        return found.text

    def first(n):
        a, *others = layers(n)
        return [a @ a, *others]

    def others(n):
        a, *others = layers(n)
        return [a, *(np.eye(2) * b.sum() for b in others)]

    def two(n):
        _, b, *others = layers(n)
        return [np.eye(2), b - np.eye(2), *others]

    assert "Of the values returned, only result[0] is wrong." in outcome(first)
    assert "Of the values returned, only result[0] is right." in outcome(others)
    assert "Of the values returned, only result[0] and result[1] are wrong." in outcome(two)


def test_a_small_difference_is_no_constant_and_not_called_zero():
    def pairs(*differences):
        return [Pair(np.array(1.0 + d), np.array(1.0), {}) for d in differences]

    assert by_offset(pairs(2e-8, 5e-8, -3e-8)) is None
    assert by_offset(pairs(2e-8, 2e-8)) == "Every result is too large by 2e−08."
    assert by_offset(pairs(0.5, 0.5)) == "Every result is too large by 1/2."
    assert number_words(2e-7) == "2e−07"
    assert number_words(0.0) == "0"
