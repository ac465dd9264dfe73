import { describe, expect, test } from '@jest/globals';
import { configMapView, type ConfigMap } from '../../../../src/domain/k8s/read/config-map.ts';
import { secretView, type Secret } from '../../../../src/domain/k8s/read/secret.ts';
import type { HasMeta } from '../../../../src/domain/k8s/meta.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import { Store } from '../../../../src/engine/store.ts';
import { liveConfig } from '../../../../src/processes/activator/config.ts';
import { internalTls } from '../../../../src/processes/activator/tls.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';
import { SilentLog } from '../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

const storeOf = <T extends HasMeta>(): Store<T> =>
  new Store<T>({ indexes: {}, onBrokenListener: () => undefined, clock: new ManualClock() });
const put = <T extends HasMeta>(store: Store<T>, item: T): void =>
  store.upsert({ key: keyOf('knative-serving', item.metadata.name), uid: '', item });

const configMap = (name: string, data: object, labels: object = {}): ConfigMap =>
  configMapView.parse({ metadata: { name, namespace: 'knative-serving', labels }, data });

test('a good edit of a ConfigMap is in force at once, a bad one is refused, and without one the defaults hold', () => {
  const [store, telemetry, log] = [storeOf<ConfigMap>(), new TallyingTelemetry(), new SilentLog()];
  const config = liveConfig(store, { telemetry, log });
  const standing = (): readonly unknown[] => [
    config().network.systemInternalTls,
    telemetry.valueOf('hpa_bridge_config_valid', { configmap: 'config-network' }),
  ];
  put(store, configMap('config-network', { 'system-internal-tls': 'Enabled' }));
  expect(standing()).toEqual([true, 1]);
  put(store, configMap('config-network', { 'system-internal-tls': 'perhaps' }));
  expect(standing()).toEqual([true, 0]);
  expect(log.lines.map(({ fields }) => fields.detail)).toEqual([
    'system-internal-tls is "perhaps": expected disabled or enabled, for example disabled.',
  ]);
  store.remove(keyOf('knative-serving', 'config-network'));
  expect(standing()).toEqual([false, 1]);
});

describe('TLS within the cluster', () => {
  const secret = (data: Readonly<Record<string, string>>): Secret =>
    secretView.parse({
      metadata: { name: 'routing-serving-certs', namespace: 'knative-serving' },
      data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, btoa(text)])),
    });
  const made = (): {
    readonly secrets: Store<Secret>;
    readonly bundles: Store<ConfigMap>;
    readonly tls: ReturnType<typeof internalTls>;
  } => {
    const [secrets, bundles] = [storeOf<Secret>(), storeOf<ConfigMap>()];
    const cache = { run: () => Promise.resolve() };
    const tls = internalTls({
      certificates: { ...cache, kind: 'Secret', store: secrets },
      configMaps: { ...cache, kind: 'ConfigMap', store: bundles },
    });
    return { secrets, bundles, tls };
  };

  test('pods are believed by the authorities of the Secret and of trust bundles, and by no others', () => {
    const { secrets, bundles, tls } = made();
    expect(tls.authorities()).toBeUndefined();
    put(bundles, configMap('other', { 'ca.crt': 'OTHER' }));
    put(
      bundles,
      configMap('trusted', { 'a.pem': 'BUNDLE' }, { 'networking.knative.dev/trust-bundle': 'true' }),
    );
    put(secrets, secret({ 'ca.crt': 'OWN' }));
    expect(tls.authorities()).toBe('OWN\nBUNDLE');
  });

  test('a certificate is shown when it is there, and again only when it is another one', () => {
    const { secrets, tls } = made();
    const shown: string[] = [];
    put(secrets, secret({ 'tls.crt': 'CERT' }));
    tls.onCertificate(({ cert, key }) => shown.push(`${cert} ${key}`));
    put(secrets, secret({ 'tls.crt': 'CERT', 'tls.key': 'KEY' }));
    put(secrets, secret({ 'tls.crt': 'CERT', 'tls.key': 'KEY', 'ca.crt': 'CA' }));
    put(secrets, secret({ 'tls.crt': 'NEXT', 'tls.key': 'KEY' }));
    expect(shown).toEqual(['CERT KEY', 'NEXT KEY']);
  });
});
