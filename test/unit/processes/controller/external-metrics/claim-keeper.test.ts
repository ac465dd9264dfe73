import { expect, test } from '@jest/globals';
import type { BridgeEvent } from '../../../../../src/domain/event.ts';
import { API_SERVICE } from '../../../../../src/domain/external-metrics/discovery.ts';
import { keyOf } from '../../../../../src/domain/key.ts';
import { apiServiceView, type ApiService } from '../../../../../src/domain/k8s/read/api-service.ts';
import { RESOURCES } from '../../../../../src/domain/k8s/resources.ts';
import { minutes, seconds } from '../../../../../src/domain/time.ts';
import { ClaimKeeper } from '../../../../../src/processes/controller/external-metrics/claim-keeper.ts';
import { ManualClock } from '../../../../doubles/manual-clock.ts';
import { MemoryWriter } from '../../../../doubles/memory-writer.ts';
import { TallyingTelemetry } from '../../../../doubles/tallying-telemetry.ts';

const OWN = { namespace: 'knative-serving', name: 'hpa-bridge-external-metrics' };
const ID = `APIService ${keyOf('', API_SERVICE)}`;
const KEDAS = { namespace: 'keda', name: 'keda-metrics-apiserver', port: 443 };

class Bench {
  readonly clock = new ManualClock();
  readonly writer = new MemoryWriter();
  readonly events: BridgeEvent[] = [];
  known = true;
  wanted = true;
  keda = false;
  bundle: string | undefined = 'BUNDLE';
  /** What the watch has shown last; undefined: what is stored. */
  seen: ApiService | 'nothing' | undefined;
  readonly keeper = new ClaimKeeper({
    apiService: { known: () => this.known, current: () => this.#current() },
    own: OWN,
    bundle: () => this.bundle,
    wanted: () => this.wanted,
    kedaServed: () => this.keda,
    writer: this.writer,
    recorder: { publish: (event) => void this.events.push(event) },
    clock: this.clock,
    telemetry: new TallyingTelemetry(),
  });

  #current(): ApiService | undefined {
    if (this.seen !== undefined) return this.seen === 'nothing' ? undefined : this.seen;
    const stored = this.writer.objects.get(ID);
    return stored === undefined ? undefined : apiServiceView.parse(stored);
  }

  get service(): unknown {
    const stored = this.writer.objects.get(ID);
    return stored === undefined ? undefined : apiServiceView.parse(stored).spec.service;
  }

  async foreign(): Promise<void> {
    const metadata = { name: API_SERVICE };
    const spec = { service: KEDAS };
    await this.writer.apply(RESOURCES.APIService, { apiVersion: '', kind: 'APIService', metadata, spec });
  }
}

test('nobody has it: it is taken', async () => {
  const bench = new Bench();
  await bench.keeper.keep();
  expect(bench.service).toEqual({ ...OWN, port: 443 });
});

test.each<[string, Partial<Bench>, string | undefined]>([
  ['it is not known yet who has it', { known: false }, undefined],
  ['there is no certificate', { bundle: undefined }, 'there is no certificate for it'],
  ['the owner does not want it', { wanted: false }, 'external-metrics is off in config-hpa-bridge'],
  ['KEDA is there', { keda: true }, 'KEDA is installed and is given time to bring its own'],
])('nobody has it, but %s: it is left free', async (_, state, hindrance) => {
  const bench = Object.assign(new Bench(), state);
  await bench.keeper.keep();
  await bench.clock.pass(minutes(1));
  await bench.keeper.keep();
  expect([bench.service, bench.keeper.hindrance()]).toEqual([undefined, hindrance]);
});

test('a KEDA without its API has two minutes to bring it', async () => {
  const bench = Object.assign(new Bench(), { keda: true });
  let wait = await bench.keeper.keep();
  expect(wait).toBe(minutes(2));
  await bench.clock.pass(seconds(119));
  wait = await bench.keeper.keep();
  expect([bench.service, wait]).toEqual([undefined, seconds(1)]);
  await bench.clock.pass(seconds(1));
  await bench.keeper.keep();
  expect(bench.service).toEqual({ ...OWN, port: 443 });
});

test('the two minutes begin anew when KEDA’s API was there in between', async () => {
  const bench = Object.assign(new Bench(), { keda: true });
  await bench.keeper.keep();
  await bench.clock.pass(seconds(100));
  await bench.foreign();
  await bench.keeper.keep();
  bench.writer.objects.clear();
  await bench.keeper.keep();
  await bench.clock.pass(seconds(100));
  await bench.keeper.keep();
  expect(bench.service).toBeUndefined();
});

test('somebody else was faster than the watch: it stays theirs', async () => {
  const bench = new Bench();
  await bench.foreign();
  bench.seen = 'nothing';
  await bench.keeper.keep();
  expect(bench.service).toEqual(KEDAS);
});

test('it changed hands before the watch told: the bundle of the other is not touched', async () => {
  const bench = new Bench();
  await bench.keeper.keep();
  bench.seen = apiServiceView.parse(bench.writer.objects.get(ID));
  await bench.foreign();
  bench.bundle = 'NEW';
  await expect(bench.keeper.keep()).rejects.toMatchObject({ fault: { code: 'conflict' } });
  expect(bench.service).toEqual(KEDAS);
});

test('who has it is said once, and again when that changes', async () => {
  const bench = new Bench();
  await bench.foreign();
  await bench.keeper.keep();
  await bench.keeper.keep();
  expect(bench.events).toMatchObject([
    {
      reason: 'ExternalMetricsForeign',
      message:
        'v1beta1.external.metrics.k8s.io is served by keda/keda-metrics-apiserver, so HPAs get no external metrics from hpa-bridge.',
    },
  ]);
  bench.writer.objects.clear();
  await bench.keeper.keep();
  await bench.keeper.keep();
  expect(bench.events.map(({ reason }) => reason)).toEqual([
    'ExternalMetricsForeign',
    'ExternalMetricsClaimed',
  ]);
});

/** Another program that puts its own bundle into ours whenever it sees another, as KEDA's operator does. */
async function stubborn(bench: Bench): Promise<void> {
  const stored = bench.writer.objects.get(ID);
  if (stored === undefined || apiServiceView.parse(stored).spec.caBundle === btoa('KEDA')) return;
  await bench.writer.merge(RESOURCES.APIService, keyOf('', API_SERVICE), {
    spec: { caBundle: btoa('KEDA') },
  });
}

test('with somebody who keeps changing ours we do not write without end, and it is said', async () => {
  const bench = new Bench();
  let bundles = 0;
  for (let second = 0; second < 3600; second += 1) {
    const before = bench.writer.objects.get(ID);
    await bench.keeper.keep();
    if (bench.writer.objects.get(ID) !== before) bundles += 1;
    await stubborn(bench);
    await bench.clock.pass(seconds(1));
  }
  // At once, after 10, 20, 40, 80 and 160 s, then every 5 minutes.
  expect(bundles).toBe(1 + 6 + 10);
  expect(new Set(bench.events.map(({ reason }) => reason))).toEqual(
    new Set(['ExternalMetricsClaimed', 'ExternalMetricsContested']),
  );
});

test('our own changes of the bundle are no contest, however many', async () => {
  const bench = new Bench();
  for (let change = 0; change < 10; change += 1) {
    bench.bundle = `BUNDLE ${change}`;
    await bench.keeper.keep();
    expect(atob(apiServiceView.parse(bench.writer.objects.get(ID)).spec.caBundle)).toBe(`BUNDLE ${change}`);
  }
  expect(bench.events.map(({ reason }) => reason)).toEqual(['ExternalMetricsClaimed']);
});

test('changes that are far apart are put right at once', async () => {
  const bench = new Bench();
  await bench.keeper.keep();
  for (let change = 0; change < 5; change += 1) {
    await bench.clock.pass(minutes(31));
    await stubborn(bench);
    await bench.keeper.keep();
    expect(apiServiceView.parse(bench.writer.objects.get(ID)).spec.caBundle).toBe(btoa('BUNDLE'));
  }
});

test('until the watch has shown our write, it is not written again', async () => {
  const bench = new Bench();
  await bench.keeper.keep();
  await stubborn(bench);
  bench.seen = apiServiceView.parse(bench.writer.objects.get(ID));
  await bench.keeper.keep();
  const written = bench.writer.objects.get(ID);
  await bench.keeper.keep();
  expect(bench.writer.objects.get(ID)).toBe(written);
});
