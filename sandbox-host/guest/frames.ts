/** The meanings of a frame on the link between host and guest. */
export const frameTypes = {
  open: 1,
  data: 2,
  errorData: 3,
  note: 4,
  end: 5,
  result: 6,
  failure: 7,
  acknowledge: 8,
  cancel: 9,
} as const;
export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];

export interface Frame {
  readonly stream: number;
  readonly type: FrameType;
  readonly payload: Buffer;
}

const headBytes = 9;
/** Largest payload of one frame; a longer one is a breach of the protocol. */
export const maxFrameBytes = 4 * 1024 * 1024;
const knownTypes: ReadonlySet<number> = new Set(Object.values(frameTypes));

function isFrameType(value: number): value is FrameType {
  return knownTypes.has(value);
}

/** A frame as bytes: 32-bit payload length, 32-bit stream number, 8-bit type (all big-endian), payload. */
export function encodeFrame(stream: number, type: FrameType, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + payload.byteLength);
  frame.writeUInt32BE(payload.byteLength, 0);
  frame.writeUInt32BE(stream, 4);
  frame.writeUInt8(type, 8);
  frame.set(payload, headBytes);
  return frame;
}

/** Cuts a byte stream into frames. Throws on an unknown type or a frame over `maxFrameBytes`. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  *push(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#length += chunk.byteLength;
    while (this.#length >= headBytes) {
      const head = this.#peek(headBytes);
      const size = head.readUInt32BE(0);
      const type = head.readUInt8(8);
      if (size > maxFrameBytes) throw new Error(`a frame of ${String(size)} bytes is too large`);
      if (!isFrameType(type)) throw new Error(`unknown frame type ${String(type)}`);
      if (this.#length < headBytes + size) return;
      const frame = this.#peek(headBytes + size);
      this.#chunks = [this.#rest(headBytes + size), ...this.#chunks.slice(1)];
      this.#length -= headBytes + size;
      yield { stream: frame.readUInt32BE(4), type, payload: frame.subarray(headBytes) };
    }
  }

  /** The first `count` bytes in one piece; joins chunks only when they are in several. */
  #peek(count: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.byteLength >= count) return first.subarray(0, count);
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined.subarray(0, count);
  }

  #rest(start: number): Buffer {
    const [first] = this.#chunks;
    return first === undefined ? Buffer.alloc(0) : first.subarray(start);
  }
}
