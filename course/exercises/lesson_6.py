"""Exercises of lesson 6: adaptive learning rates."""

import numpy as np

from course.exercises.question import Exercise, Mistake, Question, Variant
from course.exercises.values import Expression, Seeded, as_numbers, kind


def _theta_and_gradient(rng):
    """Draw θ and g; one entry of g is small against ε, and the entries differ in sign."""
    d = int(rng.choice([2, 3, 4]))
    theta, g = rng.normal(size=d).round(2), rng.uniform(0.5, 3, size=d).round(2)
    g[1] = -round(rng.uniform(0.01, 0.05), 3)
    return theta, np.where(rng.random(d) < 0.5, g, -g)


def _squares(rng, g):
    """Draw an accumulator of the size of g², not equal to it."""
    return (g**2 * rng.uniform(0.3, 3, size=len(g))).round(4)


# -------------------------------------------------------------------------- momentum_step
def momentum_step(theta, g, v, alpha, beta):
    """Return the next (theta, v).

    theta, the gradient g and the velocity v are arrays of one shape; v is 0 before the first step.
    """
    v = beta * v + g
    return theta - alpha * v, v


def _momentum_arguments(rng):
    theta, g = _theta_and_gradient(rng)
    v = rng.normal(scale=2, size=len(g)).round(2)
    return theta, g, v, float(rng.choice([0.05, 0.1, 0.2])), float(rng.choice([0.7, 0.8, 0.9]))


MOMENTUM_STEP = Question(
    momentum_step,
    section="Step 1: a decaying sum of gradients",
    prompt=r"""One step of momentum. The velocity is a decaying sum of gradients:

$$v := \beta v + g, \qquad \theta := \theta - \alpha v .$$

Return both, the new $\theta$ and the new $v$, in this order. (In another common form $\alpha$ is
part of the velocity. Here it is not.)""",
    inputs=_momentum_arguments,
    points=1,
    whole=True,
    hints=(
        "First the new velocity: the old one fades by the factor β, and the gradient is added.",
        "Then the step, with the *new* velocity. `return theta, v` returns both.",
    ),
    mistakes=(
        Mistake(
            "plain descent",
            "The step uses the gradient alone, so the velocity has no part in it. That is plain "
            "gradient descent.",
            (("theta - alpha * v", "theta - alpha * g"),),
            credit=0.25,
        ),
        Mistake(
            "average for sum",
            "Your velocity is an average, with the weights β and 1 − β. Here it is a sum: on a "
            "steady slope the steps grow to α/(1 − β) times the gradient.",
            (("+ g", "+ (1 - beta) * g"),),
            credit=0.5,
        ),
        Mistake(
            "α in the velocity",
            "You put α into the velocity. That is another common form, but here v sums gradients "
            "only, and α multiplies it in the step.",
            (("+ g", "+ alpha * g"), ("theta - alpha * v", "theta - v")),
            credit=0.5,
        ),
        Mistake(
            "−α in the velocity",
            "In your velocity −α multiplies the gradient, and the step adds the velocity. That is "
            "another common form, but here v sums gradients only.",
            (("+ g", "- alpha * g"), ("theta - alpha * v", "theta + v")),
            credit=0.5,
        ),
        Mistake(
            "α twice",
            "α multiplies the gradient twice: once in the velocity, once more in the step.",
            (("+ g", "+ alpha * g"),),
            credit=0.25,
        ),
        Mistake(
            "ascent",
            "It climbs: the velocity points uphill, and the step must go the other way.",
            (("theta - alpha", "theta + alpha"),),
            credit=0.25,
        ),
        Mistake(
            "gradient subtracted",
            "The gradient is subtracted from the velocity. Here v *sums* gradients, and the minus "
            "stands in the step.",
            (("+ g", "- g"),),
            credit=0.25,
        ),
        Mistake(
            "no β",
            "The old velocity does not fade: β is missing. Without friction the ball rolls through "
            "the valley for ever.",
            (("beta * v", "v"),),
            credit=0.25,
        ),
        Mistake(
            "β at the gradient",
            "β multiplies the gradient and not the old velocity, so what is old never fades.",
            (("beta * v + g", "v + beta * g"),),
            credit=0.25,
        ),
        Mistake(
            "β and 1 − β swapped",
            "The old velocity has the weight 1 − β and the gradient the weight β. Here the old "
            "velocity fades by β, and the gradient is added whole.",
            (("beta * v + g", "(1 - beta) * v + beta * g"),),
            credit=0.25,
        ),
        Mistake(
            "old velocity in the step",
            "The step uses the velocity from before, without this gradient: each gradient acts one "
            "step late.",
            (
                ("v = beta * v + g", "new = beta * v + g"),
                ("theta - alpha * v, v", "theta - alpha * v, new"),
            ),
            credit=0.25,
        ),
        Mistake(
            "old velocity returned",
            "The velocity that comes back is the old one, so the next step would know nothing "
            "of this gradient.",
            (
                ("v = beta * v + g", "new = beta * v + g"),
                ("theta - alpha * v, v", "theta - alpha * new, v"),
            ),
            credit=0.5,
        ),
        Mistake(
            "Nesterov",
            "Your step is Nesterov's, α(g + βv) with the new v: it counts the gradient once "
            "more. Momentum's step is α v.",
            (("theta - alpha * v", "theta - alpha * (g + beta * v)"),),
            credit=0.5,
        ),
        Mistake(
            "step for θ",
            "You return the step, αv. The new θ is the old one minus that step.",
            (("return theta - alpha * v, v", "return alpha * v, v"),),
            credit=0.25,
        ),
        Mistake(
            "β before both",
            "β multiplies the new gradient as well. Only the old velocity fades.",
            (("beta * v + g", "beta * (v + g)"),),
            credit=0.25,
        ),
        Mistake(
            "swapped",
            "The two results are in the wrong order: first the new θ, then the new v.",
            (("return theta - alpha * v, v", "return v, theta - alpha * v"),),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def momentum_step(theta, g, v, alpha, beta):
            new_v = np.array([beta * a + b for a, b in zip(v, g)])
            return [theta + (-alpha) * new_v, new_v]
        """,
        """
        def momentum_step(theta, g, v, alpha, beta):
            return theta - alpha * g - alpha * beta * v, g + v * beta
        """,
    ),
)


# --------------------------------------------------------------------------- adagrad_step
def adagrad_step(theta, g, G, alpha, epsilon):
    """Return the next (theta, G).

    theta, the gradient g and the sum of squares G are arrays of one shape; G is 0 at first.
    """
    G = G + g**2
    return theta - alpha * g / (np.sqrt(G) + epsilon), G


ADAGRAD_STEP = Question(
    adagrad_step,
    section="3 AdaGrad: divide by the past",
    prompt=r"""One step of AdaGrad, everything coordinate by coordinate:

$$G := G + g^2, \qquad \theta := \theta - \alpha\, \frac{g}{\sqrt{G} + \varepsilon} .$$

$G$ is the sum of *all* squared gradients, this one included, and $\varepsilon$ stands *outside* the
root. Return the new $\theta$ and the new $G$. (So that you can see where $\varepsilon$ stands, the
check takes a large one.)""",
    inputs=lambda rng: (
        *(pair := _theta_and_gradient(rng)),
        _squares(rng, pair[1]),
        float(rng.choice([0.1, 0.2, 0.5])),
        float(rng.choice([0.05, 0.1])),
    ),
    edges=((np.array([1.0, -1.0]), np.array([0.0, 2.0]), np.zeros(2), 0.1, 1e-8),),
    whole=True,
    hints=(
        "Add g² to G first; `g**2` squares every entry.",
        "Each coordinate divides its own g by its own √G + ε. Arrays do that by themselves.",
        "`return theta, G`: the sum must live on to the next step.",
    ),
    mistakes=(
        Mistake(
            "no root",
            "The root is missing: you divide by G itself. Then the step is no longer independent "
            "of the gradient's unit, and large gradients make *shorter* steps than small ones.",
            (("np.sqrt(G)", "G"),),
            credit=0.25,
        ),
        Mistake(
            "decayed sum",
            "Your G forgets: it is the moving average of RMSProp, with 0.9 and 0.1. AdaGrad's sum "
            "keeps every square.",
            (("G + g**2", "0.9 * G + 0.1 * g**2"),),
            credit=0.25,
        ),
        Mistake(
            "ε inside the root",
            "ε stands inside the root, as in some libraries. Here it is outside: inside, the same "
            "ε brakes small gradients far more.",
            (("(np.sqrt(G) + epsilon)", "np.sqrt(G + epsilon)"),),
            credit=0.75,
        ),
        Mistake(
            "no ε",
            "ε is missing. A coordinate that has never had a gradient is then 0/0, and its nan "
            "spreads to everything computed with it.",
            (("(np.sqrt(G) + epsilon)", "np.sqrt(G)"),),
            credit=0.5,
        ),
        Mistake(
            "ε beside the fraction",
            "ε is added to the quotient instead of to the root. There it prevents no division by "
            "0: it belongs in the denominator.",
            (("g / (np.sqrt(G) + epsilon)", "(g / np.sqrt(G) + epsilon)"),),
            credit=0.5,
        ),
        Mistake(
            "ε after the fraction",
            "It does what comes out if a parenthesis is missing around the sum of root and ε: the "
            "division comes first, ε moves θ itself, and 0/0 is still possible.",
            (("(np.sqrt(G) + epsilon)", "np.sqrt(G) + epsilon"),),
            credit=0.5,
        ),
        Mistake(
            "shared across coordinates",
            "You divide all coordinates by one and the same number. The point of AdaGrad is a rate "
            "for each coordinate, from its own squares.",
            (("np.sqrt(G)", "np.sqrt(G.sum())"),),
            credit=0.25,
        ),
        Mistake(
            "sum updated after use",
            "The step uses G from before, without this gradient. In the first step that is 0, and "
            "you divide by ε alone: the step is huge.",
            (
                ("G = G + g**2", "new = G + g**2"),
                ("+ epsilon), G", "+ epsilon), new"),
            ),
            credit=0.25,
        ),
        Mistake(
            "old sum returned",
            "The G that comes back is the old one, so this gradient would never count among the "
            "squares.",
            (
                ("G = G + g**2", "new = G + g**2"),
                ("np.sqrt(G)", "np.sqrt(new)"),
            ),
            credit=0.5,
        ),
        Mistake(
            "not squared",
            "You add up the gradients, not their squares: positive and negative ones cancel, "
            "and the root of a negative sum is nan.",
            (("G + g**2", "G + g"),),
            credit=0.25,
        ),
        Mistake(
            "absolute values",
            "The root of a sum of |g| does not have the size of a gradient. What must be summed "
            "so that its root does?",
            (("G + g**2", "G + abs(g)"),),
            credit=0.25,
        ),
        Mistake(
            "square of the sum",
            "You square G + g as a whole. Only the gradient is squared; G holds squares already.",
            (("G + g**2", "(G + g) ** 2"),),
            credit=0.25,
        ),
        Mistake(
            "past forgotten",
            "Your G is only this gradient's square. The past is gone, and every coordinate "
            "makes steps of nearly the length α, however its gradients were.",
            (("G + g**2", "g**2"),),
            credit=0.25,
        ),
        Mistake(
            "no α",
            "α is missing in the step. Dividing by the root gives each coordinate a scale of "
            "its own, and α says how large the steps are on it.",
            (("alpha * g / ", "g / "),),
            credit=0.25,
        ),
        Mistake(
            "sign for g",
            "The numerator is the sign of the gradient. So its size is lost there, and a small "
            "gradient makes as large a numerator as a great one.",
            (("alpha * g / ", "alpha * np.sign(g) / "),),
            credit=0.25,
        ),
        Mistake(
            "g² in the numerator",
            "The gradient is squared in the numerator too, so the step no longer knows which "
            "way is down. Squares belong in G only.",
            (("alpha * g / ", "alpha * g**2 / "),),
            credit=0.25,
        ),
        Mistake(
            "shared sum",
            "Every coordinate's G gets the squares of all coordinates. Each must keep a sum of its "
            "own.",
            (("G + g**2", "G + np.sum(g**2)"),),
            credit=0.25,
        ),
        Mistake(
            "ascent",
            "It climbs: the scaled gradient still points uphill.",
            (("theta - alpha", "theta + alpha"),),
            credit=0.25,
        ),
        Mistake(
            "gradient missing",
            "You move by α/(√G + ε), without the gradient. All coordinates then go the same "
            "way, whichever way is down.",
            (("alpha * g / ", "alpha / "),),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def adagrad_step(theta, g, G, alpha, epsilon):
            new_theta, new_G = theta.astype(float), G.astype(float)
            for i in range(len(g)):
                new_G[i] += g[i] * g[i]
                new_theta[i] -= alpha / (new_G[i] ** 0.5 + epsilon) * g[i]
            return new_theta, new_G
        """,
        """
        def adagrad_step(theta, g, G, alpha, epsilon):
            total = np.add(G, np.square(g))
            return theta - (alpha / (total**0.5 + epsilon)) * g, total
        """,
    ),
)


# --------------------------------------------------------------------------- rmsprop_step
def rmsprop_step(theta, g, v, alpha, gamma, epsilon):
    """Return the next (theta, v).

    theta, the gradient g and the average of squares v are arrays of one shape; v is 0 at first.
    """
    v = gamma * v + (1 - gamma) * g**2
    return theta - alpha * g / (np.sqrt(v) + epsilon), v


RMSPROP_STEP = Question(
    rmsprop_step,
    section="4 RMSProp: forget the far past",
    prompt=r"""One step of RMSProp, everything coordinate by coordinate:

$$v := \gamma v + (1 - \gamma)\, g^2, \qquad
\theta := \theta - \alpha\, \frac{g}{\sqrt{v} + \varepsilon} .$$

$\varepsilon$ stands outside the root, and there is no bias correction. Return the new $\theta$ and
the new $v$.""",
    inputs=lambda rng: (
        *(pair := _theta_and_gradient(rng)),
        _squares(rng, pair[1]),
        float(rng.choice([0.1, 0.2, 0.5])),
        float(rng.choice([0.7, 0.8, 0.9])),
        float(rng.choice([0.05, 0.1])),
    ),
    edges=((np.array([1.0, -1.0]), np.array([0.0, 2.0]), np.zeros(2), 0.1, 0.9, 1e-8),),
    whole=True,
    hints=(
        "A moving average: γ parts of what was, 1 − γ parts of what is new. The weights add up "
        "to 1.",
        "After that, AdaGrad's step with v in place of G.",
    ),
    mistakes=(
        Mistake(
            "(1 − γ) missing",
            "The factor 1 − γ is missing before g²: the weights no longer add up to 1, and v grows "
            "to 1/(1 − γ) times the mean square.",
            (("(1 - gamma) * g**2", "g**2"),),
            credit=0.5,
        ),
        Mistake(
            "γ swapped",
            "γ and 1 − γ are swapped: your average forgets nearly everything in one step.",
            (("gamma * v + (1 - gamma) * g**2", "(1 - gamma) * v + gamma * g**2"),),
            credit=0.5,
        ),
        Mistake(
            "sum for average",
            "You add up all the squares. That is AdaGrad, whose rates can only fall; RMSProp "
            "averages, and forgets.",
            (("gamma * v + (1 - gamma) * g**2", "v + g**2"),),
            credit=0.25,
        ),
        Mistake(
            "γ missing",
            "The old v does not fade: γ is missing before it, so v never falls and the rates "
            "never recover.",
            (("gamma * v +", "v +"),),
            credit=0.25,
        ),
        Mistake(
            "past forgotten",
            "Your v is made of this gradient's square alone. An average needs the old v as well.",
            (("gamma * v + (1 - gamma)", "(1 - gamma)"),),
            credit=0.25,
        ),
        Mistake(
            "ε inside the root",
            "ε stands inside the root, as in some libraries. Here it is outside: inside, what "
            "is added to a small root is about √ε, which is far more than ε.",
            (("(np.sqrt(v) + epsilon)", "np.sqrt(v + epsilon)"),),
            credit=0.75,
        ),
        Mistake(
            "no ε",
            "ε is missing. Where all gradients so far were 0, the step is then 0/0.",
            (("(np.sqrt(v) + epsilon)", "np.sqrt(v)"),),
            credit=0.5,
        ),
        Mistake(
            "ε beside the fraction",
            "ε is added to the quotient instead of to the root. There it prevents no division by "
            "0: it belongs in the denominator.",
            (("g / (np.sqrt(v) + epsilon)", "(g / np.sqrt(v) + epsilon)"),),
            credit=0.5,
        ),
        Mistake(
            "ε after the fraction",
            "The division comes before the sum, as if the divisor had lost its parenthesis. So "
            "ε moves θ itself, and where v is 0 the division is 0/0.",
            (("(np.sqrt(v) + epsilon)", "np.sqrt(v) + epsilon"),),
            credit=0.5,
        ),
        Mistake(
            "no root",
            "The root is missing: you divide by v itself, the mean *square*. Its root has the size "
            "of a gradient.",
            (("np.sqrt(v)", "v"),),
            credit=0.25,
        ),
        Mistake(
            "v updated after use",
            "The step uses v from before, without this gradient. In the first step that is 0, and "
            "you divide by ε alone: the step is huge.",
            (
                ("v = gamma * v", "new = gamma * v"),
                ("+ epsilon), v", "+ epsilon), new"),
            ),
            credit=0.25,
        ),
        Mistake(
            "old v returned",
            "The v that comes back is the old one: the average would never take up a new square.",
            (
                ("v = gamma * v", "new = gamma * v"),
                ("np.sqrt(v)", "np.sqrt(new)"),
            ),
            credit=0.5,
        ),
        Mistake(
            "not squared",
            "You average the gradients, not their squares: a negative average has no root, and "
            "gradients to and fro cancel.",
            (("g**2", "g"),),
            credit=0.25,
        ),
        Mistake(
            "shared across coordinates",
            "You divide all coordinates by one and the same number. Each has a v of its own, "
            "and its own rate by that.",
            (("np.sqrt(v)", "np.sqrt(v.mean())"),),
            credit=0.25,
        ),
        Mistake(
            "no α",
            "The step has no α. The quotient is about 1 in size, and α turns it into a step of "
            "the right length.",
            (("alpha * g / ", "g / "),),
            credit=0.25,
        ),
        Mistake(
            "square of the average",
            "You square the whole average. It is the squares that are averaged, and v holds "
            "squares already.",
            (("gamma * v + (1 - gamma) * g**2", "(gamma * v + (1 - gamma) * g) ** 2"),),
            credit=0.25,
        ),
        Mistake(
            "shared average",
            "Every coordinate's v gets the squares of all coordinates. Each must keep an average "
            "of its own.",
            (("* g**2", "* np.mean(g**2)"),),
            credit=0.25,
        ),
        Mistake(
            "ascent",
            "It climbs: dividing by √v scales each coordinate, and reverses none.",
            (("theta - alpha", "theta + alpha"),),
            credit=0.25,
        ),
        Mistake(
            "absolute values",
            "The root of an average of |g| does not have the size of a gradient. What must be "
            "averaged so that its root does?",
            (("g**2", "abs(g)"),),
            credit=0.25,
        ),
        Mistake(
            "1 − γ squared too",
            "It does what comes out if the factor 1 − γ is squared together with the gradient: "
            "the power belongs to g alone. Mind the brackets.",
            (("(1 - gamma) * g**2", "((1 - gamma) * g) ** 2"),),
            credit=0.5,
        ),
        Mistake(
            "corrected",
            "You divide v by 1 − γ before the step, a correction that was not asked "
            "for. (And a right one would fade with the number of the step.)",
            (("np.sqrt(v)", "np.sqrt(v / (1 - gamma))"),),
            credit=0.5,
        ),
    ),
    alternatives=(
        """
        def rmsprop_step(theta, g, v, alpha, gamma, epsilon):
            v = v + (1 - gamma) * (g * g - v)
            return theta - alpha / (v**0.5 + epsilon) * g, v
        """,
        """
        def rmsprop_step(theta, g, v, alpha, gamma, epsilon):
            thetas, averages = [], []
            for w, s, a in zip(theta, g, v):
                a = gamma * a + (1 - gamma) * s**2
                averages.append(a)
                thetas.append(w - alpha * s / (math.sqrt(a) + epsilon))
            return np.array(thetas), np.array(averages)
        """,
    ),
)


# ------------------------------------------------------------------------------ adam_step
def adam_step(theta, g, m, v, t, alpha, beta1, beta2, epsilon):
    """Return the next (theta, m, v), with m and v not corrected.

    theta, the gradient g and the averages m and v are arrays of one shape. t is the number of this
    step: in the first one t is 1, and m and v are 0.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def _adam_arguments(rng):
    theta, g = _theta_and_gradient(rng)
    t = int(rng.choice([1, 2, 3, 4, 6]))
    beta1, beta2 = float(rng.choice([0.7, 0.8, 0.9])), float(rng.choice([0.95, 0.98, 0.99]))
    m, v = np.zeros_like(g), np.zeros_like(g)
    for _ in range(t - 1):
        past = g * rng.uniform(-0.5, 1.5, size=len(g))
        m, v = beta1 * m + (1 - beta1) * past, beta2 * v + (1 - beta2) * past**2
    alpha, epsilon = float(rng.choice([0.1, 0.2, 0.5])), float(rng.choice([0.05, 0.1]))
    return theta, g, m.round(5), v.round(6), t, alpha, beta1, beta2, epsilon


_STEADY = (np.array([1.0, 2.0]), np.array([2.0, -0.1]))

ADAM_STEP = Question(
    adam_step,
    section="5 Adam: average the gradient too, and correct both averages",
    prompt=r"""One step of Adam, everything coordinate by coordinate:

$$m := \beta_1 m + (1 - \beta_1)\, g, \qquad v := \beta_2 v + (1 - \beta_2)\, g^2,$$

$$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad
\theta := \theta - \alpha\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} .$$

$t$ is the number of this step, and 1 in the first one. Return the new $\theta$, and $m$ and $v$ as
they must be stored for the next step: *not* corrected.""",
    inputs=_adam_arguments,
    edges=(
        (
            np.array([1.0, 1.0, 1.0]),
            np.array([0.001, -1000.0, 0.0]),
            np.zeros(3),
            np.zeros(3),
            1,
            0.1,
            0.9,
            0.999,
            1e-8,
        ),
        (*_STEADY, np.array([0.38, -0.019]), np.array([0.2, 0.0005]), 3, 0.1, 0.9, 0.95, 0.1),
        (*_STEADY, np.array([0.7, -0.02]), np.array([0.1, 0.0002]), 4, 0.2, 0.8, 0.98, 0.05),
        # after large gradients: v falls
        (*_STEADY, np.array([3.0, -1.0]), np.array([20.0, 0.5]), 5, 0.1, 0.9, 0.95, 0.1),
    ),
    points=3,
    whole=True,
    hints=(
        "First the two moving averages. m averages g, v averages g².",
        "m began at 0, so after t steps its weights add up to 1 − β₁ᵗ only: divide by that. "
        "`beta1**t` is the power.",
        "Test it with t = 1, m = v = 0 and a tiny ε, such as 1e-8: then every coordinate moves "
        "by nearly α, for g = 0.001 as for g = −1000.",
    ),
    mistakes=(
        Mistake(
            "no correction",
            "m and v are not corrected for their start at 0. With the usual β the first steps come "
            "out several times too long, because v fills more slowly than m.",
            (
                ("m_hat = m / (1 - beta1**t)", "m_hat = m"),
                ("v_hat = v / (1 - beta2**t)", "v_hat = v"),
            ),
            credit=0.5,
        ),
        Mistake(
            "t from 0",
            "The corrections use t − 1, as if steps were counted from 0. The first step has t = "
            "1; with one less it divides by 1 − β⁰ = 0.",
            (("beta1**t", "beta1 ** (t - 1)"), ("beta2**t", "beta2 ** (t - 1)")),
            credit=0.5,
        ),
        Mistake(
            "t one too large",
            "The corrections use t + 1. t is already the number of this step; with one more "
            "both averages are taken to be fuller than they are.",
            (("beta1**t", "beta1 ** (t + 1)"), ("beta2**t", "beta2 ** (t + 1)")),
            credit=0.5,
        ),
        Mistake(
            "β swapped",
            "β₁ and β₂ have changed places: β₁ belongs to m, β₂ to v. The memory for the "
            "squares is the longer one.",
            (("    m = beta1", "    beta1, beta2 = beta2, beta1\n    m = beta1"),),
            credit=0.5,
        ),
        Mistake(
            "only m corrected",
            "Only m is corrected. v began at 0 as well, and is far too small at first: the steps "
            "are much too long.",
            (("v_hat = v / (1 - beta2**t)", "v_hat = v"),),
            credit=0.5,
        ),
        Mistake(
            "only v corrected",
            "Only v is corrected. m began at 0 as well, so the first steps are too short.",
            (("m_hat = m / (1 - beta1**t)", "m_hat = m"),),
            credit=0.5,
        ),
        Mistake(
            "m̂ and v̂ stored back",
            "You return the corrected m̂ and v̂. In the next step they would be corrected once more.",
            (("+ epsilon), m, v", "+ epsilon), m_hat, v_hat"),),
            credit=0.5,
        ),
        Mistake(
            "ε inside the root",
            "ε stands inside the root. Here it is outside: inside, the same ε brakes "
            "coordinates with small gradients far more.",
            (("(np.sqrt(v_hat) + epsilon)", "np.sqrt(v_hat + epsilon)"),),
            credit=0.75,
        ),
        Mistake(
            "no ε",
            "ε is missing. A coordinate whose gradients were all 0 is then 0/0, and its nan "
            "spreads to everything computed with it.",
            (("(np.sqrt(v_hat) + epsilon)", "np.sqrt(v_hat)"),),
            credit=0.5,
        ),
        Mistake(
            "ε beside the fraction",
            "ε is added to the quotient instead of to the root. There it prevents no division by "
            "0: it belongs in the denominator.",
            (("m_hat / (np.sqrt(v_hat) + epsilon)", "(m_hat / np.sqrt(v_hat) + epsilon)"),),
            credit=0.5,
        ),
        Mistake(
            "ε after the fraction",
            "It does what comes out if root and ε are not held together by a parenthesis: only "
            "the root divides, and ε is added to θ in the end.",
            (("(np.sqrt(v_hat) + epsilon)", "np.sqrt(v_hat) + epsilon"),),
            credit=0.5,
        ),
        Mistake(
            "no root",
            "The root is missing: you divide by v̂ itself. Then the step depends on the unit of "
            "the gradient, and small gradients make the longest steps.",
            (("np.sqrt(v_hat)", "v_hat"),),
            credit=0.25,
        ),
        Mistake(
            "g for m̂",
            "The step goes along the latest gradient alone, as in RMSProp with a correction. "
            "Adam's direction is the average m̂.",
            (("alpha * m_hat", "alpha * g"),),
            credit=0.25,
        ),
        Mistake(
            "g not squared in v",
            "v averages g and not g². So it can be negative, and has no root then; and it does "
            "not measure the size of the gradients.",
            (("g**2", "g"),),
            credit=0.25,
        ),
        Mistake(
            "(1 − β) missing",
            "The factors 1 − β₁ and 1 − β₂ are missing: m and v are sums that grow to many times "
            "an average.",
            (("(1 - beta1) * g\n", "g\n"), ("(1 - beta2) * g**2", "g**2")),
            credit=0.5,
        ),
        Mistake(
            "(1 − β₁) missing",
            "The factor 1 − β₁ is missing in m, so its weights do not add up to 1: m is a sum, "
            "and many times too large.",
            (("(1 - beta1) * g\n", "g\n"),),
            credit=0.5,
        ),
        Mistake(
            "(1 − β₂) missing",
            "The factor 1 − β₂ is missing in v, so v is a sum of squares and no average: the "
            "steps come out too short.",
            (("(1 - beta2) * g**2", "g**2"),),
            credit=0.5,
        ),
        Mistake(
            "β and 1 − β swapped",
            "The weights of the averages are swapped: β belongs to the old value, 1 − β to the new "
            "one. Yours forget nearly everything in one step.",
            (
                ("beta1 * m + (1 - beta1) * g\n", "(1 - beta1) * m + beta1 * g\n"),
                ("beta2 * v + (1 - beta2) * g**2", "(1 - beta2) * v + beta2 * g**2"),
            ),
            credit=0.5,
        ),
        Mistake(
            "multiplied by the correction",
            "You multiply by 1 − βᵗ. m and v are too *small* at first: the correction makes them "
            "larger.",
            (("m / (1 - beta1**t)", "m * (1 - beta1**t)"), ("v / (1 -", "v * (1 -")),
            credit=0.25,
        ),
        Mistake(
            "β t for βᵗ",
            "You multiply β by t, where the correction has the power βᵗ. A power goes to 0 as t "
            "grows; the product grows, and 1 − βt becomes negative.",
            (("beta1**t", "beta1 * t"), ("beta2**t", "beta2 * t")),
            credit=0.25,
        ),
        Mistake(
            "correction without t",
            "You divide by 1 − β in every step. That is right in the first one only; the "
            "correction 1 − βᵗ fades as the averages fill.",
            (("beta1**t", "beta1"), ("beta2**t", "beta2")),
            credit=0.5,
        ),
        Mistake(
            "β₁ in both corrections",
            "v is corrected with β₁. It was averaged with β₂, and fills at that pace.",
            (("beta2**t", "beta1**t"),),
            credit=0.5,
        ),
        Mistake(
            "corrected after the root",
            "You take the root first and correct afterwards. The correction belongs to v, under "
            "the root.",
            (
                ("v_hat = v / (1 - beta2**t)", "v_hat = v"),
                ("np.sqrt(v_hat)", "np.sqrt(v_hat) / (1 - beta2**t)"),
            ),
            credit=0.5,
        ),
        Mistake(
            "averages not updated",
            "The m and v that come back are the old ones, so every step would begin with empty "
            "averages.",
            source="""
            def adam_step(theta, g, m, v, t, alpha, beta1, beta2, epsilon):
                m_hat = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
                v_hat = (beta2 * v + (1 - beta2) * g**2) / (1 - beta2**t)
                return theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon), m, v
            """,
            credit=0.5,
        ),
        Mistake(
            "this gradient too late",
            "The step uses m and v from before, without this gradient. In the first step they are "
            "0, and nothing moves.",
            source="""
            def adam_step(theta, g, m, v, t, alpha, beta1, beta2, epsilon):
                m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
                theta = theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon)
                return theta, beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
            """,
            credit=0.25,
        ),
        Mistake(
            "shared across coordinates",
            "All coordinates are divided by one and the same number. Each has a v̂ of its own: "
            "that is what makes the rates individual.",
            (("np.sqrt(v_hat)", "np.sqrt(v_hat.mean())"),),
            credit=0.25,
        ),
        Mistake(
            "no α",
            "The learning rate α is missing in the step. Without it every step would have about "
            "the length 1.",
            (("alpha * m_hat", "m_hat"),),
            credit=0.25,
        ),
        Mistake(
            "m² in v",
            "v averages the squares of m. It should average the squares of the gradient: those "
            "of an average are smaller, where gradients go to and fro.",
            (("g**2", "m**2"),),
            credit=0.25,
        ),
        Mistake(
            "β₁ in v",
            "The new square enters v with the weight 1 − β₁. In v both weights are made of β₂, "
            "or they do not add up to 1.",
            (("(1 - beta2) * g**2", "(1 - beta1) * g**2"),),
            credit=0.5,
        ),
        Mistake(
            "order of the results",
            "The results are in the wrong order: first the new θ, then m, then v.",
            (
                (
                    "return theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon), m, v",
                    "return m, v, theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "ascent",
            "It climbs: m̂ points where the loss grows, so it must be subtracted.",
            (("theta - alpha", "theta + alpha"),),
            credit=0.25,
        ),
        Mistake(
            "β₁ throughout v",
            "v is averaged with β₁. It has a memory of its own, a longer one: β₂.",
            (("v = beta2 * v + (1 - beta2) * g**2", "v = beta1 * v + (1 - beta1) * g**2"),),
            credit=0.5,
        ),
    ),
    variants=(
        Variant(
            "This is the faster form at the end of section 2 of Kingma and Ba: it counts, but its "
            "ε is added to the root of the *uncorrected* v, and so acts as a larger one at first.",
            (
                (
                    "(np.sqrt(v_hat) + epsilon)",
                    "(np.sqrt(v_hat) + epsilon / np.sqrt(1 - beta2**t))",
                ),
            ),
        ),
    ),
    alternatives=(
        """
        def adam_step(theta, g, m, v, t, alpha, beta1, beta2, epsilon):
            new_m = m + (1 - beta1) * (g - m)
            new_v = v + (1 - beta2) * (np.square(g) - v)
            scale = np.sqrt(new_v / (1 - np.power(beta2, t))) + epsilon
            return theta - (alpha / (1 - beta1**t)) * new_m / scale, new_m, new_v
        """,
        """
        def adam_step(theta, g, m, v, t, alpha, beta1, beta2, epsilon):
            theta, m, v = theta.tolist(), m.tolist(), v.tolist()
            for i in range(len(g)):
                m[i] = beta1 * m[i] + (1 - beta1) * g[i]
                v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
                a, b = m[i] / (1 - beta1**t), v[i] / (1 - beta2**t)
                theta[i] -= alpha * a / (math.sqrt(b) + epsilon)
            return np.array(theta), np.array(m), np.array(v)
        """,
    ),
)


# ------------------------------------------------------------------------ adam_trajectory
def adam_trajectory(gradient, theta, alpha, beta1, beta2, epsilon, steps):
    """Return the path of so many steps of Adam: an array (steps + 1, d), the start first.

    gradient(theta) returns the gradient (d,) at theta (d,).
    """
    m, v = np.zeros(len(theta)), np.zeros(len(theta))
    path = [theta]
    for t in range(1, steps + 1):
        g = gradient(theta)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon)
        path.append(theta)
    return np.array(path)


def _descent_arguments(rng):
    a, b, c = rng.uniform(1, 8), rng.uniform(0.3, 0.9), rng.uniform(-0.5, 0.5)
    words = rng.choice(
        [
            f"lambda w: np.array([{a:.1f}, {b:.1f}]) * w",
            f"lambda w: np.array([[{a:.1f}, {c:.1f}], [{c:.1f}, {b:.1f}]]) @ w",
            f"lambda w: {a:.1f} * (w - np.array([{b:.1f}, {c:.1f}]))",
        ]
    )
    start = rng.uniform(0.8, 3, size=2).round(1) * rng.choice([-1, 1], size=2)
    return (
        Expression(str(words)),
        start,
        float(rng.choice([0.1, 0.2, 0.3])),
        float(rng.choice([0.7, 0.8, 0.9])),
        float(rng.choice([0.95, 0.99])),
        float(rng.choice([0.05, 0.1])),
        int(rng.integers(4, 8)),
    )


ADAM_TRAJECTORY = Question(
    adam_trajectory,
    section="Where the correction comes from",
    prompt=r"""Now the loop: take so many steps of Adam from a start, each with the gradient *where
you are*, and return all points, the start included: `steps` + 1 rows. $m$ and $v$ start at 0 and
live through the whole run, and $t$ goes 1, 2, 3, … Paste your `adam_step` into the function, or
write its lines into the loop.""",
    inputs=_descent_arguments,
    edges=(
        (Expression("lambda w: 2.0 * w"), np.array([3.0, -1.0]), 0.5, 0.9, 0.99, 1e-8, 5),
        (Expression("lambda w: 2.0 * w"), np.array([3, -1]), 0.5, 0.9, 0.99, 1e-8, 5),
    ),
    hints=(
        "Before the loop: m = v = 0, and a list that holds the start.",
        "`for t in range(1, steps + 1)`: gradient, averages, correction, step, append.",
        "Make a new θ in each step (`theta = theta - …`). `theta -= …` changes the rows that are "
        "already in the list.",
    ),
    mistakes=(
        Mistake(
            "state reset each step",
            "m and v are set back to 0 in each step, so there is no memory. They start at 0 once, "
            "before the loop.",
            (
                (
                    "        g = gradient(theta)",
                    "        m, v = 0 * m, 0 * v\n        g = gradient(theta)",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "t not advanced",
            "t is 1 in all steps. The correction has to fade as the averages fill; with t = 1 "
            "it goes on enlarging them as if they were nearly empty.",
            (("        g = gradient(theta)", "        t = 1\n        g = gradient(theta)"),),
            credit=0.5,
        ),
        Mistake(
            "t from 0",
            "From the first step on nothing is finite. If t is counted from 0, the first step "
            "divides by 1 − β⁰ = 0.",
            (("range(1, steps + 1)", "range(steps)"),),
            credit=0.5,
        ),
        Mistake(
            "t from 2",
            "It does what comes out if t is 2 in the first step. Is it counted up twice, or is "
            "it one too large from the start?",
            (("range(1, steps + 1)", "range(2, steps + 2)"),),
            credit=0.5,
        ),
        Mistake(
            "no correction",
            "m and v are not corrected for their start at 0. They fill at different rates, so "
            "the first steps have the wrong length.",
            (("m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)", "m_hat, v_hat = m, v"),),
            credit=0.5,
        ),
        Mistake(
            "m̂ and v̂ stored back",
            "The corrected averages are stored back into m and v, so the next step corrects "
            "them once more. Only the step itself should use them.",
            (
                (
                    "        theta = theta - alpha",
                    "        m, v = m_hat, v_hat\n        theta = theta - alpha",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "gradient frozen at the start",
            "Every step uses the gradient at the start. The slope changes on the way, so ask "
            "for it where you are now.",
            (("g = gradient(theta)", "g = gradient(path[0])"),),
            credit=0.25,
        ),
        Mistake(
            "whole numbers",
            "For a start of whole numbers all points are cut to whole numbers. Does the array for "
            "them take its dtype from the start?",
            (("np.array(path)", "np.array(path).astype(path[0].dtype)"),),
            credit=0.5,
        ),
        Mistake(
            "whole numbers in every step",
            "For a start of whole numbers each point is cut to whole numbers before the next step. "
            "Does the array for them take its dtype from the start?",
            (
                (
                    "path.append(theta)",
                    "theta = theta.astype(path[0].dtype)\n        path.append(theta)",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "start missing",
            "The start is missing in your path: it is the first of the steps + 1 rows.",
            (("path = [theta]", "path = []"),),
            credit=0.5,
        ),
        Mistake(
            "one step too few",
            "You take one step too few. The start is a row as well: a path of n steps has n + 1 "
            "points.",
            (("range(1, steps + 1)", "range(1, steps)"),),
            credit=0.5,
        ),
        Mistake(
            "one step too many",
            "You take one step too many. With the start as the first row, a path of n steps has "
            "n + 1 points.",
            (("range(1, steps + 1)", "range(1, steps + 2)"),),
            credit=0.5,
        ),
        Mistake(
            "end only",
            "You return the last point only. Collect them all on the way.",
            (("return np.array(path)", "return theta"),),
            credit=0.25,
        ),
        Mistake(
            "one array in all rows",
            "All rows are the same: you change one array in place, and the list holds that array "
            "again and again. Make a new one in each step.",
            (
                ("    path = [theta]", "    theta = theta + 0.0\n    path = [theta]"),
                ("theta = theta - alpha", "theta -= alpha"),
            ),
            credit=0.25,
        ),
        Mistake(
            "one array, and the start changed",
            "All rows are the same, and the caller's start is changed too: `theta -= …` writes "
            "into the array that was given. Make a new one in each step.",
            source="""
            def adam_trajectory(gradient, theta, alpha, beta1, beta2, epsilon, steps):
                m, v = np.zeros(len(theta)), np.zeros(len(theta))
                path = [theta]
                for t in range(1, steps + 1):
                    g = gradient(theta)
                    m = beta1 * m + (1 - beta1) * g
                    v = beta2 * v + (1 - beta2) * g**2
                    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
                    theta -= alpha * m_hat / (np.sqrt(v_hat) + epsilon)
                    path.append(theta)
                return np.array(path)
            """,
            credit=0.25,
        ),
        Mistake(
            "ε inside the root",
            "ε stands inside the root. Here it is added to the root: inside, it weighs far more "
            "where v is small.",
            (("(np.sqrt(v_hat) + epsilon)", "np.sqrt(v_hat + epsilon)"),),
            credit=0.75,
        ),
        Mistake(
            "ε beside the fraction",
            "ε is added to the quotient and not to the root. There it shifts every step by the "
            "same amount, and guards no division.",
            (("m_hat / (np.sqrt(v_hat) + epsilon)", "(m_hat / np.sqrt(v_hat) + epsilon)"),),
            credit=0.5,
        ),
        Mistake(
            "ε after the fraction",
            "In every step only the root divides, and ε moves θ itself. Perhaps the divisor has "
            "lost its parenthesis?",
            (("(np.sqrt(v_hat) + epsilon)", "np.sqrt(v_hat) + epsilon"),),
            credit=0.5,
        ),
        Mistake(
            "β swapped",
            "The two β have changed places: m is averaged with β₁, v with β₂, and each is "
            "corrected with its own.",
            (("    path = [theta]", "    beta1, beta2 = beta2, beta1\n    path = [theta]"),),
            credit=0.5,
        ),
        Mistake(
            "(1 − β) missing",
            "The factors 1 − β₁ and 1 − β₂ are missing: the weights do not add up to 1, so m "
            "and v are no averages.",
            (("(1 - beta1) * g\n", "g\n"), ("(1 - beta2) * g**2", "g**2")),
            credit=0.5,
        ),
        Mistake(
            "gradient descent",
            "You step along the gradient itself: that is gradient descent, which has no memory "
            "and one rate for all coordinates.",
            (("alpha * m_hat / (np.sqrt(v_hat) + epsilon)", "alpha * g"),),
        ),
        Mistake(
            "ascent",
            "The path leads uphill: a step goes against m̂, not along it.",
            (("theta - alpha", "theta + alpha"),),
            credit=0.25,
        ),
    ),
    variants=(
        Variant(
            "This is the faster form at the end of section 2 of Kingma and Ba: it counts, but its "
            "ε is added to the root of the *uncorrected* v, and so acts as a larger one at first.",
            (
                (
                    "(np.sqrt(v_hat) + epsilon)",
                    "(np.sqrt(v_hat) + epsilon / np.sqrt(1 - beta2**t))",
                ),
            ),
        ),
    ),
    alternatives=(
        """
        def adam_trajectory(gradient, theta, alpha, beta1, beta2, epsilon, steps):
            def adam_step(theta, g, m, v, t):
                m = beta1 * m + (1 - beta1) * g
                v = beta2 * v + (1 - beta2) * g**2
                m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
                return theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon), m, v

            points = np.empty((steps + 1, len(theta)))
            points[0] = theta
            m = v = 0.0
            for t in range(steps):
                points[t + 1], m, v = adam_step(points[t], gradient(points[t]), m, v, t + 1)
            return points
        """,
        """
        def adam_trajectory(gradient, theta, alpha, beta1, beta2, epsilon, steps):
            theta = np.array(theta, dtype=float)
            m, v, p1, p2 = np.zeros_like(theta), np.zeros_like(theta), 1.0, 1.0
            path = [theta.copy()]
            while len(path) <= steps:
                g = gradient(theta)
                p1, p2 = p1 * beta1, p2 * beta2
                m += (1 - beta1) * (g - m)
                v += (1 - beta2) * (g * g - v)
                theta -= alpha * (m / (1 - p1)) / (np.sqrt(v / (1 - p2)) + epsilon)
                path.append(theta.copy())
            return path
        """,
    ),
)


# --------------------------------------------------------------------------- amsgrad_step
def amsgrad_step(theta, g, m, v, v_max, alpha, beta1, beta2, epsilon):
    """Return the next (theta, m, v, v_max).

    theta, the gradient g, the averages m and v, and v_max, the largest v so far, are arrays of one
    shape. There is no bias correction.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    v_max = np.maximum(v_max, v)
    return theta - alpha * m / (np.sqrt(v_max) + epsilon), m, v, v_max


def _amsgrad_arguments(rng):
    theta, g = _theta_and_gradient(rng)
    m, v = (0.5 * g * rng.uniform(-1, 1.5, size=len(g))).round(3), _squares(rng, g)
    # in the first coordinate v rises above its maximum, in the second it falls
    v[0], v[1] = round(g[0] ** 2 * rng.choice([0.3, 0.5]), 4), 0.01
    v_max = (v * rng.uniform(1.3, 2, size=len(g))).round(4)
    v_max[0] = v[0]
    hyper = (rng.choice([0.1, 0.2, 0.5]), rng.choice([0.7, 0.8, 0.9]), rng.choice([0.75, 0.95]))
    return theta, g, m, v, v_max, *map(float, hyper), float(rng.choice([0.05, 0.1]))


AMSGRAD_STEP = Question(
    amsgrad_step,
    section="8 Does Adam get to the minimum?",
    prompt=r"""One step of AMSGrad, everything coordinate by coordinate. It divides by the largest
$v$ so far, so that no effective rate ever grows again:

$$m := \beta_1 m + (1 - \beta_1)\, g, \qquad v := \beta_2 v + (1 - \beta_2)\, g^2,$$

$$v_{\max} := \max(v_{\max}, v), \qquad
\theta := \theta - \alpha\, \frac{m}{\sqrt{v_{\max}} + \varepsilon} .$$

As in the paper there is no bias correction. Return the new $\theta$, $m$, $v$ and $v_{\max}$.""",
    inputs=_amsgrad_arguments,
    edges=(
        (
            np.array([1.0, 2.0]),
            np.array([0.0, 3.0]),
            np.zeros(2),
            np.zeros(2),
            np.zeros(2),
            0.1,
            0.9,
            0.99,
            1e-8,
        ),
    ),
    whole=True,
    hints=(
        "m and v as in Adam. v itself goes up and down as before; only v_max never falls.",
        "`np.maximum(a, b)` is the larger of two, entry by entry. (`np.max` is the largest of "
        "all.)",
    ),
    mistakes=(
        Mistake(
            "current v",
            "The step divides by the current v, as Adam does. After a large gradient is "
            "forgotten the rate grows, which AMSGrad is there to prevent.",
            (("np.sqrt(v_max)", "np.sqrt(v)"),),
            credit=0.25,
        ),
        Mistake(
            "no maximum",
            "Your v_max is just the current v: it falls as soon as v does. It is the largest v *so "
            "far*.",
            (("np.maximum(v_max, v)", "v"),),
            credit=0.25,
        ),
        Mistake(
            "maximum of g²",
            "You take the maximum with g² instead of v. A single large gradient then holds the "
            "rate down for ever, with its whole square.",
            (("np.maximum(v_max, v)", "np.maximum(v_max, g**2)"),),
            credit=0.25,
        ),
        Mistake(
            "maximum put back into v",
            "The maximum is put into the average itself, so v never falls. Keep two numbers: v, "
            "which goes up and down, and the largest it has been.",
            (("+ epsilon), m, v, v_max", "+ epsilon), m, v_max, v_max"),),
            credit=0.5,
        ),
        Mistake(
            "average of the maximum",
            "Your v goes on from v_max, so it can hardly fall. It must go on from the old v; "
            "only the maximum looks at both.",
            (("beta2 * v +", "beta2 * v_max +"),),
            credit=0.25,
        ),
        Mistake(
            "sum for maximum",
            "You add v to v_max. A sum grows with every step and the rates go to 0; the larger "
            "of the two is asked for.",
            (("np.maximum(v_max, v)", "v_max + v"),),
            credit=0.25,
        ),
        Mistake(
            "maximum ignored",
            "v_max is neither updated nor used: you divide by the current v. That is Adam without "
            "its correction.",
            (
                ("    v_max = np.maximum(v_max, v)\n", ""),
                ("np.sqrt(v_max)", "np.sqrt(v)"),
            ),
        ),
        Mistake(
            "(1 − β) missing",
            "The factors 1 − β₁ and 1 − β₂ are missing, so m and v grow to many times an average.",
            (("(1 - beta1) * g\n", "g\n"), ("(1 - beta2) * g**2", "g**2")),
            credit=0.5,
        ),
        Mistake(
            "minimum",
            "You keep the smallest v instead of the largest. Then the effective rates could "
            "only grow, and here they must never do that.",
            (("np.maximum", "np.minimum"),),
            credit=0.25,
        ),
        Mistake(
            "one maximum for all",
            "You take one maximum over all coordinates. Each has a largest v of its own: "
            "`np.maximum` compares entry by entry.",
            (("np.sqrt(v_max)", "np.sqrt(np.max(v_max))"),),
            credit=0.25,
        ),
        Mistake(
            "maximum updated after use",
            "The step uses v_max from before, without the new v. In the first step that is 0, and "
            "you divide by ε alone.",
            (
                ("v_max = np.maximum", "new = np.maximum"),
                ("+ epsilon), m, v, v_max", "+ epsilon), m, v, new"),
            ),
            credit=0.25,
        ),
        Mistake(
            "old maximum returned",
            "The v_max that comes back is the old one: a new maximum would be forgotten at once.",
            (
                ("v_max = np.maximum", "new = np.maximum"),
                ("np.sqrt(v_max)", "np.sqrt(new)"),
            ),
            credit=0.5,
        ),
        Mistake(
            "no root",
            "The root is missing: v_max holds squares, and only its root has the size of a "
            "gradient.",
            (("np.sqrt(v_max)", "v_max"),),
            credit=0.25,
        ),
        Mistake(
            "ε inside the root",
            "ε stands inside the root. Here it is outside, where it matters only if the root "
            "itself is tiny.",
            (("(np.sqrt(v_max) + epsilon)", "np.sqrt(v_max + epsilon)"),),
            credit=0.75,
        ),
        Mistake(
            "ε beside the fraction",
            "ε is added to the quotient and not to the root. So a v_max of 0 is still the whole "
            "divisor.",
            (("m / (np.sqrt(v_max) + epsilon)", "(m / np.sqrt(v_max) + epsilon)"),),
            credit=0.5,
        ),
        Mistake(
            "ε after the fraction",
            "Only the root divides, and ε is added to θ. Perhaps a parenthesis is missing in "
            "the divisor?",
            (("(np.sqrt(v_max) + epsilon)", "np.sqrt(v_max) + epsilon"),),
            credit=0.5,
        ),
        Mistake(
            "no ε",
            "ε is missing. A coordinate that has never had a gradient has v_max = 0, and its "
            "step is 0/0.",
            (("(np.sqrt(v_max) + epsilon)", "np.sqrt(v_max)"),),
            credit=0.5,
        ),
        Mistake(
            "g for m",
            "The step goes along the latest gradient alone. As in Adam, the direction is the "
            "average m, in which noise cancels.",
            (("alpha * m /", "alpha * g /"),),
            credit=0.25,
        ),
        Mistake(
            "β swapped",
            "The two β are in each other's place. β₁ belongs to m, β₂ to v, whose memory is "
            "meant to be the longer one.",
            (("    m = beta1", "    beta1, beta2 = beta2, beta1\n    m = beta1"),),
            credit=0.5,
        ),
        Mistake(
            "β and 1 − β swapped",
            "The weights of the averages are swapped: β belongs to the old value, 1 − β to the "
            "new one. With a β close to 1 yours hardly remember anything.",
            (
                ("beta1 * m + (1 - beta1) * g\n", "(1 - beta1) * m + beta1 * g\n"),
                ("beta2 * v + (1 - beta2) * g**2", "(1 - beta2) * v + beta2 * g**2"),
            ),
            credit=0.5,
        ),
        Mistake(
            "g not squared",
            "v averages g instead of g². It can become negative then, and says nothing "
            "about the size of the gradients.",
            (("g**2", "g"),),
            credit=0.25,
        ),
        Mistake(
            "ascent",
            "It climbs: however it is averaged, a gradient points uphill.",
            (("theta - alpha", "theta + alpha"),),
            credit=0.25,
        ),
        Mistake(
            "m corrected",
            "You divide m by 1 − β₁ before the step. There is no bias correction here. "
            "(And a right one would fade with the number of the step.)",
            (("alpha * m /", "alpha * m / (1 - beta1) /"),),
            credit=0.5,
        ),
        Mistake(
            "one maximum for all, kept",
            "You take one maximum over all coordinates, and return it. Each has a "
            "largest v of its own: `np.maximum` compares entry by entry.",
            (
                (
                    "v_max = np.maximum(v_max, v)",
                    "v_max = np.full_like(v, np.maximum(v_max, v).max())",
                ),
            ),
            credit=0.25,
        ),
    ),
    alternatives=(
        """
        def amsgrad_step(theta, g, m, v, v_max, alpha, beta1, beta2, epsilon):
            m = m + (1 - beta1) * (g - m)
            v = v + (1 - beta2) * (g * g - v)
            top = np.where(v > v_max, v, v_max)
            return theta - alpha / (top**0.5 + epsilon) * m, m, v, top
        """,
        """
        def amsgrad_step(theta, g, m, v, v_max, alpha, beta1, beta2, epsilon):
            rows = []
            for w, s, a, b, c in zip(theta, g, m, v, v_max):
                a = beta1 * a + (1 - beta1) * s
                b = beta2 * b + (1 - beta2) * s * s
                c = max(b, c)
                rows.append((w - alpha * a / (math.sqrt(c) + epsilon), a, b, c))
            return tuple(np.array(rows).T)
        """,
    ),
)


# -------------------------------------------------------------------------- momentum_rate
def momentum_rate():
    """Return the learning rate for momentum, a number."""
    return 0.1 * (1 - 0.9)


MOMENTUM_RATE = Question(
    momentum_rate,
    section="Step 1: a decaying sum of gradients",
    prompt=r"""You have trained with gradient descent and $\alpha = 0.1$, and go over to momentum in
the form of `momentum_step` with $\beta = 0.9$. On a long, steady slope the steps should in the
long run be as long as before. Which $\alpha$ do you choose now?""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "What does v become if g is the same in every step? Insert the formula into itself.",
        "v = g + βg + β²g + …, a geometric series.",
    ),
    mistakes=(
        Mistake(
            "unchanged",
            "With the same α the steps would in the end be ten times as long: the velocity sums "
            "the gradients of many steps.",
            (("0.1 * (1 - 0.9)", "0.1"),),
        ),
        Mistake(
            "wrong way",
            "You made α larger. Does the velocity lengthen or shorten the steps?",
            (("0.1 * (1 - 0.9)", "0.1 / (1 - 0.9)"),),
            credit=0.25,
        ),
        Mistake(
            "α β",
            "β is the share of the velocity that is kept in each step. How much is there in the "
            "end, if g is added each time?",
            (("0.1 * (1 - 0.9)", "0.1 * 0.9"),),
        ),
        Mistake(
            "two steps only",
            "You add up two gradients, g and βg. On a long slope all the earlier ones count as "
            "well.",
            (("0.1 * (1 - 0.9)", "0.1 / 1.9"),),
            credit=0.25,
        ),
        Mistake(
            "to and fro",
            "The factor 1 + β belongs to a gradient that changes its sign in each step. Here the "
            "slope is steady.",
            (("0.1 * (1 - 0.9)", "0.1 * 1.9"),),
        ),
    ),
)


# ------------------------------------------------------------------------------- adam_bug
def adam_bug():
    """Return the letter of the sentence that is true: "a", "b", "c" or "d"."""
    return "d"


ADAM_BUG = Question(
    adam_bug,
    section="11 Where this goes wrong: a bug to find",
    prompt=r"""Read the program below. On a steady slope Adam makes steps of length $\alpha$, here
1. In the first epoch it does; later it does not. What is wrong?

- **a** $\varepsilon$ is too small: the fraction grows without bound, epoch by epoch.
- **b** The correction divides by a number that becomes too small as $t$ grows.
- **c** $\beta_2$ is too close to 1: $v$ never catches up with $m$, however long one waits.
- **d** From the second epoch on, the correction does not fit the averages any more.""",
    given="""t = 0
for epoch in range(1, 41):
    m = v = 0.0
    steps = []
    for _ in range(50):
        g = 1.0
        t += 1
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        steps.append(m_hat / (np.sqrt(v_hat) + 1e-8))
    if epoch in (1, 2, 10, 40):
        print(f"epoch {epoch:2}: first step {steps[0]:.2f}, longest step {max(steps):.2f}")
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "Print m, m̂, v and v̂ at the beginning of the second epoch.",
        "1 − βᵗ says how full an average is that began at 0 and has been filled t times. How often "
        "has it been filled there?",
    ),
    mistakes=(
        Mistake(
            "a",
            "√v̂ is far larger than ε in every step here. Compare t with the number of gradients "
            "that are in v.",
            (('return "d"', 'return "a"'),),
        ),
        Mistake(
            "b",
            "1 − βᵗ grows with t and goes to 1: the correction fades, as it should. Compare t with "
            "the number of gradients that are in v.",
            (('return "d"', 'return "b"'),),
        ),
        Mistake(
            "c",
            "The slow start of v is what the correction makes up for: in the first epoch, with the "
            "same β₂, all steps are right. What is different in the second?",
            (('return "d"', 'return "c"'),),
        ),
    ),
)


# ---------------------------------------------------------------------------- race_verdict
def race_verdict():
    """Return the letter of the sentence that the table supports: "a", "b", "c" or "d"."""
    return "a"


RACE_VERDICT = Question(
    race_verdict,
    section="7 The learning rate still matters",
    prompt=r"""The program below prints how high two rules still are after 100 steps in a narrow
valley, for several learning rates. Which sentence does the table support?

- **a** Each rule has a best rate of its own, and there they should be compared.
- **b** Adam is the better rule of the two, and it does not matter which rate one gives it.
- **c** Gradient descent is the better rule here: at the same rate it is lower in more rows than
Adam.
- **d** Adam reaches the lowest loss in the whole table, so it would on any other loss.""",
    given="""curvature = np.array([1.0, 100.0])


def height(rule, alpha):
    w, m, v = np.array([5.0, 1.0]), 0.0, 0.0
    for t in range(1, 101):
        g = curvature * w
        if rule == "descent":
            w = w - alpha * g
        else:
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            w = w - alpha * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return curvature @ w**2 / 2


for alpha in (0.001, 0.003, 0.01, 0.03, 0.1):
    heights = height("descent", alpha), height("Adam", alpha)
    print(f"rate {alpha:<6} descent {heights[0]:10.2g}   Adam {heights[1]:10.2g}")
""",
    inputs=lambda rng: (),
    count=1,
    points=1,
    hints=(
        "Look down each column for its lowest entry. Do the two stand in one row?",
        "Choose a row in which one rule wins, then a row in which the other does. What would a "
        "fair comparison fix first?",
    ),
    mistakes=(
        Mistake(
            "b",
            "Look down Adam's column: with small rates it has hardly moved after 100 steps.",
            (('return "a"', 'return "b"'),),
        ),
        Mistake(
            "c",
            "The number of rows depends on which rates were put into the table. With more of "
            "the larger ones the count turns round.",
            (('return "a"', 'return "c"'),),
        ),
        Mistake(
            "d",
            "This is one valley, and it lies along the axes, which is just what a rate for each "
            "coordinate likes. There are losses on which Adam goes to the worst point.",
            (('return "a"', 'return "d"'),),
        ),
    ),
)


# ---------------------------------------------------------------------------- train_digits
def train_digits(X, Y, sizes, rng):
    """Return a trained network, as a list of pairs (W, b), one for each layer.

    X (N, 64) are images and Y (N, 10) their labels, a 1 in each row. sizes are the units per layer,
    inputs first, such as [64, 24, 10]; W is (n_out, n_in) and b is (n_out,). All randomness comes
    from rng.
    """

    def forward(weights, A):
        activations = [A]
        for l, (W, b) in enumerate(weights, start=1):
            z = activations[-1] @ W.T + b
            hidden = l < len(weights)
            activations.append(1 / (1 + np.exp(-z)) if hidden else z)
        return activations

    def gradients(weights, activations, targets):
        p = np.exp(activations[-1] - activations[-1].max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        delta = (p - targets) / len(targets)
        found = []
        for l in range(len(weights) - 1, -1, -1):
            a = activations[l]
            found.insert(0, (delta.T @ a, delta.sum(axis=0)))
            delta = (delta @ weights[l][0]) * a * (1 - a)
        return found

    def adam_step(theta, g, m, v, t, alpha=0.01, beta1=0.9, beta2=0.999, epsilon=1e-8):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon), m, v

    weights = []
    for l in range(1, len(sizes)):
        n_in, n_out = sizes[l - 1], sizes[l]
        weights.append((rng.normal(size=(n_out, n_in)) / np.sqrt(n_in), np.zeros(n_out)))
    state = [[(0.0, 0.0), (0.0, 0.0)] for _ in weights]
    t = 0
    for _ in range(25):
        order = rng.permutation(len(X))
        for i in range(0, len(X), 32):
            rows = order[i : i + 32]
            g = gradients(weights, forward(weights, X[rows]), Y[rows])
            t += 1
            for l, (W, b) in enumerate(weights):
                W, *state[l][0] = adam_step(W, g[l][0], *state[l][0], t)
                b, *state[l][1] = adam_step(b, g[l][1], *state[l][1], t)
                weights[l] = W, b
    return weights


_RIGHT = "a network that is right on at least 90 % of the held-out images"
_HIDDEN = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "none": lambda z: z,
}


def _digits(rng):
    """Draw 600 images, sorted by digit."""
    from course.data import digits

    data = digits()
    rows = rng.permutation(len(data))[:600]
    rows = rows[np.argsort(data.Y[rows].argmax(axis=1), kind="stable")]
    return data.X[rows], data.Y[rows], [64, int(rng.integers(20, 31)), 10], Seeded(7)


def _held_out(X):
    """Return 360 images and labels that are not among X."""
    from course.data import digits

    data = digits()
    known = {row.tobytes() for row in X}
    rows = [i for i, row in enumerate(data.X) if row.tobytes() not in known][::3][:360]
    return data.X[rows], data.Y[rows]


def _logits(network, X, hidden):
    a = X
    for l, (W, b) in enumerate(network, start=1):
        a = a @ W.T + b
        a = hidden(a) if l < len(network) else a
    return a


def _layers(value, sizes):
    """Return the layers as arrays; or in words why there are none."""
    if not isinstance(value, tuple | list) or len(value) != len(sizes) - 1:
        return f"{kind(value)} instead of a list of {len(sizes) - 1} pairs (W, b)"
    network = []
    for l, (pair, n_in, n_out) in enumerate(zip(value, sizes, sizes[1:], strict=False), start=1):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            return f"{kind(pair)} as layer {l}, instead of a pair (W, b)"
        W, b = map(as_numbers, pair)
        if W is None or b is None or W.shape != (n_out, n_in) or b.shape != (n_out,):
            if W is not None and W.shape == (n_in, n_out) and n_in != n_out:
                return "weights of shape (n_in, n_out)"
            return f"{kind(pair[0])} and {kind(pair[1])} as W and b of layer {l}"
        network.append((W, b))
    return network


def _share(network, X, Y, hidden):
    z = _logits(network, X, _HIDDEN[hidden])
    return float((z.argmax(axis=1) == Y.argmax(axis=1)).mean())


def _loss(network, X, Y, hidden):
    z = _logits(network, X, _HIDDEN[hidden])
    z = z - z.max(axis=1, keepdims=True)
    return float((np.log(np.exp(z).sum(axis=1)) - (z * Y).sum(axis=1)).mean())


def _verdict(network, X, Y):
    """Return in words what a network is worth, judged by images that it has not seen."""
    if not all(np.isfinite(p).all() for layer in network for p in layer):
        return "weights that are nan or inf"
    first = network[0][0]
    if np.ptp(first, axis=0).max() < 0.01 * abs(first).max() + 1e-9:
        return "hidden units that are all alike"
    new = _held_out(X)
    share = _share(network, *new, "sigmoid")
    still = [not b.any() for _, b in network]
    if share < 0.9:
        losses = {name: _loss(network, X, Y, name) for name in _HIDDEN}
        best = min(losses, key=losses.__getitem__)
        if best != "sigmoid" and _share(network, *new, best) >= 0.9:
            return "a network for another activation in the hidden layers"
    if share < 0.25:
        if all(still):
            return "a network that answers as if it had not been trained"
        sure = losses["sigmoid"] > 4
        return "a network that is worse than guessing" if sure else "a network that guesses"
    if all(still):
        return "a network whose biases are still zero"
    if any(still):
        return "a network of which only a part was trained"
    if share < 0.9:
        return "a network that has learnt something, but is right on less than 90 %"
    return _RIGHT


def _trained(f, args):
    """Return the trained network, and three small ones, the first two of the same seed."""
    X, Y, sizes, rng = args
    few = X[::12].copy(), Y[::12].copy()
    before = np.random.get_state()  # noqa: NPY002
    try:
        value = f(X, Y, sizes, rng)
        if value is None:
            return None
        small = [f(*map(np.copy, few), list(sizes), _generator(seed)) for seed in (1, 1, 2)]
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return {"network": value, "small": small}


def _judged(value, args):
    """Return in words what was trained, and whether all the chance came from rng."""
    X, Y, sizes = args[:3]
    if value is None:
        return None
    network = _layers(value["network"], sizes)
    if isinstance(network, str):
        return network
    with np.errstate(all="ignore"):
        verdict = _verdict(network, X, Y)
    if verdict != _RIGHT:
        return verdict
    runs = []
    for one in value["small"]:
        layers = _layers(one, sizes)
        if isinstance(layers, str):
            return layers
        runs.append(np.concatenate([p.ravel() for layer in layers for p in layer]))
    if not np.array_equal(runs[0], runs[1]):
        return "another network for the same seed"
    if np.array_equal(runs[0], runs[2]):
        return "the same network for another seed"
    return verdict


def _generator(seed):
    return np.random.default_rng(seed)


TRAIN_DIGITS = Question(
    train_digits,
    section="9 For real: the digits",
    prompt=r"""Everything together, and nothing from the library: train a network on 600 real digits
with your *own* functions. Paste what you have written (`forward`, `gradients`, `minibatches`,
`adam_step`) into this function as inner functions, and adapt them.

* Hidden layers have the sigmoid; the last layer has none, $a^L = z^L$, and the answer is the digit
  with the largest $z^L$.
* Start from random weights, $W_{ij} \sim \mathcal N(0, 1/n_\text{in})$, and $b = 0$.
* With softmax and cross-entropy, $\delta^L = (p - y)/|\mathcal B|$; with another loss, derive your
  own.
* **The images come sorted by digit**, as in many a file.
* Loss, rule, rate, batch size and number of epochs are up to you.

The check trains a network, and asks it for images that it has never seen: at least 90 % must be
right. The whole check may take a minute and trains two and a half times, so a training should stay
below some ten seconds; one second is enough. The cell below gives you data to try it on.""",
    given="""from course.data import digits, split

data, held_out = split(digits(), 1197, np.random.default_rng(0))
order = data.Y.argmax(axis=1).argsort(kind="stable")
X, Y = data.X[order], data.Y[order]
print("to train on:", X.shape, Y.shape, "  held out:", held_out.X.shape)


def share_right(network):
    a = held_out.X
    for layer, (W, b) in enumerate(network, start=1):
        z = a @ W.T + b
        a = z if layer == len(network) else 1 / (1 + np.exp(-z))
    return (a.argmax(axis=1) == held_out.Y.argmax(axis=1)).mean()


# once train_digits is written:
# share_right(train_digits(X, Y, [64, 24, 10], np.random.default_rng(0)))
""",
    inputs=_digits,
    call=_trained,
    facts=_judged,
    count=1,
    points=5,
    seconds=60.0,
    hints=(
        "First make one step right: with random weights, a batch of 32 and a small rate, does the "
        "loss of that batch fall?",
        "Every array of weights has its own m and v, and all share one t, which counts updates "
        "(not epochs) from 1.",
        "`rng.permutation(len(X))` at the beginning of each epoch; `X[rows]` and `Y[rows]` for a "
        "batch.",
        "Adam with α = 0.01, batches of 32 and 25 epochs is right on some 95 % here, in less than "
        "a second.",
    ),
    mistakes=(
        Mistake(
            "not trained",
            "The network that comes back answers as if it had not been trained: its biases are "
            "still zero, and it is right no more often than by chance. Are the new weights stored "
            "after each step, and are those returned?",
            (("range(25)", "range(0)"),),
        ),
        Mistake(
            "zero weights",
            "All hidden units are exactly alike. Units that begin alike have equal gradients "
            "for ever; random weights break the symmetry.",
            (("rng.normal(size=(n_out, n_in)) / np.sqrt(n_in)", "np.zeros((n_out, n_in))"),),
        ),
        Mistake(
            "uphill",
            "The network is worse than guessing, and sure of it. Perhaps the training goes "
            "uphill, or its steps are far too long. Check the sign of δ (prediction minus "
            "target) and of the step, then the rate.",
            (("theta - alpha", "theta + alpha"),),
            credit=0.25,
        ),
        Mistake(
            "X and Y apart",
            "It was trained, but is right no more often than by chance. Do the images and labels "
            "of a batch still belong together? Is the rate so large that every step destroys what "
            "was learnt, or so small that nothing happens?",
            (("Y[rows]", "Y[i : i + 32]"),),
        ),
        Mistake(
            "not enough",
            "It learns, but less than 90 % of the images that it has never seen are right. Are the "
            "images shuffled in each epoch? Are there enough updates, is the rate too small or too "
            "large? If not, test your gradient against central differences.",
            (("range(25)", "range(3)"),),
            credit=0.5,
        ),
        Mistake(
            "biases not trained",
            "The biases are still zero. They are parameters too: ∂L/∂b is the sum of δ over the "
            "batch.",
            (
                (
                    "                b, *state[l][1] = adam_step(b, g[l][1], *state[l][1], t)\n",
                    "",
                ),
            ),
            credit=0.5,
        ),
        Mistake(
            "only a part trained",
            "In one of the layers the biases are still zero, as if it had not been trained. "
            "Does the loop of the δ recursion reach every layer, down to the first?",
            (
                (
                    "                W, *state[l][0]",
                    "                if l == 0:\n                    continue\n"
                    "                W, *state[l][0]",
                ),
            ),
            credit=0.25,
        ),
        Mistake(
            "W transposed",
            "Your weights have the shape (n_in, n_out). In this course W is (n_out, n_in), one row "
            "for each unit, and Z = A Wᵀ + b.",
            (("    return weights\n", "    return [(W.T, b) for W, b in weights]\n"),),
            credit=0.5,
        ),
        Mistake(
            "another activation",
            "Your network works with another activation in its hidden units (the tanh, the relu, "
            "or none), not with the sigmoid. Asked for is the sigmoid, in the forward pass and in "
            "its derivative a(1 − a).",
            (("1 / (1 + np.exp(-z))", "np.tanh(z)"), ("a * (1 - a)", "(1 - a**2)")),
            credit=0.5,
        ),
        Mistake(
            "nan",
            "Some weights are nan or inf. Look for a division by 1 − β⁰ = 0 in the first step "
            "(t starts at 1), a missing ε (many pixels are always blank, so their gradient is "
            "0), or steps that diverge.",
            (("    t = 0", "    t = -1"),),
        ),
        Mistake(
            "global generator",
            "It learns, but the same seed gives another network each time: not all the randomness "
            "comes from rng.",
            (("rng.permutation(len(X))", "np.random.permutation(len(X))"),),
            credit=0.75,
        ),
        Mistake(
            "generator of your own",
            "It learns, but another generator gives the very same network: the randomness does not "
            "come from rng.",
            (("    weights = []\n", "    rng = np.random.default_rng(0)\n    weights = []\n"),),
            credit=0.75,
        ),
    ),
    alternatives=(
        """
        def train_digits(X, Y, sizes, rng):
            d, h, k = sizes
            parameters = [
                rng.standard_normal((h, d)) / d**0.5,
                np.zeros(h),
                rng.standard_normal((k, h)) / h**0.5,
                np.zeros(k),
            ]
            v = [np.zeros_like(p) for p in parameters]
            for epoch in range(60):
                order = rng.permutation(len(X))
                for start in range(0, len(X), 20):
                    rows = order[start : start + 20]
                    W1, b1, W2, b2 = parameters
                    a = 1 / (1 + np.exp(-(X[rows] @ W1.T + b1)))
                    p = np.exp(a @ W2.T + b2)
                    d2 = (p / p.sum(axis=1, keepdims=True) - Y[rows]) / len(rows)
                    d1 = (d2 @ W2) * a * (1 - a)
                    g = [d1.T @ X[rows], d1.sum(axis=0), d2.T @ a, d2.sum(axis=0)]
                    v = [0.9 * one + slope for one, slope in zip(v, g)]
                    parameters = [p - 0.1 * one for p, one in zip(parameters, v)]
            return [(parameters[0], parameters[1]), (parameters[2], parameters[3])]
        """,
        """
        def train_digits(X, Y, sizes, rng):
            # squared error on a sigmoid output: its largest z is also its largest a
            weights = [
                [rng.normal(size=(n, m)) / np.sqrt(m), np.zeros(n)]
                for m, n in zip(sizes, sizes[1:])
            ]
            squares = [[np.zeros_like(p) for p in layer] for layer in weights]
            for step in range(1500):
                rows = rng.choice(len(X), size=32, replace=False)
                a = [X[rows]]
                for W, b in weights:
                    a.append(1 / (1 + np.exp(-(a[-1] @ W.T + b))))
                delta = (a[-1] - Y[rows]) * a[-1] * (1 - a[-1]) / 32
                for l in reversed(range(len(weights))):
                    g = delta.T @ a[l], delta.sum(axis=0)
                    delta = (delta @ weights[l][0]) * a[l] * (1 - a[l])
                    for i in (0, 1):
                        squares[l][i] = 0.95 * squares[l][i] + 0.05 * g[i] ** 2
                        weights[l][i] = weights[l][i] - 0.01 * g[i] / (
                            np.sqrt(squares[l][i]) + 1e-6
                        )
            return weights
        """,
    ),
)


EXERCISE = Exercise(
    "06_adaptive_learning_rates",
    "Adaptive learning rates",
    intro="""Momentum, AdaGrad, RMSProp, Adam, AMSGrad: each is a few lines, and each line can be
wrong in ways that only show after a while. In the last question you train on real digits with
nothing but your own functions.

Unless a task says otherwise, arguments may hold whole numbers as well as fractions, and they are
left as they are: right results that change an argument earn half of the points.""",
    questions=(
        MOMENTUM_STEP,
        MOMENTUM_RATE,
        ADAGRAD_STEP,
        RMSPROP_STEP,
        ADAM_STEP,
        ADAM_TRAJECTORY,
        ADAM_BUG,
        AMSGRAD_STEP,
        RACE_VERDICT,
        TRAIN_DIGITS,
    ),
    outro="""With `train_digits` you have written the whole course in one function: a loss, its
gradient, the chain rule, the δ recursion, minibatches, and a step for each weight.""",
)
