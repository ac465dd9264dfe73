import { keyOfSetting } from '../../domain/annotation/table.ts';
import type { PlannedQuestion } from '../../domain/plan/question.ts';
import type { Key } from '../../domain/key.ts';
import { isNumber, outcomeOf, type Answer } from '../../domain/prometheus/answer.ts';
import { desiredPods, meaningOf } from '../../domain/prometheus/desired-pods.ts';
import { numberOf } from '../../domain/prometheus/null-values.ts';
import { shownNumber } from '../../domain/record/numbers.ts';
import { rfc3339 } from '../../domain/rfc3339.ts';
import { since, type Instant } from '../../domain/time.ts';

/** What was asked for a revision, and what came of it. */
export interface Report extends PlannedQuestion {
  readonly revision: Key;
  readonly answer: Answer;
  readonly now: Instant;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  scalar: 'scalar: one number',
  vector: 'vector: exactly one series',
};

/** The number that the revision scales by, or undefined. */
const valueIn = ({ answer, zeroFor }: Report): number | undefined => numberOf(answer.reading, zeroFor);

/** Why there is no number, in one sentence; undefined when there is one. */
export const problemOf = (report: Report): string | undefined => {
  const { reading } = report.answer;
  return isNumber(reading) || valueIn(report) !== undefined ? undefined : reading.message;
};

/** Lines for people. */
export function reportText(report: Report): string {
  const { answer, server, zeroFor } = report;
  const { reading } = answer;
  const value = valueIn(report);
  const lines: (readonly [string, string | undefined])[] = [
    ['revision', report.revision],
    ['query', report.query + (report.derived ? '   (derived from the name of the metric)' : '')],
    ['server', `${server.name}, ${server.address}`],
    ['answer', answer.raw === undefined ? 'none' : answer.raw.replaceAll(/\s+/g, ' ').trim()],
    ['class', OUTCOMES[reading.is] ?? outcomeOf(reading)],
    ['age', isNumber(reading) ? ageOf(report, reading.at) : undefined],
    ['took', `${Math.round(answer.took)} ms`],
    ['warnings', isNumber(reading) && reading.warnings.length > 0 ? reading.warnings.join('; ') : undefined],
    [
      'value',
      value === undefined
        ? 'none'
        : shownNumber(value) +
          (isNumber(reading)
            ? ''
            : `   (${zeroFor === 'nulls' ? 'ignoreNullValues' : keyOfSetting('emptyResult')})`),
    ],
    ['means', value === undefined ? undefined : meaningOf(value, report.comparison)],
  ];
  return lines
    .flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(9)} ${text}\n`]))
    .join('');
}

const ageOf = ({ now }: Report, at: Instant): string =>
  `${(since(at, now) / 1000).toFixed(1)} s, evaluated at ${rfc3339(at)} by the server's clock`;

/** The same for programs, as JSON. */
export function reportJson(report: Report): string {
  const { answer, server, comparison } = report;
  const { reading } = answer;
  const value = valueIn(report);
  return JSON.stringify(
    {
      revision: report.revision,
      query: report.query,
      derived: report.derived,
      server: { name: server.name, address: server.address },
      raw: answer.raw ?? null,
      class: outcomeOf(reading),
      evaluatedAt: isNumber(reading) ? rfc3339(reading.at) : null,
      ageSeconds: isNumber(reading) ? since(reading.at, report.now) / 1000 : null,
      tookMs: Math.round(answer.took),
      warnings: isNumber(reading) ? reading.warnings : [],
      value: value ?? null,
      target: comparison.target,
      metricType: comparison.metricType,
      desiredPods: value === undefined ? null : desiredPods(value, comparison),
      problem: problemOf(report) ?? null,
    },
    undefined,
    2,
  ).concat('\n');
}
