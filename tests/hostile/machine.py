"""Submissions that attack the machine: files, processes, the network, memory, time."""

from tests.hostile.case import BCE, MAE, MSE, case

#: `tries(f, ...)` calls each function; what did not raise is told
TRIES = """
import ctypes, os, signal, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(*args):
    if libc.syscall(*args) == -1:
        raise OSError(ctypes.get_errno())
def tries(*ways):
    for i, way in enumerate(ways):
        try:
            way()
        except BaseException:
            continue
        raise SystemError(f"ESCAPED by way {i}")
victim, parent = int("@victim@"), os.getppid()
"""


def tries(name, *ways, must, before=""):
    """Return a case that tries some ways out, and has one right answer besides."""
    code = "tries(\n" + "".join(f"    lambda: {way},\n" for way in ways) + ")"
    return case(name, TRIES + before, code, MSE, marks="100", must=must)


FILES = (
    tries(
        "writes-files",
        "open('@canary@/gradebook.db', 'w')",
        "open('@canary@/gradebook.db', 'r+b')",
        "open('@canary@/new', 'x')",
        "open('@results@/results/mine.json', 'w')",
        "open('@submissions@/honest-000.ipynb', 'a')",
        "os.truncate('@canary@/gradebook.db', 0)",
        "os.open('@canary@', os.O_TMPFILE | os.O_RDWR)",
        "call(85, b'@canary@/new', 0o644)",  # creat
        "call(437, -100, b'@canary@/new', (ctypes.c_uint64 * 3)(0o102, 0o644, 0), 24)",  # openat2
        "call(425, 8, (ctypes.c_char * 120)())",  # io_uring
        "np.save('@canary@/new', np.zeros(3))",
        must="no file is written",
    ),
    tries(
        "deletes-and-moves-files",
        "os.unlink('@submissions@/honest-000.ipynb')",
        "__import__('shutil').rmtree('@canary@')",
        "os.rename('@canary@/gradebook.db', '@canary@/gone')",
        "os.rmdir('@canary@/folder')",
        "call(316, -100, b'@canary@/gradebook.db', -100, b'@canary@/gone', 0)",
        must="no file is lost",
    ),
    tries(
        "changes-what-files-are",
        "os.chmod('@canary@/gradebook.db', 0o777)",
        "os.chown('@canary@/gradebook.db', os.getuid(), os.getgid())",
        "os.utime('@canary@/gradebook.db', (1, 1))",
        "os.setxattr('@canary@/gradebook.db', 'user.a', b'1')",
        "call(452, -100, b'@canary@/gradebook.db', 0o777, 0)",  # fchmodat2
        must="no file is changed",
    ),
    tries(
        "makes-links-and-pipes",
        "os.symlink('/etc', '@canary@/link')",
        "os.link('@canary@/gradebook.db', '@canary@/link')",
        "os.mkfifo('@canary@/pipe')",
        "os.mknod('@canary@/node')",
        "os.mkdir('@canary@/new')",
        "os.mkdir('/tmp/new')",
        "open('/dev/shm/hostile', 'w')",
        must="nothing is made",
    ),
    tries(
        "opens-the-gradebook",
        "__import__('sqlite3').connect('@canary@/gradebook.db').execute('create table a (b)')",
        must="the gradebook is not opened",
    ),
    tries(
        "leaves-something-in-the-kernel",
        "libc.shmget(77, 4096, 0o1666) == -1 and 1 / 0",
        "libc.semget(77, 1, 0o1666) == -1 and 1 / 0",
        "libc.msgget(77, 0o1666) == -1 and 1 / 0",
        "call(240, b'hostile', 0o102, 0o666, None)",  # mq_open
        "call(248, b'user', b'hostile', b'x', 1, -4)",  # add_key
        "call(319, b'hostile', 0)",  # memfd_create
        must="no shared memory, queue or key outlives it",
    ),
    tries(
        "opens-files-by-handle",
        "call(303, -100, b'@canary@', (ctypes.c_char * 200)(), (ctypes.c_int * 1)(), 0)",
        "call(304, -100, (ctypes.c_char * 200)(), 2)",
        must="no file is opened around its path",
    ),
    tries(
        "types-into-a-terminal",
        "__import__('fcntl').ioctl(os.open('/dev/tty', os.O_RDONLY), 0x5412, b'x')",
        "__import__('fcntl').ioctl(0, 0x5412, b'x')",
        must="no terminal is typed into",
    ),
    tries(
        "steers-the-machine",
        "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))",
        "os.nice(-10) and None",
        "socket.sethostname('hostile')",
        "call(165, b'none', b'/mnt', b'tmpfs', 0, None)",  # mount
        "os.unshare(0x10000000) if hasattr(os, 'unshare') else 1 / 0",
        "call(272, 0x10000000)",
        "os.chroot('/')",
        must="even root steers nothing",
    ),
)

NETWORK = (
    tries(
        "network",
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "socket.create_connection(('127.0.0.1', 22), 1)",
        "__import__('urllib.request').request.urlopen('http://127.0.0.1/', timeout=1)",
        must="no socket is opened",
    ),
)

PROCESSES = (
    case(
        "fork-bomb",
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: break",
        MSE,
        marks="100",
        must="no process is started",
    ),
    tries(
        "starts-programs",
        "os.system('true') and 1 / 0",
        "__import__('subprocess').run(['/bin/true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "call(58) == 0 and os._exit(0)",  # vfork
        "call(56, 17, 0, 0, 0, 0)",  # clone
        "call(435, (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17), 88)",  # clone3
        "os.setsid()",
        must="no program is started",
    ),
    tries(
        "signals-others",
        "os.kill(parent, 9)",
        "os.kill(victim, 9)",
        "os.kill(-1, 9)",
        "os.killpg(0, 9)",
        "call(234, victim, victim, 9)",  # tgkill
        "call(234, parent, parent, 19)",
        "call(200, victim, 9)",
        "call(129, victim, 9, (ctypes.c_char * 128)())",
        "os.pidfd_open(victim)",
        must="nobody is signalled",
    ),
    tries(
        "signals-others-by-a-socket",
        "fcntl.fcntl(pipe[0], 8, victim)",
        "fcntl.fcntl(pipe[0], 10, 9)",
        "fcntl.ioctl(pipe[0], 0x8901, (ctypes.c_int * 1)(victim))",
        must="no signal is sent in passing",
        before="import fcntl\npipe = os.pipe()",
    ),
    tries(
        "slows-others-down",
        "os.setpriority(os.PRIO_PROCESS, victim, 19)",
        "os.setpriority(os.PRIO_USER, os.getuid(), 19)",
        "os.sched_setaffinity(victim, {0})",
        "os.sched_setaffinity(parent, {0})",
        "__import__('resource').prlimit(victim, 7, (1, 1))",
        "__import__('resource').prlimit(parent, 7, (1, 1))",
        must="nobody is slowed down or limited",
    ),
    tries(
        "outlives-its-parent",
        "call(157, 1, 0, 0, 0, 0)",  # prctl(PR_SET_PDEATHSIG)
        must="it ends with its parent",
    ),
    case(
        "threads-bomb",
        "import threading, time\n"
        "def rest():\n    while True: time.sleep(1)\n"
        "try:\n    for _ in range(5000): threading.Thread(target=rest).start()\nexcept BaseException: pass",
        MAE,
        marks="010",
        must="threads end with their process",
    ),
    case(
        "stops-itself",
        "import signal\ndef mse(y, y_hat): signal.raise_signal(signal.SIGSTOP)",
        MAE,
        marks="010",
        must="a stopped process is ended",
    ),
    case(
        "kills-itself",
        "import signal\ndef mse(y, y_hat): signal.raise_signal(signal.SIGKILL)",
        MAE,
        marks="010",
        must="the next question is asked of a fresh process",
    ),
    case(
        "alarms",
        "import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(9)",
        MSE,
        marks="100",
        must="what ends it at its start is left out at the second",
    ),
)

RESOURCES = (
    case(
        "memory-bomb-numpy",
        "def mse(y, y_hat): return np.ones(10**10)\ndef bce(y, p): return np.ones((40000, 40000))",
        MAE,
        marks="010",
        must="memory is limited",
    ),
    case(
        "memory-bomb-text",
        "def mse(y, y_hat): return 'x' * 10**10",
        MAE,
        marks="010",
        must="memory is limited",
    ),
    case(
        "memory-bomb-list",
        "def mse(y, y_hat):\n    a = [0]\n    while True: a += a",
        MAE,
        marks="010",
        must="memory is limited",
    ),
    case(
        "memory-bomb-at-the-start",
        "a = []\nwhile True: a.append(bytearray(10**8))",
        MSE,
        marks="100",
        must="a cell that fails does not stop the next",
    ),
    case(
        "lifts-its-limits",
        "import resource\n"
        "for limit in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):\n"
        "    try: resource.setrlimit(limit, (-1, -1))\n    except (ValueError, OSError): continue\n"
        "    raise SystemError('ESCAPED')",
        MSE,
        marks="100",
        must="limits stay, for root too",
    ),
    case(
        "sets-itself-tiny-limits",
        "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))\n"
        "resource.setrlimit(resource.RLIMIT_STACK, (0, 0))",
        MSE,
        marks="100",
        must="what it takes from itself it does without",
    ),
    case(
        "huge-values",
        "def mse(y, y_hat): return np.zeros(10**8, dtype='i1')\n"
        "def mae_gradient(y, y_hat): return [0.0] * 10**6\ndef bce(y, p): return 'x' * 10**8",
        marks="000",
        must="values have a greatest size",
    ),
    case(
        "values-huge-together",
        "def mse(y, y_hat): return np.zeros(6 * 10**6)\ndef mae_gradient(y, y_hat): return 'é' * 10**6",
        BCE,
        marks="001",
        must="answers have a greatest size",
    ),
    case(
        "huge-integers",
        "def mse(y, y_hat): return 1 << 10**6\ndef bce(y, p): return 10**299",
        MAE,
        marks="010",
        must="integers are limited",
    ),
    case(
        "opens-everything",
        "import os\nfds = []\nwhile True: fds.append(os.pipe())",
        MSE,
        marks="100",
        must="descriptors are limited",
    ),
    case(
        "prints-without-end",
        "def mse(y, y_hat):\n    while True: print('x' * 10**6)",
        MAE,
        marks="010",
        must="what is printed is not kept",
    ),
    case(
        "burns-in-all-threads",
        "import threading\n"
        "def burn():\n    while True: pass\n"
        "for _ in range(20): threading.Thread(target=burn, daemon=True).start()",
        marks="000",
        must="it costs nobody else's time",
    ),
)

CASES = (*FILES, *NETWORK, *PROCESSES, *RESOURCES)
