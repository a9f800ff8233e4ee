/** Sessions of keys by the time that their rows say: a session ends when the next row comes more than a gap after its last one. */

import { config, int64, mapWithState, string } from 'sluicebox';

const session = { start: int64, end: int64, count: int64 };

const max = (a, b) => (a > b ? a : b);
const min = (a, b) => (a < b ? a : b);

export const sessionize = mapWithState(
  {
    doc: 'Sessions that are over: their first and last time, and how many rows they had. A row that comes late belongs to the session that is open.',
    // The longest time between two rows of a session, in milliseconds.
    config: { gapMs: config.bigInteger },
    key: string,
    input: { at: int64 },
    state: session,
    output: session,
  },
  (_key, row, state, { config: { gapMs } }) => {
    if (row === undefined) return [];
    const { at } = row;
    const before = state.get();
    if (before !== undefined && at <= before.end + gapMs) {
      state.update({
        start: min(before.start, at),
        end: max(before.end, at),
        count: before.count + 1n,
      });
      return [];
    }
    state.update({ start: at, end: at, count: 1n });
    return before === undefined ? [] : [before];
  },
);
