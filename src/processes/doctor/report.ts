import type { Judged } from '../../domain/doctor/checks.ts';
import { rfc3339 } from '../../domain/rfc3339.ts';
import type { Instant } from '../../domain/time.ts';

const columnOf = (words: readonly string[]): number => Math.max(0, ...words.map(({ length }) => length)) + 2;

/** A line for each finding: how bad it is, what was looked at, what was found, and what to do. */
export function doctorText(findings: readonly Judged[]): string {
  const width = columnOf(findings.map(({ check }) => check));
  return findings
    .map(({ level, check, says, advice }) => {
      const text = `${level.padEnd(6)}${check.padEnd(width)}${says}${advice === undefined ? '' : ` -> ${advice}`}`;
      return `${text.replaceAll(/\s*[\p{Cc}]\s*/gu, ' ')}\n`;
    })
    .join('');
}

/** The same for programs. */
export const doctorJson = (findings: readonly Judged[], at: Instant): string =>
  `${JSON.stringify({ at: rfc3339(at), findings }, null, 2)}\n`;
