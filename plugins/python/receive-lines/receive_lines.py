"""Lines that a server sends, as they come, over a socket of Python's own.

What was on its way when the connection broke is lost: TCP has no positions.
"""

import encodings.idna  # noqa: F401 (names are looked up by it, and it has to be imported as the component is built)
import socket

import sluicebox
from sluicebox import Received, Unavailable


@sluicebox.config
class Options:
    """Where lines come from."""

    #: The server, which `connect` in the plugin's grants has as `host:port`.
    host: str
    port: int


@sluicebox.receiver(output="line")
class ReceiveLines:
    """Lines of a TCP server, until it closes the connection; what isn't UTF-8 of them is replaced."""

    def __init__(self, options: Options, position: bytes | None) -> None:
        try:
            self.stream = socket.create_connection((options.host, options.port), timeout=4)
        except OSError as error:
            raise Unavailable(f"{options.host}:{options.port}: {error}") from None
        self.text = b""

    def receive(self, max_rows: int, max_seconds: float) -> Received[str]:
        closed = False
        if b"\n" not in self.text:
            self.stream.settimeout(max_seconds)
            try:
                read = self.stream.recv(1 << 16)
            except TimeoutError:
                return Received([], b"", False)
            except OSError as error:
                raise Unavailable(str(error)) from None
            self.text += read
            closed = not read
        *lines, self.text = self.text.split(b"\n", max_rows)
        if closed and self.text:
            lines, self.text = [self.text], b""
        return Received([line.decode(errors="replace") for line in lines], b"", closed)
