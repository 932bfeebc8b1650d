import type { BlobContent, BlobPort } from "../../worker/ports/blobs.ts";
import { PortError } from "../../worker/ports/errors.ts";

/** Blobs in memory, which can be away. */
export class MemoryBlobs implements BlobPort {
  readonly kept = new Map<string, BlobContent & { readonly notes: Readonly<Record<string, string>> }>();
  isAway = false;
  /** Calls that were answered. */
  reads = 0;

  async put(key: string, blob: BlobContent, notes: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#reach();
    this.kept.set(key, { ...blob, notes });
  }

  async get(key: string): Promise<BlobContent | undefined> {
    this.#reach();
    this.reads += 1;
    return this.kept.get(key);
  }

  async head(
    key: string,
  ): Promise<
    | { readonly sizeBytes: number; readonly contentType: string; readonly notes: Readonly<Record<string, string>> }
    | undefined
  > {
    this.#reach();
    const blob = this.kept.get(key);
    return blob === undefined
      ? undefined
      : { sizeBytes: blob.bytes.length, contentType: blob.contentType, notes: blob.notes };
  }

  async delete(key: string): Promise<void> {
    this.#reach();
    this.kept.delete(key);
  }

  #reach(): void {
    if (this.isAway) throw new PortError("blobs", "transient", "unreachable", "away");
  }
}
