#!/usr/bin/env python3
"""What an operator costs in each language: words and mask-pii, the same rows through the same job, one partition on one core.

A row of the table: the component's size; how long it takes to be compiled; what a partition of one row takes, which is mostly the making of an instance; rows of lines a second through `words/split` and
`mask-pii`, by the time that batches took in the best of some runs.

usage: driver.py --program PROGRAM [--mib N] [LANGUAGE...]
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
RUNS = 3
PARTITIONS = 400
JOB = """
[job]
name = "languages"
batch-interval = "100ms"
parallelism = 1
[plugin.it]
component = "{component}"
config = {config}
time = "60s"
start-time = "60s"
memory = "512MiB"
[stream.lines]
source = {{ type = "files", path = "in", format = "text" }}
[stream.made]
input = "lines"
{operation} = "it/{operator}"
[output.none]
input = "made"
sink = {{ type = "print", rows = 1 }}
"""
CASES = {
    "words": ("flat-map", "split", "{}"),
    "mask-pii": ("map", "mask-pii", '{ columns = ["value"] }'),
}


def text(mib):
    """Lines of words, the same each time: some 10 words a line, with now and then one that is not ASCII."""
    words = "the of and to in was that his he it with is for as had you not be on at by which zwölf".split()
    lines, size, state = [], 0, 1
    while size < mib << 20:
        line = []
        for _ in range(10):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            line.append(words[(state >> 16) % (len(words) if state % 50 == 0 else len(words) - 1)])
        lines.append(" ".join(line))
        size += len(lines[-1]) + 1
    return lines


def batches(program, folder, job):
    """Rows and milliseconds of the batch that had rows."""
    (folder / "job.toml").write_text(job)
    command = [program, "run", "job.toml", "--drain", "--log-format", "json", "--log-level", "info"]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"error: {done.stderr[-3000:]}")
    for line in done.stderr.splitlines():
        fields = json.loads(line).get("fields", json.loads(line))
        if fields.get("message") == "batch completed" and int(fields["rows"]) > 0:
            return int(fields["rows"]), float(fields["processing_delay_ms"])
    sys.exit(f"error: no batch had rows:\n{done.stderr[-3000:]}")


def best(program, files, component, case):
    """The best of some runs over these files, each a list of lines: rows and seconds."""
    operation, operator, config = CASES[case]
    found = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "in").mkdir()
            for at, lines in enumerate(files):
                (folder / "in" / f"{at}.txt").write_text("\n".join(lines) + "\n")
            job = JOB.format(component=component, operation=operation, operator=operator, config=config)
            found.append(batches(program, folder, job))
    rows, ms = min(found, key=lambda run: run[1])
    return rows, max(ms, 0.5) / 1000


def compiled(program, component):
    """Seconds until a component is looked into, which is compiled for it."""
    started = time.monotonic()
    subprocess.run([program, "plugin", "inspect", component], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - started


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--mib", type=int, default=16)
    parser.add_argument("languages", nargs="*", default=["rust", "c", "go", "javascript", "python"])
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program)
    lines = text(arguments.mib)
    single = [["a line of it"]] * PARTITIONS
    print("| language | size | compile | a partition | words, lines/s | of Rust's | mask-pii, lines/s | of Rust's |")
    print("|---|---|---|---|---|---|---|---|")
    of_rust = {}
    for language in arguments.languages:
        at = ROOT / "plugins" if language == "rust" else ROOT / "plugins" / language
        files = {case: at / case / f"{case}.wasm" for case in CASES}
        if not all(file.is_file() for file in files.values()):
            print(f"{language} is not built", file=sys.stderr)
            continue
        words = files["words"]
        size = words.stat().st_size
        shown = f"{size / 1e6:.1f} MB" if size > 1e6 else f"{size / 1e3:.0f} KB"
        compiling = compiled(program, words)
        _, idle = best(program, single, words, "words")
        rates = []
        for case, file in files.items():
            rows, seconds = best(program, [lines], file, case)
            rate = rows / seconds
            of_rust.setdefault(case, rate)
            rates += [f"{rate:,.0f}", f"{rate / of_rust[case]:.0%}"]
        print(f"| {language} | {shown} | {compiling:.1f} s | {idle / PARTITIONS * 1000:.2f} ms | {' | '.join(rates)} |", flush=True)


main()
