// The JavaScript guest of the boundary benchmark: three workloads on every shape of a batch.
import { emit, emitBody } from 'sluicebox-bench:boundary/outlet@0.1.0';

const BLANK = 32;

// A typed array over bytes needs their address to be a multiple of its width, which nobody promises: copy where it isn't.
function view(Type, bytes) {
  const width = Type.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  return new Type(aligned.buffer, aligned.byteOffset, aligned.byteLength / width);
}

function bytesOf(typed) {
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}

// The words of rows that lie between neighbouring offsets: their offsets and bytes.
function splitRows(offsets, data) {
  const out = new Uint8Array(data.length);
  const ends = new Uint32Array(data.length + offsets.length + 1);
  let rows = 0;
  let at = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const end = offsets[row + 1];
    for (let p = offsets[row]; p < end; p++) {
      const byte = data[p];
      if (byte === BLANK) ends[++rows] = at;
      else out[at++] = byte;
    }
    ends[++rows] = at;
  }
  return { rows, offsets: ends.slice(0, rows + 1), data: out.slice(0, at) };
}

function splitBatch(batch) {
  const { rows, offsets, data } = splitRows(view(Uint32Array, batch.buffers[1]), batch.buffers[2]);
  return { rows, nodes: [{ length: rows, nullCount: 0 }], buffers: [new Uint8Array(0), bytesOf(offsets), data] };
}

function buffer(body, index) {
  const [start, end] = body.ranges[index];
  return body.bytes.subarray(start, end);
}

// The bindings make s64 a number, exact up to 2^53; the sums here stay below it.
function sumBytes(bytes) {
  const words = view(Int32Array, bytes);
  let sum = 0;
  for (let i = 0; i < words.length; i += 2) sum += words[i + 1] * 4294967296 + (words[i] >>> 0);
  return sum;
}

const same = (input) => input;
const rowsOf = (input) => input.rows;

export const calls = {
  nothing() {},
  take: rowsOf,
  takeBody: rowsOf,
  takeTable: rowsOf,
  echo: same,
  echoBody: same,
  echoTable: same,
  echoStrings: same,
  echoLines: same,
  echoNumbers: same,
  echoEmit(input) {
    emit(input);
  },
  echoEmitBody(input) {
    emitBody(input);
  },
  split: splitBatch,
  splitBody(input) {
    const { rows, offsets, data } = splitRows(view(Uint32Array, buffer(input, 1)), buffer(input, 2));
    const middle = offsets.byteLength;
    const end = middle + data.length;
    const bytes = new Uint8Array(end);
    bytes.set(bytesOf(offsets), 0);
    bytes.set(data, middle);
    return { rows, nodes: [{ length: rows, nullCount: 0 }], ranges: [[0, 0], [0, middle], [middle, end]], bytes };
  },
  splitTable(input) {
    const text = input.columns[0].val;
    const { rows, offsets, data } = splitRows(text.offsets, text.bytes);
    return { rows, columns: [{ tag: 'utf8', val: { validity: undefined, offsets, bytes: data } }] };
  },
  splitStrings(input) {
    return input.flatMap((line) => line.split(' '));
  },
  splitLines(input) {
    return input.flatMap((line) => line.value.split(' ').map((value) => ({ value })));
  },
  splitEmit(input) {
    emit(splitBatch(input));
  },
  sum(input) {
    return sumBytes(input.buffers[1]);
  },
  sumBody(input) {
    return sumBytes(buffer(input, 1));
  },
  sumTable(input) {
    let sum = 0;
    for (const value of input.columns[0].val.values) sum += value;
    return sum;
  },
  sumNumbers(input) {
    let sum = 0;
    for (const number of input) sum += number.value;
    return sum;
  },
};

let opened = -1;

export const session = {
  open(operator, _config) {
    if (operator === '') throw 'no operator named';
    opened = 0;
  },
  process(input) {
    if (opened < 0) throw 'process before open';
    opened++;
    return input;
  },
  finish() {
    opened = -1;
    return undefined;
  },
};

class Operator {
  constructor(_operator, _config) {
    this.calls = 0;
  }
  process(input) {
    this.calls++;
    return input;
  }
  finish() {
    return undefined;
  }
}

export const sessions = { Operator };
