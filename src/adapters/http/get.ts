import { request } from 'undici';
import { FaultError } from '../../domain/fault.ts';
import type { HttpGet } from '../../ports/http-get.ts';
import { sayingOf } from '../kube/network-errors.ts';

/** Milliseconds for the head of an answer, and for a pause within it. */
const PATIENCE = 10_000;

/** Asks the server at `base`, an absolute http or https URL without a slash at its end. */
export const httpGet =
  (base: string): HttpGet =>
  async (path, signal) => {
    try {
      const { statusCode, body } = await request(`${base}${path}`, {
        signal,
        headers: { accept: 'application/json' },
        headersTimeout: PATIENCE,
        bodyTimeout: PATIENCE,
      });
      return { status: statusCode, body: await body.text() };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const { host } = new URL(base);
      throw new FaultError({
        code: 'api_unavailable',
        message: `There is no answer, ${sayingOf(error, host)}.`,
      });
    }
  };
