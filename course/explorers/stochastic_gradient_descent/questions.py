"""The predictions of lesson 5. Answers are computed by the library, so that nbval checks them."""

from __future__ import annotations

import numpy as np

from course.explorers.predict import Predict
from course.explorers.stochastic_gradient_descent.example import N, ink_problem, sampled
from course.learning_curve import work
from course.least_squares import LeastSquares
from course.minibatch import estimate_variance, share_of_variance
from course.noise_floor import Moments

START = np.array([0.6, 9.0])


def ask_what_halves_the_noise() -> Predict:
    """Ask for the factor of B that halves the distance from the full gradient."""
    rows = ink_problem().example_gradients(START)
    spread = {B: estimate_variance(rows, B, replacement=True) ** 0.5 for B in (16, 32, 64, 128)}
    (factor,) = (B / 16 for B in spread if np.isclose(spread[B], spread[16] / 2))
    return Predict(
        "You want the minibatch gradient to be off by half as much as now. "
        "By how much do you multiply the batch size B?",
        answer=factor,
        tolerance=0.01,
        reason="The variance goes as 1/B, and the distance as its root, 1/√B: four times the work "
        "for half the noise, a hundred times for a tenth.",
    )


def ask_about_all_of_them() -> Predict:
    """Ask what is left of the variance at B = N without replacement."""
    left = share_of_variance(N, N, replacement=False)
    return Predict(
        "A batch of B = N examples is drawn without replacement. "
        "What is the variance of its gradient?",
        options=("σ²", "σ²/N", "S²/N", "0"),
        answer=3 if left == 0 else 1,
        reason="Without replacement such a batch is the whole set, in some order: there is nothing "
        "left to vary, 1 − B/N = 0. With replacement some are drawn twice and some never, and "
        "σ²/N stays.",
    )


def ask_about_a_million() -> Predict:
    """Ask how much worse the same batch size does on a far larger set."""
    few, many = (share_of_variance(n, 64, replacement=False) for n in (N, 10**6))
    ratio = (many / few) ** 0.5
    return Predict(
        "A batch of 64, once out of 1437 digits, once out of a million of the same kind "
        "(without replacement, equal σ). How many times farther off is the second estimate?",
        options=("1.02 times", "About 26 times (√(10⁶/1437))", "About 700 times (10⁶/1437)"),
        answer=int(np.argmin(np.abs(np.array([1.02, 26.4, 696]) - ratio))),
        reason="The noise is that of 64 examples; how many others there are hardly matters. Only "
        "1 − B/N knows of N, and it goes from 0.955 to 0.99994. So the million costs SGD nothing, "
        "and full-batch descent 700 times as much per update.",
    )


def ask_whether_it_settles() -> Predict:
    """Ask where SGD with a constant rate ends."""
    runs = sampled(16, "with replacement", 0, updates=240, runs=20)
    moments = Moments(ink_problem(), 16)
    floor = moments.floor_excess(0.1)
    left = moments.expected_excess(START, [0.1] * 2000)[-1]
    stays = bool(floor > 0 and np.isclose(left, floor) and len(runs.c) == 241)
    return Predict(
        "SGD with B = 16 and a constant rate α = 0.1, small enough to converge with the full "
        "gradient, runs for ever. What becomes of the loss?",
        options=(
            "It converges to the minimum, only more slowly",
            "It stays above the minimum by a certain amount, on average",
            "It creeps away from the minimum, farther and farther",
            "It converges if it has luck with its batches",
        ),
        answer=1 if stays else 0,
        reason="At the minimum the full gradient is 0, but a batch's is not: it kicks the "
        "parameters out again. Kicks and pull balance at a distance, and a smaller α makes the "
        "kicks weaker than the pull.",
    )


def ask_for_the_updates() -> Predict:
    """Ask how many updates ten epochs are."""
    return Predict(
        "10 epochs over the 1437 training digits in batches of 64: how many updates?",
        answer=work(10, batch_size=64, n=N).updates,
        tolerance=0,
        unit="updates",
        reason="1437/64 = 22.45, so an epoch is 22 full batches and a short one of 29: 23 updates, "
        "⌈N/B⌉, and ten times that. Rounding down would forget 29 digits in every epoch.",
    )


def ask_about_duplicates() -> Predict:
    """Ask what a set that holds every example ten times costs SGD and full-batch descent."""
    once = ink_problem()
    tenfold = LeastSquares(np.tile(once.A, (10, 1)), np.tile(once.y, 10))
    a, b = (
        estimate_variance(p.example_gradients(START), 16, replacement=True) for p in (once, tenfold)
    )
    return Predict(
        "By mistake the data set holds every example ten times. What does one update cost now, and "
        "how good is its gradient?",
        options=(
            "Both pay ten times as much for a better gradient",
            "Full batch pays ten times as much for the same gradient; SGD pays and gets as before",
            "Full batch is unchanged; SGD gets ten times the noise",
        ),
        answer=1 if np.isclose(a, b) else 2,
        reason="The mean over ten copies of each is the same mean. Full-batch descent computes "
        "every gradient ten times over; a batch of 16 still has 16 gradients and the variance "
        "σ²/16. Real data sets are like that, with near copies for copies.",
    )


def ask_who_is_ahead() -> Predict:
    """Ask which batch size has the lowest loss after ten epochs, and at equal updates."""
    updates = [work(10, batch_size=B, n=N).updates for B in (1, 128)]
    return Predict(
        "The network of lesson 4 is trained for 10 epochs, with the same rate α = 1.5, and with "
        "B = 1, 16, 32, 64, 128 and N. Then the loss with B = 1 is a small part of that with "
        "B = 128. What does that show?",
        options=(
            "Small batches give better gradients",
            "Small batches learn faster per update",
            "An epoch of small batches has more updates, and little else",
            "The noise of small batches helps",
        ),
        answer=2 if updates == [14370, 120] else 0,
        reason="10 epochs are 14 370 updates with B = 1, and 120 with B = 128. At an equal number "
        "of updates it is the other way round: the larger batch is ahead, or level. Equal epochs "
        "are equal work, not equal updates.",
    )


def ask_for_the_bug() -> Predict:
    """Ask what is wrong with the update of the last batch."""
    last = N % 128
    return Predict(
        "What is wrong?",
        options=(
            "The order should be drawn once, not in every epoch",
            "The sum over the short last batch is divided by B, not by its own size",
            "Examples must be drawn with replacement, or the estimate is biased",
            "The gradients should be divided by N",
        ),
        answer=1 if last == 29 else 0,
        reason="The last batch holds 29 examples and its sum is divided by 128: its estimate is "
        "29/128 of what it should be. Where B divides N, as in the tutorial with 1000 and 10, it "
        "never shows.",
    )
