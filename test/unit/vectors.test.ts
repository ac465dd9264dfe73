import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { INTENDED_DIFFERENCES } from '../../tools/vectors/differences.ts';
import { readRecorded, recordedFiles } from '../../tools/vectors/read-file.ts';
import { replayFile } from '../../tools/vectors/replay-file.ts';
import { REPLAYS } from '../../tools/vectors/replays.ts';

const FOLDER = 'test/vectors';
/** Kinds of files that must be replayed, and may not fall out of the table by accident. */
const COVERED = [
  'active_condition',
  'annotations',
  'collector',
  'config',
  'decider',
  'gostd',
  'kpa_e2e',
  'kpa_reconcile',
  'kpa_stats',
  'multiscaler',
  'sampling',
  'scale_to_zero',
  'target',
  'windows',
].map((kind) => `${kind}.json.gz`);

describe('recorded cases', () => {
  const covered: string[] = [];
  test.each(recordedFiles(FOLDER))('%s', (name) => {
    const tally = replayFile(readRecorded(FOLDER, name), REPLAYS);
    if (tally === undefined) return;
    covered.push(name);
    expect(tally.different).toEqual([]);
    expect(tally.total).toBeGreaterThan(0);
  });
  test('the kinds that the product covers are replayed', () => {
    expect(covered).toEqual(expect.arrayContaining(COVERED));
  });
});

describe('intended differences', () => {
  test('have names of their own', () => {
    const names = INTENDED_DIFFERENCES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
  test('give a reason and a decision page that exists', () => {
    for (const { name, reason, decision } of INTENDED_DIFFERENCES) {
      expect({ name, says: reason.length > 20 }).toEqual({ name, says: true });
      expect({ name, page: existsSync(decision) }).toEqual({ name, page: true });
    }
  });
});
