import type { Json } from '../../src/domain/json.ts';
import type { Difference, Tally } from './replay-file.ts';

const SHOWN = 10;
const LONGEST = 600;

const short = (value: Json): string => {
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
};

const differenceLines = ({ id, expected, actual }: Difference): readonly string[] => [
  `  ${id}`,
  `    expected ${short(expected)}`,
  `    actual   ${short(actual)}`,
];

/** Lines about one file: how many are the same, which differences are intended, and the first of the others. */
export function tallyLines(name: string, { total, same, intended, different }: Tally): readonly string[] {
  const rules = [...intended].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rule, n]) => `${rule} x${n}`);
  const rest = different.length - SHOWN;
  return [
    `${name} ${same}/${total}${rules.length === 0 ? '' : `, intended differences: ${rules.join(', ')}`}`,
    ...different.slice(0, SHOWN).flatMap(differenceLines),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}
