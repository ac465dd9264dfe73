import { NOTHING_AROUND } from '../../src/domain/plan/world.ts';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOfSetting, type Setting } from '../../src/domain/annotation/table.ts';
import { LIVE_DEFAULTS } from '../../src/domain/config/live.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.ts';
import { keyOf } from '../../src/domain/key.ts';
import { podAutoscalerView } from '../../src/domain/k8s/read/pod-autoscaler.ts';
import { intentOf } from '../../src/domain/plan/intent-of.ts';
import { scaledObjectFor } from '../../src/domain/plan/scaled-object.ts';
import { instant } from '../../src/domain/time.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 500);

/** Near-valid texts, so that every branch is reached, beside any text. */
const TEXTS = {
  metric: fc.constantFrom('cpu', 'memory', 'http_requests_total', 'a b', ''),
  metricType: fc.constantFrom('Value', 'AverageValue', 'Utilization', 'x'),
  target: fc.oneof(fc.double().map(String), fc.constantFrom('5', '0.5', '1000', '1e400', '-1')),
  minScale: fc.integer({ min: -1, max: 6 }).map(String),
  maxScale: fc.integer({ min: -1, max: 6 }).map(String),
  window: fc.constantFrom('60s', '1h', '2h', '-1s', '1ns', 'x'),
  prometheusQuery: fc.constantFrom('up', '{{ .revisionName }}', '{{ .x }}', '{{', ''),
  prometheusAddress: fc.constantFrom('http://p:9090', 'http://evil', 'http://u:secret@p:9090', '/'),
  kedaTrigger: fc.constantFrom('bridge', 'prometheus', 'x'),
  triggerPrometheusName: fc.constantFrom('', 'a', 'b'),
  triggerPrometheusAuthName: fc.constantFrom('', 'a'),
  triggerPrometheusAuthKind: fc.constantFrom('TriggerAuthentication', 'x'),
  triggerPrometheusAuthModes: fc.constantFrom('basic', 'tls,bearer', 'x'),
};

const metadata = fc.dictionary(
  fc.constantFrom('serverAddress', 'query', 'threshold', 'value', '__proto__'),
  fc.constantFrom<Json>('http://p:9090', 'http://evil', 'up', '5', '1k', '50', 3, null),
);
const trigger = fc.record(
  {
    type: fc.constantFrom<Json>('prometheus', 'cpu', 'memory', 'kafka', '', 5),
    name: fc.constantFrom<Json>('a', 'b', '', null),
    metadata: fc.oneof(
      metadata,
      fc.constant({ serverAddress: 'http://p:9090', query: 'up', threshold: '5' }),
    ),
    metricType: fc.constantFrom<Json>('Value', 'AverageValue', 'Utilization', 'x'),
    future: fc.constant(1),
  },
  { requiredKeys: ['type'] },
);
const rules = fc.record(
  {
    stabilizationWindowSeconds: fc.constantFrom<Json>(0, 60, 4000, '5'),
    tolerance: fc.constantFrom<Json>('0.1', 0.05, '-1', 'x'),
    scaleUp: fc.constant({}),
    policies: fc.constantFrom<Json>([], [{ type: 'Pods', value: 4, periodSeconds: 15 }], [{}], {}),
  },
  { requiredKeys: [] },
);
const modifiers = fc.record(
  { formula: fc.constantFrom('a + b', 'a', ''), target: fc.constantFrom('5', '0', 'x') },
  { requiredKeys: [] },
);
const override = fc.record({
  spec: fc.record(
    {
      triggers: fc.array(trigger, { maxLength: 2 }),
      minReplicaCount: fc.constantFrom<Json>(0, 1, 9, -1),
      idleReplicaCount: fc.constantFrom<Json>(0, 1, 9),
      maxReplicaCount: fc.constantFrom<Json>(0, 99),
      advanced: fc.record({ scalingModifiers: modifiers }, { requiredKeys: [] }),
      future: fc.json().map((text) => JSON.parse(text) as Json),
    },
    { requiredKeys: [] },
  ),
});
const json = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 8, arbitrary: value.map((it) => JSON.stringify(it)) }, fc.json(), fc.string());

const ALL: Readonly<Record<string, fc.Arbitrary<string>>> = {
  ...TEXTS,
  extraPrometheusTriggers: json(fc.array(trigger, { maxLength: 3 })),
  scalingModifiers: json(modifiers),
  hpaScaleUpRules: json(rules),
  hpaScaleDownRules: json(rules),
  scaledObjectOverride: json(override),
};

/** A few annotations over a good start: with all of them at once, hardly an object would ever be built. */
const annotations = fc
  .tuple(
    fc.constantFrom<Readonly<Record<string, string>>>(
      { metric: 'cpu' },
      { metric: 'http_requests_total', target: '5' },
      { prometheusQuery: 'up', target: '0.5', triggerPrometheusName: 'a' },
    ),
    fc.subarray(Object.keys(ALL), { maxLength: 4 }),
    fc.record(ALL),
  )
  .map(([start, keys, texts]) => {
    const chosen = { ...start, ...Object.fromEntries(keys.map((key) => [key, texts[key] ?? ''])) };
    return Object.fromEntries(
      Object.entries(chosen).map(([key, text]) => [keyOfSetting(key as Setting), text]),
    );
  });

function built(texts: Readonly<Record<string, string>>): ReturnType<typeof scaledObjectFor> | undefined {
  const pa = podAutoscalerView.parse({
    metadata: { name: 'r', namespace: 'n', uid: 'the-pa', annotations: texts },
    spec: { scaleTargetRef: { name: 'r-deployment' } },
  });
  const intended = intentOf({
    key: keyOf('n', 'r'),
    at: instant(0),
    pa,
    revision: undefined,
    config: { ...LIVE_DEFAULTS, keda: { ...LIVE_DEFAULTS.keda, prometheusAddress: 'http://p:9090' } },
    kedaServed: true,
    ...NOTHING_AROUND,
  });
  return intended.ok && intended.value.backend === 'keda'
    ? scaledObjectFor(intended.value.intent)
    : undefined;
}

const list = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : [];

function judgeTrigger({ type, metadata: given }: JsonObject): void {
  expect(['prometheus', 'external-push', 'cpu', 'memory']).toContain(type);
  if (type === 'cpu' || type === 'memory') return;
  const { threshold, target, serverAddress, scalerAddress } = isJsonObject(given) ? given : {};
  const [address, aim] = type === 'prometheus' ? [serverAddress, threshold] : [scalerAddress, target];
  // Nobody but the platform owner says whom KEDA asks.
  expect(address).toBe(type === 'prometheus' ? 'http://p:9090' : LIVE_DEFAULTS.bridge.kedaScalerAddress);
  expect(JSON.parse(typeof aim === 'string' ? aim : 'null')).toBeGreaterThan(0);
}

function judge(object: JsonObject): void {
  const { spec, metadata: meta } = object;
  if (!isJsonObject(spec) || !isJsonObject(meta)) throw new Error('no spec');
  expect(spec['minReplicaCount']).toBeGreaterThanOrEqual(1);
  expect(Number(spec['minReplicaCount'])).toBeLessThanOrEqual(Number(spec['maxReplicaCount']));
  expect(list(meta['ownerReferences'])).toMatchObject([{ uid: 'the-pa', controller: true }]);
  expect(Object.getPrototypeOf(spec)).toBe(Object.prototype);
  const triggers = list(spec['triggers']);
  expect(triggers.length).toBeGreaterThan(0);
  triggers.forEach(judgeTrigger);
}

test('whatever the annotations say, the object is refused with sentences or one that KEDA can use', () => {
  let accepted = 0;
  fc.assert(
    fc.property(annotations, (texts) => {
      const result = built(texts);
      if (result === undefined) return;
      if (result.ok) {
        accepted++;
        judge(result.value.object);
        expect(result.value.mistakes.every(({ effect }) => effect !== 'refused')).toBe(true);
        return;
      }
      const refused = result.error.filter(({ effect }) => effect === 'refused');
      expect(refused.length).toBeGreaterThan(0);
      for (const { message } of refused) expect(message).toMatch(/^[\w./-]+[ :].*\.$/s);
      expect(JSON.stringify(result.error)).not.toContain('secret');
    }),
    { numRuns: RUNS },
  );
  // Otherwise nothing has been judged.
  expect(accepted).toBeGreaterThan(RUNS / 100);
});
