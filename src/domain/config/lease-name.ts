import { createHash } from 'node:crypto';

/** The class that Knative's autoscaler-hpa serves. */
const HPA = 'hpa.autoscaling.knative.dev';

/** What autoscaler-hpa puts before the number of a bucket (pkg: leaderelection/context.go, component `hpaautoscaler`). */
const UPSTREAM = 'hpaautoscaler.knative.dev.serving.pkg.reconciler.autoscaling.hpa.reconciler';

/** As many buckets as Knative allows (pkg: leaderelection/config.go). */
export const MOST_BUCKETS = 10;

/** Object names are DNS subdomains; room for a number is left. */
const MAX_NAME = 253 - '.00-of-00'.length;

const two = (number: number): string => String(number).padStart(2, '0');
const numbered = (prefix: string, buckets: number): readonly string[] =>
  Array.from({ length: buckets }, (_, bucket) => `${prefix}.${two(bucket)}-of-${two(buckets)}`);

/** The first lease of every other number of buckets: while one is held, others lead by another division of the same revisions. */
export const otherLeaseNames = (classes: readonly string[], buckets: number): readonly string[] =>
  Array.from({ length: MOST_BUCKETS }, (_, index) => index + 1)
    .filter((count) => count !== buckets)
    .flatMap((count) => leaseNamesOf(classes, count).slice(0, 1));

/**
 * The leases under which these classes (sorted, each once) are served: one for each of 1 to 10 buckets, sorted. With the HPA class among them
 * they are those of autoscaler-hpa with as many buckets, so that one that was forgotten stays passive; classes of our own alone have
 * leases of our own, which leaves upstream's to upstream.
 */
export function leaseNamesOf(classes: readonly string[], buckets: number): readonly string[] {
  if (classes.includes(HPA)) return numbered(UPSTREAM, buckets);
  const [only = ''] = classes;
  const readable = `hpa-bridge.${only}`;
  const prefix =
    classes.length === 1 && readable.length <= MAX_NAME
      ? readable
      : `hpa-bridge.${createHash('sha256').update(classes.join(',')).digest('hex').slice(0, 16)}`;
  return buckets === 1 ? [prefix] : numbered(prefix, buckets);
}
