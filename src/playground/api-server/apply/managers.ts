import { sameJson, type JsonObject } from '../../../domain/json.ts';
import type { KubeObject } from '../../../domain/k8s/meta.ts';
import { objectIn, objectsIn, textIn } from '../fields.ts';
import {
  difference,
  fieldSetFromJson,
  fieldSetToJson,
  isEmpty,
  NO_FIELDS,
  union,
  type FieldSet,
} from './field-set.ts';

/** Who writes: one entry of `metadata.managedFields`. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
}

interface Ownership {
  readonly manager: Manager;
  readonly time: string;
  readonly fields: FieldSet;
}

const sameManager = (a: Manager, b: Manager): boolean =>
  a.name === b.name &&
  a.operation === b.operation &&
  a.subresource === b.subresource &&
  a.apiVersion === b.apiVersion;

// Reading a set back from JSON costs as much as the rest of a write; entries never change, so it is done once for each.
const parsed = new WeakMap<object, FieldSet>();
const fieldsIn = (entry: JsonObject): FieldSet => {
  const known = parsed.get(entry);
  if (known !== undefined) return known;
  const json = objectIn(entry, 'fieldsV1');
  const fields = Object.keys(json).length > 0 ? fieldSetFromJson(json) : NO_FIELDS;
  parsed.set(entry, fields);
  return fields;
};

/** Who owns which fields of an object. Immutable: every step returns the next. */
export class Managers {
  readonly #all: readonly Ownership[];
  constructor(all: readonly Ownership[]) {
    this.#all = all;
  }

  static of(object: KubeObject | undefined): Managers {
    if (object === undefined) return new Managers([]);
    return new Managers(
      objectsIn(object.metadata, 'managedFields').map((entry) => ({
        manager: {
          name: textIn(entry, 'manager'),
          operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
          apiVersion: textIn(entry, 'apiVersion'),
          subresource: textIn(entry, 'subresource'),
        },
        time: textIn(entry, 'time'),
        fields: fieldsIn(entry),
      })),
    );
  }

  fieldsOf(manager: Manager): FieldSet {
    return this.#all.find((each) => sameManager(each.manager, manager))?.fields ?? NO_FIELDS;
  }

  /** Everything that somebody else owns. */
  fieldsBeside(manager: Manager): FieldSet {
    return this.others(manager).reduce((all, { fields }) => union(all, fields), NO_FIELDS);
  }

  others(manager: Manager): readonly Ownership[] {
    return this.#all.filter((each) => !sameManager(each.manager, manager));
  }

  /** Gives `manager` exactly these fields, at this time; keeps the time of an entry that does not change. */
  with(manager: Manager, fields: FieldSet, time: string): Managers {
    const index = this.#all.findIndex((each) => sameManager(each.manager, manager));
    const before = this.#all[index];
    if (before !== undefined && sameJson(fieldSetToJson(before.fields), fieldSetToJson(fields))) return this;
    if (isEmpty(fields)) return new Managers(this.others(manager));
    const entry = { manager, time, fields };
    return new Managers(before === undefined ? [...this.#all, entry] : this.#all.with(index, entry));
  }

  /** Takes fields away from everybody but `manager`. */
  takeFromOthers(manager: Manager, fields: FieldSet): Managers {
    return this.#mapped((each) =>
      sameManager(each.manager, manager) ? each.fields : difference(each.fields, fields),
    );
  }

  /** Takes fields away from everybody: they are gone from the object. */
  take(fields: FieldSet): Managers {
    return this.#mapped((each) => difference(each.fields, fields));
  }

  #mapped(next: (each: Ownership) => FieldSet): Managers {
    const all = this.#all.map((each) => ({ ...each, fields: next(each) }));
    return new Managers(all.filter(({ fields }) => !isEmpty(fields)));
  }

  toJson(): readonly JsonObject[] {
    return this.#all.map(({ manager, time, fields }) => {
      const entry: JsonObject = {
        manager: manager.name,
        operation: manager.operation,
        apiVersion: manager.apiVersion,
        time,
        fieldsType: 'FieldsV1',
        fieldsV1: fieldSetToJson(fields),
        ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
      };
      parsed.set(entry, fields);
      return entry;
    });
  }
}
