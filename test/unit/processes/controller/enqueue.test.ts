import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { keyOf, type Key } from '../../../../src/domain/key.ts';
import { keyOfMeta, type HasMeta } from '../../../../src/domain/k8s/meta.ts';
import {
  horizontalPodAutoscalerView,
  scaledObjectView,
  serverlessServiceView,
} from '../../../../src/domain/k8s/read/children.ts';
import {
  endpointSliceView,
  revisionOfSlice,
  type EndpointSlice,
} from '../../../../src/domain/k8s/read/endpoint-slice.ts';
import { endpointsView } from '../../../../src/domain/k8s/read/endpoints.ts';
import { serviceView } from '../../../../src/domain/k8s/read/service.ts';
import { configMapView } from '../../../../src/domain/k8s/read/config-map.ts';
import { podAutoscalerView } from '../../../../src/domain/k8s/read/pod-autoscaler.ts';
import { revisionView } from '../../../../src/domain/k8s/read/revision.ts';
import { deploymentView, podView } from '../../../../src/domain/k8s/read/workload.ts';
import type { Kind } from '../../../../src/domain/k8s/resources.ts';
import type { Ms } from '../../../../src/domain/time.ts';
import { Store } from '../../../../src/engine/store.ts';
import { addAll, subscribeAll, subscribeMeasuring } from '../../../../src/processes/controller/enqueue.ts';
import { revisionOf } from '../../../../src/domain/k8s/read/workload.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';

const parts = { onBrokenListener: (thrown: unknown) => thrown, clock: new ManualClock() };
/** A cache that a test fills by hand. */
function cached<T extends HasMeta>(kind: Kind, parse: (object: JsonObject) => T) {
  const store = new Store<T>({ ...parts, indexes: {} });
  return { ...by(kind, store, parse), store };
}
function by<T extends HasMeta>(
  kind: Kind,
  store: Pick<Store<T>, 'upsert' | 'remove'>,
  parse: (object: JsonObject) => T,
) {
  let version = 0;
  return {
    kind,
    run: () => Promise.resolve(),
    /** The object of this name is there now, with these labels. */
    set: (
      name: string,
      labels: Record<string, string> = {},
      namespace = 'ns',
      spec: JsonObject = {},
    ): void => {
      const resourceVersion = String(++version);
      const item = parse({
        metadata: { name, namespace, uid: `uid-${name}`, resourceVersion, labels },
        spec: { scaleTargetRef: { name: 'd' }, ...spec },
      });
      store.upsert({ key: keyOfMeta(item.metadata), uid: item.metadata.uid, item });
    },
    unset: (name: string, namespace = 'ns'): void => store.remove(keyOf(namespace, name)),
  };
}

function allCaches() {
  const pods = new Store<ReturnType<typeof podView.parse>, 'revision'>({
    ...parts,
    indexes: { revision: revisionOf },
  });
  const slices = new Store<EndpointSlice, 'revision'>({ ...parts, indexes: { revision: revisionOfSlice } });
  return {
    podAutoscalers: cached('PodAutoscaler', (object) => podAutoscalerView.parse(object)),
    revisions: cached('Revision', (object) => revisionView.parse(object)),
    serverlessServices: cached('ServerlessService', (object) => serverlessServiceView.parse(object)),
    horizontalPodAutoscalers: cached('HorizontalPodAutoscaler', (object) =>
      horizontalPodAutoscalerView.parse(object),
    ),
    scaledObjects: cached('ScaledObject', (object) => scaledObjectView.parse(object)),
    deployments: cached('Deployment', (object) => deploymentView.parse(object)),
    pods: { ...by('Pod', pods, (object) => podView.parse(object)), store: pods },
    services: cached('Service', (object) => serviceView.parse(object)),
    endpoints: cached('Endpoints', (object) => endpointsView.parse(object)),
    endpointSlices: {
      ...by('EndpointSlice', slices, (object) => endpointSliceView.parse(object)),
      store: slices,
    },
    activators: cached('Endpoints', (object) =>
      endpointsView.parse({ ...object, ...(object['spec'] as JsonObject) }),
    ),
    activatorPods: cached('Pod', (object) => podView.parse(object)),
    configMaps: cached('ConfigMap', (object) => configMapView.parse(object)),
  };
}

let caches: ReturnType<typeof allCaches>;
let added: { key: Key; after: Ms | undefined }[];
let configMaps: string[];
let activatorChanges: number;
const target = () => ({
  caches,
  isOurs: (key: Key) => key !== keyOf('ns', 'theirs'),
  add: (key: Key, after?: Ms) => void added.push({ key, after }),
  onConfigMap: (name: string) => void configMaps.push(name),
  onActivators: () => void (activatorChanges += 1),
});
beforeEach(() => {
  [caches, added, configMaps, activatorChanges] = [allCaches(), [], [], 0];
  subscribeAll(target());
});
/** The keys that were asked for since the last look. */
const asked = (): Key[] => added.splice(0).map(({ key }) => key);

const NAMED = [
  'podAutoscalers',
  'revisions',
  'scaledObjects',
  'horizontalPodAutoscalers',
  'serverlessServices',
] as const;
const LABELLED = ['deployments', 'pods'] as const;
const LABEL = 'serving.knative.dev/revision';

describe('a change concerns', () => {
  test.each(NAMED)('%s: the PodAutoscaler of the same name', (kind) => {
    caches[kind].set('a');
    caches[kind].set('a');
    expect(asked()).toEqual(['ns/a', 'ns/a']);
    caches[kind].unset('a');
    expect(asked()).toEqual(['ns/a']);
    caches[kind].set('a', {}, 'other');
    expect(asked()).toEqual(['other/a']);
  });

  test.each(LABELLED)('%s: the revision of the label', (kind) => {
    caches[kind].set('a-deployment', { [LABEL]: 'a' });
    expect(asked()).toEqual(['ns/a']);
    caches[kind].unset('a-deployment');
    expect(asked()).toEqual(['ns/a']);
  });

  test.each(LABELLED)('%s: both revisions when the label changes', (kind) => {
    caches[kind].set('x', { [LABEL]: 'a' });
    asked();
    caches[kind].set('x', { [LABEL]: 'b' });
    expect(asked().sort()).toEqual(['ns/a', 'ns/b']);
  });

  test.each(LABELLED)('%s: nobody without the label', (kind) => {
    caches[kind].set('x');
    expect(asked()).toEqual([]);
  });

  test('nobody whose class is not ours', () => {
    for (const kind of NAMED) caches[kind].set('theirs');
    for (const kind of LABELLED) caches[kind].set('x', { [LABEL]: 'theirs' });
    expect(asked()).toEqual([]);
  });

  test.each(['services', 'endpoints'] as const)('%s: the revision that they belong to', (kind) => {
    caches[kind].set('a-private', { 'networking.internal.knative.dev/serverlessservice': 'a' });
    expect(asked()).toEqual(['ns/a']);
    caches[kind].set('else');
    expect(asked()).toEqual([]);
  });

  test('Endpoints of activators: everybody, if there are other addresses than before', () => {
    const behind = (name: string, ...ips: readonly string[]): void =>
      caches.activators.set(name, {}, 'knative-serving', {
        subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: [{ port: 8012 }] }],
      });
    behind('hpa-bridge-activator', '10.0.0.1', '10.0.0.2');
    behind('activator-service', '10.0.0.3');
    expect(activatorChanges).toBe(2);
    behind('hpa-bridge-activator', '10.0.0.2', '10.0.0.1');
    behind('webhook', '10.0.0.4');
    expect(activatorChanges).toBe(2);
    behind('hpa-bridge-activator');
    expect(activatorChanges).toBe(3);
  });

  test('ConfigMaps: the configuration, also when one goes', () => {
    caches.configMaps.set('config-autoscaler');
    caches.configMaps.unset('config-autoscaler');
    expect(configMaps).toEqual(['config-autoscaler', 'config-autoscaler']);
    expect(asked()).toEqual([]);
  });
});

describe('all are asked for', () => {
  const fill = (many: number): void => {
    for (let i = 0; i < many; i += 1) caches.podAutoscalers.set(`a${i}`);
    added.length = 0;
  };

  test('once each, but those that are not ours', () => {
    fill(3);
    caches.podAutoscalers.set('theirs');
    addAll(target(), () => 0);
    expect(asked()).toEqual(['ns/a0', 'ns/a1', 'ns/a2']);
  });

  test('at times that are spread the wider the more there are, within half a minute', () => {
    fill(10);
    addAll(target(), () => 0.5);
    expect(added.map(({ after }) => after)).toEqual(Array.from({ length: 10 }, () => 25));
    fill(10_000);
    addAll(target(), () => 0.999);
    expect(Math.max(...added.map(({ after }) => after ?? Infinity))).toBe(29_970);
  });
});

test('what is measured is looked at again when the pods of a revision are gone, and when it has some again', () => {
  const caches = allCaches();
  const added: Key[] = [];
  const reviewed: Key[] = [];
  subscribeMeasuring(caches, { add: (key) => added.push(key), review: (key) => reviewed.push(key) });
  const deployment = (replicas: number): void =>
    caches.deployments.set('d', { 'serving.knative.dev/revision': 'a' }, 'ns', { replicas });
  for (const replicas of [1, 2, 0, 0, 3]) deployment(replicas);
  expect(added).toEqual([keyOf('ns', 'a'), keyOf('ns', 'a')]);
  expect(reviewed).toHaveLength(5);
});
