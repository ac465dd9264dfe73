import { placeIn } from '../annotation/json-text.ts';
import type { PodAutoscaler } from '../k8s/read/pod-autoscaler.ts';
import type { Revision } from '../k8s/read/revision.ts';
import { either } from '../either.ts';
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

/**
 * Fills in the plain substitutions of a query, written as Go templates write them, with `{{-` and `-}}` trimming the white space beside
 * them. Everything else between double braces is refused: the error is one clause that names the place and what is allowed.
 */
export function fillQuery(template: string, facts: QueryFacts): Result<string, string> {
  let filled = '';
  let from = 0;
  for (let open = template.indexOf('{{'); open >= 0; open = template.indexOf('{{', from)) {
    const close = template.indexOf('}}', open + 2);
    const end = close < 0 ? template.length : close + 2;
    const refused = (clause: string): Result<never, string> =>
      err(
        `the template ${shown(template.slice(open, end))} at ${placeIn(template, open)} ${clause}: expected ${allowedBy(facts)}`,
      );
    if (close < 0) return refused('is not closed by }}');
    const action = actionOf(template.slice(open + 2, close));
    if (action === undefined) return refused('is not a plain substitution');
    const value = facts[action.name];
    if (!hasFact(value)) return refused(`asks for ${action.name}, which this revision does not have`);
    const before = template.slice(from, open);
    filled += (action.trimBefore ? before.slice(0, skipSpaceBack(before)) : before) + value;
    from = action.trimAfter ? skipSpace(template, close + 2) : close + 2;
  }
  return ok(filled + template.slice(from));
}

interface Action {
  readonly name: (typeof NAMES)[number];
  readonly trimBefore: boolean;
  readonly trimAfter: boolean;
}

function actionOf(inside: string): Action | undefined {
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
