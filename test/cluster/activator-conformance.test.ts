import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ask } from '../contracts/activator/client.ts';
import { CASES } from '../contracts/activator/cases.ts';
import type { Subject } from '../contracts/activator/contract.ts';
import { Pod } from '../contracts/activator/pod.ts';
import { eventually } from './api.ts';
import { addressesIn, KINDS } from './kinds.ts';
import { api, namespace, SYSTEM } from './lab.ts';
import { privateEndpoints, unscaledRevision } from './unscaled.ts';

/** Where the pod of the table listens: of the lab, and reachable from its pods. */
const HOST = '10.244.0.1';
const PORT = 8012;
const REVISION = 'conforming';

let space: Awaited<ReturnType<typeof namespace>>;
let pod: Pod;
let subject: Subject;

/** A Revision whose only address is the pod of the table. */
async function makeRevision(authority: string): Promise<void> {
  await unscaledRevision(space.name, REVISION, { containers: [{ image: 'dev.local/app:1' }] });
  const [ip = '', port] = authority.split(':');
  await privateEndpoints(space.name, REVISION, { addresses: [ip], port: Number(port) });
}

/** The address by which Knative's activator knows who runs the cases. */
async function clientOf(host: string): Promise<string> {
  const socket = connect({ host, port: PORT });
  await once(socket, 'connect');
  const { localAddress = '' } = socket;
  socket.destroy();
  return localAddress;
}

beforeAll(async () => {
  space = await namespace('conformance');
  pod = await Pod.start({ address: HOST });
  await makeRevision(pod.authority);
  const [host = ''] = addressesIn(await api.get(KINDS.endpoints, SYSTEM, 'activator-service'));
  const revision = { 'knative-serving-revision': REVISION, 'knative-serving-namespace': space.name };
  subject = { host, port: PORT, client: await clientOf(host), pod, revision };
  await eventually(async () => {
    // It may have seen the Endpoints before the Revision, and then it does not come back to them by itself.
    await api.patch(KINDS.endpoints, space.name, `${REVISION}-private`, {
      metadata: { annotations: { 'example.com/seen': String(performance.now()) } },
    });
    const answer = await Promise.race([ask({ host, port: PORT, path: '/', headers: revision }), sleep(1000)]);
    expect(answer?.status).toBe(200);
  });
});
afterAll(async () => {
  pod.stop();
  await space[Symbol.asyncDispose]();
});

const alike = CASES.filter(({ unlikeKnative }) => unlikeKnative === undefined);
const unlike = CASES.filter(({ unlikeKnative }) => unlikeKnative !== undefined);

test.each(alike)(
  "Knative's own activator: $name",
  async ({ run }) => {
    await run(subject);
  },
  60_000,
);

/** Some of what differs is that nothing comes; a case that does not differ would hold within some milliseconds. */
const holds = (run: (subject: Subject) => Promise<void>): Promise<boolean> =>
  Promise.race([
    run(subject).then(
      () => true,
      () => false,
    ),
    sleep(2000, false, { ref: false }),
  ]);

test.each(unlike)("not so Knative's own activator: $name ($unlikeKnative)", async ({ run }) => {
  expect(await holds(run)).toBe(false);
  // It was not the world that failed.
  const { host, port, revision } = subject;
  expect((await ask({ host, port, path: '/', headers: revision })).status).toBe(200);
});
