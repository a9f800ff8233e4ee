/** Operators over keyed state: `updateStateByKey` and `mapWithState`. The host holds the state, and calls once for a partition's keys. */

import type { Column, FieldInfo } from './columns.js';
import type { Settings } from './config.js';
import { Failed } from './errors.js';
import { type Context, Operator, type Options, type Scope, bindColumns } from './operator.js';
import { type RowOf, Rows, type Spec } from './rows.js';
import { isNull } from './types.js';

/** What is kept of one key, as the function of a `mapWithState` sees it. */
export class State<S> {
  private changed = false;
  private removed = false;

  constructor(
    private value: S | undefined,
    /** Whether the key has timed out: this is the last call with its state, which is removed after it. */
    readonly isTimingOut: boolean = false,
  ) {}

  /** Whether the key has state. */
  get exists(): boolean {
    return this.value !== undefined;
  }

  /** The key's state. */
  get(): S | undefined {
    return this.value;
  }

  /** Give the key new state. */
  update(value: S): void {
    this.refuse('updated');
    if (isNull(value)) throw new TypeError('null is no state: use `remove`');
    this.value = value;
    this.changed = true;
  }

  /** Remove the key's state. */
  remove(): void {
    this.refuse('removed');
    this.value = undefined;
    this.changed = this.removed = true;
  }

  /** The next value of the key comes. */
  static next(state: State<unknown>): void {
    state.removed = false;
  }

  static isChanged(state: State<unknown>): boolean {
    return state.changed;
  }

  private refuse(done: string): void {
    if (this.isTimingOut) throw new Error(`state of a key that times out can't be ${done}: it is removed after this call`);
    if (this.removed) throw new Error(`state that was removed in this call can't be ${done}`);
  }
}

export interface Binding {
  columns: number[];
  state: readonly FieldInfo[];
  stateVersion: number;
  output: readonly FieldInfo[];
  timeoutMs: number | undefined;
}

/** What a call is about. */
export interface Work {
  keys: Column[];
  nKeys: number;
  values: Column[];
  nValues: number;
  valueEnds: ArrayLike<number>;
  old: Column[];
  oldKeys: ArrayLike<number>;
  timedOut: ArrayLike<number>;
}

/** What a call made. */
export interface Outcome {
  state: Column[];
  stateKeys: number[];
  removed: number[];
  emitted: Column[];
  nEmitted: number;
}

type Call = (...args: unknown[]) => unknown;

interface Keeping<K extends Spec, I extends Spec, T extends Spec, S extends Settings> extends Options<S> {
  /** The columns of a key. */
  key: K;
  /** The columns of a value; without it, only rows count. */
  input?: I;
  /** The columns of the state. */
  state: T;
  /** The version of the state's columns and their meaning. */
  version?: number;
  /** State of the version before to this one. */
  migrate?: { from: Spec; to(old: never): RowOf<T> };
}

/** An operator over state at work. */
export interface Update {
  update(work: Work): Outcome;
  migrate(version: number, schema: readonly FieldInfo[], old: Column[], nRows: number): Column[];
}

export class Stateful extends Operator {
  readonly interface = 'state';
  readonly keys: FieldInfo[];
  readonly input: FieldInfo[];
  readonly kept: FieldInfo[];
  private readonly key: Rows;
  private readonly value: Rows;
  private readonly state: Rows;
  private readonly made: Rows;
  private readonly version: number;

  constructor(
    readonly kind: 'update-state-by-key' | 'map-with-state',
    private readonly options: Keeping<Spec, Spec, Spec, Settings> & { output?: Spec; timeoutMs?: number },
    private readonly call: Call,
  ) {
    super(options);
    this.key = new Rows(options.key);
    this.value = new Rows(options.input);
    this.state = new Rows(options.state);
    this.made = new Rows(options.output);
    this.version = options.version ?? 1;
    this.keys = this.key.inputs();
    this.input = this.value.inputs();
    this.kept = this.state.outputs('state');
  }

  bind(config: string, keys: readonly FieldInfo[], input: readonly FieldInfo[]): Binding {
    this.configOf(config);
    bindColumns(this.keys, keys);
    const columns = bindColumns(this.input, input);
    return { columns, state: this.kept, stateVersion: this.version, output: this.made.outputs(), timeoutMs: this.options.timeoutMs };
  }

  open(context: Context, config: string, keys: readonly FieldInfo[], input: readonly FieldInfo[]): Update {
    const scope = { config: this.configOf(config), context };
    const names: [Rows, string, readonly string[]][] = [
      [this.key, 'key', keys.map((field) => field.name)],
      [this.value, 'values', input.map((field) => field.name)],
    ];
    return {
      update: (work) => {
        for (const [rows, what, of] of names) {
          for (const why of rows.lacking(what === 'key' ? work.keys : work.values, of).values()) throw new Failed(`the ${what}: ${why}`);
        }
        return this.kind === 'map-with-state' ? this.mapEach(work, scope) : this.updateEach(work, scope);
      },
      migrate: (version, schema, old, nRows) => this.migrate(version, schema, old, nRows),
    };
  }

  /** Walk the keys of a call. */
  private walk(work: Work, each: (index: number, key: unknown, values: unknown[], old: unknown) => void): void {
    const keys = this.key.read(work.keys, work.nKeys);
    const values = this.value.read(work.values, work.nValues);
    const old = this.state.read(work.old, work.oldKeys.length);
    for (let index = 0, start = 0, next = 0; index < keys.length; index++) {
      const end = work.valueEnds[index]!;
      const had = work.oldKeys[next] === index ? old[next++] : undefined;
      each(index, keys[index], values.slice(start, end), had);
      start = end;
    }
  }

  private updateEach(work: Work, scope: unknown): Outcome {
    const state: unknown[] = [];
    const stateKeys: number[] = [];
    const removed: number[] = [];
    this.walk(work, (index, key, values, old) => {
      const made = this.call(key, values, old, scope);
      if (!isNull(made)) {
        state.push(made);
        stateKeys.push(index);
      } else if (old !== undefined) removed.push(index);
    });
    return { state: this.write(state), stateKeys, removed, emitted: [], nEmitted: 0 };
  }

  private mapEach(work: Work, scope: unknown): Outcome {
    const kept: unknown[] = [];
    const stateKeys: number[] = [];
    const removed: number[] = [];
    const emitted: unknown[] = [];
    const timedOut = new Set(Array.from(work.timedOut));
    this.walk(work, (index, key, values, old) => {
      const isTimingOut = timedOut.has(index);
      const state = new State(old, isTimingOut);
      for (const value of isTimingOut ? [undefined] : values) {
        State.next(state);
        for (const row of this.call(key, value, state, scope) as Iterable<unknown>) emitted.push(row);
      }
      if (!State.isChanged(state)) return;
      if (state.exists) {
        kept.push(state.get());
        stateKeys.push(index);
      } else removed.push(index);
    });
    const rows = this.made.write(emitted, `what \`${this.title}\` returned`);
    return { state: this.write(kept), stateKeys, removed, emitted: rows, nEmitted: emitted.length };
  }

  private migrate(version: number, schema: readonly FieldInfo[], old: Column[], nRows: number): Column[] {
    const { migrate } = this.options;
    if (migrate === undefined || version !== this.version - 1) {
      throw new Failed(`the operator knows no way from state of version ${version} to its own`);
    }
    const from = new Rows(migrate.from);
    bindColumns(from.inputs(), schema);
    return this.write(from.read(old, nRows).map((row) => migrate.to(row as never)));
  }

  private write(state: readonly unknown[]): Column[] {
    return this.state.write(state, `state of \`${this.title}\``);
  }
}

/** A function of a key, its new values and its state, that returns its new state, or nothing to forget the key. */
export function updateStateByKey<const K extends Spec, const T extends Spec, const I extends Spec = Spec, S extends Settings = Settings>(
  options: Keeping<K, I, T, S>,
  call: (key: RowOf<K>, values: RowOf<I>[], state: RowOf<T> | undefined, scope: Scope<S>) => RowOf<T> | null | undefined,
): Stateful {
  return new Stateful('update-state-by-key', options as never, call as Call);
}

/** A function of a key, a value and a `State`, called for each value in order, and once without one for a key that has timed out. It returns rows, in an iterable. */
export function mapWithState<
  const K extends Spec,
  const T extends Spec,
  const O extends Spec,
  const I extends Spec = Spec,
  S extends Settings = Settings,
>(
  options: Keeping<K, I, T, S> & {
    /** The columns of the rows that it makes. */ output: O;
    /** How long a key rests until it times out. */ timeoutMs?: number;
  },
  call: (key: RowOf<K>, value: RowOf<I> | undefined, state: State<RowOf<T>>, scope: Scope<S>) => Iterable<RowOf<O>>,
): Stateful {
  return new Stateful('map-with-state', options as never, call as Call);
}
