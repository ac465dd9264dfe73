import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { RequestStats } from '../../../src/domain/scale/request-stats.ts';
import { NO_STAT, type Stat } from '../../../src/domain/scale/stat.ts';
import {
  readStat,
  readStatMessages,
  writeStat,
  writeStatMessages,
} from '../../../src/domain/scale/stat-wire.ts';
import { ms } from '../../../src/domain/time.ts';
import { compared, recordedNumber } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { itemsIn, objectIn, textAt } from '../scaled-object-case.ts';
import { listOf, numberOf, textOf } from '../texts.ts';

type Row = Pick<
  Stat,
  'averageConcurrentRequests' | 'averageProxiedConcurrentRequests' | 'requestCount' | 'proxiedRequestCount'
>;

/** A report's four values, as most files record them. */
export const rowOf = (stat: Row): Json => [
  recordedNumber(stat.averageConcurrentRequests),
  recordedNumber(stat.averageProxiedConcurrentRequests),
  recordedNumber(stat.requestCount),
  recordedNumber(stat.proxiedRequestCount),
];

/** A report of such four values. */
export function statOfRow(row: Json | undefined): Stat {
  const [averageConcurrentRequests = 0, averageProxiedConcurrentRequests = 0, requestCount = 0, proxied = 0] =
    listOf(row).map(numberOf);
  return {
    ...NO_STAT,
    averageConcurrentRequests,
    averageProxiedConcurrentRequests,
    requestCount,
    proxiedRequestCount: proxied,
  };
}

const wholeStat = (stat: JsonObject): Stat => ({
  podName: textAt(stat, 'podName'),
  averageConcurrentRequests: numberOf(stat['averageConcurrentRequests']),
  averageProxiedConcurrentRequests: numberOf(stat['averageProxiedConcurrentRequests']),
  requestCount: numberOf(stat['requestCount']),
  proxiedRequestCount: numberOf(stat['proxiedRequestCount']),
  processUptime: numberOf(stat['processUptime']),
  timestamp: BigInt(textAt(stat, 'timestamp') || '0'),
});

const recordedStat = (stat: Stat): JsonObject => ({
  podName: stat.podName,
  averageConcurrentRequests: recordedNumber(stat.averageConcurrentRequests),
  averageProxiedConcurrentRequests: recordedNumber(stat.averageProxiedConcurrentRequests),
  requestCount: recordedNumber(stat.requestCount),
  proxiedRequestCount: recordedNumber(stat.proxiedRequestCount),
  processUptime: recordedNumber(stat.processUptime),
  timestamp: stat.timestamp.toString(),
});

function reports(input: JsonObject): JsonObject {
  const millisOf = (micros: Json | undefined): ReturnType<typeof ms> => ms(numberOf(micros) / 1000);
  const stats = new RequestStats(millisOf(input['startUs']));
  const told = itemsIn(input, 'events').flatMap((event): readonly Json[] => {
    const [micros, what] = listOf(event);
    const at = millisOf(micros);
    const kind = textOf(what);
    if (kind === 'report') return [rowOf(stats.report(at))];
    const proxied = kind.startsWith('p');
    if (kind.endsWith('in')) stats.arrived(at, proxied);
    else stats.left(at, proxied);
    return [];
  });
  return { reports: told };
}

const bytesOf = (input: JsonObject): Uint8Array => Buffer.from(textAt(input, 'hex'), 'hex');
const hexOf = (bytes: readonly number[]): JsonObject => ({ hex: Buffer.from(bytes).toString('hex') });

function decodedMessages(input: JsonObject): JsonObject {
  const read = readStatMessages(bytesOf(input));
  if (!read.ok) return { failed: true };
  return {
    messages: read.value.map(({ stat, ...about }) => ({
      ...about,
      ...(stat && { stat: recordedStat(stat) }),
    })),
  };
}

const FUNCTIONS: Readonly<Record<string, (input: JsonObject) => JsonObject>> = {
  requestStats: reports,
  encodeStat: (input) => hexOf(writeStat(wholeStat(objectIn(input, 'stat')))),
  decodeStat: (input) => {
    const read = readStat(bytesOf(input));
    return read.ok ? { stat: recordedStat(read.value) } : { failed: true };
  },
  encodeMessages: (input) =>
    hexOf(
      writeStatMessages(
        itemsIn(input, 'messages').map((message) => ({
          namespace: textAt(message, 'namespace'),
          name: textAt(message, 'name'),
          stat: objectIn(message)['stat'] === undefined ? undefined : wholeStat(objectIn(message, 'stat')),
        })),
      ),
    ),
  decodeMessages: decodedMessages,
};

/** Requests counted by a proxy, and reports as protobuf. */
export const STATS_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'kpa_stats',
  run: (recorded) => {
    const input = objectIn(recorded, 'in');
    const answer = FUNCTIONS[textAt(input, 'fn')];
    const expected = objectIn(recorded, 'out');
    return answer === undefined
      ? { is: 'different', expected, actual: 'no such function' }
      : compared(expected, answer(input));
  },
};
