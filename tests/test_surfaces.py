"""Surfaces: published numbers, critical points, gradients, broadcasting."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.descent import descend
from course.numeric import check_gradient, numeric_hessian
from course.optimizers import GradientDescent
from course.surfaces import (
    SURFACES,
    beale,
    cosine_valleys,
    himmelblau,
    quadratic,
    rosenbrock,
    rotated,
    saddle,
    styblinski_tang,
    two_valleys,
)

REFERENCE = json.loads((Path(__file__).parent / "reference" / "surfaces.json").read_text())
TURNED = tuple(rotated(s, 0.3) for s in SURFACES if s.dimension == 2)
every_surface = pytest.mark.parametrize("surface", SURFACES + TURNED, ids=lambda s: s.name)


def test_published_left_panel():
    facts = REFERENCE["seed_figure_left_bounded"]
    for points, published in (
        (cosine_valleys.minima, facts["minima"]),
        (cosine_valleys.maxima, facts["peaks"]),
    ):
        found = sorted((w, float(cosine_valleys.value([w]))) for (w,) in points)
        np.testing.assert_allclose(found, published, atol=5.1e-5)
        values = [float(cosine_valleys.value(point)) for point in points]
        assert values == sorted(values, reverse=points is cosine_valleys.maxima)
    w, value = facts["global_minimum"]
    assert cosine_valleys.minima[0][0] == pytest.approx(w, abs=5.1e-5)
    assert cosine_valleys.value([w]) == pytest.approx(value, abs=5.1e-5)


def test_the_left_panel_is_bounded_below_and_its_list_of_minima_and_peaks_is_complete():
    w = np.linspace(-30, 30, 600_001)[:, None]
    assert cosine_valleys.value(w).min() >= float(cosine_valleys.value(cosine_valleys.minima[0]))
    slopes = np.sign(cosine_valleys.gradient(w)[:, 0])
    down, up = (slopes[:-1] < slopes[1:]), (slopes[:-1] > slopes[1:])
    assert (down.sum(), up.sum()) == (len(cosine_valleys.minima), len(cosine_valleys.maxima))
    # farther out w⁴ has won: L ≥ 1 − 0.075 |w| − 0.075 w² + 0.004 w⁴, which grows from |w| = 4 on
    far = np.linspace(5.2, 30, 1000)
    floor = 1 - 0.075 * far - 0.075 * far**2 + 0.004 * far**4
    assert (floor > 0.4236).all()
    assert (np.diff(floor) > 0).all()


def test_published_rates_of_the_left_panel():
    limits = REFERENCE["seed_figure_left_bounded"]["stability_limits_2_over_L2"]
    for (w,), limit in zip(sorted(cosine_valleys.minima), limits, strict=True):
        hessian = numeric_hessian(cosine_valleys.gradient, [w])
        assert 2 / hessian[0, 0] == pytest.approx(limit, abs=5.1e-5)
    for alpha in (0.05, 0.1, 0.2):
        end = descend(cosine_valleys, GradientDescent(alpha), [0.1], 500).points[-1, 0]
        assert end == pytest.approx(1.0214113054127862, abs=1e-9)
    bounce = descend(cosine_valleys, GradientDescent(0.21), [0.1], 500).points[-50:, 0]
    assert np.ptp(bounce) > 0.1
    assert np.abs(bounce - 1.0214).max() < 0.5
    wild = descend(cosine_valleys, GradientDescent(0.45), [0.1], 5000)
    assert np.ptp(wild.points[-50:]) > 1
    assert not wild.diverged


def test_published_right_panel():
    facts = REFERENCE["seed_figure_right"]
    for point, published in zip(
        two_valleys.minima, (facts["global_minimum"], facts["local_minimum"]), strict=True
    ):
        assert point == pytest.approx(published[:2], abs=5e-5)
        assert two_valleys.value(point) == pytest.approx(published[2], abs=5e-4)
    assert two_valleys.saddles[0][0] == pytest.approx(facts["saddle_w1"], abs=5e-5)
    ends = descend(two_valleys, GradientDescent(0.1), [[-0.07, 1.8], [-0.05, 1.8]], 500).points[-1]
    np.testing.assert_allclose(ends, two_valleys.minima[::-1], atol=1e-8)


def test_published_minima():
    for surface in (rosenbrock, beale):
        facts = REFERENCE[surface.name.lower()]
        assert list(surface.minima[0]) == facts["minimum"]
        assert surface.value(surface.minima[0]) == facts["value"]
    published = REFERENCE["himmelblau"]["minima"]
    np.testing.assert_allclose(sorted(himmelblau.minima), sorted(map(tuple, published)), atol=1e-6)
    facts = REFERENCE["styblinski_tang_per_dimension"]
    for key in ("global", "local"):
        w, value = facts[key]
        assert styblinski_tang.value([w, w]) == pytest.approx(2 * value, abs=1e-5)
        assert any(p == pytest.approx((w, w), abs=1e-6) for p in styblinski_tang.minima)


@every_surface
def test_critical_points_are_what_they_are_called(surface):
    kinds = (surface.minima, (1,)), (surface.saddles, (-1, 1)), (surface.maxima, (-1,))
    for points, signs in kinds:
        for point in points:
            np.testing.assert_allclose(surface.gradient(point), 0, atol=2e-11)
            curvatures = np.linalg.eigvalsh(numeric_hessian(surface.gradient, point))
            assert set(np.sign(curvatures)) == set(signs)
    values = [surface.value(point) for point in surface.minima]
    if values:
        assert values[0] <= min(values) + 1e-12
        low, high = np.transpose(surface.bounds)
        grid = np.stack(np.meshgrid(*np.linspace(low, high, 101).T), axis=-1)
        inside = surface.value(grid)
        assert values[0] <= inside.min() + 1e-12
        assert all((low <= p).all() and (p <= high).all() for p in np.array(surface.minima))


@every_surface
@given(seed=st.integers(0, 2**32 - 1))
def test_gradient_is_the_central_difference(surface, seed):
    low, high = np.transpose(surface.bounds)
    point = np.random.default_rng(seed).uniform(low, high)
    check_gradient(surface.value, surface.gradient, point, tolerance=1e-5)


@every_surface
def test_leading_axes_broadcast(surface):
    points = np.random.default_rng(0).uniform(-2, 2, (3, 4, surface.dimension))
    value, gradient = surface.value(points), surface.gradient(points)
    assert value.shape == (3, 4)
    assert gradient.shape == points.shape
    for i in np.ndindex(3, 4):
        assert value[i] == pytest.approx(surface.value(points[i]), rel=1e-12)
        np.testing.assert_allclose(gradient[i], surface.gradient(points[i]), rtol=1e-12)


@every_surface
def test_far_away_and_diverged_points_give_no_warning(surface):
    for w in (1e20, -1e200, np.inf, np.nan):
        surface.value(np.full(surface.dimension, w))
        surface.gradient(np.full((2, surface.dimension), w))


@every_surface
def test_wrong_points_are_named(surface):
    n = surface.dimension
    for door in (surface.value, surface.gradient):
        message = f"theta (2, {n + 1}) must have shape (..., {n})"
        with pytest.raises(ValueError, match=re.escape(message)):
            door(np.zeros((2, n + 1)))
        with pytest.raises(ValueError, match="must have shape"):
            door(0.0)
        with pytest.raises(TypeError, match="theta must hold real numbers"):
            door(["a"] * n)
        assert np.shape(door([1] * n)) == np.shape(door([1.0] * n))


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=2), st.floats(-4, 4))
def test_quadratic_has_the_chosen_curvatures(curvatures, angle):
    hessian = numeric_hessian(quadratic(curvatures, angle).gradient, [0.3, -0.7])
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian), sorted(curvatures), atol=1e-6)
    axis = np.array([math.cos(angle), math.sin(angle)])
    np.testing.assert_allclose(hessian @ axis, curvatures[0] * axis, atol=1e-6)


def test_kind_of_the_origin():
    assert quadratic([1, 2, 3]).minima == ((0, 0, 0),)
    assert quadratic([1, 0]).minima == ((0, 0),)
    assert quadratic([1, -1]).saddles == saddle.saddles
    assert quadratic([-1.0]).maxima == ((0,),)


@given(st.floats(-7, 7), st.integers(0, 2**32 - 1))
def test_rotation_carries_the_surface_along(angle, seed):
    point = np.random.default_rng(seed).normal(size=2)
    R = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    turned = rotated(beale, angle)
    assert turned.value(R @ point) == pytest.approx(beale.value(point), rel=1e-9)
    np.testing.assert_allclose(
        turned.gradient(R @ point), R @ beale.gradient(point), rtol=1e-7, atol=1e-8
    )
    np.testing.assert_allclose(turned.minima[0], R @ beale.minima[0], atol=1e-13)


def test_wrong_quadratics_and_rotations_are_named():
    for wrong in (3.0, [[1.0, 2.0]]):
        with pytest.raises(ValueError, match="curvatures must be a list of numbers"):
            quadratic(wrong)
    with pytest.raises(ValueError, match="must not be empty"):
        quadratic([])
    with pytest.raises(ValueError, match="dimension 2 to be rotated, got 3"):
        quadratic([1, 2, 3], angle=0.1)
    with pytest.raises(ValueError, match="dimension 2 to be rotated, got 1"):
        rotated(cosine_valleys, 0.1)
    with pytest.raises(ValueError, match="angle must be finite"):
        rotated(beale, math.inf)


def test_equally_deep_minima_are_all_global():
    assert len(himmelblau.global_minima) == 4
    assert cosine_valleys.global_minima == cosine_valleys.minima[:1]
    assert saddle.global_minima == ()
