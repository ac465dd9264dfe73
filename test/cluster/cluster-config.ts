import { api, SYSTEM } from './lab.ts';
import { KINDS } from './kinds.ts';

type Data = Readonly<Record<string, string>>;

/** Works while these keys of the ConfigMap are set; puts back what was there, also after a failure. */
export async function configured<T>(name: string, data: Data, work: () => Promise<T>): Promise<T> {
  const before = (await api.find(KINDS.configMap, SYSTEM, name))?.data;
  if (before === undefined)
    await api.apply(KINDS.configMap, { metadata: { namespace: SYSTEM, name }, data: {} });
  await api.patch(KINDS.configMap, SYSTEM, name, { data });
  try {
    return await work();
  } finally {
    const restored = Object.fromEntries(Object.keys(data).map((key) => [key, before?.[key] ?? null]));
    await api.patch(KINDS.configMap, SYSTEM, name, { data: restored });
  }
}
