"""Every example in a docstring of the mathematics runs, and every public object has one or two."""

import doctest
import importlib
import inspect

import pytest

MODULES = [
    "activations",
    "losses",
    "surfaces",
    "numeric",
    "graph",
    "optimizers",
    "schedules",
    "data",
    "network",
    "backprop",
    "descent",
]
# These are shown at work in the examples of what uses or returns them.
WITHOUT_EXAMPLE = {"ForwardPass", "Gradients", "Trajectory", "Training", "Network", "Objective"}


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(f"course.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_public_objects_have_examples(name):
    module = importlib.import_module(f"course.{name}")
    for key, value in vars(module).items():
        if key.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if not (inspect.isfunction(value) or inspect.isclass(value)) or key in WITHOUT_EXAMPLE:
            continue
        if "unchecked" in (value.__doc__ or "") or value.__name__ == "<lambda>":
            continue
        # base classes and the states of rules are described by what derives from or returns them
        base = inspect.isclass(value) and (value.__subclasses__() or issubclass(value, tuple))
        assert base or ">>>" in value.__doc__, f"course.{name}.{key} has no example"
