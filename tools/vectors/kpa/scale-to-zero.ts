import type { JsonObject } from '../../../src/domain/json.ts';
import type { ConditionStatus } from '../../../src/domain/k8s/read/condition.ts';
import { canBeProbed, probeUrl, type ProbedService } from '../../../src/domain/scale/activator-probe.ts';
import type { Scaled } from '../../../src/domain/scale/scaled.ts';
import { scalingOf } from '../../../src/domain/scale/scaling.ts';
import { toZero } from '../../../src/domain/scale/to-zero.ts';
import { instant } from '../../../src/domain/time.ts';
import { compared } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { objectIn, textAt } from '../scaled-object-case.ts';
import { numberOf } from '../texts.ts';
import { patchOf, sourceOf } from './scaled.ts';

function scaledOf(input: JsonObject): Scaled {
  const active = objectIn(input, 'active');
  const sks = objectIn(input, 'sks');
  const proxied = textAt(sks, 'activatorEndpoints') === 'True';
  return {
    ...sourceOf(input),
    reachability: textAt(input, 'reachability'),
    active:
      active['status'] === undefined
        ? undefined
        : {
            status: textAt(active, 'status') as ConditionStatus,
            since: instant(numberOf(active['sinceMs'])),
          },
    initialized: input['scaleTargetInitialized'] === true,
    proxy: {
      wanted: textAt(sks, 'mode') === 'Proxy',
      since: proxied ? instant(numberOf(sks['activatorEndpointsSinceMs'])) : undefined,
    },
  };
}

const NO_TARGET =
  'failed to get scale target {Deployment  rev-deployment  apps/v1  }: error fetching Pod Scalable ns/rev-deployment: deployments.apps "rev-deployment" not found';

const serviceOf = (input: JsonObject): ProbedService => ({
  name: textAt(input, 'serviceName'),
  namespace: 'ns',
  protocol: '',
});

/** What the recorded probe finds. */
const inPathOf = (input: JsonObject): boolean =>
  canBeProbed(serviceOf(input)) && objectIn(input, 'probe')['ok'] === true;

const asyncProbeOf = (input: JsonObject, awaited: boolean): JsonObject =>
  awaited
    ? { asyncProbe: true, probeTarget: probeUrl(serviceOf(input), 'cluster.local') }
    : { asyncProbe: false };

/** What becomes of a decision, with the probe that it may ask for. */
function scaleAnswer(input: JsonObject): JsonObject {
  const [scaled, now] = [scaledOf(input), instant(numberOf(input['nowMs']))];
  const desired = numberOf(input['desired']);
  const first = scalingOf(scaled, desired, now);
  const probed = 'prove' in first;
  const scaling = probed ? scalingOf(scaled, desired, now, inPathOf(input)) : first;
  if ('prove' in scaling) return { asked: 'twice' };
  const { want, replicas, revisit, awaitProof } = scaling;
  const current = input['replicas'] === null ? 1 : numberOf(input['replicas']);
  const noTarget = input['noTarget'] === true && replicas !== undefined;
  return {
    desired: want,
    enqueuesMs: revisit === undefined ? [] : [revisit],
    probed,
    ...asyncProbeOf(input, awaitProof === true),
    patch: patchOf(replicas === undefined || replicas === current || noTarget ? null : replicas),
    ...(noTarget ? { error: NO_TARGET } : {}),
  };
}

function toZeroAnswer(input: JsonObject): JsonObject {
  const desired = numberOf(input['desired']);
  if (desired !== 0) return { desired, shouldScale: true, patch: patchOf(null) };
  const [scaled, now] = [scaledOf(input), instant(numberOf(input['nowMs']))];
  const first = toZero(scaled, now);
  const probed = first.then === 'prove';
  const zero = probed ? toZero(scaled, now, inPathOf(input)) : first;
  if (zero.then === 'prove') return { asked: 'twice' };
  return {
    desired: zero.then === 'scale' ? zero.pods : zero.want,
    shouldScale: zero.then === 'scale',
    enqueuesMs: zero.revisit === undefined ? [] : [zero.revisit],
    probed,
    ...asyncProbeOf(input, zero.because === 'activator-not-in-path'),
    patch: patchOf(null),
  };
}

/** From a decision to replicas, and the way of the last pods. */
export const SCALE_TO_ZERO_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'scale_to_zero',
  run: (recorded) => {
    const input = objectIn(recorded, 'in');
    const answer = textAt(input, 'fn') === 'scale' ? scaleAnswer(input) : toZeroAnswer(input);
    const expected = objectIn(recorded, 'out');
    return compared({ ...expected, patch: patchOf(expected['patch']) }, answer);
  },
};
