import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BridgeEvent } from '../../src/domain/event.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';
import { HPA, KEDA, WHY, type Annotations, type Case, type Effect } from './bad-input/case.ts';
import { SCALER_CASES } from './bad-input/scaler-cases.ts';
import { SIGNAL_CASES } from './bad-input/signal-cases.ts';
import { AUTOSCALING, ClusterInMemory, HPA_CLASS, type RunningController } from './cluster-in-memory.ts';

// The real controller over real sockets; only the API server is ours. One controller for all cases, as in life.
let cluster: ClusterInMemory;
let controller: RunningController;
beforeAll(async () => {
  cluster = await ClusterInMemory.start();
  controller = await cluster.controller();
  // If nothing works at all, nothing below is worth waiting for.
  await cluster.revision('good-00001', spelled(KEDA));
  await scaler(KEDA, 'good-00001');
});
afterAll(() => cluster.stop());

const CASES = [...SIGNAL_CASES, ...SCALER_CASES];
const CHILDREN = ['ScaledObject', 'HorizontalPodAutoscaler', 'ServerlessService'];

const spelled = (short: Annotations): Record<string, string> =>
  Object.fromEntries(
    Object.entries(short).flatMap(([key, text]) =>
      text === null ? [] : [[key.includes('/') ? key : `${AUTOSCALING}/${key}`, text]],
    ),
  );
/** A merge patch from one set of annotations to another. */
function patch(from: Annotations, to: Annotations): JsonObject {
  const gone = Object.fromEntries(Object.keys(spelled(from)).map((key) => [key, null]));
  return { metadata: { annotations: { ...gone, ...spelled(to) } } };
}

const eventsAbout = (name: string): readonly BridgeEvent[] =>
  controller.events.filter(({ about }) => about.kind === 'PodAutoscaler' && about.key === `default/${name}`);

/** What the condition and the events say, once the condition says it. */
async function said(name: string, says: Case['says'], before = 0): Promise<void> {
  const worst = says[0]![0];
  const condition = await cluster.condition(
    name,
    'AnnotationsValid',
    worst === 'unknown' ? 'True' : 'False',
    WHY[worst],
  );
  expect(condition.message).toBe(says.map(([, sentence]) => sentence).join(' '));
  const expected = says.map(
    ([effect, sentence]) => `${effect === 'unknown' ? 'Normal' : 'Warning'} ${WHY[effect]} ${sentence}`,
  );
  await cluster.until(`the events about ${name}`, () => eventsAbout(name).length >= before + says.length);
  const told = eventsAbout(name).slice(before);
  expect(told.map(({ type, reason, message }) => `${type} ${reason} ${message}`)).toEqual(
    expect.arrayContaining(expected),
  );
  expect(told).toHaveLength(expected.length);
}

const scalerOf = (base: Case['base']): string =>
  base['hpa-bridge.dev/backend'] === 'hpa' ? 'HorizontalPodAutoscaler' : 'ScaledObject';

const specOf = (object: KubeObject | undefined, name: string): unknown =>
  object === undefined ? undefined : JSON.parse(JSON.stringify(object['spec']).replaceAll(name, 'REVISION'));

async function scaler(base: Case['base'], name: string): Promise<KubeObject> {
  const kind = scalerOf(base);
  return cluster.until(`${kind} ${name}`, () => cluster.get(kind, name));
}

/** Without the keys that are wrong, if the case does not say it better: what is ignored must come to the same. */
const without = ({ base, wrong, sameAs }: Case): Annotations =>
  sameAs ?? { ...base, ...Object.fromEntries(Object.keys(wrong).map((key) => [key, null])) };

const effectOf = ({ says }: Case): Effect => says[0]![0];

describe('in a new revision', () => {
  const nameOf = (one: Case): string => `fresh-${String(CASES.indexOf(one)).padStart(5, '0')}`;
  // All at once: what waits, waits together.
  beforeAll(async () => {
    await Promise.all(
      CASES.map((one) => cluster.revision(nameOf(one), spelled({ ...one.base, ...one.wrong }))),
    );
  });

  test.each(CASES)('$is', async (one) => {
    const name = nameOf(one);
    await said(name, one.says);
    if (effectOf(one) === 'refused') {
      for (const kind of CHILDREN) expect([kind, await cluster.get(kind, name)]).toEqual([kind, undefined]);
      const active = (await cluster.conditions(name))['Active'];
      expect(active).toMatchObject({ status: 'Unknown', reason: 'InvalidAnnotation' });
      return;
    }
    const spec = specOf(await scaler(one.base, name), name);
    if (one.spec !== undefined) expect(spec).toMatchObject(one.spec);
    if (effectOf(one) === 'used') return;
    const other = `${name}-without`;
    await cluster.revision(other, spelled(without(one)));
    expect(spec).toEqual(specOf(await scaler(one.base, other), other));
  });
});

describe('in a revision that works', () => {
  const BASES: readonly (readonly [string, Case['base']])[] = [
    ['keda-00001', KEDA],
    ['hpa-00001', HPA],
  ];
  beforeAll(async () => {
    for (const [name, base] of BASES) {
      await cluster.revision(name, spelled(base));
      await cluster.services(name);
      await cluster.condition(name, 'Ready', 'True');
      await scaler(base, name);
    }
  });
  const reconciles = (): number =>
    ['done', 'requeue', 'fault'].reduce(
      (sum, result) => sum + controller.telemetry.valueOf('hpa_bridge_reconcile_seconds', { result }),
      0,
    );
  /** A change that concerns the revision and is no reason to write anything; resolves after it was looked at. */
  async function looksAgain(name: string): Promise<void> {
    const before = reconciles();
    await cluster.merge('Pod', `${name}-deployment-0`, { metadata: { labels: { looked: `at-${before}` } } });
    await cluster.until('one more reconcile', () => reconciles() > before);
  }

  test.each(CASES)('$is', async (one) => {
    const [name, base] = BASES.find(([, its]) => its === one.base)!;
    const kind = one.onPodAutoscaler === true ? 'PodAutoscaler' : 'Revision';
    const edited = { ...base, ...one.wrong };
    const [before, events] = [await scaler(base, name), eventsAbout(name).length];
    const { Active: active } = await cluster.conditions(name);

    await cluster.merge(kind, name, patch(base, edited));
    try {
      await said(name, one.says, events);
      const written = await cluster.get('PodAutoscaler', name);
      const conditions = await cluster.conditions(name);
      expect(conditions['Ready']).toMatchObject({ status: 'True' });
      expect(conditions['Active']).toEqual(active);
      const after = await scaler(base, name);
      if (effectOf(one) === 'refused')
        expect(after.metadata['resourceVersion']).toBe(before.metadata['resourceVersion']);
      else if (one.spec !== undefined) expect(specOf(after, name)).toMatchObject(one.spec);
      expect(after.metadata['uid']).toBe(before.metadata['uid']);

      await looksAgain(name);
      const again = await cluster.get('PodAutoscaler', name);
      expect(again?.metadata['resourceVersion']).toBe(written?.metadata['resourceVersion']);
      expect(eventsAbout(name)).toHaveLength(events + one.says.length);
    } finally {
      await cluster.merge(kind, name, patch(edited, base));
      await cluster.until('the mended annotations', async () => {
        const { AnnotationsValid: valid } = await cluster.conditions(name);
        return valid?.status === 'True' && valid.reason === undefined;
      });
    }
    expect((await cluster.conditions(name))['Active']).toEqual(active);
    expect(specOf(await scaler(base, name), name)).toEqual(specOf(before, name));
  });

  test('what is ignored comes to the same as if it were absent, also where it replaces a good value', async () => {
    await cluster.revision('were-00001', spelled({ ...KEDA, 'max-scale': '8', window: '90s' }));
    await cluster.services('were-00001');
    await cluster.condition('were-00001', 'Ready', 'True');
    await cluster.merge('Revision', 'were-00001', patch({}, { 'max-scale': 'many', window: '90' }));
    await cluster.condition('were-00001', 'AnnotationsValid', 'False', 'IgnoredAnnotation');
    expect(specOf(await scaler(KEDA, 'were-00001'), 'were-00001')).toEqual(
      specOf(await scaler(KEDA, 'keda-00001'), 'keda-00001'),
    );
    expect((await cluster.conditions('were-00001'))['Ready']?.status).toBe('True');
  });

  test('a target that stops being a number does not turn cpu into something that nobody scales', async () => {
    await cluster.revision('cpu-00001', spelled({ target: '70' }));
    await cluster.services('cpu-00001');
    await cluster.condition('cpu-00001', 'Ready', 'True');
    await cluster.merge('Revision', 'cpu-00001', patch({}, { target: '70%' }));
    await cluster.condition('cpu-00001', 'AnnotationsValid', 'False', 'IgnoredAnnotation');
    expect((await scaler(KEDA, 'cpu-00001'))['spec']).toMatchObject({ triggers: [{ type: 'cpu' }] });
    expect((await cluster.conditions('cpu-00001'))['Active']?.status).toBe('True');
  });
});

describe('beyond annotations', () => {
  const bare = (name: string, annotations: Record<string, string>): Promise<KubeObject> =>
    cluster.create('PodAutoscaler', name, {
      metadata: { annotations: { [`${AUTOSCALING}/class`]: HPA_CLASS, ...annotations } },
      spec: {
        protocolType: 'http1',
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'worker' },
      },
    });

  test('a name of 63 characters is good, one more is refused', async () => {
    await bare('x'.repeat(63), spelled(KEDA));
    await cluster.until('the ScaledObject', () => cluster.get('ScaledObject', 'x'.repeat(63)));
    await bare('x'.repeat(64), spelled(KEDA));
    await said('x'.repeat(64), [
      [
        'refused',
        'metadata.name is 64 characters long: expected at most 63, because Services and ScaledObjects of that name are made.',
      ],
    ]);
    for (const kind of CHILDREN) expect(await cluster.get(kind, 'x'.repeat(64))).toBeUndefined();
  });

  test('annotations as large as they may be are good', async () => {
    const others = spelled(KEDA);
    const used = Object.entries({ ...others, [`${AUTOSCALING}/class`]: HPA_CLASS })
      .flat()
      .join('').length;
    await bare('large', { ...others, note: 'x'.repeat(256 * 1024 - 256 - used - 'note'.length) });
    await cluster.until('the ScaledObject', () => cluster.get('ScaledObject', 'large'));
    await cluster.condition('large', 'AnnotationsValid', 'True');
  });
});

describe('secrets', () => {
  const SECRET = 'hunter2hunter2';
  const trigger = (metadata: JsonObject, rest: JsonObject = {}): string =>
    JSON.stringify([
      { type: 'prometheus', ...rest, metadata: { query: 'sum(up)', threshold: '5', ...metadata } },
    ]);
  const override = (triggers: string): string => `{"spec":{"triggers":${triggers}}}`;
  const WITH_SECRETS: readonly Annotations[] = [
    { 'prometheus-address': `http://me:${SECRET}@prometheus:9090` },
    { 'prometheus-address': `http://me:a/${SECRET}@prometheus:9090` },
    { 'prometheus-address': `me:${SECRET}@prometheus` },
    { 'prometheus-address': `http://prometheus:9090?token=${SECRET}` },
    { 'extra-prometheus-triggers': trigger({ serverAddress: `http://me:${SECRET}@prometheus` }) },
    { 'extra-prometheus-triggers': trigger({ serverAddress: 'http://evil', customHeaders: `X=${SECRET}` }) },
    { 'extra-prometheus-triggers': trigger({ token: SECRET, threshold: 5 }) },
    { 'extra-prometheus-triggers': trigger({ threshold: SECRET }) },
    { 'extra-prometheus-triggers': trigger({}, { authenticationRef: { name: 5, token: SECRET } }) },
    { 'extra-prometheus-triggers': `[{"token":"${SECRET}",}]` },
    { 'extra-prometheus-triggers': `"${SECRET}"` },
    { 'scaled-object-override': override(trigger({ bearerToken: SECRET }, { type: 'kafka' })) },
    { 'scaled-object-override': override(trigger({ serverAddress: `http://me:${SECRET}@prometheus` })) },
    { 'scaled-object-override': `{"spec":{"triggers":"${SECRET}"}}` },
    { 'scaled-object-override': `{"password":"${SECRET}"}` },
    { 'scaling-modifiers': `{"formula":"requests","target":"5","password":"${SECRET}"}` },
    { 'trigger-prometheus-auth-name': 'a', 'trigger-prometheus-auth-modes': `Bearer ${SECRET}` },
    { 'metric-type': `token=${SECRET}` },
    { query: `{{ "http://me:${SECRET}@h" }}` },
    { window: `Authorization: Bearer ${SECRET}` },
  ];

  test('are in no event, no condition and no line of the log', async () => {
    for (const [index, annotations] of WITH_SECRETS.entries()) {
      const name = `secret-${index}`;
      await cluster.revision(name, spelled({ ...KEDA, ...annotations }));
      await cluster.condition(name, 'AnnotationsValid', 'False');
      expect(eventsAbout(name).length).toBeGreaterThan(0);
      expect([annotations, JSON.stringify(await cluster.conditions(name))]).toEqual([
        annotations,
        expect.not.stringContaining(SECRET),
      ]);
    }
    expect(JSON.stringify(controller.events)).not.toContain(SECRET);
    expect(JSON.stringify(controller.log.lines)).not.toContain(SECRET);
  });
});
