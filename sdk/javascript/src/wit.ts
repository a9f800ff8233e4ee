/** What crosses to and from the host, as the componentizer gives and takes it: the records and variants of the WIT package. */

import type { FieldInfo, TypeInfo } from './columns.js';

export interface Node {
  length: number;
  nullCount: number;
}

export interface Batch {
  rows: number;
  nodes: Node[];
  buffers: Uint8Array[];
}

interface DataType {
  tag: string;
  val?: unknown;
}

export interface Field {
  name: string;
  dataType: DataType;
  nullable: boolean;
  children: number;
}

function valueOf(type: TypeInfo): unknown {
  switch (type.kind) {
    case 'timestamp': {
      const [unit, zone] = type.parameter as [string, string | undefined];
      return { unit, zone };
    }
    case 'decimal128': {
      const [precision, scale] = type.parameter as [number, number];
      return { precision, scale };
    }
  }
  return type.parameter;
}

function parameterOf({ tag, val }: DataType): unknown {
  switch (tag) {
    case 'timestamp': {
      const { unit, zone } = val as { unit: string; zone?: string | null };
      return [unit, zone ?? undefined];
    }
    case 'decimal128': {
      const { precision, scale } = val as { precision: number; scale: number };
      return [precision, scale];
    }
  }
  return val ?? undefined;
}

/** Fields as they cross: depth first. */
export function flatten(schema: readonly FieldInfo[]): Field[] {
  return schema.flatMap((field) => {
    const val = valueOf(field.type);
    const dataType = val === undefined ? { tag: field.type.kind } : { tag: field.type.kind, val };
    const { name, nullable } = field;
    return [{ name, dataType, nullable, children: field.type.children.length }, ...flatten(field.type.children)];
  });
}

/** Fields as the SDK has them: trees. */
export function unflatten(flat: readonly Field[]): FieldInfo[] {
  let at = 0;
  const tree = (): FieldInfo => {
    const { name, dataType, nullable, children: n } = flat[at++]!;
    const children = Array.from({ length: n }, tree);
    return { name, nullable, type: { kind: dataType.tag, parameter: parameterOf(dataType), children } };
  };
  const trees: FieldInfo[] = [];
  while (at < flat.length) trees.push(tree());
  return trees;
}
