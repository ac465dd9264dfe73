import { BRIDGE_GROUP, type Row } from '../../src/domain/annotation/columns.ts';
import { ANNOTATIONS, SETTINGS } from '../../src/domain/annotation/table.ts';
import { code, page, table } from './markdown.ts';

const rows: readonly Row<unknown>[] = SETTINGS.map((setting) => ANNOTATIONS[setting] as Row<unknown>);

const by = (owner: Row<unknown>['definedBy']): string =>
  table(
    ['annotation', 'value', 'without it', 'read for', 'what it does'],
    rows
      .filter(({ definedBy }) => definedBy === owner)
      .map(({ key, aliases, expects, fallback, readBy, doc }) => [
        [code(key), ...aliases.map((alias) => `also ${code(alias)}`)].join('<br>'),
        expects,
        fallback,
        readBy.join(', '),
        doc,
      ]),
  );

const examples = (): string => {
  const lines = rows.map(({ key, example }) => `  ${key}: ${JSON.stringify(example)}`);
  return ['```yaml', 'annotations:', ...lines, '```'].join('\n');
};

/** docs/annotations.md */
export const annotationsPage = (): string =>
  page(
    'Annotations',
    'They belong on the template of a Knative Service (`spec.template.metadata.annotations`). Of several spellings of one key the first of this list that is present counts, even if its value is broken.',
    [
      'What is wrong with an annotation is said in the condition `AnnotationsValid` of the PodAutoscaler and in an event, with the key, the value and what is expected:',
      '- a value that does not parse is **ignored**, as Knative ignores it: what the column "without it" says holds; if nothing can be built without it, it is refused;',
      '- a value that parses but that Knative\u2019s admission would refuse is **used** nevertheless, as Knative uses it;',
      '- a value from which nothing can be built is **refused**: what exists stays as it is until the value is edited;',
      `- a key that begins with ${code(BRIDGE_GROUP)} and is not listed here is reported with the nearest one that is.`,
    ].join('\n'),
    '## Of hpa-bridge',
    by('hpa-bridge'),
    '## Of autoscaler-keda',
    by('autoscaler-keda'),
    '## Of Knative Serving',
    by('Knative'),
    '## One example of each',
    examples(),
  );
