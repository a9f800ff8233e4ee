"""The Python guest of the boundary benchmark: three workloads on every shape of a batch."""

from array import array

from wit_world import exports
from wit_world.imports import outlet
from wit_world.imports.shapes import Batch, Body, Column_Utf8, Line, Node, Table, Text
from componentize_py_types import Err


def split_rows(offsets, data):
    """The words of rows that lie between neighbouring `offsets` of `data`: their offsets, as an array of int32, and their bytes."""
    words = []
    begin = offsets[0]
    for end in offsets[1:]:
        words += data[begin:end].split(b" ")
        begin = end
    ends = array("i", [0])
    at = 0
    for word in words:
        at += len(word)
        ends.append(at)
    return ends, b"".join(words)


def split_batch(batch):
    offsets, data = split_rows(memoryview(batch.buffers[1]).cast("i").tolist(), batch.buffers[2])
    rows = len(offsets) - 1
    return Batch(rows, [Node(rows, 0)], [b"", offsets.tobytes(), data])


def buffer(body, index):
    start, end = body.ranges[index]
    return memoryview(body.bytes)[start:end]


class Calls(exports.Calls):
    def nothing(self):
        pass

    def take(self, input):
        return input.rows

    def take_body(self, input):
        return input.rows

    def take_table(self, input):
        return input.rows

    def echo(self, input):
        return input

    def echo_body(self, input):
        return input

    def echo_table(self, input):
        return input

    def echo_strings(self, input):
        return input

    def echo_lines(self, input):
        return input

    def echo_numbers(self, input):
        return input

    def echo_emit(self, input):
        outlet.emit(input)

    def echo_emit_body(self, input):
        outlet.emit_body(input)

    def split(self, input):
        return split_batch(input)

    def split_body(self, input):
        offsets, data = split_rows(buffer(input, 1).cast("i").tolist(), bytes(buffer(input, 2)))
        rows = len(offsets) - 1
        first = offsets.tobytes()
        middle, end = len(first), len(first) + len(data)
        return Body(rows, [Node(rows, 0)], [(0, 0), (0, middle), (middle, end)], first + data)

    def split_table(self, input):
        text = input.columns[0].value
        offsets, data = split_rows(text.offsets, text.bytes)
        return Table(len(offsets) - 1, [Column_Utf8(Text(None, offsets.tolist(), data))])

    def split_strings(self, input):
        return [word for line in input for word in line.split(" ")]

    def split_lines(self, input):
        return [Line(word) for line in input for word in line.value.split(" ")]

    def split_emit(self, input):
        outlet.emit(split_batch(input))

    def sum(self, input):
        return sum(memoryview(input.buffers[1]).cast("q"))

    def sum_body(self, input):
        return sum(buffer(input, 1).cast("q"))

    def sum_table(self, input):
        return sum(input.columns[0].value.values)

    def sum_numbers(self, input):
        return sum(number.value for number in input)


class Session(exports.Session):
    calls = None

    def open(self, operator, config):
        if not operator:
            raise Err("no operator named")
        Session.calls = 0

    def process(self, input):
        if Session.calls is None:
            raise Err("process before open")
        Session.calls += 1
        return input

    def finish(self):
        Session.calls = None
        return None
