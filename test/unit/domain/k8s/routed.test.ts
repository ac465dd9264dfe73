import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { clusterIpView } from '../../../../src/domain/k8s/read/cluster-ip.ts';
import { routedEndpointsView } from '../../../../src/domain/k8s/read/routed-endpoints.ts';
import { routedRevisionView } from '../../../../src/domain/k8s/read/routed-revision.ts';
import { podView } from '../../../../src/domain/k8s/read/workload.ts';
import { backendsOf } from '../../../../src/domain/throttle/backends.ts';

const revision = (spec: JsonObject): unknown =>
  routedRevisionView.parse({ metadata: { name: 'shop' }, spec });

describe('of a Revision', () => {
  test('what it does not say is as Knative has it', () => {
    expect(revision({})).toMatchObject({
      timeout: 300_000,
      responseStartTimeout: undefined,
      idleTimeout: undefined,
      containerConcurrency: 0,
      usableEarly: true,
    });
  });

  test('times are read, and a time of 0 is none', () => {
    const spec = {
      timeoutSeconds: 10,
      responseStartTimeoutSeconds: 5,
      idleTimeoutSeconds: 0,
      containerConcurrency: 3,
    };
    expect(revision(spec)).toMatchObject({
      timeout: 10_000,
      responseStartTimeout: 5000,
      idleTimeout: undefined,
      containerConcurrency: 3,
    });
  });

  const http = { readinessProbe: { httpGet: { port: 8080 } } };
  const exec = { readinessProbe: { exec: { command: ['true'] } } };
  const port = { ports: [{ containerPort: 8080 }] };
  test.each<[string, JsonObject[], boolean]>([
    ['a readiness probe over HTTP', [http], true],
    ['one that runs a command', [exec], false],
    ['one that runs a command, in the container that names a port', [http, { ...exec, ...port }], false],
    ['one that runs a command, in another one', [{ ...http, ...port }, exec], true],
    [
      'a startup probe of any container',
      [{ ...http, ...port }, { startupProbe: { tcpSocket: { port: 1 } } }],
      false,
    ],
  ])('with %s, pods may be used before they are ready: %s', (_what, containers, usableEarly) => {
    expect(revision({ containers })).toMatchObject({ usableEarly });
  });
});

test('of Endpoints: the ready addresses, each once and in order, and the first port', () => {
  const subsets = [
    { addresses: [{ ip: '10.0.0.2' }, { ip: '10.0.0.1' }], ports: [{ port: 8012 }, { port: 8112 }] },
    { addresses: [{ ip: '10.0.0.2' }], notReadyAddresses: [{ ip: '10.0.0.3' }], ports: [{ port: 8013 }] },
  ];
  expect(routedEndpointsView.parse({ metadata: { name: 'shop' }, subsets })).toMatchObject({
    addresses: ['10.0.0.1', '10.0.0.2'],
    port: 8012,
  });
  expect(routedEndpointsView.parse({ metadata: { name: 'shop' }, subsets: null })).toMatchObject({
    addresses: [],
    port: undefined,
  });
});

test('of a Service: its address, if it has one', () => {
  const of = (clusterIP?: string): unknown =>
    clusterIpView.parse({ spec: clusterIP === undefined ? {} : { clusterIP } });
  expect([of('10.96.0.1'), of('None'), of('')]).toEqual(['10.96.0.1', undefined, undefined]);
});

test('pods that may take requests have an address and are not on their way out', () => {
  const pod = (
    podIP: string,
    more: JsonObject = {},
    meta: JsonObject = {},
  ): ReturnType<typeof podView.parse> =>
    podView.parse({
      metadata: { name: 'p', ...meta },
      status: { phase: 'Running', podIP, conditions: [{ type: 'Ready', status: 'True' }], ...more },
    });
  const pods = [
    pod('10.0.0.2'),
    pod('10.0.0.1', { phase: 'Pending', conditions: [] }),
    pod(''),
    pod('10.0.0.3', { phase: 'Failed' }),
    pod('10.0.0.4', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  ];
  expect(backendsOf(pods)).toEqual([
    { address: '10.0.0.1', ready: false },
    { address: '10.0.0.2', ready: true },
  ]);
});
