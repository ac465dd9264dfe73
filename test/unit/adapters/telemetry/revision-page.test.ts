import { expect, test } from '@jest/globals';
import { revisionPage } from '../../../../src/adapters/telemetry/revision-page.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import type { Sample, SamplesOfRevision } from '../../../../src/domain/revision-metrics/samples.ts';
import { HELD_REVISION_METRICS, REVISION_METRICS } from '../../../../src/domain/revision-metrics/table.ts';

async function page(
  revisions: Iterable<SamplesOfRevision>,
  giveWay: () => Promise<void> | undefined = () => undefined,
): Promise<string> {
  let said = '';
  for await (const piece of revisionPage(REVISION_METRICS, revisions, { giveWay })) said += piece;
  return said;
}

const replicas = (value: number): Sample => ({ name: 'hpa_bridge_revision_replicas', labels: {}, value });
const rung: Sample = { name: 'hpa_bridge_revision_rung', labels: { rung: 'hold' }, value: 1 };

test('all lines of one name stand together, under its help and type', async () => {
  const said = await page([
    { key: keyOf('a', 'x-1'), samples: [replicas(1), rung] },
    { key: keyOf('b', 'y-1'), samples: [replicas(Infinity), rung] },
  ]);
  expect(said.split('\n').filter((line) => !line.startsWith('# HELP'))).toEqual([
    '# TYPE hpa_bridge_revision_replicas gauge',
    'hpa_bridge_revision_replicas{namespace="a",revision="x-1"} 1',
    'hpa_bridge_revision_replicas{namespace="b",revision="y-1"} +Inf',
    '# TYPE hpa_bridge_revision_rung gauge',
    'hpa_bridge_revision_rung{namespace="a",revision="x-1",rung="hold"} 1',
    'hpa_bridge_revision_rung{namespace="b",revision="y-1",rung="hold"} 1',
    '',
  ]);
});

test('without revisions there is nothing', async () => expect(await page([])).toBe(''));

test('quotes, backslashes and line breaks in a label do not end it', async () => {
  const info: Sample = {
    name: 'hpa_bridge_revision_info',
    labels: { service: 'a"b\\c\nd', signal: 'query', backend: 'hpa' },
    value: 1,
  };
  expect(await page([{ key: keyOf('a', 'x'), samples: [info] }])).toContain(
    'service="a\\"b\\\\c\\nd",signal="query",backend="hpa"} 1\n',
  );
});

test('others have their turn between two revisions', async () => {
  const order: string[] = [];
  function* revisions() {
    for (const name of ['x', 'y']) {
      order.push(name);
      yield { key: keyOf('a', name), samples: [replicas(1)] };
    }
  }
  await page(revisions(), () => Promise.resolve().then(() => void order.push('others')));
  expect(order).toEqual(['x', 'others', 'y', 'others', 'others']);
});

test('activators tell series of their own', async () => {
  const held = { name: 'hpa_bridge_activator_revision_waiting', labels: {}, value: 3 } as const;
  let said = '';
  const pieces = revisionPage(HELD_REVISION_METRICS, [{ key: keyOf('a', 'x'), samples: [held] }], {
    giveWay: () => undefined,
  });
  for await (const piece of pieces) said += piece;
  expect(said).toContain('\nhpa_bridge_activator_revision_waiting{namespace="a",revision="x"} 3\n');
});
