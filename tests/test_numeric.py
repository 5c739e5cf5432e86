"""Numeric derivatives, and a test that the gradient checker itself can fail."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.numeric import check_gradient, numeric_gradient, numeric_hessian, relative_error


def cubic(x):
    return (x**3).sum()


def cubic_gradient(x):
    return 3 * x**2


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=4))
def test_central_difference_of_a_cubic(x):
    np.testing.assert_allclose(
        numeric_gradient(cubic, x), cubic_gradient(np.array(x)), rtol=1e-6, atol=1e-6
    )


def test_central_difference_is_of_second_order():
    errors = [abs(numeric_gradient(np.exp, 0.0, h) - 1) for h in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=1e-3)


def test_hessian_of_a_quadratic_form():
    A = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, -1.0], [0.0, -1.0, 5.0]])
    hessian = numeric_hessian(lambda x: A @ x, [0.1, 0.2, 0.3])
    np.testing.assert_allclose(hessian, A, atol=1e-8)
    assert np.array_equal(hessian, hessian.T)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_any_shape_and_the_argument_is_not_changed(shape):
    x = np.full(shape, 2.0)

    def f(v):
        total = np.sum(v**2)
        v *= 0  # even a function that spoils its argument spoils only a copy
        return total

    np.testing.assert_allclose(numeric_gradient(f, x), np.full(shape, 4.0), rtol=1e-8)
    assert (x == 2).all()


def test_integers_and_float32_are_computed_in_float64():
    for x in ([1, 2], np.array([1, 2], np.float32)):
        gradient = numeric_gradient(cubic, x)
        assert gradient.dtype == np.float64
        np.testing.assert_allclose(gradient, [3, 12], rtol=1e-8)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_relative_error_is_symmetric_and_bounded(a, b):
    assert relative_error(a, b) == relative_error(b, a)
    assert 0 <= relative_error(a, b) <= 2 + 1e-15
    assert relative_error(a, a) == 0


def test_relative_error_by_hand():
    assert relative_error([3.0, 4.0], [0.0, 0.0]) == 1
    assert relative_error([3.0, 4.0], [3.0, 3.0]) == pytest.approx(1 / 5)
    assert relative_error([1e200, 0.0], [0.0, 1e200]) == pytest.approx(2**0.5)


@pytest.mark.parametrize("fault", [1.0005, 0.9995, -1.0])
def test_the_checker_rejects_a_wrong_gradient(fault):
    x = np.array([0.5, -1.0, 2.0])
    assert check_gradient(cubic, cubic_gradient, x) < 1e-9
    with pytest.raises(AssertionError, match=r"(?s)gradient .*\[.*central difference \["):
        check_gradient(cubic, lambda v: fault * cubic_gradient(v), x)


def test_wrong_inputs_are_named():
    with pytest.raises(ValueError, match="h must be greater than 0, got 0"):
        numeric_gradient(cubic, [1.0], h=0)
    with pytest.raises(ValueError, match="x must be finite, got nan at index"):
        numeric_gradient(cubic, [np.nan])
    with pytest.raises(ValueError, match=re.escape("f must return one number, got an array")):
        numeric_gradient(lambda x: x, [1.0, 2.0])
    with pytest.raises(ValueError, match=re.escape("x (1, 1) must have shape (n,)")):
        numeric_hessian(cubic_gradient, [[1.0]])
    with pytest.raises(ValueError, match=re.escape("gradient(x) () must have the shape of x (2,)")):
        numeric_hessian(cubic, [1.0, 2.0])
    with pytest.raises(ValueError, match=re.escape("a (2,) and b (1,) must have equal shapes")):
        relative_error([1.0, 2.0], [1.0])
