"""Maps, flat-maps, filters and map-partitions."""

import unittest
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import sluicebox
from sluicebox import Column, Context, Failed, Field, InvalidConfig, InvalidInput, Reject, testing, types
from sluicebox.operator import operator_of


@sluicebox.config
class Limits:
    least: int
    """The least that is taken."""
    unit: str = "euros"
    more: list[float] | None = None

    def __post_init__(self) -> None:
        if self.least < 0:
            raise ValueError(f"least is {self.least}; it is at least 0")


@sluicebox.map(output="half")
def halve(n: int, limits: Limits) -> int:
    """Halves of even numbers. Others are rejected."""
    if n % 2:
        raise Reject(f"{n} is odd")
    return max(n // 2, limits.least)


@sluicebox.flat_map(output="n")
def count_down(n: int) -> Iterator[int]:
    for left in range(n, 0, -1):
        if left == 13:
            raise Reject("13")
        yield left


@sluicebox.filter(input="customer")
def known(customer: str | None) -> bool:
    return bool(customer)


@dataclass
class Order:
    customer: str
    cents: int


@dataclass
class Priced:
    customer: str
    euros: float


@sluicebox.map
def price(order: Order, context: Context) -> Priced:
    return Priced(order.customer, order.cents / 100 + context.partition)


@sluicebox.map(columns=True, input=["x", "y"], output="sum")
def add(x: Column[int], y: Column[int]) -> Column[int]:
    return Column.of_numbers(types.int64, array("q", [a + b for a, b in zip(x.view, y.view)]))


@sluicebox.flat_map(columns=True, output="n")
def repeat(n: Column[int]) -> tuple[list[int], list[int]]:
    made, ends = [], []
    for times in n.view:
        made += [times] * times
        ends.append(len(made))
    return made, ends


@sluicebox.map_partitions(output=["row", "line"])
class Numbered:
    """Lines that differ from the one before them, with their numbers."""

    def __init__(self, limits: Limits) -> None:
        self.row, self.before = limits.least, ""

    def process(self, line: str) -> Iterator[tuple[int, str]]:
        if line != self.before:
            yield self.row, line
        self.row, self.before = self.row + 1, line

    def finish(self) -> Iterator[tuple[int, str]]:
        yield self.row, "the end"


@sluicebox.transform(kind="map", name="only-text")
class OnlyText:
    """The columns of text."""

    @staticmethod
    def bind(input: list[Field]) -> sluicebox.Binding:
        chosen = [at for at, field in enumerate(input) if field.type == types.utf8]
        return sluicebox.Binding(chosen, [input[at] for at in chosen])

    def process(self, columns: list[Column[object]]) -> list[Column[object]]:
        return columns


class Transforms(unittest.TestCase):
    def test_a_map_rejects_rows_and_goes_on_with_those_after_them(self) -> None:
        made = testing.run(halve, [2, 3, 8, None, 5, 4], {"least": 2})
        self.assertEqual(made.rows, [2, 4, 2])
        nothing = "column `_1` is null, which the operator takes no None for"
        self.assertEqual(made.rejected, [(1, "3 is odd"), (3, nothing), (4, "5 is odd")])

    def test_a_flat_map_says_where_each_rows_rows_end(self) -> None:
        made = testing.run(count_down, [2, None, 0, 15, 1, None])
        self.assertEqual((made.rows, made.ends), ([2, 1, 1], [2, 2, 2, 2, 3, 3]))
        self.assertEqual([row for row, _ in made.rejected], [1, 3, 5])

    def test_a_filter_says_which_rows_stay(self) -> None:
        self.assertEqual(testing.run(known, ["a", None, "", "b"]).kept, [0, 3])

    def test_a_row_may_be_a_dataclass(self) -> None:
        operator = operator_of(price)
        assert isinstance(operator, sluicebox.transform.__globals__["Function"])
        self.assertEqual([field.name for field in operator.input or []], ["customer", "cents"])
        made = testing.run(price, [("a", 250)])
        self.assertEqual(made.rows, [("a", 2.5)])
        self.assertEqual([field.name for field in made.schema], ["customer", "euros"])

    def test_whole_columns_are_handed_over_as_they_lie(self) -> None:
        self.assertEqual(testing.run(add, [(1, 2), (3, 4)]).rows, [3, 7])
        made = testing.run(repeat, [2, 0, 1])
        self.assertEqual((made.rows, made.ends), ([2, 2, 1], [2, 2, 3]))

    def test_a_partition_keeps_what_it_likes(self) -> None:
        made = testing.run(Numbered, ["a", "a", "b"], {"least": 5}, chunks=2)
        self.assertEqual(made.rows, [(5, "a"), (7, "b"), (8, "the end")])
        self.assertEqual(testing.run(Numbered, [], {"least": 0}).rows, [(0, "the end")])

    def test_a_schema_may_be_chosen_when_it_is_bound(self) -> None:
        made = testing.run(OnlyText, [("a", 1, None)], columns={"x": str, "n": int, "y": str | None})
        self.assertEqual(made.rows, [("a", None)])

    def test_configuration_is_refused_by_its_keys(self) -> None:
        cases = [
            ({}, "config key `least` is missing"),
            ({"leest": 1}, "config key `leest` is unknown; did you mean `least`\\?"),
            ({"least": 1, "colour": 1}, "config key `colour` is unknown; known keys are `least`, `unit`, `more`"),
            ({"least": "x"}, 'config key `least`: expected an integer, not "x"'),
            ({"least": True}, "config key `least`: expected an integer, not true"),
            ({"least": -1}, "config: least is -1; it is at least 0"),
            ({"least": 1, "more": [1, "a"]}, 'config key `more\\[1\\]`: expected a number, not "a"'),
        ]
        for config, message in cases:
            with self.subTest(config=config), self.assertRaisesRegex(InvalidConfig, f"^{message}$"):
                testing.run(halve, [], config)

    def test_columns_that_do_not_suit_are_refused(self) -> None:
        with self.assertRaisesRegex(InvalidInput, "column `n` is string, the operator reads int64"):
            testing.run(halve, [], {"least": 0}, columns={"n": str})
        with self.assertRaisesRegex(InvalidInput, "the operator reads 1 columns, but gets 2"):
            testing.run(halve, [], {"least": 0}, columns={"n": int, "m": int})

    def test_what_is_returned_is_looked_at(self) -> None:
        @sluicebox.map
        def wrong(n: int) -> str:
            return n  # type: ignore[return-value]

        with self.assertRaisesRegex(Failed, "what `wrong` returned: row 0 is 7, which is no str"):
            testing.run(wrong, [7])

    def test_operators_that_cannot_be_are_refused_where_they_are_written(self) -> None:
        def no_hint(n) -> int:  # type: ignore[no-untyped-def]
            return n  # type: ignore[no-any-return]

        def no_rows(n: int) -> int:
            return n

        def odd(n: set[int]) -> int:
            return len(n)

        for decorate, function, message in [
            (sluicebox.map, no_hint, "`n` has no type hint"),
            (sluicebox.flat_map, no_rows, "a flat-map returns an iterable of rows"),
            (sluicebox.map, odd, "no column has values of set\\[int\\]"),
            (sluicebox.filter, no_rows, "a filter returns bool"),
            (sluicebox.map(name="No Name"), no_rows, "can't be an operator's name"),
            (sluicebox.map(output=["a", "b"]), no_rows, "2 names are given for the 1 columns"),
        ]:
            with self.subTest(message=message), self.assertRaisesRegex(TypeError, message):
                decorate(function)

    def test_an_operator_is_described(self) -> None:
        operator = operator_of(halve)
        self.assertEqual((operator.name, operator.doc), ("halve", "Halves of even numbers."))
        self.assertEqual(operator_of(Numbered).name, "numbered")
        self.assertEqual(operator_of(count_down).name, "count-down")


if __name__ == "__main__":
    unittest.main()
