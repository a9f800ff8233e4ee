"""What a word count needs: lines to words, and how often each comes, in a batch and since the job began."""

from collections.abc import Iterator

import sluicebox


@sluicebox.flat_map(output="word")
def split(line: str) -> Iterator[str]:
    """Words of lines, at single spaces; there are no empty words."""
    return filter(None, line.split(" "))


@sluicebox.aggregate(output="count")
class Tally:
    """How many rows a key has."""

    def partial(self, rows: list[None]) -> int:
        return len(rows)

    def merge(self, whole: int, part: int) -> int:
        return whole + part

    def unmerge(self, whole: int, part: int) -> int:
        return whole - part


@sluicebox.update_state_by_key(state="count")
def running_count(_word: str, rows: list[None], count: int | None) -> int | None:
    """How often each word has come since the job began."""
    return (count or 0) + len(rows)
