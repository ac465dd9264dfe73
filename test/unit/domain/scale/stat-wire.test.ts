import { describe, expect, test } from '@jest/globals';
import { RequestStats } from '../../../../src/domain/scale/request-stats.ts';
import { NO_STAT, reportedAt, type Stat } from '../../../../src/domain/scale/stat.ts';
import {
  readStat,
  readStatMessages,
  writeStat,
  writeStatMessages,
} from '../../../../src/domain/scale/stat-wire.ts';
import { instant, ms } from '../../../../src/domain/time.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const STAT: Stat = {
  podName: 'hello-00001-deployment-7f8',
  averageConcurrentRequests: 1.5,
  averageProxiedConcurrentRequests: 0.25,
  requestCount: 12,
  proxiedRequestCount: 3,
  processUptime: 77.5,
  timestamp: -1n,
};

describe('a report as protobuf', () => {
  test('reads back as it was written', () => {
    expect(readStat(Uint8Array.from(writeStat(STAT)))).toEqual({ ok: true, value: STAT });
  });
  test('absent fields are zero', () => {
    expect(readStat(bytes())).toEqual({ ok: true, value: NO_STAT });
    expect(writeStat(NO_STAT)).toEqual([]);
  });
  test.each([
    ['a varint', bytes(8 * 9, 5)],
    ['a fixed32', bytes(8 * 9 + 5, 1, 2, 3, 4)],
    ['a text', bytes(8 * 9 + 2, 2, 65, 66)],
    ['a group with a group', bytes(8 * 9 + 3, 8 * 2 + 3, 8 * 2 + 4, 8 * 4, 1, 8 * 9 + 4)],
    ['a known field of another type', bytes(8 * 2, 5)],
  ])('%s that is not known is skipped', (_, unknown) => {
    expect(readStat(Uint8Array.from([...unknown, ...writeStat(STAT)]))).toEqual({ ok: true, value: STAT });
  });
  test.each([
    ['a double that breaks off', bytes(17, 1, 2, 3), 0],
    ['a text longer than the rest', bytes(10, 5, 65), 0],
    ['a length that does not end', bytes(10, 0x80), 0],
    ['a varint of eleven bytes', bytes(56, ...Array<number>(10).fill(0x80), 1), 0],
    ['field number 0', bytes(0, 1), 0],
    ['wire type 7', bytes(15, 1), 0],
    ['a group that does not end', bytes(75, 8, 1), 0],
    ['a group that another one ends', bytes(75, 8 * 8 + 4), 0],
    ['an end of no group', bytes(8, 1, 76), 2],
    ['groups without end', Uint8Array.from(Array<number>(5000).fill(75)), 0],
  ])('%s is refused, with the place', (_, broken, offset) => {
    expect(readStat(broken)).toEqual({
      ok: false,
      error: {
        code: 'stat_malformed',
        message: `A report of ${broken.length} bytes is not a protobuf Stat: expected a field at byte ${offset}.`,
      },
    });
  });
});

describe('reports of many revisions', () => {
  const messages = [
    { namespace: 'default', name: 'hello-00001', stat: STAT },
    { namespace: 'default', name: 'idle-00001', stat: undefined },
  ];
  test('read back as they were written', () => {
    expect(readStatMessages(Uint8Array.from(writeStatMessages(messages)))).toEqual({
      ok: true,
      value: messages,
    });
  });
  test('read as the reporter of Knative\u2019s activator sent them, and written as it writes them', () => {
    const sent = Buffer.from(
      '0a2d0a0473686f70120a636172742d30303030311a190a0e616374697661746f722d37633466110000000000000440' +
        '0a550a0473686f701208c3a92d30303030321a430a0e616374697661746f722d37633466' +
        '11000000000000f03f19000000000000d03f210000000000001c402900000000000008403100000000000029403880e2cfaa06',
      'hex',
    );
    const read = readStatMessages(sent);
    const podName = 'activator-7c4f';
    expect(read).toEqual({
      ok: true,
      value: [
        {
          namespace: 'shop',
          name: 'cart-00001',
          stat: { ...NO_STAT, podName, averageConcurrentRequests: 2.5 },
        },
        {
          namespace: 'shop',
          name: '\u00e9-00002',
          stat: {
            podName,
            averageConcurrentRequests: 1,
            averageProxiedConcurrentRequests: 0.25,
            requestCount: 7,
            proxiedRequestCount: 3,
            processUptime: 12.5,
            timestamp: 1_700_000_000n,
          },
        },
      ],
    });
    expect(read.ok && Buffer.from(writeStatMessages(read.value)).equals(sent)).toBe(true);
  });
  test('one that is broken breaks all', () => {
    expect(readStatMessages(bytes(10, 3, 26, 1, 17)).ok).toBe(false);
    expect(readStatMessages(bytes(10, 2, 10, 9)).ok).toBe(false);
    expect(readStatMessages(bytes(10, 9)).ok).toBe(false);
  });
});

test('a report counts for its own second, and never for one that lies ahead', () => {
  const now = instant(1_700_000_000_500);
  const seconds = [0n, 1_699_999_990n, 1_800_000_000n];
  expect(seconds.map((timestamp) => reportedAt({ timestamp }, now))).toEqual([now, 1_699_999_990_000, now]);
});

describe('requests counted by a proxy', () => {
  test('are averaged over the time between two reports', () => {
    const stats = new RequestStats(ms(0));
    stats.arrived(ms(0), false);
    stats.arrived(ms(500), true);
    stats.left(ms(750), true);
    expect(stats.report(ms(1000))).toEqual({
      averageConcurrentRequests: 1.25,
      averageProxiedConcurrentRequests: 0.25,
      requestCount: 2,
      proxiedRequestCount: 1,
    });
    expect(stats.report(ms(2000))).toMatchObject({ averageConcurrentRequests: 1, requestCount: 0 });
  });
  test('a clock that stands still or goes back gives no average', () => {
    const stats = new RequestStats(ms(1000));
    stats.arrived(ms(500), false);
    expect(stats.report(ms(1000))).toMatchObject({ averageConcurrentRequests: 0, requestCount: 1 });
  });
});
