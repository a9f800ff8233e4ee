/** What a word count needs: lines to words, and how often each comes, in a batch and since the job began. */

import { aggregate, flatMap, integer, string, updateStateByKey } from 'sluicebox';

export const split = flatMap(
  {
    doc: 'Words of lines, at single spaces; there are no empty words.',
    input: string,
    output: string.as('word'),
  },
  (line) => line.split(' ').filter((word) => word !== ''),
);

export const tally = aggregate({
  doc: 'How many rows a key has.',
  partial: integer.as('count'),
  fold: (rows) => rows.length,
  merge: (whole, part) => whole + part,
  unmerge: (whole, part) => whole - part,
});

export const runningCount = updateStateByKey(
  {
    doc: 'How often each word has come since the job began.',
    key: string,
    state: integer.as('count'),
  },
  (_word, rows, count) => (count ?? 0) + rows.length,
);
