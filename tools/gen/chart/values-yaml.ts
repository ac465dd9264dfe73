import { stringify } from 'yaml';
import { commented } from '../../../src/domain/config/bridge-example.ts';
import { isGroup, type Group, type Value } from './value.ts';

const HEAD =
  '# Written by `npm run gen`; edit tools/gen/chart, not this file. Each value is described in README.md.\n';

/** values.yaml: every value with what it says; those that are not set are shown as comments. */
export const valuesYaml = (values: Group): string => HEAD + below(values, '');

const below = ({ values }: Group, indent: string): string =>
  Object.entries(values)
    .map(([key, child]) => {
      const space = indent === '' ? '\n' : '';
      return space + (isGroup(child) ? groupText(key, child, indent) : valueText(key, child, indent));
    })
    .join('');

/** `{}` where nothing below is set, because YAML would read nothing as null. */
function groupText(key: string, child: Group, indent: string): string {
  const empty = isEmpty(child) ? ' {}' : '';
  return `${comment(child.doc, indent)}${indent}${key}:${empty}\n${below(child, `${indent}  `)}`;
}

const comment = (doc: string, indent: string): string =>
  commented(doc)
    .map((line) => `${indent}${line}\n`)
    .join('');

const isEmpty = ({ values }: Group): boolean =>
  Object.values(values).every((child) => (isGroup(child) ? isEmpty(child) : child.fallback === undefined));

function valueText(key: string, { doc, fallback, otherwise }: Value, indent: string): string {
  const about = comment(doc, indent);
  if (fallback === undefined) {
    const shown = otherwise === undefined ? '' : ` ${JSON.stringify(otherwise)}`;
    return `${about}${indent}# ${key}:${shown}\n`;
  }
  const text = stringify({ [key]: fallback }, { lineWidth: 0 }).trimEnd();
  return about + text.replaceAll(/^/gm, indent) + '\n';
}
