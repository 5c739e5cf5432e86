"""Live explorers and predictions for the lessons; each drives the mathematics of the library.

The public names are the explorers of each lesson and ``Predict``. An explorer's ``value`` can be
read and set, ``record`` is what was computed, ``summary`` says it in a sentence.
"""

from course.explorers.base import Explorer
from course.explorers.controls import Choice, Handle, Slider, Toggle
from course.explorers.predict import Predict
from course.explorers.stage import Stage, View

__all__ = ["Choice", "Explorer", "Handle", "Predict", "Slider", "Stage", "Toggle", "View"]
