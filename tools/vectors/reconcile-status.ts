import { sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import type { Difference, PartRule } from './reconcile-diff.ts';
import {
  configOf,
  annotationOf,
  followed,
  isKeda,
  isReadyOf,
  isStarted,
  objectOf,
  pods,
  storedCondition,
  storedStatus,
  whose,
} from './reconcile-facts.ts';
import { at, itemsIn, textAt } from './scaled-object-case.ts';
import { numberOf } from './texts.ts';

const errorOf = (recorded: JsonObject): string => textAt(recorded, 'expect', 'error');

export const isRefused = (recorded: JsonObject): boolean =>
  errorOf(recorded).startsWith('failed to contruct') || at(recorded, 'expect', 'panic') !== undefined;

/** Upstream wants a query beside the name of a metric; from this name one can be derived. */
export const lacksAQuery = (recorded: JsonObject): boolean =>
  errorOf(recorded).includes('query is missing') &&
  /^[a-zA-Z_:][\w:]*$/.test(annotationOf(recorded, 'metric') ?? '');

/** Failures that pass by themselves; a server that broke is one of them. */
export const passes = (recorded: JsonObject): boolean =>
  itemsIn(recorded, 'input', 'failures').some(
    (failure) => at(failure, 'subresource') === undefined && textAt(failure, 'reason') !== 'Forbidden',
  );

const createsScaledObjects = (recorded: JsonObject): boolean => {
  const asked = annotationOf(recorded, 'scaledObjectAutoCreate') ?? '';
  if (/^(1|t|T|TRUE|true|True)$/.test(asked)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(asked)) return false;
  return configOf(recorded, 'config-autoscaler-keda', 'autoscaler.keda.scaledobject-autocreate') !== 'false';
};

/** autoscaler-keda goes no further while there is no HPA, or one that wants less than the minimum of the ScaledObject it knows. */
export function waitsForTheHpa(recorded: JsonObject): boolean {
  const hpa = objectOf(recorded, 'HorizontalPodAutoscaler');
  if (!isKeda(recorded) || errorOf(recorded) !== '' || at(recorded, 'expect', 'panic') !== undefined)
    return false;
  if (hpa === undefined) return true;
  const created = itemsIn(recorded, 'expect', 'writes').find((one) => textAt(one, 'kind') === 'ScaledObject');
  const known = objectOf(recorded, 'ScaledObject') ?? at(created, 'object');
  const least = numberOf(at(known, 'spec', 'minReplicaCount'));
  return createsScaledObjects(recorded) && numberOf(at(hpa, 'status', 'desiredReplicas')) < least;
}

/** Upstream ended before it came to the status. */
const stops = (recorded: JsonObject): boolean =>
  waitsForTheHpa(recorded) || errorOf(recorded) !== '' || at(recorded, 'expect', 'panic') !== undefined;

/** The wanted scale: what the HPA says once its controller has looked at it; a foreign HPA says nothing, except to who brings a scaler. */
function wantedScale(recorded: JsonObject): Json | undefined {
  const hpa = objectOf(recorded, 'HorizontalPodAutoscaler');
  const desired = numberOf(at(hpa, 'status', 'desiredReplicas'));
  const foreign = !isKeda(recorded) && whose(recorded, 'HorizontalPodAutoscaler') === 'foreign';
  return desired > 0 && !foreign ? desired : storedStatus(recorded)['desiredScale'];
}

const conditionIn = (ours: Json, type: string): Json | undefined => at(ours, 'status', 'conditions', type);

const readyFits = (ours: Json, actual: Json | undefined): boolean =>
  isReadyOf(
    actual,
    ['Active', 'SKSReady', 'ScaleTargetInitialized'].map((type) => conditionIn(ours, type)),
  );

/** What the status says whoever scales, and whatever went wrong with the scaler. */
function isFollowed(recorded: JsonObject, { path, actual }: Difference, ours: Json): boolean {
  const { serviceName, metricsServiceName, SKSReady, ScaleTargetInitialized } = followed(recorded);
  switch (path) {
    case 'status.serviceName':
      return actual === serviceName;
    case 'status.metricsServiceName':
      return actual === metricsServiceName;
    case 'status.observedGeneration':
      return actual === at(objectOf(recorded, 'PodAutoscaler'), 'metadata', 'generation');
    case 'status.actualScale':
      return actual === pods(recorded);
    case 'status.desiredScale':
      return actual === wantedScale(recorded);
    case 'status.conditions.SKSReady':
      return sameJson(actual, SKSReady);
    case 'status.conditions.ScaleTargetInitialized':
      return sameJson(actual, ScaleTargetInitialized);
    case 'status.conditions.Ready':
      return readyFits(ours, actual);
    default:
      return false;
  }
}

const isActiveOrReady = ({ path }: Difference): boolean =>
  path === 'status.conditions.Active' || path === 'status.conditions.Ready';

/** The same reason and message, except that ours may go on with what the API server said. */
const saysTheSame = ({ expected, actual }: Difference): boolean =>
  at(actual, 'reason') === at(expected, 'reason') &&
  `${textAt(actual, 'message')} `.startsWith(`${textAt(expected, 'message')} `);

/** What Active may be where a foreign object is in the way: False, or Unknown while the revision could still fail for good. */
function isBlockedBy(recorded: JsonObject, kind: string, actual: Json | undefined): boolean {
  const unsafe = !isStarted(recorded) && followed(recorded).serviceName !== '';
  return sameJson(actual, {
    status: unsafe ? 'Unknown' : 'False',
    reason: 'NotOwned',
    message: `There is an existing ${kind} "${textAt(objectOf(recorded, kind), 'metadata', 'name')}" that we do not own.`,
  });
}

const FOLLOWED = 'docs/decisions/0032-status-follows-the-pods.md';
const CAREFUL = 'docs/decisions/0033-never-false-before-the-start.md';

export const RECONCILE_STATUS_RULES: readonly PartRule[] = [
  {
    name: 'what-passes-changes-nothing',
    reason: 'A write that failed for a reason that passes is tried again; nothing is told in between.',
    decision: FOLLOWED,
    claims: (recorded, { path, actual }) => {
      if (!passes(recorded)) return false;
      const [, field = '', type = ''] = path.split('.');
      const was = field === 'conditions' ? storedCondition(recorded, type) : storedStatus(recorded)[field];
      return path.startsWith('status.') && sameJson(actual, was);
    },
  },
  {
    name: 'never-false-before-the-start',
    reason: 'Active=False before the start would fail the revision for good, so it is Unknown until then.',
    decision: CAREFUL,
    claims: (recorded, difference) =>
      isActiveOrReady(difference) &&
      textAt(difference.expected, 'status') === 'False' &&
      !isStarted(recorded) &&
      followed(recorded).serviceName !== '' &&
      at(difference.actual, 'status') === 'Unknown' &&
      saysTheSame(difference),
  },
  {
    name: 'a-failed-creation-quotes-the-server',
    reason: 'The message of FailedCreate ends with what the API server said.',
    decision: FOLLOWED,
    claims: (_recorded, difference) =>
      isActiveOrReady(difference) &&
      textAt(difference.expected, 'reason') === 'FailedCreate' &&
      at(difference.actual, 'status') === at(difference.expected, 'status') &&
      saysTheSame(difference),
  },
  {
    name: 'a-failed-creation-of-services-is-told',
    reason: 'A ServerlessService that the API server will not create is told like a scaler.',
    decision: FOLLOWED,
    claims: (recorded, difference) =>
      isActiveOrReady(difference) &&
      itemsIn(recorded, 'input', 'failures').some(
        (failure) =>
          textAt(failure, 'verb') === 'create' &&
          textAt(failure, 'resource') === 'serverlessservices' &&
          textAt(failure, 'reason') === 'Forbidden',
      ) &&
      textAt(difference.actual, 'reason') === 'FailedCreate' &&
      textAt(difference.actual, 'message').startsWith('Failed to create ServerlessService '),
  },
  {
    name: 'a-named-metric-is-asked-for',
    reason:
      'A metric that is only named is asked for by a query that we derive, where upstream finds no query.',
    decision: 'docs/decisions/0027-signals-beyond-upstream.md',
    claims: (recorded, difference, ours) => {
      if (!lacksAQuery(recorded)) return false;
      return difference.path === 'status.conditions.Active'
        ? sameJson(difference.actual, { status: 'True' })
        : isFollowed(recorded, difference, ours);
    },
  },
  {
    name: 'mistakes-are-said',
    reason:
      'Annotations from which nothing can be built are told in the status; a revision that has started goes on.',
    decision: 'docs/decisions/0031-mistakes-are-said.md',
    claims: (recorded, difference, ours) => {
      if (!isRefused(recorded)) return false;
      const { path, actual } = difference;
      if (path !== 'status.conditions.Active') return isFollowed(recorded, difference, ours);
      const told = at(actual, 'status') === 'Unknown' && at(actual, 'reason') === 'InvalidAnnotation';
      return isStarted(recorded) ? sameJson(actual, storedCondition(recorded, 'Active')) : told;
    },
  },
  {
    name: 'status-follows-the-pods',
    reason:
      'The status follows the services and the ready pods also where upstream waits for the HPA or ends early.',
    decision: FOLLOWED,
    claims: (recorded, difference, ours) => {
      if (!stops(recorded)) return false;
      if (difference.path !== 'status.conditions.Active') return isFollowed(recorded, difference, ours);
      if (whose(recorded, 'ServerlessService') === 'foreign')
        return isBlockedBy(recorded, 'ServerlessService', difference.actual);
      const goesOn = waitsForTheHpa(recorded) || textAt(difference.expected, 'status') !== 'False';
      return goesOn && !isRefused(recorded) && sameJson(difference.actual, { status: 'True' });
    },
  },
  {
    name: 'a-told-service-name-stays',
    reason: 'A service name that was told is not taken back while the ServerlessService is made anew.',
    decision: FOLLOWED,
    claims: (recorded, { path, expected, actual }) =>
      (path === 'status.serviceName' || path === 'status.metricsServiceName') &&
      expected === '' &&
      actual !== '' &&
      actual === storedStatus(recorded)[path.slice('status.'.length)],
  },
  {
    name: 'an-hpa-that-has-not-looked-wants-nothing',
    reason: 'A new HPA says 0 until its controller has looked at it; the wanted scale stays what it was.',
    decision: FOLLOWED,
    claims: (recorded, { path, expected, actual }) =>
      path === 'status.desiredScale' &&
      expected === 0 &&
      numberOf(at(objectOf(recorded, 'HorizontalPodAutoscaler'), 'status', 'desiredReplicas')) === 0 &&
      actual === storedStatus(recorded)['desiredScale'],
  },
];
