import { FaultError } from '../../domain/fault.ts';
import { parseObject } from './objects.ts';
import type { Transport } from './transport.ts';

/** What the API server says it is, for example `v1.36.0`. Throws `FaultError`. */
export async function serverVersion(transport: Transport, signal: AbortSignal): Promise<string> {
  const text = await transport.send({ verb: 'discover', path: '/version', about: '/version', signal });
  const { gitVersion } = parseObject(text, 'discover /version');
  if (typeof gitVersion === 'string') return gitVersion;
  throw new FaultError({
    code: 'api_unavailable',
    message: 'The answer to discover /version names no version.',
  });
}
