/** What an HTTP server answered, whatever it was. */
export interface Got {
  readonly status: number;
  readonly body: string;
}

/** Asks for a path, for example `/decisions?limit=1`. Throws `FaultError` when there is no answer. */
export type HttpGet = (path: string, signal: AbortSignal) => Promise<Got>;
