import { WEBHOOK_CONFIGURATION, type WebhookKind } from '../../domain/admission/webhooks.ts';
import { TRUST_CONFIG_MAP } from '../../domain/external-metrics/trust.ts';
import { API_SERVICE } from '../../domain/external-metrics/discovery.ts';
import { keyOf } from '../../domain/key.ts';
import type { HasMeta, KubeObject } from '../../domain/k8s/meta.ts';
import { apiServiceView, type ApiService } from '../../domain/k8s/read/api-service.ts';
import { configMapView, type ConfigMap } from '../../domain/k8s/read/config-map.ts';
import { secretView, type Secret } from '../../domain/k8s/read/secret.ts';
import {
  webhookConfigurationView,
  type WebhookConfiguration,
} from '../../domain/k8s/read/webhook-configuration.ts';
import { readThrough } from '../../domain/k8s/read/view.ts';
import { RESOURCES, type Kind } from '../../domain/k8s/resources.ts';
import type { Fault } from '../../domain/fault.ts';
import type { Result } from '../../domain/result.ts';
import { Reflector, type ReflectorParts } from '../../engine/reflector.ts';
import { Store } from '../../engine/store.ts';
import type { ReflectorShared } from '../../engine/cached.ts';

/** One object that is watched by its name. */
export interface Watched<T> {
  readonly current: () => T | undefined;
  /** True once it is known whether there is one. */
  readonly known: () => boolean;
  /** Calls back after each change; also when it has become known that there is none. */
  readonly subscribe: (listener: () => void) => void;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export type Timing = Pick<ReflectorParts<HasMeta, never>, 'timing'>;

interface Wanted<T> {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly parse: (object: KubeObject) => Result<T, Fault>;
}

/** Watches one object. Its rights can be limited to that name, because the selection names it. */
function watchOne<T extends HasMeta>(
  shared: ReflectorShared & Timing,
  { kind, namespace, name, parse }: Wanted<T>,
): Watched<T> {
  const onBrokenListener = (cause: unknown): void =>
    shared.log.error('a listener of the cache broke', { kind, cause });
  const store = new Store<T>({ indexes: {}, onBrokenListener, clock: shared.clock });
  const resource = RESOURCES[kind];
  const selection = {
    resource,
    ...(namespace === '' ? {} : { namespace }),
    fieldSelector: `metadata.name=${name}`,
  };
  const reflector = new Reflector<T, never>({
    ...shared,
    parse,
    selection,
    store,
    label: `${resource.plural}/${name}`,
  });
  const key = keyOf(namespace, name);
  return {
    current: () => store.get(key),
    known: () => store.synced,
    subscribe: (listener) => {
      store.subscribe(listener);
      void store.untilSynced(NEVER).then(listener);
    },
    run: (signal) => reflector.run(signal),
  };
}

const NEVER = new AbortController().signal;

/** Which Service answers for external metrics. */
export const watchApiService = (shared: ReflectorShared & Timing): Watched<ApiService> =>
  watchOne(shared, {
    kind: 'APIService',
    namespace: '',
    name: API_SERVICE,
    parse: readThrough(apiServiceView),
  });

/** Whom the API server believes, and whom it asks to be believed itself. */
export const watchTrust = (shared: ReflectorShared & Timing): Watched<ConfigMap> =>
  watchOne(shared, { kind: 'ConfigMap', ...TRUST_CONFIG_MAP, parse: readThrough(configMapView) });

/** The Secret with our certificate. */
export const watchSecret = (
  shared: ReflectorShared & Timing,
  namespace: string,
  name: string,
): Watched<Secret> => watchOne(shared, { kind: 'Secret', namespace, name, parse: readThrough(secretView) });

/** By which certificates the API server trusts our webhook. */
export const watchWebhookConfiguration = (
  shared: ReflectorShared & Timing,
  kind: WebhookKind,
): Watched<WebhookConfiguration> =>
  watchOne(shared, {
    kind,
    namespace: '',
    name: WEBHOOK_CONFIGURATION,
    parse: readThrough(webhookConfigurationView),
  });
