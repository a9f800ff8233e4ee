"""Lines of one file, as they are appended to it.

Its position is how many bytes were taken, so it goes on where it stood.
"""

import sluicebox
from sluicebox import Failed, Received, Unavailable

#: The most that is read in one call, and the longest line.
CALL = 1 << 20


@sluicebox.config
class Options:
    """What is read."""

    #: The file, below a directory of `read` in the plugin's grants.
    file: str
    #: Whether the source ends when all that is there has been read, a last line without its end included; if not, it waits for more.
    ends: bool = False


@sluicebox.receiver(output="line")
class ReadLines:
    """Lines of a file, as UTF-8; those that aren't are counted as `lines_dropped`."""

    replayable = True

    def __init__(self, options: Options, position: bytes | None) -> None:
        if position is not None and len(position) != 8:
            raise Failed("its position is of another receiver")
        self.options = options
        self.offset = int.from_bytes(position or b"", "little")

    def receive(self, max_rows: int, max_seconds: float) -> Received[str]:
        read = self.read()
        at_end = len(read) <= CALL
        rows: list[str] = []
        start = 0
        while len(rows) < max_rows and start < len(read):
            end = read.find(b"\n", start)
            if end >= 0:
                after = end + 1
            elif at_end and self.options.ends:
                end = after = len(read)
            elif start == 0 and not at_end:
                raise Failed(f"a line of {self.options.file} has more than {CALL} bytes")
            else:
                # The line isn't whole yet.
                break
            try:
                rows.append(read[start:end].decode())
            except UnicodeDecodeError:
                sluicebox.count("lines_dropped")
            start = after
        self.offset += start
        ended = self.options.ends and at_end and start == len(read)
        return Received(rows, self.offset.to_bytes(8, "little"), ended)

    def read(self) -> bytes:
        """What comes next in the file."""
        path = self.options.file
        try:
            with open(path, "rb") as file:
                file.seek(self.offset)
                return file.read(CALL + 1)
        except FileNotFoundError:
            raise Unavailable(f"{path} is not there") from None
        except OSError as error:
            raise Unavailable(f"{path}: {error}") from None
