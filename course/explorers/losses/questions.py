"""The predictions of lesson 1. Answers are computed by the library, so that nbval checks them."""

from __future__ import annotations

import numpy as np

from course.activations import identity, sigmoid
from course.explorers.predict import Predict
from course.losses import bce, bce_with_logits, cross_entropy, half_squared_error, mae, mse
from course.neuron import neuron


def ask_for_the_price() -> Predict:
    """Ask for the cross-entropy of a prediction ten times closer to certain and wrong."""
    return Predict(
        "The answer is yes (y = 1). Saying p = 0.1 costs a cross-entropy of −log 0.1 = 2.30. "
        "What does p = 0.01 cost?",
        key="01/price",
        answer=round(bce(1.0, 0.01), 4),
        tolerance=0.06,
        reason="−log 0.01 = 2 · 2.30: each further factor of ten costs the same 2.30 again, "
        "without end. The squared error rises from 0.81 to 0.98, and can never exceed 1.",
    )


def ask_about_the_outlier() -> Predict:
    """Ask what happens to both minimisers when the outlier moves ten times as far."""
    y = np.array([1.0, 2.0, 3.0, 4.0, 1000.0])
    mean, median = float(y.mean()), float(np.median(y))
    # no constant beside them does better
    least = all(
        loss(y, [c] * 5) < loss(y, [c + h] * 5)
        for loss, c in ((mse, mean), (mae, median))
        for h in (-0.5, 0.5)
    )
    answers = {(202.0, 3.0): 0, (22.0, 3.0): 1, (220.0, 3.0): 2, (202.0, 202.0): 3}
    return Predict(
        "For the data 1, 2, 3, 4, 100 the best constant under the MSE is 22 and under the MAE 3. "
        "The 100 was a slip of the pen for 1000. What are the best constants now?",
        key="01/outlier",
        options=("202 and 3", "22 and 3", "220 and 3", "202 and 202"),
        answer=answers[mean, median] if least else 3,
        reason="The mean moves by 900/5 = 180, a fifth of the outlier's way. The median asks how "
        "many points lie on either side, and that has not changed; it stays at 3 until the "
        "outlier comes below 3.",
    )


def ask_about_scaling() -> Predict:
    """Ask which learning rate makes the sum step like the mean."""
    y, y_hat = np.arange(50.0), np.zeros(50)
    mean = mse.gradient(y, y_hat)
    total = 2 * (y_hat - y)
    return Predict(
        "With N = 50 examples and the mean of the squared errors, α = 0.1 works well. A colleague "
        "drops the 1/N and sums instead. With which α does she take exactly the same steps?",
        key="01/scale",
        answer=round(0.1 * float(mean[-1] / total[-1]), 6),
        tolerance=1e-6,
        reason="Her gradient is 50 times as long, so her learning rate must be 50 times smaller: "
        "0.1/50. A constant factor c moves no minimum, but it rescales α: the loss cL with the "
        "rate α/c takes exactly the same steps as L with α.",
    )


def ask_about_soft_labels() -> Predict:
    """Ask for the best cross-entropy that a soft label allows."""
    p = np.linspace(0.001, 0.999, 999)
    least = min(bce(0.3, one) for one in p)
    return Predict(
        "It rains on 3 of 10 such days, so the target is y = 0.3. You predict exactly p = 0.3. "
        "What is the binary cross-entropy?",
        key="01/soft_label",
        options=(
            "0",
            "0.3612",
            "No number: it needs a 0 or a 1",
            "0.6109",
        ),
        answer=3 if abs(least - bce(0.3, 0.3)) < 1e-9 and round(least, 4) == 0.6109 else 0,
        reason="−0.3 log 0.3 − 0.7 log 0.7 = 0.6109, the first term alone 0.3612. The "
        "slope (p − y)/(p(1 − p)) is negative before p = y and positive after it, so no other p "
        "does better: a least loss of zero is possible only for y = 0 and y = 1.",
    )


def ask_about_the_start() -> Predict:
    """Ask how fast a neuron learns that is more wrong."""
    near, far = (neuron(sigmoid, half_squared_error).gradient([s, s])[0] for s in (0.75, 2.0))
    other = neuron(identity, bce_with_logits).gradient([2.0, 2.0])[0]
    return Predict(
        "A sigmoid neuron should answer 0. It learns with the loss ½(a − y)², from a start where "
        "its output is a = 0.82, and again from a worse one, a = 0.98. How long is the first step "
        "from the worse start, beside the first step from the other?",
        key="01/worse_start",
        options=(
            "Longer: the error is larger",
            "Far shorter: a seventh of it",
            "About as long: 0.98 beside 0.82",
        ),
        answer=1 if round(near / far) == 7 and far < near < other else 0,
        reason="The slope in z is (a − y) a(1 − a), and a(1 − a) is nearly 0 where the sigmoid is "
        "flat: the slope is 0.122 at a = 0.82, but 0.017 at a = 0.98. The more wrong this neuron "
        "is, the less it is pushed, once a is above ⅔, where a·a(1 − a) is largest. The slope of "
        "the cross-entropy is a − y: 0.82 and 0.98. The ratio of the two is 1/(a(1 − a)), at "
        "least 4 and without upper limit.",
    )


def ask_for_the_bug() -> Predict:
    """Ask why the loss does not fall below 1.46."""
    one_hot = np.eye(10)
    floor = cross_entropy(one_hot, one_hot)
    return Predict(
        "What is wrong?",
        key="01/bug",
        options=(
            "Nothing: for s = 1000 the loss would be near 0",
            "The exponentials overflow when s is large",
            "cross_entropy takes logits, but gets probabilities",
            "The loss has to be divided by the 10 classes",
        ),
        answer=2 if round(floor, 4) == 1.4612 else 1,
        reason="cross_entropy applies softmax itself, so softmax is applied twice. Probabilities "
        "lie between 0 and 1: the second softmax sees ten logits that differ by 1 at most. Its "
        "best is e/(e + 9) = 0.232, and −log 0.232 = 1.4612. The way back is blocked by the first "
        "softmax: where it is certain, its own derivatives p(1 − p) are nearly 0. The cure is a "
        "habit of naming: what comes out of the last layer is called logits and goes into the "
        "loss as it is; what is shown to people is called probabilities and goes into no loss "
        "that has the softmax inside.",
    )
