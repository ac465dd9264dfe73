import { request, type ClientRequest } from 'node:http';
import type { PodProbe, Probed } from '../../ports/pod-probe.ts';

/** What queue-proxy answers only to activators and autoscalers; others are passed on to the app (serving: pkg/queue/health). */
const HEADERS = { 'K-Network-Probe': 'queue', 'User-Agent': 'Knative-Activator-Probe' };
const BODY = 'queue';

export interface PodProbeTerms {
  /** Milliseconds for a connection: a pod whose network is not there yet drops what is sent to it. */
  readonly connect: number;
  /** Milliseconds for the answer. queue-proxy waits up to ten seconds for the app. */
  readonly answer: number;
}

const TERMS: PodProbeTerms = { connect: 100, answer: 12_000 };

/** Asks over a connection of its own each time: a kept one says nothing of who is there now. */
export const podProbe = (terms: PodProbeTerms = TERMS): PodProbe => ({
  ask: (origin, headers, signal) =>
    new Promise((resolve) => {
      let connected = false;
      const asked = request(`${origin}/healthz`, {
        agent: false,
        signal,
        headers: { ...headers, ...HEADERS },
      });
      const late = setTimeout(() => asked.destroy(), terms.connect);
      const settle = (came: Probed): void => {
        clearTimeout(late);
        resolve(came);
      };
      asked.once('socket', (socket) =>
        socket.once('connect', () => {
          connected = true;
          clearTimeout(late);
        }),
      );
      asked.setTimeout(terms.answer, () => asked.destroy());
      asked.once('error', () => settle(connected ? 'refused' : 'no-connection'));
      // Also where it was destroyed without an error.
      asked.once('close', () => settle(connected ? 'refused' : 'no-connection'));
      judge(asked, settle);
      asked.end();
    }),
});

function judge(asked: ClientRequest, settle: (came: Probed) => void): void {
  asked.once('response', (answer) => {
    let text = '';
    answer.setEncoding('latin1');
    answer.on('data', (part: string) => {
      text += part;
      if (text.length > BODY.length) asked.destroy();
    });
    answer.once('error', () => undefined);
    answer.once('close', () => {
      const { statusCode } = answer;
      if (statusCode === 502 || statusCode === 503) settle('like-mesh');
      else settle(statusCode === 200 && answer.complete && text === BODY ? 'serves' : 'refused');
    });
  });
}
