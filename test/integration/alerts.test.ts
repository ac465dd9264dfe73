import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { RUNBOOKS } from '../../tools/dashboards/links.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';
import { filesUnder } from '../files.ts';
import { ALERT_CASES, type AlertCase } from './alerts/cases.ts';

interface Rule {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const FILE = resolve('dashboards/rules/hpa-bridge.yaml');
const { groups } = parse(readFileSync(FILE, 'utf8')) as { groups: { rules: Rule[] }[] };
const RULES = groups.flatMap(({ rules }) => rules);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-alerts-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What promtool says, or nothing where all is well. */
function said(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8' });
  return status === 0 ? '' : `${error?.message ?? ''}${stdout}${stderr}`;
}

/** Whether the alert fires at the end of the case, with the labels that the case says and no others. */
function resultOf(alert: string, { series, at, fires }: AlertCase): string {
  const labels = Object.entries({ alertname: alert, alertstate: 'firing', ...fires })
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ');
  const cases = {
    rule_files: [FILE],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: [
          {
            expr: `ALERTS{alertname="${alert}", alertstate="firing"}`,
            eval_time: at,
            exp_samples: fires === undefined ? [] : [{ labels: `ALERTS{${labels}}`, value: 1 }],
          },
        ],
      },
    ],
  };
  const file = join(folder, `${alert}.yaml`);
  writeFileSync(file, JSON.stringify(cases));
  return said('test', 'rules', file);
}

withPrometheus('promtool', () => {
  test('takes the rules', () => expect(said('check', 'rules', FILE)).toBe(''));

  describe.each(Object.entries(ALERT_CASES))('%s', (alert, { firing, quiet }) => {
    const severity = RULES.find((rule) => rule.alert === alert)?.labels['severity'] ?? '';
    test.each(Object.entries(firing))('fires: %s', (_, one) =>
      expect(resultOf(alert, { ...one, fires: { severity, ...one.fires } })).toBe(''),
    );
    test.each(Object.entries(quiet))('is quiet: %s', (_, one) => expect(resultOf(alert, one)).toBe(''));
  });
});

test('every alert has a case in which it fires and one in which it does not', () => {
  expect(Object.keys(ALERT_CASES).sort()).toEqual(RULES.map(({ alert }) => alert).sort());
  for (const { firing, quiet } of Object.values(ALERT_CASES))
    expect([Object.keys(firing).length > 0, Object.keys(quiet).length > 0]).toEqual([true, true]);
});

describe.each(RULES)('$alert', ({ alert, labels, annotations }) => {
  test('says what is wrong and where it is told what to do', () => {
    expect(['critical', 'warning']).toContain(labels['severity']);
    expect(annotations['summary']).toMatch(/\.$/);
    expect(annotations['description']).toMatch(/[.}]$/);
    expect(annotations['runbook_url']).toBe(`${RUNBOOKS}/${alert}`);
  });

  test('names only labels that it has when it fires', () => {
    const text = Object.values(annotations).join(' ');
    const named = new Set([...text.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name));
    for (const { fires } of Object.values(ALERT_CASES[alert]?.firing ?? {}))
      expect(Object.keys(fires)).toEqual(expect.arrayContaining([...named]));
  });
});

test('every alert has a runbook with the same parts, and is listed in docs/monitoring.md; there are no others', () => {
  const runbooks = filesUnder('docs/runbooks', '.md');
  expect(runbooks).toEqual(RULES.map(({ alert }) => `docs/runbooks/${alert}.md`).sort());
  for (const file of runbooks) {
    const heads = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, head]) => head);
    expect(heads).toEqual([
      file.slice('docs/runbooks/'.length, -'.md'.length),
      'Meaning',
      'Impact',
      'Diagnosis',
      'Mitigation',
    ]);
  }
  const listed = [
    ...readFileSync('docs/monitoring.md', 'utf8').matchAll(/^\| \[(HpaBridge\w+)\]\(\S+\) \| (\w+)/gm),
  ];
  expect(listed.map(([, name, severity]) => [name, severity])).toEqual(
    RULES.map(({ alert, labels }) => [alert, labels['severity']]),
  );
});
