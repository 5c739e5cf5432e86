"""Answers as learners give them: a cell of a notebook."""

import numpy as np
from IPython.core.compilerop import CachingCompiler


def cell(source, **names):
    """Run a cell as IPython does, its source known to tracebacks, and return its function."""
    compiler = CachingCompiler()
    name = compiler.cache(source, number=1)
    space = {"np": np, "__name__": "__main__", **names}
    exec(compiler(source, name, "exec"), space)
    functions = [value for key, value in space.items() if key not in names and callable(value)]
    return functions[-1]


RIGHT_MSE = """
def mse(y, y_hat):
    if y.shape != y_hat.shape:
        raise ValueError("shapes")
    return ((y - y_hat) ** 2).sum() / len(y)
"""
