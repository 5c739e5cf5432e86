"""How the `course` command begins: this is run before anything else of the package is imported.

`python -m` puts the current folder first among those that modules are looked for in. It may hold
what learners handed in, and their `numpy.py` is not ours. And who stops the command while it still
imports is told nothing of where that was.
"""

import os
import sys


def _module() -> str:
    """Return the module that `python -m` is about to run, or nothing."""
    if sys.argv[:1] != ["-m"]:
        return ""
    for i, word in enumerate(sys.orig_argv[1:], 1):
        flags, found, name = word.partition("m")
        if found and flags.startswith("-") and not {"X", "W", "c", "-"} & set(flags[1:]):
            return name or "".join(sys.orig_argv[i + 1 : i + 2])
    return ""


def _without_the_current_folder() -> None:
    """Look for modules elsewhere, unless it is the current folder that the package lies in."""
    try:
        here = os.getcwd()
    except OSError:
        return
    own = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    first = None if sys.flags.safe_path else next(iter(sys.path), None)
    if first in ("", here) and os.path.realpath(here) != own:
        del sys.path[0]


_name = _module()
if _name.partition(".")[0] == "course":
    _without_the_current_folder()
_program = os.path.basename(sys.argv[0]) if sys.argv else ""
_is_command = "course" in (_name, _program.removesuffix(".exe"))

import signal  # noqa: E402 - it is Python's own only now

if _is_command and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ready() -> None:
    """Let the command stop in its own way from now on."""
    if _is_command and signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
