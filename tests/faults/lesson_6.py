"""What lesson 6 must notice: the mistakes people make with update rules."""

from tests.faults.fault import Fault

EXPLORERS = "explorers/adaptive_learning_rates"

FAULTS = (
    # --------------------------------------------------------------------------- rules
    Fault(
        "momentum as an average instead of a sum",
        "optimizers.py",
        "v = self.beta * state.v + g\n        return np.subtract(theta, ",
        "v = self.beta * state.v + (1 - self.beta) * g\n        return np.subtract(theta, ",
    ),
    Fault(
        "Nesterov without the look-ahead",
        "optimizers.py",
        "alpha * (g + self.beta * v)",
        "alpha * v",
    ),
    Fault(
        "AdaGrad without the root",
        "optimizers.py",
        "(np.sqrt(G) + self.epsilon), out",
        "(G + self.epsilon), out",
    ),
    Fault(
        "AdaGrad's sum updated after its use",
        "optimizers.py",
        "(np.sqrt(G) + self.epsilon), out",
        "(np.sqrt(state.G) + self.epsilon), out",
    ),
    Fault(
        "RMSProp's (1 − γ) forgotten",
        "optimizers.py",
        "self.decay * state.v + (1 - self.decay) * (g * g)",
        "self.decay * state.v + (g * g)",
    ),
    Fault(
        "γ and 1 − γ swapped",
        "optimizers.py",
        "self.decay * state.v + (1 - self.decay) * (g * g)",
        "(1 - self.decay) * state.v + self.decay * (g * g)",
    ),
    Fault(
        "Adam without bias correction of the first moment",
        "optimizers.py",
        "m_hat = m / (1 - self.beta1**t)",
        "m_hat = m",
    ),
    Fault(
        "Adam without bias correction of the second moment",
        "optimizers.py",
        "v_hat = v / (1 - self.beta2**t)",
        "v_hat = v",
    ),
    Fault(
        "Adam's m̂ stored back",
        "optimizers.py",
        "return theta, Moments(t, m, v)",
        "return theta, Moments(t, m_hat, v)",
    ),
    Fault(
        "ε inside Adam's root",
        "optimizers.py",
        "(np.sqrt(v_hat) + self.epsilon), out",
        "np.sqrt(v_hat + self.epsilon), out",
    ),
    Fault(
        "Adam's t one too large",
        "optimizers.py",
        "t = state.t + 1\n        # m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²\n",
        "t = state.t + 2\n        # m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²\n",
    ),
    Fault(
        "AMSGrad with the current v instead of the largest",
        "optimizers.py",
        "v_max = np.maximum(state.v_max, v)",
        "v_max = v",
    ),
    Fault(
        "a schedule that starts one update late",
        "schedules.py",
        "return self.rate / np.sqrt(t + 1)",
        "return self.rate / np.sqrt(t + 2)",
    ),
    # ------------------------------------------------------------------ what lesson 6 adds
    Fault(
        "momentum's matrix with its velocity of the step before",
        "momentum.py",
        "-alpha * beta, 1 - alpha * lam)",
        "-alpha, 1 - alpha * lam)",
    ),
    Fault(
        "the best β without its square",
        "momentum.py",
        "return (1 + root) ** 2 / high, root**2, root",
        "return (1 + root) ** 2 / high, root, root",
    ),
    Fault(
        "complex eigenvalues measured by their real part",
        "momentum.py",
        "np.sqrt(np.maximum(determinant, 0))",
        "half",
    ),
    Fault(
        "the effective rate without the correction of v",
        "effective.py",
        "np.sqrt(v / (1 - hyper.beta2**t))",
        "np.sqrt(v)",
    ),
    Fault(
        "Nesterov taken apart as momentum",
        "effective.py",
        "(g + hyper.beta * v if isinstance(rule, Nesterov) else v)",
        "v",
    ),
    Fault(
        "no projection onto [−1, 1]",
        "counterexamples.py",
        "project=lambda x: x.clip(-1, 1)",
        "project=None",
    ),
    Fault(
        "the large slope in every second round",
        "counterexamples.py",
        "np.arange(1, rounds + 1) % 3 == 1, C",
        "np.arange(1, rounds + 1) % 2 == 1, C",
    ),
    Fault(
        "regret against the worst fixed point",
        "counterexamples.py",
        "-1.0 if slopes.sum() > 0 else 1.0",
        "1.0 if slopes.sum() > 0 else -1.0",
    ),
    Fault(
        "rare features shared by all examples",
        "counterexamples.py",
        "own[np.arange(n), np.arange(n)]",
        "own[np.arange(n), 0]",
    ),
    Fault(
        "the gradient of a turned surface not turned back",
        "turning.py",
        "return _turned(g, cos, sin)",
        "return g",
    ),
    Fault(
        "the start left where it was when the surface turns",
        f"{EXPLORERS}/race.py",
        'turn([start["u1"], start["u2"]], angles)',
        'turn([start["u1"], start["u2"]], 0 * angles)',
    ),
    Fault(
        "a passing dip taken for an arrival",
        f"{EXPLORERS}/arenas.py",
        "gaps[steps + 1 - last :]",
        "gaps[steps + 1 - last : steps + 1]",
    ),
    Fault(
        "the race tuned for the unturned surface",
        f"{EXPLORERS}/race.py",
        "tuned(surface, kappa, angle)",
        "tuned(surface, kappa, 0)",
    ),
    Fault(
        "the last loss taken for the worst of the last ten",
        f"{EXPLORERS}/arenas.py",
        "last :], nan=np.inf).max(axis=0)",
        "last :], nan=np.inf)[-1]",
    ),
    Fault(
        "α for αλmax",
        f"{EXPLORERS}/momentum_plane.py",
        "alpha = scaled / kappa",
        "alpha = scaled",
    ),
    Fault(
        "the correction off by one in the picture",
        f"{EXPLORERS}/correction.py",
        "m / (1 - beta1 ** np.arange(STEPS + 1))",
        "m / (1 - beta1 ** np.arange(1, STEPS + 2))",
    ),
    Fault(
        "the natural logarithm on a decimal axis",
        f"{EXPLORERS}/sensitivity.py",
        "EXPONENTS - np.log10(learning_rate)",
        "EXPONENTS - np.log(learning_rate)",
    ),
    Fault(
        "β₂ = 1/(1 + C) for 1/(1 + C²)",
        f"{EXPLORERS}/linear_game.py",
        "1 / (1 + C**2)",
        "1 / (1 + C)",
    ),
)
