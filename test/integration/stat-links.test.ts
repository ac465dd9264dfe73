import { afterEach, expect, test } from '@jest/globals';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { statDialer } from '../../src/adapters/websocket/stat-dialer.ts';
import { startStatServer, type StatServer } from '../../src/adapters/websocket/stat-server.ts';
import { ms } from '../../src/domain/time.ts';
import { StatLinks } from '../../src/processes/activator/stat-links.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

/** Longer than anything here takes on a slow machine; only a failing test waits so long. */
const PATIENCE = 20_000;

const telemetry = new TallyingTelemetry();
const open = (): number => telemetry.valueOf('hpa_bridge_stat_links', {});
const linksOf = (): StatLinks =>
  new StatLinks({
    ...{ dialer: statDialer(systemClock), clock: systemClock, random: Math.random, telemetry },
    log: new SilentLog(),
  });

const until = async (what: string, look: () => boolean): Promise<void> => {
  const deadline = performance.now() + PATIENCE;
  while (!look()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await systemClock.sleep(ms(10));
  }
};

/** A controller that hears of requests. */
async function controller(port = 0): Promise<{ readonly server: StatServer; readonly heard: string[] }> {
  const heard: string[] = [];
  const server = await startStatServer({
    address: '127.0.0.1',
    port,
    receiver: {
      message: (bytes) => {
        heard.push(Buffer.from(bytes).toString());
        return Promise.resolve();
      },
    },
    telemetry,
    log: new SilentLog(),
  });
  return { server, heard };
}
const at = ({ port }: StatServer): string => `127.0.0.1:${port}`;
const bytes = (text: string): Uint8Array => Buffer.from(text);

let links: StatLinks;
afterEach(async () => {
  links.lead([]);
  await until('all links to be closed', () => open() === 0);
});

test('every controller hears everything, and one that nobody leads to any more hears nothing', async () => {
  links = linksOf();
  const [one, two] = [await controller(), await controller()];
  links.lead([at(one.server), at(two.server)]);
  await until('two links', () => open() === 2);
  links.send(bytes('first'));
  await until('the first', () => one.heard.length === 1 && two.heard.length === 1);
  links.lead([at(two.server)]);
  await until('one link', () => open() === 1);
  links.send(bytes('second'));
  await until('the second', () => two.heard.length === 2);
  expect([one.heard, two.heard]).toEqual([['first'], ['first', 'second']]);
  await Promise.all([one.server.close(), two.server.close()]);
});

test('a controller that is away costs nobody anything, and is found when it comes back', async () => {
  links = linksOf();
  const first = await controller();
  links.lead([at(first.server)]);
  await until('a link', () => open() === 1);
  await first.server.close();
  await until('no link', () => open() === 0);
  links.send(bytes('lost'));
  const again = await controller(first.server.port);
  await until('a link again', () => open() === 1);
  links.send(bytes('heard'));
  await until('the message', () => again.heard.length === 1);
  expect(again.heard).toEqual(['heard']);
  await again.server.close();
});
