import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { KeyRef, TextSource } from '../../domain/config/prometheus-servers.ts';
import { FaultError, faultOf } from '../../domain/fault.ts';
import { keyOf } from '../../domain/key.ts';
import { RESOURCES, type Resource } from '../../domain/k8s/resources.ts';
import type { KubeReader } from '../../ports/kube.ts';
import { codeOfError } from '../kube/network-errors.ts';

/** Reads what a server is configured with. Rejects with the fault `prometheus_credentials` and one sentence that holds no value. */
export type ReadText = (source: TextSource) => Promise<string>;

export const unreadable = (message: string): FaultError =>
  new FaultError({ code: 'prometheus_credentials', message });

const dataView = z.object({ data: z.record(z.string(), z.string()).nullish() });

/** Secrets and ConfigMaps come from `namespace`, each read by its name. */
export const readTexts =
  (reader: KubeReader, namespace: string): ReadText =>
  async (source) => {
    switch (source.from) {
      case 'inline':
        return source.text;
      case 'file':
        return fileText(source.path);
      case 'configMap':
        return keyed(reader, { resource: RESOURCES.ConfigMap, namespace, ref: source.ref });
      case 'secret': {
        const encoded = await keyed(reader, { resource: RESOURCES.Secret, namespace, ref: source.ref });
        return Buffer.from(encoded, 'base64').toString('utf8');
      }
    }
  };

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(`The file ${path} cannot be read (${codeOfError(error)}).`);
  }
}

interface Place {
  readonly resource: Resource;
  readonly namespace: string;
  readonly ref: KeyRef;
}

async function keyed(reader: KubeReader, { resource, namespace, ref }: Place): Promise<string> {
  const what = `The ${resource.kind} ${namespace}/${ref.name}`;
  const object = await reader.get(resource, keyOf(namespace, ref.name)).catch((thrown: unknown) => {
    throw unreadable(`${what} cannot be read: ${faultOf(thrown).message.replace(/\.$/, '')}.`);
  });
  const read = dataView.safeParse(object);
  const data = (read.success ? read.data.data : undefined) ?? {};
  const text = Object.hasOwn(data, ref.key) ? data[ref.key] : undefined;
  if (text === undefined) throw unreadable(`${what} has no key ${JSON.stringify(ref.key)} in its data.`);
  return text;
}
