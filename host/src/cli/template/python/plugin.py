"""Operators in Python: what the decorators are put on, `sluicebox plugin build` makes a component of."""

import sluicebox


@sluicebox.map(name="{operator}", output="line")
def shout(line: str) -> str:
    """Lines in capitals."""
    return line.upper()
