"""One training step, written for each library: the same mathematics on the same numbers.

A contestant is made from a network, its dataset and a batch size. `run(steps)` makes that many
updates of a sigmoid network with half squared error (summed over components, mean over the
minibatch) and plain gradient descent, keeps the value of the loss of each, and returns the last.

Ours and PyTorch eager draw and copy their shuffled minibatches inside the measured time, as a
training loop does; all others get theirs cut beforehand, which is in their favour.

This module is also a program, so that each library has a process of its own and no library's
sleeping threads disturb another: it reads requests from its input, one line of JSON each.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import numpy as np

from course.activations import sigmoid
from course.data import Dataset
from course.descent import train
from course.losses import half_squared_error
from course.network import Network, mlp
from course.optimizers import GradientDescent

RATE = 0.1


@dataclass(frozen=True)
class Task:
    """What to train: layer sizes, examples per minibatch, minibatches per epoch, dtype."""

    sizes: tuple[int, ...]
    batch: int
    batches: int
    dtype: str

    def made(self) -> tuple[Network, Dataset]:
        """Return the network and its dataset: random numbers, targets in (0, 1)."""
        rng = np.random.default_rng(0)
        network = mlp(self.sizes, sigmoid, rng, dtype=self.dtype)
        n = self.batch * self.batches
        X = rng.standard_normal((n, self.sizes[0])).astype(self.dtype)
        Y = rng.random((n, self.sizes[-1])).astype(self.dtype)
        return network, Dataset(X, Y, "random numbers")


def pieces(task: Task) -> tuple[Network, list[tuple[np.ndarray, np.ndarray]]]:
    """Return the network and its minibatches, cut beforehand."""
    network, data = task.made()
    cuts = [slice(i * task.batch, (i + 1) * task.batch) for i in range(task.batches)]
    return network, [(data.X[cut], data.Y[cut]) for cut in cuts]


class Ours:
    """`train` itself, with its shuffling, copying of minibatches and checks."""

    def __init__(self, task: Task) -> None:
        self.task, self.rng = task, np.random.default_rng(0)
        self.network, self.data = task.made()

    def run(self, steps: int) -> float:
        epochs = -(-steps // self.task.batches)
        result = train(
            self.network,
            self.data,
            half_squared_error,
            GradientDescent(RATE),
            epochs=epochs,
            batch_size=self.task.batch,
            rng=self.rng,
        )
        self.network = result.network
        return float(result.batch_losses[-1])


class Torch:
    """PyTorch eager, as everybody writes it: nn.Sequential, autograd, optim.SGD.

    Minibatches are drawn by a permutation of row numbers, far faster than PyTorch's DataLoader.
    """

    def __init__(self, task: Task) -> None:
        import torch

        network, data = task.made()
        self.torch, self.task = torch, task
        layers: list[Any] = []
        for layer in network.layers:
            linear = torch.nn.Linear(layer.W.shape[1], layer.W.shape[0])
            linear.weight = torch.nn.Parameter(torch.from_numpy(layer.W.copy()))
            linear.bias = torch.nn.Parameter(torch.from_numpy(layer.b.copy()))
            layers += [linear, torch.nn.Sigmoid()]
        self.model = torch.nn.Sequential(*layers)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=RATE)
        self.loss = torch.nn.MSELoss(reduction="sum")
        self.X, self.Y = torch.from_numpy(data.X), torch.from_numpy(data.Y)

    def run(self, steps: int) -> float:
        losses = []
        for _ in range(-(-steps // self.task.batches)):
            for rows in self.torch.randperm(len(self.X)).split(self.task.batch):
                X, Y = self.X[rows], self.Y[rows]
                loss = self.loss(self.model(X), Y) / (2 * len(X))
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                losses.append(loss.item())
        return losses[-1]


class TorchBare:
    """PyTorch eager without modules and optimizer: tensors, autograd, an update in place."""

    def __init__(self, task: Task) -> None:
        import torch

        network, batches = pieces(task)
        self.torch = torch
        self.parameters = [
            torch.from_numpy(p.copy()).requires_grad_()
            for layer in network.layers
            for p in (layer.W, layer.b)
        ]
        self.batches = cycle([(torch.from_numpy(X), torch.from_numpy(Y)) for X, Y in batches])

    def run(self, steps: int) -> float:
        torch, p = self.torch, self.parameters
        losses = []
        for X, Y in islice(self.batches, steps):
            a = X
            for W, b in zip(p[::2], p[1::2], strict=True):
                a = torch.sigmoid(torch.nn.functional.linear(a, W, b))
            loss = torch.nn.functional.mse_loss(a, Y, reduction="sum") / (2 * len(X))
            gradients = torch.autograd.grad(loss, p)
            with torch.no_grad():
                for parameter, gradient in zip(p, gradients, strict=True):
                    parameter.sub_(gradient, alpha=RATE)
            losses.append(loss.item())
        return losses[-1]


class Jax:
    """JAX: the whole step compiled by `jit`, its parameters' memory reused, no waiting between."""

    def __init__(self, task: Task) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        jnp = jax.numpy
        network, batches = pieces(task)

        def loss_of(parameters: Any, X: Any, Y: Any) -> Any:
            a = X
            for W, b in parameters:
                a = jax.nn.sigmoid(a @ W.T + b)
            return jnp.square(a - Y).sum() / (2 * len(X))

        def step(parameters: Any, X: Any, Y: Any) -> Any:
            value, gradients = jax.value_and_grad(loss_of)(parameters, X, Y)
            return jax.tree.map(lambda p, g: p - RATE * g, parameters, gradients), value

        self.step = jax.jit(step, donate_argnums=0)
        self.parameters = [(jnp.array(W), jnp.array(b)) for W, b in network.weights]
        self.batches = cycle([(jnp.array(X), jnp.array(Y)) for X, Y in batches])

    def run(self, steps: int) -> float:
        losses = []
        for X, Y in islice(self.batches, steps):
            self.parameters, value = self.step(self.parameters, X, Y)
            losses.append(value)
        return float(losses[-1])


class ScikitLearn:
    """MLPRegressor.partial_fit on all minibatches: one epoch a call.

    The nearest that scikit-learn offers: its output layer is linear, so there is no sigmoid and no
    derivative of it in the last layer; the loss also averages over components. All else is alike.
    """

    def __init__(self, task: Task) -> None:
        from sklearn.neural_network import MLPRegressor

        self.task, (_, self.data) = task, task.made()
        self.model = MLPRegressor(
            hidden_layer_sizes=task.sizes[1:-1],
            activation="logistic",
            solver="sgd",
            alpha=0.0,
            batch_size=task.batch,
            learning_rate_init=RATE,
            momentum=0.0,
            nesterovs_momentum=False,
            random_state=0,
        )
        self.Y = self.data.Y.ravel() if task.sizes[-1] == 1 else self.data.Y

    def run(self, steps: int) -> float:
        for _ in range(-(-steps // self.task.batches)):
            self.model.partial_fit(self.data.X, self.Y)
        return float(self.model.loss_)


class Products:
    """Only the step's matrix products, into memory that is there: what no NumPy step can beat.

    As in the step each W lies column by column, which is the faster way round.
    """

    def __init__(self, task: Task) -> None:
        rng = np.random.default_rng(0)
        self.calls = []
        for l, (n_in, n_out) in enumerate(zip(task.sizes, task.sizes[1:], strict=False)):
            shapes = [(task.batch, n_in), (n_in, n_out), (task.batch, n_out)]
            a, W_T, delta = (rng.standard_normal(shape).astype(task.dtype) for shape in shapes)
            self.calls.append((a, W_T, np.empty_like(delta)))  # Z = A Wᵀ
            self.calls.append((a.T, delta, np.empty_like(W_T)))  # (∂L/∂W)ᵀ = Aᵀ δ
            if l > 0:
                self.calls.append((delta, W_T.T, np.empty_like(a)))  # δ W, for the layer below

    def run(self, steps: int) -> float:
        for _ in range(steps):
            for left, right, out in self.calls:
                np.dot(left, right, out=out)
        return float("nan")


#: name: class, and whether it computes the very same numbers as ours
CONTESTANTS: dict[str, tuple[type, bool]] = {
    "ours": (Ours, True),
    "bare products": (Products, False),
    "PyTorch eager": (Torch, True),
    "PyTorch eager, bare": (TorchBare, True),
    "JAX jit": (Jax, True),
    "scikit-learn": (ScikitLearn, False),
}


def difference(name: str, sizes: tuple[int, ...], dtype: str) -> float:
    """Return how far a contestant's loss is from ours after five steps, relative to ours."""
    task = Task(sizes, 8, 1, dtype)  # with one minibatch, shuffling changes nothing
    ours = Ours(task).run(5)
    return abs(CONTESTANTS[name][0](task).run(5) - ours) / ours


def serve(name: str, threads: int) -> None:
    """Answer requests: a task starts a contestant, a number of seconds measures it.

    With one thread the clock counts the processor time of this process: on an idle machine that is
    the time on the wall, on a busy one it leaves out the waiting for a core. `share`
    says how much of a core the process had.
    """
    clock = time.process_time if threads == 1 else time.perf_counter
    if name.startswith("PyTorch"):
        import torch

        torch.set_num_threads(threads)
    for line in sys.stdin:
        request = json.loads(line)
        if "task" in request:
            task = Task(**request["task"])
            contestant = CONTESTANTS[name][0](task)
            error = difference(name, task.sizes, task.dtype) if CONTESTANTS[name][1] else None
            contestant.run(2 * task.batches)
            print(json.dumps({"error": error}), flush=True)
        else:
            # as many whole epochs as fill the time; the first ones warm the caches
            start = clock()
            contestant.run(task.batches)
            once = clock() - start
            steps = task.batches * max(1, round(request["seconds"] / once))
            wall, start, own = time.perf_counter(), clock(), time.process_time()
            contestant.run(steps)
            took, own = clock() - start, time.process_time() - own
            share = own / (time.perf_counter() - wall)
            print(json.dumps({"seconds": took / steps, "share": share}), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
