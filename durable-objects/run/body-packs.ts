import type { ModelCall } from "../../contracts/run.ts";
import { toHex } from "../../domain/hash.ts";
import { redactSecrets } from "../../domain/policy/secrets.ts";
import type { RunAnswer } from "../../worker/ports/run-host.ts";
import type { EngineDeps } from "../../worker/services/run/engine/deps.ts";
import { bodyKey, type BlobPort } from "../../worker/ports/blobs.ts";
import { PortError } from "../../worker/ports/errors.ts";
import { bodiesOf, type ModelCallStore, type PackedPart } from "./model-calls.ts";

/** Parts past `largeBytes` leave the run's own storage at once, all of them once they are `manyBytes` together, in packs of about `packBytes`. */
const limits = { largeBytes: 32_000, manyBytes: 1_000_000, packBytes: 4_000_000 } as const;
const contentType = "application/gzip";

/** The owner of a pack: its key begins with both ids. */
export interface PackOwner {
  readonly tenantId: number;
  readonly runId: string;
}

/** Moves the bodies of model calls from a run's own storage into the blob store, and reads them from either place. */
export class BodyPacks {
  readonly #store: ModelCallStore;
  readonly #blobs: BlobPort;
  readonly #transaction: (work: () => void) => void;
  #moving: Promise<void> | undefined;

  constructor(store: ModelCallStore, blobs: BlobPort, transaction: (work: () => void) => void) {
    this.#store = store;
    this.#blobs = blobs;
    this.#transaction = transaction;
  }

  /**
   * Moves out all that is due. A pack is stored first and named afterwards, so a process may die at any point: then the parts are still here and
   * are packed again. Throws PortError when the blob store does not answer; nothing is lost by it.
   */
  async moveOut(owner: PackOwner): Promise<void> {
    this.#moving ??= this.#moveAll(owner).finally(() => {
      this.#moving = undefined;
    });
    await this.#moving;
  }

  /** Request and answer of a call as JSON texts, or undefined. Throws PortError when a pack can't be had. */
  async read(
    owner: PackOwner,
    callId: string,
  ): Promise<{ readonly request: string; readonly answer: string } | undefined> {
    const whole = this.#store.wholeBodies(callId);
    if (whole !== undefined) return whole;
    const parts = this.#store.parts(callId);
    if (parts === undefined) return undefined;
    const texts = new Map<number, string>();
    const packed = new Map<string, PackedPart[]>();
    const decoder = new TextDecoder();
    for (const id of new Set([...parts.messages, parts.tail, parts.answer])) {
      const found = this.#store.part(id);
      if ("bytes" in found) texts.set(id, decoder.decode(found.bytes));
      else packed.set(found.pack, [...(packed.get(found.pack) ?? []), found.part]);
    }
    for (const [pack, wanted] of packed) {
      const bytes = await this.#unpack(owner, pack);
      for (const { at, id, sizeBytes } of wanted) texts.set(id, decoder.decode(bytes.subarray(at, at + sizeBytes)));
    }
    return bodiesOf(parts, (id) => texts.get(id) ?? "");
  }

  async #moveAll({ runId, tenantId }: PackOwner): Promise<void> {
    for (;;) {
      const due = this.#store.due(limits);
      if (due.length === 0) return;
      const parts: PackedPart[] = [];
      let sizeBytes = 0;
      for (const { bytes, id } of due) {
        parts.push({ id, at: sizeBytes, sizeBytes: bytes.length });
        sizeBytes += bytes.length;
      }
      const content = new Uint8Array(sizeBytes);
      for (const [index, { at }] of parts.entries()) content.set(due[index]?.bytes ?? [], at);
      const hash = await hashOf(content);
      const bytes = await through(content, new CompressionStream("gzip"));
      await this.#blobs.put(bodyKey(tenantId, runId, hash), { bytes, contentType });
      this.#transaction(() => this.#store.moved(hash, parts));
    }
  }

  async #unpack({ runId, tenantId }: PackOwner, pack: string): Promise<Uint8Array> {
    const blob = await this.#blobs.get(bodyKey(tenantId, runId, pack));
    if (blob === undefined) throw new PortError("blobs", "permanent", "not_found", `the pack ${pack} is gone`);
    return through(blob.bytes, new DecompressionStream("gzip"));
  }
}

/** One call with its bodies as JSON, credentials hidden. */
export async function callJson(
  packs: BodyPacks,
  owner: PackOwner,
  call: ModelCall,
  log: EngineDeps["log"],
): Promise<RunAnswer> {
  try {
    const bodies = await packs.read(owner, call.callId);
    if (bodies === undefined) return null;
    return redactSecrets(`{"call":${JSON.stringify(call)},"request":${bodies.request},"answer":${bodies.answer}}`);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    log("warn", "model call not read", { runId: owner.runId, callId: call.callId, detail: error.message });
    return { unavailable: true };
  }
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Response(bytes).body?.pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
