import { KINDS, type Live } from './kinds.ts';
import { api } from './lab.ts';

/** A Revision that nobody scales; Knative's activator takes it for one like any other. */
export const unscaledRevision = (namespace: string, name: string, spec: object): Promise<Live> =>
  api.apply(KINDS.revision, {
    metadata: {
      namespace,
      name,
      annotations: {
        'autoscaling.knative.dev/class': 'nobody.example.com',
        'autoscaling.knative.dev/initial-scale': '0',
      },
    },
    spec,
  });

/** Endpoints of its private Service, from which Knative's activator knows its pods; they listen at one port. */
export async function privateEndpoints(
  namespace: string,
  revision: string,
  { addresses, port }: { readonly addresses: readonly string[]; readonly port: number },
): Promise<void> {
  const { metadata } = await api.get(KINDS.revision, namespace, revision);
  const subset = { addresses: addresses.map((ip) => ({ ip })), ports: [{ name: 'http', port }] };
  await api.apply(KINDS.endpoints, {
    metadata: {
      namespace,
      name: `${revision}-private`,
      labels: {
        'networking.internal.knative.dev/serviceType': 'Private',
        'serving.knative.dev/revision': revision,
        'serving.knative.dev/revisionUID': metadata.uid,
      },
    },
    subsets: addresses.length === 0 ? [] : [subset],
  });
}
