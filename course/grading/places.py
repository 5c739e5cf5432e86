"""Where Python and its libraries lie on this machine: all that a submission may read.

This file is read by the process that runs submissions, which has no `course`. Named are the parts
that Python needs, and nothing that merely lies beside them: in a folder of libraries there may be
another Python's packages, and among those another copy of the course.
"""

from __future__ import annotations

import contextlib
import glob
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from typing import Final

#: folders of shared libraries, of which libraries alone are read
_LIBRARIES: Final = (
    "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib",
)  # fmt: skip
_SHARED: Final = ("share/fonts", "share/zoneinfo")
_PACKAGES: Final = ("site-packages", "dist-packages")
_SYSTEM: Final = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts")


def of_python() -> list[str]:
    """Return the files and folders that Python and its libraries consist of, as they are here."""
    prefixes = dict.fromkeys((sys.prefix, sys.base_prefix, sys.base_exec_prefix))
    base = getattr(sys, "_base_executable", sys.executable)
    paths = [sys.executable, base, os.path.join(sys.prefix, "pyvenv.cfg")]
    paths += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    paths += packages()
    for folder in dict.fromkeys((*_LIBRARIES, *(os.path.join(one, "lib") for one in prefixes))):
        paths += sorted(glob.glob(os.path.join(glob.escape(folder), "*-linux-*")))
        paths += sorted(glob.glob(os.path.join(glob.escape(folder), "*.so*")))
    paths += [os.path.join(one, part) for one in ("/usr", *prefixes) for part in _SHARED]
    return [path for path in dict.fromkeys((*paths, *_SYSTEM)) if path and os.path.exists(path)]


def packages() -> list[str]:
    """Return the folders of installed packages that this Python imports from."""
    found = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    found += [path for path in sys.path if os.path.basename(path) in _PACKAGES]
    return [path for path in dict.fromkeys(map(os.path.realpath, found)) if os.path.isdir(path)]


def hidden(package: str = "") -> list[str]:
    """Return what lies within `of_python` and is not for submissions: copies of the course.

    Other Pythons' packages are none of this one's. A copy is known by its question bank, and is
    looked for in the packages and in the packages' own folders.

    Parameters
    ----------
    package
        The course's own folder, wherever that is.
    """
    mine = packages()
    found = [os.path.realpath(package)] if package else []
    for name in ("stdlib", "platstdlib"):
        for part in _PACKAGES:
            other = os.path.realpath(os.path.join(sysconfig.get_path(name), part))
            if other not in mine and os.path.isdir(other):
                found.append(other)
    for place in mine:
        for pattern in ("*", "*/*"):
            bank = os.path.join(glob.escape(place), pattern, "exercises", "bank.py")
            found += [os.path.dirname(os.path.dirname(path)) for path in glob.glob(bank)]
        found += glob.glob(os.path.join(glob.escape(place), "course"))
    return list(dict.fromkeys(found))


def within(path: str, places: Iterable[str]) -> bool:
    """Return whether a path is one of these or lies below one of them, links followed.

    Examples
    --------
    >>> within("/usr/lib/python3/json", ["/usr/lib/python3"]), within("/usr/lib64", ["/usr/lib"])
    (True, False)
    """
    real = os.path.realpath(path)
    return any(f"{real}/".startswith(f"{os.path.realpath(one).rstrip('/')}/") for one in places)


def readable(roots: Iterable[str], hidden: Iterable[str]) -> Iterator[str]:
    """Yield the paths that together hold everything below the roots but what is hidden."""
    hidden = [os.path.realpath(path) for path in hidden]
    for root in dict.fromkeys(map(os.path.realpath, roots)):
        if root in hidden:
            continue
        if any(path.startswith(root.rstrip("/") + "/") for path in hidden):
            with contextlib.suppress(OSError):
                yield from readable((entry.path for entry in os.scandir(root)), hidden)
        else:
            yield root


def links(path: str) -> Iterator[tuple[str, str]]:
    """Yield the symbolic links on the way to a path, each with what it says; then the real path.

    The real path comes with an empty word in place of what a link says.
    """
    parts = os.path.abspath(path).split(os.sep)[1:]
    here = ""
    for number, part in enumerate(parts):
        here = f"{here}/{part}"
        if os.path.islink(here):
            target = os.readlink(here)
            yield here, target
            yield from links(os.path.join(os.path.dirname(here), target, *parts[number + 1 :]))
            return
    yield here, ""
