/** Operators that fold the rows of a key into one: `reduce`, and `aggregate` with a form of its own between rows and result. The host keeps the partials. */

import type { Column, FieldInfo } from './columns.js';
import type { Settings } from './config.js';
import { Failed } from './errors.js';
import { type Context, Operator, type Options, type Scope, bindColumns } from './operator.js';
import { type RowOf, Rows, type Spec } from './rows.js';

export interface Binding {
  columns: number[];
  partial: readonly FieldInfo[];
  partialVersion: number;
  output: readonly FieldInfo[];
}

/** What folds, as the author wrote it. */
interface Folder {
  partial(values: unknown[]): unknown;
  merge(whole: unknown, part: unknown): unknown;
  unmerge?(whole: unknown, part: unknown): unknown;
  finish?(partial: unknown): unknown;
}

/** An aggregate at work. */
export class Fold {
  constructor(
    private readonly operator: Aggregate,
    private readonly names: readonly string[],
    private readonly author: Folder,
  ) {}

  partial(columns: Column[], nRows: number, groups: ArrayLike<number>, nGroups: number): Column[] {
    const { rows } = this.operator;
    for (const [row, why] of rows.lacking(columns, this.names)) throw new Failed(`row ${row}: ${why}`);
    const ofGroup: unknown[][] = Array.from({ length: nGroups }, () => []);
    if (rows.types.length === 0) for (let row = 0; row < nRows; row++) ofGroup[groups[row]!]!.push(undefined);
    else rows.read(columns, nRows).forEach((value, row) => ofGroup[groups[row]!]!.push(value));
    return this.write(ofGroup.map((values) => this.author.partial(values)));
  }

  merge(columns: Column[], nRows: number, groups: ArrayLike<number>, nGroups: number): Column[] {
    const wholes = new Array<unknown>(nGroups);
    const has = new Uint8Array(nGroups);
    this.operator.partial.read(columns, nRows).forEach((part, row) => {
      const group = groups[row]!;
      wholes[group] = has[group] ? this.author.merge(wholes[group], part) : part;
      has[group] = 1;
    });
    return this.write(wholes);
  }

  unmerge(whole: Column[], nWhole: number, columns: Column[], nRows: number, groups: ArrayLike<number>): Column[] {
    const { author } = this;
    if (author.unmerge === undefined) throw new Failed(`\`${this.operator.title}\` has no inverse`);
    const wholes = this.operator.partial.read(whole, nWhole);
    this.operator.partial.read(columns, nRows).forEach((part, row) => (wholes[groups[row]!] = author.unmerge!(wholes[groups[row]!], part)));
    return this.write(wholes);
  }

  finish(columns: Column[], nRows: number): Column[] {
    const { author } = this;
    if (author.finish === undefined) return columns;
    const results = this.operator.partial.read(columns, nRows).map((partial) => author.finish!(partial));
    return this.operator.made.write(results, `results of \`${this.operator.title}\``);
  }

  private write(partials: readonly unknown[]): Column[] {
    return this.operator.partial.write(partials, `partials of \`${this.operator.title}\``);
  }
}

export class Aggregate extends Operator {
  readonly interface = 'aggregate';
  readonly rows: Rows;
  readonly partial: Rows;
  readonly made: Rows;
  readonly input: FieldInfo[];

  constructor(
    options: Options<Settings> & { version?: number },
    specs: { input: Spec | undefined; partial: Spec; output: Spec | undefined },
    readonly invertible: boolean,
    private readonly make: (scope: Scope<Settings>) => Folder,
    /** Whether the result's columns are called as the input's where they have no name. */
    private readonly keepsNames = false,
  ) {
    super(options);
    this.version = options.version ?? 1;
    this.rows = new Rows(specs.input);
    this.partial = new Rows(specs.partial);
    this.made = new Rows(specs.output ?? specs.partial);
    this.isResult = specs.output === undefined;
    this.input = this.rows.inputs();
  }

  private readonly version: number;
  private readonly isResult: boolean;

  bind(config: string, input: readonly FieldInfo[]): Binding {
    this.configOf(config);
    const columns = bindColumns(this.input, input);
    const named = this.keepsNames && this.made.keys === undefined;
    const output = this.made
      .outputs()
      .map((field, at) => (named && this.made.types[at]!.columnName === undefined ? { ...field, name: input[at]!.name } : field));
    return { columns, partial: this.isResult ? output : this.partial.outputs('partial'), partialVersion: this.version, output };
  }

  open(context: Context, config: string, input: readonly FieldInfo[]): Fold {
    const author = this.make({ config: this.configOf(config), context });
    return new Fold(this, input.map((field) => field.name), author); // prettier-ignore
  }
}

interface Folding<I extends Spec, P extends Spec, O extends Spec, S extends Settings> extends Options<S> {
  /** The columns that it reads, of those that are not keys; without it, it counts rows only. */
  input?: I;
  /** The columns that the host keeps of a key. */
  partial: P;
  /** The columns of the result; without it, the result is the partial. */
  output?: O;
  /** The version of the partials' columns and their meaning. */
  version?: number;
  /** The partial of a key's rows, at least one: an object, an array or a value each, or as many `undefined` as there are rows where it reads no column. */
  fold(rows: RowOf<I>[], scope: Scope<S>): RowOf<P>;
  /** Add a partial to one that comes before it. In one step or in several, the result is the same. */
  merge(whole: RowOf<P>, part: RowOf<P>, scope: Scope<S>): RowOf<P>;
  /** Take a partial out of a whole that it was merged into. */
  unmerge?(whole: RowOf<P>, part: RowOf<P>, scope: Scope<S>): RowOf<P>;
  /** The result of a partial. */
  finish?(partial: RowOf<P>, scope: Scope<S>): RowOf<O>;
}

/** An aggregate of a key's rows: `fold` makes a partial of them, `merge` one of two partials, and `finish` the result. */
export function aggregate<const P extends Spec, const I extends Spec = Spec, const O extends Spec = P, S extends Settings = Settings>(
  options: Folding<I, P, O, S>,
): Aggregate {
  const author = options as unknown as Record<'fold' | 'merge' | 'unmerge' | 'finish', (...args: unknown[]) => unknown>;
  const { input, partial, output } = options;
  if ((output === undefined) !== (options.finish === undefined)) throw new TypeError('an aggregate has `output` and `finish`, or neither');
  return new Aggregate(options, { input, partial, output }, options.unmerge !== undefined, (scope) => ({
    partial: (values) => author.fold(values, scope),
    merge: (whole, part) => author.merge(whole, part, scope),
    ...(options.unmerge && { unmerge: (whole: unknown, part: unknown) => author.unmerge(whole, part, scope) }),
    ...(options.finish && { finish: (whole: unknown) => author.finish(whole, scope) }),
  }));
}

interface Reducing<T extends Spec, S extends Settings> extends Options<S> {
  /** The columns that are folded. */
  input: T;
  version?: number;
  /** Takes a value out again: a sliding window then subtracts what leaves it. */
  inverse?(whole: RowOf<T>, part: RowOf<T>): RowOf<T>;
}

/** A function that folds two values into one. In any grouping the result is to be the same. */
export function reduce<const T extends Spec, S extends Settings = Settings>(
  options: Reducing<T, S>,
  call: (a: RowOf<T>, b: RowOf<T>, scope: Scope<S>) => RowOf<T>,
): Aggregate {
  const f = call as (a: unknown, b: unknown, scope: Scope<Settings>) => unknown;
  const inverse = options.inverse as ((a: unknown, b: unknown) => unknown) | undefined;
  const make = (scope: Scope<Settings>): Folder => ({
    partial: (values) => values.reduce((a, b) => f(a, b, scope)),
    merge: (a, b) => f(a, b, scope),
    ...(inverse && { unmerge: inverse }),
  });
  return new Aggregate(options, { input: options.input, partial: options.input, output: undefined }, inverse !== undefined, make, true);
}
