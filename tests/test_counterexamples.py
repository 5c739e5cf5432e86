"""The published counterexamples: games, data and ends are those of the papers."""

import numpy as np
import pytest

from course.activations import identity
from course.counterexamples import play, rare_features, reddi_slopes
from course.descent import train
from course.losses import half_squared_error
from course.network import forward, mlp
from course.optimizers import AdaGrad, Adam, AMSGrad, GradientDescent, Momentum, RMSProp
from course.schedules import InverseSquareRoot


def test_slopes_follow_the_paper():
    slopes = reddi_slopes(5.0, 7)
    assert slopes.tolist() == [5, -1, -1, 5, -1, -1, 5]
    with pytest.raises(ValueError, match="C must be greater than 2"):
        reddi_slopes(2.0, 9)


@pytest.mark.parametrize("C", [2.5, 3.0, 10.0])
@pytest.mark.parametrize("start", [-1.0, 0.0, 1.0])
def test_adam_ends_at_the_worst_point_and_the_others_at_the_best(C, start):
    rate, beta2 = InverseSquareRoot(0.5), 1 / (1 + C**2)
    slopes = reddi_slopes(C, 3000)
    # with bias correction, and, as in the paper, without: RMSProp is Adam with β₁ = 0
    for rule in (Adam(rate, beta1=0.0, beta2=beta2), RMSProp(rate, decay=beta2)):
        assert play(rule, slopes, start).x[-1] > 0.98
    for rule in (AMSGrad(rate, beta1=0.0, beta2=beta2), GradientDescent(rate), AdaGrad(0.5)):
        assert play(rule, slopes, start).x[-1] < -0.95


def test_regret_is_that_of_the_definition():
    game = play(GradientDescent(0.3), reddi_slopes(3.0, 30), 0.5)
    assert game.best == -1
    losses = game.slopes * game.x[:-1]
    for t in (1, 2, 30):
        lead = losses[:t].sum() - (game.slopes[:t] * -1.0).sum()
        assert game.regret[t - 1] == pytest.approx(lead / t)
    assert np.abs(game.x).max() <= 1
    assert play(GradientDescent(0.3), [-1.0, -1.0]).best == 1


def test_adams_regret_does_not_vanish():
    C, rate = 3.0, InverseSquareRoot(0.5)
    slopes = reddi_slopes(C, 6000)
    worst = play(Adam(rate, beta1=0.0, beta2=1 / (1 + C**2)), slopes).regret[-1]
    assert worst == pytest.approx(2 * (C - 2) / 3, abs=0.02)
    assert play(GradientDescent(rate), slopes).regret[-1] < 0.05


@pytest.mark.parametrize("bad", [-1.5, 2.0])
def test_a_start_outside_is_refused(bad):
    with pytest.raises(ValueError, match=r"start must be in \[-1, 1\]"):
        play(GradientDescent(0.1), [1.0], bad)


def test_rare_features_are_those_of_the_paper():
    few, new = rare_features(30, 50, np.random.default_rng(1))
    X, y = np.vstack([few.X, new.X]), np.vstack([few.Y, new.Y])[:, 0]
    assert X.shape == (80, 3 + 5 * 80)
    np.testing.assert_array_equal(X[:, 0], y)
    assert (X[:, 1:3] == 1).all()
    own = X[:, 3:]
    np.testing.assert_array_equal(own.sum(axis=1), np.where(y > 0, 1, 5))
    assert (own.astype(bool).sum(axis=0) <= 1).all()  # no feature is shared
    assert 0.5 < (y > 0).mean() < 0.9


def test_adaptive_methods_answer_plus_one_to_all_new_examples():
    rng = np.random.default_rng(0)
    few, new = rare_features(40, 200, rng)
    start = mlp((few.X.shape[1], 1), identity, rng)
    start = start.with_parameters(np.zeros(start.size))
    for rule, right in (
        (GradientDescent(0.1), 1.0),
        (Momentum(0.01), 1.0),
        (AdaGrad(0.1), (new.Y > 0).mean()),
        (RMSProp(0.001), (new.Y > 0).mean()),
        (Adam(0.01), (new.Y > 0).mean()),
        (AMSGrad(0.01), (new.Y > 0).mean()),
    ):
        how = {"epochs": 500, "batch_size": 40, "rng": rng}
        run = train(start, few, half_squared_error, rule, **how)
        assert run.epoch_losses[-1] < 1e-3
        told = forward(run.network, new.X).output
        assert (np.sign(told) == new.Y).mean() == right


@pytest.mark.parametrize("share", [0.0, 1.0, 1.5])
def test_a_share_outside_is_refused(share):
    with pytest.raises(ValueError, match="share must be between 0 and 1"):
        rare_features(3, 3, np.random.default_rng(0), share=share)
