"""What lesson 4 must notice: the mistakes people make with the δ recursion."""

from tests.faults.fault import Fault

EXPLORERS = "explorers/delta_recursion"

FAULTS = (
    Fault(
        "the batch's output δ with the wrong sign",
        "losses.py",
        "return e * e / 2, e",
        "return e * e / 2, -e",
    ),
    Fault(
        "a(1 − a) without the a", "activations.py", "a * (ONE[z.dtype] - a)", "(ONE[z.dtype] - a)"
    ),
    Fault(
        "z(1 − z) in place of a(1 − a)",
        "backprop.py",
        "activations[l].slope(z[l], a[l + 1])",
        "activations[l].slope(z[l], z[l])",
    ),
    Fault(
        "f′ forgotten",
        "backprop.py",
        "delta = slope * activations[l].slope(z[l], a[l + 1])",
        "delta = slope + 0 * z[l]",
    ),
    Fault(
        "W of another layer on the way back",
        "backprop.py",
        "slope = np.dot(delta, weights[l][0])",
        "slope = np.dot(delta, weights[-1][0])",
    ),
    Fault(
        "W in place of its transpose",
        "recursion.py",
        "slope = weights[l].T @ delta",
        "slope = weights[l] @ delta",
    ),
    Fault(
        "the outer product transposed",
        "recursion.py",
        "np.outer(delta, below)",
        "np.outer(below, delta)",
    ),
    Fault(
        "the wrong layer below",
        "recursion.py",
        "below = a[l - 1] if l > 0",
        "below = a[l] if l > 0",
    ),
    Fault(
        "the ½ on one side only",
        "recursion.py",
        "(node - target) ** 2 * 0.5",
        "(node - target) ** 2",
    ),
    Fault(
        "norms over the wrong axis",
        "recursion.py",
        "np.linalg.norm(delta, axis=(1, 2))",
        "np.linalg.norm(delta, axis=(1, 2)) ** 2",
    ),
    Fault(
        "layers from the wrong end",
        "recursion.py",
        "np.stack(norms[::-1], axis=1)",
        "np.stack(norms, axis=1)",
    ),
    Fault(
        "the confusion matrix transposed",
        "network.py",
        "(dataset.Y.argmax(axis=1), output.argmax(axis=1)), 1)",
        "(output.argmax(axis=1), dataset.Y.argmax(axis=1)), 1)",
    ),
    Fault(
        "softmax minus the wrong thing",
        "losses.py",
        "e / total - y",
        "e / total - 2 * y",
    ),
    Fault(
        "the right update in place of the bug",
        f"{EXPLORERS}/step_by_step.py",
        "back=after) if as_published",
        "back=None) if as_published",
    ),
    Fault(
        "a digit's truth and label swapped",
        f"{EXPLORERS}/wrong_digits.py",
        "np.column_stack([record.told, record.truth])",
        "np.column_stack([record.truth, record.told])",
    ),
    Fault("the bar one step behind", "explorers/progress.py", "self.done += 1", "self.done += 0"),
    Fault(
        "the largest recommended scale, not the level one",
        f"{EXPLORERS}/depth.py",
        "argmin(axis=1)]",
        "argmax(axis=1)]",
    ),
    Fault(
        "the lowest layer goes one layer further down",
        "accumulation.py",
        "list(pairwise(sizes))[:-1]",
        "list(pairwise(sizes))",
    ),
)
