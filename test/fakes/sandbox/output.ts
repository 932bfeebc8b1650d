/** A command's output within a bound: the first half is passed on at once, each stream's last quarter is kept, and a marker stands for the rest. */
export class BoundedOutput {
  readonly text = { stdout: "", stderr: "" };
  truncated = false;
  readonly #onOutput: (stream: "stdout" | "stderr", text: string) => void;
  readonly #tail: Record<"stdout" | "stderr", Uint8Array> = { stdout: new Uint8Array(), stderr: new Uint8Array() };
  readonly #dropped = { stdout: 0, stderr: 0 };
  readonly #tailBytes: number;
  #headLeft: number;

  constructor(maxBytes: number, onOutput: (stream: "stdout" | "stderr", text: string) => void = () => undefined) {
    this.#headLeft = Math.ceil(maxBytes / 2);
    this.#tailBytes = Math.floor(maxBytes / 4);
    this.#onOutput = onOutput;
  }

  /** Takes output of one stream. */
  push(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    const head = bytes.subarray(0, startOfCharacter(bytes, Math.min(bytes.length, this.#headLeft)));
    this.#headLeft = head.length === bytes.length ? this.#headLeft - head.length : 0;
    this.#emit(stream, head);
    if (head.length === bytes.length) return;
    const tail = Buffer.concat([this.#tail[stream], bytes.subarray(head.length)]);
    const start = startOfCharacter(tail, Math.max(0, tail.length - this.#tailBytes));
    this.#dropped[stream] += start;
    this.#tail[stream] = tail.subarray(start);
  }

  /** Passes the kept end on. */
  finish(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const dropped = this.#dropped[stream];
      if (dropped > 0) {
        this.truncated = true;
        this.#emit(stream, new TextEncoder().encode(`\n[... ${dropped} bytes left out ...]\n`));
      }
      this.#emit(stream, this.#tail[stream]);
    }
  }

  #emit(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const text = new TextDecoder().decode(bytes);
    this.text[stream] += text;
    this.#onOutput(stream, text);
  }
}

/** The position itself, or the one before it at which its UTF-8 character begins. */
function startOfCharacter(bytes: Uint8Array, position: number): number {
  let start = position;
  while (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return Math.max(0, start);
}
