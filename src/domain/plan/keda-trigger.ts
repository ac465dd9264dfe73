import type { KEDA_TRIGGERS } from '../annotation/columns.ts';
import type { Settings } from '../annotation/settings.ts';
import type { LiveConfig } from '../config/live.ts';

/** Whom KEDA asks for the value of a query. Annotation before ConfigMap. */
export const kedaTriggerOf = (
  { kedaTrigger }: Pick<Settings, 'kedaTrigger'>,
  { bridge }: Pick<LiveConfig, 'bridge'>,
): (typeof KEDA_TRIGGERS)[number] => kedaTrigger ?? bridge.kedaTrigger;
