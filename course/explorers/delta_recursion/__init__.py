"""Lesson 4, the δ recursion: its explorers and its predictions."""

from course.explorers.delta_recursion.depth import Depth, level_scales
from course.explorers.delta_recursion.example import INPUT, TARGET, example_network
from course.explorers.delta_recursion.questions import (
    ask_about_a_wrong_output,
    ask_about_depth,
    ask_about_twins,
    ask_for_the_bug,
    ask_for_the_shape,
)
from course.explorers.delta_recursion.step_by_step import (
    PublishedStep,
    StepByStep,
    loss_after,
    what_the_published_step_does,
)
from course.explorers.delta_recursion.wrong_digits import WrongDigits
from course.explorers.progress import Progress

__all__ = [
    "INPUT",
    "TARGET",
    "Depth",
    "Progress",
    "PublishedStep",
    "StepByStep",
    "WrongDigits",
    "ask_about_a_wrong_output",
    "ask_about_depth",
    "ask_about_twins",
    "ask_for_the_bug",
    "ask_for_the_shape",
    "example_network",
    "level_scales",
    "loss_after",
    "what_the_published_step_does",
]
