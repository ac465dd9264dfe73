import { keyOf, type Key } from '../key.ts';

/** What an activator of Knative tells of a revision on its page of metrics. */
export interface ActivatorLoad {
  /** Requests that it holds or forwards now. */
  readonly inFlight: number;
  /** Requests that have ended since the activator started; 0 where it does not count them. */
  readonly ended: number;
}

type Sample = 'now' | 'average' | 'ended';

/**
 * Knative's names, the newest first (serving: pkg/activator/handler/metrics.go). What is held and what is forwarded is told at once since 1.22;
 * before, it is an average over the last second, in which the first request of a burst is missing.
 */
const SAMPLES: Readonly<Record<string, Sample>> = {
  kn_revision_request_queued: 'now',
  kn_revision_request_active: 'now',
  kn_revision_request_concurrency: 'average',
  activator_request_concurrency: 'average',
  http_server_request_duration_seconds_count: 'ended',
  activator_request_count: 'ended',
};

const LINE = /^([a-z_]+)\{(.*)\} (\S+)/;
const NAMESPACE = /(?:^|,)(?:k8s_namespace_name|namespace_name)="([^"\\]+)"/;
const REVISION = /(?:^|,)(?:kn_revision_name|revision_name)="([^"\\]+)"/;

/** Sums a page of metrics by revision, line by line: it may have thousands. What is not about a revision is passed over. */
export class ActivatorPage {
  readonly #sums = new Map<Key, Record<Sample, number>>();

  line(text: string): void {
    const read = sampleIn(text);
    if (read === undefined) return;
    const { key, sample, value } = read;
    const sums = this.#sums.get(key) ?? { now: 0, average: 0, ended: 0 };
    sums[sample] += value;
    this.#sums.set(key, sums);
  }

  loads(): ReadonlyMap<Key, ActivatorLoad> {
    return new Map(
      [...this.#sums].map(([key, { now, average, ended }]) => [
        key,
        { inFlight: Math.max(now, average), ended },
      ]),
    );
  }
}

interface Read {
  readonly key: Key;
  readonly sample: Sample;
  readonly value: number;
}

function sampleIn(line: string): Read | undefined {
  const found = LINE.exec(line);
  const sample = SAMPLES[found?.[1] ?? ''];
  if (found === null || sample === undefined) return undefined;
  const key = keyIn(found[2] ?? '');
  const value = Number(found[3]);
  return key === undefined || !Number.isFinite(value) || value < 0 ? undefined : { key, sample, value };
}

function keyIn(labels: string): Key | undefined {
  const [namespace, revision] = [NAMESPACE.exec(labels)?.[1], REVISION.exec(labels)?.[1]];
  return namespace === undefined || revision === undefined ? undefined : keyOf(namespace, revision);
}
