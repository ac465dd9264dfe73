import { GROUP_VERSION } from './discovery.ts';

/** What a request is about. Both the right to ask and the answer follow from this one reading of its path. */
export type Target =
  /** For probes; nobody needs a right for it. */
  | { readonly is: 'health' }
  /** We have no OpenAPI document; whoever asks may know, or the API server would ask for ever. */
  | { readonly is: 'openapi' }
  | { readonly is: 'metric'; readonly namespace: string; readonly metric: string; readonly selector: string }
  /** Everything else: a discovery document, or nothing. */
  | { readonly is: 'path' };

export interface Request {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The verb that RBAC knows: `list` for reading a metric, `get` for reading a path. */
  readonly verb: string;
  readonly target: Target;
}

const HEALTH: readonly string[] = ['/healthz', '/livez', '/readyz'];
const METRIC = new RegExp(`^/apis/${GROUP_VERSION.replaceAll('.', '\\.')}/namespaces/([^/]+)/([^/]+)$`);
const YES: readonly (string | null)[] = ['true', '1'];

/** As the API server maps methods for a list of resources (apiserver: pkg/endpoints/request/requestinfo.go). */
const VERBS: Readonly<Record<string, string>> = {
  GET: 'list',
  HEAD: 'list',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'deletecollection',
};

/** Reads the request line. A path that cannot be decoded is one where nothing is. */
export function readRequest(method: string, url: string): Request {
  const [path = '', ...rest] = url.split('?');
  const query = new URLSearchParams(rest.join('?'));
  const target = targetOf(path, query);
  const reads = method === 'GET' || method === 'HEAD';
  if (target.is !== 'metric') return { method, path, target, verb: reads ? 'get' : method.toLowerCase() };
  const watches = reads && YES.includes(query.get('watch'));
  return { method, path, target, verb: watches ? 'watch' : (VERBS[method] ?? method.toLowerCase()) };
}

function targetOf(path: string, query: URLSearchParams): Target {
  if (HEALTH.includes(path)) return { is: 'health' };
  if (path === '/openapi' || path.startsWith('/openapi/')) return { is: 'openapi' };
  const [, namespace = '', metric = ''] = METRIC.exec(path) ?? [];
  const names = [decoded(namespace), decoded(metric)];
  const [inNamespace, named] = names;
  if (inNamespace === undefined || named === undefined || names.includes('')) return { is: 'path' };
  return { is: 'metric', namespace: inNamespace, metric: named, selector: query.get('labelSelector') ?? '' };
}

function decoded(segment: string): string | undefined {
  try {
    const text = decodeURIComponent(segment);
    return text.includes('/') ? undefined : text;
  } catch {
    return undefined;
  }
}
