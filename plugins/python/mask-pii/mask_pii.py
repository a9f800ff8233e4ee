"""Texts of which only the end is shown: what must not be read by those who read the stream."""

import sluicebox
from sluicebox import Column, Field, InvalidConfig, InvalidInput


@sluicebox.config
class Mask:
    """What is masked, and how."""

    columns: list[str]
    keep: int = 4
    mask: str = "*"

    def __post_init__(self) -> None:
        if self.keep < 0:
            raise InvalidConfig(f"config key `keep`: {self.keep} is below 0")
        if len(self.mask) != 1:
            raise InvalidConfig(f"config key `mask`: {self.mask!r} has {len(self.mask)} characters; it is one")


@sluicebox.transform(kind="map")
class MaskPii:
    """Rows with all characters of some columns' texts masked, but for the last; nulls and other columns are left as they are."""

    def __init__(self, config: Mask, input: list[Field]) -> None:
        self.config = config
        self.masked = [field.name in config.columns for field in input]

    @staticmethod
    def bind(input: list[Field], config: Mask) -> list[Field]:
        types = {field.name: field.type for field in input}
        for name in config.columns:
            if name not in types:
                raise InvalidConfig(f"columns: the stream has no column `{name}`")
            if types[name] != sluicebox.types.utf8:
                raise InvalidInput(f"column `{name}` is {types[name]}, and only strings are masked")
        return input

    def process(self, columns: list[Column[object]]) -> list[Column[object]]:
        return [self.mask(column) if masked else column for column, masked in zip(columns, self.masked)]

    def mask(self, column: Column[object]) -> Column[object]:
        keep, mask = self.config.keep, self.config.mask
        values = [
            value and mask * (len(value) - keep) + value[max(len(value) - keep, 0) :] for value in column.values()
        ]
        return Column.of(column.type, values)
