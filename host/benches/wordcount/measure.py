"""A run of an engine under a paced sender, and what its marks say.

Every five milliseconds the sender puts a line `@MICROSECONDS` into the text: when it was due. Engines count it like any word and print it with its batch,
so the time from then to its appearance on the engine's standard output is one sample of event-to-output latency, whatever held it up: a full socket, a queue of
blocks, the batch interval, the batch itself, the output.
"""
import dataclasses
import os
import re
import subprocess
import threading
import time

CONNECT_SECONDS = 90
DRAIN_SECONDS = 45
MARK = re.compile(r"@(\d{16})\b")
WORDS = re.compile(r"\bwords\b\D+(\d+)")


class Broken(Exception):
    """An engine or the sender didn't do what a measurement needs."""


@dataclasses.dataclass
class Mark:
    """One sample: when the line was due, by the sender's clock, and how long it took to come out."""

    due: float
    latency: float


@dataclasses.dataclass
class Batch:
    """What an engine says about one of its batches: rows, and Spark's three delays in seconds."""

    rows: int
    scheduling: float
    processing: float
    total: float


class Sender:
    """The paced sender: its port, how far it is, how far behind its schedule it is."""

    def __init__(self, program, text):
        # What it would say on standard error is that an engine, having been ended, has left it.
        self.process = subprocess.Popen(
            [program, text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.port = int(self._line("port"))
        self.connected = threading.Event()
        self.finished = threading.Event()
        self.connected_at = None
        self.bytes = self.words = 0
        self.lag = 0.0
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _line(self, word):
        got, _, rest = self.process.stdout.readline().strip().partition(" ")
        if got != word:
            raise Broken(f"the sender said `{got}` and not `{word}`")
        return rest

    def _read(self):
        for line in self.process.stdout:
            word, *numbers = line.split()
            if word == "connected":
                self.connected_at = time.time()
                self.connected.set()
            elif word == "status":
                self.bytes, self.words, self.lag = int(numbers[1]), int(numbers[2]), int(numbers[3]) / 1e6
            elif word == "done":
                self.bytes, self.words = int(numbers[0]), int(numbers[1])
                self.finished.set()
        self.connected.set()
        self.finished.set()

    def say(self, command):
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise Broken(f"the sender is gone ({error})") from error

    def close(self):
        """Let the stream end."""
        try:
            self.process.stdin.close()
        except OSError:
            pass


class Run:
    """One process of an engine, connected to a sender of its own."""

    def __init__(self, engine, sender_program, text, interval_ms):
        self.engine = engine
        self.marks, self.batches, self.log = [], [], []
        self.words = 0
        self.words_at = None
        self.changed = threading.Condition()
        self.sender = Sender(sender_program, text)
        self.started_at = time.time()
        self.process = subprocess.Popen(
            engine.command(self.sender.port, interval_ms),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
        )  # fmt: skip
        self.readers = [
            threading.Thread(target=self._read, args=(stream, results), daemon=True)
            for stream, results in ((self.process.stdout, True), (self.process.stderr, False))
        ]
        for reader in self.readers:
            reader.start()

    def __enter__(self):
        try:
            if not self.sender.connected.wait(CONNECT_SECONDS) or self.sender.connected_at is None:
                raise self.broken("didn't connect")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in (self.process, self.sender.process):
            if process.poll() is None:
                process.kill()
            process.wait()

    def broken(self, what):
        self.process.poll()
        tail = "".join(self.log[-20:])
        return Broken(f"{self.engine.name} {what}; exit code {self.process.returncode}; the end of what it said:\n{tail}")

    def _read(self, stream, results):
        for line in stream:
            now = time.time()
            # Words and marks are results; a log may have the same words in it.
            mark, words = results and MARK.search(line), results and WORDS.search(line)
            batch = self.engine.batch(line)
            with self.changed:
                if mark:
                    due = int(mark[1]) / 1e6
                    self.marks.append(Mark(due, now - due))
                elif batch:
                    self.batches.append((now, batch))
                elif words:
                    self.words += int(words[1])
                    self.words_at = now
                    self.changed.notify_all()
                elif len(self.log) < 10_000:
                    self.log.append(line)

    def cpu_seconds(self):
        """User and system time of the engine's process so far."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def send_for(self, seconds):
        """Let time pass, unless the engine ends."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise self.broken("ended while it was being sent to")

    def all_counted(self, timeout=DRAIN_SECONDS):
        """Wait until as many words came out as went in; whether they did."""
        with self.changed:
            return self.changed.wait_for(lambda: self.words >= self.sender.words, timeout)

    def finish(self):
        """No more text; wait until all is counted and end. An engine that drains gets the end of its stream and must exit by itself."""
        if not self.sender.finished.wait(DRAIN_SECONDS):
            raise self.broken("stopped reading")
        if self.engine.drains:
            self.sender.close()
            try:
                self.process.wait(DRAIN_SECONDS)
            except subprocess.TimeoutExpired:
                raise self.broken("didn't end with its stream") from None
            for reader in self.readers:
                reader.join()
            if self.process.returncode:
                raise self.broken("failed")
        if not self.all_counted() or self.words != self.sender.words:
            raise self.broken(f"counted {self.words} words of {self.sender.words}")


@dataclasses.dataclass
class Hold:
    """A rate, held for some time after the engine had warmed up."""

    rate: float
    cpu_per_gb: float
    latencies: list
    scheduling: list
    lag: float
    flat: bool
    why: str

    def percentile(self, share):
        return percentile(self.latencies, share)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def median(values):
    return percentile(values, 0.5)


def judge(marks, scheduling, lag, interval):
    """Why a rate isn't held; nothing where it is.

    Held means: the sender isn't kept waiting, latency is no higher at the end than at the beginning, and no mark is later than a healthy engine can be. A mark waits
    up to one interval for its batch, which may take up to one itself; one more is left for a machine that does other things too.
    """
    if not marks:
        return "no output"
    third = max(1, len(marks) // 3)
    growth = median([mark.latency for mark in marks[-third:]]) - median([mark.latency for mark in marks[:third]])
    worst = percentile([mark.latency for mark in marks], 0.99)
    if lag > 0.25 * max(interval, 1):
        return f"the sender is {lag:.2f} s behind"
    if growth > 0.25 * interval:
        return f"latency grew by {growth:.2f} s"
    if worst > 3 * interval:
        return f"the latency's 99th percentile is {worst:.2f} s"
    if scheduling and median(scheduling[-(len(scheduling) // 3 + 1) :]) > 0.5 * interval:
        return f"batches wait {median(scheduling):.2f} s for their turn"
    return ""


def hold(engine, sender_program, text, rate, warm, seconds, interval_ms):
    """Send at a rate: `warm` seconds that don't count, then `seconds` that do."""
    interval = interval_ms / 1000
    with Run(engine, sender_program, text, interval_ms) as run:
        run.sender.say(f"rate {rate * 0.5}")
        run.send_for(warm / 2)
        run.sender.say(f"rate {rate}")
        run.send_for(warm / 2)
        began, cpu, sent = time.time(), run.cpu_seconds(), run.sender.bytes
        run.send_for(seconds)
        ended, cpu, sent = time.time(), run.cpu_seconds() - cpu, run.sender.bytes - sent
        lag = run.sender.lag
        run.sender.say("stop")
        try:
            run.finish()
            broken = ""
        except Broken as error:
            broken = str(error).partition(";")[0]
        marks = sorted((mark for mark in run.marks if began <= mark.due < ended), key=lambda mark: mark.due)
        scheduling = [batch.scheduling for at, batch in run.batches if began <= at < ended]
    why = broken or judge(marks, scheduling, lag, interval)
    return Hold(
        rate=sent / (ended - began), cpu_per_gb=cpu / (sent / 1e9) if sent else float("nan"), latencies=[mark.latency for mark in marks],
        scheduling=scheduling, lag=lag, flat=not why, why=why,
    )  # fmt: skip


def ramp(engine, sender_program, text, start, step_seconds, factor=1.2):
    """Rates that one process takes in growing steps: the last one it kept up with, by the quick signs; 0 if it was none. A first idea of where to search."""
    with Run(engine, sender_program, text, 1000) as run:
        run.sender.say(f"rate {start / 2}")
        run.send_for(engine.warm_seconds)
        rate, kept = start, 0.0
        while True:
            run.sender.say(f"rate {rate}")
            began = time.time()
            run.send_for(step_seconds)
            recent = [mark for mark in run.marks if mark.due > began]
            late = not recent or recent[-1].latency > 2.5
            if late or run.sender.lag > 0.3:
                return kept
            kept, rate = rate, rate * factor


def highest(engine, sender_program, text, start, warm, seconds, tries, say):
    """The highest rate found that holds, with batches of a second: from a ramp, then whole holds, each from a fresh process."""
    rate = 0.0
    while not rate:
        rate = ramp(engine, sender_program, text, start, 3 if seconds < 30 else 5)
        start /= 3
        if start < 1e5:
            raise Broken(f"{engine.name} keeps up with nothing")
    best, failed = None, None
    for _ in range(tries):
        got = hold(engine, sender_program, text, rate, warm, seconds, 1000)
        say(f"{engine.name}: {rate / 1e6:.1f} MB/s for {seconds} s: {'held' if got.flat else got.why}")
        if got.flat:
            best = got if best is None or got.rate > best.rate else best
            rate = rate * 1.1 if failed is None else (rate + failed) / 2
        else:
            failed = rate
            rate = rate * 0.85 if best is None else (best.rate + rate) / 2
        if best and failed and failed < best.rate * 1.06:
            break
    if best is None:
        raise Broken(f"{engine.name} held none of {tries} rates")
    return best


def blast(engine, sender_program, text):
    """The whole text at once: seconds from connecting until all words are out, CPU seconds of the whole process, megabytes a second."""
    with Run(engine, sender_program, text, None) as run:
        run.sender.say("blast")
        run.sender.finished.wait(240)
        cpu = None
        if engine.drains:
            run.sender.close()
            # Wait without reaping, so that the process's times can still be read.
            os.waitid(os.P_PID, run.process.pid, os.WEXITED | os.WNOWAIT)
            cpu = run.cpu_seconds()
        run.finish()
        cpu = run.cpu_seconds() if cpu is None else cpu
        return run.words_at - run.sender.connected_at, cpu, run.sender.bytes / 1e6, run.words


def table(title, header, rows):
    """A Markdown table, as ARCHITECTURE.md keeps it."""
    widths = [max(len(str(row[column])) for row in [header, *rows]) for column in range(len(header))]
    line = lambda cells: "| " + " | ".join(str(cell).ljust(width) for cell, width in zip(cells, widths)) + " |"  # noqa: E731
    print(f"\n{title}\n\n{line(header)}\n|{'|'.join('-' * (width + 2) for width in widths)}|")
    for row in rows:
        print(line(row))
    print(flush=True)
