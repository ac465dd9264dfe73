import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { dial, type Address } from '../../../../src/adapters/proxy/dial.ts';
import { eventually } from '../../../contracts/activator/words.ts';

let server: Server;
let address: Address;
const accepted: Socket[] = [];

beforeEach(async () => {
  accepted.length = 0;
  server = createServer((socket) => accepted.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: undefined };
});
afterEach(async () => {
  for (const socket of accepted) socket.destroy();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
});

/** What is told, each time. */
function told(to: Address): { readonly results: (Socket | Error)[]; readonly giveUp: () => void } {
  const results: (Socket | Error)[] = [];
  const giveUp = dial(to, (error, socket) => results.push(error ?? socket));
  return { results, giveUp };
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test('who listens is reached', async () => {
  const { results } = told(address);
  await eventually(() => results.length === 1 && accepted.length === 1);
  expect((results[0] as Socket).remotePort).toBe(address.port);
});

test('a refusal is told at once, and once', async () => {
  await new Promise((resolve) => server.close(resolve));
  const { results } = told(address);
  await eventually(() => results.length === 1);
  await turns(5);
  expect(results).toMatchObject([{ code: 'ECONNREFUSED' }]);
});

test('who has given up is told nothing, and keeps no connection', async () => {
  const { results, giveUp } = told(address);
  giveUp();
  await turns(20);
  for (const socket of accepted) socket.resume();
  await eventually(() => accepted.every(({ readableEnded, destroyed }) => readableEnded || destroyed));
  expect(results).toEqual([]);
});

test('a connection that is there is not given up because the process had no time to notice', async () => {
  const { results } = told(address);
  for (const start = performance.now(); performance.now() - start < 120;);
  await eventually(() => results.length === 1);
  await turns(20);
  expect([results.length, accepted.length]).toEqual([1, 1]);
  expect((results[0] as Socket).destroyed).toBe(false);
});
