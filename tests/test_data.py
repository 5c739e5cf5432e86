"""Data: the digits are the published ones; toy sets are seeded; wrong tables are named."""

import re

import numpy as np
import pytest

from course.data import Dataset, blobs, digits, line_with_outliers, moons, spirals, split

TOYS = (moons, spirals, blobs, line_with_outliers)
every_toy = pytest.mark.parametrize("make", TOYS, ids=lambda make: make.__name__)


def test_digits_are_the_published_ones():
    dataset = digits()
    assert dataset.X.shape == (1797, 64)
    assert dataset.Y.shape == (1797, 10)
    assert (dataset.X.min(), dataset.X.max()) == (0, 1)
    assert dataset.Y.sum(axis=1).tolist() == [1] * 1797
    # the label counts in the data set's own description, and its first image, a zero
    assert dataset.Y.sum(axis=0).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (16 * dataset.X[0]).reshape(8, 8)[:2].tolist() == [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
    ]
    assert 16 * dataset.X.sum() == 561718
    for words in ("Alpaydin, Kaynak (1998)", "10.24432/C50P49", "CC BY 4.0"):
        assert words in dataset.source


def test_split_takes_every_example_once():
    dataset = digits()
    train, test = split(dataset, 360, np.random.default_rng(0))
    assert (len(train), len(test)) == (1437, 360)
    rows = np.concatenate([np.hstack([d.X, d.Y]) for d in (train, test)])
    everything = np.hstack([dataset.X, dataset.Y])
    assert np.array_equal(np.unique(rows, axis=0), np.unique(everything, axis=0))
    assert rows.sum() == pytest.approx(everything.sum())
    again = split(dataset, 360, np.random.default_rng(0))[1]
    other = split(dataset, 360, np.random.default_rng(1))[1]
    assert np.array_equal(test.X, again.X)
    assert not np.array_equal(test.X, other.X)


@every_toy
def test_toys_depend_on_the_seed_alone(make):
    np.random.seed(0)  # noqa: NPY002 the global generator must not matter
    first = make(50, np.random.default_rng(7))
    np.random.seed(1)  # noqa: NPY002
    second, third = make(50, np.random.default_rng(7)), make(50, np.random.default_rng(8))
    assert np.array_equal(first.X, second.X)
    assert np.array_equal(first.Y, second.Y)
    assert not np.array_equal(first.X, third.X)
    assert len(first) == 50
    assert first.source


@every_toy
def test_toys_of_any_size(make):
    for n in (3, 4, 101):
        assert len(make(n, np.random.default_rng(0))) == n
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        make(0, np.random.default_rng(0))
    with pytest.raises(TypeError, match=re.escape("n must be a whole number, got 1.5")):
        make(1.5, np.random.default_rng(0))
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator"):
        make(10, 0)
    with pytest.raises(ValueError, match="noise must be at least 0, got -1"):
        make(10, np.random.default_rng(0), noise=-1)


def test_toys_are_what_they_say():
    rng = np.random.default_rng(0)
    upper = moons(100, rng, noise=0)
    radius = np.hypot(*upper.X[upper.Y[:, 0] == 0].T)
    np.testing.assert_allclose(radius, 1)
    assert upper.Y.sum() == 50
    assert np.hypot(*spirals(100, rng, noise=0).X.T).max() <= 1
    clouds = blobs(99, rng, classes=3, noise=0)
    assert clouds.Y.sum(axis=0).tolist() == [33, 33, 33]
    assert len(np.unique(clouds.X.round(9), axis=0)) == 3
    line = line_with_outliers(40, rng, outliers=4, noise=0)
    lifted = line.Y - (2 * line.X + 1)
    assert np.count_nonzero(lifted.round(9)) == 4
    assert lifted[-4:].min() >= 5


def test_integers_become_floats_and_float32_stays():
    assert Dataset([[1], [2]], [[0], [1]]).X.dtype == np.float64
    assert Dataset(np.ones((2, 1), np.float32), [[0], [1]]).X.dtype == np.float32


@pytest.mark.parametrize(
    ("X", "Y", "error", "message"),
    [
        ([1.0, 2.0], [[1], [2]], ValueError, "X (2,) must have two axes (N, d)"),
        ([[1.0]], [1.0], ValueError, "Y (1,) must have two axes (N, k)"),
        ([[1.0]], [[1.0], [2.0]], ValueError, "X (1, 1) and Y (2, 1) must have equally many"),
        ([[np.nan]], [[1.0]], ValueError, "X must be finite, got nan at index (0, 0)"),
        ([["a"]], [[1.0]], TypeError, "X must hold real numbers"),
        (np.zeros((0, 2)), np.zeros((0, 1)), ValueError, "X must not be empty"),
        (np.zeros((1, 1, 1)), [[1.0]], ValueError, "X (1, 1, 1) must have two axes (N, d)"),
    ],
)
def test_wrong_tables_are_named(X, Y, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Dataset(X, Y)


def test_wrong_splits_are_named():
    dataset = moons(10, np.random.default_rng(0))
    for wrong in (0, 10, -1):
        with pytest.raises(ValueError, match=f"test_size must be from 1 to 9, got {wrong}"):
            split(dataset, wrong, np.random.default_rng(0))
    with pytest.raises(TypeError, match=re.escape("test_size must be a whole number, got 0.2")):
        split(dataset, 0.2, np.random.default_rng(0))
