"""Confine the process of a submission: limits, and on Linux filters of system calls and files.

This file is read by the process that runs submissions, which has no `course`. Under the filter
nothing can be written to the file system, no process started, signalled or slowed down, no socket
opened: an answer needs none of it. Threads work, and reading does, of what Python itself consists.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
import sys
from collections.abc import Iterable
from functools import cache
from typing import Final


def confine(seconds: int, memory: int) -> bool:
    """Set what this process may use, and forbid what no answer needs; return what holds.

    Limits of memory, processor time and file size, which not even root can lift again; on Linux a
    seccomp filter under which nothing can be written to the file system, no process started or
    signalled, no socket opened.
    """
    with contextlib.suppress(ImportError):  # Windows has no such limits
        import resource

        for limit, value in (
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, 64),
            (resource.RLIMIT_AS, memory),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(limit, (value, value))
    with contextlib.suppress(Exception):
        _no_capabilities()
        _libc().prctl(_DUMPABLE, 0, 0, 0, 0)  # its memory is for no other process to read
        _libc().prctl(_DEATH, signal.SIGKILL, 0, 0, 0)
        return _installed(_code(os.uname().machine))
    return False


def rehearse() -> None:
    """Do once what children would all do for the first time: they are forked afterwards."""
    with contextlib.suppress(Exception):
        _libc().prctl(39, 0, 0, 0, 0)  # it only asks
        _ = _libc().capset  # it is looked up in every library
        _code(os.uname().machine)


class Meter:
    """Tells the bytes of address space that this process has; opened before files are shut off."""

    def __init__(self) -> None:
        self.fd = -1
        with contextlib.suppress(OSError):
            self.fd = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)

    def used(self) -> int:
        """Return the bytes, or 0 if nobody tells."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            import resource

            return int(os.pread(self.fd, 100, 0).split()[0]) * resource.getpagesize()
        return 0

    def close(self) -> None:
        """Be of no more use."""
        with contextlib.suppress(OSError):
            os.close(self.fd)


def _no_capabilities() -> None:
    """Give up what root may do beyond an ordinary user: lift limits, steer the machine."""
    header = struct.pack("<Ii", 0x20080522, 0)
    _libc().capset(header, bytes(24))


@cache
def _libc() -> ctypes.CDLL:
    """Return the C library, which is opened once."""
    return ctypes.CDLL(None, use_errno=True)


# -------------------------------------------------------------------------------- seccomp
#: system calls that are refused: name, number on x86_64, number on aarch64 (- if there is none)
_REFUSED: Final = """
fork 57 - / vfork 58 - / execve 59 221 / execveat 322 281 / setsid 112 157 / setpgid 109 154
ptrace 101 117 / process_vm_readv 310 270 / process_vm_writev 311 271 / kcmp 312 272
kill 62 129 / tkill 200 130 / rt_sigqueueinfo 129 138 / rt_tgsigqueueinfo 297 240
setpriority 141 140 / sched_setparam 142 118 / sched_setscheduler 144 119
sched_setaffinity 203 122 / sched_setattr 314 274 / ioprio_set 251 30
migrate_pages 256 238 / move_pages 279 239
socket 41 198 / socketpair 53 199 / bind 49 200 / listen 50 201 / accept 43 202
connect 42 203 / accept4 288 242
shmget 29 194 / shmctl 31 195 / shmat 30 196 / semget 64 190 / semctl 66 191 / semop 65 193
semtimedop 220 192 / msgget 68 186 / msgctl 71 187 / msgrcv 70 188 / msgsnd 69 189
mq_open 240 180 / mq_unlink 241 181 / add_key 248 217 / request_key 249 218 / keyctl 250 219
creat 85 - / mkdir 83 - / mkdirat 258 34 / mknod 133 - / mknodat 259 33 / link 86 - / linkat 265 37
symlink 88 - / symlinkat 266 36 / rename 82 - / renameat 264 38 / renameat2 316 276
unlink 87 - / unlinkat 263 35 / rmdir 84 - / truncate 76 45 / ftruncate 77 46 / fallocate 285 47
chmod 90 - / fchmod 91 52 / fchmodat 268 53 / chown 92 - / fchown 93 55 / lchown 94 -
fchownat 260 54 / utime 132 - / utimes 235 - / futimesat 261 - / utimensat 280 88
setxattr 188 5 / lsetxattr 189 6 / fsetxattr 190 7 / removexattr 197 14 / lremovexattr 198 15
fremovexattr 199 16 / name_to_handle_at 303 264 / open_by_handle_at 304 265 / memfd_create 319 279
chroot 161 51 / pivot_root 155 41 / mount 165 40 / umount2 166 39 / unshare 272 97 / setns 308 268
userfaultfd 323 282 / bpf 321 280 / perf_event_open 298 241 / fanotify_init 300 262
"""
#: calls of which one argument is looked at: name, numbers, the argument's place
_LOOKED_AT: Final = """
open 2 - 1 / openat 257 56 2 / clone 56 220 0 / tgkill 234 131 0 / prlimit64 302 261 0
fcntl 72 25 1 / ioctl 16 29 1 / prctl 157 167 0
"""
_ARCHITECTURE: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
#: what the kernel learned after 2019 has these numbers on every machine, and is not needed; but:
#: close_range, faccessat2, epoll_pwait2, futex_waitv
_NEW, _NEW_BUT_HARMLESS = 424, (436, 439, 441, 449)
_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _REFUSE, _ABSENT, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_WRITING = 0o3 | 0o100 | 0o1000 | 0o2000  # write, create, truncate, append
_THREAD = 0x00010000
_PID = 0x70696421  # stands for the number of the process, which is not known yet
_OWNERS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: a signal to another process
_TRICKS = (0x8901, 0x8902, 0x5412)  # FIOSETOWN, SIOCSPGRP; TIOCSTI types into a terminal

_DEATH = 1  # PR_SET_PDEATHSIG: who is to end with its zygote stays so
_DUMPABLE = 4  # PR_SET_DUMPABLE

Line = tuple[int, int, int, int]


@cache
def _table(text: str, machine: str) -> dict[str, tuple[int, ...]]:
    """Return the numbers of a table for one machine, by name."""
    column, found = 1 + list(_ARCHITECTURE).index(machine), {}
    for entry in text.replace("\n", " / ").split(" / "):
        words = entry.split()
        if words and words[column] != "-":
            found[words[0]] = tuple(int(words[i]) for i in (column, *range(3, len(words))))
    return found


@cache
def program(machine: str) -> tuple[Line, ...]:
    """Return the filter as instructions (code, if true, if false, value).

    It is the same for every process: `_PID` stands where its own number belongs.
    """
    lines = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _ARCHITECTURE[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
    ]
    if machine == "x86_64":  # the x32 numbers would slip through
        lines += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _REFUSE)]
    for (number,) in _table(_REFUSED, machine).values():
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    for name, (number, place) in _table(_LOOKED_AT, machine).items():
        test = _test(name)
        lines += [(_EQUAL, 0, len(test) + 1, number), (_LOAD, 0, 0, 16 + 8 * place), *test]
    for number in _NEW_BUT_HARMLESS:
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    # among them clone3, without which the C library falls back to clone, whose flags can be seen
    lines += [(_AT_LEAST, 0, 1, _NEW), (_RETURN, 0, 0, _ABSENT)]
    return *lines, (_RETURN, 0, 0, _ALLOW)


def _test(name: str) -> list[Line]:
    """Return the instructions that decide by the argument that was loaded."""
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)
    match name:
        case "open" | "openat":
            return [(_ANY_BIT, 0, 1, _WRITING), refuse, allow]
        case "clone":
            return [(_ANY_BIT, 1, 0, _THREAD), refuse, allow]
        case "tgkill":  # its own threads: abort and raise need it
            return [(_EQUAL, 1, 0, _PID), refuse, allow]
        case "prlimit64":
            return [(_EQUAL, 2, 0, 0), (_EQUAL, 1, 0, _PID), refuse, allow]
    values = {"fcntl": _OWNERS, "ioctl": _TRICKS, "prctl": (_DEATH, _DUMPABLE)}[name]
    return [*((_EQUAL, len(values) - i, 0, v) for i, v in enumerate(values)), allow, refuse]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _packed(lines: Iterable[Line]) -> bytes:
    """Return a filter as the kernel reads it."""
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


@cache
def _code(machine: str) -> bytes:
    return _packed(program(machine))


def _installed(code: bytes) -> bool:
    """Install a filter beside those that hold already; return whether it holds."""
    libc = _libc()
    code = code.replace(struct.pack("=I", _PID), struct.pack("=I", os.getpid()))
    if libc.prctl(38, 1, 0, 0, 0):  # no new privileges
        return False
    return libc.prctl(22, 2, ctypes.byref(_Program(len(code) // 8, code)), 0, 0) == 0


# ---------------------------------------------------------------------------------- files
def has_landlock() -> bool:
    """Return whether the kernel can be told which files a process may read."""
    with contextlib.suppress(Exception):
        return sys.platform.startswith("linux") and _libc().syscall(444, None, 0, 1) >= 1
    return False


def read_only(paths: Iterable[str]) -> bool:
    """Let this process and its children read these files and folders, and nothing else.

    That is Landlock, where the kernel has it: neither the grader's files nor what /proc tells of
    other processes can be read afterwards. Return whether it holds.
    """
    with contextlib.suppress(Exception):
        return _landlock([*paths, "/dev/null", "/dev/urandom"])
    return False


def _landlock(paths: list[str]) -> bool:
    libc = _libc()
    version = libc.syscall(444, None, 0, 1)
    if not sys.platform.startswith("linux") or version < 1:
        return False
    every = (1 << (13 + (version >= 2) + (version >= 3) + (version >= 5))) - 1
    rules = struct.pack("<QQQ", every, 3, 3)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = libc.syscall(444, rules, len(rules), 0)
    if ruleset < 0:
        return False
    for path in paths:
        with contextlib.suppress(OSError):
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            access = 0b1100 if os.path.isdir(path) else 0b0100  # read a file, list a folder
            libc.syscall(445, ruleset, 1, struct.pack("<Qi", access, place), 0)
            os.close(place)
    held = libc.prctl(38, 1, 0, 0, 0) == 0 and libc.syscall(446, ruleset, 0) == 0
    os.close(ruleset)
    return held


def no_files() -> bool:
    """Let this process open no file at all any more; return whether that holds."""
    with contextlib.suppress(Exception):
        opening = _table(_LOOKED_AT, os.uname().machine)
        lines = [(_LOAD, 0, 0, 0)]
        for name in ("open", "openat"):
            if name in opening:
                lines += [(_EQUAL, 0, 1, opening[name][0]), (_RETURN, 0, 0, 0x0005000D)]
        return _installed(_packed([*lines, (_RETURN, 0, 0, _ALLOW)]))
    return False
