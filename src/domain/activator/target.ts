import { keyOf, type Key } from '../key.ts';
import { shown } from '../shown.ts';
import { headerIn, type HeaderLookup, type Reply } from './headers.ts';

/**
 * Which revision is meant: by its two headers, or by a host `REVISION.NAMESPACE.svc.DOMAIN`, with a port or without (serving:
 * pkg/activator/handler/context_handler.go). Undefined where neither says one.
 */
export function targetOf(headers: HeaderLookup, host: string, clusterDomain: string): Key | undefined {
  const name = headerIn(headers, 'knative-serving-revision');
  const namespace = headerIn(headers, 'knative-serving-namespace');
  if (name !== '' && namespace !== '') return keyOf(namespace, name);
  const [first = '', second = '', third, ...domain] = host.split('.');
  if (first === '' || second === '' || third !== 'svc') return undefined;
  return domain.join('.').replace(PORT, '') === clusterDomain ? keyOf(second, first) : undefined;
}

const PORT = /:\d+$/;

/** What is answered where there is no such revision. */
export const unknownRevision = (name: string): Reply => ({
  status: 404,
  headers: [],
  body: `Error getting active endpoint: revision.serving.knative.dev ${shown(name)} not found`,
});
