import type { Linted, Located } from './lint.ts';

/** How findings are written, by the word that asks for it. */
export const REPORTS = {
  /** A line each, as compilers write them, and what it came to. */
  text: ({ findings, objects }: Linted): string =>
    [...findings.map(lineOf), sumOf(findings, objects), ''].join('\n'),
  json: ({ findings, objects }: Linted): string => `${JSON.stringify({ objects, findings }, null, 2)}\n`,
  /** Commands of GitHub's workflows, which show each finding beside its line. */
  github: ({ findings }: Linted): string => findings.map((finding) => `${commandOf(finding)}\n`).join(''),
} as const satisfies Readonly<Record<string, (linted: Linted) => string>>;

const lineOf = ({ file, line, column, severity, message }: Located): string =>
  `${file}:${line}:${column}: ${severity}: ${message}`;

function sumOf(findings: readonly Located[], objects: number): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  return `${counted(objects, 'object')}, ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const commandOf = ({ file, line, column, severity, message }: Located): string =>
  `::${severity} file=${property(file)},line=${line},col=${column}::${escaped(message)}`;

const escaped = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
