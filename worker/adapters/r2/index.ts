import type { BlobHead, BlobPort } from "../../ports/blobs.ts";
import { PortError } from "../../ports/errors.ts";

/** Blobs in an R2 bucket. https://developers.cloudflare.com/r2/api/workers/workers-api-reference/ */
export function createR2(bucket: R2Bucket): BlobPort {
  return {
    async put(key, { bytes, contentType }, notes = {}) {
      await ask(() => bucket.put(key, bytes, { httpMetadata: { contentType }, customMetadata: { ...notes } }));
    },
    async get(key) {
      const object = await ask(() => bucket.get(key));
      if (object === null) return undefined;
      const bytes = new Uint8Array(await ask(() => object.arrayBuffer()));
      return { bytes, contentType: contentTypeOf(object) };
    },
    async head(key): Promise<BlobHead | undefined> {
      const object = await ask(() => bucket.head(key));
      if (object === null) return undefined;
      return { sizeBytes: object.size, contentType: contentTypeOf(object), notes: object.customMetadata ?? {} };
    },
    async delete(key) {
      await ask(() => bucket.delete(key));
    },
  };
}

function contentTypeOf(object: R2Object): string {
  return object.httpMetadata?.contentType ?? "application/octet-stream";
}

/** R2 reports errors as text alone, and the requests made here are valid in themselves: a retry may help. */
async function ask<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PortError("blobs", "transient", "unreachable", message, { cause });
  }
}
