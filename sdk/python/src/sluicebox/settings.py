"""Configuration: the plugin's `config` table of the job file, as a dataclass of the author's.

Keys are the fields in kebab case. An unknown key, a missing one and a wrong value are told by name, when a job is checked.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import types
import typing
from collections.abc import Sequence
from typing import Any, TypeVar, dataclass_transform

from .errors import InvalidConfig

C = TypeVar("C")
_MARK = "__sluicebox_config__"


@dataclass_transform(frozen_default=True)
def config(cls: type[C]) -> type[C]:
    """Make a class a frozen dataclass that an operator takes its configuration as. A `ValueError` of its `__post_init__` says what else is wrong."""
    made = dataclasses.dataclass(frozen=True)(cls)
    setattr(made, _MARK, True)
    return made


def is_config(hint: object) -> bool:
    """Whether a class is one of `config`'s."""
    return isinstance(hint, type) and _MARK in vars(hint)


def parse(cls: type[C], text: str) -> C:
    """Read the configuration from the host's JSON."""
    try:
        value = json.loads(text or "{}")
    except ValueError as error:
        raise InvalidConfig(f"config: {error}") from None
    made = _object(cls, value, "")
    return typing.cast(C, made)


def _wrong(path: str, message: str) -> InvalidConfig:
    return InvalidConfig(f"config key `{path}`: {message}" if path else f"config: {message}")


def _object(cls: type, value: object, path: str) -> object:
    if not isinstance(value, dict):
        raise _wrong(path, f"expected a table, not {_shown(value)}")
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = {field.name.replace("_", "-"): field for field in dataclasses.fields(cls)}
    inner = f"{path}." if path else ""
    for key in value:
        if key not in fields:
            raise InvalidConfig(f"config key `{inner}{key}` is unknown; {_known(key, list(fields))}")
    given = {}
    for key, field in fields.items():
        if key in value:
            given[field.name] = _value(hints[field.name], value[key], inner + key)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise InvalidConfig(f"config key `{inner}{key}` is missing")
    try:
        return cls(**given)
    except ValueError as error:
        raise _wrong(path, str(error)) from None


def _value(hint: Any, value: Any, path: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _value(args[0], value, path)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        rest = [arg for arg in args if arg is not type(None)]
        if len(rest) == 1:
            return _value(rest[0], value, path)
        for choice in rest:
            try:
                return _value(choice, value, path)
            except InvalidConfig:
                continue
        raise _wrong(path, f"{_shown(value)} is none of what it may be")
    if origin is typing.Literal:
        if value not in args:
            raise _wrong(path, f"{_shown(value)} is none of {', '.join(map(_shown, args))}")
        return value
    if origin in (list, tuple, set, frozenset) or hint in (list, tuple):
        if not isinstance(value, list):
            raise _wrong(path, f"expected a list, not {_shown(value)}")
        item = args[0] if args else Any
        return (origin or hint)(_value(item, inner, f"{path}[{at}]") for at, inner in enumerate(value))
    if origin is dict or hint is dict:
        if not isinstance(value, dict):
            raise _wrong(path, f"expected a table, not {_shown(value)}")
        item = args[1] if args else Any
        return {key: _value(item, inner, f"{path}.{key}") for key, inner in value.items()}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        known = [member.value for member in hint]
        if value not in known:
            raise _wrong(path, f"{_shown(value)} is none of {', '.join(map(_shown, known))}")
        return hint(value)
    if dataclasses.is_dataclass(hint):
        return _object(typing.cast(type, hint), value, path)
    return _scalar(hint, value, path)


def _scalar(hint: Any, value: Any, path: str) -> Any:
    if hint is Any:
        return value
    is_bool = isinstance(value, bool)
    match hint:
        case _ if hint is bool and is_bool:
            return value
        case _ if hint is int and isinstance(value, int) and not is_bool:
            return value
        case _ if hint is float and isinstance(value, (int, float)) and not is_bool:
            return float(value)
        case _ if hint is str and isinstance(value, str):
            return value
    names = {bool: "true or false", int: "an integer", float: "a number", str: "a string"}
    raise _wrong(path, f"expected {names.get(hint, hint)}, not {_shown(value)}")


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _known(key: str, known: Sequence[str]) -> str:
    near = nearest(key, known)
    if near is not None:
        return f"did you mean `{near}`?"
    return "known keys are `" + "`, `".join(known) + "`" if known else "there are no keys"


def nearest(word: str, candidates: Sequence[str]) -> str | None:
    """The candidate nearest to a word, if one is near: at most a third of it is to change."""
    ranked = sorted((_distance(word, candidate), candidate) for candidate in candidates)
    return ranked[0][1] if ranked and ranked[0][0] <= max(len(word), 3) // 3 else None


def _distance(a: str, b: str) -> int:
    """Letters to insert, remove, replace or swap with their neighbour."""
    table = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            best = min(table[i - 1][j - 1] + (a[i - 1] != b[j - 1]), table[i - 1][j] + 1, table[i][j - 1] + 1)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, table[i - 2][j - 2] + 1)
            table[i][j] = best
    return table[len(a)][len(b)]
