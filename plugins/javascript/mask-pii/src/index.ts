/** Texts of which only the end is shown: what must not be read by those who read the stream. */

import { Column, InvalidConfig, InvalidInput, config, shownType, string, nullable, transform } from 'sluicebox';

const text = nullable(string);

export const maskPii = transform({
  doc: "Rows with all characters of some columns' texts masked, but for the last; nulls and other columns are left as they are.",
  kind: 'map',
  config: {
    columns: config.listOf(config.text),
    keep: config.optional(config.whole({ min: 0 }), 4),
    mask: config.optional(config.character, '*'),
  },

  bind(input, { columns }) {
    for (const name of columns) {
      const field = input.find((known) => known.name === name);
      if (field === undefined) throw new InvalidConfig(`columns: the stream has no column \`${name}\``);
      if (shownType(field.type) !== 'string') throw new InvalidInput(`column \`${name}\` is ${shownType(field.type)}, and only strings are masked`);
    }
    return input;
  },

  open(input, { config: { columns, keep, mask } }) {
    const isMasked = input.map((field) => columns.includes(field.name));
    const masked = (value: string | null): string | null => (value === null ? null : hide(value, keep, mask));
    return {
      process: (columns: readonly Column[]) => columns.map((column, at) => (isMasked[at] ? text.write(text.read(column).map(masked)) : column)),
    };
  },
});

const PAIRS = /[\ud800-\udfff]/;

/** A text masked. Characters beyond 16 bits are two in a string, and one to people. */
function hide(value: string, keep: number, mask: string): string {
  const characters = PAIRS.test(value) ? Array.from(value) : value;
  const hidden = Math.max(characters.length - keep, 0);
  const shown = typeof characters === 'string' ? characters.slice(hidden) : characters.slice(hidden).join('');
  return mask.repeat(hidden) + shown;
}
