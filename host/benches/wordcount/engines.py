"""The engines that are measured: each says how it is started and how to read what it prints about its batches."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

from measure import Batch, Broken

HERE = pathlib.Path(__file__).resolve().parent


class Native:
    """By hand, in Rust: threads, and a hash map each."""

    name = "native, by hand"
    drains = True
    warm_seconds = 2

    def __init__(self, program):
        self.program = program

    def command(self, port, interval_ms):
        return [str(self.program), f"127.0.0.1:{port}", "2"] + ([str(interval_ms)] if interval_ms else [])

    def batch(self, line):
        return None


class Sluicebox:
    """A job file, and the shipped plugin."""

    name = "Sluicebox"
    drains = True
    warm_seconds = 2

    def __init__(self, program, component, work):
        self.program, self.job = program, work / "wordcount.toml"
        # The counts of a batch are read once, as the other engines read them: marks by name, all other words as one sum.
        self.job.write_text(
            f"""[job]
name = "bench-wordcount"
batch-interval = "1s"

[plugin.words]
component = {json.dumps(str(component))}

[stream.lines]
source = {{ type = "socket", address = "127.0.0.1:9999" }}

[stream.split]
input = "lines"
flat-map = "words/split"

[stream.counts]
input = "split"
reduce-by-key = {{ key = ["word"], with = "count" }}

[stream.totals]
sql = '''
select 'words' as name, sum(count) as total from counts having count(*) > 0
union all select word, count from counts where word like '@%'
'''

[output.console]
input = "totals"
sink = {{ type = "print", rows = 100000 }}
""",
            encoding="utf-8",
        )

    def command(self, port, interval_ms):
        sets = [f"stream.lines.source.address=127.0.0.1:{port}"]
        if interval_ms and interval_ms != 1000:
            sets += [f"job.batch-interval={interval_ms}ms", f"job.block-interval={max(10, interval_ms // 5)}ms"]
        return [str(self.program), "--log-format", "json", "run", str(self.job), "--drain"] + [part for item in sets for part in ("--set", item)]

    def batch(self, line):
        if not line.startswith("{"):
            return None
        try:
            entry = json.loads(line)
        except ValueError:
            return None
        fields = entry.get("fields", entry)
        if entry.get("target") != "sluicebox::batch" or fields.get("message") != "batch completed":
            return None
        return Batch(fields["rows"], *(fields[f"{delay}_delay_ms"] / 1000 for delay in ("scheduling", "processing", "total")))


class Spark:
    """Spark Streaming, from the jars that PySpark ships."""

    drains = False
    warm_seconds = 20
    version = "4.0.1"

    @classmethod
    def folder(cls, cache):
        return cache / f"pyspark-{cls.version}"

    @classmethod
    def fetched(cls, cache):
        """Whether it can be run without fetching anything."""
        return (cls.folder(cache) / "fetched").exists() and shutil.which("javac") is not None

    def __init__(self, cache, master):
        self.name, self.master = f"Spark Streaming {self.version}, {master}", master
        require_java()
        venv = self.folder(cache)
        if not self.fetched(cache):
            print(f"fetching PySpark {self.version} into {venv}", flush=True)
            subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
            subprocess.run([venv / "bin/python", "-m", "pip", "install", "--quiet", f"pyspark=={self.version}"], check=True)
            (venv / "fetched").touch()
        self.jars = next(venv.glob("lib/python3*/site-packages/pyspark/jars"))
        self.classes = compile_java(HERE / "SparkWordCount.java", self.jars, cache)

    def java(self, classes, main, arguments, heap="8g"):
        """The command that runs a class of ours with Spark."""
        # What Spark's own launcher opens for Java 17.
        opened = ["java.base/" + name for name in (
            "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util", "java.util.concurrent",
            "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar",
        )]  # fmt: skip
        return ["java", f"-Xmx{heap}", *(f"--add-opens={name}=ALL-UNNAMED" for name in opened), "-Djdk.reflect.useDirectMethodHandle=false",
                "-cp", f"{classes}:{self.jars}/*", main, *map(str, arguments)]  # fmt: skip

    def command(self, port, interval_ms):
        return self.java(self.classes, "SparkWordCount", [port, interval_ms or 1000, self.master])

    def batch(self, line):
        found = re.match(r"batch \d+ (\d+) (\d+) (\d+) (\d+)$", line)
        return Batch(int(found[1]), *(int(found[n]) / 1000 for n in (2, 3, 4))) if found else None


class Flink:
    """Flink, from the jars that its Python libraries ship."""

    drains = False
    warm_seconds = 20
    version = "2.1.0"
    name = f"Flink {version}, parallelism 2"

    @classmethod
    def folder(cls, cache):
        return cache / f"flink-{cls.version}"

    @classmethod
    def fetched(cls, cache):
        """Whether it can be run without fetching anything."""
        return cls.folder(cache).exists() and shutil.which("javac") is not None

    def __init__(self, cache):
        require_java()
        self.jars = self.folder(cache)
        if not self.jars.exists():
            print(f"fetching Flink {self.version} into {self.jars}", flush=True)
            partial = cache / "flink-partial"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            wanted = f"apache-flink-libraries=={self.version}"
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", wanted, "-d", partial], check=True)
            archive = next(partial.glob("*.tar.gz"))
            with tarfile.open(archive) as tar:
                for member in tar:
                    name = pathlib.PurePosixPath(member.name)
                    if member.isfile() and name.suffix == ".jar" and name.parent.parts[-2:] == ("deps", "lib"):
                        with tar.extractfile(member) as jar, open(partial / name.name, "wb") as out:
                            shutil.copyfileobj(jar, out)
            archive.unlink()
            partial.rename(self.jars)
        self.classes = compile_java(HERE / "FlinkWordCount.java", self.jars, cache)

    def command(self, port, interval_ms):
        return ["java", "-Xmx8g", "--add-opens=java.base/java.util=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp", f"{self.classes}:{self.jars}/*", "FlinkWordCount", str(port), str(interval_ms or 1000)]  # fmt: skip

    def batch(self, line):
        return None


def require_java():
    for tool in ("java", "javac"):
        if not shutil.which(tool):
            raise Broken(f"{tool} is missing: Spark and Flink need a JDK 17; on Debian: apt-get install openjdk-17-jdk-headless")


def compile_java(source, jars, cache):
    """A folder with the source's classes; compiled once for each text of it."""
    classes = cache / f"{source.stem}-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}"
    if not classes.exists():
        partial = classes.with_suffix(f".{os.getpid()}")
        subprocess.run(["javac", "-nowarn", "-Xlint:none", "-cp", f"{jars}/*", "-d", partial, source], check=True)
        partial.rename(classes)
    return classes
