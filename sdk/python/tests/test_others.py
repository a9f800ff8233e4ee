"""Aggregates, state, receivers, sinks, and what there is of the host."""

import unittest

import sluicebox
from sluicebox import Context, Failed, Received, State, Target, testing


@sluicebox.reduce(inverse=lambda whole, part: whole - part)
def total(a: int, b: int) -> int:
    return a + b


@sluicebox.aggregate(output="mean", version=2)
class Mean:
    def start(self) -> tuple[float, int]:
        return 0.0, 0

    def add(self, partial: tuple[float, int], value: float) -> tuple[float, int]:
        return partial[0] + value, partial[1] + 1

    def merge(self, whole: tuple[float, int], part: tuple[float, int]) -> tuple[float, int]:
        return whole[0] + part[0], whole[1] + part[1]

    def finish(self, partial: tuple[float, int]) -> float:
        return partial[0] / partial[1]


@sluicebox.aggregate(output="count")
class Tally:
    def partial(self, rows: list[None]) -> int:
        return len(rows)

    def merge(self, whole: int, part: int) -> int:
        return whole + part


@sluicebox.update_state_by_key(state=["cents", "last"])
def spent(customer: str, orders: list[int], state: tuple[int, int] | None, context: Context) -> tuple[int, int] | None:
    cents, last = state or (0, 0)
    last = context.batch_time_ms if orders else last
    return (cents + sum(orders), last) if context.batch_time_ms - last < 5000 else None


@sluicebox.map_with_state(output=["user", "clicks"], state="clicks", timeout="30min")
def sessions(user: str, click: str | None, clicks: State[int]) -> tuple[str, int] | None:
    if clicks.is_timing_out:
        return user, clicks.get() or 0
    if click == "leave":
        clicks.remove()
    else:
        clicks.update((clicks.get() or 0) + 1)
    return None


@sluicebox.config
class Until:
    end: int


@sluicebox.receiver(output=["number", "square"])
class Squares:
    replayable = True

    def __init__(self, until: Until, position: bytes | None) -> None:
        self.next, self.end = int.from_bytes(position or b""), until.end

    def receive(self, max_rows: int, max_seconds: float) -> Received[tuple[int, int]]:
        numbers = range(self.next, min(self.next + max_rows, self.end))
        self.next = numbers.stop
        return Received([(n, n * n) for n in numbers], self.next.to_bytes(8), ended=self.next == self.end)


COMMITTED: list[tuple[int, bytes]] = []


@sluicebox.sink
class Totals:
    def __init__(self) -> None:
        self.sum = 0

    def write(self, value: int) -> None:
        self.sum += value

    def prepare(self) -> bytes:
        return str(self.sum).encode()

    @staticmethod
    def commit(target: Target, prepared: list[bytes], until: Until) -> None:
        COMMITTED.append((target.batch_time_ms, b"+".join(prepared)))


class Others(unittest.TestCase):
    def test_rows_are_folded_in_parts(self) -> None:
        self.assertEqual(testing.fold(total, [[3, 9, 4], [5]]), [16, 5])
        self.assertEqual(testing.fold(Mean, [[1.0, 2.0, 6.0], [4.0]]), [3.0, 4.0])
        self.assertEqual(testing.fold(Tally, [[None, None, None], [None]]), [3, 1])
        with self.assertRaisesRegex(Failed, "row 0: column `_1` is null"):
            testing.fold(total, [[None]])

    def test_state_is_kept_from_batch_to_batch(self) -> None:
        keyed = testing.Keyed(spent)
        at = lambda ms: Context("test", "stream", ms, 0, 1, 0)  # noqa: E731
        keyed.batch([("a", 5), ("b", 1), ("a", 7)], context=at(1000))
        self.assertEqual(keyed.state, {"a": (12, 1000), "b": (1, 1000)})
        keyed.batch([("b", 2)], context=at(6000))
        self.assertEqual(keyed.state, {"b": (3, 6000)})

    def test_a_key_that_times_out_is_told_of_once_more(self) -> None:
        keyed = testing.Keyed(sessions)
        self.assertEqual(keyed.batch([("a", "x"), ("b", "x"), ("a", "y"), ("b", "leave")]), [])
        self.assertEqual(keyed.state, {"a": 2})
        self.assertEqual(keyed.batch([], timed_out=["a"]), [("a", 2)])
        self.assertEqual(keyed.state, {})

    def test_state_that_is_gone_cannot_be_updated(self) -> None:
        state = State(1)
        state.remove()
        with self.assertRaisesRegex(RuntimeError, "state that was removed in this call can't be updated"):
            state.update(2)
        with self.assertRaisesRegex(RuntimeError, "times out can't be removed"):
            State(1, timing_out=True).remove()

    def test_a_source_is_asked_until_it_ends(self) -> None:
        self.assertEqual(testing.receive(Squares, {"end": 3}, max_rows=2), [(0, 0), (1, 1), (2, 4)])
        self.assertEqual(testing.receive(Squares, {"end": 3}, position=(2).to_bytes(8)), [(2, 4)])

    def test_a_sink_prepares_and_commits(self) -> None:
        prepared = testing.write(Totals, [1, 2, 3], {"end": 0})
        self.assertEqual(prepared, b"6")
        from sluicebox.operator import operator_of
        from sluicebox.sink import Sink

        sink = operator_of(Totals)
        assert isinstance(sink, Sink)
        sink.commit(Target("job", "out", 7), '{"end": 0}', [prepared, b"1"])
        self.assertEqual(COMMITTED, [(7, b"6+1")])

    def test_there_is_a_host_to_ask(self) -> None:
        testing.set_table("weights", {"page": str, "weight": int}, [("/home", 3)])
        self.assertEqual(sluicebox.table("weights", ["weight"]), [3])
        self.assertEqual(sluicebox.table("weights", ["page", "weight"]), [("/home", 3)])
        with self.assertRaisesRegex(Failed, "has no column `wait`"):
            sluicebox.table("weights", ["wait"])
        testing.set_broadcast("motto", b"ora et labora")
        self.assertEqual(sluicebox.broadcast("motto"), b"ora et labora")
        sluicebox.count("seen", 2)
        sluicebox.count("seen")
        self.assertEqual(testing.counted(), {"seen": 3})


if __name__ == "__main__":
    unittest.main()
