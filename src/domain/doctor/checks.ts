import { judgeActivators } from './activators.ts';
import { judgeCertificate, judgeWebhook } from './certificates.ts';
import { judgeApiServer, judgeKinds, judgeKnative, judgeLeases, judgeReplicas } from './cluster.ts';
import { judgeConfigMaps } from './config.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { judgeExternalMetrics, judgeKeda, judgePrometheus } from './metrics.ts';
import { judgeRights } from './missing-rights.ts';

interface Check {
  /** What is looked at, for documentation. */
  readonly doc: string;
  readonly judge: (facts: Facts) => readonly Finding[];
}

/** Everything that is judged, in the order in which it is told. docs/commands.md is made from it. */
export const CHECKS = {
  'api-server': { doc: 'whether it answers, and its version', judge: judgeApiServer },
  kinds: {
    doc: 'whether the API server serves the kinds and versions of Knative and Kubernetes that hpa-bridge reads and writes',
    judge: judgeKinds,
  },
  knative: {
    doc: 'the version of Knative Serving, and whether autoscaler-hpa or autoscaler-keda was forgotten beside hpa-bridge',
    judge: judgeKnative,
  },
  keda: { doc: 'whether KEDA is there and runs, and its version', judge: judgeKeda },
  replicas: { doc: 'how many pods of hpa-bridge are ready', judge: judgeReplicas },
  activators: {
    doc: 'how many activators are ready and behind their Service, and whether one stands behind the Service of each revision without pods',
    judge: judgeActivators,
  },
  leases: { doc: 'who holds each lease, and whether it is renewed', judge: judgeLeases },
  rights: {
    doc: 'whether the ServiceAccounts of hpa-bridge may do all that they do, as the API server says; what is not installed needs no right',
    judge: judgeRights,
  },
  config: {
    doc: 'whether the ConfigMaps that hpa-bridge reads are valid, keys that nothing reads, and `metrics-protocol` of config-observability from Knative 1.19 on',
    judge: judgeConfigMaps,
  },
  'external-metrics': {
    doc: 'who serves external.metrics.k8s.io, and whether the API server reaches it',
    judge: judgeExternalMetrics,
  },
  certificate: {
    doc: 'how long the certificate of external metrics is good; of its Secret nothing else is told',
    judge: judgeCertificate,
  },
  webhook: {
    doc: 'whether the API server asks hpa-bridge about objects, how long its certificate is good, and whether the API server trusts that',
    judge: judgeWebhook,
  },
  prometheus: {
    doc: 'whether each server that is configured answers from here, how many of its targets are up, and its clock',
    judge: judgePrometheus,
  },
} as const satisfies Readonly<Record<string, Check>>;

export type CheckName = keyof typeof CHECKS;

/** A finding, and what was looked at. */
export interface Judged extends Finding {
  readonly check: CheckName;
}

/** What all that was seen comes to. Where the API server does not answer, nothing else can be said. */
export function judge(facts: Facts): readonly Judged[] {
  const names = Object.keys(CHECKS) as readonly CheckName[];
  return names
    .filter((check) => facts.version.ok || check === 'api-server')
    .flatMap((check) => CHECKS[check].judge(facts).map((finding) => ({ check, ...finding })));
}
