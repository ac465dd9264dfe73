import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { parseBoot, type BootSource } from '../../src/domain/config/boot-reading.ts';
import { keyOf } from '../../src/domain/key.ts';
import { minutes } from '../../src/domain/time.ts';
import { startKedaScaler, type KedaScalerProcess } from '../../src/processes/controller/keda-scaler/wire.ts';
import { selfSigned, type SelfSigned } from '../doubles/certificate.ts';
import { KedaClient } from '../doubles/keda-client.ts';
import { ManualClock } from '../doubles/manual-clock.ts';
import { MemoryTeller } from '../doubles/memory-teller.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-keda-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const REF = { namespace: 'shop', name: 'cart-00001' };
const ACTIVE = { message: { result: true } };
const file = (name: string): string => join(folder, name);
const store = ({ cert, key }: SelfSigned): void => {
  writeFileSync(file('tls.crt'), cert);
  writeFileSync(file('tls.key'), key);
};
const trusting = (server: SelfSigned, client?: SelfSigned): ChannelCredentials =>
  client === undefined
    ? credentials.createSsl(Buffer.from(server.cert))
    : credentials.createSsl(Buffer.from(server.cert), Buffer.from(client.key), Buffer.from(client.cert));

const OURS = selfSigned('hpa-bridge-keda');
const PORT = { kedaScalerPort: '0' };
const TLS = { kedaScalerTlsCertFile: file('tls.crt'), kedaScalerTlsPrivateKeyFile: file('tls.key') };

let clock: ManualClock;
let log: SilentLog;
let teller: MemoryTeller;
let running: KedaScalerProcess | undefined;
const clients: KedaClient[] = [];

async function start(flags: BootSource['flags']): Promise<number> {
  const boot = parseBoot({
    env: {},
    flags: { bindAddress: '127.0.0.1', ...flags },
    hostname: 'host',
    unique: '1',
  });
  if (!boot.ok) throw new Error(boot.error.join(' '));
  const read = (source: { readonly from: string; readonly path?: string }): Promise<string> =>
    readFile(source.path ?? '', 'utf8');
  running = await startKedaScaler({
    boot: boot.value,
    teller,
    read,
    clock,
    telemetry: new TallyingTelemetry(),
    log,
  });
  return running.port ?? -1;
}

const client = (port: number, over?: ChannelCredentials): KedaClient => {
  const made = new KedaClient(port, over);
  clients.push(made);
  return made;
};

beforeEach(() => {
  clock = new ManualClock();
  log = new SilentLog();
  teller = new MemoryTeller();
  teller.value(keyOf('shop', 'cart-00001'), 1);
  store(OURS);
});
afterEach(async () => {
  for (const one of clients.splice(0)) one.close();
  await running?.close();
  running = undefined;
});

test('over TLS whoever trusts the certificate is answered, and nobody is without TLS', async () => {
  const port = await start({ ...PORT, ...TLS });
  expect(await client(port, trusting(OURS)).ask('IsActive', REF)).toEqual(ACTIVE);
  expect(await client(port, trusting(selfSigned('somebody else'))).ask('IsActive', REF)).toMatchObject({
    code: 'UNAVAILABLE',
  });
  expect(await client(port).ask('IsActive', REF)).toMatchObject({ code: 'UNAVAILABLE' });
});

test('with an authority of clients only those with its certificate are answered', async () => {
  const keda = selfSigned('keda-operator');
  writeFileSync(file('ca.crt'), keda.cert);
  const port = await start({ ...PORT, ...TLS, kedaScalerClientCaFile: file('ca.crt') });
  expect(await client(port, trusting(OURS, keda)).ask('IsActive', REF)).toEqual(ACTIVE);
  for (const stranger of [undefined, selfSigned('keda-operator')])
    expect(await client(port, trusting(OURS, stranger)).ask('IsActive', REF)).toMatchObject({
      code: 'UNAVAILABLE',
    });
});

test('a certificate that is replaced is shown to new connections, and those that are open go on', async () => {
  const port = await start({ ...PORT, ...TLS });
  const before = client(port, trusting(OURS));
  const stream = before.follow('StreamIsActive', REF);
  await stream.count(1);
  const next = selfSigned('hpa-bridge-keda');
  store(next);
  await said('serving certificate replaced');
  expect(await client(port, trusting(next)).ask('IsActive', REF)).toEqual(ACTIVE);
  expect(await client(port, trusting(OURS)).ask('IsActive', REF)).toMatchObject({ code: 'UNAVAILABLE' });
  teller.value(keyOf('shop', 'cart-00001'), 0);
  expect(await stream.count(2)).toEqual([{ result: true }, { result: false }]);
  expect(await before.ask('IsActive', REF)).toEqual({ message: { result: false } });
});

test('half of a rotation changes nothing; the other half puts it into force', async () => {
  const port = await start({ ...PORT, ...TLS });
  const next = selfSigned('hpa-bridge-keda');
  writeFileSync(file('tls.crt'), next.cert);
  await said('serving certificate not replaced');
  expect(await client(port, trusting(OURS)).ask('IsActive', REF)).toEqual(ACTIVE);
  rmSync(file('tls.key'));
  const failures = log.lines.length;
  await said('serving certificate not replaced', failures + 1);
  writeFileSync(file('tls.key'), next.key);
  await said('serving certificate replaced');
  expect(await client(port, trusting(next)).ask('IsActive', REF)).toEqual(ACTIVE);
  expect(JSON.stringify(log.lines)).not.toContain(next.key.split('\n')[1]);
});

test('a certificate of no use keeps the process from starting, in one sentence without the key', async () => {
  writeFileSync(file('tls.key'), selfSigned('another').key);
  await expect(start({ ...PORT, ...TLS })).rejects.toThrow(
    /^the serving certificate and its key are of no use \(.*\)$/,
  );
});

test('without a port nobody is served', async () => {
  expect(await start(TLS)).toBe(-1);
  expect(teller.listeners).toBe(0);
});

test('a stop ends it all', async () => {
  const port = await start({ ...PORT, ...TLS });
  const stream = client(port, trusting(OURS)).follow('StreamIsActive', REF);
  await stream.count(1);
  await running?.close();
  expect(await stream.ended).toBe('OK');
  expect([teller.listeners, clock.waiting]).toEqual([0, 0]);
});

/** Lets minutes pass until the log has so many lines of this kind: files are read in real time. */
async function said(message: string, times = 1): Promise<void> {
  while (log.lines.filter((line) => line.message === message).length < times) {
    await clock.pass(minutes(1));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
