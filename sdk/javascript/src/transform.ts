/** Operators from rows to rows: map, flatMap, filter, mapPartitions, over rows or over whole columns. */

import { type Column, type FieldInfo, takingNulls } from './columns.js';
import type { Settings } from './config.js';
import { Failed, InvalidInput, Reject } from './errors.js';
import { type Context, Operator, type Options, type Scope, bindColumns } from './operator.js';
import { type ArgumentsOf, type ColumnsOf, type RowOf, Rows, type Spec } from './rows.js';

export type Kind = 'map' | 'flat-map' | 'filter' | 'map-partitions';

export interface Rejection {
  row: number;
  reason: string;
}

/** What a call made: rows, or the indices of those that stay. */
export interface Output {
  columns?: readonly Column[];
  /** Of a flat-map: for each row of the chunk, how many rows were made of it and of those before it. */
  ends?: readonly number[];
  /** Of a filter: the rows that stay. */
  kept?: readonly number[];
  /** Rows rejected; ascending. */
  rejected?: readonly Rejection[];
}

export interface Binding {
  /** Which of the columns offered it reads, by index. */
  columns: number[];
  /** The columns that it makes. */
  output: readonly FieldInfo[];
}

/** An operator at work on a partition. */
export interface Task {
  process(columns: Column[], nRows: number): Output;
  finish?(): readonly Column[] | undefined;
}

export abstract class Transform extends Operator {
  readonly interface = 'transform';
  abstract readonly kind: Kind;
  /** The columns that it reads; none: it looks at the stream's when it is bound. */
  abstract readonly input: readonly FieldInfo[] | undefined;
  abstract bind(config: string, input: readonly FieldInfo[]): Binding;
  abstract open(context: Context, config: string, input: readonly FieldInfo[]): Task;
}

type Call = (...args: unknown[]) => unknown;

abstract class OfFunction extends Transform {
  readonly rows: Rows;
  readonly made: Rows;
  readonly output: readonly FieldInfo[];

  constructor(
    readonly kind: Kind,
    options: Options<Settings> & { input: Spec; output?: Spec },
    protected readonly call: Call,
  ) {
    super(options);
    this.rows = new Rows(options.input);
    this.made = new Rows(options.output);
    this.output = this.made.outputs();
  }

  abstract override readonly input: readonly FieldInfo[];

  bind(config: string, input: readonly FieldInfo[]): Binding {
    this.configOf(config);
    return { columns: bindColumns(this.input, input), output: this.output };
  }

  protected write(made: readonly unknown[]): Column[] {
    return this.made.write(made, `what \`${this.title}\` returned`);
  }
}

/** A function called for each row. */
class EachRow extends OfFunction {
  readonly input = takingNulls(this.rows.inputs());

  open(context: Context, config: string, input: readonly FieldInfo[]): Task {
    const scope = { config: this.configOf(config), context };
    const names = input.map((field) => field.name);
    const loop = this.kind === 'map' ? this.map : this.kind === 'filter' ? this.filter : this.flatMap;
    return {
      process: (columns, nRows) => {
        const lacking = this.rows.lacking(columns, names);
        const rejected: Rejection[] = [];
        const call = this.caller(this.rows.arguments(columns, nRows), scope);
        return loop.call(this, nRows, (row) => {
          const why = lacking.get(row);
          if (why === undefined) {
            try {
              return { made: call(row) };
            } catch (error) {
              if (!(error instanceof Reject)) throw error;
              rejected.push({ row, reason: error.message });
              return undefined;
            }
          }
          rejected.push({ row, reason: why });
          return undefined;
        }, rejected); // prettier-ignore
      },
    };
  }

  /** The author's function for a row. */
  private caller(lists: unknown[][], scope: unknown): (row: number) => unknown {
    const { call } = this;
    const [a, b] = lists;
    if (lists.length === 1) return (row) => call(a![row], scope);
    if (lists.length === 2) return (row) => call(a![row], b![row], scope);
    return (row) => call(...lists.map((list) => list[row]), scope);
  }

  private map(nRows: number, of: (row: number) => { made: unknown } | undefined, rejected: Rejection[]): Output {
    const made: unknown[] = [];
    for (let row = 0; row < nRows; row++) {
      const result = of(row);
      if (result !== undefined) made.push(result.made);
    }
    return { columns: this.write(made), rejected };
  }

  private filter(nRows: number, of: (row: number) => { made: unknown } | undefined, rejected: Rejection[]): Output {
    const kept: number[] = [];
    for (let row = 0; row < nRows; row++) {
      const stays = of(row)?.made ?? false;
      if (typeof stays !== 'boolean') throw new Failed(`\`${this.title}\` returned ${String(stays)} of row ${row}: a filter returns true or false`);
      if (stays) kept.push(row);
    }
    return { kept, rejected };
  }

  private flatMap(nRows: number, of: (row: number) => { made: unknown } | undefined, rejected: Rejection[]): Output {
    const made: unknown[] = [];
    const ends = new Array<number>(nRows);
    for (let row = 0; row < nRows; row++) {
      // A generator's own code runs here, so what it rejects is caught here, too.
      const before = made.length;
      try {
        const result = of(row);
        if (result !== undefined) for (const one of result.made as Iterable<unknown>) made.push(one);
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        made.length = before;
        rejected.push({ row, reason: error.message });
      }
      ends[row] = made.length;
    }
    return { columns: this.write(made), ends, rejected };
  }
}

/** A function called for a chunk's columns. */
class EachChunk extends OfFunction {
  // It sees no rows, so it can't reject one for its null.
  readonly input = this.rows.inputs();

  open(context: Context, config: string): Task {
    const scope = { config: this.configOf(config), context };
    const { keys } = this.rows;
    return {
      process: (columns) => {
        const named = keys === undefined ? columns : [Object.fromEntries(keys.map((key, at) => [key, columns[at]]))];
        const result = this.call(...named, scope);
        if (this.kind === 'filter') return { kept: result as number[] };
        if (this.kind === 'map') return { columns: this.parts(result) };
        const { rows, ends } = result as { rows: unknown; ends: number[] };
        return { columns: this.parts(rows), ends };
      },
    };
  }

  private parts(result: unknown): Column[] {
    const { keys, isSingle, types } = this.made;
    const parts = isSingle ? [result] : keys === undefined ? (result as unknown[]) : keys.map((key) => (result as Record<string, unknown>)[key]);
    if (parts.length !== types.length) throw new Failed(`\`${this.title}\` returned ${parts.length} columns, not ${types.length}`);
    const what = `what \`${this.title}\` returned`;
    return parts.map((part, at) => (Array.isArray(part) ? new Rows(types[at]).write(part, what)[0]! : (part as Column)));
  }
}

interface Of<I extends Spec, S extends Settings> extends Options<S> {
  /** The columns that it reads. */
  input: I;
}

interface To<I extends Spec, O extends Spec, S extends Settings> extends Of<I, S> {
  /** The columns that it makes. */
  output: O;
}

const erased = (call: unknown): Call => call as Call;

/** A function that makes one row of each row. */
export function map<const I extends Spec, const O extends Spec, S extends Settings = Settings>(
  options: To<I, O, S>,
  call: (...args: [...ArgumentsOf<I>, Scope<S>]) => RowOf<O>,
): Transform {
  return new EachRow('map', options, erased(call));
}

/** A function that makes any number of rows of each row: it returns an array or another iterable, or is a generator. */
export function flatMap<const I extends Spec, const O extends Spec, S extends Settings = Settings>(
  options: To<I, O, S>,
  call: (...args: [...ArgumentsOf<I>, Scope<S>]) => Iterable<RowOf<O>>,
): Transform {
  return new EachRow('flat-map', options, erased(call));
}

/** A function that says whether a row stays; the host keeps all its columns. */
export function filter<const I extends Spec, S extends Settings = Settings>(
  options: Of<I, S>,
  call: (...args: [...ArgumentsOf<I>, Scope<S>]) => boolean,
): Transform {
  return new EachRow('filter', options, erased(call));
}

/** What an operator over columns may return for one: the column, or its values. */
type Made<O> = O extends readonly unknown[]
  ? { [K in keyof O]: Column | readonly unknown[] }
  : O extends { info: unknown }
    ? Column | readonly unknown[]
    : { [K in keyof O]: Column | readonly unknown[] };

/** As `map`, called once a chunk with whole columns. */
export function mapColumns<const I extends Spec, const O extends Spec, S extends Settings = Settings>(
  options: To<I, O, S>,
  call: (...args: [...ColumnsOf<I>, Scope<S>]) => Made<O>,
): Transform {
  return new EachChunk('map', options, erased(call));
}

/** As `flatMap`, called once a chunk with whole columns: it returns its rows' columns, and for each row of the chunk where its rows end. */
export function flatMapColumns<const I extends Spec, const O extends Spec, S extends Settings = Settings>(
  options: To<I, O, S>,
  call: (...args: [...ColumnsOf<I>, Scope<S>]) => { rows: Made<O>; ends: readonly number[] },
): Transform {
  return new EachChunk('flat-map', options, erased(call));
}

/** As `filter`, called once a chunk with whole columns: it returns the indices of the rows that stay. */
export function filterColumns<const I extends Spec, S extends Settings = Settings>(
  options: Of<I, S>,
  call: (...args: [...ColumnsOf<I>, Scope<S>]) => readonly number[],
): Transform {
  return new EachChunk('filter', options, erased(call));
}

/** A partition that an author works on. */
export interface Partition<I extends Spec, O extends Spec> {
  /** Take a row; return those that it makes. */
  process(...args: ArgumentsOf<I>): Iterable<RowOf<O>>;
  /** Rows held back, at the end of the partition. */
  finish?(): Iterable<RowOf<O>>;
}

class Partitions extends OfFunction {
  readonly input = takingNulls(this.rows.inputs());

  open(context: Context, config: string, input: readonly FieldInfo[]): Task {
    const partition = this.call({ config: this.configOf(config), context }) as { process: Call; finish?: () => Iterable<unknown> };
    const names = input.map((field) => field.name);
    let finished = false;
    return {
      process: (columns, nRows) => {
        const lists = this.rows.arguments(columns, nRows);
        const lacking = this.rows.lacking(columns, names);
        const made: unknown[] = [];
        const rejected: Rejection[] = [];
        for (let row = 0; row < nRows; row++) {
          const why = lacking.get(row);
          const before = made.length;
          try {
            if (why !== undefined) throw new Reject(why);
            for (const one of partition.process(...lists.map((list) => list[row])) as Iterable<unknown>) made.push(one);
          } catch (error) {
            if (!(error instanceof Reject)) throw error;
            made.length = before;
            rejected.push({ row, reason: error.message });
          }
        }
        return { columns: this.write(made), rejected };
      },
      finish: () => {
        // The host asks again after rows, which were all there are.
        const made = finished || partition.finish === undefined ? [] : Array.from(partition.finish());
        finished = true;
        return made.length > 0 ? this.write(made) : undefined;
      },
    };
  }
}

/** A function that is called for each partition, and returns what works on it: `process` for each row, and perhaps `finish`. */
export function mapPartitions<const I extends Spec, const O extends Spec, S extends Settings = Settings>(
  options: To<I, O, S>,
  begin: (scope: Scope<S>) => Partition<I, O>,
): Transform {
  return new Partitions('map-partitions', options, erased(begin));
}

/** An operator over columns of any schema. */
export interface OverColumns<S extends Settings> extends Options<S> {
  kind: Kind;
  /** The columns that it makes of those offered; or which it reads, too. */
  bind(input: readonly FieldInfo[], config: Scope<S>['config']): readonly FieldInfo[] | Binding;
  /** Begin a partition, whose columns are `input`: what works on its chunks. */
  open(
    input: readonly FieldInfo[],
    scope: Scope<S>,
  ): {
    process(columns: readonly Column[], nRows: number): readonly Column[] | Output;
    finish?(): readonly Column[] | undefined;
  };
}

class AnyColumns extends Transform {
  readonly kind: Kind;
  readonly input = undefined;

  constructor(private readonly author: OverColumns<Settings>) {
    super(author);
    this.kind = author.kind;
  }

  bind(config: string, input: readonly FieldInfo[]): Binding {
    const bound = this.author.bind(input, this.configOf(config));
    const binding: Binding = 'columns' in bound ? bound : { columns: input.map((_, at) => at), output: bound };
    const beyond = binding.columns.find((column) => input[column] === undefined);
    if (beyond !== undefined) throw new InvalidInput(`\`bind\` of \`${this.title}\` chose column ${beyond} of ${input.length}`);
    return binding;
  }

  open(context: Context, config: string, input: readonly FieldInfo[]): Task {
    const task = this.author.open(input, { config: this.configOf(config), context });
    return {
      process: (columns, nRows) => {
        const made = task.process(columns, nRows);
        return Array.isArray(made) ? { columns: made as readonly Column[] } : (made as Output);
      },
      finish: () => task.finish?.(),
    };
  }
}

/** An operator over columns that chooses its schema when it is bound. */
export function transform<S extends Settings = Settings>(author: OverColumns<S>): Transform {
  return new AnyColumns(author as unknown as OverColumns<Settings>);
}
