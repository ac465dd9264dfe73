import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { installAsPods, scalePods, uninstallPods } from './bridge.ts';
import { KINDS } from './kinds.ts';
import { api, kubectl, namespace, SYSTEM } from './lab.ts';
import { Load } from './load.ts';
import { served } from './serving.ts';

const OURS = { 'app.kubernetes.io/name': 'hpa-bridge', 'app.kubernetes.io/component': 'controller' };

/** Whom Knative's activators push their statistics to: they dial the Service `autoscaler`. Resolves with their address once they do so. */
async function reportingTo(selector: Readonly<Record<string, string | null>>, port: number): Promise<string> {
  const spec = { selector, ports: [{ name: 'http', port: 8080, targetPort: port }] };
  await kubectl(['patch', 'service', 'autoscaler', '-n', SYSTEM, '-p', JSON.stringify({ spec })]);
  // One that has connections of other cases would take ten minutes to end.
  await kubectl(['delete', 'pod', '-n', SYSTEM, '-l', 'app=activator', '--grace-period=2']);
  return eventually(async () => {
    const pods = await api.list(KINDS.pod, SYSTEM, '?labelSelector=app%3Dactivator');
    // An activator is ready while it is connected.
    const ready = pods.filter(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
    expect(pods.length).toBe(1);
    expect(ready.length).toBe(1);
    return ready[0]?.status?.podIP ?? '';
  });
}

beforeAll(async () => {
  await installAsPods();
  // The Service of Knative leads to one of those that it selects.
  await scalePods(1);
});
afterAll(async () => {
  const none = Object.fromEntries(Object.keys(OURS).map((label) => [label, null]));
  await reportingTo({ ...none, app: 'autoscaler' }, 8080);
  await uninstallPods();
});

test('what the activator of Knative holds counts, and the pods leave out what came through it', async () => {
  await using space = await namespace('statistics');
  const activator = await reportingTo({ ...OURS, app: null }, 8081);
  const revision = await served(space.name, 'held', {
    metric: 'concurrency',
    target: '5',
    window: '20s',
  });
  await using load = await Load.on(space.name, revision, { through: `${activator}:8012` });
  // In the middle of what five pods are wanted for: 14 to 17.5.
  load.inFlight(16);
  await eventually(async () => {
    const { status } = await api.get(KINDS.podAutoscaler, space.name, revision);
    expect(status).toMatchObject({ desiredScale: 5, actualScale: 5 });
  });
});
