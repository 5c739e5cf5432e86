"""What lesson 5 must notice: the mistakes people make with minibatches."""

from tests.faults.fault import Fault

EXPLORERS = "explorers/stochastic_gradient_descent"

FAULTS = (
    # ---------------------------------------------------------------------- minibatches
    Fault(
        "a sum for the mean of an example's δ", "minibatch.py", "own = count * delta", "own = delta"
    ),
    Fault(
        "the variance of a draw with replacement for one without",
        "minibatch.py",
        "return (n - batch_size) / max(n - 1, 1) / batch_size",
        "return 1 / batch_size",
    ),
    Fault(
        "σ² and S² confused: N for N − 1",
        "minibatch.py",
        "(n - batch_size) / max(n - 1, 1)",
        "(n - batch_size) / n",
    ),
    Fault(
        "the deviation for the variance",
        "minibatch.py",
        "        return 1 / batch_size",
        "        return 1 / batch_size**0.5",
    ),
    Fault(
        "with replacement in place of without",
        "minibatch.py",
        "yield order[:, :batch_size]",
        "yield rng.integers(n, size=shape)",
    ),
    Fault(
        "the short last batch dropped",
        "minibatch.py",
        "for i in range(0, n, batch_size))",
        "for i in range(0, n - batch_size + 1, batch_size))",
    ),
    Fault(
        "dealt in the same order for ever",
        "minibatch.py",
        "order = rng.permuted(everyone, axis=1)",
        "order = everyone",
    ),
    Fault(
        "the noise scale upside down",
        "minibatch.py",
        "np.divide(estimate_variance(rows, 1, replacement=True), g @ g)",
        "np.divide(g @ g, estimate_variance(rows, 1, replacement=True))",
    ),
    Fault(
        "the last batch of a training dropped",
        "descent.py",
        "for i in range(0, len(dataset), batch_size))",
        "for i in range(0, len(dataset) - batch_size + 1, batch_size))",
    ),
    Fault(
        "X and Y shuffled apart",
        "descent.py",
        "dataset.Y.take(batch, axis=0)",
        "dataset.Y.take(rng.permutation(batch), axis=0)",
    ),
    # -------------------------------------------------------------------- least squares
    Fault(
        "the sum over a batch divided by N",
        "least_squares.py",
        "size = batch.shape[-1]",
        "size = len(self)",
    ),
    Fault(
        "residuals with the wrong sign",
        "least_squares.py",
        "(self.A @ theta - self.y)[:, np.newaxis]",
        "(self.y - self.A @ theta)[:, np.newaxis]",
    ),
    Fault(
        "the input forgotten in an example's gradient",
        "least_squares.py",
        "(self.A @ theta - self.y)[:, np.newaxis] * self.A",
        "(self.A @ theta - self.y)[:, np.newaxis] * np.ones_like(self.A)",
    ),
    Fault(
        "the same batch for ever",
        "least_squares.py",
        "iter(zip(sampled.H, sampled.c, strict=True))",
        "iter([(sampled.H[0], sampled.c[0])] * len(sampled.c))",
    ),
    # ---------------------------------------------------------------------- noise floor
    Fault(
        "the floor without the 2 − αλ",
        "noise_floor.py",
        "(curvature * (2 - rate * curvature))",
        "(curvature * 2)",
    ),
    Fault(
        "noise of the wrong size",
        "noise_floor.py",
        "self.deviation * self.rng.standard_normal",
        "self.deviation**2 / 2 * self.rng.standard_normal",
    ),
    Fault(
        "the batch size forgotten in the moments",
        "noise_floor.py",
        "square + share * (each - square)",
        "each",
    ),
    Fault(
        "the second moments taken for the covariance of one example",
        "noise_floor.py",
        "rate**2 * second",
        "rate * second",
    ),
    Fault(
        "the floor of the loss without its ½",
        "noise_floor.py",
        "np.sum(self.problem.hessian * C) / 2)",
        "np.sum(self.problem.hessian * C))",
    ),
    Fault(
        "the exponent of the squared distance",
        "noise_floor.py",
        "length = np.sqrt(np.sum(e * e, axis=1))",
        "length = np.sum(e * e, axis=1)",
    ),
    Fault(
        "the exponent without the length set back to 1",
        "noise_floor.py",
        "e = e / np.where(length > 0, length, 1)[:, np.newaxis]",
        "e = e + 0.0",
    ),
    Fault(
        "the mean square and its root confused",
        "noise_floor.py",
        "np.abs(np.linalg.eigvals(self._blocks(rate)[0])).max()",
        "np.abs(np.linalg.eigvals(self._blocks(rate)[0])).max() ** 0.5",
    ),
    # ------------------------------------------------------------- schedules and curves
    Fault(
        "a rate that falls too fast",
        "schedules.py",
        "self.rate / (1 + self.decay * t)",
        "self.rate / (1 + self.decay * t) ** 2",
    ),
    Fault("updates rounded down", "learning_curve.py", "-(-n // batch_size)", "(n // batch_size)"),
    Fault(
        "epochs counted as if B divided N",
        "learning_curve.py",
        "np.asarray(epochs * n + rest * batch_size)",
        "np.asarray(updates) * batch_size",
    ),
    Fault(
        "the gradient always taken at the start",
        "learning_curve.py",
        "gradient_of(theta, X, Y)",
        "gradient_of(gradient_of.start, X, Y)",
    ),
    # ------------------------------------------------------------------------ explorers
    Fault(
        "the ellipse with variances for deviations",
        f"{EXPLORERS}/looks.py",
        "np.sqrt(np.clip(variances, 0, None))",
        "np.clip(variances, 0, None)",
    ),
    Fault(
        "equal examples taken for equal updates",
        f"{EXPLORERS}/paths.py",
        "else seen // N",
        "else t",
    ),
    Fault(
        "the mean shown for the median",
        f"{EXPLORERS}/paths.py",
        "np.median(np.nan_to_num(self.excess, nan=np.inf), axis=1)",
        "np.mean(np.nan_to_num(self.excess, nan=np.inf), axis=1)",
    ),
    Fault(
        "epochs shown as updates",
        f"{EXPLORERS}/curves.py",
        "getattr(c, attribute)",
        "c.updates",
    ),
)
