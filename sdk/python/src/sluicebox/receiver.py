"""Sources of rows: `receiver`. The host asks them for rows."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .columns import Column
from .hints import Row
from .operator import Arguments, Context, Operator, names_of, offer
from .transform import Names
from .types import Field

C = TypeVar("C", bound=type)
R = TypeVar("R")


@dataclass
class Received(Generic[R]):
    """Rows, and where the source stands after them: in terms of its own, at most 64 KiB."""

    rows: Sequence[R]
    position: bytes
    #: Whether nothing more comes.
    ended: bool = False


class Receiver(Operator):
    """A class that receives rows."""

    interface = "receiver"

    def __init__(self, author: type, name: str | None, output: Names) -> None:
        super().__init__(author, name)
        where = author.__qualname__
        if not hasattr(author, "receive"):
            raise TypeError(f"{where} has no `receive(self, max_rows, max_seconds) -> Received[...]`")
        self.made_with = Arguments(author.__init__, skip=1, in_order=False)  # type: ignore[misc]
        returns = typing.get_type_hints(author.receive, include_extras=True).get("return")
        if typing.get_origin(returns) is not Received:
            raise TypeError(f"{where}.receive is to return Received[str], say")
        self.made = Row(typing.get_args(returns)[0])
        self.output = self.made.schema(names_of(output), "value")
        self.replayable = bool(getattr(author, "replayable", False))

    def bind(self, config: str) -> list[Field]:
        """The columns received."""
        self.made_with.named(config, None)
        return self.output

    def start(self, context: Context, config: str, position: bytes | None) -> Receiving:
        """Begin to receive."""
        named = self.made_with.named(config, context)
        for parameter, _ in self.made_with.rows:
            named[parameter] = position
        return Receiving(self, self.author(**named))


class Receiving:
    """A receiver at work."""

    def __init__(self, operator: Receiver, author: Any) -> None:
        self.operator, self.author = operator, author

    def receive(self, max_rows: int, max_time_ms: int) -> tuple[list[Column[Any]], int, bytes, bool]:
        """Rows, how many, the position after them, and whether the source has ended."""
        received = self.author.receive(max_rows, max_time_ms / 1000)
        rows = list(received.rows)
        columns = self.operator.made.encode(rows, f"what `{self.operator.name}` received")
        return columns, len(rows), bytes(received.position), received.ended

    def ack(self, position: bytes) -> None:
        """Rows up to a position are safe."""
        if hasattr(self.author, "ack"):
            self.author.ack(position)

    def stop(self) -> None:
        """Let go of the source."""
        if hasattr(self.author, "stop"):
            self.author.stop()


def receiver(cls: C | None = None, *, name: str | None = None, output: Names = None) -> Any:
    """A class that is made with its configuration, context and `position: bytes | None`, where it is to begin; `receive(self, max_rows, max_seconds)` returns
    `Received`. `ack(self, position)` and `stop(self)` are called where they are there; `replayable = True` says that an older position gives the rows after it again."""

    def decorate(cls: C) -> C:
        offer(Receiver(cls, name, output))
        return cls

    return decorate if cls is None else decorate(cls)
