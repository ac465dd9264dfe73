import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials, Metadata, status, type StatusObject } from '@grpc/grpc-js';
import { expect } from '@jest/globals';
import { WebSocket } from 'ws';
import { askHttp2, openHttp2 } from '../../contracts/activator/client.ts';
import { body10MiB, SHA1_OF_10_MIB } from '../../contracts/activator/words.ts';
import { podAutoscalerWith } from '../serving.ts';
import type { Sleeper } from './sleeper.ts';

/** Longer than the stable window of the revisions, in milliseconds: who does not count as busy is idle after it. */
const LONGER_THAN_A_WINDOW = 9_000;

/** HTTP/2 with prior knowledge; all streams of one connection wait for the first pod. */
export async function wokenOverHttp2({ clusterIP, port, headers, revision }: Sleeper): Promise<void> {
  const session = openHttp2(port, clusterIP);
  const asked = Array.from({ length: 20 }, () => askHttp2(session, { path: '/?sleep=20', headers }));
  for (const { status: came, body, code } of await Promise.all(asked))
    expect([came, body, code]).toEqual([200, `ok ${revision} over HTTP/2.0\n`, 0]);
  session.close();
}

const asIs = (message: Buffer): Buffer => message;

/** Messages go both ways by turns, in a call that the first of them does not wait for: the call itself is what wakes. */
export async function wokenByGrpc({ clusterIP, port, headers }: Sleeper): Promise<void> {
  const client = new Client(`${clusterIP}:${port}`, credentials.createInsecure(), {
    'grpc.enable_http_proxy': 0,
    'grpc.use_local_subchannel_pool': 1,
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const call = client.makeBidiStreamRequest('/lab.Echo/Talk', asIs, asIs, metadata);
  const ended = once(call, 'status') as Promise<[StatusObject]>;
  for (const message of ['one', 'two', 'x'.repeat(200_000)]) {
    call.write(Buffer.from(message));
    const [echo] = (await once(call, 'data')) as [Buffer];
    expect(echo.toString()).toBe(message);
  }
  call.end();
  const [{ code, metadata: trailers }] = await ended;
  expect([code, trailers.get('echoed')]).toEqual([status.OK, ['3']]);
  client.close();
}

/** The connection stays with the activator when the pods are back in the path, and counts for a request as long as it is open. */
export async function wokenByWebSocket(sleeper: Sleeper): Promise<void> {
  const { clusterIP, headers, namespace, revision } = sleeper;
  const socket = new WebSocket(`ws://${clusterIP}/`, { headers });
  await once(socket, 'open');
  const echoed = async (message: string): Promise<void> => {
    socket.send(message);
    expect(String(((await once(socket, 'message')) as [Buffer])[0])).toBe(message);
  };
  await echoed('at zero');
  await sleeper.served();
  await echoed('its pods are back in the path');
  await sleep(LONGER_THAN_A_WINDOW);
  await podAutoscalerWith(namespace, revision, { type: 'Active', status: 'True' });
  await echoed('x'.repeat(200_000));
  socket.close();
  await once(socket, 'close');
}

/** All of a large body arrives, though nobody could read it when it was sent. */
export async function wokenByLargeBody(sleeper: Sleeper): Promise<void> {
  const { status: came, body } = await sleeper.ask({ path: '/digest', method: 'POST', body: body10MiB() });
  expect([came, body]).toEqual([200, SHA1_OF_10_MIB]);
}
