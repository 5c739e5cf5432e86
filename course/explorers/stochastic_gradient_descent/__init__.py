"""Lesson 5, stochastic gradient descent: its explorers and its predictions."""

from course.explorers.progress import Progress
from course.explorers.stochastic_gradient_descent.cloud import GradientCloud
from course.explorers.stochastic_gradient_descent.curves import LearningCurves
from course.explorers.stochastic_gradient_descent.example import (
    SIZES,
    N,
    ink_problem,
    training_digits,
)
from course.explorers.stochastic_gradient_descent.paths import NoisyPaths
from course.explorers.stochastic_gradient_descent.questions import (
    ask_about_a_million,
    ask_about_a_typical_run,
    ask_about_all_of_them,
    ask_about_duplicates,
    ask_for_the_bug,
    ask_for_the_updates,
    ask_what_halves_the_noise,
    ask_whether_it_settles,
    ask_who_is_ahead,
    mended_epoch,
)

__all__ = [
    "SIZES",
    "GradientCloud",
    "LearningCurves",
    "N",
    "NoisyPaths",
    "Progress",
    "ask_about_a_million",
    "ask_about_a_typical_run",
    "ask_about_all_of_them",
    "ask_about_duplicates",
    "ask_for_the_bug",
    "ask_for_the_updates",
    "ask_what_halves_the_noise",
    "ask_whether_it_settles",
    "ask_who_is_ahead",
    "ink_problem",
    "mended_epoch",
    "training_digits",
]
