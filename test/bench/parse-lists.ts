// The reference: nothing but JSON.parse of the lists that the controller reads, in a process of its own.
import { Api } from './api.ts';
import { LISTS } from './fleet.ts';

/** What the controller asks for: of Revisions the metadata only, of workloads those of revisions. */
const LABELLED = '&labelSelector=serving.knative.dev%2Frevision';
const SELECTED: Readonly<Record<string, string>> = { deployments: LABELLED, pods: LABELLED };
const PARTIAL = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

const [, , kubeconfig = ''] = process.argv;
const api = new Api(kubeconfig);
let bytes = 0;
let cpu = 0;
for (const [name, list] of Object.entries(LISTS)) {
  const accept = name === 'revisions' ? PARTIAL : 'application/json';
  for (const page of await api.pages(list, SELECTED[name] ?? '', accept)) {
    bytes += page.length;
    const before = process.cpuUsage();
    JSON.parse(page);
    const used = process.cpuUsage(before);
    cpu += (used.user + used.system) / 1e6;
  }
}
await api.close();
process.send?.({ bytes, cpu });
