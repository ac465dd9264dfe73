import { alternative, type Grouping } from './grouping.ts';
import { AROUND, countIn, groupOf, requestOf, type Member, type Part, type Request } from './request.ts';
import type { Shape } from './shape.ts';

/** How much one request may hold. */
export interface PlanLimits {
  /** Parts that are put beside each other, at least 1. */
  readonly parts: number;
  /** Questions, at least 1: it bounds the answer. */
  readonly questions: number;
  /** Characters of PromQL: some servers take no more than 16 KiB. A longer query is asked alone. */
  readonly characters: number;
}

export const PLAN_LIMITS: PlanLimits = { parts: 50, questions: 1000, characters: 15_000 };

/** Nothing is put together: each question is a request. */
export const ONE_BY_ONE: PlanLimits = { parts: 1, questions: 1, characters: 15_000 };

/**
 * The requests that answer all of the questions, each once, made one after another as they are taken. Queries of one company travel
 * with each other only, and after those that have none.
 */
export function* planRequests(
  shapes: readonly Shape[],
  limits: PlanLimits = PLAN_LIMITS,
  companyOf: (query: string) => string | undefined = () => undefined,
): Generator<Request, void, undefined> {
  const companies = new Map<string | undefined, Shape[]>([[undefined, []]]);
  const alone: Shape[] = [];
  for (const shape of shapes) {
    const company = companyOf(shape.query);
    const others = companies.get(company);
    if (shape.gives === 'neither') alone.push(shape);
    else if (others === undefined) companies.set(company, [shape]);
    else others.push(shape);
  }
  for (const company of companies.values()) yield* requestsFor(company, limits);
  for (const shape of alone) yield requestOf([singleOf(shape)]);
}

function* requestsFor(shapes: readonly Shape[], limits: PlanLimits): Generator<Request, void, undefined> {
  let parts: Part[] = [];
  let room = limits;
  for (const part of partsOf(shapes, limits)) {
    const left = without(room, part);
    if (left.parts < 0 || left.questions < 0 || left.characters < 0) {
      if (parts.length > 0) yield requestOf(parts);
      parts = [part];
      room = without(limits, part);
    } else {
      parts.push(part);
      room = left;
    }
  }
  if (parts.length > 0) yield requestOf(parts);
}

const without = ({ parts, questions, characters }: PlanLimits, part: Part): PlanLimits => ({
  parts: parts - 1,
  questions: questions - countIn(part),
  characters: characters - part.query.length - AROUND,
});

const singleOf = ({ query, gives }: Shape): Part => ({ is: 'single', query, scalar: gives === 'scalar' });

interface Group {
  readonly label: string;
  readonly members: Member[];
}

/** Each query goes with the most others that it could go with. */
function* partsOf(shapes: readonly Shape[], limits: PlanLimits): Generator<Part, void, undefined> {
  const sizes = new Map<string, number>();
  for (const { groupings } of shapes)
    for (const { key } of groupings) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  const groups = new Map<string, Group>();
  for (const shape of shapes) {
    const chosen = largest(shape.groupings, sizes);
    if (chosen === undefined) yield singleOf(shape);
    else {
      const group = groups.get(chosen.key) ?? { label: chosen.label, members: [] };
      groups.set(chosen.key, group);
      group.members.push({ query: shape.query, value: chosen.value });
    }
  }
  for (const [key, group] of groups) yield* groupParts(key, group, limits);
}

function largest(groupings: readonly Grouping[], sizes: ReadonlyMap<string, number>): Grouping | undefined {
  const sizeOf = ({ key }: Grouping): number => sizes.get(key) ?? 0;
  const best = groupings.reduce<Grouping | undefined>(
    (so, one) => (so === undefined || sizeOf(one) > sizeOf(so) ? one : so),
    undefined,
  );
  return best !== undefined && sizeOf(best) > 1 ? best : undefined;
}

/** A part for as many members as fit into a request. */
function* groupParts(
  key: string,
  { label, members }: Group,
  limits: PlanLimits,
): Generator<Part, void, undefined> {
  let taken: Member[] = [];
  let length = key.length + AROUND;
  for (const member of members) {
    const more = alternative(member.value).length + 1;
    if (taken.length > 0 && (taken.length >= limits.questions || length + more > limits.characters)) {
      yield groupOf(key, label, taken);
      taken = [];
      length = key.length + AROUND;
    }
    taken.push(member);
    length += more;
  }
  if (taken.length > 0) yield groupOf(key, label, taken);
}
