import { configMapView } from '../../domain/k8s/read/config-map.ts';
import { podAutoscalerView } from '../../domain/k8s/read/pod-autoscaler.ts';
import { routedEndpointsView } from '../../domain/k8s/read/routed-endpoints.ts';
import { routedRevisionView } from '../../domain/k8s/read/routed-revision.ts';
import { secretView } from '../../domain/k8s/read/secret.ts';
import { readThrough } from '../../domain/k8s/read/view.ts';
import { deploymentView, podView, REVISION_LABEL, revisionOf } from '../../domain/k8s/read/workload.ts';
import { cacheMaker, type ReflectorShared } from '../../engine/cached.ts';

/** The Service in front of the controllers that want to know of our requests. */
const STATS_SERVICE = 'hpa-bridge-stats';
/** The Secret with the certificate of activators (networking: pkg/config). */
const SERVING_CERTIFICATE = 'routing-serving-certs';
/** Endpoints of the Services that requests are sent to from outside (serving: pkg/networking/constants.go). */
const PUBLIC = 'networking.internal.knative.dev/serviceType=Public';

/** Every kind that we watch, each with what we select of it and what we read of an object. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred type is the table itself
export function buildCaches(shared: ReflectorShared, systemNamespace: string) {
  const cached = cacheMaker(shared);
  const labelled = { labelSelector: REVISION_LABEL };
  const none = { indexes: {} };
  return {
    revisions: cached('Revision', { ...none, parse: readThrough(routedRevisionView) }),
    podAutoscalers: cached('PodAutoscaler', { ...none, parse: readThrough(podAutoscalerView) }),
    deployments: cached('Deployment', { ...none, parse: readThrough(deploymentView) }, labelled),
    pods: cached('Pod', { parse: readThrough(podView), indexes: { revision: revisionOf } }, labelled),
    endpoints: cached(
      'Endpoints',
      { ...none, parse: readThrough(routedEndpointsView) },
      { labelSelector: PUBLIC },
    ),
    controllers: cached(
      'Endpoints',
      { ...none, parse: readThrough(routedEndpointsView), label: STATS_SERVICE },
      { namespace: systemNamespace, fieldSelector: `metadata.name=${STATS_SERVICE}` },
    ),
    certificates: cached(
      'Secret',
      { ...none, parse: readThrough(secretView) },
      { namespace: systemNamespace, fieldSelector: `metadata.name=${SERVING_CERTIFICATE}` },
    ),
    configMaps: cached(
      'ConfigMap',
      { ...none, parse: readThrough(configMapView) },
      { namespace: systemNamespace },
    ),
  };
}

export type Caches = ReturnType<typeof buildCaches>;
