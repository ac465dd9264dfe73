import { request } from 'undici';
import { FaultError } from '../../domain/fault.ts';
import type { HttpGet } from '../../ports/http-get.ts';
import { codeOfError } from '../kube/network-errors.ts';

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
      const code = codeOfError(error);
      throw new FaultError({
        code: 'api_unavailable',
        message: `${host} does not answer${code === '' ? '' : ` (${code})`}: expected the address of hpa-bridge, for example http://127.0.0.1:8080.`,
      });
    }
  };
