import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkQuery } from '../../src/domain/promql/check.ts';
import { BAD, GOOD, GOOD_SINCE_3, NO_VECTOR } from '../builders/promql-corpus.ts';
import { prometheusMajor, RealPrometheus } from '../doubles/prometheus.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';

const isThree = (prometheusMajor ?? 0) >= 3;

withPrometheus('what we say of a query and what a real Prometheus says', () => {
  let prometheus: RealPrometheus;

  const ask = async (query: string): Promise<{ status: number; type: string }> => {
    const response = await fetch(`${prometheus.url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query }),
    });
    const body = (await response.json()) as { data?: { resultType?: string } };
    return { status: response.status, type: body.data?.resultType ?? '' };
  };

  beforeAll(async () => {
    prometheus = await RealPrometheus.start(
      [],
      ['--enable-feature=promql-at-modifier,promql-negative-offset'],
    );
  });

  afterAll(() => prometheus.stop());

  test.each([...GOOD, ...(isThree ? GOOD_SINCE_3 : [])])('%j is taken by both', async (query) => {
    expect(await ask(query)).toEqual({ status: 200, type: 'vector' });
  });

  test.each([...GOOD, ...(isThree ? GOOD_SINCE_3 : [])])(
    '%j is taken with the namespace in each selector',
    async (query) => {
      const bound = checkQuery(query, {
        namespace: 'team',
        tenancy: 'enforce',
        scalar: false,
        words: undefined,
      });
      if (!bound.ok) throw new Error(bound.error.wrong);
      expect(await ask(bound.value.query)).toEqual({ status: 200, type: 'vector' });
    },
  );

  test.each(BAD)('%j is refused by both', async (query) => {
    expect((await ask(query)).status).toBe(400);
  });

  test.each(NO_VECTOR)('%j gives no vector', async (query) => {
    const { status, type } = await ask(query);
    expect({ status, vector: type === 'vector' }).toEqual({ status: 200, vector: false });
  });
});
