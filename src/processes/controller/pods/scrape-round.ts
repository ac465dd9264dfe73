import type { Result } from '../../../domain/result.ts';
import { PodSample, scrapeOrder, type ReadyPod } from '../../../domain/scale/pod-sample.ts';
import type { ScrapeProblem } from '../../../domain/scale/scrape-problem.ts';
import {
  afterService,
  asksServiceAfter,
  firstAsked,
  type Reach,
} from '../../../domain/scale/scrape-route.ts';
import { ServiceSample } from '../../../domain/scale/service-sample.ts';
import type { Stat } from '../../../domain/scale/stat.ts';
import type { Instant, Ms } from '../../../domain/time.ts';
import type { StatSource } from '../../../ports/stat-source.ts';

/** What one round is about. */
export interface Round {
  /** Those that can be asked. */
  readonly pods: readonly ReadyPod[];
  /** The name of the Service in front of them. */
  readonly service: string;
  /** The stable window: who has lived through one is asked first. */
  readonly window: Ms;
  readonly reach: Reach;
  readonly now: Instant;
  readonly random: () => number;
}

type Ask = StatSource['ask'];
type Told = Result<Stat | undefined, ScrapeProblem>;

/** What the round has given (nothing: there are no pods), and how pods are to be asked from now on. */
export interface Scraped {
  readonly told: Told;
  readonly reach: Reach;
}

/** One round of asking the pods of a revision, by address or through their Service, as a mesh allows. */
export async function scrapeRound(source: StatSource, round: Round): Promise<Scraped> {
  const ask: Ask = (host, inNameOf) => source.ask(host, inNameOf);
  const { reach } = round;
  if (firstAsked(reach) === 'service') return { told: await throughService(ask, round), reach };
  const told = await byAddress(ask, round);
  if (told.ok || !asksServiceAfter(reach, told.error)) return { told, reach };
  const behind = await throughService(ask, round);
  return { told: behind, reach: behind.ok ? afterService(reach) : reach };
}

async function byAddress(ask: Ask, { pods, service, reach, window, now, random }: Round): Promise<Told> {
  const sample = new PodSample(scrapeOrder(pods, window, now, random));
  const inNameOf = reach.passthrough ? service : undefined;
  const untilOneAnswers = async (): Promise<void> => {
    for (let pod = sample.next(); pod !== undefined; pod = sample.next()) {
      const answer = await ask(pod.address, inNameOf);
      if (answer.ok) {
        sample.answered(answer.value);
        return;
      }
      sample.failed(answer.error.likeMesh);
    }
  };
  const asking: Promise<void>[] = [];
  while (asking.length < sample.size) asking.push(untilOneAnswers());
  await Promise.all(asking);
  return sample.result();
}

async function throughService(ask: Ask, { pods, service, window }: Round): Promise<Told> {
  const sample = new ServiceSample(pods.length, window);
  const untilDone = async (): Promise<void> => {
    for (let attempt = 1, next = 'again'; next === 'again'; attempt += 1) {
      const answer = await ask(service);
      next = answer.ok
        ? sample.answered(answer.value, attempt)
        : sample.failed({ is: 'unanswered', message: answer.error.message }, attempt);
    }
  };
  await Promise.all(Array.from({ length: sample.size }, untilDone));
  return sample.result();
}
