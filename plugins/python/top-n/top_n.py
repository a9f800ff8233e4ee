"""The highest scores of a key, as a text."""

from dataclasses import dataclass

import sluicebox


@sluicebox.config
class Options:
    """How many are kept."""

    n: int = 10

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"n is {self.n}; it is at least 1")


@dataclass
class Row:
    """A name and its score."""

    name: str
    score: int


#: Names and their scores, the highest first.
Best = tuple[list[str], list[int]]


@sluicebox.aggregate(output="top")
class TopN:
    """The names with the highest scores, as `name=score,...`: higher scores first, and of equal ones the name that comes first by its bytes."""

    def __init__(self, options: Options) -> None:
        self.n = options.n

    def partial(self, rows: list[Row]) -> Best:
        return self.best([(row.name, row.score) for row in rows])

    def merge(self, whole: Best, part: Best) -> Best:
        return self.best([*zip(*whole), *zip(*part)])

    def finish(self, best: Best) -> str:
        return ",".join(f"{name}={score}" for name, score in zip(*best))

    def best(self, rows: list[tuple[str, int]]) -> Best:
        """The first of the rows, by score and name."""
        first = sorted(rows, key=lambda row: (-row[1], row[0]))[: self.n]
        return [name for name, _ in first], [score for _, score in first]
