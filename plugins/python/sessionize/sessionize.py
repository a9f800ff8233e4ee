"""Sessions of keys by the time that their rows say: a session ends when the next row comes more than a gap after its last one."""

from dataclasses import dataclass

import sluicebox
from sluicebox import State


@sluicebox.config
class Gap:
    """When sessions end."""

    #: The longest time between two rows of a session, in milliseconds.
    gap_ms: int


@dataclass
class Session:
    """A session's first and last time, and how many rows it has."""

    start: int
    end: int
    count: int


@sluicebox.map_with_state(input="at")
def sessionize(_key: str, at: int | None, session: State[Session], gap: Gap) -> Session | None:
    """Sessions that are over: their first and last time, and how many rows they had. A row that comes late belongs to the session that is open."""
    if at is None:
        return None
    before = session.get()
    if before is not None and at <= before.end + gap.gap_ms:
        session.update(Session(min(before.start, at), max(before.end, at), before.count + 1))
        return None
    session.update(Session(at, at, 1))
    return before
