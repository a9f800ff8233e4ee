/** Values in columns: what goes in comes out, and what doesn't fit is told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as sluicebox from '../dist/index.js';
import { roundTrip } from '../dist/testing.js';

const { Column, asNumber, columnOf, nullable, typeOf } = sluicebox;
const big = 2n ** 63n;

const CASES = [
  [sluicebox.boolean, [true, false, true]],
  [sluicebox.int64, [0n, -big, big - 1n]],
  [sluicebox.uint64, [0n, 2n ** 64n - 1n]],
  [sluicebox.integer, [0, -1, -4294967297, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]],
  [asNumber(sluicebox.uint64), [Number.MAX_SAFE_INTEGER]],
  [sluicebox.int8, [-128, 127]],
  [sluicebox.uint32, [4294967295]],
  [sluicebox.float64, [0.5, -0, Infinity, NaN]],
  [sluicebox.float32, [0.5]],
  [sluicebox.string, ['', 'abc', 'zwölf', '😀', '\0\x7f\x80\u07ff\u0800\uffff\u{10000}', 'a'.repeat(100)]],
  [sluicebox.binary, [new Uint8Array(), new Uint8Array([255, 0])]],
  [sluicebox.fixedBinary(2), [new Uint8Array([1, 2]), new Uint8Array([3, 4])]],
  [sluicebox.decimal(38, 2), [-125n, 10n ** 38n - 1n, 1n - 10n ** 38n, -1n]],
  [sluicebox.date, [-1, 20000]],
  [sluicebox.time('ms'), [86399999]],
  [sluicebox.time('ns'), [86399999999999n]],
  [sluicebox.timestamp('ns', 'UTC'), [-1n]],
  [sluicebox.duration('us'), [1n]],
  [sluicebox.months, [14]],
  [sluicebox.dayTime, [{ days: -1, milliseconds: 2 }]],
  [sluicebox.monthDayNano, [{ months: 1, days: -2, nanoseconds: big - 1n }]],
  [sluicebox.list(nullable(sluicebox.int32)), [[], [1, null], [2]]],
  [sluicebox.fixedList(sluicebox.string, 2), [['a', 'b']]],
  [sluicebox.struct({ x: sluicebox.float64, y: nullable(sluicebox.string) }), [{ x: 1, y: null }, { x: 2, y: 'a' }]], // prettier-ignore
  [sluicebox.mapOf(sluicebox.string, sluicebox.int64), [new Map(), new Map([['b', 1n], ['a', 2n]])]], // prettier-ignore
];

test('values of each type come out as they went in', () => {
  for (const [type, values] of CASES) {
    assert.deepEqual(roundTrip(type, values), values);
    assert.deepEqual(roundTrip(nullable(type), [null, ...values, null]), [null, ...values, null]);
    assert.deepEqual(roundTrip(type, []), []);
  }
});

test('a column of any type is read as its type says', () => {
  for (const [type, values] of CASES) {
    const column = type.write(values);
    const read = typeOf(column.type).read(column);
    assert.equal(read.length, values.length);
    // What was written as a number is an int64, which is a bigint where nobody said otherwise.
    if (!type.info.kind.endsWith('64') || typeof values[0] === 'bigint' || type.info.kind === 'float64') assert.deepEqual(read, values);
  }
});

test('a column is looked at without copying', () => {
  const column = nullable(sluicebox.string).write(['a', null, 'é']);
  assert.deepEqual([column.nullCount, [...column.validity]], [1, [5]]);
  assert.deepEqual([[...column.offsets], [...column.data]], [[0, 1, 1, 3], [97, 195, 169]]); // prettier-ignore
  const numbers = columnOf(sluicebox.int32, new Int32Array([1, 2]));
  assert.equal(numbers.view.buffer, numbers.buffers[0].buffer);
  assert.throws(() => column.view, /values of string are no numbers/);
});

test('numbers at an odd address are looked at, too', () => {
  const bytes = new Uint8Array(17).subarray(1);
  bytes[0] = 7;
  const column = new Column(sluicebox.int64.info, 2, [bytes]);
  assert.deepEqual([...column.view], [7n, 0n]);
});

test("what doesn't fit is told with its row", () => {
  for (const [type, values, message] of [
    [sluicebox.string, ['a', 3], /values: row 1 is 3, which doesn't fit: 3 is no string/],
    [sluicebox.int64, [1n, big], /row 1 is "9223372036854775808n", .*doesn't fit int64/],
    [sluicebox.int64, [1], /row 0 is 1, .*1 is no bigint/],
    [sluicebox.integer, [2 ** 53], /no integer that a number holds exactly/],
    [sluicebox.uint8, [-1], /-1 is no integer from 0 to 255/],
    [sluicebox.int32, [1.5], /1.5 is no integer/],
    [sluicebox.int32, [null], /null is no number/],
    [sluicebox.boolean, [1], /1 is no boolean/],
    [sluicebox.decimal(4, 2), [10000n], /10000 has more than 4 digits/],
    [[sluicebox.string, sluicebox.int64], [['a']], /it is no array of 2 values/],
    [{ x: sluicebox.string }, [{ y: 'a' }], /it has no `x`/],
    [sluicebox.string, ['\ud800'], /row 0 is .*URI|malformed/i],
  ]) {
    assert.throws(() => roundTrip(type, values), message);
  }
});

test('an integer that is no number is refused when it is read', () => {
  const column = sluicebox.int64.write([2n ** 53n]);
  assert.throws(() => sluicebox.integer.read(column), /take the column as a bigint/);
});
