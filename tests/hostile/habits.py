"""Submissions that end, hang or twist their own process; and odd ones that are honest."""

import json

from tests.hostile.case import BCE, MAE, MSE, Case, case

LOOP = "    while True:\n        try:\n            while True: pass\n        except BaseException: pass"
OWN = "it costs its own question only"


def ends(name, code, must=OWN):
    """Return a case whose first answer runs some code, and whose second is right."""
    body = "\n".join("    " + line for line in code.split("\n"))
    return case(name, f"def mse(y, y_hat):\n{body}", MAE, marks="010", must=must)


ENDS = (
    ends("exits", "import os; os._exit(0)"),
    ends("segfault", "import ctypes; ctypes.string_at(0)"),
    ends("aborts", "import os; os.abort()"),
    ends("says-exit", "exit()"),
    ends("interrupts", "raise KeyboardInterrupt"),
    ends("recursion", "return mse(y, y_hat)"),
    ends(
        "recursion-without-limit",
        "import sys; sys.setrecursionlimit(2**31 - 1)\nreturn mse(y, y_hat)",
    ),
    ends(
        "c-stack-overflow",
        "import sys; sys.setrecursionlimit(10**8)\na = []\nfor _ in range(10**7): a = [a]\nreturn repr(a)",
    ),
    ends("asks-for-input", "return input()"),
    ends("never-ends", LOOP.replace("\n    ", "\n")[4:]),
    ends("waits-for-ever", "import threading; threading.Event().wait()"),
    ends(
        "error-that-hangs",
        "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
    ),
    ends("error-that-raises", "class E(Exception):\n    def __str__(self): raise E\nraise E"),
    ends(
        "error-of-a-megabyte", "raise ValueError('<script>alert(1)</script>\\x1b[2J=1+1' * 10**6)"
    ),
    ends(
        "error-type-with-escapes",
        "raise type('<b>\\x1b]0;x\\x07\\n', (Exception,), {})('\\u202e=cmd()')",
    ),
    ends("error-group", "raise BaseExceptionGroup('a', [SystemExit(), KeyboardInterrupt()])"),
    ends("error-is-a-unicode-error", "return b'\\xff'.decode()"),
    ends(
        "value-that-hangs",
        "class V:\n    def __repr__(self):\n        while True: pass\n    __eq__ = __iter__ = __hash__ = __float__ = __repr__\nreturn V()",
    ),
    ends(
        "value-that-hangs-when-it-goes",
        "class V:\n    def __del__(self):\n        while True: pass\nV()",
    ),
    ends("generator-without-end", "while True: yield 1.0"),
    ends("coroutine", "async def f(): return 1.0\nreturn f()"),
    ends("closes-everything", "import os; os.closerange(0, 255)"),
    ends(
        "traces-and-raises",
        "import sys\ndef t(*a): raise SystemExit\nsys.settrace(t); sys.setprofile(t)",
    ),
)
STARTS = (
    case(
        "hangs-at-the-top",
        MSE,
        "while True: pass",
        MAE,
        marks="110",
        must="functions are found without running the loop",
    ),
    case(
        "hangs-and-swallows-at-the-top",
        MSE,
        "if True:\n" + LOOP,
        marks="100",
        must="functions are found without running the loop",
    ),
    case(
        "hangs-in-a-definition",
        "a = [0 for _ in iter(int, 1)]",
        MSE,
        marks="000",
        must="it ends in time",
    ),
    case(
        "exits-at-the-top",
        "import os; os._exit(3)",
        MSE,
        marks="100",
        must="functions are found without that cell",
    ),
    case("says-exit-at-the-top", "exit()", MSE, marks="100", must="the next cell runs"),
    case("asks-at-the-top", "name = input('name? ')", MSE, marks="100", must="the next cell runs"),
    case(
        "registers-for-the-end",
        "import atexit, os\natexit.register(lambda: open('@canary@/new', 'w'))",
        MSE,
        marks="100",
        must="no exit handler runs",
    ),
    case(
        "sleeps-near-every-deadline",
        "import time\ntime.sleep(1.4)\n"
        "def mse(y, y_hat): time.sleep(0.9)\nmae_gradient = bce = mse",
        marks="000",
        must="all its questions together have a deadline",
    ),
    case(
        "sleeps-near-the-deadline-and-dies",
        "import os, time\ntime.sleep(1.4)\n"
        "def mse(y, y_hat): time.sleep(0.9); os._exit(0)\nmae_gradient = bce = mse",
        marks="000",
        must="all its starts together have a deadline",
    ),
    case("empties-its-modules", "import sys\nsys.modules.clear()", MSE, marks="000", must=OWN),
    case("no-imports", "import builtins\nbuiltins.__import__ = None", MSE, marks="100", must=OWN),
    case(
        "no-output",
        "import sys\nsys.stdout = sys.stderr = sys.stdin = None",
        MSE,
        marks="100",
        must=OWN,
    ),
    case("elsewhere", "import os\nos.chdir('/')\nos.environ.clear()", MSE, marks="100", must=OWN),
    case(
        "warnings-are-errors",
        "import warnings\nwarnings.simplefilter('error')\nnp.seterr(all='raise')",
        MSE,
        BCE,
        marks="101",
        must="the runner sets that itself",
    ),
    case(
        "print-options",
        "np.set_printoptions(threshold=0, precision=0, formatter={'float': lambda x: 1 / 0})",
        MSE,
        marks="100",
        must=OWN,
    ),
    case(
        "no-garbage-collection",
        "import gc\ngc.disable(); gc.freeze(); gc.callbacks.append(lambda *a: 1 / 0)",
        MSE,
        marks="100",
        must=OWN,
    ),
    case(
        "import-hook",
        "import sys\nclass H:\n    def find_spec(self, *a): raise SystemExit\nsys.meta_path.insert(0, H())",
        MSE,
        marks="100",
        must=OWN,
    ),
    case(
        "renames-itself",
        "__name__ = '__not_main__'\n__builtins__ = {}\nnp = None",
        MSE,
        marks="000",
        must="its answers need what it took away",
    ),
)
ODD = (
    case(
        "last-counts-right",
        "def mse(y, y_hat): return 0.0",
        MSE,
        marks="100",
        must="the last definition counts",
    ),
    case(
        "last-counts-wrong",
        MSE,
        "def mse(y, y_hat): return 0.0",
        marks="000",
        must="the last definition counts",
    ),
    case(
        "caches-by-input",
        MSE,
        "right, seen = mse, {}\ndef mse(y, y_hat):\n    key = (y.tobytes(), y_hat.tobytes())\n    if key not in seen: seen[key] = right(y, y_hat)\n    return seen[key]",
        marks="100",
        must="memory is no crime",
    ),
    case(
        "keeps-count",
        MSE,
        "right, calls = mse, []\ndef mse(y, y_hat, calls=calls):\n    calls.append(1)\n    return right(y, y_hat) + (len(calls) > 8)",
        marks="000",
        must="the second round finds what changes",
    ),
    case(
        "changes-its-arguments",
        MSE,
        "right = mse\ndef mse(y, y_hat):\n    value = right(y, y_hat)\n    y[...] = y_hat[...] = 0\n    return value",
        marks="000",
        must="arguments are to be left alone",
    ),
    case(
        "decorated",
        "import functools\ndef d(f):\n    @functools.wraps(f)\n    def g(*a): return f(*a)\n    return g\n@d\n"
        + MSE,
        marks="100",
        must="a decorated function is a function",
    ),
    case(
        "an-object-to-call",
        MSE,
        "class M:\n    right = staticmethod(mse)\n    def __call__(self, y, y_hat): return self.right(y, y_hat)\nmse = M()",
        "mae_gradient = lambda y, y_hat: np.sign(y_hat - y) / len(y)",
        marks="110",
        must="whatever can be called is a function",
    ),
    case(
        "partial",
        "import functools\ndef f(n, y, y_hat): return np.sign(y_hat - y) / len(y)\nmae_gradient = functools.partial(f, 1)",
        marks="010",
        must="whatever can be called is a function",
    ),
    case("asynchronous", "async " + MSE, marks="000", must="a coroutine is no number"),
    case(
        "a-class",
        "class mse:\n    def __init__(self, y, y_hat): pass",
        "mae_gradient = 3",
        marks="000",
        must="an object is no number",
    ),
    case(
        "wants-more-arguments",
        "def mse(y): return 0\ndef mae_gradient(*a, **k): return np.sign(a[1] - a[0]) / len(a[0])",
        marks="010",
        must="arguments are told",
    ),
    case(
        "magics",
        "%matplotlib inline\n!rm -rf @canary@\n?mse\nmse?",
        "%%time\n" + MSE,
        "%%bash\nrm -rf @canary@",
        MAE,
        marks="110",
        must="magics and shell lines do nothing",
    ),
    case("nothing-at-all", marks="000", must="an empty notebook earns nothing"),
    case(
        "syntax-errors",
        "def mse(:",
        "\x00",
        "\ud800",
        "(" * 5000,
        "x = " + "-" * 100000 + "1",
        MAE,
        marks="010",
        must="cells that cannot be read are passed over",
    ),
    case(
        "a-cell-of-a-megabyte",
        "data = '" + "x" * 10**6 + "'\n" + MSE,
        marks="100",
        must="long cells are whole",
    ),
    case("many-cells", *["x = 1"] * 1500, MSE, marks="100", must="all cells are read"),
)


def raw(name, data, marks="000", must="a file that is no notebook costs its own points only"):
    """Return a case of a file that was not written by Jupyter."""
    return Case(name, data if isinstance(data, bytes) else json.dumps(data).encode(), marks, must)


def code(source, **more):
    """Return a code cell."""
    return {"cell_type": "code", "source": source, **more}


BROKEN = (
    raw("no-json", b"{"),
    raw("empty-file", b""),
    raw("only-zeros", bytes(1000)),
    raw("not-a-dict", [1, 2]),
    raw("no-cells", {"cells": {"a": 1}}),
    raw(
        "cells-of-everything",
        {"cells": [None, 1, "a", [], {}, {"cell_type": "code", "source": 3}, code([1, MSE])]},
        "100",
        "what is a cell counts",
    ),
    raw("deep-json", b"[" * 10**6),
    raw("giant-number", b'{"cells": ' + b"9" * 10**6 + b"}"),
    raw(
        "a-million-cells",
        b'{"cells": ['
        + b'{"cell_type":"code","source":""},' * 500_000
        + json.dumps(code(MSE)).encode()
        + b"]}",
        "100",
        "empty cells are no cells",
    ),
    raw("too-many-cells", {"cells": [code("x = 1")] * 5000 + [code(MSE)]}),
    raw("larger-than-is-read", b" " * 21 * 2**20),
    raw(
        "byte-order-mark",
        b"\xef\xbb\xbf" + json.dumps({"cells": [code(MSE)]}).encode(),
        "100",
        "a byte-order mark is no crime",
    ),
    raw("utf-16", json.dumps({"cells": [code(MSE)]}).encode("utf-16")),
    raw(
        "source-as-list",
        {"cells": [code(MSE.splitlines(keepends=True))]},
        "100",
        "both forms are read",
    ),
    raw(
        "ids-twice-and-lost",
        {"cells": [code(MSE, id="a"), code(MAE, id="a"), code("x = 1")]},
        "110",
        "ids are not looked at",
    ),
    raw(
        "metadata-edited",
        {
            "cells": [
                code(
                    "def mse(y, y_hat): return 0",
                    metadata={
                        "nbgrader": {
                            "grade": True,
                            "points": 10**6,
                            "grade_id": "mse",
                            "locked": False,
                        }
                    },
                )
            ],
            "metadata": {"points": 1e9},
        },
        "000",
        "metadata is not looked at",
    ),
    raw(
        "keys-twice",
        b'{"cells": [], "cells": [' + json.dumps(code(MSE)).encode() + b"]}",
        "100",
        "as JSON has it",
    ),
)

CASES = (*ENDS, *STARTS, *ODD, *BROKEN)
