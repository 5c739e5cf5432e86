"""Losses: published numbers, gradients, reductions, clamps, extreme and wrong inputs."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.activations import sigmoid
from course.losses import (
    LOSSES,
    bce,
    bce_with_logits,
    cross_entropy,
    half_squared_error,
    mae,
    mse,
    softmax,
)
from course.numeric import check_gradient

every_loss = pytest.mark.parametrize("loss", LOSSES, ids=repr)
ON_PROBABILITIES, FROM_LOGITS = (bce,), (bce_with_logits, cross_entropy)


def examples(loss, rng, n=5, k=3):
    """Return (y, y_hat) of shape (n, k) that suit the loss."""
    if loss is cross_entropy:
        y = rng.dirichlet(np.ones(k), n)
    elif loss in (bce, bce_with_logits):
        y = rng.uniform(0, 1, (n, k))
    else:
        y = rng.normal(size=(n, k))
    return y, rng.uniform(0.05, 0.95, (n, k)) if loss is bce else 2 * rng.normal(size=(n, k))


@pytest.mark.parametrize(
    ("loss", "value", "gradient"),
    [
        # residuals (1, -2), (0, 4); N = 2 examples of k = 2 components
        (mse, 21 / 2, [[1, -2], [0, 4]]),
        (half_squared_error, 21 / 4, [[0.5, -1], [0, 2]]),
        (mae, 7 / 2, [[0.5, -0.5], [0, 0.5]]),
    ],
)
def test_sum_over_components_mean_over_examples(loss, value, gradient):
    y, y_hat = [[0, 2], [1, 1]], [[1, 0], [1, 5]]
    assert loss(y, y_hat) == value
    assert loss.gradient(y, y_hat).tolist() == gradient


@every_loss
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_formula_is_the_mean_of_the_terms(loss, dtype):
    y, y_hat = (array.astype(dtype) for array in examples(loss, np.random.default_rng(0)))
    terms, slopes = loss.terms(y, y_hat)
    value, gradient = loss.formula(y, y_hat)
    assert terms.dtype == slopes.dtype == value.dtype == gradient.dtype == dtype
    single = [loss(one, guess) for one, guess in zip(y[:, None], y_hat[:, None], strict=True)]
    np.testing.assert_allclose(terms.reshape(5, -1).sum(axis=1), single, rtol=1e-5)
    np.testing.assert_allclose(value, np.mean(single), rtol=1e-5)
    np.testing.assert_allclose(gradient, slopes / 5, rtol=1e-6)


@every_loss
def test_terms_of_many_predictions_of_one_target(loss):
    y, y_hat = examples(loss, np.random.default_rng(1))
    terms, slopes = loss.terms(y[0], y_hat)
    every = [loss.terms(y[:1], guess[np.newaxis]) for guess in y_hat]
    np.testing.assert_array_equal(terms, np.concatenate([term for term, _ in every]))
    np.testing.assert_array_equal(slopes, np.concatenate([slope for _, slope in every]))


def test_minimisers_of_the_outlier_data():
    y = np.array([1, 2, 3, 4, 100.0])
    c = np.linspace(0, 100, 1001)
    assert c[np.argmin([mse(y, np.full(5, x)) for x in c])] == 22
    assert c[np.argmin([mae(y, np.full(5, x)) for x in c])] == 3
    assert mse.gradient(y, np.full(5, 22.0)).sum() == pytest.approx(0)


def test_minimum_of_binary_cross_entropy_is_the_entropy():
    p = np.linspace(0.001, 0.999, 999)
    values = [bce(0.3, x) for x in p]
    assert p[np.argmin(values)] == pytest.approx(0.3)
    assert min(values) == pytest.approx(0.6109, abs=5e-5)
    assert bce.gradient(0.3, 0.3) == pytest.approx(0)
    assert bce(1.0, 1.0) == pytest.approx(0, abs=1e-15)
    assert bce(0, 0) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("start", "loss", "low", "high"),
    [
        ((0.6, 0.9), half_squared_error, 0.085, 0.095),
        ((2.0, 2.0), half_squared_error, 0.195, 0.205),
        ((0.6, 0.9), bce, 0, 0.09),
        ((2.0, 2.0), bce, 0, 0.09),
    ],
)
def test_learning_slow_down(start, loss, low, high):
    """One sigmoid neuron, x = 1, y = 0, rate 0.15, 300 epochs: its output (Nielsen, ch. 3)."""
    w, b = start
    for _ in range(300):
        z = w * 1 + b
        delta = loss.gradient(0.0, sigmoid(z)) * sigmoid.derivative(z)
        w, b = w - 0.15 * delta * 1, b - 0.15 * delta
    assert low < sigmoid(w + b) < high


def test_cross_entropy_of_one_hot_rows_is_the_negative_log_probability():
    z = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    p = softmax(z)
    assert p.sum(axis=1).tolist() == pytest.approx([1, 1])
    expected = -(math.log(p[0, 2]) + math.log(1 / 3)) / 2
    assert cross_entropy([[0, 0, 1], [1, 0, 0]], z) == pytest.approx(expected, rel=1e-14)


@given(st.integers(0, 2**32 - 1))
def test_logit_form_agrees_with_probability_form(seed):
    rng = np.random.default_rng(seed)
    y, z = rng.uniform(0, 1, (4, 2)), rng.uniform(-10, 10, (4, 2))
    assert bce_with_logits(y, z) == pytest.approx(bce(y, sigmoid(z)), rel=1e-10)
    chained = bce.gradient(y, sigmoid(z)) * sigmoid.derivative(z)
    np.testing.assert_allclose(bce_with_logits.gradient(y, z), chained, atol=1e-11)


@given(st.integers(0, 2**32 - 1))
def test_two_class_cross_entropy_is_binary_cross_entropy(seed):
    rng = np.random.default_rng(seed)
    y, z = rng.uniform(0, 1, 4), rng.uniform(-10, 10, 4)
    rows, logits = np.stack([1 - y, y], axis=1), np.stack([np.zeros(4), z], axis=1)
    assert cross_entropy(rows, logits) == pytest.approx(bce_with_logits(y, z), rel=1e-12)


@every_loss
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6), k=st.integers(2, 4))
def test_gradient_is_the_central_difference(loss, seed, n, k):
    y, y_hat = examples(loss, np.random.default_rng(seed), n, k)
    if np.abs(y - y_hat).min() > 1e-4:  # |e| has no derivative at 0
        check_gradient(lambda p: loss(y, p), lambda p: loss.gradient(y, p), y_hat, 1e-6)


@every_loss
def test_gradient_has_the_shape_and_dtype_of_the_prediction(loss):
    rng = np.random.default_rng(0)
    y, y_hat = examples(loss, rng)
    assert loss.gradient(y, y_hat).shape == (5, 3)
    assert loss.gradient(y, y_hat.astype(np.float32)).dtype == np.float32
    assert isinstance(loss(y, y_hat), float)
    if loss is not cross_entropy:
        assert loss.gradient(y[:, 0], y_hat[:, 0]).shape == (5,)
        assert np.shape(loss.gradient(y[0, 0], y_hat[0, 0])) == ()
        assert loss(y[0, 0], y_hat[0, 0]) == loss(y[:1, 0], y_hat[:1, 0])
        assert loss(y[:, 0], y_hat[:, 0]) == pytest.approx(loss(y[:, :1], y_hat[:, :1]))


@every_loss
def test_arguments_are_not_changed(loss):
    y, y_hat = examples(loss, np.random.default_rng(1))
    before = y.copy(), y_hat.copy()
    loss(y, y_hat)
    loss.gradient(y, y_hat)
    assert np.array_equal(y, before[0])
    assert np.array_equal(y_hat, before[1])


def test_subgradient_of_the_absolute_error_at_zero_is_zero():
    assert mae.gradient([1.0, 2.0], [1.0, 2.0]).tolist() == [0, 0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_clamp_of_binary_cross_entropy(dtype):
    epsilon = np.finfo(dtype).eps
    y, p = np.array([1, 0], dtype), np.array([0, 1], dtype)
    with np.errstate(all="raise"):
        assert bce(y, p) == pytest.approx(-math.log(epsilon), rel=1e-6)
        gradient = bce.gradient(y, p)
    assert np.isfinite(gradient).all()
    assert gradient[0] < -1e5
    assert gradient[1] > 1e5


@pytest.mark.parametrize("z", [1000.0, 1e200, 1e308])
def test_extreme_logits_are_exact(z):
    assert bce_with_logits([1.0, 0.0], [z, -z]) == 0
    assert bce_with_logits([0.0], [z]) == z
    assert bce_with_logits.gradient([0.0, 1.0], [z, z]).tolist() == [0.5, 0]
    assert cross_entropy([[1, 0]], [[z, -z]]) == 0
    assert cross_entropy([[0, 1]], [[z, 0]]) == z
    assert cross_entropy.gradient([[0, 1]], [[z, -z]]).tolist() == [[1, -1]]


@every_loss
@given(
    pair=hnp.arrays(np.float64, (2, 3, 2), elements=st.floats(-1e308, 1e308, allow_subnormal=False))
)
def test_no_warning_and_no_nan_from_any_finite_prediction(loss, pair):
    y, y_hat = pair
    if loss in (bce, bce_with_logits, cross_entropy):
        y = np.array([[1, 0], [0, 1], [0.5, 0.5]])
    if loss is bce:
        y_hat = np.abs(y_hat) / 1e308
    with np.errstate(all="raise"):
        assert loss(y, y_hat) >= 0
        assert not np.isnan(loss.gradient(y, y_hat)).any()


@every_loss
def test_shapes_are_never_broadcast(loss):
    message = "predictions (5, 1) and targets (5,) must have equal shapes"
    for door in (loss, loss.gradient):
        with pytest.raises(ValueError, match=re.escape(message)):
            door(np.zeros(5), np.zeros((5, 1)))
        with pytest.raises(ValueError, match="must be of shape"):
            door(np.zeros((2, 2, 2)), np.zeros((2, 2, 2)))


@every_loss
@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (np.nan, ValueError, "must be finite, got nan at index (0, 0)"),
        (True, TypeError, "must hold real numbers, got an array of dtype bool"),
        ("a", TypeError, "must hold real numbers, got an array of dtype <U1"),
        (None, TypeError, "must hold real numbers, got an array of dtype object"),
        (1j, TypeError, "must hold real numbers, got an array of dtype complex128"),
    ],
)
def test_wrong_inputs_are_named(loss, wrong, error, message):
    bad, good = np.full((2, 2), wrong), np.full((2, 2), 0.5)
    with pytest.raises(error, match=re.escape("targets " + message)):
        loss(bad, good)
    with pytest.raises(error, match=re.escape("predictions " + message)):
        loss.gradient(good, bad)
    with pytest.raises(ValueError, match=re.escape("targets must not be empty, got shape (0, 2)")):
        loss(np.zeros((0, 2)), np.zeros((0, 2)))


def test_out_of_range_inputs_are_named():
    for door in (bce, bce.gradient, bce_with_logits, bce_with_logits.gradient):
        with pytest.raises(ValueError, match=r"targets must be probabilities in \[0, 1\], got 1.5"):
            door([1.5], [0.5])
    with pytest.raises(ValueError, match=r"predictions must be probabilities in .*, got -0.1"):
        bce([1.0], [-0.1])
    with pytest.raises(ValueError, match="rows that sum to 1, got 2 in row 1"):
        cross_entropy([[1, 0], [1, 1]], [[0, 0], [0, 0]])
    with pytest.raises(ValueError, match="k >= 2"):
        cross_entropy([[1.0]], [[0.0]])
    with pytest.raises(ValueError, match="k >= 2"):
        cross_entropy([1.0, 0.0], [0.0, 0.0])
    with pytest.raises(ValueError, match="at least one axis"):
        softmax(1.0)
