import { startProxy, type Proxy } from '../../src/adapters/proxy/proxy.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { ms } from '../../src/domain/time.ts';
import { TimerWheel } from '../../src/engine/timer-wheel.ts';
import type { Throttler } from '../../src/ports/throttler.ts';

/** The real proxy on one port of the loopback, in the real time, with whatever gives it places. */
export const startedProxy = (throttler: Throttler): Promise<Proxy> =>
  startProxy({
    throttler,
    clock: systemClock,
    alarms: new TimerWheel(systemClock, ms(50)),
    address: '127.0.0.1',
    ports: [0],
    tlsPort: undefined,
    podAuthorities: () => undefined,
    onAccess: () => undefined,
    clusterDomain: 'cluster.local',
    self: () => ({ missing: [], name: 'shim-0' }),
  });
