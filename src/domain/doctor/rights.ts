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
  EndpointSlice: { '': [...MADE, 'delete'] },
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

/** What the activator does, under a ServiceAccount of its own. */
export const RIGHTS_OF_ACTIVATOR: Rights = {
  Revision: { '': READ },
  PodAutoscaler: { '': READ },
  /** One that changed while it was to be woken is read again. */
  Deployment: { '': [...READ, 'get'], '/scale': ['patch'] },
  Pod: { '': READ },
  Endpoints: { '': READ },
  Service: { '': ['get'] },
};

/** A part of hpa-bridge that an installation may do without. */
export type Purpose = 'external metrics' | 'the webhook';
/** Kinds that are used for one of them, and for nothing else. */
const FOR: Partial<Readonly<Record<Kind, Purpose>>> = {
  ...{ APIService: 'external metrics', TokenReview: 'external metrics' },
  ...{ SubjectAccessReview: 'external metrics' },
  ...{ ValidatingWebhookConfiguration: 'the webhook', MutatingWebhookConfiguration: 'the webhook' },
};

/** An object that a right is limited to. */
export interface Limited {
  readonly kind: Kind;
  readonly name: string;
  readonly only: Purpose;
}

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
  readonly only: Purpose | undefined;
}

/** All rights that are looked for. What makes an object cannot be limited to its name. */
export const rightsOf = (systemNamespace: string, limited: readonly Limited[]): readonly Right[] => [
  ...rightsIn(RIGHTS_EVERYWHERE, undefined, limited),
  ...rightsIn(RIGHTS_BY_KUBERNETES, undefined, limited),
  ...rightsIn(RIGHTS_IN_SYSTEM, systemNamespace, limited),
];

/** Those of activators. */
export const activatorRights = (): readonly Right[] => rightsIn(RIGHTS_OF_ACTIVATOR, undefined, []);

const rightsIn = (
  rights: Rights,
  namespace: string | undefined,
  limited: readonly Limited[],
): readonly Right[] =>
  entriesOf(rights).flatMap(([kind, parts]) => {
    const named = limited.filter((one) => one.kind === kind);
    const anyOf = [{ name: undefined, only: FOR[kind] }];
    return Object.entries(parts).flatMap(([part, verbs]) =>
      verbs.flatMap((verb) =>
        (verb === 'create' || named.length === 0 ? anyOf : named).map(({ name, only }) => ({
          ...{ kind, part, verb, namespace, name, only },
        })),
      ),
    );
  });

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
