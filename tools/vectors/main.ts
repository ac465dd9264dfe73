import { readRecorded, recordedFiles } from './read-file.ts';
import { replayFile } from './replay-file.ts';
import { REPLAYS } from './replays.ts';
import { tallyLines } from './report.ts';

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Replays every recorded file of a folder; true when nothing differs but on purpose. */
function replayFolder(folder: string): boolean {
  let passed = 0;
  let failed = 0;
  const unknown: string[] = [];
  for (const name of recordedFiles(folder)) {
    const tally = replayFile(readRecorded(folder, name), REPLAYS);
    if (tally === undefined) {
      unknown.push(name);
      continue;
    }
    tallyLines(name, tally).forEach(say);
    failed += tally.different.length;
    passed += tally.total - tally.different.length;
  }
  for (const name of unknown) say(`${name} not covered`);
  say(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

const folder = process.argv[2] ?? 'test/vectors';
try {
  process.exitCode = replayFolder(folder) ? 0 : 1;
} catch (thrown) {
  process.stderr.write(`vectors: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 2;
}
