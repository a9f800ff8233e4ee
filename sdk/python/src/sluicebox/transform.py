"""Operators from rows to rows: map, flat-map, filter, map-partitions, over rows or over whole columns.

Rows are decoded and encoded a column at a time; what is called for each row is the author's function, and nothing else.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, TypeVar

from .columns import Column
from .errors import Failed, InvalidInput, Reject
from .hints import Row, shown, taking_nulls
from .operator import Arguments, Context, Operator, bind_columns, names_of, offer
from .types import Field

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


@dataclass
class Output:
    """What a call made: rows, or the indices of those that stay."""

    columns: list[Column[Any]] = field(default_factory=list)
    #: Of a flat-map: for each row of the chunk, how many rows were made of it and of those before it.
    ends: list[int] | None = None
    #: Of a filter: the rows that stay.
    kept: list[int] | None = None
    #: Rows rejected, each with its reason; ascending.
    rejected: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Binding:
    """Which of the columns offered an operator reads, by index, and the columns that it makes."""

    columns: list[int]
    output: list[Field]


class Task:
    """An operator at work on a partition."""

    def process(self, columns: list[Column[Any]], n_rows: int) -> Output:
        """Work on a chunk."""
        raise NotImplementedError

    def finish(self) -> list[Column[Any]] | None:
        """Rows held back."""
        return None


class Transform(Operator):
    """An operator from rows to rows."""

    interface = "transform"
    kind: str
    input: list[Field] | None

    def bind(self, config: str, input: list[Field]) -> Binding:
        """Agree on schemas."""
        raise NotImplementedError

    def open(self, context: Context, config: str, input: list[Field]) -> Task:
        """Begin a partition."""
        raise NotImplementedError


#: What a flat-map's function returns, by the hint.
ITERABLES = ("Iterable", "Iterator", "Generator", "Sequence", "Collection", "list", "List", "tuple", "set", "frozenset")


def item_of(hint: Any, where: str) -> Any:
    """The row that is iterated over in a function's result."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is None or getattr(origin, "__name__", "") not in ITERABLES or not args:
        raise TypeError(
            f"{where} returns {shown(hint)}: a flat-map returns an iterable of rows, such as Iterator[str] or list[str]"
        )
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        raise TypeError(f"{where} returns {shown(hint)}, which is one row: a flat-map returns an iterable of rows")
    return args[0]


class Function(Transform):
    """A function of a row, or of whole columns."""

    def __init__(
        self,
        kind: str,
        author: Callable[..., Any],
        name: str | None,
        input: str | Sequence[str] | None,
        output: str | Sequence[str] | None,
        columns: bool,
    ) -> None:
        super().__init__(author, name)
        self.kind, self.arguments, self.by_columns = kind, Arguments(author), columns
        where = author.__qualname__
        if columns:
            self.arguments.rows = [(n, _item_of_column(hint, f"{where}: `{n}`")) for n, hint in self.arguments.rows]
        self.row = self.arguments.row()
        self.spread = len(self.arguments.rows) != 1 or self.row.is_single
        read = self.row.inputs(names_of(input))
        # An operator over whole columns sees no rows, so it can't reject one for its null.
        self.input = read if columns else taking_nulls(read)
        returns = self.arguments.returns
        if kind == "filter":
            if not columns and returns is not bool:
                raise TypeError(f"{where} returns {shown(returns)}: a filter returns bool")
            self.made, self.output = Row(None), []
            return
        if returns is None:
            raise TypeError(f"{where} has no return type: `-> str`, say, says what it makes")
        if columns:
            made: Any = _made_columns(returns, kind, where)
        else:
            made = item_of(returns, where) if kind == "flat-map" else returns
        self.made = Row(made)
        self.output = self.made.schema(names_of(output), "value")

    def bind(self, config: str, input: list[Field]) -> Binding:
        self.arguments.named(config, None)
        return Binding(bind_columns(self.input or [], input), self.output)

    def open(self, context: Context, config: str, input: list[Field]) -> Task:
        named = self.arguments.named(config, context)
        call = self.author
        if named:

            def call(*row: Any) -> Any:
                return self.author(*row, **named)

        if self.by_columns:
            return _EachChunk(self, call)
        return _EachRow(self, call, [field.name for field in input])


def _item_of_column(hint: Any, where: str) -> Any:
    if typing.get_origin(hint) is not Column:
        raise TypeError(f"{where} is {shown(hint)}: an operator over columns takes Column[str], say")
    return typing.get_args(hint)[0]


def _made_columns(hint: Any, kind: str, where: str) -> Any:
    """The row of what an operator over columns returns: a column, or a tuple of them; of a flat-map with the ends."""
    args = typing.get_args(hint)
    if kind == "flat-map":
        if typing.get_origin(hint) is not tuple or len(args) < 2:
            raise TypeError(
                f"{where} returns {shown(hint)}: a flat-map over columns returns its columns, and last, for each row, where its rows end"
            )
        args = args[:-1]
    elif typing.get_origin(hint) is not tuple:
        args = (hint,)
    items = tuple(typing.get_args(arg)[0] if typing.get_origin(arg) in (Column, list) else arg for arg in args)
    return items[0] if len(items) == 1 else tuple[items]  # type: ignore[valid-type]


class _EachRow(Task):
    """A function called for each row."""

    def __init__(self, operator: Function, call: Callable[..., Any], names: list[str]) -> None:
        self.operator, self.call, self.names = operator, call, names

    def process(self, columns: list[Column[Any]], n_rows: int) -> Output:
        row = self.operator.row
        lacking = row.lacking(columns, self.names)
        lists = row.lists(columns) if self.operator.spread else [row.decode(columns, n_rows)]
        # The rows of the chunk that the function is called for.
        rows: Sequence[int] = range(n_rows)
        if lacking:
            good = [at not in lacking for at in range(n_rows)]
            lists, rows = [list(compress(values, good)) for values in lists], list(compress(range(n_rows), good))
        results = map(self.call, *lists) if lists else (self.call() for _ in rows)
        output = getattr(self, "_" + self.operator.kind.replace("-", "_"))(results, rows, n_rows)
        assert isinstance(output, Output)
        if lacking:
            output.rejected = sorted([*output.rejected, *lacking.items()])
        return output

    def _map(self, results: Iterable[Any], rows: Sequence[int], _n_rows: int) -> Output:
        made: list[Any] = []
        rejected: list[tuple[int, str]] = []
        results = iter(results)
        while True:
            try:
                # What was made before a row is rejected stays, and what comes after it follows.
                made.extend(results)
                break
            except Reject as reject:
                rejected.append((rows[len(made) + len(rejected)], str(reject)))
        return Output(self.operator.made.encode(made, f"what `{self.operator.name}` returned"), rejected=rejected)

    def _filter(self, results: Iterable[Any], rows: Sequence[int], _n_rows: int) -> Output:
        stays: list[Any] = []
        rejected: list[tuple[int, str]] = []
        results = iter(results)
        while True:
            try:
                stays.extend(results)
                break
            except Reject as reject:
                rejected.append((rows[len(stays)], str(reject)))
                stays.append(False)
        return Output(kept=list(compress(rows, stays)), rejected=rejected)

    def _flat_map(self, results: Iterable[Any], rows: Sequence[int], n_rows: int) -> Output:
        made: list[Any] = []
        ends: list[int] = []
        rejected: list[tuple[int, str]] = []
        results, extend, end = iter(results), made.extend, ends.append
        while True:
            try:
                for result in results:
                    extend(result)
                    end(len(made))
                break
            except Reject as reject:
                rejected.append((rows[len(ends)], str(reject)))
                del made[ends[-1] if ends else 0 :]
                end(len(made))
        if len(ends) != n_rows:
            ends = _spread(ends, rows, n_rows)
        encoded = self.operator.made.encode(made, f"what `{self.operator.name}` returned")
        return Output(encoded, ends=ends, rejected=rejected)


def _spread(ends: list[int], rows: Sequence[int], n_rows: int) -> list[int]:
    """The ends of all rows of a chunk, of those of some: nothing is made of the others."""
    all_ends, last = [0] * n_rows, 0
    of_row = dict(zip(rows, ends))
    for row in range(n_rows):
        last = of_row.get(row, last)
        all_ends[row] = last
    return all_ends


class _EachChunk(Task):
    """A function called for a chunk's columns."""

    def __init__(self, operator: Function, call: Callable[..., Any]) -> None:
        self.operator, self.call = operator, call

    def process(self, columns: list[Column[Any]], n_rows: int) -> Output:
        operator = self.operator
        made = self.call(*columns)
        if operator.kind == "filter":
            return Output(kept=list(made))
        n_made = len(operator.made.codecs)
        parts = list(made) if n_made > 1 or operator.kind == "flat-map" else [made]
        ends = list(parts.pop()) if operator.kind == "flat-map" else None
        if len(parts) != n_made:
            raise Failed(f"`{operator.name}` returned {len(parts)} columns, not {n_made}")
        encoded = [
            part
            if isinstance(part, Column)
            else Row(codec_hint).encode(list(part), f"what `{operator.name}` returned")[0]
            for part, codec_hint in zip(parts, _hints(operator.made))
        ]
        return Output(encoded, ends=ends)


def _hints(row: Row) -> Sequence[Any]:
    return [row.hint] if row.is_single else typing.get_args(row.hint)


class Class(Transform):
    """A class whose instances work on a partition each, over rows (map-partitions), or over columns of any schema."""

    def __init__(self, author: type, name: str | None, kind: str) -> None:
        super().__init__(author, name)
        self.kind = kind
        self.made_with = Arguments(author.__init__, skip=1, in_order=False)  # type: ignore[misc]

    def make(self, context: Context, config: str, **more: Any) -> Any:
        """The author's object for a partition."""
        return self.author(**self.made_with.named(config, context), **more)


class Partitions(Class):
    """A map-partitions over rows."""

    def __init__(
        self, author: type, name: str | None, input: str | Sequence[str] | None, output: str | Sequence[str] | None
    ) -> None:
        super().__init__(author, name, "map-partitions")
        process = getattr(author, "process", None)
        if process is None:
            raise TypeError(f"{author.__qualname__} has no `process(self, row) -> Iterator[...]`")
        arguments = Arguments(process, skip=1)
        self.row = arguments.row()
        self.spread = len(arguments.rows) != 1 or self.row.is_single
        self.input = taking_nulls(self.row.inputs(names_of(input)))
        self.made = Row(item_of(arguments.returns, f"{author.__qualname__}.process"))
        self.output = self.made.schema(names_of(output), "value")

    def bind(self, config: str, input: list[Field]) -> Binding:
        self.made_with.named(config, None)
        return Binding(bind_columns(self.input or [], input), self.output)

    def open(self, context: Context, config: str, input: list[Field]) -> Task:
        return _Partition(self, self.make(context, config), [field.name for field in input])


class _Partition(Task):
    """A map-partitions at work."""

    def __init__(self, operator: Partitions, author: Any, names: list[str]) -> None:
        self.operator, self.author, self.names, self.finished = operator, author, names, False

    def process(self, columns: list[Column[Any]], n_rows: int) -> Output:
        row, made = self.operator.row, list[Any]()
        lacking = row.lacking(columns, self.names)
        rejected = dict(lacking)
        lists = row.lists(columns) if self.operator.spread else [row.decode(columns, n_rows)]
        for at, values in enumerate(zip(*lists) if lists else [()] * n_rows):
            if at in lacking:
                continue
            before = len(made)
            try:
                made.extend(self.author.process(*values) or ())
            except Reject as reject:
                del made[before:]
                rejected[at] = str(reject)
        encoded = self.operator.made.encode(made, f"what `{self.operator.name}` returned")
        return Output(encoded, rejected=sorted(rejected.items()))

    def finish(self) -> list[Column[Any]] | None:
        # The host asks again after rows, which were all there are.
        if self.finished or not hasattr(self.author, "finish"):
            return None
        self.finished = True
        made = list(self.author.finish() or ())
        return self.operator.made.encode(made, f"what `{self.operator.name}` returned at the end") if made else None


class Columns(Class):
    """A class over columns that chooses its schema when it is bound."""

    input = None

    def __init__(self, author: type, name: str | None, kind: str) -> None:
        super().__init__(author, name, kind)
        for method in ("bind", "process"):
            if not hasattr(author, method):
                raise TypeError(f"{author.__qualname__} has no `{method}`, which a transform has")
        self.binds_with = Arguments(author.bind)  # type: ignore[attr-defined]
        if len(self.made_with.rows) > 1 or any(hint != list[Field] for _, hint in self.made_with.rows):
            raise TypeError(
                f"{author.__qualname__} is made with its configuration, its context and `input: list[Field]`, and no other arguments"
            )

    def bind(self, config: str, input: list[Field]) -> Binding:
        bound = self.author.bind(input, **self.binds_with.named(config, None))
        binding = bound if isinstance(bound, Binding) else Binding(list(range(len(input))), list(bound))
        for index in binding.columns:
            if not 0 <= index < len(input):
                raise InvalidInput(f"`bind` of `{self.name}` chose column {index} of {len(input)}")
        return binding

    def open(self, context: Context, config: str, input: list[Field]) -> Task:
        more = {name: input for name, _ in self.made_with.rows}
        return _Columns(self, self.make(context, config, **more))


class _Columns(Task):
    """A class over columns at work."""

    def __init__(self, operator: Columns, author: Any) -> None:
        self.operator, self.author = operator, author

    def process(self, columns: list[Column[Any]], n_rows: int) -> Output:
        made = self.author.process(columns)
        if isinstance(made, Output):
            return made
        return Output(kept=list(made)) if self.operator.kind == "filter" else Output(list(made))

    def finish(self) -> list[Column[Any]] | None:
        return self.author.finish() if hasattr(self.author, "finish") else None


Names = str | Sequence[str] | None


def _function(kind: str, function: F | None, name: str | None, input: Names, output: Names, columns: bool) -> Any:
    def decorate(function: F) -> F:
        offer(Function(kind, function, name, input, output, columns))
        return function

    return decorate if function is None else decorate(function)


def map_(
    function: F | None = None,
    *,
    name: str | None = None,
    input: Names = None,
    output: Names = None,
    columns: bool = False,
) -> Any:
    """A function that makes one row of each row."""
    return _function("map", function, name, input, output, columns)


def flat_map(
    function: F | None = None,
    *,
    name: str | None = None,
    input: Names = None,
    output: Names = None,
    columns: bool = False,
) -> Any:
    """A function that makes any number of rows of each row: it returns an iterable of them, or is a generator."""
    return _function("flat-map", function, name, input, output, columns)


def filter_(function: F | None = None, *, name: str | None = None, input: Names = None, columns: bool = False) -> Any:
    """A function that says whether a row stays; the host keeps all its columns."""
    return _function("filter", function, name, input, None, columns)


def map_partitions(cls: C | None = None, *, name: str | None = None, input: Names = None, output: Names = None) -> Any:
    """A class that works on a partition: `process(self, row)` yields rows, and `finish(self)` those held back."""

    def decorate(cls: C) -> C:
        offer(Partitions(cls, name, input, output))
        return cls

    return decorate if cls is None else decorate(cls)


def transform(cls: C | None = None, *, name: str | None = None, kind: str = "map") -> Any:
    """A class over columns of any schema: `bind(input, ...)` says which it makes, `process(self, columns)` makes them."""
    if kind not in ("map", "flat-map", "filter", "map-partitions"):
        raise TypeError(f"{kind!r} is no kind of a transform: map, flat-map, filter, map-partitions")

    def decorate(cls: C) -> C:
        offer(Columns(cls, name, kind))
        return cls

    return decorate if cls is None else decorate(cls)
