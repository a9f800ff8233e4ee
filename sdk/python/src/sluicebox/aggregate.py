"""Operators that fold the rows of a key into one: `reduce`, and `aggregate` with a form of its own between rows and result.

The host keeps the partials, over batches and between instances; an aggregate keeps nothing but its configuration.
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from .columns import Column
from .errors import Failed
from .hints import Row
from .operator import Arguments, Context, Operator, bind_columns, names_of, offer
from .transform import Names
from .types import Field

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


class Binding(typing.NamedTuple):
    """The columns that an aggregate reads, keeps and makes."""

    columns: list[int]
    partial: list[Field]
    version: int
    output: list[Field]


class Fold:
    """An aggregate at work."""

    def __init__(
        self,
        operator: Aggregate,
        names: list[str],
        partial: Callable[[Sequence[Any]], Any],
        merge: Callable[[Any, Any], Any],
        unmerge: Callable[[Any, Any], Any] | None,
        finish: Callable[[Any], Any] | None,
    ) -> None:
        self.operator, self.names = operator, names
        self.of_values, self.of_two, self.without, self.result = partial, merge, unmerge, finish

    def partial(
        self, columns: list[Column[Any]], n_rows: int, groups: Sequence[int], n_groups: int
    ) -> list[Column[Any]]:
        """Fold rows into partials."""
        row = self.operator.row
        for at, why in row.lacking(columns, self.names).items():
            raise Failed(f"row {at}: {why}")
        if not row.codecs:
            counts = [0] * n_groups
            for group in groups:
                counts[group] += 1
            return self._encode([self.of_values([None] * count) for count in counts])
        # The rows of each group, in their order.
        of_group: list[list[Any]] = [[] for _ in range(n_groups)]
        for group, value in zip(groups, row.decode(columns, n_rows)):
            of_group[group].append(value)
        return self._encode([self.of_values(values) for values in of_group])

    def merge(self, columns: list[Column[Any]], n_rows: int, groups: Sequence[int], n_groups: int) -> list[Column[Any]]:
        """Fold partials."""
        wholes: list[Any] = [_NOTHING] * n_groups
        merge = self.of_two
        for group, part in zip(groups, self.operator.partial.decode(columns, n_rows)):
            whole = wholes[group]
            wholes[group] = part if whole is _NOTHING else merge(whole, part)
        return self._encode(wholes)

    def unmerge(
        self, whole: list[Column[Any]], n_whole: int, columns: list[Column[Any]], n_rows: int, groups: Sequence[int]
    ) -> list[Column[Any]]:
        """Take partials out."""
        if self.without is None:
            raise Failed(f"`{self.operator.name}` has no inverse")
        wholes = self.operator.partial.decode(whole, n_whole)
        for group, part in zip(groups, self.operator.partial.decode(columns, n_rows)):
            wholes[group] = self.without(wholes[group], part)
        return self._encode(wholes)

    def finish(self, columns: list[Column[Any]], n_rows: int) -> list[Column[Any]]:
        """Results."""
        if self.result is None:
            return columns
        results = list(map(self.result, self.operator.partial.decode(columns, n_rows)))
        return self.operator.made.encode(results, f"results of `{self.operator.name}`")

    def _encode(self, partials: Sequence[Any]) -> list[Column[Any]]:
        return self.operator.partial.encode(partials, f"partials of `{self.operator.name}`")


_NOTHING = object()


class Aggregate(Operator):
    """An operator that folds the rows of a key."""

    interface = "aggregate"
    row: Row
    partial: Row
    made: Row
    input: list[Field]
    invertible: bool

    def bind(self, config: str, input: list[Field]) -> Binding:
        """Agree on schemas."""
        raise NotImplementedError

    def open(self, context: Context, config: str, input: list[Field]) -> Fold:
        """Choose it for the calls that follow."""
        raise NotImplementedError


class Reduce(Aggregate):
    """A function of two values."""

    def __init__(self, author: Any, name: str | None, inverse: Any, input: Names, output: Names, version: int) -> None:
        super().__init__(author, name)
        self.arguments, self.inverse, self.version, self.names = Arguments(author), inverse, version, names_of(output)
        hints = [hint for _, hint in self.arguments.rows]
        if len(hints) != 2 or hints[0] != hints[1] or self.arguments.returns != hints[0]:
            raise TypeError(
                f"{author.__qualname__} is to take two values of one type and return one: a reduce folds them"
            )
        self.row = self.partial = self.made = Row(hints[0])
        self.input, self.invertible = self.row.inputs(names_of(input)), inverse is not None

    def bind(self, config: str, input: list[Field]) -> Binding:
        self.arguments.named(config, None)
        columns = bind_columns(self.input, input)
        # A single column keeps its name.
        made = self.made.schema(self.names or self.made.names or [field.name for field in input])
        return Binding(columns, made, self.version, made)

    def open(self, context: Context, config: str, input: list[Field]) -> Fold:
        named = self.arguments.named(config, context)
        fold = functools.partial(self.author, **named) if named else self.author
        fold_all = functools.partial(functools.reduce, fold)
        return Fold(self, [field.name for field in input], fold_all, fold, self.inverse, None)


class Folding(Aggregate):
    """A class with `partial` or `add`, `merge`, and perhaps `unmerge` and `finish`."""

    def __init__(self, author: type, name: str | None, input: Names, output: Names, version: int) -> None:
        super().__init__(author, name)
        where, self.version = author.__qualname__, version
        self.made_with = Arguments(author.__init__, skip=1, in_order=False)  # type: ignore[misc]
        merge = getattr(author, "merge", None)
        if merge is None:
            raise TypeError(f"{where} has no `merge(self, whole, part)`")
        merged = Arguments(merge, skip=1)
        self.partial = Row(merged.returns)
        self.by_add = getattr(author, "add", None) is not None
        if self.by_add == (getattr(author, "partial", None) is not None):
            raise TypeError(f"{where} has one of `partial(self, values)` and `add(self, partial, value)`")
        if self.by_add:
            if getattr(author, "start", None) is None:
                raise TypeError(f"{where} has no `start(self)`, the partial of no row, which `add` adds to")
            rows = Arguments(author.add, skip=1)  # type: ignore[attr-defined]
            rows.rows = rows.rows[1:]
            self.row = rows.row() if rows.rows else Row(None)
        else:
            values = Arguments(author.partial, skip=1).rows  # type: ignore[attr-defined]
            if len(values) != 1 or typing.get_origin(values[0][1]) is not list:
                raise TypeError(
                    f"{where}.partial takes a list: of the key's values, list[None] where it reads no column"
                )
            self.row = Row(typing.get_args(values[0][1])[0])
        self.spread = self.by_add and not (self.row.is_single or self.row.make)
        self.input = self.row.inputs(names_of(input))
        self.invertible = getattr(author, "unmerge", None) is not None
        finish = getattr(author, "finish", None)
        returned = Arguments(finish, skip=1).returns if finish else merged.returns
        if returned is None:
            raise TypeError(f"{where}.{'finish' if finish else 'merge'} has no return type")
        self.made = Row(returned)
        self.names = names_of(output)
        self.output = self.made.schema(self.names, "value")

    def bind(self, config: str, input: list[Field]) -> Binding:
        self.made_with.named(config, None)
        is_result = not hasattr(self.author, "finish")
        partial = self.output if is_result else self.partial.schema(None, "partial")
        return Binding(bind_columns(self.input, input), partial, self.version, self.output)

    def open(self, context: Context, config: str, input: list[Field]) -> Fold:
        author = self.author(**self.made_with.named(config, context))
        unmerge, finish = getattr(author, "unmerge", None), getattr(author, "finish", None)
        of_values = self._added(author) if self.by_add else author.partial
        return Fold(self, [field.name for field in input], of_values, author.merge, unmerge, finish)

    def _added(self, author: Any) -> Callable[[Sequence[Any]], Any]:
        add, start = author.add, author.start

        def of_values(values: Sequence[Any]) -> Any:
            partial = start()
            for value in values:
                if not self.row.codecs:
                    partial = add(partial)
                else:
                    partial = add(partial, *value) if self.spread else add(partial, value)
            return partial

        return of_values


def reduce(
    function: F | None = None,
    *,
    name: str | None = None,
    inverse: Callable[..., Any] | None = None,
    input: Names = None,
    output: Names = None,
    version: int = 1,
) -> Any:
    """A function that folds two values into one. In any grouping the result is to be the same; `inverse` takes a value out again."""

    def decorate(function: F) -> F:
        offer(Reduce(function, name, inverse, input, output, version))
        return function

    return decorate if function is None else decorate(function)


def aggregate(
    cls: C | None = None, *, name: str | None = None, input: Names = None, output: Names = None, version: int = 1
) -> Any:
    """A class that folds a key's rows: `partial(self, values)` of a list of them, or `start` and `add` of one at a time; `merge` of two partials; and,
    if there are, `unmerge` and `finish`."""

    def decorate(cls: C) -> C:
        offer(Folding(cls, name, input, output, version))
        return cls

    return decorate if cls is None else decorate(cls)
