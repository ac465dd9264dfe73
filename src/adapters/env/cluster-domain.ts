import { readFileSync } from 'node:fs';

const RESOLVER = '/etc/resolv.conf';
const USUAL = 'cluster.local';

/** The domain of the names of Services, as the resolver of a pod knows it (knative.dev/pkg: network/domain.go). */
export function clusterDomain(resolver = RESOLVER): string {
  try {
    return domainIn(readFileSync(resolver, 'utf8')) ?? USUAL;
  } catch {
    return USUAL;
  }
}

/** A resolver searches `<namespace>.svc.<domain>`, `svc.<domain>` and more. */
function domainIn(resolver: string): string | undefined {
  for (const line of resolver.split('\n')) {
    const [keyword, ...searched] = line.trim().split(/\s+/);
    if (keyword !== 'search') continue;
    const found = searched.find((domain) => domain.startsWith('svc.'));
    if (found !== undefined) return found.slice('svc.'.length).replace(/\.$/, '');
  }
  return undefined;
}
