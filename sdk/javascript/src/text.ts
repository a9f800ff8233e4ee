/**
 * Between UTF-8 and strings, whole columns at a time.
 *
 * QuickJS has no TextDecoder, and a loop over bytes in JavaScript costs some 50 ns for each: so bytes become a string of as many characters by what the engine does natively (Base64), and
 * only strings that aren't ASCII are looked at again.
 */

import { bytesOf } from './columns.js';

interface Base64 {
  toBase64(): string;
}
interface FromBase64 {
  fromBase64(text: string): Uint8Array;
}

// ASCII, which includes the control characters.
const BEYOND_ASCII = /[^\x00-\x7f]/;
const hasBase64 = 'fromBase64' in Uint8Array;
/** How many arguments a call is given at most. */
const ARGUMENTS = 4096;

/** Bytes as a string of a character each. */
function toBinary(bytes: Uint8Array): string {
  if (hasBase64 && bytes.length > 64) return atob((bytes as unknown as Base64).toBase64());
  let text = '';
  for (let at = 0; at < bytes.length; at += ARGUMENTS) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + ARGUMENTS) as unknown as number[]);
  }
  return text;
}

/** A string of characters below 256 as a byte each. */
function fromBinary(text: string): Uint8Array {
  if (hasBase64 && text.length > 64) return (Uint8Array as unknown as FromBase64).fromBase64(btoa(text));
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** A string of bytes, which are UTF-8, as the text that they are. */
const decoded = (binary: string): string => decodeURIComponent(escape(binary));
/** A text as a string of its bytes in UTF-8; `URIError` where it has half of a pair. */
const encoded = (text: string): string => unescape(encodeURIComponent(text));

/** UTF-8 as a text. */
export function decode(bytes: Uint8Array): string {
  const binary = toBinary(bytes);
  return BEYOND_ASCII.test(binary) ? decoded(binary) : binary;
}

/** A text as UTF-8. */
export function encode(text: string): Uint8Array {
  return fromBinary(BEYOND_ASCII.test(text) ? encoded(text) : text);
}

/** The texts that lie between neighbouring offsets. */
export function decodeAll(offsets: Int32Array, data: Uint8Array): string[] {
  const n = offsets.length - 1;
  const texts = new Array<string>(n);
  const binary = toBinary(data);
  const ascii = !BEYOND_ASCII.test(binary);
  for (let row = 0, start = 0; row < n; row++) {
    const end = offsets[row + 1]!;
    const text = binary.slice(start, end);
    texts[row] = ascii || !BEYOND_ASCII.test(text) ? text : decoded(text);
    start = end;
  }
  return texts;
}

/** Texts one after the other, as UTF-8, and where each begins and ends. */
export function encodeAll(texts: readonly string[]): { offsets: Uint8Array; data: Uint8Array } {
  const n = texts.length;
  const offsets = new Int32Array(n + 1);
  let joined = texts.join('');
  if (BEYOND_ASCII.test(joined)) {
    texts = texts.map((text) => (BEYOND_ASCII.test(text) ? encoded(text) : text));
    joined = texts.join('');
  }
  for (let row = 0, end = 0; row < n; row++) {
    const text = texts[row];
    if (typeof text !== 'string') throw new TypeError(`${String(text)} is no string`);
    offsets[row + 1] = end += text.length;
  }
  return { offsets: bytesOf(offsets), data: fromBinary(joined) };
}
