import { quantile } from './quantile.ts';
import { measure, type Load, type Run, type Subject } from './load.ts';

const FIGURES = ['perSecond', 'p50', 'p99', 'cpu', 'machine'] as const;
/** Milliseconds, before the first round. */
const WARM_UP = 2000;
/** Of a column. */
const WIDTH = 20;

export interface Comparison {
  readonly program: string;
  /** The first is what the others are compared with. */
  readonly subjects: readonly Subject[];
  readonly rounds: number;
  /** Of one run, in milliseconds. */
  readonly lasting: number;
  readonly print: (line: string) => void;
}

/** The same load to each subject, in an order by chance in each round, and what came of it. Returns how many requests failed. */
export async function compare(title: string, load: Load, comparison: Comparison): Promise<number> {
  const { program, subjects, rounds, lasting, print } = comparison;
  const runs = new Map<Subject, Run[]>(subjects.map((subject) => [subject, []]));
  for (const subject of subjects) await measure(program, subject, load, WARM_UP);
  for (let round = 0; round < rounds; round += 1)
    for (const subject of shuffled(subjects))
      runs.get(subject)?.push(await measure(program, subject, load, lasting));
  const failed = [...runs.values()].flat().reduce((sum, run) => sum + run.failed, 0);
  print(`\n${title}, n=${rounds}${failed === 0 ? '' : ` (${failed} failed)`}`);
  for (const line of table(runs)) print(line);
  return failed;
}

/** Medians of each subject, and what the first is to each of the others in the same round. */
function table(runs: ReadonlyMap<Subject, readonly Run[]>): readonly string[] {
  const [[, ours] = [undefined, []], ...others] = [...runs];
  const lines = [`${''.padEnd(11)}${[...runs.keys()].map(({ name }) => name.padStart(WIDTH)).join('')}`];
  for (const figure of FIGURES) {
    const medians = [...runs.values()].map((all) => median(all.map((run) => run[figure])).toFixed(0));
    const ratios = others.flatMap(([{ name, pid }, theirs]) =>
      pid === undefined ? [] : [`${ratioOf(ours, theirs, figure)} of ${name}`],
    );
    const cells = medians.map((each) => each.padStart(WIDTH)).join('');
    lines.push(`  ${figure.padEnd(9)}${cells}   ${ratios.join(', ')}`);
  }
  return lines;
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

function ratioOf(ours: readonly Run[], theirs: readonly Run[], figure: (typeof FIGURES)[number]): string {
  const all = ours.map((run, i) => run[figure] / (theirs[i]?.[figure] ?? Number.NaN));
  return `${median(all).toFixed(2)} [${Math.min(...all).toFixed(2)}-${Math.max(...all).toFixed(2)}]`;
}

function shuffled<T>(all: readonly T[]): readonly T[] {
  const order = all.map((each) => [Math.random(), each] as const);
  return order.toSorted(([a], [b]) => a - b).map(([, each]) => each);
}
