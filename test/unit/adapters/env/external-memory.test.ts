import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const run = promisify(execFile);

/** How often the whole heap is marked while 512 MiB of short-lived buffers pass, as a process that forwards bodies reads them. */
const PASSING = `
const { constants, PerformanceObserver } = await import('node:perf_hooks');
let marked = 0;
new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) marked += 1;
}).observe({ entryTypes: ['gc'] });
let last;
for (let read = 0; read < 8192; read += 1) {
  last = new Uint8Array(2 ** 16);
  if (read % 16 === 0) await new Promise(setImmediate);
}
await new Promise((resolve) => setTimeout(resolve, 20));
console.log(marked);`;

async function marked(before: string): Promise<number> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', before + PASSING]);
  return Number(stdout);
}

test('bodies that pass do not have the whole heap marked again and again', async () => {
  const module = new URL('../../../../src/adapters/env/external-memory.ts', import.meta.url).href;
  const weighed = `(await import(${JSON.stringify(module)})).weighBuffersWithTheHeap();`;
  const [without, withIt] = await Promise.all([marked(''), marked(weighed)]);
  expect(withIt).toBeLessThan(without / 2);
});
