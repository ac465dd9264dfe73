/** What came of asking whether somebody serves: `no-connection` nobody took it, `refused` another answer or none, `like-mesh` 502 or 503, which a mesh gives to those who ask pods by address. */
export type Probed = 'serves' | 'no-connection' | 'refused' | 'like-mesh';

/** Asks queue-proxies whether their pods serve. */
export interface PodProbe {
  /**
   * Asks `http://host:port`, once, over a connection of its own. queue-proxy waits some seconds for the app before it answers, and so do we.
   * Never rejects; when the signal aborts, what comes of it does not matter.
   */
  ask(origin: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Probed>;
}
