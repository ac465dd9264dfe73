import { expect, test } from '@jest/globals';
import { NO_TRUST } from '../../../../../src/domain/external-metrics/trust.ts';
import { configMapView, type ConfigMap } from '../../../../../src/domain/k8s/read/config-map.ts';
import { liveTrust } from '../../../../../src/processes/controller/external-metrics/live-trust.ts';
import { SilentLog } from '../../../../doubles/silent-log.ts';

/** Trust that follows a ConfigMap; `says` changes it, and undefined takes it away. */
const bench = () => {
  const log = new SilentLog();
  let current: ConfigMap | undefined;
  let changed = (): void => undefined;
  const trust = liveTrust(
    { current: () => current, subscribe: (listener) => void (changed = listener) },
    log,
  );
  const says = (data: Record<string, string> | undefined): void => {
    current = data === undefined ? undefined : configMapView.parse({ metadata: { name: 'x' }, data });
    changed();
  };
  return { log, trust, says };
};

const FRONT = { 'requestheader-client-ca-file': 'CA 1', 'requestheader-allowed-names': '["front"]' };

test('a CA that rotates is followed', () => {
  const { trust, says } = bench();
  expect(trust()).toEqual(NO_TRUST);
  says(FRONT);
  expect(trust().requestHeaders?.ca).toBe('CA 1');
  says({ ...FRONT, 'requestheader-client-ca-file': 'CA 1\nCA 2' });
  expect(trust().requestHeaders?.ca).toBe('CA 1\nCA 2');
});

test('a version that cannot be read leaves the last good one in force, and is told', () => {
  const { log, trust, says } = bench();
  says(FRONT);
  says({ ...FRONT, 'requestheader-allowed-names': 'front' });
  expect(trust().requestHeaders?.allowedNames).toEqual(['front']);
  expect(log.lines).toMatchObject([
    { level: 'warn', fields: { detail: expect.stringContaining('allowed-names') as unknown } },
  ]);
});

test('when the ConfigMap goes, nobody is believed any more', () => {
  const { trust, says } = bench();
  says(FRONT);
  says(undefined);
  expect(trust()).toEqual(NO_TRUST);
});
