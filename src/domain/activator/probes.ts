import { shown } from '../shown.ts';
import { headerIn, type HeaderLookup, type Reply } from './headers.ts';

/** Who answers: what it still waits for, in words, and its pod's name. */
export interface Self {
  readonly missing: readonly string[];
  readonly name: string;
}

/** Where our answer to the probe for activators names us: Knative's own activator does not send it. */
export const ACTIVATOR_NAME = 'k-hpa-bridge-activator';

/**
 * The answer to a probe, whatever its path, host and method; undefined where the request is none. In the order of Knative's activator
 * (serving: cmd/activator/main.go): the kubelet's, then those of the network.
 */
export function probeReply(headers: HeaderLookup, { missing, name }: Self): Reply | undefined {
  if (isKubelets(headers))
    return missing.length === 0
      ? reply(200, '')
      : reply(500, `not ready, waiting for: ${missing.join(', ')}`);
  const value = headerIn(headers, 'k-network-probe');
  if (value === '') return undefined;
  if (value === 'probe') return ingressReply(headerIn(headers, 'k-network-hash'));
  if (value === 'activator') return reply(200, 'activator', [ACTIVATOR_NAME, name]);
  return reply(400, `unexpected probe header value: ${shown(value)}`);
}

/** knative.dev/networking: pkg/http/header/header.go, IsKubeletProbe. */
const isKubelets = (headers: HeaderLookup): boolean =>
  headerIn(headers, 'user-agent').startsWith('kube-probe/') || headerIn(headers, 'k-kubelet-probe') !== '';

/** knative.dev/networking: pkg/http/probe/handler.go. */
const ingressReply = (hash: string): Reply =>
  hash === ''
    ? reply(400, 'a probe request must contain a non-empty "K-Network-Hash" header')
    : reply(200, '', ['k-network-hash', hash]);

const reply = (status: number, body: string, headers: readonly string[] = []): Reply => ({
  status,
  headers,
  body,
});
