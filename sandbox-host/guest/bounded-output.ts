export type OutputChannel = "data" | "error-data";

export interface OutputPiece {
  readonly channel: OutputChannel;
  readonly bytes: Buffer;
}

/**
 * Keeps at most `maxBytes` of a command's two outputs together: the first half is passed on at once, the rest goes
 * through a tail of the other half. Bytes that fall out of the tail are counted, and a marker stands for them. No UTF-8
 * character is cut by the bound.
 */
export class BoundedOutput {
  readonly #tailBytes: number;
  readonly #tail: OutputPiece[] = [];
  readonly #dropped = { data: 0, "error-data": 0 };
  #headLeft: number;
  #tailLength = 0;

  constructor(maxBytes: number) {
    this.#headLeft = Math.ceil(maxBytes / 2);
    this.#tailBytes = maxBytes - this.#headLeft;
  }

  /** Takes a piece of output and returns the part that goes out now. */
  push(channel: OutputChannel, bytes: Buffer): Buffer {
    let headLength = 0;
    if (this.#headLeft > 0) {
      headLength = bytes.byteLength <= this.#headLeft ? bytes.byteLength : characterStart(bytes, this.#headLeft);
      this.#headLeft = headLength === bytes.byteLength ? this.#headLeft - headLength : 0;
    }
    if (headLength < bytes.byteLength) this.#pushTail(channel, bytes.subarray(headLength));
    return bytes.subarray(0, headLength);
  }

  /** The pieces that go out when the command has ended: markers and the tail. `truncated` when bytes were dropped. */
  finish(): { readonly pieces: readonly OutputPiece[]; readonly truncated: boolean } {
    const pieces: OutputPiece[] = [];
    const unmarked = new Set<OutputChannel>(["data", "error-data"]);
    for (const piece of this.#tail) {
      const dropsBefore = unmarked.delete(piece.channel) && this.#dropped[piece.channel] > 0;
      if (!dropsBefore) {
        pieces.push(piece);
        continue;
      }
      const start = firstCharacter(piece.bytes);
      this.#dropped[piece.channel] += start;
      pieces.push(this.#marker(piece.channel), { channel: piece.channel, bytes: piece.bytes.subarray(start) });
    }
    for (const channel of unmarked) if (this.#dropped[channel] > 0) pieces.push(this.#marker(channel));
    return { pieces, truncated: this.#dropped.data + this.#dropped["error-data"] > 0 };
  }

  #marker(channel: OutputChannel): OutputPiece {
    return { channel, bytes: Buffer.from(`\n[... ${String(this.#dropped[channel])} bytes left out ...]\n`) };
  }

  #pushTail(channel: OutputChannel, bytes: Buffer): void {
    // Copied, because a short piece must not keep the whole chunk that it was cut from.
    const kept = bytes.byteLength > this.#tailBytes ? bytes.subarray(bytes.byteLength - this.#tailBytes) : bytes;
    this.#dropped[channel] += bytes.byteLength - kept.byteLength;
    if (kept.byteLength > 0) this.#tail.push({ channel, bytes: Buffer.from(kept) });
    this.#tailLength += kept.byteLength;
    let drop = 0;
    while (this.#tailLength > this.#tailBytes) {
      const oldest = this.#tail[drop];
      if (oldest === undefined) break;
      const surplus = this.#tailLength - this.#tailBytes;
      if (oldest.bytes.byteLength > surplus) {
        this.#tail[drop] = { channel: oldest.channel, bytes: oldest.bytes.subarray(surplus) };
        this.#dropped[oldest.channel] += surplus;
        this.#tailLength -= surplus;
      } else {
        this.#dropped[oldest.channel] += oldest.bytes.byteLength;
        this.#tailLength -= oldest.bytes.byteLength;
        drop += 1;
      }
    }
    if (drop > 0) this.#tail.splice(0, drop);
  }
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** The latest position at or before `at` where a UTF-8 character begins, looking back at most three bytes. */
function characterStart(bytes: Buffer, at: number): number {
  for (let position = at; position >= Math.max(0, at - 3); position -= 1) {
    if (!isContinuation(bytes[position])) return position;
  }
  return at;
}

/** Counts the continuation bytes, at most three, before the first whole character. */
function firstCharacter(bytes: Buffer): number {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start += 1;
  return start;
}
