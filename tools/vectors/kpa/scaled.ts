import { readSettings } from '../../../src/domain/annotation/parse.ts';
import { parseAutoscalerConfig, type AutoscalerConfig } from '../../../src/domain/config/autoscaler.ts';
import type { Settings } from '../../../src/domain/annotation/settings.ts';
import { nanos, type Nanos } from '../../../src/domain/go/duration.ts';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { numberOf, textsOf } from '../texts.ts';

/** Config and annotations of a recorded case, read. Throws where the config is refused, which no such case is recorded with. */
export function sourceOf(input: JsonObject): {
  readonly settings: Settings;
  readonly config: AutoscalerConfig;
  readonly progressDeadline: Nanos;
} {
  const config = parseAutoscalerConfig(textsOf(input['config']));
  if (!config.ok) throw new Error(config.error);
  return {
    settings: readSettings(textsOf(input['annotations'])).settings,
    config: config.value,
    progressDeadline: nanosOf(input['progressDeadlineMs']),
  };
}

export const nanosOf = (millis: Json | undefined): Nanos => nanos(BigInt(numberOf(millis)) * 1_000_000n);

/** A recorded patch as a text, because comparing takes zero and nothing for the same. */
export const patchOf = (replicas: Json | undefined): Json =>
  (replicas ?? null) === null ? 'none' : `to ${numberOf(replicas)}`;
