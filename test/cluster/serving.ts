import { expect } from '@jest/globals';
import { eventually, type Manifest } from './api.ts';
import { api } from './lab.ts';
import { KINDS, type Condition, type Conditioned, type Event, type PodAutoscaler } from './kinds.ts';

export const PREFIX = 'autoscaling.knative.dev';
export const CLASS = 'hpa.autoscaling.knative.dev';

/** A query that nobody has anything against; there is no such metric. */
export const PLAIN_QUERY = 'sum(depth{namespace="{{ .namespace }}"})';

/** `metric` stands for `autoscaling.knative.dev/metric`; a key with a slash stands for itself. */
export type Annotations = Readonly<Record<string, string | null>>;

export const spelled = (annotations: Annotations): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [key.includes('/') ? key : `${PREFIX}/${key}`, value]),
  );

/** What revisions say beside what all of the lab say; `container` is what their container says. */
interface RevisionSpec extends Readonly<Record<string, unknown>> {
  readonly container?: Readonly<Record<string, unknown>>;
}

/** A Knative Service of the HPA class. Its container asks for cpu and memory, without which KEDA refuses triggers on them. */
export const serviceOf = (
  namespace: string,
  name: string,
  annotations: Annotations,
  { container = {}, ...spec }: RevisionSpec = {},
): Manifest => ({
  metadata: { namespace, name },
  spec: {
    template: {
      metadata: { annotations: spelled({ class: CLASS, ...annotations }) },
      spec: {
        // Its pods get as long to end, and a namespace is looked at again only after half of that.
        timeoutSeconds: 10,
        responseStartTimeoutSeconds: 10,
        ...spec,
        containers: [
          {
            image: 'dev.local/app:1',
            ports: [{ containerPort: 8080 }],
            resources: { requests: { cpu: '100m', memory: '64Mi' } },
            ...container,
          },
        ],
      },
    },
  },
});

export const applyService = (...service: Parameters<typeof serviceOf>): Promise<unknown> =>
  api.apply(KINDS.service, serviceOf(...service));

export const conditionOf = (object: Conditioned | undefined, type: string): Condition | undefined =>
  object?.status?.conditions?.find((condition) => condition.type === type);

/** Waits until the Service is Ready with its newest revision; the revision's name. */
export const readyRevision = (namespace: string, name: string): Promise<string> =>
  eventually(async () => {
    const service = await api.get(KINDS.service, namespace, name);
    expect(service.status?.observedGeneration).toBe(service.metadata.generation);
    expect(conditionOf(service, 'Ready')).toMatchObject({ status: 'True' });
    expect(service.status?.latestReadyRevisionName).toBe(service.status?.latestCreatedRevisionName);
    return service.status!.latestReadyRevisionName!;
  });

/** Applies the Service and waits until it is Ready; the revision's name. */
export async function served(...service: Parameters<typeof serviceOf>): Promise<string> {
  await applyService(...service);
  const [namespace, name] = service;
  return readyRevision(namespace, name);
}

/** The PodAutoscaler, once this condition has this status. */
export const podAutoscalerWith = (
  namespace: string,
  name: string,
  condition: Partial<Condition> & { readonly type: string },
): Promise<PodAutoscaler> =>
  eventually(async () => {
    const found = await api.get(KINDS.podAutoscaler, namespace, name);
    expect(conditionOf(found, condition.type)).toMatchObject(condition);
    return found;
  });

/** Edits annotations of the Revision, which Knative copies to its PodAutoscaler; null removes one. */
export const annotate = (namespace: string, revision: string, annotations: Annotations): Promise<unknown> =>
  api.patch(KINDS.revision, namespace, revision, { metadata: { annotations: spelled(annotations) } });

/** The events about an object of this name. */
export const eventsAbout = async (namespace: string, name: string): Promise<readonly Event[]> =>
  (await api.list(KINDS.event, namespace)).filter((event) => event.involvedObject.name === name);
