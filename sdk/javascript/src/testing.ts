/**
 * Runs operators as the host does, in a test: with schemas, configuration, nulls and rejections, and no WebAssembly.
 *
 *     import { run } from 'sluicebox/testing';
 *
 *     assert.deepEqual(run(split, ['to be', 'or']).rows, ['to', 'be', 'or']);
 */

import { Aggregate } from './aggregate.js';
import type { Column, FieldInfo } from './columns.js';
import { setHost } from './host.js';
import type { Context, Operator } from './operator.js';
import { Receiver } from './receiver.js';
import { Rows, type Spec } from './rows.js';
import { Sink } from './sink.js';
import { Stateful } from './state.js';
import { type Rejection, Transform } from './transform.js';
import { type ColumnType, isNull, nullable, typeOf } from './types.js';

export const CONTEXT: Context = { job: 'test', stream: 'stream', batchTimeMs: 1000, partition: 0, partitions: 1, attempt: 0 };

/** What an operator made of rows: values of one column, objects of several. */
export interface Made {
  rows: unknown[];
  /** Of a filter: the indices of the rows that stay. */
  kept?: number[];
  /** Of a flat-map: for each row, how many rows were made of it and of those before it. */
  ends?: number[];
  rejected: Rejection[];
  schema: readonly FieldInfo[];
}

export interface RunOptions {
  config?: object;
  context?: Context;
  /** The stream's columns, for an operator that takes any; without it, they are those that the operator reads. */
  columns?: Record<string, ColumnType<unknown>>;
  /** In how many chunks the rows come. */
  chunks?: number;
}

function expect<T extends Operator>(operator: Operator, kind: abstract new (...args: never[]) => T, what: string): T {
  if (!(operator instanceof kind)) throw new TypeError(`it is no ${what}`);
  return operator;
}

const named = (schema: readonly FieldInfo[]): FieldInfo[] =>
  schema.map((field, at) => ({ ...field, name: field.name === '' ? `_${at + 1}` : field.name }));

/** Columns of rows in which anything may be null: the row is then the operator's to reject. */
function columnsOf(schema: readonly FieldInfo[], types: readonly ColumnType<unknown>[], rows: readonly unknown[]): Column[] {
  return schema.map((field, at) => {
    const value = (row: unknown): unknown => (Array.isArray(row) ? row[at] : (row as Record<string, unknown>)[field.name]);
    const values = schema.length === 1 && !rows.some((row) => isObjectOf(row, field.name)) ? rows : rows.map(value);
    return nullable(types[at]!).write(values);
  });
}

const isObjectOf = (row: unknown, name: string): boolean => typeof row === 'object' && row !== null && !(row instanceof Uint8Array) && name in row;

function rowsOf(schema: readonly FieldInfo[], columns: readonly Column[], types?: readonly ColumnType<unknown>[]): unknown[] {
  const lists = schema.map((field, at) => nullable(types?.[at] ?? typeOf(field.type)).read(columns[at]!));
  if (lists.length === 1) return lists[0]!;
  return (lists[0] ?? []).map((_, row) => Object.fromEntries(schema.map((field, at) => [field.name, lists[at]![row]])));
}

const typesOf = (holder: object, key: string): readonly ColumnType<unknown>[] | undefined => (holder as Record<string, Rows | undefined>)[key]?.types;

/** Run a map, flat-map, filter or map-partitions on rows: values of one column, arrays or objects of several. */
export function run(operator: Operator, rows: readonly unknown[], options: RunOptions = {}): Made {
  const { config = {}, context = CONTEXT, columns, chunks = 1 } = options;
  const found = expect(operator, Transform, 'map, flatMap, filter or mapPartitions');
  const offered = columns ? Object.entries(columns).map(([name, type]) => type.field(name)) : named(found.input ?? []);
  const types = columns ? Object.values(columns) : (typesOf(found, 'rows') ?? []);
  const json = JSON.stringify(config);
  const binding = found.bind(json, offered);
  const task = found.open(context, json, binding.columns.map((column) => offered[column]!)); // prettier-ignore
  const made: Made = { rows: [], rejected: [], schema: binding.output };
  const ofOutput = typesOf(found, 'made');
  const size = Math.ceil(rows.length / chunks) || 1;
  for (let start = 0; start < rows.length; start += size) {
    const chunk = rows.slice(start, start + size);
    const whole = columnsOf(offered, types, chunk);
    const output = task.process(binding.columns.map((column) => whole[column]!), chunk.length); // prettier-ignore
    for (const { row, reason } of output.rejected ?? []) made.rejected.push({ row: start + row, reason });
    if (output.kept) made.kept = [...(made.kept ?? []), ...output.kept.map((row) => start + row)];
    if (output.ends) made.ends = [...(made.ends ?? []), ...output.ends.map((end) => made.rows.length + end)];
    if (output.columns) made.rows.push(...rowsOf(binding.output, output.columns, ofOutput));
  }
  for (let rest = task.finish?.(); rest !== undefined; rest = task.finish?.()) made.rows.push(...rowsOf(binding.output, rest, ofOutput));
  return made;
}

/** Fold rows of several keys, an array each; every one in two parts that are merged, where it has two rows. */
export function fold(operator: Operator, groups: readonly (readonly unknown[])[], config: object = {}): unknown[] {
  const found = expect(operator, Aggregate, 'aggregate');
  const json = JSON.stringify(config);
  const offered = named(found.input);
  const { output } = found.bind(json, offered);
  const folding = found.open(CONTEXT, json, offered);
  const parts: unknown[] = [];
  const ofGroup: number[] = [];
  groups.forEach((rows, group) => {
    const half = rows.length >> 1;
    for (const part of [rows.slice(0, half), rows.slice(half)]) {
      if (part.length === 0) continue;
      const columns = columnsOf(offered, found.rows.types, part);
      const partial = folding.partial(columns, part.length, new Array<number>(part.length).fill(0), 1);
      parts.push(found.partial.read(partial, 1)[0]);
      ofGroup.push(group);
    }
  });
  const merged = folding.merge(found.partial.write(parts, 'partials'), parts.length, ofGroup, groups.length);
  return rowsOf(output, folding.finish(merged, groups.length), found.made.types);
}

/** Takes an operator over state from batch to batch, as the host does. */
export class Keyed {
  /** The state of each key, as JSON. */
  readonly state = new Map<string, unknown>();
  private readonly operator: Stateful;
  private readonly json: string;
  private readonly rows: { key: Rows; value: Rows; state: Rows; made: Rows };

  constructor(operator: Operator, config: object = {}) {
    this.operator = expect(operator, Stateful, 'operator over state');
    this.json = JSON.stringify(config);
    this.rows = this.operator as unknown as typeof this.rows;
    this.operator.bind(this.json, named(this.operator.keys), named(this.operator.input));
  }

  /** Work on a batch of keys with a value each; the rows made. */
  batch(rows: readonly (readonly [key: unknown, value?: unknown])[], { timedOut = [] as unknown[], context = CONTEXT } = {}): unknown[] {
    const { key, value, state, made } = this.rows;
    const ofKey = new Map<string, unknown[]>();
    const add = (key: unknown): unknown[] => {
      const text = JSON.stringify(key);
      if (!ofKey.has(text)) ofKey.set(text, []);
      return ofKey.get(text)!;
    };
    if (this.operator.kind === 'update-state-by-key') for (const known of this.state.keys()) add(JSON.parse(known));
    for (const [one, value] of rows) add(one).push(value);
    timedOut.forEach(add);
    const keys = [...ofKey.keys()];
    const values = [...ofKey.values()].flat();
    let end = 0;
    const valueEnds = [...ofKey.values()].map((values) => (end += values.length));
    const oldKeys = keys.flatMap((known, at) => (this.state.has(known) ? [at] : []));
    const [ofKeys, ofInput] = [named(this.operator.keys), named(this.operator.input)];
    const outcome = this.operator.open(context, this.json, ofKeys, ofInput).update({
      keys: columnsOf(ofKeys, key.types, keys.map((known) => JSON.parse(known) as unknown)), // prettier-ignore
      nKeys: keys.length,
      values: columnsOf(ofInput, value.types, values),
      nValues: values.length,
      valueEnds,
      old: state.write(oldKeys.map((at) => this.state.get(keys[at]!)), 'state'), // prettier-ignore
      oldKeys,
      timedOut: timedOut.map((one) => keys.indexOf(JSON.stringify(one))),
    });
    state.read(outcome.state, outcome.stateKeys.length).forEach((value, at) => this.state.set(keys[outcome.stateKeys[at]!]!, value));
    for (const at of outcome.removed) this.state.delete(keys[at]!);
    for (const one of timedOut) this.state.delete(JSON.stringify(one));
    return made.read(outcome.emitted, outcome.nEmitted);
  }
}

/** The rows of a receiver until its source has ended. */
export function receive(operator: Operator, config: object = {}, { position = undefined as Uint8Array | undefined, maxRows = 100 } = {}): unknown[] {
  const found = expect(operator, Receiver, 'receiver');
  const json = JSON.stringify(config);
  const schema = found.bind(json);
  const receiving = found.start(CONTEXT, json, position);
  const rows: unknown[] = [];
  for (;;) {
    const { columns, nRows, position: after, ended } = receiving.receive(maxRows, 100);
    if (nRows > maxRows) throw new RangeError(`${nRows} rows were received, and ${maxRows} were asked for`);
    rows.push(...rowsOf(schema, columns, typesOf(found, 'made')));
    if (nRows > 0) receiving.ack(after);
    if (ended) {
      receiving.stop();
      return rows;
    }
  }
}

/** What a sink prepares of a partition's rows. */
export function write(operator: Operator, rows: readonly unknown[], config: object = {}): Uint8Array {
  const found = expect(operator, Sink, 'sink');
  const offered = named(found.input);
  const writer = found.open(CONTEXT, JSON.stringify(config), offered);
  if (rows.length > 0) writer.write(columnsOf(offered, typesOf(found, 'rows')!, rows), rows.length);
  return writer.prepare();
}

let counts: Record<string, number> = {};
setHost({ add: (name, n) => void (counts[name] = (counts[name] ?? 0) + n) });

/** What was counted since the last time that it was asked for. */
export function counted(): Record<string, number> {
  const before = counts;
  counts = {};
  return before;
}

/** Values as they come out of columns of a spec. */
export function roundTrip(spec: Spec, values: readonly unknown[]): unknown[] {
  const rows = new Rows(spec);
  return rows.read(rows.write(values, 'values'), values.length);
}

/** Say what files there are. */
export function setFiles(files: Record<string, Uint8Array>): void {
  const directory = (name: string): import('./fs.js').Descriptor => ({
    openAt: (_flags, path) => {
      const bytes = files[`${name}/${path}`];
      if (isNull(bytes)) throw Object.assign(new Error('no-entry'), { payload: 'no-entry' });
      return {
        openAt: () => directory(`${name}/${path}`),
        read: (length, offset) => [bytes.slice(offset, offset + length), offset + length >= bytes.length],
      };
    },
    read: () => {
      throw new Error('is-directory');
    },
  });
  const names = new Set(Object.keys(files).map((path) => path.split('/')[0]!));
  setHost({ directories: () => [...names].map((name) => [directory(name), name]) });
}
