"""Exercises of lesson 1: losses and their gradients."""

import numpy as np

from course.exercises.question import Exercise, Mistake, Question


def _pair(rng, positive=False):
    """Draw true values and predictions of one shape, (N,) or (N, k) with N ≠ k."""
    n, k = rng.choice([2, 3, 4, 5], size=2, replace=False)
    shape = (n,) if rng.random() < 0.4 else (n, k)
    return rng.normal(size=shape).round(2), rng.normal(size=shape).round(2)


def _labels(rng):
    """Draw labels (N,), some of them soft."""
    n = rng.integers(3, 7)
    hard = rng.integers(2, size=n).astype(float)
    hard[:2] = 0.0, 1.0
    return np.where(rng.random(n) < 0.3, rng.random(n).round(2), hard)


# ------------------------------------------------------------------------------------ mse
def mse(y, y_hat):
    """Return the mean squared error: the squares summed over components, averaged over examples.

    y and y_hat have one shape, (N,) or (N, k); for any other pair, raise ValueError.
    """
    if y.shape != y_hat.shape:
        raise ValueError("y and y_hat must have one shape")
    e = y_hat - y
    return (e**2).sum() / len(e)


MSE = Question(
    mse,
    section="1 From errors to one number",
    prompt=r"""Write the mean squared error of $N$ examples,

$$L = \frac1N \sum_{i=1}^N \lVert y_i - \hat y_i\rVert^2 ,$$

with the squares *summed* over the $k$ components of an example and *averaged* over the examples.
Never let NumPy stretch one shape to another: two shapes that differ are an error.""",
    inputs=_pair,
    edges=(
        (np.array([1.0, 2.0, 3.0]), np.array([[1.0], [2.0], [4.0]])),
        (np.array([[1.5, 2.0, 3.0], [4.0, 5.0, 6.5]]), np.array([[2.25], [5.0]])),
        (np.array([[1.25], [2.0]]), np.array([[2.0, 0.5], [3.0, 1.0]])),
    ),
    hints=(
        "First the errors e = ŷ − y, one for each component.",
        "Square them, and add up all of them, whatever the shape is.",
        "The divisor is the number of examples: which axis counts those?",
        "What must hold of the two shapes before you subtract? Raise the error there.",
    ),
    mistakes=(
        Mistake(
            "no 1/N",
            "The squares are added up, but not averaged: the 1/N is missing. A sum grows with the "
            "number of examples, and with it the best learning rate shrinks.",
            ((" / len(e)", ""),),
            credit=0.5,
        ),
        Mistake(
            "extra ½",
            "There is a factor ½ that was not asked for. It is the *half* squared error, which "
            "makes "
            "the 2 of the derivative disappear.",
            (("return (e**2)", "return 0.5 * (e**2)"),),
            credit=0.5,
        ),
        Mistake(
            "root",
            "You take the root of the result. The MSE is a squared distance; its root is the RMSE.",
            (("return (e**2).sum() / len(e)", "return ((e**2).sum() / len(e)) ** 0.5"),),
        ),
        Mistake(
            "divided by N k",
            "You divide by the number of all entries, N·k. Here the components of one example are "
            "summed, and only the examples averaged: divide by N. (PyTorch's default is yours.)",
            (("len(e)", "e.size"),),
            credit=0.5,
        ),
        Mistake(
            "broadcast",
            "For shapes (N,) and (N, 1) NumPy stretches both to a table (N, N) of every prediction "
            "minus every target, and your loss is a number about nothing. Compare the shapes first "
            "and raise ValueError.",
            (("if y.shape != y_hat.shape:", "if len(y) != len(y_hat):"),),
            credit=0.5,
        ),
        Mistake(
            "not squared",
            "The errors are added up without being squared: positive and negative ones cancel.",
            (("e**2", "e"),),
        ),
        Mistake(
            "absolute values",
            "These are absolute errors, not squared ones: that is the MAE.",
            (("(e**2)", "abs(e)"),),
        ),
        Mistake(
            "length for its square",
            "Each example counts with the length of its error, and not with the square "
            "of this length: there is a root too many before the mean.",
            (
                (
                    "(e**2).sum() / len(e)",
                    "np.sqrt((e**2).reshape(len(e), -1).sum(axis=1)).sum() / len(e)",
                ),
            ),
        ),
    ),
    alternatives=(
        """
        def mse(y, y_hat):
            if np.shape(y) != np.shape(y_hat):
                raise ValueError
            y, y_hat = y.reshape(len(y), -1), y_hat.reshape(len(y), -1)
            total = 0.0
            for row, row_hat in zip(y, y_hat):
                for a, b in zip(row, row_hat):
                    total += (a - b) * (a - b)
            return total / y.shape[0]
        """,
        """
        def mse(y, y_hat):
            if y.shape != y_hat.shape:
                raise ValueError("shapes")
            return np.mean(np.sum(((y - y_hat) ** 2).reshape(len(y), -1), axis=1))
        """,
    ),
)


# --------------------------------------------------------------------------- mae_gradient
def mae_gradient(y, y_hat):
    """Return the gradient of the mean absolute error with respect to y_hat, of shape (N,).

    Where a prediction is exact, take 0.
    """
    e = y_hat - y
    return np.sign(e) / len(e)


def _some_exact(rng):
    n = rng.integers(3, 7)
    y, y_hat = rng.normal(size=(2, n)).round(2)
    return y, y_hat


MAE_GRADIENT = Question(
    mae_gradient,
    section="One correction: the MAE has no derivative at 0",
    prompt=r"""The mean absolute error of $N$ numbers is
$L = \frac1N \sum_i \lvert y_i - \hat y_i\rvert$. Write its gradient
$\partial L/\partial \hat y$, one number for each prediction. At an exact prediction there is no
derivative but a whole interval of subgradients, $[-\frac1N, \frac1N]$: take 0. The targets may be
whole numbers.""",
    inputs=_some_exact,
    edges=(
        (np.array([1.0, 2.0, 4.0]), np.array([1.0, 5.0, 3.0])),
        (np.array([3, 1, 2, 5]), np.array([2.5, 1.0, 2.5, 4.75])),
        (np.array([1.0, 2.0, 3.0]), np.array([1.0001, 1.9999, 3.0])),
    ),
    hints=(
        "How does |e| change with e? By +1 on the right of 0, by −1 on the left.",
        "e = ŷ − y, and ŷ enters with a plus sign. `np.sign` is 0 at 0.",
        "The mean puts a 1/N before every term, and the gradient inherits it.",
    ),
    mistakes=(
        Mistake(
            "sign",
            "The sign is reversed. Where the prediction is too large, a larger one makes the loss "
            "grow: the gradient is positive there. (It is the step *downhill* that has the minus.)",
            (("e = y_hat - y", "e = y - y_hat"),),
            credit=0.25,
        ),
        Mistake(
            "no 1/N",
            "The 1/N is missing: each prediction has a share of only 1/N in a mean.",
            ((" / len(e)", ""),),
            credit=0.5,
        ),
        Mistake(
            "nan at 0",
            "Where a prediction is exact you compute 0/0, and the result is nan. One nan is enough "
            "to spoil every sum it enters. Take 0 there: it is one of the subgradients.",
            (("np.sign(e)", "e / np.abs(e)"),),
            credit=0.5,
        ),
        Mistake(
            "residuals",
            "You return the errors themselves. That is the gradient of the (half) squared error; "
            "the "
            "absolute error pulls with the same strength however large the error is.",
            (("np.sign(e)", "e"),),
        ),
        Mistake(
            "subgradient 1 at 0",
            "For an exact prediction you return +1/N, which would push a right prediction away. "
            "That is a subgradient too, but with 0 it stays where it is.",
            (("np.sign(e)", "np.where(e < 0, -1.0, 1.0)"),),
            credit=0.5,
        ),
        Mistake(
            "summed",
            "You return one number. The gradient has one entry for each prediction: no sum here.",
            (("return np.sign(e) / len(e)", "return np.sign(e).sum() / len(e)"),),
        ),
        Mistake(
            "subgradient −1 at 0",
            "For an exact prediction you return −1/N, as if it were too small. That is a "
            "subgradient too, but with 0 it stays where it is.",
            (("np.sign(e)", "np.where(e > 0, 1.0, -1.0)"),),
            credit=0.5,
        ),
        Mistake(
            "whole numbers",
            "For targets that are whole numbers your gradient is cut to whole numbers "
            "too: `np.zeros_like(y)` is then an array of integers. Make it one of "
            "floats.",
            (
                (
                    "return np.sign(e) / len(e)",
                    "g = np.zeros_like(y)\n    g[:] = np.sign(e) / len(e)\n    return g",
                ),
            ),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def mae_gradient(y, y_hat):
            g = np.zeros(len(y))
            for i in range(len(y)):
                if y_hat[i] > y[i]:
                    g[i] = 1 / len(y)
                elif y_hat[i] < y[i]:
                    g[i] = -1 / len(y)
            return g
        """,
        """
        def mae_gradient(y, y_hat):
            n = y.shape[0]
            return ((y_hat > y).astype(np.float32) - (y_hat < y)) / n
        """,
    ),
)


# ------------------------------------------------------------------------------------ bce
def bce(y, p):
    """Return the binary cross-entropy of labels y and probabilities p, both (N,).

    p is clamped to [1e-12, 1 - 1e-12] first.
    """
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum() / len(p)


BCE = Question(
    bce,
    section="2 Where losses come from",
    prompt=r"""Write the binary cross-entropy of labels $y_i \in [0, 1]$ and predicted probabilities
$p_i$,

$$L = -\frac1N \sum_{i=1}^N \bigl[\, y_i \log p_i + (1 - y_i) \log(1 - p_i) \,\bigr] ,$$

with the natural logarithm. Certain answers, $p = 0$ and $p = 1$, must not give infinities: first
clamp $p$ to $[10^{-12}, 1 - 10^{-12}]$, a round number in place of the machine epsilon that the
lesson's `bce` takes.""",
    inputs=lambda rng: (y := _labels(rng), rng.uniform(0.05, 0.95, len(y)).round(2)),
    edges=(
        (np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0, 1.0])),
        # near the clamp: to add 1e-12 is something else
        (np.array([1.0, 0.0, 1.0]), np.array([3e-12, 2e-12, 0.5])),
    ),
    hints=(
        "`np.clip(p, low, high)` clamps.",
        "Two terms: y log p counts where the answer is yes, (1 − y) log(1 − p) where it is no.",
        "Logarithms of probabilities are negative; the minus before the sum makes the loss "
        "positive.",
    ),
    mistakes=(
        Mistake(
            "no minus",
            "The minus is missing. log p is negative, so without it the loss is negative, and "
            "making "
            "it small means being as wrong as possible.",
            (("return -(y", "return (y"),),
            credit=0.5,
        ),
        Mistake(
            "no (1 − y) term",
            "The term (1 − y) log(1 − p) is missing. Without it, saying 1 to everything costs "
            "nothing.",
            ((" + (1 - y) * np.log(1 - p)", ""),),
        ),
        Mistake(
            "log2",
            "You use the logarithm to the base 2, which gives bits. The natural logarithm is asked "
            "for: it is the one whose derivative is 1/p.",
            (
                (
                    "y * np.log(p) + (1 - y) * np.log(1 - p)",
                    "y * np.log2(p) + (1 - y) * np.log2(1 - p)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "log10",
            "You use the logarithm to the base 10. The natural logarithm is asked for: it is the "
            "one "
            "whose derivative is 1/p.",
            (
                (
                    "y * np.log(p) + (1 - y) * np.log(1 - p)",
                    "y * np.log10(p) + (1 - y) * np.log10(1 - p)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "sum",
            "The terms are added up, but not averaged: the 1/N is missing.",
            ((" / len(p)", ""),),
            credit=0.5,
        ),
        Mistake(
            "no clamp",
            "For p = 0 or p = 1 you take the logarithm of 0: the result is inf or nan. Clamp p "
            "first.",
            (("p = np.clip(p, 1e-12, 1 - 1e-12)", "p = p + 0.0"),),
            credit=0.5,
        ),
        Mistake(
            "coarse clamp",
            "The clamp is far too coarse: it changes honest probabilities, and a certain wrong "
            "answer "
            "looks cheap. The limits asked for are 1e-12 and 1 − 1e-12.",
            (("np.clip(p, 1e-12, 1 - 1e-12)", "np.clip(p, 1e-3, 1 - 1e-3)"),),
            credit=0.5,
        ),
        Mistake(
            "y and p swapped",
            "Labels and probabilities are swapped: the logarithms belong to p, the weights to y.",
            (("p = np.clip(p, 1e-12, 1 - 1e-12)", "y, p = p, np.clip(y, 1e-12, 1 - 1e-12)"),),
        ),
        Mistake(
            "labels rounded",
            "You take each label for 0 or 1, whichever is nearer. A label may lie "
            "between them: then *both* terms count, with the weights y and 1 − y.",
            (("    p = np.clip", "    y = (y > 0.5) * 1.0\n    p = np.clip"),),
        ),
    ),
    alternatives=(
        """
        def bce(y, p):
            total = 0.0
            for t, q in zip(y, p):
                q = min(max(q, 1e-12), 1 - 1e-12)
                total -= t * math.log(q) + (1 - t) * math.log(1 - q)
            return total / len(y)
        """,
        """
        def bce(y, p):
            p = np.minimum(np.maximum(p, 1e-12), 1 - 1e-12)
            return np.mean(-y * np.log(p) - (1 - y) * np.log1p(-p))
        """,
    ),
)


# ------------------------------------------------------------------------ bce_with_logits
def bce_with_logits(y, z):
    """Return the binary cross-entropy of labels y and logits z, both (N,), for every finite z."""
    softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return (softplus - y * z).sum() / len(z)


BCE_WITH_LOGITS = Question(
    bce_with_logits,
    section="8 The logarithm of zero, and how to avoid it",
    prompt=r"""The same loss, from logits $z$ with $p = \sigma(z)$. Inserted and simplified it is
$L = \frac1N\sum_i \bigl[\log(1 + e^{z_i}) - y_i z_i\bigr]$. Written so, $e^{z}$ overflows for
$z = 1000$. Write it so that it is right up to rounding for every finite $z$; a
loss of next to nothing may come out as 0.""",
    inputs=lambda rng: (y := _labels(rng), rng.normal(scale=3, size=len(y)).round(2)),
    edges=(
        (np.array([0.0, 1.0, 1.0, 0.0]), np.array([1000.0, -1000.0, 1000.0, -1000.0])),
        (np.array([1.0, 0.0]), np.array([11.0, -11.0])),
    ),
    hints=(
        "Take the larger of 1 and e^z out of the logarithm.",
        "log(1 + e^z) = max(z, 0) + log(1 + e^(−|z|)): the power is at most 1 now.",
        "`np.logaddexp(0, z)` is log(e⁰ + e^z), computed in just that way.",
    ),
    mistakes=(
        Mistake(
            "overflow",
            "For z = ±1000 your result is inf or nan: e^z overflows, or a logarithm of 0 is taken. "
            "Take the larger term out of the logarithm before you compute it.",
            (
                (
                    "np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))",
                    "np.log(1 + np.exp(z))",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "no −y z",
            "The −y z is missing: without it the loss does not know the labels.",
            ((" - y * z", ""),),
        ),
        Mistake(
            "sum",
            "The terms are added up, but not averaged: the 1/N is missing.",
            ((" / len(z)", ""),),
            credit=0.5,
        ),
        Mistake(
            "+ y z",
            "The sign before y z is wrong. For y = 1 a large z is right, and must make the loss "
            "small.",
            (("softplus - y * z", "softplus + y * z"),),
        ),
        Mistake(
            "|z| forgotten",
            "For negative z your log(1 + e^z) is too large by |z|: the stable form adds max(z, 0), "
            "which is 0 there, and its power is e^(−|z|). With e^(−z) it would overflow besides.",
            (("-np.abs(z)", "-z"),),
        ),
        Mistake(
            "clamped logits",
            "You clamp the logits to keep e^z finite. Beyond the clamp the loss is wrong: z = 1000 "
            "costs 1000 when the label is 0.",
            (
                (
                    "softplus = np.maximum(z, 0)",
                    "z = np.clip(z, -500, 500)\n    softplus = np.maximum(z, 0)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "log(1 + e^(−z))",
            "You have log(1 + e^(−z)) where log(1 + e^z) belongs. Check it: for the "
            "label 0 a large z is wrong, and must cost about z.",
            (("softplus = np.maximum(z, 0)", "softplus = np.maximum(-z, 0)"),),
        ),
        Mistake(
            "1 − y for y",
            "You subtract (1 − y) z, as if the labels 0 and 1 were exchanged. For y = 1 a large z "
            "is right, and must make the loss small.",
            (("- y * z", "- (1 - y) * z"),),
        ),
        Mistake(
            "no max(z, 0)",
            "log(1 + e^(−|z|)) is only the rest of the stable form. The larger term, "
            "which was taken out of the logarithm, has to be added: max(z, 0).",
            (("np.maximum(z, 0) + ", ""),),
        ),
        Mistake(
            "p clamped",
            "You go by way of a clamped p. Then a certain wrong answer costs what the "
            "clamp allows, some 28; for z = 1000 and the label 0 it should be 1000.",
            (
                (
                    "    softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))\n",
                    "    p = np.clip(1 / (1 + np.exp(-z)), 1e-12, 1 - 1e-12)\n",
                ),
                ("(softplus - y * z)", "(-y * np.log(p) - (1 - y) * np.log(1 - p))"),
            ),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def bce_with_logits(y, z):
            return np.mean(np.logaddexp(0, z) - y * z)
        """,
        """
        def bce_with_logits(y, z):
            out = []
            for t, v in zip(y, z):
                if v >= 0:
                    out.append(v + math.log1p(math.exp(-v)) - t * v)
                else:
                    out.append(math.log1p(math.exp(v)) - t * v)
            return sum(out) / len(out)
        """,
    ),
)


# ------------------------------------------------------------------------- bce_gradient_z
def bce_gradient_z(y, z):
    """Return the gradient of the binary cross-entropy with respect to the logits z, shape (N,)."""
    a = np.exp(-np.logaddexp(0, -z))
    return (a - y) / len(z)


BCE_GRADIENT_Z = Question(
    bce_gradient_z,
    section="9 How fast a wrong neuron learns",
    prompt=r"""With $a = \sigma(z)$ and the binary cross-entropy (the mean over $N$ examples), write
the gradient $\partial L/\partial z$, one number for each logit. Derive it first: the derivative of
the loss by $a$ is $(a - y)/(a(1 - a))$, and $\sigma'(z) = a(1 - a)$. It must come out
right up to rounding for every finite $z$, so simplify it.""",
    inputs=lambda rng: (y := _labels(rng), rng.normal(scale=2, size=len(y)).round(2)),
    edges=((np.array([1.0, 0.0, 0.0, 1.0]), np.array([40.0, -1000.0, 0.5, 1000.0])),),
    hints=(
        "Multiply the two derivatives. What cancels?",
        "a(1 − a) cancels, and a − y is left.",
        "The mean gives each entry a factor 1/N.",
    ),
    mistakes=(
        Mistake(
            "extra a(1 − a)",
            "There is a factor a(1 − a) too many. It belongs to the squared error; for the "
            "cross-entropy it cancels, and that is why a saturated neuron still learns.",
            (("(a - y)", "(a - y) * a * (1 - a)"),),
            credit=0.25,
        ),
        Mistake(
            "sign",
            "The sign is reversed: y − a points downhill, the gradient points uphill.",
            (("(a - y)", "(y - a)"),),
            credit=0.25,
        ),
        Mistake(
            "no 1/N",
            "The 1/N is missing: each logit has a share of only 1/N in a mean.",
            ((" / len(z)", ""),),
            credit=0.5,
        ),
        Mistake(
            "no sigmoid",
            "You subtract the label from the logit itself. The prediction is a = σ(z).",
            (("a = np.exp(-np.logaddexp(0, -z))", "a = z"),),
        ),
        Mistake(
            "gradient by a",
            "This is the gradient with respect to a, (a − y)/(a(1 − a)). One more link of the "
            "chain is "
            "missing: da/dz = a(1 − a).",
            (("(a - y)", "(a - y) / (a * (1 - a))"),),
            credit=0.25,
        ),
        Mistake(
            "σ(−z)",
            "Your sigmoid falls instead of rising: check the sign in the power.",
            (("logaddexp(0, -z)", "logaddexp(0, z)"),),
        ),
        Mistake(
            "overflow",
            "For a large z your result is nan: e^z is infinite there, and ∞/∞ no number. Write the "
            "sigmoid with e^(−z): 1/(1 + 0) is right.",
            (("np.exp(-np.logaddexp(0, -z))", "np.exp(z) / (1 + np.exp(z))"),),
            credit=0.5,
        ),
        Mistake(
            "not simplified",
            "For a large |z| the sigmoid is exactly 0 or 1 in the computer, and the "
            "fraction of the two derivatives 0/0 or 1/0. Simplify it before you write it down: "
            "a(1 − a) cancels.",
            (("(a - y) /", "(a - y) / (a * (1 - a)) * (a * (1 - a)) /"),),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def bce_gradient_z(y, z):
            g = np.empty(len(z))
            for i in range(len(z)):
                g[i] = (0.5 * (1 + math.tanh(z[i] / 2)) - y[i]) / len(z)
            return g
        """,
        """
        def bce_gradient_z(y, z):
            return (1 / (1 + np.exp(-z)) - y) / len(z)
        """,
    ),
)


# -------------------------------------------------------------------------- best_constant
def best_constant(y, loss):
    """Return the constant that has the least loss as prediction for all of y.

    loss is "mse" or "mae". If several constants are equally good, return the middle one.
    """
    if loss == "mse":
        return np.mean(y)
    s = np.sort(y)
    return (s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2


BEST_CONSTANT = Question(
    best_constant,
    section="4 What a loss asks for: the mean or the median",
    prompt=r"""You may predict only one number $c$ for all of $y$. Which has the least loss, if the
loss is the MSE, and which if it is the MAE? With an even number of values every $c$ between the two
middle ones has the same MAE: return the middle of that interval.""",
    inputs=lambda rng: (
        np.append(rng.normal(size=rng.integers(3, 8)).round(2), rng.uniform(20, 90)).round(2),
        str(rng.choice(["mse", "mae"])),
    ),
    edges=(
        (np.array([4.0, 1.0, 100.0, 3.0, 2.0]), "mse"),
        (np.array([4.0, 1.0, 100.0, 3.0, 2.0]), "mae"),
        (np.array([9.0, 1.0, 2.0, 4.0]), "mae"),
        # values that come several times count several times
        (np.array([5.0, 1.0, 1.0, 9.0, 1.0]), "mae"),
    ),
    count=10,
    hints=(
        "Set the derivative by c to zero. For the MSE: Σ 2(c − yᵢ) = 0.",
        "For the MAE the derivative is 1/N times (how many lie below c) − (how many lie above): it "
        "changes its sign in the middle of the sorted values.",
        "With an even number of values the middle is halfway between two of them.",
    ),
    mistakes=(
        Mistake(
            "swapped",
            "Mean and median are swapped: the squared error asks for the mean, the absolute error "
            "for "
            "the median.",
            (('loss == "mse"', 'loss == "mae"'),),
        ),
        Mistake(
            "mean for both",
            "You return the mean for the absolute error too. One outlier drags the mean along; the "
            "absolute error only counts how many lie on either side.",
            (('if loss == "mse":', "if True:"),),
            credit=0.25,
        ),
        Mistake(
            "median for both",
            "You return the median for the squared error too. The squared error is least at the "
            "mean: "
            "there the errors add up to zero.",
            (('if loss == "mse":', "if False:"),),
            credit=0.25,
        ),
        Mistake(
            "not sorted",
            "You take the middle entry of y as it stands. The median is the middle of the *sorted* "
            "values.",
            (("s = np.sort(y)", "s = y"),),
        ),
        Mistake(
            "upper middle",
            "With an even number of values you return one of the two in the middle. Any number "
            "between them is as good; the middle of the interval was asked for.",
            (("(s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2", "s[len(s) // 2]"),),
            credit=0.5,
        ),
        Mistake(
            "midrange",
            "You return the middle between the smallest and the largest value. That is least for "
            "the "
            "*largest* error, and one outlier moves it half the way.",
            (
                (
                    "(s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2",
                    "(s[0] + s[-1]) / 2",
                ),
            ),
        ),
        Mistake(
            "the loss itself",
            "You return the least loss. What is asked for is the constant that has it.",
            source="""
            def best_constant(y, loss):
                if loss == "mse":
                    return np.mean((y - np.mean(y)) ** 2)
                return np.mean(np.abs(y - np.median(y)))
            """,
        ),
        Mistake(
            "one past the middle",
            "With an even number n of values the two in the middle have the numbers n/2 "
            "− 1 and n/2, counted from 0. You take them one place further up.",
            (
                (
                    "(s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2",
                    "(s[len(s) // 2] + s[len(s) // 2 + 1 - len(s) % 2]) / 2",
                ),
            ),
        ),
    ),
    alternatives=(
        """
        def best_constant(y, loss):
            return float(np.mean(y)) if loss == "mse" else float(np.median(y))
        """,
    ),
)


# ----------------------------------------------------------------------------- which_loss
def which_bug():
    """Return the letter of the sentence that is true: "a", "b", "c" or "d"."""
    return "a"


WHICH_BUG = Question(
    which_bug,
    section="10 Where this goes wrong: a bug to find",
    prompt=r"""Read the program below; it runs, and ends with every example right. `cross_entropy`
is the course's, which takes logits. What is wrong?

- **a** `cross_entropy` gets probabilities, where it wants logits: softmax is applied twice.
- **b** The labels should be numbers 0, 1, 2 instead of rows with a 1.
- **c** The learning rate is too large: the logits run away and the loss stays high.
- **d** The loss should be divided by the number of classes.""",
    given="""from course.losses import cross_entropy, softmax

labels = np.eye(3)[[0, 2, 1, 1]]
z = np.zeros((4, 3))
for _ in range(200):
    z = z - 5.0 * cross_entropy.gradient(labels, softmax(z))
right = (z.argmax(axis=1) == labels.argmax(axis=1)).mean()
print(f"loss {cross_entropy(labels, softmax(z)):.4f}, right: {right:.0%}")
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "What is the smallest loss that four certain and right answers can have? What comes out?",
        "Look at what goes into `cross_entropy`, and read in its docstring what it takes.",
    ),
    mistakes=(
        Mistake(
            "b",
            "Rows with a 1 are what the course's `cross_entropy` wants. Look at its other "
            "argument.",
            (('return "a"', 'return "b"'),),
        ),
        Mistake(
            "c",
            "The rate is not the trouble: halve it, and the loss still stops above ½. Look at "
            "what goes "
            "into `cross_entropy`.",
            (('return "a"', 'return "c"'),),
        ),
        Mistake(
            "d",
            "A constant factor moves no minimum, and right, certain answers would still cost "
            "something "
            "here. Look at what goes into `cross_entropy`.",
            (('return "a"', 'return "d"'),),
        ),
    ),
)


EXERCISE = Exercise(
    "01_losses",
    "Losses",
    intro="""A loss says how wrong a prediction is, and its gradient which way is less wrong. Below
you write both yourself.""",
    questions=(
        MSE,
        MAE_GRADIENT,
        BEST_CONSTANT,
        BCE,
        BCE_WITH_LOGITS,
        BCE_GRADIENT_Z,
        WHICH_BUG,
    ),
)
