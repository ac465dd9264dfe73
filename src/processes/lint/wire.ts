import { readInputs } from '../../adapters/env/inputs.ts';
import { failing, outputOf, TERMINAL, type Line, type Said } from '../../adapters/env/terminal.ts';
import { readDocuments } from '../../adapters/yaml/documents.ts';
import type { Boot } from '../../domain/config/boot.ts';
import { either } from '../../domain/either.ts';
import { lint } from './lint.ts';
import { REPORTS } from './report.ts';

const BACKENDS = ['keda', 'hpa'] as const;
const USAGE = 2;

/** `hpa-bridge lint -f FILE...`: prints what is wrong with the objects in files, asking nobody; the exit code is 1 when there is an error among it. */
export async function runLint(
  boot: Boot,
  _signal: AbortSignal,
  line: Line,
  say: Said = TERMINAL,
): Promise<number> {
  const fail = failing(say, USAGE);
  const { filename, backend } = line.options;
  if (!Array.isArray(filename)) return fail('expected -f FILE..., or -f - for standard input');
  const output = outputOf(line, ['text', 'json', 'github']);
  if (!output.ok) return fail(output.error);
  const scaler = BACKENDS.find((one) => one === backend);
  if (backend !== undefined && scaler === undefined)
    return fail(`--backend ${JSON.stringify(backend)}: must be ${either(BACKENDS)}`);
  const linted = lint(await readInputs(filename), readDocuments, {
    classes: new Set(boot.classes),
    backend: scaler,
  });
  say.out(REPORTS[output.value](linted));
  return linted.findings.some(({ severity }) => severity === 'error') ? 1 : 0;
}
