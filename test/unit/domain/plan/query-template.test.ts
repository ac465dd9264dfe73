import { describe, expect, test } from '@jest/globals';
import { quote } from '../../../../src/domain/go/quote.ts';
import { podAutoscalerView } from '../../../../src/domain/k8s/read/pod-autoscaler.ts';
import {
  derivedQuery,
  fillQuery,
  queryFactsOf,
  type QueryFacts,
} from '../../../../src/domain/plan/query-template.ts';

const facts: QueryFacts = {
  revisionName: 'hello-00001',
  namespace: 'default',
  serviceName: 'hello',
  configurationName: 'hello',
  revisionUID: 'u-1',
};
const filled = (template: string): string => {
  const query = fillQuery(template, facts);
  return query.ok ? query.value : `refused: ${query.error}`;
};

describe('plain substitution', () => {
  test.each([
    ['up', 'up'],
    ['x{pod=~"{{ .revisionName }}-.*"}', 'x{pod=~"hello-00001-.*"}'],
    [
      '{{.namespace}}/{{ .serviceName }}/{{ .configurationName }}/{{\n.revisionUID\t}}',
      'default/hello/hello/u-1',
    ],
    ['a {{- .revisionName }} b', 'ahello-00001 b'],
    ['a {{ .revisionName -}} \n b', 'a hello-00001b'],
    ['a }} { {.revisionName} }', 'a }} { {.revisionName} }'],
    ['', ''],
  ])('%j', (template, expected) => expect(filled(template)).toBe(expected));
});

describe('anything else is refused with its place and what is allowed', () => {
  test.each([
    '{{ .foo }}',
    '{{ if .revisionName }}a{{ end }}',
    '{{ printf "%s" .revisionName }}',
    '{{ .revisionName | html }}',
    '{{/* a comment */}}',
    '{{}}',
    '{{ .revisionName .namespace }}',
    '{{-.revisionName }}',
    '{{ revisionName }}',
    '{{ $.revisionName }}',
  ])('%s', (template) =>
    expect(filled(`a\n ${template}`)).toBe(
      `refused: the template ${quote(template.replace(/}}.*/, '}}'))} at line 2 column 2 is not a plain substitution: expected {{ .revisionName }}, {{ .namespace }}, {{ .serviceName }}, {{ .configurationName }} or {{ .revisionUID }}`,
    ),
  );

  test('an open template', () =>
    expect(filled('{{ .revisionName')).toContain('line 1 column 1 is not closed by }}'));

  test('a fact that the revision does not have', () =>
    expect(fillQuery('{{ .serviceName }}', { ...facts, serviceName: undefined })).toEqual({
      ok: false,
      error:
        'the template "{{ .serviceName }}" at line 1 column 1 asks for serviceName, which this revision does not have: expected {{ .revisionName }}, {{ .namespace }}, {{ .configurationName }} or {{ .revisionUID }}',
    }));
});

test('facts are names and labels; the UID of the revision stands in for its label', () => {
  const pa = podAutoscalerView.parse({
    metadata: { name: 'r', namespace: 'n', labels: { 'serving.knative.dev/service': 's' } },
    spec: { scaleTargetRef: {} },
  });
  const revision = { metadata: { ...pa.metadata, uid: 'u' } };
  expect(queryFactsOf(pa, revision)).toEqual({
    revisionName: 'r',
    namespace: 'n',
    serviceName: 's',
    configurationName: undefined,
    revisionUID: 'u',
  });
  expect(queryFactsOf(pa, undefined).revisionUID).toBeUndefined();
});

describe('a derived query', () => {
  test('counts over the pods of the revision', () =>
    expect(derivedQuery('http_requests_total', 'default', 'a.b-00001-deployment')).toEqual({
      ok: true,
      value: 'sum(rate(http_requests_total{namespace="default",pod=~"a\\\\.b-00001-deployment-.*"}[1m]))',
    }));

  test.each(['', '1a', 'http requests', 'http.requests', 'a{}', 'é'])('%j names no metric', (name) =>
    expect(derivedQuery(name, 'n', 'd').ok).toBe(false),
  );
});
