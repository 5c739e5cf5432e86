"""What crosses between the grader and a submission: plain values, as JSON and raw bytes.

This file is also read by the process that runs submissions, which has no `course`: it imports the
standard library and NumPy only. A message is a length, a JSON header, and the bytes of its arrays.
Nothing is unpickled; sizes are checked before memory is allocated.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

#: the longest message that is read, in bytes; of which the header, and any one text in it
LONGEST = 16 * 2**20
LONGEST_HEADER, LONGEST_TEXT = 8 * 2**20, 2 * 2**20
#: how deep values may be nested, how many parts they may have, and how many keys one dict: of keys
#: that all hash alike each is compared with all others
DEEPEST, MOST, MOST_KEYS = 20, 100_000, 1_000
#: whole numbers of this size and above are sent as infinite
LARGEST = 10**300
#: so many inputs, the last ones, are tried a second time: who remembers or throws dice gives other
#: values then
AGAIN = 2
DTYPES = frozenset(
    ("float64", "float32", "float16", "bool")
    + tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
)
_DTYPES = {name: np.dtype(name) for name in DTYPES}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}  # a name is read off slowly
_HEAD = struct.Struct("<II")  # bytes of the header, bytes of the arrays


class WireError(Exception):
    """A message that is no message: too long, malformed, or of a type that is not sent."""


class Packer:
    """Turns values into JSON, and collects the bytes of their arrays.

    What JSON has stands for itself; all else is a list, whose first entry says what it is.
    """

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = self.parts = 0

    def pack(self, value: Any, depth: int = 0) -> Any:
        """Return the JSON of a value; what is no plain value is sent as the name of its type."""
        self.parts += 1
        if self.parts > MOST:
            raise WireError("the value has too many parts")
        if depth > DEEPEST:
            raise WireError("the value is nested too deeply: does a list contain itself?")
        kind = type(value)
        if kind is np.ndarray:
            return self._array("a", value, depth)
        if value is None or kind is bool or kind is float:
            return value
        if kind is list or kind is tuple:
            name = "l" if kind is list else "u"
            return [name, *[self.pack(one, depth + 1) for one in value]]
        if isinstance(value, str):
            return str.__str__(value)[:LONGEST_TEXT]
        if kind is int:
            return value if abs(value) < LARGEST else math.inf if value > 0 else -math.inf
        if isinstance(value, dict):
            parts = [self.pack(part, depth + 1) for pair in value.items() for part in pair]
            return ["d", *parts]
        if isinstance(value, np.ndarray | np.generic):
            return self._array("a" if isinstance(value, np.ndarray) else "n", value, depth)
        if isinstance(value, tuple):
            return self.pack(tuple(value), depth)
        if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
            return self.pack(list(value), depth)  # such as a deque
        return ["?", kind.__name__[:100]]

    def _array(self, letter: str, value: np.ndarray | np.generic, depth: int) -> Any:
        array = np.asarray(value)
        name = _NAMES.get(array.dtype)
        if name is None:
            if array.dtype == object and array.ndim:
                return self.pack(list(array), depth)
            name = "float64" if array.dtype == np.longdouble else array.dtype.name
            if name not in DTYPES:
                return ["?", f"array of {name}"[:100]]
            array = array.astype(name)  # bytes in this machine's order
        data = array.tobytes()
        self.size += len(data)
        if self.size > LONGEST:
            raise WireError("the value is too large")
        self.chunks.append(data)
        return [letter, name, *array.shape]


class Unknown:
    """Stands for a value that is not sent: only the name of its type is known."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Unpacker:
    """Turns JSON and bytes back into values, believing nothing."""

    def __init__(self, data: bytes) -> None:
        self.data, self.position, self.parts = bytearray(data), 0, 0

    def unpack(self, item: Any, depth: int = 0) -> Any:
        """Return the value of a JSON item."""
        self.parts += 1
        if depth > DEEPEST or self.parts > MOST:
            raise WireError("malformed value")
        kind = type(item)
        if kind is list and item:
            return self._parts(item[0], item[1:], depth + 1)
        if item is None or kind is bool or kind is float:
            return item
        if kind is str:
            # half a surrogate pair is no text: whoever writes it to a file would fail
            return item if item.isascii() else item.encode("utf-8", "replace").decode()
        if kind is int and abs(item) < LARGEST:
            return item
        raise WireError("malformed value")

    def _parts(self, letter: Any, parts: list[Any], depth: int) -> Any:
        """Return the value of a list in JSON, whose first entry says what it stands for."""
        if letter == "a" or letter == "n":
            return self._array(parts, letter == "n")
        if letter == "l" or letter == "u" or letter == "d":
            values = [self.unpack(one, depth) for one in parts]
            if letter == "d":
                return self._dict(values[::2], values[1::2])
            return values if letter == "l" else tuple(values)
        if letter == "?" and len(parts) == 1 and isinstance(parts[0], str):
            return Unknown(parts[0][:100])
        raise WireError("malformed value")

    def _dict(self, keys: list[Any], values: list[Any]) -> dict[Any, Any]:
        if len(keys) > MOST_KEYS:
            raise WireError("a dict has too many keys")
        if not all(isinstance(key, str | int | float | bool | None) for key in keys):
            raise WireError("malformed key")
        return dict(zip(keys, values, strict=True))

    def _array(self, parts: list[Any], scalar: bool) -> Any:
        dtype, shape, size = _layout(*parts)
        end = self.position + size
        if end > len(self.data):
            raise WireError("an array says that it is larger than it is")
        # no copy: each array has bytes of the message to itself
        array: Any = np.ndarray(shape, dtype, self.data, self.position)
        self.position = end
        return array[()] if scalar and not shape else array


@lru_cache(maxsize=1000, typed=True)  # True is not 1
def _layout(name: str = "", *shape: int) -> tuple[np.dtype, tuple[int, ...], int]:
    """Return the dtype of an array, its shape and its bytes; the same few come again and again."""
    if name not in DTYPES or len(shape) > 8:
        raise WireError("malformed array")
    size = _DTYPES[name].itemsize
    for n in shape:
        if type(n) is not int or not 0 <= n <= LONGEST:
            raise WireError("malformed shape")
        size *= n
    return _DTYPES[name], shape, size


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
