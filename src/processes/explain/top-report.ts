import { brief } from '../../domain/record/numbers.ts';
import { lengthOfTime } from './report.ts';
import type { TopRow } from './top.ts';

interface Column {
  readonly head: string;
  readonly of: (row: TopRow) => string;
}

const NONE = '-';
const shownOr = (n: number | null): string => (n === null ? NONE : brief(n));

const COLUMNS: readonly Column[] = [
  { head: 'NAMESPACE', of: ({ revision }) => revision.split('/')[0] ?? '' },
  { head: 'REVISION', of: ({ revision }) => revision.split('/')[1] ?? '' },
  { head: 'SIGNAL', of: ({ signal }) => signal },
  {
    head: 'VALUE/TARGET',
    of: ({ measured: { value, target, metricType } }) =>
      `${shownOr(value)}/${shownOr(target)}${metricType === 'Value' ? ' in all' : ''}`,
  },
  { head: 'DESIRED/READY', of: ({ pods, replicas }) => `${pods ?? NONE}/${replicas.ready}` },
  { head: 'RUNG', of: ({ rung }) => rung },
  { head: 'AGE', of: ({ ageSeconds }) => (ageSeconds === null ? NONE : lengthOfTime(ageSeconds * 1000)) },
];

const WIDE: readonly Column[] = [
  ...COLUMNS,
  { head: 'REPLICAS', of: ({ replicas }) => String(replicas.wanted ?? NONE) },
  { head: 'FAULT', of: ({ fault }) => fault ?? NONE },
  { head: 'DECISION', of: ({ sentence }) => sentence },
];

function drawn(columns: readonly Column[], rows: readonly TopRow[]): string {
  if (rows.length === 0) return 'hpa-bridge decides about no revision there.\n';
  const lines = [columns.map(({ head }) => head), ...rows.map((row) => columns.map(({ of }) => of(row)))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((text, i) => text.padEnd(widths[i] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** How rows are drawn, by the word that asks for it. */
export const TOPS = {
  text: (rows: readonly TopRow[]): string => drawn(COLUMNS, rows),
  wide: (rows: readonly TopRow[]): string => drawn(WIDE, rows),
  /** In one line, so that `--watch` gives a document a line. */
  json: (rows: readonly TopRow[]): string => `${JSON.stringify({ items: rows })}\n`,
} as const satisfies Readonly<Record<string, (rows: readonly TopRow[]) => string>>;
