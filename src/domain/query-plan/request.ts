import {
  isNumber,
  outcomeOf,
  type Answer,
  type Found,
  type Reading,
  type Series,
} from '../prometheus/answer.ts';
import { oneNumberOf } from '../prometheus/reading.ts';
import { blameOf } from './blame.ts';
import { alternative, groupedQuery } from './grouping.ts';

/** One of several queries that differ in the value of a label only. */
export interface Member {
  readonly query: string;
  readonly value: string;
}

/** A piece of a request: one query, or one that stands for several. */
export type Part =
  | { readonly is: 'single'; readonly query: string; readonly scalar: boolean }
  | {
      readonly is: 'group';
      readonly query: string;
      readonly key: string;
      readonly label: string;
      readonly members: readonly Member[];
    };

/** One request to a server, and the questions that its answer answers. */
export interface Request {
  /** PromQL as it is sent. */
  readonly query: string;
  readonly parts: readonly Part[];
  /** The label by which the parts of the answer are told apart: the value is the number of the part. */
  readonly label: string;
}

/** What a request says to one of its questions. */
export interface Said {
  readonly query: string;
  readonly reading: Reading;
  readonly obtained: Exclude<Answer['obtained'], 'unasked'>;
}

/** A part for queries of one grouping; for one query alone, that query. */
export function groupOf(key: string, label: string, members: readonly Member[]): Part {
  const [one] = members;
  if (one !== undefined && members.length === 1) return { is: 'single', query: one.query, scalar: false };
  const alternatives = members.map(({ value }) => alternative(value));
  return { is: 'group', query: groupedQuery(key, alternatives), key, label, members };
}

/** How many questions a part answers. */
export const countIn = (part: Part): number => (part.is === 'single' ? 1 : part.members.length);

export const questionsIn = ({ parts }: Request): readonly string[] =>
  parts.flatMap((part) => (part.is === 'single' ? [part.query] : part.members.map(({ query }) => query)));

/** What is written around a part that travels with others, in characters. */
export const AROUND = 60;

/** A request for all of the parts; a part alone is asked as it is. */
export function requestOf(parts: readonly Part[]): Request {
  let label = '__q';
  while (parts.some(({ query }) => query.includes(label))) label += '_';
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return { query: only.query, parts, label };
  return { query: parts.map((part, i) => labelled(part, i, label)).join(' or '), parts, label };
}

/** The line break ends a comment that a query may end with. */
function labelled(part: Part, number: number, label: string): string {
  const vector = part.is === 'single' && part.scalar ? `vector((${part.query}\n))` : `(${part.query}\n)`;
  return `label_replace(${vector}, "${label}", "${number}", "", "")`;
}

/**
 * What an answer says to each question of its request. A part without series is empty, and so is a member of a group without one; a
 * failure of the whole is that of each.
 */
export function readingsOf(request: Request, found: Found): readonly Said[] {
  const { parts, label } = request;
  const [only] = parts;
  if (only?.is === 'single' && parts.length === 1) return ofPart(only, found, 'alone');
  const told = found.is === 'series' ? found : failedTogether(found);
  const byPart = told.is === 'series' && parts.length > 1 ? by(label, told.series) : undefined;
  return parts.flatMap((part, i) => {
    const series = byPart?.get(String(i)) ?? [];
    return ofPart(part, byPart === undefined ? told : { is: 'series', series }, 'joined');
  });
}

/** What Prometheus says of one of several queries may quote it: the others are told only what kind of failure it was. */
function failedTogether(found: Found): Found {
  if (found.is === 'series' || isNumber(found) || blameOf(found) !== 'query') return found;
  const message = `Prometheus failed every query of the request that this one was a part of (${outcomeOf(found)}).`;
  return { ...found, message };
}

function ofPart(part: Part, found: Found, single: 'alone' | 'joined'): readonly Said[] {
  if (part.is === 'single') {
    const reading = discreet(oneNumberOf(found), single);
    const asked: Reading = part.scalar && isNumber(reading) ? { ...reading, is: 'scalar' } : reading;
    return [{ query: part.query, reading: asked, obtained: single }];
  }
  const byValue = found.is === 'series' ? by(part.label, found.series) : undefined;
  return part.members.map(({ query, value }) => {
    const series = byValue?.get(value) ?? [];
    const reading = oneNumberOf(found.is === 'series' ? { is: 'series', series } : found);
    return { query, reading: discreet(reading, 'grouped'), obtained: 'grouped' };
  });
}

/** What Prometheus remarks may name the metrics of others who are asked for in the same request. */
function discreet(reading: Reading, obtained: Said['obtained']): Reading {
  if (obtained === 'alone' || !isNumber(reading) || reading.warnings.length === 0) return reading;
  return { ...reading, warnings: ['Prometheus remarked on the request that this query was a part of.'] };
}

/** The series of each value of a label. */
function by(label: string, series: readonly Series[]): ReadonlyMap<unknown, readonly Series[]> {
  const found = new Map<unknown, Series[]>();
  for (const one of series) {
    const value = one.labels[label];
    const others = found.get(value);
    if (others === undefined) found.set(value, [one]);
    else others.push(one);
  }
  return found;
}

/** Two requests that ask the same together; of a request with one question, there are none. */
export function halvesOf({ parts }: Request): readonly Request[] {
  const [only] = parts;
  if (only === undefined) return [];
  if (parts.length > 1) return inTwo(parts).map(requestOf);
  if (only.is === 'single') return [];
  return inTwo(only.members).map((members) => requestOf([groupOf(only.key, only.label, members)]));
}

const inTwo = <T>(all: readonly T[]): readonly (readonly T[])[] => {
  const half = Math.ceil(all.length / 2);
  return [all.slice(0, half), all.slice(half)];
};
