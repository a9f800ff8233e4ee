/**
 * Files that the job grants to be read: `grants = { read = ["data"] }`. A path begins with the directory as the job file has it.
 *
 * In a test they are what `testing` says there is.
 */

import { host } from './host.js';
import { decode } from './text.js';

/** A file can't be read; `code` says why, as WASI does: `no-entry`, `access` and so on. */
export class FileError extends Error {
  override name = 'FileError';
  constructor(
    readonly path: string,
    readonly code: string,
  ) {
    super(code === 'no-entry' ? `${path} is not there` : `${path}: ${code}`);
  }
}

/** What an open file can do, of WASI's descriptors. */
export interface Descriptor {
  openAt(pathFlags: { symlinkFollow?: boolean }, path: string, openFlags: object, flags: { read?: boolean }): Descriptor;
  read(length: number, offset: number): [bytes: Uint8Array, ended: boolean];
}

/** Read at a time: the host gives a MiB at most. */
const PART = 1 << 20;

function open(path: string): Descriptor {
  for (const [directory, name] of host.directories()) {
    if (!path.startsWith(`${name}/`)) continue;
    try {
      return directory.openAt({ symlinkFollow: true }, path.slice(name.length + 1), {}, { read: true });
    } catch (error) {
      throw new FileError(path, codeOf(error));
    }
  }
  throw new FileError(path, 'it is in no directory that the job grants to be read');
}

function codeOf(error: unknown): string {
  const payload = typeof error === 'object' && error !== null && 'payload' in error ? error.payload : error;
  return typeof payload === 'string' ? payload : String(error);
}

/** The bytes of a file from `offset` on, at most `length` of them. */
export function read(path: string, offset = 0, length = Infinity): Uint8Array {
  const file = open(path);
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let ended = false; !ended && total < length;) {
    let part: Uint8Array;
    try {
      [part, ended] = file.read(Math.min(PART, length - total), offset + total);
    } catch (error) {
      throw new FileError(path, codeOf(error));
    }
    parts.push(part);
    total += part.length;
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The text of a file, which is UTF-8. */
export function readText(path: string): string {
  return decode(read(path));
}
