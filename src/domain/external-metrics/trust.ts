import { z } from 'zod';
import { err, ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';

/** How the API server says who it speaks for: which certificates it shows, and in which headers it names the user. */
export interface RequestHeaders {
  /** PEM certificates. */
  readonly ca: string;
  /** Common names that may speak for others; empty: any that the CA has signed. */
  readonly allowedNames: readonly string[];
  /** All header names in lower case. */
  readonly usernames: readonly string[];
  readonly groups: readonly string[];
  readonly uids: readonly string[];
  readonly extraPrefixes: readonly string[];
}

/** Whom to believe, as the API server publishes it for those who answer in its place. */
export interface Trust {
  /** PEM certificates of those who sign users' own certificates. */
  readonly clientCa: string | undefined;
  readonly requestHeaders: RequestHeaders | undefined;
}

/** The ConfigMap in which the API server publishes it. */
export const TRUST_CONFIG_MAP = {
  namespace: 'kube-system',
  name: 'extension-apiserver-authentication',
} as const;

/** Before anything was read nobody is believed. */
export const NO_TRUST: Trust = { clientCa: undefined, requestHeaders: undefined };

const texts = z.array(z.string());

/** A JSON list in a text; absent or empty is an empty list (apiserver: pkg/server/options/authentication_dynamic_request_header.go). */
function listIn(data: Data, key: string): Result<readonly string[], string> {
  const text = textIn(data, key);
  if (text === undefined) return ok([]);
  try {
    const read = texts.safeParse(JSON.parse(text));
    if (read.success) return ok(read.data);
  } catch {
    // Told as any other value that is no list.
  }
  return err(`${key} is ${shown(text)}: expected a JSON list of texts, for example ["X-Remote-User"].`);
}

type Data = Readonly<Record<string, string>>;

const textIn = (data: Data, key: string): string | undefined => {
  const text = Object.hasOwn(data, key) ? data[key] : undefined;
  return text?.trim() === '' ? undefined : text;
};

const LISTS = {
  allowedNames: 'requestheader-allowed-names',
  usernames: 'requestheader-username-headers',
  groups: 'requestheader-group-headers',
  uids: 'requestheader-uid-headers',
  extraPrefixes: 'requestheader-extra-headers-prefix',
} as const;

/** Reads the data of `kube-system/extension-apiserver-authentication`. Without its CA, no header is ever believed. The error says what is wrong. */
export function readTrust(data: Data): Result<Trust, string> {
  const lists: Record<string, readonly string[]> = {};
  const problems: string[] = [];
  for (const [name, key] of Object.entries(LISTS)) {
    const list = listIn(data, key);
    if (!list.ok) problems.push(list.error);
    else lists[name] = name === 'allowedNames' ? list.value : list.value.map((each) => each.toLowerCase());
  }
  if (problems.length > 0) return err(problems.join(' '));
  const ca = textIn(data, 'requestheader-client-ca-file');
  // Safe: each of the lists was read, or there is a problem.
  const headers = lists as Readonly<Record<keyof typeof LISTS, readonly string[]>>;
  return ok({
    clientCa: textIn(data, 'client-ca-file'),
    requestHeaders: ca === undefined ? undefined : { ca, ...headers },
  });
}
