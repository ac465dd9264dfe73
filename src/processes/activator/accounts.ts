import type { Access, OnAccess } from '../../ports/access.ts';
import { ms } from '../../domain/time.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { Log } from '../../ports/log.ts';

const LEAST = ms(1);

/** Counts requests that have ended; those that waited for a pod are told one by one where the log is asked for details. */
export const accounts =
  ({ telemetry, log }: { readonly telemetry: Telemetry; readonly log: Log }): OnAccess =>
  ({ key, status, held, firstByte, total, ended }: Access) => {
    telemetry.add('hpa_bridge_activator_requests_total', { code: codeClass(status) });
    if (ended !== 'answered') telemetry.add('hpa_bridge_activator_unserved_total', { ended });
    if (held === undefined || held < LEAST) return;
    telemetry.observe('hpa_bridge_activator_held_seconds', {}, held / 1000);
    const began = firstByte === undefined ? '' : `, answered after ${Math.round(firstByte)}`;
    log.debug('request', {
      key,
      ms: Math.round(total),
      detail: `${ended} with ${status}, held ${Math.round(held)}${began}`,
    });
  };

const codeClass = (status: number): string =>
  status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'none';
