import { sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import { at, objectIn } from './scaled-object-case.ts';

/** One place in which our answer is another than the recorded one; a member that is missing is undefined. */
export interface Difference {
  /** `children.KIND`, `children.KIND.FIELD`, `status.FIELD` or `status.conditions.TYPE`. */
  readonly path: string;
  readonly expected: Json | undefined;
  readonly actual: Json | undefined;
}

function membersThatDiffer(
  prefix: string,
  expected: Json | undefined,
  actual: Json | undefined,
): readonly Difference[] {
  const fields = new Set([...Object.keys(objectIn(expected)), ...Object.keys(objectIn(actual))]);
  return [...fields]
    .map((field) => ({
      path: `${prefix}.${field}`,
      expected: at(expected, field),
      actual: at(actual, field),
    }))
    .filter((one) => !sameJson(one.expected, one.actual));
}

/** A child that both wrote, in the same way, differs in its fields; otherwise as a whole. */
function withinChild(difference: Difference): readonly Difference[] {
  const { path, expected, actual } = difference;
  const alike = at(expected, 'spec') !== undefined && at(actual, 'verb') === at(expected, 'verb');
  return alike && at(actual, 'spec') !== undefined ? membersThatDiffer(path, expected, actual) : [difference];
}

/** Every difference between two answers. */
export function differencesBetween(expected: Json, actual: Json): readonly Difference[] {
  const children = membersThatDiffer('children', at(expected, 'children'), at(actual, 'children'));
  const status = membersThatDiffer('status', at(expected, 'status'), at(actual, 'status'));
  return [
    ...children.flatMap(withinChild),
    ...status.flatMap((one) =>
      one.path === 'status.conditions'
        ? membersThatDiffer('status.conditions', one.expected, one.actual)
        : [one],
    ),
  ];
}

/** A rule about one difference within a case. */
export interface PartRule {
  readonly name: string;
  readonly reason: string;
  readonly decision: string;
  /** True when this is why the two differ here. `ours` is our whole answer. */
  readonly claims: (recorded: JsonObject, difference: Difference, ours: Json) => boolean;
}
