/**
 * The side that faces the host: the interfaces that a component exports, over the operators that the author's module exports.
 *
 * What an author's code throws becomes an error with its message, and its stack in lines of the author's own files.
 */

import { type FieldInfo, readColumns, writeColumns } from './columns.js';
import { Aggregate, type Fold } from './aggregate.js';
import { kebab, nearest } from './config.js';
import { Failed, InvalidConfig, InvalidInput, Unavailable } from './errors.js';
import { host } from './host.js';
import { type Context, type Interface, Operator } from './operator.js';
import { Receiver, type Receiving } from './receiver.js';
import { Sink } from './sink.js';
import { Stateful, type Update } from './state.js';
import { type Task, Transform } from './transform.js';
import type { Column } from './columns.js';
import { type Batch, type Field, flatten, unflatten } from './wit.js';

/** Of each line of the bundle, the author's file and line. */
export type Lines = readonly (readonly [file: string, line: number] | null)[];

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** The operators that a module exports, each under its name. */
export function operatorsOf(module: Record<string, unknown>): Operator[] {
  const found = new Map<string, Operator>();
  for (const [exported, value] of Object.entries(module)) {
    if (!(value instanceof Operator)) continue;
    value.name ??= kebab(exported);
    if (!NAME.test(value.name)) throw new Failed(`${value.name} can't be an operator's name: a-z, then a-z, 0-9 or -, at most 64 of them`);
    const key = `${value.interface} ${value.name}`;
    const other = found.get(key);
    if (other !== undefined && other !== value) throw new Failed(`two operators are called ${value.name}`);
    found.set(key, value);
  }
  return [...found.values()];
}

/** A stack in the author's own lines; those of the SDK and the engine are left out. */
export function told(error: unknown, lines: Lines): string {
  if (!(error instanceof Error)) return `${String(error)} was thrown, which is no Error`;
  const frames = [];
  for (const frame of (error.stack ?? '').split('\n')) {
    const match = /^\s*at (?:(.*) \()?[^()]*?:(\d+)(?::\d+)?\)?\s*$/.exec(frame);
    const place = match ? lines[Number(match[2]) - 1] : undefined;
    if (match && place) frames.push(`    at ${match[1] === undefined ? '' : `${match[1]} `}(${place[0]}:${place[1]})`);
  }
  const cause = error.cause === undefined ? '' : `\ncaused by ${told(error.cause, lines)}`;
  return [`${error.name}: ${error.message}`, ...frames].join('\n') + cause;
}

/** An error of the WIT package, as the componentizer takes it. */
function variant(tag: string, val: string): Error {
  return Object.assign(new Error(val), { payload: { tag, val } });
}

function asVariant(error: unknown, lines: Lines): Error {
  if (error instanceof InvalidConfig) return variant('invalid-config', error.message);
  if (error instanceof InvalidInput) return variant('invalid-input', error.message);
  if (error instanceof Unavailable) return variant('unavailable', error.message);
  if (error instanceof Failed) return variant('failed', error.message);
  return variant('failed', told(error, lines));
}

/** The functions of the exported interfaces. */
export type Exports = Partial<Record<Interface, Record<string, (...args: never[]) => unknown>>>;

/** The interfaces that a component exports. */
export function exportsOf(module: Record<string, unknown>, lines: Lines = []): Exports {
  const offered = operatorsOf(module);
  const of = <T extends Operator>(kind: abstract new (...args: never[]) => T): T[] =>
    offered.filter((operator): operator is T => operator instanceof kind);
  const find = <T extends Operator>(kind: abstract new (...args: never[]) => T, name: string): T => {
    const known = of(kind);
    const found = known.find((operator) => operator.name === name);
    if (found !== undefined) return found;
    const names = known.map((operator) => operator.title);
    const near = nearest(name, names);
    const hint = near === undefined ? `; it offers \`${names.join('`, `')}\`` : `; did you mean \`${near}\`?`;
    throw new Failed(`the plugin offers no operator \`${name}\`${hint}`);
  };
  const made: Record<Interface, () => Record<string, (...args: never[]) => unknown>> = {
    transform: () => transforms(of(Transform), (name) => find(Transform, name)),
    aggregate: () => aggregates(of(Aggregate), (name) => find(Aggregate, name)),
    state: () => states(of(Stateful), (name) => find(Stateful, name)),
    receiver: () => receivers(of(Receiver), (name) => find(Receiver, name)),
    sink: () => sinks(of(Sink), (name) => find(Sink, name)),
  };
  const exported: Exports = {};
  for (const { interface: name } of offered) exported[name] ??= guarded(made[name](), lines);
  return exported;
}

function guarded(functions: Record<string, (...args: never[]) => unknown>, lines: Lines): Record<string, (...args: never[]) => unknown> {
  const guard =
    (call: (...args: never[]) => unknown) =>
    (...args: never[]): unknown => {
      seed();
      try {
        return call(...args);
      } catch (error) {
        throw asVariant(error, lines);
      }
    };
  return Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, guard(call)]));
}

const columnsOf = (schema: readonly FieldInfo[], batch: Batch): Column[] => readColumns(schema, batch.nodes, batch.buffers);
const batchOf = (columns: readonly Column[], rows: number): Batch => ({ rows, ...writeColumns(columns) });
const rowsOf = (columns: readonly Column[]): number => columns[0]?.length ?? 0;

function opened<T>(task: T | undefined): T {
  if (task === undefined) throw new Failed('no operator is open');
  return task;
}

/**
 * From now on `Math.random` gives the numbers of another call: the host's, which are the same when the call is made again, also on an instance that hasn't made the calls before it. The engine's own would be the same in
 * each instance.
 */
function seed(): void {
  let state: bigint | undefined;
  Math.random = () => {
    // The generator splitmix64, begun where a number is drawn first.
    state = BigInt.asUintN(64, (state ?? host.randomBytes(8).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)) + 0x9e3779b97f4a7c15n);
    let mixed = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return Number((mixed ^ (mixed >> 31n)) >> 11n) / 2 ** 53;
  };
}

function transforms(offered: Transform[], find: (name: string) => Transform): Record<string, (...args: never[]) => unknown> {
  let open: { task: Task; kind: string; input: FieldInfo[] } | undefined;
  return {
    describe: () => offered.map(({ title, kind, doc, input }) => ({ name: title, kind, doc, input: input && flatten(input) })),
    bind: (name: string, config: string, input: Field[]) => {
      const { columns, output } = find(name).bind(config, unflatten(input));
      return { columns, output: flatten(output) };
    },
    open: (context: Context, name: string, config: string, flat: Field[]) => {
      const input = unflatten(flat);
      const operator = find(name);
      open = { task: operator.open(context, config, input), kind: operator.kind, input };
    },
    process: (batch: Batch) => {
      const { task, kind, input } = opened(open);
      const { columns = [], ends, kept, rejected = [] } = task.process(columnsOf(input, batch), batch.rows);
      if (kind === 'filter') return { rows: { tag: 'kept', val: kept }, rejected };
      const made = batchOf(columns, rowsOf(columns));
      return { rows: kind === 'flat-map' ? { tag: 'expanded', val: { rows: made, ends } } : { tag: 'made', val: made }, rejected };
    },
    finish: () => {
      const made = opened(open).task.finish?.();
      return made && batchOf(made, rowsOf(made));
    },
  };
}

function aggregates(offered: Aggregate[], find: (name: string) => Aggregate): Record<string, (...args: never[]) => unknown> {
  let open: { fold: Fold; input: FieldInfo[]; kept: readonly FieldInfo[] } | undefined;
  return {
    describe: () => offered.map(({ title, doc, input, invertible }) => ({ name: title, doc, input: flatten(input), invertible })),
    bind: (name: string, config: string, input: Field[]) => {
      const bound = find(name).bind(config, unflatten(input));
      return { ...bound, partial: flatten(bound.partial), output: flatten(bound.output) };
    },
    open: (context: Context, name: string, config: string, flat: Field[]) => {
      const input = unflatten(flat);
      const operator = find(name);
      open = { fold: operator.open(context, config, input), input, kept: operator.bind(config, input).partial };
    },
    partial: (values: Batch, groups: ArrayLike<number>, nGroups: number) => {
      const { fold, input } = opened(open);
      return batchOf(fold.partial(columnsOf(input, values), values.rows, groups, nGroups), nGroups);
    },
    merge: (partials: Batch, groups: ArrayLike<number>, nGroups: number) => {
      const { fold, kept } = opened(open);
      return batchOf(fold.merge(columnsOf(kept, partials), partials.rows, groups, nGroups), nGroups);
    },
    unmerge: (whole: Batch, partials: Batch, groups: ArrayLike<number>) => {
      const { fold, kept } = opened(open);
      return batchOf(fold.unmerge(columnsOf(kept, whole), whole.rows, columnsOf(kept, partials), partials.rows, groups), whole.rows);
    },
    finish: (partials: Batch) => {
      const { fold, kept } = opened(open);
      return batchOf(fold.finish(columnsOf(kept, partials), partials.rows), partials.rows);
    },
  };
}

interface WitWork {
  keys: Batch;
  values: Batch;
  valueEnds: ArrayLike<number>;
  old: Batch;
  oldKeys: ArrayLike<number>;
  timedOut: ArrayLike<number>;
}

function states(offered: Stateful[], find: (name: string) => Stateful): Record<string, (...args: never[]) => unknown> {
  let open: { update: Update; keys: FieldInfo[]; input: FieldInfo[]; kept: FieldInfo[] } | undefined;
  return {
    describe: () => offered.map(({ title, kind, doc, keys, input }) => ({ name: title, kind, doc, keys: flatten(keys), input: flatten(input) })),
    bind: (name: string, config: string, keys: Field[], input: Field[]) => {
      const bound = find(name).bind(config, unflatten(keys), unflatten(input));
      return { ...bound, state: flatten(bound.state), output: flatten(bound.output) };
    },
    open: (context: Context, name: string, config: string, flatKeys: Field[], flat: Field[]) => {
      const [keys, input] = [unflatten(flatKeys), unflatten(flat)];
      const operator = find(name);
      open = { update: operator.open(context, config, keys, input), keys, input, kept: operator.kept };
    },
    update: (work: WitWork) => {
      const { update, keys, input, kept } = opened(open);
      const { valueEnds, oldKeys, timedOut } = work;
      const [nKeys, nValues] = [work.keys.rows, work.values.rows];
      const read = { keys: columnsOf(keys, work.keys), values: columnsOf(input, work.values), old: columnsOf(kept, work.old) };
      const made = update.update({ ...read, nKeys, nValues, valueEnds, oldKeys, timedOut });
      const { stateKeys, removed } = made;
      return { state: batchOf(made.state, stateKeys.length), stateKeys, removed, emitted: batchOf(made.emitted, made.nEmitted) };
    },
    migrate: (version: number, flat: Field[], old: Batch) => {
      const schema = unflatten(flat);
      return batchOf(opened(open).update.migrate(version, schema, columnsOf(schema, old), old.rows), old.rows);
    },
  };
}

function receivers(offered: Receiver[], find: (name: string) => Receiver): Record<string, (...args: never[]) => unknown> {
  let open: Receiving | undefined;
  return {
    describe: () => offered.map(({ title, doc, replayable }) => ({ name: title, doc, replayable })),
    bind: (name: string, config: string) => flatten(find(name).bind(config)),
    start: (context: Context, name: string, config: string, position: Uint8Array | null | undefined) => {
      open = find(name).start(context, config, position ?? undefined);
    },
    receive: (maxRows: number, maxTimeMs: number) => {
      const { columns, nRows, position, ended } = opened(open).receive(maxRows, maxTimeMs);
      return { rows: batchOf(columns, nRows), position, ended };
    },
    ack: (position: Uint8Array) => opened(open).ack(position),
    stop: () => opened(open).stop(),
  };
}

interface WitTarget {
  job: string;
  output: string;
  batchTimeMs: number;
}

function sinks(offered: Sink[], find: (name: string) => Sink): Record<string, (...args: never[]) => unknown> {
  let open: { writer: ReturnType<Sink['open']>; input: FieldInfo[] } | undefined;
  return {
    describe: () => offered.map(({ title, doc, input }) => ({ name: title, doc, input: flatten(input) })),
    bind: (name: string, config: string, input: Field[]) => find(name).bind(config, unflatten(input)),
    open: (context: Context, name: string, config: string, flat: Field[]) => {
      const input = unflatten(flat);
      open = { writer: find(name).open(context, config, input), input };
    },
    write: (batch: Batch) => {
      const { writer, input } = opened(open);
      writer.write(columnsOf(input, batch), batch.rows);
    },
    prepare: () => opened(open).writer.prepare(),
    commit: (target: WitTarget, name: string, config: string, prepared: Uint8Array[]) => find(name).commit(target, config, prepared),
    abort: (target: WitTarget, name: string, config: string, prepared: Uint8Array[]) => find(name).abort(target, config, prepared),
  };
}
