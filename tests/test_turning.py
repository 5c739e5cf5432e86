"""Turned surfaces: a fan is the surface turned once for each angle, and its gradient is right."""

import numpy as np
import pytest

from course.numeric import numeric_gradient
from course.surfaces import beale, cosine_valleys, himmelblau, quadratic, rotated
from course.turning import Fan, turn

ANGLES = np.radians([0, 30, 90, 200])


@pytest.mark.parametrize("surface", [beale, himmelblau, quadratic([1.0, 30.0])], ids=repr)
def test_a_fan_is_the_surface_turned_once_for_each_angle(surface):
    fan = Fan(surface, ANGLES)
    theta = np.random.default_rng(0).normal(size=(4, 2))
    for k, angle in enumerate(ANGLES):
        one = rotated(surface, angle)
        assert fan.value(theta)[k] == pytest.approx(one.value(theta[k]), rel=1e-12)
        np.testing.assert_allclose(fan.gradient(theta)[k], one.gradient(theta[k]), rtol=1e-10)
    central = numeric_gradient(lambda x: fan.value(x).sum(), theta)
    np.testing.assert_allclose(fan.gradient(theta), central, rtol=1e-5, atol=1e-6)


def test_turning_keeps_lengths_and_adds_angles():
    points = np.random.default_rng(1).normal(size=(5, 3, 2))
    np.testing.assert_allclose(turn(turn(points, 0.3), 0.4), turn(points, 0.7), rtol=1e-12)
    lengths = np.linalg.norm(points, axis=-1)
    np.testing.assert_allclose(np.linalg.norm(turn(points, 1.1), axis=-1), lengths, rtol=1e-12)
    assert turn([1.0, 2.0], ANGLES).shape == (4, 2)
    assert np.isnan(turn([np.inf, 1.0], np.pi / 4)).sum() == 0


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"points \(3,\) must have shape"):
        turn([1.0, 2.0, 3.0], 0.1)
    with pytest.raises(ValueError, match="surface must have dimension 2, got 1"):
        Fan(cosine_valleys, ANGLES)
    with pytest.raises(ValueError, match="angles must be finite"):
        Fan(beale, [np.nan])
