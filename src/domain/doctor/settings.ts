import { BOOT, type Boot } from '../config/boot.ts';
import type { BridgePod } from '../k8s/read/bridge-pod.ts';

/** Settings by which the parts of an installation find each other. */
type Name = 'externalMetricsService' | 'externalMetricsSecret' | 'webhookService' | 'webhookSecret';

/** A setting as whoever asks has given it; else as the pods have it in their environment; else as it is by default. */
export function settingOf(name: Name, boot: Pick<Boot, Name>, pods: readonly BridgePod[]): string {
  const { env, default: usual } = BOOT[name];
  if (boot[name] !== usual) return boot[name];
  const set = pods.flatMap(({ spec }) => spec.containers.flatMap((container) => container.env));
  return set.find((variable) => variable.name === env)?.value ?? usual;
}
