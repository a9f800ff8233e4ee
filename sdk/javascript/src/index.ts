/**
 * Operators for Sluicebox in JavaScript and TypeScript.
 *
 * An operator is what a module exports: a function, with the types of the columns that it reads and makes.
 *
 *     import { flatMap, string } from 'sluicebox';
 *
 *     export const split = flatMap(
 *       { doc: 'Lines to words.', input: string, output: string.as('word') },
 *       (line) => line.split(' ').filter((word) => word !== ''),
 *     );
 */

export { aggregate, reduce } from './aggregate.js';
export { Column, type FieldInfo, type NumberArray, type TypeInfo, shown as shownType } from './columns.js';
export * as config from './config.js';
export { Failed, InvalidConfig, InvalidInput, Reject, Unavailable, reject } from './errors.js';
export * as fs from './fs.js';
export { broadcast, count, log, table } from './host.js';
export type { Context, Operator, Options, Scope } from './operator.js';
export { type Received, type Source, receiver } from './receiver.js';
export type { RowOf, Spec } from './rows.js';
export { type Target, type Writer, sink } from './sink.js';
export { State, mapWithState, updateStateByKey } from './state.js';
export { decode as decodeText, encode as encodeText } from './text.js';
export {
  type Binding, type Output, type Partition, filter, filterColumns, flatMap, flatMapColumns, map, mapColumns, mapPartitions, transform,
} from './transform.js'; // prettier-ignore
export {
  ColumnType, type Unit, type ValueOf, asNumber, binary, boolean, columnOf, date, date64, dayTime, decimal, duration, fixedBinary, fixedList, float32, float64, int16, int32,
  int64, int8, integer, list, mapOf, monthDayNano, months, nullable, string, struct, time, timestamp, typeOf, uint16, uint32, uint64, uint8,
} from './types.js'; // prettier-ignore
