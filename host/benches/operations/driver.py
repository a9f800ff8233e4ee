#!/usr/bin/env python3
"""Operations over more than one batch, and a join, side by side: Sluicebox and Spark Streaming, a batch at a time.

usage: driver.py
       options: --keys N[,N...]    keys held by map-with-state; 1000000
                --rows N           rows of a batch with state; 10000
                --window-keys N    distinct keys of a window; 10000
                --window-rows N    rows of a batch with windows; 50000
                --join-rows N      rows of either side; 1000000
                --warm N, --batches N    batches before those that are measured, and those; 20, 20
                --operations A,B   of map-with-state, update-state-by-key, window, window-with-inverse, join
                --heap SIZE        of the Java machine; 8g
                --sluicebox COMMAND    `sluicebox-bench-speed --component FILE`, where it is built already
                --cache DIR        where jars are kept

All run on the same two processors, one after the other. Both get the same rows, which are in memory before the first batch: Arrow arrays in one, cached RDDs of objects in the
other. Each batch's result is made in whole and counted. Spark's time is the processing delay that its listener tells; Sluicebox's is from the batch time until all of the batch is
done, planning included. Medians, so what Spark does every tenth batch or more seldom, such as writing a checkpoint of its state, is not in them; Sluicebox writes none.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent / "wordcount"))

import engines  # noqa: E402
import measure  # noqa: E402

MASTER = "local[2]"
INTERVAL_MS = 250
WINDOW_BATCHES = 60
OPERATIONS = ["map-with-state", "update-state-by-key", "window", "window-with-inverse", "join"]
# Those that the host can do without a guest.
BUILT_IN = {"update-state-by-key", "window", "window-with-inverse"}


class Side:
    """What one engine says of one operation: the times of its batches in milliseconds, and the rows of the last one's result."""

    def __init__(self, name, command, **options):
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", **options)
        said = [line.split() for line in done.stdout.splitlines()]
        self.times = [float(line[1]) for line in said if line[:1] == ["batch"] and len(line) == 2]
        rows = [int(line[1]) for line in said if line[:1] == ["rows"] and len(line) == 2]
        if done.returncode or not self.times or len(rows) != 1:
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
            raise measure.Broken(f"{name} failed, with exit code {done.returncode}; the end of what it said:\n{tail}")
        self.rows = rows[0]
        self.median = measure.median(self.times)


def spark(engine, classes, options, job, heap):
    operation, keys, rows, warm, batches = job
    with tempfile.TemporaryDirectory() as checkpoint:
        arguments = [operation, keys, rows, warm, batches, INTERVAL_MS, checkpoint, MASTER]
        return Side(engine.name, engine.java(classes, "SparkOperations", arguments, heap))


def build():
    """The command that runs one operation of Sluicebox, which is built."""
    done = subprocess.run([HERE.parent / "speed/run", "build"], stdout=subprocess.PIPE, text=True, check=True)
    program, component = done.stdout.splitlines()
    return [program, "--component", component]


def sluicebox(program, job, built_in):
    operation, keys, rows, warm, batches = job
    command = [*program, "--side", operation, "--keys", keys, "--rows", rows, "--warm", warm, "--batches", batches]
    return Side("Sluicebox", command + (["--built-in"] if built_in else []))


def jobs(options):
    """What is measured: a title, then operation, keys, rows a batch, batches before those that are measured, and those."""
    state = [(f"{keys:,} keys, {options.rows:,} rows a batch", "map-with-state", keys) for keys in options.keys]
    state.append((f"{options.keys[0]:,} keys, {options.rows:,} rows a batch", "update-state-by-key", options.keys[0]))
    for title, operation, keys in state:
        yield title, (operation, keys, options.rows, options.warm, options.batches)
    for operation in ("window", "window-with-inverse"):
        title = f"{WINDOW_BATCHES} batches, {options.window_keys:,} keys, {options.window_rows:,} rows a batch"
        yield title, (operation, options.window_keys, options.window_rows, WINDOW_BATCHES + options.warm, options.batches)
    yield f"{options.join_rows:,} rows with {options.join_rows:,} rows", ("join", options.join_rows, 0, options.warm, options.batches)


def main():
    numbers = lambda text: [int(part) for part in text.split(",")]  # noqa: E731
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--keys", type=numbers, default=[1_000_000])
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--window-keys", type=int, default=10_000)
    options.add_argument("--window-rows", type=int, default=50_000)
    options.add_argument("--join-rows", type=int, default=1_000_000)
    options.add_argument("--warm", type=int, default=20)
    options.add_argument("--batches", type=int, default=20)
    options.add_argument("--operations", type=lambda text: text.split(","), default=OPERATIONS)
    options.add_argument("--heap", default="8g")
    options.add_argument("--sluicebox")
    options.add_argument("--cache", type=pathlib.Path, default=ROOT / ".cache/bench")
    options = options.parse_args()
    if not set(options.operations) <= set(OPERATIONS):
        sys.exit(f"error: --operations {','.join(options.operations)}: operations are {', '.join(OPERATIONS)}")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    cache = options.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    rows = []
    try:
        engine, program = engines.Spark(cache, MASTER), options.sluicebox.split() if options.sluicebox else build()
        classes = engines.compile_java(HERE / "SparkOperations.java", engine.jars, cache)
        for title, job in jobs(options):
            operation = job[0]
            if operation not in options.operations:
                continue
            theirs, guest = spark(engine, classes, options, job, options.heap), sluicebox(program, job, False)
            built_in = sluicebox(program, job, True) if operation in BUILT_IN else None
            if any(side and side.rows != theirs.rows for side in (guest, built_in)):
                raise measure.Broken(f"{operation}: Spark made {theirs.rows} rows, Sluicebox {guest.rows}")
            # A join needs no guest.
            of = [None, guest] if operation == "join" else [guest, built_in]
            rows.append([operation, title, f"{theirs.median:.0f}", *(f"{side.median:.1f}" if side else "" for side in of),
                         *(f"{theirs.median / side.median:.1f}" if side else "" for side in of)])  # fmt: skip
            print(f"{operation}: Spark {min(theirs.times):.0f} to {max(theirs.times):.0f} ms, Sluicebox {min(guest.times):.1f} to {max(guest.times):.1f} ms", flush=True)
    except (measure.Broken, subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"error: {error}")
    measure.table(f"A batch, median of {options.batches} in ms: {engine.name}, and Sluicebox with functions in a guest and with its own",
                  ["operation", "what", "Spark", "guest", "built in", "Spark / guest", "Spark / built in"], rows)  # fmt: skip


main()
