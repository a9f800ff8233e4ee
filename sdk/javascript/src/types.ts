/**
 * The types of columns, and how their values look in JavaScript: a `ColumnType<T>` decodes and encodes whole columns.
 *
 * 64-bit integers are `bigint`, exactly; `integer` and `asNumber` give them as numbers, where a value beyond 2^53 is an error rather than another number.
 */

import { Column, type FieldInfo, NO_BYTES, type NumberArray, type TypeInfo, arrayOf, bytesOf, packBits } from './columns.js';
import { decodeAll, encodeAll } from './text.js';

/** A column's type, and what its values are in JavaScript. */
export abstract class ColumnType<T> {
  declare readonly _value: T;
  /** The column's name, where it is given: see `as`. */
  columnName: string | undefined = undefined;

  constructor(
    readonly info: TypeInfo,
    /** Whether there may be nulls. */
    readonly nullable: boolean = false,
  ) {}

  /** The column of this type that is called so. */
  as(name: string): this {
    const named = Object.create(this) as this;
    named.columnName = name;
    return named;
  }

  /** The column as a part of a schema. */
  field(name: string): FieldInfo {
    return { name, type: this.info, nullable: this.nullable };
  }

  /** The values of a column; null where there is none. */
  read(column: Column): T[] {
    const values = this.load(column);
    if (column.nullCount > 0) for (let row = 0; row < values.length; row++) if (!column.isValid(row)) values[row] = null as T;
    return values;
  }

  /** A column of values; an error where one doesn't fit. */
  write(values: readonly T[]): Column<T> {
    if (!this.nullable || !values.some(isNull)) return this.dump(values);
    const filled = values.map((value) => (isNull(value) ? (this.fill() as T) : value));
    return this.dump(filled).withNulls(values.map((value) => !isNull(value))) as Column<T>;
  }

  /** Whether a column has nulls where the type has no room for one. */
  mayLack(column: Column): boolean {
    return column.nullCount > 0 && !this.nullable;
  }

  /** Whether a value has a null in it where the type has no room for one. */
  lacks(value: unknown): boolean {
    return isNull(value) && !this.nullable;
  }

  /** The values, whatever those of null rows are. */
  protected abstract load(column: Column): T[];
  /** A column of values that are all there. */
  protected abstract dump(values: readonly T[]): Column<T>;
  /** What stands in a buffer where the row is null. */
  abstract fill(): unknown;
}

/** The values of a type. */
export type ValueOf<C> = C extends ColumnType<infer T> ? T : never;

export const isNull = (value: unknown): value is null | undefined => value === null || value === undefined;

const plain = (kind: string, parameter?: unknown, children: readonly FieldInfo[] = []): TypeInfo => ({ kind, parameter, children });

/** The least and the greatest of each integer. */
const RANGES: Record<string, [number, number]> = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 4294967295],
};

class Numbers extends ColumnType<number> {
  protected load(column: Column): number[] {
    return Array.from(column.view as Int32Array);
  }

  protected dump(values: readonly number[]): Column<number> {
    const array = new (arrayOf(this.info) as unknown as new (length: number) => Int32Array)(values.length);
    const [least, most] = RANGES[this.info.kind] ?? (this.info.kind.startsWith('float') ? [] : RANGES.int32!);
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (typeof value !== 'number') throw new TypeError(`${String(value)} is no number`);
      if (least !== undefined && most !== undefined && !(value >= least && value <= most && Number.isInteger(value))) {
        throw new RangeError(`${value} is no integer from ${least} to ${most}`);
      }
      array[row] = value;
    }
    return new Column(this.info, values.length, [bytesOf(array)]);
  }

  fill(): number {
    return 0;
  }
}

class BigInts extends ColumnType<bigint> {
  protected load(column: Column): bigint[] {
    return Array.from(column.view as BigInt64Array);
  }

  protected dump(values: readonly bigint[]): Column<bigint> {
    const array = new (arrayOf(this.info) as unknown as new (length: number) => BigInt64Array)(values.length);
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (typeof value !== 'bigint') throw new TypeError(`${String(value)} is no bigint`);
      array[row] = value;
      if (array[row] !== value) throw new RangeError(`${value} doesn't fit ${this.info.kind}`);
    }
    return new Column(this.info, values.length, [bytesOf(array)]);
  }

  fill(): bigint {
    return 0n;
  }
}

/** 64-bit integers as numbers, read in halves. */
class SafeIntegers extends ColumnType<number> {
  protected load(column: Column): number[] {
    const signed = this.info.kind !== 'uint64';
    const { buffer, byteOffset, byteLength } = column.view;
    const halves = new Uint32Array(buffer, byteOffset, byteLength >> 2);
    const values = new Array<number>(column.length);
    for (let row = 0; row < values.length; row++) {
      const high = halves[2 * row + 1]!;
      const value = (signed ? high | 0 : high) * 4294967296 + halves[2 * row]!;
      if (!Number.isSafeInteger(value) && column.isValid(row)) {
        throw new RangeError(`a value of about ${value} is beyond what a number holds exactly: take the column as a bigint`);
      }
      values[row] = value;
    }
    return values;
  }

  protected dump(values: readonly number[]): Column<number> {
    const halves = new Uint32Array(2 * values.length);
    const least = this.info.kind === 'uint64' ? 0 : -Number.MAX_SAFE_INTEGER;
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (typeof value !== 'number') throw new TypeError(`${String(value)} is no number`);
      if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${value} is no integer that a number holds exactly`);
      halves[2 * row] = value;
      halves[2 * row + 1] = Math.floor(value / 4294967296);
    }
    return new Column(this.info, values.length, [bytesOf(halves)]);
  }

  fill(): number {
    return 0;
  }
}

class Booleans extends ColumnType<boolean> {
  protected load(column: Column): boolean[] {
    const bits = column.buffers[0]!;
    return Array.from({ length: column.length }, (_, row) => ((bits[row >> 3]! >> (row & 7)) & 1) === 1);
  }

  protected dump(values: readonly boolean[]): Column<boolean> {
    for (const value of values) if (typeof value !== 'boolean') throw new TypeError(`${String(value)} is no boolean`);
    return new Column(this.info, values.length, [packBits(values)]);
  }

  fill(): boolean {
    return false;
  }
}

class Text extends ColumnType<string> {
  protected load(column: Column): string[] {
    return decodeAll(column.offsets, column.data);
  }

  protected dump(values: readonly string[]): Column<string> {
    const { offsets, data } = encodeAll(values);
    return new Column(this.info, values.length, [offsets, data]);
  }

  fill(): string {
    return '';
  }
}

function offsetsOf(values: readonly { length: number }[]): Int32Array {
  const offsets = new Int32Array(values.length + 1);
  for (let row = 0, end = 0; row < values.length; row++) offsets[row + 1] = end += values[row]!.length;
  return offsets;
}

function concat(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    if (!(part instanceof Uint8Array)) throw new TypeError(`${String(part)} is no Uint8Array`);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

class Bytes extends ColumnType<Uint8Array> {
  protected load(column: Column): Uint8Array[] {
    const { offsets, data } = column;
    return Array.from({ length: column.length }, (_, row) => data.subarray(offsets[row], offsets[row + 1]));
  }

  protected dump(values: readonly Uint8Array[]): Column<Uint8Array> {
    const offsets = offsetsOf(values);
    return new Column(this.info, values.length, [bytesOf(offsets), concat(values, offsets[values.length]!)]);
  }

  fill(): Uint8Array {
    return NO_BYTES;
  }
}

/** Values of so many bytes each. */
class Fixed<T> extends ColumnType<T> {
  constructor(
    info: TypeInfo,
    private readonly width: number,
    private readonly load1: (bytes: DataView, at: number) => T,
    private readonly dump1: (value: T, bytes: DataView, at: number) => void,
    private readonly nothing: T,
  ) {
    super(info);
  }

  protected load(column: Column): T[] {
    const { buffer, byteOffset, byteLength } = column.buffers[0]!;
    const bytes = new DataView(buffer, byteOffset, byteLength);
    return Array.from({ length: column.length }, (_, row) => this.load1(bytes, row * this.width));
  }

  protected dump(values: readonly T[]): Column<T> {
    const bytes = new Uint8Array(values.length * this.width);
    const view = new DataView(bytes.buffer);
    values.forEach((value, row) => this.dump1(value, view, row * this.width));
    return new Column(this.info, values.length, [bytes]);
  }

  fill(): T {
    return this.nothing;
  }
}

class Items<T> extends ColumnType<T[]> {
  constructor(
    private readonly item: ColumnType<T>,
    private readonly size?: number,
  ) {
    const children = [item.field('item')];
    super(size === undefined ? plain('list', undefined, children) : plain('fixed-size-list', size, children));
  }

  protected load(column: Column): T[][] {
    const items = this.item.read(column.children[0]!);
    const { size } = this;
    const offsets = size === undefined ? column.offsets : undefined;
    const end = (row: number): number => (offsets ? offsets[row]! : row * size!);
    return Array.from({ length: column.length }, (_, row) => items.slice(end(row), end(row + 1)));
  }

  protected dump(values: readonly T[][]): Column<T[]> {
    for (const value of values) {
      if (!Array.isArray(value)) throw new TypeError(`${String(value)} is no array`);
      if (this.size !== undefined && value.length !== this.size) throw new RangeError(`an array has ${value.length} items, not ${this.size}`);
    }
    const own = this.size === undefined ? [bytesOf(offsetsOf(values))] : [];
    return new Column(this.info, values.length, own, 0, NO_BYTES, [this.item.write(values.flat() as T[])]);
  }

  override mayLack(column: Column): boolean {
    return super.mayLack(column) || this.item.mayLack(column.children[0]!);
  }

  override lacks(value: unknown): boolean {
    return super.lacks(value) || (!isNull(value) && (value as unknown[]).some((item) => this.item.lacks(item)));
  }

  fill(): unknown[] {
    return new Array<unknown>(this.size ?? 0).fill(this.item.fill());
  }
}

class Struct<T> extends ColumnType<T> {
  private readonly names: string[];
  constructor(private readonly parts: Record<string, ColumnType<unknown>>) {
    const names = Object.keys(parts);
    super(plain('struct', undefined, names.map((name) => parts[name]!.field(name)))); // prettier-ignore
    this.names = names;
  }

  protected load(column: Column): T[] {
    const lists = this.names.map((name, at) => this.parts[name]!.read(column.children[at]!));
    return Array.from({ length: column.length }, (_, row) => {
      const made: Record<string, unknown> = {};
      this.names.forEach((name, at) => (made[name] = lists[at]![row]));
      return made as T;
    });
  }

  protected dump(values: readonly T[]): Column<T> {
    const children = this.names.map((name) => this.parts[name]!.write(values.map((value) => (value as Record<string, unknown>)[name])));
    return new Column(this.info, values.length, [], 0, NO_BYTES, children);
  }

  override mayLack(column: Column): boolean {
    return super.mayLack(column) || this.names.some((name, at) => this.parts[name]!.mayLack(column.children[at]!));
  }

  override lacks(value: unknown): boolean {
    if (isNull(value)) return !this.nullable;
    return this.names.some((name) => this.parts[name]!.lacks((value as Record<string, unknown>)[name]));
  }

  fill(): unknown {
    return Object.fromEntries(this.names.map((name) => [name, this.parts[name]!.fill()]));
  }
}

class Entries<K, V> extends ColumnType<Map<K, V>> {
  private readonly entries: Struct<{ key: K; value: V }>;
  constructor(
    key: ColumnType<K>,
    private readonly value: ColumnType<V>,
  ) {
    const entries = new Struct<{ key: K; value: V }>({ key, value } as Record<string, ColumnType<unknown>>);
    super(plain('map', undefined, [entries.field('entries')]));
    this.entries = entries;
  }

  protected load(column: Column): Map<K, V>[] {
    const { offsets } = column;
    const entries = this.entries.read(column.children[0]!);
    const of = (row: number): [K, V][] => entries.slice(offsets[row], offsets[row + 1]).map(({ key, value }) => [key, value]);
    return Array.from({ length: column.length }, (_, row) => new Map(of(row)));
  }

  protected dump(values: readonly Map<K, V>[]): Column<Map<K, V>> {
    const entries = values.map((value) => Array.from(value, ([key, inner]) => ({ key, value: inner })));
    return new Column(this.info, values.length, [bytesOf(offsetsOf(entries))], 0, NO_BYTES, [this.entries.write(entries.flat())]);
  }

  override mayLack(column: Column): boolean {
    return super.mayLack(column) || this.entries.mayLack(column.children[0]!);
  }

  override lacks(value: unknown): boolean {
    if (isNull(value)) return !this.nullable;
    return Array.from((value as Map<K, V>).values()).some((inner) => this.value.lacks(inner));
  }

  fill(): Map<K, V> {
    return new Map();
  }
}

/** The units of times. */
export type Unit = 's' | 'ms' | 'us' | 'ns';
const UNITS: Record<Unit, string> = { s: 'second', ms: 'millisecond', us: 'microsecond', ns: 'nanosecond' };

export const boolean: ColumnType<boolean> = new Booleans(plain('boolean'));
export const string: ColumnType<string> = new Text(plain('utf8'));
/** Bytes of any length; what a function gets looks at the chunk, so copy what is to be kept. */
export const binary: ColumnType<Uint8Array> = new Bytes(plain('binary'));
export const int8: ColumnType<number> = new Numbers(plain('int8'));
export const int16: ColumnType<number> = new Numbers(plain('int16'));
export const int32: ColumnType<number> = new Numbers(plain('int32'));
export const uint8: ColumnType<number> = new Numbers(plain('uint8'));
export const uint16: ColumnType<number> = new Numbers(plain('uint16'));
export const uint32: ColumnType<number> = new Numbers(plain('uint32'));
export const float32: ColumnType<number> = new Numbers(plain('float32'));
export const float64: ColumnType<number> = new Numbers(plain('float64'));
export const int64: ColumnType<bigint> = new BigInts(plain('int64'));
export const uint64: ColumnType<bigint> = new BigInts(plain('uint64'));
/** An int64 column as numbers: one beyond 2^53 fails the call. */
export const integer: ColumnType<number> = new SafeIntegers(plain('int64'));
/** Days since 1970. */
export const date: ColumnType<number> = new Numbers(plain('date32'));
/** Milliseconds since 1970, whole days. */
export const date64: ColumnType<bigint> = new BigInts(plain('date64'));

/** Since midnight: a number in seconds and milliseconds, a bigint in the others. */
export function time<U extends Unit>(unit: U): ColumnType<U extends 's' | 'ms' ? number : bigint> {
  const info = plain('time', UNITS[unit]);
  const type = unit === 's' || unit === 'ms' ? new Numbers(info) : new BigInts(info);
  return type as unknown as ColumnType<U extends 's' | 'ms' ? number : bigint>;
}

/** A point in time since 1970, with a zone, or a wall clock's time without one. */
export function timestamp(unit: Unit, zone?: string): ColumnType<bigint> {
  return new BigInts(plain('timestamp', [UNITS[unit], zone]));
}

/** Elapsed time. */
export function duration(unit: Unit): ColumnType<bigint> {
  return new BigInts(plain('duration', UNITS[unit]));
}

/** A 64-bit column as numbers: a value beyond 2^53 fails the call. */
export function asNumber(type: ColumnType<bigint>): ColumnType<number> {
  return new SafeIntegers(type.info);
}

/** A decimal of up to 38 digits as an integer: the value times ten to the power of `scale`. */
export function decimal(precision: number, scale: number): ColumnType<bigint> {
  const limit = 10n ** BigInt(precision);
  return new Fixed(
    plain('decimal128', [precision, scale]),
    16,
    (bytes, at) => (bytes.getBigInt64(at + 8, true) << 64n) | bytes.getBigUint64(at, true),
    (value, bytes, at) => {
      if (value <= -limit || value >= limit) throw new RangeError(`${value} has more than ${precision} digits`);
      bytes.setBigUint64(at, BigInt.asUintN(64, value), true);
      bytes.setBigInt64(at + 8, value >> 64n, true);
    },
    0n,
  );
}

/** So many bytes each. */
export function fixedBinary(length: number): ColumnType<Uint8Array> {
  return new Fixed(
    plain('fixed-size-binary', length),
    length,
    (bytes, at) => new Uint8Array(bytes.buffer, bytes.byteOffset + at, length),
    (value, bytes, at) => {
      if (value.length !== length) throw new RangeError(`${value.length} bytes are given for ${length}`);
      new Uint8Array(bytes.buffer, at, length).set(value);
    },
    new Uint8Array(length),
  );
}

/** Months. */
export const months: ColumnType<number> = new Numbers(plain('interval', 'year-month'));

/** Days and milliseconds. */
export const dayTime: ColumnType<{ days: number; milliseconds: number }> = new Fixed(
  plain('interval', 'day-time'),
  8,
  (bytes, at) => ({ days: bytes.getInt32(at, true), milliseconds: bytes.getInt32(at + 4, true) }),
  (value, bytes, at) => {
    bytes.setInt32(at, value.days, true);
    bytes.setInt32(at + 4, value.milliseconds, true);
  },
  { days: 0, milliseconds: 0 },
);

/** Months, days and nanoseconds. */
export const monthDayNano: ColumnType<{ months: number; days: number; nanoseconds: bigint }> = new Fixed(
  plain('interval', 'month-day-nano'),
  16,
  (bytes, at) => ({ months: bytes.getInt32(at, true), days: bytes.getInt32(at + 4, true), nanoseconds: bytes.getBigInt64(at + 8, true) }),
  (value, bytes, at) => {
    bytes.setInt32(at, value.months, true);
    bytes.setInt32(at + 4, value.days, true);
    bytes.setBigInt64(at + 8, value.nanoseconds, true);
  },
  { months: 0, days: 0, nanoseconds: 0n },
);

/** The same, and nulls. */
export function nullable<T>(type: ColumnType<T>): ColumnType<T | null> {
  return Object.create(type, { nullable: { value: true } }) as ColumnType<T | null>;
}

/** Any number of items. */
export function list<T>(item: ColumnType<T>): ColumnType<T[]> {
  return new Items(item);
}

/** So many items each. */
export function fixedList<T>(item: ColumnType<T>, size: number): ColumnType<T[]> {
  return new Items(item, size);
}

/** Named parts. */
export function struct<P extends Record<string, ColumnType<unknown>>>(parts: P): ColumnType<{ [K in keyof P]: ValueOf<P[K]> }> {
  return new Struct(parts);
}

/** Keys with values. */
export function mapOf<K, V>(key: ColumnType<K>, value: ColumnType<V>): ColumnType<Map<K, V>> {
  return new Entries(key, value);
}

const PLAIN: ColumnType<unknown>[] = [
  boolean, string, binary, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, date, date64,
]; // prettier-ignore

/** The type of a column that an operator over columns of any schema was given; everything in it may be null. */
export function typeOf(info: TypeInfo): ColumnType<unknown> {
  const child = (at: number): ColumnType<unknown> => typeOf(info.children[at]!.type);
  switch (info.kind) {
    case 'list':
      return nullable(list(child(0)));
    case 'fixed-size-list':
      return nullable(fixedList(child(0), info.parameter as number));
    case 'struct':
      return nullable(struct(Object.fromEntries(info.children.map((part) => [part.name, typeOf(part.type)]))));
    case 'map': {
      const [key, value] = info.children[0]!.type.children;
      const ofKey = Object.create(typeOf(key!.type), { nullable: { value: false } }) as ColumnType<unknown>;
      return nullable(mapOf(ofKey, typeOf(value!.type)));
    }
    case 'decimal128':
      return nullable(decimal(...(info.parameter as [number, number])));
    case 'fixed-size-binary':
      return nullable(fixedBinary(info.parameter as number));
    case 'interval':
      return nullable<unknown>(info.parameter === 'year-month' ? months : info.parameter === 'day-time' ? dayTime : monthDayNano);
  }
  const known = PLAIN.find((type) => type.info.kind === info.kind);
  if (known !== undefined) return nullable(known);
  return nullable<unknown>((arrayOf(info) as unknown) === Int32Array ? new Numbers(info) : new BigInts(info));
}

/** A column of numbers, of a typed array of the type's own width: without a look at any of them. */
export function columnOf<T>(type: ColumnType<T>, numbers: NumberArray): Column<T> {
  if (!(numbers instanceof (arrayOf(type.info) ?? Object))) throw new TypeError(`${type.info.kind} takes another typed array`);
  return new Column(type.info, numbers.length, [bytesOf(numbers)]);
}
