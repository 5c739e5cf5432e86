"""The program of the lesson's bug question, mended, and what its gradient is made of.

It stands here and not in the notebook, where it would answer the question.
"""

from __future__ import annotations

import numpy as np

from course.explorers.losses.looks import Array
from course.losses import cross_entropy, softmax


def mended_loss(s: float) -> float:
    """Return the loss of ten classes where the logit of the right one is s and all others are 0.

    Examples
    --------
    >>> round(mended_loss(0), 4), round(mended_loss(10), 4)
    (2.3026, 0.0004)
    """
    return cross_entropy(np.eye(10), s * np.eye(10))


def certain_and_wrong() -> dict[str, Array]:
    """Return gradients in z where the second of three classes is right, and z = (8, 0, 0).

    Examples
    --------
    >>> certain_and_wrong()["mended"].round(2) + 0.0
    array([ 1., -1.,  0.])
    """
    y, z = np.array([[0.0, 1.0, 0.0]]), np.array([[8.0, 0.0, 0.0]])
    p = softmax(z)
    outer, inner = cross_entropy.gradient(y, p)[0], np.diag(p[0]) - np.outer(p, p)
    return {
        "mended": cross_entropy.gradient(y, z)[0],
        "as above": inner @ outer,
        "∂loss/∂p": outer,
        "p(1 − p), in ∂p/∂z": np.diag(inner),
    }
