"""The side that faces the host: the interfaces that a component exports, over the operators declared.

Only here are the generated bindings named. What an author's code raises becomes an error with the exception, its file and line, and the traceback.
"""

from __future__ import annotations

import functools
import os
import random
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from componentize_py_types import Err
from wit_world.imports import counters, data, logging

from . import errors, settings
from .aggregate import Aggregate
from .columns import Column, write
from .host import Host, Printed, columns_of, set_host
from .operator import OFFERED, Context, Operator
from .receiver import Receiver
from .sink import Sink, Target
from .state import Stateful, Work
from .transform import Transform
from .types import UNITS, Field, Type

F = TypeVar("F", bound=Callable[..., Any])
O = TypeVar("O", bound=Operator)  # noqa: E741

_UNIT_NAMES = list(UNITS.values())
_SHAPES = ["year-month", "day-time", "month-day-nano"]


def _case(kind: str) -> Any:
    return getattr(data, "DataType_" + "".join(part.capitalize() for part in kind.split("-")))


_KINDS = [
    "boolean",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "decimal128",
    "utf8",
    "binary",
    "fixed-size-binary",
    "date32",
    "date64",
    "time",
    "timestamp",
    "duration",
    "interval",
    "list",
    "fixed-size-list",
    "struct",
    "map",
]
_CASES = {kind: _case(kind) for kind in _KINDS}
_KIND_OF = {case: kind for kind, case in _CASES.items()}


def _to_wit(type: Type) -> Any:
    case = _CASES[type.kind]
    match type.kind, type.parameter:
        case "timestamp", (unit, zone):
            return case(data.TimestampType(data.TimeUnit(_UNIT_NAMES.index(str(unit))), zone))
        case "decimal128", (precision, scale):
            return case(data.DecimalType(precision, scale))
        case (("time" | "duration"), unit):
            return case(data.TimeUnit(_UNIT_NAMES.index(str(unit))))
        case "interval", shape:
            return case(data.IntervalUnit(_SHAPES.index(str(shape))))
        case _, None:
            return case()
    return case(type.parameter)


def _parameter(kind: str, value: Any) -> object:
    match kind:
        case "timestamp":
            return (_UNIT_NAMES[value.unit.value], value.zone)
        case "decimal128":
            return (value.precision, value.scale)
        case "time" | "duration":
            return _UNIT_NAMES[value.value]
        case "interval":
            return _SHAPES[value.value]
    return value


def flatten(schema: Sequence[Field]) -> list[Any]:
    """Fields as they cross: depth first."""
    flat: list[Any] = []
    for field in schema:
        flat.append(data.Field(field.name, _to_wit(field.type), field.nullable, len(field.type.children)))
        flat.extend(flatten(field.type.children))
    return flat


def unflatten(flat: Sequence[Any]) -> list[Field]:
    """Fields as the SDK has them: trees."""
    rest = iter(flat)

    def tree(field: Any) -> Field:
        kind = _KIND_OF[type(field.data_type)]
        parameter = _parameter(kind, getattr(field.data_type, "value", None))
        children = tuple(tree(next(rest)) for _ in range(field.children))
        return Field(field.name, Type(kind, parameter, children), field.nullable)

    return [tree(field) for field in rest]


def batch_of(columns: Sequence[Column[Any]], n_rows: int) -> Any:
    """Columns as a batch."""
    nodes, buffers = write(columns)
    return data.Batch(n_rows, [data.Node(*node) for node in nodes], [bytes(buffer) for buffer in buffers])


class _RealHost(Host):
    """The host that runs the component."""

    def log(self, level: str, message: str) -> None:
        logging.log(logging.Level[level.upper()], message)

    def count(self, name: str, count: int) -> None:
        counters.add(name, count)

    def table_schema(self, name: str) -> list[Field] | None:
        from wit_world.imports import tables

        schema = tables.columns(name)
        return None if schema is None else unflatten(schema)

    def table_rows(self, name: str, wanted: list[str], start: int) -> tuple[list[Column[Any]], int] | None:
        from wit_world.imports import tables

        schema = {field.name: field for field in self.table_schema(name) or []}
        batch = tables.read(name, wanted, start, 65_536)
        return None if batch is None else (columns_of([schema[name] for name in wanted], batch), batch.rows)

    def broadcast_size(self, name: str) -> int | None:
        from wit_world.imports import broadcasts

        return cast("int | None", broadcasts.size(name))

    def broadcast_bytes(self, name: str, start: int, most: int) -> bytes | None:
        from wit_world.imports import broadcasts

        return cast("bytes | None", broadcasts.read(name, start, most))


#: A file of the author's, as the componentizer calls it: below a number for each folder of modules.
_OWN = re.compile(r"/?\d+/(?!sluicebox/|sluicebox_app)(.*)")


def _told(error: BaseException) -> str:
    """An exception with the line where the author's code was, and the way there; the frames of the SDK and of Python's own modules are left out."""
    found = [(_OWN.fullmatch(frame.filename), frame) for frame in traceback.extract_tb(error.__traceback__)]
    own = [(match[1], frame.lineno, frame.name) for match, frame in found if match is not None]
    lines = ["".join(traceback.format_exception_only(error)).strip()]
    if own:
        file, line, name = own[-1]
        lines[0] += f" ({file}, line {line}, in {name})"
        lines.append("Traceback (most recent call last):")
        lines += [f"  {file}, line {line}, in {name}" for file, line, name in own]
    cause = error.__cause__
    return "\n".join(lines) + (f"\ncaused by {_told(cause)}" if cause is not None else "")


def _fallible(call: F) -> F:
    """A call of which exceptions become the host's errors, and which draws the same numbers whenever it is made."""

    @functools.wraps(call)
    def called(*args: Any) -> Any:
        # These are the call's own: a call that is made again, on an instance that hasn't made the calls before it, gets them too.
        random.seed(int.from_bytes(os.urandom(16), "little"))
        try:
            return call(*args)
        except errors.InvalidConfig as error:
            raise Err(data.Error_InvalidConfig(str(error))) from None
        except errors.InvalidInput as error:
            raise Err(data.Error_InvalidInput(str(error))) from None
        except errors.Unavailable as error:
            raise Err(data.Error_Unavailable(str(error))) from None
        except errors.Failed as error:
            raise Err(data.Error_Failed(str(error))) from None
        except Exception as error:
            raise Err(data.Error_Failed(_told(error))) from None

    return cast(F, called)


def _find(kind: type[O], name: str) -> O:
    offered = {operator.name: operator for operator in OFFERED if isinstance(operator, kind)}
    if name in offered:
        return offered[name]
    near = settings.nearest(name, list(offered))
    hint = f"; did you mean `{near}`?" if near else f"; it offers `{'`, `'.join(offered)}`"
    raise errors.Failed(f"the plugin offers no operator `{name}`{hint}")


def _opened(context: Any) -> Context:
    return Context(
        context.job, context.stream, context.batch_time_ms, context.partition, context.partitions, context.attempt
    )


class _Exports:
    """What the exported interfaces share: the operator that is open. The bindings make an object for each call, so it is kept by the class."""

    task: Any = None
    kind: str
    keys: list[Field]
    input: list[Field]
    kept: list[Field]

    @classmethod
    def current(cls) -> Any:
        if cls.task is None:
            raise errors.Failed("no operator is open")
        return cls.task


def _transform() -> type:
    from wit_world.exports import transform as wit

    class Exported(_Exports):
        def describe(self) -> list[Any]:
            kinds = {
                "map": wit.Kind.MAP,
                "flat-map": wit.Kind.FLAT_MAP,
                "filter": wit.Kind.FILTER,
                "map-partitions": wit.Kind.MAP_PARTITIONS,
            }
            made = [operator for operator in OFFERED if isinstance(operator, Transform)]
            return [
                wit.Operator(op.name, kinds[op.kind], op.doc, None if op.input is None else flatten(op.input))
                for op in made
            ]

        @_fallible
        def bind(self, operator: str, config: str, input: list[Any]) -> Any:
            binding = _find(Transform, operator).bind(config, unflatten(input))
            return wit.Binding(binding.columns, flatten(binding.output))

        @_fallible
        def open(self, context: Any, operator: str, config: str, input: list[Any]) -> None:
            found, Exported.input = _find(Transform, operator), unflatten(input)
            Exported.kind, Exported.task = found.kind, found.open(_opened(context), config, Exported.input)

        @_fallible
        def process(self, input: Any) -> Any:
            output = self.current().process(columns_of(Exported.input, input), input.rows)
            rejected = [wit.Rejection(row, reason) for row, reason in output.rejected]
            if Exported.kind == "filter":
                return wit.Output(wit.Rows_Kept(output.kept), rejected)
            made = batch_of(output.columns, output.columns[0].length if output.columns else 0)
            rows = (
                wit.Rows_Expanded(wit.Expansion(made, output.ends))
                if Exported.kind == "flat-map"
                else wit.Rows_Made(made)
            )
            return wit.Output(rows, rejected)

        @_fallible
        def finish(self) -> Any:
            made = self.current().finish()
            return None if made is None else batch_of(made, made[0].length)

    return Exported


def _aggregate() -> type:
    from wit_world.exports import aggregate as wit

    class Exported(_Exports):
        def describe(self) -> list[Any]:
            made = [operator for operator in OFFERED if isinstance(operator, Aggregate)]
            return [wit.Operator(op.name, op.doc, flatten(op.input), op.invertible) for op in made]

        @_fallible
        def bind(self, operator: str, config: str, input: list[Any]) -> Any:
            bound = _find(Aggregate, operator).bind(config, unflatten(input))
            return wit.Binding(bound.columns, flatten(bound.partial), bound.version, flatten(bound.output))

        @_fallible
        def open(self, context: Any, operator: str, config: str, input: list[Any]) -> None:
            found, Exported.input = _find(Aggregate, operator), unflatten(input)
            Exported.task = found.open(_opened(context), config, Exported.input)
            Exported.kept = found.bind(config, Exported.input).partial

        @_fallible
        def partial(self, values: Any, groups: list[int], n_groups: int) -> Any:
            return batch_of(
                self.current().partial(columns_of(Exported.input, values), values.rows, groups, n_groups), n_groups
            )

        @_fallible
        def merge(self, partials: Any, groups: list[int], n_groups: int) -> Any:
            return batch_of(
                self.current().merge(columns_of(Exported.kept, partials), partials.rows, groups, n_groups), n_groups
            )

        @_fallible
        def unmerge(self, whole: Any, partials: Any, groups: list[int]) -> Any:
            wholes, parts = columns_of(Exported.kept, whole), columns_of(Exported.kept, partials)
            return batch_of(self.current().unmerge(wholes, whole.rows, parts, partials.rows, groups), whole.rows)

        @_fallible
        def finish(self, partials: Any) -> Any:
            return batch_of(self.current().finish(columns_of(Exported.kept, partials), partials.rows), partials.rows)

    return Exported


def _state() -> type:
    from wit_world.exports import state as wit

    class Exported(_Exports):
        def describe(self) -> list[Any]:
            kinds = {"update-state-by-key": wit.Kind.UPDATE_STATE_BY_KEY, "map-with-state": wit.Kind.MAP_WITH_STATE}
            made = [operator for operator in OFFERED if isinstance(operator, Stateful)]
            return [wit.Operator(op.name, kinds[op.kind], op.doc, flatten(op.keys), flatten(op.input)) for op in made]

        @_fallible
        def bind(self, operator: str, config: str, keys: list[Any], input: list[Any]) -> Any:
            bound = _find(Stateful, operator).bind(config, unflatten(keys), unflatten(input))
            return wit.Binding(
                bound.columns, flatten(bound.state), bound.version, flatten(bound.output), bound.timeout_ms
            )

        @_fallible
        def open(self, context: Any, operator: str, config: str, keys: list[Any], input: list[Any]) -> None:
            found = _find(Stateful, operator)
            Exported.keys, Exported.input, Exported.kept = unflatten(keys), unflatten(input), found.kept
            Exported.task = found.open(_opened(context), config, Exported.keys, Exported.input)

        @_fallible
        def update(self, work: Any) -> Any:
            keys, values = columns_of(Exported.keys, work.keys), columns_of(Exported.input, work.values)
            old = columns_of(Exported.kept, work.old)
            made = self.current().update(
                Work(
                    keys, work.keys.rows, values, work.values.rows, work.value_ends, old, work.old_keys, work.timed_out
                )
            )
            state = batch_of(made.state, len(made.state_keys))
            return wit.Outcome(state, made.state_keys, made.removed, batch_of(made.emitted, made.n_emitted))

        @_fallible
        def migrate(self, version: int, old_schema: list[Any], old: Any) -> Any:
            schema = unflatten(old_schema)
            return batch_of(self.current().migrate(version, schema, columns_of(schema, old), old.rows), old.rows)

    return Exported


def _receiver() -> type:
    from wit_world.exports import receiver as wit

    class Exported(_Exports):
        def describe(self) -> list[Any]:
            made = [operator for operator in OFFERED if isinstance(operator, Receiver)]
            return [wit.Operator(op.name, op.doc, op.replayable) for op in made]

        @_fallible
        def bind(self, operator: str, config: str) -> Any:
            return flatten(_find(Receiver, operator).bind(config))

        @_fallible
        def start(self, context: Any, operator: str, config: str, position: bytes | None) -> None:
            Exported.task = _find(Receiver, operator).start(_opened(context), config, position)

        @_fallible
        def receive(self, max_rows: int, max_time_ms: int) -> Any:
            columns, n_rows, position, ended = self.current().receive(max_rows, max_time_ms)
            return wit.Chunk(batch_of(columns, n_rows), position, ended)

        @_fallible
        def ack(self, position: bytes) -> None:
            self.current().ack(position)

        def stop(self) -> None:
            self.current().stop()

    return Exported


def _sink() -> type:
    from wit_world.exports import sink as wit

    class Exported(_Exports):
        def describe(self) -> list[Any]:
            made = [operator for operator in OFFERED if isinstance(operator, Sink)]
            return [wit.Operator(op.name, op.doc, flatten(op.input)) for op in made]

        @_fallible
        def bind(self, operator: str, config: str, input: list[Any]) -> Any:
            return _find(Sink, operator).bind(config, unflatten(input))

        @_fallible
        def open(self, context: Any, operator: str, config: str, input: list[Any]) -> None:
            Exported.input = unflatten(input)
            Exported.task = _find(Sink, operator).open(_opened(context), config, Exported.input)

        @_fallible
        def write(self, input: Any) -> None:
            self.current().write(columns_of(Exported.input, input), input.rows)

        @_fallible
        def prepare(self) -> bytes:
            return cast(bytes, self.current().prepare())

        @_fallible
        def commit(self, target: Any, operator: str, config: str, prepared: list[bytes]) -> None:
            _find(Sink, operator).commit(Target(target.job, target.output, target.batch_time_ms), config, prepared)

        @_fallible
        def abort(self, target: Any, operator: str, config: str, prepared: list[bytes]) -> None:
            _find(Sink, operator).abort(Target(target.job, target.output, target.batch_time_ms), config, prepared)

    return Exported


_INTERFACES = {"transform": _transform, "aggregate": _aggregate, "state": _state, "receiver": _receiver, "sink": _sink}


def exports() -> dict[str, type]:
    """The classes that the componentizer looks for, of the interfaces that have operators."""
    set_host(_RealHost())
    sys.stdout, sys.stderr = Printed("info"), Printed("warn")
    interfaces = {operator.interface for operator in OFFERED}
    return {name.capitalize(): made() for name, made in _INTERFACES.items() if name in interfaces}
