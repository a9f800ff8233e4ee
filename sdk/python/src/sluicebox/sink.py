"""Outputs: `sink`. Rows of a partition are written where nobody sees them yet, and seen once their batch is committed."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import Any, TypeVar

from .columns import Column
from .errors import Failed
from .operator import Arguments, Context, Operator, bind_columns, names_of, offer
from .settings import is_config, parse
from .transform import Names
from .types import Field

C = TypeVar("C", bound=type)


@dataclass(frozen=True)
class Target:
    """A batch of an output."""

    #: The job's name.
    job: str
    #: The output's name.
    output: str
    #: The batch's time in milliseconds since 1970; later batches have later times.
    batch_time_ms: int


class Sink(Operator):
    """A class that writes rows."""

    interface = "sink"

    def __init__(self, author: type, name: str | None, input: Names) -> None:
        super().__init__(author, name)
        for method in ("write", "prepare", "commit"):
            if not hasattr(author, method):
                raise TypeError(f"{author.__qualname__} has no `{method}`, which a sink has")
        self.made_with = Arguments(author.__init__, skip=1, in_order=False)  # type: ignore[misc]
        rows = Arguments(author.write, skip=1)  # type: ignore[attr-defined]
        self.row = rows.row()
        self.spread = len(rows.rows) != 1 or self.row.is_single
        self.input = self.row.inputs(names_of(input))

    def bind(self, config: str, input: list[Field]) -> list[int]:
        """The columns written."""
        self.made_with.named(config, None)
        return bind_columns(self.input, input)

    def open(self, context: Context, config: str, input: list[Field]) -> Writing:
        """Begin a partition."""
        return Writing(self, self.author(**self.made_with.named(config, context)), [field.name for field in input])

    def commit(self, target: Target, config: str, prepared: list[bytes]) -> None:
        """Make a batch seen."""
        self._finish("commit", target, config, prepared)

    def abort(self, target: Target, config: str, prepared: list[bytes]) -> None:
        """Remove what was prepared."""
        if hasattr(self.author, "abort"):
            self._finish("abort", target, config, prepared)

    def _finish(self, method: str, target: Target, config: str, prepared: list[bytes]) -> None:
        function = getattr(self.author, method)
        hints = typing.get_type_hints(function)
        named = {name: parse(hint, config) for name, hint in hints.items() if is_config(hint)}
        function(target, prepared, **named)


class Writing:
    """A partition being written."""

    def __init__(self, operator: Sink, author: Any, names: list[str]) -> None:
        self.operator, self.author, self.names = operator, author, names

    def write(self, columns: list[Column[Any]], n_rows: int) -> None:
        """Take a chunk."""
        row, write = self.operator.row, self.author.write
        for why in row.lacking(columns, self.names).values():
            raise Failed(why)
        if self.operator.spread:
            for values in zip(*row.lists(columns)):
                write(*values)
        else:
            for value in row.decode(columns, n_rows):
                write(value)

    def prepare(self) -> bytes:
        """All chunks were written."""
        return bytes(self.author.prepare())


def sink(cls: C | None = None, *, name: str | None = None, input: Names = None) -> Any:
    """A class of which an object writes a partition: `write(self, row)`, then `prepare(self) -> bytes`, at most 64 KiB; the static methods `commit(target, prepared)` and
    perhaps `abort(target, prepared)` get what all partitions prepared, in another instance, and a commit may come twice."""

    def decorate(cls: C) -> C:
        offer(Sink(cls, name, input))
        return cls

    return decorate if cls is None else decorate(cls)
