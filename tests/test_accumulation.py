"""The chain rule one edge at a time, in both directions, and its cost."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.accumulation import backward_edges, forward_derivative, fused, jacobian_cost
from course.graph import Value

number = st.floats(-2, 2)


@given(number, number)
def test_both_directions_and_backward_agree(a, b):
    w, x = Value(a), Value(b)
    L = ((w * x).tanh() * w + (w - x) ** 2).sigmoid() * x + w
    L.backward()
    edges = backward_edges(L)
    for node in (w, x):
        total = sum(edge.term for edge in edges if edge.parent is node)
        assert total == pytest.approx(node.grad, abs=1e-12)
        assert forward_derivative(L, node) == pytest.approx(node.grad, abs=1e-12)


def test_totals_grow_term_by_term_and_nothing_is_changed():
    x = Value(3.0)
    L = x * x + x
    edges = backward_edges(L)
    assert [e.total for e in edges if e.parent is x] == [1.0, 4.0, 7.0]
    assert all(e.term == e.slope * e.incoming for e in edges)
    assert x.grad == 0.0


def test_an_input_that_is_not_there_has_no_part():
    assert forward_derivative(Value(1.0) * 2, Value(1.0)) == 0.0


def test_fused_is_one_node_with_the_slopes_inside():
    a, b = Value(0.5), Value(-2.0)
    one = fused(lambda a, b: (a * b + a).sigmoid(), a, b, label="one")
    two = (a * b + a).sigmoid()
    one.backward()
    by_one = (a.grad, b.grad)
    two.backward()
    assert by_one == pytest.approx((a.grad, b.grad))
    assert one.value == two.value
    assert len(one.nodes()) == 3


def products(matrices):
    """Multiply from the left end of a list, counting."""
    count, product = 0, matrices[0]
    for matrix in matrices[1:]:
        count += product.shape[0] * product.shape[1] * matrix.shape[1]
        product = product @ matrix
    return count, product


@given(st.lists(st.integers(1, 6), min_size=2, max_size=6))
def test_the_cost_is_what_the_products_take(sizes):
    rng = np.random.default_rng(0)
    jacobians = [rng.normal(size=(m, n)) for n, m in pairwise(sizes)]
    reverse, product = products(jacobians[::-1])
    forward, transposed = products([J.T for J in jacobians])
    assert jacobian_cost(sizes) == (forward, reverse)
    assert np.allclose(product, transposed.T)


def test_sizes_are_checked():
    with pytest.raises(ValueError, match="at least two layers"):
        jacobian_cost([3])
    with pytest.raises(ValueError, match="sizes"):
        jacobian_cost([3, 0])
