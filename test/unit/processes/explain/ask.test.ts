import { describe, expect, test } from '@jest/globals';
import { FaultError } from '../../../../src/domain/fault.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import type { Got } from '../../../../src/ports/http-get.ts';
import { askDecisions, type Askable } from '../../../../src/processes/explain/ask.ts';
import { status } from '../../../doubles/scripted-api.ts';
import { decisionsOf } from '../../../builders/decisions.ts';

const KEY = keyOf('team', 'shop-00001');
const told = (leads: boolean, name = 'a_1'): Got => ({
  status: 200,
  body: JSON.stringify({ ...decisionsOf([], 1), replica: { name, leads } }),
});
const HAS = told(true);
const OURS = { group: 'hpa-bridge.dev', kind: 'decisions' };
const refused = (code: number, message: string, details = {}): Got => ({
  status: code,
  body: JSON.stringify(status(code, 'No', message, details)),
});
const one = (name: string, got: Got | Error): Askable => ({
  name,
  get: () => (got instanceof Error ? Promise.reject(got) : Promise.resolve(got)),
});
const asked = (...askable: readonly Askable[]): Promise<string> =>
  askDecisions(askable, KEY, new AbortController().signal).then(
    ({ revision }) => revision,
    (thrown: unknown) =>
      thrown instanceof FaultError ? `${thrown.fault.code}: ${thrown.message}` : String(thrown),
  );

test('who leads for the revision, whatever the others know of it', async () => {
  const askable = [one('a', told(false, 'a_1')), one('b', told(true, 'b_1'))];
  const { replica } = await askDecisions(askable, KEY, new AbortController().signal);
  expect(replica.name).toBe('b_1');
});

test('where nobody leads, the first that can say it', async () => {
  const askable = [
    one('a', new FaultError({ code: 'api_unavailable', message: 'No answer.' })),
    one('b', told(false, 'b_1')),
    one('c', told(false, 'c_1')),
  ];
  const { replica } = await askDecisions(askable, KEY, new AbortController().signal);
  expect(replica.name).toBe('b_1');
});

test('after the leader nobody is asked', async () => {
  expect(await asked(one('a', HAS), one('b', new Error('never asked')))).toBe(KEY);
});

test('asks for a path in which nothing can be hidden', async () => {
  const paths: string[] = [];
  const get: Askable['get'] = (path) => {
    paths.push(path);
    return Promise.resolve(HAS);
  };
  await askDecisions([{ name: 'a', get }], keyOf('a b', '../x?y'), new AbortController().signal);
  expect(paths).toEqual(['/decisions/a%20b/..%2Fx%3Fy']);
});

describe('another one is asked where the first', () => {
  const unreachable = new FaultError({ code: 'api_unavailable', message: 'No answer.' });
  test.each([
    ['does not answer', unreachable],
    ['is not reached by the API server', refused(503, 'error trying to reach service')],
    ['is gone', refused(404, 'pods "a" not found', { name: 'a', kind: 'pods' })],
    ['is not ready', refused(503, 'hpa-bridge is not ready', OURS)],
    ['is something else', { status: 200, body: '<html>' }],
    ['is an older one', { status: 404, body: '{"message":"Route GET:/decisions not found"}' }],
  ])('%s', async (_, got) => expect(await asked(one('a', got), one('b', HAS))).toBe(KEY));
});

test('nobody can say it: why not, of each', async () => {
  const forbidden = refused(403, 'pods "a" is forbidden: User "eve" cannot get resource "pods/proxy"');
  expect(await asked(one('a', forbidden), one('b', { status: 404, body: '' }))).toBe(
    'api_unavailable: No replica of hpa-bridge could be asked. ' +
      'a: pods "a" is forbidden: User "eve" cannot get resource "pods/proxy". Expected the right to get pods/proxy there, or kubectl port-forward to it and --url http://127.0.0.1:8080. ' +
      'b: It answered 404 and no decisions: expected hpa-bridge of this version or a newer one.',
  );
});

test('a revision that there is not, is what every replica would say', async () => {
  expect(await asked(one('a', refused(404, 'There is no such thing.', OURS)), one('b', HAS))).toBe(
    'not_found: There is no such thing.',
  );
});

test('a mistake of ours is not taken for an answer', async () => {
  expect(await asked(one('a', new TypeError('x is not a function')), one('b', HAS))).toBe(
    'TypeError: x is not a function',
  );
});
