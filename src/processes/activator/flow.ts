import { unknownRevision } from '../../domain/activator/target.ts';
import { nameOf } from '../../domain/key.ts';
import {
  podOrigin,
  probeOrigin,
  serviceLimit,
  serviceOrigin,
  serviceProbeOrigin,
} from '../../domain/throttle/destination.ts';
import { Line, type LineBounds } from '../../domain/throttle/line.ts';
import { Places, type Target } from '../../domain/throttle/places.ts';
import { sharedPods } from '../../domain/throttle/share.ts';
import { Trust } from '../../domain/throttle/trust.ts';
import { ms } from '../../domain/time.ts';
import type { Probed } from '../../ports/pod-probe.ts';
import type { Log } from '../../ports/log.ts';
import type { Place, Refusal, Seeker } from '../../ports/throttler.ts';
import type { Course } from './course.ts';
import { Probes, type ProbesParts, type Probing } from './probes.ts';

export interface FlowParts extends ProbesParts {
  readonly course: () => Course;
  /** The address of the private Service, in front of the pods. */
  readonly service: () => Promise<string | undefined>;
  readonly bounds: LineBounds;
  readonly random: () => number;
  readonly log: Log;
  /** A first pod is known to serve since the flow has had none. */
  readonly onServing: () => void;
}

/** With it a mesh lets requests through to the pod that they are addressed to (networking: pkg/http/header). */
const PASSTHROUGH = ['K-Passthrough-Lb', 'true'] as const;
/** Between two questions to a Service that does not answer. */
const SERVICE_PAUSE = ms(200);
/** Places that are given in one turn of the event loop: each makes a connection, which is work that comes after it. */
const AT_ONCE = 32;
const FULL: Refusal = { status: 503, message: 'pending request queue full', retryAfter: 1 };
/** As who comes later is told. */
const gone = ({ key }: Seeker): Refusal => ({
  status: 404,
  message: unknownRevision(nameOf(key)).body,
  retryAfter: undefined,
});

/** The way of requests to the pods of one revision: who waits, which pods are known to serve, and what each has to do. */
export class Flow {
  readonly #parts: FlowParts;
  readonly #line: Line<Seeker>;
  readonly #places: Places;
  readonly #trust = new Trust();
  readonly #probes: Probes;
  /** What the pods last answered that are asked in vain. */
  readonly #refusals = new Map<string, Probed>();
  /** Who had a place that led nowhere. */
  readonly #returning = new WeakSet<Seeker>();
  #course: Course;
  /** The private Service, while requests go through it. */
  #service: string | undefined;
  #askingService = false;
  readonly #closed = new AbortController();
  #draining = false;
  #inFlight = 0;

  constructor(parts: FlowParts) {
    this.#parts = parts;
    this.#line = new Line(parts.bounds);
    this.#places = new Places(parts.random);
    this.#probes = new Probes(parts, (address, came) => this.#onProbed(address, came));
    this.#course = parts.course();
    this.refresh();
  }

  /** Requests that have come and are not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }
  get waiting(): number {
    return this.#line.size;
  }
  /** Whether there is a pod, known to serve or not. */
  get hasBackends(): boolean {
    return this.#course.backends.length > 0;
  }
  /** Whether a pod is known to serve. */
  get hasPods(): boolean {
    return this.#places.any;
  }
  /** Whether there is nothing to remember. */
  get isIdle(): boolean {
    return this.#inFlight === 0 && this.#places.taken === 0;
  }

  arrived(): void {
    this.#inFlight += 1;
    if (this.#inFlight === 1) this.#probe();
  }

  left(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#probe();
  }

  seek(seeker: Seeker): void {
    if (!this.#course.exists) {
      seeker.refused(gone(seeker));
      return;
    }
    const bytes = seeker.bytes ?? 0;
    const returned = this.#returning.has(seeker);
    if (!returned && !this.#line.hasRoom(bytes)) {
      seeker.refused(FULL);
      return;
    }
    this.#line.join(seeker, bytes, returned);
    this.#drain();
  }

  withdraw(seeker: Seeker): void {
    this.#line.leave(seeker);
  }

  /** The cluster says something new. */
  refresh(): void {
    this.#course = this.#parts.course();
    const { backends, early } = this.#course;
    this.#trust.see(backends, early);
    for (const address of this.#refusals.keys())
      if (!backends.some((backend) => backend.address === address)) this.#refusals.delete(address);
    if (!this.#course.exists) this.#dismiss();
    this.#settle();
  }

  /** Asks nobody any more. */
  close(): void {
    this.#closed.abort();
    this.#probes.keep([], (address) => this.#probingOf(address));
  }

  /** Nobody will ever take those who wait. */
  #dismiss(): void {
    for (let next = this.#line.first(); next !== undefined; next = this.#line.first()) {
      this.#line.leave(next);
      next.refused(gone(next));
    }
  }

  #settle(): void {
    const had = this.hasPods;
    this.#lead();
    const has = this.hasPods;
    if (has && !had) this.#parts.onServing();
    this.#probe();
    this.#drain();
  }

  #lead(): void {
    const { concurrency, share, backends, protocol, tls } = this.#course;
    const ready = backends.filter((backend) => backend.ready).length;
    if (ready === 0) this.#service = undefined;
    if (this.#service !== undefined) {
      this.#places.lead(
        [serviceOrigin(this.#service, tls)],
        serviceLimit(concurrency, ready, share?.of ?? 1),
      );
      return;
    }
    const pods = sharedPods(this.#trust.usable, share, concurrency > 0);
    this.#places.lead(
      pods.map((host) => podOrigin(host, protocol, tls)),
      concurrency,
    );
  }

  /** Pods are asked only while somebody may need them. */
  #probe(): void {
    const asksPods = this.#inFlight > 0 && this.#service === undefined && this.#course.mesh !== 'enabled';
    this.#probes.keep(asksPods ? this.#trust.doubtful : [], (address) => this.#probingOf(address));
    this.#askService();
  }

  #probingOf(host: string): Probing {
    const { protocol, passthrough } = this.#course;
    const headers = passthrough === undefined ? {} : { Host: passthrough, [PASSTHROUGH[0]]: PASSTHROUGH[1] };
    return { origin: probeOrigin(host, protocol), headers };
  }

  #onProbed(address: string, came: Probed): void {
    if (came === 'serves') {
      this.#refusals.delete(address);
      this.#trust.answered(address);
      this.#settle();
      return;
    }
    this.#refusals.set(address, came);
    this.#askService();
  }

  /** Where a mesh lets nobody through to a pod, the Service in front of them may answer (serving: pkg/activator/net/revision_backends.go). */
  #needsService(): boolean {
    const { mesh, passthrough, backends } = this.#course;
    if (this.#inFlight === 0 || this.#service !== undefined || this.#closed.signal.aborted) return false;
    if (mesh === 'enabled') return backends.some(({ ready }) => ready);
    const { usable, doubtful } = this.#trust;
    const isLikeMesh = (address: string): boolean => this.#refusals.get(address) === 'like-mesh';
    if (mesh === 'disabled' || passthrough !== undefined || usable.length > 0) return false;
    return doubtful.length > 0 && doubtful.every(isLikeMesh);
  }

  #askService(): void {
    if (this.#askingService || !this.#needsService()) return;
    this.#askingService = true;
    void this.#untilServiceAnswers().then(() => {
      this.#askingService = false;
      if (this.#service !== undefined) this.#settle();
    });
  }

  async #untilServiceAnswers(): Promise<void> {
    const { service, probe, clock } = this.#parts;
    const { signal } = this.#closed;
    while (this.#needsService()) {
      const host = await service();
      const origin = host === undefined ? undefined : serviceProbeOrigin(host);
      const came = origin === undefined ? 'no-connection' : await probe.ask(origin, {}, signal);
      if (came === 'serves' && this.#needsService()) this.#service = host;
      else await clock.sleep(SERVICE_PAUSE, signal).catch(() => undefined);
    }
  }

  /**
   * Gives places to those who wait. Whoever gives one back within this finds it given on. Thousands may wait for the first pod, and each has
   * its request sent at once: others get their turn in between, and who comes meanwhile stands behind.
   */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    let given = 0;
    for (let next = this.#line.first(); next !== undefined; next = this.#line.first()) {
      if (given === AT_ONCE) {
        this.#parts.clock.after(ms(0), () => {
          this.#draining = false;
          this.#drain();
        });
        return;
      }
      const target = this.#places.take();
      if (target === undefined) break;
      this.#line.leave(next);
      this.#grant(next, target);
      given += 1;
    }
    this.#draining = false;
  }

  #grant(seeker: Seeker, target: Target): void {
    const place = this.#placeOf(seeker, target);
    try {
      seeker.granted(place);
    } catch (cause) {
      // A place that nobody has would be lost for ever.
      place.release('done');
      this.#parts.log.error('a place could not be given', { key: seeker.key, cause });
    }
  }

  #placeOf(seeker: Seeker, target: Target): Place {
    let held = true;
    const { passthrough } = this.#course;
    return {
      origin: target.address,
      host: passthrough,
      headers: passthrough === undefined ? [] : PASSTHROUGH,
      release: (outcome) => {
        if (!held) return;
        held = false;
        this.#places.giveBack(target);
        if (outcome === 'unreachable') this.#lost(seeker, target);
        this.#drain();
      },
    };
  }

  #lost(seeker: Seeker, { address: origin }: Target): void {
    this.#returning.add(seeker);
    this.#service = undefined;
    const { protocol, tls } = this.#course;
    for (const host of this.#trust.usable)
      if (podOrigin(host, protocol, tls) === origin) this.#trust.lost(host);
    this.#settle();
  }
}
