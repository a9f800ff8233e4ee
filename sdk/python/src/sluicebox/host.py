"""What an operator asks of the host besides its input: a log, counters, and the job's tables and values.

Outside of a component, in tests, the log goes to standard error, and `testing` keeps what was counted and says what there is to read.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import Any

from .columns import Column, read
from .errors import Failed
from .types import Field

LEVELS = ("debug", "info", "warn", "error")
#: Rows of a table that are asked for at a time.
_ROWS = 65_536
_MIB = 1 << 20


class Host:
    """The host, as a test has it; `guest` puts the real one in its place."""

    def __init__(self) -> None:
        self.counted: dict[str, int] = {}
        self.tables: dict[str, tuple[list[Field], list[Column[Any]], int]] = {}
        self.broadcasts: dict[str, bytes] = {}

    def log(self, level: str, message: str) -> None:
        """Log a line."""
        print(f"{level}: {message}", file=sys.stderr)

    def count(self, name: str, count: int) -> None:
        """Add to a counter."""
        self.counted[name] = self.counted.get(name, 0) + count

    def table_schema(self, name: str) -> list[Field] | None:
        """A table's columns."""
        return self.tables[name][0] if name in self.tables else None

    def table_rows(self, name: str, wanted: list[str], start: int) -> tuple[list[Column[Any]], int] | None:
        """Some rows of a table, from a row on."""
        schema, columns, n_rows = self.tables[name]
        of_name = {field.name: column for field, column in zip(schema, columns)}
        return ([of_name[name] for name in wanted], n_rows) if start == 0 and n_rows else None

    def broadcast_bytes(self, name: str, start: int, most: int) -> bytes | None:
        """Some bytes of a value."""
        return self.broadcasts.get(name, b"")[start : start + most] or None

    def broadcast_size(self, name: str) -> int | None:
        """How many bytes a value has."""
        return len(self.broadcasts[name]) if name in self.broadcasts else None


host = Host()


def set_host(new: Host) -> None:
    """Put another host in place."""
    global host
    host = new


def log(message: object, level: str = "info") -> None:
    """Log a line: `level` is `debug`, `info`, `warn` or `error`. The host adds plugin, operator, batch and partition."""
    if level not in LEVELS:
        raise ValueError(f"{level!r} is no level: {', '.join(LEVELS)}")
    host.log(level, str(message))


def count(name: str, count: int = 1) -> None:
    """Add to a counter of the operator's own, called by `a-z`, `0-9` and `_`: a sum over the partitions of a batch, and over batches."""
    host.count(name, count)


def table(name: str, columns: Sequence[str]) -> list[Any]:
    """The rows of one of the job's static tables, which the job grants: values of one column, tuples of several. Read it once a partition."""
    schema = host.table_schema(name)
    if schema is None:
        raise Failed(f"there is no table `{name}`, or it isn't granted: grants = {{ tables = [{name!r}] }}")
    fields = {field.name: field for field in schema}
    for column in columns:
        if column not in fields:
            raise Failed(f"table `{name}` has no column `{column}`; it has {', '.join(fields)}")
    rows: list[Any] = []
    while (part := host.table_rows(name, list(columns), len(rows))) is not None:
        lists = [column.values() for column in part[0]]
        rows.extend(lists[0] if len(lists) == 1 else zip(*lists))
    return rows


def broadcast(name: str) -> bytes:
    """The bytes of one of the job's values, which the job grants."""
    size = host.broadcast_size(name)
    if size is None:
        raise Failed(f"there is no value `{name}`, or it isn't granted: grants = {{ broadcasts = [{name!r}] }}")
    parts: list[bytes] = []
    at = 0
    while (part := host.broadcast_bytes(name, at, _MIB)) is not None:
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def columns_of(schema: Sequence[Field], batch: Any) -> list[Column[Any]]:
    """The columns of a batch as the bindings have it."""
    return read(schema, [(node.length, node.null_count) for node in batch.nodes], batch.buffers)


class Printed(io.TextIOBase):
    """What is printed, as lines of the log."""

    def __init__(self, level: str) -> None:
        self.level, self.line = level, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self.line = (self.line + text).split("\n")
        for line in lines:
            host.log(self.level, line)
        return len(text)
