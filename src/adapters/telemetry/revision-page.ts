import { nameOf, namespaceOf, type Key } from '../../domain/key.ts';
import type { Sample } from '../../domain/revision-metrics/samples.ts';
import { REVISION_METRICS, type RevisionMetric } from '../../domain/revision-metrics/table.ts';
import type { Series } from '../../domain/series.ts';
import type { Clock } from '../../ports/clock.ts';

const NAMES = Object.keys(REVISION_METRICS) as readonly RevisionMetric[];

/**
 * The series of revisions in Prometheus' text format, whose rule is that all lines of one name stand together: a piece for each name. Others
 * have their turn between two revisions and between two pieces.
 */
export async function* revisionPage(
  revisions: Iterable<{ readonly key: Key; readonly samples: readonly Sample[] }>,
  clock: Pick<Clock, 'giveWay'>,
): AsyncIterable<string> {
  const lines = new Map<RevisionMetric, string>();
  for (const { key, samples } of revisions) {
    const revision = `namespace="${escaped(namespaceOf(key))}",revision="${escaped(nameOf(key))}"`;
    for (const sample of samples)
      lines.set(sample.name, `${lines.get(sample.name) ?? ''}${lineOf(revision, sample)}\n`);
    await clock.giveWay();
  }
  for (const name of NAMES) {
    const some = lines.get(name);
    if (some === undefined) continue;
    const { type, doc }: Series = REVISION_METRICS[name];
    yield `# HELP ${name} ${escapedHelp(doc)}\n# TYPE ${name} ${type}\n${some}`;
    await clock.giveWay();
  }
}

function lineOf(revision: string, { name, labels, value }: Sample): string {
  const own = Object.entries(labels).map(([label, text]) => `,${label}="${escaped(text)}"`);
  return `${name}{${revision}${own.join('')}} ${numberText(value)}`;
}

const escapedHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escaped = (text: string): string => escapedHelp(text).replaceAll('"', '\\"');

function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
