"""The predictions of lesson 5. Answers are computed by the library, so that nbval checks them."""

from __future__ import annotations

import numpy as np

from course.explorers.predict import Predict
from course.explorers.stochastic_gradient_descent.example import N, ink_problem, sampled
from course.explorers.stochastic_gradient_descent.looks import Array
from course.learning_curve import work
from course.least_squares import LeastSquares
from course.minibatch import estimate_variance, share_of_variance
from course.noise_floor import Moments, growth_exponent
from course.optimizers import GradientDescent

START = np.array([0.6, 9.0])


def ask_what_halves_the_noise() -> Predict:
    """Ask for the factor of B that halves the distance from the full gradient."""
    rows = ink_problem().example_gradients(START)
    spread = {B: estimate_variance(rows, B, replacement=True) ** 0.5 for B in (16, 32, 64, 128)}
    (factor,) = (B / 16 for B in spread if np.isclose(spread[B], spread[16] / 2))
    return Predict(
        "Batches are drawn with replacement, and you want their gradient to be off by half as much "
        "as now. By how much do you multiply the batch size B?",
        key="05/halve_the_noise",
        answer=factor,
        tolerance=0.01,
        reason="The variance goes as 1/B, and the distance (root mean square) as its root, 1/√B: "
        "four times the work for half the noise, a hundred times for a tenth. From B = 16 to 64 "
        "the distance goes from 2.429 to 1.214.",
    )


def ask_about_all_of_them() -> Predict:
    """Ask what is left of the variance at B = N without replacement."""
    left = share_of_variance(N, N, replacement=False)
    return Predict(
        "A batch of B = N examples is drawn without replacement. "
        "What is the variance of its gradient?",
        key="05/all_of_them",
        options=("σ²", "σ²/N", "S²/N", "0"),
        answer=3 if left == 0 else 1,
        reason="Without replacement such a batch is the whole set, in some order: there is nothing "
        "left to vary, 1 − B/N = 0. With replacement some come more than once and some not at "
        "all, and σ²/N stays.",
    )


def ask_about_a_million() -> Predict:
    """Ask how much worse the same batch size does on a far larger set."""
    few, many = (share_of_variance(n, 64, replacement=False) for n in (N, 10**6))
    ratio = (many / few) ** 0.5
    return Predict(
        "A batch of 64, once out of 1437 digits, once out of a million of the same kind "
        "(without replacement, equal σ). How many times farther off is the second estimate?",
        key="05/a_million",
        options=("1.02 times", "About 26 times (√(10⁶/1437))", "About 700 times (10⁶/1437)"),
        answer=int(np.argmin(np.abs(np.array([1.02, 26.4, 696]) - ratio))),
        reason="σ²/B does not contain N. The noise is that of 64 examples; how many others there "
        "are hardly matters. Only 1 − B/N knows of N, and it goes from 0.955 to 0.99994. So an "
        "update of SGD costs what it did, and one of full-batch descent 700 times as much.",
    )


def ask_whether_it_settles() -> Predict:
    """Ask where SGD with a constant rate ends, on average over all runs."""
    moments = Moments(ink_problem(), 16)
    floor = moments.floor_excess(0.1)
    left = moments.expected_excess(START, [0.1] * 2000)[-1]
    stays = bool(floor > 0 and np.isclose(left, floor))
    return Predict(
        "SGD on the ink of the digits, with B = 16 and the constant rate α = 0.1, at which "
        "full-batch descent converges, runs on and on. What becomes of the loss, on average over "
        "many such runs?",
        key="05/where_it_settles",
        options=(
            "It falls to the minimum, only more slowly",
            "It rises again, farther and farther",
            "It comes to stay at some height above the minimum",
            "It falls to the minimum in some runs and rises in others",
        ),
        answer=2 if stays else 0,
        reason="At the minimum the full gradient is 0, but a batch's is not, for no line fits "
        "every digit: each batch kicks the parameters out again. Kicks and pull balance at a "
        "distance. A smaller α weakens the kicks more than the pull, and the distance shrinks, but "
        "not to 0.",
    )


def ask_about_a_typical_run() -> Predict:
    """Ask what one run does at a rate at which the mean over all runs grows without end."""
    moments, rate = Moments(ink_problem(), 1), 0.2
    runs = sampled(1, "with replacement", 0, updates=1000, runs=200)
    excess = ink_problem().excess(runs.descend(GradientDescent(rate), START).points)
    early, late = (float(np.median(excess[t])) for t in (240, 1000))
    grows = moments.square_factor(rate) > 1
    stays = growth_exponent(runs.H[:-1], rate).exponent < 0 and late < 2 * early
    return Predict(
        "B = 1 and α = 0.2, beyond the limit of mean-square stability: the mean loss over all "
        "possible runs grows without end. What does the median of 400 runs do between 240 and 2000 "
        "updates?",
        key="05/a_typical_run",
        options=(
            "It stays about where it was",
            "It grows as fast as the mean",
            "It grows, but more slowly than the mean",
            "It falls towards the minimum",
        ),
        answer=0 if grows and stays else 2,
        reason="Half of the runs are within about 4 of the lowest loss after 240, 1000 and 2000 "
        "updates alike. The mean is carried by a few runs that were thrown far out, and the longer "
        "one waits, the farther out the worst run has been. But a run comes back from out there: "
        "four steps of five shorten the distance. The next section says what counts for a single "
        "run.",
    )


def ask_for_the_updates() -> Predict:
    """Ask how many updates ten epochs are."""
    return Predict(
        "10 epochs over the 1437 training digits in batches of 64, no digit left out: how many "
        "updates?",
        key="05/updates",
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
        key="05/duplicates",
        options=(
            "Both pay ten times as much for a better gradient",
            "Full batch pays ten times as much for the same gradient; SGD pays and gets as before",
            "Full batch is unchanged; SGD gets ten times the noise",
        ),
        answer=1 if np.isclose(a, b) else 2,
        reason="The mean over ten copies of each is the same mean. Full-batch descent computes "
        "every gradient ten times over; a batch of 16, drawn with replacement, still has 16 "
        "gradients and the variance σ²/16. A redundant data set is like that, with near copies for "
        "copies.",
    )


def ask_who_is_ahead() -> Predict:
    """Ask which batch size has the lowest loss after ten epochs, and at equal updates."""
    updates = [work(10, batch_size=B, n=N).updates for B in (1, 128)]
    return Predict(
        "The network of lesson 4 is trained for 10 epochs, with the same rate α = 1.5, and with "
        "B = 1, 16, 32, 64, 128 and N. Then the loss with B = 1 is a small part of that with "
        "B = 128. What does that show?",
        key="05/who_is_ahead",
        options=(
            "Small batches give better gradients",
            "Small batches learn faster per update",
            "An epoch of small batches has more updates, and little else",
            "The noise of small batches helps",
        ),
        answer=2 if updates == [14370, 120] else 0,
        reason="10 epochs are 14 370 updates with B = 1, 120 with B = 128 and 10 with B = N: equal "
        "epochs are equal work, and very unequal numbers of updates. At equal work the order is "
        "that of the batch sizes, B = 1 first. At 300 updates it is the other way round: B = 1 is "
        "far behind, and from 16 on there is hardly any difference, so that at this rate 1437 "
        "examples buy no better step than 16.",
    )


def ask_for_the_bug() -> Predict:
    """Ask what is wrong with the update of the last batch."""
    last = N % 128
    return Predict(
        "What is wrong?",
        key="05/the_bug",
        options=(
            "The order should be drawn once, not in every epoch",
            "Examples must be drawn with replacement, or the estimate is biased",
            "The gradients should be divided by N",
            "The sum over the short last batch is divided by B, not by its own size",
        ),
        answer=3 if last == 29 else 0,
        reason="The last batch holds 29 examples and its sum is divided by 128: its estimate is "
        "29/128 = 0.227 of what it should be. The last step of every epoch is less than a quarter "
        "as long, as if the rate had been cut for just those 29 digits. A training hardly suffers: "
        "after 30 epochs on the digits the loss is a twentieth higher, so nobody notices. Where B "
        "divides N, as in the book with 1000 and 10, it does not show at all. But with B = 1000 it "
        "would be 437 digits of 1437, and where B exceeds N, the whole gradient is wrong by the "
        "factor N/B.",
    )


def mended_epoch(rows: Array, batch_size: int, rng: np.random.Generator) -> list[Array]:
    """Return the estimates of one epoch of the program of section 7, without its bug."""
    order = rng.permutation(len(rows))
    dealt = (order[i : i + batch_size] for i in range(0, len(rows), batch_size))
    return [rows[batch].mean(axis=0) for batch in dealt]
