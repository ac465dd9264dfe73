import { status, type handleServerStreamingCall, type handleUnaryCall } from '@grpc/grpc-js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Refusal } from '../../domain/keda-scaler/refusal.ts';
import { err, type Result } from '../../domain/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { Method } from './external-scaler-service.ts';
import { newestOnly } from './newest-only.ts';

export interface CallParts {
  readonly clock: Pick<Clock, 'giveWay'>;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** How many streams may be open at once, whoever opened them. */
  readonly mostStreams: number;
}

type Stream = ServerWritableStream<unknown, object>;
type Follow = (request: unknown, tell: (message: object) => void) => Result<() => void, Refusal>;

/** Makes handlers of gRPC from functions that know nothing of it; counts every call, and keeps the streams that are open. */
export class ScalerCalls {
  readonly #parts: CallParts;
  /** What ends each open stream. */
  readonly #open = new Map<Stream, () => void>();

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.#countOpen();
  }

  unary(
    method: Method,
    answer: (request: unknown) => Result<object, Refusal>,
  ): handleUnaryCall<unknown, object> {
    return (call, reply) => {
      const answered = this.#guarded(() => answer(call.request));
      this.#count(method, answered);
      if (answered.ok) reply(null, answered.value);
      else reply(statusOf(answered.error));
    };
  }

  /** The stream lasts until the client leaves or `endAll`; a refusal ends it at once. */
  stream(method: Method, follow: Follow): handleServerStreamingCall<unknown, object> {
    return (call: Stream) => {
      const following = this.#guarded(() => this.#follow(call, follow));
      this.#count(method, following);
      if (!following.ok) {
        call.emit('error', statusOf(following.error));
        return;
      }
      this.#open.set(call, following.value);
      this.#countOpen();
      const gone = (): void => this.#forget(call);
      call.once('cancelled', gone).once('close', gone);
    };
  }

  /** Ends every stream well, upon which KEDA opens it again soon, here or at another replica. */
  async endAll(): Promise<void> {
    for (const call of [...this.#open.keys()]) {
      this.#forget(call);
      call.end();
      await this.#parts.clock.giveWay();
    }
  }

  #follow(call: Stream, follow: Follow): Result<() => void, Refusal> {
    const { mostStreams } = this.#parts;
    if (this.#open.size < mostStreams) return follow(call.request, newestOnly(call));
    return err({
      code: 'RESOURCE_EXHAUSTED',
      message: `${mostStreams} streams are open, which is as many as may be; values are told without one, too.`,
    });
  }

  #forget(call: Stream): void {
    this.#open.get(call)?.();
    this.#open.delete(call);
    this.#countOpen();
  }

  #countOpen(): void {
    this.#parts.telemetry.set('hpa_bridge_keda_streams', {}, this.#open.size);
  }

  /** A mistake of ours is an error for the one call, and in the log. */
  #guarded<T>(run: () => Result<T, Refusal>): Result<T, Refusal> {
    try {
      return run();
    } catch (cause) {
      this.#parts.log.error('question of keda not answered', { cause });
      return err({ code: 'INTERNAL', message: 'hpa-bridge could not answer; its log says why.' });
    }
  }

  #count(method: Method, result: Result<unknown, Refusal>): void {
    const code = result.ok ? 'OK' : result.error.code;
    this.#parts.telemetry.add('hpa_bridge_keda_questions_total', { method, code });
  }
}

const statusOf = ({ code, message }: Refusal): { code: status; details: string } => ({
  code: status[code],
  details: message,
});
