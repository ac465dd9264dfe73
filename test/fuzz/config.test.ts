import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AUTOSCALER_KEYS } from '../../src/domain/config/autoscaler-table.ts';
import { parseAutoscalerConfig } from '../../src/domain/config/autoscaler.ts';
import { BRIDGE_KEYS, parseBridgeConfig, unknownBridgeKeys } from '../../src/domain/config/bridge.ts';
import { DEPLOYMENT_KEYS, parseDeploymentConfig } from '../../src/domain/config/deployment.ts';
import { KEDA_KEYS, parseKedaConfig } from '../../src/domain/config/keda.ts';
import { isPrometheusAddress } from '../../src/domain/prometheus-address.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300);

const tables: readonly Readonly<Record<string, { readonly key: string }>>[] = [
  AUTOSCALER_KEYS,
  BRIDGE_KEYS,
  DEPLOYMENT_KEYS,
  KEDA_KEYS,
];
const keys = tables.flatMap((table) => Object.values(table).map(({ key }) => key));
const value = fc.oneof(
  fc.string(),
  fc.integer({ min: -3, max: 2000 }).map(String),
  fc.double({ min: -2, max: 300 }).map(String),
  fc.constantFrom('true', 'false', '10s', '6s', '1h', '0s', 'keda', 'cpu', 'http://h:9090', 'prometheus'),
  fc.webUrl(),
);
const data = fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), value, { maxKeys: 8 });

test('any data is a config or a sentence', () => {
  fc.assert(
    fc.property(data, (given) => {
      for (const parse of [
        parseAutoscalerConfig,
        parseKedaConfig,
        parseDeploymentConfig,
        parseBridgeConfig,
      ]) {
        const parsed = parse(given);
        if (!parsed.ok) expect(parsed.error).toMatch(/[a-z]/);
      }
      for (const sentence of unknownBridgeKeys(given)) expect(sentence).toContain('config-hpa-bridge');
    }),
    { numRuns },
  );
});

test('a config that is accepted keeps the promises that the autoscaler relies on', () => {
  fc.assert(
    fc.property(data, (given) => {
      const parsed = parseAutoscalerConfig(given);
      if (!parsed.ok) return;
      const { minScale, maxScale, maxScaleLimit, stableWindow, maxScaleUpRate } = parsed.value;
      expect(minScale).toBeGreaterThanOrEqual(0);
      if (maxScale > 0) expect(minScale).toBeLessThanOrEqual(maxScale);
      if (maxScaleLimit > 0) expect(maxScale).toBeLessThanOrEqual(maxScaleLimit);
      expect(stableWindow >= 6_000_000_000n && stableWindow <= 3_600_000_000_000n).toBe(true);
      expect(maxScaleUpRate > 1 || Number.isNaN(maxScaleUpRate)).toBe(true);
    }),
    { numRuns },
  );
});

test('an address that is accepted is an http(s) URL with a host, exactly as written', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl({ withQueryParameters: true }),
        fc.string(),
        fc.string().map((rest) => `http://${rest}`),
      ),
      (text) => {
        if (!isPrometheusAddress(text)) return;
        const url = new URL(text);
        expect(['http:', 'https:']).toContain(url.protocol);
        expect(url.hostname).not.toBe('');
        expect([url.username, url.password, url.search, url.hash]).toEqual(['', '', '', '']);
      },
    ),
    { numRuns },
  );
});
