import { nameOf, namespaceOf, type Key } from '../../domain/key.ts';
import { RESOURCES } from '../../domain/k8s/resources.ts';
import type { HttpGet } from '../../ports/http-get.ts';
import { collectionPath } from './paths.ts';
import type { Transport } from './transport.ts';

/** Asks a port of a pod through the API server, with the rights of our credentials (`get` of `pods/proxy`). */
export const podProxy =
  (transport: Transport, pod: Key, port: number): HttpGet =>
  (path, signal) =>
    transport.ask({
      verb: 'get',
      path: `${collectionPath(RESOURCES.Pod, namespaceOf(pod))}/http:${encodeURIComponent(nameOf(pod))}:${port}/proxy${path}`,
      about: `pods/proxy ${pod}`,
      signal,
    });
