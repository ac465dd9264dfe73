import { beforeEach, expect, test } from '@jest/globals';
import { FaultError } from '../../../../src/domain/fault.ts';
import type { RevisionDecisions } from '../../../../src/domain/record/schema.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { explainOn, explainOnce, type ExplainParts } from '../../../../src/processes/explain/explain.ts';
import { decisionsOf } from '../../../builders/decisions.ts';
import { queryRecordOf } from '../../../builders/record.ts';
import { steadily } from '../../../builders/signal.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';

const at = (second: number, value: number) =>
  queryRecordOf({ said: [...steadily(value, 0, 60), [second, value]], at: second });
const FIRST = decisionsOf([at(75, 46)], 76);
const SAME = decisionsOf([at(75, 46), at(90, 47)], 91);
const MORE = decisionsOf([at(75, 46), at(90, 47), at(105, 56), at(120, 66)], 121);

let clock: ManualClock;
let out: string[];
let problems: string[];
let says: RevisionDecisions | FaultError;
beforeEach(() => {
  clock = new ManualClock();
  [out, problems, says] = [[], [], FIRST];
});
const parts = (output: ExplainParts['output']): ExplainParts => ({
  ask: () => (says instanceof FaultError ? Promise.reject(says) : Promise.resolve(says)),
  output,
  say: { out: (text) => text !== '' && out.push(text), problem: (text) => problems.push(text) },
  clock,
});
const then = async (next: RevisionDecisions | FaultError): Promise<void> => {
  says = next;
  await clock.pass(seconds(2));
};

test('once, as JSON', async () => {
  await explainOnce(parts('json'), new AbortController().signal);
  expect(JSON.parse(out.join(''))).toEqual(FIRST);
});

test('on and on: each run that begins is one line, in order', async () => {
  const stop = new AbortController();
  const going = explainOn(parts('text'), stop.signal);
  await clock.pass(seconds(0));
  expect(out.splice(0).join('')).toContain('decision  4 -> 5: 46 / target 10 per pod, fresh\n');
  await then(SAME);
  expect(out).toEqual([]);
  await then(MORE);
  expect(out).toEqual([
    '03:05:50Z 4 -> 6: 56 / target 10 per pod, fresh\n03:06:05Z 4 -> 7: 66 / target 10 per pod, fresh\n',
  ]);
  stop.abort(new Error('enough'));
  await expect(going).rejects.toThrow('enough');
});

test('as JSON, a document of one line for each change', async () => {
  const stop = new AbortController();
  const going = explainOn(parts('json'), stop.signal);
  await clock.pass(seconds(0));
  await then(SAME);
  await then(MORE);
  expect(out.map((line) => JSON.parse(line) as RevisionDecisions)).toEqual([FIRST, MORE]);
  expect(out.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  stop.abort(new Error('enough'));
  await expect(going).rejects.toThrow('enough');
});

test('who does not answer for a while is asked again, and that is said once', async () => {
  const stop = new AbortController();
  const going = explainOn(parts('text'), stop.signal);
  await clock.pass(seconds(0));
  const gone = new FaultError({ code: 'api_unavailable', message: 'No answer.' });
  await then(gone);
  await then(gone);
  expect(problems).toEqual(['hpa-bridge: No answer.\n']);
  out = [];
  await then(MORE);
  expect(out.join('')).toContain('4 -> 7');
  stop.abort(new Error('enough'));
  await expect(going).rejects.toThrow('enough');
});
