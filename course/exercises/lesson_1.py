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
The arrays have one shape, $(N,)$ or $(N, k)$. Never let NumPy stretch one shape to another: for two
shapes that differ, raise ValueError.""",
    inputs=_pair,
    edges=(
        (np.array([1.0, 2.0, 3.0]), np.array([[1.0], [2.0], [4.0]])),
        (np.array([[1.5, 2.0, 3.0], [4.0, 5.0, 6.5]]), np.array([[2.25], [5.0]])),
        (np.array([[1.25], [2.0]]), np.array([[2.0, 0.5], [3.0, 1.0]])),
    ),
    whole=True,
    hints=(
        "First the errors, one for each component. Does it matter which of the two is subtracted?",
        "Square each of them, then add up all of them: `.sum()` makes one number of a table too.",
        "By what do you divide? Count the examples: they lie along the first axis, which `len` "
        "measures.",
        "Shapes that differ must be refused before anything is computed: every array knows its "
        "`shape`, and `raise` stops with an error.",
    ),
    mistakes=(
        Mistake(
            "no 1/N",
            "The squares are added up, but not averaged: the 1/N is missing. A sum grows with "
            "the number of examples, so the best learning rate would have to shrink with it.",
            ((" / len(e)", ""),),
            credit=0.5,
        ),
        Mistake(
            "extra ½",
            "You return half of it: there is a factor ½ that was not asked for. (Half the "
            "squared error is in use too, because its derivative has no factor 2.)",
            (("return (e**2)", "return 0.5 * (e**2)"),),
            credit=0.5,
        ),
        Mistake(
            "root",
            "You take the root of the result. The MSE is a mean of squares; its root is another "
            "number, the RMSE.",
            (("return (e**2).sum() / len(e)", "return ((e**2).sum() / len(e)) ** 0.5"),),
            credit=0.5,
        ),
        Mistake(
            "divided by N k",
            "You divide by the number of all entries, N·k. Here the components of one example "
            "are summed, and only the examples averaged: divide by N. (Dividing by N·k is "
            "PyTorch's default.)",
            (("len(e)", "e.size"),),
            credit=0.5,
        ),
        Mistake(
            "broadcast",
            "You let pairs of different shapes through. For (N,) and (N, 1) NumPy then makes a "
            "table (N, N) of every prediction minus every target, and the result says nothing "
            "about the errors. Compare the shapes first and raise ValueError.",
            (("if y.shape != y_hat.shape:", "if len(y) != len(y_hat):"),),
            credit=0.75,
        ),
        Mistake(
            "not squared",
            "The errors are averaged without being squared, so that positive and negative ones "
            "cancel.",
            (("e**2", "e"),),
        ),
        Mistake(
            "absolute values",
            "These are absolute errors, not squared ones: you return the MAE. A large error must"
            " count for more than in proportion to its size.",
            (("(e**2)", "abs(e)"),),
            credit=0.25,
        ),
        Mistake(
            "length for its square",
            "Each example counts with the length of its error instead of the square of that "
            "length: a root is taken before the mean.",
            (
                (
                    "(e**2).sum() / len(e)",
                    "np.sqrt((e**2).reshape(len(e), -1).sum(axis=1)).sum() / len(e)",
                ),
            ),
            credit=0.5,
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
derivative but a whole interval of subgradients, $[-\frac1N, \frac1N]$: take 0.""",
    inputs=_some_exact,
    edges=(
        (np.array([1000.0, -2.0, 5.0]), np.array([1000.001, -2.00001, 5.0])),
        (np.array([1.0, 2.0, 4.0]), np.array([1.0, 5.0, 3.0])),
        (np.array([3, 1, 2, 5]), np.array([2.5, 1.0, 2.5, 4.75])),
        (np.array([1.0, 2.0, 3.0]), np.array([1.0001, 1.9999, 3.0])),
    ),
    whole=True,
    hints=(
        "How does |e| change with e? By +1 on the right of 0, by −1 on the left.",
        "In e = ŷ − y the prediction enters with a plus sign. Which function is −1, 0 or 1?",
        "A mean is a sum divided by N. What does that do to the derivative of each term?",
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
            "Where a prediction is exact your result is nan, as 0/0 is. One nan is enough to "
            "spoil every sum it enters. Take 0 there: it is one of the subgradients.",
            (("np.sign(e)", "e / np.abs(e)"),),
            credit=0.75,
        ),
        Mistake(
            "residuals",
            "You return the errors divided by N. That is the gradient of half the squared error;"
            " the absolute error pulls equally hard however large the error is.",
            (("np.sign(e)", "e"),),
        ),
        Mistake(
            "subgradient 1 at 0",
            "For an exact prediction you return +1/N, which would push a right prediction away. "
            "It is a subgradient too, but 0 was asked for: with 0 it stays where it is.",
            (("np.sign(e)", "np.where(e < 0, -1.0, 1.0)"),),
            credit=0.75,
        ),
        Mistake(
            "summed",
            "You return one number, the sum of the entries. The gradient has one entry for each "
            "prediction, because each can be moved by itself.",
            (("return np.sign(e) / len(e)", "return np.sign(e).sum() / len(e)"),),
            credit=0.25,
        ),
        Mistake(
            "subgradient −1 at 0",
            "For an exact prediction you return −1/N, as if it were too small, and a step "
            "downhill would move it. It is a subgradient too, but 0 was asked for.",
            (("np.sign(e)", "np.where(e > 0, 1.0, -1.0)"),),
            credit=0.75,
        ),
        Mistake(
            "whole numbers",
            "For targets that are whole numbers your gradient is cut to whole numbers too. Is it"
            " written into an array made like `y`, which holds integers? It needs one of floats.",
            (
                (
                    "return np.sign(e) / len(e)",
                    "g = np.zeros_like(y)\n    g[:] = np.sign(e) / len(e)\n    return g",
                ),
            ),
            credit=0.75,
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
            "making it small means being as wrong as possible.",
            (("return -(y", "return (y"),),
            credit=0.25,
        ),
        Mistake(
            "no (1 − y) term",
            "The term (1 − y) log(1 − p) is missing. Without it, saying 1 to everything costs "
            "nothing.",
            ((" + (1 - y) * np.log(1 - p)", ""),),
            credit=0.25,
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
            "You use the logarithm to the base 10, and your loss is 2.3 times too small. The "
            "natural logarithm is asked for, whose derivative is simply 1/p.",
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
            "For p = 0 or p = 1 a logarithm of 0 is taken: the result is inf or nan. Clamp p "
            "first.",
            (("p = np.clip(p, 1e-12, 1 - 1e-12)", "p = p + 0.0"),),
            credit=0.75,
        ),
        Mistake(
            "coarse clamp",
            "You clamp at 1e-3, which is far too coarse: honest probabilities are changed, and a"
            " certain wrong answer costs 7 instead of 28. The limits asked for are 1e-12 and 1 −"
            " 1e-12.",
            (("np.clip(p, 1e-12, 1 - 1e-12)", "np.clip(p, 1e-3, 1 - 1e-3)"),),
            credit=0.75,
        ),
        Mistake(
            "clamp at 1e-7",
            "You clamp at 1e-7, as Keras does: a certain wrong answer costs 16 instead of 28. The "
            "limits asked for are 1e-12 and 1 − 1e-12.",
            (("np.clip(p, 1e-12, 1 - 1e-12)", "np.clip(p, 1e-7, 1 - 1e-7)"),),
            credit=0.75,
        ),
        Mistake(
            "clamp at 1e-15",
            "You clamp at 1e-15: a certain wrong answer costs 35 instead of 28. The limits asked "
            "for are 1e-12 and 1 − 1e-12.",
            (("np.clip(p, 1e-12, 1 - 1e-12)", "np.clip(p, 1e-15, 1 - 1e-15)"),),
            credit=0.75,
        ),
        Mistake(
            "clamp at the machine epsilon",
            "You clamp at the machine epsilon, as the lesson does: a certain wrong answer costs 36 "
            "instead of 28. Here the limits are 1e-12 and 1 − 1e-12.",
            (("np.clip(p, 1e-12, 1 - 1e-12)", "np.clip(p, 2.0**-52, 1 - 2.0**-52)"),),
            credit=0.75,
        ),
        Mistake(
            "1e-12 added",
            "You add 1e-12 where p was to be clamped, so that probabilities near the limit are "
            "changed too. A clamp leaves alone what lies between its limits.",
            (
                ("p = np.clip(p, 1e-12, 1 - 1e-12)", "p = p + 0.0"),
                ("y * np.log(p)", "y * np.log(p + 1e-12)"),
                ("np.log(1 - p)", "np.log(1 - p + 1e-12)"),
            ),
            credit=0.75,
        ),
        Mistake(
            "y and p swapped",
            "Labels and probabilities are swapped: the logarithms belong to p, the weights to y.",
            (("p = np.clip(p, 1e-12, 1 - 1e-12)", "y, p = p, np.clip(y, 1e-12, 1 - 1e-12)"),),
            credit=0.25,
        ),
        Mistake(
            "labels rounded",
            "You take each label for 0 or 1, whichever is nearer. A label may lie between them: "
            "then *both* terms count, with the weights y and 1 − y.",
            (("    p = np.clip", "    y = (y > 0.5) * 1.0\n    p = np.clip"),),
            credit=0.5,
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
    """Return the binary cross-entropy of labels y and logits z, both (N,).

    No finite z makes it overflow.
    """
    softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return (softplus - y * z).sum() / len(z)


BCE_WITH_LOGITS = Question(
    bce_with_logits,
    section="8 The logarithm of zero, and how to avoid it",
    prompt=r"""The same loss, from logits $z$ with $p = \sigma(z)$. Inserted and simplified it is
$L = \frac1N\sum_i \bigl[\log(1 + e^{z_i}) - y_i z_i\bigr]$. Written so, $e^{z}$ overflows for
$z = 1000$. Write it so that it is right for every finite $z$, $\pm1000$ included, up to
the rounding of its terms, which are as large as $|z|$: a loss of next to nothing may come out
as 0.""",
    inputs=lambda rng: (y := _labels(rng), rng.normal(scale=3, size=len(y)).round(2)),
    edges=(
        (np.array([0.0, 1.0, 1.0, 0.0]), np.array([1000.0, -1000.0, 1000.0, -1000.0])),
        (np.array([1.0, 0.0]), np.array([11.0, -11.0])),
    ),
    whole=True,
    hints=(
        "Take the larger of 1 and e^z out of the logarithm: what is left inside has no large "
        "power.",
        "For z > 0 that is log(1 + e^z) = z + log(1 + e^(−z)). What do you do for z < 0, and how"
        " do you write both cases as one formula?",
        "NumPy also has a function for log(e^a + e^b), computed in just that way: "
        "`np.logaddexp(a, b)`. What are a and b here?",
    ),
    mistakes=(
        Mistake(
            "overflow",
            "Where z is 1000 or −1000 your result is inf or nan: e^z overflows, or a logarithm "
            "of 0 is taken. Take the larger term out of the logarithm before you compute it.",
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
            "The term −y z is missing: without it the loss does not know the labels.",
            ((" - y * z", ""),),
            credit=0.25,
        ),
        Mistake(
            "sum",
            "This is the loss of all examples together. The mean was asked for: the 1/N is "
            "missing.",
            ((" / len(z)", ""),),
            credit=0.5,
        ),
        Mistake(
            "+ y z",
            "The sign before y z is wrong. For y = 1 a large z is right, and must make the loss "
            "small.",
            (("softplus - y * z", "softplus + y * z"),),
            credit=0.5,
        ),
        Mistake(
            "|z| forgotten",
            "For negative z your log(1 + e^z) is too large by |z|, and for z = −1000 it "
            "overflows. Once the larger term is outside, the power that is left must never be "
            "above 1, on either side of 0.",
            (("-np.abs(z)", "-z"),),
            credit=0.25,
        ),
        Mistake(
            "clamped logits",
            "You clamp the logits at 500 to keep e^z finite. Beyond the clamp the loss is wrong:"
            " z = 1000 costs 1000 when the label is 0.",
            (
                (
                    "softplus = np.maximum(z, 0)",
                    "z = np.clip(z, -500, 500)\n    softplus = np.maximum(z, 0)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "clamped logits, at 700",
            "You clamp the logits at 700, where e^z is finite. Beyond that the loss is wrong: "
            "z = 1000 costs 1000 when the label is 0.",
            (
                (
                    "softplus = np.maximum(z, 0)",
                    "z = np.clip(z, -700, 700)\n    softplus = np.maximum(z, 0)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "clamped logits, at 100",
            "You clamp the logits at 100. Beyond that the loss is wrong: z = 1000 costs 1000 when "
            "the label is 0.",
            (
                (
                    "softplus = np.maximum(z, 0)",
                    "z = np.clip(z, -100, 100)\n    softplus = np.maximum(z, 0)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "log(1 + e^(−z))",
            "You have log(1 + e^(−z)) where log(1 + e^z) belongs. Check it: for the "
            "label 0 a large z is wrong, and must cost about z.",
            (("softplus = np.maximum(z, 0)", "softplus = np.maximum(-z, 0)"),),
            credit=0.25,
        ),
        Mistake(
            "1 − y for y",
            "You subtract (1 − y) z, as if the labels 0 and 1 were exchanged. For y = 1 a large z "
            "is right, and must make the loss small.",
            (("- y * z", "- (1 - y) * z"),),
            credit=0.25,
        ),
        Mistake(
            "no max(z, 0)",
            "log(1 + e^(−|z|)) is only one part of the stable form. The larger term, which was "
            "taken out of the logarithm, has to be added back.",
            (("np.maximum(z, 0) + ", ""),),
            credit=0.25,
        ),
        Mistake(
            "by way of p",
            "Where z is 1000 or −1000 your result is nan: p is exactly 0 or 1 in the computer, and "
            "0 times the logarithm of 0 is not a number. Simplify the formula until it has only z.",
            (
                (
                    "    softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))\n",
                    "    p = 1 / (1 + np.exp(-z))\n",
                ),
                ("(softplus - y * z)", "(-y * np.log(p) - (1 - y) * np.log(1 - p))"),
            ),
            credit=0.5,
        ),
        Mistake(
            "p clamped",
            "You compute the loss from a clamped p. Then a certain wrong answer costs at most "
            "what the clamp allows, about 28; for z = 1000 and the label 0 it should be 1000.",
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
right up to rounding for every finite $z$, $\pm1000$ included, so simplify it.""",
    inputs=lambda rng: (y := _labels(rng), rng.normal(scale=2, size=len(y)).round(2)),
    edges=((np.array([1.0, 0.0, 0.0, 1.0]), np.array([40.0, -1000.0, 0.5, 1000.0])),),
    whole=True,
    hints=(
        "Multiply the two derivatives. What cancels?",
        "The loss is a mean of N terms, and z_i is in one of them only.",
        "1/(1 + e^(−z)) survives an infinite power, e^z/(1 + e^z) does not.",
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
            "The sign is reversed: y − a says which way is downhill, and the gradient points "
            "uphill.",
            (("(a - y)", "(y - a)"),),
            credit=0.25,
        ),
        Mistake(
            "no 1/N",
            "The 1/N is missing. The loss is a mean, in which each example, and so each logit, "
            "has a share of only 1/N.",
            ((" / len(z)", ""),),
            credit=0.5,
        ),
        Mistake(
            "no sigmoid",
            "You subtract the label from the logit itself, which may be any number. The "
            "prediction is a = σ(z).",
            (("a = np.exp(-np.logaddexp(0, -z))", "a = z"),),
            credit=0.25,
        ),
        Mistake(
            "gradient by a",
            "This is the gradient with respect to a, (a − y)/(a(1 − a)). One link of the chain "
            "is still missing: da/dz.",
            (("(a - y)", "(a - y) / (a * (1 - a))"),),
            credit=0.25,
        ),
        Mistake(
            "σ(−z)",
            "Your sigmoid falls instead of rising: for a large z it must come close to 1. Check "
            "the sign in the power.",
            (("logaddexp(0, -z)", "logaddexp(0, z)"),),
            credit=0.25,
        ),
        Mistake(
            "overflow",
            "For a large z your result is nan: e^z is infinite there, and ∞/∞ is not a number. "
            "With e^(−z) in its place the infinity would stand in a denominator alone, where it "
            "does no harm.",
            (("np.exp(-np.logaddexp(0, -z))", "np.exp(z) / (1 + np.exp(z))"),),
            credit=0.5,
        ),
        Mistake(
            "not simplified",
            "For a large |z| the sigmoid is exactly 0 or 1 in the computer, and the fraction of "
            "the two derivatives is 0/0 or 1/0. Simplify on paper before you write it down: "
            "something cancels.",
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
        "Set the derivative by c to zero. For the MSE: Σ 2(c − yᵢ) = 0. What is c?",
        "For the MAE the derivative is 1/N times (how many lie below c) − (how many lie above): "
        "it changes its sign in the middle of the sorted values.",
        "Both constants are old acquaintances from statistics, and NumPy has a function for each.",
    ),
    mistakes=(
        Mistake(
            "swapped",
            "Mean and median are swapped: the squared error asks for the mean, the absolute "
            "error for the median.",
            (('loss == "mse"', 'loss == "mae"'),),
            credit=0.5,
        ),
        Mistake(
            "mean for both",
            "You return the mean for the absolute error too. One outlier drags the mean along; "
            "the absolute error only counts how many values lie on either side.",
            (('if loss == "mse":', "if True:"),),
            credit=0.25,
        ),
        Mistake(
            "median for both",
            "You return the median for the squared error too. The squared error is least where "
            "the errors add up to zero, and that is at the mean.",
            (('if loss == "mse":', "if False:"),),
            credit=0.25,
        ),
        Mistake(
            "not sorted",
            "For the absolute error you take the middle entry of y as it stands. The median is "
            "the middle of the *sorted* values.",
            (("s = np.sort(y)", "s = y"),),
            credit=0.5,
        ),
        Mistake(
            "upper middle",
            "With an even number of values you return the upper of the two in the middle. Any "
            "number between them is as good; the middle of the interval was asked for.",
            (("(s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2", "s[len(s) // 2]"),),
            credit=0.75,
        ),
        Mistake(
            "lower middle",
            "With an even number of values you return the lower of the two in the middle. Any "
            "number between them is as good; the middle of the interval was asked for.",
            (("(s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2", "s[(len(s) - 1) // 2]"),),
            credit=0.75,
        ),
        Mistake(
            "midrange",
            "For the absolute error you return the middle between the smallest and the largest "
            "value. That makes the *largest* error least, and one outlier moves it half the way.",
            (
                (
                    "(s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2",
                    "(s[0] + s[-1]) / 2",
                ),
            ),
            credit=0.25,
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
            credit=0.25,
        ),
        Mistake(
            "one past the middle",
            "With an even number n of values the two in the middle have the numbers n/2 − 1 and "
            "n/2, counted from 0. You take them one place further up.",
            (
                (
                    "(s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2",
                    "(s[len(s) // 2] + s[len(s) // 2 + 1 - len(s) % 2]) / 2",
                ),
            ),
            credit=0.5,
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
is the course's. What is wrong?

- **a** `cross_entropy` is given probabilities, and takes them for something else.
- **b** `cross_entropy` is given rows with a 1, and wants the labels as 0, 1 and 2.
- **c** The learning rate is too large: the logits run away, and the loss stays high.
- **d** The loss and its gradient lack a division by 3, the number of the classes.""",
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
            "Rows with a 1 are just what the course's `cross_entropy` wants. Look at its other "
            "argument.",
            (('return "a"', 'return "b"'),),
        ),
        Mistake(
            "c",
            "The rate is not the trouble: halve it, and the loss still ends above ½. Look at "
            "what goes into `cross_entropy`.",
            (('return "a"', 'return "c"'),),
        ),
        Mistake(
            "d",
            "A constant factor moves no minimum, and certain, right answers would still cost "
            "something here. Look at what goes into `cross_entropy`.",
            (('return "a"', 'return "d"'),),
        ),
    ),
)


EXERCISE = Exercise(
    "01_losses",
    "Losses",
    intro="""A loss says how wrong a prediction is, and its gradient which way is less wrong. Below
you write both yourself.

Unless a task says otherwise, there is at least one example, and the arguments may hold whole
numbers as well as fractions. Leave them as they are: right results that change an argument earn
half.""",
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
