"""What crosses between the grader and a submission: plain values, as JSON and raw bytes.

This file is also read by the process that runs submissions, which has no `course`: it imports the
standard library and NumPy only. A message is a length, a JSON header, and the bytes of its arrays.
Nothing is unpickled; sizes are checked before memory is allocated.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

#: the longest message that is read, in bytes; of which the header, and any one text in it
LONGEST = 64 * 2**20
LONGEST_HEADER, LONGEST_TEXT = 8 * 2**20, 2 * 2**20
#: how deep values may be nested, and how many parts they may have
DEEPEST, MOST = 20, 100_000
#: so many inputs are tried a second time: who remembers or throws dice gives other values then
AGAIN = 3
DTYPES = frozenset(
    ("float64", "float32", "float16", "bool")
    + tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
)
#: the names by NumPy's short code, which is read off far faster than the name
_NAMES = {np.dtype(name).str: name for name in sorted(DTYPES)}
_DTYPES = {name: np.dtype(name) for name in DTYPES}
_HEAD = struct.Struct("<II")  # bytes of the header, bytes of the arrays


class WireError(Exception):
    """A message that is no message: too long, malformed, or of a type that is not sent."""


class Packer:
    """Turns values into JSON, and collects the bytes of their arrays."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = self.parts = 0

    def pack(self, value: Any, depth: int = 0) -> dict[str, Any]:
        """Return the JSON of a value; what is no plain value is sent as the name of its type."""
        self.parts += 1
        if depth > DEEPEST or self.parts > MOST:
            raise WireError("the value has too many parts")
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return {"t": "s", "v": value if kind is not str else value[:LONGEST_TEXT]}
        if kind is int:
            return {"t": "i", "v": str(value)} if abs(value) < 10**300 else {"t": "?", "v": "int"}
        if kind is float:
            return {"t": "f", "v": value.hex()}
        if isinstance(value, np.generic | np.ndarray):
            return self._array(np.asarray(value), isinstance(value, np.generic))
        if isinstance(value, tuple | list):
            name = "u" if isinstance(value, tuple) else "l"
            return {"t": name, "v": [self.pack(one, depth + 1) for one in value]}
        if isinstance(value, dict):
            pairs = [[self.pack(k, depth + 1), self.pack(v, depth + 1)] for k, v in value.items()]
            return {"t": "d", "v": pairs}
        return {"t": "?", "v": kind.__name__[:100]}

    def _array(self, array: np.ndarray, scalar: bool) -> dict[str, Any]:
        name = _NAMES.get(array.dtype.str) or array.dtype.name
        if name not in DTYPES:
            return {"t": "?", "v": f"array of {name}"[:100]}
        array = array.astype(name, copy=False)  # bytes in this machine's order
        data = np.ascontiguousarray(array).tobytes()
        self.size += len(data)
        if self.size > LONGEST:
            raise WireError("the value is too large")
        self.chunks.append(data)
        return {"t": "n" if scalar else "a", "d": name, "s": list(array.shape)}


class Unknown:
    """Stands for a value that is not sent: only the name of its type is known."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Unpacker:
    """Turns JSON and bytes back into values, believing nothing."""

    def __init__(self, data: bytes) -> None:
        self.data, self.position, self.parts = data, 0, 0

    def unpack(self, item: Any, depth: int = 0) -> Any:
        """Return the value of a JSON item."""
        self.parts += 1
        if depth > DEEPEST or self.parts > MOST or not isinstance(item, dict):
            raise WireError("malformed value")
        kind, value = item.get("t"), item.get("v")
        if kind == "s" and isinstance(value, str):
            # half a surrogate pair is no text: whoever writes it to a file would fail
            return value.encode("utf-8", "replace").decode()
        if kind == "s" and (value is None or isinstance(value, bool)):
            return value
        if kind == "i" and isinstance(value, str) and len(value) < 310:
            return int(value)
        if kind == "f" and isinstance(value, str) and len(value) < 60:
            return float.fromhex(value)
        if kind in ("u", "l") and isinstance(value, list):
            parts = [self.unpack(one, depth + 1) for one in value]
            return tuple(parts) if kind == "u" else parts
        if kind == "d" and isinstance(value, list):
            return dict(self._pair(pair, depth) for pair in value)
        if kind == "?" and isinstance(value, str):
            return Unknown(value[:100])
        if kind in ("a", "n"):
            return self._array(item, kind == "n")
        raise WireError("malformed value")

    def _pair(self, pair: Any, depth: int) -> tuple[Any, Any]:
        if not isinstance(pair, list) or len(pair) != 2:
            raise WireError("malformed dict")
        key = self.unpack(pair[0], depth + 1)
        if not isinstance(key, str | int | float | bool | None):
            raise WireError("malformed key")
        return key, self.unpack(pair[1], depth + 1)

    def _array(self, item: dict[str, Any], scalar: bool) -> Any:
        name, shape = item.get("d"), item.get("s")
        if name not in DTYPES or not isinstance(shape, list) or len(shape) > 8:
            raise WireError("malformed array")
        dtype, entries = _DTYPES[name], 1
        for n in shape:
            if not isinstance(n, int) or not 0 <= n <= LONGEST:
                raise WireError("malformed shape")
            entries *= n
        end = self.position + entries * dtype.itemsize
        if end > len(self.data):
            raise WireError("an array says that it is larger than it is")
        # a copy: what was received stays as it was
        array = np.frombuffer(self.data, dtype, entries, self.position).reshape(shape).copy()
        self.position = end
        return array[()] if scalar and not shape else array


def encode(message: Any) -> bytes:
    """Return a message as bytes.

    >>> decode(encode({"answer": [1.5, np.arange(3)]}))
    {'answer': [1.5, array([0, 1, 2])]}
    """
    packer = Packer()
    header = json.dumps(packer.pack(message)).encode()
    return _HEAD.pack(len(header), packer.size) + header + b"".join(packer.chunks)


def decode(data: bytes) -> Any:
    """Return the message of these bytes; raise WireError if they are none."""
    if len(data) < _HEAD.size:
        raise WireError("the message is cut off")
    head, size = _HEAD.unpack_from(data)
    if len(data) != _HEAD.size + head + size:
        raise WireError("the message has the wrong length")
    try:
        item = json.loads(data[_HEAD.size : _HEAD.size + head])
        return Unpacker(data[_HEAD.size + head :]).unpack(item)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise WireError(f"malformed message: {error}") from None


def send(stream: Any, message: Any) -> None:
    """Write a message to a binary stream."""
    stream.write(encode(message))
    stream.flush()


def receive(stream: Any, longest: int = LONGEST) -> Any:
    """Read one message from a binary stream; None at its end.

    Raises WireError for a message that says it is longer than `longest`, before reading it.
    """
    head = _exactly(stream, _HEAD.size)
    if head is None:
        return None
    length, size = _HEAD.unpack(head)
    if length > LONGEST_HEADER or length + size > longest:
        raise WireError("the message is too long")
    body = _exactly(stream, length + size)
    if body is None:
        raise WireError("the message is cut off")
    return decode(head + body)


def _exactly(stream: Any, count: int) -> bytes | None:
    """Read so many bytes; None if the stream ends before."""
    found = bytearray()
    while len(found) < count:
        part = stream.read(min(count - len(found), 2**20))
        if not part:
            return None
        found += part
    return bytes(found)
