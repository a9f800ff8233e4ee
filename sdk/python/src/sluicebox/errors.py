"""The ways in which an operator says no: to a row, to its configuration, to its input, and to a call.

Any other exception fails the call, with its traceback.
"""


class Reject(Exception):
    """The operator will have nothing to do with the row. The job's `on-reject` says what becomes of it; the host keeps the first 1,024 bytes of the reason."""

    def __init__(self, reason: object) -> None:
        super().__init__(str(reason))


class InvalidConfig(Exception):
    """The configuration in the job file is wrong; the message names the key and what is allowed."""


class InvalidInput(Exception):
    """The input's columns don't suit the operator; the message names the column and what is expected."""


class Unavailable(Exception):
    """Something outside that the operator was granted can't be had right now; the host tries again."""


class Failed(Exception):
    """The call fails with just this message, without a traceback; it would happen again on the same input."""
