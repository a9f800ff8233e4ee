/**
 * Columns as they cross: buffers, which are decoded and encoded whole, never a value at a time across the boundary.
 *
 * What an operator over columns gets and returns is a `Column`. Its buffers are the bytes that the host handed over; `view` and `offsets` look at them without copying, where
 * their address allows it.
 */

import type { Node } from './wit.js';

/** A column's type: its kind as in the WIT package, what the kind takes, and the parts of a nested one. */
export interface TypeInfo {
  readonly kind: string;
  /** A length, a unit, a precision and a scale, or a unit and a zone. */
  readonly parameter?: unknown;
  readonly children: readonly FieldInfo[];
}

/** A column, or a part of a nested one. */
export interface FieldInfo {
  readonly name: string;
  readonly type: TypeInfo;
  readonly nullable: boolean;
}

/** The arrays that look at numbers of a fixed width. */
export type NumberArray =
  Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array | Uint32Array | BigUint64Array | Float32Array | Float64Array;

type ArrayType = new (buffer: ArrayBufferLike, offset: number, length: number) => NumberArray;

const ARRAYS: Record<string, ArrayType & { BYTES_PER_ELEMENT: number }> = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
  date32: Int32Array,
  date64: BigInt64Array,
  timestamp: BigInt64Array,
  duration: BigInt64Array,
};

/** The array that a type's numbers are looked at with; none where its values are no numbers of a fixed width. */
export function arrayOf(type: TypeInfo): (ArrayType & { BYTES_PER_ELEMENT: number }) | undefined {
  if (type.kind === 'time') return type.parameter === 'second' || type.parameter === 'millisecond' ? Int32Array : BigInt64Array;
  if (type.kind === 'interval') return type.parameter === 'year-month' ? Int32Array : undefined;
  return ARRAYS[type.kind];
}

/** How many buffers a type has after the one of nulls. */
function buffersOf(type: TypeInfo): number {
  if (type.kind === 'utf8' || type.kind === 'binary') return 2;
  return type.kind === 'struct' || type.kind === 'fixed-size-list' ? 0 : 1;
}

/** The bytes of a typed array. */
export function bytesOf(array: NumberArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A typed array needs its address to be a multiple of its width, which nobody promises: copied where it isn't. */
function look(type: ArrayType & { BYTES_PER_ELEMENT: number }, bytes: Uint8Array, length: number): NumberArray {
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new type(aligned.buffer, aligned.byteOffset, length);
}

export const NO_BYTES = new Uint8Array(0);

/** One column of a chunk: its type, how many rows and nulls, and its buffers. */
export class Column<out T = unknown> {
  declare readonly _value: T;

  constructor(
    readonly type: TypeInfo,
    readonly length: number,
    /** Those that the type has after the one of nulls, as the WIT package's `data` says: values, or offsets and bytes, or offsets of a list. */
    readonly buffers: readonly Uint8Array[],
    readonly nullCount = 0,
    /** A bit for each row, set where it is not null; empty where no row is. */
    readonly validity: Uint8Array = NO_BYTES,
    readonly children: readonly Column[] = [],
  ) {}

  /** The values, where they are numbers of a fixed width. Those of null rows mean nothing. */
  get view(): NumberArray {
    const array = arrayOf(this.type);
    if (array === undefined) throw new TypeError(`values of ${shown(this.type)} are no numbers of a fixed width`);
    return look(array, this.buffers[0]!, this.length);
  }

  /** Where each value begins and ends: one more than there are rows; of strings, binaries, lists and maps. */
  get offsets(): Int32Array {
    return look(Int32Array, this.buffers[0]!, this.length + 1) as Int32Array;
  }

  /** The bytes of all values, one after the other; of strings and binaries. */
  get data(): Uint8Array {
    return this.buffers[1]!;
  }

  /** Whether a row has a value. */
  isValid(row: number): boolean {
    return this.nullCount === 0 || ((this.validity[row >> 3]! >> (row & 7)) & 1) === 1;
  }

  /** The same column with nulls where `valid` is false. */
  withNulls(valid: readonly boolean[]): Column<T | null> {
    const nullCount = valid.reduce((count, ok) => count + (ok ? 0 : 1), 0);
    return new Column(this.type, this.length, this.buffers, nullCount, nullCount === 0 ? NO_BYTES : packBits(valid), this.children);
  }
}

/** Flags as bits, least significant of each byte first. */
export function packBits(flags: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array((flags.length + 7) >> 3);
  for (let at = 0; at < flags.length; at++) if (flags[at]) bits[at >> 3]! |= 1 << (at & 7);
  return bits;
}

/** The columns of a batch, of its nodes and buffers. */
export function readColumns(schema: readonly FieldInfo[], nodes: readonly Node[], buffers: readonly Uint8Array[]): Column[] {
  let node = 0;
  let buffer = 0;
  const read = (type: TypeInfo): Column => {
    const { length, nullCount } = nodes[node++]!;
    const validity = buffers[buffer++]!;
    const own = buffers.slice(buffer, (buffer += buffersOf(type)));
    const children = type.children.map((child) => read(child.type));
    return new Column(type, length, own, nullCount, validity, children);
  };
  return schema.map((field) => read(field.type));
}

/** The nodes and buffers of columns, depth first. */
export function writeColumns(columns: readonly Column[]): { nodes: Node[]; buffers: Uint8Array[] } {
  const nodes: Node[] = [];
  const buffers: Uint8Array[] = [];
  const add = (column: Column): void => {
    nodes.push({ length: column.length, nullCount: column.nullCount });
    buffers.push(column.validity, ...column.buffers);
    column.children.forEach(add);
  };
  columns.forEach(add);
  return { nodes, buffers };
}

const SHORT: Record<string, string> = { second: 's', millisecond: 'ms', microsecond: 'us', nanosecond: 'ns' };

/** A type in words, such as `list<struct<x: int64>>`. */
export function shown(type: TypeInfo): string {
  const { kind, parameter } = type;
  const parts = type.children.map((child) => (kind === 'struct' ? `${child.name}: ` : '') + shown(child.type)).join(', ');
  switch (kind) {
    case 'utf8':
      return 'string';
    case 'date32':
      return 'date';
    case 'decimal128':
      return `decimal(${(parameter as number[]).join(', ')})`;
    case 'fixed-size-binary':
      return `fixed-size-binary(${parameter as number})`;
    case 'timestamp': {
      const [unit, zone] = parameter as [string, string | undefined];
      return `timestamp[${SHORT[unit]}${zone === undefined ? '' : `, ${zone}`}]`;
    }
    case 'time':
    case 'duration':
      return `${kind}[${SHORT[parameter as string]}]`;
    case 'interval':
      return `interval[${parameter as string}]`;
    case 'fixed-size-list':
      return `fixed-size-list<${parts}, ${parameter as number}>`;
    case 'list':
    case 'struct':
      return `${kind}<${parts}>`;
    case 'map':
      return `map<${type.children[0]!.type.children.map((child) => shown(child.type)).join(', ')}>`;
  }
  return kind;
}

/** Whether two types are the same. Names count only within structs; nulls are looked at row by row. */
export function sameType(expected: TypeInfo, offered: TypeInfo): boolean {
  return (
    expected.kind === offered.kind &&
    String(expected.parameter) === String(offered.parameter) &&
    expected.children.length === offered.children.length &&
    expected.children.every((child, at) => {
      const other = offered.children[at]!;
      return (expected.kind !== 'struct' || child.name === other.name) && sameType(child.type, other.type);
    })
  );
}

/** The same columns with nulls wherever a value can be: a row whose null there is no room for is then the operator's to reject. */
export function takingNulls(schema: readonly FieldInfo[]): FieldInfo[] {
  const withNulls = (type: TypeInfo): TypeInfo => {
    if (type.kind !== 'map') return { ...type, children: takingNulls(type.children) };
    // Entries and their keys are never null.
    const entries = type.children[0]!;
    const [key, value] = entries.type.children as [FieldInfo, FieldInfo];
    return { ...type, children: [{ ...entries, type: { ...entries.type, children: [key, ...takingNulls([value])] } }] };
  };
  return schema.map((field) => ({ name: field.name, type: withNulls(field.type), nullable: true }));
}
