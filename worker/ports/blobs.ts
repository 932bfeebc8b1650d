/** A blob with the metadata that was stored with it. */
export interface BlobContent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/** The properties of a blob that are known without reading it. `notes` are small texts by lower-case name. */
export interface BlobHead {
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly notes: Readonly<Record<string, string>>;
}

/**
 * Bytes by key, kept for ever. Keys come from `imageKey`, `attachmentKey` and `bodyKey` alone and begin with the tenant, which is how tenants are kept
 * apart. A content is named by its hash, so that storing it again changes nothing. PortError code `unreachable` (transient).
 */
export interface BlobPort {
  put(key: string, blob: BlobContent, notes?: BlobHead["notes"]): Promise<void>;
  get(key: string): Promise<BlobContent | undefined>;
  head(key: string): Promise<BlobHead | undefined>;
  delete(key: string): Promise<void>;
}

/** Where an image of a tenant is kept. `hash` is the SHA-256 of its bytes. */
export function imageKey(tenantId: number, hash: string): string {
  return `tenants/${tenantId}/images/${hash}`;
}

/** Where a file of a tenant's tickets is kept. `hash` is the SHA-256 of its bytes. */
export function attachmentKey(tenantId: number, hash: string): string {
  return `tenants/${tenantId}/attachments/${hash}`;
}

/** The key of a pack of a run's model requests and answers. `hash` is the SHA-256 of the packed bytes. */
export function bodyKey(tenantId: number, runId: string, hash: string): string {
  return `tenants/${tenantId}/runs/${runId}/model-calls/${hash}`;
}
