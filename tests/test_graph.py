"""The scalar graph: every operation, fan-out, deep graphs, wrong inputs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.graph import Value
from course.numeric import numeric_gradient, relative_error

OPERATIONS = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "**3": lambda x, y: x**3 + y,
    "**-0.5": lambda x, y: (x * x + 1) ** -0.5,
    "exp": lambda x, y: (x * y).exp(),
    "log": lambda x, y: (x * x + y * y).log(),
    "tanh": lambda x, y: (x - y).tanh(),
    "sigmoid": lambda x, y: (x * y).sigmoid(),
    "relu": lambda x, y: (x * y).relu() + (x - y).relu(),
    "abs": lambda x, y: abs(x) * abs(y - 3),
    "neg": lambda x, y: -x * y,
    "numbers": lambda x, y: 2 - 3 / x + 1 + 2 * y - 1,
    "fan-out": lambda x, y: x * x * x + x * y + (x + y) * x,
}


@pytest.mark.parametrize("name", OPERATIONS)
@given(x=st.floats(0.5, 2.5), y=st.floats(-2.5, -0.5))
def test_gradient_is_the_central_difference(name, x, y):
    f = OPERATIONS[name]
    a, b = Value(x), Value(y)
    f(a, b).backward()

    def number(v):
        return f(Value(float(v[0])), Value(float(v[1]))).value

    assert relative_error([a.grad, b.grad], numeric_gradient(number, [x, y])) < 1e-6


def test_gradients_add_where_a_node_feeds_several():
    x = Value(3.0)
    (x + x).backward()
    assert x.grad == 2
    y = x * x
    (y + y * x).backward()
    assert x.grad == 2 * 3 + 3 * 9


def test_backward_starts_afresh_each_time():
    x = Value(3.0)
    y = x * x
    y.backward()
    y.backward()
    assert x.grad == 6


def test_nodes_list_parents_before_children_each_once():
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    z = (x * y + x).tanh()
    nodes = z.nodes()
    assert len(nodes) == len(set(nodes)) == 5
    assert nodes[-1] is z
    for i, node in enumerate(nodes):
        assert all(parent in nodes[:i] for parent in node.parents)
        assert len(node.parents) == len(node.slopes)
    assert [node.op for node in nodes] == ["", "", "*", "+", "tanh"]


def test_a_graph_deeper_than_the_recursion_limit():
    x = Value(1.0)
    total = x
    for _ in range(5000):
        total = total + x
    total.backward()
    assert x.grad == 5001


def test_extreme_inputs():
    assert Value(1000.0).sigmoid().value == 1
    assert Value(-1000.0).sigmoid().value == 0
    assert Value(1000.0).exp().value == math.inf
    assert Value(0.0).relu().slopes == (0.0,)
    assert abs(Value(0.0)).slopes == (0.0,)
    assert (Value(0.0) ** 0).slopes == (0.0,)


def test_numpy_numbers_mix_with_nodes():
    assert (np.float64(2.0) * Value(3.0)).value == 6
    assert Value(np.float32(0.5)).value == 0.5


def test_wrong_inputs_are_named():
    for wrong in (True, "1", None, 1j, np.zeros(2)):
        with pytest.raises(TypeError, match="value must be one real number, got"):
            Value(wrong)
    with pytest.raises(ValueError, match="value must be finite, got nan"):
        Value(math.nan)
    with pytest.raises(ValueError, match="log needs a value above 0, got 0"):
        Value(0.0).log()
    with pytest.raises(ZeroDivisionError, match="node of value 0"):
        1 / Value(0.0)
    with pytest.raises(ValueError, match="whole exponent"):
        Value(-1.0) ** 0.5
    with pytest.raises(TypeError, match="exponent must be a plain number"):
        Value(1.0) ** Value(2.0)
    with pytest.raises(TypeError):
        np.zeros(2) + Value(1.0)
