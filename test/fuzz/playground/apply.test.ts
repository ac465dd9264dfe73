import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { covers, type Json, type JsonObject } from '../../../src/domain/json.ts';
import type { KubeObject } from '../../../src/domain/k8s/meta.ts';
import { mergeApplied, trackApply, trackUpdate } from '../../../src/playground/api-server/apply/apply.ts';
import {
  difference,
  fieldSetFromJson,
  fieldSetToJson,
  intersection,
  isEmpty,
  union,
} from '../../../src/playground/api-server/apply/field-set.ts';
import { fieldsOf } from '../../../src/playground/api-server/apply/fields-of.ts';
import { objectSchema } from '../../../src/playground/api-server/kinds/kind.ts';
import {
  keyed,
  open,
  setOf,
  struct,
  text,
  type Schema,
} from '../../../src/playground/api-server/kinds/schema.ts';
import { jsonPatch, mergePatch } from '../../../src/playground/api-server/write/patch.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 200);

const SCHEMA: Schema = objectSchema(
  open({
    spec: struct({
      named: open({}),
      parts: keyed(['name'], struct({ name: text, size: text })),
      words: setOf(text),
      list: { type: 'array', items: text },
    }),
  }),
);

const word = fc.constantFrom('a', 'b', 'c');
const value = fc.constantFrom('x', 'y');
// Under `stable` a name is always of the same type, under `named` it may change from a text to a map.
const stable = fc.record(
  { a: value, b: value, deep: fc.dictionary(word, value, { minKeys: 1 }) },
  { requiredKeys: ['a'] },
);
const spec = fc.record(
  {
    named: fc.dictionary(word, fc.oneof(value, fc.dictionary(word, value, { minKeys: 1 })), { minKeys: 1 }),
    parts: fc.uniqueArray(fc.record({ name: word, size: value }, { requiredKeys: ['name'] }), {
      selector: ({ name }) => name,
      minLength: 1,
    }),
    words: fc.uniqueArray(value, { minLength: 1 }),
    list: fc.array(value, { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const objectOf = (said: JsonObject): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a' },
  spec: said,
});
const steadyThing = fc
  .record({ named: stable, words: fc.uniqueArray(value, { minLength: 1 }) }, { requiredKeys: ['named'] })
  .map((said) => objectOf(said as unknown as JsonObject));
const thing = spec.map((said) => objectOf(said as unknown as JsonObject));

const managerOf = (name: string) =>
  ({ name, operation: 'Apply', apiVersion: 'example.com/v1', subresource: '' }) as const;
const apply = (live: KubeObject | undefined, intent: KubeObject, name: string): KubeObject => {
  const manager = managerOf(name);
  const applied = mergeApplied(live, intent, SCHEMA, manager);
  return trackApply(live, applied, SCHEMA, { manager, time: 'now', force: true });
};
const specOf = (object: KubeObject): Json => object['spec'] ?? {};

test('an apply by force makes everything true that it says', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, thing), { minLength: 1, maxLength: 5 }), (steps) => {
      let live: KubeObject | undefined;
      for (const [who, intent] of steps) {
        live = apply(live, intent, who);
        for (const [field, said] of Object.entries(specOf(intent) as JsonObject))
          // Items keep their places from before, so keyed lists and sets are looked at item by item.
          for (const part of Array.isArray(said) && field !== 'list' ? (said as readonly Json[]) : []) {
            const items = (specOf(live) as Record<string, readonly Json[]>)[field] ?? [];
            expect(items.some((item) => covers(item, part))).toBe(true);
          }
        const { named, list } = specOf(intent) as JsonObject;
        expect(covers(specOf(live), JSON.parse(JSON.stringify({ named, list })) as Json)).toBe(true);
      }
    }),
    { numRuns },
  );
});

test('the same apply again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, thing), { maxLength: 4 }), word, thing, (before, who, intent) => {
      const live = before.reduce<KubeObject | undefined>(
        (was, [by, each]) => apply(was, each, by),
        undefined,
      );
      const once = apply(live, intent, who);
      expect(apply(once, intent, who)).toEqual(once);
    }),
    { numRuns },
  );
});

test('who applies alone gets exactly what it says', () => {
  fc.assert(
    fc.property(thing, thing, (first, second) => {
      const live = apply(apply(undefined, first, 'a'), second, 'a');
      const sorted = (object: KubeObject): Json =>
        JSON.parse(JSON.stringify(specOf(object), sortLists)) as Json;
      expect(sorted(live)).toEqual(sorted(second));
    }),
    { numRuns },
  );
});
const sortLists = (field: string, item: unknown): unknown =>
  Array.isArray(item) && field !== 'list'
    ? [...(item as readonly unknown[])].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    : item;

test('nobody loses a field to an apply that does not name it', () => {
  fc.assert(
    fc.property(steadyThing, steadyThing, steadyThing, (theirs, first, second) => {
      const live = apply(apply(apply(undefined, theirs, 'them'), first, 'us'), second, 'us');
      const mine = fieldsOf({ spec: specOf(second) }, SCHEMA);
      const lost = difference(
        fieldsOf({ spec: specOf(theirs) }, SCHEMA),
        fieldsOf({ spec: specOf(live) }, SCHEMA),
      );
      // What we took over by force and let go again is nobody's, and gone; that is all that may be missing.
      const taken = union(mine, fieldsOf({ spec: specOf(first) }, SCHEMA));
      expect(isEmpty(difference(lost, taken))).toBe(true);
    }),
    { numRuns },
  );
});

test('a plain write leaves owners only of what is there', () => {
  fc.assert(
    fc.property(thing, thing, (first, second) => {
      const manager = { ...managerOf('them'), operation: 'Update' } as const;
      const live = trackUpdate(apply(undefined, first, 'us'), second, SCHEMA, { manager, time: 'now' });
      const there = union(fieldsOf({ spec: specOf(live) }, SCHEMA), everyNode(live));
      for (const entry of live.metadata['managedFields'] as readonly JsonObject[]) {
        const owned = fieldSetFromJson(entry['fieldsV1'] as JsonObject);
        expect(isEmpty(difference(owned, there))).toBe(true);
      }
    }),
    { numRuns },
  );
});
/** Everything that a first write of this object would own. */
const everyNode = (object: KubeObject) => {
  const manager = { ...managerOf('all'), operation: 'Update' } as const;
  const plain = objectOf(specOf(object) as JsonObject);
  const fresh = trackUpdate(undefined, plain, SCHEMA, { manager, time: 'now' });
  const [entry] = fresh.metadata['managedFields'] as readonly JsonObject[];
  return entry === undefined ? fieldsOf({}, SCHEMA) : fieldSetFromJson(entry['fieldsV1'] as JsonObject);
};

test('sets of fields keep the laws of sets, and survive JSON', () => {
  const fields = thing.map((object) => fieldsOf({ spec: specOf(object) }, SCHEMA));
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      expect(fieldSetToJson(union(difference(a, b), intersection(a, b)))).toEqual(fieldSetToJson(a));
      expect(isEmpty(intersection(difference(a, b), b))).toBe(true);
      if (!isEmpty(a)) expect(fieldSetToJson(fieldSetFromJson(fieldSetToJson(a)))).toEqual(fieldSetToJson(a));
    }),
    { numRuns },
  );
});

test('a merge patch twice is a merge patch once; a JSON patch undoes what its inverse did', () => {
  const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const once = mergePatch(target, patch);
      expect(mergePatch(once, patch)).toEqual(once);
    }),
    { numRuns },
  );
  fc.assert(
    fc.property(fc.dictionary(word, json), json, (target, added) => {
      const there = jsonPatch(target, [{ op: 'add', path: '/new~0~1', value: added }]);
      expect(jsonPatch(there, [{ op: 'remove', path: '/new~0~1' }])).toEqual(target);
    }),
    { numRuns },
  );
});
