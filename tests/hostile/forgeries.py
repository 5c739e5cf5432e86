"""Submissions that want points they did not earn, or the answers of the course."""

from tests.hostile.case import BCE, MAE, MSE, case

#: finds the wire module and the socket of its own process, and speaks over it
WIRE = """
import gc, json, os, socket, stat, struct, sys
wire = sys.modules["__main__"].wire  # the collector does not show what was there before the fork
fd = next(f for f in range(64) if not _fails(os.fstat, f) and stat.S_ISSOCK(os.fstat(f).st_mode))
def say(header, body=b"", lengths=None):
    if not isinstance(header, bytes):
        header = json.dumps(header).encode()
    os.write(fd, struct.pack("<II", *(lengths or (len(header), len(body)))))
    data = header + body
    while data:
        data = data[os.write(fd, data[:60000]):]
"""
FAILS = """
def _fails(f, *args):
    try:
        f(*args)
    except OSError:
        return True
    return False
"""
ZERO = "def mse(y, y_hat):\n    return 0.0"


def forged(name, code, marks="000", must="a forged message earns nothing"):
    """Return a case whose function `mse` speaks for itself over the socket."""
    return case(
        name,
        FAILS + WIRE,
        f"def mse(y, y_hat):\n{indented(code)}\n    return 0.0",
        marks=marks,
        must=must,
    )


def indented(code):
    """Return code one level deeper."""
    return "\n".join("    " + line for line in code.strip().split("\n"))


def answer(value="None", error="None", after="None", takes="''", printed="''", runs="18"):
    """Return code that sends a well-formed message with one value in all trials."""
    return f"""
one = ({value}, ({error}, {after}, {printed}))
os.write(fd, wire.encode(dict(runs=[[one] * ({runs} // 2)] * 2, takes={takes})))
"""


LIAR = """
class Liar{base}:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __hash__(self): return 0
    def __bool__(self): return True
    def __float__(self): return 1.0
    def __int__(self): return 1
    def __index__(self): return 1
    def __len__(self): return 3
    def __array__(self, *a, **k): return np.zeros(3)
    def __sub__(self, other): return 0.0
    __rsub__ = __add__ = __mul__ = __sub__
    def __abs__(self): return 0.0
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __instancecheck__(self, kind): return True
def mse(y, y_hat): return Liar({argument})
mae_gradient = bce = mse
"""


def liar(name, base, argument=""):
    """Return a case that returns an object which says that it equals everything."""
    base, must = f"({base})" if base else "", "an object that lies is a plain value, or none"
    return case(name, LIAR.format(base=base, argument=argument), marks="000", must=must)


PATCHES = (
    case(
        "allclose-says-yes",
        "for name in ('allclose', 'isclose', 'array_equal', 'array_equiv', 'all', 'any'):\n"
        "    setattr(np, name, lambda *a, **k: True)\n"
        "np.testing.assert_allclose = lambda *a, **k: None",
        ZERO,
        MAE,
        marks="010",
        must="NumPy's comparisons are the grader's own",
    ),
    case(
        "builtins-say-yes",
        "import builtins\n"
        "for name in ('isinstance', 'all', 'any', 'callable', 'hasattr', 'issubclass'):\n"
        "    setattr(builtins, name, lambda *a, **k: True)",
        ZERO,
        marks="000",
        must="builtins are the grader's own",
    ),
    case(
        "float-compares-equal",
        "import ctypes\n"
        "class T(ctypes.Structure):\n"
        "    _fields_ = [('head', ctypes.c_void_p * 25), ('compare', ctypes.c_void_p)]\n"
        "for a, b in ((float, complex),):\n"
        "    T.from_address(id(a)).compare = T.from_address(id(b)).compare",
        ZERO,
        marks="000",
        must="even the interpreter of the child is not the grader's",
    ),
    case(
        "json-patched",
        "import json\njson.dumps = lambda *a, **k: 'true'",
        MSE,
        marks="000",
        must="it harmed its own answers only",
    ),
    case(
        "struct-patched",
        "import gc\nfor m in gc.get_objects():\n"
        "    if getattr(m, '__name__', '') == 'wire':\n"
        "        m._HEAD = type('H', (), {'pack': lambda *a: b'\\xff' * 8, 'size': 8})()",
        MSE,
        marks="100",
        must="an endless header is refused before it is read; then the cell is left out",
    ),
    case(
        "runner-patched",
        "import sys\nf = sys._getframe()\n"
        "while f.f_back: f = f.f_back\n"
        "g = vars(f.f_globals['answering'])\n"
        "g['trial'] = lambda call, function, args: (0.0, None)\n"
        "g['takes'] = lambda *a: ''",
        ZERO,
        MAE,
        marks="000",
        must="a runner that was replaced knows no right values",
    ),
    case(
        "numpy-of-the-runner-patched",
        "np.asarray = np.ascontiguousarray = np.array = lambda *a, **k: 1 / 0",
        MSE,
        MAE,
        marks="000",
        must="what it breaks of the runner costs its own answers",
    ),
    case(
        "points-in-metadata",
        "points = grade = score = 100\n__points__ = {'mse': 100}\ncheck = lambda f: 100",
        ZERO,
        marks="000",
        must="points are given by the grader",
    ),
    case(
        "answers-by-heart",
        "def mse(y, y_hat):\n"
        "    if y.shape != y_hat.shape: raise ValueError\n"
        "    return {(1.0, 2.0): 0.5}.get(tuple(y.ravel()[:2]), 0.25)",
        marks="000",
        must="inputs are drawn anew for each learner",
    ),
    liar("liar-object", ""),
    liar("liar-float", "float", "1.0"),
    liar("liar-int", "int", "1"),
    liar("liar-text", "str", "'1'"),
    liar("liar-list", "list", "[1.0]"),
    liar("liar-dict", "dict", "{}"),
    liar("liar-tuple", "tuple", "(1.0,)"),
    case(
        "liar-array",
        "class A(np.ndarray):\n"
        "    def __eq__(self, other): return np.array(True)\n"
        "    def __array_ufunc__(self, *a, **k): return np.array(True)\n"
        "    def __array_function__(self, *a, **k): return np.array(True)\n"
        "    def tobytes(self, *a): return b''\n"
        "def mae_gradient(y, y_hat): return np.zeros(len(y)).view(A)",
        MSE,
        marks="100",
        must="a subclass of an array is sent as its numbers",
    ),
    case(
        "array-that-runs-code",
        "class A:\n    def __array__(self, *a, **k):\n        while True: pass\n"
        "def mse(y, y_hat): return A()\ndef mae_gradient(y, y_hat): return [A()]",
        BCE,
        marks="001",
        must="no method of a returned object is called",
    ),
    case(
        "strange-arrays",
        "def mse(y, y_hat): return np.array([None, object()])\n"
        "def mae_gradient(y, y_hat): return np.zeros(len(y), dtype='M8[s]')\n"
        "def bce(y, p): return np.zeros(3, dtype=[('a', 'f8'), ('b', 'O')])",
        marks="000",
        must="only arrays of plain numbers are sent",
    ),
    case(
        "infinite-list",
        "class L(list):\n"
        "    def __iter__(self):\n        while True: yield 1.0\n"
        "class D(dict):\n    def items(self):\n        while True: yield 'a', 1\n"
        "def mse(y, y_hat): return L([1])\ndef mae_gradient(y, y_hat): return D(a=1)",
        BCE,
        marks="001",
        must="the parts of a value are counted",
    ),
    case(
        "value-within-itself",
        "def mse(y, y_hat):\n    a = []\n    a.append(a)\n    return a",
        MAE,
        marks="010",
        must="the depth of a value is limited",
    ),
    case(
        "type-with-a-huge-name",
        "def mse(y, y_hat): return type('<script>\\x1b[2J' + 'x' * 10**7, (), {})()",
        MAE,
        marks="010",
        must="names are cut",
    ),
    case(
        "nan-and-infinities",
        "def mse(y, y_hat): return float('nan')\n"
        "def mae_gradient(y, y_hat): return np.full(len(y), np.inf)\ndef bce(y, p): return -np.inf",
        marks="000",
        must="nan equals nothing but an expected nan",
    ),
    case(
        "always-raises-what-an-edge-should",
        "def mse(y, y_hat): raise ValueError\nmae_gradient = bce = mse",
        marks="000",
        must="an error is right only where one is due",
    ),
    case(
        "broadcasts",
        "def mse(y, y_hat): return np.zeros((1,) * 30)\n"
        "def mae_gradient(y, y_hat): return np.zeros((len(y), 1))\ndef bce(y, p): return [[[]]]",
        marks="000",
        must="shapes must be equal",
    ),
)

MESSAGES = (
    forged(
        "says-that-it-is-right",
        "say(['d', 'points', 9])",
    ),
    forged("says-true", "say(True)"),
    forged("oversize-header", "say(b'', lengths=(2**32 - 1, 2**32 - 1))"),
    forged("oversize-header-within-the-limit", "say(b'[' * 10, lengths=(60 * 2**20, 0))"),
    forged("lying-shape", "say(['a', 'float64', 2**26, 2**26, 2**26])"),
    forged(
        "empty-shape-of-great-length",
        "say(['a', 'float64', 0, 2**26, 2**26, 2**26])",
    ),
    forged("negative-shape", "say(['a', 'float64', -1], bytes(80))"),
    forged("unknown-dtype", "say(['a', 'object', 1], bytes(8))"),
    forged("deep-nesting", "say(b'[' * 10**6 + b']' * 10**6)"),
    forged("deep-nesting-of-values", "say(b'[\"l\",' * 90000 + b'0' + b']' * 90000)"),
    forged("a-million-parts", "say(b'[\"l\"' + b',0' * 10**6 + b']')"),
    forged("twenty-million-parts", "say(b'[\"l\"' + b',[]' * (2 * 10**7) + b']')"),
    forged("nan-keys", answer("{float('nan'): 1.0, float('inf'): 2.0}", after="(y, y_hat)")),
    forged(
        "a-line-that-is-infinite",
        answer(error="dict(base='ValueError', words='', line=['cell 1', float('inf')])"),
        must="whatever is told, the grader goes on",
    ),
    forged(
        "errors-that-cannot-be-made",
        answer(error="dict(base='BaseExceptionGroup', words='x' * 10**5, line=None)"),
    ),
    forged(
        "an-error-that-ends-programs",
        answer(error="dict(base='SystemExit', words='0', line=['cell 0', 10**200])"),
    ),
    forged(
        "keys-that-hash-alike",
        "keys = b''.join(b', %d, 0' % (k * (2**61 - 1)) for k in range(1, 40001))\n"
        "say(b'[\"d\"' + keys + b']')",
        must="the grader is not kept busy by one message",
    ),
    forged(
        "words-that-are-arrays",
        answer(error="dict(base='ValueError', words=[np.zeros(999)] * 2000, line=None)"),
        must="what should be text is text, or nothing",
    ),
    forged("a-name-that-is-an-array", "say(['d', 'missing', True, 'kind', ['l', 'f', 1.0]])"),
    forged("half-a-surrogate", answer(error="dict(base='ValueError', words='\\ud800', line=None)")),
    forged("a-giant-integer", "say(b'9' * 309)\nsay(b'1' * 5000)"),
    forged("arguments-not-told", answer("0.5")),
    forged("a-signature-of-a-megabyte", answer(takes="['x' * 10**6]")),
    forged("a-megabyte-printed", answer("None", after="(y, y_hat)", printed="'\\x1b[2J' * 250000")),
    forged("too-few-runs", answer("0.5", runs="2")),
    forged("more-messages-than-asked", "for _ in range(500): say(None)"),
    forged("endless-output", "while True: os.write(fd, bytes(60000))", must="it ends in time"),
    forged("slow-drip", "import time\nwhile True:\n    os.write(fd, b'\\x10'); time.sleep(0.05)"),
    forged("a-cut-off-message", "os.write(fd, b'\\x10\\0\\0\\0'); os._exit(0)"),
    case(
        "answers-before-being-asked",
        FAILS + WIRE,
        "one = (0.0, None)\n"
        "for _ in range(20):\n"
        "    os.write(fd, wire.encode(dict(runs=[[one] * 9] * 2, takes='')))",
        MSE,
        marks="000",
        must="answers that come before the inputs are wrong",
    ),
    case(
        "ready-is-a-lie",
        FAILS + WIRE,
        "say(['d', 'wrong', 3])",
        MSE,
        marks="000",
        must="what is no list of errors is passed over",
    ),
)

LEARN = """
def attempt(way):
    try:
        return way()
    except BaseException as error:
        return error
"""
THEFTS = (
    case(
        "imports-the-course",
        "import sys\nfor name in [n for n in sys.modules if n.startswith('course')]: del sys.modules[name]\n"
        "sys.path.insert(0, '@package@/..')\n"
        "from course.exercises.lesson_1 import mse, mae_gradient, bce",
        marks="000",
        must="the course is not there to be called",
    ),
    case(
        "reads-the-references",
        "import glob, sys\n"
        "for place in ['@package@', *[p + '/course' for p in sys.path]]:\n"
        "    try:\n"
        "        text = open(place + '/exercises/lesson_1.py').read()\n"
        "        exec(text[text.index('def mse'):text.index('MSE = ')])\n"
        "        break\n    except Exception: pass",
        marks="000",
        must="the references cannot be read",
    ),
    case(
        "reads-the-compiled-references",
        "import glob, marshal\n"
        "for name in glob.glob('@package@/**/lesson_1*.pyc', recursive=True):\n"
        "    code = marshal.loads(open(name, 'rb').read()[16:])\n"
        "    for c in code.co_consts:\n"
        "        if getattr(c, 'co_name', '') in ('mse', 'mae_gradient', 'bce'):\n"
        "            globals()[c.co_name] = type(lambda: 0)(c, globals())",
        marks="000",
        must="nor as bytecode",
    ),
    case(
        "looks-for-references-in-memory",
        "import gc\nfor f in gc.get_objects():\n"
        "    if getattr(f, '__name__', '') in ('mse', 'mae_gradient', 'bce') and callable(f):\n"
        "        globals()[f.__name__] = f",
        marks="000",
        must="the child's memory holds no reference",
    ),
    case(
        "another-python-imports-the-course",
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import course'], check=True)\n"
        "def mse(y, y_hat): return 1.0",
        marks="000",
        must="no program is started",
    ),
    case(
        "reads-secret-and-results",
        LEARN,
        "import os\n"
        "seen = [attempt(lambda p=p: open(p, 'rb').read()) for p in\n"
        "        ('@results@/secret', '@canary@/gradebook.db', '@submissions@/honest-000.ipynb')]\n"
        "assert not any(isinstance(s, bytes) for s in seen), 'LEAKED'",
        MSE,
        marks="100",
        must="nothing of the instructor's is read",
    ),
    case(
        "reads-the-grader-by-proc",
        LEARN,
        "import os\n"
        "pids = [os.getppid(), int('@victim@')]\n"
        "seen = [attempt(lambda p=p, n=n: open(f'/proc/{p}/{n}', 'rb').read(1)) for p in pids[1:]\n"
        "        for n in ('environ', 'mem', 'maps', 'cmdline', 'fd/0')]\n"
        "assert not any(isinstance(s, bytes) for s in seen), 'LEAKED'",
        MSE,
        marks="100",
        must="no other process can be looked into",
    ),
    case(
        "traces-the-grader",
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "assert all(libc.ptrace(16, p, 0, 0) == -1 for p in (os.getppid(), int('@victim@'))), 'LEAKED'",
        MSE,
        marks="100",
        must="no other process is traced",
    ),
)

CASES = (*PATCHES, *MESSAGES, *THEFTS)
