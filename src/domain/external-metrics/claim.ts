import { isInjected, pemIn } from '../certificate.ts';
import { covers, type JsonObject } from '../json.ts';
import type { KubeObject } from '../k8s/meta.ts';
import type { ApiService } from '../k8s/read/api-service.ts';
import { apiVersionOf, RESOURCES } from '../k8s/resources.ts';
import { isService, type ServiceName } from '../k8s/service-name.ts';
import { API_SERVICE, GROUP, VERSION } from './discovery.ts';

/** Who answers HPAs that ask for external metrics. There is one for the whole cluster. */
export type Claim =
  | { readonly state: 'ours' }
  /** `owner`: `namespace/name` of the Service that answers, or words for the API server itself. */
  | { readonly state: 'foreign'; readonly owner: string }
  /** Nobody does, or it is not known yet. */
  | { readonly state: 'unclaimed' };

/** Who has the API, by the Service that its APIService names. */
export function claimOf(apiService: ApiService | undefined, own: ServiceName): Claim {
  if (apiService === undefined) return { state: 'unclaimed' };
  const { service } = apiService.spec;
  if (service === undefined) return { state: 'foreign', owner: 'the API server itself' };
  const { namespace, name } = service;
  return isService(service, own) ? { state: 'ours' } : { state: 'foreign', owner: `${namespace}/${name}` };
}

export const sameClaim = (a: Claim | undefined, b: Claim | undefined): boolean =>
  a?.state === b?.state && ownerIn(a) === ownerIn(b);

const ownerIn = (claim: Claim | undefined): string | undefined =>
  claim?.state === 'foreign' ? claim.owner : undefined;

/** As people read it. */
export function claimSentence(claim: Claim): string {
  switch (claim.state) {
    case 'ours':
      return `${API_SERVICE} is served by hpa-bridge.`;
    case 'foreign':
      return `${API_SERVICE} is served by ${claim.owner}, so HPAs get no external metrics from hpa-bridge.`;
    case 'unclaimed':
      return `${API_SERVICE} is served by nobody, so HPAs get no external metrics.`;
  }
}

/** One write of the APIService. A body with a resource version is a lock: what somebody else took over in between is not touched. */
export type ClaimStep =
  | { readonly do: 'create'; readonly object: KubeObject }
  | { readonly do: 'merge'; readonly body: JsonObject };

/**
 * What is to be done so that the API is ours, and our Service is trusted by this bundle (PEM); where cert-manager sees to the bundle, that is
 * left to it. Undefined: nothing, because it is so, or because the API is somebody else's.
 */
export function claimStep(
  apiService: ApiService | undefined,
  own: ServiceName,
  bundle: string,
): ClaimStep | undefined {
  const spec = specFor(own, bundle);
  if (apiService === undefined) return { do: 'create', object: objectWith(spec) };
  if (claimOf(apiService, own).state !== 'ours') return undefined;
  const { metadata, spec: actual } = apiService;
  const { caBundle, ...rest } = spec;
  const kept = isInjected(apiService) ? {} : { caBundle };
  if (covers({ ...actual }, { ...TRUSTED, service: spec['service'], ...kept })) return undefined;
  return {
    do: 'merge',
    body: { metadata: { resourceVersion: metadata.resourceVersion }, spec: { ...rest, ...kept, ...TRUSTED } },
  };
}

const TRUSTED = { insecureSkipTLSVerify: false };
const PORT = 443;

const specFor = (own: ServiceName, bundle: string): JsonObject => ({
  group: GROUP,
  version: VERSION,
  service: { namespace: own.namespace, name: own.name, port: PORT },
  caBundle: btoa(bundle),
  groupPriorityMinimum: 100,
  versionPriority: 100,
});

const objectWith = (spec: JsonObject): KubeObject => ({
  apiVersion: apiVersionOf(RESOURCES.APIService),
  kind: RESOURCES.APIService.kind,
  metadata: { name: API_SERVICE, labels: { 'app.kubernetes.io/name': 'hpa-bridge' } },
  spec,
});

/** The certificates (PEM) by which the API server trusts our Service; undefined while it is not ours. */
export const bundleIn = (apiService: ApiService | undefined, own: ServiceName): string | undefined =>
  apiService !== undefined && claimOf(apiService, own).state === 'ours'
    ? pemIn(apiService.spec.caBundle)
    : undefined;
