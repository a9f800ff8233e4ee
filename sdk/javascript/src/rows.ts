/**
 * Rows and the columns that they are made of: one value, an array, or an object of them.
 *
 * Where a spec is a type, a row is its value; an array of types, an array; an object of types, an object with these keys. Columns are found by name where they have one (an object's
 * keys, or `as`), else by their position.
 */

import type { Column, FieldInfo } from './columns.js';
import { Failed } from './errors.js';
import { ColumnType, type ValueOf } from './types.js';

/** The columns of a row. */
export type Spec = ColumnType<unknown> | readonly ColumnType<unknown>[] | { readonly [name: string]: ColumnType<unknown> };

/** A row of such columns. */
export type RowOf<S> =
  S extends ColumnType<infer T>
    ? T
    : S extends readonly unknown[]
      ? { -readonly [K in keyof S]: ValueOf<S[K]> }
      : { -readonly [K in keyof S]: ValueOf<S[K]> };

/** What a function is given of a row: each value of an array, or the value or object. */
export type ArgumentsOf<S> =
  S extends ColumnType<infer T> ? [T] : S extends readonly unknown[] ? { -readonly [K in keyof S]: ValueOf<S[K]> } : [RowOf<S>];

/** Whole columns in place of values. */
export type ColumnsOf<S> =
  S extends ColumnType<infer T>
    ? [Column<T>]
    : S extends readonly unknown[]
      ? { -readonly [K in keyof S]: Column<ValueOf<S[K]>> }
      : [{ -readonly [K in keyof S]: Column<ValueOf<S[K]>> }];

export class Rows {
  readonly types: readonly ColumnType<unknown>[];
  /** The keys of a row that is an object. */
  readonly keys: readonly string[] | undefined;
  readonly isSingle: boolean;

  constructor(spec: Spec | undefined) {
    this.isSingle = spec instanceof ColumnType;
    if (spec === undefined) this.types = [];
    else if (spec instanceof ColumnType) this.types = [spec];
    else this.types = Array.isArray(spec) ? (spec as ColumnType<unknown>[]) : Object.values(spec as Record<string, ColumnType<unknown>>);
    this.keys = spec === undefined || spec instanceof ColumnType || Array.isArray(spec) ? undefined : Object.keys(spec);
    for (const type of this.types) {
      if (!(type instanceof ColumnType)) throw new TypeError(`${String(type)} is no type of a column: take \`string\`, \`int64\` and the like`);
    }
  }

  /** The columns as they are read: of no name where they are found by their position. */
  inputs(): FieldInfo[] {
    return this.types.map((type, at) => type.field(this.keys?.[at] ?? type.columnName ?? ''));
  }

  /** The columns as they are made; those without a name are called `one` if there is one, or `_1`, `_2` and so on. */
  outputs(one = 'value'): FieldInfo[] {
    const numbered = (at: number): string => (this.types.length === 1 ? one : `_${at + 1}`);
    return this.types.map((type, at) => type.field(this.keys?.[at] ?? type.columnName ?? numbered(at)));
  }

  /** The values of each column. */
  lists(columns: readonly Column[]): unknown[][] {
    return this.types.map((type, at) => type.read(columns[at]!));
  }

  /** Rows; of no columns, so many of nothing. */
  read(columns: readonly Column[], nRows: number): unknown[] {
    const lists = this.lists(columns);
    if (this.isSingle) return lists[0]!;
    const { keys } = this;
    return Array.from({ length: nRows }, (_, row) => {
      if (keys === undefined) return lists.map((list) => list[row]);
      const made: Record<string, unknown> = {};
      for (let at = 0; at < keys.length; at++) made[keys[at]!] = lists[at]![row];
      return made;
    });
  }

  /** What a function is given of each row. */
  arguments(columns: readonly Column[], nRows: number): unknown[][] {
    if (this.keys !== undefined) return [this.read(columns, nRows)];
    return this.lists(columns);
  }

  /** Columns of rows. One that doesn't fit is a failure that says which. */
  write(rows: readonly unknown[], what: string): Column[] {
    try {
      return this.encode(rows);
    } catch (error) {
      const at = rows.findIndex((row) => !this.fits(row));
      if (at < 0) throw new Failed(`${what}: ${String(error)}`);
      const why = this.whyNot(rows[at]);
      throw new Failed(`${what}: row ${at} is ${shownValue(rows[at])}, which doesn't fit: ${why}`);
    }
  }

  private encode(rows: readonly unknown[]): Column[] {
    if (this.isSingle) return [this.types[0]!.write(rows)];
    const { keys } = this;
    for (const row of rows) {
      if (typeof row !== 'object' || row === null) throw new TypeError(`it is no ${keys ? 'object' : 'array'}`);
      if (keys === undefined && (!Array.isArray(row) || row.length !== this.types.length))
        throw new TypeError(`it is no array of ${this.types.length} values`);
      const missing = keys?.find((key) => !(key in row));
      if (missing !== undefined) throw new TypeError(`it has no \`${missing}\``);
    }
    return this.types.map((type, at) => {
      const key = keys?.[at] ?? at;
      return type.write(rows.map((row) => (row as Record<string | number, unknown>)[key]));
    });
  }

  private whyNot(row: unknown): string {
    try {
      this.encode([row]);
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private fits(row: unknown): boolean {
    return this.whyNot(row) === '';
  }

  /** The rows with a null where the type has no room for one, and what to say of it. */
  lacking(columns: readonly Column[], names: readonly string[]): Map<number, string> {
    const found = new Map<number, string>();
    this.types.forEach((type, at) => {
      if (!type.mayLack(columns[at]!)) return;
      type.read(columns[at]!).forEach((value, row) => {
        if (type.lacks(value) && !found.has(row)) found.set(row, `column \`${names[at]}\` is null, which the operator takes no null for`);
      });
    });
    return found;
  }
}

/** A value, for a message. */
export function shownValue(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? String(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}
