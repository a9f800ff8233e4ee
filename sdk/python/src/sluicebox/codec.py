"""Between a column and a list of Python values: whole columns at a time.

A codec knows its column's type, whether there may be nulls, and the two loops. `hints` chooses one for a type hint.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Sequence
from itertools import chain, pairwise
from typing import Any

from . import convert
from .columns import Column, offsets_of, pack_bits, unpack_bits
from .types import INTERVALS, Field, Type


class Codec:
    """Decodes and encodes columns of one type."""

    #: What stands in a buffer where the row is null.
    fill: Any = None

    def __init__(self, type: Type, nullable: bool = False) -> None:
        self.type, self.nullable = type, nullable

    def field(self, name: str) -> Field:
        """The column, called so."""
        return Field(name, self.type, self.nullable)

    def decode(self, column: Column[Any]) -> list[Any]:
        """A column's values, `None` where null."""
        values = self.load(column)
        if not column.null_count:
            return values
        return [value if valid else None for value, valid in zip(values, column.valid())]

    def encode(self, values: Sequence[Any]) -> Column[Any]:
        """A column of values; `TypeError`, `ValueError` or `OverflowError` where one doesn't fit."""
        if not self.nullable or None not in values:
            return self.dump(values)
        valid = [value is not None for value in values]
        column = self.dump([self.fill if value is None else value for value in values])
        column.null_count, column.validity = valid.count(False), pack_bits(valid)
        return column

    def load(self, column: Column[Any]) -> list[Any]:
        """The values, whatever those of null rows are."""
        raise NotImplementedError

    def dump(self, values: Sequence[Any]) -> Column[Any]:
        """A column of values that are all there."""
        raise NotImplementedError

    def may_lack(self, column: Column[Any]) -> bool:
        """Whether there are nulls in the column where the hint has no room for one."""
        return column.null_count > 0 and not self.nullable

    def lacks(self, value: Any) -> bool:
        """Whether a value has a null in it where the hint has no room for one."""
        return value is None and not self.nullable


class Numbers(Codec):
    """Numbers of a fixed width."""

    fill = 0

    def load(self, column: Column[Any]) -> list[Any]:
        return column.view.tolist()

    def dump(self, values: Sequence[Any]) -> Column[Any]:
        assert self.type.format is not None
        return Column(self.type, len(values), [array(self.type.format, values).tobytes()])


class Converted(Codec):
    """What a number stands for: a date, a time."""

    def __init__(self, type: Type, nullable: bool, load: Callable[[Any], Any], dump: Callable[[Any], Any]) -> None:
        super().__init__(type, nullable)
        self.numbers, self.from_number, self.to_number = Numbers(type), load, dump

    def decode(self, column: Column[Any]) -> list[Any]:
        # A null row's number means nothing, and may be none that can be converted.
        numbers, valid = self.numbers.load(column), column.valid()
        return [self.from_number(number) if ok else None for number, ok in zip(numbers, valid)]

    def dump(self, values: Sequence[Any]) -> Column[Any]:
        return self.numbers.dump([0 if value is None and self.nullable else self.to_number(value) for value in values])


class Booleans(Codec):
    """One bit a row."""

    fill = False

    def load(self, column: Column[Any]) -> list[Any]:
        return unpack_bits(column.buffers[0], column.length)

    def dump(self, values: Sequence[Any]) -> Column[Any]:
        for value in values:
            if value is not True and value is not False:
                raise TypeError(f"{value!r} is no bool")
        return Column(self.type, len(values), [pack_bits(values)])


class Text(Codec):
    """Strings: decoded at once where all of them are ASCII."""

    fill = ""

    def load(self, column: Column[Any]) -> list[Any]:
        offsets, data = column.offsets.tolist(), column.data
        if data.isascii():
            text = data.decode("ascii")
            return [text[start:end] for start, end in pairwise(offsets)]
        return [data[start:end].decode() for start, end in pairwise(offsets)]

    def dump(self, values: Sequence[Any]) -> Column[Any]:
        data = "".join(values).encode()
        offsets = offsets_of(map(len, values))
        if offsets[-1] != len(data):
            encoded = [value.encode() for value in values]
            offsets = offsets_of(map(len, encoded))
        return Column(self.type, len(values), [offsets.tobytes(), data])


class Bytes(Codec):
    """Binaries."""

    fill = b""

    def load(self, column: Column[Any]) -> list[Any]:
        data = column.data
        return [data[start:end] for start, end in pairwise(column.offsets.tolist())]

    def dump(self, values: Sequence[Any]) -> Column[Any]:
        return Column(self.type, len(values), [offsets_of(map(len, values)).tobytes(), b"".join(values)])


class Fixed(Codec):
    """Values of so many bytes each, which `load` and `dump` make of bytes and bytes of."""

    def __init__(
        self, type: Type, nullable: bool, width: int, load: Callable[[bytes], Any], dump: Callable[[Any], bytes]
    ) -> None:
        super().__init__(type, nullable)
        self.width, self.from_bytes, self.to_bytes = width, load, dump

    def load(self, column: Column[Any]) -> list[Any]:
        data, width = column.buffers[0], self.width
        return [self.from_bytes(data[at : at + width]) for at in range(0, column.length * width, width)]

    def dump(self, values: Sequence[Any]) -> Column[Any]:
        zero = bytes(self.width)
        parts = [zero if value is None and self.nullable else self.to_bytes(value) for value in values]
        for part in parts:
            if len(part) != self.width:
                raise ValueError(f"{part!r} has {len(part)} bytes, not {self.width}")
        return Column(self.type, len(values), [b"".join(parts)])


class Items(Codec):
    """Lists, of any length or always the same."""

    def __init__(self, item: Codec, nullable: bool, length: int | None = None) -> None:
        children = (item.field("item"),)
        type = Type("list", None, children) if length is None else Type("fixed-size-list", length, children)
        super().__init__(type, nullable)
        self.item, self.length = item, length
        self.fill = [item.fill] * (length or 0)

    def load(self, column: Column[Any]) -> list[Any]:
        items = self.item.decode(column.children[0])
        if self.length is not None:
            return [items[row * self.length : (row + 1) * self.length] for row in range(column.length)]
        return [items[start:end] for start, end in pairwise(column.offsets.tolist())]

    def dump(self, values: Sequence[Any]) -> Column[Any]:
        child = self.item.encode(list(chain.from_iterable(values)))
        if self.length is None:
            return Column(self.type, len(values), [offsets_of(map(len, values)).tobytes()], children=[child])
        for value in values:
            if len(value) != self.length:
                raise ValueError(f"{value!r} has {len(value)} items, not {self.length}")
        return Column(self.type, len(values), [], children=[child])

    def may_lack(self, column: Column[Any]) -> bool:
        return super().may_lack(column) or self.item.may_lack(column.children[0])

    def lacks(self, value: Any) -> bool:
        return super().lacks(value) or (value is not None and any(map(self.item.lacks, value)))


class Struct(Codec):
    """Named parts: a tuple, or an object that `make` makes of them and `take` takes apart."""

    def __init__(
        self,
        names: Sequence[str],
        parts: Sequence[Codec],
        nullable: bool,
        make: Callable[..., Any] | None = None,
        take: Callable[[Any], Sequence[Any]] | None = None,
    ) -> None:
        super().__init__(Type("struct", None, tuple(part.field(n) for n, part in zip(names, parts))), nullable)
        self.parts, self.make, self.take = list(parts), make, take

    def load(self, column: Column[Any]) -> list[Any]:
        columns = [part.decode(child) for part, child in zip(self.parts, column.children)]
        return list(map(self.make, *columns) if self.make else zip(*columns))

    def dump(self, values: Sequence[Any]) -> Column[Any]:
        parts = self.split(values)
        children = [part.encode(column) for part, column in zip(self.parts, parts)]
        return Column(self.type, len(values), [], children=children)

    def split(self, values: Sequence[Any]) -> list[Sequence[Any]]:
        """The values of each part. A null has parts that mean nothing."""
        nothing = tuple(part.fill for part in self.parts)
        taken = [nothing if value is None and self.nullable else self.apart(value) for value in values]
        return list(zip(*taken)) if taken else [()] * len(self.parts)

    def apart(self, value: Any) -> Sequence[Any]:
        """The parts of a value."""
        parts: Sequence[Any] = self.take(value) if self.take else value
        if len(parts) != len(self.parts):
            raise TypeError(f"{value!r} has {len(parts)} parts, not {len(self.parts)}")
        return parts

    def may_lack(self, column: Column[Any]) -> bool:
        children = zip(self.parts, column.children)
        return super().may_lack(column) or any(part.may_lack(child) for part, child in children)

    def lacks(self, value: Any) -> bool:
        if value is None:
            return not self.nullable
        return any(part.lacks(inner) for part, inner in zip(self.parts, self.apart(value)))


class Entries(Codec):
    """Maps: a `dict`, whose entries keep their order."""

    fill: Any = {}

    def __init__(self, key: Codec, value: Codec, nullable: bool) -> None:
        self.entries = Struct(["key", "value"], [key, value], False)
        super().__init__(Type("map", None, (self.entries.field("entries"),)), nullable)

    def load(self, column: Column[Any]) -> list[Any]:
        entries = self.entries.load(column.children[0])
        return [dict(entries[start:end]) for start, end in pairwise(column.offsets.tolist())]

    def dump(self, values: Sequence[Any]) -> Column[Any]:
        child = self.entries.encode(list(chain.from_iterable(value.items() for value in values)))
        return Column(self.type, len(values), [offsets_of(map(len, values)).tobytes()], children=[child])

    def may_lack(self, column: Column[Any]) -> bool:
        return super().may_lack(column) or self.entries.may_lack(column.children[0])

    def lacks(self, value: Any) -> bool:
        if value is None:
            return not self.nullable
        return any(map(self.entries.parts[1].lacks, value.values()))


def scalar(type: Type, nullable: bool, python: object) -> Codec:
    """The codec of a type without parts, for values that are given as `python`'s."""
    match type.kind:
        case "boolean":
            return Booleans(type, nullable)
        case "utf8":
            return Text(type, nullable)
        case "binary":
            return Bytes(type, nullable)
        case "fixed-size-binary":
            assert isinstance(type.parameter, int)
            return Fixed(type, nullable, type.parameter, bytes, bytes)
        case "decimal128":
            assert isinstance(type.parameter, tuple)
            return Fixed(type, nullable, 16, *convert.decimals(*type.parameter))
        case "interval" if type.parameter != "year-month":
            packed = struct.Struct("<" + INTERVALS[str(type.parameter)])
            return Fixed(type, nullable, packed.size, packed.unpack, lambda parts: packed.pack(*parts))
    if python in (int, float):
        return Numbers(type, nullable)
    load, dump = convert.times(type, python)
    return Converted(type, nullable, load, dump)


def codec_of_type(type: Type, nullable: bool = True) -> Codec:
    """The codec of a column's type, for where there is no hint: everything may be null, and structs are tuples."""
    from .types import plain_of

    children = [codec_of_type(child.type, child.nullable) for child in type.children]
    match type.kind:
        case "list":
            return Items(children[0], nullable)
        case "fixed-size-list":
            assert isinstance(type.parameter, int)
            return Items(children[0], nullable, type.parameter)
        case "struct":
            return Struct([child.name for child in type.children], children, nullable)
        case "map":
            assert isinstance(children[0], Struct)
            key, value = children[0].parts
            return Entries(key, value, nullable)
    return scalar(type, nullable, plain_of(type))
