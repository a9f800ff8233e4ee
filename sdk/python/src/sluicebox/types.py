"""The types of columns, as the host knows them, and names for those that Python's own types don't tell apart.

`int` is an int64, `float` a float64, `str` a string. Where a column is something narrower, the hint says so: `sluicebox.Int32`, or
`Annotated[int, types.timestamp("ms")]`.
"""

from __future__ import annotations

import datetime
import decimal
from dataclasses import dataclass
from typing import Annotated, TypeVar

#: Units of times, by their short names.
UNITS = {"s": "second", "ms": "millisecond", "us": "microsecond", "ns": "nanosecond"}
#: How many of a unit are in a second.
PER_SECOND = {"second": 1, "millisecond": 10**3, "microsecond": 10**6, "nanosecond": 10**9}
#: The shapes of an interval, and how `struct` and `array` write them.
INTERVALS = {"year-month": "i", "day-time": "ii", "month-day-nano": "iiq"}
#: How `array` and `memoryview` write the types whose values are numbers of a fixed width.
FORMATS = {
    "int8": "b",
    "int16": "h",
    "int32": "i",
    "int64": "q",
    "uint8": "B",
    "uint16": "H",
    "uint32": "I",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
    "date32": "i",
    "date64": "q",
    "timestamp": "q",
    "duration": "q",
}


@dataclass(frozen=True)
class Field:
    """A column, or a part of a nested one."""

    name: str
    type: Type
    nullable: bool = False


@dataclass(frozen=True)
class Type:
    """A column's type: its kind as in the WIT package, what the kind takes, and the parts of a nested one."""

    kind: str
    #: A length, a unit, a precision and a scale, or a unit and a zone.
    parameter: object = None
    children: tuple[Field, ...] = ()

    @property
    def unit(self) -> str:
        """The unit of a time, timestamp or duration."""
        return str(self.parameter[0] if isinstance(self.parameter, tuple) else self.parameter)

    @property
    def format(self) -> str | None:
        """How `array` and `memoryview` write its values; none where they aren't numbers of a fixed width."""
        if self.kind == "time":
            return "i" if self.unit in ("second", "millisecond") else "q"
        if self.kind == "interval" and self.parameter == "year-month":
            return "i"
        return FORMATS.get(self.kind)

    @property
    def n_buffers(self) -> int:
        """How many buffers it has after the one of nulls."""
        if self.kind in ("utf8", "binary"):
            return 2
        return 0 if self.kind in ("struct", "fixed-size-list") else 1

    def __str__(self) -> str:
        short = {long: short for short, long in UNITS.items()}
        named = self.kind == "struct"
        parts = ", ".join(f"{child.name}: {child.type}" if named else str(child.type) for child in self.children)
        match self.kind, self.parameter:
            case "utf8", _:
                return "string"
            case "date32", _:
                return "date"
            case "decimal128", (precision, scale):
                return f"decimal({precision}, {scale})"
            case "fixed-size-binary", length:
                return f"fixed-size-binary({length})"
            case "timestamp", (unit, zone):
                return f"timestamp[{short[str(unit)]}{f', {zone}' if zone else ''}]"
            case (("time" | "duration"), unit):
                return f"{self.kind}[{short[str(unit)]}]"
            case "interval", shape:
                return f"interval[{shape}]"
            case "fixed-size-list", length:
                return f"fixed-size-list<{parts}, {length}>"
            case (("list" | "struct"), _):
                return f"{self.kind}<{parts}>"
            case "map", _:
                return f"map<{', '.join(str(field.type) for field in self.children[0].type.children)}>"
        return self.kind


def _unit(unit: str) -> str:
    if unit not in UNITS:
        raise TypeError(f"{unit!r} is no unit; units are {', '.join(UNITS)}")
    return UNITS[unit]


def time(unit: str) -> Type:
    """Time since midnight; `unit` is `s`, `ms`, `us` or `ns`."""
    return Type("time", _unit(unit))


def timestamp(unit: str, zone: str | None = None) -> Type:
    """A point in time, with a zone, or a wall clock's time without one."""
    return Type("timestamp", (_unit(unit), zone))


def duration(unit: str) -> Type:
    """Elapsed time."""
    return Type("duration", _unit(unit))


def interval(shape: str) -> Type:
    """An interval of the calendar: `year-month`, `day-time` or `month-day-nano`."""
    if shape not in INTERVALS:
        raise TypeError(f"{shape!r} is no shape of an interval; they are {', '.join(INTERVALS)}")
    return Type("interval", shape)


def decimal128(precision: int, scale: int) -> Type:
    """A decimal of up to 38 digits, `scale` of them behind the point."""
    if not 1 <= precision <= 38:
        raise TypeError(f"a decimal has 1 to 38 digits, not {precision}")
    return Type("decimal128", (precision, scale))


def fixed_size_binary(length: int) -> Type:
    """So many bytes each."""
    return Type("fixed-size-binary", length)


def list_of(item: Type, nullable: bool = False) -> Type:
    """Any number of items."""
    return Type("list", None, (Field("item", item, nullable),))


def fixed_size_list(item: Type, length: int, nullable: bool = False) -> Type:
    """So many items each."""
    return Type("fixed-size-list", length, (Field("item", item, nullable),))


def struct(*fields: Field) -> Type:
    """Named parts."""
    return Type("struct", None, fields)


def map_of(key: Type, value: Type, nullable: bool = False) -> Type:
    """Keys with values."""
    entries = struct(Field("key", key), Field("value", value, nullable))
    return Type("map", None, (Field("entries", entries),))


@dataclass(frozen=True)
class Length:
    """In a hint, `Annotated[list[float], types.Length(3)]`: a list that always has so many items."""

    items: int


boolean, utf8, binary = Type("boolean"), Type("utf8"), Type("binary")
int8, int16, int32, int64 = Type("int8"), Type("int16"), Type("int32"), Type("int64")
uint8, uint16, uint32, uint64 = Type("uint8"), Type("uint16"), Type("uint32"), Type("uint64")
float32, float64 = Type("float32"), Type("float64")
date32, date64 = Type("date32"), Type("date64")

#: What a plain hint means.
PLAIN: dict[type, Type] = {
    bool: boolean,
    int: int64,
    float: float64,
    str: utf8,
    bytes: binary,
    datetime.date: date32,
    datetime.datetime: timestamp("us"),
    datetime.time: time("us"),
    datetime.timedelta: duration("us"),
}

Int8 = Annotated[int, int8]
Int16 = Annotated[int, int16]
Int32 = Annotated[int, int32]
Int64 = Annotated[int, int64]
UInt8 = Annotated[int, uint8]
UInt16 = Annotated[int, uint16]
UInt32 = Annotated[int, uint32]
UInt64 = Annotated[int, uint64]
Float32 = Annotated[float, float32]
Float64 = Annotated[float, float64]
Date64 = Annotated[datetime.date, date64]
Utc = Annotated[datetime.datetime, timestamp("us", "UTC")]
Months = Annotated[int, interval("year-month")]
DayTime = Annotated[tuple[int, int], interval("day-time")]
MonthDayNano = Annotated[tuple[int, int, int], interval("month-day-nano")]

T = TypeVar("T")


def plain_of(type: Type) -> object:
    """The Python type that values of a column are given as where no hint says otherwise."""
    if type.kind == "decimal128":
        return decimal.Decimal
    for plain, known in PLAIN.items():
        if known.kind == type.kind and type.unit != "nanosecond":
            return plain
    return float if type.kind.startswith("float") else int
