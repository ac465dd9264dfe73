import { isIP } from 'node:net';
import { Agent } from 'undici';
import { authorityOf } from '../../domain/authority.ts';
import { seconds } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StatSource } from '../../ports/stat-source.ts';
import { Deadlines } from './deadlines.ts';
import { CONTENT_TYPE, MOST_BYTES, Question, type Answered } from './question.ts';

/** Where queue-proxy listens for autoscalers. */
const PORT = 9090;
/** For the whole question. */
const DEADLINE = seconds(3);
/** Longer than the slowest scrape interval, and shorter than a server keeps an idle connection for. */
const KEEP_ALIVE = seconds(90);
/** Connections to a Service at a time: as many as ask it. A pod is asked over one. */
const TO_SERVICE = 16;

export interface StatSourceParts {
  readonly clock: Clock;
  readonly version: string;
  /** Another port than queue-proxy's. */
  readonly port?: number;
}

/** Asks queue-proxies over HTTP. Connections to pods are kept, and given up when nobody has asked for a while. */
export class HttpStatSource implements StatSource {
  readonly #clock: Clock;
  readonly #port: number;
  readonly #headers: string[];
  readonly #pods = agentFor(1);
  readonly #services = agentFor(TO_SERVICE);
  readonly #deadlines: Deadlines<Question>;

  constructor({ clock, version, port = PORT }: StatSourceParts) {
    this.#clock = clock;
    this.#port = port;
    this.#headers = ['accept', CONTENT_TYPE, 'user-agent', `hpa-bridge/${version}`];
    this.#deadlines = new Deadlines(clock, DEADLINE, (question) =>
      question.giveUp('did not answer within 3 s'),
    );
  }

  ask(host: string, inNameOf?: string): Promise<Answered> {
    const turn = this.#clock.giveWay();
    return turn === undefined ? this.#ask(host, inNameOf) : turn.then(() => this.#ask(host, inNameOf));
  }

  #ask(host: string, inNameOf: string | undefined): Promise<Answered> {
    return new Promise((resolve) => {
      const at = authorityOf(host, this.#port);
      const question = new Question(at, (answered) => {
        this.#deadlines.remove(question);
        resolve(answered);
      });
      this.#deadlines.add(question);
      const isPod = isIP(host) !== 0;
      // A connection to a Service leads to one of its pods for as long as it is kept: each question is to have a chance of another one.
      (isPod ? this.#pods : this.#services).dispatch(
        {
          origin: `http://${at}`,
          path: '/metrics',
          method: 'GET',
          headers: this.#headersFor(inNameOf),
          reset: !isPod,
        },
        question,
      );
    });
  }

  #headersFor(inNameOf: string | undefined): string[] {
    return inNameOf === undefined ? this.#headers : [...this.#headers, ...passedThrough(inNameOf)];
  }

  /** Ends all that is in flight. */
  async close(): Promise<void> {
    this.#deadlines.close();
    await Promise.all([this.#pods.destroy(), this.#services.destroy()]);
  }
}

/**
 * What a mesh lets through to the pod that is addressed: activators name it by the first header (networking: pkg/http/header/header.go),
 * Knative's autoscaler still by the second one (serving: pkg/autoscaler/metrics/stats_scraper.go).
 */
const passedThrough = (service: string): readonly string[] => [
  ...['host', service],
  ...['k-passthrough-lb', 'true'],
  ...['knative-direct-lb', 'true'],
];

const agentFor = (connections: number): Agent =>
  new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE,
    maxResponseSize: MOST_BYTES,
    // The deadline covers all of it.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: DEADLINE },
  });
