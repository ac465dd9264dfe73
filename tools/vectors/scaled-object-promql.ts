import { parser } from '@prometheus-io/lezer-promql';
import { keyOfSetting } from '../../src/domain/annotation/table.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.ts';
import { annotation, annotationsIn, at, itemsIn, textAt } from './scaled-object-case.ts';
import { textsOf } from './texts.ts';

// Which queries are not PromQL, judged by the grammar alone and without our checks of them.

function hasSyntaxError(query: string): boolean {
  let error = false;
  parser.parse(query).iterate({
    enter: ({ type }) => {
      error ||= type.isError;
    },
  });
  return error;
}

/** A number or a string alone: KEDA cannot read the answer. */
const isLiteral = (query: string): boolean => /^\s*(?:[+-]?[\d.]+|"[^"]*"|'[^']*')\s*$/.test(query);

const isUnusable = (query: string): boolean =>
  query.trim() !== '' && (hasSyntaxError(query) || isLiteral(query));

/** The template of a name that is no word of PromQL, outside of a string: `avg({{ .revisionName }})` would subtract. */
function standsOutside(recorded: JsonObject, template: string): boolean {
  if (/^\w+$/.test(textAt(recorded, 'input', 'pa', 'metadata', 'name'))) return false;
  const before = template.split('{{').slice(0, -1);
  return before.some(
    (_, i) =>
      before
        .slice(0, i + 1)
        .join('')
        .replaceAll(/[^"'`]/g, '').length %
        2 ===
      0,
  );
}

const queriesIn = (list: readonly Json[]): readonly string[] =>
  list.flatMap((trigger) =>
    textAt(trigger, 'type') === 'prometheus' ? [textsOf(at(trigger, 'metadata'))['query'] ?? ''] : [],
  );

function parsed(recorded: JsonObject, key: string): Json {
  try {
    return JSON.parse(annotationsIn(recorded)[key] ?? 'null') as Json;
  } catch {
    return null;
  }
}

/** Whether the queries that stand in an annotation cannot be asked. */
export function promqlUnusable(recorded: JsonObject, key: string): boolean {
  if (key === keyOfSetting('prometheusQuery')) {
    const template = annotation(recorded, 'prometheusQuery') ?? '';
    return (
      isUnusable(template.replaceAll(/\{\{-?\s*\.\w+\s*-?\}\}/g, 'x')) || standsOutside(recorded, template)
    );
  }
  const json = parsed(recorded, key);
  if (key === keyOfSetting('extraPrometheusTriggers'))
    return Array.isArray(json) && queriesIn(json as readonly Json[]).some(isUnusable);
  if (key !== keyOfSetting('scaledObjectOverride') || !isJsonObject(json)) return false;
  return queriesIn(itemsIn(json, 'spec', 'triggers')).some(isUnusable);
}
