#!/usr/bin/env python3
"""The word count, side by side: Sluicebox, the hand-written native program, and Spark Streaming and Flink.

usage: driver.py quick --program SLUICEBOX   Sluicebox and native, short holds: some three minutes; the blast of Spark and Flink too, where they are fetched
       driver.py peers --program SLUICEBOX   all four, holds of a minute: some forty minutes; fetches Spark and Flink, needs a JDK 17
       options: --component FILE, --text-bytes N, --hold SECONDS, --engines native,sluicebox,spark,flink, --cache DIR

All run on the same two processors, the sender too. Rates are those of the text as it goes over the socket; latency is from when a line was due to be sent until its batch's
output can be read. Machines differ and are shared: compare figures of one run.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import engines  # noqa: E402
import measure  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
# Where the search for the highest rate begins, in bytes a second.
START = {"native": 240e6, "sluicebox": 120e6, "spark": 6e6, "flink": 6e6}


def build_tools():
    """The native program and the sender, optimized."""
    cargo = os.environ.get("CARGO", "cargo")
    subprocess.run([cargo, "build", "--release", "--locked", "--quiet", "-p", "sluicebox-bench-wordcount"], check=True, cwd=ROOT)
    built = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "release"
    return built / "native-wordcount", built / "paced-sender"


def make_text(cache, size):
    """The text, made once for a size."""
    text = cache / f"text-{size}"
    if not text.exists():
        print(f"making a text of {size / 1e6:.0f} MB", flush=True)
        partial = text.with_suffix(".partial")
        with open(partial, "wb") as out:
            subprocess.run([sys.executable, HERE / "gen_text.py", str(size)], stdout=out, check=True)
        partial.rename(text)
    return text


def ratio(value, base):
    return f"{value / base:.2f}"


def blasts(chosen, sender, text, rounds):
    """The whole text at full speed; the best of some rounds, which also warm the code cache; one round for a JVM, which is as cold in the next."""
    rows, native = [], None
    for engine in chosen.values():
        done = [measure.blast(engine, sender, text) for _ in range(rounds if engine.drains else 1)]
        if len({words for *_, words in done}) != 1:
            raise measure.Broken(f"{engine.name} counted differently from one run to the next")
        seconds, cpu, megabytes, words = min(done)
        native = native or (seconds, cpu)
        print(f"{engine.name}: {words} words in {seconds:.2f} s", flush=True)
        rows.append([engine.name, f"{seconds:.2f}", f"{megabytes / seconds:.0f}", f"{cpu:.2f}", ratio(seconds, native[0]), ratio(cpu, native[1])])
    size = pathlib.Path(text).stat().st_size / 1e6
    measure.table(f"A blast of {size:.0f} MB: from connecting until every word is counted (process start not included in seconds, included in CPU seconds)",
                  ["engine", "s", "MB/s", "CPU s", "s, native = 1", "CPU, native = 1"], rows)  # fmt: skip


def sustained(chosen, sender, text, seconds, tries):
    """Highest held rate with batches of a second, and latency with batches of 100 ms at half of it."""
    say = lambda line: print(line, flush=True)  # noqa: E731
    best, late = {}, {}
    for key, engine in chosen.items():
        warm = engine.warm_seconds if seconds >= 30 else min(engine.warm_seconds, 3)
        try:
            best[key] = measure.highest(engine, sender, text, START[key], warm, seconds, tries, say)
            late[key] = measure.hold(engine, sender, text, best[key].rate / 2, warm, seconds, 100)
        except measure.Broken as error:
            say(f"{engine.name}: {error}")
    base = best.get("native")
    rows = []
    for key, engine in chosen.items():
        if key not in best or key not in late:
            rows.append([engine.name] + ["-"] * 8)
            continue
        got, half = best[key], late[key]
        delay = f"{measure.median(got.scheduling) * 1000:.0f} / {max(got.scheduling) * 1000:.0f}" if got.scheduling else "-"
        rows.append([
            engine.name, f"{got.rate / 1e6:.1f}", ratio(got.rate, base.rate) if base else "-", f"{got.cpu_per_gb:.1f}",
            ratio(got.cpu_per_gb, base.cpu_per_gb) if base else "-", delay, f"{half.rate / 1e6:.1f}",
            f"{half.percentile(0.5) * 1000:.0f}", f"{half.percentile(0.99) * 1000:.0f}" + ("" if half.flat else f" ({half.why})"),
        ])  # fmt: skip
    measure.table(f"Sustained for {seconds} s: highest rate held with batches of 1 s, and event to output with batches of 100 ms at half of it",
                  ["engine", "MB/s", "native = 1", "CPU s/GB", "native = 1", "scheduling delay p50 / max, ms", "half: MB/s", "p50, ms", "p99, ms"], rows)  # fmt: skip
    ours = best.get("sluicebox")
    for key in ("spark", "flink"):
        if ours and key in best:
            print(f"Sluicebox to {chosen[key].name}: {ratio(ours.rate, best[key].rate)} times the rate,"
                  f" {ratio(ours.cpu_per_gb, best[key].cpu_per_gb)} times the CPU seconds per GB")  # fmt: skip


def fixed_costs(engine, sender, text):
    """Start of the process until the receiver is connected, with compiled code cached, and batches with nothing in them."""
    starts, empty = [], []
    for _ in range(5):
        with measure.Run(engine, sender, text, 100) as run:
            starts.append(run.sender.connected_at - run.started_at)
            if len(starts) == 5:
                run.send_for(3)
                empty = [batch for _, batch in run.batches if batch.rows == 0]
            run.sender.say("stop")
            run.finish()
    if not empty:
        raise measure.Broken("no empty batch was seen")
    measure.table(f"{engine.name}: fixed costs, {len(starts)} starts and {len(empty)} empty batches", ["what", "median, ms", "worst, ms"], [
        ["process start until the receiver is connected", f"{measure.median(starts) * 1000:.0f}", f"{max(starts) * 1000:.0f}"],
        ["an empty batch, processing (the log has whole milliseconds)", *(f"{pick(batch.processing for batch in empty) * 1000:.0f}" for pick in (
            lambda values: measure.median(list(values)), max))],
    ])  # fmt: skip


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("mode", choices=["quick", "peers"])
    options.add_argument("--program", required=True, type=pathlib.Path, help="the sluicebox program, optimized")
    options.add_argument("--component", type=pathlib.Path, default=ROOT / "plugins/words/words.wasm", help="plugins/words, built")
    options.add_argument("--cache", type=pathlib.Path, default=ROOT / ".cache/bench", help="where texts and jars are kept")
    options.add_argument("--text-bytes", type=int, default=200_000_000)
    options.add_argument("--hold", type=int, help="seconds that a rate must hold: 7 for quick, 60 for peers")
    options.add_argument("--engines", help="of native,sluicebox,spark,flink")
    options = options.parse_args()
    peers = options.mode == "peers"
    cache = options.cache.resolve()
    fetched = [key for key, engine in (("spark", engines.Spark), ("flink", engines.Flink)) if peers or engine.fetched(cache)]
    names = options.engines.split(",") if options.engines else ["native", "sluicebox", *fetched]
    if not set(names) <= START.keys():
        sys.exit(f"error: --engines {options.engines}: engines are {', '.join(START)}")

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    cache.mkdir(parents=True, exist_ok=True)
    native, sender = build_tools()
    make = {
        "native": lambda: engines.Native(native),
        "sluicebox": lambda: engines.Sluicebox(options.program.resolve(), options.component.resolve(), cache),
        "spark": lambda: engines.Spark(cache, "local[3]"),
        "flink": lambda: engines.Flink(cache),
    }
    try:
        chosen = {name: make[name]() for name in START if name in names}
        text = make_text(cache, options.text_bytes)
        began = time.monotonic()
        blasts(chosen, sender, text, 2)
        if "sluicebox" in chosen:
            fixed_costs(chosen["sluicebox"], sender, text)
        held = chosen if peers or options.engines else {key: engine for key, engine in chosen.items() if engine.drains}
        sustained(held, sender, text, options.hold or (60 if peers else 7), 6 if peers else 4)
    except (measure.Broken, subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"error: {error}")
    print(f"measured in {time.monotonic() - began:.0f} s")


main()
