import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import { serveDefinitions } from './definitions.ts';
import { route } from './http/route.ts';
import { WatchHub } from './http/watch-hub.ts';
import { CORE_KINDS } from './kinds/core.ts';
import { CUSTOM_KINDS, definitionOf } from './kinds/custom.ts';
import { KindRegistry } from './kinds/registry.ts';
import { Store } from './storage/store.ts';
import { Collector } from './write/collector.ts';
import { Objects } from './write/objects.ts';

export interface ApiServerOptions {
  /** 0, the default, takes a free port. Only loopback is served. */
  readonly port?: number;
  /** PEM texts; with them the server speaks HTTPS. `ca` goes into the kubeconfig. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string };
  /** When set, requests without it are answered 401. */
  readonly token?: string;
  /** How many changes of each kind a watch can resume over; 100,000 by default. */
  readonly historyLimit?: number;
  /** Milliseconds between bookmarks; 60,000 by default. */
  readonly bookmarkEvery?: number;
  /** Wall time in milliseconds, for timestamps. */
  readonly now?: () => number;
  /** Sees each request first; `true` means that it has answered (or will): this is where tests put faults. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A Kubernetes API server in this process. Nothing outlives it. */
export interface ApiServer {
  readonly url: string;
  /** A kubeconfig, as YAML text, that points at this server. */
  kubeconfig(): string;
  /** Ends all streams and connections; resolves when the port is free. */
  stop(): Promise<void>;
  readonly store: Store;
  readonly kinds: KindRegistry;
  /** The same writes that requests make, without HTTP. */
  readonly objects: Objects;
  /** Streams that are open. */
  readonly watches: () => number;
  /** Forgets the past: older versions and continue tokens are answered with 410. */
  expireHistory(): void;
  /** Ends every open watch, as a restarting server does. */
  closeWatches(): void;
  sendBookmarks(): void;
}

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Starts the server on loopback with the kinds of Kubernetes, Knative and KEDA that hpa-bridge meets. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const now = options.now ?? Date.now;
  const store = new Store(options.historyLimit ?? 100_000);
  const kinds = new KindRegistry();
  const objects = new Objects(store, now);
  // The hub hears of a change first: what other listeners write in answer must reach the watches after it.
  const hub = new WatchHub(store, options.bookmarkEvery ?? 60_000);
  const endDefinitions = serveDefinitions(store, kinds, hub, now);
  const collector = new Collector(store, kinds, objects);
  fill(objects);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (options.intercept?.(request, response) === true) return;
    void route({ store, kinds, objects, hub, token: options.token }, request, response);
  };
  const server = options.tls === undefined ? createServer(answer) : createTlsServer(options.tls, answer);
  const port = await listen(server, options.port ?? 0);
  const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return {
    url,
    kubeconfig: () => kubeconfig(url, options),
    stop: async () => {
      collector.stop();
      endDefinitions();
      hub.stop();
      await close(server);
    },
    store,
    kinds,
    objects,
    watches: () => hub.count,
    expireHistory: () => store.forgetPast(),
    closeWatches: () => hub.closeAll(),
    sendBookmarks: () => hub.sendBookmarks(),
  };
}

/** What is there when a server starts. */
function fill(objects: Objects): void {
  const options = { fieldManager: 'hpa-bridge-playground' };
  for (const name of NAMESPACES)
    objects.create(
      { kind: CORE_KINDS.Namespace, namespace: undefined, name: undefined, subresource: undefined },
      { metadata: { name } },
      options,
    );
  for (const name of CUSTOM_KINDS)
    objects.create(
      {
        kind: CORE_KINDS.CustomResourceDefinition,
        namespace: undefined,
        name: undefined,
        subresource: undefined,
      },
      definitionOf(name),
      options,
    );
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      // Clients keep connections for long: the server is never the first to close an idle one.
      server.keepAliveTimeout = 3600_000;
      server.requestTimeout = 0;
      resolve((server.address() as AddressInfo).port);
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

function kubeconfig(url: string, { tls, token }: ApiServerOptions): string {
  const cluster =
    tls === undefined
      ? { server: url, 'insecure-skip-tls-verify': true }
      : { server: url, 'certificate-authority-data': Buffer.from(tls.ca).toString('base64') };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'playground',
    clusters: [{ name: 'playground', cluster }],
    users: [{ name: 'playground', user: token === undefined ? {} : { token } }],
    contexts: [{ name: 'playground', context: { cluster: 'playground', user: 'playground' } }],
  });
}
