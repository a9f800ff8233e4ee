/**
 * What an operator asks of the host besides its input: a log, counters, and the job's tables and values.
 *
 * Outside of a component, in tests, the log goes to the console, and `testing` keeps what was counted.
 */

import { readColumns } from './columns.js';
import { Failed } from './errors.js';
import type { Descriptor } from './fs.js';
import { typeOf } from './types.js';
import { type Batch, type Field, unflatten } from './wit.js';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** The interfaces that a component imports. */
export interface Host {
  log(level: Level, message: string): void;
  add(name: string, count: number): void;
  tableColumns(name: string): Field[] | undefined;
  tableRows(name: string, wanted: string[], start: number, maxRows: number): Batch | undefined;
  broadcastSize(name: string): number | undefined;
  broadcastBytes(name: string, start: number, maxBytes: number): Uint8Array | undefined;
  directories(): [Descriptor, string][];
  /** Random bytes of the call's own. */
  randomBytes(n: number): Uint8Array;
}

/** The engine's own, which the guest's side puts another in place of. */
const random = Math.random;

export let host: Host = {
  log: (level, message) => console.error(`${level}: ${message}`),
  add: () => undefined,
  tableColumns: () => undefined,
  tableRows: () => undefined,
  broadcastSize: () => undefined,
  broadcastBytes: () => undefined,
  directories: () => [],
  randomBytes: (n) => Uint8Array.from({ length: n }, () => Math.floor(random() * 256)),
};

/** Put another host in place; the one before it. */
export function setHost(other: Partial<Host>): Host {
  const before = host;
  host = { ...host, ...other };
  return before;
}

/** Lines for the host's log, which adds plugin, operator, batch and partition. */
export const log = {
  debug: (message: string): void => host.log('debug', message),
  info: (message: string): void => host.log('info', message),
  warn: (message: string): void => host.log('warn', message),
  error: (message: string): void => host.log('error', message),
};

/** Add to a counter of the operator's own, called by `a-z`, `0-9` and `_`. */
export function count(name: string, n = 1): void {
  host.add(name, n);
}

/** The rows of one of the job's static tables, which the job grants, as objects of these columns. Read it once a partition. */
export function table(name: string, columns: readonly string[]): Record<string, unknown>[] {
  const flat = host.tableColumns(name);
  if (flat === undefined) throw new Failed(`there is no table \`${name}\`, or it isn't granted: grants = { tables = ["${name}"] }`);
  const schema = unflatten(flat);
  const wanted = columns.map((column) => {
    const field = schema.find((known) => known.name === column);
    if (field === undefined)
      throw new Failed(`table \`${name}\` has no column \`${column}\`; it has ${schema.map((known) => known.name).join(', ')}`);
    return field;
  });
  const rows: Record<string, unknown>[] = [];
  for (;;) {
    const batch = host.tableRows(name, [...columns], rows.length, 65536);
    if (batch === undefined || batch === null) return rows;
    const lists = readColumns(wanted, batch.nodes, batch.buffers).map((column, at) => typeOf(wanted[at]!.type).read(column));
    for (let row = 0; row < batch.rows; row++) rows.push(Object.fromEntries(columns.map((column, at) => [column, lists[at]![row]])));
  }
}

/** The bytes of one of the job's values, which the job grants. */
export function broadcast(name: string): Uint8Array {
  const size = host.broadcastSize(name);
  if (size === undefined || size === null)
    throw new Failed(`there is no value \`${name}\`, or it isn't granted: grants = { broadcasts = ["${name}"] }`);
  const bytes = new Uint8Array(size);
  for (let at = 0; ;) {
    const part = host.broadcastBytes(name, at, 1 << 20);
    if (part === undefined || part === null) return bytes;
    bytes.set(part, at);
    at += part.length;
  }
}
