"""Confine the process of a submission: limits, and on Linux a filter of system calls.

This file is read by the process that runs submissions, which has no `course`. Under the filter
nothing can be written to the file system, no process started or signalled, no socket opened: an
answer needs none of it. Threads work, and reading does.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from typing import Any


def confine(seconds: int, memory: int) -> bool:
    """Set what this process may use, and forbid what no answer needs; return what holds.

    Limits of memory, processor time and file size; on Linux a seccomp filter under which nothing
    can be written to the file system, no process started or signalled, no socket opened.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        for limit, value in (
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, 64),
            (resource.RLIMIT_AS, used + memory),
        ):
            resource.setrlimit(limit, (value, value))
    with contextlib.suppress(Exception):
        return seccomp()
    return False


#: system calls that are refused, by machine; each with an error number
_DENIED: dict[str, tuple[int, list[int], dict[str, Any]]] = {
    "x86_64": (
        0xC000003E,
        [
            *(57, 58),  # fork, vfork
            *(41, 53, 42, 49, 50, 43, 288),  # socket, socketpair, connect, bind, listen, accept
            *(62, 200, 129, 297, 424, 434, 438),  # kill, tkill, sigqueue, pidfd
            *(101, 310, 311, 312),  # ptrace, process_vm, kcmp
            *(
                85,
                86,
                88,
                265,
                266,
                82,
                264,
                316,
                87,
                263,
                84,
                83,
                258,
            ),  # make, link, rename, remove
            *(
                76,
                77,
                90,
                91,
                268,
                452,
                92,
                93,
                94,
                260,
                132,
                235,
                261,
                280,
            ),  # truncate, mode, owner
            *(133, 259, 161, 165, 166, 155, 272, 308, 285),  # mknod, chroot, mount, unshare, setns
            *(188, 189, 190, 197, 198, 199, 425, 426, 427, 437, 319, 323, 321, 298, 29, 30, 31),
            *(59, 322),  # execve
            *(112, 109),  # setsid, setpgid
        ],
        {"open": (2, 1), "openat": (257, 2), "clone": 56, "clone3": 435},
    ),
    "aarch64": (
        0xC00000B7,
        [
            *(198, 199, 203, 200, 201, 202, 242),
            *(129, 130, 138, 240, 424, 434, 438),
            *(117, 270, 271, 272),
            *(34, 36, 37, 38, 276, 35),
            *(45, 46, 52, 53, 452, 55, 54, 88, 47),
            *(33, 51, 40, 39, 41, 97, 268),
            *(5, 6, 7, 14, 15, 16, 425, 426, 427, 437, 279, 282, 280, 241, 194, 195, 196),
            *(221, 281),
            *(157, 154),
        ],
        {"openat": (56, 2), "clone": 220, "clone3": 435},
    ),
}
_LOAD, _JUMP_EQUAL, _JUMP_SET, _JUMP_GREATER, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _REFUSE, _ABSENT, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_WRITING = 0o3 | 0o100 | 0o1000 | 0o2000  # write, create, truncate, append
_THREAD = 0x00010000


def program(machine: str) -> list[tuple[int, int, int, int]]:
    """Return the filter as a list of instructions (code, if true, if false, value)."""
    arch, denied, special = _DENIED[machine]
    lines = [(_LOAD, 0, 0, 4), (_JUMP_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    if machine == "x86_64":  # the x32 numbers would slip through
        lines += [(_JUMP_GREATER, 0, 1, 0x40000000), (_RETURN, 0, 0, _REFUSE)]
    for number in sorted(set(denied)):
        lines += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    # without clone3 the C library falls back to clone, whose flags can be looked at
    lines += [(_JUMP_EQUAL, 0, 1, special["clone3"]), (_RETURN, 0, 0, _ABSENT)]
    lines += [
        (_JUMP_EQUAL, 0, 4, special["clone"]),
        (_LOAD, 0, 0, 16),
        (_JUMP_SET, 1, 0, _THREAD),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    for name in ("open", "openat"):
        if name in special:
            number, argument = special[name]
            lines += [
                (_JUMP_EQUAL, 0, 4, number),
                (_LOAD, 0, 0, 16 + 8 * argument),
                (_JUMP_SET, 0, 1, _WRITING),
                (_RETURN, 0, 0, _REFUSE),
                (_RETURN, 0, 0, _ALLOW),
            ]
    return [*lines, (_RETURN, 0, 0, _ALLOW)]


def seccomp() -> bool:
    """Install the filter; return whether it holds."""
    machine = os.uname().machine
    if not sys.platform.startswith("linux") or machine not in _DENIED:
        return False
    code = b"".join(struct.pack("<HBBI", *line) for line in program(machine))
    memory = ctypes.create_string_buffer(code)

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    libc = ctypes.CDLL(None, use_errno=True)
    filters = Program(len(code) // 8, ctypes.cast(memory, ctypes.c_void_p))
    if libc.prctl(38, 1, 0, 0, 0):  # no new privileges
        return False
    return libc.prctl(22, 2, ctypes.byref(filters), 0, 0) == 0
