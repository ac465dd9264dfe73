// A shim whose one revision has one pod that always has room: the data path and nothing else. Prints its port.
import { ms } from '../../../src/domain/time.ts';
import { TimerWheel } from '../../../src/engine/timer-wheel.ts';
import { weighBuffersWithTheHeap } from '../../../src/adapters/env/external-memory.ts';
import { startProxy } from '../../../src/adapters/proxy/proxy.ts';
import { systemClock } from '../../../src/adapters/time/system-clock.ts';
import { OpenThrottler } from '../../doubles/open-throttler.ts';
import type { Place, Seeker, ServedRevision, Throttler } from '../../../src/ports/throttler.ts';

const [origin = ''] = process.argv.slice(2);

class OnePod implements Throttler {
  inFlight = 0;
  readonly #revisions = new OpenThrottler();
  readonly #place: Place = { origin, host: undefined, headers: [], release: () => undefined };

  revision(key: Parameters<Throttler['revision']>[0]): ServedRevision | undefined {
    return this.#revisions.revision(key);
  }

  arrived(): void {
    this.inFlight += 1;
  }

  answered(): void {
    // Nobody waits for it.
  }

  left(): void {
    this.inFlight -= 1;
  }

  seek(seeker: Seeker): void {
    seeker.granted(this.#place);
  }

  withdraw(): void {
    // Nobody waits.
  }
}

weighBuffersWithTheHeap();
let accesses = 0;
const proxy = await startProxy({
  ...{
    throttler: new OnePod(),
    clock: systemClock,
    alarms: new TimerWheel(systemClock, ms(50)),
    address: '127.0.0.1',
    ports: [0],
    tlsPort: undefined,
  },
  ...{ podAuthorities: () => undefined, clusterDomain: 'cluster.local' },
  onAccess: () => (accesses += 1),
  self: () => ({ missing: [], name: 'bench' }),
});
console.log(proxy.ports[0]);
process.on('SIGTERM', () => {
  console.error(`${accesses} requests`);
  process.exit(0);
});
