"""What lesson 1 must notice: mistakes in losses, their gradients, and one neuron."""

from tests.faults.fault import Fault

EXPLORERS = "explorers/losses"

FAULTS = (
    # ------------------------------------------------------------------------ regression
    Fault(
        "the mean squared error without its 1/N",
        "losses.py",
        "return np.vdot(e, e) / len(e), e * (2 / len(e))",
        "return np.vdot(e, e), e * (2 / len(e))",
    ),
    Fault(
        "the 2 of the square's slope dropped",
        "losses.py",
        "e * (2 / len(e))",
        "e * (1 / len(e))",
    ),
    Fault(
        "divided by all entries instead of by the examples",
        "losses.py",
        "return np.vdot(e, e) / (2 * N), e / N",
        "return np.vdot(e, e) / (2 * e.size), e / e.size",
    ),
    Fault(
        "residuals in place of their signs",
        "losses.py",
        "np.sign(e) / len(e)",
        "e / len(e)",
    ),
    Fault(
        "the absolute error's slope at 0 taken as 1",
        "losses.py",
        "np.sign(e) / len(e)",
        "np.where(e < 0, -1.0, 1.0) / len(e)",
    ),
    # -------------------------------------------------------------------- classification
    Fault(
        "the term of the other class forgotten",
        "losses.py",
        "-(y * np.log(p) + (1 - y) * np.log(q)).sum()",
        "-(y * np.log(p)).sum()",
    ),
    Fault("logarithms to the base 2", "losses.py", "-(y * np.log(p)", "-(y * np.log2(p)"),
    Fault(
        "target minus prediction in the entropy's slope",
        "losses.py",
        "(p - y) / (p * q * len(p))",
        "(y - p) / (p * q * len(p))",
    ),
    Fault(
        "a clamp that is far too coarse",
        "losses.py",
        "p = y_hat.clip(epsilon, 1 - epsilon)",
        "p = y_hat.clip(1e-3, 1 - 1e-3)",
    ),
    Fault(
        "the stable form without its −yz",
        "losses.py",
        "(np.logaddexp(0, z) - y * z).sum()",
        "(np.logaddexp(0, z)).sum()",
    ),
    Fault(
        "an extra a(1 − a) for logits",
        "losses.py",
        "return value, (1 / (1 + np.exp(-z)) - y) / len(z)",
        "return value, (1 / (1 + np.exp(-z)) - y) / (1 + np.exp(-z)) / (1 + np.exp(z)) / len(z)",
    ),
    Fault(
        "the softmax divided by the sum over all examples",
        "losses.py",
        "return z, e, e.sum(axis=-1, keepdims=True)",
        "return z, e, e.sum(keepdims=True)",
    ),
    # ------------------------------------------------------------------------ one neuron
    Fault(
        "the bias left out of the neuron",
        "neuron.py",
        "inputs = np.array([x, 1.0])",
        "inputs = np.array([x, 0.0])",
    ),
    Fault(
        "the neuron's slope without f′",
        "neuron.py",
        "[1][0] * activation.slope(z, a)",
        "[1][0]",
    ),
    Fault(
        "a sigmoid of the wrong sign",
        "activations.py",
        "a = np.exp(-z)",
        "a = np.exp(z)",
    ),
    # ------------------------------------------------------------------------- explorers
    Fault(
        "the middle without sorting",
        f"{EXPLORERS}/outlier.py",
        "middle = np.sort(y)[",
        "middle = y[",
    ),
    Fault(
        "a logit of the wrong sign",
        f"{EXPLORERS}/one_prediction.py",
        "return np.log(p) - np.log1p(-np.asarray(p))",
        "return np.log1p(-np.asarray(p)) - np.log(p)",
    ),
    Fault(
        "both curves of the slow-down the same",
        f"{EXPLORERS}/slow_down.py",
        "for loss in (QUADRATIC, ENTROPY)))",
        "for loss in (ENTROPY, ENTROPY)))",
    ),
)
