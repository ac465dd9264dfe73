import type { JsonObject } from '../json.ts';
import { keyOf, type Key } from '../key.ts';
import { meets, parseLabelSelector, type Requirement } from '../k8s/label-selector.ts';
import { quantityOfNumber } from '../k8s/quantity.ts';
import { QUERY_METRIC, REVISION_SELECTOR } from '../plan/hpa.ts';
import { err, ok, type Result } from '../result.ts';
import { rfc3339 } from '../rfc3339.ts';
import { shown } from '../shown.ts';
import type { Told } from '../signal/told.ts';
import { GROUP_VERSION } from './discovery.ts';
import { badRequest, notFound, unavailable, type Refusal } from './refusal.ts';
import type { Target } from './request.ts';

type Metric = Target & { readonly is: 'metric' };

/**
 * The revision whose value is asked for. The namespace is the one of the path, for which the right was checked: no selector leads out of
 * it. The selector must name exactly one revision, and what else it requires must hold for the labels of the value.
 */
export function revisionAskedFor({ namespace, metric, selector }: Metric): Result<Key, Refusal> {
  if (metric !== QUERY_METRIC)
    return err(
      notFound(
        `The metric ${shown(metric)} is not known in the namespace ${shown(namespace)}: hpa-bridge serves ${QUERY_METRIC} alone.`,
      ),
    );
  const requirements = parseLabelSelector(selector);
  if (!requirements.ok) return err(badRequest(`labelSelector ${requirements.error}.`));
  const name = nameIn(requirements.value);
  if (name === undefined)
    return err(
      badRequest(
        `labelSelector is ${shown(selector)}: expected it to name one revision, for example ${REVISION_SELECTOR}=shop-00001.`,
      ),
    );
  const labels = labelsOf(name);
  if (!requirements.value.every((requirement) => meets(requirement, labels)))
    return err(
      notFound(`No value of ${QUERY_METRIC} has the labels that labelSelector ${shown(selector)} asks for.`),
    );
  return ok(keyOf(namespace, name));
}

/** The one name that some requirement allows. */
const nameIn = (requirements: readonly Requirement[]): string | undefined =>
  requirements.find(
    ({ key, operator, values: [first = '', ...more] }) =>
      key === REVISION_SELECTOR && operator === 'In' && more.length === 0 && first !== '',
  )?.values[0];

const labelsOf = (revision: string): Readonly<Record<string, string>> => ({ [REVISION_SELECTOR]: revision });

/**
 * The list with the value of a revision, or why there is none. A list is never empty and a missing value never 0: the HPA takes an empty
 * list for a failure, an error keeps it from scaling down, and a 0 would make it do so.
 */
export function valueListOf(revision: string, told: Told | undefined): Result<JsonObject, Refusal> {
  if (told === undefined)
    return err(
      notFound(
        `The revision ${shown(revision)} has no query that this replica of hpa-bridge measures; after its start it knows all within seconds.`,
      ),
    );
  if (told.is === 'nothing') return err(unavailable(told.message));
  const item = {
    metricName: QUERY_METRIC,
    metricLabels: labelsOf(revision),
    timestamp: rfc3339(told.at),
    window: Math.max(1, Math.ceil(told.interval / 1000)),
    value: quantityOfNumber(told.value),
  };
  return ok({ kind: 'ExternalMetricValueList', apiVersion: GROUP_VERSION, metadata: {}, items: [item] });
}
