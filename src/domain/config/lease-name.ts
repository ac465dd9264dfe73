import { createHash } from 'node:crypto';

/** The class that Knative's autoscaler-hpa serves. */
const HPA = 'hpa.autoscaling.knative.dev';

/** What autoscaler-hpa calls its only lease (pkg: leaderelection/context.go, component `hpaautoscaler`, one bucket). */
const UPSTREAM = 'hpaautoscaler.knative.dev.serving.pkg.reconciler.autoscaling.hpa.reconciler.00-of-01';

/** Object names are DNS subdomains. */
const MAX_NAME = 253;

/**
 * The lease under which these classes (sorted, each once) are served. With the HPA class among them it is the one of autoscaler-hpa, so that
 * one that was forgotten stays passive; classes of our own alone have a lease of our own, which leaves upstream's to upstream.
 */
export function leaseNameOf(classes: readonly string[]): string {
  if (classes.includes(HPA)) return UPSTREAM;
  const [only = ''] = classes;
  const readable = `hpa-bridge.${only}`;
  if (classes.length === 1 && readable.length <= MAX_NAME) return readable;
  return `hpa-bridge.${createHash('sha256').update(classes.join(',')).digest('hex').slice(0, 16)}`;
}
