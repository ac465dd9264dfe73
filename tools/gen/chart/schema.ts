import { isGroup, type Group, type JsonSchema } from './value.ts';

/** Where a chart is a dependency of another, `condition` may put this beside its values. */
const CONDITION = { enabled: { type: 'boolean', description: 'Read by a chart that depends on this one.' } };

/** values.schema.json. A value that is not known is refused, so that a misspelled one is not silently without effect. */
export const valuesSchema = (values: Group): JsonSchema => {
  const made = schemaOf(values);
  const properties = made['properties'] as JsonSchema;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...made,
    properties: { ...properties, ...CONDITION },
  };
};

const schemaOf = ({ doc, values, schema }: Group): JsonSchema => ({
  type: 'object',
  ...(doc === '' ? {} : { description: doc }),
  properties: Object.fromEntries(
    Object.entries(values).map(([key, child]) => [
      key,
      isGroup(child) ? schemaOf(child) : { ...child.schema, description: child.doc },
    ]),
  ),
  additionalProperties: false,
  ...schema,
});
