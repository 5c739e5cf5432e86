"""A scalar computational graph: the chain rule, one number per node.

Arithmetic on `Value`s builds the graph; `backward` walks it from the result to the inputs and adds
up dL/dnode. It shares no formula with `backprop`, which makes it the second witness for every
gradient of the course.

>>> x, y = Value(3.0), Value(4.0)
>>> z = x * y + x
>>> z.backward()
>>> z.value, x.grad, y.grad
(15.0, 5.0, 3.0)
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


class Value:
    """A number in a graph that remembers how it was made.

    Attributes
    ----------
    value : the number.
    grad : dL/dvalue after `L.backward()`; 0 before.
    op : the operation that made it; "" for an input.
    parents : the nodes it was made from.
    slopes : the local derivative dvalue/dparent for each parent.
    label : a name for drawings.

    Examples
    --------
    >>> w = Value(2.0, label="w")
    >>> L = (w * 3 - 1) ** 2
    >>> L.backward()
    >>> w.grad
    30.0
    >>> [node.op or node.label or node.value for node in L.nodes()]
    ['w', 3.0, '*', 1.0, '-', '**2']
    """

    __slots__ = ("grad", "label", "op", "parents", "slopes", "value")
    __array_ufunc__ = None  # numpy numbers and arrays leave `array * Value` to us, or fail

    def __init__(
        self,
        value: float,
        parents: tuple[Value, ...] = (),
        slopes: tuple[float, ...] = (),
        op: str = "",
        label: str = "",
    ) -> None:
        if isinstance(value, bool | np.bool_) or not isinstance(
            value, int | float | np.integer | np.floating
        ):
            raise TypeError(f"value must be one real number, got {value!r}")
        self.value = float(value)
        if not parents and not math.isfinite(self.value):
            raise ValueError(f"value must be finite, got {self.value}")
        self.parents = parents
        self.slopes = slopes
        self.op = op
        self.label = label
        self.grad = 0.0

    # Each operation: the new number, its parents, and the local derivative for each parent.

    def __add__(self, other: Value | float) -> Value:
        other = _node(other)
        return Value(self.value + other.value, (self, other), (1.0, 1.0), "+")

    def __sub__(self, other: Value | float) -> Value:
        other = _node(other)
        return Value(self.value - other.value, (self, other), (1.0, -1.0), "-")

    def __mul__(self, other: Value | float) -> Value:
        other = _node(other)
        return Value(self.value * other.value, (self, other), (other.value, self.value), "*")

    def __truediv__(self, other: Value | float) -> Value:
        other = _node(other)
        if other.value == 0:
            raise ZeroDivisionError(f"cannot divide {self.value} by a node of value 0")
        # d(a/b)/da = 1/b,  d(a/b)/db = -a/b^2
        q = self.value / other.value
        return Value(q, (self, other), (1 / other.value, -q / other.value), "/")

    def __pow__(self, n: float) -> Value:
        if not isinstance(n, int | float | np.integer | np.floating):
            raise TypeError(f"the exponent must be a plain number, got {n!r}")
        if self.value < 0 and n != int(n):
            raise ValueError(f"a negative base needs a whole exponent, got {self.value} ** {n}")
        # d(x^n)/dx = n x^(n - 1)
        slope = n * self.value ** (n - 1) if n != 0 else 0.0
        return Value(self.value**n, (self,), (float(slope),), f"**{n}")

    def exp(self) -> Value:
        """Return e^x; above x = 709.78 that is infinity."""
        y = math.exp(self.value) if self.value < 709.78 else math.inf
        return Value(y, (self,), (y,), "exp")

    def log(self) -> Value:
        """Return the natural logarithm of x > 0."""
        if self.value <= 0:
            raise ValueError(f"log needs a value above 0, got {self.value}")
        return Value(math.log(self.value), (self,), (1 / self.value,), "log")

    def tanh(self) -> Value:
        """Return tanh x; the slope is 1 - tanh^2 x."""
        y = math.tanh(self.value)
        return Value(y, (self,), (1 - y * y,), "tanh")

    def sigmoid(self) -> Value:
        """Return 1 / (1 + e^-x); the slope is y (1 - y)."""
        # e^-|x| cannot overflow
        e = math.exp(-abs(self.value))
        y = (1.0 if self.value >= 0 else e) / (1 + e)
        return Value(y, (self,), (y * (1 - y),), "sigmoid")

    def relu(self) -> Value:
        """Return max(0, x); the slope at 0 is 0."""
        return Value(max(0.0, self.value), (self,), (float(self.value > 0),), "relu")

    def sin(self) -> Value:
        """Return sin x, x in radians; the slope is cos x."""
        return Value(math.sin(self.value), (self,), (math.cos(self.value),), "sin")

    def cos(self) -> Value:
        """Return cos x, x in radians; the slope is -sin x."""
        return Value(math.cos(self.value), (self,), (-math.sin(self.value),), "cos")

    def __abs__(self) -> Value:
        slope = float(self.value > 0) - float(self.value < 0)
        return Value(abs(self.value), (self,), (slope,), "abs")

    def __neg__(self) -> Value:
        return self * -1.0

    def __radd__(self, other: float) -> Value:
        return _node(other) + self

    def __rsub__(self, other: float) -> Value:
        return _node(other) - self

    def __rmul__(self, other: float) -> Value:
        return _node(other) * self

    def __rtruediv__(self, other: float) -> Value:
        return _node(other) / self

    def nodes(self) -> list[Value]:
        """Return every node this one depends on, parents before children, itself last."""
        order: list[Value] = []
        seen: set[Value] = set()
        stack: list[tuple[Value, bool]] = [(self, False)]
        while stack:
            node, parents_done = stack.pop()
            if parents_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((parent, False) for parent in reversed(node.parents))
        return order

    def backward(self) -> None:
        """Set `grad` to dself/dnode on every node, by reverse accumulation.

        Gradients start at 0 in each call (PyTorch and micrograd add to those of the last call).

        Source: Baydin et al. (2018), section 3.2.
        """
        order = self.nodes()
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                # a node that feeds several others gathers a term from each: +=, not =
                parent.grad += slope * node.grad

    def __repr__(self) -> str:
        name = f", label={self.label!r}" if self.label else ""
        return f"Value({self.value:g}{name})"


def _node(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(x)
