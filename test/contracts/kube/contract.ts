import { afterAll, beforeAll, beforeEach, describe } from '@jest/globals';
import { applyCases } from './apply-cases.ts';
import { deletionCases } from './deletion-cases.ts';
import { kindCases } from './kind-cases.ts';
import { Kube, type KubeUnderTest } from './kube.ts';
import { listCases } from './list-cases.ts';
import { metadataCases } from './metadata-cases.ts';
import { objectCases } from './object-cases.ts';
import { patchCases } from './patch-cases.ts';
import { portCases } from './port-cases.ts';
import { subresourceCases } from './subresource-cases.ts';
import { watchCases } from './watch-cases.ts';

/** What every case works with: the server, and a namespace of its own. */
export interface Bench {
  readonly kube: Kube;
  readonly namespace: string;
}

let spaces = 0;

/** What hpa-bridge relies on in an API server. The one in memory and the real one keep the same contract. */
export const kubeContract = (name: string, setup: () => Promise<KubeUnderTest>): void =>
  describe(`${name} keeps the contract of an API server`, () => {
    let connected: Kube | undefined;
    let namespace = '';
    beforeAll(async () => {
      connected = new Kube(await setup());
    }, 300_000);
    beforeEach(async () => {
      namespace = `contract-${process.pid}-${Date.now().toString(36)}-${++spaces}`;
      await bench().kube.post('/api/v1/namespaces', { metadata: { name: namespace } });
    });
    afterAll(async () => {
      await connected?.close();
      await connected?.underTest.stop();
    });
    const bench = (): Bench => {
      if (connected === undefined) throw new Error('the server did not start');
      return { kube: connected, namespace };
    };
    describe('objects', () => objectCases(bench));
    describe('metadata', () => metadataCases(bench));
    describe('kinds', () => kindCases(bench));
    describe('lists', () => listCases(bench));
    describe('watches', () => watchCases(bench));
    describe('apply', () => applyCases(bench));
    describe('patches', () => patchCases(bench));
    describe('sub-resources', () => subresourceCases(bench));
    describe('deletion', () => deletionCases(bench));
    describe('through our own adapters', () => portCases(bench));
  });
