import type { JsonObject } from '../json.ts';
import { RESOURCES, type Kind } from '../k8s/resources.ts';

/** Per kind: what is done with it, and with its sub-resources. */
type Rights = Partial<Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>>>;

/** A cache lists and watches; nothing asks for one object. */
const READ = ['list', 'watch'];
const MADE = [...READ, 'create', 'patch'];

/** What the controller does in every namespace; the ClusterRoles grant it. */
export const RIGHTS_EVERYWHERE: Rights = {
  PodAutoscaler: { '': READ, '/status': ['patch'], '/finalizers': ['update'] },
  Revision: { '': READ },
  ScaledObject: { '': [...MADE, 'delete'] },
  HorizontalPodAutoscaler: { '': [...MADE, 'delete'] },
  ServerlessService: { '': [...MADE, 'delete'], '/finalizers': ['update'] },
  Deployment: { '': READ, '/scale': ['patch'] },
  Pod: { '': READ },
  Service: { '': MADE },
  Endpoints: { '': MADE, '/restricted': ['create'] },
  Event: { '': ['create', 'patch'] },
  APIService: { '': MADE },
  ValidatingWebhookConfiguration: { '': [...READ, 'patch'] },
  MutatingWebhookConfiguration: { '': [...READ, 'patch'] },
};

/** What it does in its own namespace; the Role grants it. */
export const RIGHTS_IN_SYSTEM: Rights = {
  /** Those that prometheus-servers names are asked for one by one. */
  ConfigMap: { '': ['get', ...READ] },
  Lease: { '': ['get', 'create', 'patch'] },
  /** Those with our certificates; those of Prometheus servers are granted by the platform owner, each by its name. */
  Secret: { '': [...READ, 'patch'] },
};

/** What roles that Kubernetes brings grant. */
export const RIGHTS_BY_KUBERNETES: Rights = {
  TokenReview: { '': ['create'] },
  SubjectAccessReview: { '': ['create'] },
};

/** Used for external metrics, and for nothing else. */
const FOR_EXTERNAL_METRICS: readonly Kind[] = ['APIService', 'Secret', 'TokenReview', 'SubjectAccessReview'];

/** One thing that the ServiceAccount of the controller must be allowed to do. */
export interface Right {
  readonly kind: Kind;
  /** Empty, or `/status` and the like. */
  readonly part: string;
  readonly verb: string;
  /** Undefined: in all of them, or of no namespace. */
  readonly namespace: string | undefined;
  /** The one object that it is limited to. */
  readonly name: string | undefined;
  readonly only: 'external-metrics' | undefined;
}

/** All rights that are looked for. `names`: the objects that rights are limited to; what makes an object cannot be limited to its name. */
export function rightsOf(
  systemNamespace: string,
  names: Partial<Readonly<Record<Kind, string>>>,
): readonly Right[] {
  const of = (rights: Rights, namespace: string | undefined): readonly Right[] =>
    entriesOf(rights).flatMap(([kind, parts]) =>
      Object.entries(parts).flatMap(([part, verbs]) =>
        verbs.map((verb) => ({
          ...{ kind, part, verb, namespace },
          name: verb === 'create' ? undefined : names[kind],
          only: FOR_EXTERNAL_METRICS.includes(kind) ? ('external-metrics' as const) : undefined,
        })),
      ),
    );
  return [
    ...of(RIGHTS_EVERYWHERE, undefined),
    ...of(RIGHTS_BY_KUBERNETES, undefined),
    ...of(RIGHTS_IN_SYSTEM, systemNamespace),
  ];
}

const entriesOf = (rights: Rights): readonly [Kind, Readonly<Record<string, readonly string[]>>][] =>
  // Safe: the keys of a table are those that its type names.
  Object.entries(rights) as [Kind, Readonly<Record<string, readonly string[]>>][];

/** The spec of the SubjectAccessReview that asks whether a ServiceAccount has this right. */
export function accessReviewFor(
  { kind, part, verb, namespace, name }: Right,
  account: { readonly namespace: string; readonly name: string },
): JsonObject {
  const { group, version, plural } = RESOURCES[kind];
  const [, subresource] = part.split('/');
  return {
    user: `system:serviceaccount:${account.namespace}:${account.name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, 'system:authenticated'],
    resourceAttributes: { group, version, resource: plural, subresource, verb, namespace, name },
  };
}

/** `patch podautoscalers.autoscaling.internal.knative.dev/status` */
export function rightText({ kind, part, verb, name }: Right): string {
  const { group, plural } = RESOURCES[kind];
  return `${verb} ${plural}${group === '' ? '' : `.${group}`}${part}${name === undefined ? '' : ` ${name}`}`;
}
