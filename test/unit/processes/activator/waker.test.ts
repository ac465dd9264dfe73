import { expect, test } from '@jest/globals';
import { AUTOSCALER_DEFAULTS } from '../../../../src/domain/config/autoscaler.ts';
import { FaultError, type FaultCode } from '../../../../src/domain/fault.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import type { KubeObject } from '../../../../src/domain/k8s/meta.ts';
import { readThrough } from '../../../../src/domain/k8s/read/view.ts';
import { deploymentView, type Deployment } from '../../../../src/domain/k8s/read/workload.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { Waker } from '../../../../src/processes/activator/waker.ts';
import { HPA_CLASS, paOf } from '../../../builders/world.ts';
import { ManualClock, settled } from '../../../doubles/manual-clock.ts';
import { SilentLog } from '../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

const KEY = keyOf('team', 'shop');

/** A Deployment on an API server that checks versions, a cache of it that lags, and somebody who waits. */
class World {
  readonly clock = new ManualClock();
  readonly telemetry = new TallyingTelemetry();
  replicas = 0;
  version = 1;
  /** Faults that the next writes end in. */
  readonly faults: FaultCode[] = [];
  wanted = true;
  written: number[] = [];
  cached: Deployment;
  readonly waker: Waker;

  constructor(classes: readonly string[] = [HPA_CLASS]) {
    this.cached = this.view();
    this.waker = new Waker({
      podAutoscaler: () => paOf(),
      deployment: () => this.cached,
      autoscaler: () => AUTOSCALER_DEFAULTS,
      classes: new Set(classes),
      reader: { get: () => Promise.resolve(this.object()) },
      writer: { merge: (_resource, _key, body) => this.#write(body) },
      isWanted: () => this.wanted,
      onWoken: () => undefined,
      clock: this.clock,
      random: () => 0,
      telemetry: this.telemetry,
      log: new SilentLog(),
    });
  }

  object(): KubeObject {
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'shop-deployment', namespace: 'team', resourceVersion: String(this.version) },
      spec: { replicas: this.replicas },
    };
  }

  view(): Deployment {
    const read = readThrough(deploymentView)(this.object());
    if (!read.ok) throw new Error(read.error.message);
    return read.value;
  }

  /** Somebody else writes. */
  change(replicas: number): void {
    this.replicas = replicas;
    this.version += 1;
  }

  /** The cache hears of it. */
  hear(): void {
    this.cached = this.view();
    this.waker.look(KEY);
  }

  outcomes(): readonly number[] {
    return (['woken', 'conflict', 'failed'] as const).map((outcome) =>
      this.telemetry.valueOf('hpa_bridge_wakes_total', { outcome }),
    );
  }

  #write(body: JsonObject): Promise<KubeObject> {
    const code = this.faults.shift();
    if (code !== undefined) return Promise.reject(new FaultError({ code, message: code }));
    const { metadata, spec } = body as {
      readonly metadata: { readonly resourceVersion: string };
      readonly spec: { readonly replicas: number };
    };
    if (metadata.resourceVersion !== String(this.version))
      return Promise.reject(new FaultError({ code: 'conflict', message: 'changed' }));
    this.written.push(spec.replicas);
    this.change(spec.replicas);
    return Promise.resolve(this.object());
  }
}

test('many requests are one write, also before the cache has heard of it', async () => {
  const world = new World();
  for (let request = 0; request < 50; request += 1) world.waker.look(KEY);
  await settled();
  for (let request = 0; request < 50; request += 1) world.waker.look(KEY);
  await settled();
  expect([world.written, world.outcomes()]).toEqual([[1], [1, 0, 0]]);
});

test('a revision that falls asleep again is woken again', async () => {
  const world = new World();
  world.waker.look(KEY);
  await settled();
  world.hear();
  world.change(0);
  world.hear();
  await settled();
  expect(world.written).toEqual([1, 1]);
});

test('one that somebody else has woken meanwhile keeps the pods that it was given', async () => {
  const world = new World();
  world.change(7);
  world.waker.look(KEY);
  await settled();
  world.waker.look(KEY);
  await settled();
  expect([world.replicas, world.outcomes()]).toEqual([7, [0, 1, 0]]);
});

test('one that only looks different is woken all the same', async () => {
  const world = new World();
  world.change(0);
  world.waker.look(KEY);
  await settled();
  expect([world.replicas, world.outcomes()]).toEqual([1, [1, 1, 0]]);
});

test('what fails is tried again, ever more rarely, until nobody waits', async () => {
  const world = new World();
  world.faults.push(...Array.from({ length: 100 }, (): FaultCode => 'api_unavailable'));
  world.waker.look(KEY);
  await world.clock.pass(seconds(10));
  const tries = 100 - world.faults.length;
  expect(tries).toBeGreaterThan(8);
  expect(tries).toBeLessThan(20);
  world.wanted = false;
  await world.clock.pass(seconds(60));
  expect(100 - world.faults.length).toBeLessThanOrEqual(tries + 1);
  world.faults.length = 0;
  world.wanted = true;
  world.waker.look(KEY);
  await settled();
  expect(world.written).toEqual([1]);
});

test('nothing is written for nobody, nor for the class of another', async () => {
  const [idle, foreign] = [new World(), new World(['other.autoscaling.knative.dev'])];
  idle.wanted = false;
  for (const world of [idle, foreign]) world.waker.look(KEY);
  await settled();
  expect([idle.written, foreign.written]).toEqual([[], []]);
});
