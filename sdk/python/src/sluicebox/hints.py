"""Type hints to columns: which codec a hint means, and which columns a row of it has."""

from __future__ import annotations

import dataclasses
import types as python_types
import typing
from collections.abc import Callable, Sequence
from typing import Any

from . import types
from .codec import Codec, Entries, Items, Struct, codec_of_type, scalar
from .columns import Column
from .errors import Failed
from .settings import is_config
from .types import Field, Length, Type


def codec_of(hint: Any, nullable: bool = False) -> Codec:
    """The codec of a hint; `TypeError` where no column has such values."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, python_types.UnionType):
        rest = [arg for arg in args if arg is not type(None)]
        if len(rest) == 1 and len(args) == 2:
            return codec_of(rest[0], nullable=True)
        raise TypeError(f"{shown(hint)} is several types; a column has one, or one and None")
    if origin is typing.Annotated:
        return _annotated(args[0], args[1:], nullable)
    if origin is list:
        return Items(codec_of(args[0]), nullable)
    if origin is dict:
        return Entries(codec_of(args[0]), codec_of(args[1]), nullable)
    if origin is tuple and Ellipsis not in args:
        names = [f"_{at}" for at in range(1, len(args) + 1)]
        return Struct(names, [codec_of(arg) for arg in args], nullable)
    if is_row(hint):
        names, codecs, make, take = _fields(hint)
        return Struct(names, codecs, nullable, make, take)
    if hint in types.PLAIN:
        return scalar(types.PLAIN[hint], nullable, hint)
    raise TypeError(f"no column has values of {shown(hint)}: take one of {', '.join(map(shown, types.PLAIN))}, a list or dict of them, "
                    "a tuple, a dataclass, or Annotated with one of sluicebox.types")  # fmt: skip


def _annotated(base: Any, marks: Sequence[Any], nullable: bool) -> Codec:
    for mark in marks:
        if isinstance(mark, Length):
            return Items(codec_of(typing.get_args(base)[0]), nullable, mark.items)
        if isinstance(mark, Type):
            plain = typing.get_origin(base) or base
            return codec_of_type(mark, nullable) if mark.children else scalar(mark, nullable, plain)
    return codec_of(base, nullable)


def shown(hint: Any) -> str:
    """A hint as an author writes it."""
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint).replace("typing.", "")


def is_row(hint: Any) -> bool:
    """Whether a hint is a dataclass, whose fields are columns."""
    return isinstance(hint, type) and dataclasses.is_dataclass(hint) and not is_config(hint)


def _fields(cls: Any) -> tuple[list[str], list[Codec], Callable[..., Any], Callable[[Any], Sequence[Any]]]:
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = [field for field in dataclasses.fields(cls) if field.init]
    names = [field.metadata.get("name", field.name) for field in fields]
    attributes = [field.name for field in fields]
    return names, [codec_of(hints[n]) for n in attributes], cls, lambda row: [getattr(row, n) for n in attributes]


class Row:
    """The columns of a row: one value, or several in a tuple or a dataclass, or none."""

    def __init__(self, hint: Any) -> None:
        self.hint = hint
        self.names: list[str] | None = None
        self.is_single = False
        self.make: Callable[..., Any] | None = None
        self.take: Callable[[Any], Sequence[Any]] | None = None
        self.codecs: list[Codec]
        args = typing.get_args(hint)
        if hint in (None, type(None)):
            self.codecs = []
        elif typing.get_origin(hint) is tuple and Ellipsis not in args:
            self.codecs = [codec_of(arg) for arg in args]
        elif is_row(hint):
            self.names, self.codecs, self.make, self.take = _fields(hint)
        else:
            self.codecs, self.is_single = [codec_of(hint)], True

    def schema(self, names: Sequence[str] | None, default: str | None = None) -> list[Field]:
        """The columns, called by these names, or the dataclass's, or by default `default` if it is one, and `_1`, `_2` and so on."""
        n = len(self.codecs)
        if names is None:
            one = default is not None and n == 1
            names = self.names or ([str(default)] if one else [f"_{at}" for at in range(1, n + 1)])
        if len(names) != n:
            raise TypeError(f"{len(names)} names are given for the {n} columns of {shown(self.hint)}")
        return [codec.field(name) for codec, name in zip(self.codecs, names)]

    def inputs(self, names: Sequence[str] | None) -> list[Field]:
        """The columns as read: of no name where they are taken by their position."""
        return self.schema(names if names is not None else self.names or [""] * len(self.codecs))

    def lists(self, columns: Sequence[Column[Any]]) -> list[list[Any]]:
        """The values of each column."""
        return [codec.decode(column) for codec, column in zip(self.codecs, columns)]

    def decode(self, columns: Sequence[Column[Any]], n_rows: int) -> list[Any]:
        """Rows."""
        lists = self.lists(columns)
        if self.is_single:
            return lists[0]
        if not lists:
            return [None] * n_rows
        return list(map(self.make, *lists) if self.make else zip(*lists))

    def encode(self, rows: Sequence[Any], what: str) -> list[Column[Any]]:
        """Columns of rows. One that doesn't fit is a failure that says which; `what` says of what they are."""
        try:
            return self._encode(rows)
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            for at, row in enumerate(rows):
                try:
                    self._encode([row])
                except (TypeError, ValueError, OverflowError, AttributeError) as wrong:
                    text = repr(row)
                    cut = text if len(text) <= 200 else text[:200] + "..."
                    raise Failed(f"{what}: row {at} is {cut}, which is no {shown(self.hint)}: {wrong}") from None
            raise Failed(f"{what}: {error}") from None

    def _encode(self, rows: Sequence[Any]) -> list[Column[Any]]:
        if self.is_single:
            return [self.codecs[0].encode(rows)]
        if not self.codecs:
            return []
        if self.take is not None:
            take = self.take
            rows = [take(row) for row in rows]
        n = len(self.codecs)
        for row in rows:
            if len(row) != n:
                raise TypeError(f"it has {len(row)} values for {n} columns")
        lists = list(zip(*rows)) if rows else [()] * n
        return [codec.encode(values) for codec, values in zip(self.codecs, lists)]

    def lacking(self, columns: Sequence[Column[Any]], names: Sequence[str]) -> dict[int, str]:
        """The rows with a null where the hint has no room for one, and what to say of it."""
        found: dict[int, str] = {}
        for codec, column, name in zip(self.codecs, columns, names):
            if codec.may_lack(column):
                for at, value in enumerate(codec.decode(column)):
                    if codec.lacks(value):
                        found.setdefault(at, f"column `{name}` is null, which the operator takes no None for")
        return found


def same_type(expected: Type, offered: Type) -> bool:
    """Whether two types are the same. Names count only within structs; nulls are looked at row by row."""
    return (
        (expected.kind, expected.parameter) == (offered.kind, offered.parameter)
        and len(expected.children) == len(offered.children)
        and all(
            (expected.kind != "struct" or a.name == b.name) and same_type(a.type, b.type)
            for a, b in zip(expected.children, offered.children)
        )
    )


def taking_nulls(schema: Sequence[Field]) -> list[Field]:
    """The same columns with nulls wherever a value can be: a row whose null there is no room for is then the operator's to reject."""
    return [Field(field.name, _with_nulls(field.type), True) for field in schema]


def _with_nulls(type: Type) -> Type:
    if type.kind == "map":
        # Entries and their keys are never null.
        key, value = type.children[0].type.children
        entries = types.struct(key, *taking_nulls([value]))
        return Type("map", None, (Field(type.children[0].name, entries),))
    return Type(type.kind, type.parameter, tuple(taking_nulls(type.children)))
