/** The Service of a revision, as a probe finds it. */
export interface ProbedService {
  /** Empty while there is none. */
  readonly name: string;
  readonly namespace: string;
  /** `protocolType` of the PodAutoscaler. */
  readonly protocol: string;
}

/** A request that only the activator answers, with status 200 and this body. Each needs a connection of its own: a kept one leads where requests went before. */
export const ACTIVATOR_PROBE = {
  headers: { 'User-Agent': 'Knative-Autoscaling-Probe', 'K-Network-Probe': 'activator' },
  body: 'activator',
} as const;

/** Without a Service nothing can be behind it: there is nothing to probe, and the answer is no. */
export const canBeProbed = ({ name }: ProbedService): boolean => name !== '';

/** Where the probe is sent (serving: pkg/reconciler/autoscaling/kpa/scaler.go). */
export function probeUrl({ name, namespace, protocol }: ProbedService, clusterDomain: string): string {
  const port = protocol === 'h2c' ? 81 : 80;
  return `http://${name}.${namespace}.svc.${clusterDomain}:${port}//healthz`;
}
