"""Exercises of lesson 3: the chain rule."""

import numpy as np

from course.exercises.question import Exercise, Mistake, Question
from course.exercises.values import Expression


def _uniform(rng, low, high, digits=2):
    """Draw a number that can be read: rounded."""
    return round(float(rng.uniform(low, high)), digits)


# ----------------------------------------------------------------------- numeric_gradient
def numeric_gradient(f, x, h):
    """Return the gradient of f at x (n,) by central differences with the step h: an array (n,).

    f takes an array (n,) and returns a number.
    """
    point = np.array(x, dtype=float)
    g = np.empty(len(point))
    for i in range(len(point)):
        old = point[i]
        point[i] = old + h
        up = f(point)
        point[i] = old - h
        down = f(point)
        point[i] = old
        g[i] = (up - down) / (2 * h)
    return g


def _curved(rng):
    """Draw a function whose coordinates act on each other, a point and a step."""
    n = int(rng.integers(2, 5))
    a, b, c = (_uniform(rng, 0.3, 1.5) for _ in range(3))
    terms = [f"{a} * x[0] ** 3", f"{b} * x[0] * x[1] ** 2", f"np.sin({c} * x[{n - 1}])"]
    if n > 2:
        terms.append("x[1] * np.exp(0.5 * x[2])")
    f = Expression(f"lambda x: {' + '.join(terms)}")
    x = (rng.choice([-1, 1], size=n) * rng.uniform(0.3, 2.0, size=n)).round(2)
    return f, x, float(rng.choice([0.1, 0.05, 0.01]))


NUMERIC_GRADIENT = Question(
    numeric_gradient,
    section="2 How small a nudge?",
    prompt=r"""Write the witness that needs no calculus. For each coordinate $i$,

$$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h\,e_i) - f(x - h\,e_i)}{2h} ,$$

where $e_i$ is 1 at place $i$ and 0 elsewhere. Use the $h$ that you are given, even where it is
large: what is compared is the difference quotient itself.""",
    inputs=_curved,
    edges=(
        (
            Expression("lambda x: x[0] ** 3 + 2 * x[0] * x[1] - x[2] ** 2"),
            np.array([1, 2, 3]),
            0.01,
        ),
    ),
    hints=(
        "A loop over the coordinates: each is nudged alone, all others stay where they are.",
        "Nudge a copy, so that x itself stays as it was: `up = x.copy()`, then `up[i] += h`.",
        "An array of whole numbers takes no fractions: `np.array(x, dtype=float)` copies to "
        "floats.",
    ),
    mistakes=(
        Mistake(
            "forward difference",
            "That is the forward difference: x + h and x itself are compared, and f(x − h) is "
            "not used. Its error falls like h, the central one's like h².",
            (("point[i] = old - h", "point[i] = old"), ("(2 * h)", "h")),
            credit=0.5,
        ),
        Mistake(
            "backward difference",
            "That is the backward difference: x itself and x − h are compared, and f(x + h) is "
            "not used. Its error falls like h, the central one's like h².",
            (("point[i] = old + h", "point[i] = old"), ("(2 * h)", "h")),
            credit=0.5,
        ),
        Mistake(
            "half a forward difference",
            "Only one of the two values is nudged, so they lie h apart, and you divide by 2h.",
            (("point[i] = old - h", "point[i] = old"),),
            credit=0.25,
        ),
        Mistake(
            "/h for /2h",
            "The two points lie 2h apart, and you divide by h: every derivative comes out twice "
            "too large.",
            (("(2 * h)", "h"),),
            credit=0.5,
        ),
        Mistake(
            "/ 2 * h",
            "You divide by 2 and then *multiply* by h, as `/ 2 * h` does: Python goes from left "
            "to right. Put what you divide by in parentheses.",
            (("/ (2 * h)", "/ 2 * h"),),
            credit=0.5,
        ),
        Mistake(
            "no division",
            "You return the change of f. The derivative is the change *per length of the nudge*:"
            " the larger the nudge, the larger the change would be.",
            ((" / (2 * h)", ""),),
            credit=0.25,
        ),
        Mistake(
            "not restored",
            "A coordinate that was nudged down is not put back before the next one is nudged, so "
            "the later derivatives are taken at another point.",
            (("        point[i] = old\n", ""),),
            credit=0.25,
        ),
        Mistake(
            "nudges pile up",
            "The nudges pile up: when entry i has its turn, all entries before it are still nudged "
            "too, on both sides. Start each turn from x as it was.",
            source="""
            def numeric_gradient(f, x, h):
                up, down = np.array(x, dtype=float), np.array(x, dtype=float)
                g = np.empty(len(x))
                for i in range(len(x)):
                    up[i] += h
                    down[i] -= h
                    g[i] = (f(up) - f(down)) / (2 * h)
                return g
            """,
            credit=0.25,
        ),
        Mistake(
            "not restored, in x itself",
            "The nudges are made in x itself and not taken back: the later derivatives are taken "
            "at another point, and the caller finds x changed.",
            (("np.array(x, dtype=float)", "x"), ("        point[i] = old\n", "")),
        ),
        Mistake(
            "forward, and piling up",
            "These are forward differences whose nudges pile up: when entry i has its turn, all "
            "entries before it are still nudged too. Put each one back before the next.",
            source="""
            def numeric_gradient(f, x, h):
                point = np.array(x, dtype=float)
                start = f(point)
                g = np.empty(len(x))
                for i in range(len(x)):
                    point[i] += h
                    g[i] = (f(point) - start) / h
                return g
            """,
        ),
        Mistake(
            "same point twice",
            "Every result is 0. Are both values taken at one and the same point, because `up` and "
            "`down` are two names of one array (`up = x` makes no copy)? Or do the quotients never "
            "get into what you return?",
            (("point[i] = old + h", "point[i] = old"), ("point[i] = old - h", "point[i] = old")),
        ),
        Mistake(
            "half the nudge",
            "You nudge by h/2 to either side. It is a central difference with the step h/2; asked "
            "for are x + h and x − h.",
            (("old + h", "old + h / 2"), ("old - h", "old - h / 2"), ("(2 * h)", "h")),
            credit=0.5,
        ),
        Mistake(
            "all at once",
            "You nudge all coordinates at once, and get one number: the sum of all partial "
            "derivatives. Each coordinate needs a nudge of its own.",
            (
                (
                    "    return g",
                    "    return (f(point + h) - f(point - h)) / (h + h)",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "all at once, for each",
            "Every entry is the sum of all partial derivatives, as if all coordinates were "
            "nudged at once. For entry i nudge coordinate i alone.",
            (("up - down", "f(point + h) - f(point - h)"),),
            credit=0.25,
        ),
        Mistake(
            "integer x",
            "For an x of whole numbers x + h and x − h are cut to whole numbers: the nudge is "
            "lost or becomes a whole 1. Copy to floats first.",
            (("np.array(x, dtype=float)", "np.array(x)"),),
            credit=0.75,
        ),
        Mistake(
            "integer result",
            "For an x of whole numbers your derivatives are cut to whole numbers. Does the array"
            " for them have the dtype of x? It needs one of floats.",
            (("np.empty(len(point))", "np.empty(len(point), dtype=np.asarray(x).dtype)"),),
            credit=0.75,
        ),
        Mistake(
            "x changed",
            "The nudges are made in x itself and taken back with + and −; rounding leaves x "
            "slightly off where it was. Nudge a copy, or put the old value back.",
            source="""
            def numeric_gradient(f, x, h):
                g = np.empty(len(x))
                for i in range(len(x)):
                    x[i] += h
                    up = f(x)
                    x[i] -= 2 * h
                    down = f(x)
                    x[i] += h
                    g[i] = (up - down) / (2 * h)
                return g
            """,
            credit=0.5,
        ),
        Mistake(
            "sign",
            "Every derivative has the wrong sign. It is f at the larger value minus f at the "
            "smaller one, so that a rising f has a positive slope.",
            (("(up - down)", "(down - up)"),),
            credit=0.25,
        ),
        Mistake(
            "another h",
            "Your results are nearer to the exact derivative than the quotient with the given h "
            "can be. A smaller step of your own, or a longer formula, may well be better; but "
            "what is asked for is this quotient, with this h.",
            (("g = np.empty(len(point))", "g = np.empty(len(point))\n    h = 1e-5"),),
            credit=0.5,
        ),
        Mistake(
            "absolute change",
            "You return the size of each derivative. Its sign says whether f rises or falls, and"
            " must not get lost.",
            (("(up - down)", "abs(up - down)"),),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def numeric_gradient(f, x, h):
            return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
        """,
        """
        def numeric_gradient(f, x, h):
            g = []
            for i in range(x.size):
                up, down = x.astype(float), x.astype(float)
                up[i] += h
                down[i] -= h
                g.append((f(up) - f(down)) / h / 2)
            return g
        """,
    ),
)


# ---------------------------------------------------------------------------------- chain
def chain(functions, derivatives, x):
    """Return the derivative at the number x of functions that are applied one after the other.

    functions[0] is applied first, the last one last; derivatives holds the derivative of each.
    """
    slope = 1.0
    for f, df in zip(functions, derivatives, strict=True):
        slope = slope * df(x)
        x = f(x)
    return slope


_LINKS = (
    ("{c} * u ** 2", "2 * {c} * u"),
    ("np.sin({c} * u)", "{c} * np.cos({c} * u)"),
    ("np.exp({c} * u)", "{c} * np.exp({c} * u)"),
    ("u ** 3 - {c} * u", "3 * u ** 2 - {c}"),
    ("np.tanh(u) + {c}", "1 - np.tanh(u) ** 2"),
    ("1 / (u ** 2 + {c})", "-2 * u / (u ** 2 + {c}) ** 2"),
)


def _links(rng):
    """Draw three or four different functions with their derivatives, and a point."""
    chosen = rng.choice(len(_LINKS), size=rng.integers(3, 5), replace=False)
    functions, derivatives = [], []
    for i in chosen:
        c = _uniform(rng, 0.4, 0.9)
        f, df = (Expression(f"lambda u: {part.format(c=c)}") for part in _LINKS[i])
        functions.append(f)
        derivatives.append(df)
    return tuple(functions), tuple(derivatives), _uniform(rng, 0.4, 1.3)


CHAIN = Question(
    chain,
    section="3 The chain rule: a nudge travels",
    prompt=r"""Functions of one number are applied one after the other,
$L = f_m(\dots f_2(f_1(x)))$. You get them as `functions` $= (f_1, \dots, f_m)$, and their
derivatives as `derivatives` $= (f_1', \dots, f_m')$. Return $\mathrm dL/\mathrm dx$ at the number
$x$ by the chain rule, for any number $m \geq 1$ of links.""",
    inputs=_links,
    edges=(
        ((Expression("lambda u: u ** 2"),), (Expression("lambda u: 2 * u"),), 3.0),
        (
            (Expression("lambda u: 3 * u + 1"), Expression("lambda u: u ** 2")),
            (Expression("lambda u: 3.0"), Expression("lambda u: 2 * u")),
            2.0,
        ),
        (
            (Expression("lambda u: u / 2"), Expression("lambda u: u ** 2")),
            (Expression("lambda u: 0.5"), Expression("lambda u: 2 * u")),
            3,
        ),
    ),
    hints=(
        "Rates multiply along a chain: the answer is a product of m numbers.",
        "Where is each derivative taken? At what goes *into* its function.",
        "Walk along the chain with two variables: the value so far, and the slope so far.",
    ),
    mistakes=(
        Mistake(
            "all at x",
            "Every derivative is taken at x. Only the first function gets x; each later one gets "
            "what the one before it returns, and its slope is to be taken there.",
            (("x = f(x)", "f(x)"),),
            credit=0.25,
        ),
        Mistake(
            "at the output",
            "Each derivative is taken at what *comes out of* its function. Its slope is needed "
            "at what goes in.",
            (
                (
                    "slope = slope * df(x)\n        x = f(x)",
                    "x = f(x)\n        slope = slope * df(x)",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "added",
            "The slopes are added. Along a chain they multiply: what one link does to a nudge is "
            "what the next one receives. (They are added where paths *meet*.)",
            (("slope = 1.0", "slope = 0.0"), ("slope * df(x)", "slope + df(x)")),
            credit=0.25,
        ),
        Mistake(
            "last link missing",
            "The derivative of the last function, the outermost, is missing from the product: "
            "what it does to a nudge counts too.",
            (
                (
                    "slope = slope * df(x)",
                    "slope = slope * (df(x) if df is not derivatives[-1] else 1.0)",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "first link missing",
            "The derivative of the first function, the innermost, is missing from the product: "
            "it is the first to stretch the nudge.",
            (
                (
                    "slope = slope * df(x)",
                    "slope = slope * (df(x) if df is not derivatives[0] else 1.0)",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "only the last link",
            "You return the slope of the last link alone. It is to be multiplied by those of all "
            "the links before it.",
            (("slope = slope * df(x)", "slope = df(x)"),),
            credit=0.25,
        ),
        Mistake(
            "wrong way round",
            "You apply the functions in the reverse order: functions[0] is the innermost, it gets "
            "x first.",
            (
                (
                    "zip(functions, derivatives",
                    "zip(functions[::-1], derivatives[::-1]",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "values multiplied",
            "You multiply the values of the functions. It is their slopes that multiply.",
            (("df(x)", "f(x)"),),
        ),
        Mistake(
            "value returned",
            "You return the value at the end of the chain. Asked for is how fast it changes with"
            " x.",
            (("return slope", "return x"),),
        ),
        Mistake(
            "starts at 0",
            "Every result is 0. Does your product start at 0, and stay there? Before the first "
            "link a nudge is passed on as it is.",
            (("slope = 1.0", "slope = 0.0"),),
        ),
        Mistake(
            "slopes nested",
            "You give each derivative the *slope* of the link before. It needs the *value* that "
            "arrives there.",
            (("x = f(x)", "x = df(x)"),),
            credit=0.25,
        ),
        Mistake(
            "all at the end",
            "Every derivative is taken at the last value of the chain. Each belongs to what goes "
            "into its own function: keep the values on the way.",
            source="""
            def chain(functions, derivatives, x):
                for f in functions[:-1]:
                    x = f(x)
                slope = 1.0
                for df in derivatives:
                    slope *= df(x)
                return slope
            """,
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def chain(functions, derivatives, x):
            values = [x]
            for f in functions:
                values.append(f(values[-1]))
            g = 1.0
            for i in reversed(range(len(functions))):
                g = g * derivatives[i](values[i])
            return g
        """,
        """
        def chain(functions, derivatives, x):
            if len(functions) == 1:
                return derivatives[0](x)
            return derivatives[0](x) * chain(functions[1:], derivatives[1:], functions[0](x))
        """,
    ),
)


# ------------------------------------------------------------------------ neuron_gradient
def neuron_gradient(w, x, b, y):
    """Return (∂L/∂w, ∂L/∂x, ∂L/∂b) of L = (σ(w x + b) − y)² as an array; all are numbers."""
    a = 1 / (1 + np.exp(-(w * x + b)))
    delta = 2 * (a - y) * a * (1 - a)
    return np.array([delta * x, delta * w, delta])


def _neuron(rng):
    w, b = _uniform(rng, -2, 2), _uniform(rng, -1, 1)
    return w, _uniform(rng, 0.5, 3), b, _uniform(rng, 0, 1)


NEURON_GRADIENT = Question(
    neuron_gradient,
    section="4 A graph, and its local derivatives",
    prompt=r"""One neuron: $z = w x + b$, $a = \sigma(z)$, $L = (a - y)^2$, with numbers everywhere.
Return the three derivatives $\partial L/\partial w$, $\partial L/\partial x$ and
$\partial L/\partial b$ in this order, as an array. Compute what they share only once. (Mind: the
loss has no factor ½. And $-20 \le z \le 1000$: at the upper end the slope of $\sigma$ is 0 in the
computer.)""",
    inputs=_neuron,
    edges=(
        (0.5, 4.0, -1.0, 1.0),
        (0.5, -2.0, 3.0, 0.0),
        (50.0, 20.0, 0.0, 0.0),
    ),
    hints=(
        "Go forward first: z, then a. The derivatives are made of these numbers.",
        "Backward: ∂L/∂a, times ∂a/∂z. That product belongs to z, and all three share it.",
        "Then the last edges: how does z = w x + b move with w, with x, with b?",
    ),
    mistakes=(
        Mistake(
            "no 2",
            "The factor 2 of the square's derivative is missing. (It is absent only if the loss "
            "has a ½.)",
            (("2 * (a - y)", "(a - y)"),),
            credit=0.5,
        ),
        Mistake(
            "sign",
            "All three have the wrong sign. If a is larger than y, a larger a makes the loss grow.",
            (("(a - y)", "(y - a)"),),
            credit=0.25,
        ),
        Mistake(
            "no σ′",
            "A link is missing: the derivative of the sigmoid, between a and z. On its "
            "way to a, a nudge of z shrinks to a quarter at most.",
            ((" * a * (1 - a)", ""),),
            credit=0.25,
        ),
        Mistake(
            "a − y alone",
            "∂L/∂z = a − y belongs to the cross-entropy, where σ′ cancels. With the squared error "
            "it stays.",
            (("2 * (a - y) * a * (1 - a)", "a - y"),),
            credit=0.25,
        ),
        Mistake(
            "σ′ of a",
            "You apply the sigmoid once more before you take its derivative: a *is* σ(z) already.",
            (
                (
                    "a * (1 - a)",
                    "(1 / (1 + np.exp(-a))) * (1 - 1 / (1 + np.exp(-a)))",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "z(1 − z)",
            "You take z(1 − z) for the derivative of the sigmoid. It is made of the sigmoid's "
            "*output*.",
            (("a * (1 - a)", "(w * x + b) * (1 - (w * x + b))"),),
            credit=0.25,
        ),
        Mistake(
            "overflow",
            "For a large z your result is nan: e^z is infinite there, and ∞/∞ is not a number. "
            "With e^(−z) in its place the infinity would stand in a denominator alone, where it "
            "does no harm.",
            (("1 / (1 + np.exp(-(w * x + b)))", "np.exp(w * x + b) / (1 + np.exp(w * x + b))"),),
            credit=0.5,
        ),
        Mistake(
            "half of σ′",
            "One of the two factors of the sigmoid's derivative is missing: it is small at both "
            "ends, where a is near 0 and where a is near 1.",
            ((" * (1 - a)", ""),),
            credit=0.5,
        ),
        Mistake(
            "w and x swapped",
            "The first two are exchanged: when w is nudged, z moves by x times the nudge, and when "
            "x is nudged, by w times.",
            (("delta * x, delta * w", "delta * w, delta * x"),),
            credit=0.5,
        ),
        Mistake(
            "b as a factor",
            "The last one has a factor b. In z = w x + b the b is added: nudge it, and z moves by "
            "just as much.",
            (("delta * w, delta]", "delta * w, delta * b]"),),
            credit=0.5,
        ),
        Mistake(
            "b has none",
            "You say that L does not change with b. Nudge b, and z = w x + b moves by just as "
            "much.",
            (("delta * w, delta]", "delta * w, 0.0]"),),
            credit=0.5,
        ),
        Mistake(
            "b forgotten",
            "The b is missing in z = w x + b, so that all three are taken at another z.",
            (("(w * x + b)))", "(w * x)))"),),
            credit=0.5,
        ),
        Mistake(
            "last edges missing",
            "You return ∂L/∂z three times. The last edge of each way is missing: how z moves with "
            "w, with x, with b.",
            (("delta * x, delta * w", "delta, delta"),),
            credit=0.25,
        ),
        Mistake(
            "x missing",
            "In ∂L/∂w the last edge is missing: nudge w, and z = w x + b moves by x times as much.",
            (("delta * x", "delta"),),
            credit=0.5,
        ),
        Mistake(
            "w missing",
            "In ∂L/∂x the last edge is missing: nudge x, and z = w x + b moves by w times as much.",
            (("delta * w", "delta"),),
            credit=0.5,
        ),
        Mistake(
            "tanh′",
            "1 − a² is the derivative of tanh. Here a is the sigmoid's output.",
            (("* a * (1 - a)", "* (1 - a**2)"),),
            credit=0.25,
        ),
        Mistake(
            "no sigmoid",
            "You leave out the sigmoid on the way forward: a is σ(z), not z.",
            (("1 / (1 + np.exp(-(w * x + b)))", "w * x + b"),),
            credit=0.25,
        ),
        Mistake(
            "σ(−z)",
            "You take σ(−z) for a, a sigmoid that falls where it should rise. Look at the sign "
            "in the power of e.",
            (("np.exp(-(w", "np.exp((w"),),
            credit=0.25,
        ),
        Mistake(
            "square not differentiated",
            "You have the error squared, as in the loss itself, where the derivative of the "
            "square belongs.",
            (("2 * (a - y)", "(a - y) ** 2"),),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def neuron_gradient(w, x, b, y):
            a = 0.5 * (1 + math.tanh((w * x + b) / 2))
            dz = 2 * (a - y) * (a - a**2)
            return dz * np.array([x, w, 1.0])
        """,
        """
        def neuron_gradient(w, x, b, y):
            z = w * x + b
            e = math.exp(-z)
            slope = 2 * (1 / (1 + e) - y) * e / (1 + e) ** 2
            return [slope * x, slope * w, slope]
        """,
    ),
)


# ----------------------------------------------------------------------- fan_out_gradient
def fan_out_gradient(edges, n):
    """Return ∂L/∂(node) for all n nodes of a graph, an array (n,); L is the last node.

    edges is a list of (tail, head, slope): node `head` is computed from node `tail`, and slope is
    the local derivative. The nodes are numbered in the order of the forward pass, and the edges
    sorted by their heads.
    """
    g = np.zeros(n)
    g[-1] = 1.0
    for tail, head, slope in reversed(edges):
        g[tail] += slope * g[head]
    return g


def _graph(rng):
    """Draw a chain of nodes with further edges, so that some nodes are read twice."""
    n = int(rng.integers(4, 7))
    pairs = [(i, i + 1) for i in range(n - 1)]
    skips = [(i, j) for j in range(2, n) for i in range(j - 1)]
    few = rng.choice(len(skips), size=int(rng.integers(2, 4)), replace=False)
    pairs += [skips[i] for i in few]
    if rng.random() < 0.4:
        pairs.append((0, 1))  # x · x reads x twice
    rng.shuffle(pairs)
    pairs.sort(key=lambda pair: pair[1])
    slopes = (rng.choice([-1, 1], size=len(pairs)) * rng.uniform(0.4, 2.5, len(pairs))).round(1)
    return [(int(i), int(j), float(s)) for (i, j), s in zip(pairs, slopes, strict=True)], n


FAN_OUT_GRADIENT = Question(
    fan_out_gradient,
    section="5 Where a value is used twice, gradients add",
    prompt=r"""A graph has the nodes $0, 1, \dots, n - 1$, numbered in the order in which they are
computed; the last one is $L$. An edge `(tail, head, slope)` says that the node `head` is computed
from the node `tail`, and that the local derivative is `slope`. Two nodes may be joined by two
edges, as in $x \cdot x$. The edges are sorted by their heads. Return $\partial L/\partial v$ for
all nodes $v$, an array of $n$ numbers with $\partial L/\partial L = 1$ in the last place:

$$\frac{\partial L}{\partial v} = \sum_{\text{edges } v \to u}
\frac{\partial L}{\partial u} \cdot \frac{\partial u}{\partial v} .$$

A node that nothing reads gets 0, unless it is $L$; and $L$ may be the only node. One walk over the
edges is enough, if it goes the right way.""",
    inputs=_graph,
    edges=(
        ([(0, 1, 3.0), (0, 1, 3.0), (0, 2, 1.0), (1, 2, 1.0)], 3),
        ([(0, 1, 2.0), (1, 2, -3.0)], 3),
        ([(0, 1, 2.0), (0, 2, -1.0), (1, 3, 0.5), (2, 3, 4.0)], 4),
        # nothing is computed from anything
        ([], 1),
        # node 1 is computed, and nothing reads it
        ([(0, 1, 2.0), (0, 2, 3.0)], 3),
    ),
    hints=(
        "Start with an array of zeros, and 1 at L.",
        "A node must have got everything from its readers before it passes its gradient on.",
        "So go through the edges from the last to the first: `reversed(edges)`.",
        "Where two edges leave a node, their terms add up.",
    ),
    mistakes=(
        Mistake(
            "= for +=",
            "At a node that is read twice only one reader's term is left. Is a later one written "
            "over it, where it should be added? All readers move when the node is nudged, and "
            "their effects add up. On a mere chain you would never notice.",
            (("g[tail] += slope", "g[tail] = slope"),),
            credit=0.25,
        ),
        Mistake(
            "first term only",
            "At a node that is read twice, only the first term that arrives is kept. The terms of "
            "all readers add up.",
            (("g[tail] += slope * g[head]", "g[tail] = g[tail] or slope * g[head]"),),
            credit=0.25,
        ),
        Mistake(
            "forward order",
            "You walk from the first edge to the last. Gradients come from L: when an edge is "
            "used, its head must be complete, so the walk goes backward.",
            (("reversed(edges)", "edges"),),
            credit=0.25,
        ),
        Mistake(
            "no seed",
            "All gradients are zero. At L itself ∂L/∂L = 1, and from this 1 everything else is "
            "made.",
            (("g[-1] = 1.0", "g[-1] = 0.0"),),
        ),
        Mistake(
            "starts at 1",
            "All gradients start at 1. What is added up must start at zero; only L has a 1.",
            (("np.zeros(n)", "np.ones(n)"),),
            credit=0.25,
        ),
        Mistake(
            "seed at the input",
            "Only node 0 has a gradient, and it is 1. Did you put the 1 there? It belongs to L, "
            "the last node, whose gradient goes backward.",
            (("g[-1] = 1.0", "g[0] = 1.0"),),
            credit=0.0,
        ),
        Mistake(
            "added along the edge",
            "You add the slope to the gradient that arrives. Along an edge they multiply; it is "
            "the terms of several edges that add.",
            (("slope * g[head]", "slope + g[head]"),),
            credit=0.25,
        ),
        Mistake(
            "only slopes",
            "Each edge passes on its slope alone. It must be multiplied by the gradient that has "
            "arrived at its head.",
            (("slope * g[head]", "slope"),),
        ),
        Mistake(
            "no slopes",
            "Each edge passes the gradient on as it is. The local derivative, the slope, is the "
            "factor by which a nudge changes there.",
            (("slope * g[head]", "g[head]"),),
            credit=0.25,
        ),
        Mistake(
            "multiplied where paths meet",
            "At a node that is read twice you multiply the terms. Multiply along a path, but *add* "
            "over the paths.",
            (("np.zeros(n)", "np.ones(n)"), ("+= slope", "*= slope")),
            credit=0.25,
        ),
        Mistake(
            "ends exchanged",
            "Only L itself has a gradient: nothing arrives at the other nodes. The gradient of a"
            " head is known first, and it is the tail that receives. Is it the other way round "
            "with you, or is the 1 not yet at L when the walk begins?",
            (("g[tail] += slope * g[head]", "g[head] += slope * g[tail]"),),
            credit=0.0,
        ),
        Mistake(
            "whole numbers",
            "Your gradients are cut to whole numbers. Is the array for them one of integers? It "
            "needs to be one of floats.",
            (("np.zeros(n)", "np.zeros(n, dtype=int)"),),
            credit=0.5,
        ),
        Mistake(
            "double edges lost",
            "Where two edges join the same two nodes, as in x · x, you keep only one of them. Each "
            "is a path of its own.",
            (
                (
                    "reversed(edges)",
                    "reversed([(*pair, s) for pair, s in {(i, j): s for i, j, s in "
                    "edges}.items()])",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "mean of the readers",
            "You take the mean over the readers of a node. A nudge moves all of them, with full "
            "strength: the terms are summed.",
            source="""
            def fan_out_gradient(edges, n):
                g = np.zeros(n)
                g[-1] = 1.0
                for v in reversed(range(n - 1)):
                    g[v] = np.mean([s * g[j] for i, j, s in edges if i == v])
                return g
            """,
            credit=0.25,
        ),
        Mistake(
            "forward accumulation",
            "You return how every node changes with node 0: forward accumulation. Asked for is "
            "how L changes with every node, which one walk *backward* gives.",
            source="""
            def fan_out_gradient(edges, n):
                d = np.zeros(n)
                d[0] = 1.0
                for tail, head, slope in edges:
                    d[head] += slope * d[tail]
                return d
            """,
            credit=0.25,
        ),
        Mistake(
            "only the input's",
            "You return the gradient at node 0 alone. All nodes were asked for; you have them.",
            (("    return g", "    return g[0]"),),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def fan_out_gradient(edges, n):
            S = np.zeros((n, n))
            for tail, head, slope in edges:
                S[tail, head] += slope
            return np.linalg.solve(np.eye(n) - S, np.eye(n)[-1])
        """,
        """
        def fan_out_gradient(edges, n):
            def by(v):
                if v == n - 1:
                    return 1.0
                return sum(s * by(j) for i, j, s in edges if i == v)
            return [by(v) for v in range(n)]
        """,
        """
        def fan_out_gradient(edges, n):
            g = {n - 1: 1.0}
            for k in range(len(edges) - 1, -1, -1):
                i, j, s = edges[k]
                g[i] = g.get(i, 0.0) + g.get(j, 0.0) * s
            return np.array([g.get(v, 0.0) for v in range(n)])
        """,
    ),
)


# ----------------------------------------------------------------------------- vjp_affine
def vjp_affine(W, x, g):
    """Return the gradients (∂L/∂W, ∂L/∂x, ∂L/∂b) for z = W x + b, from g = ∂L/∂z.

    W is (n_out, n_in), x (n_in,), g (n_out,); each gradient has the shape of its own variable.
    """
    by_W = np.outer(g, x)
    by_x = W.T @ g
    by_b = g.copy()
    return by_W, by_x, by_b


def _affine(rng):
    """Draw an affine map; in half of the cases W is square, but never symmetric."""
    n_out, n_in = rng.choice([2, 3, 4], size=2, replace=False)
    if rng.random() < 0.5:
        n_out = n_in
    return tuple(rng.normal(size=s).round(1) for s in ((n_out, n_in), n_in, n_out))


VJP_AFFINE = Question(
    vjp_affine,
    section="6 Vectors: Jacobians, and the products that replace them",
    prompt=r"""A layer computes $z = W x + b$ with $W$ of shape $(n_{\text{out}}, n_{\text{in}})$,
for one example. The gradient $g = \partial L/\partial z$ has arrived. Return the three that follow
from it, in this order:

$$\frac{\partial L}{\partial W_{ij}}, \qquad \frac{\partial L}{\partial x_j}, \qquad
\frac{\partial L}{\partial b_i},$$

each with the shape of what it belongs to: $(n_{\text{out}}, n_{\text{in}})$, $(n_{\text{in}},)$ and
$(n_{\text{out}},)$. ($b$ itself is not needed.)""",
    inputs=_affine,
    edges=(
        (
            np.array([[1.0, 2.0], [-1.0, 0.5]]),
            np.array([0.5, -1.0]),
            np.array([2.0, 3.0]),
        ),
        (
            np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]]),
            np.array([0.5, -1.0, 2.0]),
            np.array([3.6, 4.8]),
        ),
        (np.array([[1.5, 2.0], [-1.0, 0.5]]), np.array([0.5, -1.0]), np.array([1, 2])),
        (np.array([[2, 1, 3], [-1, 4, 2]]), np.array([3, -1, 2]), np.array([0.3, -0.45])),
    ),
    hints=(
        "Write one entry: z_i = Σ_j W_ij x_j + b_i. Which z does a nudge of W_ij move, and by how "
        "much?",
        "x_j is read by *every* z_i: a fan-out. Add over i. As a matrix product?",
        "`np.outer(u, v)` is the table u_i v_j. Shapes tell which of the two comes first.",
        "b_i is added to z_i. How much does a nudge of b_i move it?",
    ),
    mistakes=(
        Mistake(
            "W for Wᵀ",
            "For ∂L/∂x you multiply with W as it stands. Entry j of the result gathers Σᵢ gᵢ Wᵢⱼ: "
            "the sum runs down a *column* of W. For a W that is not square it does not even fit.",
            (("W.T @ g", "W @ g"),),
            credit=0.5,
        ),
        Mistake(
            "outer product transposed",
            "The table ∂L/∂W is transposed. Its entry (i, j) belongs to the weight from input j to "
            "output i; its shape is that of W.",
            (("np.outer(g, x)", "np.outer(x, g)"),),
            credit=0.5,
        ),
        Mistake(
            "W itself",
            "For ∂L/∂x you return W. That is the Jacobian ∂z/∂x, a table; it is still to be "
            "multiplied by the gradient g that arrives.",
            (("W.T @ g", "W.copy()"),),
            credit=0.25,
        ),
        Mistake(
            "g forgotten in ∂L/∂x",
            "For ∂L/∂x you add up the columns of W as if every gradient that arrives were 1. Each "
            "row counts with its own gᵢ.",
            (("W.T @ g", "W.sum(axis=0)"),),
            credit=0.5,
        ),
        Mistake(
            "x for ∂L/∂W",
            "For ∂L/∂W you return x. It must have the shape of W: one number for each weight, made "
            "of the gradient at its output and the value at its input.",
            (("np.outer(g, x)", "x.copy()"),),
            credit=0.25,
        ),
        Mistake(
            "g forgotten in ∂L/∂W",
            "In ∂L/∂W every row is x: the gradient gᵢ that arrives at the output i is missing.",
            (("np.outer(g, x)", "np.outer(np.ones(len(g)), x)"),),
            credit=0.5,
        ),
        Mistake(
            "ones for ∂L/∂b",
            "For ∂L/∂b you return ones. 1 is only the local derivative ∂zᵢ/∂bᵢ. What has "
            "arrived at zᵢ?",
            (("g.copy()", "np.ones(len(g))"),),
            credit=0.5,
        ),
        Mistake(
            "b summed",
            "For ∂L/∂b you return one number. b has n_out entries, and each has its own "
            "derivative. (Over the *examples* of a batch one would sum.)",
            (("g.copy()", "g.sum()"),),
            credit=0.5,
        ),
        Mistake(
            "b zero",
            "You say that L does not change with b. Nudge bᵢ, and zᵢ moves by as much.",
            (("g.copy()", "np.zeros(len(g))"),),
            credit=0.5,
        ),
        Mistake(
            "inverse",
            "For ∂L/∂x you *solve* an equation with W. The gradient goes backward through the "
            "layer, but nothing is inverted on the way, not even where W has an inverse.",
            (("W.T @ g", "np.linalg.pinv(W) @ g"),),
            credit=0.25,
        ),
        Mistake(
            "order",
            "The first two are exchanged: ∂L/∂W comes first, then ∂L/∂x.",
            (("return by_W, by_x, by_b", "return by_x, by_W, by_b"),),
            credit=0.5,
        ),
        Mistake(
            "z for x",
            "In ∂L/∂W you use W x where x belongs: what a weight multiplies is its *input*.",
            (("np.outer(g, x)", "np.outer(g, W @ x)"),),
            credit=0.25,
        ),
        Mistake(
            "W in ∂L/∂W",
            "In ∂L/∂W there is a factor W too many. zᵢ is linear in Wᵢⱼ: its derivative does not "
            "depend on W.",
            (("np.outer(g, x)", "np.outer(g, x) * W"),),
            credit=0.5,
        ),
        Mistake(
            "x in ∂L/∂x",
            "In ∂L/∂x there is a factor x too many. z is linear in x: its derivative does not "
            "depend on x.",
            (("W.T @ g", "W.T @ g * x"),),
            credit=0.5,
        ),
        Mistake(
            "whole numbers",
            "For a W and an x of whole numbers your gradients are cut to whole numbers. Are they"
            " written into arrays made like W and x, which hold integers? They need arrays of "
            "floats.",
            (
                ("by_W = np.outer(g, x)", "by_W = np.outer(g, x).astype(W.dtype)"),
                ("by_x = W.T @ g", "by_x = (W.T @ g).astype(x.dtype)"),
            ),
            credit=0.75,
        ),
    ),
    alternatives=(
        """
        def vjp_affine(W, x, g):
            return g[:, np.newaxis] * x, g @ W, g
        """,
        """
        def vjp_affine(W, x, g):
            rows, columns = W.shape
            dW, dx = np.zeros(W.shape), np.zeros(columns)
            for i in range(rows):
                for j in range(columns):
                    dW[i, j] = g[i] * x[j]
                    dx[j] += g[i] * W[i, j]
            return [dW, dx, 1.0 * g]
        """,
        """
        def vjp_affine(W, x, g):
            column = g.reshape(-1, 1)
            return column @ x.reshape(1, -1), np.einsum("ij,i->j", W, g), g * np.ones(len(g))
        """,
    ),
)


# ------------------------------------------------------------------------- relative_error
def relative_error(a, b):
    """Return ‖a − b‖ / max(‖a‖, ‖b‖) for two arrays of one shape, and 0 if both are zero."""
    scale = max(np.linalg.norm(a), np.linalg.norm(b))
    if scale == 0:
        return 0.0
    return np.linalg.norm(a - b) / scale


def _two_gradients(rng):
    """Draw two arrays of one shape, more or less alike, either of them the longer one."""
    n, k = rng.integers(2, 5, size=2)
    a = rng.normal(size=(n,) if rng.random() < 0.6 else (n, k)).round(2)
    b = (a * rng.choice([0.7, 1.4]) + rng.choice([0.02, 0.5]) * rng.normal(size=a.shape)).round(2)
    return a, b


RELATIVE_ERROR = Question(
    relative_error,
    section="Three witnesses",
    prompt=r"""How far do two gradients $a$ and $b$ differ? Write

$$\frac{\lVert a - b\rVert}{\max(\lVert a\rVert, \lVert b\rVert)}$$

with $\lVert a\rVert = \sqrt{\sum a_i^2}$ over *all* entries. The arrays have one shape, (n,) or
(n, k). If both are zero they agree: return 0. Add no small constant: gradients of the size
$10^{-12}$ or $10^{-30}$ are to be compared as strictly as large ones.""",
    inputs=_two_gradients,
    edges=(
        (np.zeros(3), np.zeros(3)),
        (np.array([0.0, 0.0]), np.array([3.0, 4.0])),
        (np.array([3.0, 4.0]), np.array([0.0, 0.0])),
        (np.array([1.0, -2.0]), np.array([-1.0, 2.0])),
        (np.array([1e-12, 2e-12]), np.array([2e-12, -1e-12])),
        (np.array([1e-30, 2e-30]), np.array([2e-30, -1e-30])),
        (np.array([[3.0, 0.0], [0.0, 4.0]]), np.array([[3.0, 1.0], [2.0, 4.0]])),
    ),
    whole=True,
    hints=(
        "`np.linalg.norm(a)` is the root of the sum of squares, of a table too.",
        "The larger of the two norms is the measure; so a and b may be exchanged.",
        "When is the divisor zero? Check for that before you divide.",
    ),
    mistakes=(
        Mistake(
            "divided by ‖a‖",
            "You divide by the norm of a alone. Exchange the two, and the result changes; and for "
            "a = 0 there is nothing to divide by. Take the larger of both.",
            (("max(np.linalg.norm(a), np.linalg.norm(b))", "np.linalg.norm(a)"),),
            credit=0.5,
        ),
        Mistake(
            "divided by ‖b‖",
            "You divide by the norm of b alone, as if b were the exact one. Exchange the two, "
            "and the result changes; and for b = 0 there is nothing to divide by. Take the "
            "larger of both.",
            (("max(np.linalg.norm(a), np.linalg.norm(b))", "np.linalg.norm(b)"),),
            credit=0.5,
        ),
        Mistake(
            "divided by the smaller",
            "You divide by the smaller of the two norms. It may be zero, or nearly so, while the"
            " other is not; the larger one is the measure.",
            (("scale = max(", "scale = min("),),
            credit=0.5,
        ),
        Mistake(
            "sum of the norms",
            "You divide by the sum of both norms. That is in use too, and gives between half and"
            " all of what is asked for here. Divide by the larger of the two.",
            (
                (
                    "max(np.linalg.norm(a), np.linalg.norm(b))",
                    "np.linalg.norm(a) + np.linalg.norm(b)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "absolute",
            "That is the absolute error. Whether 0.001 is much depends on how large the gradients "
            "are: divide.",
            (("np.linalg.norm(a - b) / scale", "np.linalg.norm(a - b)"),),
            credit=0.25,
        ),
        Mistake(
            "0/0",
            "For two gradients that are zero the result is nan, as 0/0 is. They agree perfectly.",
            (("if scale == 0:", "if False:"),),
            credit=0.75,
        ),
        Mistake(
            "signed",
            "You add up the differences with their signs, so that positive and negative ones "
            "cancel. Opposite errors are still errors: take the norm.",
            (("np.linalg.norm(a - b)", "(a - b).sum()"),),
        ),
        Mistake(
            "difference of the norms",
            "You compare the two lengths. Gradients of the same length may point in quite "
            "different directions: subtract first, then take the norm.",
            (("np.linalg.norm(a - b)", "abs(np.linalg.norm(a) - np.linalg.norm(b))"),),
            credit=0.25,
        ),
        Mistake(
            "entry by entry",
            "You return a number for each entry. One number for the whole array is asked for: the "
            "norm of the difference.",
            (("np.linalg.norm(a - b)", "np.abs(a - b)"),),
            credit=0.25,
        ),
        Mistake(
            "each entry by itself",
            "You divide each difference by a measure of its own, and return a table of ratios. "
            "One number for the whole array is asked for, the ratio of two norms.",
            (
                (
                    "np.linalg.norm(a - b) / scale",
                    "np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "0 if either is zero",
            "You return 0 as soon as one of the two is zero. If the other is not, they do not "
            "agree at all.",
            (("if scale == 0:", "if not a.any() or not b.any():"),),
            credit=0.75,
        ),
        Mistake(
            "worst entry",
            "You take the worst relative error of a single entry. In entries that are nearly "
            "zero rounding alone would make it large; here the arrays are compared as wholes.",
            (
                (
                    "np.linalg.norm(a - b) / scale",
                    "np.nanmax(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b)))",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "squared",
            "You return the square: the root of the sum of squares is missing. An error of 1e-3 "
            "would look like 1e-6.",
            (("np.linalg.norm(a - b) / scale", "(np.linalg.norm(a - b) / scale) ** 2"),),
            credit=0.5,
        ),
        Mistake(
            "sum of absolute values",
            "You measure with absolute values, their sum or their mean. The norm asked for is the "
            "root of the sum of squares.",
            (
                (
                    "max(np.linalg.norm(a), np.linalg.norm(b))",
                    "max(np.abs(a).sum(), np.abs(b).sum())",
                ),
                ("np.linalg.norm(a - b)", "np.abs(a - b).sum()"),
            ),
            credit=0.5,
        ),
        Mistake(
            "largest entry",
            "You measure with the largest entry. The norm asked for is the root of the sum of "
            "squares over all entries.",
            (
                (
                    "max(np.linalg.norm(a), np.linalg.norm(b))",
                    "max(np.abs(a).max(), np.abs(b).max())",
                ),
                ("np.linalg.norm(a - b)", "np.abs(a - b).max()"),
            ),
            credit=0.5,
        ),
        Mistake(
            "a small constant",
            "You keep the divisor above a small constant. Then gradients of the size 1e-12 look "
            "thousands of times more alike than they are, and a wrong one may pass.",
            (
                (
                    "max(np.linalg.norm(a), np.linalg.norm(b))",
                    "max(np.linalg.norm(a), np.linalg.norm(b), 1e-8)",
                ),
            ),
            credit=0.75,
        ),
        Mistake(
            "1e-8 added",
            "You add 1e-8 to the divisor. Then gradients of the size 1e-12 look thousands of times "
            "more alike than they are, and a wrong one may pass.",
            (
                (
                    "max(np.linalg.norm(a), np.linalg.norm(b))",
                    "max(np.linalg.norm(a), np.linalg.norm(b)) + 1e-8",
                ),
            ),
            credit=0.75,
        ),
        Mistake(
            "1e-12 added",
            "You add 1e-12 to the divisor. Gradients of just that size then look more alike than "
            "they are.",
            (
                (
                    "max(np.linalg.norm(a), np.linalg.norm(b))",
                    "max(np.linalg.norm(a), np.linalg.norm(b)) + 1e-12",
                ),
            ),
            credit=0.75,
        ),
        Mistake(
            "a smaller constant",
            "You keep the divisor above a small constant, 1e-12. Gradients that are smaller still "
            "then look alike, whatever they are.",
            (
                (
                    "max(np.linalg.norm(a), np.linalg.norm(b))",
                    "max(np.linalg.norm(a), np.linalg.norm(b), 1e-12)",
                ),
            ),
            credit=0.75,
        ),
        Mistake(
            "spectral norm",
            "For tables your norm is another one: `np.linalg.norm(A, 2)` is the largest singular "
            "value. Asked for is the root of the sum of squares of all entries.",
            (
                (
                    "max(np.linalg.norm(a), np.linalg.norm(b))",
                    "max(np.linalg.norm(a, 2), np.linalg.norm(b, 2))",
                ),
                ("np.linalg.norm(a - b)", "np.linalg.norm(a - b, 2)"),
            ),
            credit=0.5,
        ),
        Mistake(
            "tiny ones taken for zero",
            "You return 0 where both are small, and not only where both are zero. A wrong "
            "gradient of the size 1e-12 would pass.",
            (("if scale == 0:", "if scale < 1e-9:"),),
            credit=0.75,
        ),
    ),
    alternatives=(
        """
        def relative_error(a, b):
            difference = math.sqrt(((a - b) ** 2).sum())
            largest = math.sqrt(max((a**2).sum(), (b**2).sum()))
            return difference / largest if largest > 0 else 0.0
        """,
        """
        def relative_error(a, b):
            a, b = a.ravel(), b.ravel()
            if not a.any() and not b.any():
                return 0
            return np.sqrt((a - b) @ (a - b)) / np.sqrt(max(a @ a, b @ b))
        """,
    ),
)


# ---------------------------------------------------------------------- accumulation_cost
def accumulation_cost(sizes):
    """Return the multiplications (forward, reverse) for all derivatives of the last layer.

    sizes = [n_0, n_1, ..., n_L]: the Jacobian of layer l has the shape (n_l, n_(l-1)).
    """
    forward, reverse = 0, 0
    for l in range(2, len(sizes)):
        forward += sizes[0] * sizes[l - 1] * sizes[l]
    for l in range(1, len(sizes) - 1):
        reverse += sizes[-1] * sizes[l] * sizes[l - 1]
    return forward, reverse


def _sizes(rng):
    return ([int(n) for n in rng.choice(np.arange(2, 20), size=rng.integers(4, 7), replace=False)],)


ACCUMULATION_COST = Question(
    accumulation_cost,
    section="7 Forward or backward: what it costs",
    prompt=r"""A chain of $L$ layers has the Jacobians $J_1, \dots, J_L$, where $J_l$ has the shape
$(n_l, n_{l-1})$. All derivatives of the last layer by the first are $J_L \cdots J_2 J_1$. Forward
accumulation multiplies from the input, $J_L(\cdots(J_3(J_2 J_1)))$, reverse accumulation from the
output, $(((J_L J_{L-1})J_{L-2})\cdots)J_1$. A product of a $(p, q)$ by a $(q, r)$ matrix takes
$p\,q\,r$ multiplications. Return how many each takes, `(forward, reverse)`: none if there is only
one layer.""",
    inputs=_sizes,
    edges=(([1000, 100, 100, 1],), ([1, 100, 100, 1000],), ([3, 5, 2],), ([4, 7],)),
    hints=(
        "L matrices take L − 1 products.",
        "Forward: J₂J₁ has the shape (n₂, n₀). So has every further product n₀ columns.",
        "Reverse: J_L J_(L−1) has n_L rows, and so has every further product.",
    ),
    mistakes=(
        Mistake(
            "exchanged",
            "The two are exchanged. Forward accumulation carries one column for each *input*, "
            "reverse accumulation one row for each *output*.",
            (("return forward, reverse", "return reverse, forward"),),
            credit=0.5,
        ),
        Mistake(
            "first product too many",
            "You count L products. The first matrix that is taken costs nothing: L matrices take "
            "L − 1 products.",
            (("range(2, len(sizes))", "range(1, len(sizes))"), ("len(sizes) - 1)", "len(sizes))")),
            credit=0.5,
        ),
        Mistake(
            "one vector",
            "You count one column and one row only, that is the work of one pass. Forward "
            "accumulation needs a pass for each input, reverse accumulation for each output.",
            (("sizes[0] * sizes[l - 1]", "sizes[l - 1]"), ("sizes[-1] * sizes[l]", "sizes[l]")),
            credit=0.25,
        ),
        Mistake(
            "wrong carried size",
            "The size that is carried along is the wrong one: forward, each product has as many "
            "columns as there are *inputs*; in reverse, as many rows as there are *outputs*.",
            (
                ("sizes[0] * sizes[l - 1]", "sizes[-1] * sizes[l - 1]"),
                ("sizes[-1] * sizes[l]", "sizes[0] * sizes[l]"),
            ),
            credit=0.25,
        ),
        Mistake(
            "neighbours only",
            "You multiply the sizes of three neighbouring layers, as if each product began afresh. "
            "What is carried along keeps its n₀ columns (its n_L rows) to the end.",
            (
                ("sizes[0] * sizes[l - 1]", "sizes[l - 2] * sizes[l - 1]"),
                ("sizes[-1] * sizes[l]", "sizes[l + 1] * sizes[l]"),
            ),
            credit=0.25,
        ),
        Mistake(
            "entries of the products",
            "You count the entries of the results. Each entry is a sum of q products, where q is "
            "the size in the middle.",
            (
                ("sizes[0] * sizes[l - 1] * sizes[l]", "sizes[0] * sizes[l]"),
                ("sizes[-1] * sizes[l] * sizes[l - 1]", "sizes[-1] * sizes[l - 1]"),
            ),
            credit=0.25,
        ),
        Mistake(
            "forward for both",
            "You return the forward cost twice. The result is the same from either end; the price "
            "is not.",
            (("return forward, reverse", "return forward, forward"),),
            credit=0.25,
        ),
        Mistake(
            "last layer missing",
            "In each walk one product is not counted, the last one. It takes multiplications "
            "like the others.",
            (
                ("range(2, len(sizes))", "range(2, len(sizes) - 1)"),
                ("range(1, len(sizes) - 1)", "range(2, len(sizes) - 1)"),
            ),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def accumulation_cost(sizes):
            first, last = sizes[0], sizes[-1]
            products = [n * m for n, m in zip(sizes[:-1], sizes[1:])]
            return first * sum(products[1:]), last * sum(products[:-1])
        """,
        """
        def accumulation_cost(sizes):
            def walk(s):
                return sum(s[0] * s[i] * s[i + 1] for i in range(1, len(s) - 1))
            return np.array([walk(sizes), walk(sizes[::-1])])
        """,
    ),
)


# --------------------------------------------------------------------------- forward_step
def forward_step():
    """Return the letter of your choice: "a", "b", "c", "d" or "e"."""
    return "c"


FORWARD_STEP = Question(
    forward_step,
    section="2 How small a nudge?",
    prompt=r"""The cell below prints the error of the *central* difference of $e^x$ at $x = 1.1$ for
many steps $h$. You want the best *forward* difference $(f(x + h) - f(x))/h$ of the same function in
the same arithmetic. Which $h$ do you choose? Think first; measure afterwards.

* a) $10^{-2}$
* b) $10^{-5}$
* c) $10^{-8}$
* d) $10^{-12}$
* e) $10^{-16}$""",
    given="""for k in range(1, 16):
    h = 10.0**-k
    slope = (np.exp(1.1 + h) - np.exp(1.1 - h)) / (2 * h)
    print(f"h = 1e-{k:02}   error of the central difference {abs(slope - np.exp(1.1)):.0e}")
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "Two errors: truncation, which shrinks as h shrinks, and rounding, which grows as ε/h.",
        "The forward difference's truncation error shrinks only like h. Where does it meet ε/h?",
    ),
    mistakes=(
        Mistake(
            "a",
            "The truncation error of a forward difference is about h: with this step two digits "
            "are right, and no more. Go smaller.",
            (('return "c"', 'return "a"'),),
        ),
        Mistake(
            "b",
            "That is the best step of the *central* difference. The forward one has a truncation "
            "error of order h instead of h², and so the two errors meet elsewhere.",
            (('return "c"', 'return "b"'),),
            credit=0.25,
        ),
        Mistake(
            "d",
            "There ε/h is a few times 1e-4: rounding took over long ago. Look at the lower end "
            "of the table; it is not better for the forward difference.",
            (('return "c"', 'return "d"'),),
        ),
        Mistake(
            "e",
            "x + h is x again in float64, which has 16 digits: the difference is 0. Smaller is not "
            "always better.",
            (('return "c"', 'return "e"'),),
        ),
    ),
)


# -------------------------------------------------------------------------- why_it_passed
def why_it_passed():
    """Return the letter of the sentence that is true: "a", "b", "c" or "d"."""
    return "a"


WHY_IT_PASSED = Question(
    why_it_passed,
    section="8 Where this goes wrong: a bug to find",
    prompt=r"""Somebody has derived a gradient, tested it against a central difference, and found
them equal. But the gradient is wrong, and the descent ends in the wrong place. Why did the test
pass?

* a) The point is a special one: the wrong formula is right there.
* b) The test's $h$ is too large: a smaller one would have shown it.
* c) A central difference cannot check a function of four parameters at once.
* d) The relative error hides it: the absolute one would have been large.""",
    given="""from course import numeric


def loss(w):
    return np.sum(w**4 / 4 - 2 * w)


def gradient(w):
    return w - 2


w = np.ones(4)
difference = numeric.numeric_gradient(loss, w, h=1e-4)
print("they agree:", numeric.relative_error(gradient(w), difference) < 1e-6)
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "Derive the gradient yourself. Where do yours and the program's agree?",
        "What would the test have said at w = 2, or at a random point?",
    ),
    mistakes=(
        Mistake(
            "b",
            "Here a smaller h changes the central difference by about 1e-8. The test compares well "
            "enough; look at *where* it compares.",
            (('return "a"', 'return "b"'),),
        ),
        Mistake(
            "c",
            "It can: it nudges one parameter after the other. That costs two evaluations for each, "
            "but it is right.",
            (('return "a"', 'return "c"'),),
        ),
        Mistake(
            "d",
            "Compute both: the absolute error is as tiny here. The two gradients really are equal "
            "at this w.",
            (('return "a"', 'return "d"'),),
        ),
    ),
)


EXERCISE = Exercise(
    "03_chain_rule",
    "The chain rule",
    intro="""Multiply along a path, add over the paths. Below you write the witness that needs no
calculus, then the chain rule on a chain, on a neuron, on any graph and through a layer, and you
count what it costs.

Unless a task says otherwise, the arguments may hold whole numbers as well as fractions. Leave them
as they are: right results that change an argument earn half.""",
    questions=(
        NUMERIC_GRADIENT,
        FORWARD_STEP,
        RELATIVE_ERROR,
        WHY_IT_PASSED,
        CHAIN,
        NEURON_GRADIENT,
        FAN_OUT_GRADIENT,
        VJP_AFFINE,
        ACCUMULATION_COST,
    ),
)
