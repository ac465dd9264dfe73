import { isIP, isIPv6 } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { err, type Result } from '../../domain/result.ts';
import { readStat } from '../../domain/scale/stat-wire.ts';
import type { Stat } from '../../domain/scale/stat.ts';
import { seconds } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StatFailure, StatSource } from '../../ports/stat-source.ts';
import { codeOfError, sayingOf } from '../kube/network-errors.ts';

/** Where queue-proxy listens for autoscalers. */
const PORT = 9090;
const CONTENT_TYPE = 'application/protobuf';
/** The longest report (serving: pkg/autoscaler/metrics/http_scrape_client.go). */
const MOST_BYTES = 336;
/** For the whole question. */
const DEADLINE = seconds(3);
/** Longer than the slowest scrape interval, and shorter than a server keeps an idle connection for. */
const KEEP_ALIVE = seconds(90);
/** Connections to a Service at a time: as many as ask it, so that they are spread over the pods behind it. A pod is asked over one. */
const TO_SERVICE = 16;

export interface StatSourceParts {
  readonly clock: Clock;
  readonly version: string;
  /** Another port than queue-proxy's. */
  readonly port?: number;
}

/** Asks queue-proxies over HTTP. Connections are kept, and given up when nobody has asked for a while. */
export class HttpStatSource implements StatSource {
  readonly #clock: Clock;
  readonly #port: number;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #pods = agentFor(1);
  readonly #services = agentFor(TO_SERVICE);

  constructor({ clock, version, port = PORT }: StatSourceParts) {
    this.#clock = clock;
    this.#port = port;
    this.#headers = { accept: CONTENT_TYPE, 'user-agent': `hpa-bridge/${version}` };
  }

  async ask(host: string, inNameOf?: string): Promise<Result<Stat, StatFailure>> {
    const agent = isIP(host) === 0 ? this.#services : this.#pods;
    const at = `${isIPv6(host) ? `[${host}]` : host}:${this.#port}`;
    await this.#clock.giveWay();
    const late = new AbortController();
    const cancel = this.#clock.after(DEADLINE, () => late.abort());
    try {
      const answer = await agent.request({
        origin: `http://${at}`,
        path: '/metrics',
        method: 'GET',
        headers: inNameOf === undefined ? this.#headers : { ...this.#headers, ...passedThrough(inNameOf) },
        signal: late.signal,
      });
      return await statIn(answer, at);
    } catch (error) {
      return failed(late.signal.aborted ? `${at} did not answer within 3 s` : wrongWith(error, at));
    } finally {
      cancel();
    }
  }

  /** Ends all that is in flight. */
  async close(): Promise<void> {
    await Promise.all([this.#pods.destroy(), this.#services.destroy()]);
  }
}

/**
 * What a mesh lets through to the pod that is addressed: activators name it by the first header (networking: pkg/http/header/header.go),
 * Knative's autoscaler still by the second one (serving: pkg/autoscaler/metrics/stats_scraper.go).
 */
const passedThrough = (service: string): Readonly<Record<string, string>> => ({
  host: service,
  'k-passthrough-lb': 'true',
  'knative-direct-lb': 'true',
});

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

async function statIn(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  at: string,
): Promise<Result<Stat, StatFailure>> {
  const type = headers['content-type'];
  if (statusCode < 200 || statusCode > 299 || type !== CONTENT_TYPE) {
    await body.dump();
    return statusCode < 200 || statusCode > 299
      ? failed(`${at} answered with status ${statusCode}`, statusCode === 502 || statusCode === 503)
      : failed(
          `${at} answered with ${typeof type === 'string' ? 'another' : 'no'} content type: expected ${CONTENT_TYPE}`,
        );
  }
  const read = readStat(new Uint8Array(await body.arrayBuffer()));
  return read.ok ? read : err({ message: read.error.message, likeMesh: false });
}

const failed = (what: string, likeMesh = false): Result<never, StatFailure> =>
  err({ message: `${what.charAt(0).toUpperCase()}${what.slice(1)}.`, likeMesh });

function wrongWith(error: unknown, at: string): string {
  const code = codeOfError(error);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return `${at} answered with more than ${MOST_BYTES} bytes`;
  return sayingOf(error, at);
}
