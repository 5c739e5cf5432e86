"""Lesson 3, the chain rule: its explorers and its predictions."""

from course.explorers.chain_rule.backward import BackwardPass
from course.explorers.chain_rule.cost import AccumulationCost
from course.explorers.chain_rule.differences import DifferenceErrors
from course.explorers.chain_rule.graphs import evidence, neuron_by_formula
from course.explorers.chain_rule.questions import (
    ask_about_two_paths,
    ask_for_the_best_step,
    ask_for_the_bug,
    ask_for_the_cost,
    ask_for_the_product_at_b,
    ask_for_the_product_at_w,
    ask_for_the_product_at_x,
    ask_for_the_product_at_z,
    ask_for_the_slope_of_the_loss,
    ask_for_the_slope_of_the_sigmoid,
    ask_for_the_slope_of_the_weight,
    ask_for_the_vjp,
)

__all__ = [
    "AccumulationCost",
    "BackwardPass",
    "DifferenceErrors",
    "ask_about_two_paths",
    "ask_for_the_best_step",
    "ask_for_the_bug",
    "ask_for_the_cost",
    "ask_for_the_product_at_b",
    "ask_for_the_product_at_w",
    "ask_for_the_product_at_x",
    "ask_for_the_product_at_z",
    "ask_for_the_slope_of_the_loss",
    "ask_for_the_slope_of_the_sigmoid",
    "ask_for_the_slope_of_the_weight",
    "ask_for_the_vjp",
    "evidence",
    "neuron_by_formula",
]
