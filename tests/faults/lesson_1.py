"""What lesson 1 must notice: mistakes in losses, their gradients, and one neuron."""

from tests.faults.fault import Fault

EXPLORERS = "explorers/losses"

FAULTS = (
    # ------------------------------------------------------------------------ regression
    Fault(
        "the mean squared error without its 1/N",
        "losses.py",
        "return terms.sum() / N, slopes / N",
        "return terms.sum(), slopes / N",
    ),
    Fault(
        "the 2 of the square's slope dropped",
        "losses.py",
        "return e * e, 2 * e",
        "return e * e, e",
    ),
    Fault(
        "divided by all entries instead of by the examples",
        "losses.py",
        "N = float(len(y_hat))",
        "N = float(y_hat.size)",
    ),
    Fault(
        "residuals in place of their signs",
        "losses.py",
        "return np.abs(e), np.sign(e)",
        "return np.abs(e), e",
    ),
    Fault(
        "the absolute error's slope at 0 taken as 1",
        "losses.py",
        "return np.abs(e), np.sign(e)",
        "return np.abs(e), np.where(e < 0, -1.0, 1.0)",
    ),
    # -------------------------------------------------------------------- classification
    Fault(
        "the term of the other class forgotten",
        "losses.py",
        "-(y * np.log(p) + (1 - y) * np.log(q))",
        "-(y * np.log(p))",
    ),
    Fault("logarithms to the base 2", "losses.py", "-(y * np.log(p)", "-(y * np.log2(p)"),
    Fault(
        "target minus prediction in the entropy's slope",
        "losses.py",
        "(p - y) / (p * q)",
        "(y - p) / (p * q)",
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
        "return np.logaddexp(0, z) - y * z,",
        "return np.logaddexp(0, z),",
    ),
    Fault(
        "an extra a(1 − a) for logits",
        "losses.py",
        "1 / (1 + np.exp(-z)) - y",
        "(1 / (1 + np.exp(-z)) - y) / (1 + np.exp(-z)) / (1 + np.exp(z))",
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
        "[1] * activation.slope(z, a)",
        "[1]",
    ),
    Fault(
        "a sigmoid of the wrong sign",
        "activations.py",
        "a = np.exp(-z)",
        "a = np.exp(z)",
    ),
    Fault(
        "the sigmoid's slope without its 1 − a",
        "activations.py",
        "return a * (ONE[z.dtype] - a)",
        "return a * ONE[z.dtype]",
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
