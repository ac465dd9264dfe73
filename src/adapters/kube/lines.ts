/** Far above what etcd can hold in one object. */
const LONGEST = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines, wherever the chunks end. Bytes are only decoded once the line is whole, so a chunk may end inside a
 * UTF-8 character.
 */
export class LineSplitter {
  #parts: Uint8Array[] = [];
  #length = 0;

  /** The lines that `chunk` completes, without their line feeds; empty lines are left out. Throws RangeError on an endless line. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      const line = this.rest();
      if (line !== '') lines.push(line);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return lines;
  }

  /** What came after the last line feed; the splitter is empty afterwards. */
  rest(): string {
    const [first] = this.#parts;
    const line = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return new TextDecoder().decode(line).trim();
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#length += part.length;
    if (this.#length > LONGEST) throw new RangeError(`a line is longer than ${LONGEST} bytes`);
    this.#parts.push(part);
  }
}
