import { expect, test } from '@jest/globals';
import { BOOT } from '../../../../src/domain/config/boot.ts';
import { settingOf } from '../../../../src/domain/doctor/settings.ts';
import { bridgePodView } from '../../../../src/domain/k8s/read/bridge-pod.ts';

const USUAL = {
  externalMetricsService: BOOT.externalMetricsService.default,
  externalMetricsSecret: BOOT.externalMetricsSecret.default,
  webhookService: BOOT.webhookService.default,
  webhookSecret: BOOT.webhookSecret.default,
};
const pod = (env: readonly object[]): ReturnType<typeof bridgePodView.parse> =>
  bridgePodView.parse({ metadata: { name: 'p' }, spec: { containers: [{ env }] } });
const set = pod([
  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  { name: 'HPA_BRIDGE_WEBHOOK_SECRET', value: 'hpa-bridge-webhook-tls' },
]);

test('a setting is as the pods have it, unless whoever asks says another one', () => {
  expect(settingOf('webhookSecret', USUAL, [set])).toBe('hpa-bridge-webhook-tls');
  expect(settingOf('webhookSecret', { ...USUAL, webhookSecret: 'mine' }, [set])).toBe('mine');
});

test('what they do not say is as it is by default', () => {
  expect(settingOf('externalMetricsSecret', USUAL, [set])).toBe('hpa-bridge-external-metrics');
  expect(settingOf('webhookSecret', USUAL, [pod([{ name: 'HPA_BRIDGE_WEBHOOK_SECRET' }])])).toBe(
    'hpa-bridge-webhook',
  );
  expect(settingOf('webhookSecret', USUAL, [])).toBe('hpa-bridge-webhook');
});
