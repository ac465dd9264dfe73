import type { Json, JsonObject } from '../../../src/domain/json.ts';
import type { Result } from '../../../src/domain/result.ts';
import { PodSample, scrapeOrder, type ReadyPod } from '../../../src/domain/scale/pod-sample.ts';
import { sampleSize } from '../../../src/domain/scale/sample-size.ts';
import type { ScrapeProblem } from '../../../src/domain/scale/scrape-problem.ts';
import {
  afterService,
  asksServiceAfter,
  firstAsked,
  type MeshMode,
  type Reach,
} from '../../../src/domain/scale/scrape-route.ts';
import { ServiceSample } from '../../../src/domain/scale/service-sample.ts';
import { extrapolated, type Stat } from '../../../src/domain/scale/stat.ts';
import { instant, ms } from '../../../src/domain/time.ts';
import { compared } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { itemsIn, objectIn, textAt } from '../scaled-object-case.ts';
import { listOf, numberOf, textOf } from '../texts.ts';
import { rowOf, statOfRow } from './stats.ts';

type Scraped = Result<Stat | undefined, ScrapeProblem>;

const NOW = instant(1_000_000_000);

interface RecordedPod extends ReadyPod {
  readonly age: number;
  readonly stat: Stat;
  /** `mesh`, `other`, or empty: it answers. */
  readonly error: string;
}

/** The pods that are ready, by the rules of `isServing`. */
const readyPods = (input: JsonObject): readonly RecordedPod[] =>
  itemsIn(input, 'pods')
    .map((pod) => objectIn(pod))
    .filter(
      (pod) =>
        (textAt(pod, 'phase') || 'Running') === 'Running' &&
        pod['notReady'] !== true &&
        pod['deleting'] !== true,
    )
    .map((pod, index) => ({
      address: `10.0.0.${index}`,
      startedAt: instant(NOW - numberOf(pod['ageMs'])),
      age: numberOf(pod['ageMs']),
      stat: statOfRow(pod['stat']),
      error: textAt(pod, 'err'),
    }));

/** Any order will do: the recorded answers do not depend on it. */
const middle = (): number => 0.5;

function scrapePods(input: JsonObject): { readonly scraped: Scraped; readonly used: readonly RecordedPod[] } {
  const pods = readyPods(input);
  const sample = new PodSample(scrapeOrder(pods, ms(numberOf(input['windowMs'])), NOW, middle));
  const used: RecordedPod[] = [];
  for (let next = sample.next(); next !== undefined; next = sample.next()) {
    const { address } = next;
    const pod = pods.find((one) => one.address === address)!;
    if (pod.error === '') {
      used.push(pod);
      sample.answered(pod.stat);
    } else sample.failed(pod.error === 'mesh');
  }
  return { scraped: sample.result(), used: sample.result().ok ? used : [] };
}

function scrapeService(input: JsonObject): Scraped {
  const service = itemsIn(input, 'service').map((answer) => objectIn(answer));
  const sample = new ServiceSample(readyPods(input).length, ms(numberOf(input['windowMs'])));
  let asking = Array.from({ length: sample.size }, () => 0);
  for (let request = 0; asking.length > 0;) {
    asking = asking.flatMap((tries) => {
      const answer = service[request++ % service.length] ?? {};
      const stat: Stat = {
        ...statOfRow(answer['stat']),
        podName: textAt(answer, 'pod'),
        processUptime: numberOf(answer['uptimeS']),
      };
      const next =
        textAt(answer, 'err') === ''
          ? sample.answered(stat, tries + 1)
          : sample.failed({ is: 'unanswered', message: 'connection refused' }, tries + 1);
      return next === 'again' ? [tries + 1] : [];
    });
  }
  return sample.result();
}

/** Upstream's words for a problem. */
function wordsOf(problem: ScrapeProblem): string {
  switch (problem.is) {
    case 'pods-unknown':
      return 'failed to get endpoints';
    case 'pods-exhausted':
      return 'pods exhausted';
    case 'not-addressable':
      return 'all pod scrapes returned 503 error';
    case 'seen-before':
      return 'did not receive stat from an unscraped pod';
    case 'unanswered':
      return problem.message;
    case 'too-few-by-service':
      return `unsuccessful scrape, sampleSize=${problem.needed}: ${wordsOf(problem.because)}`;
  }
}

const outOf = (scraped: Scraped): JsonObject =>
  scraped.ok
    ? {
        stat: scraped.value === undefined ? [0, 0, 0, 0] : rowOf(scraped.value),
        podName: scraped.value?.podName,
      }
    : { error: wordsOf(scraped.error) };

function podsAnswer(input: JsonObject): JsonObject {
  const { scraped, used } = scrapePods(input);
  const readyCount = readyPods(input).length;
  const old = used.filter(({ age }) => age >= numberOf(input['windowMs'])).length;
  return {
    ...outOf(scraped),
    oldUsed: old,
    youngUsed: used.length - old,
    readyCount,
    directScraped: readyCount > 0,
  };
}

const serviceAnswer = (input: JsonObject): JsonObject => {
  const readyCount = readyPods(input).length;
  return { ...outOf(scrapeService(input)), readyCount, serviceScraped: readyCount > 0 };
};

function routedAnswer(input: JsonObject): JsonObject {
  let reach: Reach = {
    mesh: textAt(input, 'meshMode') as MeshMode,
    passthrough: input['passthrough'] === true,
    podsAddressable: input['podsAddressable'] === true,
  };
  let told: JsonObject = {};
  let asked = firstAsked(reach);
  if (asked === 'pods') {
    told = podsAnswer(input);
    const { scraped } = scrapePods(input);
    if (!scraped.ok && asksServiceAfter(reach, scraped.error)) asked = 'service';
  }
  if (asked === 'service') {
    told = { ...told, ...withoutError(told), ...serviceAnswer(input) };
    if (told['error'] === undefined) reach = afterService(reach);
  }
  return { ...told, podsAddressableAfter: reach.podsAddressable };
}

const withoutError = (told: JsonObject): JsonObject =>
  told['error'] === undefined ? {} : { error: undefined };

const FUNCTIONS: Readonly<Record<string, (input: JsonObject) => JsonObject>> = {
  sampleSize: (input) => ({
    sizes: itemsIn(input, 'populations').map((population): Json => sampleSize(numberOf(population))),
  }),
  average: (input) => ({
    stat: rowOf(
      extrapolated(
        listOf(input['stats']).map(statOfRow),
        numberOf(input['sample']),
        numberOf(input['total']),
      ),
    ),
  }),
  scrapePods: podsAnswer,
  scrapeService: serviceAnswer,
  scrape: routedAnswer,
};

/** How many pods are asked, and what is inferred from their answers. */
export const SAMPLING_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'sampling',
  run: (recorded) => {
    const input = objectIn(recorded, 'in');
    const expected = objectIn(recorded, 'out');
    const answer = FUNCTIONS[textOf(input['fn'])];
    return answer === undefined
      ? { is: 'different', expected, actual: 'no such function' }
      : compared(expected, answer(input));
  },
};
