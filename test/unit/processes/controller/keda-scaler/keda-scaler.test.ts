import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOf, type Key } from '../../../../../src/domain/key.ts';
import { KedaScaler } from '../../../../../src/processes/controller/keda-scaler/keda-scaler.ts';
import { MemoryTeller } from '../../../../doubles/memory-teller.ts';

const REVISIONS = ['a', 'b'] as const;
const keyIn = (name: string): Key => keyOf('shop', name);
const refTo = (name: string) => ({ namespace: 'shop', name });

type Happening =
  { readonly value: number } | { readonly target: number } | { readonly lost: 'nothing' | 'everything' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ value: fc.constantFrom(0, 0.5, 3) }),
  fc.record({ target: fc.constantFrom(1, 2) }),
  fc.record({ lost: fc.constantFrom('nothing' as const, 'everything' as const) }),
);

function happen(teller: MemoryTeller, key: Key, what: Happening): void {
  if ('value' in what) teller.value(key, what.value);
  else if ('target' in what) teller.target(key, what.target);
  else if (what.lost === 'nothing') teller.nothing(key, 'No value.');
  else teller.forget(key);
}

/** The states in a row, those that say nothing new left out. */
const changesOf = <T>(states: readonly (T | undefined)[]): readonly T[] =>
  states.reduce<readonly T[]>(
    (all, state) => (state === undefined || state === all.at(-1) ? all : [...all, state]),
    [],
  );

test('who follows is told the present state and each change of it, and what is asked agrees with what was told last', () => {
  const history = fc.array(fc.tuple(fc.constantFrom(...REVISIONS), happening), { maxLength: 40 });
  fc.assert(
    fc.property(history, fc.nat(40), (all, joins) => {
      const teller = new MemoryTeller();
      const scaler = new KedaScaler(teller);
      const told = { active: [] as boolean[], target: [] as (number | undefined)[] };
      const seen = { active: [] as (boolean | undefined)[], target: [] as (number | undefined)[] };
      const look = (): void => {
        const active = scaler.isActive(refTo('a'));
        const specs = scaler.metricSpecs(refTo('a'));
        seen.active.push(active.ok ? active.value : undefined);
        seen.target.push(specs.ok ? specs.value[0]?.targetSizeFloat : undefined);
      };
      for (const [i, [name, what]] of all.entries()) {
        if (i === joins) {
          look();
          scaler.followActive(refTo('a'), (active) => told.active.push(active));
          scaler.followMetricSpecs(refTo('a'), ([spec]) => told.target.push(spec?.targetSizeFloat));
        }
        happen(teller, keyIn(name), what);
        if (i >= joins) look();
      }
      expect(told.active).toEqual(changesOf(seen.active));
      expect(told.target).toEqual(changesOf(seen.target));
    }),
  );
});

test('who has left is told nothing more, and the others still are', () => {
  const teller = new MemoryTeller();
  const scaler = new KedaScaler(teller);
  const told: string[] = [];
  const leave = scaler.followActive(refTo('a'), (active) => told.push(`one ${active}`));
  scaler.followActive(refTo('a'), (active) => told.push(`two ${active}`));
  teller.value(keyIn('a'), 1);
  if (leave.ok) leave.value();
  teller.value(keyIn('a'), 0);
  expect(told).toEqual(['one true', 'two true', 'two false']);
  scaler.close();
  expect(teller.listeners).toBe(0);
});
