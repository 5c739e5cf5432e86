"""Exercises of lesson 4: the δ recursion, from one layer to a checked training step."""

import math
from itertools import accumulate, pairwise, permutations

import numpy as np

from course.exercises.question import Exercise, Mistake, Question
from course.exercises.values import is_number


def _shapes(units):
    """Return each of these networks with each number of examples that is unlike its layers'."""
    return [(sizes, n) for sizes in units for n in (3, 4, 5, 6, 7) if n not in sizes]


#: units of each layer, inputs first, and examples: networks with square weights, and others
_ALIKE = _shapes([units] * layers for units in (2, 3) for layers in (3, 4))
_UNLIKE = _shapes(units for layers in (3, 4) for units in permutations((2, 3, 4, 5), layers))


def _normal(rng, shapes, mean=0.0, deviation=1.0):
    """Draw an array of each shape; all in one go, which is faster and gives the same numbers."""
    sizes = [math.prod(shape) for shape in shapes]
    numbers, ends = rng.normal(mean, deviation, size=sum(sizes)).round(2), accumulate(sizes)
    return [
        numbers[end - size : end].reshape(shape)
        for shape, size, end in zip(shapes, sizes, ends, strict=True)
    ]


def _network(rng, sizes, examples):
    """Draw weights (n_out, n_in) and biases (n_out,) for layers of these sizes, and a batch X."""
    weights, biases = [(m, n) for n, m in pairwise(sizes)], [(m,) for m in sizes[1:]]
    drawn = _normal(rng, [*weights, *biases, (examples, sizes[0])])
    depth = len(weights)
    return drawn[:depth], drawn[depth:-1], drawn[-1]


def _batch(rng):
    """Draw Ws, bs, X, Y.

    Half of the networks have square weights: only there does W in place of Wᵀ return something.
    """
    shapes = _ALIKE if rng.random() < 0.5 else _UNLIKE
    sizes, n = shapes[rng.integers(len(shapes))]
    Ws, bs, X = _network(rng, sizes, n)
    return Ws, bs, X, rng.uniform(size=(n, sizes[-1])).round(2)


#: a network with square weights, one example
_SQUARE = (
    [np.array([[0.5, -1.0], [2.0, 0.25]]), np.array([[1.0, 0.75], [-0.5, 1.5]])],
    [np.array([0.1, -0.2]), np.array([0.3, 0.6])],
    np.array([[1.0, 2.0]]),
    np.array([[0.0, 1.0]]),
)
#: a network without a hidden layer
_SHALLOW = (
    [np.array([[0.5, -1.0, 2.0], [1.0, 0.25, -0.75]])],
    [np.array([0.1, -0.2])],
    np.array([[1.0, 2.0, -1.0], [0.5, 0.0, 1.0], [2.0, -1.0, 0.25], [0.0, 1.0, 1.0]]),
    np.array([[0.0, 1.0], [1.0, 1.0], [0.5, 0.0], [0.25, 0.75]]),
)
#: the same with one input and three examples
_SLIM = (
    [np.array([[0.5], [-1.0]])],
    [np.array([0.1, -0.2])],
    np.array([[1.0], [-0.5], [2.0]]),
    np.array([[0.0, 1.0], [1.0, 0.5], [0.25, 0.75]]),
)
#: three layers of one unit each
_CHAIN = (
    [np.array([[0.5]]), np.array([[-1.0]]), np.array([[2.0]])],
    [np.array([0.1]), np.array([0.75]), np.array([-0.5])],
    np.array([[1.0], [-2.0]]),
    np.array([[0.0], [1.0]]),
)


# -------------------------------------------------------------------------------- forward
def forward(Ws, bs, X):
    """Return the list [A⁰, A¹, ..., Aᴸ] of all activations, the input X first.

    Ws[0] is W¹ (n_out, n_in), bs[0] is b¹ (n_out,), and so on; X is (N, n_in), examples are rows.
    """
    A = [X]
    for W, b in zip(Ws, bs, strict=True):
        Z = A[-1] @ W.T + b
        A.append(1 / (1 + np.exp(-Z)))
    return A


FORWARD = Question(
    forward,
    section="1 A network small enough to do by hand",
    prompt=r"""Write the forward pass of a network with sigmoids in *every* layer, the last one
included. For one example it is

$$z^l = W^l a^{l-1} + b^l, \qquad a^l = \sigma(z^l) = \frac1{1 + e^{-z^l}}, \qquad a^0 = x .$$

`X` holds $N$ examples in its rows, so $A^l$ has one example in each row too, and the shape
$(N, n_l)$. Return the list $[A^0, A^1, \dots, A^L]$ of $L + 1$ arrays: going back you will need all
of them, the input too.""",
    inputs=lambda rng: _batch(rng)[:3],
    count=6,
    edges=(_SQUARE[:3], _SHALLOW[:3]),
    whole=True,
    hints=(
        "The last array in the list is what the next layer gets.",
        "`for W, b in zip(Ws, bs):` goes through the layers; start with the list `[X]`.",
        "An example is a row of A here. Which side of A must the matrix stand on, and which way "
        "round, so that (N, n_in) becomes (N, n_out)?",
    ),
    mistakes=(
        Mistake(
            "linear output",
            "The last layer has no activation: you return its z. Here every layer ends in a "
            "sigmoid, the output too.",
            (
                (
                    "A.append(1 / (1 + np.exp(-Z)))",
                    "A.append(1 / (1 + np.exp(-Z)) if len(A) < len(Ws) else Z)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "input squashed",
            "The input went through the sigmoid before the first layer. A⁰ is x itself; the "
            "first activation comes after the first weights.",
            (("A = [X]", "A = [1 / (1 + np.exp(-X))]"),),
            credit=0.25,
        ),
        Mistake(
            "input missing",
            "The list starts at A¹. A⁰, the input, belongs to it: the slopes of the first weights "
            "need it.",
            (("return A", "return A[1:]"),),
            credit=0.5,
        ),
        Mistake(
            "last only",
            "You return the output alone. Going back needs the activations of all layers, so keep "
            "each of them in the list.",
            (("return A", "return A[-1]"),),
            credit=0.25,
        ),
        Mistake(
            "z kept",
            "The list holds the z of each layer, before its sigmoid. What is asked for are the "
            "activations.",
            credit=0.25,
            source="""
            def forward(Ws, bs, X):
                out, A = [X], X
                for W, b in zip(Ws, bs):
                    out.append(A @ W.T + b)
                    A = 1 / (1 + np.exp(-out[-1]))
                return out
            """,
        ),
        Mistake(
            "no activation",
            "There is no sigmoid anywhere. Without one, all the layers together are a single "
            "matrix and one bias, and cannot bend.",
            (("A.append(1 / (1 + np.exp(-Z)))", "A.append(Z)"),),
            credit=0.25,
        ),
        Mistake(
            "no bias",
            "The biases are missing. They move the place where a unit switches: without them "
            "every unit is ½ when its inputs are 0.",
            ((" + b", ""),),
            credit=0.25,
        ),
        Mistake(
            "σ(−z)",
            "Your sigmoid falls where it should rise. Perhaps a sign in the power is wrong?",
            (("np.exp(-Z)", "np.exp(Z)"),),
            credit=0.25,
        ),
        Mistake(
            "−b",
            "The bias goes in with the wrong sign. If you write −z into the power, the minus "
            "must cover the whole of z: mind the brackets.",
            ((" + b", " - b"),),
            credit=0.5,
        ),
        Mistake(
            "tanh",
            "The activation is a tanh, between −1 and 1. The task asks for the sigmoid, which "
            "lies between 0 and 1.",
            (("1 / (1 + np.exp(-Z))", "np.tanh(Z)"),),
            credit=0.25,
        ),
        Mistake(
            "W for Wᵀ",
            "W is the wrong way round. It has one row for each unit of its layer, so with examples "
            "in rows it has to be transposed; where W is square, no error tells you.",
            (("A[-1] @ W.T", "A[-1] @ W"),),
            credit=0.25,
        ),
        Mistake(
            "X in every layer",
            "Every layer gets the input X. From the second layer on, a layer gets what the one "
            "before it gives out.",
            (("A[-1] @ W.T", "X @ W.T"),),
            credit=0.25,
        ),
        Mistake(
            "examples in columns",
            "The arrays have an example in each column. Here examples are rows: (N, n) and not "
            "(n, N).",
            (("return A", "return [X, *(a.T for a in A[1:])]"),),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def forward(Ws, bs, X):
            A = [X]
            for l in range(len(Ws)):
                rows = []
                for x in A[l]:
                    z = Ws[l].dot(x) + bs[l]
                    rows.append([0.5 * (1 + math.tanh(v / 2)) for v in z])
                A.append(np.array(rows))
            return A
        """,
        """
        def forward(Ws, bs, X):
            A = (X,)
            for W, b in zip(Ws, bs):
                A += (1 / (1 + np.exp(-(W @ A[-1].T + b[:, None]).T)),)
            return A
        """,
    ),
)


# --------------------------------------------------------------------------- delta_output
def delta_output(z, y):
    """Return δᴸ = ∂L/∂zᴸ of one example, from zᴸ and the target y, all of shape (k,)."""
    a = 1 / (1 + np.exp(-z))
    return (a - y) * a * (1 - a)


DELTA_OUTPUT = Question(
    delta_output,
    section="Step 1: the output layer",
    prompt=r"""The output layer gives $a = \sigma(z)$, and the loss of one example is *half* the
squared error, $\mathcal L = \frac12\sum_i (a_i - y_i)^2$, summed over the $k$ outputs. Write
$\delta^L = \partial\mathcal L/\partial z$, one slope for each output. You get $z$, not $a$, with
$-20 \le z \le 1000$: at the upper end the slope of $\sigma$ is 0 in the computer.""",
    inputs=lambda rng: (
        rng.normal(scale=1.5, size=(k := int(rng.integers(2, 6)))).round(2),
        np.where(rng.random(k) < 0.5, rng.integers(2, size=k), rng.random(k)).round(2),
    ),
    count=6,
    edges=(
        (np.array([0.0, 8.0, -8.0]), np.array([1.0, 0.0, 1.0])),
        (np.array([0.5, 1000.0, -8.0]), np.array([0, 0, 1])),
    ),
    whole=True,
    hints=(
        "First the output a = σ(z). Then two links: from the loss to a, and from a to z.",
        "The derivative of ½(a − y)² by a has no factor any more: the 2 cancels the ½.",
        "The slope of the sigmoid can be written with its value a alone. What is multiplied, "
        "entry by entry?",
    ),
    mistakes=(
        Mistake(
            "y − a",
            "The sign is reversed: y − a says which way to go, the slope says which way is up.",
            (("(a - y)", "(y - a)"),),
            credit=0.25,
        ),
        Mistake(
            "no a(1 − a)",
            "The link from a to z is missing: its derivative is the slope of the sigmoid. ŷ − y "
            "alone is right for the cross-entropy, not for the squared error.",
            ((" * a * (1 - a)", ""),),
            credit=0.25,
        ),
        Mistake(
            "f′ applied to a",
            "The slope of the sigmoid is taken at a, which has been through the sigmoid already. "
            "It is applied twice: the slope belongs at z.",
            (
                (
                    "return (a - y) * a * (1 - a)",
                    "s = 1 / (1 + np.exp(-a))\n    return (a - y) * s * (1 - s)",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "z(1 − z)",
            "You take z(1 − z) as the slope. The formula needs the activation in both places: z "
            "itself can be negative, the slope of a sigmoid cannot.",
            (("* a * (1 - a)", "* z * (1 - z)"),),
            credit=0.25,
        ),
        Mistake(
            "overflow",
            "For a large z your result is nan: e^z is infinite there, and ∞/∞ is not a number. "
            "With e^(−z) in its place the infinity would stand in a denominator alone, where it "
            "does no harm.",
            (("1 / (1 + np.exp(-z))", "np.exp(z) / (1 + np.exp(z))"),),
            credit=0.5,
        ),
        Mistake(
            "whole numbers",
            "For targets that are whole numbers your slopes are cut to whole numbers too. Is the "
            "array for them made with the dtype of y?",
            (("return (a - y) * a * (1 - a)", "return ((a - y) * a * (1 - a)).astype(y.dtype)"),),
            credit=0.5,
        ),
        Mistake(
            "factor 2",
            "It is twice as large as it should be: the ½ of the loss cancels the 2 that comes "
            "from the square.",
            (("return (a - y)", "return 2 * (a - y)"),),
            credit=0.5,
        ),
        Mistake(
            "1/k",
            "You divide by the number of outputs. Here the loss is a sum over them; a mean over "
            "all entries is what PyTorch's default does.",
            (("* a * (1 - a)", "* a * (1 - a) / len(y)"),),
            credit=0.5,
        ),
        Mistake(
            "z − y",
            "The error compares the target with z. The prediction is a = σ(z).",
            (("(a - y)", "(z - y)"),),
            credit=0.25,
        ),
        Mistake(
            "only a",
            "The slope of the sigmoid is small at both ends. Yours is the factor a alone, which "
            "is not small where a is close to 1.",
            ((" * (1 - a)", ""),),
            credit=0.5,
        ),
        Mistake(
            "only 1 − a",
            "The slope of the sigmoid is small at both ends. Yours is the factor 1 − a alone, "
            "which is not small where a is close to 0.",
            (("* a * (1 - a)", "* (1 - a)"),),
            credit=0.5,
        ),
        Mistake(
            "slope of tanh",
            "1 − a² is the slope of the tanh, written with its value. This layer has a sigmoid, "
            "whose slope is another.",
            (("* a * (1 - a)", "* (1 - a**2)"),),
            credit=0.25,
        ),
        Mistake(
            "brackets",
            "It does what comes out if the brackets around the difference are missing: Python "
            "multiplies first, so only y meets the slope.",
            (("(a - y) * a", "a - y * a"),),
            credit=0.5,
        ),
        Mistake(
            "divided by a(1 − a)",
            "You divide by the slope of the sigmoid. Along a chain, slopes are multiplied: each "
            "says how much of a change is passed on.",
            (("* a * (1 - a)", "/ (a * (1 - a))"),),
            credit=0.25,
        ),
        Mistake(
            "slope at y",
            "The slope of the sigmoid is taken at the target, y(1 − y). It belongs at what the "
            "network says; for y = 0 or 1 yours is always 0.",
            (("* a * (1 - a)", "* y * (1 - y)"),),
            credit=0.25,
        ),
        Mistake(
            "σ(−z)",
            "The output falls where z grows, so both a and the error are those of −z. Perhaps a "
            "sign in the power is wrong?",
            (("np.exp(-z)", "np.exp(z)"),),
            credit=0.25,
        ),
        Mistake(
            "the loss",
            "These are the terms of the loss, ½(a − y)². Its slopes along z are asked for.",
            (("(a - y) * a * (1 - a)", "0.5 * (a - y) ** 2"),),
        ),
    ),
    alternatives=(
        """
        def delta_output(z, y):
            sigma = lambda v: 0.5 * (1 + np.tanh(v / 2))
            return (sigma(z) - y) * sigma(z) * sigma(-z)
        """,
        """
        def delta_output(z, y):
            out = []
            for v, t in zip(z, y):
                e = math.exp(-v)
                out.append((1 / (1 + e) - t) * e / (1 + e) ** 2)
            return np.array(out)
        """,
        """
        def delta_output(z, y):
            a = 1 / (1 + np.exp(-z))
            return np.diag(a - a**2) @ (a - y)
        """,
    ),
)


# --------------------------------------------------------------------------- delta_hidden
def delta_hidden(W_next, delta_next, z, z_next):
    """Return δˡ = ∂L/∂zˡ of one example, shape (n,), for a layer of n sigmoids.

    W_next is Wˡ⁺¹ (m, n), delta_next is δˡ⁺¹ (m,), z is zˡ (n,), z_next is zˡ⁺¹ (m,).
    """
    a = 1 / (1 + np.exp(-z))
    return (W_next.T @ delta_next) * a * (1 - a)


def _layer(rng):
    """Draw W, δ, z, z of the next layer; half of the W are square."""
    m, n = rng.choice([2, 3, 4, 5], size=2, replace=False)
    if rng.random() < 0.5:
        m = n = rng.integers(2, 5)
    return (
        rng.normal(size=(m, n)).round(2),
        rng.normal(scale=0.3, size=m).round(2),
        rng.normal(scale=1.5, size=n).round(2),
        rng.normal(scale=1.5, size=m).round(2),
    )


DELTA_HIDDEN = Question(
    delta_hidden,
    section="Step 2: one layer down",
    prompt=r"""One layer down, for one example and sigmoids in both layers:

$$\delta^l = (W^{l+1})^\top \delta^{l+1} \odot \sigma'(z^l), \qquad \delta^{l+1} =
\partial\mathcal L/\partial z^{l+1} .$$

The forward pass has kept $z$ of this layer and of the next. Do you need both?""",
    inputs=_layer,
    count=6,
    edges=(
        (
            np.array([[1.0, 2.0], [-3.0, 0.5]]),
            np.array([0.5, -1.0]),
            np.array([1.0, -2.0]),
            np.array([0.5, 2.0]),
        ),
    ),
    whole=True,
    hints=(
        "Unit j of this layer feeds every unit of the next one: its slope is a sum over them, each "
        "with its weight.",
        "W has a row for each unit of the next layer. The sum runs over the rows.",
        "Then one more link: from a of this layer to z of this layer. δ of the next layer already "
        "goes down to its own z.",
    ),
    mistakes=(
        Mistake(
            "W for Wᵀ",
            "W is the wrong way round. Going back, the sum runs over the units of the *next* "
            "layer, which are its rows; where W is square, no error tells you.",
            (("W_next.T @ delta_next", "W_next @ delta_next"),),
            credit=0.25,
        ),
        Mistake(
            "missing f′",
            "This is the slope along the activations of this layer. One link is missing, from "
            "them to z: the slope of the sigmoid.",
            ((" * a * (1 - a)", ""),),
            credit=0.25,
        ),
        Mistake(
            "z(1 − z)",
            "The slope of the sigmoid is taken as z(1 − z). That formula holds for the "
            "activation; with z in it, the slope can even be negative.",
            (("* a * (1 - a)", "* z * (1 - z)"),),
            credit=0.25,
        ),
        Mistake(
            "f′ applied to a",
            "The slope is that of a sigmoid at a. But a is what came out of the sigmoid, and "
            "the slope belongs at z, which went in.",
            (
                (
                    "return (W_next.T @ delta_next) * a * (1 - a)",
                    "s = 1 / (1 + np.exp(-a))\n    return (W_next.T @ delta_next) * s * (1 - s)",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "f′ of the next layer",
            "The slope of the sigmoid is taken at z of the *next* layer. δ of that layer contains "
            "it already; what is missing is the slope at z of this one.",
            (
                (
                    "return (W_next.T @ delta_next) * a * (1 - a)",
                    "s = 1 / (1 + np.exp(-z_next))\n"
                    "    return W_next.T @ (delta_next * s * (1 - s))",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "f′ of the next layer, after W",
            "After the product with W there is one number for each unit of *this* layer, so the "
            "slope must be that of this layer's sigmoid, not of the next.",
            (("np.exp(-z)", "np.exp(-z_next)"),),
            credit=0.25,
        ),
        Mistake(
            "f′ of both layers",
            "The slope at the next layer's z is in δ of that layer already. You multiply by it a "
            "second time.",
            (
                (
                    "(W_next.T @ delta_next)",
                    "(W_next.T @ (delta_next / (1 + np.exp(-z_next)) / (1 + np.exp(z_next))))",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "@ for ⊙",
            "You return one number, the sum over the units. ⊙ multiplies entry by entry and "
            "adds nothing up: each unit keeps a slope of its own.",
            (("* a * (1 - a)", "@ (a * (1 - a))"),),
            credit=0.25,
        ),
        Mistake(
            "weights forgotten",
            "You add up δ of the next layer without its weights. A unit that is passed on with "
            "a small weight has little part in the loss.",
            (("(W_next.T @ delta_next)", "delta_next.sum()"),),
            credit=0.25,
        ),
        Mistake(
            "only a",
            "One factor of the sigmoid's slope is missing: yours is a alone. A unit that is "
            "nearly 1 hardly moves either, so its slope must be small as well.",
            ((" * (1 - a)", ""),),
            credit=0.5,
        ),
        Mistake(
            "only 1 − a",
            "One factor of the sigmoid's slope is missing: yours is 1 − a alone. A unit that is "
            "nearly 0 hardly moves either, so its slope must be small as well.",
            (("* a * (1 - a)", "* (1 - a)"),),
            credit=0.5,
        ),
        Mistake(
            "slope of tanh",
            "You use 1 − a², the slope of the tanh. The units of this layer are sigmoids.",
            (("* a * (1 - a)", "* (1 - a**2)"),),
            credit=0.25,
        ),
        Mistake(
            "f′ twice",
            "It does what comes out if the slope of the sigmoid at this layer's z is there "
            "twice. Only one link leads from z to a.",
            (("* a * (1 - a)", "* (a * (1 - a)) ** 2"),),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def delta_hidden(W_next, delta_next, z, z_next):
            s = 1 / (1 + np.exp(-z))
            return (delta_next @ W_next) * s * (1 - s)
        """,
        """
        def delta_hidden(W_next, delta_next, z, z_next):
            out = np.zeros(len(z))
            for j in range(len(z)):
                for i in range(len(delta_next)):
                    out[j] += W_next[i, j] * delta_next[i]
                out[j] *= 0.25 / math.cosh(z[j] / 2) ** 2
            return out
        """,
    ),
)


# ----------------------------------------------------------------------------- right_loss
def right_loss():
    """Return the letter of the answer: "a", "b", "c" or "d"."""
    return "a"


RIGHT_LOSS = Question(
    right_loss,
    section="Why δ = ŷ − y",
    prompt=r"""A textbook's program has sigmoid outputs and says `delta_out = a_out - y`. A reader
reports a bug: the factor $a(1-a)$ is missing. With which loss is the program right after all?

- **a** The binary cross-entropy, $-\sum_i \bigl[y_i\log a_i + (1-y_i)\log(1-a_i)\bigr]$.
- **b** Half the squared error, $\frac12\sum_i (a_i - y_i)^2$.
- **c** The absolute error, $\sum_i |a_i - y_i|$.
- **d** With any of them: $a(1-a)$ is positive, so it only changes the learning rate.""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "δ is the slope along z. Write it for each loss: the slope along a, times a(1 − a).",
        "So the slope along a must be (a − y)/(a(1 − a)), if a(1 − a) is to cancel.",
    ),
    mistakes=(
        Mistake(
            "b",
            "With half the squared error the slope along a is a − y, and nothing cancels the slope "
            "of the sigmoid: the reader would be right.",
            (('return "a"', 'return "b"'),),
        ),
        Mistake(
            "c",
            "The slope of the absolute error along a is +1 or −1, so δ would be a(1 − a) with "
            "one of the two signs. That is not a − y.",
            (('return "a"', 'return "c"'),),
        ),
        Mistake(
            "d",
            "a(1 − a) differs from output to output and from example to example, so it changes the "
            "direction of the gradient as well, not only its length.",
            (('return "a"', 'return "d"'),),
        ),
    ),
)


# ------------------------------------------------------------------------------ gradients
def gradients(Ws, bs, X, Y):
    """Return (dWs, dbs): the lists of ∂L/∂W and ∂L/∂b of all layers, the first layer first.

    Shapes are those of Ws and bs; X is (N, n_in), Y is (N, k), examples are rows.
    """
    A = [X]
    for W, b in zip(Ws, bs, strict=True):
        A.append(1 / (1 + np.exp(-(A[-1] @ W.T + b))))
    dWs, dbs = [], []
    delta = (A[-1] - Y) * A[-1] * (1 - A[-1]) / len(X)
    for l in range(len(Ws) - 1, -1, -1):
        dW = delta.T @ A[l]
        dWs.append(dW)
        dbs.append(delta.sum(axis=0))
        if l > 0:
            delta = (delta @ Ws[l]) * A[l] * (1 - A[l])
    return dWs[::-1], dbs[::-1]


_FORWARD = """
                A = [X]
                for W, b in zip(Ws, bs):
                    A.append(1 / (1 + np.exp(-(A[-1] @ W.T + b))))"""

GRADIENTS = Question(
    gradients,
    section="Step 3: weights and biases",
    prompt=r"""All slopes of a network at once. Sigmoids in every layer; the loss is the *mean* over
the $N$ examples of half the squared error,

$$\mathcal L = \frac1N\sum_{i=1}^N \tfrac12\lVert a^L_i - y_i\rVert^2 .$$

With examples in rows, $\Delta^l$ of shape $(N, n_l)$ and the $1/N$ inside $\Delta^L$:
$\Delta^l = \Delta^{l+1} W^{l+1} \odot A^l(1-A^l)$, $\partial\mathcal L/\partial W^l =
(\Delta^l)^\top A^{l-1}$, and $\partial\mathcal L/\partial b^l$ is the sum of $\Delta^l$ over the
examples. Return two lists, `dWs` and `dbs`, in the order of `Ws` and `bs`. You may call your own
functions from above.""",
    inputs=_batch,
    edges=(_SQUARE, _SHALLOW),
    count=6,
    points=3,
    whole=True,
    hints=(
        "Three parts: forward, keeping every A; Δ of the output; then a loop from the last layer "
        "to the first.",
        "With A[0] = X, the list index is shifted: layer l has its weights in Ws[l − 1], gets "
        "A[l − 1] and gives A[l].",
        "In the loop: the slopes of this layer's W and b from Δ, then Δ one layer down. The shape "
        "of each slope must be that of what it belongs to.",
        "Collected from the last layer to the first, the lists are the wrong way round: turn them "
        "with [::-1].",
    ),
    mistakes=(
        Mistake(
            "sum for mean",
            "The 1/N is missing: these are the slopes of the sum over the batch. At the "
            "same learning rate a step would grow with the size of the batch.",
            ((" / len(X)", ""),),
            credit=0.5,
        ),
        Mistake(
            "1/N twice",
            "Everything is divided by N twice. A 1/N that stands at the output is carried down by "
            "the recursion: no other is needed.",
            (("append(dW)", "append(dW / len(A[0]))"), ("sum(axis=0)", "mean(axis=0)")),
            credit=0.5,
        ),
        Mistake(
            "1/N twice in db",
            "The slopes of the biases are N times too small, those of the weights are right. "
            "The rows of Δ hold their 1/N already: are they averaged where they should be added "
            "up?",
            (("sum(axis=0)", "mean(axis=0)"),),
            credit=0.5,
        ),
        Mistake(
            "1/N twice in dW",
            "The slopes of the weights are N times too small, those of the biases are right. "
            "The rows of Δ hold their 1/N already.",
            (("append(dW)", "append(dW / len(A[0]))"),),
            credit=0.5,
        ),
        Mistake(
            "no 1/N in db",
            "The slopes of the biases lack the 1/N that those of the weights have. Both belong "
            "to the same mean over the examples.",
            (("delta.sum(axis=0)", "delta.sum(axis=0) * len(delta)"),),
            credit=0.5,
        ),
        Mistake(
            "no 1/N in dW",
            "The slopes of the weights lack the 1/N that those of the biases have. Both belong "
            "to the same mean over the examples.",
            (("append(dW)", "append(dW * len(A[0]))"),),
            credit=0.5,
        ),
        Mistake(
            "1/N in every layer",
            "Each layer further down is too small by one more factor N. The 1/N of the output "
            "is carried down by the recursion, so each further one is too many.",
            (("* (1 - A[l])", "* (1 - A[l]) / len(A[0])"),),
            credit=0.5,
        ),
        Mistake(
            "divided by N k",
            "You divide by the number of all entries, N·k. The loss is a sum over the k outputs "
            "and a mean over the examples only.",
            (("/ len(X)", "/ Y.size"),),
            credit=0.5,
        ),
        Mistake(
            "dW transposed",
            "The slopes of the weights are transposed. The rows of ∂L/∂W belong to the units of "
            "the layer, as δ does, and its columns to the inputs.",
            (("delta.T @ A[l]", "A[l].T @ delta"),),
            credit=0.5,
        ),
        Mistake(
            "db summed over units",
            "For the biases you sum over the units and keep the examples. It is the other way "
            "round: each unit has one bias, which all examples share.",
            (("sum(axis=0)", "sum(axis=1)"),),
            credit=0.5,
        ),
        Mistake(
            "db summed over everything",
            "For the biases you add up the whole table to one number. Each unit has a bias of its "
            "own: sum over the examples only.",
            (("sum(axis=0)", "sum()"),),
            credit=0.5,
        ),
        Mistake(
            "db not summed",
            "For the biases you return δ of every example. All examples share one bias, so their "
            "slopes add up.",
            (("delta.sum(axis=0)", "delta"),),
            credit=0.5,
        ),
        Mistake(
            "off by one layer",
            "For the weights you multiply δ by the activations of its own layer. A weight's slope "
            "needs what comes *into* it: those of the layer below.",
            (("delta.T @ A[l]", "delta.T @ A[l + 1]"),),
            credit=0.25,
        ),
        Mistake(
            "sign",
            "Every sign is reversed, as if it began with y − a. That is the way down, and the "
            "gradient is the way up.",
            (("(A[-1] - Y)", "(Y - A[-1])"),),
            credit=0.25,
        ),
        Mistake(
            "factor 2",
            "Every slope is twice as large as it should be: the ½ of the loss cancels the 2 of "
            "the square.",
            (("delta = (A[-1] - Y)", "delta = 2 * (A[-1] - Y)"),),
            credit=0.5,
        ),
        Mistake(
            "no f′ at the output",
            "It does what comes out if δ of the output is ŷ − y: the slope of its sigmoid is "
            "missing. It cancels for the cross-entropy, not for the squared error.",
            ((" * A[-1] * (1 - A[-1])", ""),),
            credit=0.25,
        ),
        Mistake(
            "no f′ below",
            "In the hidden layers the slope of the sigmoid is missing: after the product with W "
            "you are at a, and δ is the slope along z.",
            ((" * A[l] * (1 - A[l])", ""),),
            credit=0.25,
        ),
        Mistake(
            "f′ of the next layer",
            "Going down, the slope of the sigmoid is taken in the layer that δ comes from, where "
            "it is contained already. It belongs to the layer that δ goes to.",
            (
                (
                    "(delta @ Ws[l]) * A[l] * (1 - A[l])",
                    "(delta * A[l + 1] * (1 - A[l + 1])) @ Ws[l]",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "f′ of the next layer, after W",
            "After the product with W the table has a column for each unit of the layer below, "
            "and the slope must be that of its sigmoid, not of the layer above.",
            (("A[l] * (1 - A[l])", "A[l + 1] * (1 - A[l + 1])"),),
            credit=0.25,
        ),
        Mistake(
            "only a below",
            "In the hidden layers only the factor a of the sigmoid's slope is there. Without "
            "the other one, units close to 1 get slopes that are far too large.",
            ((" * (1 - A[l])", ""),),
            credit=0.5,
        ),
        Mistake(
            "only a at the output",
            "At the output only the factor a of the sigmoid's slope is there. Without the other "
            "one, an output close to 1 gets a slope that is far too large.",
            ((" * (1 - A[-1])", ""),),
            credit=0.5,
        ),
        Mistake(
            "f′ applied to a",
            "The slope of the sigmoid is taken at a, which has been through the sigmoid already: "
            "it is applied twice. From a the slope is a(1 − a).",
            credit=0.25,
            source=f"""
            def gradients(Ws, bs, X, Y):{_FORWARD}
                slope = lambda v: np.exp(-v) / (1 + np.exp(-v)) ** 2
                dWs, dbs = [], []
                delta = (A[-1] - Y) * slope(A[-1]) / len(X)
                for l in range(len(Ws) - 1, -1, -1):
                    dWs.insert(0, delta.T @ A[l])
                    dbs.insert(0, delta.sum(axis=0))
                    delta = (delta @ Ws[l]) * slope(A[l])
                return dWs, dbs
            """,
        ),
        Mistake(
            "the error goes down, not δ",
            "The last layer is right. But below it, ŷ − y goes down instead of δ: the slope of "
            "the output's sigmoid lies on the way, and is left out.",
            (
                (
                    "if l > 0:",
                    "if l == len(Ws) - 1:\n            delta = (A[-1] - Y) / len(Y)\n"
                    "        if l > 0:",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "W for Wᵀ",
            "Going down, W is the wrong way round. The sum runs over the units of the layer above, "
            "which are its rows; where W is square, no error tells you.",
            (("delta @ Ws[l]", "delta @ Ws[l].T"),),
            credit=0.25,
        ),
        Mistake(
            "W of the wrong layer",
            "Going down from a layer you multiply by the weights of the layer below it. δ goes "
            "back through the very weights that led up to it.",
            (("delta @ Ws[l]", "delta @ Ws[l - 1]"),),
            credit=0.25,
        ),
        Mistake(
            "last layer first",
            "The slopes are right, but in the wrong order: the last layer comes first, as a "
            "loop from top to bottom finds them.",
            (("return dWs[::-1], dbs[::-1]", "return dWs, dbs"),),
            credit=0.5,
        ),
        Mistake(
            "first layer missing",
            "The first layer has no slopes. Does the loop stop one layer early?",
            (("range(len(Ws) - 1, -1, -1)", "range(len(Ws) - 1, 0, -1)"),),
            credit=0.25,
        ),
        Mistake(
            "(dbs, dWs)",
            "The two lists are in the wrong order: the weights' slopes come first, then the "
            "biases'.",
            (("return dWs[::-1], dbs[::-1]", "return dbs[::-1], dWs[::-1]"),),
            credit=0.5,
        ),
        Mistake(
            "layer by layer",
            "You return one list with a pair (dW, db) for each layer. Asked for are two lists, one "
            "of the weights' slopes and one of the biases'.",
            (("return dWs[::-1], dbs[::-1]", "return list(zip(dWs[::-1], dbs[::-1]))"),),
            credit=0.5,
        ),
        Mistake(
            "no bias",
            "Going forward, the biases are left out. All that follows is right for another "
            "network, the one without them.",
            ((" + b", ""),),
            credit=0.25,
        ),
        Mistake(
            "linear output",
            "Going forward, the last layer has no sigmoid. So the error and all slopes are "
            "those of another output.",
            (
                (
                    "    dWs, dbs = [], []",
                    "    A[-1] = A[-2] @ Ws[-1].T + bs[-1]\n    dWs, dbs = [], []",
                ),
            ),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def gradients(Ws, bs, X, Y):
            dWs, dbs = [np.zeros(W.shape) for W in Ws], [np.zeros(b.shape) for b in bs]
            for x, y in zip(X, Y):
                a = [x]
                for W, b in zip(Ws, bs):
                    a.append(1 / (1 + np.exp(-(W @ a[-1] + b))))
                delta = (a[-1] - y) * a[-1] * (1 - a[-1])
                for l in reversed(range(len(Ws))):
                    dWs[l] += np.outer(delta, a[l]) / len(X)
                    dbs[l] += delta / len(X)
                    delta = Ws[l].T @ delta * a[l] * (1 - a[l])
            return dWs, dbs
        """,
        """
        def gradients(Ws, bs, X, Y):
            columns, zs = [X.T], []
            for W, b in zip(Ws, bs):
                zs.append(W @ columns[-1] + b.reshape(-1, 1))
                columns.append(1 / (1 + np.exp(-zs[-1])))
            D = (columns[-1] - Y.T) / (4 * np.cosh(zs[-1] / 2) ** 2)
            dWs, dbs = [None] * len(Ws), [None] * len(bs)
            for l in range(1, len(Ws) + 1):
                dWs[-l], dbs[-l] = D @ columns[-l - 1].T / len(X), D.mean(axis=1)
                if l < len(Ws):
                    D = Ws[-l].T @ D / (4 * np.cosh(zs[-l - 1] / 2) ** 2)
            return [dWs, dbs]
        """,
    ),
)


# ---------------------------------------------------------------------------- faulty_line
def faulty_line():
    """Return the number of the line that is wrong, 1 to 7."""
    return 5


FAULTY_LINE = Question(
    faulty_line,
    section="7 Where this goes wrong: a bug to find",
    prompt=r"""A program like this one goes to a colleague, with the question whether its
slopes are right. Run it. One of the lines 1 to 7 is wrong: which? The second witness narrows it
down.""",
    given="""from course.activations import sigmoid
from course.numeric import numeric_gradient, relative_error

W1, W2 = np.array([[0.5, -1.0], [1.5, 0.25], [-0.75, 1.0]]), np.array([[1.0, -0.5, 2.0]])
x, y = np.array([1.0, 0.5]), np.array([0.0])


def loss(W1, W2):
    return 0.5 * np.sum((sigmoid(W2 @ sigmoid(W1 @ x)) - y) ** 2)


a1 = sigmoid(W1 @ x)  # line 1
a2 = sigmoid(W2 @ a1)  # line 2
error = a2 - y  # line 3
delta2 = error * a2 * (1 - a2)  # line 4
delta1 = (W2.T @ error) * a1 * (1 - a1)  # line 5
dW2 = np.outer(delta2, a1)  # line 6
dW1 = np.outer(delta1, x)  # line 7

for name, derived, central in (
    ("dW2", dW2, numeric_gradient(lambda W: loss(W1, W), W2)),
    ("dW1", dW1, numeric_gradient(lambda W: loss(W, W2), W1)),
):
    print(f"{name}: differs from the central difference by {relative_error(derived, central):.0%}")
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "dW2 agrees with its witness. Which lines had a part in it? They are cleared.",
        "Of the lines that are left, one computes a δ, and one makes slopes of it.",
        "What does the recursion hand down from layer to layer?",
    ),
    mistakes=(
        Mistake(
            "1",
            "Line 1 has a part in dW2, which agrees with the central difference. It is cleared.",
            (("return 5", "return 1"),),
        ),
        Mistake(
            "2",
            "Line 2 gives a2, on which dW2 is built, and dW2 agrees with the central "
            "difference. So it is cleared.",
            (("return 5", "return 2"),),
        ),
        Mistake(
            "3",
            "The slope of ½(a − y)² along a is a − y, and dW2, which is built on it, agrees with "
            "the central difference.",
            (("return 5", "return 3"),),
        ),
        Mistake(
            "4",
            "This is δ of the output as it was derived, and dW2, which is built on it, agrees with "
            "the central difference.",
            (("return 5", "return 4"),),
        ),
        Mistake(
            "6",
            "dW2 agrees with the central difference, so the line that computes it is right.",
            (("return 5", "return 6"),),
        ),
        Mistake(
            "7",
            "dW1 is wrong, but this line only multiplies δ of its layer by what comes into the "
            "layer, and that is right. It was handed a wrong number.",
            (("return 5", "return 7"),),
        ),
    ),
)


# ----------------------------------------------------------------------------- train_step
def train_step(Ws, bs, X, Y, alpha):
    """Return (new_Ws, new_bs): the weights and biases after one step of gradient descent.

    X is (N, n_in), Y is (N, k), alpha the learning rate. The lists and arrays given stay as they
    are.
    """
    A = [X]
    for W, b in zip(Ws, bs, strict=True):
        A.append(1 / (1 + np.exp(-(A[-1] @ W.T + b))))
    new_Ws, new_bs = list(Ws), list(bs)
    delta = (A[-1] - Y) * A[-1] * (1 - A[-1]) / len(X)
    for l in range(len(Ws) - 1, -1, -1):
        new_Ws[l] = Ws[l] - alpha * delta.T @ A[l]
        new_bs[l] = bs[l] - alpha * delta.sum(axis=0)
        delta = (delta @ Ws[l]) * A[l] * (1 - A[l])
    return new_Ws, new_bs


def _step(rng):
    return *_batch(rng), float(rng.choice([0.5, 0.7, 1.5, 2.0, 3.0]))


TRAIN_STEP = Question(
    train_step,
    section="Step 4: the update",
    prompt=r"""One step of gradient descent for a whole network: forward, backward, and the update
of *all* layers,

$$W^l := W^l - \alpha\,\frac{\partial\mathcal L}{\partial W^l}, \qquad
b^l := b^l - \alpha\,\frac{\partial\mathcal L}{\partial b^l},$$

with all slopes taken in the *old* weights and biases. Sigmoids in every layer; the loss is the mean
over the $N$ examples of half the squared error. Return two new lists, and leave alone what you were
given: someone may want to compare. You may call your own functions from above.""",
    inputs=_step,
    count=6,
    edges=((*_SQUARE, 0.5), (*_SHALLOW, 2.0)),
    points=3,
    whole=True,
    hints=(
        "All slopes first, the update last: then nothing can be used too early.",
        "Your own `gradients(Ws, bs, X, Y)` gives all the slopes. What is left to do for each "
        "array?",
        "`W - …` makes a new array; `W -= …` writes into the one that was given.",
    ),
    mistakes=(
        Mistake(
            "the updated W in the recursion",
            "δ goes back through weights that are already updated. All slopes belong to one "
            "network, the old one.",
            (("delta @ Ws[l]", "delta @ new_Ws[l]"),),
            credit=0.5,
        ),
        Mistake(
            "biases not updated",
            "The biases stay as they were. They have slopes too, and learn like the weights.",
            (("new_bs[l] = bs[l] - alpha * delta.sum(axis=0)", "new_bs[l] = bs[l] + 0.0"),),
            credit=0.5,
        ),
        Mistake(
            "in place",
            "The new values are right, but you write them into the lists or arrays that you were "
            "given: the caller has lost the old ones. (A copy of the list holds the same "
            "arrays.)",
            credit=0.5,
            source=f"""
            def train_step(Ws, bs, X, Y, alpha):{_FORWARD}
                delta = (A[-1] - Y) * A[-1] * (1 - A[-1]) / len(X)
                for l in range(len(Ws) - 1, -1, -1):
                    dW, db = delta.T @ A[l], delta.sum(axis=0)
                    delta = (delta @ Ws[l]) * A[l] * (1 - A[l])
                    Ws[l] -= alpha * dW
                    bs[l] -= alpha * db
                return Ws, bs
            """,
        ),
        Mistake(
            "in place and too early",
            "It writes into the weights that were given, and does so before δ has gone back "
            "through them: the layers below get δ of a network that is half old and half new. "
            "(A copy of the list holds the same arrays.)",
            credit=0.25,
            source=f"""
            def train_step(Ws, bs, X, Y, alpha):{_FORWARD}
                delta = (A[-1] - Y) * A[-1] * (1 - A[-1]) / len(X)
                for l in range(len(Ws) - 1, -1, -1):
                    Ws[l] -= alpha * delta.T @ A[l]
                    bs[l] -= alpha * delta.sum(axis=0)
                    delta = (delta @ Ws[l]) * A[l] * (1 - A[l])
                return Ws, bs
            """,
        ),
        Mistake(
            "ascent",
            "The step goes uphill: the gradient points to where the loss grows.",
            (
                ("Ws[l] - alpha * delta.T", "Ws[l] + alpha * delta.T"),
                ("bs[l] - alpha * delta.sum", "bs[l] + alpha * delta.sum"),
            ),
            credit=0.25,
        ),
        Mistake(
            "biases go up",
            "The weights go downhill and the biases uphill. Their slopes point uphill just as "
            "those of the weights do.",
            (("bs[l] - alpha * delta.sum", "bs[l] + alpha * delta.sum"),),
            credit=0.5,
        ),
        Mistake(
            "no learning rate",
            "The whole gradient is subtracted. It gives the direction; how far to go is what α "
            "says.",
            (
                ("alpha * delta.T @ A[l]", "delta.T @ A[l]"),
                ("alpha * delta.sum(axis=0)", "delta.sum(axis=0)"),
            ),
            credit=0.25,
        ),
        Mistake(
            "no learning rate for the biases",
            "The biases move by their whole slopes: α is missing in their update, and it holds "
            "for them as for the weights.",
            (("alpha * delta.sum(axis=0)", "delta.sum(axis=0)"),),
            credit=0.5,
        ),
        Mistake(
            "sum for mean",
            "The step is N times too long: it is that of the summed loss, and the loss here is "
            "a mean.",
            ((" / len(X)", ""),),
            credit=0.5,
        ),
        Mistake(
            "1/N twice",
            "The step is N times too short: the 1/N of the mean is in it twice.",
            (("/ len(X)", "/ len(X) ** 2"),),
            credit=0.5,
        ),
        Mistake(
            "factor 2",
            "The step is twice as long as it should be: the ½ of the loss cancels the 2 of the "
            "square.",
            (("delta = (A[-1] - Y)", "delta = 2 * (A[-1] - Y)"),),
            credit=0.5,
        ),
        Mistake(
            "no f′ at the output",
            "It does what comes out if δ of the output is the bare error. With the squared "
            "error, the slope of the output's sigmoid belongs to it as well.",
            ((" * A[-1] * (1 - A[-1])", ""),),
            credit=0.25,
        ),
        Mistake(
            "no f′ below",
            "In the hidden layers the slope of the sigmoid is missing in δ. The product with W "
            "leads to a, and one more link leads from a to z.",
            ((" * A[l] * (1 - A[l])", ""),),
            credit=0.25,
        ),
        Mistake(
            "W for Wᵀ",
            "On the way down W is the wrong way round. δ has an entry for each row of W, and "
            "the sum runs over these; a square W hides it.",
            (("delta @ Ws[l]", "delta @ Ws[l].T"),),
            credit=0.25,
        ),
        Mistake(
            "first layer untouched",
            "The first layer keeps its weights and biases. Does the loop stop one layer early?",
            (("range(len(Ws) - 1, -1, -1)", "range(len(Ws) - 1, 0, -1)"),),
            credit=0.25,
        ),
        Mistake(
            "last layer only",
            "Only the last layer learns. The recursion is there to bring δ to the layers below "
            "as well.",
            (("range(len(Ws) - 1, -1, -1)", "[len(Ws) - 1]"),),
            credit=0.25,
        ),
        Mistake(
            "returns the step",
            "You return the change, −α times the gradient. Asked for are the new weights and "
            "biases.",
            (("= Ws[l] - alpha", "= -alpha"), ("= bs[l] - alpha", "= -alpha")),
            credit=0.25,
        ),
        Mistake(
            "returns the gradient",
            "You return the slopes. Asked for are the weights and biases after the step.",
            (
                ("Ws[l] - alpha * delta.T", "delta.T"),
                ("bs[l] - alpha * delta.sum", "delta.sum"),
            ),
            credit=0.25,
        ),
        Mistake(
            "last layer first",
            "The new values are right, but the last layer comes first. The lists must have the "
            "order of Ws and bs.",
            (("return new_Ws, new_bs", "return new_Ws[::-1], new_bs[::-1]"),),
            credit=0.5,
        ),
        Mistake(
            "nothing changed",
            "The weights and biases come back as they were: either no step was taken, or its "
            "result is not what you return.",
            (
                ("Ws[l] - alpha * delta.T @ A[l]", "Ws[l]"),
                ("bs[l] - alpha * delta.sum(axis=0)", "bs[l]"),
            ),
        ),
        Mistake(
            "example by example",
            "You take a step after each example: N small steps, each from where the last one "
            "ended. Here there is one step, along the mean of the examples' slopes.",
            credit=0.25,
            source="""
            def train_step(Ws, bs, X, Y, alpha):
                for x, y in zip(X, Y):
                    a = [x]
                    for W, b in zip(Ws, bs):
                        a.append(1 / (1 + np.exp(-(W @ a[-1] + b))))
                    new_Ws, new_bs = list(Ws), list(bs)
                    delta = (a[-1] - y) * a[-1] * (1 - a[-1])
                    for l in range(len(Ws) - 1, -1, -1):
                        new_Ws[l] = Ws[l] - alpha * np.outer(delta, a[l])
                        new_bs[l] = bs[l] - alpha * delta
                        delta = (delta @ Ws[l]) * a[l] * (1 - a[l])
                    Ws, bs = new_Ws, new_bs
                return Ws, bs
            """,
        ),
        Mistake(
            "forward again",
            "After the update of a layer the network runs forward again before the next slopes are "
            "taken. That is another method: here all slopes belong to the old network.",
            credit=0.25,
            source="""
            def train_step(Ws, bs, X, Y, alpha):
                Ws, bs = list(Ws), list(bs)
                for k in range(len(Ws) - 1, -1, -1):
                    A = [X]
                    for W, b in zip(Ws, bs):
                        A.append(1 / (1 + np.exp(-(A[-1] @ W.T + b))))
                    delta = (A[-1] - Y) * A[-1] * (1 - A[-1]) / len(X)
                    for l in range(len(Ws) - 1, k, -1):
                        delta = (delta @ Ws[l]) * A[l] * (1 - A[l])
                    Ws[k] = Ws[k] - alpha * delta.T @ A[k]
                    bs[k] = bs[k] - alpha * delta.sum(axis=0)
                return Ws, bs
            """,
        ),
    ),
    alternatives=(
        """
        def train_step(Ws, bs, X, Y, alpha):
            def gradients():
                A = [X]
                for W, b in zip(Ws, bs):
                    A.append(1 / (1 + np.exp(-(A[-1] @ W.T + b))))
                delta = (A[-1] - Y) * A[-1] * (1 - A[-1])
                dWs, dbs = [], []
                for l in reversed(range(len(Ws))):
                    dWs = [delta.T @ A[l] / len(X), *dWs]
                    dbs = [delta.mean(axis=0), *dbs]
                    delta = delta @ Ws[l] * A[l] * (1 - A[l])
                return dWs, dbs

            dWs, dbs = gradients()
            return (
                [W - alpha * dW for W, dW in zip(Ws, dWs)],
                [b - alpha * db for b, db in zip(bs, dbs)],
            )
        """,
        """
        def train_step(Ws, bs, X, Y, alpha):
            new_Ws, new_bs = [W.astype(float) for W in Ws], [b.astype(float) for b in bs]
            for x, y in zip(X, Y):
                a = [x]
                for W, b in zip(Ws, bs):
                    a.append(1 / (1 + np.exp(-(W @ a[-1] + b))))
                delta = (a[-1] - y) * a[-1] * (1 - a[-1]) / len(X)
                for l in reversed(range(len(Ws))):
                    new_Ws[l] -= alpha * np.outer(delta, a[l])
                    new_bs[l] -= alpha * delta
                    delta = Ws[l].T @ delta * a[l] * (1 - a[l])
            return new_Ws, new_bs
        """,
    ),
)


# ------------------------------------------------------------------------- gradient_check
def gradient_check(Ws, bs, X, Y, dWs, dbs):
    """Return how far the slopes dWs, dbs are from the central differences, as one number.

    With all slopes in one row each, g the given and n the numeric: ‖g − n‖ / max(‖g‖, ‖n‖).
    """
    h = 1e-4
    parameters = [p.astype(float) for p in [*Ws, *bs]]

    def loss():
        a = X
        for W, b in zip(parameters[: len(Ws)], parameters[len(Ws) :], strict=True):
            a = 1 / (1 + np.exp(-(a @ W.T + b)))
        return 0.5 * np.sum((a - Y) ** 2) / len(X)

    given, numeric = [], []
    for p, g in zip(parameters, [*dWs, *dbs], strict=True):
        for i in np.ndindex(p.shape):
            old = p[i]
            p[i] = old + h
            up = loss()
            p[i] = old - h
            down = loss()
            p[i] = old
            numeric.append((up - down) / (2 * h))
            given.append(g[i])
    g, n = np.array(given), np.array(numeric)
    return np.linalg.norm(g - n) / max(np.linalg.norm(g), np.linalg.norm(n))


def _doubtful(rng):
    """Draw a small network, a batch and slopes that are nearly right."""
    sizes = [int(n) for n in rng.integers(1, 3, size=3)]
    Ws, bs, X = _network(rng, sizes, int(rng.integers(3, 6)))
    Y = rng.uniform(size=(len(X), sizes[-1])).round(2)
    dWs, dbs = gradients(Ws, bs, X, Y)
    slopes = [*dWs, *dbs]
    noise = _normal(rng, [d.shape for d in slopes], rng.choice([0.6, 1.4]), 0.3)
    spoilt = [(d * n).round(4) for d, n in zip(slopes, noise, strict=True)]
    return Ws, bs, X, Y, spoilt[: len(dWs)], spoilt[len(dWs) :]


def _without_noise(value, args):
    """Return 0 for what is left of right slopes: rounding, which differs from one to the next."""
    return 0.0 if is_number(value) and abs(value) < 1e-7 else value


GRADIENT_CHECK = Question(
    gradient_check,
    section="Three witnesses",
    prompt=r"""A second witness for your slopes. Nudge every weight and every bias by $\pm h$ with
$h = 10^{-4}$, run the network forward, and take the central difference
$n = \bigl(\mathcal L(p + h) - \mathcal L(p - h)\bigr)/(2h)$. Sigmoids in every layer; the loss is
the mean over the $N$ examples of half the squared error,
$\mathcal L = \frac1N\sum_i \frac12\lVert a^L_i - y_i\rVert^2$. `dWs` and `dbs` are the slopes that
somebody has derived, perhaps wrongly. With all given slopes in one long vector $g$ and all numeric
ones in $n$, return

$$\frac{\lVert g - n\rVert}{\max(\lVert g\rVert, \lVert n\rVert)} ,$$

about $10^{-8}$ or less when they are right. (At least one of the two lengths is greater than 0.)
Leave the arrays that you were given as they are: a nudge belongs into a copy, and a copy of whole
numbers must become one of fractions first.""",
    inputs=_doubtful,
    count=3,
    edges=(
        (*_SLIM, *gradients(*_SLIM)),
        (*_SLIM, [np.array([[0.5], [-1.5]])], [np.array([1.0, 0.5])]),
        (
            [np.array([[0.5], [-1.0], [2.0]])],
            [np.array([0.1, -0.2, 0.3])],
            np.array([[1.0], [-2.0]]),
            np.array([[0.0, 1.0, 1.0], [0.5, 0.25, 0.0]]),
            [np.array([[0.01], [0.0], [0.02]])],
            [np.array([0.0, 0.03, 0.0])],
        ),
        (*_CHAIN, *gradients(*_CHAIN)),
    ),
    facts=_without_noise,
    tolerance=1e-5,
    points=3,
    seconds=10.0,
    whole=True,
    hints=(
        "Write the loss as a function of its own first, forward pass and all.",
        "`for i in np.ndindex(p.shape):` visits every entry of an array of any shape: `p[i]`.",
        "Work on copies. After each nudge, put the old value back before the next one.",
        "`np.linalg.norm(v)` is the length of a vector.",
    ),
    mistakes=(
        Mistake(
            "½ on one side only",
            "Your differences are twice as large as they should be. Either the loss lacks its "
            "½, which the slopes have, or you divide by h where the two points lie 2h apart.",
            (("(2 * h)", "h"),),
            credit=0.5,
        ),
        Mistake(
            "forward difference by 2h",
            "Your differences are half of what they should be, and less exact: you compare with "
            "the loss at the old point, only h away, and divide by 2h.",
            (("p[i] = old - h", "p[i] = old"),),
            credit=0.25,
        ),
        Mistake(
            "1/N on one side only",
            "Your loss is the sum over the examples, and the slopes are those of the mean: the 1/N "
            "is on one side only.",
            ((" / len(X)", ""),),
            credit=0.5,
        ),
        Mistake(
            "mean over all entries",
            "Your loss divides by all N·k entries, and the slopes are those of the mean over the "
            "N examples.",
            (("/ len(X)", "/ Y.size"),),
            credit=0.5,
        ),
        Mistake(
            "forward difference",
            "You compare with the loss at the old point: a forward difference. Its error shrinks "
            "only like h, and right slopes would look slightly wrong.",
            (("p[i] = old - h", "p[i] = old"), ("(2 * h)", "h")),
            credit=0.5,
        ),
        Mistake(
            "not restored",
            "A nudged entry is not put back before the next one is nudged, so most differences "
            "are taken at another point.",
            (("            p[i] = old\n", ""),),
            credit=0.5,
        ),
        Mistake(
            "numeric slopes of 0",
            "Your numeric slopes are all 0, or nearly, so the result is 1. Does the loss read the "
            "entries that you nudge, or others that stay as they are? And `/ 2 * h` multiplies by "
            "h: what you divide by belongs in parentheses.",
            (("append((up - down) / (2 * h))", "append((up - down) / 2 * h)"),),
        ),
        Mistake(
            "not relative",
            "This is the length of the difference itself. Unless it is divided by the length of "
            "the slopes, small slopes pass every check.",
            ((" / max(np.linalg.norm(g), np.linalg.norm(n))", ""),),
            credit=0.5,
        ),
        Mistake(
            "divided by the given",
            "You divide by the length of the given slopes only. Make them tiny, and the result "
            "grows without bound; the longer of the two keeps it at 2 or below.",
            (("max(np.linalg.norm(g), np.linalg.norm(n))", "np.linalg.norm(g)"),),
            credit=0.75,
        ),
        Mistake(
            "divided by the numeric",
            "You divide by the length of the numeric slopes only. Make the given ones huge, and "
            "the result grows without bound; the longer of the two keeps it at 2 or below.",
            (("max(np.linalg.norm(g), np.linalg.norm(n))", "np.linalg.norm(n)"),),
            credit=0.75,
        ),
        Mistake(
            "biases left out",
            "Only the weights are checked. A wrong slope of a bias would go unnoticed.",
            (
                (
                    "zip(parameters, [*dWs, *dbs], strict=True)",
                    "zip(parameters, dWs, strict=False)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "weights left out",
            "Only the biases are checked. A wrong slope of a weight would go unnoticed.",
            (
                (
                    "zip(parameters, [*dWs, *dbs], strict=True)",
                    "zip(parameters[len(Ws) :], dbs, strict=True)",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "signed",
            "The differences are added up with their signs: errors up and errors down cancel. Take "
            "the length of the vector.",
            (("np.linalg.norm(g - n) /", "np.sum(g - n) /"),),
            credit=0.25,
        ),
        Mistake(
            "squares",
            "You divide squared lengths: a root is missing, and an error of 1 % looks like one of "
            "0.01 %.",
            (
                (
                    "np.linalg.norm(g - n) / max(np.linalg.norm(g), np.linalg.norm(n))",
                    "np.sum((g - n) ** 2) / max(g @ g, n @ n)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "largest entry",
            "You compare entry by entry and return the largest relative error. Asked for is one "
            "comparison of the whole vectors: entry by entry, a slope that is nearly 0 raises a "
            "false alarm.",
            (
                (
                    "np.linalg.norm(g - n) / max(np.linalg.norm(g), np.linalg.norm(n))",
                    "np.max(abs(g - n) / np.maximum(abs(g), abs(n)))",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "no bias",
            "Your loss runs the network without its biases: its slopes are those of another "
            "network.",
            (("a @ W.T + b", "a @ W.T"),),
            credit=0.25,
        ),
        Mistake(
            "array by array",
            "You compute an error for each array and average them. Asked for is one "
            "error, of all slopes together: in a mean, a small array weighs as much as "
            "a large one.",
            source="""
            def gradient_check(Ws, bs, X, Y, dWs, dbs):
                h = 1e-4
                parameters = [p.copy() for p in [*Ws, *bs]]

                def loss():
                    a = X
                    for W, b in zip(parameters[: len(Ws)], parameters[len(Ws) :]):
                        a = 1 / (1 + np.exp(-(a @ W.T + b)))
                    return 0.5 * np.sum((a - Y) ** 2) / len(X)

                errors = []
                for p, g in zip(parameters, [*dWs, *dbs]):
                    n = np.zeros(p.shape)
                    for i in np.ndindex(p.shape):
                        old = p[i]
                        p[i] = old + h
                        up = loss()
                        p[i] = old - h
                        down = loss()
                        p[i] = old
                        n[i] = (up - down) / (2 * h)
                    largest = max(np.linalg.norm(g), np.linalg.norm(n))
                    errors.append(np.linalg.norm(g - n) / largest)
                return np.mean(errors)
            """,
            credit=0.5,
        ),
        Mistake(
            "sum of the norms",
            "You divide by the sum of both lengths. That is in use too, and gives between half and "
            "all of what is asked for here. Divide by the larger of the two.",
            (
                (
                    "max(np.linalg.norm(g), np.linalg.norm(n))",
                    "(np.linalg.norm(g) + np.linalg.norm(n))",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "mean of the norms",
            "You divide by the mean of both lengths. For slopes that are nearly right it is almost "
            "the same; for others the result is larger than asked for. Divide by the larger of "
            "the two.",
            (
                (
                    "max(np.linalg.norm(g), np.linalg.norm(n))",
                    "((np.linalg.norm(g) + np.linalg.norm(n)) / 2)",
                ),
            ),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def gradient_check(Ws, bs, X, Y, dWs, dbs):
            shapes = [p.shape for p in [*Ws, *bs]]

            def loss(theta):
                parts, start = [], 0
                for shape in shapes:
                    size = math.prod(shape)
                    parts.append(theta[start : start + size].reshape(shape))
                    start += size
                a = X
                for W, b in zip(parts[: len(Ws)], parts[len(Ws) :]):
                    a = 0.5 * (1 + np.tanh((a @ W.T + b) / 2))
                return np.mean(np.sum((a - Y) ** 2, axis=1)) / 2

            theta = np.concatenate([p.ravel() for p in [*Ws, *bs]])
            g = np.concatenate([p.ravel() for p in [*dWs, *dbs]])
            steps = 1e-5 * np.eye(len(theta))
            n = np.array([(loss(theta + e) - loss(theta - e)) / 2e-5 for e in steps])
            return np.sqrt(np.sum((g - n) ** 2)) / np.sqrt(max(g @ g, n @ n))
        """,
        """
        def gradient_check(Ws, bs, X, Y, dWs, dbs):
            def loss(Ws, bs):
                total = 0.0
                for x, y in zip(X, Y):
                    a = x
                    for W, b in zip(Ws, bs):
                        a = 1 / (1 + np.exp(-(W @ a + b)))
                    total += 0.5 * np.sum((a - y) ** 2)
                return total / len(X)

            h, far, left, right = 1e-4, 0.0, 0.0, 0.0
            Ws, bs = [W.astype(float) for W in Ws], [b.astype(float) for b in bs]
            for these, slopes in ((Ws, dWs), (bs, dbs)):
                for p, d in zip(these, slopes):
                    for i in np.ndindex(p.shape):
                        p[i] += h
                        up = loss(Ws, bs)
                        p[i] -= 2 * h
                        n = (up - loss(Ws, bs)) / (2 * h)
                        p[i] += h
                        far, left, right = far + (d[i] - n) ** 2, left + d[i] ** 2, right + n**2
            return math.sqrt(far / max(left, right))
        """,
    ),
)


# ---------------------------------------------------------------------------- wrong_slope
def wrong_slope():
    """Return the letter of the sentence that is true: "a", "b", "c" or "d"."""
    return "c"


WRONG_SLOPE = Question(
    wrong_slope,
    section="7 Where this goes wrong: a bug to find",
    prompt=r"""This program too is of a kind that was published more than once. It runs, and the
loss falls, but the slopes fail the check. What is wrong?

- **a** The formula in `sigmoid_prime` is not the derivative of the sigmoid.
- **b** The difference should be `y - a2`, because the step goes downhill.
- **c** `sigmoid_prime` is right, but is not given the argument that it needs.
- **d** `delta1` should use `W2` instead of `W2.T`, as the forward pass does.""",
    given="""from course.activations import sigmoid
from course.numeric import numeric_gradient, relative_error

W1, W2 = np.array([[0.5, -1.0], [1.5, 0.25]]), np.array([[1.0, -0.5], [0.75, 2.0]])
x, y = np.array([1.0, 0.5]), np.array([0.0, 1.0])


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def loss_at(W1, W2):
    return 0.5 * np.sum((sigmoid(W2 @ sigmoid(W1 @ x)) - y) ** 2)


def slopes_at(W1, W2):
    a1 = sigmoid(W1 @ x)
    a2 = sigmoid(W2 @ a1)
    delta2 = (a2 - y) * sigmoid_prime(a2)
    delta1 = W2.T @ delta2 * sigmoid_prime(a1)
    return np.outer(delta1, x), np.outer(delta2, a1)


dW1, dW2 = slopes_at(W1, W2)
off1 = relative_error(dW1, numeric_gradient(lambda W: loss_at(W, W2), W1))
off2 = relative_error(dW2, numeric_gradient(lambda W: loss_at(W1, W), W2))
print(f"dW1 is off by {off1:.0%}, dW2 by {off2:.0%}")
for _ in range(3):
    dW1, dW2 = slopes_at(W1, W2)
    W1, W2 = W1 - 2.0 * dW1, W2 - 2.0 * dW2
    print(f"loss {loss_at(W1, W2):.4f}")
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "dW2 is off, so the fault has a part in `delta2` already.",
        "For an output of 0.99, what should its slope be, and what does `delta2` use?",
    ),
    mistakes=(
        Mistake(
            "a",
            "σ′(z) = σ(z)(1 − σ(z)), and that is what the function says. Follow what it is given.",
            (('return "c"', 'return "a"'),),
        ),
        Mistake(
            "b",
            "The slope of ½(a − y)² along a is a − y. The step downhill has its minus in the "
            "update, and the loss does fall.",
            (('return "c"', 'return "b"'),),
        ),
        Mistake(
            "d",
            "Going back, the sum runs over the rows of W, so the transpose is right. And dW2, "
            "which has nothing to do with it, is off as well.",
            (('return "c"', 'return "d"'),),
        ),
    ),
)


# ----------------------------------------------------------------------------- delta_left
def delta_left():
    """Return the length of δ⁷, as a number."""
    return 0.25**3


DELTA_LEFT = Question(
    delta_left,
    section="5 Deep networks: what is left of δ",
    prompt=r"""A deep network of sigmoids. For some example every $z$ in its hidden layers is 0, and
every weight matrix is orthogonal: it turns vectors, but changes no length. In layer 10,
$\delta^{10}$ has length 1. How long is $\delta^7$? (Two digits are enough.)""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    tolerance=0.05,
    hints=(
        "Each step down multiplies by Wᵀ and by the slope of the sigmoid. Which of them changes "
        "the length here?",
        "The slope at z = 0: a = σ(0), and then a(1 − a).",
        "How many steps down are there from layer 10 to layer 7?",
    ),
    mistakes=(
        Mistake(
            "one step too many",
            "You count the layers 7, 8, 9 and 10. Count the steps between them: δ of layer 10 is "
            "given.",
            (("0.25**3", "0.25**4"),),
            credit=0.5,
        ),
        Mistake(
            "one step too few",
            "One step is missing: from 10 to 9, from 9 to 8, and then?",
            (("0.25**3", "0.25**2"),),
            credit=0.5,
        ),
        Mistake(
            "σ(0) as slope",
            "½ is the *value* of the sigmoid at 0. Its slope there is smaller.",
            (("0.25**3", "0.5**3"),),
            credit=0.25,
        ),
        Mistake(
            "nothing lost",
            "Orthogonal weights change no length, that is true. But each step has a second factor: "
            "the slope of the sigmoid.",
            (("0.25**3", "1.0"),),
        ),
        Mistake(
            "added",
            "This is the sum of the factors of the steps. Each step takes its share of what the "
            "one before has left, so factors are multiplied.",
            (("0.25**3", "0.25 * 3"),),
        ),
        Mistake(
            "one step",
            "0.25 is the factor of *one* step. How many steps are there, and how do their "
            "factors combine?",
            (("0.25**3", "0.25"),),
            credit=0.25,
        ),
        Mistake(
            "lost instead of left",
            "Each step *leaves* a share as large as the slope of the sigmoid; you take away such a "
            "share and keep the rest.",
            (("0.25**3", "0.75**3"),),
            credit=0.25,
        ),
        Mistake(
            "all layers",
            "This is how much is left after as many steps as the layer's number says. Only the "
            "steps from layer 10 to layer 7 count.",
            (("0.25**3", "0.25**7"),),
            credit=0.25,
        ),
        Mistake(
            "it grows",
            "δ would grow on its way down. The slope of the sigmoid is less than 1, and δ is "
            "multiplied by it, not divided.",
            (("0.25**3", "4.0**3"),),
            credit=0.25,
        ),
        Mistake(
            "zero",
            "z = 0 does not make δ zero: at 0 the sigmoid is at its steepest.",
            (("0.25**3", "0.0"),),
        ),
    ),
    alternatives=(
        "def delta_left():\n    return 1 / 64\n",
        "def delta_left():\n    return 0.0156\n",
    ),
)


EXERCISE = Exercise(
    "04_delta_recursion",
    "The δ recursion",
    intro=r"""All slopes of a network, in one sweep backwards. A network is given as two plain
lists, `Ws` and `bs`: `Ws[0]` is $W^1$ of shape $(n_{out}, n_{in})$, `bs[0]` is $b^1$ of shape
$(n_{out},)$, and so on. Every layer is a layer of sigmoids. A single example is a vector; a batch
has one example in each row, and at least one row.

Unless a task says otherwise, arguments may hold whole numbers as well as fractions, and they are
left as they are: right results that change an argument earn half of the points.""",
    questions=(
        FORWARD,
        DELTA_OUTPUT,
        DELTA_HIDDEN,
        RIGHT_LOSS,
        GRADIENTS,
        FAULTY_LINE,
        TRAIN_STEP,
        GRADIENT_CHECK,
        WRONG_SLOPE,
        DELTA_LEFT,
    ),
    outro="""If `gradient_check` says of your `gradients` what it should, you have written what
every library of neural networks has at its heart.""",
)
