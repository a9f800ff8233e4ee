/** What all operators have: an interface, a sentence, settings, and what a function is told besides its rows. */

import { type FieldInfo, sameType, shown } from './columns.js';
import { type ConfigOf, type Settings, parse } from './config.js';
import { InvalidInput } from './errors.js';

/** What a call is about. The same work done again has the same context but for `attempt`. */
export interface Context {
  /** The job's name. */
  readonly job: string;
  /** The stream that the operator makes. */
  readonly stream: string;
  /** The batch's time in milliseconds since 1970. */
  readonly batchTimeMs: number;
  /** The partition of the operator's input, from 0. */
  readonly partition: number;
  /** Partitions of the operator's input in this batch. */
  readonly partitions: number;
  /** Higher each time that the same work is done again. */
  readonly attempt: number;
}

/** What a function is given after its rows. */
export interface Scope<S extends Settings> {
  readonly config: ConfigOf<S>;
  readonly context: Context;
}

/** What every operator may say of itself. */
export interface Options<S extends Settings> {
  /** What it does, in a sentence. */
  doc: string;
  /** What it is called; without it, as its export in kebab case. */
  name?: string;
  /** The keys of its configuration; without it the operator reads none. */
  config?: S;
}

export type Interface = 'transform' | 'aggregate' | 'state' | 'receiver' | 'sink';

/** An operator that a plugin offers by exporting it. */
export abstract class Operator {
  abstract readonly interface: Interface;
  readonly doc: string;
  name: string | undefined;
  private readonly settings: Settings | undefined;

  constructor(options: Options<Settings>) {
    this.doc = options.doc;
    this.name = options.name;
    this.settings = options.config;
  }

  /** What it is called, once that is known. */
  get title(): string {
    return this.name ?? 'the operator';
  }

  /** The configuration, of the host's JSON. */
  configOf(json: string): ConfigOf<Settings> {
    return parse(this.settings, json) as ConfigOf<Settings>;
  }
}

/** The indices of the columns read: all that are offered, if they are those expected. */
export function bindColumns(expected: readonly FieldInfo[], offered: readonly FieldInfo[]): number[] {
  if (expected.length !== offered.length) throw new InvalidInput(`the operator reads ${expected.length} columns, but gets ${offered.length}`);
  expected.forEach((want, at) => {
    const got = offered[at]!;
    if (want.name !== '' && want.name !== got.name) throw new InvalidInput(`the operator reads column \`${want.name}\`, not \`${got.name}\``);
    if (!sameType(want.type, got.type))
      throw new InvalidInput(`column \`${got.name}\` is ${shown(got.type)}, the operator reads ${shown(want.type)}`);
  });
  return offered.map((_, at) => at);
}
