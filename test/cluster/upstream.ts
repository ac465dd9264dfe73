import { expect } from '@jest/globals';
import { eventually } from './api.ts';
import { api, SYSTEM } from './lab.ts';
import { KINDS } from './kinds.ts';

const NAME = 'autoscaler-hpa';

const pods = async (): Promise<number> =>
  (await api.list(KINDS.pod, SYSTEM, `?labelSelector=app%3D${NAME}`)).length;

/** Runs Knative's own autoscaler-hpa (the real binary, in a pod) while the work lasts. */
export async function besideUpstream<T>(work: () => Promise<T>): Promise<T> {
  await api.patch(KINDS.deployment, SYSTEM, NAME, { spec: { replicas: 1 } });
  try {
    await eventually(async () => {
      const { status } = await api.get(KINDS.deployment, SYSTEM, NAME);
      expect(status?.readyReplicas).toBe(1);
    });
    return await work();
  } finally {
    await api.patch(KINDS.deployment, SYSTEM, NAME, { spec: { replicas: 0 } });
    await eventually(async () => expect(await pods()).toBe(0));
  }
}
