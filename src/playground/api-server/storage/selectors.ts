import { badRequest } from '../status.ts';
import type { Stored } from './stored.ts';

export type Matches = (stored: Stored) => boolean;
export const EVERYTHING: Matches = () => true;

type LabelTest = (labels: Readonly<Record<string, unknown>>) => boolean;

/** Splits at commas outside of parentheses. */
const terms = (selector: string): readonly string[] =>
  selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');

const SET = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/;
const EQUALITY = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/;
const PRESENCE = /^(!?)\s*([^\s=!(),]+)$/;

function labelTest(term: string): LabelTest {
  const set = SET.exec(term);
  if (set !== null) {
    const [, key = '', operator, inside = ''] = set;
    const values = inside.split(',').map((value) => value.trim());
    const isIn: LabelTest = (labels) => typeof labels[key] === 'string' && values.includes(labels[key]);
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const equality = EQUALITY.exec(term);
  if (equality !== null) {
    const [, key = '', operator, value = ''] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const presence = PRESENCE.exec(term);
  if (presence === null)
    throw badRequest(
      `labelSelector: ${JSON.stringify(term)} is no requirement; write key=value, key!=value, key in (a,b), key notin (a,b), key or !key`,
    );
  const [, not, key = ''] = presence;
  return (labels) => (labels[key] === undefined) === (not === '!');
}

/** A label selector as in `?labelSelector=`; refuses what it cannot read. */
export function labelSelector(selector: string): Matches {
  const tests = terms(selector).map(labelTest);
  if (tests.length === 0) return EVERYTHING;
  return ({ object }) => {
    const labels = (object.metadata['labels'] ?? {}) as Readonly<Record<string, unknown>>;
    return tests.every((test) => test(labels));
  };
}

/** Fields of an object that can be selected by, in every kind; some kinds have more. */
const FIELDS: Readonly<Record<string, (stored: Stored) => unknown>> = {
  'metadata.name': ({ object }) => object.metadata.name,
  'metadata.namespace': ({ namespace }) => namespace,
};

/** Selectable fields that only some kinds have. */
const KIND_FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'status.phase', 'status.podIP', 'spec.serviceAccountName'],
  events: [
    'involvedObject.kind',
    'involvedObject.name',
    'involvedObject.namespace',
    'involvedObject.uid',
    'reason',
    'type',
  ],
  secrets: ['type'],
  namespaces: ['status.phase'],
};

const fieldAt = (stored: Stored, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, field) =>
        typeof value === 'object' && value !== null
          ? (value as Readonly<Record<string, unknown>>)[field]
          : undefined,
      stored.object,
    ) ?? '';

/** A field selector as in `?fieldSelector=`; refuses fields that the kind cannot be selected by. */
export function fieldSelector(selector: string, plural: string): Matches {
  const tests = terms(selector).map((term): Matches => {
    const [, field = '', operator, value = ''] = EQUALITY.exec(term) ?? [];
    const known = FIELDS[field] ?? (KIND_FIELDS[plural]?.includes(field) === true ? undefined : null);
    if (known === null)
      throw badRequest(`fieldSelector: ${plural} cannot be selected by ${JSON.stringify(field || term)}`);
    const read = known ?? ((stored: Stored) => fieldAt(stored, field));
    return operator === '!=' ? (stored) => read(stored) !== value : (stored) => read(stored) === value;
  });
  return tests.length === 0 ? EVERYTHING : (stored) => tests.every((test) => test(stored));
}
