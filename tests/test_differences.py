"""Difference quotients: their errors keep to theory, and the best step is the best."""

import numpy as np
import pytest

from course.differences import (
    FUNCTIONS,
    best_step,
    central_difference,
    forward_difference,
    rounding,
    truncation,
)

every_function = pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.name)
both = pytest.mark.parametrize("central", [False, True])
QUOTIENT = {False: forward_difference, True: central_difference}


@every_function
@pytest.mark.parametrize("x", [0.25, 1.0, 2.0])
def test_each_derivative_is_the_slope_of_the_one_before(f, x):
    for lower, higher in ((f.value, f.first), (f.first, f.second), (f.second, f.third)):
        assert central_difference(lower, x, 1e-5) == pytest.approx(higher(x), abs=1e-8)


@every_function
@both
def test_the_error_is_at_most_truncation_plus_rounding(f, central):
    for h in np.logspace(-2, -14, 25):
        error = abs(QUOTIENT[central](f.value, 1.0, h) - f.first(1.0))
        allowed = truncation(f, 1.0, h, central=central) + rounding(f, 1.0, h, central=central)
        assert error <= 4 * allowed


@every_function
@both
def test_no_step_has_a_lower_bound_than_the_best(f, central):
    best = best_step(f, 1.0, central=central)
    if not np.isfinite(best):
        assert f.name == "x²"
        return
    h = best * np.logspace(-3, 3, 61)
    total = truncation(f, 1.0, h, central=central) + rounding(f, 1.0, h, central=central)
    assert total.argmin() == 30


@both
def test_steps_that_rounding_swallows_are_refused(central):
    with pytest.raises(ValueError, match="too small"):
        QUOTIENT[central](np.exp, 1.0, 1e-17)
    with pytest.raises(ValueError, match="h"):
        QUOTIENT[central](np.exp, 1.0, 0.0)
