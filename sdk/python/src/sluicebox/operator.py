"""What all operators have: a name, a sentence, a configuration, and a place in the list of those that a plugin offers."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import settings
from .errors import InvalidInput
from .hints import Row, same_type
from .types import Field

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True)
class Context:
    """What a call is about. The same work done again has the same context but for `attempt`."""

    #: The job's name.
    job: str
    #: The stream that the operator makes.
    stream: str
    #: The batch's time in milliseconds since 1970.
    batch_time_ms: int
    #: The partition of the operator's input, from 0.
    partition: int
    #: Partitions of the operator's input in this batch.
    partitions: int
    #: Higher each time that the same work is done again.
    attempt: int


def names_of(given: str | Sequence[str] | None) -> list[str] | None:
    """The names of columns as a decorator takes them: one, several, or none given."""
    return [given] if isinstance(given, str) else None if given is None else list(given)


class Arguments:
    """What a function takes: rows, and after them by name its configuration and its context, if it wants them."""

    def __init__(self, function: Callable[..., Any], skip: int = 0, *, in_order: bool = True) -> None:
        # A class without an `__init__` of its own takes nothing.
        given = function is not object.__init__
        hints = typing.get_type_hints(function, include_extras=True) if given else {}
        self.returns = hints.pop("return", None)
        self.config: tuple[str, Any] | None = None
        self.context: str | None = None
        self.rows: list[tuple[str, Any]] = []
        parameters = list(inspect.signature(function).parameters.values())[skip:] if given else []
        where = f"{function.__qualname__}"
        for parameter in parameters:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise TypeError(f"{where} takes `*` arguments: name each, since each is a column")
            hint = hints.get(parameter.name)
            if hint is None:
                raise TypeError(f"{where}: `{parameter.name}` has no type hint, which says what column it is")
            if settings.is_config(hint):
                self.config = (parameter.name, hint)
            elif hint is Context:
                self.context = parameter.name
            elif in_order and (self.config or self.context):
                raise TypeError(f"{where}: `{parameter.name}` comes after the configuration or context: put these last")
            else:
                self.rows.append((parameter.name, hint))

    def named(self, config: str, context: Context | None) -> dict[str, Any]:
        """The arguments besides rows, of the host's JSON."""
        named: dict[str, Any] = {}
        if self.config is not None:
            named[self.config[0]] = settings.parse(self.config[1], config)
        if self.context is not None:
            named[self.context] = context
        return named

    def row(self) -> Row:
        """The columns: a parameter each, or those of the one that is a dataclass or a tuple."""
        if len(self.rows) == 1:
            return Row(self.rows[0][1])
        return Row(tuple[tuple(hint for _, hint in self.rows)])  # type: ignore[misc]


class Operator:
    """An operator that a plugin offers."""

    #: The interface that it belongs to.
    interface: typing.ClassVar[str]

    def __init__(self, author: Any, name: str | None) -> None:
        self.author = author
        self.name = kebab(author.__name__) if name is None else name
        if not _NAME.fullmatch(self.name):
            raise TypeError(f"{self.name!r} can't be an operator's name: a-z, then a-z, 0-9 or -, at most 64 of them")
        self.doc = first_sentence(inspect.getdoc(author) or "")


#: All operators, in the order in which they were declared.
OFFERED: list[Operator] = []
_MARK = "__sluicebox_operator__"


def offer(operator: Operator) -> None:
    """Add an operator to those offered, and remember on the author's function that it is one."""
    OFFERED.append(operator)
    setattr(operator.author, _MARK, operator)


def operator_of(author: Any) -> Operator:
    """The operator that a function or class was made."""
    found = vars(author).get(_MARK)
    if not isinstance(found, Operator):
        raise TypeError(f"{author!r} is no operator: put one of sluicebox's decorators on it")
    return found


def kebab(name: str) -> str:
    """`MaskPii` and `mask_pii` as `mask-pii`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name)
    return words.replace("_", "-").strip("-").lower()


def first_sentence(doc: str) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join(doc.split("\n\n")[0].split())
    return re.split(r"(?<=[.!?]) ", paragraph)[0]


def bind_columns(expected: Sequence[Field], offered: Sequence[Field]) -> list[int]:
    """The indices of the columns read: all that are offered, if they are those expected."""
    if len(expected) != len(offered):
        raise InvalidInput(f"the operator reads {len(expected)} columns, but gets {len(offered)}")
    for want, got in zip(expected, offered):
        if want.name and want.name != got.name:
            raise InvalidInput(f"the operator reads column `{want.name}`, not `{got.name}`")
        if not same_type(want.type, got.type):
            raise InvalidInput(f"column `{got.name}` is {got.type}, the operator reads {want.type}")
    return list(range(len(offered)))
