"""What lesson 3 must notice: mistakes in the chain rule, in graphs and in difference quotients."""

from tests.faults.fault import Fault

EXPLORERS = "explorers/chain_rule"

FAULTS = (
    # ------------------------------------------------------------------------- the graph
    Fault(
        "minus taken for plus in a difference's slopes",
        "graph.py",
        '(self, other), (1.0, -1.0), "-"',
        '(self, other), (1.0, 1.0), "-"',
    ),
    Fault(
        "the last path overwrites the others",
        "graph.py",
        "parent.grad += slope",
        "parent.grad = slope",
    ),
    Fault(
        "gradients left over from the last call",
        "graph.py",
        "            node.grad = 0.0\n        self.grad = 1.0",
        "            node.grad += 0.0\n        self.grad = 1.0",
    ),
    Fault(
        "children before parents on the way back",
        "graph.py",
        "for node in reversed(order):\n            for parent",
        "for node in order:\n            for parent",
    ),
    Fault(
        "relu with a slope of 1 at its kink",
        "graph.py",
        '(float(self.value > 0),), "relu"',
        '(float(self.value >= 0),), "relu"',
    ),
    # ---------------------------------------------------------- accumulation, edge by edge
    Fault(
        "local derivatives added along a path",
        "accumulation.py",
        "term = slope * totals[node]",
        "term = slope + totals[node]",
    ),
    Fault(
        "a product left out at a fan-out",
        "accumulation.py",
        "totals[parent] = totals.get(parent, 0.0) + term",
        "totals[parent] = term",
    ),
    Fault(
        "a forward pass that forgets its seed",
        "accumulation.py",
        "float(node is x) + sum(",
        "float(node is L) + sum(",
    ),
    Fault(
        "the two directions' costs swapped",
        "accumulation.py",
        "return Cost(forward, reverse)",
        "return Cost(reverse, forward)",
    ),
    Fault(
        "the first layer counted in the cost",
        "accumulation.py",
        "for n, m in list(pairwise(sizes))[1:])",
        "for n, m in list(pairwise(sizes)))",
    ),
    # ---------------------------------------------------------------- difference quotients
    Fault(
        "divided by h in place of 2h",
        "differences.py",
        "    return (f(x + h) - f(x - h)) / step",
        "    return 2 * (f(x + h) - f(x - h)) / step",
    ),
    Fault(
        "a backward difference for a forward one",
        "differences.py",
        "    return (f(x + h) - f(x)) / step",
        "    return (f(x) - f(x - h)) / step",
    ),
    Fault(
        "h squared forgotten in the central truncation",
        "differences.py",
        "np.abs(f.third(x)) * h**2 / 6",
        "np.abs(f.third(x)) * h / 6",
    ),
    Fault(
        "a square root for a cube root",
        "differences.py",
        "(1.5 * EPSILON * size / bend) ** (1 / 3)",
        "(1.5 * EPSILON * size / bend) ** (1 / 2)",
    ),
    Fault(
        "rounding bounded at one point for two",
        "differences.py",
        "bound = EPSILON * (there + here) / 2 / h",
        "bound = EPSILON * here / 2 / h",
    ),
    Fault(
        "all coordinates nudged at once",
        "numeric.py",
        "        up[i] += h",
        "        up += h",
    ),
    Fault(
        "a step that is not h",
        "numeric.py",
        "/ (2 * h)\n    return gradient",
        "/ h\n    return gradient",
    ),
    Fault(
        "relative to one side only",
        "numeric.py",
        "return float(np.linalg.norm(u - v) / max(np.linalg.norm(u), np.linalg.norm(v)))",
        "return float((u - v).sum() / np.linalg.norm(u) + 1)",
    ),
    # ------------------------------------------------------------------------- explorers
    Fault(
        "the nudge's promise uphill",
        f"{EXPLORERS}/backward.py",
        "- loss, g * nudge",
        "- loss, -g * nudge",
    ),
    Fault(
        "only the first path's term at a fan-out",
        f"{EXPLORERS}/graphs.py",
        "return sum(e.term for e in self.edges if e.parent.label == name)",
        "return next((e.term for e in self.edges if e.parent.label == name), 0.0)",
    ),
    Fault(
        "rounding and truncation swapped",
        f"{EXPLORERS}/differences.py",
        'branch = "truncation" if cut > round_off',
        'branch = "truncation" if cut < round_off',
    ),
    Fault(
        "the reason of the cheaper direction exchanged",
        f"{EXPLORERS}/cost.py",
        "if cost.forward > cost.reverse",
        "if cost.forward < cost.reverse",
    ),
)
