"""Lesson 2, gradient descent: its explorers and its predictions."""

from course.explorers.gradient_descent.basins import Basins
from course.explorers.gradient_descent.critical_points import CriticalPoints
from course.explorers.gradient_descent.figure import TopicFigure
from course.explorers.gradient_descent.learning_rate import LearningRate
from course.explorers.gradient_descent.one_parameter import OneParameter
from course.explorers.gradient_descent.questions import (
    ask_about_bouncing,
    ask_about_the_peak,
    ask_about_the_saddle,
    ask_about_the_watershed,
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
    "ask_about_bouncing",
    "ask_about_the_peak",
    "ask_about_the_saddle",
    "ask_about_the_watershed",
    "ask_for_the_bug",
    "ask_for_the_limit",
    "ask_where_it_ends",
]
