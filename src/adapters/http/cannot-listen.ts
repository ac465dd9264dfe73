const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'the port needs more rights than this process has',
};

/** The code of an error of listening, from its property or, where a library has put it into words, from those. */
export function codeIn(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown) return String(thrown.code);
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  return /\bE[A-Z]{3,}\b/.exec(words)?.[0] ?? words;
}

/** Why nobody can be served, in one sentence. */
export function cannotListen(address: string, port: number, thrown: unknown): Error {
  const code = codeIn(thrown);
  return new Error(`cannot listen on ${address} port ${port}: ${REASONS[code] ?? code}`, { cause: thrown });
}
