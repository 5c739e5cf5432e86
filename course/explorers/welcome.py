"""Lesson 0: a first prediction and a first explorer, to try the controls on."""

from __future__ import annotations

from course.explorers.gradient_descent import OneParameter
from course.explorers.predict import Predict
from course.surfaces import cosine_valleys


def ask_a_first_question() -> Predict:
    """Ask which way is downhill, as an example of a prediction."""
    slope = float(cosine_valleys.gradient([0.5])[0])
    return Predict(
        "You stand at w = 0.5 on a curve whose slope there is negative: it falls to the right. "
        "Which way must w move, by a small step, so that the loss becomes smaller?",
        key="00/first_question",
        options=("To the left: w must become smaller", "To the right: w must become larger"),
        answer=int(slope < 0),
        reason="Where the slope is negative, a slightly larger w has a smaller loss. Gradient "
        "descent does just that: it moves against the sign of the slope.",
    )


class FirstExplorer(OneParameter):
    """The explorer of one parameter under a title of its own."""

    heading = "Your first explorer: drag the start, then press play"
