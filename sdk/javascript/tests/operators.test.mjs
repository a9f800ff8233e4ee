/** Operators of every kind, run as the host does. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as sluicebox from '../dist/index.js';
import { exportsOf, operatorsOf, told } from '../dist/guest.js';
import { Keyed, counted, fold, receive, run, setFiles, write } from '../dist/testing.js';

const { config, count, integer, nullable, reject, string } = sluicebox;
const settings = {
  least: config.whole({ min: 0 }),
  unitName: config.optional(config.text, 'euros'),
  more: config.optional(config.listOf(config.number())),
};

const halve = sluicebox.map({ doc: 'Halves of even numbers.', config: settings, input: integer, output: integer.as('half') }, (n, { config }) =>
  n % 2 === 0 ? Math.max(n / 2, config.least) : reject(`${n} is odd`),
);

const countDown = sluicebox.flatMap({ doc: 'Down to 1.', input: integer, output: integer.as('n') }, function* (n) {
  for (let left = n; left > 0; left--) {
    if (left === 13) reject('13');
    yield left;
  }
});

test('a map rejects rows and goes on with those after them', () => {
  const made = run(halve, [2, 3, 8, null, 5, 4], { config: { least: 2 } });
  assert.deepEqual(made.rows, [2, 4, 2]);
  assert.deepEqual(made.rejected, [
    { row: 1, reason: '3 is odd' },
    { row: 3, reason: 'column `_1` is null, which the operator takes no null for' },
    { row: 4, reason: '5 is odd' },
  ]);
});

test("a flat-map says where each row's rows end", () => {
  const made = run(countDown, [2, null, 0, 15, 1, null]);
  assert.deepEqual([made.rows, made.ends], [[2, 1, 1], [2, 2, 2, 2, 3, 3]]); // prettier-ignore
  assert.deepEqual(made.rejected.map(({ row }) => row), [1, 3, 5]); // prettier-ignore
});

test('a filter says which rows stay', () => {
  const known = sluicebox.filter({ doc: '', input: { customer: nullable(string) } }, ({ customer }) => Boolean(customer));
  assert.deepEqual(known.input[0].name, 'customer');
  assert.deepEqual(run(known, ['a', null, '', 'b']).kept, [0, 3]);
  const wrong = sluicebox.filter({ doc: '', input: string }, (text) => text);
  assert.throws(() => run(wrong, ['a']), /a filter returns true or false/);
});

test('rows are values, arrays or objects', () => {
  const spec = { customer: string, cents: integer };
  const objects = sluicebox.map({ doc: '', input: spec, output: spec }, ({ customer, cents }, { context }) => ({
    customer,
    cents: cents + context.partition,
  }));
  assert.deepEqual(run(objects, [{ customer: 'a', cents: 5 }]).rows, [{ customer: 'a', cents: 5 }]);
  const arrays = sluicebox.map({ doc: '', input: [integer, integer, integer], output: [integer, string.as('text')] }, (a, b, c) => [
    a + b + c,
    `${a}`,
  ]);
  assert.deepEqual(run(arrays, [[1, 2, 3]]).rows, [{ _1: 6, text: '1' }]);
});

test('whole columns are handed over as they lie', () => {
  const add = sluicebox.mapColumns({ doc: '', input: { x: sluicebox.int32, y: sluicebox.int32 }, output: sluicebox.int32.as('sum') }, ({ x, y }) => {
    const [a, b] = [x.view, y.view];
    return sluicebox.columnOf(sluicebox.int32, a.map((value, row) => value + b[row])); // prettier-ignore
  });
  assert.deepEqual(run(add, [{ x: 1, y: 2 }, { x: 3, y: 4 }]).rows, [3, 7]); // prettier-ignore
  const repeat = sluicebox.flatMapColumns({ doc: '', input: sluicebox.int32, output: sluicebox.int32 }, (n) => {
    const rows = [];
    const ends = [];
    for (const times of n.view) ends.push(rows.push(...new Array(times).fill(times)));
    return { rows, ends };
  });
  const made = run(repeat, [2, 0, 1]);
  assert.deepEqual([made.rows, made.ends], [[2, 2, 1], [2, 2, 3]]); // prettier-ignore
  const odd = sluicebox.filterColumns({ doc: '', input: sluicebox.int32 }, (n) => [...n.view].flatMap((value, row) => (value % 2 ? [row] : [])));
  assert.deepEqual(run(odd, [1, 2, 3]).kept, [0, 2]);
});

test('a partition keeps what it likes', () => {
  const numbered = sluicebox.mapPartitions(
    { doc: '', config: settings, input: string, output: { row: integer, line: string } },
    ({ config: { least } }) => {
      let row = least;
      return {
        process: (line) => [{ row: row++, line }],
        finish: () => [{ row, line: 'the end' }],
      };
    },
  );
  const made = run(numbered, ['a', 'b'], { config: { least: 5 }, chunks: 2 });
  assert.deepEqual(made.rows, [{ row: 5, line: 'a' }, { row: 6, line: 'b' }, { row: 7, line: 'the end' }]); // prettier-ignore
});

test('a schema may be chosen when it is bound', () => {
  const onlyText = sluicebox.transform({
    doc: '',
    kind: 'map',
    bind: (input) => {
      const columns = input.flatMap((field, at) => (sluicebox.shownType(field.type) === 'string' ? [at] : []));
      return { columns, output: columns.map((at) => input[at]) };
    },
    open: () => ({ process: (columns) => columns }),
  });
  assert.deepEqual(run(onlyText, [['a', 1]], { columns: { x: string, n: integer } }).rows, ['a']);
});

test('configuration is refused by its keys', () => {
  for (const [given, message] of [
    [{}, 'config key `least` is missing'],
    [{ leest: 1 }, 'config key `leest` is unknown; did you mean `least`?'],
    [{ least: 1, colour: 1 }, 'config key `colour` is unknown; known keys are `least`, `unit-name`, `more`'],
    [{ least: 'x' }, 'config key `least`: expected an integer, at least 0, not "x"'],
    [{ least: -1 }, 'config key `least`: expected an integer, at least 0, not -1'],
    [{ least: 1, more: [1, 'a'] }, 'config key `more[1]`: expected a number, not "a"'],
  ]) {
    assert.throws(() => run(halve, [], { config: given }), { name: 'InvalidConfig', message });
  }
});

test('an integer of 64 bits in the configuration is a bigint, and texts stay as they are', () => {
  const type = { n: config.bigInteger, text: config.text };
  const show = sluicebox.map({ doc: '', config: type, input: string, output: string }, (_, { config: { n, text } }) => `${n} ${text}`);
  const bind = (json) =>
    exportsOf({ show }).transform.open({}, 'show', json, [{ name: 'x', dataType: { tag: 'utf8' }, nullable: true, children: 0 }]);
  bind('{"n": 9223372036854775807, "text": "\\"9223372036854775807\\\\"}');
  assert.throws(() => bind('{"n": 1.5, "text": ""}'), { message: 'config key `n`: expected an integer, not 1.5' });
});

test('rows are folded in parts', () => {
  const total = sluicebox.reduce({ doc: '', input: integer, inverse: (whole, part) => whole - part }, (a, b) => a + b);
  assert.deepEqual(fold(total, [[3, 9, 4], [5]]), [16, 5]);
  assert.equal(total.bind('{}', [integer.field('cents')]).output[0].name, 'cents');
  const mean = sluicebox.aggregate({
    doc: '',
    input: sluicebox.float64,
    partial: { sum: sluicebox.float64, n: integer },
    output: sluicebox.float64.as('mean'),
    fold: (values) => ({ sum: values.reduce((a, b) => a + b), n: values.length }),
    merge: (whole, part) => ({ sum: whole.sum + part.sum, n: whole.n + part.n }),
    finish: ({ sum, n }) => sum / n,
  });
  assert.deepEqual(fold(mean, [[1, 2, 6], [4]]), [3, 4]);
  const tally = sluicebox.aggregate({ doc: '', partial: integer.as('count'), fold: (rows) => rows.length, merge: (a, b) => a + b });
  assert.deepEqual(tally.bind('{}', []).output.map(({ name }) => name), ['count']); // prettier-ignore
});

test('state is kept from batch to batch', () => {
  const spent = sluicebox.updateStateByKey(
    { doc: '', key: string, input: integer, state: { cents: integer, last: integer } },
    (_customer, orders, state = { cents: 0, last: 0 }, { context }) => {
      const last = orders.length > 0 ? context.batchTimeMs : state.last;
      return context.batchTimeMs - last < 5000 ? { cents: orders.reduce((a, b) => a + b, state.cents), last } : undefined;
    },
  );
  const keyed = new Keyed(spent);
  const context = { job: 'test', stream: '', partition: 0, partitions: 1, attempt: 0 };
  keyed.batch([['a', 5], ['b', 1], ['a', 7]], { context: { ...context, batchTimeMs: 1000 } }); // prettier-ignore
  assert.deepEqual([...keyed.state], [['"a"', { cents: 12, last: 1000 }], ['"b"', { cents: 1, last: 1000 }]]); // prettier-ignore
  keyed.batch([['b', 2]], { context: { ...context, batchTimeMs: 6000 } });
  assert.deepEqual([...keyed.state], [['"b"', { cents: 3, last: 6000 }]]);
});

test('a key that times out is told of once more', () => {
  const sessions = sluicebox.mapWithState(
    { doc: '', key: string, input: string, state: integer, output: [string, integer], timeoutMs: 1800000 },
    (user, click, clicks) => {
      if (clicks.isTimingOut) return [[user, clicks.get()]];
      if (click === 'leave') clicks.remove();
      else clicks.update((clicks.get() ?? 0) + 1);
      return [];
    },
  );
  const keyed = new Keyed(sessions);
  assert.deepEqual(keyed.batch([['a', 'x'], ['b', 'x'], ['a', 'y'], ['b', 'leave']]), []); // prettier-ignore
  assert.deepEqual([...keyed.state], [['"a"', 2]]);
  assert.deepEqual(keyed.batch([], { timedOut: ['a'] }), [['a', 2]]);
  assert.equal(keyed.state.size, 0);
  const state = new sluicebox.State(1);
  state.remove();
  assert.throws(() => state.update(2), /removed in this call can't be updated/);
  assert.throws(() => new sluicebox.State(1, true).remove(), /times out can't be removed/);
});

test('a source is asked until it ends, and reads files', () => {
  const bytes = sluicebox.receiver({ doc: '', config: { file: config.text }, output: integer }, (position, { config: { file } }) => {
    let at = position?.[0] ?? 0;
    return {
      receive(maxRows) {
        const rows = [...sluicebox.fs.read(file, at, maxRows)];
        at += rows.length;
        return { rows, position: new Uint8Array([at]), ended: rows.length < maxRows };
      },
    };
  });
  setFiles({ 'in/bytes': new Uint8Array([7, 8, 9]) });
  assert.deepEqual(receive(bytes, { file: 'in/bytes' }, { maxRows: 2 }), [7, 8, 9]);
  assert.deepEqual(receive(bytes, { file: 'in/bytes' }, { position: new Uint8Array([2]) }), [9]);
  assert.throws(() => receive(bytes, { file: 'in/none' }), { name: 'FileError', message: 'in/none is not there' });
  assert.throws(() => receive(bytes, { file: 'out/none' }), /no directory that the job grants/);
});

test('a sink prepares and commits', () => {
  const committed = [];
  const totals = sluicebox.sink({
    doc: '',
    input: integer,
    open: () => {
      let sum = 0;
      return {
        write: (value) => {
          sum += value;
          count('written');
        },
        prepare: () => sluicebox.encodeText(`${sum}`),
      };
    },
    commit: (target, prepared) => committed.push([target.batchTimeMs, prepared.map(sluicebox.decodeText)]),
  });
  const prepared = write(totals, [1, 2, 3]);
  totals.commit({ job: 'job', output: 'out', batchTimeMs: 7 }, '{}', [prepared]);
  assert.deepEqual(committed, [[7, ['6']]]);
  assert.deepEqual(counted(), { written: 3 });
});

test('operators are called as their exports', () => {
  const twice = sluicebox.map({ doc: '', input: string, output: string }, (text) => text + text);
  assert.deepEqual(operatorsOf({ maskPii: twice, other: 3 }).map(({ name }) => name), ['mask-pii']); // prettier-ignore
  const exported = exportsOf({ twice });
  assert.deepEqual(Object.keys(exported), ['transform']);
  assert.throws(() => exported.transform.bind('twise', '{}', []), ({ payload }) => payload.tag === 'failed' && payload.val.includes('it offers `mask-pii`')); // prettier-ignore
});

test("an error is told in the author's lines", () => {
  const error = new TypeError('boom', { cause: new Error('a reason') });
  error.stack = '    at inner (/app.js:2:20)\n    at sdk (/app.js:1:1)\n    at native\n';
  assert.equal(told(error, [null, ['src/index.ts', 17]]), 'TypeError: boom\n    at inner (src/index.ts:17)\ncaused by Error: a reason');
});
