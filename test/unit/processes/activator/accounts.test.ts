import { expect, test } from '@jest/globals';
import { keyOf } from '../../../../src/domain/key.ts';
import { UNSERVED } from '../../../../src/domain/throttle/metrics.ts';
import { ms } from '../../../../src/domain/time.ts';
import type { Access } from '../../../../src/ports/access.ts';
import { accounts } from '../../../../src/processes/activator/accounts.ts';
import { SilentLog } from '../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

const access = (differs: Partial<Access>): Access => ({
  ...{ key: keyOf('team', 'shop'), protocol: 'HTTP/1', status: 200, ended: 'answered', held: ms(0) },
  ...{ firstByte: ms(5), total: ms(6), bytes: 3, places: 1 },
  ...differs,
});

test('requests count by their code, and those without the answer of a pod by how they ended', () => {
  const [telemetry, log] = [new TallyingTelemetry(), new SilentLog()];
  const count = accounts({ telemetry, log });
  count(access({}));
  count(access({ status: 503, ended: 'refused', held: undefined }));
  count(access({ status: 503, ended: 'refused', held: undefined }));
  count(access({ status: 0, ended: 'gone', held: undefined }));
  const codes = ['2xx', '5xx', 'none'].map((code) =>
    telemetry.valueOf('hpa_bridge_activator_requests_total', { code }),
  );
  const unserved = UNSERVED.map((ended) =>
    telemetry.valueOf('hpa_bridge_activator_unserved_total', { ended }),
  );
  expect([codes, unserved]).toEqual([
    [1, 2, 1],
    [2, 0, 0, 1],
  ]);
  expect(log.lines).toEqual([]);
});

test('one that waited is told, with what it waited for', () => {
  const [telemetry, log] = [new TallyingTelemetry(), new SilentLog()];
  accounts({ telemetry, log })(access({ held: ms(812.4), firstByte: ms(830), total: ms(1000) }));
  expect(telemetry.valueOf('hpa_bridge_activator_held_seconds', {})).toBe(1);
  expect(log.lines.map(({ fields }) => fields.detail)).toEqual([
    'answered with 200, held 812, answered after 830',
  ]);
});
