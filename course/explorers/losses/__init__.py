"""Lesson 1, losses: its explorers and its predictions."""

from course.explorers.losses.mended import certain_and_wrong, mended_loss
from course.explorers.losses.one_prediction import OnePrediction
from course.explorers.losses.outlier import Outlier
from course.explorers.losses.questions import (
    ask_about_scaling,
    ask_about_soft_labels,
    ask_about_the_outlier,
    ask_about_the_start,
    ask_for_the_bug,
    ask_for_the_price,
)
from course.explorers.losses.slow_down import SlowDown

__all__ = [
    "OnePrediction",
    "Outlier",
    "SlowDown",
    "ask_about_scaling",
    "ask_about_soft_labels",
    "ask_about_the_outlier",
    "ask_about_the_start",
    "ask_for_the_bug",
    "ask_for_the_price",
    "certain_and_wrong",
    "mended_loss",
]
