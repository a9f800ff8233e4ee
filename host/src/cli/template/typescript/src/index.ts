/** Operators in TypeScript: what the module exports, `sluicebox plugin build` makes a component of. */

import { map, string } from 'sluicebox';

export const shout = map(
  { name: '{operator}', doc: 'Lines in capitals.', input: string, output: string.as('line') },
  (line): string => line.toUpperCase(),
);
