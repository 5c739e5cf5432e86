"""What lesson 2 must notice: mistakes in descent, in surfaces and witnesses, in its pictures."""

from tests.faults.fault import Fault

EXPLORERS = "explorers/gradient_descent"

MATHEMATICS = (
    # ------------------------------------------------------------------------ surfaces
    Fault(
        "one term of a loss with the wrong sign",
        "surfaces.py",
        "2 + np.cos(math.pi * w) - 0.075 * w - ",
        "2 + np.cos(math.pi * w) + 0.075 * w - ",
    ),
    Fault(
        "the inner derivative forgotten",
        "surfaces.py",
        "(-math.pi * np.sin(math.pi * w) - 0.075",
        "(-np.sin(math.pi * w) - 0.075",
    ),
    Fault(
        "the factor 2 of a square's slope dropped",
        "surfaces.py",
        "- 0.15 * w + 0.016 * w**3,)",
        "- 0.075 * w + 0.016 * w**3,)",
    ),
    Fault("the term that bounds the loss forgotten", "surfaces.py", "w**2 + 0.004 * w**4", "w**2"),
    Fault(
        "the second parameter's slope halved",
        "surfaces.py",
        "- 0.12, 0.6 * w2)",
        "- 0.12, 0.3 * w2)",
    ),
    Fault(
        "the lowest minimum taken for the highest",
        "surfaces.py",
        "if value <= min(values) + 1e-9",
        "if value >= max(values) - 1e-9",
    ),
    Fault("a saddle turned into a bowl", "surfaces.py", "(2 * w1, -2 * w2)", "(2 * w1, 2 * w2)"),
    # --------------------------------------------------------------- optimizers, descent
    Fault(
        "uphill instead of downhill",
        "optimizers.py",
        "np.subtract(theta, np.multiply(alpha, g, out=out), out=out)",
        "np.add(theta, np.multiply(alpha, g, out=out), out=out)",
    ),
    Fault(
        "the learning rate forgotten",
        "optimizers.py",
        "np.subtract(theta, np.multiply(alpha, g, out=out), out=out)",
        "np.subtract(theta, g, out=out)",
    ),
    Fault(
        "the last step omitted",
        "descent.py",
        'whole("steps", steps, 0)',
        'max(whole("steps", steps, 0) - 1, 0)',
    ),
    Fault(
        "each loss taken one step late",
        "descent.py",
        "objective.value(points)",
        "objective.value(np.concatenate([points[:1], points[:-1]]))",
    ),
    Fault(
        "each gradient taken at the start",
        "descent.py",
        "= objective.gradient(points[t + 1])",
        "= objective.gradient(points[0])",
    ),
    Fault(
        "half of the examples left out",
        "descent.py",
        'generator("rng", rng).permutation(len(dataset))',
        'generator("rng", rng).permutation(len(dataset))[::2]',
    ),
    Fault(
        "the longest period reported instead of the shortest",
        "cycles.py",
        "range(longest, 0, -1)",
        "range(1, longest + 1)",
    ),
    # ------------------------------------------------------------------------ witnesses
    Fault("a one-sided difference", "numeric.py", "        down[i] -= h", "        down[i] -= 0"),
    Fault(
        "a second derivative with the wrong sign",
        "numeric.py",
        "(g_up - g_down)",
        "(g_down - g_up)",
    ),
    Fault(
        "the cosine's slope with the wrong sign",
        "graph.py",
        "(self,), (-math.sin(self.value),)",
        "(self,), (math.sin(self.value),)",
    ),
    Fault(
        "the product rule with the wrong operands",
        "graph.py",
        '(other.value, self.value), "*"',
        '(self.value, other.value), "*"',
    ),
    Fault(
        "slopes overwritten where they should add up",
        "graph.py",
        "parent.grad += slope",
        "parent.grad = slope",
    ),
    # ------------------------------------------------------------------------ networks
    Fault(
        "a sum instead of a mean in a loss's gradient",
        "losses.py",
        "return terms.sum() / N, slopes / N",
        "return terms.sum() / N, slopes",
    ),
    Fault(
        "sizes compared instead of shapes",
        "losses.py",
        "if y.shape != y_hat.shape:",
        "if y.size != y_hat.size:",
    ),
    Fault(
        "the square forgotten in tanh's slope",
        "activations.py",
        "return ONE[z.dtype] - a * a",
        "return ONE[z.dtype] - a",
    ),
    Fault("the bias forgotten", "network.py", "z_l += b", "z_l += 0"),
    Fault(
        "the activation's slope forgotten in delta",
        "backprop.py",
        "delta = slope * activations[l].slope(z[l], a[l + 1])",
        "delta = slope",
    ),
    Fault("the lower moon upside down", "data.py", "0.5 - np.sin(angle)", "0.5 + np.sin(angle)"),
)

PICTURES = (
    # ------------------------------------------------------------------------ marks
    Fault(
        "the last point of every line omitted",
        "plots/marks.py",
        'Mark("line", np.asarray(xy), panel',
        'Mark("line", np.asarray(xy)[..., :-1, :], panel',
    ),
    Fault(
        "heads and tails of arrows swapped",
        "plots/marks.py",
        "np.asarray(tails_heads), panel",
        "np.roll(tails_heads, 2, axis=-1), panel",
    ),
    Fault(
        "each arrow one step early",
        f"{EXPLORERS}/paths.py",
        "np.hstack([np.vstack([xy[:1], xy[:-1]]), xy])",
        "np.hstack([xy, np.vstack([xy[1:], xy[-1:]])])",
    ),
    # ------------------------------------------------------------------------ explorers
    Fault(
        "far from a minimum said to be at it",
        f"{EXPLORERS}/paths.py",
        "np.linalg.norm(end - home) > 0.05",
        "np.linalg.norm(end - home) < 0.05",
    ),
    Fault(
        "a cycle that drives runs away said to attract them",
        f"{EXPLORERS}/paths.py",
        "if rate < 1 and left",
        "if rate > 1 and left",
    ),
    Fault(
        "a tenth taken for a hundredth",
        f"{EXPLORERS}/learning_rate.py",
        "distance <= distance[0] / 100",
        "distance <= distance[0] / 10",
    ),
    Fault(
        "the star on a local minimum",
        f"{EXPLORERS}/figure.py",
        'mk.points(spots[:1], "curve"',
        'mk.points(spots[1:2], "curve"',
    ),
    Fault(
        "the largest stable rate halved",
        f"{EXPLORERS}/one_parameter.py",
        "limit = 2 / second",
        "limit = 1 / second",
    ),
    Fault(
        "the limit of the flattest direction",
        f"{EXPLORERS}/learning_rate.py",
        "2 / eigenvalues.max(),",
        "2 / eigenvalues.min(),",
    ),
    Fault(
        "the start given as the answer of a prediction",
        f"{EXPLORERS}/questions.py",
        "answer=(run.points[-1, 0], run.values[-1])",
        "answer=(run.points[0, 0], run.values[0])",
    ),
    Fault(
        "the downhill arrow uphill",
        f"{EXPLORERS}/basins.py",
        "arrow = -t.gradients",
        "arrow = t.gradients",
    ),
    Fault(
        "one positive eigenvalue taken for a minimum",
        f"{EXPLORERS}/critical_points.py",
        "if (eigenvalues > 0).all()",
        "if (eigenvalues > 0).any()",
    ),
)

FAULTS = MATHEMATICS + PICTURES
