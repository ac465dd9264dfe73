import { describe, expect, test } from '@jest/globals';
import { activatorSubsets, chosenFor, podSubsets, sameSubsets } from '../../../../src/domain/k8s/subsets.ts';
import { endpointsView, type Subset } from '../../../../src/domain/k8s/read/endpoints.ts';

const subsetsOf = (...subsets: readonly object[]): readonly Subset[] =>
  endpointsView.parse({ metadata: { name: 'a' }, subsets }).subsets;
const addresses = (count: number): { readonly ip: string }[] =>
  Array.from({ length: count }, (_, i) => ({ ip: `10.0.${Math.floor(i / 250)}.${i % 250}` }));

describe('the pods of a revision', () => {
  const queueProxy = subsetsOf({
    addresses: [{ ip: '10.0.0.1', nodeName: 'n', targetRef: { kind: 'Pod', name: 'p' } }],
    notReadyAddresses: [{ ip: '10.0.0.2' }],
    ports: [
      { name: 'http-autometric', port: 9090 },
      { name: 'http', port: 8012 },
      { name: 'http-istio', port: 8012 },
      { name: 'https', port: 8112 },
      { name: 'http2', port: 8013 },
    ],
  });
  test.each([
    ['http1', ['http', 'http-istio', 'https']],
    ['h2c', ['https', 'http2']],
  ])('keep all that is said of them, and the ports that %s comes through', (protocol, ports) => {
    const [subset] = podSubsets(queueProxy, protocol);
    expect(subset?.addresses).toEqual([
      { ip: '10.0.0.1', nodeName: 'n', targetRef: { kind: 'Pod', name: 'p' } },
    ]);
    expect(subset?.notReadyAddresses).toEqual([{ ip: '10.0.0.2' }]);
    expect(subset?.ports.map(({ name }) => name)).toEqual(ports);
  });
});

test.each([
  ['http1', 'http', 8012],
  ['h2c', 'http2', 8013],
])('activators listen for %s under the names of the public Service', (protocol, name, port) =>
  expect(activatorSubsets([{ ip: '10.0.0.1' }], protocol)).toEqual([
    {
      addresses: [{ ip: '10.0.0.1' }],
      notReadyAddresses: [],
      ports: [
        { name, port, protocol: 'TCP' },
        { name: 'https', port: 8112, protocol: 'TCP' },
      ],
    },
  ]),
);

test('without anybody there is no subset, because one without addresses is refused', () =>
  expect(activatorSubsets([], 'http1')).toEqual([]));

describe('a choice of addresses', () => {
  const ips = (list: readonly { readonly ip: string }[]): readonly string[] => list.map(({ ip }) => ip);
  test('is all of them where there are few, in order', () =>
    expect(ips(chosenFor('a', addresses(3).reverse(), 3))).toEqual(ips(addresses(3))));
  test('is never empty', () => expect(chosenFor('a', addresses(3), 0)).toHaveLength(1));
  test('is what one Endpoints object holds at most', () =>
    expect(chosenFor('a', addresses(1500), 2000)).toHaveLength(1000));
  test('concerns only those who lose one', () => {
    const all = addresses(20);
    const [, ...others] = all;
    for (let i = 0; i < 50; i += 1) {
      const before = ips(chosenFor(`r${i}`, all, 3));
      const after = ips(chosenFor(`r${i}`, others, 3));
      if (before.includes(all[0]!.ip)) expect(after.filter((ip) => !before.includes(ip))).toHaveLength(1);
      else expect(after).toEqual(before);
    }
  });
  test('differs between revisions', () =>
    expect(
      new Set(Array.from({ length: 50 }, (_, i) => ips(chosenFor(`r${i}`, addresses(20), 3)).join())).size,
    ).toBeGreaterThan(25));
});

describe('the same', () => {
  const a = {
    addresses: [{ ip: '1' }, { ip: '2', nodeName: 'n' }],
    ports: [{ port: 1, name: 'x' }, { port: 2 }],
  };
  test('in another order', () =>
    expect(
      sameSubsets(
        subsetsOf(a, { addresses: [{ ip: '3' }], ports: [] }),
        subsetsOf(
          { addresses: [{ ip: '3' }], ports: [] },
          {
            ports: [{ port: 2 }, { name: 'x', port: 1 }],
            addresses: [{ nodeName: 'n', ip: '2' }, { ip: '1' }],
          },
        ),
      ),
    ).toBe(true));
  test.each([
    ['an address less', { ...a, addresses: [{ ip: '1' }] }],
    [
      'an address that is not ready',
      { ...a, addresses: [{ ip: '1' }], notReadyAddresses: [{ ip: '2', nodeName: 'n' }] },
    ],
    ['another node', { ...a, addresses: [{ ip: '1' }, { ip: '2', nodeName: 'm' }] }],
    ['another port', { ...a, ports: [{ port: 1, name: 'x' }, { port: 3 }] }],
  ])('is not %s', (_name, other) => expect(sameSubsets(subsetsOf(a), subsetsOf(other))).toBe(false));
});
