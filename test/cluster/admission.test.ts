import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { apiVersionOf } from '../../src/domain/k8s/resources.ts';
import { eventually } from './api.ts';
import { installAsPods, uninstallPods } from './bridge.ts';
import { KINDS } from './kinds.ts';
import { api, kubectl, namespace } from './lab.ts';
import { applyService, type Annotations, PLAIN_QUERY, serviceOf } from './serving.ts';

const GOOD = { query: PLAIN_QUERY, target: '5' };
const BAD = { ...GOOD, query: 'sum(depth' };
const SAID_OF_BAD = 'autoscaling.knative.dev/query ends too early at line 1 column 10: expected ).';
const DENIED = 'admission webhook "validation.hpa-bridge.dev" denied the request: ';

let space: Awaited<ReturnType<typeof namespace>>;
beforeAll(async () => {
  space = await namespace('admission');
  // Nobody answers yet: it is stored, mistakes and all.
  await applyService(space.name, 'old', BAD);
  await installAsPods();
});
afterAll(async () => {
  await uninstallPods();
  await space[Symbol.asyncDispose]();
});

/** What kubectl says when it applies the Service and stores nothing: refusals and warnings. Empty when there is nothing to say. */
async function saidOf(name: string, annotations: Annotations, spec = {}): Promise<string> {
  const { apiVersion, kind } = { apiVersion: apiVersionOf(KINDS.service), kind: KINDS.service.kind };
  const service = stringify({ apiVersion, kind, ...serviceOf(space.name, name, annotations, spec) });
  const flags = ['--server-side', '--force-conflicts', '--dry-run=server', '--warnings-as-errors'];
  return kubectl(['apply', ...flags, '-f', '-'], service).then(
    () => '',
    (thrown: unknown) => String(thrown),
  );
}

test('a mistake is refused when it is applied, an unknown key is warned of, and what is good is taken', async () => {
  // The certificate is made and trusted in the first seconds; until then the API server goes on without an answer.
  await eventually(async () => expect(await saidOf('new', BAD)).toContain(DENIED));
  expect(await saidOf('new', BAD)).toContain(`${DENIED}${SAID_OF_BAD}`);
  expect(await saidOf('new', { ...GOOD, 'max-scael': '5' })).toContain(
    'Warning: "autoscaling.knative.dev/max-scael" is not an annotation that Knative or hpa-bridge reads; did you mean autoscaling.knative.dev/max-scale?',
  );
  // Knative itself warns of the security context.
  expect(await saidOf('new', GOOD)).not.toMatch(/denied the request|autoscaling\.knative\.dev\//);
});

test('an object that was bad before can be edited, and Knative makes its next revision', async () => {
  await eventually(async () => expect(await saidOf('new', BAD)).toContain(DENIED));
  expect(await saidOf('old', BAD, { containerConcurrency: 7 })).toContain(`Warning: ${SAID_OF_BAD}`);
  await applyService(space.name, 'old', BAD, { containerConcurrency: 7 });
  await eventually(async () => {
    const { status } = await api.get(KINDS.service, space.name, 'old');
    expect(status?.latestCreatedRevisionName).toBe('old-00002');
  });
  expect(await saidOf('old', { ...BAD, query: 'sum(' })).toContain(DENIED);
});
