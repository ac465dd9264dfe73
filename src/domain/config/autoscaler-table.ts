import { MINUTE, nanos, parseDuration, SECOND, type Nanos } from '../go/duration.ts';
import { parseBool } from '../go/parse-bool.ts';
import { parseFloat64 } from '../go/parse-float.ts';
import { parseInt32 } from '../go/parse-int.ts';
import { trimSpace } from '../go/trim-space.ts';
import { err, ok, type Result } from '../result.ts';

/** A key of config-autoscaler: how its text is read, and what holds without it. */
export interface ConfigRow<T> {
  readonly key: string;
  /** An error is the text of Go's parser. */
  readonly read: (text: string) => Result<T, string>;
  readonly fallback: T;
  /** What a value is, to complete "expected ...". */
  readonly expects: string;
  readonly doc: string;
}

const texts =
  <T>(parse: (text: string) => Result<T, { readonly text: string }>) =>
  (text: string): Result<T, string> => {
    const parsed = parse(text);
    return parsed.ok ? parsed : err(parsed.error.text);
  };

const kind =
  <T>(expects: string, read: (text: string) => Result<T, string>) =>
  (key: string, fallback: T, doc: string): ConfigRow<T> => ({ key, read, fallback, expects, doc });

const word = kind<string>('a text', (text) => ok(trimSpace(text)));
const flag = kind<boolean>('true or false', texts(parseBool));
const decimal = kind<number>('a number', texts(parseFloat64));
const count = kind<number>('a whole number', texts(parseInt32));
const duration = kind<Nanos>('a duration with a unit', parseDuration);

/** A percentage above 1 is divided by 100; from 0 to 1 it is taken for a fraction already. */
const fraction = kind<number>('a number', (text) => {
  const parsed = texts(parseFloat64)(text);
  return parsed.ok && parsed.value > 1 ? ok(parsed.value / 100) : parsed;
});

/** The keys of config-autoscaler, in the order in which they are read (serving: pkg/autoscaler/config/config.go). */
export const AUTOSCALER_KEYS = {
  podAutoscalerClass: word(
    'pod-autoscaler-class',
    'kpa.autoscaling.knative.dev',
    'The class of revisions that name none.',
  ),
  enableScaleToZero: flag('enable-scale-to-zero', true, 'Whether a revision may have no pods at all.'),
  allowZeroInitialScale: flag(
    'allow-zero-initial-scale',
    false,
    'Whether a revision may start without a pod.',
  ),
  maxScaleUpRate: decimal(
    'max-scale-up-rate',
    1000,
    'At most this many times as many pods in one step. Above 1.',
  ),
  maxScaleDownRate: decimal(
    'max-scale-down-rate',
    2,
    'At most this many times fewer pods in one step. Above 1.',
  ),
  containerConcurrencyTargetFraction: fraction(
    'container-concurrency-target-percentage',
    0.7,
    'Percent of the concurrency target that a pod carries on average. Up to 1 it is a fraction: 0.7 is 70.',
  ),
  containerConcurrencyTargetDefault: decimal(
    'container-concurrency-target-default',
    100,
    'Concurrent requests that one pod should carry when the revision says nothing.',
  ),
  rpsTargetDefault: decimal(
    'requests-per-second-target-default',
    200,
    'Requests per second that one pod should carry when the revision says nothing. At least 0.01.',
  ),
  targetBurstCapacity: decimal(
    'target-burst-capacity',
    211,
    'Requests beyond the pods\u2019 capacity to be absorbed without queueing at the pods. At least 0, or -1 for all.',
  ),
  panicWindowPercentage: decimal(
    'panic-window-percentage',
    10,
    'Panic window in percent of the stable window. 1 to 100.',
  ),
  activatorCapacity: decimal('activator-capacity', 100, 'Requests that one activator can hold. At least 1.'),
  panicThresholdPercentage: decimal(
    'panic-threshold-percentage',
    200,
    'Load in percent of what the ready pods can carry that starts the panic mode.',
  ),
  initialScale: count('initial-scale', 1, 'Pods that a new revision starts with.'),
  minScale: count('min-scale', 0, 'Fewest pods of a reachable revision.'),
  maxScale: count('max-scale', 0, 'Most pods of a revision; 0 is unlimited.'),
  maxScaleLimit: count(
    'max-scale-limit',
    0,
    'The largest max-scale that a revision may ask for; 0 is no limit.',
  ),
  stableWindow: duration(
    'stable-window',
    MINUTE,
    'Averaging window of concurrency and rps. 6s to 1h, whole seconds.',
  ),
  scaleDownDelay: duration(
    'scale-down-delay',
    nanos(0n),
    'How long a lower number must last before it is followed. Whole seconds.',
  ),
  scaleToZeroGracePeriod: duration(
    'scale-to-zero-grace-period',
    nanos(30n * SECOND),
    'How long the data path may take to change before the last pod goes. Above 0.',
  ),
  scaleToZeroPodRetentionPeriod: duration(
    'scale-to-zero-pod-retention-period',
    nanos(0n),
    'How long the last pod stays after the decision for zero.',
  ),
} as const;
