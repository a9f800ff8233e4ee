"""What numbers in columns stand for: dates, times and decimals."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable
from typing import Any

from .types import PER_SECOND, Type

_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_UTC = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
_MICROSECOND = datetime.timedelta(microseconds=1)
_DAY_MS = 24 * 60 * 60 * 1000
#: Enough digits for any decimal of 128 bits, whatever the author's own context has.
_EXACT = decimal.Context(prec=80, Emin=-200, Emax=200, traps=[decimal.Inexact, decimal.InvalidOperation])


def decimals(precision: int, scale: int) -> tuple[Callable[[bytes], Any], Callable[[Any], bytes]]:
    """Bytes to a `Decimal`, and back; one with more digits than the column has is a `ValueError`."""

    def load(data: bytes) -> decimal.Decimal:
        return _EXACT.scaleb(decimal.Decimal(int.from_bytes(data, "little", signed=True)), -scale)

    def dump(value: decimal.Decimal | int) -> bytes:
        whole = _EXACT.scaleb(decimal.Decimal(value), scale)
        if whole != whole.to_integral_value() or abs(int(whole)) >= 10**precision:
            raise ValueError(f"{value} doesn't fit decimal({precision}, {scale})")
        return int(whole).to_bytes(16, "little", signed=True)

    return load, dump


def times(type: Type, python: object) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Numbers of a column to `python`'s values, and back."""
    if type.kind == "date32" and python is datetime.date:
        return lambda days: datetime.date.fromordinal(_EPOCH_DAY + days), lambda day: day.toordinal() - _EPOCH_DAY
    if type.kind == "date64" and python is datetime.date:
        return (
            lambda ms: datetime.date.fromordinal(_EPOCH_DAY + ms // _DAY_MS),
            lambda day: (day.toordinal() - _EPOCH_DAY) * _DAY_MS,
        )
    wanted = {"timestamp": datetime.datetime, "time": datetime.time, "duration": datetime.timedelta}.get(type.kind)
    if wanted is None or wanted is not python:
        name = getattr(python, "__name__", python)
        raise TypeError(f"a column of {type} isn't given as {name}")
    per_second = PER_SECOND[type.unit]
    if per_second > 10**6:
        raise TypeError(f"{type} is finer than Python's {wanted.__name__}: take it as an int, `Annotated[int, ...]`")
    in_us = 10**6 // per_second

    def delta(number: int) -> datetime.timedelta:
        return datetime.timedelta(microseconds=number * in_us)

    def number(delta: datetime.timedelta) -> int:
        whole, rest = divmod(delta // _MICROSECOND, in_us)
        if rest:
            raise ValueError(f"{delta} is finer than {type}")
        return whole

    if type.kind == "duration":
        return delta, number
    if type.kind == "time":
        return (
            lambda value: (_EPOCH + delta(value)).time(),
            lambda at: number(datetime.datetime.combine(_EPOCH, at) - _EPOCH),
        )
    has_zone = isinstance(type.parameter, tuple) and type.parameter[1] is not None
    epoch = _EPOCH_UTC if has_zone else _EPOCH
    return lambda value: epoch + delta(value), lambda at: number(at - epoch)
