"""What a hostile submission is, and the three questions that it answers or not."""

import json
from dataclasses import dataclass

MSE = """def mse(y, y_hat):
    if y.shape != y_hat.shape:
        raise ValueError("y and y_hat must have one shape")
    return ((y_hat - y) ** 2).sum() / len(y)"""
MAE = "def mae_gradient(y, y_hat):\n    return np.sign(y_hat - y) / len(y)"
BCE = "@bce@"  # the course's own solution is put here


@dataclass(frozen=True)
class Case:
    """A submission with its honest mark.

    `marks` has one figure for each of the questions mse, mae_gradient and bce: 1 for all points, 0
    for none. `must` says what has to hold. A submission that finds what it should not find says
    LEAKED or ESCAPED, and no result may say that.
    """

    name: str
    data: bytes
    marks: str
    must: str


def case(name: str, *cells: str, marks: str, must: str) -> Case:
    """Return the case of a notebook with these code cells."""
    found = [{"cell_type": "code", "source": source} for source in cells]
    return Case(name, json.dumps({"cells": found}).encode(), marks, must)
