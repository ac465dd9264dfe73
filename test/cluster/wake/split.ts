import { expect } from '@jest/globals';
import { eventually } from '../api.ts';
import { KINDS, type Ingress, type Split } from '../kinds.ts';
import { api } from '../lab.ts';
import { readyRevision, served, serviceOf } from '../serving.ts';
import { ask, type Answer } from '../../contracts/activator/client.ts';
import type { Sleeper } from './sleeper.ts';

type Service = Parameters<typeof serviceOf>;

/** Two revisions of a Service: the first gets 10 % of its requests, the second 90 %, and each has a tag. Their names. */
export async function splitService(...service: Service): Promise<readonly [string, string]> {
  const [namespace, name, annotations, spec] = service;
  const first = await served(...service);
  const next = serviceOf(namespace, name, { ...annotations, 'lab/next': 'yes' }, spec);
  const traffic = [
    { tag: 'first', revisionName: first, percent: 10 },
    { tag: 'second', latestRevision: true, percent: 90 },
  ];
  await api.apply(KINDS.service, { ...next, spec: { ...(next['spec'] as object), traffic } });
  return [first, await readyRevision(namespace, name)];
}

/** Where the ingress sends requests for a host of the cluster, as Knative tells it. */
async function splitsOf(namespace: string, service: string, host: string): Promise<readonly Split[]> {
  return eventually(async () => {
    const { spec }: Ingress = await api.get(KINDS.ingress, namespace, service);
    const rule = spec.rules.find(({ hosts }) => hosts.includes(`${host}.${namespace}.svc.cluster.local`));
    expect(rule).toBeDefined();
    return rule!.http.paths[0]!.splits;
  });
}

/** One request by this way, with the headers that an ingress has to add. */
async function by({ serviceNamespace, serviceName, servicePort, appendHeaders }: Split): Promise<Answer> {
  const { clusterIP } = (await api.get(KINDS.coreService, serviceNamespace, serviceName)).spec;
  return ask({ host: clusterIP, port: servicePort, path: '/?sleep=20', headers: appendHeaders });
}

/** One of the revisions serves while the other is at zero: requests of both are answered, each by its own. */
export async function wokenByShare(
  service: string,
  [first, second]: readonly [Sleeper, Sleeper],
): Promise<void> {
  const answeredBy = ({ revision }: Sleeper): string => `ok ${revision} over HTTP/1.1\n`;
  const tagged = async (tag: string): Promise<string> => {
    const [split] = await splitsOf(first.namespace, service, `${tag}-${service}`);
    return (await by(split!)).body;
  };
  expect(await tagged('second')).toBe(answeredBy(second));
  expect(await first.replicas()).toBe(0);

  const splits = await splitsOf(first.namespace, service, service);
  expect(splits.map(({ percent }) => percent).sort()).toEqual([10, 90]);
  const answers = await Promise.all(
    splits.flatMap((split) => Array.from({ length: split.percent }, () => by(split))),
  );
  const bodies = answers.map(({ body }) => body);
  const share = (sleeper: Sleeper): number => bodies.filter((body) => body === answeredBy(sleeper)).length;
  expect([share(first), share(second)]).toEqual([10, 90]);
  expect(await tagged('first')).toBe(answeredBy(first));
}
