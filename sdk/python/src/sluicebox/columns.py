"""Columns as they cross: buffers, which are decoded and encoded whole, never a value at a time across the boundary.

A `Column` is what an operator over columns gets and returns. Its buffers are the bytes that the host handed over; `view` and `offsets` look at them
without copying.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Generic, TypeVar, cast

from .types import Field, Type

T = TypeVar("T", covariant=True)

#: The eight bits of each byte, least significant first.
_BITS = [tuple(bool(byte >> bit & 1) for bit in range(8)) for byte in range(256)]


def unpack_bits(bits: bytes, length: int) -> list[bool]:
    """The first `length` bits, least significant of each byte first."""
    return list(chain.from_iterable(map(_BITS.__getitem__, bits)))[:length]


def pack_bits(flags: Sequence[object]) -> bytes:
    """Flags as bits, least significant of each byte first."""
    if not flags:
        return b""
    digits = "".join(["1" if flag else "0" for flag in reversed(flags)])
    return int(digits, 2).to_bytes((len(flags) + 7) // 8, "little")


class Column(Generic[T]):
    """One column of a chunk: its type, how many rows and nulls, and its buffers.

    `validity` has a bit for each row, set where it is not null, and is empty where no row is. `buffers` are those that the type has after it, as the WIT package's
    `data` says: values, or offsets and bytes, or offsets of a list; `children` are the columns inside a nested one.
    """

    __slots__ = ("type", "length", "null_count", "validity", "buffers", "children")

    def __init__(
        self,
        type: Type,
        length: int,
        buffers: Sequence[bytes],
        *,
        null_count: int = 0,
        validity: bytes = b"",
        children: Sequence[Column[object]] = (),
    ) -> None:
        self.type, self.length, self.null_count, self.validity = type, length, null_count, validity
        self.buffers, self.children = tuple(buffers), tuple(children)

    def __len__(self) -> int:
        return self.length

    def __repr__(self) -> str:
        return f"<column of {self.length} {self.type}, {self.null_count} null>"

    @property
    def view(self) -> memoryview[Any]:
        """The values, where they are numbers of a fixed width, as a memoryview over the host's bytes. Those of null rows mean nothing."""
        if self.type.format is None:
            raise TypeError(f"values of {self.type} are no numbers; use `offsets` and `data`, or `values()`")
        view: Any = memoryview(self.buffers[0])
        return cast("memoryview[Any]", view.cast(self.type.format)[: self.length])

    @property
    def offsets(self) -> memoryview[int]:
        """Where each value begins and ends: one more than there are rows, of strings, binaries, lists and maps."""
        return memoryview(self.buffers[0]).cast("i")[: self.length + 1]

    @property
    def data(self) -> bytes:
        """The bytes of all values, one after the other, of strings and binaries."""
        return self.buffers[1]

    def valid(self) -> list[bool]:
        """Of each row, whether it has a value."""
        return unpack_bits(self.validity, self.length) if self.null_count else [True] * self.length

    def values(self) -> list[T | None]:
        """The values, decoded all at once, with `None` for nulls: `str`, `int` and so on, `datetime` where a type has one."""
        from .codec import codec_of_type

        return codec_of_type(self.type).decode(self)

    @classmethod
    def of(cls, type: Type, values: Iterable[object]) -> Column[T]:
        """A column of that type, with nulls where there is `None`."""
        from .codec import codec_of_type

        return codec_of_type(type).encode(list(values))

    @classmethod
    def of_numbers(cls, type: Type, numbers: array[int] | array[float]) -> Column[T]:
        """A column of numbers, of an `array` of the type's own width: without a look at any of them."""
        if numbers.typecode != type.format:
            raise TypeError(f"{type} takes an array of {type.format!r}, not of {numbers.typecode!r}")
        return cls(type, len(numbers), [numbers.tobytes()])


def read(schema: Sequence[Field], nodes: Sequence[tuple[int, int]], buffers: Sequence[bytes]) -> list[Column[object]]:
    """The columns of a batch, of its nodes (rows and nulls) and buffers."""
    node, buffer = iter(nodes), iter(buffers)
    return [_read(field.type, node, buffer) for field in schema]


def _read(type: Type, nodes: Iterator[tuple[int, int]], buffers: Iterator[bytes]) -> Column[object]:
    length, null_count = next(nodes)
    validity = next(buffers)
    own = [next(buffers) for _ in range(type.n_buffers)]
    children = [_read(child.type, nodes, buffers) for child in type.children]
    return Column(type, length, own, null_count=null_count, validity=validity, children=children)


def write(columns: Iterable[Column[object]]) -> tuple[list[tuple[int, int]], list[bytes]]:
    """The nodes and buffers of columns, depth first."""
    nodes: list[tuple[int, int]] = []
    buffers: list[bytes] = []

    def add(column: Column[object]) -> None:
        nodes.append((column.length, column.null_count))
        buffers.append(column.validity)
        buffers.extend(column.buffers)
        for child in column.children:
            add(child)

    for column in columns:
        add(column)
    return nodes, buffers


def offsets_of(lengths: Iterable[int]) -> array[int]:
    """Offsets of values that lie one after the other."""
    from itertools import accumulate

    return array("i", accumulate(lengths, initial=0))
