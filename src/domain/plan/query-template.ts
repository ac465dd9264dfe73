import { placeIn } from '../annotation/json-text.ts';
import type { PodAutoscaler } from '../k8s/read/pod-autoscaler.ts';
import type { Revision } from '../k8s/read/revision.ts';
import { either } from '../either.ts';
import { placeAfter, writtenAt, type Place } from '../promql/place.ts';
import { err, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { shown } from '../shown.ts';

/** What a query may say about its revision; undefined where the revision has no such thing. */
export interface QueryFacts {
  readonly revisionName: string;
  readonly namespace: string;
  readonly serviceName: string | undefined;
  readonly configurationName: string | undefined;
  readonly revisionUID: string | undefined;
}

const LABELS = {
  serviceName: 'serving.knative.dev/service',
  configurationName: 'serving.knative.dev/configuration',
  revisionUID: 'serving.knative.dev/revisionUID',
} as const;

/** The facts of a PodAutoscaler: its name is the revision's, the rest are labels that Knative puts on both. */
export function queryFactsOf(pa: PodAutoscaler, revision: Revision | undefined): QueryFacts {
  const { name, namespace, labels } = pa.metadata;
  const uid = labels[LABELS.revisionUID] ?? revision?.metadata.uid;
  return {
    revisionName: name,
    namespace,
    serviceName: labels[LABELS.serviceName],
    configurationName: labels[LABELS.configurationName],
    revisionUID: uid === '' ? undefined : uid,
  };
}

const NAMES = ['revisionName', 'namespace', 'serviceName', 'configurationName', 'revisionUID'] as const;
/** What may stand in the query of this revision, to complete "expected ...". */
const allowedBy = (facts: QueryFacts): string =>
  either(NAMES.filter((name) => hasFact(facts[name])).map((name) => `{{ .${name} }}`));

const hasFact = (fact: string | undefined): fact is string => fact !== undefined && fact !== '';

const SPACE = ' \t\r\n';

/** Why a template cannot be filled in: a clause, and where in the user's text it is about. */
export interface TemplateProblem {
  readonly at: number;
  readonly wrong: string;
}

/** A query with its templates filled in, and where in the user's text a place of it comes from. */
export interface FilledQuery {
  readonly query: string;
  readonly originOf: (at: number) => number;
}

/**
 * Fills in the plain substitutions of a query, written as Go templates write them, with `{{-` and `-}}` trimming the white space beside
 * them. A value is escaped inside of a string, and must be one word outside of one. Everything else between double braces is refused:
 * the error is one clause that names the place and what is allowed.
 */
export function fillQuery(template: string, facts: QueryFacts): Result<FilledQuery, TemplateProblem> {
  const pieces: Piece[] = [];
  let query = '';
  let place: Place = 'code';
  let from = 0;
  for (let open = template.indexOf('{{'); open >= 0; open = template.indexOf('{{', from)) {
    const before = template.slice(from, open);
    place = placeAfter(place, before);
    const action = actionAt(template, open, place, facts);
    if (!action.ok) return err({ at: open, wrong: `the template ${action.error}` });
    const { value, end, trimBefore, trimAfter } = action.value;
    pieces.push({ at: query.length, origin: from, kept: true });
    query += trimBefore ? before.slice(0, skipSpaceBack(before)) : before;
    pieces.push({ at: query.length, origin: open, kept: false });
    query += value;
    from = trimAfter ? skipSpace(template, end) : end;
  }
  pieces.push({ at: query.length, origin: from, kept: true });
  return ok({ query: query + template.slice(from), originOf: (at) => originIn(pieces, at) });
}

interface Action {
  /** As it is written at its place. */
  readonly value: string;
  /** Behind the closing braces. */
  readonly end: number;
  readonly trimBefore: boolean;
  readonly trimAfter: boolean;
}

function actionAt(template: string, open: number, place: Place, facts: QueryFacts): Result<Action, string> {
  const close = template.indexOf('}}', open + 2);
  const end = close < 0 ? template.length : close + 2;
  const text = template.slice(open, end);
  const refused = (clause: string, expected = allowedBy(facts)): Result<never, string> =>
    err(`${shown(text)} at ${placeIn(template, open)} ${clause}: expected ${expected}`);
  if (close < 0) return refused('is not closed by }}');
  const action = actionOf(text.slice(2, -2));
  if (action === undefined) return refused('is not a plain substitution');
  const { name, ...trims } = action;
  const fact = facts[name];
  if (!hasFact(fact)) return refused(`asks for ${name}, which this revision does not have`);
  const value = writtenAt(place, fact);
  if (value === undefined)
    return refused(
      `stands for ${shown(fact)}, which cannot be written there`,
      'it inside of a string, for example pod=~"{{ .revisionName }}-.*"',
    );
  return ok({ value, end, ...trims });
}

/** A piece of a filled query: where it begins there and in the user's text, and whether it is the user's own. */
interface Piece {
  readonly at: number;
  readonly origin: number;
  readonly kept: boolean;
}

function originIn(pieces: readonly Piece[], at: number): number {
  const piece = pieces.findLast((one) => one.at <= at);
  if (piece === undefined) return at;
  return piece.kept ? piece.origin + at - piece.at : piece.origin;
}

interface Written {
  readonly name: (typeof NAMES)[number];
  readonly trimBefore: boolean;
  readonly trimAfter: boolean;
}

function actionOf(inside: string): Written | undefined {
  const [, before, word, after] =
    /^(-(?=[ \t\r\n]))?[ \t\r\n]*\.(\w+)[ \t\r\n]*((?<=[ \t\r\n])-)?$/.exec(inside) ?? [];
  const name = NAMES.find((known) => known === word);
  return name === undefined
    ? undefined
    : { name, trimBefore: before !== undefined, trimAfter: after !== undefined };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && SPACE.includes(text.charAt(at))) at++;
  return at;
}

function skipSpaceBack(text: string): number {
  let end = text.length;
  while (end > 0 && SPACE.includes(text.charAt(end - 1))) end--;
  return end;
}

/**
 * The query of a metric that was only named: requests per second over the revision's pods. The error is one clause that follows
 * the name: only names that PromQL takes without quotes can be used like this.
 */
export function derivedQuery(
  metricName: string,
  namespace: string,
  deploymentName: string,
): Result<string, string> {
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metricName))
    return err(
      ', and no query can be derived from that: expected the name of a Prometheus metric (letters, digits, _ and :, not beginning with a digit), for example http_requests_total, or a query beside it',
    );
  const pods = `${deploymentName.replaceAll('.', '\\\\.')}-.*`;
  return ok(`sum(rate(${metricName}{namespace="${namespace}",pod=~"${pods}"}[1m]))`);
}
