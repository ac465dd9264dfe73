import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOf } from '../../../../src/domain/key.ts';
import { ms, seconds } from '../../../../src/domain/time.ts';
import type { Probed } from '../../../../src/ports/pod-probe.ts';
import type { Place, Refusal, Seeker } from '../../../../src/ports/throttler.ts';
import type { Course } from '../../../../src/processes/activator/course.ts';
import { Flow } from '../../../../src/processes/activator/flow.ts';
import { ManualClock, settled } from '../../../doubles/manual-clock.ts';
import { SilentLog } from '../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

const KEY = keyOf('team', 'shop');
const IDLE: Course = {
  exists: true,
  backends: [],
  early: true,
  concurrency: 0,
  protocol: 'http1',
  tls: false,
  share: undefined,
  mesh: 'auto',
  passthrough: undefined,
};
const unready = (...addresses: readonly string[]): Course['backends'] =>
  addresses.map((address) => ({ address, ready: false }));
const ready = (...addresses: readonly string[]): Course['backends'] =>
  addresses.map((address) => ({ address, ready: true }));

/** A request, and what came of it. */
class Request implements Seeker {
  readonly key = KEY;
  readonly name: string;
  readonly bytes: number;
  place: Place | undefined;
  refusal: Refusal | undefined;
  constructor(name: string, bytes = 0) {
    [this.name, this.bytes] = [name, bytes];
  }
  granted(place: Place): void {
    this.place = place;
  }
  refused(refusal: Refusal): void {
    this.refusal = refusal;
  }
}

const originOf = ({ place }: Request): string | undefined => place?.origin;

/** A flow in a world where pods answer probes as `answers` says, by origin; nobody else takes a connection. */
class World {
  readonly clock = new ManualClock();
  readonly answers = new Map<string, Probed>();
  readonly asked: string[] = [];
  readonly log = new SilentLog();
  serving = 0;
  course: Course = IDLE;
  service: string | undefined;
  readonly flow: Flow;

  constructor(course: Partial<Course> = {}, bounds = { waiting: 100, bytes: 1000 }) {
    this.course = { ...IDLE, ...course };
    this.flow = new Flow({
      course: () => this.course,
      service: () => Promise.resolve(this.service),
      probe: {
        ask: (origin) => {
          this.asked.push(origin);
          return Promise.resolve(this.answers.get(origin) ?? 'no-connection');
        },
      },
      bounds,
      random: () => 0,
      clock: this.clock,
      telemetry: new TallyingTelemetry(),
      log: this.log,
      onServing: () => (this.serving += 1),
    });
  }

  change(course: Partial<Course>): void {
    this.course = { ...this.course, ...course };
    this.flow.refresh();
  }

  request(name = 'a'): Request {
    const request = new Request(name);
    this.flow.arrived();
    this.flow.seek(request);
    return request;
  }

  serves(...addresses: readonly string[]): void {
    for (const address of addresses) this.answers.set(`http://${address}:8012`, 'serves');
  }
}

let worlds: World[] = [];
const worldOf = (...given: ConstructorParameters<typeof World>): World => {
  const world = new World(...given);
  worlds.push(world);
  return world;
};
afterEach(() => {
  for (const { flow } of worlds) flow.close();
  worlds = [];
});

describe('a request', () => {
  test('waits until a pod has an address and answers, and goes there', async () => {
    const world = worldOf();
    const request = world.request();
    world.change({ backends: unready('10.0.0.1') });
    await world.clock.pass(seconds(1));
    expect([request.place, world.serving]).toEqual([undefined, 0]);
    world.serves('10.0.0.1');
    await world.clock.pass(20);
    expect(request.place).toMatchObject({ origin: 'http://10.0.0.1:8012', host: undefined, headers: [] });
    expect(world.serving).toBe(1);
  });

  test('for pods that speak HTTP/2, over IPv6, and over TLS goes to where these are', async () => {
    const world = worldOf({ backends: ready('fd00::1'), protocol: 'h2c' });
    world.answers.set('http://[fd00::1]:8013', 'serves');
    const plain = world.request();
    await settled();
    world.change({ tls: true });
    const secured = world.request();
    expect([plain.place?.origin, secured.place?.origin]).toEqual([
      'http://[fd00::1]:8013',
      'https://[fd00::1]:8112',
    ]);
  });

  test('through a mesh that lets through is addressed to the pod in the name of the Service', async () => {
    const world = worldOf({ backends: ready('10.0.0.1'), passthrough: 'shop-private.team' });
    world.serves('10.0.0.1');
    const request = world.request();
    await settled();
    expect(request.place).toMatchObject({
      origin: 'http://10.0.0.1:8012',
      host: 'shop-private.team',
      headers: ['K-Passthrough-Lb', 'true'],
    });
  });

  test('of a revision that is deleted meanwhile is told so at once, and does not wait for its deadline', () => {
    const world = worldOf();
    const waiting = [world.request('first'), world.request('second')];
    world.change({ exists: false });
    for (const { refusal } of waiting)
      expect(refusal).toMatchObject({
        status: 404,
        message: 'Error getting active endpoint: revision.serving.knative.dev "shop" not found',
      });
    expect(world.flow.waiting).toBe(0);
  });

  test('whose pod could not be reached, and whose revision is deleted, is told so', async () => {
    const world = worldOf({ backends: ready('10.0.0.1') });
    world.serves('10.0.0.1');
    const request = world.request();
    await settled();
    world.change({ exists: false, backends: [] });
    expect(request.refusal).toBeUndefined();
    request.place?.release('unreachable');
    world.flow.seek(request);
    expect(request.refusal).toMatchObject({ status: 404 });
  });

  test('that holds too much memory is refused', () => {
    const world = worldOf({}, { waiting: 10, bytes: 100 });
    const [first, second] = [new Request('a', 60), new Request('b', 60)];
    world.flow.seek(first);
    world.flow.seek(second);
    expect([first.refusal, second.refusal?.status]).toEqual([undefined, 503]);
  });

  test('whose pod could not be reached is first in line for another, though it came back last', async () => {
    const world = worldOf({ backends: ready('10.0.0.1'), concurrency: 1 });
    world.serves('10.0.0.1');
    const [first, second] = [world.request('first'), world.request('second')];
    await settled();
    world.answers.clear();
    const lost = first.place;
    first.place = undefined;
    lost?.release('unreachable');
    world.flow.seek(first);
    expect([first.place, second.place]).toEqual([undefined, undefined]);
    world.serves('10.0.0.1');
    await world.clock.pass(50);
    expect([first, second].map(originOf)).toEqual(['http://10.0.0.1:8012', undefined]);
  });
});

test('nobody is asked while there is no request, and pods that answered need not be asked again', async () => {
  const world = worldOf({ backends: ready('10.0.0.1') });
  world.serves('10.0.0.1');
  await world.clock.pass(seconds(10));
  expect(world.asked).toEqual([]);
  const first = world.request();
  await settled();
  first.place?.release('done');
  world.flow.left();
  const second = world.request();
  expect([second.place?.origin, world.asked]).toEqual(['http://10.0.0.1:8012', ['http://10.0.0.1:8012']]);
});

describe('where pods answer as behind a mesh', () => {
  const meshed = (mesh: Course['mesh']): World => {
    const world = worldOf({ backends: ready('10.0.0.1', '10.0.0.2'), mesh, concurrency: 3 });
    world.service = '10.96.0.1';
    for (const address of ['10.0.0.1', '10.0.0.2']) world.answers.set(`http://${address}:8012`, 'like-mesh');
    world.answers.set('http://10.96.0.1:80', 'serves');
    return world;
  };

  const BY_MODE: readonly (readonly [Course['mesh'], string | undefined])[] = [
    ['auto', 'http://10.96.0.1:80'],
    ['enabled', 'http://10.96.0.1:80'],
    ['disabled', undefined],
  ];
  test.each(BY_MODE)('and the mode is %s, requests go to %s', async (mesh, origin) => {
    const world = meshed(mesh);
    const request = world.request();
    await world.clock.pass(seconds(1));
    expect(request.place?.origin).toBe(origin);
  });

  test('one pod that answers otherwise is enough to go on asking pods', async () => {
    const world = meshed('auto');
    world.answers.set('http://10.0.0.2:8012', 'refused');
    const request = world.request();
    await world.clock.pass(seconds(1));
    expect(request.place).toBeUndefined();
    world.serves('10.0.0.2');
    await world.clock.pass(200);
    expect(request.place?.origin).toBe('http://10.0.0.2:8012');
  });

  test('the Service is given what all pods take, in our share', async () => {
    const world = meshed('auto');
    world.change({ share: { index: 0, of: 2 } });
    const requests = Array.from({ length: 5 }, (_, at) => world.request(String(at)));
    await world.clock.pass(seconds(1));
    expect(requests.filter(({ place }) => place !== undefined)).toHaveLength(3);
  });

  test('a Service that has no address yet is asked for it again', async () => {
    const world = meshed('auto');
    world.service = undefined;
    const request = world.request();
    await world.clock.pass(seconds(1));
    world.service = '10.96.0.1';
    await world.clock.pass(seconds(1));
    expect(request.place?.origin).toBe('http://10.96.0.1:80');
  });

  test('the Service is left when no pod is ready any more', async () => {
    const world = meshed('auto');
    world.request();
    await world.clock.pass(seconds(1));
    world.change({ backends: [] });
    const later = world.request();
    expect(later.place).toBeUndefined();
  });
});

/** What can happen to a revision and its requests. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.constant('request' as const) },
  { weight: 6, arbitrary: fc.record({ release: fc.nat(30), unreachable: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ withdraw: fc.nat(30) }) },
  {
    weight: 2,
    arbitrary: fc.record({ pods: fc.uniqueArray(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3')) }),
  },
  { weight: 2, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 500 }) }) },
);

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** Requests that wait and requests that have a place, as one who makes them sees it. */
class Requests {
  readonly #world: World;
  readonly #concurrency: number;
  #waiting: Request[] = [];
  readonly #held: Request[] = [];

  constructor(world: World, concurrency: number) {
    [this.#world, this.#concurrency] = [world, concurrency];
  }

  get open(): number {
    return this.#waiting.length + this.#held.length;
  }

  async happens(one: Happening, name: string): Promise<void> {
    this.look();
    if (one === 'request') this.#waiting.push(this.#world.request(name));
    else if ('release' in one) this.release(one.release, one.unreachable ? 'unreachable' : 'done');
    else if ('withdraw' in one) this.#withdraw(one.withdraw);
    else if ('pods' in one) this.#world.change({ backends: ready(...[...one.pods].sort()) });
    else await this.#world.clock.pass(one.pass);
    this.look();
  }

  release(which: number, outcome: 'done' | 'unreachable'): void {
    const [request] = this.#held.splice(which % Math.max(1, this.#held.length), 1);
    if (request === undefined) return;
    request.place?.release(outcome);
    this.#world.flow.left();
  }

  #withdraw(which: number): void {
    const [request] = this.#waiting.splice(which % Math.max(1, this.#waiting.length), 1);
    if (request === undefined) return;
    this.#world.flow.withdraw(request);
    this.#world.flow.left();
  }

  /** Of those who waited the first ones have been served, and no pod has more than it takes. */
  look(): void {
    const given = this.#waiting.filter(({ place }) => place !== undefined);
    expect(given).toEqual(this.#waiting.slice(0, given.length));
    this.#held.push(...given);
    this.#waiting = this.#waiting.slice(given.length);
    if (this.#concurrency === 0) return;
    for (const requests of Map.groupBy(this.#held, originOf).values())
      expect(requests.length).toBeLessThanOrEqual(this.#concurrency);
  }

  /** Answers all that have a place, until nobody waits. */
  async serveAll(): Promise<void> {
    while (this.open > 0) {
      await this.#world.clock.pass(500);
      this.look();
      expect(this.#held.length).toBeGreaterThan(0);
      for (let left = this.#held.length; left > 0; left -= 1) this.release(0, 'done');
      this.look();
    }
  }
}

test('whatever happens: first come first served, no pod over its limit, no place lost, and nobody is forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 5 }),
      fc.array(happening, { maxLength: 60 }),
      async (concurrency, happenings) => {
        const world = new World({ concurrency });
        world.serves('10.0.0.1', '10.0.0.2', '10.0.0.3');
        const requests = new Requests(world, concurrency);
        for (const [at, one] of happenings.entries()) await requests.happens(one, String(at));
        world.change({ backends: ready('10.0.0.1') });
        await requests.serveAll();
        expect([world.flow.inFlight, world.flow.waiting, world.flow.isIdle]).toEqual([0, 0, true]);
        world.flow.close();
      },
    ),
    { numRuns: 60 },
  );
});

test('a place that is released twice counts once', async () => {
  const world = worldOf({ backends: ready('10.0.0.1'), concurrency: 1 });
  world.serves('10.0.0.1');
  const [first, second, third] = [world.request(), world.request(), world.request()];
  await settled();
  first.place!.release('done');
  first.place!.release('done');
  expect([second.place !== undefined, third.place]).toEqual([true, undefined]);
});

test('a place that its taker fails to take is given to the next one', async () => {
  const world = worldOf({ backends: ready('10.0.0.1'), concurrency: 1 });
  world.serves('10.0.0.1');
  const broken = new Request('broken');
  broken.granted = () => {
    throw new Error('broken');
  };
  world.flow.arrived();
  world.flow.seek(broken);
  const next = world.request();
  await world.clock.pass(ms(20));
  expect(next.place?.origin).toBe('http://10.0.0.1:8012');
  expect(world.log.lines).toMatchObject([{ level: 'error', message: 'a place could not be given' }]);
});

test('others have their turn while thousands are given their places, in order', async () => {
  const world = worldOf({ backends: unready('10.0.0.1') }, { waiting: 10_000, bytes: 1 });
  const requests = Array.from({ length: 200 }, (_, at) => world.request(String(at)));
  const served = (): readonly boolean[] => requests.map(({ place }) => place !== undefined);
  const seen: (readonly boolean[])[] = [];
  const [first] = requests;
  first!.granted = (place) => {
    first!.place = place;
    world.clock.after(ms(0), () => seen.push(served()));
  };
  world.serves('10.0.0.1');
  await world.clock.pass(seconds(1));
  expect(served()).not.toContain(false);
  const [early = []] = seen;
  expect(early).toContain(false);
  expect(early.lastIndexOf(true)).toBeLessThan(early.indexOf(false));
});
