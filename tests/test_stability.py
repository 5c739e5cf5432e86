"""The notebooks say the same on every processor: their outputs do not depend on last bits.

OpenBLAS chooses its matrix products by the processor and splits them among threads, and NumPy
chooses its elementary functions by the processor; each choice rounds differently. Every setting
here is proved to be in force in the very kernels that are checked: a probe runs beside the lessons.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.notebook_check import ROOT, check, copied, two_at_a_time

#: Says which matrix products and elementary functions numpy uses, and really uses both.
PROBE = """\
import ctypes
import os
import numpy as np
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

table = np.random.default_rng(0).standard_normal((300, 300))
assert np.isfinite(np.linalg.eigvalsh(np.exp(table @ table.T / 1000))).all()
words = open("/proc/self/maps").read().split() if os.path.exists("/proc/self/maps") else []
core = threads = None
for library in map(ctypes.CDLL, sorted({word for word in words if "openblas" in word})):
    for name in ("{}_get_corename", "{}_get_num_threads"):
        for prefix in ("openblas", "scipy_openblas"):
            for suffix in ("", "64_"):
                function = getattr(library, name.format(prefix) + suffix, None)
                if function and "core" in name:
                    function.restype = ctypes.c_char_p
                    core = function().decode()
                elif function:
                    threads = function()
simd = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
print("products:", core, " threads:", threads, " simd:", *simd, " cos:", type(np.cos).__name__)
"""

#: Put first on a kernel's path: every elementary function errs by one unit in the last place, up
#: or down, as those of another processor may; only results that are exact everywhere are kept.
OTHER_LAST_BITS = """\
import numpy as np


def erring(f):
    def function(*arguments, **options):
        exact = f(*arguments, **options)
        if options or getattr(exact, "dtype", None) != np.float64:
            return exact
        exact = np.asarray(exact)
        up = exact.view(np.int64) & 4 > 0
        inexact = np.isfinite(exact) & ~np.isin(exact, (-1, 0, 1))
        erred = np.nextafter(exact, np.where(up, np.inf, -np.inf))
        return np.where(inexact, erred, exact)[()]

    return function


for name in ("exp", "expm1", "log", "log1p", "log10", "sin", "cos", "tan", "arctan", "tanh"):
    setattr(np, name, erring(getattr(np, name)))
"""


@dataclass(frozen=True)
class Machine:
    """A processor to imitate: OpenBLAS's name for it, its threads, and how numpy computes."""

    core: str = ""
    threads: int = 0
    baseline: bool = False  # numpy uses no instruction that not every processor has
    erring: bool = False

    @property
    def settings(self):
        chosen = {}
        if self.core:
            chosen["OPENBLAS_CORETYPE"] = self.core
        if self.threads:
            for library in ("OPENBLAS", "OMP", "MKL"):
                chosen[f"{library}_NUM_THREADS"] = str(self.threads)
        if self.baseline:
            from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

            here = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
            chosen["NPY_DISABLE_CPU_FEATURES"] = " ".join(here)
        return chosen

    def __str__(self):
        words = [self.core or "this one", f"{self.threads} threads" if self.threads else ""]
        words += ["numpy baseline"] * self.baseline + ["other last bits"] * self.erring
        return ", ".join(filter(None, words))


MACHINES = (
    Machine("Nehalem", threads=1, baseline=True, erring=True),
    Machine("Haswell", threads=2),
    Machine("SkylakeX", threads=2),
)


class Impossible(Exception):
    """Why this computer cannot imitate a machine."""


def probed(machine, folder):
    """Return what the probe says in this folder, after checking that it says the right thing."""
    outcome = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**os.environ, **machine.settings, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    if outcome.returncode == -signal.SIGILL:
        raise Impossible(f"this processor lacks the instructions of OpenBLAS's {machine.core}")
    assert outcome.returncode == 0, outcome.stderr
    said = outcome.stdout
    if machine.core and "products: None" in said:
        raise Impossible("this numpy has no OpenBLAS that can be asked for its processor")
    if machine.core and f"products: {machine.core} " not in said:
        raise Impossible(f"this OpenBLAS does not take the name {machine.core}: {said}")
    if machine.threads > (os.cpu_count() or 1):
        raise Impossible(f"this computer has no {machine.threads} processors")
    assert not machine.threads or f"threads: {machine.threads} " in said
    assert not machine.baseline or "simd:  cos:" in said
    assert f"cos: {'function' if machine.erring else 'ufunc'}" in said
    return said


def probe_notebook(said):
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "probe",
        "metadata": {},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": said}],
        "source": PROBE,
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def runs(request, tmp_path_factory):
    """Check all notebooks on the machines that were asked for."""
    lessons = [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]

    place = tmp_path_factory.mktemp("machines")  # pytest makes no folder in two threads at once

    def run(machine):
        folder = copied(Path(mkdtemp(dir=place)), *lessons)
        if machine.erring:
            (folder / "sitecustomize.py").write_text(OTHER_LAST_BITS, encoding="utf-8")
        said = probed(machine, folder)
        (folder / "notebooks" / "probe.ipynb").write_text(probe_notebook(said), encoding="utf-8")
        outcome = check(folder, "notebooks", settings=machine.settings)
        shutil.rmtree(folder)
        return outcome

    chosen = [
        item.callspec.params["machine"]
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    ]
    with two_at_a_time(run, chosen) as futures:
        yield futures


@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_notebooks_say_the_same(machine, runs):
    try:
        outcome = runs[machine].result()
    except Impossible as reason:
        pytest.skip(str(reason))
    assert outcome.returncode == 0, outcome.stdout[-6000:] + outcome.stderr
    assert "notebooks/probe.ipynb ." in outcome.stdout
