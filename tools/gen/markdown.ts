/** Text for one cell: no line break, and no bar that would end it. */
const cell = (text: string): string => text.replaceAll('\n', ' ').replaceAll('|', '\\|');

/** Text as code, whatever backticks it holds. */
export function code(text: string): string {
  if (text === '') return '';
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
  return fence.length === 1 ? `\`${text}\`` : `${fence} ${text} ${fence}`;
}

/** A table with a head. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** Parts of a page, an empty line between them, with a word about where it comes from. */
export const page = (title: string, ...parts: readonly string[]): string =>
  [`# ${title}`, '<!-- Written by `npm run gen`; edit the table in src, not this file. -->', ...parts]
    .join('\n\n')
    .concat('\n');
