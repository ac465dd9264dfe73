import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PLAN_LIMITS, planRequests } from '../../src/domain/query-plan/plan.ts';
import { halvesOf, questionsIn, readingsOf } from '../../src/domain/query-plan/request.ts';
import { shapeOf } from '../../src/domain/query-plan/shape.ts';
import { syntaxOf } from '../../src/domain/promql/syntax.ts';
import { typeOf } from '../../src/domain/promql/types.ts';
import { BAD, GOOD, NO_VECTOR } from '../builders/promql-corpus.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300);

const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', '.', '|', '\\', '"', '\n', '$', '(', ')'), maxLength: 6 }),
);
const shaped = fc
  .tuple(fc.constantFrom('sum(m{rev=R})', 'max(rate(n{a="b",rev=R}[1m])) * 2', 'm{rev=R}'), value)
  .map(([template, text]) => template.replace('R', () => JSON.stringify(text)));
const known = fc.constantFrom(...GOOD, ...[...BAD, ...NO_VECTOR].map(([query]) => query));
const queries = fc.uniqueArray(fc.oneof(shaped, known, fc.string({ unit: 'binary' })), { maxLength: 60 });
const limits = fc.record({
  parts: fc.integer({ min: 1, max: 60 }),
  questions: fc.integer({ min: 1, max: 60 }),
  characters: fc.integer({ min: 1, max: 5000 }),
});

test('every question is asked exactly once, within the limits, in PromQL that gives a vector', () => {
  fc.assert(
    fc.property(
      queries,
      limits,
      fc.func(fc.option(fc.constantFrom('a', 'b'), { nil: undefined })),
      (all, most, companyOf) => {
        const requests = [...planRequests(all.map(shapeOf), most, (query) => companyOf(query))];
        expect(requests.flatMap(questionsIn).sort()).toEqual([...all].sort());
        for (const request of requests) {
          const count = questionsIn(request).length;
          if (count === 1) continue;
          expect(count).toBeLessThanOrEqual(most.questions);
          expect(request.parts.length).toBeLessThanOrEqual(most.parts);
          const alone = request.parts.length === 1;
          expect(alone || request.query.length <= most.characters).toBe(true);
          expect(new Set(questionsIn(request).map((query) => companyOf(query))).size).toBe(1);
          const parsed = syntaxOf(request.query);
          expect(parsed.ok && typeOf(parsed.value)).toEqual({ ok: true, value: 'instant vector' });
        }
      },
    ),
    { numRuns },
  );
});

test('halves ask the same together, each less, and a failure reaches every question', () => {
  fc.assert(
    fc.property(queries, (all) => {
      for (const request of planRequests(all.map(shapeOf), PLAN_LIMITS)) {
        const asked = questionsIn(request);
        const halves = halvesOf(request);
        if (asked.length === 1) expect(halves).toEqual([]);
        else {
          expect(halves.flatMap(questionsIn)).toEqual(asked);
          for (const half of halves) expect(questionsIn(half).length).toBeLessThan(asked.length);
        }
        const failure = { is: 'prometheus_failed', message: 'It failed.' } as const;
        const told = readingsOf(request, failure);
        expect(told.map(({ query }) => query)).toEqual(asked);
        for (const { reading } of told) expect(reading).toEqual(failure);
      }
    }),
    { numRuns },
  );
});
