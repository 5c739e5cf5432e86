"""The catalogue of seeded faults: what the strict check of each lesson's notebook must notice.

`test_faults.py` seeds them one at a time, and each must turn its lesson red.
"""

from __future__ import annotations

from tests.faults import lesson_1, lesson_2, lesson_3, lesson_4, lesson_5, lesson_6
from tests.faults.fault import Fault

__all__ = ["CATALOGUE", "Fault"]

CATALOGUE: dict[str, tuple[Fault, ...]] = {
    "01_losses": lesson_1.FAULTS,
    "02_gradient_descent": lesson_2.FAULTS,
    "03_chain_rule": lesson_3.FAULTS,
    "04_delta_recursion": lesson_4.FAULTS,
    "05_stochastic_gradient_descent": lesson_5.FAULTS,
    "06_adaptive_learning_rates": lesson_6.FAULTS,
}
