/**
 * Lines of one file, as they are appended to it.
 *
 * Its position is how many bytes were taken, so it goes on where it stood.
 */

import { Failed, Unavailable, config, count, decodeText, fs, receiver, string } from 'sluicebox';

/** The most that is read in one call, and the longest line. */
const CALL = 1 << 20;
const END = 10;

export const readLines = receiver(
  {
    doc: "Lines of a file, as UTF-8; those that aren't are counted as `lines_dropped`.",
    config: {
      // The file, below a directory of `read` in the plugin's grants.
      file: config.text,
      // Whether the source ends when all that is there has been read, a last line without its end included; if not, it waits for more.
      ends: config.optional(config.flag, false),
    },
    output: string.as('line'),
    replayable: true,
  },
  (position, { config: { file, ends } }) => {
    let offset = position === undefined ? 0 : offsetOf(position);
    return {
      receive(maxRows) {
        const bytes = read(file, offset);
        const atEnd = bytes.length <= CALL;
        const rows = [];
        let start = 0;
        while (rows.length < maxRows && start < bytes.length) {
          let end = bytes.indexOf(END, start);
          let after = end + 1;
          if (end < 0 && atEnd && ends) end = after = bytes.length;
          if (end < 0 && start === 0 && !atEnd) throw new Failed(`a line of ${file} has more than ${CALL} bytes`);
          // The line isn't whole yet.
          if (end < 0) break;
          const line = textOf(bytes.subarray(start, end));
          if (line === undefined) count('lines_dropped');
          else rows.push(line);
          start = after;
        }
        offset += start;
        return {
          rows,
          position: positionOf(offset),
          ended: ends && atEnd && start === bytes.length,
        };
      },
    };
  },
);

function read(file, offset) {
  try {
    return fs.read(file, offset, CALL + 1);
  } catch (error) {
    throw error instanceof fs.FileError ? new Unavailable(error.message) : error;
  }
}

/** A line's text; none where it isn't UTF-8. */
function textOf(line) {
  try {
    return decodeText(line);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function positionOf(offset) {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, BigInt(offset), true);
  return new Uint8Array(bytes.buffer);
}

function offsetOf(position) {
  if (position.length !== 8) throw new Failed('its position is of another receiver');
  return Number(new DataView(position.buffer, position.byteOffset, 8).getBigUint64(0, true));
}
