/** Outputs: `sink`. Rows of a partition are written where nobody sees them yet, and seen once their batch is committed. */

import type { Column, FieldInfo } from './columns.js';
import type { Settings } from './config.js';
import { Failed } from './errors.js';
import { type Context, Operator, type Options, type Scope, bindColumns } from './operator.js';
import { type ArgumentsOf, Rows, type Spec } from './rows.js';

/** A batch of an output. */
export interface Target {
  readonly job: string;
  readonly output: string;
  /** In milliseconds since 1970; later batches have later times. */
  readonly batchTimeMs: number;
}

/** A partition that is being written. */
export interface Writer<I> {
  /** Take a row. */
  write(...args: ArgumentsOf<I>): void;
  /** All rows were written: what `commit` needs of the partition, at most 64 KiB. */
  prepare(): Uint8Array;
}

/** What becomes of what partitions prepared; it is called in another instance, perhaps another process. */
export type Committing<S extends Settings> = (target: Target, prepared: Uint8Array[], config: Scope<S>['config']) => void;

interface Writing<I extends Spec, S extends Settings> extends Options<S> {
  /** The columns that it writes. */
  input: I;
  /** Begin a partition; `context.stream` is the output's name. */
  open(scope: Scope<S>): Writer<I>;
  /** Make a batch's rows seen, as one. It may come twice, and then changes nothing. */
  commit: Committing<S>;
  /** Remove what partitions prepared in an attempt that comes to nothing. */
  abort?: Committing<S>;
}

export class Sink extends Operator {
  readonly interface = 'sink';
  readonly input: FieldInfo[];
  private readonly rows: Rows;

  constructor(private readonly author: Writing<Spec, Settings>) {
    super(author);
    this.rows = new Rows(author.input);
    this.input = this.rows.inputs();
  }

  bind(config: string, input: readonly FieldInfo[]): number[] {
    this.configOf(config);
    return bindColumns(this.input, input);
  }

  open(context: Context, config: string, input: readonly FieldInfo[]): { write(columns: Column[], nRows: number): void; prepare(): Uint8Array } {
    const writer = this.author.open({ config: this.configOf(config), context }) as { write(...args: unknown[]): void; prepare(): Uint8Array };
    const names = input.map((field) => field.name);
    return {
      write: (columns, nRows) => {
        for (const why of this.rows.lacking(columns, names).values()) throw new Failed(why);
        const lists = this.rows.arguments(columns, nRows);
        for (let row = 0; row < nRows; row++) writer.write(...lists.map((list) => list[row]));
      },
      prepare: () => writer.prepare(),
    };
  }

  commit(target: Target, config: string, prepared: Uint8Array[]): void {
    this.author.commit(target, prepared, this.configOf(config));
  }

  abort(target: Target, config: string, prepared: Uint8Array[]): void {
    this.author.abort?.(target, prepared, this.configOf(config));
  }
}

/** An output. */
export function sink<const I extends Spec, S extends Settings = Settings>(author: Writing<I, S>): Sink {
  return new Sink(author as unknown as Writing<Spec, Settings>);
}
