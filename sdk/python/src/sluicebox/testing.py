"""Runs operators as the host does, in a test: with schemas, configuration, nulls and rejections, and no WebAssembly.

from sluicebox import testing

made = testing.run(split, ["to be", "or"])
assert made.rows == ["to", "be", "or"]
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import host
from .aggregate import Aggregate
from .codec import codec_of_type
from .columns import Column
from .hints import Row, codec_of
from .operator import Context, operator_of
from .receiver import Receiver
from .sink import Sink
from .state import MapWithState, Stateful, Work
from .transform import Transform
from .types import Field

CONTEXT = Context(job="test", stream="stream", batch_time_ms=1000, partition=0, partitions=1, attempt=0)


@dataclass
class Made:
    """What an operator made of rows: values of one column, tuples of several."""

    rows: list[Any] = field(default_factory=list)
    #: Of a filter: the indices of the rows that stay.
    kept: list[int] | None = None
    #: Of a flat-map: for each row, how many rows were made of it and of those before it.
    ends: list[int] | None = None
    #: Rows rejected, with their reasons.
    rejected: list[tuple[int, str]] = field(default_factory=list)
    schema: list[Field] = field(default_factory=list)


def _json(config: Mapping[str, Any] | None) -> str:
    return json.dumps(config or {})


def _rows(schema: Sequence[Field], columns: Sequence[Column[Any]]) -> list[Any]:
    lists = [codec_of_type(field.type).decode(column) for field, column in zip(schema, columns)]
    return lists[0] if len(lists) == 1 else list(zip(*lists))


def _columns(schema: Sequence[Field], rows: Sequence[Any]) -> list[Column[Any]]:
    """Columns of rows in which anything may be null: the row is then the operator's to reject."""
    lists = [rows] if len(schema) == 1 else [list(values) for values in zip(*rows)] or [[]] * len(schema)
    return [codec_of_type(field.type).encode(list(values)) for field, values in zip(schema, lists)]


def _named(schema: Sequence[Field], names: Sequence[str] | None) -> list[Field]:
    names = names or [field.name or f"_{at}" for at, field in enumerate(schema, 1)]
    return [Field(name, field.type, field.nullable) for name, field in zip(names, schema)]


def run(
    operator: Any,
    rows: Sequence[Any],
    config: Mapping[str, Any] | None = None,
    *,
    columns: Mapping[str, Any] | None = None,
    context: Context = CONTEXT,
    chunks: int = 1,
) -> Made:
    """Run a map, flat-map, filter or map-partitions on rows: values of one column, tuples of several. `columns` has their names and hints, for an operator that takes any."""
    found = operator_of(operator)
    assert isinstance(found, Transform), "it is no map, flat-map, filter or map-partitions"
    offered = (
        _named(found.input or [], None)
        if columns is None
        else [codec_of(hint).field(name) for name, hint in columns.items()]
    )
    binding = found.bind(_json(config), offered)
    bound = [offered[column] for column in binding.columns]
    task = found.open(context, _json(config), bound)
    made = Made(schema=list(binding.output))
    size = -(-len(rows) // chunks) or 1
    for start in range(0, len(rows), size):
        chunk = rows[start : start + size]
        whole = _columns(offered, chunk)
        output = task.process([whole[column] for column in binding.columns], len(chunk))
        made.rejected += [(start + row, reason) for row, reason in output.rejected]
        if output.kept is not None:
            made.kept = [*(made.kept or []), *(start + row for row in output.kept)]
            continue
        if output.ends is not None:
            made.ends = [*(made.ends or []), *(len(made.rows) + end for end in output.ends)]
        made.rows += _rows(binding.output, output.columns)
    while (rest := task.finish()) is not None:
        made.rows += _rows(binding.output, rest)
    return made


def fold(operator: Any, groups: Sequence[Sequence[Any]], config: Mapping[str, Any] | None = None) -> list[Any]:
    """Fold rows of several keys, a list each; every list in two parts that are merged, where it has two rows."""
    found = operator_of(operator)
    assert isinstance(found, Aggregate), "it is no aggregate"
    offered = _named(found.input, None)
    bound = found.bind(_json(config), offered)
    folding = found.open(CONTEXT, _json(config), offered)
    parts, of_group = [], []
    for at, rows in enumerate(groups):
        half = len(rows) // 2
        for part in (rows[:half], rows[half:]):
            if len(part):
                values = _columns(offered, part) if offered else []
                parts.append(folding.partial(values, len(part), [0] * len(part), 1))
                of_group.append(at)
    decoded = [row for part in parts for row in found.partial.decode(part, 1)]
    merged = folding.merge(found.partial.encode(decoded, "partials"), len(decoded), of_group, len(groups))
    return _rows(bound.output, folding.finish(merged, len(groups)))


class Keyed:
    """Takes an operator over state from batch to batch, as the host does."""

    def __init__(self, operator: Any, config: Mapping[str, Any] | None = None) -> None:
        found = operator_of(operator)
        assert isinstance(found, Stateful), "it keeps no state"
        self.operator, self.config = found, _json(config)
        self.keys, self.input = _named(found.keys, None), _named(found.input, None)
        found.bind(self.config, self.keys, self.input)
        #: The state of each key.
        self.state: dict[Any, Any] = {}

    def batch(
        self, rows: Sequence[tuple[Any, Any]], *, timed_out: Sequence[Any] = (), context: Context = CONTEXT
    ) -> list[Any]:
        """Work on a batch of keys with a value each, None where no column is read; the rows made."""
        of_key: dict[Any, list[Any]] = {}
        if not isinstance(self.operator, MapWithState):
            of_key = {key: [] for key in self.state}
        for key, value in rows:
            of_key.setdefault(key, []).append(value)
        for key in timed_out:
            of_key.setdefault(key, [])
        keys = list(of_key)
        values = [value for key in keys for value in of_key[key]]
        ends: list[int] = []
        for key in keys:
            ends.append((ends[-1] if ends else 0) + len(of_key[key]))
        old = [at for at, key in enumerate(keys) if key in self.state]
        state = self.operator.state
        work = Work(
            _columns(self.keys, keys),
            len(keys),
            _columns(self.input, values) if self.input else [],
            len(values),
            ends,
            state.encode([self.state[keys[at]] for at in old], "state"),
            old,
            [keys.index(key) for key in timed_out],
        )
        outcome = self.operator.open(context, self.config, self.keys, self.input).update(work)
        new = state.decode(outcome.state, len(outcome.state_keys))
        self.state.update((keys[at], value) for at, value in zip(outcome.state_keys, new))
        for key in [*(keys[at] for at in outcome.removed), *timed_out]:
            self.state.pop(key, None)
        return _rows(self.operator.output, outcome.emitted) if self.operator.output else []


def receive(
    operator: Any, config: Mapping[str, Any] | None = None, *, position: bytes | None = None, max_rows: int = 100
) -> list[Any]:
    """The rows of a receiver until its source has ended."""
    found = operator_of(operator)
    assert isinstance(found, Receiver), "it is no receiver"
    receiving = found.start(CONTEXT, _json(config), position)
    rows: list[Any] = []
    while True:
        columns, n_rows, position, ended = receiving.receive(max_rows, 100)
        assert n_rows <= max_rows, f"{n_rows} rows were received, and {max_rows} were asked for"
        rows += _rows(found.output, columns)
        if n_rows:
            receiving.ack(position)
        if ended:
            receiving.stop()
            return rows


def write(operator: Any, rows: Sequence[Any], config: Mapping[str, Any] | None = None) -> bytes:
    """What a sink prepares of a partition's rows."""
    found = operator_of(operator)
    assert isinstance(found, Sink), "it is no sink"
    offered = _named(found.input, None)
    writing = found.open(CONTEXT, _json(config), offered)
    for field_, codec in zip(offered, found.row.codecs):
        assert field_.type == codec.type
    if rows:
        writing.write(_columns(offered, rows), len(rows))
    return writing.prepare()


def counted() -> dict[str, int]:
    """What was counted since the last time that it was asked for."""
    counts, host.host.counted = host.host.counted, {}
    return counts


def set_table(name: str, columns: Mapping[str, Any], rows: Sequence[Any]) -> None:
    """Say what a table has: its columns' names and hints, and rows."""
    schema = [codec_of(hint).field(column) for column, hint in columns.items()]
    host.host.tables[name] = (schema, _columns(schema, rows), len(rows))


def set_broadcast(name: str, value: bytes) -> None:
    """Say what a value of the job is."""
    host.host.broadcasts[name] = value


def roundtrip(hint: Any, values: Sequence[Any]) -> list[Any]:
    """Values as they come out of a column of that hint."""
    row = Row(hint)
    return row.decode(row.encode(values, "values"), len(values))
