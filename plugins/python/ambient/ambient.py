"""Asks for what is otherwise with every process, machine and moment, whether or not it is granted, and says what it got. The host's tests run it."""

import datetime
import gc
import os
import platform
import random
import secrets
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable

import sluicebox

#: Drawn once, when the component is built.
DRAWN = random.random()


class Thing:
    """Something that is shown by its address."""


def lists() -> list[str]:
    return os.listdir("/")


ASKED: dict[str, Callable[[], object]] = {
    "time": time.time_ns,
    "monotonic": time.monotonic_ns,
    "perf_counter": time.perf_counter_ns,
    "process_time": time.process_time_ns,
    "now": datetime.datetime.now,
    "zone": lambda: (time.tzname, time.localtime().tm_gmtoff),
    "sleep": lambda: time.sleep(0.01),
    "random": random.random,
    "shuffle": lambda: random.sample(range(100), 10),
    "system": random.SystemRandom().random,
    "uuid1": uuid.uuid1,
    "uuid4": uuid.uuid4,
    "urandom": lambda: os.urandom(16),
    "secrets": secrets.token_hex,
    "built": lambda: DRAWN,
    "hash": lambda: (hash("text"), hash(b"text"), hash(1.5), hash(("text", None))),
    "set": lambda: {"to", "be", "or", "not", "that", "is", "the", "question"},
    "dict": lambda: {word: len(word) for word in {"to", "be", "or", "not", "that", "is", "the", "question"}},
    "globals": lambda: list(globals()),
    "id": lambda: [id(Thing()), id(object()), id("text"), id([])],
    "repr": lambda: [Thing(), lists],
    "collected": lambda: (gc.get_count(), len(gc.get_objects())),
    "environment": lambda: dict(os.environ),
    "folder": os.getcwd,
    "files": lists,
    "temporary": tempfile.mkdtemp,
    "arguments": lambda: sys.argv,
    "process": os.getpid,
    "thread": threading.get_ident,
    "processors": os.cpu_count,
    "machine": platform.uname,
}


@sluicebox.map(output="answer")
def ask(row: str) -> str:
    """What a row asks for, by name."""
    try:
        return f"{row}: {ASKED[row]()!r}"
    except Exception as error:
        return f"{row}: {error!r}"


@sluicebox.map(output=["number", "row"])
def draw(row: int) -> tuple[int, int]:
    """A number drawn for each row."""
    return random.getrandbits(62), row
