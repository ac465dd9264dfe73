import { afterAll, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { installAsPods, uninstallPods } from './bridge.ts';
import { KINDS } from './kinds.ts';
import { api, namespace, SYSTEM } from './lab.ts';
import { PLAIN_QUERY, served } from './serving.ts';

const NAME = 'hpa-bridge';

const leader = async (): Promise<string> => {
  const [pod = ''] = (await api.list(KINDS.lease, SYSTEM))
    .map(({ spec }) => spec.holderIdentity ?? '')
    .filter((identity) => identity.startsWith(`${NAME}-`));
  return pod.split('_')[0] ?? '';
};

afterAll(uninstallPods);

test('what config installs works as it is: two pods with their own token, one leads, the other follows', async () => {
  await using space = await namespace('installed');
  await installAsPods();
  const first = await eventually(async () => {
    const pod = await leader();
    expect(pod).not.toBe('');
    return pod;
  });
  await served(space.name, 'one', { query: PLAIN_QUERY, target: '5' });
  await eventually(() => api.get(KINDS.scaledObject, space.name, 'one-00001'));

  await api.remove(KINDS.pod, SYSTEM, first);
  await eventually(async () => expect(['', first]).not.toContain(await leader()), 120_000);
  await served(space.name, 'two', { query: PLAIN_QUERY, target: '5' });
  await eventually(() => api.get(KINDS.scaledObject, space.name, 'two-00001'));
});
