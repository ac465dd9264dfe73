import { afterEach, expect, test } from '@jest/globals';
import { PrometheusSources } from '../../../../src/adapters/prometheus/sources.ts';
import { plainServer } from '../../../../src/domain/config/prometheus-servers.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

const sources = new PrometheusSources({
  read: () => Promise.reject(new Error('nothing to read')),
  clock: new ManualClock(),
  telemetry: new TallyingTelemetry(),
  version: '0',
});
afterEach(() => sources.close());

const main = () => plainServer('main', 'http://prometheus.monitoring:9090');

test('servers that are described alike are one source, which keeps its connections', () => {
  expect(sources.of(main())).toBe(sources.of(main()));
});

test('one that is described anew, or bears another name, is another', () => {
  const first = sources.of(main());
  expect(sources.of({ ...main(), name: 'second' })).not.toBe(first);
  const changed = sources.of({ ...main(), timeout: seconds(1) });
  expect(changed).not.toBe(first);
  expect(sources.of({ ...main(), timeout: seconds(1) })).toBe(changed);
});
