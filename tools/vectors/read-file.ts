import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isJsonObject, type Json } from '../../src/domain/json.ts';
import type { RecordedFile } from './replay-file.ts';

/** Names of the recorded files in a folder, in order. */
export const recordedFiles = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => /\.json(?:\.gz)?$/.test(name))
    .sort();

/** Reads a recorded file, compressed or not. Throws with the file's name if it is none. */
export function readRecorded(folder: string, name: string): RecordedFile {
  const bytes = readFileSync(join(folder, name));
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const whole = JSON.parse(text) as Json;
  if (!isJsonObject(whole)) throw new Error(`${name}: expected a JSON object with a list of cases`);
  const { cases, ...head } = whole;
  const listed = Array.isArray(cases) ? (cases as readonly Json[]).filter(isJsonObject) : [];
  if (!Array.isArray(cases) || listed.length !== cases.length)
    throw new Error(`${name}: expected "cases" to be a list of objects`);
  return { head, cases: listed };
}
