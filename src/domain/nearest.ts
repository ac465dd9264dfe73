/** The number of insertions, deletions and replacements that turn one text into the other. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const line = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1));
    }
    above = line;
  }
  return above[to.length] ?? 0;
}

/** The candidate that is nearest to a misspelt word, or undefined when none is near: at most half of the word may differ, or `atMost` letters. */
export function nearest(
  word: string,
  candidates: readonly string[],
  atMost = Number.POSITIVE_INFINITY,
): string | undefined {
  const prefix = commonPrefix([word, ...candidates]);
  const typed = word.slice(prefix);
  if (typed.length > 100) return undefined;
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(typed, candidate.slice(prefix)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  const near = Math.min(atMost, Math.max(2, typed.length / 2));
  return best !== undefined && best.distance <= near ? best.candidate : undefined;
}

/** Length of what all words begin with, up to the last slash: a shared prefix says nothing about a spelling. */
function commonPrefix(words: readonly string[]): number {
  const first = words[0] ?? '';
  const slash = first.lastIndexOf('/') + 1;
  return words.every((word) => word.startsWith(first.slice(0, slash))) ? slash : 0;
}
