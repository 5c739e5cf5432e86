"""Steps taken apart: rate times direction is the step, for every rule."""

import numpy as np
import pytest

from course.descent import descend
from course.effective import feed, parts
from course.optimizers import RULES, AdaGrad, Adam, AMSGrad, GradientDescent, Momentum, Nesterov
from course.schedules import InverseSquareRoot
from course.surfaces import beale, quadratic


@pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("rate", [0.003, InverseSquareRoot(0.01)], ids=["constant", "decaying"])
def test_rate_times_direction_is_the_step(kind, rate):
    run = descend(beale, kind(rate), [[1.0, 1.5], [-1.0, 0.5]], 25)
    p = parts(run)
    assert p.direction.shape == p.scale.shape == p.rate.shape == (25, 2, 2)
    np.testing.assert_allclose(-p.rate * p.direction, np.diff(run.points, axis=0), rtol=1e-9)


@pytest.mark.parametrize("kind", [GradientDescent, Momentum, Nesterov])
def test_rules_with_one_rate_for_all(kind):
    p = parts(descend(quadratic([1.0, 50.0]), kind(0.01), [1.0, 1.0], 5))
    assert (p.scale == 1).all()
    assert (p.rate == 0.01).all()


def test_the_rates_of_adagrad_and_amsgrad_never_grow():
    for kind in (AdaGrad, AMSGrad):
        p = parts(descend(quadratic([1.0, 50.0]), kind(0.05), [1.0, 1.0], 60))
        assert (np.diff(p.rate, axis=0) <= 0).all()
    p = parts(descend(quadratic([1.0, 50.0]), Adam(0.05, beta2=0.9), [1.0, 1.0], 60))
    assert (np.diff(p.rate, axis=0) > 0).any()


def test_many_rates_at_once():
    run = descend(quadratic([1.0, 9.0]), Adam(np.array([[0.1], [0.2]])), np.ones((2, 2)), 3)
    np.testing.assert_allclose(parts(run).rate[:, 1] / parts(run).rate[:, 0], 2, rtol=0.2)


def test_a_trajectory_without_a_step_is_refused():
    with pytest.raises(ValueError, match="at least one step"):
        parts(descend(quadratic([1.0]), Adam(0.1), [1.0], 0))


@pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.__name__)
def test_feeding_the_gradients_of_a_descent_repeats_it(kind):
    run = descend(beale, kind(0.003), [1.0, 1.5], 12)
    again = feed(kind(0.003), run.gradients[:-1], run.points[0])
    np.testing.assert_array_equal(again.points, run.points)
    np.testing.assert_array_equal(parts(again).rate, parts(run).rate)


def test_projection_and_bad_streams():
    path = feed(GradientDescent(1.0), [[1.0], [1.0], [-0.25]], project=lambda x: x.clip(-1, 1))
    assert path.points.ravel().tolist() == [0, -1, -1, -0.75]
    assert path.values[:3].tolist() == [0, -1, 0.25]
    with pytest.raises(ValueError, match=r"gradients \(3,\)"):
        feed(GradientDescent(1.0), [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="equal shapes"):
        feed(GradientDescent(1.0), [[1.0]], [0.0, 0.0])
