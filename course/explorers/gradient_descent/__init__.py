"""Lesson 2, gradient descent: its explorers and its predictions."""

from course.explorers.gradient_descent.basins import Basins
from course.explorers.gradient_descent.critical_points import CriticalPoints
from course.explorers.gradient_descent.figure import TopicFigure
from course.explorers.gradient_descent.learning_rate import LearningRate
from course.explorers.gradient_descent.line_fit import loss_map, witnesses
from course.explorers.gradient_descent.one_parameter import OneParameter
from course.explorers.gradient_descent.questions import (
    ask_a_little_above,
    ask_about_the_peak,
    ask_about_the_saddle,
    ask_about_two_starts,
    ask_for_the_bug,
    ask_for_the_limit,
    ask_where_it_ends,
)

__all__ = [
    "Basins",
    "CriticalPoints",
    "LearningRate",
    "OneParameter",
    "TopicFigure",
    "ask_a_little_above",
    "ask_about_the_peak",
    "ask_about_the_saddle",
    "ask_about_two_starts",
    "ask_for_the_bug",
    "ask_for_the_limit",
    "ask_where_it_ends",
    "loss_map",
    "witnesses",
]
