import { z } from 'zod';
import { LIMITS } from '../../src/domain/record/limit.ts';
import { decisionListSchema, revisionDecisionsSchema } from '../../src/domain/record/schema.ts';
import { code, page, table } from './markdown.ts';

type Node = z.core.JSONSchema.BaseSchema;

/** docs/decision-record.md */
export const decisionRecordPage = (): string =>
  page(
    'Decision records',
    'What `GET /decisions` and `GET /decisions/NAMESPACE/REVISION` answer, on the port of `/metrics`; how to read it: [explain.md](explain.md). Fields may be added; none of these changes its meaning within `hpa-bridge.dev/v1alpha1`. Failures are answered as a Kubernetes `Status`.',
    '## One revision',
    '`GET /decisions/NAMESPACE/REVISION`',
    fieldsOf(revisionDecisionsSchema),
    '## The list',
    '`GET /decisions`, with the parameters `namespace`, `limit` (1 to 500, 100 if it is absent) and `continue`.',
    fieldsOf(decisionListSchema),
    '## Limits',
    'What can stand in `limits[].by`.',
    table(
      ['limit', 'what it means'],
      Object.entries(LIMITS).map(([name, doc]) => [code(name), doc]),
    ),
  );

const fieldsOf = (schema: z.ZodType): string =>
  table(['field', 'type', 'what it says'], rowsOf('', z.toJSONSchema(schema)));

/** A row for the place itself, unless it is the whole, and those of everything in it. */
function rowsOf(place: string, node: Node, isAlwaysThere = true): readonly (readonly string[])[] {
  const { inner, isNullable } = withoutNull(node);
  const own =
    place === ''
      ? []
      : [
          [
            code(place),
            `${typeOf(inner, isNullable)}${isAlwaysThere ? '' : ', may be absent'}`,
            node.description ?? inner.description ?? '',
          ],
        ];
  const items = itemOf(inner);
  const { properties = {}, required = [] } = items ?? inner;
  const within = items === undefined ? place : `${place}[]`;
  const below = Object.entries(properties).flatMap(([name, property]) =>
    rowsOf(within === '' ? name : `${within}.${name}`, property as Node, required.includes(name)),
  );
  return [...own, ...below];
}

const itemOf = ({ items }: Node): Node | undefined =>
  typeof items === 'object' && !Array.isArray(items) ? items : undefined;

function withoutNull(node: Node): { readonly inner: Node; readonly isNullable: boolean } {
  const options = (node.anyOf ?? []) as readonly Node[];
  const inner = options.find(({ type }) => type !== 'null');
  return { inner: inner ?? node, isNullable: options.some(({ type }) => type === 'null') };
}

function typeOf({ type, enum: words, const: word, items }: Node, isNullable: boolean): string {
  const known = words ?? (word === undefined ? undefined : [word]);
  const named =
    known === undefined
      ? nameOf(String(type), items !== undefined)
      : known.map((one) => code(String(one))).join(', ');
  return isNullable ? `${named}, or null` : named;
}

const nameOf = (type: string, isList: boolean): string =>
  isList ? 'list' : type === 'integer' ? 'whole number' : type;
