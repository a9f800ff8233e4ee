/**
 * Configuration: the plugin's `config` table of the job file, as a checked object.
 *
 * `config({ keep: optional(integerSetting({ min: 0 }), 4) })` says which keys there are; the job file has them in kebab case. An unknown key, a missing one and a wrong value are told by
 * name, when a job is checked.
 */

import { InvalidConfig } from './errors.js';

/** What a key of the configuration may be. */
export interface Setting<T> {
  readonly _value?: T;
  /** Check a value from the job file; `path` is where it stands. */
  read(value: unknown, path: string): T;
  /** What a key that isn't there is; without it the key is to be there. */
  readonly missing?: () => T;
}

type SettingValue<S> = S extends Setting<infer T> ? T : never;

/** The settings of a plugin, by their names in JavaScript. */
export type Settings = { readonly [name: string]: Setting<unknown> };

/** What a function is given as its configuration. */
export type ConfigOf<S extends Settings> = { readonly [K in keyof S]: SettingValue<S[K]> };

const shown = (value: unknown): string => (typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value)));

function wrong(path: string, message: string): InvalidConfig {
  return new InvalidConfig(path === '' ? `config: ${message}` : `config key \`${path}\`: ${message}`);
}

function expected<T>(what: string, fits: (value: unknown) => boolean): Setting<T> {
  return {
    read(value, path) {
      if (!fits(value)) throw wrong(path, `expected ${what}, not ${shown(value)}`);
      return value as T;
    },
  };
}

interface Range {
  min?: number;
  max?: number;
}

function ranged(what: string, fits: (value: number) => boolean, { min, max }: Range): Setting<number> {
  const bounds = [min === undefined ? [] : [`at least ${min}`], max === undefined ? [] : [`at most ${max}`]].flat().join(', ');
  const inRange = (value: unknown): boolean => typeof value === 'number' && fits(value) && value >= (min ?? -Infinity) && value <= (max ?? Infinity);
  return expected(bounds === '' ? what : `${what}, ${bounds}`, inRange);
}

/** A text. */
export const text: Setting<string> = expected('a string', (value) => typeof value === 'string');
/** True or false. */
export const flag: Setting<boolean> = expected('true or false', (value) => typeof value === 'boolean');
/** One character. */
export const character: Setting<string> = expected('one character', (value) => typeof value === 'string' && Array.from(value).length === 1);
/** A number. */
export const number = (range: Range = {}): Setting<number> => ranged('a number', () => true, range);
/** An integer. */
export const whole = (range: Range = {}): Setting<number> => ranged('an integer', Number.isSafeInteger, range);

/** An integer of up to 64 bits, as a bigint. */
export const bigInteger: Setting<bigint> = {
  read(value, path) {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    if (typeof value !== 'bigint') throw wrong(path, `expected an integer, not ${shown(value)}`);
    return value;
  },
};

/** One of some texts. */
export function oneOf<T extends string>(...values: T[]): Setting<T> {
  return expected(`one of ${values.map(shown).join(', ')}`, (value) => values.includes(value as T));
}

/** A list. */
export function listOf<T>(item: Setting<T>): Setting<T[]> {
  return {
    read(value, path) {
      if (!Array.isArray(value)) throw wrong(path, `expected a list, not ${shown(value)}`);
      return value.map((inner, at) => item.read(inner, `${path}[${at}]`));
    },
  };
}

/** A table of any keys. */
export function tableOf<T>(item: Setting<T>): Setting<Record<string, T>> {
  return {
    read(value, path) {
      const entries = Object.entries(object(value, path));
      return Object.fromEntries(entries.map(([key, inner]) => [key, item.read(inner, `${path}.${key}`)]));
    },
  };
}

/** A key that may be left out: then it is `value`. */
export function optional<T>(setting: Setting<T>, value: T): Setting<T>;
export function optional<T>(setting: Setting<T>): Setting<T | undefined>;
export function optional<T>(setting: Setting<T>, value?: T): Setting<T | undefined> {
  return { read: (given, path) => setting.read(given, path), missing: () => value };
}

function object(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, `expected a table, not ${shown(value)}`);
  return value as Record<string, unknown>;
}

/** `keepLast` as `keep-last`. */
export const kebab = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, (_, a: string | undefined, b: string | undefined, c: string | undefined) =>
      c !== undefined ? `${c}-` : `${a}-${b}`,
    )
    .replace(/_/g, '-')
    .toLowerCase();

/** A table of these keys. */
export function table<S extends Settings>(settings: S): Setting<ConfigOf<S>> {
  const names = new Map(Object.keys(settings).map((name) => [kebab(name), name]));
  return {
    read(value, path) {
      const given = object(value, path);
      const inner = (key: string): string => (path === '' ? key : `${path}.${key}`);
      for (const key of Object.keys(given)) {
        if (!names.has(key)) throw new InvalidConfig(`config key \`${inner(key)}\` is unknown; ${known(key, [...names.keys()])}`);
      }
      const made: Record<string, unknown> = {};
      for (const [key, name] of names) {
        const setting = settings[name]!;
        if (key in given) made[name] = setting.read(given[key], inner(key));
        else if (setting.missing) made[name] = setting.missing();
        else throw new InvalidConfig(`config key \`${inner(key)}\` is missing`);
      }
      return made as ConfigOf<S>;
    },
  };
}

/** A text, or an integer of more digits than a number surely holds. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

/** JSON in which integers that a number doesn't hold exactly are bigints. */
function parseJson(json: string): unknown {
  // Texts are marked too, so that none of them is taken for an integer.
  const marked = json.replace(TOKENS, (token) => (token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`));
  const unmark = (value: unknown): unknown => {
    if (typeof value === 'string') {
      if (value.startsWith('s')) return value.slice(1);
      const integer = BigInt(value.slice(1));
      return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
    }
    if (Array.isArray(value)) return value.map(unmark);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.slice(1), unmark(inner)]));
  };
  return unmark(JSON.parse(marked));
}

/** Read the configuration from the host's JSON. Where an operator has no settings, the table may hold anything: other operators of the plugin read it. */
export function parse(settings: Settings | undefined, json: string): unknown {
  if (settings === undefined) return undefined;
  let value: unknown;
  try {
    value = parseJson(json === '' ? '{}' : json);
  } catch (error) {
    throw new InvalidConfig(`config: ${String(error)}`);
  }
  return table(settings).read(value, '');
}

function known(key: string, keys: readonly string[]): string {
  const near = nearest(key, keys);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return keys.length > 0 ? `known keys are \`${keys.join('`, `')}\`` : 'there are no keys';
}

/** The candidate nearest to a word, if one is near: at most a third of it is to change. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, far: distance(word, candidate) })).sort((a, b) => a.far - b.far);
  const first = ranked[0];
  return first !== undefined && first.far <= Math.floor(Math.max(word.length, 3) / 3) ? first.candidate : undefined;
}

/** Letters to insert, remove, replace or swap with their neighbour. */
function distance(a: string, b: string): number {
  const table: number[][] = [];
  for (let i = 0; i <= a.length; i++) {
    table.push([]);
    for (let j = 0; j <= b.length; j++) {
      if (i === 0 || j === 0) {
        table[i]!.push(i + j);
        continue;
      }
      let best = Math.min(table[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), table[i - 1]![j]! + 1, table[i]![j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, table[i - 2]![j - 2]! + 1);
      table[i]!.push(best);
    }
  }
  return table[a.length]![b.length]!;
}
