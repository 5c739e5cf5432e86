"""Exercises of lesson 2: gradient descent."""

import numpy as np

from course.exercises.question import Exercise, Mistake, Question
from course.exercises.values import Expression


# -------------------------------------------------------------------- gradient_descent_1d
def gradient_descent_1d(df, w0, alpha, n):
    """Return the n + 1 points of n steps of gradient descent from w0: an array, w0 first.

    df is the derivative, a function of one number; alpha is the learning rate.
    """
    w = float(w0)
    path = [w]
    for _ in range(n):
        w = w - alpha * df(w)
        path.append(w)
    return np.array(path)


def _uniform(rng, low, high, digits=2):
    """Draw a number that can be read: rounded."""
    return round(float(rng.uniform(low, high)), digits)


def _plus(number):
    """Write a number with its sign, as it stands in a formula."""
    return f"{'-' if number < 0 else '+'} {abs(number)}"


def _line(rng):
    """Draw a derivative of one parameter, a start, a rate and a number of steps."""
    a, b, c = (_uniform(rng, *ends) for ends in ((0.5, 3.0), (-2, 2), (0.3, 1.5)))
    bend = f" + np.sin({c} * w)" if rng.random() < 0.5 else ""
    df = Expression(f"lambda w: {a} * (w {_plus(b)}){bend}")
    return df, _uniform(rng, -3, 3), _uniform(rng, 0.05, 0.3), int(rng.integers(3, 7))


GRADIENT_DESCENT_1D = Question(
    gradient_descent_1d,
    section="2 Where the rule comes from",
    prompt=r"""Write gradient descent for one parameter. From $w_0$, make $n$ steps

$$w_{t+1} = w_t - \alpha\, L'(w_t)$$

and return all the points, $w_0, w_1, \dots, w_n$, in an array of $n + 1$ numbers. `df` is the
function $L'$. Make all $n$ steps, however small the slope is; $n$ may be 0.""",
    inputs=_line,
    edges=(
        (Expression("lambda w: 2 * (w - 3)"), 1, 0.1, 4),
        (Expression("lambda w: 2 * (w - 3)"), 1.5, 0.25, 0),
        # all n steps are made, however small the slope is
        (Expression("lambda w: 2e-9 * (w - 3)"), 1.0, 1e8, 3),
    ),
    hints=(
        "Keep the current w in a variable, and the points in a list that starts with w0.",
        "In each of n rounds: a new w from the old one, then append it.",
        "The slope is needed anew in each round, at the w of that round.",
        "At the end the list becomes an array; and `float(w0)` makes sure that no fraction is "
        "cut off.",
    ),
    mistakes=(
        Mistake(
            "ascent",
            "You add the step. The derivative says which way the loss grows; to go downhill, step "
            "the other way.",
            (("w - alpha", "w + alpha"),),
            credit=0.25,
        ),
        Mistake(
            "n points",
            "These are n points, and so only n − 1 steps: the last one is missing. Counted with "
            "the start, n steps leave n + 1 points.",
            (("range(n)", "range(n - 1)"),),
            credit=0.5,
        ),
        Mistake(
            "w0 missing",
            "The start is missing: the path begins with w₀, before any step is made.",
            (("path = [w]", "path = []"),),
            credit=0.5,
        ),
        Mistake(
            "a step too many",
            "That is one step too many: n steps leave n + 1 points.",
            (("range(n)", "range(n + 1)"),),
            credit=0.5,
        ),
        Mistake(
            "step normalised",
            "You use only the sign of the slope, so that all steps have the length α. The step "
            "should shrink with the slope: that is how the descent comes to rest in a minimum.",
            (("alpha * df(w)", "alpha * np.sign(df(w))"),),
            credit=0.25,
        ),
        Mistake(
            "gradient frozen",
            "Every step uses the slope at the start. It has to be computed anew at each point that "
            "is reached.",
            (("df(w)", "df(w0)"),),
            credit=0.25,
        ),
        Mistake(
            "no learning rate",
            "The learning rate is missing: the step is α times the slope, not the slope itself.",
            (("alpha * df(w)", "df(w)"),),
            credit=0.25,
        ),
        Mistake(
            "step for the point",
            "You put the step in the place of the point. The new w is the *old w* plus a step, and "
            "the step is −α L′(w).",
            (("w = w - alpha", "w = -alpha"),),
            credit=0.25,
        ),
        Mistake(
            "only the end",
            "You return the last point alone. The whole path is asked for, from w₀ on.",
            (("return np.array(path)", "return w"),),
            credit=0.5,
        ),
        Mistake(
            "whole numbers",
            "For a start that is a whole number your points are cut to whole numbers, each "
            "before the next step. Is there an array of integers, which keeps no fractions? It "
            "needs one of floats.",
            (("path.append(w)", "w = type(w0)(w)\n        path.append(w)"),),
            credit=0.75,
        ),
        Mistake(
            "cut in the end",
            "For a start that is a whole number the path is computed with fractions, and then "
            "cut to whole numbers. Does the array that you return take its dtype from the start?",
            (("np.array(path)", "np.array(path, dtype=type(w0))"),),
            credit=0.75,
        ),
        Mistake(
            "decaying rate",
            "Your learning rate shrinks from step to step. Here α stays the same; near a minimum "
            "the steps get shorter by themselves, because the slope does.",
            (("alpha * df(w)", "alpha / len(path) * df(w)"),),
            credit=0.25,
        ),
        Mistake(
            "start at 0",
            "Your descent starts at 0, whatever w₀ is. Where it starts decides where the path "
            "leads.",
            (("w = float(w0)", "w = 0.0"),),
            credit=0.25,
        ),
        Mistake(
            "old point kept",
            "Every step starts at w₀ again, so all points but the first are equal. The new point"
            " must take the old one's place before the next step.",
            (("path.append(w)", "path.append(w)\n        w = w0"),),
            credit=0.25,
        ),
        Mistake(
            "differences",
            "After w₀ you return the steps, not the points. Add each step to the point before it.",
            (("np.array(path)", "np.append(path[:1], np.diff(path))"),),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def gradient_descent_1d(df, w0, alpha, n):
            w = np.empty(n + 1)
            w[0] = w0
            for t in range(n):
                w[t + 1] = w[t] - alpha * df(w[t])
            return w
        """,
        """
        def gradient_descent_1d(df, w0, alpha, n):
            if n == 0:
                return [w0]
            return [w0] + list(gradient_descent_1d(df, w0 - alpha * df(w0), alpha, n - 1))
        """,
        """
        def gradient_descent_1d(df, w0, alpha, n):
            path = []
            while len(path) <= n:
                path.append(w0)
                w0 -= alpha * df(w0)
            return np.asarray(path, dtype=float)
        """,
    ),
)


# -------------------------------------------------------------------- gradient_descent_2d
def gradient_descent_2d(gradient, w0, alpha, n):
    """Return the n + 1 points of n steps of gradient descent from w0 (2,): an array (n + 1, 2).

    gradient takes an array (2,) and returns one; alpha is the learning rate.
    """
    w = np.array(w0, dtype=float)
    path = [w]
    for _ in range(n):
        w = w - alpha * gradient(w)
        path.append(w)
    return np.array(path)


def _plane(rng):
    """Draw a gradient of two parameters that act on each other, a start, a rate and a number."""
    a, c, bend = (_uniform(rng, *ends) for ends in ((0.5, 3.0), (0.5, 3.0), (0.1, 0.5)))
    b = float(rng.choice([-1, 1])) * _uniform(rng, 0.3, 0.9)
    gradient = Expression(
        f"lambda w: np.array([{a} * w[0] {_plus(b)} * w[1], "
        f"{b} * w[0] + {c} * w[1] + {bend} * w[1] ** 3])"
    )
    w0 = (rng.choice([-1, 1], size=2) * rng.uniform(0.4, 2, size=2)).round(2)
    return gradient, w0, _uniform(rng, 0.05, 0.25), int(rng.integers(3, 6))


GRADIENT_DESCENT_2D = Question(
    gradient_descent_2d,
    section="Many parameters",
    prompt=r"""The same for two parameters, $w = (w_1, w_2)$:

$$w_{t+1} = w_t - \alpha\, \nabla L(w_t) .$$

`gradient` is the function $\nabla L$: it takes an array of shape (2,) and returns one. Return the
points $w_0, \dots, w_n$ as the rows of an array of shape $(n + 1, 2)$.""",
    inputs=_plane,
    edges=(
        (
            Expression("lambda w: np.array([2 * w[0] + w[1], w[0] + 4 * w[1]])"),
            np.array([3, -2]),
            0.1,
            3,
        ),
        # on the minimum from the start
        (
            Expression("lambda w: np.array([2 * (w[0] - 1), w[1] + 2])"),
            np.array([1.0, -2.0]),
            0.1,
            4,
        ),
    ),
    hints=(
        "The program for one parameter works for two: w and the gradient are arrays now.",
        "Both entries of a step use the gradient at the *old* point. So compute it once in a step.",
        "`w -= …` changes the array itself, wherever else it is kept; `w = w - …` makes a new one.",
        "`np.array(w0, dtype=float)` is a copy, of floats.",
    ),
    mistakes=(
        Mistake(
            "ascent",
            "You add the step. The gradient points uphill; to go downhill, step the other way.",
            (("w - alpha", "w + alpha"),),
            credit=0.25,
        ),
        Mistake(
            "new w₁ used at once",
            "The second coordinate uses the first one's *new* value. Both belong to one step, and "
            "to the gradient at one point: compute it before you change anything.",
            (
                (
                    "w = w - alpha * gradient(w)",
                    "w = w.copy()\n        w[0] -= alpha * gradient(w)[0]\n"
                    "        w[1] -= alpha * gradient(w)[1]",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "new w₂ used at once",
            "The first coordinate uses the second one's *new* value. Both belong to one step, and "
            "to the gradient at one point: compute it before you change anything.",
            (
                (
                    "w = w - alpha * gradient(w)",
                    "w = w.copy()\n        w[1] -= alpha * gradient(w)[1]\n"
                    "        w[0] -= alpha * gradient(w)[0]",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "aliasing",
            "All rows are equal: each is the point where the descent ends. Does the list hold "
            "one and the same array n + 1 times, which every step changes? Each point needs an "
            "array of its own.",
            (("return np.array(path)", "return np.array([w] * len(path))"),),
            credit=0.25,
        ),
        Mistake(
            "w0 changed",
            "The call changes w0, which is the caller's: the next run would start where this one "
            "ended. Begin with a copy. (And where w0 holds whole numbers, a fraction that is "
            "written into it is cut off, or refused.)",
            (("path.append(w)", "path.append(w)\n        w0[...] = w"),),
            credit=0.5,
        ),
        Mistake(
            "in place on integers",
            "For a start of whole numbers it stops with an error. Is the step subtracted in "
            "place from an array of integers, which has no room for fractions? Make w an array "
            "of floats first.",
            (
                ("np.array(w0, dtype=float)", "np.array(w0)"),
                ("w = w - alpha", "w -= alpha"),
                ("path = [w]", "path = [w.copy()]"),
                ("path.append(w)", "path.append(w.copy())"),
            ),
            credit=0.75,
        ),
        Mistake(
            "whole numbers",
            "For a start of whole numbers all points are cut to whole numbers. Does an array "
            "take over the dtype of w0? It needs one of floats.",
            (("path.append(w)", "w = w.astype(w0.dtype)\n        path.append(w)"),),
            credit=0.75,
        ),
        Mistake(
            "n points",
            "There are n rows, and so only n − 1 steps: the last one is missing.",
            (("range(n)", "range(n - 1)"),),
            credit=0.5,
        ),
        Mistake(
            "w0 missing",
            "The start is missing: the first row is w₀, before any step is made.",
            (("path = [w]", "path = []"),),
            credit=0.5,
        ),
        Mistake(
            "a step too many",
            "There is one row too many: n steps and the start make n + 1 points.",
            (("range(n)", "range(n + 1)"),),
            credit=0.5,
        ),
        Mistake(
            "gradient frozen",
            "Every step uses the gradient at w₀, so the path is a straight line. The gradient "
            "has to be computed anew at each point that is reached.",
            (("gradient(w)", "gradient(w0)"),),
            credit=0.25,
        ),
        Mistake(
            "old point kept",
            "All rows but the first are equal, as if every step set out from w₀. Each step must "
            "set out from the point that the one before it has reached.",
            (("path.append(w)", "path.append(w)\n        w = w0"),),
            credit=0.25,
        ),
        Mistake(
            "step normalised",
            "You divide the gradient by its length, so that all steps have the length α. Then "
            "the descent does not come to rest: it jumps to and fro across the minimum.",
            (("gradient(w)", "gradient(w) / np.linalg.norm(gradient(w))"),),
            credit=0.25,
        ),
        Mistake(
            "signs only",
            "You use only the signs of the gradient. Its direction gets lost: a coordinate with "
            "a small slope moves as far as one with a large slope.",
            (("gradient(w)", "np.sign(gradient(w))"),),
            credit=0.25,
        ),
        Mistake(
            "one slope for both",
            "Both coordinates move by the first entry of the gradient. Each has a partial "
            "derivative of its own.",
            (("gradient(w)", "gradient(w)[0]"),),
            credit=0.25,
        ),
        Mistake(
            "no learning rate",
            "The learning rate is missing: you subtract the whole gradient, and α decides nothing.",
            (("alpha * gradient(w)", "gradient(w)"),),
            credit=0.25,
        ),
        Mistake(
            "only the end",
            "You return the last point alone. The whole path is asked for, one row for each point.",
            (("return np.array(path)", "return w"),),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def gradient_descent_2d(gradient, w0, alpha, n):
            path = np.zeros((n + 1, 2))
            path[0] = w0
            for t in range(n):
                path[t + 1] = path[t] - alpha * gradient(path[t])
            return path
        """,
        """
        def gradient_descent_2d(gradient, w0, alpha, n):
            w1, w2 = w0
            rows = [[w1, w2]]
            for _ in range(n):
                g = gradient(np.array([w1, w2]))
                w1, w2 = w1 - alpha * g[0], w2 - alpha * g[1]
                rows.append([w1, w2])
            return np.array(rows)
        """,
        """
        def gradient_descent_2d(gradient, w0, alpha, n):
            w = w0.astype(np.float64)
            path = [w.copy()]
            for _ in range(n):
                w -= alpha * gradient(w)
                path += [w.copy()]
            return np.stack(path)
        """,
    ),
)


# ----------------------------------------------------------------------- max_stable_alpha
def max_stable_alpha(H):
    """Return the rate up to which gradient descent converges on a bowl with the Hessian H.

    H is (n, n), symmetric, with positive eigenvalues.
    """
    curvatures = np.linalg.eigvalsh(H)
    return 2 / curvatures[-1]


def _bowl(rng):
    """Draw a symmetric matrix with positive eigenvalues, of unlike curvatures."""
    n = int(rng.integers(2, 5))
    A = rng.normal(size=(n, n))
    H = (A @ A.T + np.diag(rng.uniform(0.6, 3.0, size=n))).round(2)
    return (H,)


MAX_STABLE_ALPHA = Question(
    max_stable_alpha,
    section="4 The learning rate against the curvature",
    prompt=r"""A bowl $L(w) = \tfrac12 w^\top H w$ has the Hessian $H$, a symmetric matrix whose
eigenvalues $\lambda_i$ are all positive. Along each eigenvector a step of gradient descent
multiplies the distance to the minimum by $1 - \alpha\lambda_i$. Return the limit below which
every $\alpha > 0$ converges, from every start, and above which it does not. ($H$ need not be
diagonal.)""",
    inputs=_bowl,
    edges=(
        (np.diag([3.0, 5.0, 1.0, 2.0]),),
        (np.array([[2.0, 1.0], [1.0, 2.0]]),),
        (np.array([[3.0, -1.0], [-1.0, 3.0]]),),
    ),
    hints=(
        "It converges if every factor lies between −1 and 1.",
        "|1 − αλ| < 1 means 0 < αλ < 2. Which of the eigenvalues is the first to break it?",
        "`np.linalg.eigvalsh(H)` returns the eigenvalues of a symmetric matrix, in rising order.",
    ),
    mistakes=(
        Mistake(
            "1/λmax",
            "At 1/λmax the steepest direction arrives in one step: its factor is 0. It still "
            "converges beyond that, jumping from side to side, as long as the factor is above −1.",
            (("2 / curvatures", "1 / curvatures"),),
            credit=0.5,
        ),
        Mistake(
            "2/λmin",
            "That is the limit of the *flattest* direction. The steepest one diverges above "
            "2/λmax, which comes earlier, and all directions share one α.",
            (("curvatures[-1]", "curvatures[0]"),),
            credit=0.25,
        ),
        Mistake(
            "1/λmin",
            "At 1/λmin the *flattest* direction arrives in one step, and the steepest one may "
            "diverge already. One α must suit all directions; and a factor of 0 is not yet the "
            "limit.",
            (("2 / curvatures[-1]", "1 / curvatures[0]"),),
        ),
        Mistake(
            "2/trace",
            "The trace is the *sum* of the eigenvalues, larger than the largest of them: your "
            "limit is safe, but it is smaller than the true one.",
            (("curvatures[-1]", "np.trace(H)"),),
            credit=0.25,
        ),
        Mistake(
            "best α",
            "2/(λmin + λmax) is the rate with the best worst case. The question is up to which "
            "rate it converges at all.",
            (("curvatures[-1]", "(curvatures[0] + curvatures[-1])"),),
            credit=0.25,
        ),
        Mistake(
            "diagonal",
            "You take the largest entry of H, which stands on the diagonal. That is the curvature "
            "along an axis; the steepest direction may lie between the axes. What counts are the "
            "eigenvalues.",
            (("curvatures[-1]", "np.diag(H).max()"),),
            credit=0.25,
        ),
        Mistake(
            "Frobenius norm",
            "`np.linalg.norm(H)` is the root of the sum of all squared entries, not the largest "
            "eigenvalue: your limit is smaller than the true one.",
            (("curvatures[-1]", "np.linalg.norm(H)"),),
            credit=0.25,
        ),
        Mistake(
            "determinant",
            "The determinant is the *product* of the eigenvalues. No step multiplies by that: each "
            "direction has its own factor.",
            (("curvatures[-1]", "np.linalg.det(H)"),),
        ),
        Mistake(
            "first of unsorted",
            "You take the first eigenvalue. `eig` and `eigvals` return them in no particular "
            "order: it may be any of them.",
            (("curvatures[-1]", "np.linalg.eigvals(H)[0].real"),),
            credit=0.5,
        ),
        Mistake(
            "last of unsorted",
            "You take the last eigenvalue. `eig` and `eigvals` return them in no particular order; "
            "it is not always the largest. (`eigvalsh` sorts them.)",
            (("curvatures[-1]", "np.linalg.eigvals(H)[-1].real"),),
            credit=0.5,
        ),
        Mistake(
            "λmax itself",
            "You return the largest curvature itself. The steeper the bowl, the *smaller* the rate "
            "must be.",
            (("2 / curvatures[-1]", "curvatures[-1]"),),
            credit=0.25,
        ),
        Mistake(
            "λmax/2",
            "Your fraction stands upside down: the steeper the bowl, the *smaller* the rate must "
            "be.",
            (("2 / curvatures[-1]", "curvatures[-1] / 2"),),
            credit=0.5,
        ),
        Mistake(
            "mean curvature",
            "You divide by the *mean* of the eigenvalues. Along an eigenvector with more than the "
            "mean curvature your rate diverges.",
            (("curvatures[-1]", "curvatures.mean()"),),
            credit=0.25,
        ),
        Mistake(
            "interval",
            "You return the interval as a pair. Only its upper end is asked for, one number.",
            (("return 2 / curvatures[-1]", "return 0.0, 2 / curvatures[-1]"),),
            credit=0.75,
        ),
        Mistake(
            "a limit for each",
            "You return one limit for each direction. All directions share one α: which of the "
            "limits must it keep to?",
            (("curvatures[-1]", "curvatures"),),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def max_stable_alpha(H):
            return 2 / np.linalg.norm(H, 2)
        """,
        """
        def max_stable_alpha(H):
            values, vectors = np.linalg.eig(H)
            return float(np.min(2 / np.real(values)))
        """,
        """
        def max_stable_alpha(H):
            M = H.copy()
            scale = 1.0
            log = 0.0
            for k in range(45):
                size = np.abs(M).max()
                M = M / size
                log += math.log(size) / 2**k
                M = M @ M
            return 2 / math.exp(log)
        """,
    ),
)


# ---------------------------------------------------------------- classify_critical_point
def classify_critical_point(H):
    """Return "minimum", "maximum", "saddle" or "undecided" for the Hessian H (n, n).

    H is symmetric. An eigenvalue of size 1e-8 or less counts as zero.
    """
    curvatures = np.linalg.eigvalsh(H)
    up, down = curvatures > 1e-8, curvatures < -1e-8
    if up.any() and down.any():
        return "saddle"
    if up.all():
        return "minimum"
    if down.all():
        return "maximum"
    return "undecided"


def _hessian(rng):
    """Draw a symmetric matrix whose eigenvalues have given signs, turned by whole numbers."""
    n = int(rng.integers(2, 5))
    signs = [
        np.ones(n),
        -np.ones(n),
        np.append(np.ones(n - 1), -1.0),
        np.append(-np.ones(n - 1), 1.0),
        np.append(np.ones(n - 1), 0.0),
        np.append(-np.ones(n - 1), 0.0),
    ][rng.integers(6)]
    # Sylvester: A D Aᵀ has the signs of D, and whole numbers keep a zero a zero
    A = np.eye(n) + np.tril(rng.integers(-2, 3, size=(n, n)), -1)
    D = signs * rng.integers(1, 5, size=n)
    turn = rng.permutation(n)
    return ((A @ np.diag(D) @ A.T)[np.ix_(turn, turn)],)


CLASSIFY_CRITICAL_POINT = Question(
    classify_critical_point,
    section="6 Where the gradient is zero",
    prompt=r"""At a point with $\nabla L = 0$ the eigenvalues of the Hessian $H$ say what kind of
point it is:

* all positive: `"minimum"`; all negative: `"maximum"`;
* at least one positive *and* at least one negative: `"saddle"`, whatever the others are;
* anything else, where some are zero and the others of one sign, or all are zero: `"undecided"`.

Computed eigenvalues carry rounding errors: let those with $\lvert\lambda\rvert \le 10^{-8}$ count
as zero. There may be two parameters or more.""",
    inputs=_hessian,
    count=24,
    edges=(
        (np.diag([2.0, 1.0]),),
        (np.diag([-2.0, -1.0, -3.0]),),
        (np.array([[1.0, 3.0], [3.0, 1.0]]),),
        (np.diag([-1.0, 2.0, -3.0, 1.0]),),
        (np.outer([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),),
        (-np.outer([0.1, 0.3, 0.7], [0.1, 0.3, 0.7]),),
        (np.outer([0.3, 0.7, 1.1, 1.3], [0.3, 0.7, 1.1, 1.3]),),
        (np.diag([1.0, 0.0, -2.0]),),
        (np.diag([2.0, 0.0]),),
        (np.zeros((2, 2)),),
        (np.array([[2.0, -1.0], [-1.0, 2.0]]),),
        # small, and no zero; and one that counts as zero
        (np.diag([1.0, 1e-4]),),
        (np.diag([1e-7, -2.0]),),
        (np.diag([1e-9, 3.0]),),
        # the limit is 1e-8, whatever the largest is
        (np.diag([1e-7, 1e4]),),
        (np.diag([5e-9, 2e-9]),),
    ),
    hints=(
        "`np.linalg.eigvalsh(H)` returns the eigenvalues of a symmetric matrix, in rising order.",
        "Ask two questions: are there positive ones, are there negative ones?",
        "Positive means above 1e-8, negative means below −1e-8.",
        "If both answers are yes, it is a saddle. What must hold for *all* eigenvalues in a "
        "minimum?",
    ),
    mistakes=(
        Mistake(
            "always a minimum",
            "You call every point with a zero gradient a minimum. It is zero on peaks and saddles "
            "too; the curvature tells them apart.",
            (
                ("if up.any() and down.any():", "if False:"),
                ("if up.all():", "if True:"),
            ),
        ),
        Mistake(
            "signs reversed",
            "Minimum and maximum are exchanged. Positive curvature bends upward on every side: the "
            "point lies at the bottom.",
            (
                ('return "minimum"', 'return "max" + "imum"'),
                ('return "maximum"', 'return "minimum"'),
            ),
            credit=0.5,
        ),
        Mistake(
            "zero ignored",
            "You let a zero eigenvalue pass as positive or negative. Along that direction the "
            "second derivative says nothing: at 0 it is zero for w³ and for w⁴, and only w⁴ has "
            "a minimum there.",
            (
                ("if up.all():", "if up.any():"),
                ("if down.all():", "if down.any():"),
            ),
            credit=0.5,
        ),
        Mistake(
            "zero counts as positive",
            "A zero eigenvalue passes as positive: do you test for ≥ 0? Along that direction the"
            " second derivative says nothing, and the point may be no minimum.",
            (("up.all()", "(curvatures >= -1e-8).all()"),),
            credit=0.5,
        ),
        Mistake(
            "no tolerance",
            "You seem to compare with exactly 0. A zero eigenvalue comes out of the computer as "
            "something like 1e-17 or −1e-17, and is then taken for a positive or a negative one.",
            (("curvatures > 1e-8, curvatures < -1e-8", "curvatures > 0, curvatures < 0"),),
            credit=0.75,
        ),
        Mistake(
            "limit too small",
            "Your limit is smaller than the one asked for: you take an eigenvalue of 1e-9 for a "
            "positive one, and here it counts as zero.",
            (("curvatures > 1e-8, curvatures < -1e-8", "curvatures > 1e-12, curvatures < -1e-12"),),
            credit=0.75,
        ),
        Mistake(
            "limit too large",
            "Your limit is larger than the one asked for: you take an eigenvalue of 1e-7 for zero, "
            "and here it is a positive one.",
            (("curvatures > 1e-8, curvatures < -1e-8", "curvatures > 1e-6, curvatures < -1e-6"),),
            credit=0.75,
        ),
        Mistake(
            "zero beats saddle",
            "You call a point undecided as soon as one eigenvalue is zero. With a positive and a "
            "negative one beside it, it is a saddle all the same: there is a way up and a way "
            "down.",
            (("if up.any() and down.any():", "if up.any() and down.any() and (up | down).all():"),),
            credit=0.5,
        ),
        Mistake(
            "determinant",
            "You decide by the determinant. That works for two parameters only: with four, two "
            "negative eigenvalues make it positive; with three, all negative ones make it "
            "negative.",
            source="""
            def classify_critical_point(H):
                d = np.linalg.det(H)
                if abs(d) <= 1e-8:
                    return "undecided"
                if d < 0:
                    return "saddle"
                return "minimum" if H[0, 0] > 0 else "maximum"
            """,
            credit=0.25,
        ),
        Mistake(
            "diagonal",
            "You look at the diagonal, the curvatures along the axes. Between the axes the surface "
            "may bend the other way: [[1, 3], [3, 1]] has a positive diagonal and is a saddle.",
            (("np.linalg.eigvalsh(H)", "np.diag(H)"),),
            credit=0.25,
        ),
        Mistake(
            "signs of the entries",
            "You look at the signs of the entries of H. It is the eigenvalues that count: "
            "[[2, −1], [−1, 2]] has negative entries and belongs to a minimum.",
            (("np.linalg.eigvalsh(H)", "H.ravel()"),),
        ),
        Mistake(
            "no saddles",
            "You call everything a maximum that is not a minimum. Where some eigenvalues are "
            "positive and some negative it is a saddle, and nearly all large random matrices are"
            " like that.",
            (
                ("if up.any() and down.any():", "if False:"),
                ("if down.all():", "if True:"),
            ),
            credit=0.25,
        ),
        Mistake(
            "largest only",
            "You look at the largest eigenvalue alone. The point is a minimum only if the "
            "*smallest* is positive too.",
            (("up, down = curvatures", "curvatures = curvatures[-1:]\n    up, down = curvatures"),),
            credit=0.25,
        ),
        Mistake(
            "smallest only",
            "You look at the smallest eigenvalue alone. The point is a maximum only if the "
            "*largest* is negative too.",
            (("up, down = curvatures", "curvatures = curvatures[:1]\n    up, down = curvatures"),),
            credit=0.25,
        ),
        Mistake(
            "saddle for undecided",
            "You call a point a saddle as soon as it is neither minimum nor maximum. A saddle "
            "needs a way up *and* a way down; zero and one sign leave it open.",
            (('return "undecided"', 'return "sad" + "dle"'),),
            credit=0.5,
        ),
        Mistake(
            "trace",
            "You decide by the trace, the sum of the eigenvalues. In a sum, a large positive one"
            " hides a negative one.",
            (("np.linalg.eigvalsh(H)", "np.array([np.trace(H)])"),),
            credit=0.25,
        ),
        Mistake(
            "two eigenvalues only",
            "You look at the two smallest eigenvalues only. With more than two parameters there "
            "are more, and each has a say.",
            (("up, down = curvatures", "curvatures = curvatures[:2]\n    up, down = curvatures"),),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def classify_critical_point(H):
            low, high = np.linalg.eigvalsh(H)[[0, -1]]
            if low > 1e-8:
                return "minimum"
            elif high < -1e-8:
                return "maximum"
            elif low < -1e-8 and high > 1e-8:
                return "saddle"
            else:
                return "undecided"
        """,
        """
        def classify_critical_point(H):
            signs = set()
            for value in np.linalg.eig(H)[0].real:
                signs.add(0 if abs(value) <= 1e-8 else (1 if value > 0 else -1))
            if {1, -1} <= signs:
                return "saddle"
            return {(1,): "minimum", (-1,): "maximum"}.get(tuple(signs), "undecided")
        """,
    ),
)


# ---------------------------------------------------------------------------------- basin
def basin(gradient, w0, alpha, n, minima):
    """Return the number of the minimum in whose basin w0 (2,) lies: a row of minima, from 0.

    Make n steps of gradient descent from w0; return the row of minima (m, 2) that lies within a
    distance of 0.01 of where they end, and -1 if there is none.
    """
    w = np.array(w0, dtype=float)
    for _ in range(n):
        w = w - alpha * gradient(w)
    distance = np.sqrt(((minima - w) ** 2).sum(axis=1))
    return int(distance.argmin()) if distance.min() <= 0.01 else -1


def _valleys(a, b, c, s):
    """Return the gradient of a surface with minima at (a, s a) and (c, s c), saddle at (b, s b)."""
    aside = f"w[1] {_plus(-s)} * w[0]"
    along = " * ".join(f"(w[0] {_plus(-root)})" for root in (a, b, c))
    return Expression(f"lambda w: np.array([{along} {_plus(-s)} * ({aside}), {aside}])")


def _start(rng):
    """Draw two valleys and a start.

    Of eight starts three lie nearer to the other minimum than to their own, and two not. Two arrive
    just so in one or two steps, and one is not there yet.
    """
    a, c = -_uniform(rng, 1.2, 1.6, 1), _uniform(rng, 1.2, 1.6, 1)
    b, s = (float(rng.choice([-1, 1])) * size for size in (_uniform(rng, 0.5, 0.8, 1), 0.5))
    gradient = _valleys(a, b, c, s)
    minima = np.array([[a, s * a], [c, s * c]]).round(2)[:: rng.choice([-1, 1])]
    case, own, side = int(rng.integers(8)), minima[rng.integers(2)], rng.choice([-1, 1])
    if case == 0:
        return gradient, (own + [0, side * 0.0107]).round(4), 0.1, 1, minima
    if case == 1:
        return gradient, (own + [0, side * 0.0118]).round(4), 0.1, 2, minima
    if case == 2:
        return gradient, (own + [0, side * 0.06]).round(2), 0.1, int(rng.integers(1, 4)), minima
    while True:
        w0 = rng.uniform(-1.7, 1.7, size=2).round(2)
        end = basin(gradient, w0, 0.15, 80, minima)
        other = int(((minima - w0) ** 2).sum(axis=1).argmin()) != end
        # not so near to the watershed that it is still on its way
        if end >= 0 and other == (case <= 5) and basin(gradient, w0, 0.15, 64, minima) == end:
            return gradient, w0, 0.15, 80, minima


_PAIR = np.array([[-1.5, -0.75], [1.5, 0.75]])
_TWO = _valleys(-1.5, 0.5, 1.5, 0.5)
_FOUR = Expression("lambda w: w * (w - 1) * (w + 1)")

BASIN = Question(
    basin,
    section="5 Two parameters: where does each start end?",
    prompt=r"""In which minimum does gradient descent end? Make $n$ steps
$w := w - \alpha\,\nabla L(w)$ from $w_0$ ($n$ may be 0). `minima` is an array of shape $(m, 2)$,
a minimum in each row. Return the number of the row (from 0) that lies within a distance of 0.01 of
where the descent ends. If there is none, because it still moves, stands on a saddle, bounces or has
run off to infinity, return −1.""",
    inputs=_start,
    count=12,
    edges=(
        # on the saddle; too large a rate; too few steps; not there yet; just there in 1 step, in 2
        (_TWO, np.array([0.5, 0.25]), 0.1, 50, _PAIR),
        (_TWO, np.array([2.0, 1.0]), 5.0, 60, _PAIR),
        (_TWO, np.array([-0.2, 1.5]), 0.1, 4, _PAIR),
        (_TWO, np.array([1.53, 0.79]), 0.1, 0, _PAIR),
        (_TWO, np.array([-1.5, -0.69]), 0.1, 2, _PAIR),
        (_TWO, np.array([-1.5, -0.7393]), 0.1, 1, _PAIR),
        (_TWO, np.array([1.5, 0.7618]), 0.1, 2, _PAIR),
        (_TWO, np.array([-1, 1]), 0.1, 100, _PAIR[::-1]),
        # close to a minimum from the start: whoever climbs leaves it; and on it
        (_TWO, np.array([1.505, 0.755]), 0.1, 30, _PAIR),
        (_TWO, np.array([1.5, 0.75]), 0.1, 5, _PAIR),
        # close to it at first, and gone in the end
        (_TWO, np.array([1.505, 0.755]), 1.5, 40, _PAIR),
        # there only one step later; not there: in a box around it, and beside it either way
        (_TWO, np.array([-1.5, -0.7382]), 0.1, 1, _PAIR),
        (_TWO, np.array([1.508, 0.758]), 0.1, 0, _PAIR),
        (_TWO, np.array([-1.55, -0.75]), 0.1, 0, _PAIR),
        (_TWO, np.array([1.5, 0.762]), 0.1, 0, _PAIR),
        # four minima, and the one that is there
        (
            _FOUR,
            np.array([0.3, -0.4]),
            0.2,
            60,
            np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]),
        ),
        (_FOUR, np.array([-0.3, 0.4]), 0.2, 60, np.array([[-1.0, 1.0]])),
    ),
    hints=(
        "First descend, as in `gradient_descent_2d`, and keep only the last point.",
        "Then the distance of that point from every row: `np.linalg.norm(minima - w, axis=1)`.",
        "`argmin` gives the row. Is the smallest distance small enough?",
        "A run that diverges ends with nan, and every comparison with nan is False.",
    ),
    mistakes=(
        Mistake(
            "nearest minimum",
            "You return the minimum that lies nearest to the start. The descent follows the "
            "slope, not the distance: a basin may reach far, even past another minimum.",
            (("range(n)", "range(0)"), ("if distance.min() <= 0.01 else -1", "")),
        ),
        Mistake(
            "no test of arrival",
            "You return the minimum nearest to the end even where the descent has not arrived: on "
            "a saddle, after too few steps, or after it ran away. Test the distance.",
            ((" if distance.min() <= 0.01 else -1", ""),),
            credit=0.5,
        ),
        Mistake(
            "nan passes the test",
            "A run that diverges ends with nan, and there you return a row. If you return −1 "
            "only where the distance is *above* the limit: nan is not above anything. Ask "
            "whether it is below.",
            (
                (
                    "int(distance.argmin()) if distance.min() <= 0.01 else -1",
                    "-1 if distance.min() > 0.01 else int(distance.argmin())",
                ),
            ),
            credit=0.75,
        ),
        Mistake(
            "one step",
            "You make one step only. A basin is decided by where the descent *ends*, after n "
            "steps.",
            (("range(n)", "range(1)"),),
            credit=0.25,
        ),
        Mistake(
            "gradient frozen",
            "Every step uses the gradient at the start, so the path is a straight line, while "
            "the slope turns. Compute it anew at every point.",
            (("gradient(w)", "gradient(w0)"),),
            credit=0.25,
        ),
        Mistake(
            "counted from 1",
            "You count the rows from 1; here, as everywhere in Python, they are counted from 0.",
            (("int(distance.argmin())", "int(distance.argmin()) + 1"),),
            credit=0.5,
        ),
        Mistake(
            "the point itself",
            "You return the minimum itself. Its number is asked for, the row in `minima`.",
            (("int(distance.argmin())", "minima[distance.argmin()]"),),
            credit=0.75,
        ),
        Mistake(
            "squared distance",
            "Your test accepts distances up to almost 0.1; the limit is 0.01. Do you compare the "
            "*squared* distance with it, or is a zero missing?",
            (("np.sqrt(((minima - w) ** 2).sum(axis=1))", "((minima - w) ** 2).sum(axis=1)"),),
            credit=0.5,
        ),
        Mistake(
            "first coordinate only",
            "You decide by the first coordinate alone. The second may still be on its way: take "
            "the distance, in which both count.",
            (("((minima - w) ** 2).sum(axis=1)", "((minima - w) ** 2)[:, 0]"),),
            credit=0.25,
        ),
        Mistake(
            "second coordinate only",
            "You decide by the second coordinate alone. The first may still be far off: take the"
            " distance, in which both count.",
            (("((minima - w) ** 2).sum(axis=1)", "((minima - w) ** 2)[:, 1]"),),
            credit=0.25,
        ),
        Mistake(
            "either coordinate",
            "You accept a minimum as soon as *one* of the coordinates is right. The other may "
            "still be on its way: take the distance, in which both count.",
            (("np.sqrt(((minima - w) ** 2).sum(axis=1))", "np.abs(minima - w).min(axis=1)"),),
            credit=0.25,
        ),
        Mistake(
            "a box",
            "You let each coordinate by itself be off by 0.01. It is the *distance* that may be:"
            " in the corner of such a box it is larger.",
            (("np.sqrt(((minima - w) ** 2).sum(axis=1))", "np.abs(minima - w).max(axis=1)"),),
            credit=0.75,
        ),
        Mistake(
            "one step too many",
            "You make n + 1 steps. Is the start counted as one of them, or does the loop run once "
            "too often?",
            (("range(n)", "range(n + 1)"),),
            credit=0.5,
        ),
        Mistake(
            "w0 changed",
            "The row is right, but the call changes w0, which the caller still needs: make the "
            "steps with a copy of it.",
            (("    distance = np", "    w0[...] = w\n    distance = np"),),
            credit=0.5,
        ),
        Mistake(
            "in place on integers",
            "For a start of whole numbers it stops with an error. Is the step subtracted in place "
            "from integers? Give the descent a copy of floats to work on.",
            (("np.array(w0, dtype=float)", "np.array(w0)"), ("w = w - alpha", "w -= alpha")),
            credit=0.75,
        ),
        Mistake(
            "the other one",
            "You return the minimum that is *farthest* from where the descent ends.",
            (("distance.argmin()", "distance.argmax()"),),
            credit=0.25,
        ),
        Mistake(
            "no −1",
            "Where the descent has not arrived you return None. The number −1 was asked for.",
            (("else -1", "else None"),),
            credit=0.75,
        ),
        Mistake(
            "no step",
            "You test where the descent *starts*. What counts is where it ends: make "
            "the n steps first.",
            (("range(n)", "range(0)"),),
        ),
        Mistake(
            "ascent",
            "You walk uphill, away from every minimum: in a descent the gradient is subtracted.",
            (("w - alpha", "w + alpha"),),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def basin(gradient, w0, alpha, n, minima):
            w = w0.astype(float)
            for _ in range(n):
                w = w - alpha * gradient(w)
            for i, minimum in enumerate(minima):
                if math.hypot(w[0] - minimum[0], w[1] - minimum[1]) < 0.01:
                    return i
            return -1
        """,
        """
        def basin(gradient, w0, alpha, n, minima):
            w = w0 + 0.0
            while n > 0:
                w -= alpha * gradient(w)
                n -= 1
            there = np.flatnonzero(np.linalg.norm(minima - w, axis=1) < 0.01)
            return there[0] if len(there) else -1
        """,
    ),
)


# ----------------------------------------------------------------------------- which_rate
def which_rate():
    """Return the learning rate that you would choose: one of the five in the table."""
    return 0.012


WHICH_RATE = Question(
    which_rate,
    section="4 The learning rate against the curvature",
    prompt=r"""The cell below makes 25 steps of gradient descent on Himmelblau's function, whose
four minima all have the loss 0, with five learning rates from four starts. It prints the final
losses. You have 25 steps for one more start, of which you know only that it lies somewhere among
these four. Which of the five rates do you choose?""",
    given="""from course.descent import descend
from course.optimizers import GradientDescent
from course.surfaces import himmelblau

starts = np.array([[1.0, 1.0], [-2.0, 2.0], [-3.0, -3.0], [3.0, -1.0]])
print("     α   loss after 25 steps, from four starts")
for alpha in (0.0005, 0.004, 0.012, 0.018, 0.05):
    losses = descend(himmelblau, GradientDescent(alpha), starts, 25).values[-1]
    print(f"{alpha:6}", *(f"{loss:10.1e}" for loss in losses))
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "The new start may be like any of the four: look along a row, not down a column.",
        "What is the worst loss in each row?",
    ),
    mistakes=(
        Mistake(
            "0.018",
            "It is the best for the first start. But look along its row: in the third valley the"
            " loss is still large. That valley is steeper, its 2/λmax is smaller, and a run "
            "bounces to and fro there.",
            (("return 0.012", "return 0.018"),),
        ),
        Mistake(
            "0.004",
            "It converges in every valley, but slowly: another rate does so too, and ends far "
            "lower from each of the four starts, at the same cost.",
            (("return 0.012", "return 0.004"),),
            credit=0.5,
        ),
        Mistake(
            "0.0005",
            "Such small steps are safe, and after 25 of them the loss has hardly come down. The "
            "steps are limited: make good use of them.",
            (("return 0.012", "return 0.0005"),),
        ),
        Mistake(
            "0.05",
            "The table shows nan: these runs have diverged to infinity. It is far above 2/λmax in "
            "each of the valleys.",
            (("return 0.012", "return 0.05"),),
        ),
    ),
    alternatives=("def which_rate():\n    return np.float64(0.012)",),
)


# -------------------------------------------------------------------------- read_a_zigzag
def read_a_zigzag():
    """Return the curvature along w₂, that is the eigenvalue λ₂: a number."""
    return 18.0


READ_A_ZIGZAG = Question(
    read_a_zigzag,
    section="4 The learning rate against the curvature",
    prompt=r"""The run below descends a bowl $L = \tfrac12(\lambda_1 w_1^2 + \lambda_2 w_2^2)$ with
$\alpha = 0.1$. It zigzags. You know the points alone, not the bowl. Read the curvature
$\lambda_2$ along $w_2$ from the table.""",
    given="""w1 = [2.0, 1.9, 1.805, 1.7148, 1.629, 1.5476, 1.4702]
w2 = [1.0, -0.8, 0.64, -0.512, 0.4096, -0.3277, 0.2621]
print("t       w1       w2")
for t in range(7):
    print(f"{t}  {w1[t]:7.4f}  {w2[t]:7.4f}")
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    tolerance=1e-2,
    hints=(
        "By what factor does a step multiply w₂? Do not lose its sign.",
        "The factor is 1 − αλ₂, and α is known.",
    ),
    mistakes=(
        Mistake(
            "sign lost",
            "You took the factor as +0.8. w₂ changes its sign in each step: the factor is "
            "negative, and that is what makes it a zigzag.",
            (("18.0", "2.0"),),
            credit=0.5,
        ),
        Mistake(
            "the other axis",
            "That is the curvature along w₁, which shrinks slowly and without changing sign.",
            (("18.0", "0.5"),),
            credit=0.5,
        ),
        Mistake(
            "α forgotten",
            "1.8 is the *product* αλ₂. What is λ₂, if α is 0.1?",
            (("18.0", "1.8"),),
            credit=0.5,
        ),
        Mistake(
            "times α",
            "1.8 is αλ₂, and you multiplied it by α. Divide instead.",
            (("18.0", "0.18"),),
            credit=0.5,
        ),
        Mistake(
            "factor over α",
            "You divided the factor itself, without its sign, by α. But the factor is 1 − αλ₂, "
            "not αλ₂: what must be subtracted from 1 to get it?",
            (("18.0", "8.0"),),
            credit=0.25,
        ),
        Mistake(
            "the limit",
            "That is 2/α, the curvature at which the zigzag would go on for ever. This one "
            "shrinks, so the curvature is smaller.",
            (("18.0", "20.0"),),
        ),
        Mistake(
            "the factor",
            "That is the factor by which a step multiplies w₂. It equals 1 − αλ₂; so what is λ₂?",
            (("18.0", "-0.8"),),
            credit=0.25,
        ),
        Mistake(
            "one over α",
            "With λ₂ = 1/α the factor would be 0: w₂ would arrive in a single step.",
            (("18.0", "10.0"),),
        ),
        Mistake(
            "negative",
            "A negative curvature is a hill: there w₂ would *grow*, without changing its sign. "
            "Check the signs when you solve for λ₂.",
            (("18.0", "-18.0"),),
            credit=0.25,
        ),
    ),
    alternatives=("def read_a_zigzag():\n    return (1 - (-0.8)) / 0.1",),
)


# --------------------------------------------------------------------------- why_not_best
def why_not_best():
    """Return the letter of the sentence that is true: "a", "b", "c" or "d"."""
    return "a"


WHY_NOT_BEST = Question(
    why_not_best,
    section="8 Where this goes wrong: a bug to find",
    prompt=r"""The program below keeps the best point that it has met, and in the end computes the
loss there. The two numbers that it prints should be equal, and are not. Why?

* a) `best` and `w` are one and the same array, which goes on changing.
* b) The learning rate is too large, so the loss goes up and down.
* c) The loss is compared before the step, and the point kept after it.
* d) With `<` a point is lost whose loss is equal to the best; it must be `<=`.""",
    given="""from course.surfaces import two_valleys

w = np.array([0.5, 1.8])
best, best_loss = w, two_valleys.value(w)
for _ in range(100):
    w -= 0.65 * two_valleys.gradient(w)
    if two_valleys.value(w) < best_loss:
        best, best_loss = w, two_valleys.value(w)
print(f"best loss {best_loss:.4f}, the loss at `best` {two_valleys.value(best):.4f}")
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "What would `best is w` print after the loop?",
        "What does `-=` do with an array that has two names?",
    ),
    mistakes=(
        Mistake(
            "b",
            "The loss does go up and down; that is why the best point is worth keeping. But what"
            " was kept should still have the loss that it had then.",
            (('return "a"', 'return "b"'),),
        ),
        Mistake(
            "c",
            "Both the comparison and what is kept come after the step, and belong to one point.",
            (('return "a"', 'return "c"'),),
        ),
        Mistake(
            "d",
            "A point of equal loss would change neither of the two numbers.",
            (('return "a"', 'return "d"'),),
        ),
    ),
)


EXERCISE = Exercise(
    "02_gradient_descent",
    "Gradient descent",
    intro="""Gradient descent knows the slope where it stands, and nothing else. Below you write it
for one parameter and for two, find out how large a step may be and where a path ends, and read
what a run tells about its surface.

Unless a task says otherwise, the arguments may hold whole numbers as well as fractions. Leave them
as they are: right results that change an argument earn half.""",
    questions=(
        GRADIENT_DESCENT_1D,
        GRADIENT_DESCENT_2D,
        MAX_STABLE_ALPHA,
        READ_A_ZIGZAG,
        CLASSIFY_CRITICAL_POINT,
        BASIN,
        WHICH_RATE,
        WHY_NOT_BEST,
    ),
)
