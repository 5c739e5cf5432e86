"""Lesson 6, adaptive learning rates: its explorers and its predictions."""

from course.explorers.adaptive_learning_rates.correction import Correction
from course.explorers.adaptive_learning_rates.linear_game import LinearGame
from course.explorers.adaptive_learning_rates.momentum_plane import MomentumPlane
from course.explorers.adaptive_learning_rates.questions import (
    ask_about_a_steady_slope,
    ask_about_adagrad,
    ask_about_the_digits,
    ask_about_the_first_step,
    ask_about_the_game,
    ask_about_turning,
    ask_for_the_bug,
    first_steps,
    proof_of_the_bug,
)
from course.explorers.adaptive_learning_rates.race import Race
from course.explorers.adaptive_learning_rates.sensitivity import Sensitivity
from course.explorers.progress import Progress

__all__ = [
    "Correction",
    "LinearGame",
    "MomentumPlane",
    "Progress",
    "Race",
    "Sensitivity",
    "ask_about_a_steady_slope",
    "ask_about_adagrad",
    "ask_about_the_digits",
    "ask_about_the_first_step",
    "ask_about_the_game",
    "ask_about_turning",
    "ask_for_the_bug",
    "first_steps",
    "proof_of_the_bug",
]
