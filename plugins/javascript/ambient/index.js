/** Asks for what is otherwise with every process, machine and moment, whether or not it is granted, and says what it got. The host's tests run it. */

import { fs, int64, map, string } from 'sluicebox';

/** Drawn once, when the component is built. */
const DRAWN = Math.random();

const asked = {
  now: () => Date.now(),
  date: () => String(new Date()),
  zone: () => [new Date().getTimezoneOffset(), new Date(0).toLocaleString()],
  performance: () => performance.now(),
  random: () => Math.random(),
  crypto: () => crypto.getRandomValues(new Uint8Array(16)),
  uuid: () => crypto.randomUUID(),
  built: () => DRAWN,
  globals: () => Object.getOwnPropertyNames(globalThis),
  set: () => [...new Set(['to', 'be', 'or', 'not', 'to', 'be'])],
  map: () => [...new Map(['to', 'be', 'or', 'not'].map((word) => [word, word.length]))],
  keys: () => Object.keys({ to: 2, be: 2, 1: 1, or: 2, 0: 0 }),
  sorted: () => ['to', 'be', 'or', 'not', 'Be', 'ä'].sort((a, b) => a.localeCompare(b)),
  stack: () => new Error('here').stack,
  memory: () => new WeakRef({}).deref() !== undefined,
  environment: () => process.env,
  files: () => fs.readText('/etc/hostname'),
};

export const ask = map({ doc: 'What a row asks for, by name.', input: string, output: string.as('answer') }, (row) => {
  try {
    return `${row}: ${JSON.stringify(asked[row]())}`;
  } catch (error) {
    return `${row}: ${error}`;
  }
});

export const draw = map({ doc: 'A number drawn for each row.', input: int64, output: { number: int64, row: int64 } }, (row) => ({
  number: BigInt(Math.floor(Math.random() * 2 ** 53)),
  row,
}));
