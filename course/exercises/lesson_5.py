"""Exercises of lesson 5: stochastic gradient descent."""

import copy
from itertools import islice

import numpy as np

from course.exercises.question import Exercise, Mistake, Question
from course.exercises.values import Seeded, as_numbers, kind


# ---------------------------------------------------------------------------- minibatches
def minibatches(X, Y, batch_size, rng):
    """Return one epoch of minibatches: a list of pairs (X of the batch, Y of the batch).

    X is (N, d) and Y (N, k), one row for each example. All randomness comes from rng, an
    np.random.Generator.
    """
    order = rng.permutation(len(X))
    batches = []
    for i in range(0, len(X), batch_size):
        rows = order[i : i + batch_size]
        batches.append((X[rows], Y[rows]))
    return batches


def _numbered(n, size, seed):
    """Return examples whose first entry is their number, with two answers each."""
    X = np.column_stack([np.arange(float(n)), np.arange(n) % 5.0])
    Y = np.column_stack([X[:, 0] + 100.0, np.arange(n) % 3.0])
    return X, Y, int(size), Seeded(int(seed))


def _uneven(rng):
    """Draw examples, and a batch size that does not divide N."""
    # six or seven batches, so that hardly any order of them repeats itself
    n, size = rng.choice([(17, 3), (19, 3), (20, 3), (22, 4), (23, 4), (25, 4)])
    return _numbered(n, size, rng.integers(1000))


def _listed(value, most):
    """Return what a generator yields as a list, at most so many; all else as it is."""
    if isinstance(value, str | dict | np.ndarray | tuple | list) or not hasattr(value, "__iter__"):
        return value
    return list(islice(iter(value), most))


def _numbers(value, X, Y):
    """Return what an answer gives, in words, the examples of each batch, and whether X fits Y."""
    if isinstance(value, dict):
        return "a dict instead of a list of pairs", [], True
    most = 4 * len(X)
    try:
        pairs = list(value)
    except TypeError:
        return kind(value), [], True
    if len(pairs) > most:
        return "batches without end", [], True
    if len(pairs) == 2 and isinstance(value, tuple):
        x, y = map(as_numbers, pairs)
        if x is not None and x.ndim == 2 and y is not None and y.ndim == 2:
            return "one pair (X, Y) instead of several", [], True
    if len(pairs) == 2 and all(isinstance(one, list) for one in pairs):
        x, y = (as_numbers(one[0]) if one else None for one in pairs)
        if x is not None and x.shape[1:] == X.shape[1:] and y is not None and x.shape != y.shape:
            return "two lists instead of one list of pairs", [], True
    if pairs and all(isinstance(p, np.ndarray) and p.shape[1:] == X.shape[1:] for p in pairs):
        return "batches of X without Y", [], True
    if pairs and all(isinstance(p, np.ndarray) and p.dtype.kind in "iu" for p in pairs):
        return "the numbers of the examples instead of pairs (X, Y)", [], True
    Xs, Ys = [], []
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            return f"{kind(pair)} as a batch", [], True
        x, y = map(as_numbers, pair)
        if x is None or y is None or x.shape[1:] != X.shape[1:] or y.shape[1:] != Y.shape[1:]:
            return f"a pair of {kind(pair[0])} and {kind(pair[1])} as a batch", [], True
        Xs.append(x)
        Ys.append(y)
    if not pairs:
        return _PAIRS, [], True
    seen = np.concatenate(Xs)
    # the first column of X numbers the examples
    numbers = np.clip(np.nan_to_num(seen[:, 0]), 0, len(X) - 1).astype(int)
    if not np.array_equal(X[numbers], seen):
        return "rows that are not in X", [], True
    order = iter(numbers.tolist())
    batches = [list(islice(order, len(x))) for x in Xs]
    together = [len(x) for x in Xs] == [len(y) for y in Ys] and np.array_equal(
        Y[numbers], np.concatenate(Ys)
    )
    return _PAIRS, batches, together


_PAIRS = "pairs (X, Y)"


def _epochs(f, args):
    """Return two epochs, a third from the same seed, and whether NumPy's own generator was used."""
    X, Y, size, rng = args
    given, most = (X.copy(), Y.copy()), 4 * len(X) + 1
    twin, before = copy.deepcopy(rng), np.random.get_state()  # noqa: NPY002
    try:
        first = _listed(f(X, Y, size, rng), most)
        if not isinstance(first, tuple | list):
            return first
        second = _listed(f(*map(np.copy, given), size, rng), most)
        again = _listed(f(*map(np.copy, given), size, twin), most)
        after = np.random.get_state()  # noqa: NPY002
        used = before[2] != after[2] or not np.array_equal(before[1], after[1])
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return {"first": first, "second": second, "again": again, "used": used}


def _facts_of(value, args):
    """Return facts about the epochs that are the same for every right answer."""
    X, Y = args[:2]
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"first", "second", "again", "used"}:
        return {"gives": _numbers(value, X, Y)[0], **dict.fromkeys(_FACTS, "–")}
    gives, batches, together = _numbers(value["first"], X, Y)
    if gives != _PAIRS:
        return {"gives": gives, **dict.fromkeys(_FACTS, "–")}
    second, again = (_numbers(value[name], X, Y)[1] for name in ("second", "again"))
    used = bool(value["used"])
    order = [i for batch in batches for i in batch]
    often = np.bincount(order, minlength=len(X))
    twice, never = (often > 1).any(), (often == 0).any()
    whole = [b for b in batches if len(b) > 2]
    runs = bool(whole) and all(max(b) - min(b) < len(b) for b in whole)
    sizes = [len(batch) for batch in batches]
    falling = sorted(sizes, reverse=True)
    mixture = "a mixture" if sizes == falling else "a mixture; a short one is not the last"
    facts = (
        ", ".join(map(str, falling)),
        " and ".join(
            words for words, is_so in (("some twice", twice), ("some never", never)) if is_so
        )
        or "each once",
        "together" if together else "apart",
        "as given" if order == sorted(order) else "shuffled",
        "neighbours" if runs else mixture,
        "the same order" if second == batches else "another order",
        "the same batches" if again == batches else "other batches",
        "used" if used else "untouched",
    )
    return {"gives": gives, **dict(zip(_FACTS, facts, strict=True))}


_FACTS = (
    "sizes",
    "examples",
    "rows of X and Y",
    "order",
    "a batch holds",
    "second call",
    "the same seed again",
    "np.random",
)


MINIBATCHES = Question(
    minibatches,
    section="5 Epochs: shuffle and deal",
    prompt=r"""Deal out one epoch of minibatches: every example once, in an order that each call
draws anew from `rng`, `batch_size` of them at a time, $X$ and $Y$ always row by row together. If
`batch_size` does not divide $N$, the last batch is short; if it is larger than $N$, the short batch
is the only one. ($N$ is at least 1.) Return a list of pairs, or write a generator with `yield`.

Orders differ from one right answer to the next, so the check does not compare batches but facts
about them: it calls your function twice with one generator, and once more with a fresh generator of
the same seed. In its examples the first column of $X$ is the number of the example, and the first
column of $Y$ that number plus 100.""",
    inputs=_uneven,
    edges=(
        _numbered(12, 4, 1),
        _numbered(13, 4, 5),
        _numbered(12, 12, 2),
        _numbered(12, 20, 3),
        _numbered(12, 1, 4),
    ),
    call=_epochs,
    facts=_facts_of,
    count=6,
    points=3,
    hints=(
        "Do not shuffle the rows, shuffle their *numbers*: `rng.permutation` gives them in a "
        "new order.",
        "Deal from that order, batch by batch. A slice that reaches beyond the end is simply "
        "shorter, so the last batch needs no case of its own.",
        "With an array of numbers in the brackets, `X[…]` gives the rows with these numbers. "
        "What must X and Y have in common, so that rows stay together?",
    ),
    mistakes=(
        Mistake(
            "with replacement",
            "Some examples come twice in an epoch and others never, as if what is drawn went "
            "back into the pile. In an epoch each example has its turn exactly once.",
            (("rng.permutation(len(X))", "rng.integers(len(X), size=len(X))"),),
            credit=0.25,
        ),
        Mistake(
            "each batch afresh",
            "Some examples come several times in an epoch and others never, and the last batch "
            "is not short, as if every batch were drawn afresh from all the examples. Draw one "
            "order, and deal it out.",
            (("order[i : i + batch_size]", "rng.choice(len(X), size=batch_size)"),),
            credit=0.25,
        ),
        Mistake(
            "not shuffled",
            "The examples come in the order in which they were given. Files are often sorted, and "
            "then a batch holds one kind of example only, and its gradient is no fair estimate.",
            (("rng.permutation(len(X))", "np.arange(len(X))"),),
            credit=0.25,
        ),
        Mistake(
            "no reshuffle",
            "Every call deals out the same order again: it does not come from rng. Each epoch "
            "should have an order of its own, so that the same examples are not always averaged "
            "together.",
            (("rng.permutation(len(X))", "np.random.default_rng(0).permutation(len(X))"),),
            credit=0.5,
        ),
        Mistake(
            "the global generator",
            "You draw from NumPy's global generator, `np.random.…`, instead of rng. Then the same "
            "seed gives other batches, nobody can repeat your run, and you disturb everyone else's "
            "random numbers.",
            (("rng.permutation(len(X))", "np.random.permutation(len(X))"),),
            credit=0.5,
        ),
        Mistake(
            "a generator of your own",
            "The order does not come from rng: called again with the same seed, your function "
            "deals out other batches, so no run can be repeated.",
            (("rng.permutation(len(X))", "np.random.default_rng().permutation(len(X))"),),
            credit=0.5,
        ),
        Mistake(
            "global generator seeded",
            "NumPy's global generator is used, and every epoch has the same order. Do you set "
            "its seed? Then everyone else's random numbers start again as well. Draw from rng.",
            (
                (
                    "order = rng.permutation(len(X))",
                    "np.random.seed(0)\n    order = np.random.permutation(len(X))",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "last batch dropped",
            "The last, short batch is missing: some examples are never seen in this epoch. Keep "
            "it; an average over it divides by its own size.",
            (("range(0, len(X), batch_size)", "range(0, len(X) - batch_size + 1, batch_size)"),),
            credit=0.5,
        ),
        Mistake(
            "last batch filled up",
            "The last batch is filled up to full size with examples that had their turn already: "
            "they count twice in this epoch. Let it be short.",
            (
                (
                    "order = rng.permutation(len(X))",
                    "order = rng.permutation(len(X))\n"
                    "    order = np.append(order, order[: -len(order) % batch_size])",
                ),
                ("range(0, len(X), batch_size)", "range(0, len(order), batch_size)"),
            ),
            credit=0.5,
        ),
        Mistake(
            "X and Y apart",
            "The rows of X and Y no longer belong together: most examples get the answer of "
            "another. Both need the same row numbers in the same order.",
            (("Y[rows]", "Y[rng.permutation(len(Y))[i : i + batch_size]]"),),
            credit=0.25,
        ),
        Mistake(
            "shuffled in place, apart",
            "You shuffle X and Y in place, one after the other. So each gets an order of its own "
            "and examples lose their answers, and the caller's arrays are changed as well.",
            source="""
            def minibatches(X, Y, batch_size, rng):
                rng.shuffle(X)
                rng.shuffle(Y)
                return [
                    (X[i : i + batch_size], Y[i : i + batch_size])
                    for i in range(0, len(X), batch_size)
                ]
            """,
        ),
        Mistake(
            "only the batches shuffled",
            "Each batch still holds the same neighbours: you shuffle the batches, or what is in "
            "each, and not the examples among all the others. Where the examples are sorted, every "
            "batch is as one-sided as ever.",
            source="""
            def minibatches(X, Y, batch_size, rng):
                starts = rng.permutation(np.arange(0, len(X), batch_size))
                return [(X[s : s + batch_size], Y[s : s + batch_size]) for s in starts]
            """,
            credit=0.25,
        ),
        Mistake(
            "short batch first",
            "Your short batch comes before others. It is what is left when all the full ones are "
            "dealt out: the last.",
            (("batches.append((X[rows], Y[rows]))", "batches.insert(0, (X[rows], Y[rows]))"),),
            credit=0.75,
        ),
        Mistake(
            "number of batches",
            "The number of batches is what batch_size says. It should be the number of examples "
            "in one.",
            source="""
            def minibatches(X, Y, batch_size, rng):
                parts = np.array_split(rng.permutation(len(X)), batch_size)
                return [(X[rows], Y[rows]) for rows in parts]
            """,
            credit=0.25,
        ),
        Mistake(
            "evenly split",
            "You spread the examples evenly over the batches. Asked for are batches of "
            "batch_size examples, and a short one at the end for what is left.",
            source="""
            def minibatches(X, Y, batch_size, rng):
                parts = np.array_split(rng.permutation(len(X)), -(-len(X) // batch_size))
                return [(X[rows], Y[rows]) for rows in parts]
            """,
            credit=0.75,
        ),
        Mistake(
            "afresh, and floor",
            "Some examples come several times in an epoch and others never, and there is no "
            "short batch, as if a few full ones were drawn afresh from all the examples. Draw "
            "one order, and deal it out.",
            source="""
            def minibatches(X, Y, batch_size, rng):
                batches = []
                for _ in range(len(X) // batch_size):
                    rows = rng.choice(len(X), size=batch_size)
                    batches.append((X[rows], Y[rows]))
                return batches
            """,
            credit=0.25,
        ),
        Mistake(
            "endless",
            "Your batches never end. An epoch is over when every example has had its turn.",
            source="""
            def minibatches(X, Y, batch_size, rng):
                while True:
                    rows = rng.choice(len(X), size=batch_size)
                    yield X[rows], Y[rows]
            """,
        ),
        Mistake(
            "return in the loop",
            "You return one batch, or the whole epoch as one. Asked for are all the batches: "
            "collect them in a list and return it after the loop, or `yield` them one by one.",
            (("    return batches", "        return batches[0]"),),
        ),
        Mistake(
            "two lists",
            "You return two lists, one of X and one of Y. Each step of a training takes one "
            "batch, so the X and the Y of a batch belong together in a pair.",
            (
                (
                    "    return batches",
                    "    return [x for x, y in batches], [y for x, y in batches]",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "Y missing",
            "Your batches are rows of X alone. A gradient needs the answers as well: give pairs "
            "(X, Y).",
            (("batches.append((X[rows], Y[rows]))", "batches.append(X[rows])"),),
        ),
        Mistake(
            "numbers only",
            "You give the numbers of the examples. Pick the rows of X and Y with them, and give "
            "those, in pairs.",
            (("batches.append((X[rows], Y[rows]))", "batches.append(rows)"),),
            credit=0.5,
        ),
        Mistake(
            "one too few in a batch",
            "Each batch is one example short, and that example is never seen. The end of a "
            "slice does not belong to it any more.",
            (("order[i : i + batch_size]", "order[i : i + batch_size - 1]"),),
            credit=0.5,
        ),
        Mistake(
            "one too many in a batch",
            "Each batch has one example too many, which comes again in the next batch. Perhaps "
            "a slice ends one place too late: its end does not belong to it.",
            (("order[i : i + batch_size]", "order[i : i + batch_size + 1]"),),
            credit=0.5,
        ),
        Mistake(
            "batches overlap",
            "The batches overlap: each starts only one example after the one before. The start "
            "has to advance by a whole batch.",
            (("range(0, len(X), batch_size)", "range(len(X))"),),
            credit=0.25,
        ),
        Mistake(
            "only one batch",
            "There is only one batch. An epoch goes on until every example has had its turn.",
            (("range(0, len(X), batch_size)", "range(0, 1, batch_size)"),),
            credit=0.25,
        ),
        Mistake(
            "sliding window",
            "Your batches overlap: a full one starts at each example that has enough others "
            "after it. From one batch to the next the start has to advance by a whole batch.",
            (("range(0, len(X), batch_size)", "range(len(X) - batch_size + 1)"),),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def minibatches(X, Y, batch_size, rng):
            numbers = np.arange(X.shape[0])
            rng.shuffle(numbers)
            start = 0
            while start < len(numbers):
                batch = numbers[start : start + batch_size]
                yield X[batch], Y[batch]
                start += batch_size
        """,
        """
        def minibatches(X, Y, batch_size, rng):
            left = list(range(len(X)))
            batches = []
            while left:
                x, y = [], []
                while left and len(x) < batch_size:
                    i = left.pop(rng.integers(len(left)))
                    x.append(X[i])
                    y.append(Y[i])
                batches.append([np.array(x), np.array(y)])
            return batches
        """,
        """
        def minibatches(X, Y, batch_size, rng):
            both = np.hstack([X, Y])[rng.permutation(len(X))]
            parts = np.split(both, range(batch_size, len(both), batch_size))
            return zip([p[:, : X.shape[1]] for p in parts], [p[:, X.shape[1] :] for p in parts])
        """,
    ),
)


# --------------------------------------------------------------------- minibatch_gradient
def minibatch_gradient(w, X, y, order, start, batch_size):
    """Return the gradient (d,) of the mean loss over one minibatch.

    w is (d,), X is (N, d), y is (N,). order (N,) are the numbers of the examples in this epoch's
    order; the batch begins at position start, and is short at the end of the epoch.
    """
    rows = order[start : start + batch_size]
    e = X[rows] @ w - y[rows]
    return X[rows].T @ e / len(rows)


def _least_squares(rng):
    """Draw w, X, y with d ≠ B, and a batch size that does not divide N."""
    size = int(rng.choice([3, 4, 5]))
    n = int(rng.integers(size + 1, 3 * size))
    n += n % size == 0
    d = 2 if n % 2 else int(rng.choice([c for c in (2, 3) if c != size]))
    w, X, y = rng.normal(size=d), rng.normal(size=(n, d)), 3 * rng.normal(size=n)
    return w.round(2), X.round(2), y.round(2), size


def _mixed(n, rng):
    """Draw an order of n examples in which neither the first half nor the end is in its place."""
    while True:
        order = rng.permutation(n)
        if (order != np.arange(n)).sum() > n / 2 and order[-1] != n - 1:
            return order


def _batch_arguments(rng):
    w, X, y, size = _least_squares(rng)
    starts = np.arange(0, len(y), size)
    start = starts[-1] if rng.random() < 0.5 else rng.choice(starts[:-1])
    return w, X, y, _mixed(len(y), rng), int(start), size


MINIBATCH_GRADIENT = Question(
    minibatch_gradient,
    section="1 The gradient is a mean",
    prompt=r"""A linear model $\hat y_i = x_i^\top w$ with the loss
$L_i = \tfrac12 (\hat y_i - y_i)^2$ for each example. `order` is the shuffled order of an epoch,
such as `[3, 0, 4, 1, 2]`, and the batch $\mathcal B$ consists of (up to) `batch_size` examples of
it, from position `start` on. Write

$$\hat g = \frac{1}{|\mathcal B|} \sum_{i \in \mathcal B} \nabla_w L_i ,$$

the mean over the examples that *are in the batch*: the last batch of an epoch may be short.""",
    inputs=_batch_arguments,
    edges=(
        (
            np.array([1.0, -1.0]),
            np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 1.0], [2.0, 2.0], [1.0, 0.0]]),
            np.array([2.0, 1.0, 0.0, -1.0, 3.0]),
            np.array([3, 0, 4, 2, 1]),
            3,
            3,
        ),
        (
            np.array([1, -1]),
            np.array([[1, 2], [0, 1], [3, 1], [2, 2], [1, 0]]),
            np.array([2, 1, 0, -1, 3]),
            np.array([3, 0, 4, 2, 1]),
            0,
            3,
        ),
    ),
    count=10,
    hints=(
        "First the numbers of the examples in the batch: a slice of `order`.",
        "Then the errors of these examples, prediction minus answer. The chain rule multiplies "
        "each error by its own xᵢ, and the batch adds them up: a product with the transposed "
        "rows.",
        "How many examples are there really, if the slice reaches beyond the end?",
    ),
    mistakes=(
        Mistake(
            "sum",
            "The gradients are added up and not averaged. The step then grows with the batch, "
            "and a learning rate that suits one batch size can be far too large for another.",
            ((" / len(rows)", ""),),
            credit=0.5,
        ),
        Mistake(
            "divided by N",
            "You divide by N, the number of all examples. A batch estimates the full gradient "
            "by the mean over *its own* examples; divided by N, the estimate is too small by "
            "the factor B/N.",
            ((" / len(rows)", " / len(y)"),),
            credit=0.5,
        ),
        Mistake(
            "short batch divided by B",
            "The short last batch is divided by batch_size, though it holds fewer examples: its "
            "gradient is too small.",
            ((" / len(rows)", " / batch_size"),),
            credit=0.5,
        ),
        Mistake(
            "empty batch, and no nan",
            "From the second batch on you return 0, as if the batch were empty. `start` is the "
            "place where a batch begins; where does a batch end that begins there?",
            (
                ("order[start : start + batch_size]", "order[start:batch_size]"),
                ("/ len(rows)", "/ max(len(rows), 1)"),
            ),
            credit=0.25,
        ),
        Mistake(
            "order ignored",
            "You take the rows start, start + 1, … of X itself. The batch consists of the examples "
            "whose numbers stand at these places in `order`.",
            (
                (
                    "order[start : start + batch_size]",
                    "np.arange(len(y))[start : start + batch_size]",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "y not shuffled",
            "X is picked by the numbers in `order`, and y is not: each example is compared with "
            "the answer of another.",
            (("- y[rows]", "- y[start : start + batch_size]"),),
            credit=0.25,
        ),
        Mistake(
            "X not shuffled",
            "The errors are those of the batch, but they are multiplied by rows of X that stand "
            "elsewhere: each error belongs to the x of its own example.",
            (("X[rows].T", "X[start : start + batch_size].T"),),
            credit=0.25,
        ),
        Mistake(
            "the full gradient",
            "You average over all the examples. That is the exact gradient, at N/B times the "
            "price; asked for is the estimate from one batch.",
            (("order[start : start + batch_size]", "order"),),
        ),
        Mistake(
            "always the first batch",
            "You take the first batch of the epoch, and `start` makes no difference. It says "
            "where the batch begins.",
            (("order[start : start + batch_size]", "order[:batch_size]"),),
            credit=0.25,
        ),
        Mistake(
            "empty batch",
            "From the second batch on you return nan, as if the batch were empty and its mean "
            "0/0. `start` counts examples, not batches: where does a batch end that begins "
            "there?",
            (
                (
                    "order[start : start + batch_size]",
                    "order[start * batch_size : (start + 1) * batch_size]",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "one example short",
            "Full batches are one example short: the end of a slice does not belong to it.",
            (("order[start : start + batch_size]", "order[start : start + batch_size - 1]"),),
            credit=0.5,
        ),
        Mistake(
            "one example too many",
            "The batch has one example too many, which belongs to the next one: the end of a slice "
            "does not belong to it.",
            (("order[start : start + batch_size]", "order[start : start + batch_size + 1]"),),
            credit=0.5,
        ),
        Mistake(
            "not averaged",
            "You return the gradient of each example, one in a row. Average over the batch: one "
            "entry for each weight.",
            (("X[rows].T @ e / len(rows)", "X[rows] * e[:, None]"),),
            credit=0.25,
        ),
        Mistake(
            "the loss",
            "You return the loss of the batch, one number. What moves the weights is its gradient.",
            (("X[rows].T @ e / len(rows)", "(e**2).mean() / 2"),),
        ),
        Mistake(
            "sign",
            "The sign is reversed: y − ŷ points downhill, the gradient points uphill.",
            (("X[rows] @ w - y[rows]", "y[rows] - X[rows] @ w"),),
            credit=0.25,
        ),
        Mistake(
            "factor 2",
            "Your result is twice as large as it should be: the ½ in the loss cancels the 2 "
            "that comes from the square.",
            (("return X[rows].T", "return 2 * X[rows].T"),),
            credit=0.5,
        ),
        Mistake(
            "x missing",
            "You return the mean error. The last link of the chain is missing: ŷ depends on w "
            "through x, so each error is multiplied by its own xᵢ.",
            (("return X[rows].T @ e / len(rows)", "return e.mean()"),),
            credit=0.25,
        ),
        Mistake(
            "y forgotten",
            "The answers y make no difference to your result: the prediction stands where the "
            "error should.",
            ((" - y[rows]", ""),),
            credit=0.25,
        ),
        Mistake(
            "filled up",
            "The short last batch is filled up from the beginning of the order. Those examples "
            "have had their turn: the batch ends where the order ends.",
            (
                (
                    "order[start : start + batch_size]",
                    'np.take(order, np.arange(start, start + batch_size), mode="wrap")',
                ),
            ),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def minibatch_gradient(w, X, y, order, start, batch_size):
            g, n = np.zeros(len(w)), 0
            for i in order[start:][:batch_size]:
                g += (sum(a * b for a, b in zip(X[i], w)) - y[i]) * X[i]
                n += 1
            return g / n
        """,
        """
        def minibatch_gradient(w, X, y, order, start, batch_size):
            rows = order[start : min(start + batch_size, len(order))]
            return np.mean((X[rows].dot(w) - y[rows])[:, None] * X[rows], axis=0)
        """,
    ),
)


# ------------------------------------------------------------------- updates_per_training
def updates_per_training(N, batch_size, epochs):
    """Return the number of updates: one for each minibatch, the short last one of an epoch too."""
    return epochs * int(np.ceil(N / batch_size))


UPDATES_PER_TRAINING = Question(
    updates_per_training,
    section="5 Epochs: shuffle and deal",
    prompt=r"""How many times are the weights updated in a training of so many epochs over $N$
examples, in minibatches of `batch_size`? Each epoch deals out all the examples; its last batch is
short if `batch_size` does not divide $N$, and brings an update like any other. All three are whole
numbers from 1 on, and `batch_size` may be larger than $N$.""",
    inputs=lambda rng: (
        int(rng.integers(20, 2000)),
        int(rng.choice([7, 16, 30, 32, 64, 100])),
        int(rng.integers(3, 40)),
    ),
    edges=((10, 4, 3), (11, 4, 4), (12, 4, 5), (5, 8, 3), (6, 6, 2), (7, 1, 2)),
    count=6,
    points=1,
    hints=(
        "First one epoch: 10 examples in batches of 4 are batches of 4, 4 and 2.",
        "10/4 is 2.5, and there are 3 batches; 12/4 is 3, and there are 3 as well. How is the "
        "quotient rounded, and is that done before or after the epochs are counted?",
    ),
    mistakes=(
        Mistake(
            "floor for ceil",
            "You round down, and so leave out the short last batch of each epoch. It brings an "
            "update too.",
            (("int(np.ceil(N / batch_size))", "(N // batch_size)"),),
            credit=0.5,
        ),
        Mistake(
            "epochs forgotten",
            "That is the number of updates in one epoch, whatever `epochs` is. Each epoch "
            "brings as many again.",
            (("epochs * ", ""),),
            credit=0.25,
        ),
        Mistake(
            "rounded once",
            "You round once for the whole training, as if a batch could reach over into the next "
            "epoch. Each epoch ends with a short batch of its own.",
            (("epochs * int(np.ceil(N / batch_size))", "int(np.ceil(epochs * N / batch_size))"),),
            credit=0.5,
        ),
        Mistake(
            "rounded down once",
            "You round down, and once for the whole training. Each epoch ends with a short batch "
            "of its own, and each of these brings an update.",
            (("epochs * int(np.ceil(N / batch_size))", "epochs * N // batch_size"),),
            credit=0.25,
        ),
        Mistake(
            "always one more",
            "You add one batch for the remainder even if there is none: 12 examples are exactly "
            "three batches of 4.",
            (("int(np.ceil(N / batch_size))", "(N // batch_size + 1)"),),
            credit=0.5,
        ),
        Mistake(
            "rounded to nearest",
            "You round to the nearest whole number. Even a single example that is left makes a "
            "batch.",
            (("int(np.ceil(N / batch_size))", "round(N / batch_size)"),),
            credit=0.5,
        ),
        Mistake(
            "not rounded",
            "The result is not always a whole number. A part of a batch is a batch, and brings "
            "a whole update.",
            (("int(np.ceil(N / batch_size))", "(N / batch_size)"),),
            credit=0.25,
        ),
        Mistake(
            "examples counted",
            "That is the number of examples seen. They are seen batch by batch, with one update "
            "for each batch.",
            (("int(np.ceil(N / batch_size))", "N"),),
        ),
        Mistake(
            "one per epoch",
            "That is one update for each epoch: full-batch gradient descent. Here every minibatch "
            "brings one.",
            ((" * int(np.ceil(N / batch_size))", ""),),
        ),
    ),
    alternatives=(
        """
        def updates_per_training(N, batch_size, epochs):
            return -(-N // batch_size) * epochs
        """,
        """
        def updates_per_training(N, batch_size, epochs):
            return sum(1 for _ in range(epochs) for i in range(0, N, batch_size))
        """,
        """
        def updates_per_training(N, batch_size, epochs):
            return np.ceil(N / batch_size) * epochs
        """,
    ),
)


# ---------------------------------------------------------------------- gradient_variance
def gradient_variance(G, batch_size, replacement):
    """Return the variance of a minibatch gradient: its mean squared distance from the full one.

    The rows of G (N, d) are the gradients of the single examples. The batch is drawn with
    replacement if replacement is True, without if it is False.
    """
    N = len(G)
    squares = ((G - G.mean(axis=0)) ** 2).sum()
    if replacement:
        return squares / N / batch_size
    return squares / (N - 1) / batch_size * (1 - batch_size / N)


def _gradients(rng):
    n, d = rng.choice([4, 5, 6, 7]), rng.choice([2, 3])
    G = rng.normal(size=(n, d)) + rng.uniform(0.5, 2, size=d)
    return G.round(2), int(rng.integers(2, n)), bool(rng.random() < 0.5)


_EDGE_G = np.array([[1.0, 0.0], [2.0, 4.0], [3.0, 0.0], [6.0, 0.0], [8.0, 6.0]])

GRADIENT_VARIANCE = Question(
    gradient_variance,
    section="2 How far off is a minibatch?",
    prompt=r"""The rows of `G` are the gradients $g_1, \dots, g_N$ of the single examples,
$g = \frac1N\sum_i g_i$ is the full gradient, and $\hat g$ the mean of a batch of $B$ of them drawn
at random. Write its variance $\mathbb E \lVert \hat g - g \rVert^2$, one number. With
$\sigma^2 = \frac1N \sum_i \lVert g_i - g \rVert^2$ and
$S^2 = \frac1{N-1} \sum_i \lVert g_i - g \rVert^2$ (and $1 \le B \le N$, $N \ge 2$) it is

$$\frac{\sigma^2}{B} \ \text{ with replacement,} \qquad
\frac{S^2}{B} \left(1 - \frac BN\right) \ \text{ without.}$$""",
    inputs=_gradients,
    edges=(
        (_EDGE_G, 2, True),
        (_EDGE_G, 2, False),
        (_EDGE_G, 5, True),
        (_EDGE_G, 5, False),
        (_EDGE_G, 1, False),
        (_EDGE_G[:4], 3, True),
        (_EDGE_G[:, :1], 2, False),
    ),
    whole=True,
    hints=(
        "The full gradient is the mean over the rows, a vector with one entry for each column.",
        "‖gᵢ − g‖² adds up the squares of one row of differences. σ² and S² add them up over "
        "all rows; only their divisors differ.",
        "Test it: without replacement a batch of all N examples has no variance at all, and a "
        "batch of one has σ², drawn either way.",
    ),
    mistakes=(
        Mistake(
            "σ²/B for both",
            "You return σ²/B for draws without replacement too. There no example is drawn "
            "twice, and a batch of all N examples *is* the full gradient: its variance must be "
            "0.",
            (("if replacement:", "if True:"),),
            credit=0.5,
        ),
        Mistake(
            "corrected for both",
            "You return the formula without replacement for draws with replacement too. There "
            "the draws are independent, and even N of them can miss some examples.",
            (("if replacement:", "if False:"),),
            credit=0.5,
        ),
        Mistake(
            "swapped",
            "The two cases are swapped: the factor 1 − B/N belongs to draws *without* replacement.",
            (("if replacement:", "if not replacement:"),),
            credit=0.5,
        ),
        Mistake(
            "deviation for variance",
            "That is the standard deviation, the root of what was asked for. Variances are what "
            "adds up, and what falls like 1/B.",
            (
                ("return squares / N / batch_size\n", "return (squares / N / batch_size) ** 0.5\n"),
                (
                    "squares / (N - 1) / batch_size * (1 - batch_size / N)",
                    "(squares / (N - 1) / batch_size * (1 - batch_size / N)) ** 0.5",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "σ² for S²",
            "Without replacement the formula has S², with N − 1 in the divisor, and you use σ². "
            "For B = 1 both ways of drawing must agree, and yours do not.",
            (("(N - 1)", "N"),),
            credit=0.5,
        ),
        Mistake(
            "S² for σ²",
            "With replacement the formula has σ², with N in the divisor, and you use S². (That is "
            "`ddof=1` in NumPy.)",
            (("squares / N / batch_size\n", "squares / (N - 1) / batch_size\n"),),
            credit=0.5,
        ),
        Mistake(
            "no 1/B",
            "The batch size does not divide your variance. The mean of B draws scatters less "
            "than one draw: that is why batches are used.",
            (
                ("squares / N / batch_size\n", "squares / N\n"),
                ("(N - 1) / batch_size", "(N - 1)"),
            ),
            credit=0.5,
        ),
        Mistake(
            "1/B²",
            "You divide by B². Averaging brings 1/B², but there are B variances to add up, and "
            "1/B is left.",
            (
                ("squares / N / batch_size\n", "squares / N / batch_size**2\n"),
                ("(N - 1) / batch_size", "(N - 1) / batch_size**2"),
            ),
            credit=0.5,
        ),
        Mistake(
            "no correction",
            "The factor 1 − B/N is missing for draws without replacement. The more of the N "
            "examples are in the batch, the less is left to chance.",
            ((" * (1 - batch_size / N)", ""),),
            credit=0.5,
        ),
        Mistake(
            "two forms mixed",
            "Without replacement you mix two forms of the formula: S² goes with 1 − B/N, and σ² "
            "with (N − B)/(N − 1). Yours has the N − 1 twice.",
            (("(1 - batch_size / N)", "(N - batch_size) / (N - 1)"),),
            credit=0.5,
        ),
        Mistake(
            "correction turned round",
            "The factor for draws without replacement is the wrong way round: with all N examples "
            "in the batch the variance must be 0, with very few nearly σ²/B.",
            (("(1 - batch_size / N)", "(batch_size / N)"),),
            credit=0.25,
        ),
        Mistake(
            "per coordinate",
            "You return one variance for each coordinate. The squared length of a vector adds them "
            "up to one number.",
            (("** 2).sum()", "** 2).sum(axis=0)"),),
            credit=0.5,
        ),
        Mistake(
            "averaged over coordinates",
            "You average over the coordinates as well. ‖gᵢ − g‖² is a *sum* over the coordinates; "
            "only the examples are averaged.",
            (("** 2).sum()", "** 2).mean(axis=1).sum()"),),
            credit=0.5,
        ),
        Mistake(
            "not centred",
            "You square the gradients themselves, and not their distances from the full "
            "gradient. What all examples have in common is no noise.",
            (("(G - G.mean(axis=0))", "G"),),
            credit=0.25,
        ),
        Mistake(
            "one mean for all coordinates",
            "You subtract the mean over the whole table. The full gradient is a vector: one mean "
            "for each coordinate, over the examples.",
            (("G.mean(axis=0)", "G.mean()"),),
            credit=0.25,
        ),
        Mistake(
            "mean over the wrong axis",
            "You subtract from each example the mean of its own coordinates. The full gradient is "
            "the mean over the *examples*, one number for each coordinate.",
            (("G.mean(axis=0)", "G.mean(axis=1, keepdims=True)"),),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def gradient_variance(G, batch_size, replacement):
            n = G.shape[0]
            if replacement:
                return np.var(G, axis=0).sum() / batch_size
            return G.var(axis=0, ddof=1).sum() / batch_size * (n - batch_size) / n
        """,
        """
        def gradient_variance(G, batch_size, replacement):
            g, total = np.mean(G, axis=0), 0.0
            for row in G:
                total += float(np.linalg.norm(row - g)) ** 2
            share = 1 if replacement else (len(G) - batch_size) / (len(G) - 1)
            return total / len(G) / batch_size * share
        """,
    ),
)


# ------------------------------------------------------------------------------ sgd_train
def sgd_train(w, X, y, orders, alpha, batch_size):
    """Return the weights (d,) after training by stochastic gradient descent.

    w (d,) are the weights at the start, X is (N, d), y is (N,). Row e of orders (epochs, N) is the
    order of the examples in epoch e. alpha is the learning rate.
    """
    for order in orders:
        for i in range(0, len(order), batch_size):
            rows = order[i : i + batch_size]
            g = X[rows].T @ (X[rows] @ w - y[rows]) / len(rows)
            w = w - alpha * g
    return w


def _training(rng):
    w, X, y, size = _least_squares(rng)
    n = len(y)
    while n < size + 2 or n % size == 0:
        w, X, y, size = _least_squares(rng)
        n = len(y)
    orders = np.array([_mixed(n, rng) for _ in range(rng.integers(2, 4))])
    return w, X, y, orders, float(rng.choice([0.05, 0.1, 0.2])), size


SGD_TRAIN = Question(
    sgd_train,
    section="5 Epochs: shuffle and deal",
    prompt=r"""The whole loop, for the linear model $\hat y_i = x_i^\top w$ with
$L_i = \frac12(\hat y_i - y_i)^2$. Luck is taken out: the shuffled orders are given. In each epoch
go through its row of `orders`, `batch_size` examples at a time (the last batch may be short), and
after each batch make one update

$$w := w - \alpha\, \hat g , \qquad
\hat g = \frac1{|\mathcal B|} \sum_{i \in \mathcal B} (\hat y_i - y_i)\, x_i .$$

Return the weights at the end; the ones at the start must stay as they were.""",
    inputs=_training,
    points=3,
    whole=True,
    hints=(
        "Two loops: over the epochs (the rows of `orders`), and in each over the batches.",
        "Every gradient is taken at the weights as they are *now*, after all the updates before.",
        "Write `w = w - …`, which makes new weights; `w -= …` writes into the caller's array.",
    ),
    mistakes=(
        Mistake(
            "reset each epoch",
            "The weights are set back to the start at the beginning of each epoch, so only the "
            "last epoch counts. An epoch goes on from where the one before has ended.",
            (
                (
                    "    for order in orders:",
                    "    start = w\n    for order in orders:\n        w = start",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "stale gradient",
            "All gradients of an epoch are taken at the weights from its beginning. Each batch "
            "must see the weights that the batch before it has left; otherwise small batches "
            "gain nothing.",
            (
                ("for order in orders:", "for order in orders:\n        old = w"),
                ("X[rows] @ w", "X[rows] @ old"),
            ),
            credit=0.25,
        ),
        Mistake(
            "gradient at the start",
            "All gradients are taken at the weights from the very beginning, so you walk in a "
            "direction that is long out of date. Take each at the weights as they are now.",
            (
                ("    for order in orders:", "    old = w\n    for order in orders:"),
                ("X[rows] @ w", "X[rows] @ old"),
            ),
            credit=0.25,
        ),
        Mistake(
            "no reshuffle",
            "Every epoch uses the order of the first one. Each row of `orders` belongs to an epoch "
            "of its own.",
            (("rows = order[", "rows = orders[0]["),),
            credit=0.5,
        ),
        Mistake(
            "order ignored",
            "You go through the examples as they are stored. `orders` says in which order they "
            "come.",
            (("rows = order[", "rows = np.arange(len(order))["),),
            credit=0.25,
        ),
        Mistake(
            "y not shuffled",
            "The rows of X follow the order of the epoch, and y does not. So most examples "
            "learn the answer of another.",
            (("- y[rows]", "- y[i : i + batch_size]"),),
            credit=0.25,
        ),
        Mistake(
            "last batch dropped",
            "The short last batch of each epoch is left out. It brings an update too, with the "
            "mean over its own examples.",
            (
                (
                    "range(0, len(order), batch_size)",
                    "range(0, len(order) - batch_size + 1, batch_size)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "short batch divided by B",
            "The short last batch is divided by batch_size, as if it were full. It holds fewer "
            "examples, so its step is too short.",
            (("len(rows)", "batch_size"),),
            credit=0.5,
        ),
        Mistake(
            "sum",
            "The gradients of a batch are added up and not averaged: the steps grow with the "
            "batch size.",
            ((" / len(rows)", ""),),
            credit=0.5,
        ),
        Mistake(
            "divided by N",
            "You divide by N, the number of all examples. The batch's gradient is the mean over "
            "its own examples, and with N the steps are too short.",
            (("len(rows)", "len(y)"),),
            credit=0.5,
        ),
        Mistake(
            "ascent",
            "You go uphill: the gradient points to where the loss grows, and the step goes against "
            "it.",
            (("w - alpha * g", "w + alpha * g"),),
            credit=0.25,
        ),
        Mistake(
            "factor 2",
            "Each step is twice as long as it should be: the ½ in the loss cancels the 2 that "
            "comes from the square.",
            (("g = X[rows].T", "g = 2 * X[rows].T"),),
            credit=0.5,
        ),
        Mistake(
            "one epoch",
            "You stop after the first epoch. Is the `return` inside the loop?",
            (("    return w", "        return w"),),
            credit=0.25,
        ),
        Mistake(
            "one update",
            "You stop after the first update. Is the `return` inside the inner loop?",
            (("    return w", "            return w"),),
            credit=0.25,
        ),
        Mistake(
            "one update per epoch",
            "There is only one update for each epoch, with the gradient of its last batch. The "
            "update belongs inside the inner loop.",
            (("            w = w - alpha * g", "        w = w - alpha * g"),),
            credit=0.25,
        ),
        Mistake(
            "the full gradient",
            "Every update uses all the examples. That is gradient descent with the full "
            "gradient, made once for each batch.",
            (("order[i : i + batch_size]", "order"),),
        ),
        Mistake(
            "one example at a time",
            "You make an update for every single example. Average over the batch first, and make "
            "one update for it.",
            (
                ("range(0, len(order), batch_size)", "range(len(order))"),
                ("order[i : i + batch_size]", "order[i : i + 1]"),
            ),
            credit=0.25,
        ),
        Mistake(
            "no learning rate",
            "You step by the whole gradient. It gives the direction, and α the share of it that "
            "one step goes.",
            (("w - alpha * g", "w - g"),),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def sgd_train(w, X, y, orders, alpha, batch_size):
            w = w.astype(float)
            for e in range(len(orders)):
                start = 0
                while start < X.shape[0]:
                    batch = orders[e, start : start + batch_size]
                    g = np.zeros_like(w)
                    for i in batch:
                        g += (X[i].dot(w) - y[i]) * X[i]
                    w -= alpha * g / len(batch)
                    start += batch_size
            return w
        """,
        """
        def sgd_train(w, X, y, orders, alpha, batch_size):
            n = orders.shape[1]
            for order in orders:
                for rows in np.split(order, np.arange(batch_size, n, batch_size)):
                    A = X[rows]
                    w = w - alpha * np.mean((A @ w - y[rows])[:, None] * A, axis=0)
            return w
        """,
    ),
)


# -------------------------------------------------------------------------------- sgd_bug
def sgd_bug():
    """Return the letter of the sentence that is true: "a", "b", "c" or "d"."""
    return "b"


SGD_BUG = Question(
    sgd_bug,
    section="7 Where this goes wrong: a bug to find",
    prompt=r"""Read the program below, and what it prints. A plane through 200 points in 20
dimensions: the loss that the loop sees falls to zero, and the loss over all the examples does not.
Why?

- **a** A batch of 8 is too small: the noise is too strong to learn anything from it.
- **b** Over the whole run, `draw` does not deal out the batches that are needed.
- **c** The learning rate is too large: stochastic gradients need a smaller one.
- **d** The gradient of a batch must be divided by 200, not by 8, to be an estimate.""",
    given="""data = np.random.default_rng(1)
X = data.normal(size=(200, 20))
y = X @ data.normal(size=20) + 0.1 * data.normal(size=200)


def draw(size):
    rng = np.random.default_rng(0)
    return rng.permutation(len(X))[:size]


def loss(w, rows):
    return ((X[rows] @ w - y[rows]) ** 2).mean() / 2


w = np.zeros(20)
for step in range(1001):
    rows = draw(8)
    if step % 200 == 0:
        print(f"step {step:4}  this batch {loss(w, rows):8.5f}  all {loss(w, range(200)):8.5f}")
    w = w - 0.05 * X[rows].T @ (X[rows] @ w - y[rows]) / len(rows)
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "Noise, or a step that is too long, would show in the loss of the batches as well.",
        "Twenty weights can fit eight examples exactly. Print `rows` in two successive steps.",
    ),
    mistakes=(
        Mistake(
            "a",
            "Noise of small batches would make the loss of the batches jump, and not let it fall "
            "smoothly to zero. Which examples does the loop see?",
            (('return "b"', 'return "a"'),),
        ),
        Mistake(
            "c",
            "A rate that is too large would make the loss of the batches grow or jump. It falls "
            "to zero. Which examples does the loop see?",
            (('return "b"', 'return "c"'),),
        ),
        Mistake(
            "d",
            "The mean over the batch is the right estimate; another divisor would only change the "
            "length of the steps. Which examples does the loop see?",
            (('return "b"', 'return "d"'),),
        ),
    ),
)


# ---------------------------------------------------------------------------- noise_floor
def lower_floor():
    """Return the letter of the change that helps: "a", "b", "c" or "d"."""
    return "d"


LOWER_FLOOR = Question(
    lower_floor,
    section="4 Where a constant rate leads",
    prompt=r"""The program below trains with a constant learning rate and prints how far above the
lowest possible loss it ends up, averaged over the last half of the steps. You are at
$\alpha = 0.1$, $B = 4$, and want that distance to be about a *quarter* of what it is. What do you
change?

- **a** Train four times as long, at the same rate and with the same batches.
- **b** Begin at a better start, close to the lowest point.
- **c** Double the batch size, and keep the learning rate as it is.
- **d** Divide the learning rate by four, and give it time.""",
    given="""data = np.random.default_rng(2)
X = data.normal(size=(500, 3))
y = X @ np.array([2.0, -1.0, 0.5]) + data.normal(size=500)
best = np.linalg.lstsq(X, y, rcond=None)[0]
lowest = ((X @ best - y) ** 2).mean() / 2


def distance(alpha, batch_size, steps, w):
    rng, above = np.random.default_rng(3), []
    for _ in range(steps):
        rows = rng.integers(500, size=batch_size)
        w = w - alpha * X[rows].T @ (X[rows] @ w - y[rows]) / batch_size
        above.append(((X @ w - y) ** 2).mean() / 2 - lowest)
    return np.mean(above[steps // 2 :])


for alpha in (0.2, 0.1, 0.05):
    print(f"rate {alpha:4}, B = 4: {distance(alpha, 4, 4000, np.zeros(3)):.4f} above the lowest")
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "After a while a constant rate gets no closer: every batch kicks the weights away "
        "again. What does the table say about the strength of the kicks?",
        "Try the four changes: `distance` is yours to call. By which factor does each change "
        "what it returns?",
    ),
    mistakes=(
        Mistake(
            "a",
            "After the first few hundred steps the distance no longer falls: the kicks of the "
            "batches keep it up. Call `distance` with more steps, and see.",
            (('return "d"', 'return "a"'),),
        ),
        Mistake(
            "b",
            "The start is forgotten after a few hundred steps. Begin at `best` itself, and see "
            "where it ends up.",
            (('return "d"', 'return "b"'),),
        ),
        Mistake(
            "c",
            "That helps, but not enough: the variance of the gradient falls like 1/B. By how "
            "much does the distance fall here?",
            (('return "d"', 'return "c"'),),
            credit=0.5,
        ),
    ),
)


# --------------------------------------------------------------------------- equal_epochs
def equal_epochs():
    """Return the letter of the sentence that is true: "a", "b", "c" or "d"."""
    return "a"


EQUAL_EPOCHS = Question(
    equal_epochs,
    section="6 For real: six batch sizes on the digits",
    prompt=r"""Somebody compares batch sizes over five epochs each, prints the table below, and
concludes: "The exact gradient is worse than a noisy one." What do you say?

- **a** The full batch has made fewer updates than the others, but no worse ones.
- **b** It is so: the noise of small batches helps to find better minima, here too.
- **c** The full gradient needs a smaller learning rate than the noisy ones do.
- **d** Five epochs of the full batch were more work than five epochs of small ones.""",
    given="""from course.activations import identity
from course.data import Dataset
from course.descent import train
from course.losses import half_squared_error
from course.network import mlp
from course.optimizers import GradientDescent

data = np.random.default_rng(4)
X = data.normal(size=(1000, 5))
y = X @ np.array([1.0, -2.0, 3.0, 0.5, -1.0]) + 0.5 * data.normal(size=1000)
examples, line = Dataset(X, y[:, None]), mlp((5, 1), identity, np.random.default_rng(0))
for batch_size in (10, 100, 1000):
    how = {"epochs": 5, "batch_size": batch_size, "rng": np.random.default_rng(5)}
    run = train(line, examples, half_squared_error, GradientDescent(0.1), **how)
    w = run.network.layers[0].W[0]
    loss = ((X @ w - y) ** 2).mean() / 2
    print(f"batches of {batch_size:4}: loss {loss:.4f} after five epochs")
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "Something that the table leaves out differs from row to row: print "
        "`len(run.batch_losses)` too.",
        "The batches of 100 made 50 updates. Give the full batch as many, with more epochs, and "
        "compare again.",
    ),
    mistakes=(
        Mistake(
            "b",
            "Here there is only one minimum: the loss is a bowl. Noise cannot help to find a "
            "better one. What else differs between the rows?",
            (('return "a"', 'return "b"'),),
        ),
        Mistake(
            "c",
            "The full gradient has no noise that would call for a smaller rate. Try a smaller one: "
            "its loss gets worse. What else differs between the rows?",
            (('return "a"', 'return "c"'),),
        ),
        Mistake(
            "d",
            "The work is the same: in every row each of the 1000 examples had its gradient "
            "computed five times. What differs is what was made of it.",
            (('return "a"', 'return "d"'),),
        ),
    ),
)


EXERCISE = Exercise(
    "05_stochastic_gradient_descent",
    "Stochastic gradient descent",
    intro="""The gradient is a mean, and a mean can be estimated from a few examples. Below you deal
out the minibatches, average over them, say how far off the estimate is, and train with it.

Unless a task says otherwise, arguments may hold whole numbers as well as fractions, and they are
left as they are: right results that change an argument earn half of the points.""",
    questions=(
        MINIBATCHES,
        MINIBATCH_GRADIENT,
        UPDATES_PER_TRAINING,
        GRADIENT_VARIANCE,
        SGD_TRAIN,
        SGD_BUG,
        LOWER_FLOOR,
        EQUAL_EPOCHS,
    ),
)
