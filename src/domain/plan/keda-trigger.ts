import type { KEDA_TRIGGERS } from '../annotation/columns.ts';
import type { Intent } from './intent.ts';

/** Whom KEDA asks for the value of a query, if it scales by one. Annotation before ConfigMap. */
export const kedaTriggerOf = ({
  settings,
  config,
}: Pick<Intent, 'settings' | 'config'>): (typeof KEDA_TRIGGERS)[number] =>
  settings.kedaTrigger ?? config.bridge.kedaTrigger;

/** Whether KEDA, where it scales, is told the value of the query by us. */
export const kedaAsksUs = (intent: Pick<Intent, 'signal' | 'settings' | 'config'>): boolean =>
  intent.signal.from === 'query' && kedaTriggerOf(intent) === 'bridge';
