"""Activations: known values, derivatives, extreme and wrong inputs."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.activations import ACTIVATIONS, identity, relu, sigmoid, tanh
from course.numeric import check_gradient

every_activation = pytest.mark.parametrize("f", ACTIVATIONS, ids=repr)


@pytest.mark.parametrize(
    ("f", "z", "value", "slope"),
    [
        (sigmoid, 0.0, 0.5, 0.25),
        (sigmoid, 1.0, 1 / (1 + math.exp(-1)), math.exp(-1) / (1 + math.exp(-1)) ** 2),
        (tanh, 1.0, math.tanh(1), 1 / math.cosh(1) ** 2),
        (relu, -2.0, 0.0, 0.0),
        (relu, 0.0, 0.0, 0.0),
        (relu, 3.0, 3.0, 1.0),
        (identity, -2.0, -2.0, 1.0),
    ],
)
def test_known_values(f, z, value, slope):
    assert f(z) == pytest.approx(value, rel=1e-15)
    assert f.derivative(z) == pytest.approx(slope, rel=1e-14)


@every_activation
@given(z=st.floats(-30, 30).filter(lambda z: abs(z) > 1e-3))
def test_derivative_is_the_central_difference(f, z):
    check_gradient(lambda x: f(x).sum(), f.derivative, np.array([z, 1.0]), tolerance=1e-7)


@every_activation
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_extreme_inputs_are_exact_and_silent(f, dtype):
    z = np.array([-3e38, -1000, -0.0, 0, 1000, 3e38], dtype)
    limits = {sigmoid: (0, 1), tanh: (-1, 1), relu: (0, z[-1]), identity: (z[0], z[-1])}[f]
    with np.errstate(all="raise"):
        assert f(z)[[0, -1]].tolist() == list(limits)
        slope = f.derivative(z)
    assert slope[[0, -1]].tolist() == {relu: [0, 1], identity: [1, 1]}.get(f, [0, 0])
    assert f(z).dtype == slope.dtype == dtype


@every_activation
def test_values_lie_in_the_range(f):
    z = np.linspace(-50, 50, 1001)
    assert f.range[0] <= f(z).min() <= f(z).max() <= f.range[1]


@every_activation
def test_shape_is_kept_and_the_argument_too(f):
    for shape in [(), (3,), (2, 3), (2, 1, 3)]:
        z = np.full(shape, -0.5)
        assert np.shape(f(z)) == np.shape(f.derivative(z)) == shape
        assert (z == -0.5).all()
    z = np.ones(3)
    assert not np.shares_memory(f(z), z)


@every_activation
def test_integers_become_float64(f):
    assert f([1, 2]).dtype == f.derivative(np.array([1, 2], np.int8)).dtype == np.float64
    assert f([1, 2]).tolist() == f([1.0, 2.0]).tolist()


@every_activation
@pytest.mark.parametrize(
    ("z", "error", "message"),
    [
        ([], ValueError, "z must not be empty, got shape (0,)"),
        (np.nan, ValueError, "z must be finite, got nan"),
        ([[0.0, np.inf]], ValueError, "z must be finite, got inf at index (0, 1)"),
        ("1", TypeError, "z must hold real numbers, got '1'"),
        ([True], TypeError, "z must hold real numbers, got an array of dtype bool"),
        (1j, TypeError, "z must hold real numbers, got 1j"),
        (None, TypeError, "z must hold real numbers, got None"),
        ([[1.0], [1.0, 2.0]], ValueError, "z must be a rectangular array"),
    ],
)
def test_wrong_inputs_are_named(f, z, error, message):
    for door in (f, f.derivative):
        with pytest.raises(error, match=re.escape(message)):
            door(z)
