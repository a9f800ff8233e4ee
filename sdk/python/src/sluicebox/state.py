"""Operators over keyed state: `update_state_by_key` and `map_with_state`.

The host holds the state, and calls once for a partition's keys, with their new values and old state as columns.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from .columns import Column
from .errors import Failed
from .hints import Row, shown
from .operator import Arguments, Context, Operator, bind_columns, names_of, offer
from .transform import ITERABLES, Names
from .types import Field

F = TypeVar("F", bound=Callable[..., Any])
S = TypeVar("S")

_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


class State(Generic[S]):
    """What is kept of one key, as a function under `map_with_state` sees it."""

    __slots__ = ("_value", "_is_changed", "_is_removed", "_is_timing_out")

    def __init__(self, value: S | None = None, *, timing_out: bool = False) -> None:
        self._value, self._is_changed, self._is_removed, self._is_timing_out = value, False, False, timing_out

    @property
    def exists(self) -> bool:
        """Whether the key has state."""
        return self._value is not None

    @property
    def is_timing_out(self) -> bool:
        """Whether the key has timed out: this is the last call with its state, which is removed after it."""
        return self._is_timing_out

    def get(self) -> S | None:
        """The key's state."""
        return self._value

    def update(self, value: S) -> None:
        """Give the key new state."""
        self._refuse("updated")
        if value is None:
            raise TypeError("None is no state: use `remove`")
        self._value, self._is_changed = value, True

    def remove(self) -> None:
        """Remove the key's state."""
        self._refuse("removed")
        self._value, self._is_changed, self._is_removed = None, True, True

    def _refuse(self, done: str) -> None:
        if self._is_timing_out:
            raise RuntimeError(f"state of a key that times out can't be {done}: it is removed after this call")
        if self._is_removed:
            raise RuntimeError(f"state that was removed in this call can't be {done}")


class Binding(NamedTuple):
    """The columns that an operator over state reads, keeps and makes."""

    columns: list[int]
    state: list[Field]
    version: int
    output: list[Field]
    timeout_ms: int | None


class Work(NamedTuple):
    """What a call is about: keys, their values, and the state of those that have some."""

    keys: list[Column[Any]]
    n_keys: int
    values: list[Column[Any]]
    n_values: int
    value_ends: Sequence[int]
    old: list[Column[Any]]
    old_keys: Sequence[int]
    timed_out: Sequence[int]


class Outcome(NamedTuple):
    """What a call made: new state, and the keys it is of, those removed, and rows."""

    state: list[Column[Any]]
    state_keys: list[int]
    removed: list[int]
    emitted: list[Column[Any]]
    n_emitted: int


class Stateful(Operator):
    """An operator over keyed state."""

    interface = "state"
    kind: str

    def __init__(
        self,
        author: Callable[..., Any],
        name: str | None,
        keys: Names,
        input: Names,
        state: Names,
        version: int,
        migrate: Callable[..., Any] | None,
    ) -> None:
        super().__init__(author, name)
        self.arguments, self.version, self.where = Arguments(author), version, author.__qualname__
        if len(self.arguments.rows) != 3:
            raise TypeError(f"{self.where} is to take a key, {self.values_are} and the state")
        (_, key), (_, value), (_, kept) = self.arguments.rows
        self.key, self.value, self.state = Row(key), Row(self.value_of(value)), Row(self.state_of(kept))
        self.keys, self.input = self.key.inputs(names_of(keys)), self.value.inputs(names_of(input))
        self.kept = self.state.schema(names_of(state), "state")
        self.migration = migrate
        self.old = Row(Arguments(migrate).rows[0][1]) if migrate is not None else None
        self.output: list[Field] = []
        self.timeout_ms: int | None = None

    values_are: typing.ClassVar[str]

    def value_of(self, hint: Any) -> Any:
        """The row of a value, of the second argument's hint."""
        raise NotImplementedError

    def state_of(self, hint: Any) -> Any:
        """The row of the state, of the third argument's hint."""
        raise NotImplementedError

    def bind(self, config: str, keys: list[Field], input: list[Field]) -> Binding:
        """Agree on schemas."""
        self.arguments.named(config, None)
        bind_columns(self.keys, keys)
        return Binding(bind_columns(self.input, input), self.kept, self.version, self.output, self.timeout_ms)

    def open(self, context: Context, config: str, keys: list[Field], input: list[Field]) -> Update:
        """Choose it for the calls that follow."""
        named = self.arguments.named(config, context)
        call: Callable[..., Any] = self.author
        if named:

            def call(*row: Any) -> Any:
                return self.author(*row, **named)

        names = ([field.name for field in keys], [field.name for field in input])
        return (_UpdateByKey if self.kind == "update-state-by-key" else _MapWithState)(self, call, *names)


class UpdateByKey(Stateful):
    """A function of a key, its new values and its state, to its new state."""

    kind, values_are = "update-state-by-key", "a list of its new values"

    def value_of(self, hint: Any) -> Any:
        if typing.get_origin(hint) is not list:
            raise TypeError(
                f"{self.where} takes new values as {shown(hint)}: take list[int], say, list[None] where it reads no column"
            )
        return typing.get_args(hint)[0]

    def state_of(self, hint: Any) -> Any:
        return _without_none(hint, self.where, "the state")


class MapWithState(Stateful):
    """A function of a key, a value and a handle on its state, to rows."""

    kind, values_are = "map-with-state", "a value, which is None when it times out,"

    def __init__(self, *args: Any, output: Names, timeout: str | None) -> None:
        super().__init__(*args)
        self.timeout_ms = None if timeout is None else milliseconds(timeout)
        returns = self.arguments.returns
        origin = getattr(typing.get_origin(returns), "__name__", "")
        # One row or none, or any number.
        self.is_many = origin in ITERABLES and origin != "tuple"
        made = typing.get_args(returns)[0] if self.is_many else _without_none(returns, self.where, "what it returns")
        self.made = Row(made)
        self.output = self.made.schema(names_of(output), "value")

    def value_of(self, hint: Any) -> Any:
        return _without_none(hint, self.where, "the value")

    def state_of(self, hint: Any) -> Any:
        if typing.get_origin(hint) is not State:
            raise TypeError(f"{self.where} takes the state as {shown(hint)}: take State[int], say")
        return typing.get_args(hint)[0]


def _without_none(hint: Any, where: str, what: str) -> Any:
    args = typing.get_args(hint)
    rest = [arg for arg in args if arg is not type(None)]
    if type(None) not in args or len(rest) != 1:
        raise TypeError(f"{where}: {what} is {shown(hint)}, and may be None: write `int | None`, say")
    return rest[0]


def milliseconds(text: str) -> int:
    """`30min` in milliseconds."""
    match = re.fullmatch(r"(\d+)\s*(ms|s|min|h|d)", text)
    if match is None:
        raise TypeError(f"{text!r} is no duration: a number and one of ms, s, min, h, d")
    return int(match[1]) * _MS[match[2]]


class Update:
    """An operator over state at work."""

    def __init__(self, operator: Stateful, call: Callable[..., Any], key_names: list[str], names: list[str]) -> None:
        self.operator, self.call, self.key_names, self.names = operator, call, key_names, names

    def update(self, work: Work) -> Outcome:
        """Work on keys."""
        operator = self.operator
        for row, columns, names, what in [
            (operator.key, work.keys, self.key_names, "key"),
            (operator.value, work.values, self.names, "values"),
        ]:
            for why in row.lacking(columns, names).values():
                raise Failed(f"the {what}: {why}")
        keys = operator.key.decode(work.keys, work.n_keys)
        values = operator.value.decode(work.values, work.n_values)
        old = dict(zip(work.old_keys, operator.state.decode(work.old, len(work.old_keys))))
        return self.each(work, keys, values, old)

    def each(self, work: Work, keys: list[Any], values: list[Any], old: dict[int, Any]) -> Outcome:
        """Call the author's function for each key."""
        raise NotImplementedError

    def migrate(self, version: int, schema: list[Field], old: list[Column[Any]], n_rows: int) -> list[Column[Any]]:
        """State of another version to this one."""
        operator = self.operator
        if operator.migration is None or operator.old is None or version != operator.version - 1:
            raise Failed(f"the operator knows no way from state of version {version} to its own")
        bind_columns(operator.old.inputs(None), schema)
        return self._encode(list(map(operator.migration, operator.old.decode(old, n_rows))))

    def _encode(self, state: list[Any]) -> list[Column[Any]]:
        return self.operator.state.encode(state, f"state of `{self.operator.name}`")


class _UpdateByKey(Update):
    def each(self, work: Work, keys: list[Any], values: list[Any], old: dict[int, Any]) -> Outcome:
        state, state_keys, removed, start = list[Any](), list[int](), list[int](), 0
        call = self.call
        for index, (key, end) in enumerate(zip(keys, work.value_ends)):
            new = call(key, values[start:end], old.get(index))
            start = end
            if new is not None:
                state.append(new)
                state_keys.append(index)
            elif index in old:
                removed.append(index)
        return Outcome(self._encode(state), state_keys, removed, [], 0)


class _MapWithState(Update):
    def each(self, work: Work, keys: list[Any], values: list[Any], old: dict[int, Any]) -> Outcome:
        operator = self.operator
        assert isinstance(operator, MapWithState)
        kept, state_keys, removed, emitted, start = list[Any](), list[int](), list[int](), list[Any](), 0
        call, timed_out = self.call, set(work.timed_out)

        def emit(made: Any) -> None:
            if made is not None:
                if operator.is_many:
                    emitted.extend(typing.cast(Iterable[Any], made))
                else:
                    emitted.append(made)

        for index, (key, end) in enumerate(zip(keys, work.value_ends)):
            if index in timed_out:
                emit(call(key, None, State(old.get(index), timing_out=True)))
                continue
            state: State[Any] = State(old.get(index))
            for value in values[start:end]:
                state._is_removed = False
                emit(call(key, value, state))
            start = end
            if state._is_changed:
                if state.exists:
                    kept.append(state.get())
                    state_keys.append(index)
                else:
                    removed.append(index)
        rows = operator.made.encode(emitted, f"what `{operator.name}` returned")
        return Outcome(self._encode(kept), state_keys, removed, rows, len(emitted))


def update_state_by_key(
    function: F | None = None,
    *,
    name: str | None = None,
    keys: Names = None,
    input: Names = None,
    state: Names = None,
    version: int = 1,
    migrate: Callable[..., Any] | None = None,
) -> Any:
    """A function of a key, a list of its new values and its state, or None, that returns its new state, or None to forget the key."""

    def decorate(function: F) -> F:
        offer(UpdateByKey(function, name, keys, input, state, version, migrate))
        return function

    return decorate if function is None else decorate(function)


def map_with_state(
    function: F | None = None,
    *,
    name: str | None = None,
    keys: Names = None,
    input: Names = None,
    state: Names = None,
    output: Names = None,
    timeout: str | None = None,
    version: int = 1,
    migrate: Callable[..., Any] | None = None,
) -> Any:
    """A function of a key, a value and a `State`, called for each value in order, and once with None for a key that has timed out. It returns a row or None,
    or an iterable of rows."""

    def decorate(function: F) -> F:
        made = MapWithState(function, name, keys, input, state, version, migrate, output=output, timeout=timeout)
        offer(made)
        return function

    return decorate if function is None else decorate(function)
