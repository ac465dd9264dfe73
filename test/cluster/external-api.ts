import { expect } from '@jest/globals';
import { eventually } from './api.ts';
import { KINDS, type ApiService } from './kinds.ts';
import { api } from './lab.ts';
import { conditionOf } from './serving.ts';

export const API_SERVICE = 'v1beta1.external.metrics.k8s.io';

/** Who answers for external metrics now. */
export const externalApi = (): Promise<ApiService> => api.get(KINDS.apiService, undefined, API_SERVICE);

/** Waits until the API server says that they do answer. */
export const externalApiAvailable = (): Promise<void> =>
  eventually(async () => {
    expect(conditionOf(await externalApi(), 'Available')).toMatchObject({ status: 'True' });
  });

const OPERATOR = 'keda-operator';
const ADAPTER = 'keda-metrics-apiserver';

async function run(name: string, replicas: number): Promise<void> {
  await api.patch(KINDS.deployment, 'keda', name, { spec: { replicas } });
  await eventually(async () => {
    const { status } = await api.get(KINDS.deployment, 'keda', name);
    expect([status?.replicas ?? 0, status?.readyReplicas ?? 0]).toEqual([replicas, replicas]);
  });
}

/**
 * Takes external.metrics.k8s.io away from KEDA; KEDA has it again once this is disposed of. Its operator stands still in between, because
 * it writes its own bundle into the APIService, whoever that names. ScaledObjects are still served, so a bridge leaves the API free for
 * two minutes.
 */
export async function freeExternalApi(): Promise<AsyncDisposable> {
  const theirs = await externalApi();
  await run(OPERATOR, 0);
  await api.remove(KINDS.apiService, undefined, API_SERVICE);
  return {
    [Symbol.asyncDispose]: async () => {
      await api.remove(KINDS.apiService, undefined, API_SERVICE);
      const { spec, metadata } = theirs;
      await api.apply(KINDS.apiService, {
        metadata: { name: API_SERVICE, labels: metadata.labels, annotations: metadata.annotations },
        spec,
      });
      await run(OPERATOR, 1);
      // It waits longer and longer for an operator that is away, and answers no HPA meanwhile: a new one connects at once.
      await run(ADAPTER, 0);
      await run(ADAPTER, 1);
      await externalApiAvailable();
    },
  };
}
