"""Operators for Sluicebox in Python.

An operator is a function with type hints under a decorator; `sluicebox plugin build` makes a component of the module that declares them.

    import sluicebox
    from collections.abc import Iterator

    @sluicebox.flat_map(output="word")
    def split(line: str) -> Iterator[str]:
        "Lines to words."
        return filter(None, line.split(" "))
"""

from . import types
from .aggregate import aggregate, reduce
from .columns import Column
from .errors import Failed, InvalidConfig, InvalidInput, Reject, Unavailable
from .host import broadcast, count, log, table
from .operator import Context
from .receiver import Received, receiver
from .settings import config
from .sink import Target, sink
from .state import State, map_with_state, update_state_by_key
from .transform import Binding, Output, flat_map, map_partitions, transform
from .transform import filter_ as filter
from .transform import map_ as map
from .types import (
    Date64,
    DayTime,
    Field,
    Float32,
    Float64,
    Int8,
    Int16,
    Int32,
    Int64,
    MonthDayNano,
    Months,
    Type,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Utc,
)

__version__ = "0.1.0"

__all__ = [
    "Binding",
    "Column",
    "Context",
    "Date64",
    "DayTime",
    "Failed",
    "Field",
    "Float32",
    "Float64",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "InvalidConfig",
    "InvalidInput",
    "MonthDayNano",
    "Months",
    "Output",
    "Received",
    "Reject",
    "State",
    "Target",
    "Type",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "Unavailable",
    "Utc",
    "aggregate",
    "broadcast",
    "config",
    "count",
    "filter",
    "flat_map",
    "log",
    "map",
    "map_partitions",
    "map_with_state",
    "receiver",
    "reduce",
    "sink",
    "table",
    "transform",
    "types",
    "update_state_by_key",
]
