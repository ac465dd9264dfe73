/** Where the reports go that proxies in front of pods push. */
export interface StatReceiver {
  /** Takes one binary message, which should be a `WireStatMessages`. Never rejects; resolves when all of it is taken or refused. */
  message(bytes: Uint8Array): Promise<void>;
}
