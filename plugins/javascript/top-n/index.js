/** The highest scores of a key, as a text. */

import { aggregate, config, encodeText, int64, list, string } from 'sluicebox';

export const topN = aggregate({
  doc: 'The names with the highest scores, as `name=score,...`: higher scores first, and of equal ones the name that comes first by its bytes.',
  config: { n: config.optional(config.whole({ min: 1 }), 10) },
  input: { name: string, score: int64 },
  partial: { names: list(string), scores: list(int64) },
  output: string.as('top'),
  fold: (rows, { config: { n } }) => best(rows, n),
  merge: (whole, part, { config: { n } }) => best([...rowsOf(whole), ...rowsOf(part)], n),
  finish: (partial) =>
    rowsOf(partial)
      .map(({ name, score }) => `${name}=${score}`)
      .join(','),
});

const rowsOf = ({ names, scores }) => names.map((name, at) => ({ name, score: scores[at] }));

/** The first of the rows, by score and name. */
function best(rows, n) {
  const first = [...rows].sort((a, b) => (a.score > b.score ? -1 : a.score < b.score ? 1 : byBytes(a.name, b.name))).slice(0, n);
  return {
    names: first.map((row) => row.name),
    scores: first.map((row) => row.score),
  };
}

/** Which text comes first by its bytes in UTF-8: the order of strings differs from it beyond 16 bits. */
function byBytes(a, b) {
  if (a === b) return 0;
  const [x, y] = [encodeText(a), encodeText(b)];
  const at = x.findIndex((byte, at) => byte !== y[at]);
  return at < 0 ? -1 : x[at] - (y[at] ?? -1);
}
