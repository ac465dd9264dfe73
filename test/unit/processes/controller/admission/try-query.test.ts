import { expect, test } from '@jest/globals';
import type { Trial } from '../../../../../src/domain/admission/dry-run.ts';
import { plainServer } from '../../../../../src/domain/config/prometheus-servers.ts';
import { ms, seconds } from '../../../../../src/domain/time.ts';
import { queryTrier } from '../../../../../src/processes/controller/admission/try-query.ts';
import { ManualClock, settled } from '../../../../doubles/manual-clock.ts';
import { ScriptedSource } from '../../../../doubles/scripted-source.ts';

const SERVER = plainServer('main', 'http://main:9090');
const TRIAL: Trial = {
  key: 'query',
  query: 'q',
  derived: false,
  ofItself: false,
  server: SERVER,
  zeroFor: 'nothing',
  comparison: { target: 10, metricType: 'AverageValue', bounds: { min: 1, max: 20 }, replicas: 0 },
};
const SAID =
  'Tried now, query gives a scalar: value 47 / target 10 per pod -> 5 pods (at least 1, at most 20).';
const UNTRIED =
  'query could not be tried: the server main did not answer in time, which is no mistake of this object.';

function bench(): { readonly clock: ManualClock; readonly source: ScriptedSource } {
  const clock = new ManualClock();
  const source = new ScriptedSource(SERVER, clock, () => ({
    is: 'scalar',
    number: 47,
    at: clock.now(),
    warnings: [],
  }));
  return { clock, source };
}

test('an answer within the budget is told, one that takes longer is not waited for', async () => {
  const { clock, source } = bench();
  const tried = queryTrier({ sourceOf: () => source, clock });
  source.takes = ms(999);
  const quick = tried(TRIAL, seconds(1));
  await clock.pass(ms(999));
  expect(await quick).toBe(SAID);
  source.takes = ms(1001);
  const slow = tried(TRIAL, seconds(1));
  await clock.pass(seconds(1));
  expect(await slow).toBe(UNTRIED);
  // And the request is given up, so that nobody works for an answer that nobody hears.
  expect(source.open).toBe(0);
});

test('a source that does not heed the signal holds nobody up either', async () => {
  const { clock } = bench();
  const silence = new Promise<never>(() => undefined);
  const deaf = { ask: () => silence, askSeries: () => silence };
  const slow = queryTrier({ sourceOf: () => deaf, clock })(TRIAL, seconds(1));
  await clock.pass(seconds(1));
  expect(await slow).toBe(UNTRIED);
});

test('of a thousand at once four are asked at a time, and the others within the same second or not at all', async () => {
  const { clock, source } = bench();
  source.takes = ms(400);
  const tried = queryTrier({ sourceOf: () => source, clock });
  const all = Promise.all(Array.from({ length: 1000 }, () => tried(TRIAL, seconds(1))));
  await settled();
  expect(source.open).toBe(4);
  await clock.pass(ms(400));
  await settled();
  expect(source.open).toBe(4);
  await clock.pass(ms(400));
  await clock.pass(ms(200));
  const said = await all;
  expect(said.filter((one) => one === SAID)).toHaveLength(8);
  expect(said.filter((one) => one === UNTRIED)).toHaveLength(992);
  expect([source.open, source.asked.length]).toEqual([0, 12]);
});
