/** Characters that are kept for what has begun and not ended. */
const HELD_CHARS_MAX = 4 << 20;

/** The last chunks of a text, addressed by positions in the whole of it. */
export class HeldChunks {
  #chunks: string[] = [];
  /** Position of the first character that is held. */
  #start = 0;
  #end = 0;

  /** Takes a chunk; gives back what is held no longer because something goes on for too long, '' as a rule. */
  push(chunk: string): string {
    let dropped = '';
    while (this.#chunks.length > 0 && this.#end - this.#start + chunk.length > HELD_CHARS_MAX) {
      const first = this.#chunks.shift() ?? '';
      this.#start += first.length;
      dropped += first;
    }
    this.#chunks.push(chunk);
    this.#end += chunk.length;
    return dropped;
  }

  /** Whether what stands from `position` on is held, and nothing of it was given back. */
  has(position: number): boolean {
    return position >= this.#start;
  }

  /** Nobody will ask for what stands before `position` any more. */
  forget(position: number): void {
    for (let first = this.#chunks[0]; first !== undefined; first = this.#chunks[0]) {
      if (this.#start + first.length > position) return;
      this.#chunks.shift();
      this.#start += first.length;
    }
  }

  slice(from: number, to: number): string {
    let at = this.#start;
    let text = '';
    for (const chunk of this.#chunks) {
      if (at >= to) break;
      if (at + chunk.length > from) text += chunk.slice(Math.max(0, from - at), to - at);
      at += chunk.length;
    }
    return text;
  }
}
