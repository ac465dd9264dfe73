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
  return query.ok ? query.value.query : `refused: ${query.error.wrong}`;
};

describe('plain substitution', () => {
  test.each([
    ['up', 'up'],
    ['x{pod=~"{{ .revisionName }}-.*"}', 'x{pod=~"hello-00001-.*"}'],
    [
      '{{.namespace}}/{{ .serviceName }}/{{ .configurationName }}/"{{\n.revisionUID\t}}"',
      'default/hello/hello/"u-1"',
    ],
    ['a {{- .serviceName }} b', 'ahello b'],
    ['a {{ .serviceName -}} \n b', 'a hellob'],
    ['"a {{- .revisionName }} b"', '"ahello-00001 b"'],
    ["'{{ .revisionName }}'", "'hello-00001'"],
    ['`{{ .revisionName }}`', '`hello-00001`'],
    ['"\\"{{ .revisionName }}"', '"\\"hello-00001"'],
    ['up # {{ .revisionName }}\n', 'up # hello-00001\n'],
    ['"it\'s" or a{b="{{ .revisionName }}"}', '"it\'s" or a{b="hello-00001"}'],
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

  test.each([
    '{{ .revisionName }}',
    'sum({{ .revisionName }})',
    '"a" or {{ .revisionName }}',
    '# "\n{{ .revisionName }}',
    "`'` or {{ .revisionName }}",
  ])('%j puts a name with a dash where PromQL would subtract', (template) =>
    expect(filled(template)).toMatch(
      /^refused: the template "{{ .revisionName }}" at line \d column \d+ stands for "hello-00001", which cannot be written there: expected it inside of a string/,
    ),
  );

  test('an open template', () =>
    expect(filled('{{ .revisionName')).toContain('line 1 column 1 is not closed by }}'));

  test('a fact that the revision does not have', () =>
    expect(fillQuery('{{ .serviceName }}', { ...facts, serviceName: undefined })).toEqual({
      ok: false,
      error: {
        at: 0,
        wrong:
          'the template "{{ .serviceName }}" at line 1 column 1 asks for serviceName, which this revision does not have: expected {{ .revisionName }}, {{ .namespace }}, {{ .configurationName }} or {{ .revisionUID }}',
      },
    }));
});

describe('a value is written for its place', () => {
  const odd = (template: string): string => {
    const query = fillQuery(template, { ...facts, serviceName: 'a"b\'c\\d`e' });
    return query.ok ? query.value.query : 'refused';
  };
  test.each([
    ['x{a="{{ .serviceName }}"}', 'x{a="a\\"b\'c\\\\d`e"}'],
    ["x{a='{{ .serviceName }}'}", "x{a='a\"b\\'c\\\\d`e'}"],
    ['x{a=`{{ .serviceName }}`}', 'refused'],
    ['x + {{ .serviceName }}', 'refused'],
  ])('%j becomes %j', (template, expected) => expect(odd(template)).toBe(expected));
});

test('a place of the filled query is found again in the template', () => {
  const template = 'sum(x{a="{{ .revisionName -}}  b"}) {{- .serviceName }} !';
  const query = fillQuery(template, facts);
  if (!query.ok) throw new Error(query.error.wrong);
  const { query: text, originOf } = query.value;
  expect(text).toBe('sum(x{a="hello-00001b"})hello !');
  const origins = ['sum', '"hello', 'hello-', 'b"', ')hello', 'hello !', '!'].map((part) =>
    template.slice(originOf(text.indexOf(part))),
  );
  expect(origins.map((rest) => rest.slice(0, 6))).toEqual([
    'sum(x{',
    '"{{ .r',
    '{{ .re',
    'b"}) {',
    ') {{- ',
    '{{- .s',
    '!',
  ]);
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
