"""Values in columns: what goes in comes out, and what doesn't fit is told."""

import math
import unittest
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated

import sluicebox
from sluicebox import Column, Failed, testing, types
from sluicebox.columns import pack_bits, unpack_bits


class Columns(unittest.TestCase):
    def test_values_of_each_type_come_out_as_they_went_in(self) -> None:
        big = 2**63
        cases = [
            (bool, [True, False, True]),
            (int, [0, -big, big - 1]),
            (sluicebox.Int8, [-128, 127]),
            (sluicebox.UInt64, [0, 2**64 - 1]),
            (float, [0.5, -0.0, math.inf]),
            (str, ["", "abc", "zwölf", "😀", "\0"]),
            (bytes, [b"", b"\xff\0"]),
            (Annotated[bytes, types.fixed_size_binary(2)], [b"ab", b"\0\xff"]),
            (date, [date(1, 1, 1), date(1970, 1, 1), date(9999, 12, 31)]),
            (sluicebox.Date64, [date(1969, 12, 31)]),
            (datetime, [datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2026, 1, 2)]),
            (sluicebox.Utc, [datetime(2026, 1, 2, tzinfo=UTC)]),
            (Annotated[int, types.timestamp("ns")], [-1, 10**18]),
            (time, [time(0), time(23, 59, 59, 999999)]),
            (timedelta, [timedelta(days=-1, microseconds=1)]),
            (Annotated[Decimal, types.decimal128(38, 2)], [Decimal("-1.25"), Decimal(10**36 - 1)]),
            (sluicebox.MonthDayNano, [(-1, 2, 3)]),
            (sluicebox.Months, [14]),
            (list[int | None], [[], [1, None], [2]]),
            (Annotated[list[float], types.Length(2)], [[1.0, 2.0]]),
            (dict[str, int], [{}, {"b": 1, "a": 2}]),
            (list[tuple[str, int]], [[("a", 1)], []]),
        ]
        for hint, values in cases:
            with self.subTest(hint=hint):
                self.assertEqual(testing.roundtrip(hint, values), values)
                self.assertEqual(testing.roundtrip(hint | None, [None, *values, None]), [None, *values, None])
                self.assertEqual(testing.roundtrip(hint, []), [])

    def test_a_nan_stays_one(self) -> None:
        self.assertTrue(math.isnan(testing.roundtrip(float, [math.nan])[0]))

    def test_bits_lie_least_significant_first(self) -> None:
        flags = [True, False, False, True, False, False, False, False, True]
        self.assertEqual(pack_bits(flags), b"\x09\x01")
        self.assertEqual(unpack_bits(b"\x09\x01", 9), flags)

    def test_a_column_is_looked_at_without_copying(self) -> None:
        column = Column[str].of(types.utf8, ["a", None, "é"])
        self.assertEqual((column.null_count, column.validity), (1, b"\x05"))
        self.assertEqual((column.offsets.tolist(), column.data), ([0, 1, 1, 3], "aé".encode()))
        numbers = Column[int].of(types.int32, [1, 2])
        self.assertEqual(numbers.view.obj, numbers.buffers[0])
        with self.assertRaisesRegex(TypeError, "values of string are no numbers"):
            column.view  # noqa: B018

    def test_what_does_not_fit_is_told_with_its_row(self) -> None:
        cases = [
            (str, ["a", 3], "values: row 1 is 3, which is no str: "),
            (int, [1, 2**63], "values: row 1 is 9223372036854775808, which is no int: "),
            (sluicebox.UInt8, [-1], "values: row 0 is -1"),
            (int, [None], "values: row 0 is None"),
            (bool, [1], "values: row 0 is 1, which is no bool: 1 is no bool"),
            (Annotated[Decimal, types.decimal128(4, 2)], [Decimal("100")], "100 doesn't fit decimal\\(4, 2\\)"),
            (tuple[int, str], [(1, "a"), (1,)], "row 1 is \\(1,\\), which is no tuple"),
            (str, ["\ud800"], "row 0 is .*surrogates not allowed"),
        ]
        for hint, values, message in cases:
            with self.subTest(values=values), self.assertRaisesRegex(Failed, message):
                testing.roundtrip(hint, values)

    def test_types_are_shown_as_elsewhere(self) -> None:
        shown = str(types.list_of(types.struct(types.Field("at", types.timestamp("ms", "UTC")))))
        self.assertEqual(shown, "list<struct<at: timestamp[ms, UTC]>>")
        self.assertEqual(str(types.map_of(types.utf8, types.decimal128(10, 2))), "map<string, decimal(10, 2)>")


if __name__ == "__main__":
    unittest.main()
