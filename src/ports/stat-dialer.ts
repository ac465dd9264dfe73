/** An open connection to one who wants to know of our requests. */
export interface StatLink {
  send(message: Uint8Array): void;
  /** Resolves when it is over, for whatever reason. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface StatDialer {
  /** Connects to `host:port`. Throws FaultError, or the signal's reason; when the signal aborts later, the connection ends. */
  dial(address: string, signal: AbortSignal): Promise<StatLink>;
}
