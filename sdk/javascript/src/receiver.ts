/** Sources of rows: `receiver`. The host asks them for rows. */

import type { Column, FieldInfo } from './columns.js';
import type { Settings } from './config.js';
import { type Context, Operator, type Options, type Scope } from './operator.js';
import { type RowOf, Rows, type Spec } from './rows.js';

/** Rows, and where the source stands after them. */
export interface Received<R> {
  rows: R[];
  /** In terms of the source's own, at most 64 KiB. */
  position: Uint8Array;
  /** Whether nothing more comes. */
  ended?: boolean;
}

/** A source at work. */
export interface Source<R> {
  /** At most `maxRows` rows, in order, for about `maxTimeMs`; it returns without rows, too. */
  receive(maxRows: number, maxTimeMs: number): Received<R>;
  /** All rows up to `position` are safe with the host: the source may forget them. */
  ack?(position: Uint8Array): void;
  /** Let go of the source. */
  stop?(): void;
}

type Start = (position: Uint8Array | undefined, scope: Scope<Settings>) => Source<unknown>;

export class Receiver extends Operator {
  readonly interface = 'receiver';
  readonly replayable: boolean;
  private readonly made: Rows;

  constructor(
    options: Options<Settings> & { output: Spec; replayable?: boolean },
    private readonly begin: Start,
  ) {
    super(options);
    this.replayable = options.replayable ?? false;
    this.made = new Rows(options.output);
  }

  bind(config: string): FieldInfo[] {
    this.configOf(config);
    return this.made.outputs();
  }

  start(context: Context, config: string, position: Uint8Array | undefined): Receiving {
    return new Receiving(this.begin(position, { config: this.configOf(config), context }), this.made, `what \`${this.title}\` received`);
  }
}

/** A receiver at work. */
export class Receiving {
  constructor(
    private readonly source: Source<unknown>,
    private readonly made: Rows,
    private readonly what: string,
  ) {}

  receive(maxRows: number, maxTimeMs: number): { columns: Column[]; nRows: number; position: Uint8Array; ended: boolean } {
    const { rows, position, ended } = this.source.receive(maxRows, maxTimeMs);
    return { columns: this.made.write(rows, this.what), nRows: rows.length, position, ended: ended ?? false };
  }

  ack(position: Uint8Array): void {
    this.source.ack?.(position);
  }

  stop(): void {
    this.source.stop?.();
  }
}

/** A function that begins to receive the rows after `position`, or from where the source begins, and returns the source. */
export function receiver<const O extends Spec, S extends Settings = Settings>(
  options: Options<S> & {
    /** The columns received. */
    output: O;
    /** Whether an older position gives the rows after it again. */
    replayable?: boolean;
  },
  start: (position: Uint8Array | undefined, scope: Scope<S>) => Source<RowOf<O>>,
): Receiver {
  return new Receiver(options, start as unknown as Start);
}
