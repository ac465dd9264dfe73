import { expect, test } from '@jest/globals';
import { callsWith, type Call } from './audit.ts';
import { template, type Rendered } from './helm.ts';
import { SYSTEM } from './lab.ts';

// Comes after all other files (last.mjs), and judges what they did: alone it fails, because nothing was used yet.

/** Rights that no call of ours shows, or not in every run, and why they are needed. */
const UNSEEN: Readonly<Record<string, string>> = {
  'autoscaling.internal.knative.dev/podautoscalers/finalizers: update':
    'asked about by the API server where OwnerReferencesPermissionEnforcement is on, when we make a child',
  'networking.internal.knative.dev/serverlessservices/finalizers: update':
    'the same, when Services are handed back to a ServerlessService',
  '/endpoints/restricted: create':
    'asked for by OpenShift, when Endpoints are written with addresses of pods',
  '/services: get':
    'of the activator: where a mesh lets nobody through to pods, it goes through their Service',
  'apps/deployments: get': 'of the activator: a Deployment that somebody else has just scaled is read again',
};

const grantsOf = (objects: readonly Rendered[], account: string): readonly string[] => {
  const roles = objects
    .filter(({ subjects }) =>
      subjects?.some(({ kind, name }) => kind === 'ServiceAccount' && name === account),
    )
    .map(({ roleRef }) => `${roleRef?.kind}/${roleRef?.name}`);
  const rules = objects
    .filter(({ kind, metadata }) => roles.includes(`${kind}/${metadata.name}`))
    .flatMap((role) => role.rules ?? []);
  const all = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource}: ${verb}`)),
    ),
  );
  return [...new Set(all)].sort();
};

function usedBy({ verb, objectRef, responseStatus }: Call): readonly string[] {
  if (objectRef === undefined || (responseStatus?.code ?? 0) === 403) return [];
  const { apiGroup = '', resource, subresource } = objectRef;
  const what = `${apiGroup}/${resource}${subresource === undefined ? '' : `/${subresource}`}`;
  // Server-side apply of what is not there yet is a patch that needs the right to create.
  if (verb === 'patch' && responseStatus?.code === 201) return [`${what}: patch`, `${what}: create`];
  return [`${what}: ${verb}`];
}

test('every right that the chart grants was used by some case', async () => {
  const objects = await template();
  const accounts = objects
    .filter(({ kind }) => kind === 'ServiceAccount')
    .map(({ metadata }) => metadata.name);
  expect(accounts).toContain('hpa-bridge');
  for (const account of accounts) {
    const used = new Set(callsWith(`"system:serviceaccount:${SYSTEM}:${account}"`).flatMap(usedBy));
    const unused = grantsOf(objects, account).filter((right) => !used.has(right) && !(right in UNSEEN));
    expect({ account, unused }).toEqual({ account, unused: [] });
  }
});
