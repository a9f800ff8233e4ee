/** Integers of 64 bits, in every place where they cross to JavaScript and back. None of them may come back as its neighbour, which is what a number would make of it. */

import {
  aggregate,
  columnOf,
  config,
  count,
  decodeText,
  encodeText,
  int64,
  integer,
  list,
  log,
  map,
  mapColumns,
  mapWithState,
  nullable,
  receiver,
  sink,
  string,
  uint64,
} from 'sluicebox';

const both = { signed: nullable(int64), unsigned: nullable(uint64) };

export const byRows = map({ doc: 'Both, as they are.', input: both, output: both }, ({ signed, unsigned }) => ({ signed, unsigned }));

export const byColumns = mapColumns({ doc: 'Both, as they are.', input: [int64, uint64], output: [int64, uint64] }, (signed, unsigned) => [
  columnOf(int64, signed.view),
  columnOf(
    uint64,
    unsigned.view.map((number) => number),
  ),
]);

export const nested = map({ doc: 'A list the other way round.', input: list(uint64), output: list(uint64).as('reversed') }, (numbers) =>
  [...numbers].reverse(),
);

export const digits = map({ doc: 'As they are written.', input: both, output: string.as('digits') }, (row) => `${row.signed} ${row.unsigned}`);

export const asNumbers = map({ doc: 'Those that a number holds.', input: integer, output: integer.as('number') }, (number) => number);

export const configured = map(
  {
    doc: 'What the configuration has.',
    config: { least: config.bigInteger, all: config.listOf(config.bigInteger) },
    input: string,
    output: string.as('configured'),
  },
  (_, { config: { least, all } }) => [least, ...all].map((each) => `${typeof each} ${each}`).join(', '),
);

export const largest = aggregate({
  doc: 'The largest of a key.',
  input: uint64,
  partial: { largest: uint64, rows: int64 },
  fold: (values) => ({ largest: values.reduce((a, b) => (a > b ? a : b)), rows: BigInt(values.length) }),
  merge: (whole, part) => ({ largest: whole.largest > part.largest ? whole.largest : part.largest, rows: whole.rows + part.rows }),
});

export const lastOf = mapWithState(
  { doc: 'The last of a key, after the one before.', key: uint64, input: int64, state: int64, output: { before: nullable(int64), now: int64 } },
  (_key, now, state) => {
    if (now === undefined) return [];
    const before = state.get() ?? null;
    state.update(now);
    return [{ before, now }];
  },
);

export const counting = receiver(
  {
    doc: 'The last numbers of 64 bits, whose positions are their digits.',
    config: { first: config.bigInteger },
    output: uint64.as('number'),
    replayable: true,
  },
  (position, { config: { first } }) => {
    // A job file has no integer above the highest that has a sign.
    let next = position === undefined ? first + 2n ** 63n : BigInt(decodeText(position));
    log.info(`it starts at ${next}`);
    return {
      receive(maxRows) {
        const rows = [];
        for (; rows.length < maxRows && next < 2n ** 64n; next++) rows.push(next);
        return { rows, position: encodeText(String(next)), ended: next === 2n ** 64n };
      },
    };
  },
);

export const tell = sink({
  doc: 'Tells the log what it is given.',
  input: uint64,
  open() {
    const all = [];
    return { write: (number) => all.push(number), prepare: () => encodeText(all.join(' ')) };
  },
  commit({ batchTimeMs }, prepared) {
    for (const each of prepared) if (each.length > 0) log.info(`${typeof batchTimeMs}: ${decodeText(each)}`);
  },
});

export const counted = map({ doc: 'Counts what it is given.', input: integer, output: integer.as('counted') }, (n, { context }) => {
  count('given', n);
  if (!Number.isSafeInteger(context.batchTimeMs)) throw new TypeError(`a batch's time is ${context.batchTimeMs}`);
  return context.batchTimeMs;
});
