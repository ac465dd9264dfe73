import { printDuration, SECOND, type Nanos } from '../go/duration.ts';
import { ms, since, type Ms } from '../time.ts';
import type { Decision } from './decide.ts';
import { followsPanic, limitsOf, type Moved } from './limits.ts';
import type { ScaleRecord } from './record.ts';
import type { ZeroReason } from './to-zero.ts';

/** At most three decimals, as people read numbers. */
const short = (x: number): string => (Number.isFinite(x) ? String(Number(x.toFixed(3))) : String(x));

const duration = (time: Nanos): string =>
  time % SECOND === 0n && time < 120n * SECOND ? `${(time / SECOND).toString()} s` : printDuration(time);

const inSeconds = (time: Ms): string => `${short(Math.round(time / 100) / 10)} s`;

/** `47.2 in flight over 60 s`. */
function evidence(decision: Decision): string {
  const { spec, seen } = decision;
  const panic = followsPanic(decision);
  const unit = spec.metric === 'rps' ? 'requests a second' : 'in flight';
  return `${short(panic ? seen.panic : seen.stable)} ${unit} over ${duration(panic ? spec.panicWindow : spec.stableWindow)}`;
}

/** `target 10 per pod (70 % of 14)`. */
const target = ({ spec }: Decision): string =>
  `target ${short(spec.target)} per pod (${short(spec.utilization * 100)} % of ${short(spec.total)})`;

const ZERO: Readonly<Record<ZeroReason, string>> = {
  'scale-to-zero-disabled': 'the last pod stays because enable-scale-to-zero is off',
  'nobody-wakes': 'the last pod stays because nobody could wake the revision',
  'activation-timed-out': 'given up because no pod became ready in time',
  activating: 'nothing changes while the first pods start',
  'idle-for-a-window': 'idle for a whole window, so requests go to the activator first',
  'active-for-less-than-a-window': 'one pod stays until the revision was active for a whole window',
  'activator-not-in-path': 'the last pod stays until requests reach the activator',
  'pod-retention': 'the last pod stays for scale-to-zero-pod-retention-period',
  'grace-period': 'the last pod stays for scale-to-zero-grace-period',
  'inactive-long-enough': 'idle, and inactive for long enough',
  'proxied-long-enough': 'idle, and requests have gone to the activator for long enough',
};

/** How each limit is told. */
const CLAUSES: Readonly<Record<Moved['by'], (pods: number, record: ScaleRecord) => string | undefined>> = {
  'max-scale-up-rate': (pods, { decision }) =>
    `no more than ${pods} at once by max-scale-up-rate ${short(decision.spec.maxScaleUpRate)}`,
  'max-scale-down-rate': (pods, { decision }) =>
    `no fewer than ${pods} at once by max-scale-down-rate ${short(decision.spec.maxScaleDownRate)}`,
  'activation-scale': (pods) => `lifted to ${pods} by activation-scale`,
  panic: (pods, { decision: { memory, at } }) =>
    `held at ${pods} by a panic that was seen ${inSeconds(since(memory.panicAt ?? at, at))} ago`,
  // The delay is the one of the start, whatever the spec says now.
  'scale-down-delay': (pods, { decision: { memory } }) =>
    `held at ${pods} by a scale-down-delay of ${inSeconds(memory.delay?.delay ?? ms(0))}`,
  'min-scale': (pods) => `lifted by min-scale ${pods}`,
  'initial-scale': (pods) => `lifted by initial-scale ${pods}`,
  'max-scale': (pods) => `capped by max-scale ${pods}`,
  'scale-to-zero': (_, { scaling: { zero } }) => (zero === undefined ? undefined : ZERO[zero]),
};

/** A scale in one plain sentence: `3 -> 5: 47.2 in flight over 60 s, target 10 per pod (70 % of 14), capped by max-scale 5`. */
export function sentenceOfScale(scale: ScaleRecord): string {
  const { decision, scaling, from } = scale;
  const to = scaling.replicas ?? from;
  const zero = scaling.replicas === 0 && scaling.zero !== undefined ? [ZERO[scaling.zero]] : [];
  // Each limit replaces the number of the one before: the last one is the reason.
  const limits = limitsOf(decision, scaling)
    .slice(-1)
    .flatMap(({ by, pods }) => CLAUSES[by](pods, scale) ?? []);
  const panics = followsPanic(decision) ? ['in panic'] : [];
  const head = from === to ? `stays at ${to}` : `${from} -> ${to}`;
  return `${head}: ${[evidence(decision), target(decision), ...panics, ...limits, ...zero].join(', ')}`;
}
