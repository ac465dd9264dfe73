import { UNLIMITED } from '../../domain/plan/bounds.ts';
import { brief, podsOf, shownNumber } from '../../domain/record/numbers.ts';
import type { DecisionDocument, RevisionDecisions } from '../../domain/record/schema.ts';
import { parseRfc3339 } from '../../domain/rfc3339.ts';
import { since } from '../../domain/time.ts';
import { sparkline } from './sparkline.ts';

const WIDTH = 80;
const LABEL = 10;
const NUMBER = 14;
const HISTORY = 8;

/** Breaks a text into lines of at most so many characters, at spaces where there are any. What does not print is a space. */
export function wrapped(text: string, width: number): readonly string[] {
  const words = text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .split(' ')
    .flatMap((word) => piecesOf(word, width));
  return words.reduce<readonly string[]>((lines, word) => {
    const last = lines.at(-1);
    return last !== undefined && lengthOf(last) + 1 + lengthOf(word) <= width
      ? [...lines.slice(0, -1), `${last} ${word}`]
      : [...lines, word];
  }, []);
}

const lengthOf = (text: string): number => Array.from(text).length;

function piecesOf(word: string, width: number): readonly string[] {
  const characters = Array.from(word);
  return Array.from({ length: Math.max(1, Math.ceil(characters.length / width)) }, (_, i) =>
    characters.slice(i * width, (i + 1) * width).join(''),
  );
}

/** A label, and beside it a text of as many lines as it takes. */
const entry = (label: string, text: string): readonly string[] =>
  wrapped(text, WIDTH - LABEL).map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL)}${line}`);

/** `1.2 s`, `2m 10s`, `3h 5m` */
export function lengthOfTime(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 59.95) return `${brief(Math.round(seconds * 10) / 10)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  return minutes < 60
    ? `${minutes}m ${Math.round(seconds) % 60}s`
    : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** `03:04:05Z`, and of another day than today's `01-02 03:04Z`. */
const moment = (time: string, now: string): string =>
  time.slice(0, 10) === now.slice(0, 10) ? time.slice(11, 20) : `${time.slice(5, 10)} ${time.slice(11, 16)}Z`;

function between(from: string, to: string): string {
  const [start, end] = [parseRfc3339(from), parseRfc3339(to)];
  return start === undefined || end === undefined ? 'unknown' : lengthOfTime(since(start, end));
}

/** What is known of a revision's decisions, for a terminal of 80 columns. */
export function explainText(document: RevisionDecisions): string {
  const [newest] = document.decisions;
  const blocks = [
    headOf(document),
    newest === undefined ? [] : askedOf(newest, document.at),
    newest === undefined ? [] : newest.steps.flatMap(({ says, gives }) => stepLines(says, gives)),
    [...(newest?.told == null ? [] : toldOf(newest.told)), ...autoscalerOf(document)],
    historyOf(document),
    [
      ...conditionsOf('unhappy', document.conditions.filter(isUnhappy)),
      ...entry('told by', `${document.replica.name}${document.replica.leads ? ', which leads' : ''}`),
    ],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function headOf({ revision, scaledBy, replicas, decisions, at }: RevisionDecisions): readonly string[] {
  const { signal, backend, problem } = scaledBy;
  const [newest] = decisions;
  const asked = newest === undefined || newest.pods === null ? '' : `, ${podsOf(newest.pods)} asked for`;
  const age = newest === undefined ? '' : between(newest.at, at);
  return [
    ...entry('revision', `${revision}, by ${signal}${backend === 'none' ? '' : `, through ${backend}`}`),
    ...entry('pods', `${replicas.wanted ?? 'unknown'} wanted, ${replicas.ready} ready${asked}`),
    ...(newest === undefined ? [] : entry('decision', newest.sentence)),
    ...(newest === undefined
      ? []
      : entry('', `since ${moment(newest.at, at)} (${age}), made ${times(newest.count)}`)),
    ...detailOf(newest),
    ...(problem === null ? [] : entry('but', problem)),
  ];
}

/** What was said about a missing number, unless the answer below says the same. */
function detailOf(newest: DecisionDocument | undefined): readonly string[] {
  if (newest?.detail == null || newest.answer?.notes.includes(newest.detail) === true) return [];
  return entry('', newest.detail);
}

function askedOf({ asked, answer, inputs }: DecisionDocument, now: string): readonly string[] {
  const lines = inputs
    .filter(({ name }) => name !== 'query')
    .map(({ name, value, ageSeconds, origin }) => {
      const age = ageSeconds === null ? '' : `, ${lengthOfTime(ageSeconds * 1000)} old`;
      return `${name} ${value === null ? 'unknown' : brief(value)} (${origin}${age})`;
    });
  return [
    ...(asked === null ? [] : entry('query', asked.query)),
    ...(asked === null
      ? []
      : entry(
          'server',
          `${asked.server.name}, ${asked.server.address}, every ${lengthOfTime(asked.intervalSeconds * 1000)}`,
        )),
    ...(answer === null ? [] : entry('answer', answerText(answer, now))),
    ...entry('with', lines.join(', ')),
  ];
}

function answerText(answer: NonNullable<DecisionDocument['answer']>, now: string): string {
  const number = answer.number === null ? '' : ` ${shownNumber(answer.number)}`;
  const age = `${between(answer.receivedAt, now)} ago`;
  const notes = answer.notes.length === 0 ? '' : `: ${answer.notes.join('; ')}`;
  return `${answer.outcome}${number}, ${age}, ${answer.obtained}${notes}`;
}

/** The words on the left, the number on the right. */
function stepLines(says: string, gives: number | null): readonly string[] {
  const lines = wrapped(says, WIDTH - LABEL - NUMBER);
  return lines.map((line, i) => {
    const text = `${' '.repeat(LABEL)}${line}`;
    if (i < lines.length - 1) return text;
    return text + (gives === null ? 'none' : brief(gives)).padStart(WIDTH - lengthOf(text));
  });
}

function toldOf({
  value,
  target,
  metricType,
  mayLower,
}: NonNullable<DecisionDocument['told']>): readonly string[] {
  const per = metricType === 'Value' ? 'in all' : 'per pod';
  const text =
    value === null
      ? 'an error, which leaves the replicas as they are'
      : `${shownNumber(value)}, to be compared with ${shownNumber(target)} ${per}; it may ${mayLower ? '' : 'not '}ask for fewer pods`;
  return entry('told', text);
}

function autoscalerOf({ autoscaler }: RevisionDecisions): readonly string[] {
  if (autoscaler === null) return [];
  const { name, minReplicas, maxReplicas, currentReplicas, desiredReplicas, metrics, conditions } =
    autoscaler;
  const most = maxReplicas === null || maxReplicas === UNLIMITED ? 'no maximum' : `at most ${maxReplicas}`;
  const bounds = `at least ${minReplicas ?? 1}, ${most}`;
  if (conditions.length === 0) return entry('hpa', `${name}: has not looked yet (${bounds})`);
  const told = metrics.map((metric) => `; ${metric.name} ${metric.current}`).join('');
  return [
    ...entry('hpa', `${name}: has ${currentReplicas}, wants ${desiredReplicas} (${bounds})${told}`),
    ...conditionsOf('', conditions),
  ];
}

type Condition = RevisionDecisions['conditions'][number];

/** `FallbackActive` is the one that is bad news when it is True. */
const isUnhappy = ({ type, status }: Condition): boolean =>
  type === 'FallbackActive' ? status === 'True' : status !== 'True';

const conditionsOf = (label: string, conditions: readonly Condition[]): readonly string[] =>
  conditions.flatMap(({ type, status, reason, message }, i) => {
    const why = [reason, message].filter((part) => part !== undefined).join(': ');
    return entry(i === 0 ? label : '', `${type}=${status}${why === '' ? '' : `, ${why}`}`);
  });

function historyOf({ decisions, at }: RevisionDecisions): readonly string[] {
  const now = parseRfc3339(at);
  const line = now && sparkline(decisions, now, 40);
  const drawn =
    line === undefined
      ? []
      : entry('history', `${line.drawn}  ${rangeOf(line.least, line.most)} in ${lengthOfTime(line.length)}`);
  const runs = decisions
    .slice(0, HISTORY)
    .flatMap((run, i) => entry(drawn.length + i === 0 ? 'history' : '', runText(run, at)));
  return [...drawn, ...runs];
}

const rangeOf = (least: number, most: number): string =>
  least === most ? podsOf(most) : `${least} to ${podsOf(most)}`;

/** A run in one line, as `--watch` tells it, too. */
export const runText = ({ at, sentence }: Pick<DecisionDocument, 'at' | 'sentence'>, now: string): string =>
  `${moment(at, now)} ${sentence}`;
