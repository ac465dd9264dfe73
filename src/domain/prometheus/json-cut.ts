/** True for a text that begins as a JSON object or list and ends before that is closed: a body that was cut off. */
export function isCutJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  let depth = 0;
  for (const [piece] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|["[\]{}]/gs)) {
    // A quotation mark alone opens a text that nobody closes.
    if (piece === '"') return true;
    if (piece === '{' || piece === '[') depth += 1;
    if (piece === '}' || piece === ']') depth -= 1;
  }
  return depth > 0;
}
