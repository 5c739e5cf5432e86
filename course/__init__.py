"""How neural networks learn: the mathematics of the course.

Floor 0 holds what stands alone (data, activations, losses, surfaces, numeric, graph, optimizers,
schedules); floor 1 holds what the lessons compute with it (network, backprop, descent, neuron).
`import course` loads numpy and these modules, nothing that draws.
"""

from course import (
    _start,  # noqa: F401 - the first of all
    activations,
    backprop,
    data,
    descent,
    graph,
    losses,
    network,
    neuron,
    numeric,
    optimizers,
    schedules,
    surfaces,
)

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "activations",
    "backprop",
    "data",
    "descent",
    "graph",
    "losses",
    "network",
    "neuron",
    "numeric",
    "optimizers",
    "schedules",
    "surfaces",
]
