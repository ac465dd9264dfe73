import { nameOf, namespaceOf } from '../../domain/key.ts';
import type { Sample, SamplesOfRevision } from '../../domain/revision-metrics/samples.ts';
import type { Series } from '../../domain/series.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * The series of revisions in Prometheus' text format, whose rule is that all lines of one name stand together: a piece for each name. Others
 * have their turn between two revisions and between two pieces.
 */
export async function* revisionPage<N extends string>(
  table: Readonly<Record<N, Series>>,
  revisions: Iterable<SamplesOfRevision<NoInfer<N>>>,
  clock: Pick<Clock, 'giveWay'>,
): AsyncIterable<string> {
  const lines = new Map<string, string>();
  for (const { key, samples } of revisions) {
    const revision = `namespace="${escaped(namespaceOf(key))}",revision="${escaped(nameOf(key))}"`;
    for (const sample of samples)
      lines.set(sample.name, `${lines.get(sample.name) ?? ''}${lineOf(revision, sample)}\n`);
    await clock.giveWay();
  }
  for (const [name, { type, doc }] of Object.entries<Series>(table)) {
    const some = lines.get(name);
    if (some === undefined) continue;
    yield `# HELP ${name} ${escapedHelp(doc)}\n# TYPE ${name} ${type}\n${some}`;
    await clock.giveWay();
  }
}

function lineOf(revision: string, { name, labels, value }: Sample<string>): string {
  const own = Object.entries(labels).map(([label, text]) => `,${label}="${escaped(text)}"`);
  return `${name}{${revision}${own.join('')}} ${numberText(value)}`;
}

const escapedHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escaped = (text: string): string => escapedHelp(text).replaceAll('"', '\\"');

function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
