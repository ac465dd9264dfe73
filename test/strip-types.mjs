// Jest runs exactly what Node runs: types are stripped in place, so positions in stack traces need no source maps.
import { stripTypeScriptTypes } from 'node:module';

const strip = (source) => ({ code: stripTypeScriptTypes(source) });
export default { process: strip, processAsync: async (source) => strip(source) };
