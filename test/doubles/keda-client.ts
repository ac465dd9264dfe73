import {
  Client,
  credentials,
  status,
  type ChannelCredentials,
  type ClientReadableStream,
} from '@grpc/grpc-js';
import { EXTERNAL_SCALER, type Method } from '../../src/adapters/grpc/external-scaler-service.ts';

/** What came of a question: the message, or the error as KEDA sees it. */
export type Came = { readonly message: object } | { readonly code: string; readonly details: string };

/** The questions that KEDA asks of an external scaler, asked over a connection of its own. */
export class KedaClient {
  readonly #client: Client;

  constructor(port: number, over: ChannelCredentials = credentials.createInsecure()) {
    this.#client = new Client(`127.0.0.1:${port}`, over, {
      // Not shared with the other clients of the test.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 50,
      // A certificate names hosts, and an address cannot be asked for by name.
      'grpc.ssl_target_name_override': 'localhost',
    });
  }

  ask(method: Method, request: object): Promise<Came> {
    const { path, requestSerialize, responseDeserialize } = definition(method);
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest<object, object>(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        (error, message) =>
          resolve(
            error === null ? { message: message! } : { code: status[error.code], details: error.details },
          ),
      );
    });
  }

  follow(method: Method, request: object): Followed {
    const { path, requestSerialize, responseDeserialize } = definition(method);
    return new Followed(
      this.#client.makeServerStreamRequest<object, object>(
        path,
        requestSerialize,
        responseDeserialize,
        request,
      ),
    );
  }

  close(): void {
    this.#client.close();
  }
}

const definition = (method: Method) => EXTERNAL_SCALER[method]!;

/** A stream and all that came over it. */
export class Followed {
  readonly messages: object[] = [];
  /** `OK` or the code and the words of the end. */
  readonly ended: Promise<string>;
  readonly #stream: ClientReadableStream<object>;
  #arrived: () => void = () => undefined;

  constructor(stream: ClientReadableStream<object>) {
    this.#stream = stream;
    stream.on('data', (message: object) => {
      this.messages.push(message);
      this.#arrived();
    });
    stream.on('error', () => undefined);
    this.ended = new Promise((resolve) =>
      stream.on('status', ({ code, details }) =>
        resolve(code === status.OK ? 'OK' : `${status[code]}: ${details}`),
      ),
    );
  }

  /** Resolves once so many messages have come. */
  async count(messages: number): Promise<readonly object[]> {
    while (this.messages.length < messages) await new Promise<void>((resolve) => (this.#arrived = resolve));
    return this.messages;
  }

  pause(): void {
    this.#stream.pause();
  }
  resume(): void {
    this.#stream.resume();
  }
  cancel(): void {
    this.#stream.cancel();
  }
}
