import { describe, expect, test } from '@jest/globals';
import {
  beginConditions,
  markAside,
  markFalse,
  markTrue,
  markUnknown,
} from '../../../../src/domain/k8s/conditions.ts';
import type { Condition } from '../../../../src/domain/k8s/read/condition.ts';
import { instant } from '../../../../src/domain/time.ts';

const NOW = instant(1_767_323_045_000);
const THEN = '2026-01-01T00:00:00Z';
const because = { reason: 'Why', message: 'For a reason.' };
const begin = (stored: readonly Condition[] = []) => beginConditions(stored, ['A', 'B', 'C'], NOW);
const stored = (type: string, status: Condition['status'], more: Partial<Condition> = {}): Condition => ({
  type,
  status,
  lastTransitionTime: THEN,
  ...more,
});
const of = (set: ReturnType<typeof begin>, type: string) => set.current.find((one) => one.type === type);

describe('the beginning', () => {
  test('everything is Unknown, without a reason', () => {
    expect(begin().current.map(({ type, status }) => `${type} ${status}`)).toEqual([
      'A Unknown',
      'B Unknown',
      'C Unknown',
      'Ready Unknown',
    ]);
  });
  test('absent dependents of what is Ready are True', () => {
    expect(of(begin([stored('Ready', 'True'), stored('B', 'Unknown')]), 'A')).toMatchObject({
      status: 'True',
    });
    expect(of(begin([stored('Ready', 'True'), stored('B', 'Unknown')]), 'B')).toMatchObject({
      status: 'Unknown',
    });
  });
});

describe('Ready', () => {
  test('is True when all dependents are', () => {
    const set = ['A', 'B', 'C'].reduce(markTrue, begin());
    expect(of(set, 'Ready')).toEqual({
      type: 'Ready',
      status: 'True',
      lastTransitionTime: '2026-01-02T03:04:05Z',
    });
  });
  test('copies a False dependent rather than an Unknown one', () => {
    const set = markTrue(
      markUnknown(markFalse(begin(), 'A', because), 'B', { reason: 'Else', message: '' }),
      'C',
    );
    expect(of(set, 'Ready')).toMatchObject({ status: 'False', ...because });
  });
  test('copies the one that changed last', () => {
    const older = stored('A', 'False', { reason: 'Old', lastTransitionTime: '2025-01-01T00:00:00Z' });
    const newer = stored('B', 'False', { reason: 'New' });
    expect(of(markTrue(begin([older, newer]), 'C'), 'Ready')).toMatchObject({ reason: 'New' });
  });
  test('turns Unknown with a dependent, unless another is False', () => {
    expect(of(markUnknown(begin(), 'A', because), 'Ready')).toMatchObject({ status: 'Unknown', ...because });
    const failed = markFalse(begin(), 'B', { reason: 'Bad', message: 'm' });
    expect(of(markUnknown(failed, 'A', because), 'Ready')).toMatchObject({ status: 'False', reason: 'Bad' });
    const inconsistent = begin([stored('B', 'False'), stored('Ready', 'Unknown')]);
    expect(of(markUnknown(inconsistent, 'A', because), 'Ready')).toMatchObject({
      status: 'False',
      ...because,
    });
  });
  test('does not hear conditions of others, nor those of ours that stand aside', () => {
    const set = markAside(begin([stored('Else', 'False')]), { type: 'Ours', status: 'False' });
    expect(of(['A', 'B', 'C'].reduce(markTrue, set), 'Ready')).toMatchObject({ status: 'True' });
    expect(of(set, 'Ours')).toMatchObject({ severity: 'Info' });
    expect(of(set, 'Else')).toEqual(stored('Else', 'False'));
  });
});

describe('transition times', () => {
  test('stay where a condition says what it said', () => {
    const set = markFalse(begin([stored('A', 'False', because)]), 'A', because);
    expect(of(set, 'A')).toEqual(stored('A', 'False', because));
  });
  test.each([
    ['status', stored('A', 'Unknown', because)],
    ['reason', stored('A', 'False', { ...because, reason: 'Other' })],
    ['message', stored('A', 'False', { ...because, message: 'Other.' })],
  ])('move with the %s', (_, before) => {
    expect(of(markFalse(begin([before]), 'A', because), 'A')?.lastTransitionTime).toBe(
      '2026-01-02T03:04:05Z',
    );
  });
  test('do not move when a condition changes and changes back', () => {
    const set = markTrue(markUnknown(begin([stored('A', 'True')]), 'A', because), 'A');
    expect(of(set, 'A')).toEqual(stored('A', 'True'));
  });
});
