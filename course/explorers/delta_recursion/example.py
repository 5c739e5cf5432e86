"""The small network that is worked through by hand: weights, input and target as published.

Source: Mazur (2015), A Step by Step Backpropagation Example.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from course.activations import sigmoid
from course.network import Layer, Network

INPUT: Final = np.array([0.05, 0.10])
TARGET: Final = np.array([0.01, 0.99])


def example_network(w: float = 0.40) -> Network:
    """Return the 2-2-2 sigmoid network; ``w`` is its weight w²₁₁.

    Examples
    --------
    >>> example_network().parameters
    array([0.15, 0.2 , 0.25, 0.3 , 0.35, 0.35, 0.4 , 0.45, 0.5 , 0.55, 0.6 ,
           0.6 ])
    """
    W1, b1 = np.array([[0.15, 0.20], [0.25, 0.30]]), np.array([0.35, 0.35])
    W2, b2 = np.array([[w, 0.45], [0.50, 0.55]]), np.array([0.60, 0.60])
    return Network((Layer(W1, b1, sigmoid), Layer(W2, b2, sigmoid)))
