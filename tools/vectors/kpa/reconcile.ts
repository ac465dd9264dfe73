import { millis } from '../../../src/domain/go/duration.ts';
import { resolvedMetric } from '../../../src/domain/annotation/resolve.ts';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { instant } from '../../../src/domain/time.ts';
import { compared } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { itemsIn, objectIn, textAt } from '../scaled-object-case.ts';
import { numberOf } from '../texts.ts';
import { Cluster, type Done } from './cluster.ts';
import { patchOf, sourceOf } from './scaled.ts';

function recordedStep(cluster: Cluster, { plan, patch }: Done, metric: Json): JsonObject {
  const { measured, status } = plan;
  const conditions = cluster.conditions.map((condition): [string, Json] => [
    condition.type,
    [condition.status, condition.reason ?? '', cluster.sinceOf(condition.type)],
  ]);
  return {
    mode: plan.proxy ? 'Proxy' : 'Serve',
    numActivators: plan.activators,
    desiredScale: status.desiredScale,
    actualScale: status.actualScale,
    patch: patchOf(patch),
    enqueuesMs: measured?.scaling.revisit === undefined ? [] : [measured.scaling.revisit],
    asyncProbe: measured?.scaling.awaitProof === true,
    serviceName: status.serviceName,
    metric,
    conditions: Object.fromEntries(conditions),
  };
}

function answerTo(input: JsonObject): JsonObject {
  const cluster = new Cluster(numberOf(input['replicas']), input['storeRoundTrip'] === true);
  const source = sourceOf(input);
  let at = instant(0);
  let metric: Json = [];
  const steps = itemsIn(input, 'steps').map((item) => {
    const step = objectIn(item);
    at = instant(at + numberOf(step['advanceMs']));
    const done = cluster.reconcile({
      at,
      source: {
        ...source,
        metric: resolvedMetric(source.settings),
        containerConcurrency: numberOf(input['containerConcurrency']),
        reachability: textAt(step, 'reachability'),
      },
      decider: {
        desiredScale: numberOf(step['desired']),
        excessBurstCapacity: numberOf(step['ebc']),
      },
      readyPods: numberOf(itemsIn(step, 'pods')[0]),
      services: { named: step['sksPrivate'] === true, ready: step['sksReady'] === true },
      proxied: textAt(step, 'sksActivator'),
      inPath: step['probe'] === true,
    });
    const spec = done.plan.measured?.metric;
    if (spec !== undefined) metric = [millis(spec.stableWindow), millis(spec.panicWindow), spec.scrapeTarget];
    return recordedStep(cluster, done, metric);
  });
  return { steps };
}

/** Whole reconciles over time: scale, place of the activator, conditions, requeues. */
export const KPA_RECONCILE_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'kpa_reconcile',
  run: (recorded) => {
    const steps = itemsIn(recorded, 'out', 'steps')
      .map((step) => objectIn(step))
      .map((step) => ({ ...step, patch: patchOf(step['patch']) }));
    return compared({ steps }, answerTo(objectIn(recorded, 'in')));
  },
};
