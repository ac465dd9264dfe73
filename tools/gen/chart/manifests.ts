import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { PROCESSES, type ProcessName } from '../../../src/domain/config/boot-commands.ts';

/** What the chart brings of `config`: all but what only kustomize reads. */
export const CONFIG_FILES: readonly string[] = readdirSync('config')
  .filter((name) => name.endsWith('.yaml') && !['kustomization.yaml', 'namespace.yaml'].includes(name))
  .sort();

const anything = z.looseObject({});
const deployment = z.looseObject({
  kind: z.literal('Deployment'),
  metadata: z.looseObject({ labels: z.looseObject({ 'app.kubernetes.io/component': z.enum(PROCESSES) }) }),
  spec: z.looseObject({
    replicas: z.int(),
    template: z.looseObject({
      spec: z.looseObject({
        securityContext: anything,
        topologySpreadConstraints: z.array(anything),
        containers: z.tuple([
          z.looseObject({
            env: z.array(z.looseObject({ name: z.string() })),
            resources: anything,
            securityContext: anything,
          }),
        ]),
      }),
    }),
  }),
});
const budget = z.looseObject({
  kind: z.literal('PodDisruptionBudget'),
  spec: z.looseObject({
    minAvailable: z.int(),
    selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()) }),
  }),
});

/** A Deployment of `config`, as far as values of the chart begin with what it says. */
export interface Component {
  readonly name: ProcessName;
  readonly deployment: z.output<typeof deployment>;
  /** Pods that an eviction has to leave. */
  readonly minAvailable: number;
}

const COMPONENT = 'app.kubernetes.io/component';

const documents: readonly unknown[] = CONFIG_FILES.flatMap((name) =>
  parseAllDocuments(readFileSync(`config/${name}`, 'utf8')).map((document) => document.toJS() as unknown),
);

const read = <S extends z.ZodType>(schema: S): readonly z.output<S>[] =>
  documents.flatMap((document) => {
    const fits = schema.safeParse(document);
    return fits.success ? [fits.data] : [];
  });

/** The Deployments of `config`, by their component. Throws when one has no disruption budget. */
export const components = (): readonly Component[] =>
  read(deployment).map((found) => {
    const name = found.metadata.labels[COMPONENT];
    const itsBudget = read(budget).find(({ spec }) => spec.selector.matchLabels[COMPONENT] === name);
    if (itsBudget === undefined) throw new Error(`config has no PodDisruptionBudget for the ${name}`);
    return { name, deployment: found, minAvailable: itsBudget.spec.minAvailable };
  });
