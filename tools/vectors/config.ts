import { parseAutoscalerConfig, type AutoscalerConfig } from '../../src/domain/config/autoscaler.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.ts';
import { compared, recordedNumber } from './compare.ts';
import type { Replay } from './replay.ts';
import { textsOf } from './texts.ts';

function recorded(config: AutoscalerConfig): JsonObject {
  const entries = Object.entries(config).map(([name, value]): [string, Json] => {
    if (typeof value === 'bigint') return [`${name}Ns`, value.toString()];
    return [name, typeof value === 'number' ? recordedNumber(value) : value];
  });
  return Object.fromEntries(entries);
}

/** config-autoscaler: data in, config or error text out. */
export const CONFIG_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'config',
  run: ({ in: input, out }) => {
    const parsed = parseAutoscalerConfig(textsOf(isJsonObject(input) ? input['data'] : undefined));
    const expected = isJsonObject(out) ? out : {};
    return compared(expected, parsed.ok ? { config: recorded(parsed.value) } : { error: parsed.error });
  },
};
