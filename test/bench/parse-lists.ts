// The reference: nothing but JSON.parse of the lists that the controller reads, in a process of its own.
import { Api } from './api.ts';
import { LISTS } from './fleet.ts';

const [, , kubeconfig = ''] = process.argv;
const api = new Api(kubeconfig);
let bytes = 0;
let cpu = 0;
for (const list of Object.values(LISTS))
  for (const page of await api.pages(list)) {
    bytes += page.length;
    const before = process.cpuUsage();
    JSON.parse(page);
    const used = process.cpuUsage(before);
    cpu += (used.user + used.system) / 1e6;
  }
await api.close();
process.send?.({ bytes, cpu });
