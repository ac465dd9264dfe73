import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { DASHBOARDS } from '../../../tools/dashboards/all.ts';
import { UNITS } from '../../../tools/dashboards/panel.ts';
import { filesUnder } from '../../files.ts';

const datasource = z.object({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });
const place = z.object({
  x: z.number().int().min(0),
  y: z.number().int().min(0),
  w: z.number().int().min(1).max(24),
  h: z.number().int().min(1),
});
const panel = z.object({
  id: z.number().int().positive(),
  type: z.enum(['timeseries', 'stat', 'table']),
  title: z.string().min(1),
  description: z.string().regex(/\.$/, 'a sentence'),
  datasource,
  gridPos: place,
  targets: z
    .array(
      z.object({ refId: z.string(), datasource, expr: z.string().min(1), legendFormat: z.string().min(1) }),
    )
    .min(1),
  fieldConfig: z.object({ defaults: z.object({ unit: z.enum(UNITS) }) }),
});
const row = z.object({
  id: z.number().int().positive(),
  type: z.literal('row'),
  title: z.string().min(1),
  gridPos: place,
});
const variable = z.object({ name: z.string(), type: z.enum(['datasource', 'query']) });
const schema = z.object({
  uid: z.string().regex(/^[a-z-]{1,40}$/),
  title: z.string().startsWith('hpa-bridge / '),
  description: z.string().min(1),
  tags: z.array(z.literal('hpa-bridge')).length(1),
  links: z.array(z.unknown()).min(1),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(z.union([row, panel])),
});

const FILES = filesUnder('dashboards', '.json');
const read = (file: string) => schema.parse(JSON.parse(readFileSync(file, 'utf8')));

test('every dashboard is a file, and every file a dashboard, each with a uid of its own', () => {
  expect(FILES).toEqual(
    Object.keys(DASHBOARDS)
      .map((name) => `dashboards/${name}.json`)
      .sort(),
  );
  expect(new Set(FILES.map((file) => read(file).uid)).size).toBe(FILES.length);
});

describe.each(FILES)('%s', (file) => {
  test('is what Grafana takes: the data source is chosen, ids are unique, no panel covers another', () => {
    const { panels, templating } = read(file);
    expect(templating.list.slice(0, 2).map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['cluster', 'query'],
    ]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test('asks for what is chosen above the panels, and for nothing that is not', () => {
    const { templating } = read(file);
    const names = templating.list.map(({ name }) => name);
    const text = readFileSync(file, 'utf8');
    const used = [...text.matchAll(/\$([a-z]\w*)/g)].map(([, name = '']) => name);
    expect(names).toEqual(expect.arrayContaining(used));
    expect(used).toEqual(expect.arrayContaining(names.filter((name) => name !== 'datasource')));
  });

  test('links of its tables lead to dashboards that there are', () => {
    const uids = FILES.map((one) => read(one).uid);
    for (const [, uid] of readFileSync(file, 'utf8').matchAll(/"\/d\/([a-z-]+)\?/g))
      expect(uids).toContain(uid);
  });
});
