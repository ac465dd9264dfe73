import { z } from 'zod';
import { RUNGS } from '../signal/ladder.ts';
import { LIMITS, type LimitName } from './limit.ts';

const time = (what: string): z.ZodString => z.string().describe(`${what} RFC 3339, UTC, whole seconds.`);
const count = (what: string): z.ZodNumber => z.number().int().describe(what);
const text = (what: string): z.ZodString => z.string().describe(what);
const number = (what: string): z.ZodNumber => z.number().describe(what);

const condition = z.object({
  type: text('As Kubernetes names it.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('As Kubernetes has it.'),
  reason: text('One word.').optional(),
  message: text('A sentence.').optional(),
});

const input = z.object({
  name: text('What was measured: `query`, `replicas`, `ready pods`, `stable`, `panic`.'),
  value: number('Its value; null: unknown.').nullable(),
  ageSeconds: number(
    'How old it was when the newest decision of the run was made; null: as old as the cache.',
  ).nullable(),
  origin: text('Where it comes from.'),
});

const step = z.object({
  says: text('What was done, in words.'),
  gives: number('The number that came out; null: no number that JSON has.').nullable(),
});

const limit = z.object({
  by: z
    .enum(Object.keys(LIMITS) as [LimitName, ...LimitName[]])
    .describe('Which limit; see the table of limits.'),
  from: number('Pods before it; null: no number that JSON has.').nullable(),
  to: number('Pods after it; null likewise.').nullable(),
});

const told = z
  .object({
    value: number('The value; null: an error is told, which leaves the replicas as they are.').nullable(),
    target: number('What it is compared with.'),
    metricType: z
      .enum(['AverageValue', 'Value'])
      .describe('`AverageValue`: the target is for one pod. `Value`: for all of them together.'),
    mayLower: z.boolean().describe('Whether the value may ask for fewer pods than there are.'),
  })
  .describe('What an autoscaler that asks is told; null: nobody asks, hpa-bridge scales itself.');

const asked = z
  .object({
    query: text('PromQL as it was sent, without what looks like a secret.'),
    server: z
      .object({
        name: text('Its name in `prometheus-servers`.'),
        address: text('Its address, without credentials.'),
      })
      .describe('The Prometheus that is asked.'),
    intervalSeconds: number('How often it is asked.'),
    staleAfterSeconds: number('How long the last number counts after the query has ceased to give one.'),
    windowSeconds: number('How long answers must have been good before they may ask for fewer pods.'),
  })
  .describe('What was asked; null: no query.');

const answer = z
  .object({
    outcome: text(
      '`scalar` or `vector` for a number, else the code of a fault (docs/faults.md) without `prometheus_`.',
    ),
    number: number('The number, if there is one.').nullable(),
    evaluatedAt: time(
      'The moment it was evaluated for, by the clock of Prometheus; null: no number.',
    ).nullable(),
    receivedAt: time('When it was complete here.'),
    obtained: text(
      '`alone`, `joined` or `grouped` with other queries, or `unasked`: the server is left in peace.',
    ),
    notes: z.array(z.string()).describe('What Prometheus said beside or instead of a number.'),
  })
  .describe('The newest answer; null: none yet.');

/** One run of decisions that came to the same. */
export const decisionSchema = z.object({
  at: time('When the first decision of the run was made.'),
  lastAt: time('When the newest was made. Everything below is of this one.'),
  count: count('How many decisions the run has.'),
  sentence: text('The whole in one sentence.'),
  signal: z.enum(['query', 'concurrency', 'rps']).describe('What the revision scales by.'),
  rung: z
    .enum(RUNGS)
    .describe(
      'How good the evidence is (docs/prometheus.md). `concurrency` for a revision that scales by it.',
    ),
  fault: text('Why there is no fresh number: a code of docs/faults.md; null: there is one.').nullable(),
  detail: text('What was said about it.').nullable(),
  from: count('Replicas when the run began; null: unknown.').nullable(),
  pods: count('How many pods are asked for; null: none, the replicas stay as they are.').nullable(),
  asked: asked.nullable(),
  answer: answer.nullable(),
  inputs: z.array(input).describe('The numbers that went in.'),
  steps: z.array(step).describe('The arithmetic, in order.'),
  limits: z.array(limit).describe('What changed the number of pods, in order.'),
  told: told.nullable(),
});
export type DecisionDocument = z.output<typeof decisionSchema>;

const autoscaler = z
  .object({
    name: text('The HorizontalPodAutoscaler: ours, or the one that KEDA keeps.'),
    minReplicas: count('Its `spec.minReplicas`.').nullable(),
    maxReplicas: count('Its `spec.maxReplicas`.').nullable(),
    currentReplicas: count('Replicas that it saw.'),
    desiredReplicas: count('Replicas that it wants.'),
    metrics: z
      .array(
        z.object({ name: text('As the HPA has it.'), current: text('A quantity, as the HPA writes it.') }),
      )
      .describe('What it was told last.'),
    conditions: z.array(condition).describe('Its conditions.'),
  })
  .describe('What the HPA made of it, from its status; null: there is none.');

const HEAD = {
  apiVersion: z.literal('hpa-bridge.dev/v1alpha1').describe('Fields may be added to it.'),
  at: time('When this was told.'),
  replica: z
    .object({
      name: text('As the lease names its holder.'),
      leads: z
        .boolean()
        .describe(
          'Whether it leads for the revision, or for one of them. Every replica decides by queries for itself; by what pods carry, only the leader.',
        ),
    })
    .describe('The process that tells it.'),
};

const replicas = z
  .object({
    wanted: count('What the Deployment is told to have; null: unknown.').nullable(),
    ready: count('Pods that are Running and Ready.'),
  })
  .describe('How many pods there are.');

const measured = z
  .object({
    value: number(
      'What was measured, in all: the number of the query, or the stable average; null: no number.',
    ).nullable(),
    target: number('What it is compared with; null: no number that JSON has.').nullable(),
    metricType: z
      .enum(['AverageValue', 'Value'])
      .describe('`AverageValue`: the target is for one pod. `Value`: for all of them together.'),
    ageSeconds: number(
      'How old the evidence was when the newest decision of the run was made; null: there is none.',
    ).nullable(),
  })
  .describe('What the decision goes by.');
export type Measured = z.output<typeof measured>;

/** `GET /decisions/NAMESPACE/REVISION` */
export const revisionDecisionsSchema = z.object({
  ...HEAD,
  kind: z.literal('RevisionDecisions').describe('What this is.'),
  revision: text('`namespace/name`.'),
  scaledBy: z
    .object({
      signal: text('`query`, `cpu`, `memory`, `triggers`, `concurrency`, `rps`, or `invalid`.'),
      backend: text('Who moves the replicas: `keda`, `hpa` or `none`.'),
      problem: text('Why nothing is decided, or not what the annotations ask for; null: neither.').nullable(),
    })
    .describe('What the annotations ask for.'),
  replicas,
  decisions: z.array(decisionSchema).describe('The newest run first.'),
  autoscaler: autoscaler.nullable(),
  conditions: z.array(condition).describe('The conditions of the PodAutoscaler.'),
});
export type RevisionDecisions = z.output<typeof revisionDecisionsSchema>;

/** `GET /decisions` */
export const decisionListSchema = z.object({
  ...HEAD,
  kind: z.literal('DecisionList').describe('What this is.'),
  items: z
    .array(
      decisionSchema
        .pick({ at: true, lastAt: true, count: true, sentence: true, signal: true, rung: true })
        .extend(decisionSchema.pick({ fault: true, from: true, pods: true }).shape)
        .extend({
          revision: text('`namespace/name`.'),
          leads: z.boolean().describe('Whether this replica leads for the revision.'),
          measured,
          replicas,
        }),
    )
    .describe('The newest run of each revision, by name.'),
  continue: text(
    'Where the next page begins, for the parameter `continue`; null: this is the last one.',
  ).nullable(),
});
export type DecisionList = z.output<typeof decisionListSchema>;
